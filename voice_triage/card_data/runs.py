"""Runs of digits in one utterance or typed text, and which of them count something ordinary.

A run is what is read out in one go, hesitations and repairs included: "four five um three two no wait three three".
It is *told* where the words around it say what it counts: years, pounds, a street. Only a run that is not told can be
a part of a card's number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voice_triage.card_data.numerals import MISHEARD, REPEATS, TENS, Piece, Token, is_written_number, piece_at

HESITATIONS = frozenset(
    "um uh er erm hmm mm mhm ah huh eh okay ok so yeah yes yep yup right alright sure like well".split()
)
REPAIRS = frozenset("no nope wait sorry actually correction scratch mean oops whoops rather not".split())
CONNECTORS = (
    HESITATIONS
    | REPAIRS
    | frozenset("and then dash hyphen space slash comma i it is it's that that's its said again next".split())
    | frozenset("let me see hang hold on".split())
)
"""Said between digits without ending them."""
MOST_BETWEEN = 6
"""So many of them in a row at most."""
FUNCTION = CONNECTORS | frozenset(
    "please thanks thank you are was were did got get do does have has had a an the or but for to of in at by with from"
    " he she we they this these those what when where which who how can could will would should may might got it's"
    " expires expiration exp expiry security code cvv cvc zip card cards visa mastercard amex number numbers"
    " last first good bye just now here there me my your our his her their ma'am sir miss perfect great awesome"
    " through thru over up off out back read reading repeat hundred thousand double triple treble quadruple go ahead"
    " because if as be been being about am i'm i've i'll you're we're they're is's correct gotcha check".split()
)
"""Words that count nothing: a digit before them may be any number's."""
_UNITS = frozenset(
    "year years yr yrs month months mo week weeks wk wks day days night nights hour hours hr hrs minute minutes min"
    " mins second seconds sec secs moment time times pound pounds lb lbs kilo kilos kg kgs kilogram kilograms ounce"
    " ounces oz gram grams milligram milligrams mg mgs milliliter milliliters ml mls cc ccs unit units percent degrees"
    " degree digit digits dollar dollars buck bucks cent cents inch inches foot feet mile miles o'clock oclock am pm"
    " old tablet tablets pill pills capsule capsules cup cups cans teaspoon teaspoons tablespoon drop drops"
    " dose doses beats breaths puppies kittens dogs cats babies kids animals legs episodes seizures bites".split()
)
_WAITS = frozenset("second sec moment minute".split())
_STREETS = frozenset(
    "street st avenue ave road rd drive dr lane ln boulevard blvd court ct way place pl highway hwy parkway pkwy circle"
    " terrace apartment apt suite north south east west northeast northwest southeast southwest trail loop".split()
)
_BEFORE = frozenset(
    "age aged weighs weight weighed weigh weighing temperature temp room suite apartment apt unit at around about"
    " almost nearly he's she's they're turning turned highway interstate route exit floor score dose gauge size bay"
    " exam".split()
)
"""A number of four digits or less behind them is told."""
_BEFORE_LOOSE = frozenset(
    "under since until till before after by every last past over only another these those first maybe probably"
    " have has had ate gave gives giving give take takes taking got".split()
)
"""Likewise, but not while digits are being read out."""
_YEAR_BEFORE = frozenset(
    "in since of from year born until january february march april may june july august september october november"
    " december".split()
)
_NOT_A_DIGIT_AFTER = frozenset(
    "this that the which no any every other another each first last next little big old new only young older younger"
    " black white brown my his her same right wrong good bad".split()
)
"""Before "one" these make it a pronoun."""
_KNOWN_SHORT = frozenset({"911", "247", "711"})


@dataclass(frozen=True, slots=True)
class Run:
    """Digits read out in one go."""

    digits: str
    """Those of ``pieces``."""
    pieces: tuple[Piece, ...]
    first: int
    """Its first token, words misheard for digits at its edges included."""
    last: int
    """Its last token, inclusive."""
    parts: tuple[str, ...]
    """Its digits, parted where something was corrected ("no wait")."""
    words: int
    """Number of spoken numbers in it."""
    spare: int
    """How many digits more it has if each "fifty eight" is 50 and 8."""
    written: bool
    """Whether it is in digits, not in words."""

    @property
    def longest_said(self) -> int:
        """Digits of its longest part."""
        return max(map(len, self.parts))


