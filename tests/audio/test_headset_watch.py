"""Waiting for calls and hearing them, on a scripted sound server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from tests.audio.listening import HeardCall
from tests.audio.scripted_server import ScriptedServer
from tests.audio.sound_server import wait_until
from voice_triage.audio.headset_source import HeadsetSource, Ways, Wishes
from voice_triage.audio.headset_watch import HeadsetState, HeadsetStatus, HeadsetWatch
from voice_triage.audio.sound_server import Player, Recorder, Sink, Snapshot, Source
from voice_triage.errors import AudioError
from voice_triage.events import Gap, Side

HEADSET = Sink(1, "bluez_output.AA_BB_CC_DD_EE_FF.1", "Evolve", "evolve.monitor", 101, 16000, 1)
MICROPHONE = Source(20, "bluez_input.AA_BB_CC_DD_EE_FF.0", "Evolve", None, 16000, 1)
MONITOR = Source(101, "evolve.monitor", "Monitor of Evolve", HEADSET.name, 16000, 1)
PLAYER = Player(5, HEADSET.index, "100 phone", "Phone")
RECORDER = Recorder(6, MICROPHONE.index, "100 phone", "Phone")


class Room:
    """A scripted sound server with a headset, and a watch on it."""

    def __init__(self, server: ScriptedServer, wishes: Wishes | None = None) -> None:
        self.server = server
        self.told: list[HeadsetStatus] = []
        self.ways = Ways(server.connect, server.open_input, server.check)
        self.watch = HeadsetWatch(self.ways, wishes, self.told.append)

    def pick_up(self, program: str = "100 phone") -> None:
        """A program begins a call."""
        self.server.set(
            players=(Player(5, HEADSET.index, program, "Phone"),),
            recorders=(Recorder(6, MICROPHONE.index, program, "Phone"),),
        )

    def hang_up(self) -> None:
        """The program ends its call."""
        self.server.set(players=(), recorders=())

    def wait_for(self, state: HeadsetState, words: str = "") -> None:
        """Until it stands so."""
        wait_until(lambda: self.watch.status.state is state and words in self.watch.status.detail)

    def next_call(self) -> HeadsetSource:
        """The next call."""
        source = self.watch.next_call(30.0)
        assert source is not None
        return source


@contextmanager
def room(wishes: Wishes | None = None, *, headset: bool = True) -> Iterator[Room]:
    """A room with a headset, unless there is none."""
    there = Snapshot((HEADSET,), (MICROPHONE, MONITOR)) if headset else Snapshot()
    new = Room(ScriptedServer(there), wishes)
    try:
        yield new
    finally:
        new.watch.close()


@contextmanager
def speaking(server: ScriptedServer) -> Iterator[None]:
    """Every recording gets sound, in real time, meanwhile."""
    over = threading.Event()

    def speak() -> None:
        spoken = time.monotonic()
        while not over.wait(0.01):
            while spoken + 0.02 <= time.monotonic():
                spoken += 0.02
                for each in server.open_inputs:
                    each.give(np.full(320, each.target.index, dtype=np.int16).tobytes(), time.monotonic(), False)

    thread = threading.Thread(target=speak, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_the_csr_is_told_how_it_stands() -> None:
    """From no headset over a headset and a call to its end, in plain sentences."""
    with room(headset=False) as here, speaking(here.server):
        here.wait_for(HeadsetState.SEARCHING, "connect a Bluetooth or USB headset")
        here.server.set(sinks=(HEADSET,), sources=(MICROPHONE, MONITOR))
        here.wait_for(HeadsetState.WAITING, "Evolve is connected")
        here.pick_up()
        here.wait_for(HeadsetState.LISTENING, "Listening to Evolve")
        here.server.set(sinks=(), sources=())
        here.wait_for(HeadsetState.SEARCHING, "disconnected")
        here.server.set(sinks=(HEADSET,), sources=(MICROPHONE, MONITOR))
        here.wait_for(HeadsetState.LISTENING)
        here.hang_up()
        here.wait_for(HeadsetState.WAITING)
    assert [status.state for status in here.told if status.state is HeadsetState.FAILED] == []


def test_a_call_ends_by_itself_and_the_next_one_is_another() -> None:
    """Also one of the same program."""
    with room() as here, speaking(here.server):
        for _ in range(2):
            here.pick_up()
            call = HeardCall(here.next_call())
            call.wait_for_sound(0.2)
            here.hang_up()
            assert call.over.wait(30)
            assert call.gaps() == []


def test_a_hang_up_away_from_the_headset_ends_the_call() -> None:
    """The call was moved to the loudspeakers and ends there: the next one on the headset must not become part of it."""
    speakers = Sink(2, "speakers", "Loudspeakers", "speakers.monitor", 102, 48000, 2)
    with room() as here, speaking(here.server):
        here.server.set(sinks=(HEADSET, speakers))
        here.pick_up()
        call = HeardCall(here.next_call())
        call.wait_for_sound(0.2)
        here.server.set(players=(Player(5, speakers.index, "100 phone", "Phone"),))
        here.wait_for(HeadsetState.SEARCHING, "played on Loudspeakers")
        here.hang_up()
        assert call.over.wait(8)
        here.wait_for(HeadsetState.WAITING)


def test_a_call_stopped_by_hand_is_left_alone_until_it_ends() -> None:
    """Not a client call, say: listening does not begin again by itself; the next call is heard."""
    with room() as here, speaking(here.server):
        here.pick_up()
        call = HeardCall(here.next_call())
        call.wait_for_sound(0.1)
        call.source.stop()
        assert call.over.wait(30)
        here.wait_for(HeadsetState.WAITING, "not listened to")
        assert here.watch.next_call(1.2) is None
        assert here.server.open_inputs == []
        here.hang_up()
        here.wait_for(HeadsetState.WAITING, "Evolve is connected")
        here.pick_up()
        assert here.next_call() is not call.source


def test_listening_can_be_begun_by_hand() -> None:
    """Without a call that the rule would notice; it ends when it is stopped."""
    with room() as here, speaking(here.server):
        here.wait_for(HeadsetState.WAITING)
        here.watch.listen_now()
        call = HeardCall(here.next_call())
        call.wait_for_sound(0.3)
        with pytest.raises(AudioError, match="already"):
            here.watch.listen_now()
        call.source.stop()
        assert call.over.wait(30)


def test_without_a_headset_nothing_can_be_begun_by_hand() -> None:
    """It says what to do."""
    with room(headset=False) as here:
        here.wait_for(HeadsetState.SEARCHING, "connect")
        with pytest.raises(AudioError, match="connect"):
            here.watch.listen_now()


def test_what_is_not_installed_is_told_and_noticed_once_it_is() -> None:
    """Without a restart."""
    with room() as here, speaking(here.server):
        here.server.cannot_record = "Install libportaudio2."
        here.server.gone = True  # ends the connection that was made before
        here.wait_for(HeadsetState.FAILED, "")
        here.server.gone = False
        here.wait_for(HeadsetState.FAILED, "libportaudio2")
        here.server.cannot_record = ""
        here.wait_for(HeadsetState.WAITING)


def test_a_pause_is_a_gap() -> None:
    """Nothing is recorded meanwhile."""
    with room() as here, speaking(here.server):
        here.pick_up()
        call = HeardCall(here.next_call())
        call.wait_for_sound(0.2)
        call.source.pause()
        wait_until(lambda: here.server.open_inputs == [])
        time.sleep(0.5)
        call.source.resume()
        call.wait_for_sound(0.2)
    (gap,) = call.gaps()
    assert gap.reason == "Listening is paused."
    assert gap.duration_s >= 0.5
    call.assert_no_hole()


def test_the_own_side_is_only_recorded_during_a_call_and_if_wanted() -> None:
    """Opening a Bluetooth microphone ends music in good quality."""
    with room(Wishes(own_side=True)) as here, speaking(here.server):
        here.wait_for(HeadsetState.WAITING)
        assert here.server.inputs == []
        here.pick_up()
        call = HeardCall(here.next_call())
        call.wait_for_sound(0.2)
        call.wait_for_sound(0.2, Side.OWN)
        here.hang_up()
        assert call.over.wait(30)
        assert here.server.open_inputs == []
    assert set(call.sound(Side.CLIENT)) == {MONITOR.index}
    assert set(call.sound(Side.OWN)) == {MICROPHONE.index}
    with room() as here, speaking(here.server):
        here.pick_up()
        HeardCall(here.next_call()).wait_for_sound(0.2)
        assert {each.target.index for each in here.server.inputs} == {MONITOR.index}


def test_a_lost_microphone_does_not_disturb_the_client() -> None:
    """The client's side goes on without a gap."""
    with room(Wishes(own_side=True)) as here, speaking(here.server):
        here.pick_up()
        call = HeardCall(here.next_call())
        call.wait_for_sound(0.2, Side.OWN)
        here.server.set(sources=(MONITOR, Source(21, "other", "other", None, 16000, 1)),
                        recorders=(Recorder(6, 21, "100 phone", "Phone"),))  # fmt: skip
        call.wait_for_sound(0.5)
        here.hang_up()
        assert call.over.wait(30)
    assert call.gaps() == []
    assert [gap.reason for gap in call.gaps(Side.OWN)] == ["The headset's microphone is not there."]


