"""Thousands of made-up readings of cards, however they are grouped, misheard and broken up: not one digit gets out."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.card_data.spoken import Line, speak
from voice_triage.card_data.judge import is_phone, luhn
from voice_triage.card_data.marks import NUMBER_HELD
from voice_triage.events import Side

ROUNDS = 1500
_ONES = "zero one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_MISHEARD = {"0": ("oh", "o"), "1": ("won",), "2": ("to", "too"), "3": ("tree",), "4": ("for",), "8": ("ate",)}
_REPEATS = {2: "double", 3: "triple", 4: "quadruple"}
_FILLERS = ("um", "uh", "okay", "and", "then", "let me see", "hang on", "like", "so", "yeah", "and then", "er")
_REPAIRS = ("no wait", "sorry", "no", "i mean", "scratch that", "actually", "correction", "oops")
_LEADS = ("", "", "it's", "okay it's", "so", "sure", "yeah it's", "okay so it's", "alright")
_CUES = (
    "my card number is",
    "the credit card is",
    "it's a visa",
    "card number",
    "mastercard",
    "i'll use my debit card it's",
    "american express",
    "okay the number on the card is",
)
_BACK = ("uh huh", "okay", "go ahead", "mhm", "got it", "yes", "one moment")
_STARTS = ("4", "51", "55", "34", "37", "6011", "65", "36", "30", "2221", "2720")


def card(random_: random.Random) -> str:
    """A whole card number with its check digit, of 13 to 19 digits."""
    start = random_.choice(_STARTS)
    size = {"3": random_.choice((14, 15)), "4": random_.choice((13, 16, 16, 16, 19))}.get(start[0], 16)
    body = start + "".join(random_.choice("0123456789") for _ in range(size - len(start) - 1))
    return next(body + digit for digit in "0123456789" if luhn(body + digit))


def spoken(digits: str, random_: random.Random, *, clearly: bool = False) -> Iterator[tuple[str, bool]]:
    """Words for digits, each with whether it is card data; now and then grouped, doubled, misheard."""
    at = 0
    while at < len(digits):
        same = next(run for run in range(1, 6) if digits[at : at + run + 1] != digits[at] * (run + 1))
        chance = random_.random()
        if same in _REPEATS and chance < 0.4:
            yield _REPEATS[same], True
            yield _ONES[int(digits[at])], True
            at += same
        elif chance < 0.2 and at + 1 < len(digits) and digits[at] != "0":
            yield from _pair(int(digits[at : at + 2]))
            at += 2
        elif not clearly and chance > 0.85 and digits[at] in _MISHEARD:
            yield random_.choice(_MISHEARD[digits[at]]), True
            at += 1
        else:
            yield _ONES[int(digits[at])], True
            at += 1


def _pair(value: int) -> Iterator[tuple[str, bool]]:
    if value < 20:
        yield _TEENS[value - 10], True
        return
    yield _TENS[value // 10], True
    if value % 10:
        yield _ONES[value % 10], True


def groups(digits: str, random_: random.Random) -> list[str]:
    """The number in the groups in which it is read: printed ones mostly, any others too."""
    if random_.random() < 0.6:
        sizes = [4, 6, 5] if len(digits) == 15 else [4, 4, 4, 4, 4]
    else:
        sizes = [random_.randint(1, 7) for _ in range(19)]
    found = []
    for size in sizes:
        found.append(digits[:size])
        digits = digits[size:]
    return [group for group in found if group]


def reading(random_: random.Random, *, cue: bool) -> list[Line]:
    """A conversation in which a card is read out, whole or (with a cue) broken off."""
    digits = card(random_)
    parts = groups(digits, random_)
    if cue and random_.random() < 0.3:
        parts = parts[: random_.randint(1, len(parts))]
    words: list[tuple[str, bool]] = []
    lines: list[Line] = []

    def say(side: Side, said: list[tuple[str, bool]], pause_s: float) -> None:
        if said:
            secret = frozenset(place for place, (_, is_secret) in enumerate(said) if is_secret)
            lines.append(Line(side, tuple(word for word, _ in said), secret, pause_s))

    def plain(text: str) -> list[tuple[str, bool]]:
        return [(word, False) for word in text.split()]

    words += plain(random_.choice(_CUES if cue else _LEADS))
    own = random_.random() < 0.4
    for number, part in enumerate(parts):
        # The first digits are heard right: what nobody announces begins with a digit.
        words += spoken(part, random_, clearly=number == 0)
        if random_.random() < 0.1 and len(part) > 2:
            words += plain(random_.choice(_REPAIRS))
            words += spoken(part, random_, clearly=True)
        if random_.random() < 0.2:
            words += plain(random_.choice(_FILLERS))
        if random_.random() < 0.5 or number == len(parts) - 1:
            say(Side.CLIENT, words, random_.uniform(0.4, 4.5))
            words = []
            if own and random_.random() < 0.7:
                back = list(spoken(part, random_, clearly=True)) if random_.random() < 0.6 else []
                say(Side.OWN, [*plain(random_.choice(_BACK)), *back], random_.uniform(0.2, 1.0))
    if random_.random() < 0.5:
        say(Side.CLIENT, [*plain("and it expires"), *spoken("0427", random_, clearly=True)], 1.0)
        say(Side.OWN if own else Side.CLIENT, plain(random_.choice(_BACK)), 0.5)
        say(Side.CLIENT, list(spoken("739", random_, clearly=True)), random_.uniform(0.5, 20.0))
    say(Side.CLIENT, plain("how is he doing he looks tired"), random_.uniform(1.0, 30.0))
    return lines


@pytest.mark.parametrize("seed", range(6))
def test_no_digit_of_a_card_that_is_announced_gets_out(seed: int) -> None:
    """Whole or broken off, corrected, repeated by the CSR, over any ends of utterances: neither written nor shown."""
    random_ = random.Random(f"announced {seed}")
    for _ in range(ROUNDS // 6):
        lines = reading(random_, cue=True)
        written = speak(lines, partials=random_.random() < 0.2)
        assert written.leaks() == [], [" ".join(line.words) for line in lines]
        assert NUMBER_HELD not in written.text()


@pytest.mark.parametrize("seed", range(6))
def test_no_digit_of_a_whole_card_gets_out_that_nobody_announces(seed: int) -> None:
    """The digits alone tell, over ends of utterances and pauses of several seconds."""
    random_ = random.Random(f"plain {seed}")
    for _ in range(ROUNDS // 6):
        lines = reading(random_, cue=False)
        written = speak(lines, partials=random_.random() < 0.2)
        assert written.leaks() == [], [" ".join(line.words) for line in lines]
        assert NUMBER_HELD not in written.text()


@pytest.mark.parametrize("seed", range(3))
def test_telephone_numbers_stay_however_they_are_said(seed: int) -> None:
    """Seven or ten digits, in telephone groups, announced or not, over ends of utterances: whole in the end."""
    random_ = random.Random(f"phones {seed}")
    for _ in range(ROUNDS // 6):
        digits = random_.choice("23456789") + "".join(random_.choice("0123456789") for _ in range(9))
        if digits[:2] in ("34", "37"):
            continue
        sizes = random_.choice(((10,), (3, 3, 4), (3, 7), (6, 4)))
        lead = random_.choice(("my number is", "call me back at", "it's", "you can reach me at", "sure it's", ""))
        said = lead.split()
        lines: list[Line] = []
        at = 0
        for size in sizes:
            said += [word for word, _ in spoken(digits[at : at + size], random_, clearly=True)]
            at += size
            if random_.random() < 0.4 or at == 10:
                lines.append(Line(Side.CLIENT, tuple(said), frozenset(), random_.uniform(0.4, 3.0)))
                said = []
        lines.append(Line(Side.CLIENT, ("he", "is", "not", "eating"), frozenset(), 1.0))
        assert is_phone(digits)
        written = speak(lines)
        assert written.lost() == [], [" ".join(line.words) for line in lines]
