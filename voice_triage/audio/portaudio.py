"""PortAudio, through sounddevice. The one file that imports it."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from voice_triage.audio.sound_server import TAG_PROPERTY
from voice_triage.errors import AudioError

PULSE_DEVICE = "pulse"
"""ALSA's way to the sound server, from the package libasound2-plugins."""
PERIOD_MS = 40
LATENCY_S = 0.08
"""Two periods. Half as long costs a third more computing, for sound that is at hand 20 ms sooner. What a late callback
leaves waits in the sound server, which holds minutes: a stall of 2 s lost nothing."""
START_S = 3.0
"""A recording that has not begun after so long never will. PortAudio 19.6 waits for ever where the device goes away at
that moment: its own thread ends in an error and does not say so (seen under PipeWire, about once in 200 replugs)."""
_STAY = "node.dont-reconnect=true state.restore-target=false"
"""PipeWire ends a stream whose device goes away instead of connecting it to another one, and does not move it to where
some earlier stream was. PulseAudio knows neither."""

OnSound = Callable[[bytes, float, bool], None]
"""Called on the audio thread: 16-bit samples of one channel, ``time.monotonic()``, whether sound was lost before."""

_opening = threading.Lock()
"""The environment, by which libpulse is told what to open, belongs to the whole process."""
_counting = threading.Lock()
_open_streams = 0


def sounddevice() -> Any:
    """The library. Raises AudioError, saying what to install, if it or PortAudio is missing."""
    try:
        import sounddevice as library
    except ImportError as error:
        raise AudioError("The package sounddevice is not installed. Run scripts/run, which installs it.") from error
    except OSError as error:  # what sounddevice raises when the library is missing
        raise AudioError(f"PortAudio, which opens sound devices, is missing. {_remedy()}") from error
    return library


def version() -> str:
    """PortAudio's own version text. Raises AudioError if it is not there."""
    return str(sounddevice().get_portaudio_version()[1])


def check_pulse_device() -> None:
    """Raise AudioError, saying what to install, if the sound server's devices cannot be recorded through PortAudio."""
    with _opening:
        _pulse_device(sounddevice())


class DeviceInput:
    """A running recording of one device, one channel of 16-bit samples."""

    def __init__(self, library: Any, device: str | int, rate_hz: int, on_sound: OnSound) -> None:
        """``device`` by its name, or PortAudio's number; silent before :meth:`start`. Raises AudioError."""
        global _open_streams  # noqa: PLW0603 - PortAudio can only look for devices anew while none is open
        self._library = library
        self._on_sound = on_sound
        self._open = False
        self._begun = self._given_up = False
        self._failure: Exception | None = None
        self.ended = False
        """Whether the system has ended it; there will be no more sound."""
        try:
            self._stream = library.RawInputStream(
                device=device,
                samplerate=rate_hz,
                channels=1,
                dtype="int16",
                blocksize=rate_hz * PERIOD_MS // 1000,
                latency=LATENCY_S,
                callback=self._heard,
                finished_callback=self._finished,
            )
        except (library.PortAudioError, ValueError) as error:  # ValueError: no device of that name
            raise _cannot_record(error) from error
        with _counting:
            _open_streams += 1
        self._open = True

    def start(self) -> None:
        """Begin, once. Raises AudioError, after :data:`START_S` at the latest; the recording is closed then."""
        starter = threading.Thread(target=self._start, name="start of a recording", daemon=True)
        starter.start()
        starter.join(START_S)
        with _counting:
            self._given_up = not self._begun
        if self._given_up:
            # Neither closing this stream nor ending PortAudio is possible now: both would hang, or end the program at
            # once. The system takes it back when the program ends.
            atexit.unregister(self._library._exit_handler)
            self._open = False
            raise _cannot_record("the sound service does not begin")
        if self._failure is not None:
            self.close()
            raise _cannot_record(self._failure) from self._failure

    def close(self) -> None:
        """Stop it. Idempotent. Waits for the sound server, also for one that hangs."""
        if self._open:
            self._open = False
            self._free()

    def _start(self) -> None:
        try:
            self._stream.start()
        except self._library.PortAudioError as error:
            self._failure = error
        with _counting:
            self._begun = True
        if self._given_up:  # it came after all
            self._free()

    def _free(self) -> None:
        global _open_streams  # noqa: PLW0603 - see above
        # Not under the lock: a server that hangs must not keep others from opening theirs.
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
        with _counting:
            _open_streams -= 1

    def _heard(self, data: Any, frames: int, times: Any, status: Any) -> None:
        del frames, times  # PortAudio's time was seen negative (capture.md)
        self._on_sound(bytes(data), time.monotonic(), bool(status.input_overflow))

    def _finished(self) -> None:
        self.ended = True


def open_pulse_input(source: str, rate_hz: int, tag: str, on_sound: OnSound) -> DeviceInput:
    """Record a source of the sound server. Raises AudioError if it cannot be opened.

    The server chooses what it really records and may change that at any time without a word (``capture.md``): whoever
    opens it must find it by its tag and check.
    """
    library = sounddevice()
    with _opening:
        device = _pulse_device(library)
        with _environment({"PULSE_SOURCE": source, "PULSE_PROP": f"{TAG_PROPERTY}={tag} {_STAY}"}):
            recording = DeviceInput(library, device, rate_hz, on_sound)
    recording.start()  # not under the lock: one that hangs must not keep others from opening theirs
    return recording


def open_device(library: Any, device: str, rate_hz: int, on_sound: OnSound) -> DeviceInput:
    """Record a device by its name. Raises AudioError if it cannot be opened."""
    recording = DeviceInput(library, device, rate_hz, on_sound)
    recording.start()
    return recording


def _cannot_record(why: object) -> AudioError:
    return AudioError(
        f"The headset's sound cannot be recorded ({why}). It is tried again by itself; if that does not help, connect "
        "the headset anew."
    )


class _environment:  # noqa: N801 - reads as a statement
    """Environment variables set for the time of a ``with``."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._values}
        os.environ.update(self._values)

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _pulse_device(library: Any) -> int:
    """PortAudio's number of :data:`PULSE_DEVICE`, found anew each time: numbers change."""
    found = _find_pulse_device(library)
    if found is None and not _open_streams:
        # PortAudio looks for devices once; if the sound server was not there then, it must look again.
        library._terminate()
        library._initialize()
        found = _find_pulse_device(library)
    if found is None:
        raise AudioError(
            "PortAudio cannot reach the sound server. Install the connection with: sudo apt-get install "
            "libasound2-plugins (Debian, Ubuntu), sudo dnf install alsa-plugins-pulseaudio (Fedora)."
        )
    return found


def _find_pulse_device(library: Any) -> int | None:
    try:
        devices = library.query_devices()
    except library.PortAudioError as error:
        raise AudioError(
            f"The sound devices cannot be listed ({error}). Check that the system's sound service runs, then try again."
        ) from error
    return next((i for i, d in enumerate(devices) if d["name"] == PULSE_DEVICE and d["max_input_channels"] > 0), None)


def _remedy() -> str:
    if sys.platform == "linux":
        return (
            "Install it with: sudo apt-get install libportaudio2 libasound2-plugins (Debian, Ubuntu), "
            "sudo dnf install portaudio alsa-plugins-pulseaudio (Fedora)."
        )
    return "It comes with the package sounddevice: install that again (pip install --force-reinstall sounddevice)."
