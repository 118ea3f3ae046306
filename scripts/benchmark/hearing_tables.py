"""What was found out about hearing, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.flags_heard import Delay, Scores, quantile
from benchmark.gold import CATEGORIES
from benchmark.hearing import CALM, AtOnce, VariantFigures
from benchmark.tables import table, wrapped
from benchmark.traps import Ratio

LIVE = f"in real time, {CALM} at once at most"
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
    batches: int
    """How often so many calls at once were played."""
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
        ["computing per second of sound", *(f"{s.real_time_factor:.3f} s" if s.compute_s else "-" for s in scores)],
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
    rows = [_delay_row(variant.name, variant.scores.delays) for variant in variants]
    rows += [_delay_row(f"{variant.name}, {LIVE}", variant.live_delays) for variant in variants if variant.live_delays]
    head = ["", "own words: shown, median", "p95", "raised, median", "p95", "flags"]
    head += ["all: shown, median", "p95", "raised, median", "p95", "flags"]
    return table(head, rows)


def _delay_row(name: str, delays: Sequence[Delay]) -> list[str]:
    own = [delay for delay in delays if delay.own_words]
    return [
        name,
        *_median_and_p95([delay.shown_s for delay in own]),
        *_median_and_p95([delay.raised_s for delay in own]),
        str(len(own)),
        *_median_and_p95([delay.shown_s for delay in delays]),
        *_median_and_p95([delay.raised_s for delay in delays]),
        str(len(delays)),
    ]


def live_table(variants: Sequence[VariantFigures]) -> str:
    """Calls at once."""
    rows = []
    for variant in variants:
        alone_mb = next((live.peak_mb for live in variant.at_once if live.calls == 1), None)
        rows += [_live_row(variant.name, live, alone_mb) for live in variant.at_once]
    head = ["", "calls at once (in all)", "cores", "cores per call", "memory before", "peak", "for each further call"]
    head += ["most behind", "fell behind", "lost", "shown, median", "p95", "raised, median", "p95"]
    return table([*head, "settled, median", "p95", "heard once only"], rows)


def _live_row(name: str, live: AtOnce, alone_mb: float | None) -> list[str]:
    own = [delay for delay in live.scores.delays if delay.own_words]
    return [
        name,
        f"{live.calls} ({live.scores.calls})",
        f"{live.cores:.2f}",
        f"{live.cores / live.calls:.3f}",
        _megabytes(live.loaded_mb),
        _megabytes(live.peak_mb),
        _megabytes(_for_each_further(live, alone_mb)),
        f"{live.behind_s:.1f} s",
        str(live.fell_behind),
        f"{live.lost_s:.1f} s",
        *_median_and_p95([delay.shown_s for delay in own]),
        *_median_and_p95([delay.raised_s for delay in own]),
        *_median_and_p95(live.scores.reheard_s),
        str(live.scores.heard_once),
    ]


def _for_each_further(live: AtOnce, alone_mb: float | None) -> float | None:
    if alone_mb is None or live.peak_mb is None or live.calls == 1:
        return None
    return (live.peak_mb - alone_mb) / (live.calls - 1)


def _megabytes(amount: float | None) -> str:
    return "-" if amount is None else f"{amount:.0f} MB"


def _conditions(figures: HearingFigures) -> str:
    on = figures.conditions
    clock = (
        "played in real time"
        if figures.realtime
        else "as fast as possible (delays are the sound's, plus the computing time)"
    )
    found = sum(variant.kept for variant in figures.variants)
    kept = f" {found} of these measurements were made in an earlier run on this machine." if found else ""
    models = "; ".join(f"*{variant.name}*: {variant.model}" for variant in figures.variants)
    return (
        f"Measured on {figures.date} by `python3 scripts/benchmark_hearing.py`: {on['processor']}, {on['cores']} "
        f"cores, {on['system']}, {on['python']}; load average {on['load_before']} before and {on['load_after']} after. "
        f"{figures.calls} acted calls, {figures.minutes:.0f} min of sound, {clock}. Lexicon "
        f"{figures.lexicon}. {models}. *Careful* is what the careful ear's words alone would come to, of the same "
        f"hearings as *both ears*.{kept}"
    )


def _on_live(figures: HearingFigures) -> str:
    return (
        f"Calls at once, in real time, in one process that holds no page and no store; each number {figures.batches} "
        "times, calls drawn by chance, those with flags first. *Cores* is processor time per second of all together; "
        "*most behind*, how much sound waited at worst; *fell behind*, calls in which the CSR was told that alerts "
        "come late; *shown* and *raised*, after the end of a flag's own words; *settled*, from the end of an utterance "
        "until it was heard again."
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
