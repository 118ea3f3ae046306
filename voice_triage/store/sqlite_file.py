"""The SQLite file behind the store: rights, connections, damage, and what its errors mean. Alone imports the driver.

Beside ``calls.sqlite3`` there is ``calls.sqlite3.lock``, which every open store holds shared, so that a damaged file
is never set aside under a program that still writes to it (the lock ends with its process, however that ends), and,
after damage was met in the middle of work, ``calls.sqlite3.suspect``, which makes the next start look at every page.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import sqlalchemy
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, Pool, QueuePool

from voice_triage.errors import StoreError

CHECK_BYTES = 200_000_000
"""Up to this size every start looks at all pages of the file (measured: 0.5 ms per MB from memory; a slow disk needs
10 ms), beyond it only at the list of calls. Damage further back is met when it is read, and the next start then looks
at every page."""
_DURABLE = MappingProxyType(
    {
        "synchronous": "FULL",
        "fullfsync": "ON",  # macOS alone; there a plain fsync does not reach the disk
        "checkpoint_fullfsync": "ON",
        "secure_delete": "ON",
    }
)
"""Settings of every connection."""
_SIDE_FILES = ("-wal", "-shm", "-journal")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_ADVICE = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: "The disk is full, so calls cannot be kept in {name}. Free some space; nothing kept so "
        "far is lost.",
        sqlite3.SQLITE_READONLY: "{name} cannot be written. Give this user the right to write to it and its folder.",
        sqlite3.SQLITE_PERM: "{name} cannot be written. Give this user the right to write to it and its folder.",
        sqlite3.SQLITE_CANTOPEN: "{name} cannot be opened. Check that it is there and that this user may write to its "
        "folder, then start voice-triage again.",
        sqlite3.SQLITE_BUSY: "Another program is holding {name} locked (a database viewer or a backup?). Close it; "
        "voice-triage may stay open.",
        sqlite3.SQLITE_LOCKED: "Another program is holding {name} locked (a database viewer or a backup?). Close it; "
        "voice-triage may stay open.",
        sqlite3.SQLITE_IOERR: "The disk does not read or write {name} as it should. Check that it is connected, has "
        "free space and is in order.",
        sqlite3.SQLITE_CORRUPT: "{name} is damaged. Close voice-triage everywhere and start it again: it sets the file "
        "aside and makes a new one from the calls' own logs.",
        sqlite3.SQLITE_NOTADB: "{name} is damaged. Close voice-triage everywhere and start it again: it sets the file "
        "aside and makes a new one from the calls' own logs.",
    }
)
_OF_SYSTEM = MappingProxyType(
    {
        errno.ENOSPC: sqlite3.SQLITE_FULL,
        errno.EDQUOT: sqlite3.SQLITE_FULL,
        errno.EFBIG: sqlite3.SQLITE_FULL,
        errno.EROFS: sqlite3.SQLITE_READONLY,
        errno.EIO: sqlite3.SQLITE_IOERR,
    }
)
"""The system's own errors, met at the calls' files, to SQLite's."""


