"""The calls that a lexicon is tried on: kept ones, acted ones from folders, written texts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from voice_triage.errors import StoreError, TrialError
from voice_triage.events import CallStarted, Event, KeptKind
from voice_triage.store.calls import CallSummary
from voice_triage.trial.reread import JUDGED, READ_AGAIN

KEPT = "kept calls"
"""Name of the group of kept calls."""
WALK_IN = "walk-in"
"""Source of a card without a call: no words to read."""
NEEDED: tuple[type[Event], ...] = (CallStarted, *READ_AGAIN, *JUDGED)


@dataclass(frozen=True, slots=True)
class TrialCall:
    """One call to be read by both lexicons. Either ``log`` or ``text`` holds its words."""

    group: str
    """Where it comes from: ``KEPT``, or the folder or file given."""
    call: str
    started_at: str = ""
    """ISO 8601 with offset; empty for one that was never held."""
    duration_s: float = 0.0
    log: tuple[bytes, ...] = ()
    """Its events of the kinds ``NEEDED``, in order, as JSON."""
    text: str = ""
    """The client's words, an utterance a line."""
    gold: frozenset[str] | None = None
    """Categories that must be raised, where somebody has said so."""


class KeptLogs(Protocol):
    """What is needed of the store: :class:`voice_triage.store.sql_calls.SqlCallStore`."""

    def calls(self, limit: int | None = 100) -> Sequence[CallSummary]:
        """The newest calls first."""

    def payloads(self, call: str, kinds: Collection[type[Event]]) -> list[bytes]:
        """A call's events of these kinds, in order, as JSON."""


def ended_calls(store: KeptLogs, newest: int | None = None) -> list[CallSummary]:
    """Kept calls that have ended, the newest first, at most ``newest``.

    Left out are those without words: walk-ins, and calls whose words retention has deleted.
    """
    ended = [
        each
        for each in store.calls(limit=None)
        if each.ended is not None and each.source != WALK_IN and KeptKind.TRANSCRIPT not in each.removed
    ]
    return ended if newest is None else ended[:newest]


def kept_call(store: KeptLogs, summary: CallSummary) -> TrialCall | None:
    """A kept call with its words; None if it cannot be read (damaged, or deleted in the meantime)."""
    try:
        log = tuple(store.payloads(summary.call, NEEDED))
    except StoreError:
        return None
    if not log:
        return None
    return TrialCall(KEPT, summary.call, summary.started_at, summary.duration_s or 0.0, log)


def calls_in(path: Path) -> Iterator[TrialCall]:
    """Acted calls of a folder (``*.json``) or written texts of a file (``*.jsonl``), as ``eval/FORMAT.md`` has them.

    Raises TrialError, naming the file and what is wrong with it.
    """
    if path.is_dir():
        scripts = sorted(path.glob("*.json"))
        if not scripts:
            raise TrialError(
                f"{path} holds no calls (*.json). Name a folder of call scripts or a .jsonl file of texts."
            )
        for script in scripts:
            yield _of_script(path, script)
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TrialError(f"{path} cannot be read. Name a folder of call scripts or a .jsonl file of texts.") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _of_line(path, number, line)


def _of_script(folder: Path, path: Path) -> TrialCall:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        said = "\n".join(str(turn["text"]) for turn in data["turns"] if turn["who"] == "client")
        gold = data.get("gold")
        wanted = None if gold is None else frozenset(str(flag["category"]) for flag in gold.get("flags", ()))
        return TrialCall(folder.name, str(data.get("id", path.stem)), text=said, gold=wanted)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrialError(
            f'{path} is no call script: it needs "turns" of {{"who", "text"}} (eval/FORMAT.md).'
        ) from error


def _of_line(path: Path, number: int, line: str) -> TrialCall:
    try:
        data: dict[str, Any] = json.loads(line)
        labels = data.get("labels")
        wanted = None
        if labels is not None:
            flags = labels.get("red_flags", ())
            wanted = frozenset(str(flag["category"]) for flag in flags if flag["status"] == "present")
        return TrialCall(path.stem, str(data["id"]), text=str(data["text"]), gold=wanted)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrialError(
            f'{path}, line {number}: a line is {{"id": "...", "text": "..."}} (eval/FORMAT.md).'
        ) from error
