"""The macOS adapter, against a scripted stand-in of sounddevice with the shape of the real one."""

# ruff: noqa: N802 - the libraries' own names
from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.audio.listening import HeardCall
from tests.audio.sound_server import wait_until
from voice_triage.audio.headset import LOOPBACK, choose
from voice_triage.audio.headset_source import Wishes
from voice_triage.audio.headset_watch import HeadsetState, HeadsetWatch
from voice_triage.audio.mac import mac_ways
from voice_triage.errors import AudioError


class SoundDevice:
    """A computer with a loopback device, as sounddevice shows it."""

    class PortAudioError(Exception):
        """What sounddevice raises."""

    def __init__(self, *names: str) -> None:
        self.names = names or ("MacBook Microphone", "BlackHole 2ch")
        self.broken = False
        self.hangs = threading.Event()
        """Whether streams hang while they begin."""
        self.streams: list[Stream] = []

    def query_devices(self) -> list[dict[str, Any]]:
        if self.broken:
            raise self.PortAudioError("Internal error")
        inputs = [{"name": n, "max_input_channels": 2, "default_samplerate": 48000.0} for n in self.names]
        return [{"name": "MacBook Speakers", "max_input_channels": 0, "default_samplerate": 44100.0}, *inputs]

    def _exit_handler(self) -> None:
        """What sounddevice does when the program ends."""

    def RawInputStream(self, **options: Any) -> Stream:
        if options["device"] not in self.names:
            raise ValueError(f"No input device matching {options['device']!r}")
        stream = Stream(options, self.hangs)
        self.streams.append(stream)
        return stream


class Stream:
    """A stream that gives a steady signal at the pace of the clock."""

    def __init__(self, options: dict[str, Any], hangs: threading.Event) -> None:
        self.options = options
        self._hangs = hangs
        self.closed = threading.Event()

    def start(self) -> None:
        while self._hangs.is_set():
            time.sleep(0.01)
        threading.Thread(target=self._play, daemon=True).start()

    def abort(self, ignore_errors: bool) -> None:
        self.closed.set()

    def close(self, ignore_errors: bool = True) -> None:
        self.closed.set()

    def _play(self) -> None:
        frames = self.options["blocksize"]
        due = time.monotonic()
        while not self.closed.is_set():
            due += frames / self.options["samplerate"]
            time.sleep(max(0.0, due - time.monotonic()))
            data = np.full(frames, 77, dtype=np.int16).tobytes()
            self.options["callback"](data, frames, None, SimpleNamespace(input_overflow=False))
        self.options["finished_callback"]()


def test_a_loopback_device_stands_for_the_headset() -> None:
    """A known one is found; any other by its name; a microphone never by itself."""
    library = SoundDevice()
    choice = choose(mac_ways(lambda: library).connect().snapshot())
    assert choice.headset is not None
    assert (choice.headset.description, choice.verdicts[0].kind) == ("BlackHole 2ch", LOOPBACK)
    other = SoundDevice("MacBook Microphone", "Desk Cable")
    snapshot = mac_ways(lambda: other).connect().snapshot()
    assert choose(snapshot).headset is None
    assert choose(snapshot, "desk cable").headset is not None


def test_listening_is_begun_and_ended_by_hand() -> None:
    """And the CSR is told that it has to be."""
    library = SoundDevice()
    watch = HeadsetWatch(mac_ways(lambda: library), Wishes())
    try:
        wait_until(lambda: watch.status.state is HeadsetState.WAITING)
        assert "by hand" in watch.status.detail
        watch.listen_now()
        source = watch.next_call(30)
        assert source is not None
        call = HeardCall(source)
        call.wait_for_sound(0.3)
        call.source.stop()
        assert call.over.wait(30)
    finally:
        watch.close()
    assert set(call.sound()) == {77}
    assert {block.rate_hz for block in call.blocks()} == {48000}
    assert all(stream.closed.is_set() for stream in library.streams)
    call.assert_no_hole()


def test_a_recording_that_never_begins_is_given_up() -> None:
    """As PortAudio hangs where a device goes away at that moment; should it begin after all, it is ended at once."""
    library = SoundDevice()
    library.hangs.set()
    with pytest.raises(AudioError, match="does not begin"):
        mac_ways(lambda: library).open_input(_target("BlackHole 2ch"), "tag", lambda _sound, _arrived, _loss: None)
    (stream,) = library.streams
    assert not stream.closed.is_set()
    library.hangs.clear()
    wait_until(stream.closed.is_set)


def test_a_device_that_is_not_there_is_told() -> None:
    """As an error that says what to do; so are devices that cannot be listed."""
    library = SoundDevice()
    ways = mac_ways(lambda: library)
    (sink,) = (sink for sink in ways.connect().snapshot().sinks if "BlackHole" in sink.name)
    library.names = ("MacBook Microphone",)
    with pytest.raises(AudioError, match="cannot be recorded"):
        ways.open_input(_target(sink.monitor), "tag", lambda _sound, _arrived, _loss: None)
    library.broken = True
    with pytest.raises(AudioError, match="cannot be listed"):
        ways.connect().snapshot()


def _target(source: str) -> Any:
    from voice_triage.audio.capture import Target

    return Target(source, 2, 48000)
