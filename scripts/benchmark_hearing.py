"""Measures what is heard of acted calls with gold labels, and how soon, with one way of hearing beside another.

    python3 scripts/benchmark_hearing.py CALLS_DIR AUDIO_DIR [--variants NAME ...] [--json FILE] [--write-docs]

CALLS_DIR holds call scripts (*.json), AUDIO_DIR the client's sound of each (ID.flac) and when its turns were spoken
(ID.timing.json). Forty calls of a minute take some ten minutes a variant on two cores; with --realtime as long as they
last. Calls at once are played in real time: with eight calls of a minute (--live-calls), 1, 2, 4 and 8 at once take
some sixteen minutes a variant; --at-once 0 leaves them out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _steps import ROOT, clean_environment
from _venv import VENV, program

if TYPE_CHECKING:
    from benchmark.hearing_tables import HearingFigures

SECTION = "hearing"


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if something could not be measured at all, 2 for a wrong command line."""
    options = _options(arguments)
    if arguments is None:
        _go_on_in_venv()
    if importlib.util.find_spec("spacy") is None:
        print("The product's packages are not installed: run python3 scripts/test once.", file=sys.stderr)
        return 1
    sys.path.insert(0, str(ROOT))
    from benchmark import plots
    from benchmark.hearing_tables import report
    from benchmark.tables import write_section

    from voice_triage.errors import VoiceTriageError

    try:
        figures = measure(options)
        folder = options.plots or (options.docs.parent / "figures" if options.write_docs else None)
        drawn = plots.draw(figures.variants, folder) if folder else []
    except (OSError, ValueError, RuntimeError, VoiceTriageError) as error:
        print(f"Nothing was measured: {error}", file=sys.stderr)
        return 1
    beside = [Path(os.path.relpath(path, options.docs.parent)).as_posix() for path in drawn]
    text = report(figures, beside if options.write_docs else [])
    print(text)
    if options.json:
        options.json.write_text(json.dumps(_as_json(figures), indent=1) + "\n", encoding="utf-8")
    if options.write_docs:
        write_section(options.docs, SECTION, "Hearing", text)
    return 0


def measure(options: argparse.Namespace) -> HearingFigures:
    """Every figure asked for. Raises OSError, ValueError, RuntimeError, VoiceTriageError."""
    from benchmark.gold import load_gold
    from benchmark.hearing import VARIANTS
    from benchmark.hearing import measure as measure_variant
    from benchmark.hearing_tables import HearingFigures
    from benchmark.machine import load_average, machine_facts

    from voice_triage import bootstrap
    from voice_triage.settings import load_settings

    load_before = load_average()
    names = {variant.name: variant for variant in VARIANTS}
    if unknown := set(options.variants or ()) - names.keys():
        raise ValueError(f"there is no variant {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    calls = load_gold(options.calls, options.audio)
    if options.only:
        calls = [call for call in calls if call.id in options.only]
    figures = [
        measure_variant(
            names[name],
            calls,
            realtime=options.realtime,
            processes=options.processes,
            live_calls=options.live_calls,
            at_once=[number for number in options.at_once if number],
            tell=lambda line: print(line, file=sys.stderr, flush=True),
        )
        for name in options.variants or names
    ]
    return HearingFigures(
        options.date,
        machine_facts() | {"load_before": load_before, "load_after": load_average()},
        bootstrap.label_of(bootstrap.load_lexicon(load_settings(), remember=False)),
        len(calls),
        sum(call.duration_s for call in calls) / 60,
        options.realtime,
        min(options.live_calls, len(calls)),
        figures,
    )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("calls", type=Path, metavar="CALLS_DIR", help="folder of call scripts with gold labels")
    add("audio", type=Path, metavar="AUDIO_DIR", help="folder of their sound and times")
    add("--variants", nargs="+", metavar="NAME", help="ways of hearing to compare (default: all)")
    add("--only", nargs="+", metavar="ID", help="hear these calls only")
    add("--realtime", action="store_true", help="play the calls in real time, for accuracy and delays too")
    add("--processes", type=int, metavar="N", help="calls heard side by side for accuracy (default: number of cores)")
    add("--at-once", type=int, nargs="+", metavar="N", default=[1, 2, 4, 8], help="live calls at the same time")
    add("--live-calls", type=int, metavar="N", default=8, help="how many calls each of these hears (default 8)")
    add("--json", type=Path, metavar="FILE", help="also write every figure there")
    add("--plots", type=Path, metavar="DIR", help="also draw the figures there, as SVG")
    add("--write-docs", action="store_true", help="put the figures into docs/benchmarks.md, with the pictures")
    add("--docs", type=Path, metavar="FILE", default=ROOT / "docs" / "benchmarks.md", help=argparse.SUPPRESS)
    today = datetime.now().astimezone().date().isoformat()
    add("--date", default=today, help="the date that the figures bear (default: today)")
    return parser.parse_args(arguments)


def _go_on_in_venv() -> None:
    """Start again under the checkout's own Python, which has the product's packages, where there is one."""
    python = program("python")
    if Path(sys.prefix).resolve() == VENV.resolve() or not python.exists():
        return
    command = [str(python), *sys.argv]
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=clean_environment()))
    sys.stdout.flush()
    os.execve(command[0], command, clean_environment())


def _as_json(figures: HearingFigures) -> dict[str, Any]:
    from benchmark.hearing_tables import as_json

    found = asdict(figures)
    for variant, plain in zip(figures.variants, found["variants"], strict=True):
        plain["scores"] = as_json(variant.scores)
        for live, row in zip(variant.at_once, plain["at_once"], strict=True):
            row["scores"] = as_json(live.scores)
    return found


if __name__ == "__main__":
    sys.exit(main())
