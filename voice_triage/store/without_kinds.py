"""A log without some kinds of what it holds: the same events at the same places, their words gone.

What stays for numbers over time when all kinds are gone: that there was a call, when, how long and whose; categories,
urgencies and times of flags, what became of them, and a supervisor's verdicts; which fields were suggested and settled,
not their values; when something was said or written, not what.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from voice_triage.events import (
    ActionUndone,
    AdviceGiven,
    CallEnded,
    CallStarted,
    ConsentChanged,
    Event,
    FieldRetracted,
    FieldSettled,
    FieldSuggested,
    FinalTranscript,
    FlagAcknowledged,
    FlagEnded,
    FlagJudged,
    FlagRaised,
    FlagRaisedByHand,
    FlagWithdrawn,
    GapHeard,
    HandedOff,
    KeptKind,
    LaneShown,
    LaneWithdrawn,
    Logged,
    MentionsRead,
    MissMarked,
    NoteTyped,
    NotKept,
    PartDeleted,
    PetsTold,
    PetTold,
    Question,
    QuestionSettled,
    QuestionsSuggested,
    RecordingPaused,
    RecordingResumed,
    ReviewDone,
    ReviewNoted,
    ReviewUndone,
    SourceChanged,
    StageFailed,
    TeachingMarked,
    UtteranceReheard,
)

_WORDS = KeptKind.TRANSCRIPT
_NOTE = KeptKind.NOTE
_T = TypeVar("_T")

TEXTS: Final[Mapping[type, Mapping[str, KeptKind | None]]] = MappingProxyType(
    {
        CallStarted: dict.fromkeys(("call", "started_at", "source", "lexicon", "model", "csr")),
        CallEnded: {"reason": None},
        SourceChanged: {"state": None, "detail": None},
        GapHeard: {"reason": None},
        StageFailed: {"stage": None, "code": None, "advice": None},
        FinalTranscript: {"words": _WORDS, "text": _WORDS, "heard_by": None},
        UtteranceReheard: {"words": _WORDS, "text": _WORDS, "heard_by": None},
        MentionsRead: {"mentions": _WORDS},
        FlagRaised: {"category": None, "evidence": _WORDS, "concepts": None, "reason": _WORDS, "rule": None},
        FlagWithdrawn: {"category": None, "reason": _WORDS},
        FieldSuggested: {"field": None, "value": _WORDS, "evidence": _WORDS, "contradicts": _WORDS},
        FieldRetracted: {"field": None},
        PetsTold: {"pets": None},
        PetTold: {"evidence": _WORDS},
        QuestionsSuggested: {"questions": None, "not_asked": None},
        Question: {"id": None, "text": _WORDS, "category": None, "field": None},
        LaneShown: {"lane": None, "evidence": _WORDS},
        LaneWithdrawn: {"lane": None},
        FlagAcknowledged: {"category": None},
        FlagEnded: {"category": None, "note": _NOTE},
        FlagRaisedByHand: {"category": None, "note": _NOTE},
        FieldSettled: {"field": None, "value": _NOTE},
        QuestionSettled: {"question": None},
        NoteTyped: {"text": _NOTE},
        AdviceGiven: {"text": _NOTE, "line": None},
        HandedOff: {"note": _NOTE},
        ActionUndone: {},
        FlagJudged: {"by": None, "category": None},
        MissMarked: {"by": None, "category": None, "text": _WORDS},
        ReviewNoted: {"by": None, "text": _NOTE},
        TeachingMarked: {"by": None, "title": _NOTE},
        ReviewDone: {"by": None},
        ReviewUndone: {"by": None},
        ConsentChanged: {"by": None},
        RecordingPaused: {},
        RecordingResumed: {},
        NotKept: {},
        PartDeleted: {"kinds": None, "deleted_at": None, "why": None},
    }
)
"""Every text of every event, and of the records inside them, to the kind that it goes with; None: it stays.

A question's text may name the pet. A test holds the table against the events themselves.
"""


def without(log: Sequence[Logged], kinds: Collection[KeptKind], at: datetime, why: str) -> list[Logged]:
    """The log without the texts of these kinds, and with the event that says so at its end."""
    gone = {kind for kind in kinds if kind is not KeptKind.SOUND}
    stripped = [dataclasses.replace(logged, event=_stripped(logged.event, gone)) for logged in log]
    last = stripped[-1]
    moment = at.isoformat(timespec="seconds")
    told = PartDeleted(last.event.at_s, tuple(sorted(kinds)), moment, why)
    return [*stripped, Logged(last.call, last.sequence + 1, told)]


def _stripped(record: _T, gone: Collection[KeptKind]) -> _T:
    belongs = TEXTS.get(type(record))
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if not isinstance(value, str | tuple):
            continue
        # A text that the table does not know, of an event newer than it, goes with the words.
        kind = _WORDS if belongs is None or field.name not in belongs else belongs[field.name]
        if kind in gone:
            changes[field.name] = () if isinstance(value, tuple) else "" if _is_plain(value) else value
        elif isinstance(value, tuple):
            changes[field.name] = tuple(
                _stripped(each, gone) if dataclasses.is_dataclass(each) else each for each in value
            )
    return dataclasses.replace(record, **changes) if changes else record  # type: ignore[type-var]


def _is_plain(value: str) -> bool:
    """Whether it is free text, and not one of an event's fixed choices."""
    return type(value) is str


def kinds_removed(log: Sequence[Event]) -> frozenset[KeptKind]:
    """The kinds that a log says were deleted."""
    return frozenset(kind for event in log if isinstance(event, PartDeleted) for kind in event.kinds)
