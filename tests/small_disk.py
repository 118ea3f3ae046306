"""A disk of a few megabytes, for what must be seen on a full one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def findings(module: str, disk: Path) -> list[str]:
    """The lines that ``python -m MODULE DISK`` prints, run where it may mount something at ``disk``; else skips."""
    unshare = shutil.which("unshare")
    alone = [unshare or "", "--mount", "--map-root-user"]
    if unshare is None or subprocess.run([*alone, "mount", "-t", "tmpfs", "none", disk], check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    found = subprocess.run(
        [*alone, sys.executable, "-m", module, str(disk)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.splitlines()
