"""A veterinarian's signature under fixed lines or a lexicon: who, when, and of which words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from voice_triage.durable import replace_text
from voice_triage.errors import ClinicError, VoiceTriageError
from voice_triage.guidance.toml_file import Strict, TomlFile

FILE_NAME = "lines-signed.toml"
"""Of the lines, beside ``clinic.toml``: the product's own are never written to, and the clinic's words count too."""


class SignatureState(StrEnum):
    """How the words in force stand to the signature."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    CHANGED = "changed"
    """Signed once, and worded otherwise since."""


class _File(Strict):
    by: str = Field(min_length=1)
    on: datetime | date
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Signature:
    """What is known of it."""

    state: SignatureState
    by: str = ""
    on: str = ""
    """ISO 8601: a day, or a moment with its offset."""


def read_signature(path: Path, digest: str, kind: type[VoiceTriageError] = ClinicError) -> Signature:
    """The signature under what has this SHA-256. Raises ``kind`` if its file was tampered with or cannot be read."""
    if not path.exists():
        return Signature(SignatureState.UNSIGNED)
    data = TomlFile(path, kind).read(_File)
    state = SignatureState.SIGNED if data.hash == digest else SignatureState.CHANGED
    return Signature(state, data.by, data.on.isoformat())


def sign(
    path: Path,
    digest: str,
    by: str,
    on: date | datetime,
    *,
    command: str = "voice-triage lines sign",
    kind: type[VoiceTriageError] = ClinicError,
) -> None:
    """Sign what has this SHA-256, in place of any signature before. Raises ``kind``."""
    if not by.strip():
        raise kind(f"Say who signs: {command} --by NAME")
    text = (
        f"# Written by: {command}. The words as they were when a veterinarian signed them.\n"
        f"by = {json.dumps(by.strip(), ensure_ascii=False)}\non = {on.isoformat()}\nhash = {json.dumps(digest)}\n"
    )
    try:
        replace_text(path, text)
    except OSError as error:
        raise kind(f"{path} cannot be written ({error.strerror}). Make its folder writable.") from error
