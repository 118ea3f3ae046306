"""The supervisor's queue finds calls by what their logs say, whenever they were kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.review.reviewed_calls import CLIPPING, GAP, SILENT, WITHDRAWN, dismissed, kept_call, sent
from tests.store.logs import running
from voice_triage.events import (
    ActionUndone,
    FlagJudged,
    Logged,
    MissMarked,
    ReviewDone,
    ReviewUndone,
    TeachingMarked,
    Verdict,
)
from voice_triage.review.line import LineQuality
from voice_triage.review.queue import PAGE_LINES, Progress, QueueFilter, Which
from voice_triage.store.sql_calls import SqlCallStore

NOW = datetime.fromisoformat("2026-03-05T12:00:00-05:00")
"""A Thursday."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlCallStore]:
    """An empty store."""
    with SqlCallStore(tmp_path / "calls.sqlite3") as store:
        yield store


def found(store: SqlCallStore, **wanted: object) -> list[str]:
    """Ids in the queue."""
    page = store.queue(QueueFilter(**{"which": Which.ALL, **wanted}), 0, NOW)  # type: ignore[arg-type]
    return [each.call for each in page.calls]


def test_each_kind_of_call_is_found_by_itself(store: SqlCallStore) -> None:
    """Flagged, dismissed, interrupted, not yet reviewed; a call that still runs is in no queue."""
    store.append(kept_call("flagged", "2026-03-04T08:00:00-05:00"))
    store.append(kept_call("dismissed", "2026-03-04T09:00:00-05:00", after=dismissed()))
    store.append(kept_call("cut", "2026-03-04T10:00:00-05:00", flags=False, interrupted=True))
    store.append(kept_call("quiet", "2026-03-04T11:00:00-05:00", flags=False))
    store.append(kept_call("reviewed", "2026-03-04T12:00:00-05:00", after=(ReviewDone(900.0, "kim"),)))
    store.append(kept_call("withdrawn", "2026-03-04T13:00:00-05:00", during=(WITHDRAWN,)))
    store.append(running("live", 3))
    assert found(store) == ["withdrawn", "reviewed", "quiet", "cut", "dismissed", "flagged"]
    assert found(store, which=Which.TO_REVIEW) == ["cut", "dismissed", "flagged"]
    assert found(store, which=Which.FLAGGED) == ["reviewed", "dismissed", "flagged"]
    assert found(store, which=Which.DISMISSED) == ["dismissed"]
    assert found(store, which=Which.INTERRUPTED) == ["cut"]
    assert found(store, which=Which.NOT_REVIEWED) == ["withdrawn", "quiet", "cut", "dismissed", "flagged"]
    assert found(store, which=Which.REVIEWED) == ["reviewed"]


def test_filters_narrow_by_category_csr_disposition_time_and_line(store: SqlCallStore) -> None:
    """All that is asked for holds."""
    store.append(kept_call("ana", "2026-03-03T08:00:00-05:00", csr="ana", after=sent(), during=(GAP,)))
    store.append(kept_call("bo", "2026-03-04T08:00:00-05:00", csr="bo", during=(SILENT,)))
    store.append(kept_call("loud", "2026-03-05T08:00:00-05:00", csr="bo", flags=False, during=(CLIPPING,)))
    assert found(store, category="urinary") == ["bo", "ana"]
    assert found(store, category="pain") == []
    assert found(store, csr="bo") == ["loud", "bo"]
    assert found(store, disposition="sent_to_emergency_room") == ["ana"]
    assert found(store, disposition="open") == ["bo"]
    assert found(store, quality=LineQuality.GAPS) == ["ana"]
    assert found(store, quality=LineQuality.SILENT) == ["bo"]
    assert found(store, quality=LineQuality.CLIPPING) == ["loud"]
    since, until = (datetime.fromisoformat(f"2026-03-{day}T00:00:00-05:00") for day in ("04", "05"))
    assert found(store, since=since, until=until) == ["bo"]
    assert store.queue(QueueFilter(), 0, NOW).csrs == ["ana", "bo"]
    among = store.queue(QueueFilter(which=Which.ALL), 0, NOW, among=["ana", "gone"])
    assert [each.call for each in among.calls] == ["ana"]


