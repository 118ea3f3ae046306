"""Full-text search over kept calls: an index in memory alone, so that no word lies on the disk unencrypted."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence

import sqlalchemy
from sqlalchemy.pool import StaticPool

from voice_triage.closing import Closing

_TERM = re.compile(r"[^\W_]+")
"""As the index cuts words: "can't" is two."""


class CallSearch(Closing):
    """An index of calls' words. Safe from any thread."""

    def __init__(self, transcripts: Mapping[str, str]) -> None:
        """``transcripts``: call to text (2,000 calls of 300 words: see ``docs/benchmarks.md``)."""
        self._lock = threading.Lock()
        self._engine = sqlalchemy.create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
        )
        with self._engine.begin() as connection:
            # Without the words themselves: only where they are. Porter stems find "vomited" by "vomiting".
            connection.exec_driver_sql(
                "CREATE VIRTUAL TABLE words USING fts5(text, call UNINDEXED, tokenize = 'porter unicode61')"
            )
        self.add(transcripts)

    def add(self, transcripts: Mapping[str, str]) -> None:
        """Add calls, or put new words in place of their old ones."""
        rows = [(text, call) for call, text in transcripts.items()]
        if not rows:
            return
        with self._lock, self._engine.begin() as connection:
            connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS incoming (call TEXT PRIMARY KEY)")
            connection.exec_driver_sql("DELETE FROM incoming")
            connection.exec_driver_sql("INSERT INTO incoming VALUES (?)", [(call,) for _, call in rows])
            connection.exec_driver_sql("DELETE FROM words WHERE call IN (SELECT call FROM incoming)")
            connection.exec_driver_sql("INSERT INTO words (text, call) VALUES (?, ?)", rows)

    def remove(self, call: str) -> None:
        """Forget a deleted call."""
        with self._lock, self._engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM words WHERE call = ?", (call,))

    def find(self, words: str, limit: int = 100) -> Sequence[str]:
        """Calls that hold all of these words (the last may be a beginning), best first; none for no words."""
        terms = _TERM.findall(words)
        if not terms:
            return []
        query = " ".join(f'"{term}"' for term in terms) + "*"
        with self._lock, self._engine.begin() as connection:
            found = connection.exec_driver_sql(
                "SELECT call FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?", (query, limit)
            )
            return [str(call) for call in found.scalars()]

    def close(self) -> None:
        """Free the memory."""
        self._engine.dispose()
