"""Hearing works for an ordinary user as it does for root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.audio.sound_server import missing_programs
from tests.conftest import absent
from voice_triage import resources

NOBODY = 65534


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of that user's own; pytest's are for whoever runs it alone."""
    folder = Path(tempfile.mkdtemp(prefix="vt-"))
    os.chown(folder, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def as_nobody(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as that user."""
    return subprocess.run(
        command,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env=environment,
        cwd=environment["HOME"],
        capture_output=True,
        text=True,
        check=False,
    )


def python_for_nobody(environment: Mapping[str, str]) -> str:
    """A Python that the user may run: ours may lie in root's own folders. Skips without one."""
    ours = ".".join(map(str, sys.version_info[:2]))
    for python in (sys.executable, shutil.which(f"python{ours}", path="/usr/bin") or ""):
        try:
            if python and as_nobody([python, "-c", "import numpy, voice_triage"], environment).returncode == 0:
                return python
        except PermissionError:
            continue
    pytest.skip("this Python, or the checkout, is for root alone")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="all tests run as an ordinary user already")
@pytest.mark.parametrize("kind", ["pulse", "pipewire"])
def test_an_ordinary_user_hears_a_call(kind: str, home: Path) -> None:
    """With a sound server, files and rights of their own; the suite itself runs as root here."""
    if missing := missing_programs(kind):
        absent(f"the sound server's programs {', '.join(missing)}")
    environment = {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{resources.PACKAGE_DIR.parent}:{sysconfig.get_path('platlib')}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = as_nobody([python_for_nobody(environment), "-m", "tests.audio.ordinary_user", kind], environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{NOBODY} heard 1.0\n"
