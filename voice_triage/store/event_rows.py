"""Events as rows of the database: checked, sealed, in place without holes, with the call's line in the list."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from voice_triage.errors import StoreError
from voice_triage.events import (
    TENTATIVE,
    ActionUndone,
    CallEnded,
    CallStarted,
    Event,
    FlagRaised,
    FlagRaisedByHand,
    FlagState,
    FlagWithdrawn,
    Logged,
    PartDeleted,
    Urgency,
    from_json,
    to_json,
    without_undone,
)
from voice_triage.store import tables
from voice_triage.store.call_folders import CallFolders

_IN_LINE = (FlagRaised, FlagWithdrawn, CallEnded, FlagRaisedByHand, ActionUndone, PartDeleted)
"""Events that can change a call's line in the list."""
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
    _summarize(connection, folders, call, records)
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


def ended_among(connection: Connection, calls: Sequence[str]) -> set[str]:
    """Which of these calls have their end already."""
    table = tables.calls.c
    query = select(table.call).where(table.call.in_(calls), table.ended.is_not(None))
    return set(connection.execute(query).scalars())


def kept_log(connection: Connection, folders: CallFolders, call: str) -> list[Logged]:
    """A call's rows as its log. Raises StoreError if one was written by a newer version, or changed."""
    table = tables.events.c
    query = select(table.sequence, table.payload).where(table.call == call).order_by(table.sequence)
    log = []
    for sequence, sealed in connection.execute(query):
        payload = folders.unseal(call, sealed, str(sequence))
        try:
            log.append(Logged(call, sequence, event_in(payload)))
        except ValueError as error:
            raise StoreError(
                f"Event {sequence} of call {call} cannot be read: a newer version of voice-triage kept it, or it "
                "is damaged. Install the newest version and try again."
            ) from error
    return log


def kept_payloads(
    connection: Connection, folders: CallFolders, call: str, kinds: Collection[type[Event]]
) -> list[bytes]:
    """A call's events of these kinds, in order, as JSON. Raises StoreError if one was changed."""
    table = tables.events.c
    query = (
        select(table.sequence, table.payload)
        .where(table.call == call, table.type.in_([kind.__name__ for kind in kinds]))
        .order_by(table.sequence)
    )
    return [folders.unseal(call, sealed, str(sequence)) for sequence, sealed in connection.execute(query)]


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


def _summarize(connection: Connection, folders: CallFolders, call: str, records: Sequence[Record]) -> None:
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
    elif any(isinstance(record.logged.event, _IN_LINE) for record in records):
        kept = connection.execute(select(tables.calls.c.flags).where(tables.calls.c.call == call)).scalar_one()
        flags = dict(kept)
    else:
        return
    for record in records:
        event = record.logged.event
        _follow_flag(flags, event)
        if isinstance(event, CallEnded):
            row |= {"duration_s": event.duration_s, "ended": event.reason}
    removed = {
        str(kind) for each in records if isinstance(each.logged.event, PartDeleted) for kind in each.logged.event.kinds
    }
    if removed:
        row["removed"] = sorted(removed)
    if _by_hand(connection, call, records):
        flags = standing_flags([*kept_log(connection, folders, call), *(record.logged for record in records)])
    row["flags"] = list(flags.items())
    if isinstance(started, CallStarted):
        connection.execute(insert(tables.calls), [row])
    else:
        connection.execute(update(tables.calls).where(tables.calls.c.call == call), row)


def _by_hand(connection: Connection, call: str, records: Sequence[Record]) -> bool:
    """Whether the CSR raised a flag in this call, so that it takes the whole log to tell which stand."""
    if any(isinstance(record.logged.event, FlagRaisedByHand | ActionUndone) for record in records):
        return True
    table = tables.events.c
    query = select(table.sequence).where(table.call == call, table.type == FlagRaisedByHand.__name__).limit(1)
    return connection.execute(query).first() is not None


def standing_flags(log: Iterable[Logged]) -> dict[str, str]:
    """Category and urgency of the flags that stand raised, by machine or CSR; of two urgencies the higher."""
    machine: dict[str, str] = {}
    hand: dict[str, str] = {}
    for logged in without_undone(log):
        event = logged.event
        _follow_flag(machine, event)
        if isinstance(event, FlagRaisedByHand) and hand.get(event.category) != Urgency.RED:
            hand[event.category] = event.urgency
    return machine | {
        category: Urgency.RED if Urgency.RED in (urgency, machine.get(category)) else urgency
        for category, urgency in hand.items()
    }


def _follow_flag(flags: dict[str, str], event: Event) -> None:
    """``flags`` are those that stand raised: only a final result raises one, so a provisional one changes nothing."""
    if isinstance(event, FlagRaised) and event.state is FlagState.RAISED:
        flags[event.category] = event.urgency
    elif isinstance(event, FlagWithdrawn) or (isinstance(event, FlagRaised) and event.state is FlagState.WITHDRAWN):
        flags.pop(event.category, None)
