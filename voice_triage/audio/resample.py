"""Resampling: any rate to the 16 kHz that the recognizer wants, as one continuous stream."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from voice_triage.events import Block, Side
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ

QUALITY = "HQ"
"""SNR above 130 dB for under 0.1 % of real time (``capture.md``); filtering each block by itself gives 28 to 41 dB."""
LARGEST_SLIP_S = 0.05
"""Blocks may come this far off the time that their predecessors promise (a device's clock); more is an untold gap."""


class Resampler:
    """One side's sound at 16 kHz.

    The filter holds back some 10 to 120 ms, so a block's worth of sound comes with a later block; its call time is
    right nevertheless. What is held back comes with :meth:`flush`, before a gap and at the end of the call.
    Sound that already has 16 kHz passes unchanged. Not thread-safe.
    """

    def __init__(self) -> None:
        self._stream: soxr.ResampleStream | None = None
        self._rate_hz = 0
        self._side = Side.CLIENT
        self._start_s = 0.0
        self._taken = 0
        self._given = 0

    def process(self, block: Block) -> Block:
        """The next sound at 16 kHz, of any length, also none.

        The first block, and the first after :meth:`flush` or :meth:`clear`, sets rate, side and time.
        Raises ValueError if a later one has another rate or side, or does not follow its predecessor.
        """
        if self._taken == 0:
            self._begin(block)
        if (block.rate_hz, block.side) != (self._rate_hz, self._side):
            raise ValueError("the sound's rate or side changed within a stream: flush the resampler first")
        slip_s = block.start_s - (self._start_s + self._taken / self._rate_hz)
        if abs(slip_s) > LARGEST_SLIP_S:
            raise ValueError(f"a block comes {slip_s:+.3f} s off its predecessor's end: flush the resampler at a gap")
        # Followed, not averaged: the device's time is right, and words may be a few milliseconds off for a moment.
        self._start_s += slip_s
        self._taken += len(block.samples)
        if self._stream is None:
            return self._placed(block.samples)
        return self._placed(_to_int16(self._stream.resample_chunk(_to_float(block.samples))))

    def flush(self) -> Block | None:
        """What the filter held back, and the end of the stream; None if it held nothing back."""
        held: Block | None = None
        if self._stream is not None and self._taken:
            rest = _to_int16(self._stream.resample_chunk(np.empty(0, dtype=np.float32), last=True))
            held = self._placed(rest) if len(rest) else None
        self.clear()
        return held

    def clear(self) -> None:
        """Forget what is held back: the next block begins a new stream."""
        self._stream = None
        self._taken = 0
        self._given = 0

    def _begin(self, block: Block) -> None:
        self._rate_hz = block.rate_hz
        self._side = block.side
        self._start_s = block.start_s
        self._given = 0
        # float32, not int16: soxr adds dither to whole numbers, different in every run.
        self._stream = (
            None
            if block.rate_hz == SAMPLE_RATE_HZ
            else soxr.ResampleStream(block.rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32", quality=QUALITY)
        )

    def _placed(self, samples: NDArray[np.int16]) -> Block:
        start_s = self._start_s + self._given / SAMPLE_RATE_HZ
        self._given += len(samples)
        return Block(self._side, start_s, samples, SAMPLE_RATE_HZ)


def at_rate(samples: NDArray[np.int16], from_hz: int, to_hz: int) -> NDArray[np.int16]:
    """A finished stretch of sound at another rate."""
    if from_hz == to_hz:
        return samples
    return _to_int16(np.asarray(soxr.resample(_to_float(samples), from_hz, to_hz, quality=QUALITY)))


def _to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32768)


def _to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    whole: NDArray[np.int16] = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype(np.int16)
    return whole
