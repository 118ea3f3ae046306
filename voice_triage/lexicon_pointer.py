"""Which kept version of the lexicon was taken into use: one small file in the data folder, replaced whole.

::

    lexicon-in-force.toml       its last entry is in force
    lexicon-versions/HASH/      a kept version's files; HASH is the lexicon's own
    lexicon-versions/signed-HASH.toml
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from voice_triage.durable import replace_text
from voice_triage.errors import LexiconError

FILE_NAME = "lexicon-in-force.toml"
VERSIONS = "lexicon-versions"
_MEND = "Take a version into use again: voice-triage lexicon versions, then lexicon use."


@dataclass(frozen=True, slots=True)
class Used:
    """A lexicon that was taken into use."""

    hash: str
    at: datetime
    by: str
    """Who did it: an account, or ``command line``."""
    kept: bool = True
    """A kept version; else the files that are read without any: the clinic's own ones, or the bundled ones."""


def used_folder(data_dir: Path) -> Path | None:
    """The folder of the version in force; None if none was taken into use. Raises LexiconError."""
    used = read_used(data_dir)
    if not used or not used[-1].kept:
        return None
    folder = data_dir / VERSIONS / used[-1].hash
    if not folder.is_dir():
        raise LexiconError(f"{folder}, the lexicon in force, is gone. Bring it back, or: {_MEND}")
    return folder


def read_used(data_dir: Path) -> tuple[Used, ...]:
    """All that were taken into use and not taken back, the one in force last. Raises LexiconError."""
    path = data_dir / FILE_NAME
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(_used(entry) for entry in data["used"])
    except FileNotFoundError:
        return ()
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
    ) as error:  # bad UTF-8 and bad TOML are ValueErrors
        raise LexiconError(f"{path} is damaged, so it is not known which lexicon is in force. {_MEND}") from error


def write_used(data_dir: Path, used: tuple[Used, ...]) -> None:
    """From now on the last of these is in force: all at once, or not at all. Raises LexiconError."""
    lines = ["# Written by: voice-triage lexicon use. The last entry is in force; --rollback takes it out."]
    for each in used:
        by = each.by.replace("\\", "\\\\").replace('"', '\\"')
        lines += ["", "[[used]]", f'hash = "{each.hash}"', f"at = {each.at.isoformat()}", f'by = "{by}"']
        lines.append(f"kept = {'true' if each.kept else 'false'}")
    try:
        replace_text(data_dir / FILE_NAME, "\n".join(lines) + "\n")
    except OSError as error:
        raise LexiconError(
            f"{data_dir / FILE_NAME} cannot be written ({error.strerror}), so the lexicon before stays in force."
        ) from error


def _used(entry: dict[str, object]) -> Used:
    digest, at, by, kept = entry["hash"], entry["at"], entry["by"], entry["kept"]
    well_formed = isinstance(digest, str) and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    if not well_formed or not isinstance(at, datetime) or not isinstance(by, str) or not isinstance(kept, bool):
        raise ValueError("an entry is malformed")
    return Used(str(digest), at, by, kept)
