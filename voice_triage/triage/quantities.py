"""Spoken quantities: numbers, durations, weights, counts, clock times and the digits of a phone number.

A grammar of our own rather than text2num: text2num 3.1 (3 us a sentence) gives text back instead of token positions,
leaves ``two`` a word, and knows neither "half", "couple", "one forty" (140) nor a range; the units, halves and ranges
around a number are most of the work. One pass, dictionary look-ups, no backtracking.

All functions take a tuple of normalized tokens and give inclusive positions in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ONES: Mapping[str, int] = {
    word: value for value, word in enumerate("zero one two three four five six seven eight nine".split())
}
TEENS: Mapping[str, int] = {
    word: value
    for value, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 10
    )
}
TENS: Mapping[str, int] = {
    word: value * 10 for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_FRACTIONS: Mapping[str, float] = {"½": 0.5, "¼": 0.25, "¾": 0.75, "1/2": 0.5, "1/4": 0.25, "3/4": 0.75}
_AND_PART: Mapping[tuple[str, ...], float] = {("a", "half"): 0.5, ("a", "quarter"): 0.25, ("three", "quarters"): 0.75}
_VAGUE: Mapping[str, float] = {"couple": 2, "few": 3, "several": 3}
"""Read as their least usual value; the quantity is marked approximate."""
_UNIT_LETTER: Mapping[str, str] = {
    **dict.fromkeys(("year", "years", "yr", "yrs"), "y"),
    **dict.fromkeys(("month", "months", "mo", "mos", "mth", "mths"), "m"),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), "w"),
    **dict.fromkeys(("day", "days", "night", "nights"), "d"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), "n"),
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
    "fortnight": "f",
}
DAYS_OF_UNIT: Mapping[str, float] = {
    "y": 365.25,
    "m": 30.44,
    "w": 7.0,
    "d": 1.0,
    "h": 1 / 24,
    "n": 1 / 1440,
    "s": 1 / 86400,
}
_SMALLER: Mapping[str, str] = {"y": "mw", "m": "wd", "w": "d", "d": "h", "h": "n", "n": "s", "s": ""}
_WEIGHT_UNIT: Mapping[str, str] = {
    **dict.fromkeys(("pound", "pounds", "lb", "lbs"), "lb"),
    **dict.fromkeys(("kilo", "kilos", "kg", "kgs", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("ounce", "ounces", "oz"), "oz"),
    **dict.fromkeys(("gram", "grams"), "g"),
}
_BETWEEN = frozenset({"full", "whole", "solid", "good", "straight", "more", "long", "of", "little", "short"})
"""May stand between a number and its unit: "two full days", "a couple of weeks"."""
_GLUED = re.compile(r"(\d+(?:\.\d+)?)([a-z]+)")
_DIGITS = re.compile(r"\d{1,9}(?:\.\d+)?")
_AGE_SHORT = frozenset({"yo", "y.o"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in words or digits, with its unit.

    ``kind`` is ``number``, ``duration``, ``weight``, ``count`` (times, episodes) or ``clock`` (a time of day).
    ``unit`` is a weight's unit (``lb``, ``kg``, ``oz``, ``g``) or a duration's leading unit (``y m w d h n s``; ``n``
    is minutes).
    """

    kind: str
    value: float
    first: int
    last: int
    unit: str = ""
    parts: tuple[tuple[float, str], ...] = ()
    """A duration's parts, largest first."""
    approximate: bool = False
    """Said as "a few", "several", or as a range, of which ``value`` is the lower end."""
    more: bool = False
    """A count on top of an earlier one: "three more"."""
    old: bool = False
    """A duration written as an age: "5yo"."""

    @property
    def days(self) -> float:
        """A duration's length in days (a month is 30.44, a year 365.25)."""
        return sum(amount * DAYS_OF_UNIT[unit] for amount, unit in self.parts)

    @property
    def iso(self) -> str:
        """A duration as ISO 8601; halves go to the next smaller unit (``P1Y6M``, ``PT1H30M``)."""
        return iso_duration(self.parts)


