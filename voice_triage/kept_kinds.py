"""The kinds of what is kept of a call, and the event that tells of deleted ones. Part of :mod:`voice_triage.events`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class KeptKind(StrEnum):
    """What is kept of a call, as far as it is kept for a time of its own."""

    SOUND = "sound"
    """Both sides' sound, and the waveforms made of it."""
    TRANSCRIPT = "transcript"
    """The words, and whatever was read out of them: mentions, evidence of flags, suggested fields."""
    NOTE = "note"
    """What people wrote: settled fields, notes, advice, hand-off notes, a supervisor's lines."""


@dataclass(frozen=True, slots=True)
class PartDeleted:
    """Some kinds of what was kept of the call were deleted; what is left of their events has no words any more."""

    at_s: float
    """Of the event before it: nothing happened in the call."""
    kinds: tuple[KeptKind, ...]
    deleted_at: str
    """Wall clock, ISO 8601, UTC."""
    why: str
    """``retention``."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What was last said about holding a call."""

    held: bool
    by: str
    """The account that said so, or the command line."""
    at: str
    """ISO 8601, UTC."""
    reason: str = ""
    """As it was typed; may name people, so it is sealed like the call itself."""
