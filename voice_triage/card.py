"""A call's card at one moment, as :class:`voice_triage.desk_card.DeskCard` folds it from the log."""

from __future__ import annotations

from dataclasses import dataclass

from voice_triage.events import Asked, Consent, FieldSuggested, HandOffTo, LaneShown, QuestionWhy
from voice_triage.flag_card import FlagCard

WALK_IN = "walk-in"
"""Source of a card without a call."""
SUGGESTED = "suggested"
"""State of a field that nobody has settled."""


@dataclass(frozen=True, slots=True)
class FieldCard:
    """One patient field that was suggested or settled; a field without a card was not asked."""

    field: str
    pet: int
    state: str
    """``suggested``, ``confirmed``, ``edited``, ``rejected`` or ``unknown``."""
    value: str
    """What counts; of a rejected one the value that was rejected, of an unknown one nothing."""
    also_said: str | None
    """Another value that the client said, before or after: ask which is right."""
    suggestion: FieldSuggested | None
    """What the machine suggests now."""
    settled_at_s: float | None
    settled_by: int | None
    """Sequence of the action, for undoing it."""


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A suggested question and what became of it."""

    id: str
    text: str
    why: QuestionWhy
    category: str
    field: str
    state: Asked | None


@dataclass(frozen=True, slots=True)
class Written:
    """A line that the CSR typed."""

    sequence: int
    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What the client was told to do."""

    sequence: int
    at_s: float
    text: str
    line: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A hand-off to the back of the house."""

    sequence: int
    at_s: float
    to: HandOffTo
    note: str


@dataclass(frozen=True, slots=True)
class Undo:
    """The action that *undo* would take back."""

    sequence: int
    action: str
    """Its event's name."""


@dataclass(frozen=True, slots=True)
class PetCard:
    """One of the client's pets."""

    pet: int
    evidence: str
    died: bool
    front: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A call's card at one moment. ``sequence`` is that of the last event that shaped it."""

    call: str
    sequence: int
    source: str
    walk_in: bool
    sample: bool
    started_at: str
    ended: str | None
    """Why the call ended; None while it runs."""
    pets: tuple[PetCard, ...]
    """The sick one first; one if the client spoke of one."""
    flags: tuple[FlagCard, ...]
    """Open ones first, red before orange, in the order in which they were shown."""
    open_flags: int
    fields: tuple[FieldCard, ...]
    questions: tuple[QuestionCard, ...]
    """To be asked next, at most as many as were suggested."""
    not_asked: tuple[str, ...]
    """Labels of what was neither asked nor told."""
    lanes: tuple[LaneShown, ...]
    notes: tuple[Written, ...]
    advice: tuple[Advice, ...]
    handed_off: tuple[HandedOver, ...]
    """The latest last."""
    undo: Undo | None
    consent: Consent | None
    """None for a card without a call, for the sample, and for a call that was kept before consent was asked."""
    consent_sequence: int
    """Of the CSR's last change of it, 0 without one: *undo* does not reach behind it."""
    held: bool
    """Undecided: in memory only."""
    recording_paused: bool
