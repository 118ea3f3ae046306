"""Many sound files, each heard from a fresh start: one process per file, as many at a time as there are cores.

A process per file because the recognizer's dither makes what is heard depend on what was decoded before: in the order
of a folder the same file would give other words.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, cast

from voice_triage.errors import AudioError, LexiconError, ModelError, RecognizerError, SettingsError, VoiceTriageError
from voice_triage.events import Logged
from voice_triage.report import Report
from voice_triage.second_hearing import SecondHearing
from voice_triage.settings import Settings

PROGRESS_EVERY_S = 0.2
_OURS = {error.code: error for error in (ModelError, LexiconError, SettingsError, RecognizerError)}
"""Errors that have nothing to do with the file: every file would end in them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one file has been heard."""

    path: Path
    heard_s: float
    """Call time that has been heard and understood."""
    duration_s: float


@dataclass(frozen=True, slots=True)
class Analyzed:
    """One file's report, or why there is none."""

    path: Path
    report: Report | None
    error: AudioError | None = None


def analyze(
    paths: Sequence[Path], settings: Settings, *, realtime: bool = False, processes: int | None = None
) -> Iterator[Progress | Analyzed]:
    """Hear ``paths``; gives progress as it comes, and what was analyzed in the order of ``paths``.

    ``processes`` is the number of cores unless given. Never opens the store. Raises ModelError, LexiconError,
    SettingsError or RecognizerError if nothing can be heard at all. Closing the iterator ends the processes.
    """
    context = multiprocessing.get_context("spawn")
    # Where values came from is for doctor only, and cannot be sent to another process.
    sent = dataclasses.replace(settings, origins={})
    waiting = list(enumerate(paths))[::-1]
    running: dict[Connection, tuple[int, SpawnProcess]] = {}
    done: dict[int, Analyzed] = {}
    given = 0
    try:
        while given < len(paths):
            while waiting and len(running) < (processes or os.cpu_count() or 1):
                number, path = waiting.pop()
                ours, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_hear, args=(theirs, path, sent, realtime), daemon=True)
                process.start()
                theirs.close()
                running[ours] = (number, process)
            for ready in wait(list(running)):
                ours = cast("Connection", ready)
                number, process = running[ours]
                message = _received(ours, process, paths[number])
                if isinstance(message, Progress):
                    yield message
                    continue
                process.join()
                ours.close()
                del running[ours]
                if isinstance(message, VoiceTriageError):
                    raise message
                done[number] = message
            while given in done:
                yield done.pop(given)
                given += 1
    finally:
        for ours, (_, process) in running.items():
            process.terminate()
            process.join()
            ours.close()


def _received(ours: Connection, process: SpawnProcess, path: Path) -> Progress | Analyzed | VoiceTriageError:
    try:
        kind, value = ours.recv()
    except EOFError:
        process.join()
        return Analyzed(
            path,
            None,
            AudioError(
                f"{path} could not be analyzed: its process ended unexpectedly (exit code {process.exitcode}). "
                "Try it alone; if it stays so, run voice-triage models verify, and free memory."
            ),
        )
    if kind == "progress":
        return Progress(path, *value)
    if kind == "report":
        return Analyzed(path, value)
    code, text = value
    return _OURS[code](text) if code in _OURS else Analyzed(path, None, AudioError(text))


# --- in the process of one file ---------------------------------------------------------------------------------


def _hear(out: Connection, path: Path, settings: Settings, realtime: bool) -> None:
    """Hear one file and send its report; ``out`` gets progress, then a report or an error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the one who started us ends us
    try:
        out.send(("report", report_of(path, settings, realtime=realtime, out=out)))
    except VoiceTriageError as error:
        out.send(("error", (error.code, str(error))))
    finally:
        out.close()


def report_of(path: Path, settings: Settings, *, realtime: bool = False, out: Connection | None = None) -> Report:
    """The report of one sound file, heard in this process. Raises AudioError and what ``load_engine`` raises."""
    from voice_triage import bootstrap
    from voice_triage.report import call_report

    source = bootstrap.file_source(path, settings, realtime=realtime)
    duration_s = float(getattr(source, "duration_s", 0.0))
    told = time.monotonic()

    def tell(logged: Logged) -> None:
        nonlocal told
        if out is not None and time.monotonic() - told >= PROGRESS_EVERY_S:
            told = time.monotonic()
            out.send(("progress", (min(logged.event.at_s, duration_s), duration_s)))

    # In real time the call must not wait for it; else its times are worked out from the computing.
    second: SecondHearing | None = bootstrap.hearing_queue(settings, lambda _why: None) if realtime else None
    if not realtime:
        second = bootstrap.hearing_at_once(settings)
    engine = bootstrap.load_engine(settings, second)
    call, log = engine.call(source, path.stem, live=realtime, named=str(path), listeners=(tell,))
    call.run()
    if second is not None:
        second.close()
    report: dict[str, Any] = call_report(logged.event for logged in log.events())
    return report
