"""How often and how long: counts said beside a finding, and how many hours it has lasted.

"Twice last night and three more this morning" is five in a day (issue 3). What is said again of one stretch of time is
not added; "again" and "more" are. Counts over longer than a day ("three times this month") count once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_NAMES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
)
NUMBERS: dict[str, float] = {
    **{word: float(value) for value, word in enumerate((_NAMES + "eighteen nineteen twenty").split())},
    **{str(value): float(value) for value in range(100)},
    "a": 1.0,
    "an": 1.0,
    "half": 0.5,
    "couple": 2.0,
    "few": 3.0,
    "several": 4.0,
    "dozen": 12.0,
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "many": 5.0,
    "multiple": 4.0,
    "numerous": 5.0,
    "countless": 9.0,
}
"""Spoken and written numbers; vague ones as the least that people mean by them."""

_ONCE = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_UNIT_H = {
    "minute": 1 / 60,
    "minutes": 1 / 60,
    "hour": 1.0,
    "hours": 1.0,
    "hr": 1.0,
    "hrs": 1.0,
    "night": 10.0,
    "nights": 24.0,
    "day": 24.0,
    "days": 24.0,
    "week": 168.0,
    "weeks": 168.0,
    "month": 730.0,
    "months": 730.0,
    "year": 8766.0,
    "years": 8766.0,
}
_WHEN_H = {
    "just now": 0.0,
    "today": 2.0,
    "tonight": 1.0,
    "this morning": 4.0,
    "this afternoon": 2.0,
    "this evening": 1.0,
    "last night": 12.0,
    "yesterday": 20.0,
    "yesterday morning": 24.0,
    "yesterday afternoon": 20.0,
    "yesterday evening": 16.0,
}
"""Hours ago that a name means, asked in the daytime."""
_LONGER_THAN_A_DAY = frozenset("week weeks month months year years days lifetime".split())
_WEEKDAYS = tuple("monday tuesday wednesday thursday friday saturday sunday".split())
_WHEN = {
    **{
        word: word
        for word in "tonight today yesterday breakfast lunch dinner midnight noon school work bed dawn".split()
    },
    "overnight": "last night",
    "supper": "dinner",
    "bedtime": "bed",
    **{day: day for day in _WEEKDAYS},
}
_AGO_H = {
    "yesterday": 18.0,
    "overnight": 9.0,
    "night": 12.0,
    "dinner": 12.0,
    "supper": 12.0,
    "weekend": 24.0,
    "bed": 9.0,
    **dict.fromkeys(_WEEKDAYS, 24.0),
}
"""Least hours that "since ..." means, asked in the daytime."""
_ALL_H = {"day": 12.0, "night": 9.0, "morning": 4.0, "afternoon": 4.0, "weekend": 36.0, "week": 72.0}
_DURATION = re.compile(r"P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?)?")
_ONSET_WORD_H = {
    "today": 8.0,
    "this_morning": 5.0,
    "this_afternoon": 3.0,
    "tonight": 2.0,
    "last_night": 12.0,
    "overnight": 9.0,
    "yesterday": 24.0,
    "yesterday_morning": 28.0,
    "just_now": 0.1,
}


@dataclass(frozen=True, slots=True)
class Episode:
    """How often something happened, and when."""

    count: float
    when: str = ""
    """A name of the stretch of time, or nothing."""
    more: bool = False
    """As in "again", "three more": to be added in any case."""
    per_day: bool = False
    """As in "three times a day": a rate, already a count in 24 h."""
    also: tuple[Episode, ...] = ()
    """Further stretches of time told in the same breath: "twice yesterday and three times this morning"."""


def episode_near(norms: Sequence[str], first: int, last: int, stop_before: int, stop_after: int) -> Episode:
    """The count said of the finding at tokens ``first``..``last``, looking no further than the given tokens."""
    count: float | None = None
    more = per_day = spread = False
    when = ""
    for at in (*range(last + 1, min(stop_after + 1, last + 13)), *range(max(stop_before, first - 7), first)):
        norm = norms[at]
        following = tuple(norms[at + 1 : at + 3])
        if norm in _ONCE:
            count = count or _ONCE[norm]
        elif norm == "times" or (norm == "time" and _before(norms, at) in ("one", "1")):
            count = (
                count
                if count is not None
                else _number_before(norms, at, ("more", "of", "or", "different", "other", "separate"))
            )
            more = more or "more" in norms[max(0, at - 2) : at]
            per_day = per_day or following in (("a", "day"), ("per", "day"), ("every", "day"))
        elif norm == "more" and _before(norms, at) in NUMBERS:
            count, more = NUMBERS[_before(norms, at)], True
        elif norm in ("again", "another"):
            more = True
        elif norm in _LONGER_THAN_A_DAY and following[:1] != ("old",):
            spread = True
        when = when or _when(norms, at)
    stretches = _stretches(norms, last + 1, min(stop_after + 1, last + 13))
    if len({stretch.when for stretch in stretches}) >= 2 and not spread and not per_day:
        return replace(stretches[0], also=tuple(stretches[1:]))
    return Episode(1.0 if spread and not per_day else count or 1.0, when, more, per_day)


def _stretches(norms: Sequence[str], start: int, stop: int) -> list[Episode]:
    """Counts behind a finding that each have a stretch of time of their own, in order."""
    found: list[Episode] = []
    for at in range(start, stop):
        more = norms[at] == "more"
        if norms[at] in _ONCE:
            count: float | None = _ONCE[norms[at]]
        elif norms[at] == "times" or more:
            count = _number_before(norms, at, ("more", "or", "different", "other", "separate"))
        else:
            continue
        when = next((name for ahead in range(at + 1, min(at + 4, len(norms))) if (name := _when(norms, ahead))), "")
        if count is not None and when:
            found.append(Episode(count, when, more=more))
    return found


def total(episodes: Sequence[Episode], within_h: float | None = None) -> float:
    """Episodes added up, in the order they were told; what was only said again counts once.

    With ``within_h``, the most of them in any stretch of so many hours; what has no time is taken to be of it.
    """
    told = [stretch for episode in episodes for stretch in (replace(episode, also=()), *episode.also)]
    if within_h is None:
        return _added(told)
    ages = {_hours_ago(episode.when) for episode in told} - {None}
    windows = [
        [e for e in told if (age := _hours_ago(e.when)) is None or newest <= age < newest + within_h]
        for newest in ages
        if newest is not None
    ]
    return max((_added(window) for window in windows), default=_added(told))


def _hours_ago(when: str) -> float | None:
    """About how long ago a named stretch of time was; None if the name does not tell."""
    words = when.split()
    if words[:1] == ["ago"]:
        value = next((NUMBERS[word] for word in words[1:] if word in NUMBERS), None)
        unit = next((_UNIT_H[word] for word in words[1:] if word in _UNIT_H), None)
        return value * unit if value is not None and unit is not None else None
    return _WHEN_H.get(when)


def _added(episodes: Sequence[Episode]) -> float:
    by_when: dict[str, float] = {}
    extra = 0.0
    again: set[tuple[float, str]] = set()
    for episode in episodes:
        if episode.more:
            if episode.when and (episode.count, episode.when) in again:
                continue  # "again this morning", told twice
            again.add((episode.count, episode.when))
            extra += episode.count
            if episode.when:
                by_when.setdefault(episode.when, 0.0)
        elif episode.when in by_when:
            by_when[episode.when] = max(by_when[episode.when], episode.count)
        elif not episode.when and by_when:
            # No time named: the same episodes told again, unless it is the larger number, meant for the whole.
            if episode.count > sum(by_when.values()):
                by_when = {"": episode.count}
        elif by_when.get("", 2.0) <= 1.0 and len(by_when) == 1:
            by_when = {episode.when: max(1.0, episode.count)}  # "he vomited ... it was this morning": one
        else:
            by_when[episode.when] = episode.count
    return sum(by_when.values()) + extra


def hours_said(norms: Sequence[str], first: int, last: int) -> float | None:
    """Hours that the finding at ``first``..``last`` is said to have lasted, from words near it; None if none are."""
    found = [
        hours
        for at in range(max(0, first - 12), min(len(norms), last + 16))
        if (hours := _hours_at(norms, at)) is not None
    ]
    return max(found, default=None)


def _hours_at(norms: Sequence[str], at: int) -> float | None:
    norm = norms[at]
    if norm in _UNIT_H:
        value = _number_before(
            norms, at, ("of", "and", "full", "whole", "more", "or", "good", "straight", "solid", "about")
        )
        is_age = norms[at + 1 : at + 2] and norms[at + 1] in ("old", "apart")
        if value is not None and not is_age:
            return value * _UNIT_H[norm]
        return 12.0 if norm == "night" and _before(norms, at) == "last" else None
    if norm in ("since", "from"):
        return _since(norms, at)
    if norm == "all" and at + 1 < len(norms):
        return _ALL_H.get(norms[at + 1])
    return {"overnight": 9.0, "yesterday": 12.0}.get(norm)


def _since(norms: Sequence[str], at: int) -> float | None:
    for ahead in range(at + 1, min(at + 6, len(norms))):
        if norms[ahead] == "yesterday" and tuple(norms[ahead + 1 : ahead + 2]) == ("morning",):
            return 24.0
        if norms[ahead] == "morning" and norms[ahead - 1] == "this":
            return 4.0
        if norms[ahead] in _AGO_H and (norms[ahead] != "night" or norms[ahead - 1] == "last"):
            return _AGO_H[norms[ahead]]
    return None


def _before(norms: Sequence[str], at: int) -> str:
    return norms[at - 1] if at else ""


def _number_before(norms: Sequence[str], at: int, between: Sequence[str]) -> float | None:
    """The number right before a token, with only words of ``between`` in the way."""
    for back in range(at - 1, max(-1, at - 4), -1):
        if norms[back] in NUMBERS:
            tens = NUMBERS.get(_before(norms, back), 0.0)
            compound = tens >= 20 and tens % 10 == 0 and 0 < NUMBERS[norms[back]] < 10
            return NUMBERS[norms[back]] + (tens if compound else 0.0)  # "twenty four hours"
        if norms[back] not in between:
            return None
    return None


def _when(norms: Sequence[str], at: int) -> str:
    norm, before = norms[at], _before(norms, at)
    after = norms[at + 1] if at + 1 < len(norms) else ""
    if norm == "night":
        return "last night" if before in ("last", "the", "that", "all") else ""
    if norm in ("morning", "afternoon", "evening"):
        return (
            f"{before if before == 'yesterday' else 'this'} {norm}"
            if before in ("this", "the", "in", "yesterday")
            else ""
        )
    if norm == "ago":
        return "ago " + " ".join(norms[max(0, at - 2) : at])
    if norm == "just" and after in ("did", "threw", "now", "happened", "puked", "vomited"):
        return "just now"
    if norm == "at" and after in NUMBERS:
        return f"at {after}"
    return _WHEN.get(norm, "")


def onset_hours(onset: str) -> float | None:
    """Hours since an onset value of `eval/FORMAT.md` (a day word or an ISO 8601 duration); None if it is neither."""
    if onset in _ONSET_WORD_H:
        return _ONSET_WORD_H[onset]
    match = _DURATION.fullmatch(onset)
    if match is None:
        return None
    years, months, weeks, days, hours, minutes = (float(part or 0) for part in match.groups())
    return years * 8766 + months * 730 + weeks * 168 + days * 24 + hours + minutes / 60
