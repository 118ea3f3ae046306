"""The system's sound server, as far as it matters here: who plays what on which device, who records where.

PulseAudio and PipeWire (through ``pipewire-pulse``) both look like this; :mod:`voice_triage.audio.pulse` reads it from
them. The rules in :mod:`voice_triage.audio.headset` read nothing but these records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sink:
    """A device that plays. What is played on it is heard on its monitor."""

    index: int
    """The server's number: never used again, so a device that was unplugged and comes back has another one."""
    name: str
    description: str
    """What people call it."""
    monitor: str
    """Name of the source that gives what this sink plays."""
    monitor_index: int
    rate_hz: int
    channels: int
    card: int | None = None
    """Number of the card; a headset's sink and its microphone share it."""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A device that records: a microphone, or a sink's monitor."""

    index: int
    name: str
    description: str
    monitor_of: str | None
    """Name of the sink whose monitor it is; None for a microphone."""
    rate_hz: int
    channels: int
    card: int | None = None
    muted: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Player:
    """One program's stream to a sink."""

    index: int
    sink: int
    """Index of the sink it plays on."""
    program: str
    """Tells programs apart: the process, or the server's client if that is unknown."""
    program_name: str
    role: str = ""
    """``media.role``: ``phone``, ``music``, ...; mostly empty."""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Recorder:
    """One program's stream from a source."""

    index: int
    source: int
    """Index of the source it records from."""
    program: str
    program_name: str
    tag: str = ""
    """:data:`TAG_PROPERTY`, by which this product finds its own streams."""
    paused: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment."""

    sinks: tuple[Sink, ...] = ()
    sources: tuple[Source, ...] = ()
    players: tuple[Player, ...] = ()
    recorders: tuple[Recorder, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened on the server."""

    kind: str
    """``new``, ``change`` or ``remove``."""
    thing: str
    """``sink``, ``source``, ``player``, ``recorder`` or ``server``."""
    index: int


TAG_PROPERTY = "voice_triage.tag"
"""Property of our own recording streams; its value is different for every stream."""


NO_INDEX = 2**32 - 1
"""``PA_INVALID_INDEX``."""


class SoundServer(Protocol):
    """One connection to the server. Used by one thread. Everything raises AudioError once the server is gone."""

    name: str
    """Name and version, for people."""
    notices_calls: bool
    """Whether it knows which programs play and record; without that, listening is begun by hand."""

    def wait(self, timeout_s: float) -> list[Change]:
        """What changed since the last call; returns as soon as there is something."""

    def changes(self) -> list[Change]:
        """What changed since the last call, as far as it is known here; does not wait.

        Answers and changes come in one stream: a change that the server made before it answered a question is known
        here once the answer is.
        """

    def snapshot(self) -> Snapshot:
        """Everything now."""

    def source_of(self, recorder: int) -> int | None:
        """Index of the source that a recording stream is attached to now; None if there is no such stream.

        :data:`NO_INDEX` for one that is attached to a player's stream (PipeWire), or to nothing at all.
        """

    def close(self) -> None:
        """End the connection. Idempotent."""
