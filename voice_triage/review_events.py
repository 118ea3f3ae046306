"""What a supervisor did with a kept call: events of its own log. Part of :mod:`voice_triage.events`.

Their ``at_s`` counts on from the call's beginning, as the CSR's does after hang-up: a call judged three days later has
259,200 and something. ``by`` is the account of who did it (``desk`` where nobody signs in). None of them changes the
CSR's card, and none is written by the machine by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a supervisor makes of a flag. Of what was said and heard, never of what the animal had."""

    RIGHT = "right"
    """The client's words called for it."""
    FALSE_ALARM = "false_alarm"
    """They did not: misheard, misread, or not about this animal now."""


@dataclass(frozen=True, slots=True)
class FlagJudged:
    """A flag has a verdict; a later one for the same flag replaces it."""

    at_s: float
    by: str
    category: str
    verdict: Verdict
    pet: int = 0


@dataclass(frozen=True, slots=True)
class MissMarked:
    """Words of the client that called for a flag which nobody raised, or not because of them."""

    at_s: float
    by: str
    category: str
    text: str
    """The exact words that were selected."""
    utterance: int
    first_word: int
    last_word: int
    """Inclusive indices into the words of the hearing that counts."""
    start_s: float
    end_s: float
    pet: int = 0


@dataclass(frozen=True, slots=True)
class ReviewNoted:
    """A line that the supervisor typed about the call."""

    at_s: float
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class TeachingMarked:
    """The call is, or no longer is, in the teaching library; the last one counts."""

    at_s: float
    by: str
    marked: bool
    title: str = ""
    """What there is to learn; says nothing of who called."""


@dataclass(frozen=True, slots=True)
class ReviewDone:
    """The supervisor has been through the call. The first one counts for the progress of the review."""

    at_s: float
    by: str


@dataclass(frozen=True, slots=True)
class ReviewUndone:
    """One of the supervisor's events is as if it had never been."""

    at_s: float
    by: str
    sequence: int
    """Its place in the log."""
