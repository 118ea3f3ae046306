"""What was understood of the client's words, and what is shown for it. Part of :mod:`voice_triage.events`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CALLER_FIELDS = frozenset({"client_name", "callback_number"})
"""Fields of the caller and not of a pet."""


class Status(StrEnum):
    """What the client said *about* a finding (``language.md``)."""

    PRESENT = "present"
    NEGATED = "negated"
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"
    OTHER_SUBJECT = "other_subject"
    RESOLVED = "resolved"
    UNCERTAIN = "uncertain"
    NOT_MEANT = "not_meant"
    """The words are part of an idiom or of a longer name ("bleeding me dry", "coffee table"): nothing is said about the
    finding, and nobody denied it."""


class Urgency(StrEnum):
    """``red``: the closest emergency room now. ``orange``: a technician or doctor on this line now."""

    RED = "red"
    ORANGE = "orange"


class FlagState(StrEnum):
    """Where a flag stands; ``raised`` rests on a final result, or on open words that have stood for a while."""

    PROVISIONAL = "provisional"
    RAISED = "raised"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a concept in the client's words, with what was said about it."""

    concept: str
    text: str
    """Exact words of the utterance."""
    utterance: int
    """Index of the utterance in the call, from 0."""
    first_word: int
    last_word: int
    """Inclusive indices into the utterance's words."""
    start_s: float
    end_s: float
    status: Status
    cue: str | None = None
    """The words that decided the status; none for a plain statement."""
    rule: str | None = None
    """Id of the rule that decided the status."""
    confidence: float = 1.0
    pet: int = 0
    """Which of the client's pets it is said of; -1 for all of them, and where the words do not tell which."""
    meant: str = ""
    """The words with the real terms in them ("ate my xanax"), where the recognizer wrote others ("ate my zan ax")."""


@dataclass(frozen=True, slots=True)
class PetTold:
    """One of the client's pets, as told apart from the others."""

    pet: int
    """Its number in the call, from 0 in the order in which they were told."""
    evidence: str = ""
    """Exact words that told it from the others; empty for the first."""
    died: bool = False
    """The client says that it has died: no flags, a gentle line."""


@dataclass(frozen=True, slots=True)
class MentionsRead:
    """All mentions of one closed utterance; a later one for the same utterance replaces it."""

    at_s: float
    utterance: int
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class FlagRaised:
    """A red flag is shown, or a shown one is confirmed or updated by later evidence. One per category and call."""

    at_s: float
    category: str
    urgency: Urgency
    state: FlagState
    """``provisional`` (from partials) or ``raised`` (from a final, or from partials that agreed for long enough)."""
    evidence: str
    """Exact transcript text."""
    concepts: tuple[str, ...]
    utterance: int
    start_s: float
    end_s: float
    reason: str
    """One plain sentence built from what was said; never a diagnosis."""
    rule: str = ""
    pet: int = 0
    """Which of the client's pets it is raised for."""
    confidence: float = 1.0
    """How sure it is that the evidence was said, 0 to 1 (``triage/certainty.py``)."""
    possible: bool = False
    """Provisional, or resting on words that were hardly understood."""


@dataclass(frozen=True, slots=True)
class FlagWithdrawn:
    """What was shown no longer holds; it stays visible, struck."""

    at_s: float
    category: str
    reason: str


@dataclass(frozen=True, slots=True)
class FieldSuggested:
    """A value for a patient field, for the CSR to confirm; a later one for the same field replaces it."""

    at_s: float
    field: str
    value: str
    evidence: str
    utterance: int
    start_s: float
    end_s: float
    confidence: float
    provisional: bool = False
    contradicts: str | None = None
    """An earlier, different value that was not plainly corrected."""
    pet: int = 0
    """Which of the client's pets it is said of; 0 for CALLER_FIELDS."""


@dataclass(frozen=True, slots=True)
class FieldRetracted:
    """A suggestion that came from words that were not said after all."""

    at_s: float
    field: str
    pet: int = 0


@dataclass(frozen=True, slots=True)
class PetsTold:
    """The client speaks of several pets, or of one that has died; a later one replaces it.

    Without this event a call is about one pet, number 0.
    """

    at_s: float
    pets: tuple[PetTold, ...]
    """All of them, by number."""
    front: int
    """The sick one, whose card stands in front."""


class QuestionWhy(StrEnum):
    """Why a question is suggested."""

    OPEN = "open"
    """It lets the client tell."""
    RED_FLAG = "red_flag"
    """It tells an emergency from what can be booked."""
    FIELD = "field"
    """Its answer fills an empty patient field."""
    CLOSING = "closing"
    """The exam that can always be offered: closes every path."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask the client next."""

    id: str
    text: str
    """As the CSR may say it."""
    why: QuestionWhy
    category: str = ""
    """Of a red-flag question."""
    field: str = ""
    """Which its answer fills."""


@dataclass(frozen=True, slots=True)
class QuestionsSuggested:
    """What to ask next; a later one replaces it."""

    at_s: float
    questions: tuple[Question, ...]
    """The next ones, the first first."""
    not_asked: tuple[str, ...] = ()
    """Labels of all that has not been asked or told so far."""


@dataclass(frozen=True, slots=True)
class LaneShown:
    """The call is of a kind that has its own way through the house: straight to a room, bring records, ..."""

    at_s: float
    lane: str
    evidence: str = ""
    """Exact words that show it."""
    pet: int = 0
    utterance: int = -1
    """In which they were said; below 0: none, the pet's card tells it."""


@dataclass(frozen=True, slots=True)
class LaneWithdrawn:
    """A lane's words were not said after all, or were taken back."""

    at_s: float
    lane: str
    pet: int = 0
