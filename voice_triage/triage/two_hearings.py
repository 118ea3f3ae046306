"""Judgement from two hearings of the same words: the live recognizer's and the careful ear's.

Fields, mentions and flags are those of the settled words. A flag that only the live words brought is not simply lost:
it stays on the card as *possible*, with both hearings, unless the careful one clearly contradicts it. The rule is the
measured one (40 development calls, ``docs/careful-ear.md``): of flags that both ears heard 20 of 20 were right, of
those that only the careful ear heard 7 of 10, of those that only the live recognizer heard none of 2. One that only the
careful ear heard, in words that the live recognizer heard denied, is possible too. Fields of which the settled words
say nothing keep the first hearing's value where that kind was mostly right (``FIRST_HEARD_FIELDS``).
"""

from __future__ import annotations

from dataclasses import replace

from voice_triage.events import (
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    PartialTranscript,
    Status,
)
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding

HEARD_ONCE = "heard_once"
"""Rule of a flag that only the first hearing brought."""
FIRST_HEARD_FIELDS = frozenset({"species", "breed", "age", "onset", "eating", "weight", "callback_number"})
"""Of these, 7 of 8 values that only the live words brought were right; of the others, none of 3."""
FIRST_HEARD_SHARE = 0.6
"""Of its confidence such a value keeps."""
SURE = 0.7
"""Mean word confidence from which a second hearing counts as sure: its words are then nine in ten right."""
FEW = 0.5
"""Below this share of the evidence's words in the second hearing it is a plainly different sentence."""
_UNSAID = frozenset({Status.NEGATED, Status.NOT_MEANT})


