"""Intervals: against worked examples of the literature, and what holds for all of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.intervals import mean_difference, median, share


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_shares_have_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    """The examples of Newcombe 1998 (Statistics in Medicine 17, 857), method 3, come out as printed there."""
    found = share(hits, of)
    assert found.value == hits / of
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nothing_is_known_of_no_calls() -> None:
    """A share of nothing may be anything, and a count above its whole is refused."""
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="no share"):
        share(3, 2)


@given(st.integers(0, 400), st.integers(1, 400))
def test_an_interval_holds_its_share(hits: int, of: int) -> None:
    """A share lies inside its interval, and the interval inside 0 to 1."""
    found = share(min(hits, of), of)
    assert 0.0 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1.0


def test_five_values_cannot_tell_where_a_median_lies_and_six_just_can() -> None:
    """The ends are order statistics: six values hold the median between them with 97 %, five with less than 95 %."""
    assert math.isinf(median([1, 2, 3, 4, 5]).low)
    six = median([5, 3, 1, 6, 2, 4])
    assert (six.value, six.low, six.high) == (3.5, 1, 6)


@given(st.integers(150, 260))
def test_many_values_narrow_the_median(count: int) -> None:
    """Where the exact count gives way to its approximation the interval does not jump."""
    found = median(list(range(count)))
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(1.96 * math.sqrt(count), abs=3)


def test_a_difference_is_drawn_anew_over_calls() -> None:
    """The paired bootstrap's interval is near the normal one for many calls, the same every time, and scales."""
    differences = [1] * 30 + [-1] * 10 + [0] * 960
    found = mean_difference(differences)
    assert found == mean_difference(list(reversed(differences)))
    half = 1.96 * math.sqrt(0.04 - 0.02**2) / math.sqrt(1000)
    assert found.value == 0.02
    assert found.low == pytest.approx(0.02 - half, abs=0.002)
    assert found.high == pytest.approx(0.02 + half, abs=0.002)
    assert found.times(100).high == found.high * 100


def test_calls_that_all_agree_do_not_tell_how_far_a_difference_may_be_off() -> None:
    """No difference seen is no proof that there is none: there are no bounds."""
    assert math.isinf(mean_difference([0] * 40).high)
    assert math.isinf(mean_difference([]).low)
