"""A call's words as one text."""

from __future__ import annotations

from collections.abc import Iterable

from voice_triage.events import ActionUndone, Event, FlagRaisedByHand, Logged, NoteTyped, Side, without_undone
from voice_triage.utterances import said_in


def transcript_of(log: Iterable[Logged]) -> str:
    """The client's words that count, an utterance a line, then what the CSR noted, a note a line."""
    log = list(log)
    said = [said.counts.text for said in said_in(logged.event for logged in log) if said.counts.side is Side.CLIENT]
    return "\n".join([*said, *(text for logged in without_undone(log) if (text := _noted(logged.event)))])


def changes_transcript(event: Event) -> bool:
    """Whether what the CSR did after the end can change it."""
    return isinstance(event, NoteTyped | FlagRaisedByHand | ActionUndone)


def _noted(event: Event) -> str:
    match event:
        case NoteTyped():
            return event.text
        case FlagRaisedByHand():
            return event.note
        case _:
            return ""
