"""Headsets on Windows: devices and programs by pycaw, their sound by SoundCard's WASAPI loopback.

Thin, and tested against scripted stand-ins of both libraries only: nobody has run it on Windows yet. A loopback
recording belongs to one device and ends with it, so there is no re-routing as on Linux; the guard is the same.
"""

from __future__ import annotations

import importlib
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from voice_triage.audio.capture import Target
from voice_triage.audio.headset_source import Ways
from voice_triage.audio.open_inputs import OpenInputs
from voice_triage.audio.sound_server import NO_INDEX, Change, Player, Recorder, Sink, Snapshot, Source
from voice_triage.errors import AudioError

RATE_HZ = 16000
"""Windows converts whatever a device has."""
PERIOD_MS = 40
POLL_S = 0.5
"""How often devices and programs are looked at; Windows tells of changes only through callbacks of its own."""
OPEN_S = 10.0
JOIN_S = 2.0
_FORM_FACTOR = "{1DA5D803-D492-4EDD-8C23-E0C0FFEE7F0E} 0"
_ENUMERATOR = "{A45C254E-DF1C-4EFD-8020-67D146A850E0} 24"
_INTERFACE = "{026E516E-B814-414B-83CD-856D6FEF4822} 2"
"""Keys as pycaw writes them: PKEY_AudioEndpoint_FormFactor, PKEY_Device_EnumeratorName and
PKEY_DeviceInterface_FriendlyName (mmdeviceapi.h, functiondiscoverykeys_devpkey.h)."""
_FORMS: Mapping[int, str] = {1: "speaker", 3: "headphone", 4: "microphone", 5: "headset", 6: "handset"}
"""``EndpointFormFactor`` of mmdeviceapi.h, in PulseAudio's words."""
_HANDS_FREE = "BTHHFENUM"
"""Enumerates the hands-free endpoints of Bluetooth headsets; their music has BTHENUM."""
_ACTIVE = 1
"""``AudioSessionStateActive``: a stream of it is running."""
_RENDER, _CAPTURE = 0, 1
"""``EDataFlow``."""


@dataclass(frozen=True, slots=True)
class Libraries:
    """The libraries, or stand-ins of them."""

    pycaw: Any
    """``pycaw.utils``: AudioUtilities and AudioSession."""
    session_control: Any
    """``pycaw.api.audiopolicy.IAudioSessionControl2``."""
    soundcard: Any
    com_error: type[Exception]
    """What pycaw lets through when Windows refuses something."""
    process_error: type[Exception]
    """What pycaw's sessions raise when a program has ended, or keeps its name to itself."""
    enter_thread: Callable[[], None]
    """Makes COM usable on the calling thread."""
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def windows_ways(libraries: Callable[[], Libraries] | None = None) -> Ways:
    """All of it put together. The libraries are loaded when they are first needed."""
    endpoints = _Endpoints(libraries or _libraries)
    return Ways(lambda: WindowsServer(endpoints), endpoints.inputs.open, endpoints.load)


class WindowsServer:
    """A :class:`~voice_triage.audio.sound_server.SoundServer` that looks again and again."""

    name = "Windows"
    notices_calls = True

    def __init__(self, endpoints: _Endpoints) -> None:
        endpoints.load()
        self._endpoints = endpoints
        self._libraries = endpoints.libraries
        self._libraries.enter_thread()
        self._seen = self.snapshot()
        self._looked = self._libraries.monotonic()

    def wait(self, timeout_s: float) -> list[Change]:
        """As in SoundServer."""
        end = self._libraries.monotonic() + timeout_s
        while not (changes := self.changes()) and (left_s := end - self._libraries.monotonic()) > 0:
            self._libraries.sleep(min(left_s, POLL_S))
        return changes

    def changes(self) -> list[Change]:
        """As in SoundServer; changes are seen within :data:`POLL_S`."""
        if self._libraries.monotonic() - self._looked < POLL_S:
            return []
        before, self._seen = self._seen, self.snapshot()
        self._looked = self._libraries.monotonic()
        return [Change("change", "server", 0)] if self._seen != before else []

    def snapshot(self) -> Snapshot:
        """As in SoundServer."""
        return self._endpoints.snapshot()

    def source_of(self, recorder: int) -> int | None:
        """As in SoundServer: a recording stays where it was opened, until it ends."""
        return self._endpoints.inputs.source_of(recorder)

    def close(self) -> None:
        """As in SoundServer."""


class LoopbackInput:
    """A running recording of what a device plays, or of a microphone."""

    def __init__(self, libraries: Libraries, target: Target, on_sound: Callable[[bytes, float, bool], None]) -> None:
        """Raises AudioError if it cannot be opened."""
        self.ended = False
        self._libraries = libraries
        self._target = target
        self._on_sound = on_sound
        self._closed = threading.Event()
        self._opened = threading.Event()
        self._problem = "Windows does not answer"
        self._reader = threading.Thread(target=self._read, name="loopback", daemon=True)
        self._reader.start()
        if not self._opened.wait(OPEN_S) or self.ended:
            self.close()
            raise AudioError(
                f"The headset's sound cannot be recorded ({self._problem}). It is tried again by itself; if that does "
                "not help, connect the headset anew."
            )

    def close(self) -> None:
        """Stop it. Idempotent."""
        self._closed.set()
        self._reader.join(JOIN_S)

    def _read(self) -> None:
        frames = RATE_HZ * PERIOD_MS // 1000
        try:
            self._libraries.enter_thread()
            microphone = self._libraries.soundcard.get_microphone(self._target.source, include_loopback=True)
            with microphone.recorder(samplerate=RATE_HZ, channels=1, blocksize=frames // 4) as recorder:
                self._opened.set()
                while not self._closed.is_set():
                    # SoundCard fills by the clock what Windows leaves out while nothing is played.
                    sound = recorder.record(numframes=frames)[:, 0]
                    whole = np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)
                    self._on_sound(whole.tobytes(), self._libraries.monotonic(), False)
        except (RuntimeError, IndexError, OSError) as error:  # the device was unplugged, or was never there
            self._problem = str(error)
        finally:
            self.ended = True
            self._opened.set()


