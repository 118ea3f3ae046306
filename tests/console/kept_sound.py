"""A kept call's sound, as the console opens it: a tone, one second for each second of the call."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator

import numpy as np

from voice_triage.errors import StoreError
from voice_triage.events import Side

RATE_HZ = 8000
KEPT_S = 60
NOT_KEPT = "No sound of that side is kept of this call. It may have been recorded by no one."


class KeptTone:
    """A minute of it."""

    def __init__(self) -> None:
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE_HZ)
            wavelength = np.arange(KEPT_S * RATE_HZ) * (2 * np.pi * 440 / RATE_HZ)
            writer.writeframes((np.sin(wavelength) * 3000).astype("<i2").tobytes())
        self._wav = file.getvalue()

    @property
    def wav_bytes(self) -> int:
        return len(self._wav)

    def wav(self, start: int, end: int) -> Iterator[bytes]:
        yield self._wav[start:end]

    def close(self) -> None:
        """Nothing is held."""


def open_tone(call: str, side: Side) -> KeptTone:
    """The client's side of every call but those named after not being recorded."""
    if side is not Side.CLIENT or "unrecorded" in call:
        raise StoreError(NOT_KEPT)
    return KeptTone()
