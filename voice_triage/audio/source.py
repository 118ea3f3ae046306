"""Sources of sound: the protocol that files and headsets share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from voice_triage.events import Block, Gap


class AudioSource(Protocol):
    """Sound of one call. Iterating yields blocks and gaps in order of time until the call or the source ends."""

    name: str
    """Shown to the CSR: a file's name or the resolved name of the device."""
    sample_rate_hz: int

    def __iter__(self) -> Iterator[Block | Gap]:
        """Blocks of about 100 ms. Raises AudioError if the sound cannot be read on."""

    def stop(self) -> None:
        """End the iteration soon, from any thread; what was delivered stays valid."""

    def close(self) -> None:
        """Free the file or device. Idempotent."""


@runtime_checkable
class Pausable(Protocol):
    """A source that can be told not to listen for a while. The time between is a Gap."""

    def pause(self) -> None:
        """Let nothing through until :meth:`resume`; from any thread."""

    def resume(self) -> None:
        """Go on after :meth:`pause`; from any thread."""
