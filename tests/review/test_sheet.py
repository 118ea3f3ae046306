"""What supervisors made of a call follows from its log."""

from __future__ import annotations

from tests.console.scripted_call import blocked_cat
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    Event,
    FlagJudged,
    Logged,
    MissMarked,
    ReviewDone,
    ReviewNoted,
    ReviewUndone,
    TeachingMarked,
    Verdict,
)
from voice_triage.review.sheet import review_sheet

LATER_S = 90_000.0


def reviewed(*entries: Event) -> list[Logged]:
    """The log of a call with a urinary flag, and what a supervisor did a day later."""
    log = blocked_cat()
    return log + [Logged(log[0].call, len(log) + 1 + place, entry) for place, entry in enumerate(entries)]


def test_the_last_verdict_of_a_flag_counts_and_the_first_done() -> None:
    """A supervisor may change their mind; the call was reviewed when it first was."""
    sheet = review_sheet(
        reviewed(
            FlagJudged(LATER_S, "kim", "urinary", Verdict.FALSE_ALARM),
            ReviewDone(LATER_S + 1, "kim"),
            FlagJudged(LATER_S + 2, "lee", "urinary", Verdict.RIGHT),
            ReviewDone(LATER_S + 3, "lee"),
        )
    )
    assert sheet.verdicts["urinary", 0].event.verdict is Verdict.RIGHT
    assert sheet.done is not None
    assert sheet.done.event.by == "kim"


def test_what_was_undone_has_never_been_and_the_entry_before_it_counts_again() -> None:
    """Undone: a verdict, a missed sign, a teaching mark."""
    log = reviewed(
        FlagJudged(LATER_S, "kim", "urinary", Verdict.RIGHT),
        FlagJudged(LATER_S + 1, "kim", "urinary", Verdict.FALSE_ALARM),
        MissMarked(LATER_S + 2, "kim", "pain", "he's hiding", 3, 11, 12, 27.0, 28.0),
        TeachingMarked(LATER_S + 3, "kim", True, "Quiet words"),
        ReviewNoted(LATER_S + 4, "kim", "asked late"),
    )
    first = len(blocked_cat()) + 1
    undone = [
        Logged(log[0].call, len(log) + 1 + n, ReviewUndone(LATER_S + 9, "kim", first + place))
        for n, place in enumerate((1, 2, 3))
    ]
    sheet = review_sheet([*log, *undone])
    assert sheet.verdicts["urinary", 0].event.verdict is Verdict.RIGHT
    assert (sheet.misses, sheet.teaching) == ((), None)
    assert [each.event.text for each in sheet.notes] == ["asked late"]
    assert sheet.last is not None
    assert sheet.last.sequence == first + 4


def test_a_call_taken_out_of_the_teaching_library_is_in_it_no_more() -> None:
    """The last mark counts."""
    marked = TeachingMarked(LATER_S, "kim", True)
    assert review_sheet(reviewed(marked)).teaching is not None
    assert review_sheet(reviewed(marked, TeachingMarked(LATER_S + 1, "kim", False))).teaching is None


def test_no_entry_of_a_supervisor_changes_the_csrs_card() -> None:
    """The card shows what the CSR saw and did, also after a review."""
    before = DeskCard.of(blocked_cat("call-1")).card()
    after = DeskCard.of(
        reviewed(FlagJudged(LATER_S, "kim", "urinary", Verdict.FALSE_ALARM), ReviewDone(LATER_S, "kim"))
    ).card()
    assert (after.flags, after.undo, after.ended) == (before.flags, before.undo, before.ended)
