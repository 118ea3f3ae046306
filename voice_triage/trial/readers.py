"""Processes that read calls by two lexicons, below the priority of anything live, with few calls waiting at a time."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import cast

from voice_triage.errors import LexiconError, TrialError
from voice_triage.events import CallStarted, from_json
from voice_triage.low_priority import lower_priority
from voice_triage.triage.lexicon import Lexicon, lexicon_hash
from voice_triage.trial.calls import TrialCall
from voice_triage.trial.reread import (
    READ_AGAIN,
    FieldChange,
    FlagChange,
    Read,
    field_changes,
    flag_changes,
    reread,
    said_in_text,
)

AHEAD = 2
"""Calls given to a process at a time: it need not wait for the next, and memory stays that of a few calls."""
PROCESS_MB = 300
"""What one process takes: two lexicons and the libraries that read by them (``docs/benchmarks.md``)."""
MEMORY_SHARE = 0.4
"""So much of the computer's memory all of them may take together [our choice]."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the two lexicons make of one call."""

    group: str
    call: str
    started_at: str
    duration_s: float
    gold: frozenset[str] | None
    flags: tuple[FlagChange, ...]
    fields: tuple[FieldChange, ...]
    before: frozenset[str]
    """Categories that the lexicon in force raises."""
    now: frozenset[str]
    """Categories that the tried one raises."""
    lexicon: str
    """What the call was read by when it was held, by its log."""
    logged_otherwise: frozenset[str]
    """Categories that stood otherwise at the end of the call's own log than the lexicon in force judges them."""
    failed: int
    """Utterances that one of them could not understand."""
    compute_s: float


def processes_for(cores: int, memory_mb: float | None) -> int:
    """How many processes read: all cores, within ``MEMORY_SHARE``; ``memory_mb`` is None where it is not known."""
    if memory_mb is None:
        return max(1, cores)
    return max(1, min(cores, int(memory_mb * MEMORY_SHARE / PROCESS_MB)))


def here() -> int:
    """:func:`processes_for` this computer."""
    try:
        memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (AttributeError, ValueError, OSError):  # not on Windows
        memory_mb = None
    return processes_for(os.cpu_count() or 1, memory_mb)


def compare(call: TrialCall, in_force: Lexicon, tried: Lexicon) -> Compared:
    """Read one call by both."""
    began_s = time.thread_time()
    label, logged = "", None
    if call.log:
        log = [from_json(json.loads(payload)) for payload in call.log]
        words = [event for event in log if isinstance(event, READ_AGAIN)]
        label = next((event.lexicon for event in log if isinstance(event, CallStarted)), "")
        logged = Read()
        logged.take(log)
    else:
        words = list(said_in_text(call.text))
    before, now = reread(words, in_force), reread(words, tried)
    otherwise = set() if logged is None else set(logged.raised.items()) ^ set(before.raised.items())
    return Compared(
        call.group,
        call.call,
        call.started_at,
        call.duration_s,
        call.gold,
        flag_changes(before.flags, now.flags),
        field_changes(before.fields, now.fields),
        frozenset(before.raised),
        frozenset(now.raised),
        label,
        frozenset(category for category, _ in otherwise),
        max(before.failed, now.failed),
        time.thread_time() - began_s,
    )


def compare_all(
    calls: Iterable[TrialCall], in_force: Lexicon, tried: Lexicon, *, processes: int | None = None
) -> Generator[Compared]:
    """Read all calls by both, in as many processes as :func:`here` says; in the order in which they get done.

    ``calls`` is drawn from only as they are needed. Closing the iterator ends the processes; they also end when this
    process is killed. Nothing is written anywhere. Raises TrialError if a process ends by itself, and LexiconError if
    the files of a lexicon change meanwhile.
    """
    context = multiprocessing.get_context("spawn")
    running: dict[Connection, SpawnProcess] = {}
    given: dict[Connection, int] = {}
    waiting = iter(calls)
    try:
        for _ in range(processes or here()):
            ours, theirs = context.Pipe()
            process = context.Process(target=_read, args=(theirs,), name="lexicon-trial", daemon=True)
            process.start()
            theirs.close()
            running[ours], given[ours] = process, 0
        # Only now: each takes its lexicons when it has started, and all start at the same time.
        for ours, process in running.items():
            _send(ours, (in_force, tried), process)
            _give(ours, waiting, given, process)
        while any(given.values()):
            for ready in wait([each for each, count in given.items() if count]):
                ours = cast("Connection", ready)
                yield _received(ours, running[ours])
                given[ours] -= 1
                _give(ours, waiting, given, running[ours])
    finally:
        for ours, process in running.items():
            ours.close()
            process.terminate()
            process.join()


def _give(ours: Connection, waiting: Iterator[TrialCall], given: dict[Connection, int], process: SpawnProcess) -> None:
    while given[ours] < AHEAD and (call := next(waiting, None)) is not None:
        _send(ours, call, process)
        given[ours] += 1


def _send(ours: Connection, message: object, process: SpawnProcess) -> None:
    try:
        ours.send(message)
    except OSError as error:
        raise _ended(process) from error


def _received(ours: Connection, process: SpawnProcess) -> Compared:
    try:
        answer = ours.recv()
    except (EOFError, OSError) as error:
        raise _ended(process) from error
    if isinstance(answer, str):
        raise LexiconError(answer)
    return cast("Compared", answer)


def _ended(process: SpawnProcess) -> TrialError:
    process.join()
    return TrialError(
        f"A process that reads calls ended unexpectedly (exit code {process.exitcode}), so the trial was given up. "
        "Close other programs if memory is short, and try again with --processes 1."
    )


# --- in the process that reads -----------------------------------------------------------------------------------


def _read(out: Connection) -> None:
    """Take two lexicons, then calls, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the one who started us ends us
    lower_priority()
    try:
        lexicons: tuple[Lexicon, Lexicon] = out.recv()
        complaint = _made_ready(lexicons)
        while True:
            call: TrialCall = out.recv()
            out.send(complaint or compare(call, *lexicons))
    except (EOFError, OSError):
        return  # nobody asks any more


def _made_ready(lexicons: tuple[Lexicon, Lexicon]) -> str:
    """Build all that reading needs; what is wrong, mostly nothing. Breeds and names are read from the folder."""
    for lexicon in lexicons:
        try:
            reread(said_in_text("hello"), lexicon)
            changed = lexicon_hash(lexicon.folder) != lexicon.hash
        except LexiconError as error:
            return str(error)
        except OSError:
            changed = True
        if changed:
            return f"The files in {lexicon.folder} were changed while they were tried. Try again when they are saved."
    gc.collect()
    gc.freeze()  # the lexicons stay: no collection need look at them again
    return ""
