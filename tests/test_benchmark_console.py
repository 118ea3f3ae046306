"""Rules of ``scripts/benchmark_console.py``: what counts as shown, and when."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.console.scripted_call import final, flag, partial, suggestion
from voice_triage import resources
from voice_triage.events import CallEnded, FieldRetracted, FlagWithdrawn, LineChanged

Part = Callable[[str], Any]


@pytest.fixture(scope="module")
def part() -> Iterator[Part]:
    """Imports the benchmark's modules as the script does; scripts are no package of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(resources.PACKAGE_DIR.parent / "scripts"), *sys.path])
        yield importlib.import_module


def test_an_event_counts_until_it_or_what_replaced_it_was_painted(part: Part) -> None:
    """A partial that grew or was closed before it was painted counts by what came in its place."""
    watch = part("benchmark.page_watch")
    said = final(0, "he ate a sock", 1.0)
    published = [
        watch.Published(100.0, partial(0, "he ate", 1.0)),
        watch.Published(200.0, partial(0, "he ate a", 1.0)),
        watch.Published(300.0, said),
        watch.Published(301.0, flag(said, "foreign_body", "a sock", "Said so.")),
        watch.Published(302.0, suggestion(said, "species", "dog", "he")),
        watch.Published(303.0, LineChanged(1.0, -20.0, "good")),
    ]
    shown = [
        (90.0, {"partial": "he ate"}),  # before it was published: of an earlier call
        (230.0, {"partial": "he ate a"}),
        (350.0, {"partial": "", "utterance-0": "he ate a sock", "flag-foreign_body": "raised “a sock”"}),
        (360.0, {"partial": "", "field-species": "“he”", "flag-foreign_body": "raised “a sock”"}),
    ]
    assert watch.delays_ms(published, shown) == {
        "PartialTranscript": [130.0, 30.0],
        "FinalTranscript": [50.0],
        "FlagRaised": [49.0],
        "FieldSuggested": [58.0],
    }


def test_what_is_taken_back_before_it_was_painted_counts_by_that(part: Part) -> None:
    """Evidence that comes again later is another event's."""
    watch = part("benchmark.page_watch")
    said = final(0, "he ate a sock", 1.0)
    published = [
        watch.Published(100.0, suggestion(said, "species", "dog", "he")),
        watch.Published(101.0, FieldRetracted(3.0, "species")),
        watch.Published(102.0, flag(said, "foreign_body", "a sock", "Said so.")),
        watch.Published(103.0, FlagWithdrawn(3.0, "foreign_body", "No.")),
        watch.Published(900.0, suggestion(said, "species", "dog", "he")),
    ]
    shown = [
        (120.0, {"field-species": "", "flag-foreign_body": "withdrawn “a sock”"}),
        (910.0, {"field-species": "“he”", "flag-foreign_body": "withdrawn “a sock”"}),
    ]
    delays = watch.delays_ms(published, shown)
    assert delays["FieldSuggested"] == [20.0, 10.0]
    assert (delays["FieldRetracted"], delays["FlagRaised"], delays["FlagWithdrawn"]) == ([19.0], [18.0], [17.0])


def test_an_event_that_is_never_shown_is_no_figure_but_an_error(part: Part) -> None:
    """A page that loses events cannot have a good delay."""
    watch = part("benchmark.page_watch")
    with pytest.raises(ValueError, match="FinalTranscript"):
        watch.delays_ms([watch.Published(1.0, final(0, "he ate a sock", 1.0))], [(5.0, {"partial": "he"})])


@pytest.mark.parametrize(("share", "value"), [(0.5, 50.0), (0.95, 95.0), (1.0, 100.0), (0.001, 1.0)])
def test_a_percentile_is_a_measured_value(part: Part, share: float, value: float) -> None:
    """The nearest rank, never something in between."""
    assert part("benchmark.page_watch").percentile([float(n) for n in range(100, 0, -1)], share) == value


def test_an_event_further_on_in_the_call_is_the_same_otherwise(part: Part) -> None:
    """Its times and its utterance move together; durations do not."""
    later = part("benchmark.console").later
    said = final(2, "he ate a sock", 1.0)
    moved = later(said, 1800.0, 100)
    assert (moved.utterance, moved.start_s, moved.words[0].start_s) == (102, 1801.0, 1801.0)
    assert moved.text == said.text
    raised = later(flag(said, "foreign_body", "a sock", "Said so."), 1800.0, 100)
    assert raised.start_s == said.words[2].start_s + 1800.0
    assert later(CallEnded(9.0, 9.0, "hang-up"), 10.0, 0) == CallEnded(19.0, 9.0, "hang-up")
