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
    PAUSED = "paused"
    """A call goes on, and at the CSR's wish it is not heard."""
    INTERRUPTED = "interrupted"
    """A call goes on, and its sound does not come just now; ``detail`` says why."""
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


class DeskCommand(StrEnum):
    """What the CSR can ask of the desk."""

    LISTEN = "listen"
    """Listen to the headset now, though no call was noticed."""
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    """End listening to this call; what was heard of it is kept."""
    END_WALK_IN = "end-walk-in"
    """The client at the counter has gone; what is on their card is kept."""
    NOT_CLIENT = "not-client"
    """No client's call: nothing of it is kept, now or, shortly after it has ended, of the one before."""


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
    commands: tuple[DeskCommand, ...] = ()
    """What can be asked of the desk now."""
    captures: tuple[str, ...] = ()
    """What of a call is captured: ``client``, ``own`` (sides), ``sound``, ``words``."""
