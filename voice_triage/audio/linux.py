"""The ways to a headset on Linux, put together."""

from __future__ import annotations

from collections.abc import Callable

from voice_triage.audio.capture import Input, Target
from voice_triage.audio.headset_source import Ways
from voice_triage.audio.parec import StreamInput
from voice_triage.audio.portaudio import check_pulse_device, open_pulse_input
from voice_triage.audio.pulse import PulseServer


def linux_ways() -> Ways:
    """PulseAudio, or PipeWire with ``pipewire-pulse``, and recordings through PortAudio."""
    return Ways(PulseServer, _open, check_pulse_device)


def _open(target: Target, tag: str, on_sound: Callable[[bytes, float, bool], None]) -> Input:
    if target.stream is not None:
        return StreamInput(target.source, target.stream, target.rate_hz, tag, on_sound)
    return open_pulse_input(target.source, target.rate_hz, tag, on_sound)
