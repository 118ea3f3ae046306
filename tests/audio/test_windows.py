"""The Windows adapter, against scripted stand-ins of pycaw and SoundCard with the shape of the real ones."""

# ruff: noqa: N802 - the libraries' own names
from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.audio.listening import HeardCall
from tests.audio.sound_server import wait_until
from voice_triage.audio.headset import choose, microphone_of, on_call
from voice_triage.audio.headset_watch import HeadsetState, HeadsetWatch
from voice_triage.audio.windows import Libraries, WindowsServer, windows_ways
from voice_triage.errors import AudioError

FORM, ENUMERATOR = "{1DA5D803-D492-4EDD-8C23-E0C0FFEE7F0E} 0", "{A45C254E-DF1C-4EFD-8020-67D146A850E0} 24"
INTERFACE = "{026E516E-B814-414B-83CD-856D6FEF4822} 2"
PHONE = 4711


@dataclass
class Session:
    """pycaw's AudioSession, and the two objects that lead to it."""

    ProcessId: int
    State: int = 1

    @property
    def Process(self) -> Any:
        return None if self.ProcessId == 1 else self

    def name(self) -> str:
        if self.ProcessId == 2:
            raise LookupError("access denied")
        return "phone.exe"

    def QueryInterface(self, interface: object) -> Session:
        assert interface == "IAudioSessionControl2"
        return self


@dataclass
class Device:
    """pycaw's AudioDevice."""

    id: str
    FriendlyName: str
    properties: dict[str, object]
    sessions: list[Session] = field(default_factory=list)

    @property
    def AudioSessionManager(self) -> Device:
        return self

    def GetSessionEnumerator(self) -> Device:
        return self

    def GetCount(self) -> int:
        return len(self.sessions)

    def GetSession(self, place: int) -> Session:
        return self.sessions[place]


class Windows:
    """A computer: its devices, and both libraries."""

    def __init__(self) -> None:
        self.playing = [
            device("{0.0.0}.speakers", "Speakers (Realtek)", 1, "HDAUDIO", "Realtek"),
            device("{0.0.0}.music", "Headphones (Evolve Stereo)", 3, "BTHENUM", "Evolve Stereo"),
            device("{0.0.0}.calls", "Headset (Evolve Hands-Free)", 5, "BTHHFENUM", "Evolve Hands-Free"),
        ]
        self.recording = [device("{0.0.1}.mic", "Headset (Evolve Hands-Free)", 5, "BTHHFENUM", "Evolve Hands-Free")]
        self.recorders = 0
        self.AudioUtilities = self
        self.AudioSession: Callable[[Session], Session] = lambda control: control

    def libraries(self) -> Libraries:
        """As the adapter loads them."""
        return Libraries(self, "IAudioSessionControl2", self, ArithmeticError, LookupError, lambda: None)

    def pick_up(self) -> None:
        """A program begins a call on the headset."""
        self.playing[-1].sessions = [Session(0), Session(PHONE)]
        self.recording[-1].sessions = [Session(PHONE)]

    def hang_up(self) -> None:
        """It keeps its sessions, as programs do, but its streams stop."""
        for each in (*self.playing[-1].sessions, *self.recording[-1].sessions):
            each.State = 0

    def GetAllDevices(self, data_flow: int, device_state: int) -> list[Device]:
        assert device_state == 1
        return list(self.playing if data_flow == 0 else self.recording)

    def get_microphone(self, id: str, include_loopback: bool) -> Recorder:  # noqa: A002 - SoundCard's name
        assert include_loopback
        if all(each.id != id for each in (*self.playing, *self.recording)):
            raise IndexError(f"no device with id {id}")
        return Recorder(self, id)


