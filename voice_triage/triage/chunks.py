"""An utterance as a line of symbols: a quantity, day word, breed, species word or known name becomes one symbol.

``she's a um two-year-old beagle`` becomes `` she 's a DURy old BRD ``. The field readers are regular expressions over
that line, so a rule is read as it is said, and costs one pass in C.

Symbols: ``NUM``, ``DURy DURm DURw DURd DURh DURn DURs`` (durations by leading unit; ``DURn`` is minutes), ``WEI``,
``CNT``, ``CLK``, ``DAY`` (a day word), ``SPC``/``SPS`` (one/several animals), ``STG`` (puppy, kitten), ``SEN``
(senior), ``SEX``, ``BRD`` (breed), ``BRO`` (breed that is also an ordinary word), ``PET`` (a known name of the pet).
All else is the word itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from voice_triage.triage.quantities import Quantity, quantity_at, split_glued
from voice_triage.triage.signalment import Signalment, Term
from voice_triage.triage.tokens import Utterance

_SKIPPED = frozenset({"um", "uh", "er", "erm", "hmm", "mm", "ah", "huh", "uhm", "umm", "-", "…", '"', "eh"})
"""Hesitations and hyphens, which carry nothing here. ("like" and "well" stay: they are words too.)"""

_DAY_WORDS: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]] = {
    "today": ((("today",), "today"),),
    "tonight": ((("tonight",), "tonight"),),
    "tonite": ((("tonite",), "tonight"),),
    "overnight": ((("overnight",), "overnight"),),
    "yesterday": (
        (("yesterday", "morning"), "yesterday_morning"),
        (("yesterday", "afternoon"), "yesterday"),
        (("yesterday", "evening"), "yesterday"),
        (("yesterday", "night"), "last_night"),
        (("yesterday",), "yesterday"),
    ),
    "earlier": (
        (("earlier", "this", "morning"), "this_morning"),
        (("earlier", "this", "afternoon"), "this_afternoon"),
        (("earlier", "this", "evening"), "tonight"),
        (("earlier", "today"), "today"),
        (("earlier", "tonight"), "tonight"),
    ),
    "this": (
        (("this", "morning"), "this_morning"),
        (("this", "a.m."), "this_morning"),
        (("this", "afternoon"), "this_afternoon"),
        (("this", "evening"), "tonight"),
    ),
    "last": (
        (("last", "night"), "last_night"),
        (("last", "nite"), "last_night"),
        (("last", "evening"), "last_night"),
        (("last", "week"), "P1W"),
        (("last", "month"), "P1M"),
    ),
    "the": (
        (("the", "day", "before", "yesterday"), "P2D"),
        (("the", "night", "before", "last"), "P2D"),
        (("the", "middle", "of", "the", "night"), "overnight"),
    ),
    "day": ((("day", "before", "yesterday"), "P2D"),),
    "night": ((("night", "before", "last"), "P2D"),),
    "during": ((("during", "the", "night"), "overnight"),),
    "just": ((("just", "now"), "just_now"), (("just", "right", "now"), "just_now")),
    "all": ((("all", "night", "long"), "overnight"), (("all", "night"), "overnight")),
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One symbol and the tokens it stands for (inclusive)."""

    symbol: str
    first: int
    last: int
    quantity: Quantity | None = None
    term: Term | None = None
    value: str = ""
    """A day word's field value."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """The symbol line: ``text`` begins and ends with a blank, ``starts[c]`` is where chunk c's symbol begins in it."""

    utterance: Utterance
    items: tuple[Chunk, ...]
    text: str
    starts: tuple[int, ...]

    def index(self, position: int) -> int:
        """The chunk whose symbol covers (or last began before) a place in ``text``."""
        return max(0, bisect_right(self.starts, position) - 1)

    def group(self, match: re.Match[str], name: str | int = 0) -> tuple[int, int]:
        """First and last chunk of a match's group. The group must not be empty."""
        first = match.start(name)
        lead = len(match[name]) - len(match[name].lstrip(" "))
        return self.index(first + lead), self.index(first + max(lead, len(match[name].rstrip(" ")) - 1))

    def tokens(self, first: int, last: int) -> tuple[int, int]:
        """Tokens of a run of chunks, inclusive."""
        return self.items[first].first, self.items[last].last

    def before(self, chunk: int, count: int) -> str:
        """The symbols of up to ``count`` chunks before one in its sentence, with a blank at either end."""
        start = chunk
        while start > 0 and chunk - start < count and self.items[start - 1].symbol not in _SENTENCE_END:
            start -= 1
        if start == chunk:
            return " "
        return self.text[self.starts[start] - 1 : self.starts[chunk]]

    def after(self, chunk: int, count: int) -> str:
        """The symbols of up to ``count`` chunks after one in its sentence, with a blank at either end."""
        begin = end = chunk + 1
        while end < len(self.items) and end - begin < count and self.items[end].symbol not in _SENTENCE_END:
            end += 1
        if end == begin:
            return " "
        stop = self.starts[end] if end < len(self.items) else len(self.text)
        return self.text[self.starts[begin] - 1 : stop]

    def symbol(self, chunk: int) -> str:
        """The symbol of a chunk; empty outside the line."""
        return self.items[chunk].symbol if 0 <= chunk < len(self.items) else ""

    def subject(self, chunk: int) -> str:
        """The last pronoun or name before a chunk that can be its subject; empty if there is none."""
        for at in range(chunk, -1, -1):
            if self.items[at].symbol in _SUBJECTS:
                return self.items[at].symbol
        return ""

    def find(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """All matches of a pattern in the line."""
        return pattern.finditer(self.text)


def _term_symbol(term: Term) -> str:
    if term.kind == "breed":
        return "BRO" if term.ordinary else "BRD"
    if term.kind == "sex":
        return "SEX"
    if term.kind == "stage":
        return "SEN"
    if term.stage:
        return "STG"
    return "SPS" if term.plural else "SPC"


def _day_at(tokens: tuple[str, ...], at: int) -> tuple[int, str] | None:
    for phrase, value in _DAY_WORDS.get(tokens[at], ()):
        if tokens[at : at + len(phrase)] == phrase:
            return len(phrase), value
    return None


def read_chunks(
    utterance: Utterance, signalment: Signalment, names: frozenset[tuple[str, ...]] = frozenset()
) -> Chunks:
    """The symbol line of an utterance, in linear time. ``names`` are the pet's known names, each a tuple of tokens."""
    tokens: list[str] = []
    origin: list[int] = []
    for number, norm in enumerate(utterance.norms):
        if norm in _SKIPPED:
            continue
        for piece in split_glued(norm):
            tokens.append(piece)
            origin.append(number)
    kept = tuple(tokens)
    named = {name[0]: name for name in names if name}
    items: list[Chunk] = []
    at = 0
    while at < len(kept):
        chunk = _chunk_at(kept, at, origin, signalment, named)
        items.append(chunk[0])
        at += chunk[1]
    starts: list[int] = []
    position = 1
    for item in items:
        starts.append(position)
        position += len(item.symbol) + 1
    text = " " + "".join(item.symbol + " " for item in items)
    return Chunks(utterance, tuple(items), text, tuple(starts))


def _is_pronoun(tokens: tuple[str, ...], at: int) -> bool:
    """Whether "one" is no number: "the other one", "one of those", "that one"."""
    return tokens[at - 1 : at] in _BEFORE_PRONOUN or tokens[at + 1 : at + 2] == ("of",)


def _chunk_at(
    tokens: tuple[str, ...],
    at: int,
    origin: list[int],
    signalment: Signalment,
    named: Mapping[str, tuple[str, ...]],
) -> tuple[Chunk, int]:
    """The chunk that begins at a token, and how many tokens it takes."""
    word = tokens[at]
    name = named.get(word)
    if name is not None and tokens[at : at + len(name)] == name:
        return Chunk("PET", origin[at], origin[at + len(name) - 1]), len(name)
    found = signalment.match(tokens, at)
    if found is not None:
        size, term = found
        return Chunk(_term_symbol(term), origin[at], origin[at + size - 1], term=term), size
    day = _day_at(tokens, at)
    if day is not None:
        size, value = day
        return Chunk("DAY", origin[at], origin[at + size - 1], value=value), size
    quantity = None if word == "one" and _is_pronoun(tokens, at) else quantity_at(tokens, at)
    if quantity is not None:
        symbol = _QUANTITY_SYMBOL[quantity.kind] + (quantity.unit if quantity.kind == "duration" else "")
        chunk = Chunk(symbol, origin[quantity.first], origin[quantity.last], quantity=quantity)
        return chunk, quantity.last - quantity.first + 1
    return Chunk(word, origin[at], origin[at]), 1


_BEFORE_PRONOUN = frozenset(
    (word,)
    for word in (
        "the other this that which no every my our first last little big older younger new old another each".split()
    )
)
_SENTENCE_END = frozenset(".?!\n")
"""Written text only."""
_SUBJECTS = frozenset({"i", "we", "you", "he", "she", "it", "they", "PET"})
_QUANTITY_SYMBOL: Mapping[str, str] = {
    "number": "NUM",
    "duration": "DUR",
    "weight": "WEI",
    "count": "CNT",
    "clock": "CLK",
}
