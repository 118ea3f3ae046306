"""What the store does when disk, folder or file are not as they should be: an error that says what to do, no loss."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.small_disk import findings
from tests.store.logs import final, placed, running
from voice_triage.errors import StoreError
from voice_triage.store.sql_calls import SqlCallStore
from voice_triage.store.sqlite_file import SqliteFile

posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps user folders private by itself")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "kept" / "calls.sqlite3"


def rights(path: Path) -> int:
    """The permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def kept_store(path: Path, length: int = 400) -> None:
    """A closed store with one call."""
    with SqlCallStore(path) as store:
        store.append(running("earlier", length))


def scribble(path: Path, start: float, size: int = 40_000) -> None:
    """Write random bytes over part of a file, from that share of its length on."""
    with path.open("r+b") as file:
        file.seek(int(start * path.stat().st_size))
        file.write(random.Random(0).randbytes(size))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program in the middle of writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


# --- rights and safety ------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("made_before", [False, True])
def test_folder_and_files_are_closed_to_other_users(path: Path, made_before: bool) -> None:
    """Nobody else on the machine can read a call, whatever the umask and whoever made the folder."""
    old = os.umask(0)
    try:
        if made_before:
            path.parent.mkdir()
            path.touch()
        with SqlCallStore(path) as store:
            store.append(running("c", 3))
            assert rights(path.parent) == 0o700
            found = {file.relative_to(path.parent).as_posix(): file for file in path.parent.rglob("*")}
            files = {name: rights(file) for name, file in found.items() if file.is_file()}
            folders = {name: rights(file) for name, file in found.items() if file.is_dir()}
    finally:
        os.umask(old)
    database = [path.name + end for end in ("", "-wal", "-shm", ".lock")]
    keys = ["master.json", "master.key", "master.lock"]
    assert files == dict.fromkeys([*database, *keys, "calls/c/key-1", "calls/c/log-1", "calls/c/in-use"], 0o600)
    assert folders == {"calls": 0o700, "calls/c": 0o700}


@posix
def test_a_folder_shared_by_nature_stays_shared(path: Path) -> None:
    """A store in the temporary folder does not close that folder to everybody else."""
    path.parent.mkdir()
    path.parent.chmod(0o1777)
    SqlCallStore(path).close()
    assert rights(path.parent) == 0o1777
    assert rights(path) == 0o600


def test_the_file_is_kept_durably(path: Path) -> None:
    """WAL, flushed at every commit; what is deleted is overwritten; readers cannot write."""
    kept_store(path)
    file = SqliteFile(path, busy_timeout_s=1.0)
    engines = {"writer": file.writer(), "migrator": file.migrator(), "readers": file.readers()}
    found = {}
    for name, engine in engines.items():
        with engine.begin() as connection:
            found[name] = {
                pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
                for pragma in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "query_only")
            }
        engine.dispose()
    file.close()
    common = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}
    assert found == {
        "writer": common | {"foreign_keys": 1, "query_only": 0},
        "migrator": common | {"foreign_keys": 0, "query_only": 0},
        "readers": common | {"foreign_keys": 0, "query_only": 1},
    }


def test_a_path_with_odd_characters_works(tmp_path: Path) -> None:
    """A user's name with blanks, question marks or accents does not end up in another file."""
    path = tmp_path / "Zoë #1 100%?x=y & co" / "calls.sqlite3"
    if os.name != "posix":
        path = tmp_path / "Zoë #1 100% & co" / "calls.sqlite3"
    kept_store(path, 3)
    assert path.exists()
    with SqlCallStore(path) as store:
        assert store.events("earlier") == running("earlier", 3)


