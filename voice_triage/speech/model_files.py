"""A recognizer model on disk: checked, fetched and repaired.

A model's folder appears under its name only when every file in it has been verified: it is built beside its place and
renamed. One process at a time works in a models folder; others wait and then find the work done.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, Any

from voice_triage.errors import ModelError
from voice_triage.speech.model_manifest import Engine, Manifest, ModelEntry, PinnedFile, load_manifest
from voice_triage.speech.model_sources import Progress, Report, copy_from, copy_given, sha256_of
from voice_triage.speech.own_models import digest_of_own

__all__ = [
    "Manifest", "ModelEntry", "ModelInForce", "PinnedFile", "Problem", "ProblemKind", "Progress",
    "fetch", "load_manifest", "model_in_force", "only_one", "problems_of", "quick_check", "verify",
]  # fmt: skip

_TEMPORARY_PREFIX = ".fetch-"
_BEGUN = ".begun"
"""Folder of downloads that broke off, to be gone on with."""
_LOCK_FILE = ".lock"
_LOCK_POLL_S = 0.2


class ProblemKind(StrEnum):
    """What is wrong with one file of a model."""

    MISSING = "missing"
    SIZE = "size"
    HASH = "hash"
    UNREADABLE = "unreadable"
    UNEXPECTED = "unexpected"
    """A file in a subfolder that the manifest does not name; Vosk would load some of these unasked."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One file of a model that is not as pinned."""

    path: str
    kind: ProblemKind
    expected: str = ""
    actual: str = ""

    def __str__(self) -> str:
        """One clause for a person."""
        match self.kind:
            case ProblemKind.MISSING:
                return f"{self.path} is missing"
            case ProblemKind.UNEXPECTED:
                return f"{self.path} does not belong to the model"
            case ProblemKind.UNREADABLE:
                return f"{self.path} cannot be read ({self.actual})"
            case ProblemKind.SIZE:
                return f"{self.path}: expected {self.expected} bytes, actual {self.actual}"
            case ProblemKind.HASH:
                return f"{self.path}: expected SHA-256 {self.expected}, actual {self.actual}"


@dataclass(frozen=True, slots=True)
class ModelInForce:
    """The model that the recognizer is to load, checked."""

    name: str
    folder: Path
    digest: str
    """Identity in hexadecimal; of a model of one's own, over its files' names and sizes only."""
    entry: ModelEntry | None
    """None for a model of one's own."""


def verify(entry: ModelEntry, folder: Path) -> list[Problem]:
    """Hash every file of the model in ``folder``; an empty list means that it is exactly the pinned model."""
    return problems_of(entry.files, folder, trusted={})


def quick_check(entry: ModelEntry, folder: Path) -> list[Problem]:
    """Like :func:`verify`, but a file that has not changed since it was last hashed (size, time) is not hashed again.

    Reads and refreshes a stamp beside ``folder``.
    """
    problems = problems_of(entry.files, folder, trusted=_read_stamp(folder))
    if not problems:
        _write_stamp(entry, folder)
    return problems


def fetch(entry: ModelEntry, models_dir: Path, given: Path | None = None, progress: Report | None = None) -> Path:
    """Put the verified model at ``models_dir / entry.name`` and return that folder; a damaged one is replaced.

    ``given`` is a folder or archive to take it from; then no other source is asked. Otherwise the sources of the
    manifest are tried in their order, unless the model is there already. Raises ModelError with each source's reason.
    """
    report = progress or _silent
    target = models_dir / entry.name
    if not verify(entry, target):
        return target
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with only_one(models_dir, lambda: report(Progress("waiting for another process that fetches models"))):
            problems = verify(entry, target)
            if not problems:  # another process was faster
                return target
            if target.exists():
                report(Progress(f"{entry.name} is damaged ({problems[0]}); getting it again"))
            for left in models_dir.glob(f"{_TEMPORARY_PREFIX}*"):  # of a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            with _temporary_folder(models_dir) as workshop:
                built = _build(entry, workshop, given, report, target)
                if target.exists() or target.is_symlink():
                    target.rename(workshop / "damaged")
                built.rename(target)
            shutil.rmtree(models_dir / _BEGUN, ignore_errors=True)
            _write_stamp(entry, target)
    except OSError as error:
        raise ModelError(
            f"The model {entry.name} cannot be written to {models_dir}: {error}. Close other windows of Voice Triage, "
            "make room on the disk, or choose another folder with the setting models_dir."
        ) from error
    return target


def model_in_force(model: str, models_dir: Path, manifest: Manifest, engine: Engine = "vosk") -> ModelInForce:
    """The model that the settings name (``model`` or ``careful_model``, and ``models_dir``), checked quickly.

    A path (anything with a slash) is a model of one's own, checked for plausibility only. Raises ModelError that says
    what is wrong and how to get the model.
    """
    if "/" in model or "\\" in model:
        folder = Path(model)
        return ModelInForce(folder.name, folder, digest_of_own(folder, engine), None)
    entry = manifest.entry(model)
    if entry.engine != engine:
        fitting = ", ".join(other.name for other in manifest.models if other.engine == engine)
        raise ModelError(f"The model {model} is one for {entry.engine}, not for {engine}. There is: {fitting}.")
    folder = models_dir / entry.name
    problems = quick_check(entry, folder)
    if problems:
        state = "damaged" if folder.exists() else "not there yet"
        first = "" if not folder.exists() else f" ({problems[0]})"
        raise ModelError(f"The model {model} is {state}{first}. Get it with: voice-triage models fetch")
    return ModelInForce(entry.name, folder, entry.digest, entry)