def iso_duration(parts: Sequence[tuple[float, str]]) -> str:
    """ISO 8601 text of ``(amount, unit)`` parts; empty parts give ``PT0S``."""
    total = dict.fromkeys("ymwdhns", 0)
    for amount, unit in parts:
        whole, rest = int(amount), amount - int(amount)
        if not rest:
            total[unit] += whole
        elif unit == "w":
            total["d"] += round(amount * 7)
        elif unit == "d":
            total["h"] += round(amount * 24)
        elif unit == "s":
            total["s"] += round(amount)
        else:
            smaller, times = {"y": ("m", 12), "m": ("d", 30), "h": ("n", 60), "n": ("s", 60)}[unit]
            total[unit] += whole
            total[smaller] += round(rest * times)
    date = "".join(f"{total[unit]}{unit.upper()}" for unit in "ymwd" if total[unit])
    time = "".join(f"{total[unit]}{letter}" for unit, letter in (("h", "H"), ("n", "M"), ("s", "S")) if total[unit])
    return "P" + date + ("T" + time if time else "") if date or time else "PT0S"


def plain(value: float) -> str:
    """A number as people write it: ``60``, ``7.5``."""
    return str(int(value)) if value == int(value) else str(round(value, 2))


def split_glued(token: str) -> tuple[str, ...]:
    """``60lbs`` as ``60``, ``lbs``, ``lab/pointer`` as three tokens; any other token as itself."""
    if "/" in token:
        left, _, right = token.partition("/")
        return (left, "/", right) if len(left) > 2 and right[1:].isalpha() else (token,)
    match = _GLUED.fullmatch(token) if token[0].isdigit() else None
    if match and (match[2] in _UNIT_LETTER or match[2] in _WEIGHT_UNIT or match[2] in ("yo", "y", "x")):
        return match[1], match[2]
    return (token,)


def _below_hundred(tokens: tuple[str, ...], at: int) -> tuple[int, int] | None:
    """Value and end (exclusive) of ``twenty five``, ``fifteen`` or ``five``."""
    word = tokens[at]
    if word in TENS:
        if at + 1 < len(tokens) and ONES.get(tokens[at + 1], 0):
            return TENS[word] + ONES[tokens[at + 1]], at + 2
        return TENS[word], at + 1
    if word in TEENS:
        return TEENS[word], at + 1
    if word in ONES:
        return ONES[word], at + 1
    return None


def _whole(tokens: tuple[str, ...], at: int) -> tuple[int, int] | None:
    """Value and end of a whole number in words, up to the thousands."""
    size = len(tokens)
    if tokens[at] == "hundred" and at + 1 < size and (tokens[at + 1] in _WEIGHT_UNIT or tokens[at + 1] in _UNIT_LETTER):
        return 100, at + 1  # "a solid hundred pounds"
    article = tokens[at] == "a" and at + 1 < size and tokens[at + 1] in ("hundred", "thousand", "dozen")
    head = (1, at + 1) if article else _below_hundred(tokens, at)
    if head is None:
        return (12, at + 1) if tokens[at] == "dozen" else None
    value, end = head
    if end < size and tokens[end] == "dozen":
        return value * 12, end + 1
    if end < size and tokens[end] in ("hundred", "thousand"):
        value, end = value * (100 if tokens[end] == "hundred" else 1000), end + 1
        step = end + 1 if end + 1 < size and tokens[end] == "and" else end
        rest = _below_hundred(tokens, step) if step < size and tokens[step] != "zero" else None
        if rest and not (step > end and rest[0] == 1 and rest[1] < size and tokens[rest[1]] == "half"):
            value, end = value + rest[0], rest[1]
    elif not article and value < 10 and end < size and (tokens[end] in TENS or tokens[end] in TEENS):
        rest = _below_hundred(tokens, end)  # "one forty", "one twenty five": hundreds, as weights are said
        if rest and rest[1] < size and tokens[rest[1]] in _WEIGHT_UNIT:
            value, end = value * 100 + rest[0], rest[1]
    return value, end


def _half_after(tokens: tuple[str, ...], at: int) -> tuple[float, int]:
    """What "and a half" at this place adds, and its end; (0, at) if there is none."""
    rest = tokens[at : at + 3]
    if rest[:1] == ("and",):
        if rest[1:] in _AND_PART:
            return _AND_PART[rest[1:]], at + 3
        if rest[1:2] == ("half",):
            return 0.5, at + 2
    if rest and rest[0] in _FRACTIONS:
        return _FRACTIONS[rest[0]], at + 1
    return 0.0, at


