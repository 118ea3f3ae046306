"""What the supervisor's page does with lexicons: tries a draft, puts a signed version in force, takes it back.

A trial is a process of its own (``voice-triage lexicon try``), below the priority of the desk: no call feels it. One
runs at a time, and its outcome is held in memory alone.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from voice_triage import own_process
from voice_triage.audit_trail import AuditTrail
from voice_triage.closing import Closing
from voice_triage.errors import DeskError, LexiconError
from voice_triage.guidance.signature import Signature
from voice_triage.lexicon_versions import LexiconVersions, Version
from voice_triage.settings import Settings
from voice_triage.triage.lexicon import lexicon_hash

DRAFTS = "lexicon-drafts"
"""Folder in the data folder whose folders are offered to be tried."""
END_S = 5.0
"""How long a trial that was stopped may take to end."""
_PROGRESS = re.compile(r"(\d+)/(\d+) calls read")


@dataclass(frozen=True, slots=True)
class TrialState:
    """The trial that runs or ran last."""

    draft: str = ""
    running: bool = False
    read: int = 0
    calls: int = 0
    outcome: Mapping[str, Any] | None = None
    """As ``lexicon try --json`` gives it, once it has ended well."""
    failed: str = ""
    """Why it has not."""


@dataclass(frozen=True, slots=True)
class LexiconState:
    """All that the page shows."""

    hash: str
    """Of the lexicon in force; empty if that is not known."""
    signature: Signature
    versions: Sequence[Version]
    drafts: Sequence[str]
    drafts_folder: Path
    can_roll_back: bool
    trial: TrialState
    problem: str = ""


class LexiconDesk(Closing):
    """Safe from any thread."""

    def __init__(
        self,
        settings: Settings,
        audit: AuditTrail | None = None,
        begin: Callable[..., subprocess.Popen[bytes]] = own_process.begin,
    ) -> None:
        """``begin`` starts ``voice-triage`` with arguments, as :func:`voice_triage.own_process.begin` does."""
        self._settings = settings
        self._versions = LexiconVersions(settings, audit=audit)
        self._begin = begin
        self._lock = threading.Lock()
        self._trial = TrialState()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    @property
    def trial(self) -> TrialState:
        """How the trial stands."""
        with self._lock:
            return self._trial

    def state(self) -> LexiconState:
        """What is in force, kept, drafted and tried."""
        folder = self._settings.data_dir / DRAFTS
        try:
            drafts = sorted(each.name for each in folder.iterdir() if each.is_dir() and any(each.glob("*.toml")))
        except FileNotFoundError:
            drafts = []
        try:
            digest = lexicon_hash(self._settings.lexicons_in_force)
            problem = ""
        except (LexiconError, OSError) as error:
            digest, problem = "", str(error)
        return LexiconState(
            digest,
            self._versions.signature(digest),
            [] if problem else self._versions.all(),
            drafts,
            folder,
            not problem and len(self._versions.used()) > 1,
            self.trial,
            problem,
        )

    def use(self, digest: str, who: str) -> None:
        """Put a kept, signed version in force. Raises LexiconError, AuditError."""
        if digest not in {each.hash for each in self._versions.all()}:
            raise LexiconError("There is no such version any more. Look at the list again.")
        self._versions.use(Path(digest), who=who)

    def roll_back(self, who: str) -> None:
        """Put the lexicon in force that was before. Raises LexiconError, AuditError."""
        self._versions.roll_back(who=who)

    # --- a trial ----------------------------------------------------------------------------------------------------

    def try_draft(self, draft: str, newest: int | None) -> None:
        """Begin a trial of a draft on kept calls, at most the ``newest``. Raises DeskError if one runs already."""
        folder = self._settings.data_dir / DRAFTS / draft
        if draft not in self.state().drafts:
            raise DeskError("There is no such folder any more. Look at the list again.")
        more = [] if newest is None else ["--newest", str(newest)]
        with self._lock:
            if self._trial.running:
                raise DeskError("A trial runs already. Wait for it, or stop it.")
            arguments = ("lexicon", "try", str(folder), "--json", "--gently", *more)
            try:
                process = self._begin(self._settings, *arguments, stdout=subprocess.PIPE)
            except OSError as error:
                raise DeskError(f"The trial could not be begun ({error.strerror}). Close other programs.") from error
            self._process, self._stopped = process, False
            self._trial = TrialState(draft, running=True)
        threading.Thread(target=self._follow, args=(process,), name="lexicon trial", daemon=True).start()

    def stop_trial(self) -> None:
        """End the trial that runs, if one does; nothing is left of it."""
        with self._lock:
            process, self._stopped = self._process, True
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def close(self) -> None:
        """Stop what runs. Idempotent."""
        self.stop_trial()

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        told: list[str] = []
        listening = threading.Thread(target=self._progress, args=(process.stderr, told), daemon=True)
        listening.start()
        with process:
            outcome = process.stdout.read()
            listening.join()
        with self._lock:
            self._process = None
            ended = replace(self._trial, running=False)
            if self._stopped:
                self._trial = TrialState()
            elif process.returncode:
                why = told[-1] if told else f"exit code {process.returncode}"
                self._trial = replace(ended, failed=f"The trial failed: {why.removeprefix('voice-triage: ')}")
            else:
                self._trial = replace(ended, outcome=json.loads(outcome))

    def _progress(self, lines: IO[bytes], told: list[str]) -> None:
        for line in lines:
            text = line.decode("utf-8", "replace").strip()
            if found := _PROGRESS.fullmatch(text):
                with self._lock:
                    self._trial = replace(self._trial, read=int(found[1]), calls=int(found[2]))
            elif text:
                told.append(text)
