"""Scripted stand-ins that implement the real protocols: what they give, and when, is written in the test."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voice_triage.audio.source import AudioSource
from voice_triage.events import Block, Gap, Side, Word
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ, Heard, Recognizer


def silence(start_s: float, duration_s: float, *, rate_hz: int = SAMPLE_RATE_HZ, side: Side = Side.CLIENT) -> Block:
    """One block of digital silence."""
    return Block(side, start_s, np.zeros(round(duration_s * rate_hz), dtype=np.int16), rate_hz)


def silent_blocks(duration_s: float, *, block_ms: int = 100, rate_hz: int = SAMPLE_RATE_HZ) -> list[Block]:
    """The client's silence from 0 to ``duration_s``, in blocks as a real source would cut it."""
    count = round(duration_s * 1000 / block_ms)
    return [silence(i * block_ms / 1000, block_ms / 1000, rate_hz=rate_hz) for i in range(count)]


def words(text: str, start_s: float = 0.0, *, word_s: float = 0.3, confidence: float = 1.0) -> tuple[Word, ...]:
    """The words of ``text``, ``word_s`` long each and without pauses between them."""
    return tuple(
        Word(word, start_s + i * word_s, start_s + (i + 1) * word_s, confidence) for i, word in enumerate(text.split())
    )


def partial(text: str, start_s: float = 0.0, *, word_s: float = 0.3) -> Heard:
    """The open utterance as heard so far."""
    return Heard(words(text, start_s, word_s=word_s), final=False)


def final(text: str, start_s: float = 0.0, *, word_s: float = 0.3, confidence: float = 1.0) -> Heard:
    """A closed utterance; an empty text closes one that turned out to hold no words."""
    return Heard(words(text, start_s, word_s=word_s, confidence=confidence), final=True)


class ScriptedSource:
    """An :class:`AudioSource` that yields given blocks and gaps, at once, and raises given errors in their place.

    With ``hold`` the call stays open after the last item, until :meth:`stop`: a caller who has not hung up yet.
    """

    def __init__(
        self, script: Iterable[Block | Gap | Exception], *, name: str = "scripted", hold: bool = False
    ) -> None:
        self.name = name
        self.script = tuple(script)
        self.sample_rate_hz = next((b.rate_hz for b in self.script if isinstance(b, Block)), SAMPLE_RATE_HZ)
        self.closed = False
        self.delivered: list[Block | Gap] = []
        """What was taken so far, for assertions about state."""
        self._hold = hold
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[Block | Gap]:
        for item in self.script:
            if self._stopped.is_set():
                return
            if isinstance(item, Exception):
                raise item
            self.delivered.append(item)
            yield item
        if self._hold:
            self._stopped.wait()

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self._stopped.set()
        self.closed = True


class ScriptedRecognizer:
    """A :class:`Recognizer` that hears given words at given call times, whatever the sound.

    ``script`` holds (call time, result) in order; a result is given by the first block that reaches its time. Of
    several that are due at once, partials give way to what follows and finals come one per block: none is lost.
    ``at_finish`` holds what successive calls of :meth:`finish` give, before which finals still due come first.
    An exception in place of a result is raised.
    """

    def __init__(
        self,
        script: Iterable[tuple[float, Heard | Exception]] = (),
        *,
        at_finish: Iterable[Heard | Exception | None] = (),
        name: str = "scripted",
    ) -> None:
        self.name = name
        self.fed: list[tuple[float, int]] = []
        """Call time and number of samples of every block accepted, for assertions about state."""
        self.finished = 0
        self.closed = False
        self._script = list(script)
        self._at_finish = list(at_finish)

    def accept(self, samples: NDArray[np.int16], start_s: float) -> Heard | None:
        if samples.dtype != np.int16 or samples.ndim != 1:
            raise TypeError(f"a recognizer takes int16 of shape (n,), not {samples.dtype} of shape {samples.shape}")
        self.fed.append((start_s, len(samples)))
        return self._next_due(start_s + len(samples) / SAMPLE_RATE_HZ)

    def finish(self) -> Heard | None:
        self.finished += 1
        reached = max((start + count / SAMPLE_RATE_HZ for start, count in self.fed), default=0.0)
        heard = self._next_due(reached)
        if heard is not None and heard.final:
            return heard
        if self._at_finish:
            return _given(self._at_finish.pop(0))
        return None

    def close(self) -> None:
        self.closed = True

    def _next_due(self, now_s: float) -> Heard | None:
        heard: Heard | None = None
        # 1e-9: sums of block lengths fall short of the round times that tests write.
        while self._script and self._script[0][0] <= now_s + 1e-9 and (heard is None or not heard.final):
            heard = _given(self._script.pop(0)[1])
        return heard


def _given(result: Heard | Exception | None) -> Heard | None:
    if isinstance(result, Exception):
        raise result
    return result


if TYPE_CHECKING:  # the type checker holds the fakes to the protocols
    _source: AudioSource = ScriptedSource(())
    _recognizer: Recognizer = ScriptedRecognizer()
