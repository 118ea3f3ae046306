"""Proof that only the client is heard: calls that go wrong on real sound servers, and what hearing costs."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from proof.proof import Proof
from tests.audio.listening import HeardCall, listening
from tests.audio.simulation import ORDINARY, RARE, Outcome, Simulation
from tests.audio.sound_server import SoundServerProcess, missing_programs
from tests.audio.sounds import Samples, joined, noise, offset_of, write_wav
from voice_triage.audio.headset_source import Wishes
from voice_triage.audio.pulse import PulseServer
from voice_triage.events import Block, Side

SERVERS = ("pulse", "pipewire")
FULL_MINUTES = 30.0
"""How long calls are simulated on each server: an hour on both."""
BAR_CPU_PERCENT, BAR_DELAY_MS = 3.0, 150.0
STEADY_S = 20.0
"""How long an undisturbed call is listened to for each figure."""
INTRODUCTION = """# Hearing the headset: the proof

Calls are simulated on real sound servers: a softphone plays a tone to a headset and records its microphone, while other
tones play on the speakers and into that microphone. Meanwhile the headset is unplugged and comes back with another
rate, the call is moved to the speakers and back, our recording is moved to other devices, the server hangs and crashes.
Every 20 ms of what was heard are looked through for the other tones, and every moment of a call must be heard or told
as a gap. No Bluetooth hardware: headsets are null sinks with a headset's properties.
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one server showed."""

    server: str
    outcome: Outcome
    cpu_percent: float
    both_sides_cpu_percent: float
    delays_ms: Mapping[int, float]
    """Percentile to milliseconds from when the server gives a sample out to when its block has come."""


def prove(share: float, seed: int) -> Proof:
    """``share`` of the full length on every server that is installed, at the same time.

    Not kept if a rule is broken on any. Fails with AssertionError where a server is missing in CI.
    """
    found = []
    for kind in SERVERS:
        if missing := missing_programs(kind):
            assert os.environ.get("CI") != "true", f"CI must have {', '.join(missing)}"
            print(f"{kind} is left out: {', '.join(missing)} not installed.", file=sys.stderr)
        else:
            found.append(kind)
    if not found:
        return Proof("No sound server is installed here.\n", False)
    # Each in a process of its own: the environment says which server is used.
    with ProcessPoolExecutor(len(found), multiprocessing.get_context("spawn")) as pool:
        runs = {kind: pool.submit(figures_of, kind, share * FULL_MINUTES, seed) for kind in found}
        figures, broken = [], ""
        for kind, run in runs.items():
            try:
                figures.append(run.result())
            except AssertionError as error:
                traceback.print_exception(error)
                broken += f"\n**{kind}: broken off, a rule is broken: {error}**\n"
    text = report(figures) if figures else INTRODUCTION
    return Proof(text + broken, not broken and all(map(is_good, figures)))


def figures_of(kind: str, minutes: float, seed: int) -> Figures:
    """Everything on one server, which is started for it."""
    server = SoundServerProcess(kind)
    try:
        os.environ.update(server.own_environment)
        with tempfile.TemporaryDirectory() as folder:
            return _proved(server, Path(folder), minutes, seed)
    finally:
        server.close()


def _proved(server: SoundServerProcess, folder: Path, minutes: float, seed: int) -> Figures:
    connection = PulseServer()
    connection.close()
    cpu, delays_ms = _steady(server, folder, own_side=False)
    both_cpu, _ = _steady(server, folder, own_side=True)
    simulation = Simulation(server, folder, seed, rare=True)
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        outcome = simulation.run(calls=5, disturbances=8)
        left = max(0.0, end - time.monotonic()) / 60
        print(
            f"{connection.name}: {outcome.calls} calls, {outcome.happened.total()} disturbances, "
            f"{outcome.leaks} leaks; {left:.0f} minutes left",
            file=sys.stderr,
            flush=True,
        )
    return Figures(connection.name, simulation.outcome, cpu, both_cpu, delays_ms)


def _steady(server: SoundServerProcess, folder: Path, *, own_side: bool) -> tuple[float, Mapping[int, float]]:
    """Share of a core that listening to an undisturbed call costs, in percent, and how late its sound comes."""
    file = write_wav(folder / "steady.wav", noise(2 * STEADY_S + 10, 16000, seed=1), 16000)
    with listening(Wishes(own_side=own_side)) as desk:
        phone = server.softphone(file, server.plug())
        source = desk.watch.next_call(30.0)
        assert source is not None, desk.watch.status
        call = HeardCall(source)
        call.wait_for_sound(1.0)
        before = time.process_time()
        time.sleep(STEADY_S)
        cpu = (time.process_time() - before) / STEADY_S * 100
        with _reference(server) as reference:
            time.sleep(STEADY_S)
        phone.hang_up()
        call.over.wait(30.0)
    server.clean()
    return cpu, _delays_ms(call, reference)


def _delays_ms(call: HeardCall, reference: Sequence[tuple[float, Samples]]) -> Mapping[int, float]:
    """Percentile to milliseconds from when the server gave a sample out to when its block came, every 5 ms."""
    raw = np.concatenate([samples for _, samples in reference])
    ends = np.cumsum([len(samples) for _, samples in reference])
    given_out = np.array([at for at, _ in reference])
    middle = len(raw) // 2
    came = [(at, item) for at, item in call.came if isinstance(item, Block) and item.side is Side.CLIENT]
    lag = offset_of(raw[middle : middle + 8000], joined(block for _, block in came)) - middle
    delays, first = [], 0
    for at, block in came:
        for sample in range(first, first + len(block.samples), 80):
            piece = int(np.searchsorted(ends, sample - lag, side="right"))
            if lag <= sample and piece < len(given_out):
                delays.append((at - given_out[piece]) * 1000)
        first += len(block.samples)
    return {each: float(np.percentile(delays, each)) for each in (50, 95, 100)}


@contextlib.contextmanager
def _reference(server: SoundServerProcess) -> Iterator[list[tuple[float, Samples]]]:
    """What the headset's monitor gives, as soon as the server gives it out, with the time of each piece."""
    pieces: list[tuple[float, Samples]] = []
    sink = next(line.split("\t")[1] for line in server.pactl("list", "short", "sinks").splitlines() if "bluez" in line)
    command = ["parec", "--raw", "--rate=16000", "--channels=1", "--format=s16le", "--latency-msec=2",
               "--process-time-msec=1", f"--device={sink}.monitor"]  # fmt: skip
    recorder = subprocess.Popen(command, env=server.environment, stdout=subprocess.PIPE, bufsize=0)
    assert recorder.stdout is not None
    handle = recorder.stdout.fileno()

    def read() -> None:
        while data := os.read(handle, 65536):
            pieces.append((time.monotonic(), np.frombuffer(data, dtype=np.int16)))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield pieces
    finally:
        recorder.kill()
        recorder.wait()
        reader.join()


