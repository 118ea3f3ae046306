"""What happened in a call: the frozen records that cross every stage boundary.

Times are seconds of call audio from the start of the call (``_s``), never wall clock. ``at_s`` is the audio time at
which a record could first be shown to the CSR, computing time included. A call *is* the ordered log of these events.

They stand in :mod:`voice_triage.heard` (sound and words), :mod:`voice_triage.findings` (what was understood),
:mod:`voice_triage.desk_actions` (what the CSR did), :mod:`voice_triage.consent` (whether it may be kept) and
:mod:`voice_triage.review_events` (what a supervisor made of it later); import them from here.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from voice_triage.consent import BY_THE_DESK, Consent, ConsentChanged, NotKept, RecordingPaused, RecordingResumed
from voice_triage.desk_actions import (
    ActionUndone,
    AdviceGiven,
    Asked,
    DismissalReason,
    FieldSettled,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaisedByHand,
    HandedOff,
    HandOffTo,
    NoteTyped,
    QuestionSettled,
    Settlement,
)
from voice_triage.findings import (
    CALLER_FIELDS,
    FieldRetracted,
    FieldSuggested,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    LaneShown,
    LaneWithdrawn,
    Mention,
    MentionsRead,
    PetsTold,
    PetTold,
    Question,
    QuestionsSuggested,
    QuestionWhy,
    Status,
    Urgency,
)
from voice_triage.heard import (
    Block,
    FinalTranscript,
    Gap,
    GapHeard,
    LineChanged,
    Outcome,
    PartialTranscript,
    Side,
    SourceChanged,
    UtteranceReheard,
    Word,
)
from voice_triage.json_records import read_record
from voice_triage.kept_kinds import KeptKind, PartDeleted
from voice_triage.review_events import (
    FlagJudged,
    MissMarked,
    ReviewDone,
    ReviewNoted,
    ReviewUndone,
    TeachingMarked,
    Verdict,
)

__all__ = [
    "BY_THE_DESK",
    "CALLER_FIELDS",
    "CONSENT_ACTIONS",
    "DESK_ACTIONS",
    "EVENT_TYPES",
    "REVIEW_ENTRIES",
    "TENTATIVE",
    "ActionUndone",
    "AdviceGiven",
    "Asked",
    "Block",
    "CallDiscarded",
    "CallEnded",
    "CallStarted",
    "Consent",
    "ConsentAction",
    "ConsentChanged",
    "DeskAction",
    "DismissalReason",
    "Event",
    "FieldRetracted",
    "FieldSettled",
    "FieldSuggested",
    "FinalTranscript",
    "FlagAcknowledged",
    "FlagEnd",
    "FlagEnded",
    "FlagJudged",
    "FlagRaised",
    "FlagRaisedByHand",
    "FlagState",
    "FlagWithdrawn",
    "Gap",
    "GapHeard",
    "HandOffTo",
    "HandedOff",
    "KeptKind",
    "LaneShown",
    "LaneWithdrawn",
    "LineChanged",
    "Logged",
    "Mention",
    "MentionsRead",
    "MissMarked",
    "NotKept",
    "NoteTyped",
    "Outcome",
    "PartDeleted",
    "PartialTranscript",
    "PetTold",
    "PetsTold",
    "Question",
    "QuestionSettled",
    "QuestionWhy",
    "QuestionsSuggested",
    "RecordingPaused",
    "RecordingResumed",
    "ReviewDone",
    "ReviewEntry",
    "ReviewNoted",
    "ReviewUndone",
    "Settlement",
    "Side",
    "SourceChanged",
    "StageFailed",
    "Status",
    "TeachingMarked",
    "Urgency",
    "UtteranceReheard",
    "Verdict",
    "Word",
    "from_json",
    "to_json",
    "without_undone",
]


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A call began. Always the first event of its log."""

    call: str
    at_s: float
    started_at: str
    """Wall clock, ISO 8601 with offset: the only wall-clock time in a log."""
    source: str
    """What is heard: ``sample``, a file's path, the headset's name, or ``walk-in``: a card without a call."""
    sample_rate_hz: int
    sample: bool = False
    """The bundled sample: shown under a banner, never counted or kept."""
    lexicon: str = ""
    """Version and hash of the lexicon in force."""
    model: str = ""
    """Name and hash of the recognizer's model."""
    csr: str = ""
    """Account of the CSR who was at the desk, whose call it is; empty: the desk's own (``accounts/roles.py``)."""


@dataclass(frozen=True, slots=True)
class StageFailed:
    """A stage of the product failed; the call goes on as far as it can."""

    at_s: float
    stage: str
    code: str
    advice: str
    """What the CSR should do; holds no transcript."""


@dataclass(frozen=True, slots=True)
class CallDiscarded:
    """It was no client's call: whoever holds anything of it forgets it. The last that listeners hear of the call."""

    at_s: float


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last event of what was heard; only what people do, what answers it, and its deletion in parts follow."""

    at_s: float
    duration_s: float
    reason: str
    """``hang-up``, ``stopped``, ``source failed`` or ``interrupted``; of a walk-in ``stopped`` or ``next call``."""
    compute_s: float = 0.0


DeskAction = (
    FlagAcknowledged
    | FlagEnded
    | FlagRaisedByHand
    | FieldSettled
    | QuestionSettled
    | NoteTyped
    | AdviceGiven
    | HandedOff
    | ActionUndone
)
"""What the CSR does; may come after CallEnded."""
ConsentAction = ConsentChanged | RecordingPaused | RecordingResumed
"""Whether what is said may be kept. Never undone: it is changed again."""
ReviewEntry = FlagJudged | MissMarked | ReviewNoted | TeachingMarked | ReviewDone | ReviewUndone
"""What a supervisor makes of the call later."""
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
    | QuestionsSuggested
    | LaneShown
    | LaneWithdrawn
    | StageFailed
    | LineChanged
    | CallDiscarded
    | CallEnded
    | PartDeleted
    | DeskAction
    | ConsentAction
    | NotKept
    | ReviewEntry
)
EVENT_TYPES: Mapping[str, type] = types.MappingProxyType({cls.__name__: cls for cls in get_args(Event)})
DESK_ACTIONS: tuple[type, ...] = get_args(DeskAction)
CONSENT_ACTIONS: tuple[type, ...] = get_args(ConsentAction)
REVIEW_ENTRIES: tuple[type, ...] = get_args(ReviewEntry)
TENTATIVE: tuple[type, ...] = (PartialTranscript, LineChanged, CallDiscarded)
"""Shown live, never stored (a provisional FlagRaised is stored: it was shown to a person)."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An event in its place: ``sequence`` counts from 1 within a call, without holes."""

    call: str
    sequence: int
    event: Event = field(repr=False)


def without_undone(log: Iterable[Logged]) -> list[Logged]:
    """A log as if what was undone, and the undoing, had never been. Only the CSR's actions can be undone."""
    log = list(log)
    undone = {
        logged.event.sequence
        for logged in log
        if isinstance(logged.event, ActionUndone) and logged.event.sequence < logged.sequence
    }
    return [
        logged
        for logged in log
        if not isinstance(logged.event, ActionUndone)
        and not (logged.sequence in undone and isinstance(logged.event, DESK_ACTIONS))
    ]


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
