"""What ``scripts/run`` and ``scripts/test`` do. Standard library only: nothing is installed when this starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from _steps import ROOT, SetupError, as_command, clean_environment, say
from _system_packages import FOR_RUN, FOR_TEST, install_system_packages
from _venv import ensure_venv, leave_own_venv, program

_INTERRUPTED = 130  # what shells report for Ctrl-C
_ONLY_CAREFUL_MISSING = 1  # of `models fetch`: the live recognizer's model is there


def main(work: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    """Do ``work``; returns its exit code, that of a failed set-up, or 130 after Ctrl-C."""
    try:
        return work(arguments)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nInterrupted. Run this again to go on.", file=sys.stderr, flush=True)
        return _INTERRUPTED


def run_product(arguments: Sequence[str]) -> int:
    """``scripts/run``: set up, then become ``voice-triage start``, which opens the console."""
    _set_up(dev=False)
    command = [str(program("voice-triage")), "start", *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        try:
            os.execve(command[0], command, clean_environment())
        except OSError as error:
            raise SetupError(
                f"{command[0]} cannot be started ({error.strerror}). Delete .venv, run this again."
            ) from error
    return _call(command)


_THREE_WORKERS = ["-n", "3", "--no-loadscope-reorder"]
"""How pytest runs everything: one worker mostly waits for sound in real time (tests/conftest.py), the others now and
then for servers and browsers: on two cores three take 9 minutes where two took 13."""


def run_checks(arguments: Sequence[str]) -> int:
    """``scripts/test``: set up, then ruff, mypy and pytest, in this order; with arguments pytest alone.

    Every check runs even if an earlier one fails. pytest comes last, so its own summary ends the output.
    """
    _set_up(dev=True)
    python = str(program("python"))
    failed = []
    if not arguments:
        for name, words in (
            ("ruff check", ["ruff", "check", "."]),
            ("ruff format", ["ruff", "format", "--check", "."]),
            ("mypy", ["mypy", "--strict"]),
        ):
            say(f"\n{name}")
            if _call([python, "-m", *words], folder=ROOT):
                failed.append(name)
    say("\npytest")
    if failed:
        say(f"FAILED before pytest: {', '.join(failed)}. The exit code will say so, whatever pytest finds.")
    return _call([python, "-m", "pytest", *(arguments or _THREE_WORKERS)], folder=ROOT) or (1 if failed else 0)


def _set_up(*, dev: bool) -> None:
    leave_own_venv()
    start = time.monotonic()
    changed = ensure_venv(dev=dev)
    install_system_packages(FOR_TEST if dev else FOR_RUN)
    code = _call([str(program("voice-triage")), "models", "fetch"])
    if code == _ONLY_CAREFUL_MISSING:
        say("Going on without the careful ear's model. See above.")
    elif code and not dev:
        raise SetupError("Without its model the recognizer cannot hear anything. See above for what to do.", code)
    elif code:
        say("Going on without the recognizer's model; tests that need it will say so.")
    if not dev and not any((ROOT / "models").glob("*-adapted-*")):
        _adapt()
    say(f"Set-up {'done' if changed else 'is complete'} ({time.monotonic() - start:.1f} s).")


def _adapt() -> None:
    """Make the recognizer expect what callers say, before the first call; where that fails, it hears as it comes.

    An older adaptation is renewed by the product itself, while it listens already.
    """
    if _call([str(program("voice-triage")), "models", "adapt"]):
        say("Going on with the recognizer as it comes: it hears the lexicon's words less well. See above.")


def _call(command: Sequence[str], folder: Path | None = None) -> int:
    """Run a program in the foreground and return its exit code; Ctrl-C reaches it too, and it ends by its own rules."""
    try:
        process = subprocess.Popen(command, cwd=folder, env=clean_environment())
    except OSError as error:
        raise SetupError(f"{as_command(command)} cannot be started ({error.strerror}). Run this again.") from error
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
