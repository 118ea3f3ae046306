"""The recorder stays behind the live edge, never waits, loses nothing to a disk that fails for a while, and says so."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from tests.audio.test_held_sound import RATE, block, noise
from voice_triage.audio.recording import Recorder
from voice_triage.audio.sound_chunk import decode
from voice_triage.errors import StoreError
from voice_triage.events import Block, Gap, Side, StageFailed


class Disk:
    """Files in memory, on a disk that can fail or be slow."""

    def __init__(self) -> None:
        self.chunks: dict[Side, dict[int, bytes]] = {Side.CLIENT: {}, Side.OWN: {}}
        self.begun: list[tuple[Side, int]] = []
        self.finished = 0
        self.fails = False
        self.may_write = threading.Event()
        self.may_write.set()

    def begin(self, side: Side, first: int) -> DiskFile:
        """A new file."""
        if self.fails:
            raise StoreError("The disk is full.")
        self.begun.append((side, first))
        return DiskFile(self, side, first)

    def sound(self, side: Side = Side.CLIENT) -> dict[int, np.ndarray]:
        """What lies there."""
        return {index: decode(index, data).samples for index, data in sorted(self.chunks[side].items())}


class DiskFile:
    """One file of a :class:`Disk`."""

    def __init__(self, disk: Disk, side: Side, first: int) -> None:
        self.disk, self.side, self.next = disk, side, first
        self.broken = False

    def write(self, chunk: bytes, peaks: bytes) -> None:
        """Keep a chunk."""
        self.disk.may_write.wait(20)
        assert not self.broken, "written on after a failure"
        if self.disk.fails:
            self.broken = True
            raise OSError(28, "No space left on device")
        assert peaks
        self.disk.chunks[self.side][self.next] = chunk
        self.next += 1

    def finish(self) -> None:
        """The end."""
        if self.disk.fails:
            raise OSError(28, "No space left on device")
        self.disk.finished += 1


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def disk() -> Disk:
    """A disk in order."""
    return Disk()


@pytest.fixture
def told() -> list[StageFailed]:
    """What the CSR was told."""
    return []


def play(recorder: Recorder, seconds: float, start_s: float = 0.0, side: Side = Side.CLIENT, seed: int = 0) -> None:
    """Sound in blocks of a tenth of a second."""
    sound = noise(round(seconds * RATE), seed)
    step = RATE // 10
    for first in range(0, len(sound), step):
        recorder.hear(Block(side, start_s + first / RATE, sound[first : first + step], RATE))


def test_a_whole_call_is_kept_with_its_sides_apart(disk: Disk, told: list[StageFailed]) -> None:
    """At the end everything is there, in a file of its own for each side."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 7.3)
    play(recorder, 4.0, 2.1, Side.OWN, seed=1)
    recorder.close()
    assert np.array_equal(np.concatenate(list(disk.sound().values())), noise(round(7.3 * RATE)))
    own = disk.sound(Side.OWN)
    assert min(own) == 4
    assert np.array_equal(np.concatenate(list(own.values()))[round(0.1 * RATE) :], noise(4 * RATE, 1))
    assert disk.finished == 2
    assert told == []


def test_the_newest_sound_is_held_back(disk: Disk, told: list[StageFailed]) -> None:
    """Two seconds behind the live edge, and no more than that and a chunk."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 10.0)
    until(lambda: len(disk.chunks[Side.CLIENT]) >= 16)
    time.sleep(0.1)
    assert sorted(disk.chunks[Side.CLIENT]) == list(range(16))
    recorder.close()
    assert len(disk.chunks[Side.CLIENT]) == 20


def test_nothing_is_written_that_is_not_judged(disk: Disk, told: list[StageFailed]) -> None:
    """The writer stands still there; what must not be kept is silence then, with the reason."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 3.0)
    recorder.judged(2.0)
    play(recorder, 9.0, 3.0, seed=1)
    until(lambda: len(disk.chunks[Side.CLIENT]) == 4)
    time.sleep(0.7)
    assert sorted(disk.chunks[Side.CLIENT]) == [0, 1, 2, 3]
    assert recorder.blank(2.5, 5.0, "Card data.")
    recorder.judged(math.inf)
    until(lambda: len(disk.chunks[Side.CLIENT]) == 20)
    recorder.close()
    sound = disk.sound()
    assert not any(sound[index].any() for index in range(5, 10))
    assert all(sound[index].any() for index in (4, 10))
    assert decode(7, disk.chunks[Side.CLIENT][7]).missing[0].reason == "Card data."


def test_what_was_not_let_go_at_the_end_is_dropped(disk: Disk, told: list[StageFailed]) -> None:
    """A call that ends before it was judged keeps what came before, not a sample more."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 6.0)
    recorder.judged(4.2)
    recorder.close()
    kept = np.concatenate(list(disk.sound().values()))
    assert len(kept) == round(4.2 * RATE)


def test_a_stretch_that_is_still_to_come_is_silent_when_it_comes(disk: Disk, told: list[StageFailed]) -> None:
    """The margin behind a card's last digit may not have been heard yet when it is judged."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 3.0)
    assert recorder.blank(2.5, 4.25, "Card data.")
    play(recorder, 3.0, 3.0, seed=1)
    recorder.close()
    kept = np.concatenate(list(disk.sound().values()))
    assert not kept[round(2.5 * RATE) : round(4.25 * RATE)].any()
    assert kept[round(2.4 * RATE) : round(2.5 * RATE)].any()
    assert kept[round(4.25 * RATE) : round(4.3 * RATE)].any()


