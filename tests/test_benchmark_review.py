"""Rules of ``scripts/benchmark_review.py``: what is kept is what the figures say it is."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voice_triage import resources
from voice_triage.review.queue import QueueFilter, Which
from voice_triage.store.sql_calls import SqlCallStore

Part = Callable[[str], Any]


@pytest.fixture(scope="module")
def part() -> Iterator[Part]:
    """Imports the benchmark's modules as the script does; scripts are no package of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(resources.PACKAGE_DIR.parent / "scripts"), *sys.path])
        yield importlib.import_module


def test_every_call_is_in_the_queue_as_it_would_be_in_use(part: Part, tmp_path: Path) -> None:
    """Every other one flagged, every sixth dismissed, none of them lost at the end of a batch."""
    review = part("benchmark.review")
    with SqlCallStore(tmp_path / "calls.sqlite3") as store:
        review.keep_calls(store, review.AT_ONCE + 2)
        now = datetime(2026, 3, 1, tzinfo=UTC)
        counted = {which: store.queue(QueueFilter(which), 0, now).count for which in Which}
    assert counted[Which.ALL] == review.AT_ONCE + 2
    assert counted[Which.FLAGGED] == (review.AT_ONCE + 2) // 2
    assert counted[Which.DISMISSED] == len(range(0, review.AT_ONCE + 2, 6))


def test_a_late_light_is_not_taken_for_that_of_the_next_tone(part: Part) -> None:
    """Tones are so far apart that a light on either side of the bar is nearest to its own."""
    review, script = part("benchmark.review"), part("benchmark_review")
    assert review.SLOW_S * 1000 > 4 * script.LIGHT_BAR_MS
