"""The recognizer's protocol: 16 kHz mono in, words out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voice_triage.events import Word

SAMPLE_RATE_HZ = 16000
"""The small US English model refuses anything else (``speech.md``)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one block of sound brought: the open utterance so far, or the closed one."""

    words: tuple[Word, ...]
    final: bool


class Recognizer(Protocol):
    """One stream of speech. Not thread-safe: one thread owns it for its whole life."""

    name: str
    """Name and version of engine and model, for the call's log."""

    def accept(self, samples: NDArray[np.int16], start_s: float) -> Heard | None:
        """Decode one block (shape (n,), 16 kHz), whose first sample has call time ``start_s``.

        Returns None if nothing changed. Word times are call time, also after a gap in the sound.
        Raises RecognizerError.
        """

    def finish(self) -> Heard | None:
        """Close the open utterance (hang-up, or before a gap) so that no word is lost; the stream can go on."""

    def close(self) -> None:
        """Free the stream."""