def read_number(tokens: tuple[str, ...], at: int) -> tuple[float, int, bool] | None:
    """Value, end (exclusive) and whether it is approximate, of the number that begins here; ``None`` if none does.

    "a couple (of)" is 2, "a few" and "several" are 3 and approximate; "six and a half" is 6.5; "a" alone is no number.
    """
    size = len(tokens)
    word = tokens[at]
    step = at + 1 if word in ("a", "the") and at + 1 < size and tokens[at + 1] in _VAGUE else at
    if tokens[step] in _VAGUE:
        end = step + 1
        return _VAGUE[tokens[step]], end + (end < size and tokens[end] == "of"), tokens[step] != "couple"
    if word in _FRACTIONS:
        return _FRACTIONS[word], at + 1, False
    if word == "half" and tokens[at + 1 : at + 3] == ("a", "dozen"):
        return 6, at + 3, False
    if word[0].isdigit():
        cleaned = word.replace(",", "")
        if not _DIGITS.fullmatch(cleaned):
            return None
        value: float = float(cleaned)
        end = at + 1
    else:
        whole = _whole(tokens, at)
        if whole is None:
            return None
        value, end = whole
        if end + 1 < size and tokens[end] == "point" and tokens[end + 1] in ONES:
            value, end = value + ONES[tokens[end + 1]] / 10, end + 2
    added, end = _half_after(tokens, end)
    return value + added, end, False


def _range_end(tokens: tuple[str, ...], end: int) -> int | None:
    """End of the second number of "two or three", "two to three", "two three", "two maybe three"; ``None`` if none."""
    step = end + 1 if end < len(tokens) and tokens[end] in ("or", "to", "maybe", "-") else end
    if step >= len(tokens):
        return None
    second = read_number(tokens, step)
    return second[1] if second else None


def _unit_at(tokens: tuple[str, ...], at: int) -> int:
    """Place of the unit, behind words like "full" or "of" (at most two); ``at`` itself when nothing is between."""
    for step in (at, at + 1, at + 2):
        if step >= len(tokens) or tokens[step] not in _BETWEEN:
            return step
    return at


def read_quantity(tokens: tuple[str, ...], at: int) -> Quantity | None:
    """The longest quantity that begins at this token, or ``None``.

    ``a``/``an`` counts as one only before a unit ("a year", "an hour and a half").
    """
    size = len(tokens)
    word = tokens[at]
    vague = False
    first: float
    if word == "half" or (word == "a" and at + 1 < size and tokens[at + 1] == "half"):
        end = at + 1 if word == "half" else at + 2
        if end < size and tokens[end] in ("a", "an"):
            end += 1
        first = 0.5
        if end >= size or not (tokens[end] in _UNIT_LETTER or tokens[end] in _WEIGHT_UNIT):
            half_dozen = read_number(tokens, at) if word == "half" else None
            if half_dozen is None:
                return None
            first, end = half_dozen[0], half_dozen[1]
    elif word in ("three", "a") and at + 1 < size and tokens[at + 1] in ("quarters", "quarter"):
        end = at + 2
        end += end < size and tokens[end] == "of"
        end += end < size and tokens[end] in ("a", "an")
        first = 0.75 if word == "three" else 0.25
        if end >= size or tokens[end] not in _UNIT_LETTER:
            return None
    else:
        number = read_number(tokens, at)
        if number is not None:
            first, end, vague = number
        elif word in ("a", "an") and at + 1 < size:
            first, end = 1.0, at + 1
            unit_at = _unit_at(tokens, end)
            if unit_at >= size or not (tokens[unit_at] in _UNIT_LETTER or tokens[unit_at] in _WEIGHT_UNIT):
                return None
            if len(tokens[unit_at]) < 4 and tokens[unit_at] != "day":  # "a min pin" is no minute
                return None
        else:
            return None
    return _with_unit(tokens, at, first, end, vague)


