"""Measures how fast ``lexicon try`` reads 1,000 kept calls again, by both lexicons, from the encrypted store.

    python3 scripts/benchmark_lexicon_trial.py [--calls N] [--write-docs]

The calls are acted ones (``tests/calls``), repeated, with a first hearing that lacks a tenth of the words and a second
one that has them all, and the CSR's turns between at an ordinary speaking rate. About a minute.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _steps import ROOT
from _venv import enter_venv
from benchmark.options import add_output_options

if TYPE_CHECKING:
    from voice_triage.events import Logged

SECTION = "lexicon-trial"
BAR = 1000
"""Times real time, per core (issue 10)."""
WORD_S, GAP_S, TURN_S = 0.33, 0.07, 0.6


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000, help="so many kept calls (default: 1000)")
    add_output_options(parser)
    options = parser.parse_args(arguments)
    if not enter_venv(restart=arguments is None):
        return 1
    from benchmark.tables import wrapped, write_section

    text = "\n\n".join(wrapped(part) for part in measure(options.calls, options.date).split("\n\n"))
    print(text)
    if options.write_docs:
        write_section(options.docs, SECTION, "A lexicon tried on kept calls", text)
    return 0


def measure(count: int, date: str) -> str:
    """The figures as a paragraph."""
    from benchmark.machine import load_average, machine_facts

    from voice_triage import resources
    from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
    from voice_triage.triage import lexicon
    from voice_triage.trial.readers import here
    from voice_triage.trial.run import LexiconTrial

    before = load_average()
    scripts = sorted((ROOT / "tests" / "calls").glob("*/*.json"))
    loaded = lexicon.load(resources.lexicons_dir())
    with tempfile.TemporaryDirectory() as folder, SqlCallStore(Path(folder) / FILE_NAME) as store:
        rng = random.Random(1)
        for number, script in zip(range(count), itertools.cycle(scripts), strict=False):
            store.append(kept_log(f"c{number:05}", json.loads(script.read_text(encoding="utf-8")), rng))
        trial = LexiconTrial(loaded, loaded, store=store)
        began = time.monotonic()
        with closing(trial.run()) as steps:
            for step in steps:
                if step.read % 100 == 0:
                    print(f"{step.read}/{step.calls}", file=sys.stderr, flush=True)
        took_s = time.monotonic() - began
    (group,) = trial.trial.groups.values()
    facts, processes = machine_facts(), here()
    per_core = group.duration_s / group.compute_s
    return (
        f"Measured on {date} by `python3 scripts/benchmark_lexicon_trial.py --calls {count}`: {facts['processor']}, "
        f"{facts['cores']} cores, {facts['system']}, {facts['python']}; load average {before} before and "
        f"{load_average()} after.\n\n{group.calls:,} kept calls, {group.duration_s / 3600:.1f} hours of calls, heard "
        f"twice, each read by both lexicons in {processes} processes: {took_s:.0f} s from start to end, "
        f"{group.duration_s / took_s:,.0f} times real time altogether. Computing time of the reading processes: "
        f"{group.compute_s:.1f} s, which is {per_core:,.0f} times real time per core for both lexicons together, and "
        f"{2 * per_core:,.0f} for one (the bar is {BAR:,})."
    )


def kept_log(call: str, script: dict[str, Any], rng: random.Random) -> list[Logged]:
    """The log of an acted call as the store keeps it."""
    from voice_triage.events import (
        CallEnded,
        CallStarted,
        Event,
        FinalTranscript,
        Logged,
        Outcome,
        Side,
        UtteranceReheard,
        Word,
    )

    events: list[Event] = [CallStarted(call, 0.0, "2026-03-04T08:30:00-05:00", "headset", 16000)]
    at_s, utterance = 0.0, 0
    for turn in script["turns"]:
        texts = turn["text"].split()
        end_s = at_s + len(texts) * (WORD_S + GAP_S)
        if turn["who"] == "client" and texts:
            spoken = tuple(
                Word(text, at_s + n * (WORD_S + GAP_S), at_s + n * (WORD_S + GAP_S) + WORD_S, 0.9)
                for n, text in enumerate(texts)
            )
            live = tuple(word for word in spoken if rng.random() > 0.1) or spoken[:1]
            text, again = " ".join(word.text for word in live), " ".join(texts)
            events.append(FinalTranscript(end_s + 0.8, Side.CLIENT, utterance, live, text, at_s, end_s))
            settled = UtteranceReheard(end_s + 2.0, Side.CLIENT, utterance, Outcome.SETTLED, spoken, again, at_s, end_s)
            events.append(settled)
            utterance += 1
        at_s = end_s + TURN_S
    events.append(CallEnded(at_s, at_s, "hang-up"))
    return [Logged(call, number, event) for number, event in enumerate(events, 1)]


if __name__ == "__main__":
    sys.exit(main())
