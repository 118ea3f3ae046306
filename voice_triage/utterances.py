"""What was said in a call, in the words that count: settled ones where there are any, else those heard live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from voice_triage.events import Event, FinalTranscript, Outcome, UtteranceReheard


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance that holds words."""

    counts: FinalTranscript | UtteranceReheard
    """The hearing whose words count."""
    live: FinalTranscript | None
    """The first hearing; None where the live recognizer heard nothing."""
    again: UtteranceReheard | None
    """The second hearing, whatever came of it; None if there was none."""


def said_in(events: Iterable[Event]) -> list[Said]:
    """The utterances of a log that hold words, in order of the call; of each only its last hearings.

    A second hearing that settled an utterance replaces its words; one that joined it to another leaves it none. After
    any other outcome the live words stand, also doubted ones, which raise nothing but were heard.
    """
    live: dict[int, FinalTranscript] = {}
    again: dict[int, UtteranceReheard] = {}
    for event in events:
        if isinstance(event, FinalTranscript):
            live[event.utterance] = event
        elif isinstance(event, UtteranceReheard):
            again[event.utterance] = event
    said = []
    for index in sorted({*live, *again}):
        first, second = live.get(index), again.get(index)
        taken = second is not None and second.outcome in (Outcome.SETTLED, Outcome.JOINED)
        counts = second if taken else first
        if counts is not None and counts.words:
            said.append(Said(counts, first, second))
    return said
