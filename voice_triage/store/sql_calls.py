"""Calls kept in an SQL database: one writer thread, readers apart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, delete, func, insert, select, update

from voice_triage.errors import StoreError
from voice_triage.events import (
    TENTATIVE,
    CallEnded,
    CallStarted,
    Event,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    Logged,
    from_json,
    to_json,
)
from voice_triage.store import schema, tables
from voice_triage.store.calls import CallSummary
from voice_triage.store.sqlite_file import SqliteFile

FILE_NAME = "calls.sqlite3"
BUSY_TIMEOUT_S = 5.0
"""How long another program's lock is waited for: longer than any write of this product, short enough to report."""
QUEUED_REQUESTS = 64
"""Bound of the writer's queue. Each caller waits for its own request, so it holds at most one entry per thread."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SqlCallStore:
    """A :class:`voice_triage.store.calls.CallStore` in an SQLite file, which several processes may have open."""

    notice: str | None
    """A sentence for the CSR if the file was found damaged and set aside; else None."""

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Open or make the file ``path``, whose folder should hold nothing but kept things: it is closed to others.

        Raises StoreError: folder or disk cannot be written, the file is locked, of another program, kept by a newer
        version, or damaged and in use elsewhere. A damaged one that is not in use is set aside (:attr:`notice`).
        """
        self._file = SqliteFile(path, busy_timeout_s)
        self.notice = self._file.notice
        try:
            with self._file.advising(), self._file.migrator().begin() as connection:
                schema.upgrade(connection, str(self._file.path))
        except BaseException:
            self._file.close()
            raise
        self._writing = self._file.writer()
        self._reading = self._file.readers()
        self._closing = threading.Lock()
        self._closed = False
        self._requests: Queue[_Append | _Delete | None] = Queue(QUEUED_REQUESTS)
        self._writer = threading.Thread(target=self._write, name="call-store-writer", daemon=True)
        self._writer.start()

    def append(self, events: Iterable[Logged]) -> None:
        """Keep events, altogether or not at all; they are on the disk when this returns.

        An event that is already kept with the same content is passed over, so a failed append may be repeated. Raises
        StoreError if the events cannot be written, leave a hole in a call's log, or differ from what is kept in their
        place; ValueError if one is tentative, is not at the place its type demands (CallStarted alone comes first), or
        has content that JSON cannot hold.
        """
        records = [_record(logged) for logged in events]
        if not records:
            return
        self._ask(_Append(records))

    def delete(self, call: str) -> None:
        """Delete a call and its events, overwritten in the file and its journal; no such call is no error.

        If another program is just reading, the journal is overwritten later: at the latest when the last one closes.
        """
        self._ask(_Delete(call))

    def calls(self, limit: int = 100) -> Sequence[CallSummary]:
        """The newest calls first, at most ``limit`` (0 or more)."""
        if limit < 0:
            raise ValueError(f"limit must be 0 or more, not {limit}")
        table = tables.calls.c
        query = (
            select(table.call, table.started_at, table.source, table.duration_s, table.flags, table.ended)
            .order_by(table.started_us.desc(), table.call.desc())
            .limit(limit)
        )
        self._ensure_open()
        with self._file.advising(), self._reading.begin() as connection:
            rows = connection.execute(query).all()
        return [
            CallSummary(
                call=row.call,
                started_at=row.started_at,
                source=row.source,
                duration_s=row.duration_s,
                flags=tuple((category, urgency) for category, urgency in row.flags),
                ended=row.ended,
            )
            for row in rows
        ]

    def events(self, call: str) -> Sequence[Logged]:
        """A call's log in order.

        Raises StoreError if there is no such call, or if an event in it was written by a newer version.
        """
        table = tables.events.c
        query = select(table.sequence, table.payload).where(table.call == call).order_by(table.sequence)
        self._ensure_open()
        with self._file.advising(), self._reading.begin() as connection:
            rows = connection.execute(query).all()
        if not rows:
            raise StoreError(f"No call {call} is kept here. `voice-triage calls list` shows those that are.")
        log = []
        for sequence, payload in rows:
            try:
                log.append(Logged(call, sequence, from_json(json.loads(payload))))
            except ValueError as error:
                raise StoreError(
                    f"Event {sequence} of call {call} cannot be read: a newer version of voice-triage kept it, or it "
                    "is damaged. Install the newest version and try again."
                ) from error
        return log

    def close(self) -> None:
        """Write what is pending and free the file; closing twice does nothing. Later calls raise StoreError."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._requests.put(None)
        self._writer.join()
        self._reading.dispose()
        self._writing.dispose()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _ensure_open(self) -> None:
        if self._closed:
            raise StoreError("The store of calls is closed. Start voice-triage again to keep or read calls.")

    def _ask(self, request: _Append | _Delete) -> None:
        with self._closing:
            self._ensure_open()
            self._requests.put(request)
        request.done.result()

    def _write(self) -> None:
        """The writer thread: one transaction per request, in the order they came."""
        while (request := self._requests.get()) is not None:
            try:
                with self._file.advising():
                    self._file.ensure_there()
                    with self._writing.begin() as connection:
                        if isinstance(request, _Append):
                            _keep(connection, request.records)
                        else:
                            connection.execute(delete(tables.calls).where(tables.calls.c.call == request.call))
                    if isinstance(request, _Delete):
                        self._file.empty_journal(self._writing)
            except Exception as error:  # noqa: BLE001 - whatever it is, the one who waits for this is told
                self._writing.dispose()  # the next one begins with a fresh connection: the disk may be back
                request.done.set_exception(error)
            else:
                request.done.set_result(None)


@dataclass(frozen=True, slots=True)
class _Record:
    """An event, checked and made ready for its row."""

    logged: Logged
    payload: str
    started_us: int | None
    """Of CallStarted alone."""


@dataclass(frozen=True, slots=True)
class _Append:
    records: Sequence[_Record]
    done: Future[None] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Delete:
    call: str
    done: Future[None] = field(default_factory=Future)


def _record(logged: Logged) -> _Record:
    event = logged.event
    place = f"{type(event).__name__} at {logged.sequence} of call {logged.call!r}"
    if type(event) in TENTATIVE:
        raise ValueError(f"{place} is tentative: shown, never kept")
    if not logged.call or logged.sequence < 1 or isinstance(event, CallStarted) != (logged.sequence == 1):
        raise ValueError(f"{place}: a log has a name, counts from 1, and CallStarted alone comes first")
    try:
        payload = json.dumps(to_json(event), allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{place} holds what JSON cannot: {error}") from error
    return _Record(logged, payload, _started_us(event, logged.call) if isinstance(event, CallStarted) else None)


def _started_us(event: CallStarted, call: str) -> int:
    if event.call != call:
        raise ValueError(f"CallStarted of call {event.call!r} is in the log of {call!r}")
    try:
        started = datetime.fromisoformat(event.started_at)
    except ValueError as error:
        raise ValueError(f"started_at of call {call!r} is no moment in ISO 8601") from error
    if started.tzinfo is None:
        raise ValueError(f"started_at of call {call!r} has no offset from UTC")
    return (started - _EPOCH) // timedelta(microseconds=1)


def _keep(connection: Connection, records: Sequence[_Record]) -> None:
    """Write the records' rows; raises StoreError, whereupon the caller's transaction is undone."""
    by_call: dict[str, list[_Record]] = {}
    for record in records:
        by_call.setdefault(record.logged.call, []).append(record)
    for call, ours in by_call.items():
        new = _new_records(connection, call, ours)
        if not new:
            continue
        _summarize(connection, call, new)
        connection.execute(
            insert(tables.events),
            [
                {
                    "call": call,
                    "sequence": record.logged.sequence,
                    "at_s": record.logged.event.at_s,
                    "type": type(record.logged.event).__name__,
                    "payload": record.payload,
                }
                for record in new
            ],
        )


def _new_records(connection: Connection, call: str, records: Sequence[_Record]) -> list[_Record]:
    """Those not kept yet, which follow on what is kept without a hole."""
    table = tables.events.c
    kept = connection.execute(select(func.max(table.sequence)).where(table.call == call)).scalar_one() or 0
    new: list[_Record] = []
    for record in records:
        sequence = record.logged.sequence
        if sequence == kept + len(new) + 1:
            new.append(record)
            continue
        if sequence > kept + len(new):
            raise StoreError(
                f"Event {sequence} of call {call} cannot be kept: event {kept + len(new) + 1} comes first. Keep the "
                "missing ones, then this one again."
            )
        if sequence > kept:
            payload = new[sequence - kept - 1].payload
        else:
            payload = connection.execute(
                select(table.payload).where(table.call == call, table.sequence == sequence)
            ).scalar_one()
        if not _same(payload, record):
            raise StoreError(
                f"Event {sequence} of call {call} is already kept, with other content. A kept event never changes: "
                "keep this one under the next free number."
            )
    return new


def _same(payload: str, record: _Record) -> bool:
    if payload == record.payload:
        return True
    try:  # an older version may have written the same event in other words, without a key that has a default now
        return bool(from_json(json.loads(payload)) == record.logged.event)
    except ValueError:
        return False


def _summarize(connection: Connection, call: str, records: Sequence[_Record]) -> None:
    """Bring the call's row up to its new events."""
    row: dict[str, Any] = {}
    started = records[0].logged.event
    if isinstance(started, CallStarted):
        flags: dict[str, str] = {}
        row = {
            "call": call,
            "started_at": started.started_at,
            "started_us": records[0].started_us,
            # A path may hold bytes that are no text, which a database refuses; the event itself keeps them.
            "source": started.source.encode("utf-8", "backslashreplace").decode("utf-8"),
        }
    elif any(isinstance(record.logged.event, FlagRaised | FlagWithdrawn | CallEnded) for record in records):
        kept = connection.execute(select(tables.calls.c.flags).where(tables.calls.c.call == call)).scalar_one()
        flags = dict(kept)
    else:
        return
    for record in records:
        event = record.logged.event
        _follow_flag(flags, event)
        if isinstance(event, CallEnded):
            row |= {"duration_s": event.duration_s, "ended": event.reason}
    row["flags"] = list(flags.items())
    if isinstance(started, CallStarted):
        connection.execute(insert(tables.calls), [row])
    else:
        connection.execute(update(tables.calls).where(tables.calls.c.call == call), row)


def _follow_flag(flags: dict[str, str], event: Event) -> None:
    """``flags`` are those that stand raised: only a final result raises one, so a provisional one changes nothing."""
    if isinstance(event, FlagRaised) and event.state is FlagState.RAISED:
        flags[event.category] = event.urgency
    elif isinstance(event, FlagWithdrawn) or (isinstance(event, FlagRaised) and event.state is FlagState.WITHDRAWN):
        flags.pop(event.category, None)
