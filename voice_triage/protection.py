"""What protects kept calls, put together for commands and the desk, as :mod:`voice_triage.bootstrap` does the rest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voice_triage.audit_trail import AuditTrail, RefusingTrail
from voice_triage.call_log import where
from voice_triage.errors import StoreError
from voice_triage.settings import Settings
from voice_triage.store.calls import CallStore

if TYPE_CHECKING:
    from voice_triage.desk_cards import DeskCards
    from voice_triage.reviews import Reviews
    from voice_triage.store.sql_calls import SqlCallStore
    from voice_triage.store.trail import KeptTrail

log = logging.getLogger(__name__)

NOT_WHOLE = (
    "The audit trail is not whole: a line was changed or is missing. Tell whoever looks after this computer to run: "
    "voice-triage audit verify."
)


def audit_trail(settings: Settings, store: CallStore | None) -> AuditTrail:
    """The audit trail of the data folder. ``store`` is the open one, if it could be opened.

    Without the folder's master key no line can be written: then whatever needs one is refused.
    """
    from voice_triage import bootstrap
    from voice_triage.store.call_folders import CallFolders
    from voice_triage.store.sql_calls import SqlCallStore
    from voice_triage.store.trail import KeptTrail

    if isinstance(store, SqlCallStore):
        return kept_trail(store)
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return KeptTrail(settings.data_dir, CallFolders(settings.data_dir, bootstrap.keyring(settings)).master, None)
    except (StoreError, OSError) as error:
        return RefusingTrail(str(error))


def kept_trail(store: SqlCallStore) -> KeptTrail:
    """The audit trail beside an open store."""
    from voice_triage.store.trail import KeptTrail

    return KeptTrail(store.folders.folder.parent, store.folders.master, store)


@contextmanager
def trail_at_hand(settings: Settings) -> Iterator[AuditTrail]:
    """The audit trail for a command that needs no kept calls; opens the store, if there is one, for its head."""
    from voice_triage import bootstrap

    store = bootstrap.open_kept(settings)
    try:
        yield audit_trail(settings, store)
    finally:
        if store is not None:
            store.close()


class Upkeep:
    """What goes on beside a running desk: settings are recorded at its start, retention is carried out daily."""

    def __init__(
        self,
        settings: Settings,
        store: CallStore,
        audit: AuditTrail,
        *,
        idle: Callable[[], bool],
        tell: Callable[[str], None],
        forget: Callable[[str], None],
    ) -> None:
        """``idle``, ``tell`` and ``forget`` as in :class:`voice_triage.retention_run.DailyRetention`."""
        from voice_triage.retention import RetentionRules
        from voice_triage.retention_run import DailyRetention
        from voice_triage.store.sql_calls import SqlCallStore

        self._start = threading.Thread(
            target=record_start, args=(audit, store, settings, tell), name="settings in the trail"
        )
        rules, folder = RetentionRules.of(settings), settings.data_dir
        self._retention = (
            DailyRetention(store, audit, folder, rules, idle=idle, tell=tell, forget=forget)
            if isinstance(store, SqlCallStore)
            else None
        )
        self.holds = store.parts if isinstance(store, SqlCallStore) else None
        """Where legal holds are placed."""

    def start(self) -> None:
        """Begin, on threads of its own."""
        self._start.start()
        if self._retention is not None:
            self._retention.start()

    def close(self) -> None:
        """Come to an end, before the store is closed."""
        if self._retention is not None:
            self._retention.stop()
        if self._start.is_alive():
            self._start.join()


def record_start(
    audit: AuditTrail, store: CallStore, settings: Settings, tell: Callable[[str], None] = lambda _why: None
) -> None:
    """Check the trail, and record which settings are others than at the last start; logs what cannot be read.

    ``tell`` gets a sentence for the desk if the trail is not whole: the next line would go on behind what is missing.
    """
    from voice_triage.setting_changes import record_settings
    from voice_triage.store.sql_calls import SqlCallStore
    from voice_triage.store.trail_check import check_trail

    if not isinstance(store, SqlCallStore):
        return
    trail = kept_trail(store)
    try:
        if check_trail(trail).problems:
            tell(NOT_WHOLE)
        record_settings(audit, trail.lines(), settings)
    except StoreError as error:
        log.error("settings were not recorded: %s", where(error))


@contextmanager
def reviews(store: CallStore, cards: DeskCards, audit: AuditTrail | None) -> Iterator[Reviews | None]:
    """What the supervisor's pages rest on, as long as they are served; None if the store keeps nothing."""
    from voice_triage.reviews import Reviews
    from voice_triage.store.sql_calls import SqlCallStore

    if not isinstance(store, SqlCallStore):
        yield None
        return
    with Reviews(store, cards, audit=audit) as reviews:
        yield reviews
