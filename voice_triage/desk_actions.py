"""What the CSR did about a call: their own events in its log. Part of :mod:`voice_triage.events`.

Their ``at_s`` is the call time at which it was done, and goes on after hang-up: the CSR may finish a card after
:class:`~voice_triage.events.CallEnded`. None of them is ever written by the machine by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voice_triage.findings import Urgency


class FlagEnd(StrEnum):
    """What became of a flag."""

    SENT_TO_EMERGENCY_ROOM = "sent_to_emergency_room"
    HANDED_OVER = "handed_over"
    """To a technician or doctor, who judges from here on."""
    DISMISSED = "dismissed"
    """It does not hold; the reason says why."""


class DismissalReason(StrEnum):
    """Why a flag does not hold. Of what was said or heard, never of how bad it is."""

    MISHEARD = "misheard"
    """These words were not said."""
    NOT_SO = "not_so"
    """Asked, the client says that it is not happening."""
    NOT_THIS_PET = "not_this_pet"
    """Said of another animal or of a person."""
    IN_THE_PAST = "in_the_past"
    """It was, and is over."""
    ALREADY_IN_CARE = "already_in_care"
    """A veterinarian is seeing to this very thing."""
    NO_CLIENT = "no_client"
    """Not a client's words about a patient: a test, a joke, a recording."""


class Settlement(StrEnum):
    """What the CSR made of a patient field."""

    CONFIRMED = "confirmed"
    EDITED = "edited"
    """Another value, or one that nothing suggested."""
    REJECTED = "rejected"
    """The suggested value is wrong, and the right one is not known."""
    UNKNOWN = "unknown"
    """Asked, and the client does not know."""


class Asked(StrEnum):
    """What became of a suggested question."""

    ASKED = "asked"
    SKIPPED = "skipped"


class HandOffTo(StrEnum):
    """Who takes the patient over."""

    TECHNICIAN = "technician"
    DOCTOR = "doctor"


@dataclass(frozen=True, slots=True)
class FlagAcknowledged:
    """The CSR has seen a flag. It stays open until it has an end."""

    at_s: float
    category: str
    pet: int = 0


@dataclass(frozen=True, slots=True)
class FlagEnded:
    """The CSR has dealt with a flag."""

    at_s: float
    category: str
    end: FlagEnd
    pet: int = 0
    reason: DismissalReason | None = None
    """Of a dismissal, and only of one."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FlagRaisedByHand:
    """The CSR raises a flag: shown as theirs, and never withdrawn by the machine."""

    at_s: float
    category: str
    urgency: Urgency
    pet: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class FieldSettled:
    """The CSR has settled a patient field; a later one for the same field replaces it."""

    at_s: float
    field: str
    state: Settlement
    value: str = ""
    """As in a report: what was confirmed, the new one, or the rejected one; empty for ``unknown``."""
    pet: int = 0
    """0 for ``CALLER_FIELDS``."""


@dataclass(frozen=True, slots=True)
class QuestionSettled:
    """The CSR has asked a suggested question, or passes it over."""

    at_s: float
    question: str
    """Its id."""
    state: Asked


@dataclass(frozen=True, slots=True)
class NoteTyped:
    """A line that the CSR typed."""

    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class AdviceGiven:
    """What the CSR told the client to do."""

    at_s: float
    text: str
    """As it was said: the fixed line's words, or what the CSR typed."""
    line: str = ""
    """Id of the fixed line; empty if it was typed."""


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The card went to the back of the house."""

    at_s: float
    to: HandOffTo
    note: str
    """The hand-off note as it stood then."""


@dataclass(frozen=True, slots=True)
class ActionUndone:
    """One of the CSR's events is as if it had never been."""

    at_s: float
    sequence: int
    """Its place in the log."""
