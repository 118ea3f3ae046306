"""What was found out about hearing, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.flags_heard import Scores, quantile
from benchmark.gold import CATEGORIES
from benchmark.hearing import VariantFigures
from benchmark.tables import table, wrapped
from benchmark.traps import Ratio

_ON_DELAYS = (
    "Seconds from the end of the words that justify a flag, until it is shown at all and until it is raised. *Own "
    "words* are flags whose evidence ends within a second of those words; the others were raised by something said "
    "later (or earlier in the same turn), because the words themselves were not heard."
)


@dataclass(frozen=True, slots=True)
class HearingFigures:
    """All that one run found out."""

    date: str
    conditions: Mapping[str, str]
    """``machine.machine_facts`` and the load average before and after."""
    lexicon: str
    calls: int
    minutes: float
    """Of sound."""
    realtime: bool
    """Whether accuracy and delays come from calls played in real time."""
    live_calls: int
    """Calls that were heard at each number of calls at once."""
    variants: Sequence[VariantFigures]


def report(figures: HearingFigures, plots: Sequence[str] = ()) -> str:
    """The whole section, without its heading; ``plots`` are files beside the document."""
    blocks = [
        _conditions(figures),
        accuracy_table(figures.variants),
        "Gold flags raised, by category:",
        category_table(figures.variants),
        _ON_DELAYS,
        delay_table(figures.variants),
        *([_on_live(figures), live_table(figures.variants)] if any(v.at_once for v in figures.variants) else []),
        "\n".join(f"![{name}]({name})" for name in plots),
    ]
    return "\n\n".join(wrapped(block) for block in blocks if block)


def accuracy_table(variants: Sequence[VariantFigures]) -> str:
    """What is heard and raised: a column for each variant."""
    scores = [variant.scores for variant in variants]
    rows = [
        ["words wrong", *(f"{s.words.rate:.1%}" for s in scores)],
        ["words wrong in key phrases", *(f"{s.words.key_rate:.1%}" for s in scores)],
        ["key phrases heard whole", *(f"{s.words.phrases_whole} of {s.words.phrases}" for s in scores)],
        ["flags raised (recall)", *(_counted(s.recall) for s in scores)],
        ["raised flags that are right (precision)", *(_counted(s.precision) for s in scores)],
        ["false flags in a clean call", *(f"{s.false_per_clean_call:.2f} ({s.clean_false})" for s in scores)],
        ["shown, then withdrawn, and wrong", *(str(s.withdrawn) for s in scores)],
        ["fields: recall", *(_counted(s.field_recall) for s in scores)],
        ["fields: precision", *(_counted(s.field_precision) for s in scores)],
        ["utterances heard again", *(f"{len(s.reheard_s)} (once only: {s.heard_once})" for s in scores)],
        ["settled after their end: median", *(_median_and_p95(s.reheard_s)[0] for s in scores)],
        ["settled after their end: p95", *(_median_and_p95(s.reheard_s)[1] for s in scores)],
        ["computing per second of sound", *(f"{s.real_time_factor:.3f} s" for s in scores)],
    ]
    return table(["", *(variant.name for variant in variants)], rows)


def category_table(variants: Sequence[VariantFigures]) -> str:
    """Recall by category, and false flags."""
    rows = []
    for category in CATEGORIES:
        cells = []
        for scores in (variant.scores for variant in variants):
            false = f", {scores.false[category]} false" if scores.false[category] else ""
            cells.append(f"{scores.right[category]} of {scores.gold[category]}{false}")
        rows.append([category, *cells])
    return table(["category", *(variant.name for variant in variants)], rows)


def delay_table(variants: Sequence[VariantFigures]) -> str:
    """Median and 95th percentile of the delays."""
    rows = []
    for variant in variants:
        s = variant.scores
        own = [delay for delay in s.delays if delay.own_words]
        rows.append(
            [
                variant.name,
                *_median_and_p95([delay.shown_s for delay in own]),
                *_median_and_p95([delay.raised_s for delay in own]),
                str(len(own)),
                *_median_and_p95([delay.shown_s for delay in s.delays]),
                *_median_and_p95([delay.raised_s for delay in s.delays]),
                str(len(s.delays)),
            ]
        )
    head = ["", "own words: shown, median", "p95", "raised, median", "p95", "flags"]
    head += ["all: shown, median", "p95", "raised, median", "p95", "flags"]
    return table(head, rows)


def live_table(variants: Sequence[VariantFigures]) -> str:
    """Calls at once."""
    rows = []
    for variant in variants:
        for live in variant.at_once:
            own = [delay for delay in live.scores.delays if delay.own_words]
            rows.append(
                [
                    variant.name,
                    str(live.calls),
                    f"{live.cores:.2f}",
                    f"{live.cores / live.calls:.3f}",
                    "not measured" if live.peak_mb is None else f"{live.peak_mb:.0f} MB",
                    f"{live.behind_s:.1f} s",
                    str(live.fell_behind),
                    f"{live.lost_s:.1f} s",
                    *_median_and_p95([delay.shown_s for delay in own]),
                    *_median_and_p95([delay.raised_s for delay in own]),
                ]
            )
    head = ["", "calls at once", "cores", "cores per call", "peak memory", "most behind", "fell behind", "lost"]
    return table([*head, "shown, median", "p95", "raised, median", "p95"], rows)


def _conditions(figures: HearingFigures) -> str:
    on = figures.conditions
    clock = (
        "played in real time"
        if figures.realtime
        else "as fast as possible (delays are the sound's, plus the computing time)"
    )
    models = "; ".join(f"*{variant.name}*: {variant.model}" for variant in figures.variants)
    return (
        f"Measured on {figures.date} by `python3 scripts/benchmark_hearing.py`: {on['processor']}, {on['cores']} "
        f"cores, {on['system']}, {on['python']}; load average {on['load_before']} before and {on['load_after']} after. "
        f"{figures.calls} acted calls, {figures.minutes:.0f} min of sound, {clock}. Lexicon "
        f"{figures.lexicon}. {models}."
    )


def _on_live(figures: HearingFigures) -> str:
    return (
        f"Calls at once, in real time, in one process ({figures.live_calls} calls at each number, so many at a time). "
        "*Cores* is processor time per second of all together; *most behind*, how much sound waited at worst; *fell "
        "behind*, calls in which the CSR was told that alerts come late; delays are those of flags on their own words."
    )


def _median_and_p95(values: Sequence[float]) -> list[str]:
    found = [quantile(values, 0.5), quantile(values, 0.95)]
    return ["-" if value is None else f"{value:.2f} s" for value in found]


def _counted(ratio: Ratio) -> str:
    low, high = ratio.interval
    return f"{ratio.value:.3f} ({ratio.hits} of {ratio.of}; {low:.2f} to {high:.2f})"


def as_json(scores: Scores) -> dict[str, object]:
    """All of one set of scores, with the shares that the counts stand for."""
    return {
        "calls": scores.calls,
        "word_error_rate": scores.words.rate,
        "key_phrase_error_rate": scores.words.key_rate,
        "key_phrases_heard_whole": [scores.words.phrases_whole, scores.words.phrases],
        "recall": _ratio(scores.recall),
        "precision": _ratio(scores.precision),
        "recall_by_category": {name: [scores.right[name], scores.gold[name]] for name in CATEGORIES},
        "false_by_category": {name: count for name, count in scores.false.items() if count},
        "false_flags_per_clean_call": scores.false_per_clean_call,
        "shown_then_withdrawn": scores.withdrawn,
        "field_recall": _ratio(scores.field_recall),
        "field_precision": _ratio(scores.field_precision),
        "delays": [
            {"call": d.call, "category": d.category, "shown_s": d.shown_s, "raised_s": d.raised_s, "own": d.own_words}
            for d in scores.delays
        ],
        "raised_before_those_words": scores.before_words,
        "settled_after_s": {"p50": quantile(scores.reheard_s, 0.5), "p95": quantile(scores.reheard_s, 0.95)},
        "heard_again": len(scores.reheard_s),
        "heard_once_only": scores.heard_once,
        "real_time_factor": scores.real_time_factor,
        "missed": scores.missed,
        "wrong": scores.wrong,
    }


def _ratio(ratio: Ratio) -> dict[str, object]:
    return {"hits": ratio.hits, "of": ratio.of, "value": ratio.value, "interval_95": list(ratio.interval)}
