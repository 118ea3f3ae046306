"""What was heard: sound, before it becomes an event, words, and gaps. Part of :mod:`voice_triage.events`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Side(StrEnum):
    """Whose voice it is. Only the client's words raise flags and fill fields."""

    CLIENT = "client"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of one side's sound."""

    side: Side
    start_s: float
    """Call time of the first sample."""
    samples: NDArray[np.int16]
    """Shape (n,), one channel."""
    rate_hz: int

    @property
    def end_s(self) -> float:
        """Call time just after the last sample."""
        return self.start_s + len(self.samples) / self.rate_hz


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of call time for which no proven sound of this side exists."""

    side: Side
    start_s: float
    duration_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Word:
    """One recognized word; ``confidence`` is the recognizer's own, 0 to 1."""

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """The source of sound changed its state."""

    at_s: float
    state: str
    """``listening``, ``paused``, ``searching``, ``silent``, ``clipping``, ``late``, ``gap``, ``ended``, ``failed``."""
    detail: str
    """One plain sentence for the CSR."""


@dataclass(frozen=True, slots=True)
class GapHeard:
    """Sound is missing from ``start_s`` for ``duration_s``."""

    at_s: float
    side: Side
    start_s: float
    duration_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class PartialTranscript:
    """The open utterance as heard so far; tentative, never stored."""

    at_s: float
    side: Side
    utterance: int
    words: tuple[Word, ...]
    text: str


@dataclass(frozen=True, slots=True)
class FinalTranscript:
    """A closed utterance. ``words`` joined by blanks is ``text``."""

    at_s: float
    side: Side
    utterance: int
    words: tuple[Word, ...]
    text: str
    start_s: float
    end_s: float
    heard_by: str = "vosk"


class Outcome(StrEnum):
    """What a second hearing of an utterance came to."""

    SETTLED = "settled"
    """Its words count from now on."""
    JOINED = "joined"
    """Its words are part of the settled utterance before it: the live recognizer had cut a sentence in two."""
    KEPT = "kept"
    """It was too doubtful, or heard nothing: the live words, which were sure, stand."""
    DOUBTED = "doubted"
    """Neither hearing was sure: the live words stay in the transcript, and raise nothing by themselves."""
    SKIPPED = "skipped"
    """There was none: the computer did not keep up, or it failed."""


@dataclass(frozen=True, slots=True)
class UtteranceReheard:
    """A finished utterance was heard a second time, by the careful ear. Its FinalTranscript keeps the first hearing.

    Where the live recognizer had heard no words at all, there is no FinalTranscript of that utterance.
    """

    at_s: float
    side: Side
    utterance: int
    outcome: Outcome
    words: tuple[Word, ...]
    """What the second hearing heard; the utterance's words from now on only if ``settled``."""
    text: str
    start_s: float
    end_s: float
    heard_by: str = "whisper"


@dataclass(frozen=True, slots=True)
class LineChanged:
    """The line's level as the client is heard."""

    at_s: float
    level_db: float
    """RMS of the last second, dB relative to full scale."""
    state: str
    """``good``, ``quiet``, ``silent``, ``clipping`` or ``noisy``."""
