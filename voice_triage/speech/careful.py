"""The careful ear's protocol: a stretch of finished speech in, better words out, with what tells an invention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rehearing:
    """What a stretch of sound says when it is heard as a whole.

    Figures are those of the worst part of the stretch, where it was heard in parts.
    """

    text: tuple[str, ...]
    """Words in their spoken form (:mod:`voice_triage.speech.spoken_form`); none where no speech was found."""
    speech: tuple[tuple[float, float], ...]
    """Call times between which voice activity was found, in order."""
    avg_logprob: float = 0.0
    """Mean natural logarithm of the tokens' probabilities, 0 or less."""
    no_speech_prob: float = 0.0
    """The engine's own probability that there is no speech, 0 to 1."""
    compression_ratio: float = 1.0
    """Length of the text to its compressed length: a phrase said over and over compresses well."""


class CarefulEar(Protocol):
    """Hears finished speech again. One thread at a time."""

    name: str
    """Engine, version and model, for the call's log."""

    def rehear(self, samples: NDArray[np.int16], start_s: float) -> Rehearing:
        """Hear sound (shape (n,), 16 kHz) whose first sample has call time ``start_s``. Raises RecognizerError."""

    def close(self) -> None:
        """Free the model's memory. Idempotent; nothing can be heard after it."""
