"""How far a figure from so many calls may be off: intervals that say so, for shares, medians and differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z_95 = 1.959964
"""Standard normal quantile of a two-sided 95 % interval."""
RESAMPLES = 4000
"""So many resamples place the ends of a percentile interval within a hundredth of its level [our choice]."""
_MANY = 200
"""From here on the normal approximation of the binomial is off by less than one place."""
_SEED = 20260301
"""The same calls give the same interval every time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the two ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Interval:
        """In another unit."""
        return Interval(self.value * factor, self.low * factor, self.high * factor)


def share(hits: int, of: int) -> Interval:
    """``hits`` of ``of`` as a share, 0 to 1, with the Wilson score interval (Wilson 1927); of nothing: 0 to 1.

    Raises ValueError for counts that are no share.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Interval(0.0, 0.0, 1.0)
    found, square = hits / of, Z_95**2
    middle = (found + square / (2 * of)) / (1 + square / of)
    half = Z_95 * math.sqrt(found * (1 - found) / of + square / (4 * of * of)) / (1 + square / of)
    return Interval(found, max(0.0, middle - half), min(1.0, middle + half))


def mean_difference(differences: Sequence[int]) -> Interval:
    """Mean of the calls' own differences, each a whole number, with the paired bootstrap's percentile interval.

    The calls are drawn anew (Efron 1979): both lexicons read the same calls, so what a call is like drops out.
    Where all are the same the calls cannot tell how far it may be off: then there are no bounds.
    """
    if len(set(differences)) < 2:
        return Interval(float(differences[0]) if differences else 0.0, -math.inf, math.inf)
    values, counts = np.unique(np.asarray(differences, np.int64), return_counts=True)
    # Drawing calls with replacement is drawing how often each value comes: memory does not grow with the calls.
    drawn = np.random.default_rng(_SEED).multinomial(len(differences), counts / len(differences), RESAMPLES)
    means = drawn @ values / len(differences)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(np.mean(differences)), float(low), float(high))


def median(values: Sequence[float]) -> Interval:
    """The median with the interval between two order statistics that holds it with at least 95 % (binomial).

    Fewer than six values hold it with less, whatever the ends: then the ends are without bounds. Raises ValueError for
    no values.
    """
    if not values:
        raise ValueError("no values have no median")
    ordered = sorted(values)
    count = len(ordered)
    middle = float(np.median(ordered))
    below = _below_surely(count)
    if below == 0:
        return Interval(middle, -math.inf, math.inf)
    return Interval(middle, float(ordered[below - 1]), float(ordered[count - below]))


def _below_surely(count: int) -> int:
    """The largest k for which fewer than k of ``count`` values lie below the median with at most 2.5 %."""
    if count > _MANY:
        return int((count - Z_95 * math.sqrt(count)) / 2)
    below, tail = 0, 0.5**count
    while tail <= 0.025:
        below += 1
        tail += math.comb(count, below) * 0.5**count
    return below
