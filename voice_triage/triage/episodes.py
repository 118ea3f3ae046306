"""How often and how long: counts said beside a finding, and how many hours it has lasted.

"Twice last night and three more this morning" is five in a day (issue 3). Counts of one stretch of time that are said
again are not added; "again" and "more" are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

NUMBERS = {
    word: value
    for value, words in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
    for word in (words, str(value))
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "a": 1,
    "an": 1,
    "couple": 2,
    "few": 3,
    "several": 4,
    "dozen": 12,
    "half": 0.5,
    "24": 24,
    "36": 36,
    "48": 48,
    "72": 72,
}

_ONCE = {"once": 1, "twice": 2, "thrice": 3}
_MANY = {"many": 5, "multiple": 4, "numerous": 5, "countless": 9}
_UNIT_H = {
    "minute": 1 / 60,
    "minutes": 1 / 60,
    "hour": 1.0,
    "hours": 1.0,
    "hrs": 1.0,
    "hr": 1.0,
    "day": 24.0,
    "days": 24.0,
    "week": 168.0,
    "weeks": 168.0,
    "month": 730.0,
    "months": 730.0,
    "year": 8766.0,
    "years": 8766.0,
    "night": 10.0,
    "nights": 24.0,
}
_WHEN = {
    "tonight": "tonight",
    "today": "today",
    "yesterday": "yesterday",
    "overnight": "last night",
    "breakfast": "breakfast",
    "lunch": "lunch",
    "dinner": "dinner",
    "supper": "dinner",
    "midnight": "midnight",
    "noon": "noon",
    "school": "school",
    "work": "work",
    "bed": "bed",
    "bedtime": "bed",
    "dawn": "dawn",
}
_LONG_AGO_H = {
    "yesterday": 18.0,
    "overnight": 9.0,
    "last night": 12.0,
    "dinner": 12.0,
    "supper": 12.0,
    "monday": 24.0,
    "tuesday": 24.0,
    "wednesday": 24.0,
    "thursday": 24.0,
    "friday": 24.0,
    "saturday": 24.0,
    "sunday": 24.0,
    "weekend": 24.0,
    "bed": 9.0,
}


_DURATION = re.compile(r"P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?)?")


@dataclass(frozen=True, slots=True)
class Episode:
    """How often something happened, and when."""

    count: float
    when: str
    """A name of the stretch of time, or nothing."""
    more: bool
    """"again", "three more": to be added in any case."""
    per_day: bool = False
    """"three times a day": a rate, already a count in 24 h."""


def episode_near(norms: Sequence[str], first: int, last: int, stop_before: int, stop_after: int) -> Episode:
    """The count said of the finding at tokens ``first``..``last``, looking no further than the given tokens."""
    count: float | None = None
    more = False
    per_day = False
    when = ""
    for at in (*range(last + 1, min(stop_after + 1, last + 13)), *range(max(stop_before, first - 7), first)):
        norm = norms[at]
        following = norms[at + 1] if at + 1 < len(norms) else ""
        if norm in _ONCE:
            count = count or _ONCE[norm]
        elif norm in ("times", "time") and at:
            value = _number_before(norms, at)
            if norm == "times" or norms[at - 1] in ("one", "1"):
                count = count if count is not None or value is None else value
                if norms[at - 1] == "more" or norms[max(0, at - 2)] == "more":
                    more = True
            if following in ("a", "per", "every") and norms[at + 2 : at + 3] in (("day",), ["day"]):
                per_day = True
        elif norm == "more" and at and norms[at - 1] in NUMBERS:
            count, more = float(NUMBERS[norms[at - 1]]), True
        elif norm in ("again", "another"):
            more = True
        elif norm == "else":
            continue
        when = when or _when(norms, at)
    return Episode(count or 1.0, when, more, per_day)


def _number_before(norms: Sequence[str], at: int) -> float | None:
    for back in (1, 2, 3):
        if at - back < 0:
            return None
        norm = norms[at - back]
        if norm in _MANY:
            return float(_MANY[norm])
        if norm in ("few",):
            return 3.0
        if norm in ("couple",):
            return 2.0
        if norm in NUMBERS and norm not in ("a", "an"):
            return float(NUMBERS[norm])
        if norm not in ("more", "of", "or", "different", "separate", "other"):
            return None
    return None


def _when(norms: Sequence[str], at: int) -> str:
    norm = norms[at]
    before = norms[at - 1] if at else ""
    if norm == "night" and before in ("last", "the", "that", "all"):
        return "last night"
    if norm in ("morning", "afternoon", "evening") and before in ("this", "the", "in", "yesterday"):
        return f"{before if before == 'yesterday' else 'this'} {norm}"
    if norm == "ago":
        return "ago " + " ".join(norms[max(0, at - 2) : at])
    if norm in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        return norm
    if norm == "now" and before == "just":
        return "just now"
    if (
        norm == "just"
        and at + 1 < len(norms)
        and norms[at + 1] in ("did", "threw", "now", "happened", "puked", "vomited")
    ):
        return "just now"
    if norm == "at" and at + 1 < len(norms) and norms[at + 1] in NUMBERS:
        return "at " + norms[at + 1]
    return _WHEN.get(norm, "")


def total(episodes: Sequence[Episode]) -> float:
    """Episodes added up, in the order they were told; what was only said again counts once."""
    by_when: dict[str, float] = {}
    extra = 0.0
    for episode in episodes:
        if episode.more:
            extra += episode.count
            if episode.when and episode.when not in by_when:
                by_when[episode.when] = 0.0
            continue
        known = by_when.get(episode.when)
        if known is not None:
            by_when[episode.when] = max(known, episode.count)
        elif not episode.when and by_when:
            # No time named: the same episodes told again, unless it is the larger number for the whole.
            whole = sum(by_when.values())
            if episode.count > whole:
                by_when = {"": episode.count}
        elif "" in by_when and len(by_when) == 1 and by_when[""] <= 1:
            by_when = {episode.when: max(by_when[""], episode.count)}
        else:
            by_when[episode.when] = episode.count
    return sum(by_when.values()) + extra


def hours_said(norms: Sequence[str], first: int, last: int) -> float | None:
    """Hours that the finding at ``first``..``last`` is said to have lasted, from words near it; None if none are."""
    best: float | None = None
    window = range(max(0, first - 12), min(len(norms), last + 16))
    for at in window:
        norm = norms[at]
        if norm in _UNIT_H and at:
            value = _number_before_unit(norms, at)
            if value is not None and not (at + 1 < len(norms) and norms[at + 1] in ("old", "apart")):
                best = max(best or 0.0, value * _UNIT_H[norm])
        elif norm in ("since", "from") or (norm == "until" and False):
            for ahead in range(at + 1, min(at + 6, len(norms))):
                pair = f"{norms[ahead - 1]} {norms[ahead]}"
                hours = _LONG_AGO_H.get(pair) or _LONG_AGO_H.get(norms[ahead])
                if hours:
                    if (
                        pair == "yesterday morning"
                        or norms[ahead] == "yesterday"
                        and norms[ahead + 1 : ahead + 2] in (("morning",), ["morning"])
                    ):
                        hours = 24.0
                    best = max(best or 0.0, hours)
                    break
                if pair == "this morning":
                    best = max(best or 0.0, 4.0)
                    break
        elif norm == "all" and at + 1 < len(norms):
            hours = {"day": 12.0, "night": 9.0, "morning": 4.0, "weekend": 36.0, "week": 72.0}.get(norms[at + 1])
            if hours:
                best = max(best or 0.0, hours)
        elif norm in ("overnight",):
            best = max(best or 0.0, 9.0)
        elif norm == "yesterday" or (norm == "night" and norms[at - 1 : at] in (("last",), ["last"])):
            best = max(best or 0.0, 12.0)
    return best


def _number_before_unit(norms: Sequence[str], at: int) -> float | None:
    for back in (1, 2, 3):
        if at - back < 0:
            return None
        norm = norms[at - back]
        if norm in NUMBERS:
            value = float(NUMBERS[norm])
            if norm == "half" and at - back >= 1 and norms[at - back - 1] in ("and",):
                return None
            return value
        if norm not in (
            "of",
            "and",
            "half",
            "full",
            "whole",
            "more",
            "few",
            "or",
            "good",
            "straight",
            "solid",
            "about",
        ):
            return None
    return None


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


def onset_hours(onset: str) -> float | None:
    """Hours since an onset value of `eval/FORMAT.md` (a day word or an ISO 8601 duration); None if it is neither."""
    if onset in _ONSET_WORD_H:
        return _ONSET_WORD_H[onset]
    match = _DURATION.fullmatch(onset)
    if match is None:
        return None
    years, months, weeks, days, hours, minutes = (float(part or 0) for part in match.groups())
    return years * 8766 + months * 730 + weeks * 168 + days * 24 + hours + minutes / 60
