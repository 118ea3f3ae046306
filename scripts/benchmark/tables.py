"""The figures as Markdown, for the terminal and for ``docs/benchmarks.md``."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.timing import Timing
from benchmark.traps import ALL, NOT_FOUND, STATUSES, Ratio, Score

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """One engine on the trap sentences."""

    engine: str
    parts: Mapping[str, Score]
    """Scores by part, and of ``all``: ``traps.scores_by_part``."""
    sentence_us: Timing | None
    """Microseconds for one sentence; None where nothing is computed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All that one run found out."""

    date: str
    conditions: Mapping[str, str]
    """What was measured on: ``machine.machine_facts`` and the load average before and after."""
    lexicon: Mapping[str, Any]
    """``understanding.lexicon_facts``."""
    engines: Sequence[EngineFigures]
    """The product first."""
    confusion: Mapping[str, Mapping[str, int]]
    speed: Mapping[str, Any]
    """``understanding.Stopwatch.summary``."""
    rounds: int
    types: Mapping[str, Score] = field(default_factory=dict)
    """Scores by type of trap, if asked for."""
    missing: Sequence[str] = ()
    """Names of engines that were asked for and could not be had."""

    @property
    def compared(self) -> bool:
        """Whether other engines ran too, besides the one that always says the same."""
        return len(self.engines) > 2


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table; the first column holds words, the others figures. A bar inside a cell is escaped."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def accuracy_table(engines: Sequence[EngineFigures]) -> str:
    """Engines beside one another, on every part of the sentences."""
    parts = [name for name in engines[0].parts if name != ALL]
    head = ["engine", *(f"status right: {name}" for name in parts), "present or not right: all"]
    head += [*(f"present missed: {name}" for name in parts), "µs a sentence (best round)"]
    rows = []
    for figures in engines:
        right = [_share(figures.parts[name].status_right) for name in parts]
        missed = [_share(figures.parts[name].present_missed) for name in parts]
        us = figures.sentence_us
        cost = "-" if us is None else f"{us.median:,.0f} ({us.best:,.0f})"
        rows.append([figures.engine, *right, _share(figures.parts[ALL].active_right), *missed, cost])
    return table(head, rows)


def parts_table(parts: Mapping[str, Score]) -> str:
    """The product on each part, counted, with the interval of its status."""
    rows = []
    for name, one in parts.items():
        low, high = one.status_right.interval
        right = f"{_counted(one.status_right)}, {low:.3f} to {high:.3f}"
        rows.append([name, right, _counted(one.present_missed), _counted(one.not_found)])
    return table(["voice_triage on", "status right, 95 % interval (Wilson)", "present missed", "not found"], rows)


def confusion_table(confusion: Mapping[str, Mapping[str, int]]) -> str:
    """Gold statuses down, said ones across."""
    said = [*STATUSES, "uncertain", NOT_FOUND]
    rows = [[gold, *(str(confusion[gold].get(status, 0)) for status in said)] for gold in STATUSES]
    return table(["gold \\ said", *said], rows)


def types_table(types: Mapping[str, Score]) -> str:
    """Types of trap, the weakest first."""
    weakest_first = sorted(types.items(), key=lambda item: item[1].status_right.value)
    rows = [
        [name, str(score.status_right.of), _share(score.status_right), _counted(score.present_missed)]
        for name, score in weakest_first
    ]
    return table(["type of trap", "sentences", "status right", "present missed"], rows)


def speed_table(figures: Figures) -> str:
    """The product's times beside what is asked of them (the issue this product was built to)."""
    speed = figures.speed
    partials, wall, late = speed["partials"], speed["partials_wall"], speed["partials_of_long_call"]
    length = f"{speed['long_call_words']:,}"
    memory = "not measured" if speed["memory_mb"] is None else f"{speed['memory_mb']:.0f} MB"
    rows = [
        ["open utterance read again on a partial: median", *_both(partials["median_ms"], ".2f", " ms"), "1 ms"],
        ["... 99th percentile", *_both(partials["p99_ms"], ".2f", " ms"), "5 ms"],
        ["... slowest", *_both(partials["max_ms"], ".2f", " ms"), ""],
        ["the same by the clock on the wall: median", *_both(wall["median_ms"], ".2f", " ms"), ""],
        ["... 99th percentile", *_both(wall["p99_ms"], ".2f", " ms"), ""],
        [f"the same throughout a call of {length} words: median", *_both(late["median_ms"], ".2f", " ms"), ""],
        ["... 99th percentile", *_both(late["p99_ms"], ".2f", " ms"), ""],
        [f"a call of {length} words from its finals", *_both(speed["long_call_ms"], ".0f", " ms"), "100 ms"],
        ["`scan`, one utterance a line", *_both(speed["scan_utterances_per_s"], ",.0f", "/s"), "1,000/s"],
        ["`scan`, one call a line, utterances", *_both(speed["scan_calls_utterances_per_s"], ",.0f", "/s"), ""],
        ["lexicon loaded, compiled anew", *_both(speed["compile_s"], ".2f", " s"), "1.5 s"],
        ["lexicon loaded, from the cache", *_both(speed["cached_s"], ".2f", " s"), "1.5 s"],
        ["its matcher built, after either", *_both(speed["matcher_s"], ".2f", " s"), ""],
        ["memory of lexicon and matcher", memory, "", ""],
    ]
    return table(["what", "median", "best round", "asked for"], rows)


