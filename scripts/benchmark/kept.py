"""Measurements kept in a folder, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.gold import GoldCall
from voice_triage import bootstrap, resources
from voice_triage.code_hash import code_hash
from voice_triage.models_in_force import checked_careful, chosen_model
from voice_triage.settings import Settings


class Kept:
    """What was measured with one way of hearing."""

    def __init__(self, folder: Path, identity: str, made: set[Path]) -> None:
        """``identity`` is of all that the measurements depend on: of another one, nothing is found.

        ``made`` are those of this run, which are added to.
        """
        self._folder = folder / identity
        self._made = made
        self.found = 0
        """Measurements that an earlier run had made."""

    def get(self, name: str) -> Any | None:
        """A measurement if it was made. One that cannot be read is made again."""
        path = self._path(name)
        try:
            measured = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        self.found += path not in self._made
        return measured

    def put(self, name: str, measured: Any) -> None:
        """Keep one. Raises OSError."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        half.write_text(json.dumps(measured), encoding="utf-8")
        half.replace(path)
        self._made.add(path)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def identity_of(settings: Settings, differing: Mapping[str, object], *, realtime: bool) -> str:
    """Of the product's code, lexicon, models and these settings. Raises ModelError and LexiconError."""
    code = code_hash(*sorted(resources.PACKAGE_DIR.rglob("*.py")))
    careful = "" if settings.careful_ear == "off" else checked_careful(settings).digest
    lexicon = bootstrap.load_lexicon(settings, remember=False).hash
    parts = [code, lexicon, chosen_model(settings).model.digest, careful, sorted(differing.items()), realtime]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def name_of(call: GoldCall) -> str:
    """Of a call's report: its id and its sound's hash."""
    return f"{call.id}-{hashlib.sha256(call.sound.read_bytes()).hexdigest()[:12]}"
