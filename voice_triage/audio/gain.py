"""Automatic gain for quiet callers: what the recognizer hears, never what is recorded.

Speech 30 dB too quiet doubles the recognizer's errors; nothing but a healthy level helps it (``speech.md``). So a quiet
voice is lifted, and sound at a healthy level passes unchanged, bit by bit. The gain follows the speech alone: it stands
still in pauses, so that their noise is not pumped up, and sound much weaker than the voice before it (babble behind a
silent caller) counts as a pause too. A bark or a door is no voice that became loud: it is held below full scale
while it lasts, and the gain stays. Measured in ``docs/hearing.md``.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from voice_triage.speech.recognizer import SAMPLE_RATE_HZ

TARGET_DB = -14.0
"""Peaks of speech after the gain, dB relative to full scale: those of the development calls have -7 to -15 (the loudest
twentieth of their pieces)."""
QUIET_DB, HEALTHY_DB = -28.0, -24.0
"""Below the first the gain begins, above the second it ends. On lines at an ordinary level the voice has -8 to -20,
on the three quietest of the development calls -24."""
MOST_DB = 36.0
"""Sound that needs more has so few steps left that nothing helps it."""
ABOVE_NOISE_DB = 7.0
"""Speech has this much more than the line's noise; of the development calls, three have less than 12 dB."""
NOISE_RISES_DB_PER_S = 2.0
"""How fast the noise is taken to rise while nothing quieter is heard; words have pauses, a new noise has none."""
NOTHING_DB = -75.0
"""Below it there is neither speech nor noise but a digital line at rest."""
PIECE_S, MEMORY_S, NEEDED_S = 0.1, 5.0, 1.0
"""Length of the pieces that are judged; how much speech the level is taken from; and from how much on."""
LOUD_SHARE = 0.8
"""The voice's level is the peak that this share of its pieces stay below: one bark does not move it."""
FAR_BELOW_DB, OTHER_VOICE_S = 15.0, 8.0
"""Sound this far below the voice is background, unless so much of it comes without the voice."""
CEILING_DB = -1.0
"""Nothing is lifted beyond it."""
_FULL_SCALE = 32768.0


class SpeechGain:
    """One side's gain at 16 kHz. Not thread-safe."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, float]] = deque()  # seconds, peak in dB, of speech
        self._noise_db: float | None = None
        self._background_s = 0.0
        self._lifting = False
        self._gain_db = 0.0

    @property
    def gain_db(self) -> float:
        """The gain at the end of what was processed; 0 where sound passes unchanged."""
        return self._gain_db

    def process(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """``samples`` (shape (n,), 16 kHz) at the level the recognizer needs; the same array if nothing is changed."""
        size = round(PIECE_S * SAMPLE_RATE_HZ)
        if len(samples) <= size:
            return self._piece(samples) if len(samples) else samples
        return np.concatenate([self._piece(samples[at : at + size]) for at in range(0, len(samples), size)])

    def _piece(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        wide = samples.astype(np.float64)
        peak = float(np.max(np.abs(wide)))
        before_db = self._gain_db
        if peak > 0 and self._is_speech(wide, len(samples) / SAMPLE_RATE_HZ, _db(peak)):
            self._gain_db = self._wanted_db()
        if before_db == 0.0 == self._gain_db:
            return samples
        ramp = np.linspace(before_db, self._gain_db, len(samples))
        lifted = wide * 10 ** (ramp / 20)
        highest, ceiling = float(np.max(np.abs(lifted))), max(peak, _FULL_SCALE * 10 ** (CEILING_DB / 20))
        if highest > ceiling:
            lifted *= ceiling / highest
        held: NDArray[np.int16] = np.clip(np.rint(lifted), -32768, 32767).astype(np.int16)
        return held

    def _is_speech(self, wide: NDArray[np.float64], length_s: float, peak_db: float) -> bool:
        """Whether the piece is the voice, whose level is then taken from it too."""
        level_db = _db(math.sqrt(float(wide @ wide) / len(wide)))
        if level_db < NOTHING_DB:
            return False
        if self._noise_db is None or level_db < self._noise_db:
            self._noise_db = level_db
        else:
            self._noise_db = min(level_db, self._noise_db + NOISE_RISES_DB_PER_S * length_s)
        if level_db < self._noise_db + ABOVE_NOISE_DB:
            return False
        if self._pieces and peak_db < self._voice_db() - FAR_BELOW_DB:
            self._background_s += length_s
            if self._background_s < OTHER_VOICE_S:
                return False
            self._pieces.clear()
        elif self._background_s and peak_db > self._voice_db() - FAR_BELOW_DB / 2:
            self._background_s = 0.0
        self._pieces.append((length_s, peak_db))
        total_s = sum(length for length, _ in self._pieces)
        while total_s - self._pieces[0][0] >= MEMORY_S:
            total_s -= self._pieces.popleft()[0]
        return total_s >= NEEDED_S

    def _voice_db(self) -> float:
        peaks = sorted(peak for _, peak in self._pieces)
        return peaks[min(len(peaks) - 1, int(LOUD_SHARE * len(peaks)))]

    def _wanted_db(self) -> float:
        voice_db = self._voice_db()
        self._lifting = voice_db < (HEALTHY_DB if self._lifting else QUIET_DB)
        return min(MOST_DB, TARGET_DB - voice_db) if self._lifting else 0.0


def _db(amplitude: float) -> float:
    return 20 * math.log10(max(amplitude, 1e-3) / _FULL_SCALE)
