"""The supervisor's queue, as it is asked for and answered: filters, one page of lines, and how far the review is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voice_triage.review.line import LineQuality, QueueLine

PAGE_LINES = 50
"""Lines of one page: some two screens."""


class Which(StrEnum):
    """Which calls the queue holds."""

    TO_REVIEW = "to_review"
    """Flagged or interrupted ones that nobody has been through."""
    FLAGGED = "flagged"
    DISMISSED = "dismissed"
    INTERRUPTED = "interrupted"
    NOT_REVIEWED = "not_reviewed"
    """All that nobody has been through, flagged or not."""
    REVIEWED = "reviewed"
    TEACHING = "teaching"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a call must be to be in the queue; what is None or empty asks for nothing."""

    which: Which = Which.TO_REVIEW
    category: str = ""
    csr: str | None = None
    """An account; an empty one: calls of which nobody knows who took them."""
    disposition: str = ""
    quality: LineQuality | None = None
    since: datetime | None = None
    """With an offset; the call began then or later."""
    until: datetime | None = None
    """With an offset; the call began before."""
    words: str = ""
    """All of them were said or noted in the call."""


@dataclass(frozen=True, slots=True)
class QueuedCall:
    """A call and its line."""

    call: str
    started_at: str
    duration_s: float | None
    source: str
    line: QueueLine


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of how many calls were reviewed."""

    reviewed: int
    of: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of the queue, the newest call first."""

    calls: Sequence[QueuedCall]
    count: int
    """Calls in the whole queue."""
    page: int
    """From 0."""
    in_filter: Progress
    """Of all calls that the filter lets through, whatever ``which`` asks for."""
    this_week: Progress
    """Of the flagged or interrupted calls since Monday."""
    csrs: Sequence[str]
    """Accounts that calls were taken by."""
    unread: int = 0
    """Kept calls whose lines are still being made."""
