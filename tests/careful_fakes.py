"""Scripted stand-ins for the careful ear."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voice_triage.events import Word
from voice_triage.second_hearing import Answer, Ask, SecondHearing
from voice_triage.speech.careful import CarefulEar, Rehearing
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ
from voice_triage.stretches import Stretch


def rehearing(text: str, *, avg_logprob: float = -0.1, no_speech_prob: float = 0.05) -> Rehearing:
    """What a careful ear heard well, in three seconds of voice for every five words."""
    words = tuple(text.split())
    return Rehearing(words, ((0.0, 0.6 * len(words)),) if words else (), avg_logprob, no_speech_prob)


class ScriptedEar:
    """A :class:`CarefulEar` that hears the scripted text for the call time at which a stretch ends, else nothing.

    An exception in place of a text is raised. With ``gate`` it hears nothing before that is set.
    """

    name = "scripted careful"

    def __init__(
        self, script: Mapping[float, str | Rehearing | Exception], gate: threading.Event | None = None
    ) -> None:
        self.asked: list[tuple[float, float]] = []
        """Call times of the stretches heard, in order."""
        self.closed = False
        self.began = threading.Event()
        self._script = script
        self._gate = gate

    def rehear(self, samples: NDArray[np.int16], start_s: float, live: tuple[Word, ...] = ()) -> Rehearing:
        end_s = round(start_s + len(samples) / SAMPLE_RATE_HZ, 3)
        self.asked.append((round(start_s, 3), end_s))
        self.began.set()
        if self._gate is not None:
            self._gate.wait()
        said = self._script.get(end_s, "")
        if isinstance(said, Exception):
            raise said
        return rehearing(said) if isinstance(said, str) else said

    def close(self) -> None:
        self.closed = True


class ScriptedHearing:
    """A :class:`SecondHearing` that answers at once with scripted computing times; ``None`` never answers."""

    name = "scripted careful"
    on = True

    def __init__(self, ear: CarefulEar, compute_s: float | None = 0.5) -> None:
        self._ear = ear
        self._compute_s = compute_s

    def ask(self, stretch: Stretch, answer: Ask) -> None:
        if self._compute_s is not None:
            answer(Answer(stretch, self._ear.rehear(stretch.samples, stretch.start_s, stretch.live), self._compute_s))

    def close(self) -> None:
        self._ear.close()


if TYPE_CHECKING:  # the type checker holds the fakes to the protocols
    _ear: CarefulEar = ScriptedEar({})
    _hearing: SecondHearing = ScriptedHearing(_ear)
