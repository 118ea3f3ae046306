"""Calls kept: each one's log as a sealed file of its own, and an SQL database that lists and finds them.

The log files come first: an event is on the disk there before its row is written, and a database that is damaged or
missing is made anew from them. One writer thread, readers apart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import Queue

from sqlalchemy import Connection, delete, func, insert, select

from voice_triage.closing import Closing
from voice_triage.errors import StoreError
from voice_triage.events import CallEnded, Event, Logged
from voice_triage.review.line import changes_line
from voice_triage.review.queue import QueuedCall, QueueFilter, QueuePage
from voice_triage.store import event_rows, queue_rows, schema, tables
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.calls import CallSummary
from voice_triage.store.event_rows import Record
from voice_triage.store.kept_parts import KeptParts
from voice_triage.store.log_file import KIND as LOG
from voice_triage.store.log_file import LogFile, read_log
from voice_triage.store.master_key import Keyring
from voice_triage.store.recording_files import recorded_s
from voice_triage.store.sqlite_file import SqliteFile
from voice_triage.store.transcript import changes_transcript

FILE_NAME = "calls.sqlite3"
BUSY_TIMEOUT_S = 5.0
"""How long another program's lock is waited for: longer than any write of this product, short enough to report."""
QUEUED_REQUESTS = 64
"""Bound of the writer's queue. Each caller waits for its own request, so it holds at most one entry per thread."""
TAKEN_IN_AT_ONCE = 2000
"""Events from log files that go into the database in one transaction."""
LOOKED_THROUGH = 200
"""So many ended calls are looked through for what only their log files hold: a desk's day [our choice]."""
INTERRUPTED = "interrupted"


