"""Hears gold calls with one way of hearing after another, and measures each."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.careful_alone import careful_alone
from benchmark.flags_heard import Delay, Report, Scores, score
from benchmark.gold import GoldCall
from benchmark.kept import Kept, identity_of, name_of
from voice_triage import bootstrap
from voice_triage.analysis import Progress, analyze
from voice_triage.models_in_force import adapted_models
from voice_triage.settings import Settings, load_settings

SCRIPTS = Path(__file__).resolve().parent.parent
Tell = Callable[[str], None]


SEED = 4
"""Of the calls that are played in real time."""
CALM = 4
"""Calls at once up to which delays in real time are those of an ordinary desk, and taken together."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of hearing: settings that differ from those in force."""

    name: str
    settings: Mapping[str, object]
    at_once: Sequence[int] = ()
    """Live calls at the same time, unless others are asked for."""
    careful_only: bool = False
    """Only what the second hearing heard counts; no call is heard for it that both ears hear."""


VARIANTS: tuple[Variant, ...] = (
    Variant("base", {"adapt_language_model": False, "careful_ear": "off"}),
    Variant("quick", {"adapt_language_model": True, "careful_ear": "off"}, (1, 2, 4, 8)),
    Variant("careful", {"adapt_language_model": True, "careful_ear": "on"}, careful_only=True),
    Variant("both ears", {"adapt_language_model": True, "careful_ear": "on"}, (1, 2)),
)
"""All that are compared, unless some are named. To add one: a line."""


@dataclass(frozen=True, slots=True)
class Run:
    """How everything is measured in one run."""

    realtime: bool
    """Also for accuracy."""
    processes: int | None
    """Calls heard side by side for accuracy; None: as many as cores."""
    batches: int
    """How often so many calls at once are played."""
    at_once: Sequence[int] | None
    """Live calls at the same time; None: what the variant says."""
    keep: Path
    """Folder of what was measured already, and of what will have been."""
    tell: Tell
    made: set[Path] = field(default_factory=set)
    """Files that this run wrote there."""


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
    loaded_mb: float | None = None
    """Memory of the process before the first call."""


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """What one way of hearing did."""

    name: str
    model: str
    scores: Scores
    """Of all calls."""
    at_once: Sequence[AtOnce]
    kept: int = 0
    """Measurements that an earlier run had made."""

    @property
    def live_delays(self) -> list[Delay]:
        """In real time, of calls of which no more than ``CALM`` were played at once."""
        return [delay for live in self.at_once if live.calls <= CALM for delay in live.scores.delays]

    @property
    def live_reheard_s(self) -> list[float]:
        """Likewise: from the end of an utterance until a second hearing had settled it."""
        return [waited for live in self.at_once if live.calls <= CALM for waited in live.scores.reheard_s]


def measure(variant: Variant, calls: Sequence[GoldCall], run: Run) -> VariantFigures:
    """All figures of one variant, which is heard with an adapted model that is made first where it says so.

    Raises RuntimeError if a call cannot be heard, OSError, and what ``analyze`` and ``bootstrap.adapt_model`` raise.
    """
    run.tell(f"{variant.name}: {len(calls)} calls, {sum(call.duration_s for call in calls) / 60:.0f} min of sound")
    settings = load_settings(overrides=variant.settings)
    if settings.adapt_language_model and adapted_models(settings).possible:
        bootstrap.adapt_model(settings, lambda _step: None)
    kept = Kept(run.keep, identity_of(settings, variant.settings, realtime=run.realtime), run.made)
    reports = _reports(variant, settings, calls, run, kept)
    if variant.careful_only:
        lexicon = bootstrap.load_lexicon(settings)
        reports = {call: careful_alone(report, lexicon) for call, report in reports.items()}
    rows = []
    for number in variant.at_once if run.at_once is None else () if variant.careful_only else run.at_once:
        chosen = _chosen(calls, number * run.batches)
        run.tell(f"{variant.name}: {number} at once, in real time, {len(chosen)} calls")
        name = f"at-once-{number}-{_names_hash(chosen)}"
        found = kept.get(name)
        if found is None:
            found = _in_process(_request(variant, chosen, number))
            kept.put(name, found)
        rows.append(_at_once(number, chosen, found))
    model = next(iter(reports.values()))["heard_by"]
    return VariantFigures(variant.name, model, score(calls, reports), rows, kept.found)


def _chosen(calls: Sequence[GoldCall], count: int) -> list[GoldCall]:
    """So many calls drawn by chance, those with flags first; round and round where there are fewer."""
    drawn = sorted(random.Random(SEED).sample(list(calls), len(calls)), key=lambda call: call.clean)
    return [drawn[at % len(drawn)] for at in range(count)]


def _names_hash(calls: Sequence[GoldCall]) -> str:
    return hashlib.sha256(" ".join(map(name_of, calls)).encode()).hexdigest()[:12]


def _reports(
    variant: Variant, settings: Settings, calls: Sequence[GoldCall], run: Run, kept: Kept
) -> dict[str, Report]:
    reports: dict[str, Report] = {}
    for call in calls:
        if (found := kept.get(name_of(call))) is not None:
            reports[call.id] = found
    by_path = {call.sound: call for call in calls if call.id not in reports}
    for news in analyze(list(by_path), settings, realtime=run.realtime, processes=run.processes):
        if isinstance(news, Progress):
            continue
        if news.report is None:
            raise RuntimeError(f"{variant.name}: {news.error}")
        call = by_path[news.path]
        reports[call.id] = news.report
        kept.put(name_of(call), news.report)
        run.tell(f"{variant.name}: {len(reports)}/{len(calls)}")
    return reports


def _request(variant: Variant, calls: Sequence[GoldCall], number: int) -> dict[str, Any]:
    return {
        "settings": dict(variant.settings),
        "calls": [[f"{at} {call.id}", str(call.sound.resolve())] for at, call in enumerate(calls)],
        "at_once": number,
    }


def _at_once(number: int, calls: Sequence[GoldCall], found: Mapping[str, Any]) -> AtOnce:
    scores = Scores()
    for report in found["reports"]:
        scores.add(calls[int(report["id"].split()[0])], report)
    return AtOnce(
        number,
        scores,
        found["computing_s"] / found["passed_s"],
        found["peak_mb"],
        found["behind_s"],
        found["fell_behind"],
        found["lost_s"],
        found["loaded_mb"],
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
