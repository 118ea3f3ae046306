"""How long work takes on one core, on a machine that others use too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """A measurement repeated: its median, and the round that other work disturbed least."""

    median: float
    best: float

    def times(self, factor: float) -> Timing:
        """In another unit."""
        return Timing(self.median * factor, self.best * factor)

    def rate(self, count: float) -> Timing:
        """So many things a second, of times in seconds for ``count`` of them."""
        return Timing(count / self.median, count / self.best)


def timing(values: Iterable[float]) -> Timing:
    """Median and smallest of at least one value."""
    kept = list(values)
    return Timing(statistics.median(kept), min(kept))


def processor_clock() -> tuple[Callable[[], float], str]:
    """The clock that other programs disturb least, in seconds, and its name: processor time of this thread.

    Where the system counts that only coarsely (Windows), the clock on the wall.
    """
    if time.get_clock_info("thread_time").resolution <= 1e-6:
        return time.thread_time, "processor time of one thread"
    return time.perf_counter, "wall clock"


def elapsed_s(work: Callable[[], object]) -> float:
    """Seconds of one round, by :func:`processor_clock`."""
    clock, _ = processor_clock()
    start = clock()
    work()
    return clock() - start


def reference_loop() -> int:
    """A fixed piece of plain Python: runs in which it takes as long had a machine of equal speed."""
    counts: dict[int, int] = {}
    for number in range(100_000):
        key = number * 7919 % 1009
        counts[key] = counts.get(key, 0) + 1
    return len(counts)
