"""What happened in a call, as marks on its time: flags, fields, gaps, what became of the flags, what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    AdviceGiven,
    FieldSettled,
    FlagAcknowledged,
    FlagEnded,
    FlagRaisedByHand,
    FlagState,
    FlagWithdrawn,
    GapHeard,
    HandedOff,
    Logged,
    NoteTyped,
    StageFailed,
    without_undone,
)
from voice_triage.review.sheet import review_sheet


@dataclass(frozen=True, slots=True)
class Marker:
    """One mark. Times are seconds of the call; ``end_s`` is ``at_s`` for a moment."""

    kind: str
    """``flag``, ``withdrawn``, ``acknowledged``, ``ended``, ``field``, ``settled``, ``gap``, ``note``, ``advice``,
    ``handed_off``, ``failure`` or ``missed``."""
    at_s: float
    end_s: float
    category: str = ""
    """Of a flag or of what was missed; a field's name of a field."""
    pet: int = 0
    text: str = ""
    """The words it rests on, a code (what became of a flag, of a field), or what was typed."""
    value: str = ""
    """Of a field."""


def markers_of(log: Sequence[Logged]) -> list[Marker]:
    """All marks of a call, in order of time. Nothing that was undone has one."""
    found: list[Marker] = []
    folded = DeskCard.of(log)
    for flag in folded.card().flags:
        if flag.utterance >= 0:
            kind = "withdrawn" if flag.state is FlagState.WITHDRAWN else "flag"
            found.append(Marker(kind, flag.start_s, flag.end_s, flag.category, flag.pet, flag.evidence))
    for field in folded.fields():
        if field.suggestion is not None:
            told = field.suggestion
            found.append(Marker("field", told.start_s, told.end_s, field.field, field.pet, told.evidence, told.value))
    for logged in without_undone(log):
        marker = _of(logged)
        if marker is not None:
            found.append(marker)
    for miss in review_sheet(log).misses:
        event = miss.event
        found.append(Marker("missed", event.start_s, event.end_s, event.category, event.pet, event.text))
    return sorted(found, key=lambda marker: (marker.at_s, marker.end_s))


def _of(logged: Logged) -> Marker | None:
    event = logged.event
    at_s = event.at_s
    match event:
        case GapHeard():
            return Marker("gap", event.start_s, event.start_s + event.duration_s, text=event.reason)
        case FlagWithdrawn():
            return Marker("withdrawn", at_s, at_s, event.category, text=event.reason)
        case FlagRaisedByHand():
            return Marker("flag", at_s, at_s, event.category, event.pet, event.note)
        case FlagAcknowledged():
            return Marker("acknowledged", at_s, at_s, event.category, event.pet)
        case FlagEnded():
            return Marker("ended", at_s, at_s, event.category, event.pet, str(event.reason or event.end))
        case FieldSettled():
            return Marker("settled", at_s, at_s, event.field, event.pet, str(event.state), event.value)
        case NoteTyped():
            return Marker("note", at_s, at_s, text=event.text)
        case AdviceGiven():
            return Marker("advice", at_s, at_s, text=event.text)
        case HandedOff():
            return Marker("handed_off", at_s, at_s, text=str(event.to))
        case StageFailed():
            return Marker("failure", at_s, at_s, category=event.stage, text=event.advice)
        case _:
            return None
