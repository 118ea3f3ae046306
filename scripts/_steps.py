"""Steps of the set-up: shown as they go, their output kept for when one fails. Standard library only."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SIGN_OF_LIFE_S = 10.0
_SHOWN_ON_FAILURE = 30


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def say(text: str) -> None:
    """One line for the person who waits."""
    print(text, flush=True)


def as_command(words: Sequence[str]) -> str:
    """A command as one would type it."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would make Python or pip look or install elsewhere."""
    redirecting = {
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONSAFEPATH", "PYTHONPLATLIBDIR"),
        *("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "CONDA_PREFIX", "__PYVENV_LAUNCHER__"),
        *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_DRY_RUN"),
        *("PIP_REQUIRE_VIRTUALENV", "PIP_NO_BINARY", "PIP_ONLY_BINARY", "PIP_NO_DEPS", "PIP_PYTHON", "PIP_EDITABLE"),
    }
    kept = {name: value for name, value in os.environ.items() if name.upper() not in redirecting}
    return kept | {"PYTHONNOUSERSITE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def run_step(title: str, command: Sequence[str], *, advice: str, extra: Mapping[str, str] | None = None) -> None:
    """Run ``command``, showing that it lives; raises SetupError with the end of its output and ``advice``."""
    start = time.monotonic()
    say(f"{title} ...")
    end: deque[str] = deque(maxlen=_SHOWN_ON_FAILURE)
    shown = start
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        cwd=ROOT,
        env=clean_environment() | dict(extra or {}),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            end.append(line.rstrip())
            if sys.stdout.isatty():
                width = shutil.get_terminal_size().columns - 6
                print(f"\r\x1b[K    {end[-1].strip()[:width]}", end="", flush=True)
            elif time.monotonic() - shown > _SIGN_OF_LIFE_S:
                shown = time.monotonic()
                say(f"    {end[-1].strip()[:100]}")
    if sys.stdout.isatty():
        print("\r\x1b[K", end="")
    if process.returncode:
        for line in end:
            say(f"    {line}")
        raise SetupError(f"This command failed (exit code {process.returncode}): {as_command(command)}\n{advice}")
    say(f"    done in {time.monotonic() - start:.0f} s")
