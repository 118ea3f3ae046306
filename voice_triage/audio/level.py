"""The line's level: whether the client can be heard well, told in words that help the CSR."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from voice_triage.audio.line_noise import VoiceToNoise
from voice_triage.events import Block, LineChanged

WINDOW_S = 1.0
"""Stretch over which the level is taken."""
FLOOR_DB = -96.0
"""Told for digital silence; 16 bits reach no lower."""
SILENT_DB, HEARD_DB = -65.0, -60.0
"""Below the first nothing is on the line, above the second something is. Noise of telephone lines: -41 to -58 dB; a
digital line at rest: -84 dB and less (the development calls, ``eval/audio``)."""
SILENT_AFTER_S = 8.0
"""Longer than most turns of the CSR, during which a digital line is silent and all is well."""
QUIET_DB, LOUD_ENOUGH_DB = -57.0, -53.0
"""The loudest second of the development calls has -34 to -19 dB. Made 30 dB quieter, the recognizer heard them as well
as before, with its gain; 40 dB quieter, a quarter more of the words were wrong (``docs/hearing.md``)."""
QUIET_WINDOW_S, QUIET_AFTER_S = 60.0, 10.0
"""The loudest second of the last 60 s is the client's speech and not a pause, however long the CSR speaks; before 10 s
there may have been none."""
FULL_SCALE = 32000
"""mu-law reaches no further than 32124 of 32767."""
CLIPPING_SHARE, CLIPPING_HOLD_S = 0.005, 3.0
"""Share of samples at full scale in one second: peaks that just touch it stay below, overdriven speech is far above."""
NOISY_DB, CLEAR_DB = 16.0, 19.0
"""Voice to noise. Of the development calls six come below the first: 35 to 97 % of their words were wrong (median 72);
of the others, 2 to 88 % (median 17)."""
TOLD_EVERY_S, TOLD_FROM_DB = 0.5, 1.0
"""A change of level alone is told this often at most, and from this size on, for the console's meter."""


class LineLevel:
    """The level of one side's line, and its state: ``good``, ``quiet``, ``noisy``, ``silent`` or ``clipping``.

    A state is left at another level than it is entered at, and held for a while, so that it does not flicker.
    """

    def __init__(self) -> None:
        self._state = "good"
        self._told: LineChanged | None = None
        self.restart()

    def restart(self) -> None:
        """Forget the sound so far: after a gap, what was before says nothing about the line."""
        self._window: deque[tuple[int, float, int]] = deque()  # samples, sum of squares, samples at full scale
        self._levels: deque[tuple[float, float]] = deque()  # end of the block, level then
        self._first_s: float | None = None
        self._heard_s: float | None = None
        self._clipped_s: float | None = None
        self._noise = VoiceToNoise()

    def process(self, block: Block) -> LineChanged | None:
        """The level after this block, if it is worth telling: a new state at once, a new level now and then."""
        if len(block.samples) == 0:
            return None
        if self._first_s is None:
            self._first_s = self._heard_s = block.start_s
        level_db, clipped_share = self._measure(block)
        self._noise.process(block)
        now_s = block.end_s
        if level_db >= (SILENT_DB if self._state != "silent" else HEARD_DB):
            self._heard_s = now_s
        if clipped_share >= CLIPPING_SHARE:
            self._clipped_s = now_s
        self._levels.append((now_s, level_db))
        while self._levels[0][0] < now_s - QUIET_WINDOW_S:
            self._levels.popleft()
        state = self._next_state(now_s)
        told = self._told
        if (
            told is not None
            and state == self._state
            and (now_s - told.at_s < TOLD_EVERY_S or abs(level_db - told.level_db) < TOLD_FROM_DB)
        ):
            return None
        self._state = state
        self._told = LineChanged(now_s, round(level_db, 1), state)
        return self._told

    def _measure(self, block: Block) -> tuple[float, float]:
        wide = block.samples.astype(np.float64)
        clipped = int(np.count_nonzero(np.abs(wide) >= FULL_SCALE))
        self._window.append((len(wide), float(wide @ wide), clipped))
        longest = WINDOW_S * block.rate_hz
        while len(self._window) > 1 and sum(n for n, _, _ in self._window) - self._window[0][0] >= longest:
            self._window.popleft()
        count = sum(n for n, _, _ in self._window)
        mean_square = sum(squares for _, squares, _ in self._window) / count / 32768**2
        level_db = max(FLOOR_DB, 10 * math.log10(mean_square)) if mean_square > 0 else FLOOR_DB
        return level_db, sum(c for _, _, c in self._window) / count

    def _next_state(self, now_s: float) -> str:
        assert self._first_s is not None
        assert self._heard_s is not None
        if self._clipped_s is not None and now_s - self._clipped_s < CLIPPING_HOLD_S:
            return "clipping"
        if now_s - self._heard_s >= SILENT_AFTER_S:
            return "silent"
        loudest_db = max(level for _, level in self._levels)
        enough_db = LOUD_ENOUGH_DB if self._state == "quiet" else QUIET_DB
        if loudest_db < enough_db and (self._state == "quiet" or now_s - self._first_s >= QUIET_AFTER_S):
            return "quiet"
        ratio_db = self._noise.ratio_db
        if ratio_db is not None and ratio_db < (CLEAR_DB if self._state == "noisy" else NOISY_DB):
            return "noisy"
        return "good"