def report(figures: Figures) -> str:
    """The whole section, without its heading."""
    blocks = [
        _conditions(figures),
        "### What is said about a finding",
        _on_traps(figures.engines[0].parts),
        accuracy_table(figures.engines),
        _on_ours(figures),
        _on_rivals(figures),
        parts_table(figures.engines[0].parts),
        "What voice_triage says, by gold status (a status that the sentence accepts too counts as its gold):",
        confusion_table(figures.confusion),
        types_table(figures.types) if figures.types else "",
        "### Speed",
        speed_table(figures),
        _on_speed(figures),
    ]
    return "\n\n".join(wrapped(block) for block in blocks if block)


def in_document(document: str, name: str, heading: str, body: str) -> str:
    """The document with the section ``name`` replaced between its markers, or added at the end."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{begin}\n## {heading}\n\n{body}\n{end}"
    before, found, rest = document.partition(begin)
    _, ended, after = rest.partition(end)
    if found and ended:
        return before + section + after
    if found or end in document:
        raise ValueError(f"{begin} and {end} do not stand there as a pair; put them right or take both out.")
    return f"{document.rstrip()}\n\n{section}\n"


INTRODUCTION = """\
# Benchmarks

Figures of one machine on one day; the sections are written by the scripts they name, which can be run again. Nothing
here is a promise about another machine.
"""


def write_section(path: Path, name: str, heading: str, body: str) -> None:
    """Put a section into a document, which is made if it is not there. Raises OSError, ValueError."""
    document = path.read_text(encoding="utf-8") if path.exists() else INTRODUCTION
    path.write_text(in_document(document, name, heading, body), encoding="utf-8")


def wrapped(block: str) -> str:
    """A paragraph in lines of at most 120 characters; tables and headings as they are."""
    if block.startswith(("|", "#", "!")):
        return block
    return textwrap.fill(block, 120, break_long_words=False, break_on_hyphens=False)


def _conditions(figures: Figures) -> str:
    on, lexicon = figures.conditions, figures.lexicon
    rivals = " --rivals" if figures.compared else ""
    return (
        f"Measured on {figures.date} by `python3 scripts/benchmark_understanding.py{rivals}`: {on['processor']}, "
        f"{on['cores']} cores, {on['system']}, {on['python']}, spaCy {on['spacy']}; load average {on['load_before']} "
        f"before and {on['load_after']} after. Lexicon {lexicon['version']} ({lexicon['hash']}): "
        f"{lexicon['concepts']:,} concepts, {lexicon['patterns']:,} patterns, {lexicon['phrases']:,} phrases, "
        f"{lexicon['rules']:,} rules."
    )


def _on_traps(ours: Mapping[str, Score]) -> str:
    sizes = {name: one.status_right.of for name, one in ours.items()}
    parts = ", ".join(f"{size:,} *{name}*" for name, size in sizes.items() if name != ALL)
    return (
        f"{sizes[ALL]:,} hard sentences in spoken form (`tests/traps/`), each with one finding and its status: {parts} "
        "(*dev* for development, *held* and *second* written apart, but read since). A status is right if it is the "
        "gold one or one that the sentence accepts too; *present or not* asks only whether the finding is active; "
        "*present missed* are present findings that got another status. voice_triage has to find the finding itself: "
        "where it does not, that counts as wrong, and as missed if it was present. The others match no lay language "
        "and **are given the finding** as an entity."
    )


def _on_ours(figures: Figures) -> str:
    alone = figures.speed["trap_read_us"]
    return (
        "The time of voice_triage is that of the whole understanding, flags and fields too; finding and status alone "
        f"take {alone.median:,.0f} ({alone.best:,.0f}) µs."
    )


def _on_rivals(figures: Figures) -> str:
    said = []
    if figures.compared:
        said.append(
            "medspaCy's ConText attributes are read as: historical, hypothetical, family (other_subject), negated, "
            "uncertain, the first that is set, else present. It has no *resolved*, and negspaCy nothing but *negated*. "
            "They take turns with voice_triage, round by round, each in an environment of its own; neither is a "
            "dependency of voice_triage."
        )
    said += [f"{name} was asked for and could not be installed or run." for name in figures.missing]
    return " ".join(said)


def _on_speed(figures: Figures) -> str:
    speed = figures.speed
    partials, reference = speed["partials"], speed["reference_ms"]
    return (
        f"In {speed['clock']}, {figures.rounds} rounds, everything once in each; the best round is the one that other "
        "work disturbed least. To compare runs: a fixed loop of plain Python (`reference_loop` in "
        f"`scripts/benchmark/timing.py`) took {reference.median:.1f} ms, in the best round {reference.best:.1f} ms. "
        f"There are {partials['count']:,} partials, one for each word of the {speed['utterances']:,} client turns of "
        f"{speed['calls']} call scripts; for each, the median (or best) of the rounds is taken, then median and "
        "percentile over all. The long calls are several scripts one after another, so they hold more findings than "
        "one client's call would. `scan` counts from a line of JSON to a line of JSON. The lexicon is loaded in a "
        "process of its own, libraries already imported; memory is what that process grows by."
    )


def _both(timing: Timing, form: str, unit: str) -> list[str]:
    return [f"{value:{form}}{unit}" for value in (timing.median, timing.best)]


def _share(ratio: Ratio) -> str:
    return f"{ratio.value:.3f}"


def _counted(ratio: Ratio) -> str:
    return f"{ratio.value:.3f} ({ratio.hits} of {ratio.of})"
