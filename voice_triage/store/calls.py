"""The store's protocol: kept calls are their event logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from voice_triage.events import Logged


@dataclass(frozen=True, slots=True)
class CallSummary:
    """One line of ``calls list``."""

    call: str
    started_at: str
    """ISO 8601 with offset."""
    source: str
    duration_s: float | None
    """None while the call runs, or if it was interrupted."""
    flags: tuple[tuple[str, str], ...]
    """(category, urgency) of the flags that stand raised."""
    ended: str | None
    """The reason of CallEnded; None if the log has no end."""
    removed: tuple[str, ...] = ()
    """Kinds (``events.KeptKind``) that were deleted of it."""


class LogKeeper(Protocol):
    """What a call's log needs of a store. Every method may be called from any thread; all raise StoreError."""

    def append(self, events: Iterable[Logged]) -> None:
        """Keep events, durably and in order; tentative ones (``events.TENTATIVE``) are refused with ValueError."""

    def delete(self, call: str) -> None:
        """Delete a call and all that is kept of it; no such call is no error."""


class CallStore(LogKeeper, Protocol):
    """Keeps event logs, and reads them back."""

    def calls(self, limit: int | None = 100) -> Sequence[CallSummary]:
        """The newest calls first, at most ``limit``; all of them for None."""

    def events(self, call: str) -> Sequence[Logged]:
        """A call's log in order; raises StoreError (saying how to list calls) if there is no such call."""

    def close(self) -> None:
        """Write what is pending and free the database."""
