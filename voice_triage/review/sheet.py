"""What supervisors made of one call, as its log tells it: the one place where their entries are folded into a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from voice_triage.events import (
    REVIEW_ENTRIES,
    FlagJudged,
    Logged,
    MissMarked,
    ReviewDone,
    ReviewNoted,
    ReviewUndone,
    TeachingMarked,
)

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Entry(Generic[E]):
    """One entry that counts, in its place."""

    sequence: int
    """For undoing it."""
    event: E


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """How the review of a call stands. Nothing in it was undone."""

    verdicts: Mapping[tuple[str, int], Entry[FlagJudged]]
    """By category and pet; the last one of each."""
    misses: tuple[Entry[MissMarked], ...]
    notes: tuple[Entry[ReviewNoted], ...]
    teaching: Entry[TeachingMarked] | None
    """The last mark, if it is in the library."""
    done: Entry[ReviewDone] | None
    """The first one: when the call was reviewed."""
    last: Entry[object] | None
    """What *undo* would take back."""


def review_sheet(log: Iterable[Logged]) -> ReviewSheet:
    """The sheet of a log, whole or up to any place."""
    verdicts: dict[tuple[str, int], Entry[FlagJudged]] = {}
    misses: list[Entry[MissMarked]] = []
    notes: list[Entry[ReviewNoted]] = []
    teaching: Entry[TeachingMarked] | None = None
    done: Entry[ReviewDone] | None = None
    last: Entry[object] | None = None
    for logged in standing_entries(log):
        match logged.event:
            case FlagJudged() as event:
                verdicts[event.category, event.pet] = Entry(logged.sequence, event)
            case MissMarked() as event:
                misses.append(Entry(logged.sequence, event))
            case ReviewNoted() as event:
                notes.append(Entry(logged.sequence, event))
            case TeachingMarked() as event:
                teaching = Entry(logged.sequence, event) if event.marked else None
            case ReviewDone() as event:
                done = done or Entry(logged.sequence, event)
            case _:
                continue
        last = Entry(logged.sequence, logged.event)
    return ReviewSheet(verdicts, tuple(misses), tuple(notes), teaching, done, last)


def standing_entries(log: Iterable[Logged]) -> list[Logged]:
    """The supervisors' entries without those that were undone, and without the undoing."""
    entries = [logged for logged in log if isinstance(logged.event, REVIEW_ENTRIES)]
    undone = {logged.event.sequence for logged in entries if isinstance(logged.event, ReviewUndone)}
    return [
        logged for logged in entries if not isinstance(logged.event, ReviewUndone) and logged.sequence not in undone
    ]
