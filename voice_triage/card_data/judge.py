"""Whether digits that nothing tells of are a card's: by how many there are, and how they begin."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

SHORTEST_CARD = 13
LONGEST_CARD = 19
"""ISO/IEC 7812: a card number has up to 19 digits; 13 was Visa's shortest."""
_CARDS_BEGIN = frozenset("3456")
"""American Express and Diners, Visa, Mastercard, Discover and Maestro; Mastercard's 2221 to 2720 are told by length."""
_BROKEN_OFF = frozenset({8, 9, 11, 12})
"""Lengths above four in which no telephone number is said: two or three groups of four, maybe with a digit too many."""
CHIP_DIGITS = 15
"""ISO 11784: a microchip number, which begins with 9 (a maker's code from 900) or a country's code."""


class Verdict(StrEnum):
    """What digits are judged to be."""

    CARD = "card"
    ORDINARY = "ordinary"
    OPEN = "open"
    """More may follow."""


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_whole_card(digits: str) -> bool:
    """Whether these are all digits of a card, by length, beginning and check digit."""
    begins = digits[:1] in _CARDS_BEGIN or "2221" <= digits[:4] <= "2720"
    return SHORTEST_CARD <= len(digits) <= LONGEST_CARD and begins and luhn(digits)


def is_phone(digits: str) -> bool:
    """Whether these may be a North American telephone number, with or without area code and leading 1."""
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    return len(digits) in (7, 10) and digits[0] not in "01"


def surely_phone(digits: str) -> bool:
    """Likewise, and no card is read out in a group of so many: American Express has one of 10 behind 34 and 37."""
    return is_phone(digits) and not (len(digits) == 10 and digits[:2] in ("34", "37"))


def are_phones(groups: Sequence[str], *, corrected: bool = False) -> bool:
    """Whether groups, as they were read out, are telephone numbers: one, one said again (in part, too), or several.

    ``corrected``: some of them correct the one before.
    """
    digits = "".join(groups)
    if is_phone(digits):
        return True
    half, odd = divmod(len(digits), 2)
    if not odd and digits[:half] == digits[half:] and is_phone(digits[:half]):
        return True
    if is_whole_card(digits):
        return False
    if not corrected and all(is_phone(group) for group in groups):
        return True
    if corrected and is_phone(groups[-1]) and all(_nearly_begins(group, groups[-1]) for group in groups[:-1]):
        return True  # corrected
    for count in range(1, len(groups)):
        number, rest = "".join(groups[:count]), "".join(groups[count:])
        if is_phone(number) and len(rest) >= 2 and rest in number + number:
            return True
    return False


def _nearly_begins(group: str, number: str) -> bool:
    """Whether a number begins with a group, but for one digit."""
    wrong = sum(one != other for one, other in zip(group, number, strict=False))
    return len(group) <= len(number) and wrong <= (len(group) >= 3)


def judge(
    groups: Sequence[str], *, closed: bool, typed: bool = False, spare: int = 0, corrected: bool = False
) -> Verdict:
    """The verdict on digits of which no word tells anything, in the groups in which they were read out.

    ``closed``: no more digits follow. ``typed``: no digit is misheard, so a card's must check or stand as on cards.
    ``spare``: so many digits more they may be: "fifty eight" is 58, or 50 and 8.
    ``corrected`` as for :func:`are_phones`.
    """
    digits = "".join(groups)
    ordinary = Verdict.ORDINARY if closed else Verdict.OPEN
    if are_phones(groups, corrected=corrected):
        return ordinary
    if len(digits) >= SHORTEST_CARD:
        if len(digits) == CHIP_DIGITS and digits[0] == "9":
            return ordinary
        if typed and not any(map(_looks_whole, (digits, *groups))):
            return ordinary
        return Verdict.OPEN if not closed and _may_be_said_again(groups) else Verdict.CARD
    if len(digits) < 10 <= len(digits) + spare:
        return ordinary
    if closed and len(digits) in _BROKEN_OFF and digits[0] in _CARDS_BEGIN and not (typed and not _fours(groups)):
        return Verdict.CARD
    return ordinary


def _may_be_said_again(groups: Sequence[str]) -> bool:
    """Whether a telephone number was said, and its repetition has begun."""
    for count in range(1, len(groups)):
        number, rest = "".join(groups[:count]), "".join(groups[count:])
        if is_phone(number) and number.startswith(rest):
            return True
    return False


def _looks_whole(digits: str) -> bool:
    """Whether typed digits are a card's by their check digit, or by length and beginning where one is mistyped."""
    mistyped = (len(digits) == 16 and digits[0] in _CARDS_BEGIN) or (len(digits) == 15 and digits[:2] in ("34", "37"))
    return mistyped or is_whole_card(digits)


def _fours(groups: Sequence[str]) -> bool:
    return all(len(group) == 4 for group in groups[:2]) and len(groups) > 1
