"""Written words as they are spoken: Whisper writes "12-year-old" and "$300", the lexicon and Vosk have spoken words.

One way only, and in this one place: everything after it reads lower case, numbers in words, and no punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS: Mapping[str, str] = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_FRACTIONS: Mapping[str, str] = {"1/2": "half", "1/3": "third", "1/4": "quarter", "3/4": "three quarters"}
_SINGLE_FRACTIONS: Mapping[str, str] = {"½": " 1/2 ", "¼": " 1/4 ", "¾": " 3/4 "}
_UNITS: Mapping[str, str] = {
    "lb": "pounds",
    "lbs": "pounds",
    "oz": "ounces",
    "kg": "kilos",
    "kgs": "kilos",
    "mg": "milligrams",
    "ml": "milliliters",
    "yo": "year old",
    "yr": "year",
    "yrs": "years",
    "hr": "hour",
    "hrs": "hours",
    "min": "minutes",
    "mins": "minutes",
    "am": "a m",
    "pm": "p m",
    "x": "times",
}
"""Said right after a number, glued to it or not."""
_TITLES: Mapping[str, str] = {"dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miss", "vs": "versus"}
"""Abbreviations where a full stop follows."""
_SYMBOLS: Mapping[str, str] = {
    "&": " and ",
    "%": " percent ",
    "+": " plus ",
    "@": " at ",
    "°": " degrees ",
    "=": " is ",
}
_NOT_SPEECH = re.compile(r"\[[^\]]*\]|\([^)\d]*\)|\*[^*]*\*|[♪♫][^♪♫]*[♪♫]?")
"""What Whisper writes about sounds: "[MUSIC]", "(dog barking)", "*coughs*"; no client speaks in brackets."""
_PHONE = re.compile(r"(?<![\d.,])(?:\+?1[-. ]?)?(?:\(?\d{3}\)?[-. ]{1,2})?\d{3}[-. ]\d{4}(?!\d)")
_LONG_RUN = re.compile(r"(?<![\d,.])\d{5,}(?![\d,.]\d)")
_DIGIT_GROUPS = re.compile(r"(?<![\d-])\d(?:-\d+){2,}(?![\d-])")
"""Digits as they are dictated: "5-5-5-0-1-3-4"."""
_DOLLARS = re.compile(r"\$\s?(\d[\d,]*)(?:\.(\d\d))?")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)\b")
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_DECIMAL = re.compile(r"(?<![\d.])(\d*)\.(\d+)\b")
_FRACTION = re.compile(r"\b(\d+)/(\d+)\b")
_UNIT = re.compile(rf"(?<=\d) ?({'|'.join(_UNITS)})\b")
_DECADE = re.compile(r"\b(\d*)(\d)0'?s\b")
_NUMBER = re.compile(r"\d+")
_ABBREVIATED = re.compile(r"\b([ap])\.? ?m\b\.?")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")


def spoken_form(text: str) -> tuple[str, ...]:
    """The words of a written text as spoken: lower case, numbers in words, hyphens taken apart, no punctuation.

    Letters beyond a to z lose their accents or are left out: the client speaks English.
    """
    text = _NOT_SPEECH.sub(" ", text.lower().replace("’", "'").replace("‘", "'"))
    for symbol, said in {**_SINGLE_FRACTIONS, **_SYMBOLS}.items():
        text = text.replace(symbol, said)
    text = re.sub(rf"\b({'|'.join(_TITLES)})\.", lambda found: f"{_TITLES[found[1]]} ", text)
    text = re.sub(r"(?<=\d)" + _ABBREVIATED.pattern[2:], r" \1 m ", text)
    text = re.sub(r"(?<=\d )" + _ABBREVIATED.pattern[2:], r"\1 m ", text)
    for digits in (_PHONE, _LONG_RUN, _DIGIT_GROUPS):
        text = digits.sub(lambda found: f" {' '.join(_dictated(found[0]))} ", text)
    text = _THOUSANDS.sub("", text)
    text = _DOLLARS.sub(_dollars, text)
    text = _CLOCK.sub(lambda found: f" {' '.join(_clock(int(found[1]), found[2]))} ", text)
    text = _ORDINAL.sub(lambda found: f" {_ordinal(int(found[1]))} ", text)
    text = _UNIT.sub(lambda found: f" {_UNITS[found[1]]} ", text)
    text = _DECADE.sub(_decade, text)
    text = _DECIMAL.sub(_decimal, text)
    text = _FRACTION.sub(lambda found: f" {_FRACTIONS.get(found[0], f'{found[1]} {found[2]}')} ", text)
    text = _NUMBER.sub(lambda found: f" {' '.join(_number(found[0]))} ", text)
    return tuple(_WORD.findall(_without_accents(text)))


def cardinal(value: int) -> Iterator[str]:
    """The words of a whole number from 0: 105 is "one hundred five"."""
    if value < 20:
        yield _ONES[value]
        return
    if value < 100:
        yield _TENS[value // 10]
        if value % 10:
            yield _ONES[value % 10]
        return
    scale, name = next((scale, name) for scale, name in _SCALES if value >= scale)
    yield from cardinal(value // scale)
    yield name
    if value % scale:
        yield from cardinal(value % scale)


def _number(digits: str) -> Iterator[str]:
    value = int(digits)
    if len(digits) > 1 and digits[0] == "0":
        yield from _dictated(digits)
    elif len(digits) == 4 and (1900 <= value <= 1999 or 2010 <= value <= 2099) and value % 100:
        yield from cardinal(value // 100)  # a year
        if value % 100 < 10:
            yield "oh"
        yield from cardinal(value % 100)
    else:
        yield from cardinal(value)


def _dictated(digits: str) -> Iterator[str]:
    return (_ONES[int(digit)] for digit in digits if digit.isdigit())


def _ordinal(value: int) -> str:
    *before, last = cardinal(value)
    if last in _ORDINALS:
        last = _ORDINALS[last]
    else:
        last = f"{last.removesuffix('y')}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*before, last])


def _clock(hour: int, minutes: str) -> Iterator[str]:
    yield from cardinal(hour)
    if minutes != "00":
        if minutes[0] == "0":
            yield "oh"
        yield from cardinal(int(minutes))


def _dollars(found: re.Match[str]) -> str:
    words = [*cardinal(int(found[1].replace(",", ""))), "dollars"]
    if found[2] and int(found[2]):
        words += [*cardinal(int(found[2])), "cents"]
    return f" {' '.join(words)} "


def _decimal(found: re.Match[str]) -> str:
    whole = [*cardinal(int(found[1]))] if found[1] else []
    if found[2] == "5" and found[1]:
        return f" {' '.join(whole)} and a half "  # how weights and ages are said
    return f" {' '.join([*whole, 'point', *_dictated(found[2])])} "


def _decade(found: re.Match[str]) -> str:
    said = [*cardinal(int(found[1] or 0))] if found[1] else []
    said.append(f"{_TENS[int(found[2])].removesuffix('y')}ies" if found[2] > "1" else f"{found[2]}0s")
    return f" {' '.join(said)} "


def _without_accents(text: str) -> str:
    import unicodedata

    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
