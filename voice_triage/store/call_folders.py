"""Each call's own folder: its wrapped keys and its sealed files.

::

    calls/<call>/key-1  log-1  client-1  client.peaks-1  own-1 ...   what was written in one go
    calls/<call>/key-2  log-2 ...                                    after a crash or a failed write: never appended to
    calls/<call>/in-use                                              locked while a process writes the call
    calls/<call>/hold-3 ...                                          a legal hold (:mod:`voice_triage.store.holds`)
    calls/<call>/.writing-4  or  .kept-4                             while it is written anew (:mod:`.rewriting`)

The number is the file's *generation*. Every generation has a key of its own, wrapped by the master key. A call is
deleted by destroying its keys first: what a failing disk or a backup of the folder alone leaves behind cannot be read.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from filelock import FileLock, Timeout

from voice_triage.errors import DamagedError, StoreError
from voice_triage.store.master_key import Keyring, master_key
from voice_triage.store.sealed_file import KEY_BYTES, SealedReader, SealedWriter

FOLDER_NAME = "calls"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
"""Names that are a folder's name on every system; others are hashed."""
_NONCE_BYTES = 12
_KEY = "key"
_DELETED = "deleted"
"""Name of the empty file that says that a call is being deleted."""
IN_USE = "in-use"
"""Name of the file that is locked while a process writes the call."""
_KEYS_AT_HAND = 512
WRITING = "writing"
KEPT = "kept"
_MARK = re.compile(rf"\.({WRITING}|{KEPT})-([1-9][0-9]{{0,8}})")
_NEVER = 10**9


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A sealed file of a call."""

    kind: str
    """``log``, ``client``, ``own``, ``client.peaks``, ``own.peaks``, ``hold``."""
    generation: int
    path: Path


class CallFolders:
    """The folders of all calls of one data folder. Safe from any thread; several processes may use it at once."""

    def __init__(self, data_dir: Path, keyring: Keyring | None = None) -> None:
        """``data_dir`` must be there. Raises StoreError if its master key is not to be had, and OSError."""
        self.folder = data_dir / FOLDER_NAME
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with FileLock(data_dir / "master.lock", mode=0o600):
            self.master = master_key(data_dir, keyring)
        self._wrapping = AESGCM(self.master)
        self._keys: dict[tuple[str, int], bytes] = {}
        self._locks: dict[str, FileLock] = {}
        self._writing: dict[str, int] = {}
        """Folder to the generation that this process has begun in it."""
        self._guard = threading.RLock()

    # --- calls --------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Names of the folders that hold a call; those without a key are left over from a deletion."""
        with suppress(FileNotFoundError):
            return sorted(each.name for each in self.folder.iterdir() if each.is_dir() and not _is_deleted(each))
        return []

    def name_of(self, call: str) -> str:
        """Name of a call's folder."""
        return self._of(call).name

    def files(self, call: str, kind: str | None = None) -> list[KeptFile]:
        """A call's sealed files, oldest generation first; those of one kind if asked for."""
        return list(self._files(self._of(call), kind))

    def begin(self, call: str, kind: str) -> SealedWriter:
        """A new file of that kind, in the generation that this process is writing, a new one if that has it already.

        Raises OSError, StoreError.
        """
        with self._guard:
            folder = self._of(call)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            generation = self._writing.get(folder.name)
            if generation is None or (folder / f"{kind}-{generation}").exists():
                generation = 1 + max((file.generation for file in _all_files(folder)), default=0)
            key = self._key(folder, generation, make=True)
            self._writing[folder.name] = generation
            return SealedWriter(folder / f"{kind}-{generation}", key, _context(folder, kind, generation))

    def begin_beside(self, call: str, kind: str, other: SealedWriter) -> SealedWriter:
        """A new file of that kind in the generation of another one. Raises OSError, StoreError."""
        with self._guard:
            folder = self._of(call)
            generation = int(other.path.name.rpartition("-")[2])
            key = self._key(folder, generation, make=False)
            return SealedWriter(folder / f"{kind}-{generation}", key, _context(folder, kind, generation))

    def write_anew(self, name: str, kind: str, generation: int) -> SealedWriter:
        """A new file in a generation that does not count yet, by the folder's name. Raises OSError, StoreError."""
        folder = self.folder / name
        with self._guard:
            key = self._key(folder, generation, make=True)
        return SealedWriter(folder / f"{kind}-{generation}", key, _context(folder, kind, generation))

    def generations_in(self, name: str) -> list[int]:
        """All generations that a folder holds a key or a file of, those that do not count too."""
        folder = self.folder / name
        return sorted({*_all_generations(folder), *(file.generation for file in _all_files(folder))})

    def destroy(self, name: str, generations: Iterable[int]) -> None:
        """Destroy the keys of these generations, then remove their files. Raises OSError."""
        folder, gone = self.folder / name, set(generations)
        with self._guard:
            for generation in sorted(gone):
                _destroy(folder / f"{_KEY}-{generation}")
                self._keys.pop((name, generation), None)
            for unfinished in folder.glob(f".{_KEY}-*.new"):
                _destroy(unfinished)
        sync_folder(folder)
        for file in list(_all_files(folder)):
            if file.generation in gone:
                file.path.unlink(missing_ok=True)
        sync_folder(folder)

    def open(self, call: str, file: KeptFile) -> SealedReader:
        """Reader of one file. Raises StoreError, DamagedError."""
        return self.open_in(self._of(call).name, file)

    def open_in(self, name: str, file: KeptFile) -> SealedReader:
        """The same, by the folder's name."""
        folder = self.folder / name
        key = self._key(folder, file.generation, make=False)
        return SealedReader(file.path, key, _context(folder, file.kind, file.generation))

    def files_in(self, name: str, kind: str | None = None) -> list[KeptFile]:
        """The same as :meth:`files`, by the folder's name."""
        return list(self._files(self.folder / name, kind))

    def paths_in(self, name: str) -> list[Path]:
        """All that counts in a folder, keys too: what a backup of the call holds."""
        folder = self.folder / name
        keys = [folder / f"{_KEY}-{generation}" for generation in self._generations(folder)]
        return sorted([*keys, *(file.path for file in self._files(folder, None))])

    # --- rows of the database -----------------------------------------------------------------------------------

    def seal(self, call: str, text: bytes, place: str) -> bytes:
        """Encrypt a row's content with the call's newest key, for that place alone. Raises OSError, StoreError."""
        folder = self._of(call)
        with self._guard:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            generation = max(self._generations(folder), default=1)
            key = self._key(folder, generation, make=True)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return generation.to_bytes(4, "little") + nonce + AESGCM(key).encrypt(nonce, text, _row(folder, place))

    def unseal(self, call: str, sealed: bytes, place: str) -> bytes:
        """What :meth:`seal` was given. Raises DamagedError if it was changed, StoreError if the key is not there."""
        folder = self._of(call)
        key = self._key(folder, int.from_bytes(sealed[:4], "little"), make=False)
        nonce, rest = sealed[4 : 4 + _NONCE_BYTES], sealed[4 + _NONCE_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, rest, _row(folder, place))
        except (InvalidTag, ValueError) as error:
            raise DamagedError(
                f"Something kept of call {call} was changed or damaged. Close voice-triage everywhere, move "
                "calls.sqlite3 elsewhere and start again: the list is then made anew from the calls' own logs."
            ) from error

    # --- use ----------------------------------------------------------------------------------------------------

    def occupy(self, call: str) -> None:
        """Mark the call as being written by this process, until :meth:`release` or the process's end.

        Raises StoreError if another process writes it.
        """
        with self._guard:
            if call in self._locks:
                return
            folder = self._of(call)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(folder / IN_USE, timeout=0, mode=0o600, thread_local=False)
            try:
                lock.acquire()
            except Timeout as error:
                raise StoreError(
                    f"Call {call} is being kept by another voice-triage. Close that one, then try again."
                ) from error
            self._locks[call] = lock

    def occupied(self, call: str) -> bool:
        """Whether a process, this one too, is writing the call."""
        return self.in_use(self._of(call).name)

    def in_use(self, name: str) -> bool:
        """The same, by the folder's name."""
        with self._guard:
            if any(self._of(call).name == name for call in self._locks):
                return True
            place = self.folder / name / IN_USE
            if not place.exists():
                return False
            lock = FileLock(place, timeout=0, mode=0o600, thread_local=False)
            try:
                lock.acquire()
            except Timeout:
                return True
            lock.release()
            return False

    def release(self, call: str) -> None:
        """The call is not written any more."""
        with self._guard:
            self._writing.pop(self._of(call).name, None)
            lock = self._locks.pop(call, None)
            if lock is not None:
                lock.release()

    def close(self) -> None:
        """Give up every call."""
        with self._guard:
            for call in list(self._locks):
                self.release(call)
            self._keys.clear()

    # --- deleting -----------------------------------------------------------------------------------------------

    def delete(self, call: str) -> None:
        """Destroy a call's keys, then its files; no such call is no error. Raises OSError, StoreError if in use."""
        if self.occupied(call):
            raise StoreError(f"Call {call} is going on. Delete it when it has ended.")
        folder = self._of(call)
        with self._guard:
            with suppress(FileNotFoundError):  # of several keys, a crash must not leave one: the next start goes on
                (folder / _DELETED).touch(mode=0o600)
                sync_folder(folder)
            for path in sorted(folder.glob(f"{_KEY}-*")):
                _destroy(path)
            self._writing.pop(folder.name, None)
            for known in [known for known in self._keys if known[0] == folder.name]:
                del self._keys[known]
        sync_folder(folder)
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)

    def discard(self, name: str) -> None:
        """Remove a folder in which no call's log ever began. Raises OSError."""
        for path in sorted((self.folder / name).glob(f"{_KEY}-*")):
            _destroy(path)
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def finish_deletions(self) -> None:
        """Remove what a crash in the middle of :meth:`delete` left behind. Raises OSError."""
        for folder in self.folder.iterdir():
            if (
                folder.is_dir()
                and _is_deleted(folder)
                and ((folder / _DELETED).exists() or any(self._files(folder, None)))
            ):
                self.discard(folder.name)

    # --- keys ---------------------------------------------------------------------------------------------------

    def _of(self, call: str) -> Path:
        plain = _PLAIN.fullmatch(call) is not None and not call.startswith("x-")
        return self.folder / (call if plain else f"x-{sha256(call.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}")

    def _files(self, folder: Path, kind: str | None) -> Iterator[KeptFile]:
        with suppress(FileNotFoundError):
            paths = list(folder.iterdir())
            counting = _counting(paths)
            found = [file for file in _files_among(paths) if file.generation in counting and kind in (None, file.kind)]
            yield from sorted(found, key=lambda file: (file.generation, file.kind))

    def _generations(self, folder: Path) -> list[int]:
        with suppress(FileNotFoundError):
            counting = _counting(folder.iterdir())
            return [generation for generation in _all_generations(folder) if generation in counting]
        return []

    def _key(self, folder: Path, generation: int, *, make: bool) -> bytes:
        with self._guard:
            known = self._keys.get((folder.name, generation))
            if known is not None:
                return known
            path = folder / f"{_KEY}-{generation}"
            try:
                wrapped = path.read_bytes()
            except FileNotFoundError as error:
                if not make:
                    raise StoreError(
                        f"The key of what {folder.name} holds is gone: the call was deleted, or its folder is damaged."
                    ) from error
                key = secrets.token_bytes(KEY_BYTES)
                self._write_key(path, key, folder, generation)
            else:
                key = self._unwrapped(wrapped, folder, generation)
            while len(self._keys) >= _KEYS_AT_HAND:
                del self._keys[next(iter(self._keys))]
            self._keys[folder.name, generation] = key
            return key

    def _write_key(self, path: Path, key: bytes, folder: Path, generation: int) -> None:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = nonce + self._wrapping.encrypt(nonce, key, _context(folder, _KEY, generation).encode())
        new = path.with_name(f".{path.name}.new")
        descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(wrapped)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(folder)
        sync_folder(self.folder)

    def _unwrapped(self, wrapped: bytes, folder: Path, generation: int) -> bytes:
        try:
            return self._wrapping.decrypt(
                wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _context(folder, _KEY, generation).encode()
            )
        except (InvalidTag, ValueError) as error:
            raise DamagedError(
                f"{folder / f'{_KEY}-{generation}'} is damaged or of another data folder, so this call cannot be "
                "opened. Bring it back from a backup (voice-triage restore)."
            ) from error


