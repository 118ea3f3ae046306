"""What runs at this desk outside any call: the source, the recognizer, and what the CSR should know about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceState(StrEnum):
    """What the source of sound is doing while the desk waits or a call runs."""

    WAITING = "waiting"
    """Found, no call on it."""
    LISTENING = "listening"
    """A call is being heard."""
    SEARCHING = "searching"
    """No headset found yet, or it went away."""
    FAILED = "failed"
    """Nothing will be heard until someone acts; ``detail`` says what to do."""
    SAMPLE = "sample"
    """The bundled sample call is playing."""


class RecognizerState(StrEnum):
    """Whether words can be recognized."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    """No words, so no flags; ``detail`` says what to do."""


@dataclass(frozen=True, slots=True)
class DeskState:
    """The desk as the page shows it. Sent whole, whenever any part of it changes."""

    source: str
    """Resolved name of the headset, a file's name, or ``sample``; empty while none is known."""
    source_state: SourceState
    recognizer_state: RecognizerState
    detail: str = ""
    """One plain sentence for the CSR: what is happening, or what to do."""
    version: str = ""
    """The product's version."""
