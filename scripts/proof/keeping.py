"""Proof that a kill at any moment loses no more of a call than promised: 200 of them, each followed by a new start."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from proof.proof import Proof
from tests.kept_call_process import LENGTH_S, PACE, sound_of
from voice_triage.audio.recording import HOLD_BACK_S
from voice_triage.errors import StoreError
from voice_triage.events import CallEnded, Side
from voice_triage.playback import KeptSound
from voice_triage.store.recording_files import verify
from voice_triage.store.sql_calls import FILE_NAME, INTERRUPTED, SqlCallStore

KILLS = 200
PROMISED_S = HOLD_BACK_S + 1.0
"""Of sound, the newest, that a kill may cost."""
LONGEST_WAIT_S = LENGTH_S / PACE + 1.0
ROOT = Path(__file__).resolve().parents[2]
INTRODUCTION = """# Keeping calls: the proof

A process keeps a call (sound in blocks of 0.1 s and an event every 0.2 s, twice as fast as real) and is killed
with SIGKILL at a random moment, from before its first event to after its last. A new process then opens the same data
folder and finishes the call. Every event that the first one had called kept must be there, unchanged; the sound must be
bit for bit what was played, up to at most 3 s (of call time) before the kill; no file may be unreadable.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kill."""

    heard_s: float
    """What the recorder had taken in, in call time."""
    kept_events: int
    finished: bool
    """The process had come to its end before."""
    lost_s: float
    lost_events: int
    problems: tuple[str, ...]


def prove(share: float, seed: int) -> Proof:
    """``share`` of the kills, at moments that ``seed`` chooses."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [
            kill_once(Path(folder), f"call-{number}", seed + number, chance.uniform(0, LONGEST_WAIT_S))
            for number in range(max(1, round(KILLS * share)))
        ]
        unlisted = count_unlisted(Path(folder), outcomes)
    return Proof(report(outcomes, unlisted), not unlisted and all(map(is_good, outcomes)))


def kill_once(data_dir: Path, call: str, seed: int, after_s: float) -> Outcome:
    """Keep a call, kill it ``after_s`` seconds after its first event, and look at what is there."""
    heard_s, kept, finished = _run_and_kill(data_dir, call, seed, after_s)
    problems: list[str] = []
    with SqlCallStore(data_dir / FILE_NAME) as store:
        if store.notice:
            problems.append(store.notice)
        store.recover()
        log = store.events(call) if kept else ()
        lost_events = max(kept - len(log), 0)
        last = log[-1].event if log else None
        if kept and not (isinstance(last, CallEnded) and (finished or last.reason in (INTERRUPTED, "hang-up"))):
            problems.append("the call was not finished")
        problems += verify(store.folders, store.folders.name_of(call))
        recorded_s = 0.0
        # Before its first half second is written a file holds no sound, which opening it refuses.
        with suppress(StoreError), KeptSound(store.folders, call, Side.CLIENT) as sound:
            recorded_s = sound.duration_s
            if not np.array_equal(sound.samples(0, sound.samples_count), sound_of(seed)[: sound.samples_count]):
                problems.append("the sound is not what was played")
    lost_s = max(heard_s - recorded_s, 0.0)
    return Outcome(heard_s, kept, finished, lost_s, lost_events, tuple(problems))


def is_good(outcome: Outcome) -> bool:
    """Whether the promise was kept."""
    return not outcome.problems and not outcome.lost_events and outcome.lost_s <= PROMISED_S


def count_unlisted(data_dir: Path, outcomes: Sequence[Outcome]) -> int:
    """Calls with kept events that the list lacks at the very end."""
    with SqlCallStore(data_dir / FILE_NAME) as store:
        listed = {summary.call for summary in store.calls(limit=None)}
    return sum(1 for number, each in enumerate(outcomes) if each.kept_events and f"call-{number}" not in listed)


def report(outcomes: Sequence[Outcome], unlisted: int) -> str:
    """The table."""
    midway = [each for each in outcomes if not each.finished]
    lost = sorted(each.lost_s for each in midway) or [0.0]
    rows = [
        ("kills", len(outcomes)),
        ("of them in the middle of the call", len(midway)),
        ("kept events lost", sum(each.lost_events for each in outcomes)),
        ("calls missing in the list", unlisted),
        ("calls with an unreadable file, changed sound or no end", sum(bool(each.problems) for each in outcomes)),
        ("newest sound lost, median", f"{lost[len(lost) // 2]:.1f} s"),
        ("newest sound lost, most", f"{lost[-1]:.1f} s (promised: {PROMISED_S:.0f} s)"),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    problems = "".join(f"- {problem}\n" for each in outcomes for problem in each.problems)
    return f"{INTRODUCTION}\n| | |\n|---|---|\n{table}\n{problems}"


def _run_and_kill(data_dir: Path, call: str, seed: int, after_s: float) -> tuple[float, int, bool]:
    """What the killed process had said: seconds heard, events kept, and whether it had finished."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kept_call_process", str(data_dir), call, str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    heard_s, kept, finished = 0.0, 0, False
    killer: threading.Timer | None = None
    for line in process.stdout:
        what, _, value = line.strip().partition(" ")
        if what == "heard":
            heard_s = float(value)
        elif value == "all":
            finished = True
        elif what == "kept":
            kept = int(value)
        if killer is None:
            killer = threading.Timer(after_s, process.kill)
            killer.start()
    process.wait()
    if killer is not None:
        killer.cancel()
    return heard_s, kept, finished
