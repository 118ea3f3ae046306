"""What happened in a call: the frozen records that cross every stage boundary.

Times are seconds of call audio from the start of the call (``_s``), never wall clock. ``at_s`` is the audio time at
which a record could first be shown to the CSR, computing time included. A call *is* the ordered log of these events.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from voice_triage.json_records import read_record


class Side(StrEnum):
    """Whose voice it is. Only the client's words raise flags and fill fields."""

    CLIENT = "client"
    OWN = "own"


class Status(StrEnum):
    """What the client said *about* a finding (``language.md``)."""

    PRESENT = "present"
    NEGATED = "negated"
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"
    OTHER_SUBJECT = "other_subject"
    RESOLVED = "resolved"
    UNCERTAIN = "uncertain"


class Urgency(StrEnum):
    """``red``: the closest emergency room now. ``orange``: a technician or doctor on this line now."""

    RED = "red"
    ORANGE = "orange"


class FlagState(StrEnum):
    """Where a flag stands; ``raised`` rests on a final result, or on open words that have stood for a while."""

    PROVISIONAL = "provisional"
    RAISED = "raised"
    WITHDRAWN = "withdrawn"


# --- sound, before it becomes an event -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of one side's sound."""

    side: Side
    start_s: float
    """Call time of the first sample."""
    samples: NDArray[np.int16]
    """Shape (n,), one channel."""
    rate_hz: int

    @property
    def end_s(self) -> float:
        """Call time just after the last sample."""
        return self.start_s + len(self.samples) / self.rate_hz


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of call time for which no proven sound of this side exists."""

    side: Side
    start_s: float
    duration_s: float
    reason: str


# --- words ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word; ``confidence`` is the recognizer's own, 0 to 1."""

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


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


@dataclass(frozen=True, slots=True)
class PetTold:
    """One of the client's pets, as told apart from the others."""

    pet: int
    """Its number in the call, from 0 in the order in which they were told."""
    evidence: str = ""
    """Exact words that told it from the others; empty for the first."""
    died: bool = False
    """The client says that it has died: no flags, a gentle line."""


CALLER_FIELDS = frozenset({"client_name", "callback_number"})
"""Fields of the caller and not of a pet."""

# --- events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call began. Always the first event of its log."""

    call: str
    at_s: float
    started_at: str
    """Wall clock, ISO 8601 with offset: the only wall-clock time in a log."""
    source: str
    """What is heard: ``sample``, a file's path, or the headset's name."""
    sample_rate_hz: int
    sample: bool = False
    """The bundled sample: shown under a banner, never counted or kept."""
    lexicon: str = ""
    """Version and hash of the lexicon in force."""
    model: str = ""
    """Name and hash of the recognizer's model."""


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """The source of sound changed its state."""

    at_s: float
    state: str
    """``listening``, ``paused``, ``searching``, ``silent``, ``clipping``, ``late``, ``gap``, ``ended``, ``failed``."""
    detail: str
    """One plain sentence for the CSR."""


@dataclass(frozen=True, slots=True)
class GapHeard:
    """Sound is missing from ``start_s`` for ``duration_s``."""

    at_s: float
    side: Side
    start_s: float
    duration_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class PartialTranscript:
    """The open utterance as heard so far; tentative, never stored."""

    at_s: float
    side: Side
    utterance: int
    words: tuple[Word, ...]
    text: str


@dataclass(frozen=True, slots=True)
class FinalTranscript:
    """A closed utterance. ``words`` joined by blanks is ``text``."""

    at_s: float
    side: Side
    utterance: int
    words: tuple[Word, ...]
    text: str
    start_s: float
    end_s: float
    heard_by: str = "vosk"


class Outcome(StrEnum):
    """What a second hearing of an utterance came to."""

    SETTLED = "settled"
    """Its words count from now on."""
    JOINED = "joined"
    """Its words are part of the settled utterance before it: the live recognizer had cut a sentence in two."""
    KEPT = "kept"
    """It was too doubtful, or heard nothing: the live words, which were sure, stand."""
    DOUBTED = "doubted"
    """Neither hearing was sure: the live words stay in the transcript, and raise nothing by themselves."""
    SKIPPED = "skipped"
    """There was none: the computer did not keep up, or it failed."""


@dataclass(frozen=True, slots=True)
class UtteranceReheard:
    """A finished utterance was heard a second time, by the careful ear. Its FinalTranscript keeps the first hearing.

    Where the live recognizer had heard no words at all, there is no FinalTranscript of that utterance.
    """

    at_s: float
    side: Side
    utterance: int
    outcome: Outcome
    words: tuple[Word, ...]
    """What the second hearing heard; the utterance's words from now on only if ``settled``."""
    text: str
    start_s: float
    end_s: float
    heard_by: str = "whisper"


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


@dataclass(frozen=True, slots=True)
class StageFailed:
    """A stage of the product failed; the call goes on as far as it can."""

    at_s: float
    stage: str
    code: str
    advice: str
    """What the CSR should do; holds no transcript."""


@dataclass(frozen=True, slots=True)
class LineChanged:
    """The line's level as the client is heard."""

    at_s: float
    level_db: float
    """RMS of the last second, dB relative to full scale."""
    state: str
    """``good``, ``quiet``, ``silent``, ``clipping`` or ``noisy``."""


@dataclass(frozen=True, slots=True)
class CallDiscarded:
    """It was no client's call: whoever holds anything of it forgets it. The last that listeners hear of the call."""

    at_s: float


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last event of a log."""

    at_s: float
    duration_s: float
    reason: str
    """``hang-up``, ``stopped``, ``source failed`` or ``interrupted``."""
    compute_s: float = 0.0


Event = (
    CallStarted
    | SourceChanged
    | GapHeard
    | PartialTranscript
    | FinalTranscript
    | UtteranceReheard
    | MentionsRead
    | FlagRaised
    | FlagWithdrawn
    | FieldSuggested
    | FieldRetracted
    | PetsTold
    | StageFailed
    | LineChanged
    | CallDiscarded
    | CallEnded
)
EVENT_TYPES: Mapping[str, type] = types.MappingProxyType({cls.__name__: cls for cls in get_args(Event)})
TENTATIVE: tuple[type, ...] = (PartialTranscript, LineChanged, CallDiscarded)
"""Shown live, never stored (a provisional FlagRaised is stored: it was shown to a person)."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An event in its place: ``sequence`` counts from 1 within a call, without holes."""

    call: str
    sequence: int
    event: Event = field(repr=False)


def to_json(event: Event) -> dict[str, Any]:
    """A plain dictionary with ``type`` and the event's own keys, fit for ``json.dumps``."""
    return {"type": type(event).__name__, **dataclasses.asdict(event)}


def from_json(data: Mapping[str, Any]) -> Event:
    """The event that :func:`to_json` wrote, before or after its way through JSON.

    Raises ValueError for an unknown type, and for a key that is unknown, missing or holds the wrong kind of value.
    Its message names the key, never the value: that may be transcript.
    """
    if not isinstance(data, Mapping):
        raise ValueError("an event must be an object with a type")
    name = data.get("type")
    kind = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"unknown event type {name!r}")
    try:
        return typing.cast(Event, read_record(kind, {key: value for key, value in data.items() if key != "type"}))
    except ValueError as error:
        raise ValueError(f"{kind.__name__}: {error}") from error
