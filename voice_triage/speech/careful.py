"""The careful ear's protocol: a stretch of finished speech in, better words out, with what tells an invention."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voice_triage.events import Word


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

    def rehear(self, samples: NDArray[np.int16], start_s: float, live: tuple[Word, ...] = ()) -> Rehearing:
        """Hear sound (shape (n,), 16 kHz) whose first sample has call time ``start_s``. Raises RecognizerError.

        Where the words of ``live`` were heard there is speech, whatever voice activity says.
        """

    def close(self) -> None:
        """Free the model's memory. Idempotent; nothing can be heard after it."""


MOST_COMPRESSION = 2.4
"""Whisper's own bound: above it a phrase is repeated."""
MOST_REPEATED = 4
"""A word more often in a row is a loop; "no no no no" is said."""
LEAST_LOGPROB = -1.0
"""Whisper's own bound."""
MOST_WORDS_PER_S = 7.0
"""No client speaks faster, counting voice activity alone; an invented "thank you for watching" comes in less."""
WITHOUT_LIVE_LOGPROB = -0.6
WITHOUT_LIVE_NO_SPEECH = 0.4
"""Where the live recognizer heard no words at all, the careful ear must be this much surer."""


MOST_OF_PROMPT = 3
"""So many words of its prompt in a row may be said by chance; out of noise the engine says more of it back."""


def echoes(words: tuple[str, ...], prompt: tuple[str, ...]) -> bool:
    """Whether the engine said back what it was told the speech is about: ``MOST_OF_PROMPT`` words in a row or more."""
    size = MOST_OF_PROMPT + 1
    told = {prompt[at : at + size] for at in range(len(prompt) - size + 1)}
    return any(words[at : at + size] in told for at in range(len(words) - size + 1))


BARKS = 3
"""One word so often, and nothing else, is how barking is heard ("oh oh oh oh"): the live words stand."""
SURE_LIVE_WORDS = 3
SURE_LIVE_CONFIDENCE = 0.8
"""So many live words of such a mean confidence are speech, also in a voice in which voice activity finds none."""


def surely_spoken(live: tuple[Word, ...]) -> bool:
    """Whether the live recognizer was sure of what it heard."""
    sure = sum(word.confidence for word in live) >= SURE_LIVE_CONFIDENCE * len(live)
    return len(live) >= SURE_LIVE_WORDS and sure


def believable(rehearing: Rehearing, live: tuple[Word, ...]) -> bool:
    """Whether what was heard again may settle an utterance: no invention out of noise, no loop.

    ``live`` are the words that the live recognizer heard in the same sound, if any.
    """
    spoken_s = sum(end_s - start_s for start_s, end_s in rehearing.speech)
    if surely_spoken(live):
        spoken_s = max(spoken_s, sum(word.end_s - word.start_s for word in live))
    if not rehearing.text or rehearing.compression_ratio > MOST_COMPRESSION:
        return False
    if len(rehearing.text) > MOST_WORDS_PER_S * spoken_s or _longest_run(rehearing.text) > MOST_REPEATED:
        return False
    if len(rehearing.text) >= BARKS and len(set(rehearing.text)) == 1:
        return False
    if not live:
        return rehearing.avg_logprob >= WITHOUT_LIVE_LOGPROB and rehearing.no_speech_prob <= WITHOUT_LIVE_NO_SPEECH
    return rehearing.avg_logprob >= LEAST_LOGPROB


def _longest_run(words: tuple[str, ...]) -> int:
    return max(len(list(same)) for _, same in itertools.groupby(words))