class Recorder:
    """SoundCard's microphone and its recorder: a steady half of full scale, at the pace of the clock."""

    def __init__(self, computer: Windows, name: str) -> None:
        self._computer = computer
        self._name = name
        self._given_s = 0.0

    @contextmanager
    def recorder(self, samplerate: int, channels: int, blocksize: int) -> Iterator[Recorder]:
        assert (samplerate, channels) == (16000, 1)
        self._began = time.monotonic()
        self._computer.recorders += 1
        try:
            yield self
        finally:
            self._computer.recorders -= 1

    def record(self, numframes: int) -> NDArray[np.float32]:
        self._given_s += numframes / 16000
        while time.monotonic() < self._began + self._given_s:
            time.sleep(0.005)
        if all(each.id != self._name for each in (*self._computer.playing, *self._computer.recording)):
            raise RuntimeError("Error 0x88890004")  # AUDCLNT_E_DEVICE_INVALIDATED
        return np.full((numframes, 1), 0.5, dtype=np.float32)


def device(name: str, friendly: str, form: int, enumerator: str, interface: str) -> Device:
    """A device with the properties that count."""
    return Device(name, friendly, {FORM: form, ENUMERATOR: enumerator, INTERFACE: interface})


def test_the_hands_free_endpoint_is_the_headset() -> None:
    """Before the same headset's endpoint for music, and never the speakers; its microphone is known."""
    computer = Windows()
    snapshot = windows_ways(computer.libraries).connect().snapshot()
    choice = choose(snapshot)
    assert [(each.sink.name, each.usable) for each in choice.verdicts] == [
        ("{0.0.0}.calls", True),
        ("{0.0.0}.music", True),
        ("{0.0.0}.speakers", False),
    ]
    assert choice.headset is not None
    microphone = microphone_of(snapshot, choice.headset)
    assert microphone is not None
    assert microphone.name == "{0.0.1}.mic"


def test_a_call_is_noticed_by_its_running_streams() -> None:
    """The system's sounds are none, and a session that rests is none."""
    computer = Windows()
    server = windows_ways(computer.libraries).connect()
    computer.playing[-1].sessions = [Session(0), Session(1), Session(2)]  # 1 has no process, 2 tells no name
    computer.recording[-1].sessions = [Session(0)]
    assert on_call(server.snapshot(), choose(server.snapshot()).usable) is None
    computer.pick_up()
    call = on_call(server.snapshot(), choose(server.snapshot()).usable)
    assert call is not None
    assert call.program_name == "phone.exe"
    computer.hang_up()
    assert on_call(server.snapshot(), choose(server.snapshot()).usable) is None


def test_a_device_that_comes_back_has_another_number() -> None:
    """So that what was recorded of it before is not taken for what is now."""
    computer = Windows()
    server = windows_ways(computer.libraries).connect()
    number = server.snapshot().sinks[-1].index
    headset = computer.playing.pop()
    server.snapshot()
    computer.playing.append(headset)
    assert server.snapshot().sinks[-1].index != number


def test_a_call_is_heard_from_pick_up_to_hang_up() -> None:
    """With the headset unplugged for a moment in between; full scale is 32768."""
    computer = Windows()
    watch = HeadsetWatch(windows_ways(computer.libraries))
    try:
        wait_until(lambda: watch.status.state is HeadsetState.WAITING)
        computer.pick_up()
        source = watch.next_call(30)
        assert source is not None
        call = HeardCall(source)
        call.wait_for_sound(0.3)
        headset = computer.playing.pop()
        wait_until(lambda: computer.recorders == 0)
        computer.playing.append(headset)
        call.wait_for_sound(0.3)
        computer.hang_up()
        assert call.over.wait(30)
    finally:
        watch.close()
    assert computer.recorders == 0
    assert set(call.sound()) == {16384}
    assert len(call.gaps()) == 1
    call.assert_no_hole()


def test_what_windows_refuses_is_an_error_that_says_what_to_do() -> None:
    """Not an error of COM."""
    computer = Windows()
    server = windows_ways(computer.libraries).connect()
    assert isinstance(server, WindowsServer)

    def refuse(*_arguments: object) -> list[Device]:
        raise ArithmeticError(-2147023174)

    computer.GetAllDevices = refuse  # type: ignore[assignment, method-assign]
    with pytest.raises(AudioError, match="Windows Audio"):
        server.snapshot()


@pytest.mark.skipif(sys.platform == "win32", reason="they are installed there")
def test_missing_packages_are_told_by_name() -> None:
    """On any system where they are not installed."""
    with pytest.raises(AudioError, match="SoundCard and pycaw"):
        windows_ways().check()
