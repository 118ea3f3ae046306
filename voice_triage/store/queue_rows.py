"""The supervisor's queue as rows of the database: one for each ended call, kept up to its log, found by SQL."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, true, update

from voice_triage.events import Logged
from voice_triage.json_records import read_record
from voice_triage.review.line import QueueLine, queue_line
from voice_triage.review.queue import PAGE_LINES, Progress, QueuedCall, QueueFilter, QueuePage, Which
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.event_rows import kept_log
from voice_triage.store.tables import calls, queue, queue_categories
from voice_triage.store.transcript import transcript_of

_PLACE = "queue"
"""Place of a line's content, for sealing."""
WORDS = "transcript"
"""Place of a call's words, for sealing."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ASKS = or_(queue.c.flagged, queue.c.interrupted)
"""Calls that a supervisor should go through."""
_WHICH: dict[Which, ColumnElement[bool]] = {
    Which.TO_REVIEW: and_(_ASKS, ~queue.c.reviewed),
    Which.FLAGGED: queue.c.flagged == true(),
    Which.DISMISSED: queue.c.dismissed == true(),
    Which.INTERRUPTED: queue.c.interrupted == true(),
    Which.NOT_REVIEWED: ~queue.c.reviewed,
    Which.REVIEWED: queue.c.reviewed == true(),
    Which.TEACHING: queue.c.teaching == true(),
    Which.ALL: true(),
}


def keep(connection: Connection, folders: CallFolders, call: str, log: Sequence[Logged]) -> None:
    """Bring a call's row up to its whole log, which has an end. Raises OSError, StoreError."""
    line = queue_line(log)
    text = json.dumps(dataclasses.asdict(line), separators=(",", ":")).encode("utf-8", "surrogatepass")
    connection.execute(delete(queue).where(queue.c.call == call))  # its categories go with it
    connection.execute(
        insert(queue),
        {
            "call": call,
            "upto": log[-1].sequence,
            "csr": line.csr,
            "flagged": line.flagged,
            "dismissed": line.dismissed,
            "interrupted": line.interrupted,
            "disposition": line.disposition,
            "quality": str(line.quality),
            "reviewed": line.reviewed_at_s is not None,
            "teaching": line.teaching is not None,
            "line": folders.seal(call, text, _PLACE),
        },
    )
    if line.categories:
        connection.execute(
            insert(queue_categories), [{"call": call, "category": category} for category in line.categories]
        )


def follow(connection: Connection, folders: CallFolders, call: str, *, words: bool = False) -> None:
    """Bring an ended call's row, and with ``words`` its text for the search, up to its log as it is now."""
    kept = kept_log(connection, folders, call)
    if not kept:  # deleted meanwhile
        return
    keep(connection, folders, call, kept)
    if words:
        sealed = folders.seal(call, transcript_of(kept).encode("utf-8", "surrogatepass"), WORDS)
        connection.execute(update(calls).where(calls.c.call == call), {"transcript": sealed})


def missing(connection: Connection) -> Sequence[str]:
    """Ended calls without a row, the newest first: kept before there was a queue."""
    query = (
        select(calls.c.call)
        .where(calls.c.ended.is_not(None), ~exists().where(queue.c.call == calls.c.call))
        .order_by(calls.c.started_us.desc())
    )
    return connection.execute(query).scalars().all()


def marks(connection: Connection) -> dict[str, int]:
    """Every call of the queue, and the newest event that its row tells of: another one, and it has changed."""
    rows = connection.execute(select(queue.c.call, queue.c.upto)).all()
    return {row.call: row.upto for row in rows}


def page(
    connection: Connection,
    folders: CallFolders,
    wanted: QueueFilter,
    number: int,
    now: datetime,
    among: Sequence[str] | None = None,
) -> QueuePage:
    """One page, numbered from 0, of the calls that the filter lets through; ``among`` are those found by words.

    ``now`` tells which week it is. Raises StoreError.
    """
    through = _through(wanted, among)
    listed = and_(through, _WHICH[wanted.which])
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    query = (
        select(calls.c.call, calls.c.started_at, calls.c.duration_s, calls.c.source, queue.c.line)
        .join(queue, queue.c.call == calls.c.call)
        .where(listed)
        .order_by(calls.c.started_us.desc(), calls.c.call.desc())
        .offset(number * PAGE_LINES)
        .limit(PAGE_LINES)
    )
    rows = connection.execute(query).all()
    return QueuePage(
        calls=tuple(
            QueuedCall(
                row.call, row.started_at, row.duration_s, row.source, _line(connection, folders, row.call, row.line)
            )
            for row in rows
        ),
        count=_progress(connection, listed).of,
        page=number,
        in_filter=_progress(connection, through),
        this_week=_progress(connection, and_(_ASKS, calls.c.started_us >= _us(monday))),
        csrs=connection.execute(select(queue.c.csr).distinct().order_by(queue.c.csr)).scalars().all(),
        unread=len(missing(connection)),
    )


def lines(connection: Connection, folders: CallFolders, among: Collection[str] | None) -> list[QueuedCall]:
    """The lines of these calls, of all for None, the oldest call first. Raises StoreError."""
    query = select(calls.c.call, calls.c.started_at, calls.c.duration_s, calls.c.source, queue.c.line)
    query = query.join(queue, queue.c.call == calls.c.call).order_by(calls.c.started_us, calls.c.call)
    if among is not None:
        query = query.where(queue.c.call.in_(among))
    return [
        QueuedCall(row.call, row.started_at, row.duration_s, row.source, _line(connection, folders, row.call, row.line))
        for row in connection.execute(query).all()
    ]


def _through(wanted: QueueFilter, among: Sequence[str] | None) -> ColumnElement[bool]:
    asked: list[ColumnElement[bool]] = [true()]
    if wanted.category:
        asked.append(
            exists().where(queue_categories.c.call == queue.c.call, queue_categories.c.category == wanted.category)
        )
    if wanted.csr is not None:
        asked.append(queue.c.csr == wanted.csr)
    if wanted.disposition:
        asked.append(queue.c.disposition == wanted.disposition)
    if wanted.quality is not None:
        asked.append(queue.c.quality == str(wanted.quality))
    if wanted.since is not None:
        asked.append(calls.c.started_us >= _us(wanted.since))
    if wanted.until is not None:
        asked.append(calls.c.started_us < _us(wanted.until))
    if among is not None:
        asked.append(queue.c.call.in_(among))
    return and_(*asked)


def _progress(connection: Connection, condition: ColumnElement[bool]) -> Progress:
    query = (
        select(queue.c.reviewed, func.count())
        .join(calls, queue.c.call == calls.c.call)
        .where(condition)
        .group_by(queue.c.reviewed)
    )
    counts = {bool(reviewed): int(count) for reviewed, count in connection.execute(query)}
    return Progress(counts.get(True, 0), sum(counts.values()))


def _line(connection: Connection, folders: CallFolders, call: str, sealed: bytes) -> QueueLine:
    try:
        return read_record(QueueLine, json.loads(folders.unseal(call, sealed, _PLACE)))
    except ValueError:  # an older version of the product wrote other keys
        return queue_line(kept_log(connection, folders, call))


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
