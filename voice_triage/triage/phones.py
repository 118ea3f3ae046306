"""Reads the call-back number: seven or ten spoken digits; never a card number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from voice_triage.triage.quantities import ONES, TEENS, TENS
from voice_triage.triage.readings import FieldReading, Scene
from voice_triage.triage.tokens import FILLERS, Utterance

_DIGIT: Mapping[str, str] = {
    **{word: str(value) for word, value in ONES.items()},
    "oh": "0",
    "o": "0",
    "zero": "0",
    "won": "1",
    "for": "4",
    "to": "2",
    "too": "2",
    "ate": "8",
}
_MISHEARD = frozenset({"won", "for", "to", "too", "ate", "o", "oh"})
"""Digits only between other digits."""
_REPEAT: Mapping[str, int] = {"double": 2, "triple": 3}
_BETWEEN = frozenset({"-", ".", "(", ")", ",", "dash", "and", "area", "code", "then"}) | FILLERS
_REPAIR = frozenset({"no", "sorry", "wait", "actually", "mean", "i", "make", "that", "it", "is"})
_OTHER_NUMBER = re.compile(
    r"\b(?:card|visa|mastercard|discover|amex|american express|debit|credit|expir\w+|cvv|security code"
    r"|routing|account|microchip|chip|zip|policy|license"
    r"|prescription|rx|fax|social|your (?:phone )?number|their (?:phone )?number|poison control|hotline"
    r"|order number|tag number|invoice|rabies)\b"
)
_CARD = re.compile(r"\b(?:card|visa|mastercard|amex|american express|debit|credit|cvv|security code|expir\w+)\b")
_PHONE = re.compile(r"\b(?:number|phone|cell|call|reach|text|mobile|home|work|area code|contact)\b")


def speaks_of_card(utterance: Utterance) -> bool:
    """Whether the utterance speaks of a payment card: digits that follow are not to be read as a phone number."""
    return _CARD.search(" ".join(utterance.norms)) is not None


def digit_runs(norms: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Runs of spoken digits as (digits, first token, last token); fillers and "area code" inside a run are passed over.

    A repair inside a run ("oh one no oh two seven three") replaces the digits it says again, where one reading gives
    seven or ten.
    """
    runs: list[tuple[str, int, int]] = []
    at = 0
    while at < len(norms):
        piece = _digits_at(norms, at, inside=False)
        if piece is None:
            at += 1
            continue
        segments, first = [piece[0]], at
        last = piece[1] - 1
        at = piece[1]
        while at < len(norms):
            following = _digits_at(norms, at, inside=True)
            if following is not None:
                segments[-1] += following[0]
                at, last = following[1], following[1] - 1
                continue
            step, repaired = at, False
            while step < len(norms) and step - at < 5 and (norms[step] in _BETWEEN or norms[step] in _REPAIR):
                repaired = repaired or norms[step] in ("no", "sorry", "wait", "actually", "mean")
                step += 1
            if step == at or step >= len(norms) or _digits_at(norms, step, inside=False) is None:
                break
            if repaired:
                segments.append("")
            at = step
        runs.append((_repaired(segments), first, last))
    return runs


def _digits_at(norms: tuple[str, ...], at: int, *, inside: bool) -> tuple[str, int] | None:
    """Digits that begin at a token, and where they end (exclusive)."""
    word = norms[at]
    size = len(norms)
    if word in _REPEAT and at + 1 < size and norms[at + 1] in _DIGIT:
        return _DIGIT[norms[at + 1]] * _REPEAT[word], at + 2
    if word in _MISHEARD and not inside and word not in ("oh", "o"):
        return None
    if word in _MISHEARD and (at + 1 >= size or (_plain_digit(norms[at + 1]) is None and norms[at + 1] not in _REPEAT)):
        return (_DIGIT[word], at + 1) if inside and word in ("oh", "o") else None
    if word in _DIGIT:
        if word in ONES and at + 1 < size and norms[at + 1] == "hundred":
            return _DIGIT[word] + "00", at + 2
        if word in ONES and at + 1 < size and norms[at + 1] == "thousand":
            return _DIGIT[word] + "000", at + 2
        return _DIGIT[word], at + 1
    if word in TENS:
        if at + 1 < size and ONES.get(norms[at + 1], 0):
            return str(TENS[word] + ONES[norms[at + 1]]), at + 2
        return str(TENS[word]), at + 1
    if word in TEENS:
        return str(TEENS[word]), at + 1
    if word.isdigit():
        return word, at + 1
    dotted = word.replace(".", "").replace("-", "")
    if word[0].isdigit() and dotted.isdigit() and len(dotted) >= 7:
        return dotted, at + 1
    return None


def _plain_digit(word: str) -> str | None:
    if word in _DIGIT or word in TENS or word in TEENS or word.isdigit():
        return word
    return None


def _repaired(segments: list[str]) -> str:
    """The digits meant: each repair says the tail again from some digit on."""
    digits = segments[0]
    for tail in segments[1:]:
        if len(tail) in (7, 10):
            digits = tail
            continue
        fits = [keep for keep in range(len(digits) + 1) if keep + len(tail) in (7, 10)]
        digits = digits[: fits[-1]] + tail if fits else digits + tail
    return digits


def _number(digits: str) -> str:
    """Seven or ten digits, without a leading 1 and read once if it was said twice; else empty."""
    if len(digits) in (14, 20) and digits[: len(digits) // 2] == digits[len(digits) // 2 :]:
        digits = digits[: len(digits) // 2]
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    return digits if len(digits) in (7, 10) else ""


def read_phone(scene: Scene) -> Iterator[FieldReading]:
    """Call-back numbers; one spoken over two utterances is joined with the digits before (``FieldContext.digits``)."""
    norms = scene.line.utterance.norms
    if scene.context.card:
        return
    text = ""
    for digits, first, last in digit_runs(norms):
        text = text or " ".join(norms)
        if _OTHER_NUMBER.search(" ".join(norms[max(0, first - 12) : first])):
            continue
        number, confidence = _number(digits), 0.7
        if (
            scene.context.digits
            and first <= 3
            and (not number or (len(scene.context.digits) == 3 and len(number) == 7))
        ):
            number, confidence = _number(scene.context.digits + digits), 0.65  # an area code, or the first half
        if number:
            confidence += 0.2 if _PHONE.search(" ".join(norms[max(0, first - 12) : first])) else 0.0
            yield FieldReading("callback_number", number, first, last, round(confidence, 3), "phone")


def open_digits(utterance: Utterance, before: str) -> str:
    """Digits of a number that this utterance leaves unfinished, joined with those before; empty if none."""
    runs = digit_runs(utterance.norms)
    if not runs:
        return before if len(utterance) <= 2 and before else ""
    digits, first, last = runs[-1]
    if len(utterance) - last > 3 or _OTHER_NUMBER.search(" ".join(utterance.norms)):
        return ""
    joined = before + digits if first <= 3 else digits
    return joined if 3 <= len(joined) < 10 and not _number(joined) else ""