def test_sound_that_nobody_judges_in_time_is_silence(disk: Disk, told: list[StageFailed]) -> None:
    """A recognizer that hangs neither fills the memory nor lets unchecked sound onto the disk; the CSR is told once."""
    recorder = Recorder(disk.begin, told.append, patience_s=4.0)
    recorder.judged(1.0)
    play(recorder, 4.0)
    until(lambda: len(disk.chunks[Side.CLIENT]) == 2)
    play(recorder, 4.0, 4.0, seed=1)
    until(lambda: len(disk.chunks[Side.CLIENT]) == 8)
    play(recorder, 4.0, 8.0, seed=2)
    until(lambda: len(disk.chunks[Side.CLIENT]) == 16)
    recorder.judged(math.inf)
    recorder.close()
    sound = disk.sound()
    assert all(sound[index].any() for index in (0, 1, 16, 23))
    assert not any(sound[index].any() for index in range(2, 16))
    assert [each.code for each in told] == ["unjudged"]


def test_blanking_too_late_is_said(disk: Disk, told: list[StageFailed]) -> None:
    """Who asks to cut what is written already learns that it was."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 10.0)
    until(lambda: len(disk.chunks[Side.CLIENT]) >= 16)
    assert not recorder.blank(7.0, 9.0, "Card data.")
    assert recorder.blank(8.5, 9.0, "Card data.")
    recorder.close()


def test_a_disk_that_fails_costs_nothing_and_the_csr_is_told_once(disk: Disk, told: list[StageFailed]) -> None:
    """Sound waits in memory; when there is room again it goes into a new file, and the CSR learns that, too."""
    recorder = Recorder(disk.begin, told.append, retry_s=0.05)
    play(recorder, 4.0)
    until(lambda: len(disk.chunks[Side.CLIENT]) == 4)
    disk.fails = True
    play(recorder, 4.0, 4.0, seed=1)
    until(lambda: len(told) == 1)
    time.sleep(0.3)
    disk.fails = False
    until(lambda: len(told) == 2)
    recorder.close()
    assert sorted(disk.chunks[Side.CLIENT]) == list(range(16))
    assert len(disk.begun) == 2
    assert [each.code for each in told] == ["OSError", "resumed"]
    assert "Nothing is missing" in told[1].advice


def test_a_disk_that_stays_full_costs_the_oldest_and_its_length_is_said(disk: Disk, told: list[StageFailed]) -> None:
    """Memory is bounded: after two minutes of a full disk what is lost is counted, and the rest is kept."""
    recorder = Recorder(disk.begin, told.append, retry_s=0.05, patience_s=5.0)
    disk.fails = True
    play(recorder, 30.0)
    until(lambda: len(told) == 1)
    time.sleep(0.7)
    disk.fails = False
    until(lambda: len(told) == 2)
    recorder.close()
    assert sorted(disk.chunks[Side.CLIENT]) == list(range(46, 60))
    assert "23 seconds are missing" in told[1].advice


def test_sound_never_waits_for_the_disk(disk: Disk, told: list[StageFailed]) -> None:
    """While a write hangs, blocks are taken in all the same."""
    recorder = Recorder(disk.begin, told.append)
    disk.may_write.clear()
    taken = threading.Thread(target=play, args=(recorder, 20.0))
    taken.start()
    taken.join(10)
    assert not taken.is_alive()
    assert not disk.chunks[Side.CLIENT]
    disk.may_write.set()
    recorder.close()
    assert len(disk.chunks[Side.CLIENT]) == 40


def test_a_discarded_call_is_written_no_further(disk: Disk, told: list[StageFailed]) -> None:
    """What is held is forgotten, and what still comes is not taken in."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 4.0)
    until(lambda: len(disk.chunks[Side.CLIENT]) == 4)
    recorder.discard()
    recorder.hear(block(4.0, noise(RATE)))
    recorder.hear(Gap(Side.CLIENT, 5.0, 1.0, "gone"))
    assert len(disk.chunks[Side.CLIENT]) == 4


def test_a_gap_in_the_middle_is_kept_as_one(disk: Disk, told: list[StageFailed]) -> None:
    """Silence of its length, marked in each chunk it touches."""
    recorder = Recorder(disk.begin, told.append)
    play(recorder, 1.0)
    recorder.hear(Gap(Side.CLIENT, 1.0, 2.0, "The headset was gone."))
    play(recorder, 1.0, 3.0)
    recorder.close()
    assert sorted(disk.chunks[Side.CLIENT]) == list(range(8))
    marked = [index for index, data in sorted(disk.chunks[Side.CLIENT].items()) if decode(index, data).missing]
    assert marked == [2, 3, 4, 5]
