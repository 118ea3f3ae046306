"""Numbers as they are spoken or typed, one token at a time: digits, teens and tens, doubles, words misheard for digits.

Read for their *digits*, as a card number is read out: "forty five thirty two" is 4532, "double four" is 44. How many
digits were said matters here, what the number is worth does not; :mod:`voice_triage.triage.quantities` reads that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DIGITS: Mapping[str, str] = {
    **{word: str(value) for value, word in enumerate("zero one two three four five six seven eight nine".split())},
    "nought": "0",
    "naught": "0",
    "niner": "9",
}
PLURALS: Mapping[str, str] = {
    **{f"{word}s": digit for word, digit in DIGITS.items() if word != "six"},
    "sixes": "6",
    "zeroes": "0",
    "ohs": "0",
    "oh's": "0",
}
"""As in "three fives"."""
TEENS: Mapping[str, str] = {
    word: str(value)
    for value, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 10
    )
}
TENS: Mapping[str, str] = {
    word: str(value) for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
MISHEARD: Mapping[str, str] = {
    **dict.fromkeys(("oh", "o", "owe"), "0"),
    **dict.fromkeys(("won", "wan"), "1"),
    **dict.fromkeys(("to", "too"), "2"),
    **dict.fromkeys(("tree", "free"), "3"),
    **dict.fromkeys(("for", "fore", "forth"), "4"),
    **dict.fromkeys(("sex", "sicks"), "6"),
    **dict.fromkeys(("ate", "eighth"), "8"),
    **dict.fromkeys(("nein", "mine"), "9"),
}
"""Small words that digits are heard as: digits beside digits, words elsewhere."""
REPEATS: Mapping[str, int] = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_HUNDREDS: Mapping[str, str] = {"hundred": "00", "thousand": "000"}
_PARTS = re.compile(r"\d+|[a-z]+(?:['’][a-z]+)*")
_COUNTED = re.compile(
    r"\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th|[a-z]{1,3})"  # 12mg, 3rd
    r"|\$\d[\d,.]*|\d+\.\d{1,2}%?|\d+%|\d{1,2}:\d\d(?::\d\d)?(?:[ap]\.?m\.?)?"  # $45.50, 102.5, 30%, 2:30pm
    r"|\d{1,2}[/-]\d{1,2}[/-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d(?:t.*)?"  # 4/12/2019, 2019-04-12
)
"""Written so that it tells what it counts."""
_OF_CARD = re.compile(r"(?:cvv2?|cvc2?|cid|exp|expires|visa|mc|amex|card|cc|code|number|no)[:=#]?\d.*")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*\d)[a-z0-9._/:-]+")
"""Letters and digits in one: a reference, a room, a dose."""


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a word: "forty-two" has two, "4532-1122" too."""

    text: str
    """Lower case, letters or digits only."""
    word: int
    """Index of its word."""
    counted: bool = False
    """A number that is written with its unit: never a card's."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One spoken number: "forty two", "double five", "seven", "4532"."""

    digits: str
    first: int
    """Its first token."""
    last: int
    """Its last token, inclusive."""
    sure: bool = True
    """False for a word that is a digit only beside digits."""


def tokens_of(words: Sequence[str]) -> tuple[Token, ...]:
    """The tokens of words as the recognizer or a writer puts them. A word of nothing but signs has none."""
    found: list[Token] = []
    for index, word in enumerate(words):
        lowered = word.lower().strip(".,;:!?()[]\"'“”‘’…-–—#*")
        if _tells_what_it_counts(lowered):
            found.append(Token(lowered, index, counted=True))
            continue
        found += [Token(part, index) for part in _PARTS.findall(lowered.replace(",", ""))]
    return tuple(found)


def _tells_what_it_counts(word: str) -> bool:
    if _COUNTED.fullmatch(word):
        return True
    digits = sum(letter.isdigit() for letter in word)
    return digits < 13 and _MIXED.fullmatch(word) is not None and _OF_CARD.fullmatch(word) is None


def piece_at(tokens: Sequence[Token], at: int) -> Piece | None:
    """The number that begins at a token, or None."""
    token = tokens[at]
    text, size = token.text, len(tokens)
    if token.counted:
        return None
    following = tokens[at + 1].text if at + 1 < size else ""
    if text in REPEATS:
        return _repeated(tokens, at, REPEATS[text])
    if text.isdecimal():
        return _scaled(tokens, text, at, at)
    if text in DIGITS:
        if text in ("two", "three", "four") and following in PLURALS:
            return Piece(PLURALS[following] * int(DIGITS[text]), at, at + 1)
        return _scaled(tokens, DIGITS[text], at, at)
    if text in TEENS:
        return _scaled(tokens, TEENS[text], at, at)
    if text in TENS:
        if DIGITS.get(following, "0") != "0":
            return _scaled(tokens, TENS[text] + DIGITS[following], at, at + 1)
        return _scaled(tokens, TENS[text] + "0", at, at)
    unsure = MISHEARD.get(text) or PLURALS.get(text)
    return None if unsure is None else Piece(unsure, at, at, sure=False)


def _repeated(tokens: Sequence[Token], at: int, times: int) -> Piece | None:
    """As in "double four"; "double" alone is a word."""
    if at + 1 >= len(tokens):
        return None
    following = tokens[at + 1].text
    if following in DIGITS or following in MISHEARD:
        return Piece((DIGITS.get(following) or MISHEARD[following]) * times, at, at + 1)
    if following in TEENS or following in TENS or following.isdecimal():
        inner = piece_at(tokens, at + 1)
        return None if inner is None else Piece(inner.digits * times, at, inner.last)
    return None


def _scaled(tokens: Sequence[Token], digits: str, first: int, last: int) -> Piece:
    """With "hundred" or "thousand" behind it, and what is below them: "four thousand five hundred thirty two"."""
    after = last + 1
    unit = tokens[after].text if after < len(tokens) else ""
    if unit not in _HUNDREDS or len(digits) > 2:
        return Piece(digits, first, last)
    zeros = _HUNDREDS[unit]
    step = after + 2 if after + 2 < len(tokens) and tokens[after + 1].text == "and" else after + 1
    below = piece_at(tokens, step) if step < len(tokens) else None
    if below is not None and below.sure and not tokens[step].text.isdecimal() and len(below.digits) <= len(zeros):
        beyond = below.last + 1
        # "eight hundred five five five" is 800 555, "eight hundred five" 805.
        read_on = len(below.digits) == 1 and beyond < len(tokens) and piece_at(tokens, beyond) is not None
        if not read_on and tokens[step].text not in REPEATS:
            return Piece(digits + below.digits.rjust(len(zeros), "0"), first, below.last)
    return Piece(digits + zeros, first, after)


def is_written_number(text: str) -> bool:
    """Whether a token is one of the words that can only be a digit or number."""
    return text in DIGITS or text in TEENS or text in TENS or text.isdecimal()