class SqliteFile:
    """One open file of calls.

    ``notice`` is a sentence for the CSR if a damaged file had to be set aside, else None.
    """

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        """Make and protect folder and file, search for damage, and hold the file until :meth:`close`.

        ``busy_timeout_s``: how long to wait for another program's lock. Raises StoreError.
        """
        self.path = path.absolute()
        self.notice: str | None = None
        self.begun = False
        """Whether the file was made now: calls that have folders are not in it yet."""
        self._busy_timeout_s = busy_timeout_s
        self._lock_path = _beside(self.path, ".lock")
        self._suspect_path = _beside(self.path, ".suspect")
        with self.advising():
            _protect(self.path)
            self._hold = self._open()
            self._identity = _identity(self.path)

    @contextmanager
    def advising(self) -> Iterator[None]:
        """Turns what goes wrong with the file into a StoreError that says what to do."""
        try:
            yield
        except (OSError, sqlite3.Error, DBAPIError) as error:
            if _code(error) in _DAMAGED:
                with suppress(OSError):  # a failing disk may refuse even this; then the next start looks less closely
                    self._suspect_path.touch(mode=0o600)
            raise StoreError(self._advice(error)) from error

    def writer(self) -> Engine:
        """Engine with a single connection, whose transactions take the write lock when they begin."""
        return self._engine(QueuePool, "BEGIN IMMEDIATE", {"foreign_keys": "ON"}, pool_size=1, max_overflow=0)

    def migrator(self) -> Engine:
        """Engine for changes of the tables themselves.

        SQLite rebuilds a table to change it. With foreign keys on, dropping the old one would delete every row that
        refers to it: all events of all calls.
        """
        return self._engine(NullPool, "BEGIN IMMEDIATE", {"foreign_keys": "OFF"})

    def readers(self) -> Engine:
        """Engine that opens a connection per use and cannot write."""
        return self._engine(NullPool, "BEGIN", {"query_only": "ON"})

    def empty_journal(self, writing: Engine) -> None:
        """Bring what the journal holds into the file, whose freed pages are overwritten, and cut it to nothing."""
        connection = writing.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()

    def ensure_there(self) -> None:
        """Raises StoreError if the file was moved, deleted or replaced since it was opened.

        Without this, a program would go on writing, without any error, to a file that nobody finds again.
        """
        with self.advising():
            same = self.path.exists() and _identity(self.path) == self._identity
        if not same:
            raise StoreError(
                f"{self.path} was moved or deleted while in use. Put it back and start voice-triage again."
            )

    def close(self) -> None:
        """Let others set the file aside. Dispose of the engines first."""
        self._hold.close()

    # --- opening ------------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        """The hold on a file found in order, which may be a new one."""
        deadline = time.monotonic() + self._busy_timeout_s
        while True:
            hold = self._take_hold()
            try:
                if self.path.exists():
                    self._check()
                    return hold
                trouble = "missing"
            except BaseException as error:
                hold.close()
                if _code(error) not in _DAMAGED:
                    raise
                trouble = "damaged"
            hold.close()
            if self._begin_new():
                continue
            if time.monotonic() > deadline:
                raise StoreError(
                    f"{self.path} is {trouble}, and another voice-triage is using it. Close that one, then start "
                    "again: a new file is then begun, and a damaged one is kept beside it."
                )
            time.sleep(0.02)

    def _take_hold(self) -> sqlite3.Connection:
        hold = sqlite3.connect(
            self._lock_path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            hold.execute("BEGIN")
            hold.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a read is what takes the shared lock
        except BaseException:
            hold.close()
            raise
        return hold

    def _check(self) -> None:
        """Switch the file to WAL and search it for damage; raises sqlite3.DatabaseError, StoreError if read-only."""
        if not os.access(self.path, os.W_OK):  # SQLite would open it all the same, and fail in the middle of a call
            raise StoreError(_ADVICE[sqlite3.SQLITE_READONLY].format(name=self.path))
        with closing(self._connect({})) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
            self._switch_to_wal(connection)
            whole = self._suspect_path.exists() or self.path.stat().st_size <= CHECK_BYTES
            listed = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'calls'").fetchone()[0]
            scope = "calls" if listed and not whole else 1
            finding = connection.execute(f"PRAGMA quick_check({scope})").fetchone()[0]
        if finding != "ok":
            raise _Damaged
        self._suspect_path.unlink(missing_ok=True)

    def _switch_to_wal(self, connection: sqlite3.Connection) -> None:
        deadline = time.monotonic() + self._busy_timeout_s
        mode = None
        while mode is None:
            try:
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            except sqlite3.OperationalError as error:
                # SQLite does not always wait for another process that is switching the same file.
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        if mode != "wal":
            raise StoreError(
                f"{self.path} lies on a disk that cannot keep calls safely (a network drive?). Set "
                "VOICE_TRIAGE_DATA_DIR to a folder on this computer's own disk."
            )

    def _begin_new(self) -> bool:
        """Put a new file in the place of one that is damaged or missing; False if another store is open on it."""
        with closing(sqlite3.connect(self._lock_path, timeout=0, isolation_level=None)) as alone:
            try:
                alone.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if _code(error) == sqlite3.SQLITE_BUSY:
                    return False
                raise
            aside = _aside_path(self.path)
            if self.path.exists():
                try:
                    self._check()
                    return True  # another process was faster
                except sqlite3.Error as error:
                    if _code(error) not in _DAMAGED:
                        raise
                self.path.rename(aside)
                self.notice = (
                    f"The file of kept calls was damaged. It was set aside as {aside.name} in {aside.parent}, and a "
                    "new one was made from the calls' own logs. Keep that file and tell whoever looks after this "
                    "computer."
                )
            self._put_away_side_files(aside)
            self._suspect_path.unlink(missing_ok=True)
            _create(self.path)
            self.begun = True
            return True

    def _put_away_side_files(self, aside: Path) -> None:
        """Journals belong to the file they were written for: beside a new one they would be taken for its own."""
        for suffix in _SIDE_FILES:
            with suppress(FileNotFoundError):
                _beside(self.path, suffix).rename(_beside(aside, suffix))

    # --- connections --------------------------------------------------------------------------------------------

    def _engine(self, pool: type[Pool], begin: str, pragmas: Mapping[str, str], **options: int) -> Engine:
        engine = sqlalchemy.create_engine(
            "sqlite+pysqlite://",
            creator=lambda: self._connect(pragmas),
            poolclass=pool,
            hide_parameters=True,  # they hold what clients said, and error messages end up in logs
            **options,
        )

        @sqlalchemy.event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _connect(self, pragmas: Mapping[str, str]) -> sqlite3.Connection:
        # mode=rw: a file that went away is an error, not silently begun anew.
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            for name, value in (_DURABLE | pragmas).items():
                connection.execute(f"PRAGMA {name} = {value}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _advice(self, error: BaseException) -> str:
        code = _code(error)
        if code is not None and code in _ADVICE:
            return _ADVICE[code].format(name=self.path)
        if isinstance(error, OSError) and (like := _OF_SYSTEM.get(error.errno or 0)) is not None:
            return _ADVICE[like].format(name=self.path.parent)
        if isinstance(error, OSError):
            return (
                f"Calls cannot be kept in {self.path} ({error.strerror or type(error).__name__}). Check that its "
                "folder is there and that this user may write to it, or set VOICE_TRIAGE_DATA_DIR to another folder."
            )
        return (
            f"{self.path} cannot be used ({_code_name(error)}). Start voice-triage again; if that does not help, move "
            "the file elsewhere, keep it, and tell whoever looks after this computer."
        )


class _Damaged(sqlite3.DatabaseError):
    """The file opens, but a search of its pages found damage."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    sqlite_errorname = "SQLITE_CORRUPT"


def _code(error: BaseException) -> int | None:
    """SQLite's primary result code."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _code_name(error: BaseException) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlite_errorname", type(cause).__name__))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _aside_path(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = _beside(path, f".damaged-{stamp}")
    again = 2
    while aside.exists():
        aside = _beside(path, f".damaged-{stamp}-{again}")
        again += 1
    return aside


def _create(path: Path) -> None:
    """An empty file for this user alone; one that is there is not even opened.

    Closing a file gives up every lock that this process has on it (POSIX), those of another open store too.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _protect(path: Path) -> None:
    """Folder and files for this user alone, whatever the umask says. Windows' user folders are private already."""
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _create(_beside(path, ".lock"))
    if os.name != "posix":
        return
    found = folder.stat()
    # A folder that is shared by nature (the temporary folder, somebody else's, the home folder) stays as it is.
    shared = found.st_mode & 0o1000 or found.st_uid != os.geteuid() or folder in (Path.home(), Path(folder.anchor))
    if found.st_mode & 0o077 and not shared:
        folder.chmod(0o700)
    for file in (path, *(_beside(path, suffix) for suffix in (".lock", *_SIDE_FILES))):
        with suppress(FileNotFoundError):
            if file.stat().st_mode & 0o077 and file.stat().st_uid == os.geteuid():
                file.chmod(0o600)
