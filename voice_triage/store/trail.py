"""The audit trail on the disk: files of chained lines, and their head kept twice, beside them and in the store.

::

    audit/trail-1  trail-2 ...   the lines (:mod:`voice_triage.store.trail_lines`); a new file every four megabytes
    audit/head                   how many there are and the last one's HMAC, sealed
    audit/lock                   held while a line is written, by whichever process writes it

A line is on the disk before the heads say so: after a crash in between, a head may lack the last line, no more. What a
crash cut short is a line that nobody was told of; the next one takes its place and says so. Nothing is ever repaired
silently: whatever does not fit when a line is written (a head that is gone, lines that were cut off) is told by a line
of its own, and the numbers go on from the highest that is proven, so that what was cut off stays a hole for good.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from filelock import FileLock, Timeout

from voice_triage.audit_trail import BY_ITSELF, AuditKind, AuditLine, Detail
from voice_triage.errors import AuditError, StoreError
from voice_triage.private_file import write_private
from voice_triage.store.call_folders import sync_folder
from voice_triage.store.trail_lines import (
    LONGEST_LINE,
    ChainedLine,
    Head,
    chained,
    head_in,
    nothing_yet,
    parsed,
    trail_key,
)

FOLDER_NAME = "audit"
HEAD_NAME = "head"
FILE_BYTES = 4_000_000
"""A file that has reached this is followed by a new one."""
LOCK_S = 10.0
"""How long another process is waited for: it holds the lock for one line."""
_FILE = re.compile(r"trail-([1-9][0-9]{0,8})")
_MAC_DIGITS = 64
log = logging.getLogger(__name__)


class StoreHead(Protocol):
    """The head that the store keeps: :class:`voice_triage.store.sql_calls.SqlCallStore`."""

    def trail_head(self) -> bytes | None:
        """It, sealed, or None. Raises StoreError."""

    def keep_trail_head(self, sealed: bytes) -> None:
        """Put it in the place of the one before. Raises StoreError."""


class KeptTrail:
    """An :class:`voice_triage.audit_trail.AuditTrail`. Safe from any thread; several processes may write at once."""

    def __init__(
        self,
        data_dir: Path,
        master: bytes,
        store: StoreHead | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        file_bytes: int = FILE_BYTES,
    ) -> None:
        """``store`` None: it cannot be opened; lines say so of themselves. Nothing is written yet."""
        self.folder = data_dir / FOLDER_NAME
        self.key = trail_key(master)
        self._store = store
        self._now = now
        self._file_bytes = file_bytes
        self._missed = 0
        """Lines that could not be written since the last one that could."""
        self._thread = threading.Lock()

    def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
        """As the protocol says."""
        line = AuditLine(0, "", kind.value, who, call, MappingProxyType(detail))
        chained(self.key, nothing_yet(self.key), line, alone=False)  # what no line may hold is refused before anything
        try:
            with self.locked():
                self._append(line)
        except (OSError, StoreError) as error:
            self._missed += 1
            why = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
            raise AuditError(
                f"No line can be written to the audit trail in {self.folder} ({why}). Free some space, or make the "
                "folder writable, then try again."
            ) from error

    def files(self) -> Sequence[Path]:
        """The files of lines, oldest first."""
        found = []
        with suppress(FileNotFoundError):
            found = [(int(match[1]), path) for path in self.folder.iterdir() if (match := _FILE.fullmatch(path.name))]
        return [path for _, path in sorted(found)]

    def lines(self) -> Iterator[AuditLine]:
        """All lines that can be read, in order; whether they are whole :mod:`.trail_check` tells. Raises StoreError."""
        for path in self.files():
            try:
                content = path.read_bytes()
            except OSError as error:
                raise StoreError(
                    f"{path} cannot be read ({error.strerror}). Check that this user may read it."
                ) from error
            for raw in content.split(b"\n"):
                found = parsed(raw)
                if found is not None:
                    yield found.line

    def copied(self) -> dict[str, bytes]:
        """All files of the trail at one moment, by name, for a backup. Raises StoreError, OSError."""
        with self.locked():
            paths = [*self.files(), self.folder / HEAD_NAME]
            return {path.name: path.read_bytes() for path in paths if path.exists()}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone, of all threads and processes. Raises StoreError, OSError."""
        with self._thread:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self.folder / "lock", timeout=LOCK_S, mode=0o600, thread_local=False)
            try:
                lock.acquire()
            except Timeout as error:
                raise StoreError("another voice-triage holds it") from error
            try:
                yield
            finally:
                lock.release()

    def kept_heads(self) -> dict[str, bytes | None]:
        """Both heads as they are kept: ``file`` and, where there is a store, ``store``. Raises OSError, StoreError."""
        heads: dict[str, bytes | None] = {"file": None}
        with suppress(FileNotFoundError):
            heads["file"] = (self.folder / HEAD_NAME).read_bytes()
        if self._store is not None:
            heads["store"] = self._store.trail_head()
        return heads

    # --- writing ------------------------------------------------------------------------------------------------

    def _append(self, line: AuditLine) -> None:
        last, misfits = self._where_to_go_on()
        if self._missed:
            misfits.append(("lines could not be written", self._missed))
        for what, count in misfits:
            told = AuditLine(0, "", AuditKind.TRAIL, BY_ITSELF, "", MappingProxyType({"what": what, "lines": count}))
            last = self._write(last, told)
        last = self._write(last, line)
        self._keep_heads(last)
        self._missed = 0

    def _write(self, before: Head, line: AuditLine) -> Head:
        at = self._now().astimezone(UTC).isoformat(timespec="milliseconds")
        dated = AuditLine(0, at, line.kind, line.who, line.call, line.detail)
        content, head = chained(self.key, before, dated, alone=self._store is None)
        self._to_disk(content)
        return head

    def _to_disk(self, content: bytes) -> None:
        """All of it behind the newest file's end, or nothing. Raises OSError."""
        files = self.files()
        number = 0 if not files else int(files[-1].name.rpartition("-")[2])
        new = not files or files[-1].stat().st_size >= self._file_bytes
        path = self.folder / f"trail-{number + 1}" if new else files[-1]
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | (os.O_CREAT | os.O_EXCL if new else 0)
        descriptor = os.open(path, flags, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            except BaseException:
                with suppress(OSError):  # what stays is an unfinished line, which the next one tells of
                    os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)
        if new:
            sync_folder(self.folder)

    def _keep_heads(self, head: Head) -> None:
        sealed = head.sealed(self.key)
        write_private(self.folder / HEAD_NAME, sealed)
        if self._store is not None:
            self._store.keep_trail_head(sealed)

    # --- where to go on -----------------------------------------------------------------------------------------

    def _where_to_go_on(self) -> tuple[Head, list[tuple[str, int]]]:
        """The highest proven head, and what does not fit: words of the product's own, each with a number of lines."""
        end, before, misfits = self._end_of_files()
        last = end
        for place, sealed in self.kept_heads().items():
            head = None if sealed is None else head_in(self.key, sealed)
            if sealed is None and end.count and not (place == "store" and self._all_alone(end.count + 1)):
                misfits.append((f"the head in the {place} was missing", end.count))
            elif sealed is not None and head is None:
                misfits.append((f"the head in the {place} was changed", end.count))
            elif head is not None and head.count > end.count:
                misfits.append((f"lines were cut off that the head in the {place} knows", head.count - end.count))
                last = max(last, head, key=lambda each: each.count)
            elif head is not None and head not in (end, before):
                self._behind(place, head, end, misfits)
        return last, misfits

    def _behind(self, place: str, head: Head, end: Head, misfits: list[tuple[str, int]]) -> None:
        missing = end.count - head.count
        if place == "store" and self._all_alone(missing):
            return
        misfits.append((f"the head in the {place} was an older one", missing))

    def _all_alone(self, count: int) -> bool:
        """Whether the newest ``count`` lines, but for the first of these, were written without the store."""
        found = [each for path in self.files() for raw in path.read_bytes().split(b"\n") if (each := parsed(raw))]
        return all(each.alone for each in found[len(found) - count + 1 :])

    def _end_of_files(self) -> tuple[Head, Head, list[tuple[str, int]]]:
        """The head of the last line on the disk that is proven by the one before it, and that one's."""
        begin = nothing_yet(self.key)
        tail: list[ChainedLine | None] = []
        misfits: list[tuple[str, int]] = []
        files = self.files()
        for number, path in enumerate(reversed(files)):
            raw, torn = self._tail_of(path)
            if torn:
                if number == 0:
                    os.truncate(path, path.stat().st_size - torn)
                misfits.append(("an unfinished line was taken away", 0))
            tail = [*(parsed(each) for each in raw), *tail]
            if len(tail) > 1:
                break
        if not tail:
            return begin, begin, misfits
        last = tail[-1]
        if len(tail) == 1:
            if last is not None and last.line.number == 1 and last.follows(self.key, begin.mac):
                return last.head, begin, misfits
        elif last is not None and (prior := tail[-2]) is not None and last.follows(self.key, prior.mac):
            return last.head, prior.head, misfits
        return self._unproven(misfits), begin, misfits

    def _unproven(self, misfits: list[tuple[str, int]]) -> Head:
        """The last line cannot be trusted: the highest head that is sealed tells where to go on."""
        misfits.append(("the last line was changed", 1))
        heads = [head_in(self.key, sealed) for sealed in self.kept_heads().values() if sealed is not None]
        known = [head for head in heads if head is not None]
        return max(known, key=lambda head: head.count, default=nothing_yet(self.key))

    def _tail_of(self, path: Path) -> tuple[list[bytes], int]:
        """The last two whole lines of a file, and the bytes of an unfinished one behind them."""
        room = 3 * (LONGEST_LINE + _MAC_DIGITS + 2)
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - room)
            file.seek(start)
            content = file.read()
        whole, _, torn = content.rpartition(b"\n")
        lines = whole.split(b"\n") if whole else []
        return (lines[1:] if start else lines)[-2:], len(torn)
