"""A veterinarian's signature under the fixed lines: who, when, and of which words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from voice_triage.errors import ClinicError
from voice_triage.guidance.line_file import Lines
from voice_triage.guidance.toml_file import Strict, TomlFile

FILE_NAME = "lines-signed.toml"
"""Beside ``clinic.toml``: the lines of the product are never written to, and the clinic's own words count too."""


class SignatureState(StrEnum):
    """How the lines in force stand to the signature."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    CHANGED = "changed"
    """Signed once, and worded otherwise since."""


class _File(Strict):
    by: str = Field(min_length=1)
    on: date
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Signature:
    """What is known of it."""

    state: SignatureState
    by: str = ""
    on: str = ""
    """ISO 8601."""


def read_signature(path: Path, lines: Lines) -> Signature:
    """The signature of these lines. Raises ClinicError if its file was tampered with or cannot be read."""
    if not path.exists():
        return Signature(SignatureState.UNSIGNED)
    data = TomlFile(path, ClinicError).read(_File)
    state = SignatureState.SIGNED if data.hash == lines.hash else SignatureState.CHANGED
    return Signature(state, data.by, data.on.isoformat())


def sign(path: Path, lines: Lines, by: str, on: date) -> None:
    """Sign these lines, in place of any signature before. Raises ClinicError."""
    if not by.strip():
        raise ClinicError("Say who signs: voice-triage lines sign --by NAME")
    text = (
        "# Written by: voice-triage lines sign. The fixed lines as they were when a veterinarian signed them.\n"
        f"by = {json.dumps(by.strip(), ensure_ascii=False)}\non = {on.isoformat()}\nhash = {json.dumps(lines.hash)}\n"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ClinicError(f"{path} cannot be written ({error.strerror}). Make its folder writable.") from error
