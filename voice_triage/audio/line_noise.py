"""How far the client's voice stands out of the line's noise."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from voice_triage.events import Block

PIECE_S = 0.1
"""Length of the pieces whose levels are compared: shorter than a word, so that the pauses between words count."""
NOISE_WINDOW_S, NOISE_SHARE = 20.0, 0.2
"""The noise is the level that this share of the last 20 s stays below: nobody speaks without pauses."""
VOICE_SHARE, VOICE_MEMORY_S = 0.9, 120.0
"""The voice is the level that a tenth of the last 20 s exceeds, or of any 20 s before within this time: while the CSR
speaks, the client is silent but the line is no worse."""
EVERY_S = 1.0


class VoiceToNoise:
    """The ratio of voice to noise on one side's line, from the levels of its pieces.

    On the development calls it is 2 to 6 dB more than the ratio that they were mixed with, for steady noise; noise that
    comes and goes (a barking dog) is not seen.
    """

    def __init__(self) -> None:
        self._pieces: deque[float] = deque(maxlen=round(NOISE_WINDOW_S / PIECE_S))
        self._voices: deque[float] = deque(maxlen=round(VOICE_MEMORY_S / EVERY_S))
        self._count, self._power = 0, 0.0
        self._new = 0
        self.ratio_db: float | None = None
        """None until the first 20 s were heard."""

    def process(self, block: Block) -> None:
        """Take in a block of any length."""
        size = max(1, round(PIECE_S * block.rate_hz))
        at = 0
        while at < len(block.samples):
            part = block.samples[at : at + size - self._count].astype(np.float64)
            at += len(part)
            self._count += len(part)
            self._power += float(part @ part)
            if self._count == size:
                self._take(10 * math.log10(max(self._power / size, 1.0) / 32768**2))
                self._count, self._power = 0, 0.0

    def _take(self, level_db: float) -> None:
        self._pieces.append(level_db)
        self._new += 1
        if len(self._pieces) < NOISE_WINDOW_S / PIECE_S or self._new < EVERY_S / PIECE_S:
            return
        self._new = 0
        ordered = sorted(self._pieces)
        self._voices.append(ordered[int(VOICE_SHARE * len(ordered))])
        self.ratio_db = max(self._voices) - ordered[int(NOISE_SHARE * len(ordered))]
