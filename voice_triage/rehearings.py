"""One call's second hearings: what is out, when each answer counts, and the events that it brings."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable

from voice_triage.clock import Clock
from voice_triage.events import Event, FinalTranscript, Outcome, Side, StageFailed, UtteranceReheard, Word
from voice_triage.second_hearing import SUPERSEDED, Answer, SecondHearing
from voice_triage.speech.careful import Rehearing, believable, surely_spoken
from voice_triage.speech.word_times import timed
from voice_triage.stretches import Stretch


class Rehearings:
    """Used by the call's understanding thread alone; ``deliver`` may be called from any.

    Live, answers come when they come, by ``deliver``. Otherwise each is heard at once, and counts from the call time
    at which it would have come: when the one before it was done, plus the computing time it took.
    """

    def __init__(self, second: SecondHearing, clock: Clock, deliver: Callable[[Answer], None]) -> None:
        self.compute_s = 0.0
        """Computing time of all answers taken so far."""
        self._second = second
        self._clock = clock
        self._deliver = deliver
        self._out: dict[tuple[int, ...], Stretch] = {}
        self._known: deque[tuple[Answer, float]] = deque()
        """Answers heard at once, and the call time from which each counts, in order."""
        self._free_s = 0.0
        self._told: set[str] = set()
        self._settled: set[int] = set()

    @property
    def out(self) -> bool:
        """Whether an answer is still to come by ``deliver``."""
        return bool(self._out)

    def ask(self, stretches: Iterable[Stretch], at_s: float) -> None:
        """Have stretches heard that were cut at call time ``at_s``."""
        for stretch in stretches:
            if self._clock.live:
                self._out[stretch.utterances] = stretch
                self._second.ask(stretch, self._deliver)
                continue
            answers: list[Answer] = []
            self._second.ask(stretch, answers.append)
            for answer in answers:
                self._free_s = self._clock.ready(at_s, self._free_s, answer.compute_s)
                self._known.append((answer, self._free_s))

    def due(self, until_s: float) -> list[tuple[Answer, float]]:
        """Answers that count before call time ``until_s``, each with its time."""
        due = []
        while self._known and self._known[0][1] <= until_s:
            due.append(self._known.popleft())
        return due

    def give_up(self) -> list[Answer]:
        """What is still out is skipped: its live words stand. An answer that comes later is not looked at."""
        return [Answer(stretch, None, code="behind") for stretch in self._out.values()]

    def events(self, answer: Answer) -> list[Event]:
        """What an answer brings to the log, ``at_s`` to be set when it is shown."""
        stretch, rehearing = answer.stretch, answer.rehearing
        self._out.pop(stretch.utterances, None)
        self.compute_s += answer.compute_s
        if answer.code == SUPERSEDED:
            return []
        if rehearing is None:
            missed = [index for index in stretch.utterances if index not in self._settled] if stretch.live else []
            skipped = [self._reheard(stretch, index, Outcome.SKIPPED) for index in missed[-1:]]
            return [*skipped, *(self._tell(answer.code) if skipped else [])]
        words = timed(rehearing.text, stretch.live, rehearing.speech, confidence_of(rehearing))
        if not words or not believable(rehearing, stretch.live):
            # What was settled of a part of it stands.
            unclear = [index for index in stretch.utterances if index not in self._settled] if stretch.live else []
            outcome = Outcome.KEPT if surely_spoken(stretch.live) else Outcome.DOUBTED
            return [self._reheard(stretch, index, outcome, words) for index in unclear]
        first, *others = stretch.utterances
        self._settled.update(stretch.utterances)
        return [
            self._reheard(stretch, first, Outcome.SETTLED, words),
            *(self._reheard(stretch, index, Outcome.JOINED) for index in others),
        ]

    def _reheard(
        self, stretch: Stretch, utterance: int, outcome: Outcome, words: tuple[Word, ...] = ()
    ) -> UtteranceReheard:
        spoken = words or stretch.live
        start_s, end_s = (spoken[0].start_s, spoken[-1].end_s) if spoken else (stretch.start_s, stretch.end_s)
        text = " ".join(word.text for word in words)
        return UtteranceReheard(0.0, Side.CLIENT, utterance, outcome, words, text, start_s, end_s, self._second.name)

    def _tell(self, code: str) -> list[Event]:
        if code in self._told:
            return []
        self._told.add(code)
        advice = "This sentence was heard only once, so more of its words may be wrong. Go by what you hear yourself."
        if code in ("behind", "too_slow"):
            advice = f"This computer does not keep up with hearing everything twice. {advice}"
        return [StageFailed(0.0, "careful ear", code, advice)]


def settled(reheard: UtteranceReheard) -> FinalTranscript | None:
    """What is understood of an utterance from now on; None if that does not change.

    Nothing, where its words have moved to another utterance or could not be made out a second time.
    """
    if reheard.outcome in (Outcome.SKIPPED, Outcome.KEPT):
        return None
    words = reheard.words if reheard.outcome is Outcome.SETTLED else ()
    return FinalTranscript(
        reheard.at_s,
        reheard.side,
        reheard.utterance,
        words,
        " ".join(word.text for word in words),
        reheard.start_s,
        reheard.end_s,
        reheard.heard_by,
    )


def confidence_of(rehearing: Rehearing) -> float:
    """The geometric mean of the tokens' probabilities, for every word: the engine tells none of single words."""
    return round(min(1.0, math.exp(rehearing.avg_logprob)), 3)
