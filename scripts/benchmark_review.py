"""Measures how soon the supervisor's queue and replay can be used with many kept calls, and light against sound.

    python3 scripts/benchmark_review.py [--kept N] [--json FILE] [--write-docs]

Made-up calls are kept in a temporary folder through the product's own store, five of an hour among them; a real
Chromium opens the pages and listens to one of them. Keeping 10,000 calls takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from _venv import enter_venv
from benchmark.options import add_output_options

if TYPE_CHECKING:
    from benchmark.review import ReviewFigures

SECTION = "review"
USABLE_BAR_MS, LIGHT_BAR_MS = 1000, 100


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if nothing could be measured, 2 for a wrong command line."""
    options = _options(arguments)
    if not enter_venv(restart=arguments is None):
        return 1
    from benchmark.machine import load_average, machine_facts
    from benchmark.review import measure
    from benchmark.tables import write_section

    from voice_triage.errors import VoiceTriageError

    conditions = machine_facts() | {"load_before": load_average()}
    try:
        figures = measure(options.kept, options.openings, options.listen)
    except (OSError, ValueError, RuntimeError, VoiceTriageError) as error:
        print(f"Nothing was measured: {error}", file=sys.stderr)
        return 1
    conditions["load_after"] = load_average()
    text = report(figures, conditions, options.date)
    print(text)
    if options.json:
        options.json.write_text(json.dumps({"conditions": conditions, **asdict(figures)}, indent=1) + "\n", "utf-8")
    if options.write_docs:
        write_section(options.docs, SECTION, "Review", text)
    return 0


def report(figures: ReviewFigures, conditions: dict[str, str], date: str) -> str:
    """The section of docs/benchmarks.md."""
    from benchmark.page_watch import percentile
    from benchmark.tables import table, wrapped

    on = conditions
    measured = (
        f"Measured on {date} by `python3 scripts/benchmark_review.py`: {on['processor']}, {on['cores']} cores, "
        f"{on['system']}, {on['python']}, headless Chromium {figures.browser}; load average {on['load_before']} before "
        f"and {on['load_after']} after."
    )
    kept = (
        f"{figures.calls:,} made-up calls of a minute are kept (in {figures.keeping_s:.0f} s), and five of an hour "
        f"with {figures.words:,} words each; store, console and what drives the browser share one process. "
        "Milliseconds from asking for the page until it answers to keys and is painted. A replay's log is read and "
        f"decrypted anew each time. The bar is {USABLE_BAR_MS:,}."
    )
    rows = [
        [name, str(len(times)), f"{percentile(times, 0.5):.0f}", f"{percentile(times, 0.95):.0f}", f"{max(times):.0f}"]
        for name, times in figures.usable_ms.items()
    ]
    apart = [abs(each) for each in figures.light_ms]
    light = (
        f"Light of a word against its sound, {len(apart)} tones as the page itself plays them: median "
        f"{percentile(apart, 0.5):.0f} ms, 95th percentile {percentile(apart, 0.95):.0f} ms, farthest {max(apart):.0f} "
        f"ms (the bar is {LIGHT_BAR_MS}). What a sound device adds behind the browser is not in it."
    )
    every = table(["page", "openings", "median", "95th percentile", "slowest"], rows)
    return "\n\n".join(wrapped(each) for each in (measured, kept, every, light))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--kept", type=int, default=10_000, metavar="N", help="calls that are kept (default 10,000)")
    add("--openings", type=int, default=10, metavar="N", help="how often each page is opened (default 10)")
    add("--listen", type=float, default=50.0, metavar="S", help="seconds listened to (default 50)")
    add_output_options(parser)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
