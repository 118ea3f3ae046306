"""After a crash, with a lost database, or with damage, everything that was heard is there again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.logs import ended, final, flag, placed, running, started
from voice_triage.errors import StoreError
from voice_triage.events import CallEnded, CallStarted, Logged, NoteTyped, Side, to_json
from voice_triage.store.recording_files import SideRecording
from voice_triage.store.search import CallSearch
from voice_triage.store.sql_calls import INTERRUPTED, SqlCallStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "kept" / "calls.sqlite3"


def whole(call: str) -> list[Logged]:
    """The log of a call that has ended."""
    return placed(call, [started(call), final(0), flag("urinary"), ended()])


def test_a_lost_database_is_made_anew(path: Path) -> None:
    """The logs are enough: list, flags, words and search come back."""
    with SqlCallStore(path) as store:
        store.append(whole("one"))
        store.append(running("two", 4))
        listed, words = store.calls(), store.transcripts()
    for file in path.parent.glob("calls.sqlite3*"):
        file.unlink()
    with SqlCallStore(path) as store:
        assert store.calls() == listed
        assert store.transcripts() == words
        assert store.events("one") == whole("one")
        assert store.events("two") == running("two", 4)


def test_an_interrupted_call_is_finished(path: Path) -> None:
    """It gets its end, at the time up to which something is kept; its open flags stay open."""
    with SqlCallStore(path) as store:
        store.append(placed("c", [started("c"), final(0), flag("urinary")]))
        recording = SideRecording(store.folders, "c", Side.CLIENT, 0)
        for _ in range(31):
            recording.write(b"chunk", b"peaks")
    with SqlCallStore(path) as store:
        assert store.recover() == ["c"]
        last = store.events("c")[-1].event
        assert isinstance(last, CallEnded)
        assert (last.reason, last.duration_s) == (INTERRUPTED, 15.5)
        assert store.calls()[0].flags == (("urinary", "red"),)
        assert store.transcripts() == {"c": final(0).text}
        assert store.recover() == []


def test_a_call_that_goes_on_is_not_finished(path: Path) -> None:
    """Another window of the product, or this one, is still keeping it."""
    with SqlCallStore(path) as live:
        live.append(running("c", 3))
        assert live.recover() == []
        with SqlCallStore(path) as other:
            assert other.recover() == []
        live.append(placed("c", [ended()], 4))
        assert live.calls()[0].ended == "hang-up"


def test_events_that_reached_the_log_alone_are_not_lost(path: Path) -> None:
    """A crash between the log file and the database costs nothing: the log comes first."""
    with SqlCallStore(path) as store:
        store.append(running("c", 6))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM events WHERE sequence > 3")
    with SqlCallStore(path) as store:
        store.recover()
        assert store.events("c")[:6] == running("c", 6)


def test_a_call_in_its_folder_alone_is_taken_in(path: Path) -> None:
    """The database was brought back from last week: this week's calls are found in their folders."""
    with SqlCallStore(path) as store:
        store.append(whole("one"))
    old = {file.name: file.read_bytes() for file in path.parent.glob("calls.sqlite3*")}
    with SqlCallStore(path) as store:
        store.append(whole("two"))
    for name, content in old.items():
        (path.parent / name).write_bytes(content)
    with SqlCallStore(path) as store:
        store.recover()
        assert {call.call for call in store.calls()} == {"one", "two"}


def test_one_damaged_log_does_not_hide_the_others(path: Path) -> None:
    """Its call is named; the rest is listed."""
    with SqlCallStore(path) as store:
        store.append(whole("good"))
        store.append(whole("bad"))
    log = path.parent / "calls" / "bad" / "log-1"
    content = bytearray(log.read_bytes())
    content[-3] ^= 4
    log.write_bytes(content)
    for file in path.parent.glob("calls.sqlite3*"):
        file.unlink()
    with SqlCallStore(path) as store:
        assert [call.call for call in store.calls()] == ["good"]
        assert store.notice is not None
        assert "bad" in store.notice


def test_a_call_killed_before_its_first_word_leaves_nothing(path: Path) -> None:
    """A folder without a log is no call."""
    with SqlCallStore(path) as store:
        SideRecording(store.folders, "c", Side.CLIENT, 0)
    with SqlCallStore(path) as store:
        store.recover()
        assert store.calls() == []
        assert not (path.parent / "calls" / "c").exists()


