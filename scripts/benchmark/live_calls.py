"""Hears calls in real time, so many at once, in a process of its own: ``python -m benchmark.live_calls < request``.

The request is ``{"settings": {...}, "calls": [[id, path], ...], "at_once": n}`` in JSON on standard input; what was
found goes to standard output as JSON. One process, because the product's calls share one model in memory.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from voice_triage import bootstrap
from voice_triage.call import Call
from voice_triage.report import call_report
from voice_triage.settings import load_settings

LOOK_EVERY_S = 0.1


def hear(request: Mapping[str, Any]) -> dict[str, Any]:
    """Reports of all calls, and what hearing them took. Raises VoiceTriageError."""
    settings = load_settings(overrides=request["settings"])
    second = bootstrap.hearing_queue(settings, _tell)
    engine = bootstrap.load_engine(settings, second)
    loaded_mb = memory_mb("VmRSS")
    reports: list[dict[str, Any]] = []
    behind: list[float] = []
    computing, began = time.process_time(), time.monotonic()
    for batch in _batches(request["calls"], request["at_once"]):
        threads: list[threading.Thread] = []
        running: list[Call] = []
        for call, path in batch:
            source = bootstrap.file_source(Path(path), settings, realtime=True)
            live, log = engine.call(source, call, live=True, named=call)

            def run(live: Call = live, log: Any = log) -> None:
                live.run()
                reports.append(call_report(logged.event for logged in log.events()))

            running.append(live)
            threads.append(threading.Thread(target=run, daemon=True))
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(LOOK_EVERY_S)
            behind.append(max(live.backlog for live in running) * settings.chunk_ms / 1000)
    if second is not None:
        second.close()
    return {
        "reports": reports,
        "computing_s": time.process_time() - computing,
        "passed_s": time.monotonic() - began,
        "loaded_mb": loaded_mb,
        "peak_mb": memory_mb("VmHWM"),
        "behind_s": max(behind, default=0.0),
        "fell_behind": sum(any(f["code"] == "backlog" for f in report["failures"]) for report in reports),
        "lost_s": sum(gap["duration_s"] for report in reports for gap in report["gaps"]),
    }


def _tell(why: str) -> None:
    """Why calls are heard once, though twice was asked for."""
    print(why, file=sys.stderr)


def memory_mb(which: str) -> float | None:
    """This process's memory in MB, ``VmRSS`` now or ``VmHWM`` at most; None where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith(which)), None)
    return None if found is None else int(found.split()[1]) * 1024 / 1e6


def _batches(calls: Sequence[Sequence[str]], size: int) -> Iterator[Sequence[Sequence[str]]]:
    for at in range(0, len(calls), size):
        yield calls[at : at + size]


if __name__ == "__main__":
    # What is found goes to the real standard output; nothing that a library prints there comes between.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        json.dump(hear(json.load(sys.stdin)), out)
