"""What is counted, from the calls' logs alone, and how far each figure may be off.

Every figure says of how many calls, flags or fields it is, and has a 95 % interval: Wilson's for shares, order
statistics for medians. From fewer than ``FEWEST`` nothing is told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from voice_triage.accounts.roles import DESK_ACCOUNT
from voice_triage.card import SUGGESTED, WALK_IN
from voice_triage.events import DismissalReason, FlagEnd, Settlement, Verdict
from voice_triage.intervals import Interval, median, share
from voice_triage.numbers.period import Every
from voice_triage.review.line import LineFlag, LineQuality
from voice_triage.review.queue import QueuedCall
from voice_triage.triage.lexicon import CATEGORIES

FEWEST = 10
"""Calls, flags or fields behind a figure; fewer are too few to tell: with 9, a share may be off by a third either way
[our choice]."""
PER = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one period."""

    of: int
    """So many calls, flags or fields are behind it."""
    hits: int | None = None
    """Of a share: how many. None for a median."""
    figure: Interval | None = None
    """The value with its interval; None: too few to tell."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One question asked of the calls, answered for every period."""

    id: str
    title: str
    unit: str
    of: str
    """What ``Cell.of`` counts."""
    rows: Mapping[str, tuple[Cell, ...]]
    """Name of a part (a category, a reason; empty where there are no parts) -> a cell for each period."""
    parts: bool = False
    """Whether the rows are parts of one whole, which is stacked in a plot."""
    note: str = ""
    """What is to be known when reading it."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """All measures of some calls."""

    every: Every
    periods: tuple[str, ...]
    """``2026-W10`` or ``2026-03``, without holes, the oldest first."""
    calls: tuple[int, ...]
    """Calls of each period."""
    reviewed: tuple[int, ...]
    """Of them, those that a supervisor has been through."""
    measures: tuple[Measure, ...]


def period_of(started_at: str, every: Every) -> str:
    """The period of a call, by its own clock; ``started_at`` is ISO 8601 with offset."""
    return _named(datetime.fromisoformat(started_at).date(), every)


def numbers(calls: Iterable[QueuedCall], every: Every, *, csr: str | None = None) -> Numbers:
    """Every measure of these calls; with ``csr`` of those of one account. Walk-ins are no calls, and left out."""
    counted = [each for each in calls if each.source != WALK_IN and (csr is None or _account(each) == csr)]
    by_period: dict[str, list[QueuedCall]] = {}
    for each in counted:
        by_period.setdefault(period_of(each.started_at, every), []).append(each)
    periods = _without_holes([datetime.fromisoformat(each.started_at).date() for each in counted], every)
    in_order = [by_period.get(period, []) for period in periods]
    return Numbers(
        every,
        periods,
        tuple(len(those) for those in in_order),
        tuple(len(_reviewed(those)) for those in in_order),
        tuple(measure(in_order) for measure in _MEASURES),
    )


def csrs(calls: Iterable[QueuedCall]) -> tuple[str, ...]:
    """Accounts that took these calls, in order of name."""
    return tuple(sorted({_account(each) for each in calls if each.source != WALK_IN}))


def _account(call: QueuedCall) -> str:
    """Calls from before there were accounts are the desk's."""
    return call.line.csr or DESK_ACCOUNT


# --- one measure each --------------------------------------------------------------------------------------------

Periods = Sequence[Sequence[QueuedCall]]


def _flags(periods: Periods) -> Measure:
    rows = {
        category: tuple(
            _share(sum(any(flag.category == category for flag in _standing(call)) for call in calls), len(calls))
            for calls in periods
        )
        for category in CATEGORIES
    }
    return Measure("flags", "Flags by category", "calls with such a flag, per 100 calls", "calls", rows, parts=True)


def _false_alarms(periods: Periods) -> Measure:
    def false(call: QueuedCall) -> bool:
        return any(flag.verdict is Verdict.FALSE_ALARM for flag in call.line.flags)

    return _of_reviewed(
        "false_alarms", "False alarms", "calls with a false alarm, per 100 reviewed calls", false, periods
    )


def _missed(periods: Periods) -> Measure:
    unit = "calls with a missed sign, per 100 reviewed calls"
    return _of_reviewed("missed", "Missed", unit, lambda call: call.line.misses > 0, periods)


