"""Longer work as a ``voice-triage`` process of its own, so that no call feels it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from voice_triage.settings import SETTINGS, Settings


def begin(settings: Settings, *arguments: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Begin ``voice-triage ARGUMENTS`` with these settings in force; what it says on standard error is piped.

    Ctrl-C does not reach it: whoever began it ends it. Raises OSError.
    """
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return subprocess.Popen(
        [sys.executable, "-m", "voice_triage", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=_environment(settings),
        creationflags=flags,
        start_new_session=sys.platform != "win32",
    )


def _environment(settings: Settings) -> Mapping[str, str]:
    """This process's environment with these settings in force, wherever they came from."""
    environ = dict(os.environ)
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        environ[setting.env] = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return environ
