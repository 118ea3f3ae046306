"""Hears gold calls with one way of hearing after another, and measures each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.flags_heard import Report, Scores, score
from benchmark.gold import GoldCall
from voice_triage import bootstrap, models_in_force
from voice_triage.analysis import Progress, analyze
from voice_triage.settings import load_settings

SCRIPTS = Path(__file__).resolve().parent.parent
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of hearing: settings that differ from those in force."""

    name: str
    settings: Mapping[str, object]


VARIANTS: tuple[Variant, ...] = (
    Variant("base", {"adapt_language_model": False, "careful_ear": "off"}),
    Variant("quick", {"adapt_language_model": True, "careful_ear": "off"}),
    Variant("both ears", {"adapt_language_model": True, "careful_ear": "on"}),
)
"""All that are compared, unless some are named. To add one: a line."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """So many calls at the same time, in real time, in one process."""

    calls: int
    """At once."""
    scores: Scores
    cores: float
    """Processor time per second, of all calls together."""
    peak_mb: float | None
    """Memory of the process at most; None where the system does not say."""
    behind_s: float
    """Sound that waited to be heard, at most."""
    fell_behind: int
    """Calls in which the CSR was told that alerts come late."""
    lost_s: float
    """Sound that found no room and went unheard."""


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """What one way of hearing did."""

    name: str
    model: str
    scores: Scores
    """Of all calls."""
    at_once: Sequence[AtOnce]


def measure(
    variant: Variant,
    calls: Sequence[GoldCall],
    *,
    realtime: bool,
    processes: int | None,
    live_calls: int,
    at_once: Sequence[int],
    tell: Tell,
) -> VariantFigures:
    """All figures of one variant, which is heard with an adapted model that is made first where it says so.

    Raises RuntimeError if a call cannot be heard, and what ``analyze`` and ``bootstrap.adapt_model`` raise.
    """
    tell(f"{variant.name}: {len(calls)} calls, {sum(call.duration_s for call in calls) / 60:.0f} min of sound")
    reports = _reports(variant, calls, realtime=realtime, processes=processes, tell=tell)
    chosen = sorted(calls, key=lambda call: call.clean)[:live_calls]
    rows = []
    for number in at_once if chosen else ():
        tell(f"{variant.name}: {number} at once, in real time")
        rows.append(_hear_at_once(variant, chosen, number))
    model = next(iter(reports.values()))["heard_by"]
    return VariantFigures(variant.name, model, score(calls, reports), rows)


def _reports(
    variant: Variant, calls: Sequence[GoldCall], *, realtime: bool, processes: int | None, tell: Tell
) -> dict[str, Report]:
    settings = load_settings(overrides=variant.settings)
    if settings.adapt_language_model and models_in_force.adapted_models(settings).possible:
        bootstrap.adapt_model(settings, lambda _step: None)
    by_path = {call.sound: call.id for call in calls}
    reports: dict[str, Report] = {}
    for news in analyze(list(by_path), settings, realtime=realtime, processes=processes):
        if isinstance(news, Progress):
            continue
        if news.report is None:
            raise RuntimeError(f"{variant.name}: {news.error}")
        reports[by_path[news.path]] = news.report
        tell(f"{variant.name}: {len(reports)}/{len(calls)}")
    return reports


def _hear_at_once(variant: Variant, calls: Sequence[GoldCall], number: int) -> AtOnce:
    # Round and round, so that the last batch too holds so many.
    count = -(-len(calls) // number) * number
    heard = [calls[at % len(calls)] for at in range(count)]
    request = {
        "settings": dict(variant.settings),
        "calls": [[f"{at} {call.id}", str(call.sound.resolve())] for at, call in enumerate(heard)],
        "at_once": number,
    }
    found = _in_process(request)
    scores = Scores()
    for report in found["reports"]:
        scores.add(heard[int(report["id"].split()[0])], report)
    return AtOnce(
        number,
        scores,
        found["computing_s"] / found["passed_s"],
        found["peak_mb"],
        found["behind_s"],
        found["fell_behind"],
        found["lost_s"],
    )


def _in_process(request: Mapping[str, Any]) -> dict[str, Any]:
    path = os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])
    done = subprocess.run(
        [sys.executable, "-m", "benchmark.live_calls"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path},
    )
    if done.returncode:
        raise RuntimeError(f"Calls could not be heard in real time:\n{done.stderr.strip()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
