"""The product as its users start it: a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_S = 60.0
"""For whatever must happen at all; how fast it is, is no matter of these tests."""


class Program:
    """``voice-triage`` as a process of its own, on a desk of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.data_dir = folder / "data"
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "voice_triage", *arguments],
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "VOICE_TRIAGE_DATA_DIR": str(self.data_dir)},
            )

    @property
    def out(self) -> str:
        """Standard output so far."""
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """Standard error so far."""
        return self._err.read_text(encoding="utf-8")

    def wait_for_line(self, pattern: str) -> str:
        """The first group of ``pattern`` in standard output, as soon as it is there."""
        give_up_at = time.monotonic() + PATIENCE_S
        while (found := re.search(pattern, self.out)) is None:
            assert self.process.poll() is None, self.err
            assert time.monotonic() < give_up_at, self.out + self.err
            time.sleep(0.05)
        return found.group(1)

    def end(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)

    def clean_up(self) -> None:
        """Leave no process behind a failed test."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def run(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command on a desk that another program uses, or has used."""
    return subprocess.run(
        [sys.executable, "-m", "voice_triage", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "VOICE_TRIAGE_DATA_DIR": str(data_dir)},
    )
