"""A trial as lines for a terminal, and as one JSON object for a program."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from voice_triage.intervals import Interval
from voice_triage.trial.differences import METHOD, EntryChange, Group, Trial
from voice_triage.trial.readers import Compared
from voice_triage.trial.reread import Change, FlagChange

FORMAT = "voice-triage-lexicon-trial/1"
TITLES = {
    Change.GAINED: "gained",
    Change.LOST: "lost",
    Change.NOW_RED: "red instead of orange",
    Change.NOW_ORANGE: "orange instead of red",
    Change.NOW_POSSIBLE: "shown as possible, and not before",
    Change.NO_LONGER_POSSIBLE: "no longer shown as possible",
}
"""How each change is called, for a person."""
_NAMES_AT_ONCE = 12


def trial_lines(trial: Trial, entries: EntryChange) -> Iterator[str]:
    """The whole trial: the calls last."""
    yield f"In force: {trial.in_force}"
    yield f"Tried:    {trial.tried}"
    yield from entry_lines(entries)
    for group in trial.groups.values():
        yield ""
        yield from _group_lines(group)
    if trial.unread:
        yield ""
        yield f"Not read, for they cannot be opened: {', '.join(trial.unread)} (voice-triage calls verify)"
    yield ""
    yield METHOD
    for change, title in TITLES.items():
        found = [(call, each) for call, each in trial.with_flags() if each.change is change]
        if found:
            yield ""
            yield f"Flags {title}:"
            yield from (_change_line(call, each) for call, each in found)


def entry_lines(entries: EntryChange) -> Iterator[str]:
    """What was edited."""
    if entries.none:
        yield "The two are the same, byte for byte."
        return
    for title, names in (("added", entries.added), ("removed", entries.removed), ("changed", entries.changed)):
        if names:
            yield f"{title}: {_some(names)}"
    yield f"files that differ: {_some(entries.files)}"


def per_100(interval: Interval) -> str:
    """A figure per 100 calls with its interval, in words."""
    if not math.isfinite(interval.low):
        return "too few calls to tell"
    return f"{interval.value:.1f} per 100 calls (95 %: {interval.low:.1f} to {interval.high:.1f})"


def seconds(call_s: float) -> str:
    """Minutes and seconds of a call."""
    return f"{int(call_s) // 60}:{int(call_s) % 60:02}"


def field_line(fields: Counter[tuple[str, str]]) -> str:
    """Which fields are filled otherwise, in brief; empty if none is."""
    names = sorted({name for _, name in fields})
    parts = []
    for name in names:
        hows = (f"{fields[how, name]} {how}" for how in ("filled", "emptied", "changed") if fields[how, name])
        parts.append(f"{name} {', '.join(hows)}")
    return "; ".join(parts)


def _group_lines(group: Group) -> Iterator[str]:
    length = f", {group.duration_s / 3600:.1f} hours" if group.duration_s else ""
    yield f"{group.name}: {group.calls} calls{length}; flags raised {group.before} before, {group.now} now"
    for change, title in TITLES.items():
        count = group.flags_of(change)
        if change in (Change.GAINED, Change.LOST):
            yield f"  {title}: {count}, {per_100(group.with_change(change).per_100)}{_judged(group, change)}"
        elif count:
            yield f"  {title}: {count}"
        for category in group.categories(change):
            each = group.with_change(change, category)
            yield f"    {category}: {each.calls}, {per_100(each.per_100)}"
    difference = group.difference
    if math.isfinite(difference.low):
        low, high = f"{difference.low:+.1f}", f"{difference.high:+.1f}"
        yield f"  altogether: {difference.value:+.1f} flags per 100 calls (95 %: {low} to {high})"
    if fields := field_line(group.fields):
        yield f"  fields: {fields}"
    if group.logged_otherwise:
        yield (
            f"  {group.logged_otherwise} calls were flagged otherwise when they were held (another lexicon or version, "
            "or what a log does not hold)"
        )
    if group.failed:
        yield f"  {group.failed} calls hold a sentence that could not be understood"


def _judged(group: Group, change: Change) -> str:
    if not group.judged or not group.flags_of(change):
        return ""
    right, wrong = group.right[change], group.wrong[change]
    return f"; by those who wrote the calls {right} called for, {wrong} not"


def _change_line(call: Compared, change: FlagChange) -> str:
    flag = change.shown
    at = f" at {seconds(flag.start_s)}" if flag.start_s else ""
    return f"  {call.call}  {flag.category} ({flag.urgency}){at}: “{flag.evidence}”. {flag.reason}"


def _some(names: object) -> str:
    listed = list(names) if isinstance(names, list | tuple) else [str(names)]
    more = f" and {len(listed) - _NAMES_AT_ONCE} more" if len(listed) > _NAMES_AT_ONCE else ""
    return ", ".join(listed[:_NAMES_AT_ONCE]) + more


def trial_json(trial: Trial, entries: EntryChange) -> dict[str, Any]:
    """The trial as JSON holds it; figures are per 100 calls."""
    return {
        "format": FORMAT,
        "in_force": trial.in_force,
        "tried": trial.tried,
        "entries": dataclasses.asdict(entries),
        "method": METHOD,
        "groups": [_group_json(group) for group in trial.groups.values()],
        "calls": [_call_json(call) for call in trial.calls],
        "unread": trial.unread,
    }


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "calls": group.calls,
        "duration_s": round(group.duration_s, 1),
        "compute_s": round(group.compute_s, 3),
        "flags_before": group.before,
        "flags_now": group.now,
        "changes": {
            str(change): {
                "flags": group.flags_of(change),
                "calls_per_100": _interval_json(group.with_change(change).per_100),
                "categories": {
                    category: _interval_json(group.with_change(change, category).per_100) | {"calls": count}
                    for category, count in group.categories(change).items()
                },
                "called_for": group.right[change] if group.judged else None,
                "not_called_for": group.wrong[change] if group.judged else None,
            }
            for change in Change
        },
        "difference_per_100": _interval_json(group.difference),
        "fields": [{"field": name, "how": how, "calls": n} for (how, name), n in sorted(group.fields.items())],
        "logged_otherwise": group.logged_otherwise,
        "failed": group.failed,
    }


def _call_json(call: Compared) -> dict[str, Any]:
    return {
        "group": call.group,
        "id": call.call,
        "started_at": call.started_at,
        "flags": [
            {
                "change": str(each.change),
                "before": None if each.before is None else dataclasses.asdict(each.before),
                "now": None if each.now is None else dataclasses.asdict(each.now),
            }
            for each in call.flags
        ],
        "fields": [dataclasses.asdict(each) for each in call.fields],
        "logged_otherwise": sorted(call.logged_otherwise),
    }


def _interval_json(interval: Interval) -> dict[str, float | None]:
    bounds = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {name: round(value, 3) if math.isfinite(value) else None for name, value in bounds.items()}