class TwoHearings:
    """What the client's words say in a call that is heard twice: :class:`CallUnderstanding`, of both hearings.

    Used by one thread. Without a second hearing it gives exactly what the understanding of the first gives.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._settled = CallUnderstanding(lexicon)
        self._first = CallUnderstanding(lexicon)
        """Hears every utterance as it was heard live; only numbers that were held back change in it."""
        self._raised_first: dict[str, FlagRaised] = {}
        """Flags that stand by the first hearing alone."""
        self._possible: dict[str, FlagRaised] = {}
        """Of them, those that the settled words no longer bring."""
        self._first_fields: dict[str, FieldSuggested] = {}
        self._from_first: set[str] = set()
        """Fields shown by the first hearing alone."""
        self._first_texts: dict[int, str] = {}
        self._again: dict[int, FinalTranscript] = {}

    def hear(self, transcript: PartialTranscript | FinalTranscript) -> list[Event]:
        """See :meth:`CallUnderstanding.hear`."""
        events = self._settled.hear(transcript)
        if isinstance(transcript, FinalTranscript):
            self._first_texts[transcript.utterance] = transcript.text
            self._follow(self._first.hear(transcript))
        return self._judged(events, transcript.at_s)

    def line(self, state: str) -> None:
        """See :meth:`CallUnderstanding.line`."""
        self._settled.line(state)
        self._first.line(state)

    def settle(self, at_s: float) -> list[Event]:
        """See :meth:`CallUnderstanding.settle`."""
        return self._judged(self._settled.settle(at_s), at_s)

    def revise(self, transcript: FinalTranscript) -> list[Event]:
        """See :meth:`CallUnderstanding.revise`. Empty words: the utterance could not be made out a second time."""
        events = self._settled.revise(transcript)
        self._again[transcript.utterance] = transcript
        return self._judged(events, transcript.at_s)

    def correct(self, transcript: FinalTranscript) -> list[Event]:
        """The first hearing's words of a closed utterance are otherwise; words that were settled since stand."""
        self._first_texts[transcript.utterance] = transcript.text
        self._follow(self._first.correct(transcript))
        again = transcript.utterance in self._again
        return self._judged([] if again else self._settled.correct(transcript), transcript.at_s)

    def _judged(self, events: list[Event], at_s: float) -> list[Event]:
        judged: list[Event] = []
        for event in events:
            match event:
                case FlagRaised():
                    self._possible.pop(event.category, None)
                    judged.append(self._doubted(event))
                case FlagWithdrawn():
                    first = self._raised_first.get(event.category)
                    once = first is not None and first.utterance in self._again
                    judged.append(self._heard_once(first, at_s) if once and first is not None else event)
                case FieldSuggested():
                    self._from_first.discard(event.field)
                    judged.append(event)
                case FieldRetracted():
                    judged.append(self._first_heard(event))
                case _:
                    judged.append(event)
        for name in [name for name in self._from_first if name not in self._first_fields]:
            self._from_first.discard(name)
            judged.append(FieldRetracted(at_s, name))
        for category, possible in list(self._possible.items()):
            first = self._raised_first.get(category)
            if first is None:
                del self._possible[category]
                judged.append(FlagWithdrawn(at_s, category, "A later statement took it back."))
            elif self._contradicted(possible):
                del self._possible[category]
                judged.append(FlagWithdrawn(at_s, category, self._both(possible)))
        return judged

    def _first_heard(self, retracted: FieldRetracted) -> Event:
        """What remains of a field that the settled words do not fill."""
        name = retracted.field
        first = self._first_fields.get(name)
        if first is None or name not in FIRST_HEARD_FIELDS or first.value == "other":
            return retracted
        self._from_first.add(name)
        return replace(first, at_s=retracted.at_s, confidence=round(first.confidence * FIRST_HEARD_SHARE, 3))

    def _doubted(self, flag: FlagRaised) -> FlagRaised:
        """The flag; only possible where it stands on words that the first hearing heard denied."""
        again = self._again.get(flag.utterance)
        if again is None or not again.words or flag.state is not FlagState.RAISED:
            return flag
        if flag.category in self._raised_first:
            return flag
        places = {flag.utterance}
        while (following := max(places) + 1) in self._again and not self._again[following].words:
            places.add(following)
        denied = any(
            mention.utterance in places and mention.concept in flag.concepts and mention.status in _UNSAID
            for mention in self._first.mentions()
        )
        if not denied:
            return flag
        return replace(flag, state=FlagState.PROVISIONAL, reason=self._both(flag), rule=HEARD_ONCE)

    def _heard_once(self, first: FlagRaised, at_s: float) -> Event:
        """What remains of a flag that the second hearing did not bring."""
        if self._contradicted(first):
            return FlagWithdrawn(at_s, first.category, self._both(first))
        flag = replace(first, at_s=at_s, state=FlagState.PROVISIONAL, reason=self._both(first), rule=HEARD_ONCE)
        self._possible[first.category] = flag
        return flag

    def _contradicted(self, flag: FlagRaised) -> bool:
        """Whether the second hearing denies the flag's words, or is surely another sentence."""
        again = self._again[flag.utterance]
        if any(
            mention.utterance == flag.utterance
            and mention.concept in flag.concepts
            and mention.status not in (Status.PRESENT, Status.UNCERTAIN)
            for mention in self._settled.mentions()
        ):
            return True
        if not again.words or sum(word.confidence for word in again.words) / len(again.words) < SURE:
            return False
        evidence, heard = flag.evidence.split(), set(again.text.split())
        return sum(word in heard for word in evidence) < FEW * len(evidence)

    def _follow(self, events: list[Event]) -> None:
        """Keep what the first hearing alone would show."""
        for event in events:
            match event:
                case FlagRaised():
                    self._raised_first[event.category] = event
                case FlagWithdrawn():
                    self._raised_first.pop(event.category, None)
                case FieldSuggested():
                    self._first_fields[event.field] = event
                case FieldRetracted():
                    self._first_fields.pop(event.field, None)
                case _:
                    pass

    def _both(self, flag: FlagRaised) -> str:
        again = self._again[flag.utterance].text
        heard_again = f"heard again as “{again}”" if again else "heard again without a clear result"
        return f"First heard as “{self._first_texts.get(flag.utterance, flag.evidence)}”, {heard_again}."