def is_good(figures: Figures) -> bool:
    """Whether no foreign sound came through and every figure keeps its bar."""
    is_cheap, is_quick = figures.cpu_percent <= BAR_CPU_PERCENT, figures.delays_ms[95] <= BAR_DELAY_MS
    return not figures.outcome.leaks and is_cheap and is_quick


def report(found: Sequence[Figures]) -> str:
    """The figures as a table."""
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("calls", lambda f: f"{f.outcome.calls:,}"),
        ("disturbances", lambda f: f"{f.outcome.happened.total():,}"),
        *((f"- {kind}", lambda f, kind=kind: f"{f.outcome.happened[kind]:,}") for kind in ORDINARY | RARE),
        ("heard, minutes", lambda f: f"{f.outcome.heard_s / 60:.1f}"),
        ("told as missing, minutes", lambda f: f"{f.outcome.missing_s / 60:.1f}"),
        ("neither heard nor told", lambda _: "0"),
        ("windows of 20 ms looked through", lambda f: f"{f.outcome.windows:,}"),
        ("**windows with sound that is not the client's**", lambda f: f"**{f.outcome.leaks:,}**"),
        ("largest share of a foreign tone in any window", lambda f: f"{f.outcome.worst_share:.3f}"),
        ("heard again after a disturbance, s (median; p95)", lambda f: _median_and_p95(f.outcome.back_s)),
        (f"CPU of listening, % of a core (bar {BAR_CPU_PERCENT:.0f})", lambda f: f"{f.cpu_percent:.1f}"),
        ("the same with the CSR's own side", lambda f: f"{f.both_sides_cpu_percent:.1f}"),
        (f"sound to block, ms (median; p95, bar {BAR_DELAY_MS:.0f}; most)", lambda f: _delays(f.delays_ms)),
    ]
    lines = ["| | " + " | ".join(each.server for each in found) + " |", "| --- |" + " --: |" * len(found)]
    lines += [f"| {name} | " + " | ".join(value(each) for each in found) + " |" for name, value in rows]
    return f"{INTRODUCTION}\n" + "\n".join(lines) + "\n"


def _median_and_p95(values: Sequence[float]) -> str:
    return f"{np.percentile(values, 50):.2f}; {np.percentile(values, 95):.2f}" if values else "-"


def _delays(delays_ms: Mapping[int, float]) -> str:
    return "; ".join(f"{delays_ms[each]:.0f}" for each in (50, 95, 100))
