"""A store that could not be opened, for a desk that must work without one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from voice_triage.errors import StoreError
from voice_triage.events import Logged
from voice_triage.store.calls import CallSummary


class RefusingStore:
    """A :class:`CallStore` that could not be opened: whatever is asked of it fails for that reason."""

    def __init__(self, error: StoreError) -> None:
        self._reason = str(error)

    def append(self, events: Iterable[Logged]) -> None:
        """Raises StoreError."""
        del events
        raise StoreError(self._reason)

    def calls(self, limit: int | None = 100) -> Sequence[CallSummary]:
        """Raises StoreError."""
        del limit
        raise StoreError(self._reason)

    def events(self, call: str) -> Sequence[Logged]:
        """Raises StoreError."""
        del call
        raise StoreError(self._reason)

    def delete(self, call: str) -> None:
        """Nothing was kept."""

    def close(self) -> None:
        """Nothing is open."""
