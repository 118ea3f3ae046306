"""A call's words as one text."""

from __future__ import annotations

from collections.abc import Iterable

from voice_triage.events import Event, FinalTranscript, Side


def transcript_of(events: Iterable[Event]) -> str:
    """The client's words, an utterance a line, as they stand at the end: a later hearing replaces the first."""
    said: dict[int, str] = {}
    for event in events:
        if isinstance(event, FinalTranscript) and event.side is Side.CLIENT:
            said[event.utterance] = event.text
    return "\n".join(said[utterance] for utterance in sorted(said))
