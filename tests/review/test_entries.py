"""A supervisor's entry fits its call, or is refused with the reason."""

from __future__ import annotations

import pytest

from tests.review.reviewed_calls import kept_call
from tests.review.test_scorecard import own
from voice_triage.errors import DeskError
from voice_triage.events import FlagJudged, MissMarked, ReviewDone, ReviewEntry, ReviewUndone, TeachingMarked, Verdict
from voice_triage.review.entries import completed


def missed(utterance: int, first: int, last: int) -> MissMarked:
    """As the page asks for it: the place alone."""
    return MissMarked(0.0, "kim", "pain", "", utterance, first, last, 0.0, 0.0)


def test_what_was_missed_gets_its_words_and_times_from_the_log() -> None:
    """The page names a place; nobody can put words into the client's mouth."""
    marked = completed(missed(3, 12, 15), kept_call("c"))
    assert isinstance(marked, MissMarked)
    assert marked.text == "hiding under the bed"
    assert 24.0 < marked.start_s < marked.end_s


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (missed(9, 0, 0), "not in the call any more"),
        (missed(3, 4, 99), "not in the call any more"),
        (missed(3, 4, 3), "not in the call any more"),
        (missed(7, 0, 1), "client’s words"),
        (FlagJudged(0.0, "kim", "pain", Verdict.RIGHT), "no such flag"),
        (TeachingMarked(0.0, "kim", False), "not in the teaching library"),
        (ReviewUndone(0.0, "kim", 0), "nothing to undo"),
        (ReviewUndone(0.0, "kim", 2), "nothing to undo"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(entry: ReviewEntry, why: str) -> None:
    """Words that are not there, the CSR's words, flags that never were, marks that do not stand."""
    log = kept_call("c", during=(own(7, "how can i help", 1.0),))
    with pytest.raises(DeskError, match=why):
        completed(entry, log)


def test_undo_without_a_place_undoes_the_last_entry_that_stands() -> None:
    """The CSR's actions are not the supervisor's to undo."""
    log = kept_call("c", after=(ReviewDone(900.0, "kim"), TeachingMarked(901.0, "kim", True)))
    undone = completed(ReviewUndone(0.0, "kim", 0), log)
    assert isinstance(undone, ReviewUndone)
    assert undone.sequence == len(log)
    with pytest.raises(DeskError, match="undone already"):
        completed(ReviewUndone(0.0, "kim", 3), log)


def test_a_call_is_reviewed_once() -> None:
    """A second done would count it twice."""
    with pytest.raises(DeskError, match="reviewed already"):
        completed(ReviewDone(0.0, "lee"), kept_call("c", after=(ReviewDone(900.0, "kim"),)))
