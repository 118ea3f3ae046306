"""When, in seconds of call audio, something could first be shown: two clocks, one code path.

In a live call that is the wall clock, counted from the sound itself. As fast as possible ("the audio's clock") it is
worked out instead: a stage is ready with an item when the item had arrived and the stage was free, plus the computing
time it took.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Call time, as the CSR would live through it. Every method may be called from any thread."""

    live: bool
    """Whether sound comes whether or not we are ready (a headset, a file played in real time)."""

    def arrived(self, end_s: float) -> float:
        """Call time at which sound whose last sample has call time ``end_s`` is at hand; called as it arrives."""

    def ready(self, available_s: float, free_s: float, compute_s: float) -> float:
        """Call time at which a stage is done with an item, called as it gets done.

        The item was at hand at ``available_s``, the stage was free at ``free_s`` and computed for ``compute_s``.
        """


class AudioClock:
    """The audio's clock: as if the call had been live and this machine's computing times the only delays."""

    live = False

    def arrived(self, end_s: float) -> float:
        """As its last sample is spoken."""
        return end_s

    def ready(self, available_s: float, free_s: float, compute_s: float) -> float:
        """Arrival or the stage's freedom, whichever is later, plus the computing."""
        return max(available_s, free_s) + compute_s


class RealTimeClock:
    """Wall clock since the call began.

    The beginning is known only from the sound: a sample cannot arrive before it was spoken, so the earliest beginning
    that any arrival proves is the right one. (The first block of a stream often comes late.)
    """

    live = True

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began: float | None = None
        self._lock = threading.Lock()

    def arrived(self, end_s: float) -> float:
        """Now; the first arrival, and each that is earlier against its call time, sets the call's beginning."""
        now = self._monotonic()
        with self._lock:
            self._began = now - end_s if self._began is None else min(self._began, now - end_s)
            return now - self._began

    def ready(self, available_s: float, free_s: float, compute_s: float) -> float:
        """Now."""
        del free_s, compute_s  # the wall clock has counted both
        now = self._monotonic()
        with self._lock:
            return available_s if self._began is None else max(available_s, now - self._began)
