"""Live sound is placed in call time: nothing missing is untold, nothing is told twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.sounds import joined
from voice_triage.audio.timeline import GAP_TOLD_EVERY_S, Origin, Piece, Timeline
from voice_triage.events import Block, Gap, Side

RATE_HZ = 16000
PIECE_S = 0.02
BEGAN = 1000.0
"""The monotonic clock when the first sample is heard."""
Told = list[Block | Gap]


class Line:
    """A timeline under test, fed with pieces that are numbered by their samples."""

    def __init__(self, side: Side = Side.CLIENT, *, picked_up: float | None = None, block_ms: int = 40) -> None:
        self.timeline = Timeline(side, Origin(picked_up), block_ms=block_ms)
        self.told: Told = []
        self.given = 0

    def hear(self, arrived: float, *, rate_hz: int = RATE_HZ, after_loss: bool = False) -> None:
        """One piece arrives."""
        self.given += 1
        samples = np.full(round(PIECE_S * rate_hz), self.given % 30000, dtype=np.int16)
        self.told += self.timeline.sound(Piece(samples, rate_hz, arrived, after_loss))

    def hear_steadily(self, first: float, seconds: float, *, late_s: float = 0.0) -> float:
        """Pieces whose sound begins at ``first`` arrive as they are spoken; returns when the sound ends."""
        count = round(seconds / PIECE_S)
        for number in range(count):
            self.hear(first + (number + 1) * PIECE_S + late_s)
        return first + count * PIECE_S

    @property
    def gaps(self) -> list[Gap]:
        return [item for item in self.told if isinstance(item, Gap)]

    @property
    def blocks(self) -> list[Block]:
        return [item for item in self.told if isinstance(item, Block)]


def end_s(item: Block | Gap) -> float:
    """Call time after an item."""
    return item.end_s if isinstance(item, Block) else item.start_s + item.duration_s


def assert_whole(told: Told) -> None:
    """Every moment is in exactly one block or gap."""
    for before, after in itertools.pairwise(told):
        assert after.start_s == pytest.approx(end_s(before), abs=1e-6)


def numbers(blocks: Iterable[Block]) -> list[int]:
    """Numbers of the pieces that came through, in order, each once."""
    return [int(n) for n in joined(blocks)[:: round(PIECE_S * RATE_HZ)]]


def test_steady_sound_is_blocks_without_a_gap() -> None:
    """From call time 0 on, in blocks of the wanted length."""
    line = Line(block_ms=100)
    end = line.hear_steadily(BEGAN, 10.0)
    line.told += line.timeline.end(end)
    assert line.gaps == []
    assert [len(block.samples) for block in line.blocks] == [RATE_HZ // 10] * 100
    assert line.told[0].start_s == 0.0
    assert_whole(line.told)


def test_sound_that_was_only_late_is_no_gap() -> None:
    """Nothing comes for two seconds because the computer is busy, then everything at once: nothing is missing."""
    line = Line()
    end = line.hear_steadily(BEGAN, 3.0)
    for number in range(100):
        line.hear(end + 2.0 + number * 0.002)
    line.hear_steadily(end + 2.0, 1.0, late_s=0.0)
    line.told += line.timeline.end(end + 3.0)
    assert line.gaps == []
    assert numbers(line.blocks) == list(range(1, line.given + 1))
    assert_whole(line.told)


@pytest.mark.parametrize("lost_s", [0.2, 2.0, 20.0])
def test_sound_that_never_comes_is_a_gap_where_it_is_missing(lost_s: float) -> None:
    """PortAudio flags no loss: it shows in that what follows does not catch up."""
    line = Line()
    end = line.hear_steadily(BEGAN, 3.0)
    line.hear_steadily(end + lost_s, 3.0)
    line.told += line.timeline.end(end + lost_s + 3.0)
    (gap,) = line.gaps
    assert gap.start_s == pytest.approx(3.0, abs=0.001)
    assert gap.duration_s == pytest.approx(lost_s, abs=0.03)
    assert gap.reason
    assert numbers(line.blocks) == list(range(1, line.given + 1))
    assert_whole(line.told)


def test_a_slow_clock_of_the_device_is_no_loss() -> None:
    """A device that is 0.1 % slow is half a second late after ten minutes, and has lost nothing."""
    line = Line()
    for number in range(30000):
        line.hear(BEGAN + (number + 1) * PIECE_S * 1.001)
    assert line.gaps == []


def test_jitter_is_no_loss() -> None:
    """Pieces that come in pairs, or now and then a tenth of a second late."""
    line = Line()
    for number in range(1000):
        late_s = 0.1 if number % 50 == 49 else 0.02 * (number % 2)
        line.hear(BEGAN + (number + 1) * PIECE_S + late_s)
    assert line.gaps == []


def test_an_interruption_is_a_gap_with_its_reason() -> None:
    """Of the length between the last sound before and the first after it."""
    line = Line()
    end = line.hear_steadily(BEGAN, 1.01)
    line.told += line.timeline.interrupt("Unplugged.")
    line.told += line.timeline.interrupt("Something later.")
    line.hear_steadily(end + 3.0, 1.0)
    line.told += line.timeline.end(end + 4.0)
    (gap,) = line.gaps
    assert (round(gap.duration_s, 2), gap.reason) == (3.0, "Unplugged.")
    assert_whole(line.told)


def test_what_was_heard_before_an_interruption_is_told_at_once() -> None:
    """Not only when the block is full."""
    line = Line(block_ms=500)
    line.hear_steadily(BEGAN, 0.1)
    assert line.told == []
    line.told += line.timeline.interrupt("Unplugged.")
    assert sum(len(block.samples) for block in line.blocks) == RATE_HZ // 10


def test_a_long_gap_is_told_while_it_lasts() -> None:
    """In pieces, and the sound after it still has its right time."""
    line = Line()
    end = line.hear_steadily(BEGAN, 1.0)
    line.told += line.timeline.interrupt("Unplugged.")
    now = end
    while now < end + 12.0:
        now += 0.1
        line.told += line.timeline.pass_time(now)
    assert sum(gap.duration_s for gap in line.gaps) >= 2 * GAP_TOLD_EVERY_S
    line.hear_steadily(end + 12.5, 1.0)
    line.told += line.timeline.end(end + 13.5)
    assert line.told[-1].start_s == pytest.approx(1.0 + 12.5 + 1.0 - 0.04, abs=0.02)
    assert_whole(line.told)


def test_the_own_sides_gaps_are_told_once() -> None:
    """A headset without a microphone is no news every five seconds."""
    line = Line(Side.OWN)
    end = line.hear_steadily(BEGAN, 1.0)
    line.told += line.timeline.interrupt("No microphone.")
    assert line.timeline.pass_time(end + 60.0) == []
    (gap,) = line.timeline.end(end + 60.0)
    assert isinstance(gap, Gap)
    assert gap.duration_s == pytest.approx(60.0, abs=0.05)


def test_a_call_that_ends_while_nothing_is_heard_has_its_gap() -> None:
    """Up to when it ended."""
    line = Line()
    end = line.hear_steadily(BEGAN, 1.0)
    line.told += line.timeline.interrupt("Unplugged.")
    line.told += line.timeline.end(end + 2.0)
    assert [round(gap.duration_s, 2) for gap in line.gaps] == [2.0]


def test_sound_that_comes_long_after_pick_up_has_a_gap_before_it() -> None:
    """Call time begins at pick-up then; the usual moment that a recording takes to open is not told."""
    late, usual = Line(picked_up=BEGAN - 2.5), Line(picked_up=BEGAN - 0.3)
    for line in (late, usual):
        line.hear_steadily(BEGAN, 1.0)
    assert [(gap.start_s, round(gap.duration_s, 2)) for gap in late.gaps] == [(0.0, 2.5)]
    assert usual.gaps == []


def test_a_call_of_which_nothing_is_heard_says_so() -> None:
    """From pick-up on, though no sample has come."""
    line = Line(picked_up=BEGAN)
    line.told += line.timeline.interrupt("No program to record with.")
    for tenths in range(110):
        line.told += line.timeline.pass_time(BEGAN + tenths / 10)
    assert [round(gap.start_s, 1) for gap in line.gaps] == [0.0, 5.0]
    assert {gap.reason for gap in line.gaps} == {"No program to record with."}


def test_another_rate_begins_anew() -> None:
    """No block holds samples of two rates."""
    line = Line()
    for number in range(10):
        line.hear(BEGAN + (number + 1) * PIECE_S, rate_hz=8000 if number < 5 else 16000)
    line.told += line.timeline.end(BEGAN + 0.2)
    assert {block.rate_hz for block in line.blocks} == {8000, 16000}
    assert_whole(line.told)


def test_a_loss_that_the_device_tells_is_a_gap() -> None:
    """However short."""
    line = Line()
    end = line.hear_steadily(BEGAN, 1.0)
    line.hear(end + 0.06, after_loss=True)
    assert [round(gap.duration_s, 2) for gap in line.gaps] == [0.04]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("sound"), st.integers(1, 60), st.floats(0, 0.3)),
            st.tuples(st.just("pause"), st.just(0), st.floats(0, 8)),
            st.tuples(st.just("interrupt"), st.just(0), st.floats(0, 0.1)),
            st.tuples(st.just("burst"), st.integers(1, 60), st.floats(0, 0.01)),
        ),
        max_size=25,
    )
)
def test_whatever_happens_no_moment_is_untold_or_told_twice(script: list[tuple[str, int, float]]) -> None:
    """And every piece of sound comes through, once and in order."""
    line = Line()
    now = BEGAN
    for what, count, amount in script:
        if what == "sound":
            now += amount
            for _ in range(count):
                now += PIECE_S
                line.hear(now)
        elif what == "burst":
            for _ in range(count):
                now += amount
                line.hear(now)
        elif what == "interrupt":
            line.told += line.timeline.interrupt("Something.")
        now += amount
        line.told += line.timeline.pass_time(now)
    line.told += line.timeline.end(now)
    assert_whole(line.told)
    assert numbers(line.blocks) == [n % 30000 for n in range(1, line.given + 1)]
    assert all(gap.duration_s > 0 for gap in line.gaps)
