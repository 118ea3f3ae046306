"""A call being kept in a process of its own, to be killed: prints what was heard and what is said to be kept.

``python -m tests.kept_call_process DATA_DIR CALL SEED`` plays noise at twice real time, with an event every 0.2 s,
and ends after 7 s of call time; lines are ``heard SECONDS`` (after the recorder took that much in) and ``kept NUMBER``
(after the store's append returned).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.store.logs import ended, placed, running
from voice_triage.audio.recording import Recorder
from voice_triage.events import Block, Side
from voice_triage.store.recording_files import SideRecording
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

RATE = 8000
PACE = 2.0
"""Faster, a half second of a busy machine counts as several of the call."""
LENGTH_S = 7.0
EVENT_S = 0.2


def sound_of(seed: int) -> NDArray[np.int16]:
    """The call's sound, which the one who kills knows too; never zero."""
    return np.random.default_rng(seed).integers(1, 9000, round(LENGTH_S * RATE)).astype(np.int16)


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())  # whole lines, from either thread, and out at once


def main(data_dir: str, call: str, seed: str) -> None:
    """Keep one call, as fast as that goes."""
    sound = sound_of(int(seed))
    with SqlCallStore(Path(data_dir) / FILE_NAME) as store:
        store.recover()
        log = running(call, round(LENGTH_S / EVENT_S))
        store.append(log[:1])
        recorder = Recorder(lambda side, first: SideRecording(store.folders, call, side, first), lambda failure: None)
        _say("kept 1")

        def keep() -> None:
            for number, logged in enumerate(log[1:], start=2):
                time.sleep(EVENT_S / PACE)
                store.append([logged])
                _say(f"kept {number}")

        keeping = threading.Thread(target=keep)
        keeping.start()
        step = RATE // 10
        began = time.monotonic()
        for first in range(0, len(sound), step):
            recorder.hear(Block(Side.CLIENT, first / RATE, sound[first : first + step], RATE))
            heard_s = (first + step) / RATE
            _say(f"heard {heard_s}")
            time.sleep(max(began + heard_s / PACE - time.monotonic(), 0.0))
        keeping.join()
        recorder.close()
        store.append(placed(call, [ended(LENGTH_S)], len(log) + 1))
        _say("kept all")


if __name__ == "__main__":
    main(*sys.argv[1:])
