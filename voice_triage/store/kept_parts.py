"""Parts of kept calls: what kinds there are of one, legal holds, and the deletion of single kinds.

A kind is deleted by writing the call's folder anew without it, then its rows, then destroying the old keys.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from voice_triage.errors import StoreError
from voice_triage.events import CallEnded, KeptKind, Logged, Side
from voice_triage.kept_kinds import Hold
from voice_triage.store import event_rows, queue_rows, rewriting
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.holds import hold_in, write_hold
from voice_triage.store.log_file import read_log
from voice_triage.store.sqlite_file import SqliteFile
from voice_triage.store.without_kinds import kinds_removed, without

SOUND_FILES = frozenset(kind for side in Side for kind in (side.value, f"{side.value}.peaks"))


class KeptParts:
    """Of an open store (:attr:`voice_triage.store.sql_calls.SqlCallStore.parts`). Safe from any thread."""

    def __init__(
        self, folders: CallFolders, file: SqliteFile, writing: Engine, on_writer: Callable[[Callable[[], None]], None]
    ) -> None:
        """``on_writer`` has something done on the store's writer thread, and waits for it."""
        self._folders = folders
        self._file = file
        self._writing = writing
        self._on_writer = on_writer

    def remove(self, call: str, kinds: Collection[KeptKind], at: datetime, why: str) -> frozenset[KeptKind]:
        """Delete these kinds of what is kept of an ended call, all or none of them; returns those that there were.

        ``at``, aware, and ``why`` stand in the call's log then. Raises StoreError: there is no such call, it is going
        on, is under a legal hold, or its log is damaged.
        """
        removed: list[frozenset[KeptKind]] = []

        def work() -> None:
            removed.append(self._remove(call, kinds, at, why))
            if removed[0]:
                self._file.empty_journal(self._writing)

        self._on_writer(work)
        return removed[0]

    def finish(self) -> None:
        """Go on where a crash cut :meth:`remove` short, whichever program it was. Raises StoreError."""
        with self._file.advising():
            names = rewriting.unfinished(self._folders)
        for name in names:
            self._on_writer(partial(self._finish, name))

    def hold(self, call: str, hold: Hold) -> None:
        """Place or lift a legal hold. Raises StoreError if there is no such call, or it is going on."""

        def work() -> None:
            self._occupy(call)
            try:
                write_hold(self._folders, call, hold)
            finally:
                self._folders.release(call)

        if not self._folders.files(call):
            raise StoreError(f"No call {call} is kept here. `voice-triage calls list` shows those that are.")
        self._on_writer(work)

    def held(self, call: str) -> Hold | None:
        """The legal hold in force on a call; None if there is none. Raises StoreError if that cannot be read."""
        with self._file.advising():
            return hold_in(self._folders, self._folders.name_of(call))

    def ensure_not_held(self, call: str) -> None:
        """Raises StoreError if a call is under a legal hold, or what may be one cannot be read."""
        if self.held(call) is not None:
            raise StoreError(
                f"Call {call} is under a legal hold: nothing of it may be deleted. Lift the hold first "
                f"(voice-triage retention lift {call})."
            )

    def has_sound(self, call: str) -> bool:
        """Whether any sound of a call is kept. Raises StoreError."""
        with self._file.advising():
            return any(file.kind in SOUND_FILES for file in self._folders.files(call))

    # --- on the writer thread -----------------------------------------------------------------------------------

    def _occupy(self, call: str) -> None:
        if self._folders.occupied(call):
            raise StoreError(f"Call {call} is going on. Try again when it has ended.")
        self._folders.occupy(call)

    def _remove(self, call: str, kinds: Collection[KeptKind], at: datetime, why: str) -> frozenset[KeptKind]:
        self.ensure_not_held(call)
        name = self._folders.name_of(call)
        if not self._folders.files(call):
            raise StoreError(f"No call {call} is kept here. `voice-triage calls list` shows those that are.")
        self._occupy(call)
        try:
            log = read_log(self._folders, name)
            events = [logged.event for logged in log]
            if not any(isinstance(event, CallEnded) for event in events):
                raise StoreError(f"Call {call} has not ended. Parts of it can be deleted when it has.")
            there = frozenset(kinds) - kinds_removed(events)
            if not self.has_sound(call):
                there -= {KeptKind.SOUND}
            if there:
                new = without(log, there, at, why)
                rewriting.write_anew(self._folders, name, new, SOUND_FILES if KeptKind.SOUND in there else ())
                self._put_rows(call, new)
                rewriting.destroy_old(self._folders, name)
            return there
        finally:
            self._folders.release(call)

    def _finish(self, name: str) -> None:
        if self._folders.in_use(name) or not rewriting.finish(self._folders, name):
            return
        log = read_log(self._folders, name)
        self._occupy(log[0].call)
        try:
            self._put_rows(log[0].call, log)
            rewriting.destroy_old(self._folders, name)
            self._file.empty_journal(self._writing)
        finally:
            self._folders.release(log[0].call)

    def _put_rows(self, call: str, log: Sequence[Logged]) -> None:
        records = [event_rows.record_of(logged) for logged in log]
        with self._writing.begin() as connection:
            event_rows.erase(connection, call)
            event_rows.write(connection, self._folders, call, records)
            queue_rows.follow(connection, self._folders, call, words=True)
