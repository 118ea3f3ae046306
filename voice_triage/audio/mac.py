"""Headsets on macOS: a loopback device that the phone program's sound goes through, such as BlackHole.

macOS gives no program what another one plays. With a multi-output device of the headset and a loopback device, chosen
in the phone program, what the client says is heard on the loopback device, which PortAudio records by its name. Which
programs use it macOS does not tell, so calls are not noticed: listening is begun and ended by hand.

Thin, and tested against a scripted stand-in of sounddevice only: nobody has run it on macOS yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from voice_triage.audio import portaudio
from voice_triage.audio.headset import LOOPBACK_BUS
from voice_triage.audio.headset_source import Ways
from voice_triage.audio.open_inputs import OpenInputs
from voice_triage.audio.sound_server import Change, Sink, Snapshot
from voice_triage.errors import AudioError

LOOPBACK_NAMES = ("blackhole", "loopback", "soundflower")
"""Parts of the names of known loopback devices; any other can be set by its name."""


def mac_ways(library: Callable[[], Any] = portaudio.sounddevice) -> Ways:
    """All of it put together."""
    inputs = OpenInputs(
        lambda target, on_sound: portaudio.open_device(library(), target.source, target.rate_hz, on_sound)
    )
    return Ways(lambda: MacServer(library(), inputs), inputs.open)


class MacServer:
    """A :class:`~voice_triage.audio.sound_server.SoundServer` of devices that record, which nothing changes.

    PortAudio looks for devices once; a loopback device is there from when it was installed.
    """

    name = "macOS"
    notices_calls = False

    def __init__(self, library: Any, inputs: OpenInputs) -> None:
        self._library = library
        self._inputs = inputs

    def wait(self, timeout_s: float) -> list[Change]:
        """As in SoundServer."""
        time.sleep(timeout_s)
        return []

    def changes(self) -> list[Change]:
        """As in SoundServer."""
        return []

    def snapshot(self) -> Snapshot:
        """As in SoundServer. Every device that records stands for what is played to it."""
        try:
            devices = list(self._library.query_devices())
        except self._library.PortAudioError as error:
            raise AudioError(f"The sound devices cannot be listed ({error}). Restart the computer.") from error
        sinks = tuple(
            Sink(
                number,
                str(device["name"]),
                str(device["name"]),
                str(device["name"]),
                number,
                int(device["default_samplerate"]),
                1,
                properties={"device.bus": LOOPBACK_BUS} if _is_loopback(str(device["name"])) else {},
            )
            for number, device in enumerate(devices)
            if device["max_input_channels"] > 0
        )
        return Snapshot(sinks, (), (), self._inputs.recorders())

    def source_of(self, recorder: int) -> int | None:
        """As in SoundServer."""
        return self._inputs.source_of(recorder)

    def close(self) -> None:
        """As in SoundServer."""


def _is_loopback(name: str) -> bool:
    return any(known in name.lower() for known in LOOPBACK_NAMES)
