"""How long work takes, on a machine that others use too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """A measurement repeated: its median, and the round that other programs disturbed least."""

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


def timed_s(work: Callable[[], object], rounds: int) -> list[float]:
    """Wall clock seconds of each round, after one that warms up."""
    work()
    return [_once_s(work) for _ in range(rounds)]


def _once_s(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
