"""The calls' lines in memory, read again only where something was done: numbers of 10,000 calls within a second."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Protocol

from voice_triage.review.queue import QueuedCall

READ_AT_ONCE = 500
"""Calls asked for in one query."""


class Lines(Protocol):
    """What is needed of the store: :class:`voice_triage.store.sql_calls.SqlCallStore`."""

    def queue_marks(self) -> dict[str, int]:
        """Every call, and a number that changes with what is known of it."""

    def queue_lines(self, among: Collection[str] | None = None) -> list[QueuedCall]:
        """The lines of these calls."""

    def fill_queue(self) -> None:
        """Make lines for calls that were kept before there were any."""


class KeptLines:
    """Safe from any thread; whoever comes while it reads waits for it."""

    def __init__(self, store: Lines) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, QueuedCall]] = {}
        self._filled = False

    def all(self) -> Sequence[QueuedCall]:
        """The line of every ended call, the oldest first. Raises StoreError."""
        with self._lock:
            if not self._filled:
                self._store.fill_queue()
                self._filled = True
            marks = self._store.queue_marks()
            news = [call for call, mark in marks.items() if call not in self._known or self._known[call][0] != mark]
            self._known = {call: known for call, known in self._known.items() if call in marks}
            for begin in range(0, len(news), READ_AT_ONCE):
                for line in self._store.queue_lines(news[begin : begin + READ_AT_ONCE]):
                    self._known[line.call] = (marks[line.call], line)
            lines = [line for _, line in self._known.values()]
        return sorted(lines, key=lambda line: (line.started_at, line.call))