@pytest.mark.parametrize("killed", ["with one key of two left", "with no key left", "with no folder left"])
def test_half_a_deletion_is_completed(path: Path, killed: str) -> None:
    """Killed anywhere in it: the rest goes at the next start, and so does the line that says that there was a call."""
    with SqlCallStore(path) as store:
        store.append(whole("c"))
        store.append(placed("c", [NoteTyped(70.0, "typed after the end")], len(whole("c")) + 1))
    folder = path.parent / "calls" / "c"
    assert {each.name for each in folder.glob("key-*")} == {"key-1", "key-2"}
    (folder / "deleted").touch()
    (folder / "key-1").unlink()
    if killed != "with one key of two left":
        (folder / "key-2").unlink()
    if killed == "with no folder left":
        shutil.rmtree(folder)
    with SqlCallStore(path) as store:
        assert store.recover() == []
        assert not folder.exists()
        assert store.calls() == []
        assert store.notice is None


def test_calls_of_the_first_version_are_kept_on(tmp_path: Path) -> None:
    """A database without encryption becomes one with it, every call gets its log, and no word stays readable."""
    path = tmp_path / "calls.sqlite3"
    log = whole("c")
    assert isinstance(log[0].event, CallStarted)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(FIRST_TABLES)
        connection.execute(
            "INSERT INTO calls VALUES ('c', ?, 0, 'headset', '[[\"urinary\", \"red\"]]', 60.0, 'hang-up')",
            [log[0].event.started_at],
        )
        connection.executemany(
            "INSERT INTO events VALUES ('c', ?, 0.0, 'x', ?)",
            [(logged.sequence, json.dumps(to_json(logged.event))) for logged in log],
        )
    assert b"word0-1" in path.read_bytes()
    with SqlCallStore(path) as store:
        assert store.events("c") == log
        assert store.folders.files("c", "log")
    assert not any(b"word0-1" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for file in tmp_path.glob("calls.sqlite3*"):
        file.unlink()
    with SqlCallStore(path) as store:
        assert store.events("c") == log


def test_without_its_key_nothing_is_begun_anew(path: Path) -> None:
    """A lost master key is an error that says so; nothing is overwritten."""
    with SqlCallStore(path) as store:
        store.append(whole("c"))
    kept = path.parent / "master.key"
    kept.rename(path.parent / "put-away")
    with pytest.raises(StoreError, match="was not found"):
        SqlCallStore(path)
    (path.parent / "put-away").rename(kept)
    with SqlCallStore(path) as store:
        assert store.events("c") == whole("c")


def test_words_are_found_in_any_form(path: Path) -> None:
    """Search knows word stems and beginnings, wants all words, and forgets what is deleted."""
    del path
    with CallSearch({"a": "he keeps vomiting\nsince tuesday", "b": "she vomited once", "c": "nails please"}) as search:
        assert set(search.find("vomit")) == {"a", "b"}
        assert search.find("vomited tuesday") == ["a"]
        assert search.find("tues") == ["a"]
        assert search.find('"(* OR AND') == []
        assert search.find("") == []
        search.add({"c": "he is vomiting too"})
        assert set(search.find("vomiting")) == {"a", "b", "c"}
        search.remove("b")
        assert set(search.find("vomit")) == {"a", "c"}


FIRST_TABLES = """
CREATE TABLE calls (call VARCHAR(200) NOT NULL, started_at VARCHAR(64) NOT NULL, started_us BIGINT NOT NULL,
    source TEXT NOT NULL, flags JSON NOT NULL, duration_s FLOAT, ended TEXT, CONSTRAINT pk_calls PRIMARY KEY (call));
CREATE INDEX ix_calls_started_us ON calls (started_us);
CREATE TABLE events (call VARCHAR(200) NOT NULL, sequence INTEGER NOT NULL, at_s FLOAT NOT NULL,
    type VARCHAR(64) NOT NULL, payload TEXT NOT NULL, CONSTRAINT pk_events PRIMARY KEY (call, sequence),
    CONSTRAINT fk_events_call FOREIGN KEY(call) REFERENCES calls (call) ON DELETE CASCADE);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('0001');
"""
