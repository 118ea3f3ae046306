"""Rules of the two clocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.clock import AudioClock, RealTimeClock

times = st.floats(0, 1e4)


@given(available_s=times, free_s=times, compute_s=st.floats(0, 100))
def test_a_stage_begins_when_the_item_is_there_and_it_is_free_and_ends_after_computing(
    available_s: float, free_s: float, compute_s: float
) -> None:
    """By the audio's clock an item is ready its computing time after it arrived and the stage was free."""
    ready_s = AudioClock().ready(available_s, free_s, compute_s)
    assert ready_s == max(available_s, free_s) + compute_s


def test_by_the_audios_clock_sound_arrives_as_it_is_spoken() -> None:
    """A block is at hand when its last sample has been spoken."""
    assert AudioClock().arrived(3.2) == 3.2


class _Wall:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_in_real_time_delays_between_stages_are_counted_as_they_happen() -> None:
    """What is shown 0.4 s after its sound came is stamped 0.4 s later than its sound."""
    wall = _Wall()
    clock = RealTimeClock(wall)
    assert clock.arrived(0.1) == pytest.approx(0.1)
    wall.now += 0.4
    assert clock.ready(0.1, 0.0, compute_s=0.01) == pytest.approx(0.5)


def test_a_late_first_block_does_not_make_the_clock_slow() -> None:
    """If the first block came 2 s late and the next ones in time, later events are stamped with the true call time."""
    wall = _Wall()
    clock = RealTimeClock(wall)
    wall.now += 2.1
    clock.arrived(0.1)
    assert clock.arrived(2.1) == pytest.approx(2.1)  # all that waited comes at once
    wall.now += 0.1
    assert clock.arrived(2.2) == pytest.approx(2.2)


def test_lateness_of_the_sound_itself_is_seen() -> None:
    """A block that comes 3 s after its last sample was spoken is at hand 3 s late."""
    wall = _Wall()
    clock = RealTimeClock(wall)
    clock.arrived(0.1)
    wall.now += 5.0
    assert clock.arrived(2.1) == pytest.approx(5.1)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1))
def test_real_time_never_goes_back(steps: list[tuple[float, float]]) -> None:
    """However irregularly sound comes, the call time given never decreases."""
    wall = _Wall()
    clock = RealTimeClock(wall)
    end_s = last_s = 0.0
    for waited_s, spoken_s in steps:
        wall.now += waited_s
        end_s += spoken_s
        now_s = clock.arrived(end_s)
        assert now_s >= last_s - 1e-9
        last_s = clock.ready(now_s, 0.0, 0.0)
        assert last_s >= now_s