# --- damage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["not a database", "header", "cut short", "a page in the middle", "the last pages"])
def test_a_damaged_file_is_set_aside_and_made_anew(path: Path, damage: str) -> None:
    """A damaged database costs no call: it is kept for rescue, a new one made from the logs, the CSR told once."""
    kept_store(path)
    if damage == "not a database":
        path.write_bytes(b"these bytes are no database at all. " * 300)
    elif damage == "header":
        scribble(path, 0.0, 100)
    elif damage == "cut short":
        os.truncate(path, path.stat().st_size // 3)
    else:
        scribble(path, 0.5 if damage == "a page in the middle" else 0.9)
    content = path.read_bytes()
    with SqlCallStore(path) as store:
        assert store.notice is not None
        assert "damaged" in store.notice
        assert store.events("earlier") == running("earlier", 400)
        store.append(running("new", 3))
    aside = [file for file in path.parent.glob("*.damaged-*") if not file.name.endswith(("-wal", "-shm"))]
    assert [file.read_bytes() for file in aside] == [content]
    assert aside[0].name in store.notice
    with SqlCallStore(path) as store:
        assert store.notice is None
        assert store.events("new") == running("new", 3)


@posix
def test_what_was_set_aside_stays_closed_to_others(path: Path) -> None:
    """A damaged file still holds what clients said."""
    kept_store(path)
    scribble(path, 0.5)
    SqlCallStore(path).close()
    assert {rights(file) for file in path.parent.rglob("*") if file.is_file()} == {0o600}


def test_a_file_set_aside_twice_in_a_second_keeps_both(path: Path) -> None:
    """No damaged file ever takes the place of another."""
    path.parent.mkdir()
    for turn in range(3):
        path.write_bytes(b"no database, number %d. " % turn * 100)
        SqlCallStore(path).close()
    assert len(list(path.parent.glob("*.damaged-*"))) == 3


def test_a_log_left_by_a_lost_file_is_not_taken_for_the_new_ones(path: Path) -> None:
    """If the file itself is gone, its write-ahead log is put away, not replayed into the new file nor thrown away."""
    kept_store(path, 3)
    with SqlCallStore(path) as store:
        store.append(running("c", 50))
        left = path.with_name(path.name + "-wal").read_bytes()
    path.unlink()
    path.with_name(path.name + "-wal").write_bytes(left)
    with SqlCallStore(path) as store:
        assert store.events("c") == running("c", 50)
    assert [file.read_bytes() for file in path.parent.glob("*.damaged-*-wal")] == [left]


def test_a_damaged_file_in_use_is_not_taken_away(path: Path) -> None:
    """While the live product writes to it, the file stays: set aside, it would take new calls where nobody looks."""
    kept_store(path)
    with SqlCallStore(path) as live:
        live.append(running("live", 2))
        scribble(path, 0.5)
        with pytest.raises(StoreError, match=r"another voice-triage is using it\. Close that one"):
            SqlCallStore(path, busy_timeout_s=0.1)
        assert not list(path.parent.glob("*.damaged-*"))
    with SqlCallStore(path) as store:
        assert store.notice is not None


def test_damage_met_at_work_says_to_start_again(path: Path) -> None:
    """A page that goes bad while the store is open is reported when it is read, and looked for at the next start."""
    kept_store(path)
    with SqlCallStore(path) as store:
        scribble(path, 0.1, 200_000)
        with pytest.raises(StoreError, match=r"damaged\. Close voice-triage everywhere and start it again"):
            store.events("earlier")
    assert path.with_name(path.name + ".suspect").exists()
    with SqlCallStore(path) as store:
        assert store.notice is not None
    assert not path.with_name(path.name + ".suspect").exists()


def test_a_false_suspicion_is_dropped(path: Path) -> None:
    """A file that turns out to be in order is not set aside, and not suspected any longer."""
    kept_store(path, 3)
    suspect = path.with_name(path.name + ".suspect")
    suspect.touch()
    with SqlCallStore(path) as store:
        assert store.notice is None
        assert store.events("earlier") == running("earlier", 3)
    assert not suspect.exists()


# --- files that are in order, but not for this program -----------------------------------------------------------


def test_a_store_of_a_newer_version_is_left_alone(path: Path) -> None:
    """An old program neither reads nor sets aside what a newer one kept, and says what to do."""
    kept_store(path, 3)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version of voice-triage\. Install that version"):
        SqlCallStore(path)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.damaged-*"))


def test_another_programs_database_is_left_alone(path: Path) -> None:
    """A database that is not a store of calls is not written to."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="another program"):
        SqlCallStore(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


# --- locks ------------------------------------------------------------------------------------------------------


def test_a_locked_file_is_an_error_and_then_goes_on(path: Path) -> None:
    """While another program holds the file, appends fail and say so; afterwards the same append works; reads go on."""
    log = running("c", 3)
    with SqlCallStore(path, busy_timeout_s=0.1) as store:
        store.append(log[:2])
        with locked(path):
            with pytest.raises(StoreError, match=r"Another program is holding .* locked"):
                store.append(log)
            assert store.events("c") == log[:2]
        store.append(log)
        assert store.events("c") == log


def test_a_file_locked_at_the_start_is_an_error_not_damage(path: Path) -> None:
    """A lock is waited for, then reported; the file is not set aside."""
    path.parent.mkdir()
    with locked(path), pytest.raises(StoreError, match=r"Another program is holding .* locked"):
        SqlCallStore(path, busy_timeout_s=0.1)
    with SqlCallStore(path) as store:
        assert store.notice is None


def test_an_error_holds_no_words_of_the_call(path: Path) -> None:
    """What goes wrong with the database ends up in logs, and logs hold no transcript: not even in an error's cause."""
    with SqlCallStore(path, busy_timeout_s=0.0) as store:
        store.append(running("c", 1))
        with locked(path), pytest.raises(StoreError) as failure:
            store.append(placed("c", [final(5)], first=2))
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END")
        with pytest.raises(StoreError) as refusal:
            store.append(placed("c", [final(5)], first=2))
    for error in (failure.value, refusal.value):
        assert error.__cause__ is not None
        assert "word5" not in f"{error} {error.__cause__} {error.__cause__!r}"


# --- disk and folder --------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="Windows does not let an open file be moved")
@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_a_file_that_goes_away_is_noticed(path: Path, how: str) -> None:
    """Nothing is written to a file that nobody will find: the append fails at once."""
    kept_store(path, 3)
    with SqlCallStore(path) as store:
        store.append(running("c", 2))
        if how == "replaced":
            shutil.copy(path, path.with_name("copy"))
            path.with_name("copy").replace(path)
        elif how == "moved":
            path.rename(path.with_name("elsewhere"))
        else:
            path.unlink()
        with pytest.raises(StoreError, match="moved or deleted while in use"):
            store.append(running("c", 3))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """If the data folder's place is taken by a file, the message names the setting to change."""
    (tmp_path / "kept").write_text("a file")
    with pytest.raises(StoreError, match="VOICE_TRIAGE_DATA_DIR"):
        SqlCallStore(tmp_path / "kept" / "calls.sqlite3")
    with pytest.raises(StoreError, match="VOICE_TRIAGE_DATA_DIR"):
        SqlCallStore(tmp_path / "kept" / "deeper" / "calls.sqlite3")


def test_a_folder_in_the_files_place_is_an_error(path: Path) -> None:
    """A folder by the file's name is reported, not set aside."""
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be opened"):
        SqlCallStore(path)
    assert path.is_dir()


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="nothing is read-only for root")
@pytest.mark.parametrize("what", ["new", "kept", "file"])
def test_a_read_only_folder_or_file_is_an_error_at_the_start(path: Path, what: str) -> None:
    """Without the right to write, the start says which right is missing; it does not wait for the first call."""
    path.parent.mkdir()
    if what != "new":
        kept_store(path, 3)
    read_only = path if what == "file" else path.parent
    read_only.chmod(0o400 if what == "file" else 0o500)
    try:
        with pytest.raises(StoreError, match=r"may write|right to write"):
            SqlCallStore(path)
    finally:
        read_only.chmod(0o700)


@posix
def test_a_disk_that_refuses_to_write_is_an_error_and_then_goes_on(path: Path) -> None:
    """A write that fails halfway is undone; when the disk works again, the same append works."""
    import resource

    log = running("c", 400)
    with SqlCallStore(path) as store:
        store.append(log[:50])
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            with pytest.raises(StoreError, match=r"Free some space|free space"):
                store.append(log)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert store.events("c") == log[:50]
        store.append(log)
        assert store.events("c") == log
    with SqlCallStore(path) as store:
        assert store.notice is None
        assert store.events("c") == log


def test_a_full_and_a_read_only_disk_lose_nothing(tmp_path: Path) -> None:
    """On a full disk appends fail with advice and nothing kept is lost; with room again they go on."""
    assert findings("tests.store.full_disk", tmp_path) == [
        "full: True",
        "nothing lost: True",
        "goes on: True",
        "no room to begin: True",
        "room again: True",
        "intact: True",
        "read-only: True",
        "read-only: True",
    ]
