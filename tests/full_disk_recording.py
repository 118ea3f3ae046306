"""Run as root of a name space of its own: records a call on a small disk that fills up and is freed again.

Prints one line per finding, which the test compares.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.store.logs import ended, placed, running
from voice_triage.audio.recording import Recorder
from voice_triage.errors import StoreError
from voice_triage.events import Block, Side, StageFailed
from voice_triage.playback import KeptSound
from voice_triage.store.recording_files import SideRecording, verify
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

RATE = 16_000


def main(disk: Path) -> None:
    """Go through a full disk in the middle of a call."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=True)
    sound = np.random.default_rng(1).integers(-9000, 9000, 90 * RATE).astype(np.int16)
    told: list[StageFailed] = []
    log = running("c", 400)
    with SqlCallStore(disk / FILE_NAME) as store:
        store.append(log[:1])
        recorder = Recorder(
            lambda side, first: SideRecording(store.folders, "c", side, first), told.append, retry_s=0.1
        )
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 1_500_000)
        step = RATE // 10
        for first in range(0, len(sound), step):
            recorder.hear(Block(Side.CLIENT, first / RATE, sound[first : first + step], RATE))
        _until(lambda: bool(told))
        print("told:", told[0].stage == "recording" and "cannot be recorded" in told[0].advice)
        kept = 1
        try:
            while kept < len(log):
                store.append(log[kept : kept + 5])
                kept += 5
        except StoreError as error:
            print("log full too:", "Free some space" in str(error))
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        _until(lambda: len(told) > 1)
        print("resumed:", told[1].code == "resumed" and "Nothing is missing" in told[1].advice)
        recorder.close()
        store.append(log[kept:])
        store.append(placed("c", [ended(90.0)], len(log) + 1))
        print("log whole:", list(store.events("c"))[: len(log)] == log)
        with KeptSound(store.folders, "c", Side.CLIENT) as heard:
            print("sound whole:", np.array_equal(heard.samples(0, len(sound)), sound))
        print("files in order:", verify(store.folders, "c") == [])


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
