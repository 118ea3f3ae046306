"""The client's finished sound, cut into the stretches that the careful ear hears again.

One ends where the live recognizer closes an utterance; everything since the last cut belongs to it, also speech before
it that the live recognizer was deaf to. Where that goes on without any word, a stretch without live words is cut.

Cuts touch, so no word is heard into two stretches. But the live recognizer also closes in the middle of a sentence,
now and then of a word: what follows such a cut is heard together with what came before it, and the longer stretch
replaces the shorter one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from voice_triage.events import Block, FinalTranscript, Word
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ

LONGEST_S = 29.0
"""What the careful ear hears at once; of longer sound without a cut the end counts."""
UNHEARD_S = 6.0
"""So much sound without a live word is looked through by itself."""
SHORTEST_S = 0.5
JOINED_S = 0.6
"""Words that begin this soon after a cut go on with what was said before it."""
LONGEST_JOINED_S = 20.0
LOUD = 0.4
"""A cut is in the midst of speech where it is louder than this share of the stretch's loud moments: line noise is
below a quarter of them at the 12 dB that a bad line has."""
_CUT_WITHIN_S = 2.0
_FRAME_S = 0.1
"""Sound without words is cut at the quietest such moment of its last two seconds: speech may be going on."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the client's sound to be heard again."""

    utterances: tuple[int, ...]
    """Indices of the utterances that it holds: its words settle the first, and the others become part of that."""
    start_s: float
    """Call time of the first sample."""
    samples: NDArray[np.int16] = field(repr=False)
    """Shape (n,), 16 kHz."""
    live: tuple[Word, ...] = field(repr=False)
    """What the live recognizer heard in it, maybe nothing."""

    @property
    def end_s(self) -> float:
        """Call time just after the last sample."""
        return self.start_s + len(self.samples) / SAMPLE_RATE_HZ

    def replaces(self, other: Stretch) -> bool:
        """Whether this is ``other`` with what was said after it."""
        return self.utterances[: len(other.utterances)] == other.utterances


class Stretches:
    """Keeps one side's sound, at 16 kHz, until it is cut. Used by one thread; at most two megabytes."""

    def __init__(self, numbers: Iterator[int]) -> None:
        """``numbers`` gives the indices of utterances, for stretches without live words."""
        self._numbers = numbers
        self._blocks: deque[Block] = deque()
        self._kept = 0
        self._last: Stretch | None = None
        """The stretch before, if nothing is missing between it and what is kept."""
        self._ready: list[Stretch] = []

    def add(self, sound: Block) -> None:
        """Keep a block that follows the one before; after :meth:`end` any may come."""
        if not len(sound.samples):
            return
        self._blocks.append(sound)
        self._kept += len(sound.samples)
        while self._kept > LONGEST_S * SAMPLE_RATE_HZ:
            self._kept -= len(self._blocks.popleft().samples)
            self._last = None

    def close(self, final: FinalTranscript) -> None:
        """The live recognizer closed an utterance: all sound kept is its stretch."""
        self._cut(self._kept, final.utterance, final.words)

    def idle(self) -> None:
        """No utterance is open: a long piece of sound without words is cut off."""
        if self._kept < UNHEARD_S * SAMPLE_RATE_HZ:
            return
        loudness = _loudness(self._samples())
        first = len(loudness) - round(_CUT_WITHIN_S / _FRAME_S)
        quietest = first + int(np.argmin(loudness[first:]))
        count = round((quietest + 0.5) * _FRAME_S * SAMPLE_RATE_HZ)
        self._cut(count, next(self._numbers), ())

    def end(self) -> None:
        """Hang-up or gap: what is left is cut off, and what comes does not follow it."""
        if self._kept >= SHORTEST_S * SAMPLE_RATE_HZ:
            self._cut(self._kept, next(self._numbers), ())
        self._blocks.clear()
        self._kept = 0
        self._last = None

    def take(self) -> list[Stretch]:
        """The stretches cut since the last time, in order; each that replaces another comes after it."""
        ready, self._ready = self._ready, []
        return ready

    def _samples(self) -> NDArray[np.int16]:
        return np.concatenate([block.samples for block in self._blocks])

    def _cut(self, count: int, utterance: int, live: tuple[Word, ...]) -> None:
        if not self._blocks:
            return
        sound, start_s = self._samples(), self._blocks[0].start_s
        side, rate_hz = self._blocks[0].side, self._blocks[0].rate_hz
        stretch = Stretch((utterance,), start_s, sound[:count], live)
        if self._last is not None and _goes_on(self._last, stretch):
            last = self._last
            joined = np.concatenate([last.samples, stretch.samples])
            stretch = Stretch((*last.utterances, utterance), last.start_s, joined, (*last.live, *live))
        self._last = stretch
        self._ready.append(stretch)
        self._blocks.clear()
        self._kept = 0
        if count < len(sound):
            self.add(Block(side, start_s + count / SAMPLE_RATE_HZ, sound[count:], rate_hz))


def _goes_on(last: Stretch, stretch: Stretch) -> bool:
    """Whether ``stretch`` goes on with what was being said when ``last`` was cut off."""
    if stretch.end_s - last.start_s > LONGEST_JOINED_S:
        return False
    if last.live and stretch.live and stretch.live[0].start_s - last.live[-1].end_s < JOINED_S:
        return True
    before, after = _loudness(last.samples), _loudness(stretch.samples)
    if not len(before) or not len(after):
        return False
    loud = float(np.percentile(np.concatenate([before, after]), 90))
    return min(float(before[-1]), float(after[0])) > LOUD * loud > 0


def _loudness(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    """Root mean square of each frame of ``_FRAME_S``, shape (frames,)."""
    step = round(_FRAME_S * SAMPLE_RATE_HZ)
    frames = sound[: len(sound) // step * step].astype(np.float32).reshape(-1, step)
    loudness: NDArray[np.float32] = np.sqrt((frames**2).mean(axis=1))
    return loudness