def runs_in(tokens: Sequence[Token], *, tight: bool, open_end: bool = False) -> list[Run]:
    """The runs that nothing tells what they count, in order.

    ``tight``: digits are being read out, or a card is spoken of; then a plain noun behind a number tells nothing.
    ``open_end``: the utterance goes on; its last word may be the first digit of a number.
    """
    free: list[Run] = []
    dense = _dense(tokens)
    tight = tight or dense
    for pieces, point in _sequences(tokens, tight=tight):
        left = _untold(tokens, pieces, point=point, tight=tight, dense=dense, open_end=open_end)
        if left:
            free.append(_run(tokens, left))
    return free


def _is_number(text: str) -> bool:
    return is_written_number(text) or text in MISHEARD or text in REPEATS


def _dense(tokens: Sequence[Token]) -> bool:
    """Whether an utterance is mostly numbers, as a number is that is read out and badly heard."""
    numbers = sum(_is_number(token.text) for token in tokens)
    return numbers >= 6 and numbers >= 0.6 * len(tokens)


def only_numbers(tokens: Sequence[Token]) -> bool:
    """Whether an utterance is nothing but numbers and hesitations."""
    return all(
        piece_at(tokens, at) is not None or _is_number(token.text) or token.text in CONNECTORS
        for at, token in enumerate(tokens)
    )


def _run(tokens: Sequence[Token], pieces: tuple[Piece, ...]) -> Run:
    parts, part = [""], pieces[0].first
    for piece in pieces:
        if any(token.text in REPAIRS for token in tokens[part : piece.first]):
            parts.append("")
        parts[-1] += piece.digits
        part = piece.last + 1
    digits = "".join(piece.digits for piece in pieces)
    spare = sum(tokens[piece.first].text in TENS and piece.last > piece.first for piece in pieces)
    written = all(tokens[piece.first].text.isdecimal() for piece in pieces)
    return Run(digits, pieces, pieces[0].first, pieces[-1].last, tuple(parts), len(pieces), spare, written)


def _sequences(tokens: Sequence[Token], *, tight: bool) -> list[tuple[tuple[Piece, ...], bool]]:
    """All sequences of numbers with nothing but connectors between them; whether "point" stands in one."""
    found: list[tuple[tuple[Piece, ...], bool]] = []
    at, alone = 0, only_numbers(tokens)
    while at < len(tokens):
        piece = piece_at(tokens, at)
        if piece is None or not (piece.sure or alone or _leads(tokens, piece) or (tight and _row(tokens, at))):
            at += 1
            continue
        pieces, point = [piece], False
        while (following := _next_piece(tokens, pieces[-1].last + 1, alone=alone)) is not None:
            between = tokens[pieces[-1].last + 1 : following.first]
            point = point or any(token.text == "point" for token in between)
            pieces.append(following)
        found.append((tuple(pieces), point))
        at = pieces[-1].last + 1
    return found


def _row(tokens: Sequence[Token], at: int) -> bool:
    """Whether three words in a row may be digits: "to to for"."""
    return all(place < len(tokens) and piece_at(tokens, place) is not None for place in range(at, at + 3))


def _leads(tokens: Sequence[Token], piece: Piece) -> bool:
    """Whether a word that may be a digit stands right before two numbers: "for five three ...", "oh four"."""
    following = piece_at(tokens, piece.last + 1) if piece.last + 1 < len(tokens) else None
    if following is None:
        return False
    if tokens[piece.first].text in ("oh", "o", "owe"):
        return following.sure
    after = piece_at(tokens, following.last + 1) if following.last + 1 < len(tokens) else None
    return after is not None and (following.sure or after.sure)


def _next_piece(tokens: Sequence[Token], at: int, *, alone: bool) -> Piece | None:
    step = at
    while step < len(tokens) and step - at <= MOST_BETWEEN:
        piece = piece_at(tokens, step)
        if piece is not None:
            if piece.sure or alone or _to_the_end(tokens, piece) or (step == at and _goes_on(tokens, piece)):
                return piece
            if tokens[step].text not in CONNECTORS and not _leads(tokens, piece):
                return None
            if _leads(tokens, piece):
                return piece
        elif tokens[step].text not in CONNECTORS and tokens[step].text != "point":
            return None
        step += 1
    return None


