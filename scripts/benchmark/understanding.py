"""The product's own figures: statuses of the trap sentences, and how long reading takes."""

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
from itertools import chain
from pathlib import Path
from typing import Any

from benchmark.spoken import Turns, long_call, transcripts
from benchmark.timing import Timing, timed_s, timing
from benchmark.traps import Trap, status_of
from voice_triage.events import FinalTranscript, PartialTranscript, Side
from voice_triage.scan import BadLine, scan
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import Reading, reader_for
from voice_triage.triage.state import CallUnderstanding
from voice_triage.triage.tokens import words_of_text

SCRIPTS = Path(__file__).resolve().parent.parent
LONG_CALL_WORDS = 1500
_LONG_CALLS = 4


def trap_statuses(lexicon: Lexicon, traps: Sequence[Trap]) -> list[str | None]:
    """The status the product gives each trap's finding, read as ``voice-triage scan`` reads it; None: not found."""
    statuses = []
    for trap in traps:
        mentions = _understood(lexicon, trap.text).mentions()
        statuses.append(status_of(((m.text, str(m.status)) for m in mentions), trap.finding))
    return statuses


def trap_speed(lexicon: Lexicon, traps: Sequence[Trap], rounds: int) -> dict[str, Timing]:
    """Microseconds for one sentence: finding and status alone, and with flags and fields."""
    reader = reader_for(lexicon)
    texts = [_utterances(trap.text) for trap in traps]

    def read() -> None:
        for utterances in texts:
            before: Reading | None = None
            for number, line in enumerate(utterances):
                before = reader.read(words_of_text(line), number, before)

    def understand() -> None:
        for trap in traps:
            _understood(lexicon, trap.text)

    each_us = 1e6 / len(traps)
    return {
        "finding_and_status_us": timing(timed_s(read, rounds)).times(each_us),
        "understanding_us": timing(timed_s(understand, rounds)).times(each_us),
    }


def reading_speed(lexicon: Lexicon, calls: Sequence[Turns], rounds: int) -> dict[str, Any]:
    """How long understanding takes, live and over written text; wall clock, on one core.

    Of each open utterance's re-reading the median over the rounds is taken first (and, apart, the best), so that what
    other programs do meanwhile weighs little; median and 99th percentile are over all re-readings of all calls.
    """
    apart = max(1, len(calls) // _LONG_CALLS)
    long_calls = [long_call(calls, LONG_CALL_WORDS, number * apart) for number in range(_LONG_CALLS)]
    turns = list(chain.from_iterable(calls))
    return {
        "calls": len(calls),
        "utterances": len(turns),
        "words": sum(len(turn.split()) for turn in turns),
        "partials": _partials_ms(lexicon, calls, rounds),
        "partials_of_long_call": _partials_ms(lexicon, long_calls[:1], rounds),
        "long_call_words": LONG_CALL_WORDS,
        "long_call_ms": _long_call_ms(lexicon, long_calls, rounds),
        "scan_utterances_per_s": _scanned_per_s(lexicon, [[turn] for turn in turns], rounds),
        "scan_calls_utterances_per_s": _scanned_per_s(lexicon, calls, rounds),
    }


def loading(lexicons: Path, loads: int) -> dict[str, Any]:
    """Seconds to load the lexicon, compiled anew and from the cache, and its memory in MB, if that can be known.

    Each load has a process of its own, which takes a second or two. Raises RuntimeError.
    """
    cold, cached = [], []
    for _ in range(loads):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(_load_once(lexicons, cache))
            cached.append(_load_once(lexicons, cache))
    weights = [run["memory_mb"] for run in cached if run["memory_mb"] is not None]
    return {
        "compile_s": timing(run["load_s"] for run in cold),
        "cached_s": timing(run["load_s"] for run in cached),
        "matcher_s": timing(run["matcher_s"] for run in cached),
        "memory_mb": statistics.median(weights) if weights else None,
        "loads": loads,
    }


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


def _partials_ms(lexicon: Lexicon, calls: Sequence[Turns], rounds: int) -> dict[str, Any]:
    streams = [list(transcripts(turns, partials=True)) for turns in calls]
    by_round = [_partial_times_ms(lexicon, streams) for _ in range(rounds)]
    typical = [statistics.median(times) for times in zip(*by_round, strict=True)]
    best = [min(times) for times in zip(*by_round, strict=True)]
    return {
        "count": len(typical),
        "median_ms": Timing(statistics.median(typical), statistics.median(best)),
        "p99_ms": Timing(percentile(typical, 0.99), percentile(best, 0.99)),
        "max_ms": Timing(max(typical), max(best)),
        "p99_first_round_ms": percentile(by_round[0], 0.99),
    }


def _partial_times_ms(
    lexicon: Lexicon, streams: Sequence[Sequence[PartialTranscript | FinalTranscript]]
) -> list[float]:
    times = []
    for stream in streams:
        understanding = CallUnderstanding(lexicon)
        for transcript in stream:
            start = time.perf_counter()
            understanding.hear(transcript)
            if isinstance(transcript, PartialTranscript):
                times.append((time.perf_counter() - start) * 1e3)
    return times


def _long_call_ms(lexicon: Lexicon, calls: Sequence[Turns], rounds: int) -> Timing:
    """Median over the calls; of each, median and best of the rounds."""
    finals = [list(transcripts(turns, partials=False)) for turns in calls]

    def hear(stream: Sequence[PartialTranscript | FinalTranscript]) -> None:
        understanding = CallUnderstanding(lexicon)
        for transcript in stream:
            understanding.hear(transcript)

    each = [timing(timed_s(functools.partial(hear, stream), rounds)) for stream in finals]
    return Timing(statistics.median(one.median for one in each), statistics.median(one.best for one in each)).times(1e3)


def _scanned_per_s(lexicon: Lexicon, texts: Sequence[Turns], rounds: int) -> Timing:
    """Utterances a second through ``scan``, from a line of JSON to a line of JSON."""
    lines = [json.dumps({"id": n, "text": "\n".join(turns)}).encode() for n, turns in enumerate(texts)]

    def work() -> None:
        for report in scan(lines, lambda: CallUnderstanding(lexicon)):
            assert not isinstance(report, BadLine)
            json.dumps(report)

    return timing(timed_s(work, rounds)).rate(sum(len(turns) for turns in texts))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