def _to_flag(periods: Periods) -> Measure:
    return _times("to_flag", "Time to flag", "from the end of the words", lambda flag: flag.to_flag_s, periods)


def _to_acknowledge(periods: Periods) -> Measure:
    from_ = "from being shown"
    return _times("to_acknowledge", "Time to acknowledge", from_, lambda flag: flag.to_acknowledge_s, periods)


def _to_disposition(periods: Periods) -> Measure:
    from_ = "from being shown"
    return _times("to_disposition", "Time to disposition", from_, lambda flag: flag.to_disposition_s, periods)


def _dismissals(periods: Periods) -> Measure:
    reasons = [
        [flag.reason for call in calls for flag in call.line.flags if flag.end is FlagEnd.DISMISSED]
        for calls in periods
    ]
    rows = _parts(reasons, [str(each) for each in DismissalReason])
    return Measure("dismissals", "Why flags were dismissed", "per 100 dismissed flags", "dismissed flags", rows, True)


def _fields(periods: Periods) -> Measure:
    states = [[state for call in calls for _, state in call.line.fields] for calls in periods]
    rows = _parts(states, [*(str(each) for each in Settlement), SUGGESTED])
    return Measure("fields", "What became of patient fields", "per 100 fields", "fields", rows, parts=True)


def _quality(periods: Periods) -> Measure:
    qualities = [[call.line.quality for call in calls] for calls in periods]
    rows = _parts(qualities, [str(each) for each in LineQuality])
    return Measure("quality", "How well the client was heard", "per 100 calls", "calls", rows, parts=True)


_MEASURES: tuple[Callable[[Periods], Measure], ...] = (
    _flags,
    _false_alarms,
    _missed,
    _to_flag,
    _to_acknowledge,
    _to_disposition,
    _dismissals,
    _fields,
    _quality,
)


def _of_reviewed(name: str, title: str, unit: str, has: Callable[[QueuedCall], bool], periods: Periods) -> Measure:
    cells = tuple(_share(sum(map(has, those)), len(those)) for those in map(_reviewed, periods))
    note = "Only calls that a supervisor has been through count; flagged ones are reviewed first."
    return Measure(name, title, unit, "reviewed calls", {"": cells}, note=note)


def _times(name: str, title: str, from_: str, time_s: Callable[[LineFlag], float | None], periods: Periods) -> Measure:
    found = [
        [seconds for call in calls for flag in _standing(call) if (seconds := time_s(flag)) is not None]
        for calls in periods
    ]
    cells = tuple(Cell(len(times), figure=_median(times)) for times in found)
    return Measure(name, title, f"seconds {from_}, median", "flags", {"": cells})


def _parts(periods: Sequence[Sequence[object]], names: Sequence[str]) -> dict[str, tuple[Cell, ...]]:
    """Of each period, how many are of which part; together they are all of it."""
    counts = [Counter(str(each) for each in those) for those in periods]
    return {
        name: tuple(_share(count[name], len(those)) for count, those in zip(counts, periods, strict=True))
        for name in names
    }


def _standing(call: QueuedCall) -> list[LineFlag]:
    """Flags that were raised, by machine or CSR, and that nobody withdrew."""
    return [flag for flag in call.line.flags if not flag.withdrawn]


def _reviewed(calls: Iterable[QueuedCall]) -> list[QueuedCall]:
    return [call for call in calls if call.line.reviewed_at_s is not None]


def _share(hits: int, of: int) -> Cell:
    return Cell(of, hits, share(hits, of).times(PER) if of >= FEWEST else None)


def _median(times: Sequence[float]) -> Interval | None:
    if len(times) < FEWEST:
        return None
    found = median(times)
    return found if math.isfinite(found.low) else None


# --- periods -----------------------------------------------------------------------------------------------------


def _named(day: date, every: Every) -> str:
    if every is Every.MONTH:
        return f"{day:%Y-%m}"
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def _without_holes(days: Sequence[date], every: Every) -> tuple[str, ...]:
    """Every period from the first to the last: a week without calls is seen as one."""
    if not days:
        return ()
    found = dict.fromkeys(
        _named(date.fromordinal(ordinal), every) for ordinal in range(min(days).toordinal(), max(days).toordinal() + 1)
    )
    return tuple(found)