def _to_the_end(tokens: Sequence[Token], piece: Piece) -> bool:
    """Whether nothing but words that may be digits, and hesitations, follow."""
    return all(_is_number(token.text) or token.text in CONNECTORS for token in tokens[piece.last + 1 :])


def _goes_on(tokens: Sequence[Token], piece: Piece) -> bool:
    """Whether a word that may be a digit is one, right behind a number: more numbers follow, or nothing."""
    after = piece.last + 1
    if after >= len(tokens):
        return True
    following = piece_at(tokens, after)
    if following is not None:
        return following.sure or _goes_on(tokens, following)
    return tokens[piece.first].text in ("oh", "o")


def _untold(
    tokens: Sequence[Token], pieces: tuple[Piece, ...], *, point: bool, tight: bool, dense: bool, open_end: bool
) -> tuple[Piece, ...]:
    """What is left of a sequence when the numbers are taken away that the words around tell of."""
    digits = "".join(piece.digits for piece in pieces)
    size = len(digits)
    after = [
        token.text for token in tokens[pieces[-1].last + 1 : pieces[-1].last + 5] if token.text not in ("um", "uh")
    ]
    before = [token.text for token in tokens[max(0, pieces[0].first - 3) : pieces[0].first]]
    first, second, third = (*after, "", "", "")[:3]
    if point and size <= 7:
        return ()
    unit = (
        first in _UNITS
        or (first in ("full", "whole", "more", "good", "solid", "other", "different") and second in _UNITS)
        or (first in ("a", "p") and second == "m")
        or (first == "and" and second == "a" and third in ("half", "quarter"))
    )
    if unit and size > 4:  # "one second", said in the midst; else a number read out and the next word's business
        return pieces[:-1] if tokens[pieces[-1].first].text == "one" and first in _WAITS else pieces
    if unit and not (first == "second" and size > 2):
        return ()
    if size <= 6 and _STREETS & set(after[:3]):
        return ()
    among = dense or (tight and _among_numbers(tokens, pieces))
    if size <= 4 and not among and _told_before(before, digits, tight=tight):
        return ()
    if len(pieces) == 1 and tokens[pieces[0].first].text in ("one", "won") and size == 1:
        last = open_end and pieces[0].last == len(tokens) - 1
        return pieces if (tight or last or only_numbers(tokens)) and not _pronoun(before, first) else ()
    others = sum(token.text not in CONNECTORS and not _is_number(token.text) for token in tokens)
    few = len(pieces) <= 2 and size <= (2 if tight else 3) and not among
    if few and first and first not in FUNCTION and (not tight or others >= 4):
        return ()
    if not tight and (digits in _KNOWN_SHORT or (first == "or" and size <= 2) or (before[-1:] == ["or"] and size <= 2)):
        return ()
    return pieces


def _among_numbers(tokens: Sequence[Token], pieces: tuple[Piece, ...]) -> bool:
    """Whether numbers stand close on both sides: what is between is misheard more likely than told."""
    before, after = tokens[max(0, pieces[0].first - 3) : pieces[0].first], tokens[pieces[-1].last + 1 :][:3]
    return any(_is_number(token.text) for token in before) and any(_is_number(token.text) for token in after)


def _told_before(before: Sequence[str], digits: str, *, tight: bool) -> bool:
    near = [word for word in before if word not in ("um", "uh", "like")]
    if set(near[-2:]) & _BEFORE:
        return True
    if tight:
        return False
    if near[-1:] and near[-1] in _BEFORE_LOOSE and len(digits) <= 3:
        return True
    return len(digits) == 4 and digits[:2] in ("19", "20") and bool(near[-1:]) and near[-1] in _YEAR_BEFORE


def _pronoun(before: Sequence[str], after: str) -> bool:
    return bool(before and before[-1] in _NOT_A_DIGIT_AFTER) or after in ("of", "that", "who", "more", "thing", "is")