# --- checking ---------------------------------------------------------------------------------------------------


def problems_of(files: Sequence[PinnedFile], folder: Path, trusted: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a model's files; those as in ``trusted`` (size, time in ns, SHA-256) are not hashed again."""
    found = [problem for file in files if (problem := _problem(file, folder, trusted))]
    pinned = {file.path for file in files}
    for path in sorted(folder.glob("*/**/*")):
        name = path.relative_to(folder).as_posix()
        if name not in pinned and not path.is_dir() and not _is_clutter(path.name):
            found.append(Problem(name, ProblemKind.UNEXPECTED))
    return found


def _is_clutter(name: str) -> bool:
    """Files that file managers leave behind and Vosk never reads."""
    return name.startswith(".") or name in ("Thumbs.db", "desktop.ini")


def _problem(file: PinnedFile, folder: Path, trusted: Mapping[str, Any]) -> Problem | None:
    path = folder.joinpath(*PurePosixPath(file.path).parts)
    try:
        state = path.stat()
        if not path.is_file():
            return Problem(file.path, ProblemKind.MISSING)
        if state.st_size != file.size_bytes:
            return Problem(file.path, ProblemKind.SIZE, str(file.size_bytes), str(state.st_size))
        if trusted.get(file.path) == [state.st_size, state.st_mtime_ns, file.sha256]:
            return None
        actual = sha256_of(path)
    except (FileNotFoundError, NotADirectoryError):
        return Problem(file.path, ProblemKind.MISSING)
    except OSError as error:
        return Problem(file.path, ProblemKind.UNREADABLE, actual=error.strerror or str(error))
    return None if actual == file.sha256 else Problem(file.path, ProblemKind.HASH, file.sha256, actual)


def _stamp_path(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.verified.json"


def _read_stamp(folder: Path) -> Mapping[str, Any]:
    try:
        stamp = json.loads(_stamp_path(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none, or damaged: then everything is hashed
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(entry: ModelEntry, folder: Path) -> None:
    """Remember what was verified; on a read-only disk the next start hashes again (a fraction of a second)."""
    stamp = {}
    for file in entry.files:
        state = folder.joinpath(*PurePosixPath(file.path).parts).stat()
        stamp[file.path] = [state.st_size, state.st_mtime_ns, file.sha256]
    if stamp == _read_stamp(folder):
        return
    with contextlib.suppress(OSError):
        part = folder.parent / f".{folder.name}.{os.getpid()}.part"
        part.write_text(json.dumps(stamp), encoding="utf-8")
        part.replace(_stamp_path(folder))


# --- fetching ---------------------------------------------------------------------------------------------------


def _silent(_progress: Progress) -> None:
    """Report nothing."""


def _build(entry: ModelEntry, workshop: Path, given: Path | None, report: Report, target: Path) -> Path:
    if given is not None:
        built = workshop / "given"
        copy_given(given, entry, built, report)
        return built
    reasons = []
    for number, source in enumerate(entry.sources):
        built = workshop / f"source-{number}"
        try:
            copy_from(source, entry, built, target.parent / _BEGUN, report)
        except ModelError as error:
            reasons.append(str(error))
            shutil.rmtree(built, ignore_errors=True)
            continue
        return built
    listed = "".join(f"\n  - {reason}" for reason in reasons)
    raise ModelError(
        f"The model {entry.name} could not be fetched from any source:{listed}\n"
        "Try again with a network connection. Without one: bring the model's archive from another machine and "
        f"run: voice-triage models fetch --from FOLDER_OR_ARCHIVE (or copy its folder to {target})."
    )


@contextlib.contextmanager
def _temporary_folder(models_dir: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=models_dir, prefix=_TEMPORARY_PREFIX))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def only_one(models_dir: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the folder's lock, which the system frees even if this process is killed; ``on_wait`` if another has it."""
    with (models_dir / _LOCK_FILE).open("a+b") as lock:
        waiting = False
        while not _try_lock(lock):
            if not waiting:
                on_wait()
            waiting = True
            time.sleep(_LOCK_POLL_S)
        try:
            yield
        finally:
            _unlock(lock)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(lock: IO[bytes]) -> bool:
        lock.seek(0)
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True

    def _unlock(lock: IO[bytes]) -> None:
        lock.seek(0)
        msvcrt.locking(lock.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(lock: IO[bytes]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return False
            raise
        return True

    def _unlock(lock: IO[bytes]) -> None:
        fcntl.flock(lock, fcntl.LOCK_UN)
