"""One ear's words of one utterance, the numbers in them, and the words as they may be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from voice_triage.card_data.marks import CARD_REMOVED, NUMBER_HELD
from voice_triage.card_data.numerals import MISHEARD, REPEATS, Piece, Token, piece_at
from voice_triage.card_data.runs import FUNCTION, Run
from voice_triage.events import FinalTranscript, Side, UtteranceReheard, Word

Heard = FinalTranscript | UtteranceReheard
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug"
    " sep sept oct nov dec".split()
)
_PLAIN_MONTHS = _MONTHS - {"may", "march", "mar"}


class State:
    """What became of a number."""

    HELD, CUT, LET_GO = "held", "cut", "let go"


@dataclass(slots=True)
class Number:
    """A run of digits in one hearing of an utterance."""

    run: Run
    first: int
    """First word, inclusive."""
    last: int
    start_s: float
    end_s: float
    state: str = State.HELD
    spaced: bool = False
    """Words of other matters stand between the number before, or the utterance's beginning, and this one."""


@dataclass(slots=True)
class Hearing:
    """One ear's words of one utterance."""

    heard: Heard
    tokens: tuple[Token, ...]
    numbers: list[Number]
    months: list[int] = field(default_factory=list)
    """Words that name a month, where an expiry date is told."""
    given: tuple[Word, ...] | None = None
    """The words as they were given out last."""

    @property
    def key(self) -> tuple[Side, bool]:
        """Whose words they are, and whether of the second hearing."""
        return self.heard.side, self.again

    @property
    def again(self) -> bool:
        """Whether it is the second hearing."""
        return isinstance(self.heard, UtteranceReheard)


def is_held(number: Number) -> bool:
    """Whether a number waits for its verdict."""
    return number.state == State.HELD


def expiry_months(hearing: Hearing, card_on: bool) -> list[int]:
    """Words that name a month of an expiry date."""
    if not card_on:
        return []
    texts = [token.text for token in hearing.tokens]
    expires = any(text.startswith("exp") for text in texts)
    months = []
    for at, token in enumerate(hearing.tokens):
        beside = any(
            number.state == State.CUT and (-1 <= number.run.first - at - 1 <= 1 or 0 <= at - number.run.last <= 2)
            for number in hearing.numbers
        )
        alone = token.text in _PLAIN_MONTHS and (expires or len(texts) <= 3)
        if token.text in _MONTHS and (beside or alone):
            months.append(token.word)
    return months


def masked(words: Sequence[Word], hearing: Hearing) -> tuple[Word, ...]:
    """The words with a mark for each stretch of numbers that are cut or held."""
    spans: list[tuple[int, int, str]] = []
    for number in hearing.numbers:
        if number.state == State.LET_GO:
            continue
        mark = CARD_REMOVED if number.state == State.CUT else NUMBER_HELD
        first, last = _widened(hearing.tokens, number)
        spans.append((first, last, mark))
    spans += [(word, word, CARD_REMOVED) for word in hearing.months]
    if not spans:
        return tuple(words)
    merged: list[tuple[int, int, str]] = []
    for first, last, mark in sorted(spans):
        if merged and merged[-1][2] == mark and _says_nothing(hearing.tokens, merged[-1][1], first):
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]), mark)
        else:
            merged.append((first, last, mark))
    given: list[Word] = []
    at = 0
    for begins, last, mark in merged:
        first = max(begins, at)
        if last < first:
            continue
        given += words[at:first]
        said = words[first : last + 1]
        confidence = round(sum(word.confidence for word in said) / len(said), 3)
        given.append(Word(mark, said[0].start_s, said[-1].end_s, confidence))
        at = last + 1
    return (*given, *words[at:])


def _says_nothing(tokens: Sequence[Token], after: int, before: int) -> bool:
    """Whether the words between two words matter to nobody; a red flag in the midst of a card number stays."""
    between = [token.text for token in tokens if after < token.word < before]
    return len(between) <= 3 and all(text in FUNCTION or text in MISHEARD for text in between)


def _widened(tokens: Sequence[Token], number: Number) -> tuple[int, int]:
    """First and last word, with the words beside that may be digits misheard."""
    first, last = number.run.first, number.run.last
    if last + 2 == len(tokens) and tokens[last + 1].text in REPEATS:
        last += 1  # the utterance breaks off behind "double"
    while last + 1 < len(tokens) and _may_be(tokens, last + 1):
        last += 1
    while first > 0 and _may_be(tokens, first - 1):
        first -= 1
    return tokens[first].word, tokens[last].word


def _may_be(tokens: Sequence[Token], at: int) -> bool:
    piece: Piece | None = piece_at(tokens, at)
    return piece is not None and not piece.sure