def mark_of(name: str) -> tuple[str, int] | None:
    """What a file's name says of a rewriting: ``writing`` or ``kept``, and from which generation on."""
    match = _MARK.fullmatch(name)
    return None if match is None else (match[1], int(match[2]))


def _counting(paths: Iterable[Path]) -> range:
    """The generations that count: those before one that is being written, or from one that was on."""
    for path in paths:
        mark = mark_of(path.name)
        if mark is not None:
            return range(mark[1]) if mark[0] == WRITING else range(mark[1], _NEVER)
    return range(_NEVER)


def _files_among(paths: Iterable[Path]) -> Iterator[KeptFile]:
    for path in paths:
        name, _, number = path.name.rpartition("-")
        if number.isdecimal() and name not in ("", _KEY) and not name.startswith("."):
            yield KeptFile(name, int(number), path)


def _all_files(folder: Path) -> Iterator[KeptFile]:
    with suppress(FileNotFoundError):
        yield from _files_among(folder.iterdir())


def _all_generations(folder: Path) -> list[int]:
    return [int(path.name.rpartition("-")[2]) for path in folder.glob(f"{_KEY}-*") if path.name[-1].isdecimal()]


def _is_deleted(folder: Path) -> bool:
    """Whether a folder holds no call any more, or soon will not: it has no key, or is marked."""
    return (folder / _DELETED).exists() or not any(folder.glob(f"{_KEY}-*"))


def _context(folder: Path, kind: str, generation: int) -> str:
    return f"{folder.name}/{kind}-{generation}"


def _row(folder: Path, place: str) -> bytes:
    return f"{folder.name}//{place}".encode()


def _destroy(path: Path) -> None:
    """Overwrite, then unlink: on most disks that is the end of it; where it is not, the disk itself should encrypt."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(max(path.stat().st_size, 1)))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the system knows how (not on Windows)."""
    if os.name != "posix":
        return
    with suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
