"""One side's newest sound, not yet written: placed in call time, with its gaps, and cut into chunks."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice_triage.audio.resample import LARGEST_SLIP_S, at_rate
from voice_triage.audio.sound_chunk import CHUNK_S, Missing, SoundChunk, first_sample
from voice_triage.events import Block, Gap


@dataclass(slots=True)
class _Stretch:
    """Sound without a hole."""

    first: int
    """Number of its first sample in the call, at its own rate."""
    rate_hz: int
    pieces: list[NDArray[np.int16]]
    count: int = 0

    @property
    def start_s(self) -> float:
        return self.first / self.rate_hz

    @property
    def end_s(self) -> float:
        return (self.first + self.count) / self.rate_hz

    def between(self, start_s: float, end_s: float) -> tuple[int, NDArray[np.int16]]:
        """Sample number and samples of what lies in that time."""
        start = max(round(start_s * self.rate_hz), self.first)
        end = min(round(end_s * self.rate_hz), self.first + self.count)
        if len(self.pieces) > 1:
            self.pieces = [np.concatenate(self.pieces)]
        return start, self.pieces[0][start - self.first : max(end - self.first, start - self.first)]


class HeldSound:
    """Takes sound in, gives chunks out. Not thread-safe; used under the recorder's lock."""

    def __init__(self) -> None:
        self._stretches: deque[_Stretch] = deque()
        self._missing: list[Missing] = []
        self._silent: list[tuple[float, float]] = []
        """Call times that are to be silence, also where the sound is still to come."""
        self._rate_hz = 0
        self._next: int | None = None
        """Index of the next chunk to give out."""
        self.edge_s = 0.0
        """Call time up to which sound, or the lack of it, is known."""

    def hear(self, block: Block) -> None:
        """Place a block; small slips of a device's clock are followed, a hole is marked as missing."""
        if not len(block.samples):
            return
        last = self._stretches[-1] if self._stretches else None
        if last is not None and last.rate_hz == block.rate_hz and block.start_s - last.end_s <= LARGEST_SLIP_S:
            stretch = last
        else:
            if self._next is not None and block.start_s - self.edge_s > LARGEST_SLIP_S:
                self._missing.append(Missing(self.edge_s, block.start_s - self.edge_s, "Sound is missing."))
            first = round(max(block.start_s, last.end_s if last is not None else 0.0) * block.rate_hz)
            stretch = _Stretch(first, block.rate_hz, [])
            self._stretches.append(stretch)
        if self._next is None:
            self._next = math.floor(stretch.start_s / CHUNK_S)
            if first_sample(self._next + 1, stretch.rate_hz) <= stretch.first:  # at an odd rate, half a sample early
                self._next += 1
        # A copy: a source may use its buffer again while the sound is held.
        stretch.pieces.append(block.samples.copy())
        stretch.count += len(block.samples)
        self.edge_s = max(self.edge_s, stretch.end_s)

    def miss(self, gap: Gap) -> None:
        """Mark missing sound."""
        if self._next is None:
            self._next = math.floor(gap.start_s / CHUNK_S)
        self._missing.append(Missing(gap.start_s, gap.duration_s, gap.reason))
        self.edge_s = max(self.edge_s, gap.start_s + gap.duration_s)

    def blank(self, start_s: float, end_s: float, reason: str) -> float:
        """Make what lies in that time silence, marked with the reason; returns from when on that was still possible."""
        begin_s = max(start_s, self._next * CHUNK_S) if self._next is not None else start_s
        if end_s <= begin_s:
            return begin_s
        for stretch in self._stretches:
            # Outwards to whole samples: none that must go may stay.
            start = max(math.floor(begin_s * stretch.rate_hz), stretch.first) - stretch.first
            end = min(math.ceil(end_s * stretch.rate_hz), stretch.first + stretch.count) - stretch.first
            if end > start:
                stretch.pieces = [np.concatenate(stretch.pieces)]
                stretch.pieces[0][start:end] = 0
        self._silent.append((begin_s, end_s))
        self._missing.append(Missing(begin_s, end_s - begin_s, reason))
        return begin_s

    def ready(self, upto_s: float) -> list[SoundChunk]:
        """The whole chunks that end by ``upto_s``; they are given out once."""
        chunks = []
        while self._next is not None and (self._next + 1) * CHUNK_S <= min(upto_s, self.edge_s):
            chunks.append(self._cut(self._next, (self._next + 1) * CHUNK_S))
            self._next += 1
        self._forget()
        return chunks

    def rest(self, upto_s: float = math.inf) -> list[SoundChunk]:
        """Everything up to ``upto_s``, the last chunk as short as it is."""
        chunks = self.ready(upto_s)
        end_s = min(upto_s, self.edge_s)
        if self._next is not None and end_s > self._next * CHUNK_S and self._rate():
            last = self._cut(self._next, end_s)
            chunks += [last] if len(last.samples) else []
            self._next += 1
        return chunks

    def _rate(self) -> int:
        """The rate of the sound that is next; a gap goes on with the one before it."""
        if self._stretches:
            self._rate_hz = self._stretches[0].rate_hz
        return self._rate_hz

    def _cut(self, index: int, end_s: float) -> SoundChunk:
        start_s = index * CHUNK_S
        inside = [each for each in self._stretches if each.start_s < end_s and each.end_s > start_s]
        rate_hz = inside[0].rate_hz if inside else (self._rate() or 16_000)
        self._rate_hz = rate_hz
        first = first_sample(index, rate_hz)
        whole = first_sample(index + 1, rate_hz) - first
        samples = np.zeros(min(whole, round(end_s * rate_hz) - first), dtype=np.int16)
        for stretch in inside:
            start, sound = stretch.between(start_s, end_s)
            if stretch.rate_hz != rate_hz:  # the device changed its rate within this half second
                start = round(start * rate_hz / stretch.rate_hz)
                sound = at_rate(sound, stretch.rate_hz, rate_hz)
            place = max(start - first, 0)
            sound = sound[: max(len(samples) - place, 0)]
            samples[place : place + len(sound)] = sound
        for silent_s, over_s in self._silent:
            samples[max(math.floor(silent_s * rate_hz) - first, 0) : max(math.ceil(over_s * rate_hz) - first, 0)] = 0
        missing = tuple(
            Missing(max(each.start_s, start_s), _overlap(each, start_s, end_s), each.reason)
            for each in self._missing
            if _overlap(each, start_s, end_s) > 0
        )
        return SoundChunk(index, rate_hz, samples, missing)

    def _forget(self) -> None:
        """Let go of what was given out."""
        if self._next is None:
            return
        done_s = self._next * CHUNK_S
        # The newest stretch stays, however old: the next block may follow it.
        while len(self._stretches) > 1 and self._stretches[0].end_s <= done_s:
            self._rate_hz = self._stretches.popleft().rate_hz
        for stretch in self._stretches:
            cut = round(done_s * stretch.rate_hz) - stretch.first
            if cut > 0:
                rest = np.concatenate(stretch.pieces)[cut:] if stretch.pieces else np.empty(0, dtype=np.int16)
                stretch.first += min(cut, stretch.count)
                stretch.count = len(rest)
                stretch.pieces = [rest.copy()]
        self._missing = [each for each in self._missing if each.start_s + each.duration_s > done_s]
        self._silent = [each for each in self._silent if each[1] > done_s]


def _overlap(missing: Missing, start_s: float, end_s: float) -> float:
    return min(missing.start_s + missing.duration_s, end_s) - max(missing.start_s, start_s)
