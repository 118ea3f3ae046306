"""What protects kept calls, put together for commands and the desk, as :mod:`voice_triage.bootstrap` does the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voice_triage.audit_trail import AuditTrail, RefusingTrail
from voice_triage.call_log import where
from voice_triage.errors import StoreError
from voice_triage.settings import Settings
from voice_triage.store.calls import CallStore

if TYPE_CHECKING:
    from voice_triage.store.sql_calls import SqlCallStore
    from voice_triage.store.trail import KeptTrail

log = logging.getLogger(__name__)


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


def record_start(audit: AuditTrail, store: CallStore, settings: Settings) -> None:
    """Record which settings are others than at the last start. Reads the whole trail; logs what cannot be read."""
    from voice_triage.setting_changes import record_settings
    from voice_triage.store.sql_calls import SqlCallStore

    if not isinstance(store, SqlCallStore):
        return
    try:
        record_settings(audit, kept_trail(store).lines(), settings)
    except StoreError as error:
        log.error("settings were not recorded: %s", where(error))
