"""Measures how soon the console shows what was heard, with half an hour of transcript on the page.

    python3 scripts/benchmark_console.py [FILE...] [--json FILE] [--write-docs]

Calls (the sample, unless files are given) are heard in real time by recognizer, careful ear and understanding, in the
same process as the console, as in use; two windows of a real Chromium show them. Takes as long as the calls.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from _steps import ROOT
from _venv import enter_venv
from benchmark.options import add_output_options

if TYPE_CHECKING:
    from benchmark.console import ConsoleFigures

SECTION = "console"
SEEN_BAR_MS = 150
OPENED_BAR_MS = 1000


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if nothing could be measured, 2 for a wrong command line."""
    options = _options(arguments)
    if not enter_venv(restart=arguments is None):
        return 1
    from benchmark.console import measure
    from benchmark.machine import load_average, machine_facts
    from benchmark.spoken import load_calls
    from benchmark.tables import write_section

    from voice_triage import resources
    from voice_triage.errors import VoiceTriageError
    from voice_triage.settings import load_settings

    conditions = machine_facts() | {"load_before": load_average()}
    files = options.files or [resources.sample_audio()]
    try:
        figures = measure(files, load_calls(options.calls), load_settings(), options.openings)
    except (OSError, ValueError, RuntimeError, VoiceTriageError) as error:
        print(f"Nothing was measured: {error}", file=sys.stderr)
        return 1
    conditions["load_after"] = load_average()
    text = report(figures, conditions, options.date, len(files))
    print(text)
    if options.json:
        options.json.write_text(json.dumps({"conditions": conditions, **asdict(figures)}, indent=1) + "\n", "utf-8")
    if options.write_docs:
        write_section(options.docs, SECTION, "Console", text)
    return 0


def report(figures: ConsoleFigures, conditions: dict[str, str], date: str, files: int) -> str:
    """The section of docs/benchmarks.md."""
    from benchmark.console import rows
    from benchmark.page_watch import percentile
    from benchmark.tables import table, wrapped

    on = conditions
    every = [delay for kinds in figures.delays_ms.values() for delays in kinds.values() for delay in delays]
    measured = (
        f"Measured on {date} by `python3 scripts/benchmark_console.py`: {on['processor']}, {on['cores']} cores, "
        f"{on['system']}, {on['python']}, headless Chromium {figures.browser}; load average {on['load_before']} before "
        f"and {on['load_after']} after."
    )
    heard = (
        f"{files} {'call' if files == 1 else 'calls'} heard in real time ({figures.heard_s:.0f} s) in the console's "
        f"own process, with recognizer, {'careful ear ' if figures.twice else ''}and understanding at work; two "
        "windows open, and on both a call of "
        f"half an hour ({figures.utterances_before} utterances) before the first measured event. Milliseconds from the "
        "moment the call gives an event to the feed until the browser has painted it; an event that was replaced "
        "before it was painted counts by what replaced it."
    )
    opened = (
        "From opening the link to a page that is connected and painted, in a fresh window without a cache, "
        f"{len(figures.opened_ms)} times: median {percentile(figures.opened_ms, 0.5):.0f} ms, slowest "
        f"{max(figures.opened_ms):.0f} ms (the bar is {OPENED_BAR_MS:,})."
    )
    every_kind = table(["window and event", "events", "median", "95th percentile", "slowest"], list(rows(figures)))
    together = f"All together: {percentile(every, 0.95):.0f} ms at the 95th percentile (the bar is {SEEN_BAR_MS})."
    paragraphs = [measured, heard, every_kind, together, opened]
    return "\n\n".join(wrapped(each) for each in paragraphs)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("files", type=Path, nargs="*", metavar="FILE", help="recordings to hear (default: the sample call)")
    add("--openings", type=int, default=10, metavar="N", help="how often the page is opened (default 10)")
    scripts = ROOT / "tests" / "calls" / "calls"
    add("--calls", type=Path, metavar="DIR", default=scripts, help="call scripts that fill the half hour")
    add_output_options(parser)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
