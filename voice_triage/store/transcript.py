"""A call's words as one text."""

from __future__ import annotations

from collections.abc import Iterable

from voice_triage.events import Event, Side
from voice_triage.utterances import said_in


def transcript_of(events: Iterable[Event]) -> str:
    """The client's words that count, an utterance a line."""
    return "\n".join(said.counts.text for said in said_in(events) if said.counts.side is Side.CLIENT)
