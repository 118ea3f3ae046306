"""Measures what is heard of acted calls with gold labels, and how soon, with one way of hearing beside another.

    python3 scripts/benchmark_hearing.py CALLS_DIR AUDIO_DIR [--variants NAME ...] [--json FILE] [--write-docs]

CALLS_DIR holds call scripts (*.json), AUDIO_DIR the client's sound of each (ID.flac) and when its turns were spoken
(ID.timing.json). Forty calls of a minute take some half an hour on two cores that do nothing else: each way of hearing
all calls as fast as it can for what is heard and raised, then --batches times 1, 2, 4 and 8 calls at once in real time
(both ears 1 and 2) for delays, memory and keeping up. --at-once 0 leaves real time out. With --keep DIR what was
measured is kept there, and a run that was stopped goes on: by the same code, lexicon, models and sound only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _venv import enter_venv
from benchmark.options import add_output_options

if TYPE_CHECKING:
    from benchmark.hearing_tables import HearingFigures

SECTION = "hearing"
SEED = 4
"""Of the calls drawn for ``--calls``."""


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if something could not be measured at all, 2 for a wrong command line."""
    options = _options(arguments)
    if not enter_venv(restart=arguments is None):
        return 1
    from benchmark import plots
    from benchmark.hearing_tables import report
    from benchmark.tables import write_section

    from voice_triage.errors import VoiceTriageError

    try:
        with tempfile.TemporaryDirectory() as kept:
            figures = measure(options, options.keep or Path(kept))
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


def measure(options: argparse.Namespace, keep: Path) -> HearingFigures:
    """Every figure asked for; ``keep`` holds those made. Raises OSError, ValueError, RuntimeError, VoiceTriageError."""
    from benchmark.gold import load_gold
    from benchmark.hearing import VARIANTS, Run
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
    if options.number is not None:
        drawn = random.Random(SEED).sample(calls, min(options.number, len(calls)))
        calls = [call for call in calls if call in drawn]
    run = Run(
        options.realtime,
        options.processes,
        options.batches,
        None if options.at_once is None else [number for number in options.at_once if number],
        keep,
        lambda line: print(line, file=sys.stderr, flush=True),
    )
    figures = [measure_variant(names[name], calls, run) for name in options.variants or names]
    return HearingFigures(
        options.date,
        machine_facts() | {"load_before": load_before, "load_after": load_average()},
        bootstrap.load_lexicon(load_settings(), remember=False).label,
        len(calls),
        sum(call.duration_s for call in calls) / 60,
        options.realtime,
        options.batches,
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
    add("--at-once", type=int, nargs="+", metavar="N", help="live calls at the same time (default: by the variant)")
    add("--batches", type=int, metavar="N", default=2, help="how often so many calls are played (default 2)")
    add("--calls", type=int, metavar="N", dest="number", help="hear only so many calls, drawn by chance")
    add("--keep", type=Path, metavar="DIR", help="keep there what was measured, and go on from it")
    add("--plots", type=Path, metavar="DIR", help="also draw the figures there, as SVG")
    add_output_options(parser)
    return parser.parse_args(arguments)


def _as_json(figures: HearingFigures) -> dict[str, Any]:
    from benchmark.hearing_tables import as_json

    found = asdict(figures)
    for variant, plain in zip(figures.variants, found["variants"], strict=True):
        plain["scores"] = as_json(variant.scores)
        for live, row in zip(variant.at_once, plain["at_once"], strict=True):
            row["scores"] = as_json(live.scores)
        plain["live_delays"] = [asdict(delay) for delay in variant.live_delays]
    return found


if __name__ == "__main__":
    sys.exit(main())
