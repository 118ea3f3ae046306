"""Measures what the understanding makes of hard sentences, and how fast; with --rivals beside medspaCy and negspaCy.

    python3 scripts/benchmark_understanding.py [--rivals] [--json FILE] [--write-docs]

Without --rivals it takes about a minute. The first --rivals installs the two engines, each into an environment of its
own under the user's cache folder (about 600 MB, a minute or two); nothing of them is a dependency of the product. Where
they cannot be installed it says so, and gives the figures without them.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _steps import ROOT
from _venv import enter_venv
from benchmark.options import add_output_options

if TYPE_CHECKING:
    from benchmark.tables import Figures

SECTION = "understanding"


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if something could not be measured at all, 2 for a wrong command line."""
    options = _options(arguments)
    if not enter_venv(restart=arguments is None):
        return 1
    from benchmark.tables import report, write_section

    from voice_triage.errors import VoiceTriageError

    try:
        figures = measure(options)
    except (OSError, ValueError, RuntimeError, VoiceTriageError) as error:
        print(f"Nothing was measured: {error}", file=sys.stderr)
        return 1
    text = report(figures)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(_as_json(figures), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.write_docs:
        write_section(options.docs, SECTION, "Understanding", text)
    return 0


def measure(options: argparse.Namespace) -> Figures:
    """Every figure asked for. Raises OSError, ValueError, RuntimeError, LexiconError."""
    from benchmark import understanding
    from benchmark.machine import load_average, machine_facts
    from benchmark.rivals import RivalMissingError, RivalRun, ready_rivals, run_rival
    from benchmark.spoken import load_calls
    from benchmark.tables import EngineFigures, Figures
    from benchmark.timing import timing
    from benchmark.traps import PRESENT, confusion, load_traps, scores_by_part, scores_by_type

    from voice_triage import resources
    from voice_triage.triage import lexicon as lexicons

    load_before = load_average()
    folder = options.lexicons or resources.lexicons_dir()
    traps = [trap for path in options.traps for trap in load_traps(path)]
    calls = load_calls(options.calls)
    ready, problems = ready_rivals(options.rivals_env or _rivals_env()) if options.rivals else ({}, [])
    lexicon = lexicons.load(folder)
    statuses = understanding.trap_statuses(lexicon, traps)
    stopwatch = understanding.Stopwatch(lexicon, folder, traps, calls, options.long_call)
    rounds: list[understanding.Round] = []
    rival_runs: dict[str, list[RivalRun]] = {}
    for number in range(options.rounds):
        print(f"Round {number + 1} of {options.rounds} ...", file=sys.stderr, flush=True)
        for engine in list(ready):
            try:
                for run in run_rival(engine, ready[engine], traps):
                    rival_runs.setdefault(run.engine, []).append(run)
            except RivalMissingError as error:
                problems.append(f"{engine}: {error}")
                del ready[engine]
        rounds.append(stopwatch.round())
    for problem in problems:
        print(f"Not compared with {problem}", file=sys.stderr)
    speed = stopwatch.summary(rounds)
    always = scores_by_part(traps, [PRESENT] * len(traps))
    return Figures(
        date=options.date,
        conditions=machine_facts() | {"load_before": load_before, "load_after": load_average()},
        lexicon=understanding.lexicon_facts(lexicon),
        engines=[
            EngineFigures("voice_triage", scores_by_part(traps, statuses), speed["trap_understood_us"]),
            *(
                EngineFigures(name, scores_by_part(traps, runs[0].statuses), timing(run.sentence_us for run in runs))
                for name, runs in rival_runs.items()
            ),
            EngineFigures("always *present*", always, None),
        ],
        confusion=confusion(traps, statuses),
        speed=speed,
        rounds=options.rounds,
        types=scores_by_type(traps, statuses) if options.by_type else {},
        missing=[problem.partition(":")[0] for problem in problems],
    )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--rivals", action="store_true", help="also run medspaCy and negspaCy")
    add("--rivals-env", type=Path, metavar="DIR", help="keeps their environments (default: in the user's cache folder)")
    add("--by-type", action="store_true", help="also a table by type of hard sentence")
    tests = ROOT / "tests"
    add("--calls", type=Path, metavar="DIR", default=tests / "calls" / "calls", help="folder of call scripts to hear")
    both = [tests / "traps" / name for name in ("traps.jsonl", "traps-2.jsonl")]
    add("--traps", type=Path, metavar="FILE", nargs="+", default=both, help="files of hard sentences")
    add("--lexicons", type=Path, metavar="DIR", help="lexicon files (default: the product's)")
    add("--long-call", type=_positive, metavar="WORDS", default=1500, help="length of the long calls (default 1500)")
    add("--rounds", type=_positive, default=3, help="repetitions of every measurement (default 3)")
    add_output_options(parser)
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _rivals_env() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("voice-triage", appauthor=False) / "benchmark-rivals"


def _as_json(figures: Figures) -> dict[str, Any]:
    """All figures, with the share and interval that each count stands for."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [plain(inner) for inner in value]
        return round(value, 4) if isinstance(value, float) else value

    from benchmark.traps import Ratio

    def with_shares(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"hits", "of"}:
            ratio = Ratio(**value)
            return value | {"value": ratio.value, "interval_95": list(ratio.interval)}
        if isinstance(value, dict):
            return {key: with_shares(inner) for key, inner in value.items()}
        return [with_shares(inner) for inner in value] if isinstance(value, list | tuple) else value

    found: dict[str, Any] = plain(with_shares(asdict(figures)))
    return found


if __name__ == "__main__":
    sys.exit(main())
