"""The product's own figures: statuses of the trap sentences, and how long reading takes.

Everything is timed once a round, and rounds are summed up at the end, so that a machine that is slower for a while is
slower for all of it, other engines included.
"""

from __future__ import annotations

import functools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from benchmark.spoken import Turns, long_call, transcripts
from benchmark.timing import Timing, elapsed_s, processor_clock, reference_loop, timing
from benchmark.traps import Trap, status_of
from voice_triage.bootstrap import make_ready
from voice_triage.events import FinalTranscript, PartialTranscript, Side
from voice_triage.report import reported_status
from voice_triage.scan import BadLine, scan
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import Reading, reader_for
from voice_triage.triage.state import CallUnderstanding
from voice_triage.triage.tokens import words_of_text

Stream = Sequence[PartialTranscript | FinalTranscript]

SCRIPTS = Path(__file__).resolve().parent.parent
LONG_CALL_WORDS = 1500
_LONG_CALLS = 4


def trap_statuses(lexicon: Lexicon, traps: Sequence[Trap]) -> list[str | None]:
    """The status the product gives each trap's finding, read as ``voice-triage scan`` reads it; None: not found."""
    statuses = []
    for trap in traps:
        mentions = _understood(lexicon, trap.text).mentions()
        statuses.append(status_of(((m.text, reported_status(m.status)) for m in mentions), trap.finding))
    return statuses


@dataclass(frozen=True, slots=True)
class Round:
    """Everything timed once, by ``processor_clock``; in seconds unless a name says otherwise."""

    reference: float
    traps_read: float
    """Finding and status alone, of all traps."""
    traps_understood: float
    """With flags and fields."""
    partials_ms: tuple[float, ...]
    """Each re-reading of an open utterance."""
    partials_wall_ms: tuple[float, ...]
    """The same by the clock on the wall."""
    late_partials_ms: tuple[float, ...]
    """The same in one long call."""
    long_calls: tuple[float, ...]
    """Each long call from its finals."""
    turns_scanned: float
    calls_scanned: float
    cold: dict[str, Any]
    """What ``loading.py`` prints, the lexicon compiled anew."""
    cached: dict[str, Any]
    """The same from the cache."""