def _with_unit(tokens: tuple[str, ...], at: int, first: float, end: int, vague: bool) -> Quantity:
    size = len(tokens)
    unit_at = _unit_at(tokens, end)
    unit = tokens[unit_at] if unit_at < size else ""
    if not (unit in _UNIT_LETTER or unit in _WEIGHT_UNIT or unit in ("times", "time")):
        ranged = _range_end(tokens, end)
        if ranged is not None:
            far = _unit_at(tokens, ranged)
            far_unit = tokens[far] if far < size else ""
            if far_unit in _UNIT_LETTER or far_unit in _WEIGHT_UNIT or far_unit == "times":
                unit_at, unit, vague = far, far_unit, True
    number = Quantity("number", first, at, end - 1, approximate=vague)
    if unit in _UNIT_LETTER:
        return _duration(tokens, number, unit_at, vague)
    if unit in _WEIGHT_UNIT:
        added, after = _half_after(tokens, unit_at + 1)
        return Quantity("weight", first + added, at, after - 1, _WEIGHT_UNIT[unit], approximate=vague)
    if unit == "times" or (unit == "time" and first == 1 and not vague):
        return Quantity(
            "count", first, at, unit_at, approximate=vague, more=tokens[unit_at - 1] == "more" if unit_at else False
        )
    if end < size and tokens[end] in _AGE_SHORT:
        return Quantity("duration", first, at, end, "y", ((first, "y"),), vague, old=True)
    if tokens[end : end + 3] == ("y", "/", "o"):
        return Quantity("duration", first, at, end + 2, "y", ((first, "y"),), vague, old=True)
    if tokens[end : end + 3] == ("am", "/", "o"):  # NORM makes the letter m "am"
        return Quantity("duration", first, at, end + 2, "m", ((first, "m"),), vague, old=True)
    return _clock(tokens, number) or number


def _duration(tokens: tuple[str, ...], number: Quantity, unit_at: int, vague: bool) -> Quantity:
    unit = _UNIT_LETTER[tokens[unit_at]]
    amount = number.value
    if unit == "f":
        unit, amount = "w", amount * 2
    end = unit_at + 1
    added, end = _half_after(tokens, end)
    parts = [(amount + added, unit)]
    step = end + 1 if end < len(tokens) and tokens[end] == "and" else end
    second = read_number(tokens, step) if step < len(tokens) and not added else None
    if second and second[1] < len(tokens) and _UNIT_LETTER.get(tokens[second[1]], "?") in _SMALLER[unit]:
        parts.append((second[0], _UNIT_LETTER[tokens[second[1]]]))
        end = second[1] + 1
    return Quantity("duration", amount + added, number.first, end - 1, unit, tuple(parts), vague)


def _clock(tokens: tuple[str, ...], number: Quantity) -> Quantity | None:
    """A time of day: "eight o'clock", "two thirty in the morning", "six p.m."."""
    end = number.last + 1
    hour = number.value
    if hour != int(hour) or not 1 <= hour <= 12:
        return None
    if tokens[end : end + 2] == ("forty", "five"):
        end += 2
    elif tokens[end : end + 1] in (("fifteen",), ("thirty",)):
        end += 1
    after = tokens[end : end + 3]
    if after and after[0] in ("a.m.", "p.m.", "a.m", "p.m", "pm", "o'clock", "oclock"):
        return Quantity("clock", hour, number.first, end)
    if after in (("in", "the", "morning"), ("in", "the", "afternoon"), ("in", "the", "evening")):
        return Quantity("clock", hour, number.first, end + 2)
    if after[:2] == ("at", "night"):
        return Quantity("clock", hour, number.first, end + 1)
    return None


_COUNT_WORDS: Mapping[str, int] = {"once": 1, "twice": 2, "thrice": 3}
NUMBER_START = frozenset(
    {
        *ONES,
        *TEENS,
        *TENS,
        *_VAGUE,
        *_FRACTIONS,
        "a",
        "an",
        "half",
        "hundred",
        "dozen",
        "the",
        "once",
        "twice",
        "thrice",
    }
)
"""Tokens that can begin a quantity (digits apart)."""


def quantity_at(tokens: tuple[str, ...], at: int) -> Quantity | None:
    """The quantity, counts included, that begins at this token; ``None`` (and cheap) for all other words."""
    word = tokens[at]
    if word not in NUMBER_START and not word[0].isdigit():
        return None
    if word in _COUNT_WORDS:
        more = at + 1 < len(tokens) and tokens[at + 1] in ("more", "additional")
        return Quantity("count", _COUNT_WORDS[word], at, at + more, more=more)
    if word == "the" and not (at + 1 < len(tokens) and tokens[at + 1] in _VAGUE):
        return None
    found = read_quantity(tokens, at)
    if found is None or found.kind != "number":
        return found
    end = found.last + 1
    if end < len(tokens) and tokens[end] in ("more", "additional") and found.value == int(found.value):
        return Quantity("count", found.value, at, end, approximate=found.approximate, more=True)
    return found


def quantities(norms: Sequence[str]) -> list[Quantity]:
    """All quantities of a token sequence, left to right, not overlapping."""
    tokens = tuple(norms)
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        quantity = quantity_at(tokens, at)
        if quantity is None:
            at += 1
        else:
            found.append(quantity)
            at = quantity.last + 1
    return found
