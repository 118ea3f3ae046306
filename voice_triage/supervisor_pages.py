"""Numbers and lexicons of a desk, put together for its console."""

from __future__ import annotations

from voice_triage.audit_trail import AuditTrail
from voice_triage.closing import Closing
from voice_triage.console.lexicon_pages import lexicon_routes
from voice_triage.console.numbers import numbers_routes
from voice_triage.console.pages import Render, Routes
from voice_triage.lexicon_desk import LexiconDesk
from voice_triage.numbers.kept import KeptLines
from voice_triage.settings import Settings
from voice_triage.store.calls import CallStore
from voice_triage.store.sql_calls import SqlCallStore


class SupervisorPages(Closing):
    """What :func:`voice_triage.console.app.create_app` takes as ``pages``."""

    def __init__(self, settings: Settings, store: CallStore, audit: AuditTrail | None) -> None:
        """Without a store that can be read there are no numbers, only lexicons."""
        self._lines = KeptLines(store) if isinstance(store, SqlCallStore) else None
        self._lexicons = LexiconDesk(settings, audit)

    def pages(self, render: Render) -> Routes:
        """The routes."""
        if self._lines is not None:
            yield numbers_routes(self._lines.all, render)
        yield lexicon_routes(self._lexicons, render)

    def close(self) -> None:
        """Stop a trial that runs. Idempotent."""
        self._lexicons.close()