class Stopwatch:
    """Times what the understanding does with these traps and calls."""

    def __init__(
        self,
        lexicon: Lexicon,
        lexicons: Path,
        traps: Sequence[Trap],
        calls: Sequence[Turns],
        long_call_words: int = LONG_CALL_WORDS,
    ) -> None:
        self._lexicon, self._lexicons, self._traps, self._calls = lexicon, lexicons, traps, calls
        self._long_call_words = long_call_words
        apart = max(1, len(calls) // _LONG_CALLS)
        long_calls = [long_call(calls, long_call_words, number * apart) for number in range(_LONG_CALLS)]
        self._turns = list(chain.from_iterable(calls))
        self._streams = [list(transcripts(turns, partials=True)) for turns in calls]
        self._late = [list(transcripts(long_calls[0], partials=True))]
        self._finals = [list(transcripts(turns, partials=False)) for turns in long_calls]
        self._turn_lines = _scan_lines([[turn] for turn in self._turns])
        self._call_lines = _scan_lines(calls)
        self._read_traps()  # the first reading of a word costs more than all later ones
        self._scan(self._call_lines)
        make_ready(lexicon)  # as in a call; what the benchmark itself keeps is no call's burden either

    def round(self) -> Round:
        """Time everything once. Raises RuntimeError if the lexicon cannot be loaded in a process of its own."""
        with tempfile.TemporaryDirectory() as cache:
            cold = _load_once(self._lexicons, cache)
            cached = _load_once(self._lexicons, cache)
        partials_ms, partials_wall_ms = self._partial_times_ms(self._streams)
        return Round(
            elapsed_s(reference_loop),
            elapsed_s(self._read_traps),
            elapsed_s(self._understand_traps),
            partials_ms,
            partials_wall_ms,
            self._partial_times_ms(self._late)[0],
            tuple(elapsed_s(functools.partial(self._hear, stream)) for stream in self._finals),
            elapsed_s(lambda: self._scan(self._turn_lines)),
            elapsed_s(lambda: self._scan(self._call_lines)),
            cold,
            cached,
        )

    def summary(self, rounds: Sequence[Round]) -> dict[str, Any]:
        """Medians and best rounds, by the names that ``tables.py`` shows them under."""
        long_calls = [timing(times).times(1e3) for times in zip(*(one.long_calls for one in rounds), strict=True)]
        each_us = 1e6 / len(self._traps)
        weights = [one.cached["memory_mb"] for one in rounds if one.cached["memory_mb"] is not None]
        return {
            "clock": processor_clock()[1],
            "reference_ms": timing(one.reference for one in rounds).times(1e3),
            "trap_read_us": timing(one.traps_read for one in rounds).times(each_us),
            "trap_understood_us": timing(one.traps_understood for one in rounds).times(each_us),
            "calls": len(self._calls),
            "utterances": len(self._turns),
            "words": sum(len(turn.split()) for turn in self._turns),
            "partials": _partials([one.partials_ms for one in rounds]),
            "partials_wall": _partials([one.partials_wall_ms for one in rounds]),
            "partials_of_long_call": _partials([one.late_partials_ms for one in rounds]),
            "long_call_words": self._long_call_words,
            "long_call_ms": Timing(
                statistics.median(one.median for one in long_calls), statistics.median(one.best for one in long_calls)
            ),
            "scan_utterances_per_s": timing(one.turns_scanned for one in rounds).rate(len(self._turns)),
            "scan_calls_utterances_per_s": timing(one.calls_scanned for one in rounds).rate(len(self._turns)),
            "compile_s": timing(one.cold["load_s"] for one in rounds),
            "cached_s": timing(one.cached["load_s"] for one in rounds),
            "matcher_s": timing(one.cached["matcher_s"] for one in rounds),
            "memory_mb": statistics.median(weights) if weights else None,
        }

    def _read_traps(self) -> None:
        reader = reader_for(self._lexicon)
        for trap in self._traps:
            before: Reading | None = None
            for number, line in enumerate(_utterances(trap.text)):
                before = reader.read(reader.hear(words_of_text(line), number, before))

    def _understand_traps(self) -> None:
        for trap in self._traps:
            _understood(self._lexicon, trap.text)

    def _partial_times_ms(self, streams: Sequence[Stream]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Milliseconds of each re-reading, by ``processor_clock`` and by the clock on the wall."""
        clock, _ = processor_clock()
        times, wall = [], []
        for stream in streams:
            understanding = CallUnderstanding(self._lexicon)
            for transcript in stream:
                start, wall_start = clock(), time.perf_counter()
                understanding.hear(transcript)
                end, wall_end = clock(), time.perf_counter()
                if isinstance(transcript, PartialTranscript):
                    times.append((end - start) * 1e3)
                    wall.append((wall_end - wall_start) * 1e3)
        return tuple(times), tuple(wall)

    def _hear(self, stream: Stream) -> None:
        understanding = CallUnderstanding(self._lexicon)
        for transcript in stream:
            understanding.hear(transcript)

    def _scan(self, lines: Sequence[bytes]) -> None:
        """From a line of JSON to a line of JSON."""
        for report in scan(lines, lambda: CallUnderstanding(self._lexicon)):
            assert not isinstance(report, BadLine)
            json.dumps(report)


def lexicon_facts(lexicon: Lexicon) -> dict[str, Any]:
    """Which lexicon was measured, and how big it is."""
    return {
        "version": lexicon.version,
        "hash": lexicon.hash[:12],
        "concepts": len(lexicon.concepts),
        "patterns": len(lexicon.patterns),
        "phrases": sum(len(phrases) for phrases in lexicon.phrases.values()),
        "rules": len(lexicon.rules),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _partials(by_round: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Of each re-reading the median (and the best) of the rounds first, then percentiles over all re-readings."""
    typical = [statistics.median(times) for times in zip(*by_round, strict=True)]
    best = [min(times) for times in zip(*by_round, strict=True)]
    return {
        "count": len(typical),
        "median_ms": Timing(statistics.median(typical), statistics.median(best)),
        "p99_ms": Timing(percentile(typical, 0.99), percentile(best, 0.99)),
        "max_ms": Timing(max(typical), max(best)),
    }


def _load_once(lexicons: Path, cache: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmark.loading", str(lexicons.resolve()), cache]
    path = os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path}, timeout=300
    )
    if done.returncode:
        raise RuntimeError(f"Loading the lexicon in a process of its own failed:\n{done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _utterances(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _understood(lexicon: Lexicon, text: str) -> CallUnderstanding:
    understanding = CallUnderstanding(lexicon)
    for number, line in enumerate(_utterances(text)):
        words = words_of_text(line)
        understanding.hear(FinalTranscript(0.0, Side.CLIENT, number, words, line, 0.0, 0.0, "text"))
    return understanding


def _scan_lines(texts: Sequence[Turns]) -> list[bytes]:
    return [json.dumps({"id": n, "text": "\n".join(turns)}).encode() for n, turns in enumerate(texts)]