def test_the_line_follows_what_csr_and_supervisor_do_after_the_call(store: SqlCallStore) -> None:
    """Dismissed and undone by the CSR; judged, marked, done and undone by the supervisor."""
    log = kept_call("c")
    store.append(log)
    after = [
        *dismissed(),
        FlagJudged(900.0, "kim", "urinary", Verdict.RIGHT),
        MissMarked(901.0, "kim", "pain", "hiding", 3, 10, 10, 27.0, 27.3),
        TeachingMarked(902.0, "kim", True, "Litter box"),
        ReviewDone(903.0, "kim"),
    ]
    store.append([Logged("c", len(log) + place, event) for place, event in enumerate(after, start=1)])
    line = store.queue(QueueFilter(which=Which.ALL), 0, NOW).calls[0].line
    assert (line.flags[0].verdict, line.misses, line.reviewed_at_s, line.reviewed_by) == (
        Verdict.RIGHT,
        1,
        903.0,
        "kim",
    )
    assert line.dismissed
    assert line.patient == (("pet_name", "oliver"), ("species", "cat"), ("age", "P4Y"))
    assert found(store, which=Which.TEACHING) == ["c"]
    last = len(log) + len(after)
    store.append(
        [
            Logged("c", last + 1, ActionUndone(904.0, len(log) + 2)),
            Logged("c", last + 2, ReviewUndone(905.0, "kim", last)),
        ]
    )
    assert found(store, which=Which.TO_REVIEW) == ["c"]
    assert found(store, which=Which.DISMISSED) == []


def test_progress_counts_this_week_and_what_the_filter_lets_through(store: SqlCallStore) -> None:
    """The week begins on Monday; a call without a flag asks for no review."""
    done = (ReviewDone(900.0, "kim"),)
    store.append(kept_call("sunday", "2026-03-01T23:59:00-05:00"))
    store.append(kept_call("monday", "2026-03-02T00:01:00-05:00", after=done))
    store.append(kept_call("tuesday", "2026-03-03T09:00:00-05:00", csr="bo"))
    store.append(kept_call("quiet", "2026-03-03T10:00:00-05:00", flags=False))
    page = store.queue(QueueFilter(csr="ana"), 0, NOW)
    assert page.this_week == Progress(1, 2)
    assert page.in_filter == Progress(1, 3)
    assert (page.count, [each.call for each in page.calls]) == (1, ["sunday"])


def test_a_long_queue_comes_in_pages(store: SqlCallStore) -> None:
    """Every call is on one of them, once."""
    calls = [f"c{number:03}" for number in range(PAGE_LINES + 3)]
    for minute, call in enumerate(calls):
        store.append(kept_call(call, f"2026-03-04T08:{minute:02}:00-05:00", flags=False))
    pages = [store.queue(QueueFilter(which=Which.ALL), number, NOW) for number in range(3)]
    assert [len(page.calls) for page in pages] == [PAGE_LINES, 3, 0]
    assert sorted(each.call for page in pages for each in page.calls) == calls
    assert {page.count for page in pages} == {len(calls)}


def test_calls_that_were_kept_before_there_was_a_queue_are_taken_in(tmp_path: Path) -> None:
    """A database made anew from the logs, or upgraded, has all of them; a deleted call is in none."""
    path = tmp_path / "calls.sqlite3"
    with SqlCallStore(path) as store:
        store.append(kept_call("a", after=dismissed()))
        store.append(kept_call("b", "2026-03-04T09:30:00-05:00"))
    for file in tmp_path.glob("calls.sqlite3*"):
        file.unlink()
    with SqlCallStore(path) as store:
        assert found(store, which=Which.DISMISSED) == ["a"]
    with closing(sqlite3.connect(path)) as older, older:
        older.execute("DELETE FROM queue_categories")
        older.execute("DELETE FROM queue")
    with SqlCallStore(path) as store:
        assert store.queue(QueueFilter(which=Which.ALL), 0, NOW).unread == 2
        store.fill_queue()
        assert found(store) == ["b", "a"]
        marks = store.queue_marks()
        store.delete("b")
        assert set(marks) - set(store.queue_marks()) == {"b"}
        assert found(store) == ["a"]


def test_what_the_queue_shows_of_a_call_is_not_on_the_disk_in_the_clear(tmp_path: Path) -> None:
    """The pet's name and the lesson's title are sealed with the call's key."""
    with SqlCallStore(tmp_path / "calls.sqlite3") as store:
        store.append(kept_call("c", after=(TeachingMarked(900.0, "kim", True, "zebrafinch lesson"),)))
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"oliver" not in written
    assert b"zebrafinch" not in written
