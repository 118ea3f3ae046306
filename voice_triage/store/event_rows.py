"""Events as rows of the database: checked, sealed, in place without holes, with the call's line in the list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

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
from voice_triage.store import tables
from voice_triage.store.call_folders import CallFolders

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """An event, checked and made ready for its row."""

    logged: Logged
    payload: bytes
    """``events.to_json`` as JSON text, not sealed yet."""
    started_us: int | None
    """Of CallStarted alone."""


def record_of(logged: Logged) -> Record:
    """Raises ValueError if the event is tentative, not at its place, or holds what JSON cannot."""
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
    started_us = _started_us(event, logged.call) if isinstance(event, CallStarted) else None
    return Record(logged, payload.encode("utf-8", "surrogatepass"), started_us)


def by_call(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The records of each call, in their order."""
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.logged.call, []).append(record)
    return found


def new_records(connection: Connection, folders: CallFolders, call: str, records: Sequence[Record]) -> list[Record]:
    """Those not kept yet, which follow on what is kept without a hole. Raises StoreError."""
    table = tables.events.c
    kept = connection.execute(select(func.max(table.sequence)).where(table.call == call)).scalar_one() or 0
    new: list[Record] = []
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
            sealed = connection.execute(
                select(table.payload).where(table.call == call, table.sequence == sequence)
            ).scalar_one()
            payload = folders.unseal(call, sealed, str(sequence))
        if not _same(payload, record):
            raise StoreError(
                f"Event {sequence} of call {call} is already kept, with other content. A kept event never changes: "
                "keep this one under the next free number."
            )
    return new


def write(connection: Connection, folders: CallFolders, call: str, records: Sequence[Record]) -> None:
    """Write the rows of new records, and bring the call's line up to them. Raises StoreError, OSError."""
    _summarize(connection, call, records)
    rows = [
        {
            "call": call,
            "sequence": record.logged.sequence,
            "at_s": record.logged.event.at_s,
            "type": type(record.logged.event).__name__,
            "payload": folders.seal(call, record.payload, str(record.logged.sequence)),
        }
        for record in records
    ]
    connection.execute(insert(tables.events), rows)


def erase(connection: Connection, call: str) -> None:
    """Remove a call's rows; its events go with its line."""
    connection.execute(delete(tables.calls).where(tables.calls.c.call == call))


def event_in(payload: bytes) -> Event:
    """The event of an unsealed payload. Raises ValueError."""
    return from_json(json.loads(payload))


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


def _same(payload: bytes, record: Record) -> bool:
    if payload == record.payload:
        return True
    try:  # an older version may have written the same event in other words, without a key that has a default now
        return bool(event_in(payload) == record.logged.event)
    except ValueError:
        return False


def _summarize(connection: Connection, call: str, records: Sequence[Record]) -> None:
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
