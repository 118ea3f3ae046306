"""The sound devices of this machine, as PortAudio sees them."""

from __future__ import annotations

from dataclasses import dataclass

from voice_triage.audio import portaudio
from voice_triage.errors import AudioError


@dataclass(frozen=True, slots=True)
class Device:
    """One device of one host interface. Named, never numbered: numbers change when something is plugged in."""

    name: str
    host: str
    """The system's sound interface: ``ALSA``, ``Core Audio``, ``Windows WASAPI``, ..."""
    inputs: int
    """Channels it can record."""
    outputs: int
    """Channels it can play; what a headset plays is the client's voice."""
    rate_hz: float
    default: str
    """``input``, ``output``, ``both`` or nothing: whether the system uses it by default. Never used for that reason."""


def devices() -> list[Device]:
    """All devices, in the system's order.

    Raises AudioError, saying what to install, if there is no PortAudio or it cannot list them.
    """
    sounddevice = portaudio.sounddevice()
    try:
        hosts = sounddevice.query_hostapis()
        listed = sounddevice.query_devices()
        default_input, default_output = sounddevice.default.device
    except sounddevice.PortAudioError as error:
        raise AudioError(
            f"The sound devices cannot be listed ({error}). Check that the system's sound service runs, then try again."
        ) from error
    return [
        Device(
            str(each["name"]),
            str(hosts[each["hostapi"]]["name"]),
            int(each["max_input_channels"]),
            int(each["max_output_channels"]),
            float(each["default_samplerate"]),
            _default(number == default_input, number == default_output),
        )
        for number, each in enumerate(listed)
    ]


def portaudio_version() -> str:
    """PortAudio's own version text. Raises AudioError if it is not there."""
    return str(portaudio.sounddevice().get_portaudio_version()[1])


def _default(is_input: bool, is_output: bool) -> str:
    if is_input and is_output:
        return "both"
    return "input" if is_input else "output" if is_output else ""