class _Endpoints:
    """The devices of this computer with numbers of our own, and our recordings, shared by all connections."""

    def __init__(self, load: Callable[[], Libraries]) -> None:
        self.inputs = OpenInputs(lambda target, on_sound: LoopbackInput(self.libraries, target, on_sound))
        self._load = load
        self._loaded: Libraries | None = None
        self._lock = threading.Lock()
        self._count = itertools.count(1)
        self._numbers: dict[str, int] = {}

    @property
    def libraries(self) -> Libraries:
        """As loaded."""
        assert self._loaded is not None
        return self._loaded

    def load(self) -> None:
        """Load the libraries. Raises AudioError, saying what to install."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()

    def snapshot(self) -> Snapshot:
        """All active devices, the programs that use them, and our recordings. Raises AudioError."""
        try:
            playing, recording = self._devices(_RENDER), self._devices(_CAPTURE)
            numbers = self._numbered(device.id for device in playing + recording)
            cards = sorted({_interface(device) for device in playing + recording})
            sinks = tuple(_sink(each, numbers[each.id], cards.index(_interface(each))) for each in playing)
            monitors = tuple(Source(s.monitor_index, s.monitor, s.description, s.name, RATE_HZ, 1) for s in sinks)
            microphones = tuple(_source(each, numbers[each.id], cards.index(_interface(each))) for each in recording)
            players = tuple(
                Player(number, numbers[device.id], *program, paused=not active)
                for device in playing
                for number, program, active in self._programs(device, numbers[device.id])
            )
            recorders = tuple(
                Recorder(number, numbers[device.id], *program, paused=not active)
                for device in recording
                for number, program, active in self._programs(device, numbers[device.id])
            )
        except (OSError, self.libraries.com_error) as error:
            raise AudioError(
                f"Windows does not tell its sound devices ({error}). Check that the service Windows Audio runs."
            ) from error
        return Snapshot(sinks, monitors + microphones, players, recorders + self.inputs.recorders())

    def _numbered(self, names: Iterable[str]) -> Mapping[str, int]:
        """A number for each device; one that was gone meanwhile gets a new one."""
        known = set(names)
        with self._lock:
            self._numbers = {name: number for name, number in self._numbers.items() if name in known}
            for name in sorted(known - set(self._numbers)):
                self._numbers[name] = next(self._count)
            return dict(self._numbers)

    def _devices(self, flow: int) -> list[Any]:
        return list(self.libraries.pycaw.AudioUtilities.GetAllDevices(flow, _ACTIVE))

    def _programs(self, device: Any, number: int) -> Iterable[tuple[int, tuple[str, str], bool]]:
        """Sessions of other programs on a device: a number, the program's key and name, whether its stream runs."""
        sessions = device.AudioSessionManager.GetSessionEnumerator()
        for place in range(sessions.GetCount()):
            control = sessions.GetSession(place).QueryInterface(self.libraries.session_control)
            session = self.libraries.pycaw.AudioSession(control)
            process = int(session.ProcessId)
            if process in (0, os.getpid()):  # 0: the system's own sounds
                continue
            name = self._name_of(session)
            yield number * 1000 + place, (f"{process} {name}", name), session.State == _ACTIVE

    def _name_of(self, session: Any) -> str:
        try:
            return "a program" if session.Process is None else str(session.Process.name())
        except self.libraries.process_error:
            return "a program"


def _sink(device: Any, number: int, card: int) -> Sink:
    """A device that plays; its loopback has its own name and number."""
    name = str(device.FriendlyName)
    return Sink(number, device.id, name, device.id, number, RATE_HZ, 1, card, _properties(device))


def _source(device: Any, number: int, card: int) -> Source:
    return Source(number, device.id, str(device.FriendlyName), None, RATE_HZ, 1, card, properties=_properties(device))


def _interface(device: Any) -> str:
    """What a headset's two devices have in common."""
    return str(device.properties.get(_INTERFACE) or device.id)


def _properties(device: Any) -> Mapping[str, str]:
    """What the rule for headsets reads, in PulseAudio's words."""
    properties = {"device.form_factor": _FORMS.get(device.properties.get(_FORM_FACTOR, NO_INDEX), "")}
    enumerator = str(device.properties.get(_ENUMERATOR, "")).upper()
    if enumerator.startswith("BTH"):
        profile = "headset_head_unit" if enumerator == _HANDS_FREE else "a2dp_sink"
        return properties | {"device.bus": "bluetooth", "bluetooth.protocol": profile}
    return properties | {"device.bus": enumerator.lower()}


def _libraries() -> Libraries:
    sys.coinit_flags = 0  # type: ignore[attr-defined]  # comtypes reads it: the same threading model as SoundCard's
    try:
        # By name: they are installed on Windows only.
        comtypes, psutil, soundcard, utils, policy = map(
            importlib.import_module, ("comtypes", "psutil", "soundcard", "pycaw.utils", "pycaw.api.audiopolicy")
        )
    except ImportError as error:
        raise AudioError(
            f"Hearing a headset on Windows needs the packages SoundCard and pycaw ({error}). Run scripts/run, which "
            "installs them."
        ) from error
    return Libraries(
        utils, policy.IAudioSessionControl2, soundcard, comtypes.COMError, psutil.Error, comtypes.CoInitializeEx
    )
