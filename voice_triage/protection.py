"""What protects kept calls, put together for commands and the desk, as :mod:`voice_triage.bootstrap` does the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_triage.audit_trail import AuditTrail, RefusingTrail
from voice_triage.errors import StoreError
from voice_triage.settings import Settings
from voice_triage.store.calls import CallStore

if TYPE_CHECKING:
    from voice_triage.store.sql_calls import SqlCallStore
    from voice_triage.store.trail import KeptTrail


def audit_trail(settings: Settings, store: CallStore | None) -> AuditTrail:
    """The audit trail of the data folder. ``store`` is the open one, if it could be opened.

    Without the folder's master key no line can be written: then whatever needs one is refused.
    """
    from voice_triage import bootstrap
    from voice_triage.store.call_folders import CallFolders
    from voice_triage.store.sql_calls import SqlCallStore
    from voice_triage.store.trail import KeptTrail

    if isinstance(store, SqlCallStore):
        return kept_trail(settings, store)
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return KeptTrail(settings.data_dir, CallFolders(settings.data_dir, bootstrap.keyring(settings)).master, None)
    except (StoreError, OSError) as error:
        return RefusingTrail(str(error))


def kept_trail(settings: Settings, store: SqlCallStore) -> KeptTrail:
    """The audit trail beside an open store."""
    from voice_triage.store.trail import KeptTrail

    return KeptTrail(settings.data_dir, store.folders.master, store)
