"""medspaCy and negspaCy beside the product, each in an environment of its own: they need different versions of spaCy.

Nothing of them is a dependency of the product; the environments lie outside the checkout.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _steps import clean_environment

from benchmark.traps import Trap

PINNED = {"medspacy": "medspacy==1.3.1", "negspacy": "negspacy==1.1.0"}
"""Engine to what pip installs; what these need in turn is not pinned."""
_ENGINES = Path(__file__).resolve().with_name("rival_engines.py")
_FINISHED = "finished"
"""A file in an environment, written last; an environment without it was not installed to the end."""
_INSTALL_S = 900
_RUN_S = 600


class RivalMissingError(Exception):
    """An engine could not be installed or run; the message says what to do."""


@dataclass(frozen=True, slots=True)
class RivalRun:
    """One engine, in one configuration, once over the traps."""

    engine: str
    """Name, version and configuration."""
    statuses: tuple[str | None, ...]
    """One per trap."""
    sentence_us: float


def ready_rivals(folder: Path, engines: Mapping[str, str] = PINNED) -> tuple[dict[str, Path], list[str]]:
    """Each engine that can be had to its Python, and a sentence for each that cannot.

    ``folder`` keeps their environments.
    """
    ready: dict[str, Path] = {}
    missing: list[str] = []
    for engine, requirement in engines.items():
        try:
            ready[engine] = ensure_environment(folder / engine, requirement)
        except RivalMissingError as error:
            missing.append(f"{engine}: {error}")
    return ready, missing


def ensure_environment(folder: Path, requirement: str) -> Path:
    """The Python of an environment that holds ``requirement``; made, or made anew, if need be.

    Raises RivalMissingError.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / _FINISHED
    wanted = f"{requirement} {sys.version_info.major}.{sys.version_info.minor}\n"
    try:
        if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return python
        if (folder / "pyvenv.cfg").exists():
            shutil.rmtree(folder)  # half made, or of another version; never a folder that is no environment
        print(f"Installing {requirement} into an environment of its own ...", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        _call([sys.executable, "-m", "venv", str(folder)], _INSTALL_S)
        _call([str(python), "-m", "pip", "install", "--quiet", "--no-input", requirement], _INSTALL_S)
        stamp.write_text(wanted, encoding="utf-8")
    except OSError as error:
        raise RivalMissingError(
            f"{folder} cannot be used ({error.strerror}); name another folder with --rivals-env."
        ) from error
    return python


def run_rival(engine: str, python: Path, traps: Sequence[Trap]) -> list[RivalRun]:
    """Every configuration of one engine, once. Raises RivalMissingError."""
    sentences = [{"text": trap.text, "begin": trap.span[0], "end": trap.span[1]} for trap in traps]
    said = _call([str(python), "-I", str(_ENGINES), engine], _RUN_S, json.dumps(sentences))
    try:
        found: list[dict[str, Any]] = json.loads(said)
    except ValueError as error:
        raise RivalMissingError(f"printed no JSON ({error}); delete {python.parents[1]} and run this again.") from error
    each_us = 1e6 / len(traps)
    return [RivalRun(run["engine"], tuple(run["statuses"]), run["seconds"] * each_us) for run in found]


def _call(command: Sequence[str], limit_s: float, text: str = "") -> str:
    """What the command prints. Raises RivalMissingError with the end of its complaint."""
    try:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            timeout=limit_s,
            check=False,
            env=clean_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RivalMissingError(f"{Path(command[0]).name} did not finish: {error}") from error
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).strip().splitlines() if line.strip()]
        errors = [line for line in said if line.startswith("ERROR")] or said
        raise RivalMissingError(
            f"could not be installed or run (exit code {done.returncode}). It needs a package index once, and a Python "
            f"for which its spaCy has wheels. The last words were: {' '.join(errors[-2:])[:300]}"
        )
    return done.stdout
