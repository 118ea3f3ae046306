"""Versions of the lexicon: kept by hash, signed by a veterinarian, taken into use, and taken back.

What is in force changes with one file, replaced whole (:mod:`voice_triage.lexicon_pointer`): a crash anywhere leaves
the old lexicon in force or the new one, and nothing between. The desk follows between two calls.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from voice_triage.audit_trail import COMMAND_LINE, AuditKind
from voice_triage.durable import sync_folder
from voice_triage.errors import LexiconError
from voice_triage.guidance.signature import Signature, SignatureState, read_signature, sign
from voice_triage.lexicon_pointer import VERSIONS, Used, read_used, write_used
from voice_triage.settings import Settings
from voice_triage.triage.lexicon import lexicon_files, lexicon_hash, load

if TYPE_CHECKING:
    from voice_triage.audit_trail import AuditTrail

_SHORTEST = 6
"""Characters of a hash that name a version."""
_UNFINISHED = ".new-"
"""Beginning of the name of a copy that is not whole yet."""


@dataclass(frozen=True, slots=True)
class Version:
    """A kept version."""

    hash: str
    folder: Path
    signature: Signature
    intact: bool
    """Whether its files are as they were kept."""
    in_force: bool


class LexiconVersions:
    """The kept versions of one data folder."""

    def __init__(
        self,
        settings: Settings,
        *,
        audit: AuditTrail | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone().replace(microsecond=0),
    ) -> None:
        """``audit`` gets a line before anything is signed, taken into use or taken back."""
        self._settings = settings
        self._data_dir = settings.data_dir
        self._folder = settings.data_dir / VERSIONS
        self._audit = audit
        self._now = now

    def signature(self, digest: str) -> Signature:
        """Who signed the lexicon with this hash. Raises LexiconError."""
        return read_signature(self._signature_file(digest), digest, LexiconError)

    def all(self) -> list[Version]:
        """Every kept version, the one in force first, then the newest. Raises LexiconError."""
        used = read_used(self._data_dir)
        in_force = used[-1].hash if used and used[-1].kept else ""
        if not self._folder.is_dir():
            return []
        folders = [each for each in self._folder.iterdir() if each.is_dir() and not each.name.startswith(_UNFINISHED)]
        folders.sort(key=lambda each: (each.name == in_force, each.stat().st_mtime_ns), reverse=True)
        return [self._version(folder, in_force) for folder in folders]

    def used(self) -> Sequence[Used]:
        """What was taken into use, the one in force last. Raises LexiconError."""
        return read_used(self._data_dir)

    def sign(self, folder: Path, by: str, *, who: str = COMMAND_LINE) -> str:
        """Sign the lexicon of ``folder`` as it is now, and keep a copy of just that; returns its hash.

        That it holds no mistake is for who signs to have checked (``voice-triage lexicon check``). Raises LexiconError
        for one that cannot be loaded or kept, and for no name; AuditError.
        """
        if not by.strip():
            raise LexiconError("Say who signs: voice-triage lexicon sign FOLDER --by NAME")
        load(folder)
        digest = self._keep(folder)
        self._record(who, done="signed", hash=digest[:12], signed_by=by.strip()[:100])
        command = "voice-triage lexicon sign"
        sign(self._signature_file(digest), digest, by, self._now(), command=command, kind=LexiconError)
        return digest

    def use(self, named: Path, *, who: str = COMMAND_LINE) -> Version:
        """Put a signed version in force: that of a folder, or one kept, by the beginning of its hash.

        Takes effect with the next call, also at a desk that is running. Raises LexiconError if it is not signed as it
        is, is not to be found, or cannot be kept; AuditError.
        """
        self._ensure_in_charge()
        digest = self._named(named)
        signature = self.signature(digest)
        if signature.state is not SignatureState.SIGNED:
            raise LexiconError(
                f"{named} is not signed as it is now. A veterinarian reads it and signs: "
                f'voice-triage lexicon sign {named} --by "NAME"'
            )
        folder = self._folder / digest
        if not folder.is_dir():
            self._keep(named)
        self._ensure_intact(digest)
        load(folder, self._data_dir / "cache")  # compiled now, so that the next call does not wait for it
        used = self._used_if_readable()
        if used and used[-1].hash == digest and used[-1].kept:
            return self._version(folder, digest)
        self._record(who, done="in force", hash=digest[:12])
        write_used(self._data_dir, (*self._since_before(used, who), Used(digest, self._now(), who)))
        return self._version(folder, digest)

    def roll_back(self, *, who: str = COMMAND_LINE) -> str:
        """Put the lexicon in force that was before the one that is; returns its hash. Raises LexiconError; AuditError.

        Files that were in force without being a kept version are read from their place again if they are still as they
        were, else from the copy that was made of them.
        """
        self._ensure_in_charge()
        used = read_used(self._data_dir)
        if len(used) < 2:
            raise LexiconError("There is nothing to go back to: no other lexicon was in force before this one.")
        before = used[-2]
        if not before.kept and lexicon_hash(self._settings.lexicons_without_versions) != before.hash:
            before = Used(before.hash, before.at, before.by, kept=True)
        if before.kept:
            self._ensure_intact(before.hash)
        self._record(who, done="taken back", hash=used[-1].hash[:12], in_force=before.hash[:12])
        write_used(self._data_dir, (*used[:-2], before))
        return before.hash

    # --- keeping ----------------------------------------------------------------------------------------------------

    def _keep(self, folder: Path) -> str:
        """Copy a lexicon's files, whole, under its hash; nothing to do if they are there. Raises LexiconError."""
        digest = lexicon_hash(folder)
        kept = self._folder / digest
        if kept.is_dir() and lexicon_hash(kept) == digest:
            return digest
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._clear_unfinished()
            copy = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self._folder))
            for path in sorted(folder.glob("*.toml")):
                shutil.copyfile(path, copy / path.name)
            if lexicon_hash(copy) != digest:
                raise LexiconError(f"The files in {folder} changed while they were copied. Try again.")
            for path in copy.iterdir():
                with path.open("rb+") as file:
                    os.fsync(file.fileno())
            sync_folder(copy)
            if kept.is_dir():  # its files were changed since: what is kept must be what its name says
                shutil.rmtree(kept)
            copy.rename(kept)
            sync_folder(self._folder)
        except OSError as error:
            raise LexiconError(f"The lexicon cannot be kept in {self._folder} ({error.strerror}).") from error
        return digest

    def _clear_unfinished(self) -> None:
        for left in self._folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)

    def _named(self, named: Path) -> str:
        """The hash of a folder's lexicon, or of the kept version of which this is the beginning of the hash."""
        if named.is_dir():
            lexicon_files(named)
            return lexicon_hash(named)
        begin = str(named)
        found = [each for each in self._hashes() if len(begin) >= _SHORTEST and each.startswith(begin)]
        if len(found) != 1:
            raise LexiconError(
                f"{named} is no folder, and {'no' if not found else 'more than one'} kept version's hash begins so "
                "(voice-triage lexicon versions)."
            )
        return found[0]

    def _hashes(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return [each.name for each in self._folder.iterdir() if each.is_dir() and not each.name.startswith(_UNFINISHED)]

    def _since_before(self, used: Sequence[Used], who: str) -> tuple[Used, ...]:
        """What was in force so far, so that one can go back to it; files without a version are copied for that."""
        before = self._settings.lexicons_without_versions
        if used and used[-1].kept:
            return tuple(used)
        digest = self._keep(before)
        if used and used[-1].hash == digest:
            return tuple(used)
        return (*used, Used(digest, self._now(), who, kept=False))

    def _used_if_readable(self) -> tuple[Used, ...]:
        """To take a version into use mends a damaged file."""
        try:
            return read_used(self._data_dir)
        except LexiconError:
            return ()

    def _ensure_intact(self, digest: str) -> None:
        folder = self._folder / digest
        if not folder.is_dir() or lexicon_hash(folder) != digest:
            raise LexiconError(
                f"{folder} is no longer what was kept: its files were changed or are gone. Sign the lexicon you want "
                "in force (voice-triage lexicon sign), then use it."
            )

    def _ensure_in_charge(self) -> None:
        if self._settings.lexicon_dir is not None:
            raise LexiconError(
                f"The setting lexicon_dir names the lexicon in force ({self._settings.lexicon_dir}), and wins over "
                "versions. Take it out of the settings first."
            )

    def _version(self, folder: Path, in_force: str) -> Version:
        digest = folder.name
        intact = lexicon_hash(folder) == digest
        return Version(digest, folder, self.signature(digest), intact, digest == in_force)

    def _signature_file(self, digest: str) -> Path:
        return self._folder / f"signed-{digest}.toml"

    def _record(self, who: str, **detail: str) -> None:
        if self._audit is not None:
            self._audit.record(AuditKind.LEXICON, who=who, **detail)
