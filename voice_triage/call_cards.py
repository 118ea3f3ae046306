"""Between hearing and writing: card data is cut out of a call's words and sound before either is written.

The words go through :class:`voice_triage.card_data.watch.CardWatch`; the writer of the sound learns how far what was
said has been judged, and which stretches are to be silence. A fault in here writes no words rather than unchecked ones.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Callable, Sequence
from typing import Protocol

from voice_triage.call_log import code_of, where
from voice_triage.card_data.watch import CardWatch
from voice_triage.events import Event, FinalTranscript, PartialTranscript, StageFailed, UtteranceReheard

log = logging.getLogger(__name__)

REASON = "A card number was removed."
BEHIND_S = 2.0
"""The words of the open utterance still change: sound is judged so long after it was heard, not at once."""


class JudgedSound(Protocol):
    """What keeps the sound: :class:`voice_triage.audio.recording.Recorder`."""

    def judged(self, to_s: float) -> None:
        """What was said before ``to_s`` may be written, nothing of what comes after."""

    def blank(self, start_s: float, end_s: float, reason: str) -> bool:
        """Make that stretch silent on both sides; False if part of it was written already."""


class CallCards:
    """One call's card data. Used by the call's understanding thread."""

    def __init__(self, recording: JudgedSound | None, *, two_ears: bool) -> None:
        """``recording`` writes nothing from now on that is not judged."""
        self._watch = CardWatch(two_ears=two_ears)
        self._recording = recording
        self._failed = self._too_late = False
        if recording is not None:
            recording.judged(0.0)

    def take(self, event: Event) -> list[Event]:
        """An event of what was heard as it may be shown and written, and the earlier ones that change with it.

        An earlier utterance comes as its transcript once more, with other words.
        """
        match event:
            case PartialTranscript():
                return self._guarded(event, lambda: [self._watch.partial(event)])
            case FinalTranscript():
                return self._guarded(event, lambda: self._watch.final(event))
            case UtteranceReheard():
                return self._guarded(event, lambda: self._watch.reheard(event))
            case _:
                return [event]

    def passed(self, to_s: float) -> list[Event]:
        """Sound up to call time ``to_s`` has been heard, and all its words were taken: what changes with time."""
        events = self._guarded(None, lambda: self._watch.passed(to_s))
        return [*events, *self._follow(to_s - BEHIND_S)]

    def end(self) -> list[Event]:
        """Everything has been heard."""
        events = self._guarded(None, self._watch.end)
        return [*events, *self._follow(math.inf)]

    def _follow(self, heard_s: float) -> list[Event]:
        """Tell the writer of sound."""
        cuts = self._watch.take_cuts()
        if self._recording is None:
            return []
        late = False
        for start_s, end_s in cuts:
            late = not self._recording.blank(start_s, end_s, REASON) or late
        self._recording.judged(min(heard_s, self._watch.still_from_s))
        if not late or self._too_late:
            return []
        self._too_late = True
        advice = (
            "A part of a card number may be in this call's recording: it was understood only after it was written. "
            "Tell your supervisor, who can delete the call."
        )
        return [StageFailed(0.0, "card data", "too_late", advice)]

    def _guarded(self, event: Event | None, step: Callable[[], Sequence[Event]]) -> list[Event]:
        try:
            return list(step())
        except Exception as error:  # noqa: BLE001 - becomes a visible event; unchecked words are not written
            log.error("card data could not be looked for: %s", where(error))
            events = [] if event is None or isinstance(event, PartialTranscript) else [_without_words(event)]
            if self._failed:
                return events
            self._failed = True
            advice = "Some words could not be checked for card numbers, so they are not shown. Listen closely yourself."
            return [*events, StageFailed(0.0, "card data", code_of(error), advice)]


def _without_words(event: Event) -> Event:
    assert isinstance(event, FinalTranscript | UtteranceReheard)
    return dataclasses.replace(event, words=(), text="")