class SqlCallStore(Closing):
    """A :class:`voice_triage.store.calls.CallStore` in a folder, which several processes may have open."""

    notice: str | None
    """A sentence for the CSR if something was found damaged; else None."""

    def __init__(self, path: Path, *, keyring: Keyring | None = None, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Open or make the file ``path``, whose folder should hold nothing but kept things: it is closed to others.

        The master key is kept in ``keyring``, in a file beside ``path`` if there is none. Raises StoreError: folder or
        disk cannot be written, the key is not to be had, the file is locked, of another program, kept by a newer
        version, or damaged and in use elsewhere. A damaged one that is not in use is set aside (:attr:`notice`) and
        made anew from the calls' logs.
        """
        self._file = SqliteFile(path, busy_timeout_s)
        self.notice = self._file.notice
        try:
            with self._file.advising():
                self.folders = CallFolders(self._file.path.parent, keyring)
                with self._file.migrator().begin() as connection:
                    before = schema.upgrade(connection, str(self._file.path), self._seal_old)
        except BaseException:
            self._file.close()
            raise
        self._writing = self._file.writer()
        self._reading = self._file.readers()
        self.parts = KeptParts(self.folders, self._file, self._writing, self._request)
        self._logs: dict[str, LogFile] = {}
        """Of the calls that this store writes; the writer thread's own."""
        self._closing = threading.Lock()
        self._closed = False
        self._requests: Queue[_Request | None] = Queue(QUEUED_REQUESTS)
        self._writer = threading.Thread(target=self._write, name="call-store-writer", daemon=True)
        self._writer.start()
        try:
            self.parts.finish()
            with self._file.advising():
                if before == "0001":
                    self._write_missing_logs()
                if self._file.begun:
                    self._tell(self._take_in())
        except BaseException:
            self.close()
            raise

    def append(self, events: Iterable[Logged]) -> None:
        """Keep events, altogether or not at all; they are on the disk when this returns.

        An event that is already kept with the same content is passed over, so a failed append may be repeated. Raises
        StoreError if the events cannot be written, leave a hole in a call's log, differ from what is kept in their
        place, or are of a call that another process is keeping; ValueError if one is tentative, is not at the place
        its type demands (CallStarted alone comes first), or has content that JSON cannot hold.
        """
        records = [event_rows.record_of(logged) for logged in events]
        if records:
            self._request(lambda: self._keep(records, logged=False))

    def calls(self, limit: int | None = 100) -> Sequence[CallSummary]:
        """The newest calls first, at most ``limit`` (0 or more); all of them for None."""
        if limit is not None and limit < 0:
            raise ValueError(f"limit must be 0 or more, not {limit}")
        table = tables.calls.c
        query = (
            select(
                table.call, table.started_at, table.source, table.duration_s, table.flags, table.ended, table.removed
            )
            .order_by(table.started_us.desc(), table.call.desc())
            .limit(limit)
        )
        with self._read() as connection:
            rows = connection.execute(query).all()
        return [
            CallSummary(
                call=row.call,
                started_at=row.started_at,
                source=row.source,
                duration_s=row.duration_s,
                flags=tuple((category, urgency) for category, urgency in row.flags),
                ended=row.ended,
                removed=tuple(row.removed or ()),
            )
            for row in rows
        ]

    def events(self, call: str) -> Sequence[Logged]:
        """A call's log in order.

        Raises StoreError if there is no such call, or if an event in it was written by a newer version or changed.
        """
        with self._read() as connection:
            log = event_rows.kept_log(connection, self.folders, call)
        if not log:
            raise StoreError(f"No call {call} is kept here. `voice-triage calls list` shows those that are.")
        return log

    def payloads(self, call: str, kinds: Collection[type[Event]]) -> list[bytes]:
        """Of a call's log the events of these kinds, in order, each as JSON (``events.to_json``).

        Quick, since only these are opened; none for a call that is not kept. Raises StoreError if one was changed.
        """
        with self._read() as connection:
            return event_rows.kept_payloads(connection, self.folders, call, kinds)

    def length(self, call: str) -> int:
        """How many events of a call are kept, so the sequence of its last one; 0 if there is no such call."""
        table = tables.events.c
        with self._read() as connection:
            return connection.execute(select(func.count()).where(table.call == call)).scalar_one()

    def transcripts(self, calls: Iterable[str] | None = None) -> dict[str, str]:
        """What client and CSR told in every ended call, or in these, for the search.

        One text a call: the client's words, an utterance a line, then the CSR's notes.
        """
        table = tables.calls.c
        query = select(table.call, table.transcript).where(table.transcript.is_not(None))
        with self._read() as connection:
            rows = connection.execute(query if calls is None else query.where(table.call.in_(list(calls)))).all()
        return {call: self.folders.unseal(call, sealed, queue_rows.WORDS).decode() for call, sealed in rows}

    def queue(self, wanted: QueueFilter, page: int, now: datetime, among: Sequence[str] | None = None) -> QueuePage:
        """A page of the supervisor's queue, numbered from 0; ``among``: calls that were found by words."""
        with self._read() as connection:
            return queue_rows.page(connection, self.folders, wanted, page, now, among)

    def queue_lines(self, among: Collection[str] | None = None) -> list[QueuedCall]:
        """The queue's lines of these calls, of all for None, the oldest call first. Raises StoreError."""
        with self._read() as connection:
            return queue_rows.lines(connection, self.folders, among)

    def queue_marks(self) -> dict[str, int]:
        """Every call of the queue, and a number that changes with what the queue and the search know of it."""
        with self._read() as connection:
            return queue_rows.marks(connection)

    def fill_queue(self) -> None:
        """Take calls into the queue that were kept before there was one; may take minutes. Raises StoreError."""
        with self._read() as connection:
            missing = queue_rows.missing(connection)
        for call in missing:
            self._request(partial(self._in_transaction, partial(queue_rows.follow, folders=self.folders, call=call)))

    def delete(self, call: str) -> None:
        """Destroy a call's keys, then everything kept of it; no such call is no error.

        Of a call that this process is still keeping, what is written later needs another deletion at its end. If
        another program is just reading, the journal is overwritten later: at the latest when the last one closes.
        Raises StoreError if another process keeps the call, it is under a legal hold, or its keys cannot be destroyed.
        """
        self._request(lambda: self._erase(call))

    def trail_head(self) -> bytes | None:
        """The audit trail's head, sealed, as it was last kept here; None if it never was. Raises StoreError."""
        with self._read() as connection:
            return connection.execute(select(tables.trail_head.c.sealed)).scalar_one_or_none()

    def keep_trail_head(self, sealed: bytes) -> None:
        """Put the audit trail's head in the place of the one before; on the disk on return. Raises StoreError."""

        def put(connection: Connection) -> None:
            connection.execute(delete(tables.trail_head))
            connection.execute(insert(tables.trail_head), {"place": 1, "sealed": sealed})

        self._request(partial(self._in_transaction, put))

    def recover(self) -> Sequence[str]:
        """Finish what a crash left behind; returns the calls that were interrupted.

        Calls whose folders are not in the database are taken in, and what only the log of a newly ended call has of
        what the CSR did after its end; logs of calls that nobody is writing any more get their end; half-done deletions
        are completed. Raises StoreError.
        """
        with self._file.advising():
            self.folders.finish_deletions()
            self._erase_rows_without_folders()
            self.parts.finish()
            self._tell(self._take_in())
            for call in self._newest_ended(LOOKED_THROUGH):
                if len(self.folders.files(call, LOG)) > 1 and not self.folders.occupied(call):
                    self._take_in_log(self.folders.name_of(call))
        finished = []
        for call in self._unended():
            if not self.folders.occupied(call):
                with self._file.advising():
                    self._take_in_log(self.folders.name_of(call))
                log = self.events(call)
                if not any(isinstance(logged.event, CallEnded) for logged in log):
                    at_s = max(log[-1].event.at_s, recorded_s(self.folders, call))
                    self.append([Logged(call, log[-1].sequence + 1, CallEnded(at_s, at_s, INTERRUPTED))])
                finished.append(call)
        return finished

    def close(self) -> None:
        """Write what is pending and free the file; closing twice does nothing. Later calls raise StoreError."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._requests.put(None)
        self._writer.join()
        for log in self._logs.values():
            log.close()
        self.folders.close()
        self._reading.dispose()
        self._writing.dispose()
        self._file.close()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        """A connection that cannot write. Raises StoreError, also if what is done with it fails."""
        self._ensure_open()
        with self._file.advising(), self._reading.begin() as connection:
            yield connection

    def _erase_rows_without_folders(self) -> None:
        """Killed after a call's folder went: its line, which says that it was and which flags it had, goes too."""
        with self._reading.begin() as connection:
            listed = connection.execute(select(tables.calls.c.call)).scalars().all()
        there = set(self.folders.names())
        for call in listed:
            gone = self.folders.name_of(call) not in there and not self.folders.occupied(call)
            if gone and self.parts.held(call) is None:
                self.delete(call)

    def _unended(self) -> Sequence[str]:
        """Calls without an end, the newest first."""
        table = tables.calls.c
        query = select(table.call).where(table.ended.is_(None)).order_by(table.started_us.desc(), table.call.desc())
        with self._read() as connection:
            return connection.execute(query).scalars().all()

    def _newest_ended(self, limit: int) -> Sequence[str]:
        table = tables.calls.c
        query = select(table.call).where(table.ended.is_not(None)).order_by(table.started_us.desc()).limit(limit)
        with self._reading.begin() as connection:
            return connection.execute(query).scalars().all()

    # --- the writer thread --------------------------------------------------------------------------------------

    def _request(self, work: Callable[[], None]) -> None:
        request = _Request(work)
        with self._closing:
            self._ensure_open()
            self._requests.put(request)
        request.done.result()

    def _in_transaction(self, work: Callable[[Connection], None]) -> None:
        """On the writer thread."""
        with self._writing.begin() as connection:
            work(connection)

    def _ensure_open(self) -> None:
        if self._closed:
            raise StoreError("The store of calls is closed. Start voice-triage again to keep or read calls.")

    def _write(self) -> None:
        """One request after the other, in the order they came."""
        while (request := self._requests.get()) is not None:
            try:
                with self._file.advising():
                    self._file.ensure_there()
                    request.work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the one who waits for this request is told
                self._writing.dispose()  # the next one begins with a fresh connection: the disk may be back
                request.done.set_exception(error)
            else:
                request.done.set_result(None)

    def _keep(self, records: Sequence[Record], *, logged: bool) -> None:
        """Log file first, then rows; ``logged``: they come from the log file.

        What the CSR does after the end goes into a file of its own each time: the call is not in use in between, so
        that it can be deleted, backed up and read from elsewhere.
        """
        ended = []
        with self._writing.begin() as connection:
            new = {
                call: event_rows.new_records(connection, self.folders, call, ours)
                for call, ours in event_rows.by_call(records).items()
            }
            over = event_rows.ended_among(connection, list(new))
            for call, ours in new.items():
                if ours and not logged:
                    self.folders.occupy(call)
                    log = self._logs.setdefault(call, LogFile(self.folders, call))
                    log.keep([each.logged for each in ours], last=call in over)
            for call, ours in new.items():
                if ours:
                    event_rows.write(connection, self.folders, call, ours)
                ends = any(isinstance(each.logged.event, CallEnded) for each in ours)
                if ends or (call in over and any(changes_line(each.logged.event) for each in ours)):
                    words = ends or any(changes_transcript(each.logged.event) for each in ours)
                    queue_rows.follow(connection, self.folders, call, words=words)
                if ends or call in over:
                    ended.append(call)
        for call in ended:
            self._let_go(call)

    def _let_go(self, call: str) -> None:
        log = self._logs.pop(call, None)
        if log is not None:
            log.close()
        self.folders.release(call)

    def _erase(self, call: str) -> None:
        self.parts.ensure_not_held(call)
        self._let_go(call)
        with self._writing.begin() as connection:
            self.folders.delete(call)
            event_rows.erase(connection, call)
        self._file.empty_journal(self._writing)

    # --- from the log files -------------------------------------------------------------------------------------

    def _take_in(self) -> list[str]:
        """Bring calls that are only in folders into the database; returns the folders that could not be read."""
        with self._reading.begin() as connection:
            listed = set(connection.execute(select(tables.calls.c.call)).scalars())
        known = {self.folders.name_of(call) for call in listed}
        unread = []
        waiting: list[Record] = []
        for name in self.folders.names():
            if name in known:
                continue
            try:
                waiting += self._logged(name)
            except StoreError:
                unread.append(name)
            if len(waiting) >= TAKEN_IN_AT_ONCE:
                self._take_in_records(waiting)
                waiting = []
        if waiting:
            self._take_in_records(waiting)
        return unread

    def _take_in_log(self, name: str) -> None:
        if records := self._logged(name):
            self._take_in_records(records)

    def _take_in_records(self, records: Sequence[Record]) -> None:
        self._request(lambda: self._keep(records, logged=True))

    def _logged(self, name: str) -> list[Record]:
        """A log file's events; a folder in which none ever began (killed before its first one) is removed."""
        records = [event_rows.record_of(logged) for logged in read_log(self.folders, name)]
        if not records and not self.folders.in_use(name):
            self.folders.discard(name)
        return records

    def _tell(self, unread: Sequence[str]) -> None:
        if unread:
            more = (
                f"{len(unread)} kept call(s) cannot be read ({', '.join(unread[:3])}): a file of theirs is damaged. "
                "Bring them back from a backup (voice-triage restore)."
            )
            self.notice = f"{self.notice} {more}" if self.notice else more

    def _write_missing_logs(self) -> None:
        """Calls kept before each had a log file get one."""
        for summary in self.calls(limit=None):
            if not self.folders.files(summary.call, "log"):
                log = LogFile(self.folders, summary.call)
                log.keep(self.events(summary.call))
                log.close()
                self.folders.release(summary.call)

    def _seal_old(self, call: str, sequence: int, payload: str) -> bytes:
        return self.folders.seal(call, payload.encode("utf-8", "surrogatepass"), str(sequence))


@dataclass(frozen=True, slots=True)
class _Request:
    """What the writer thread is to do, and what comes of it."""

    work: Callable[[], None]
    done: Future[None] = field(default_factory=Future)