def test_sound_that_nobody_takes_is_a_gap_in_the_end() -> None:
    """The queue is bounded: what finds no room is told as missing."""
    with room() as here:
        here.pick_up()
        source = here.next_call()
        wait_until(lambda: here.server.open_inputs)
        (recording,) = here.server.open_inputs
        began = time.monotonic() - 80.0  # all of that sound has waited for a consumer
        for number in range(4000):
            recording.give(bytes(640), began + number * 0.02, False)
            if number % 1000 == 999:
                time.sleep(0.2)
        call = HeardCall(source)
        with speaking(here.server):
            wait_until(call.gaps)
        here.hang_up()
        assert call.over.wait(30)
    assert "could not keep up" in call.gaps()[0].reason
    call.assert_no_hole()


def test_a_server_that_hangs_for_ever_does_not_keep_a_call_from_ending() -> None:
    """And the CSR is told."""
    answer = threading.Event()
    with room() as here, speaking(here.server):
        here.pick_up()
        call = HeardCall(here.next_call())
        call.wait_for_sound(0.2)

        def hang(_seconds: float) -> None:
            answer.wait()

        here.server.sleep = hang
        here.wait_for(HeadsetState.SEARCHING, "does not answer")
        call.source.stop()
        assert call.over.wait(30)
        answer.set()
    assert isinstance(call.items[-1], Gap)
    call.assert_no_hole()


def test_a_fault_of_our_own_ends_the_call_with_an_error() -> None:
    """Not in silence."""
    with room() as here, speaking(here.server):
        here.pick_up()
        source = here.next_call()

        def fail(_seconds: float) -> None:
            raise ZeroDivisionError

        here.server.sleep = fail
        with pytest.raises(AudioError, match="Start voice-triage again"):
            list(source)
