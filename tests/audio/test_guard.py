"""The guard of one side's recording: only sound of proven origin gets through, at exact times."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audio.scripted_server import ScriptedInput, ScriptedServer
from voice_triage.audio.capture import MUTED, NOT_SHOWN, QUARANTINE_S, REOPEN_S, SETTLE_S, STALL_S, Capture, Target
from voice_triage.audio.sound_server import Change, Snapshot, Source
from voice_triage.audio.timeline import Piece
from voice_triage.events import Side

WANTED, FOREIGN = 7, 8
HEADSET = Target("headset.monitor", WANTED, 16000)
TICK_S = 0.04


class Guarded:
    """A capture with its server, its clock and everything it told."""

    def __init__(self) -> None:
        self.now = 100.0
        self.server = ScriptedServer()
        self.server.sleep = self._pass
        self.delivered: list[int] = []
        """First sample of every piece that came through."""
        self.interruptions: list[str] = []
        self.capture = Capture(Side.CLIENT, self.server.open_input, self, lambda: self.now)
        self.aim()

    def heard(self, side: Side, piece: Piece) -> None:
        self.delivered.append(int(piece.samples[0]))

    def interrupted(self, side: Side, reason: str) -> None:
        self.interruptions.append(reason)

    @property
    def recording(self) -> ScriptedInput:
        """The newest recording."""
        return self.server.inputs[-1]

    def aim(self, target: Target | None = HEADSET, why_not: str = "") -> None:
        """Look at the server, twice: opened, then found."""
        for _ in range(2):
            self.capture.aim(target, why_not, self.server.snapshot())

    def give(self, *numbers: int) -> None:
        """Pieces arrive, 20 ms apart, the last one now."""
        for number in numbers:
            self.now += 0.02
            self.recording.give(np.full(320, number, dtype=np.int16).tobytes(), self.now, False)

    def tick(self) -> None:
        """One round as the source's worker does it."""
        began = self.now
        self.now += TICK_S
        asked = self.now
        self.capture.note(self.server.changes())
        self.capture.aim(HEADSET, "", self.server.snapshot())
        proven = self.capture.check(self.server)
        answered_s = self.now - asked
        changes = self.server.changes()
        self.capture.note(changes)
        self.capture.watch(asked - began, answered_s)
        if proven and not changes:
            self.capture.release(asked)

    def _pass(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def guarded() -> Guarded:
    """A capture that records the headset, with the first changes noted."""
    new = Guarded()
    new.tick()
    return new


def test_nothing_gets_through_before_it_is_proven(guarded: Guarded) -> None:
    """A piece waits for an answer that was asked for after it had come, and a little longer."""
    guarded.give(1)
    assert guarded.delivered == []
    guarded.capture.release(guarded.now)
    assert guarded.delivered == []
    guarded.capture.release(guarded.now + QUARANTINE_S)
    assert guarded.delivered == [1]


def test_sound_from_elsewhere_is_dropped_and_told(guarded: Guarded) -> None:
    """The server moves the recording: what is not proven yet is lost, and the recording is opened anew."""
    guarded.give(1, 2, 3)
    guarded.tick()
    guarded.give(4, 5)
    guarded.server.move(guarded.recording, FOREIGN)
    guarded.give(66, 67)
    first = guarded.recording
    guarded.tick()
    assert (guarded.delivered, first.closed) == ([1, 2, 3], True)
    (reason,) = guarded.interruptions
    assert reason
    for _ in range(12):
        guarded.tick()
    assert guarded.recording is not first
    first.give(np.full(320, 68, dtype=np.int16).tobytes(), guarded.now, False)  # still on its way
    guarded.give(8, 9)
    guarded.tick()
    assert guarded.delivered == [1, 2, 3, 8, 9]


def test_a_move_there_and_back_is_noticed(guarded: Guarded) -> None:
    """Though the server's answers before and after are the same."""
    guarded.give(1, 2, 3)
    guarded.tick()
    guarded.server.move(guarded.recording, FOREIGN)
    guarded.give(66)
    guarded.server.move(guarded.recording, WANTED)
    guarded.tick()
    guarded.give(67)  # was on its way
    guarded.now += SETTLE_S
    guarded.give(4, 5, 6)
    guarded.tick()
    guarded.tick()
    assert guarded.delivered == [1, 2, 3, 4, 5, 6]
    assert len(guarded.interruptions) == 1


def test_a_change_while_the_server_is_asked_holds_everything_back(guarded: Guarded) -> None:
    """The answer may be older than the change."""
    guarded.give(1, 2, 3)

    def meanwhile(_seconds: float) -> None:
        guarded.server.tell(Change("change", "recorder", guarded.recording.index))

    guarded.server.sleep = meanwhile
    guarded.tick()
    assert guarded.delivered == []


def test_a_recording_that_ends_is_opened_anew(guarded: Guarded) -> None:
    """As PipeWire ends one whose headset is unplugged."""
    guarded.give(1, 2, 3)
    guarded.tick()
    guarded.recording.ended = True
    for _ in range(12):
        guarded.tick()
    assert len(guarded.server.inputs) == 2
    assert [each.closed for each in guarded.server.inputs] == [True, False]
    assert len(guarded.interruptions) == 1


def test_a_recording_that_stands_still_is_opened_anew(guarded: Guarded) -> None:
    """And the CSR is told meanwhile."""
    guarded.give(1, 2, 3)
    ticks = 0
    while len(guarded.server.inputs) == 1:
        guarded.tick()
        ticks += 1
    assert ticks * TICK_S == pytest.approx(STALL_S, abs=4 * TICK_S)
    assert "headset" in guarded.capture.trouble
    guarded.tick()
    guarded.give(4, 5, 6)
    guarded.tick()
    assert guarded.delivered == [1, 2, 3, 4, 5, 6]
    assert guarded.capture.trouble == ""


def test_a_server_that_does_not_answer_is_a_stall(guarded: Guarded) -> None:
    """What comes when it goes on cannot be proven."""
    guarded.give(1, 2, 3)
    guarded.tick()
    guarded.server.answer_s = 2.0
    guarded.give(4, 5, 6)
    guarded.tick()
    assert guarded.server.inputs[0].closed
    assert guarded.delivered == [1, 2, 3]


def test_a_computer_that_slept_is_no_stall(guarded: Guarded) -> None:
    """Nobody listened, but nothing is wrong with the recording; what it kept comes through."""
    guarded.give(1, 2, 3)
    guarded.tick()
    guarded.now += 30.0
    guarded.capture.watch(30.0, 0.0)
    assert not guarded.recording.closed
    guarded.give(4, 5, 6)
    guarded.tick()
    guarded.tick()
    assert guarded.delivered == [1, 2, 3, 4, 5, 6]


def test_what_cannot_be_opened_is_tried_again(guarded: Guarded) -> None:
    """Now and then, and its message is told."""
    guarded.server.cannot_open = "The device is busy."
    guarded.recording.ended = True
    for _ in range(10):
        guarded.tick()
    assert guarded.capture.trouble == "The device is busy."
    guarded.server.cannot_open = ""
    guarded.now += REOPEN_S
    guarded.tick()
    guarded.tick()
    guarded.give(1, 2, 3)
    guarded.tick()
    assert guarded.delivered == [1, 2, 3]
    assert guarded.capture.trouble == ""


def test_a_recording_that_the_server_does_not_show_is_told(guarded: Guarded) -> None:
    """It cannot be proven, so nothing of it is used; it is opened anew now and then."""
    guarded.recording.ended = True
    for _ in range(8):
        guarded.tick()
    guarded.server.hidden = True
    guarded.aim(None)
    guarded.aim()
    for _ in range(round(REOPEN_S / TICK_S) + 2):
        guarded.give(1)
        guarded.tick()
    assert guarded.delivered == []
    assert guarded.capture.trouble == NOT_SHOWN


def test_a_muted_recording_is_told(guarded: Guarded) -> None:
    """It gives silence, which nobody would notice."""
    source = Source(WANTED, HEADSET.source, "", "headset", 16000, 1, muted=True)
    guarded.server.set(sources=(source,))
    guarded.tick()
    assert guarded.capture.trouble == MUTED
    guarded.server.set(sources=())
    guarded.tick()
    assert guarded.capture.trouble == ""


def test_the_last_words_before_hang_up_come_through(guarded: Guarded) -> None:
    """What came before the last proof; what came after it is not proven to be of the call."""
    guarded.give(1, 2, 3)
    guarded.tick()
    guarded.give(4)
    guarded.tick()
    guarded.give(5)
    guarded.capture.finish(guarded.server, "Hung up.")
    assert guarded.delivered == [1, 2, 3, 4]
    assert guarded.recording.closed


def test_aiming_elsewhere_stops_the_recording(guarded: Guarded) -> None:
    """With the reason told; and nothing of the one before comes through any more."""
    guarded.give(1, 2, 3)
    guarded.tick()
    guarded.give(4)
    guarded.capture.aim(None, "The headset is disconnected.", Snapshot())
    assert guarded.interruptions == ["The headset is disconnected."]
    assert guarded.capture.trouble == "The headset is disconnected."
    assert guarded.recording.closed
    guarded.aim(Target("headset.monitor", WANTED + 10, 16000))
    guarded.give(5)
    guarded.capture.release(guarded.now + 1.0)
    assert guarded.delivered == [1, 2, 3, 5]


@given(
    moves=st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=8),
    delay_steps=st.integers(0, 8),
    first_tick=st.integers(0, 7),
)
def test_no_script_of_moves_lets_foreign_sound_through(
    moves: list[tuple[int, bool]], delay_steps: int, first_tick: int
) -> None:
    """Whenever the server moves the recording, to and fro, and however long sound is on its way (up to 40 ms)."""
    guarded = Guarded()
    guarded.tick()
    where = WANTED
    on_the_way: list[tuple[int, Callable[[bytes, float, bool], None], int]] = []
    at_step = dict(moves)
    for step in range(500):  # of 5 ms
        guarded.now += 0.005
        if step in at_step:
            where = WANTED if at_step[step] else FOREIGN
            guarded.server.move(guarded.recording, where)
        if step % 4 == 0 and not guarded.recording.closed:
            attached = guarded.server.source_of(guarded.recording.index)
            on_the_way.append((step + delay_steps, guarded.recording.give, attached or 0))
        while on_the_way and on_the_way[0][0] <= step:
            _, give, origin = on_the_way.pop(0)
            give(np.full(320, origin, dtype=np.int16).tobytes(), guarded.now, False)
        if step % 8 == first_tick:
            guarded.now -= TICK_S  # tick passes this time itself
            guarded.tick()
    assert set(guarded.delivered) <= {WANTED}
    if not moves:
        assert len(guarded.delivered) > 100
