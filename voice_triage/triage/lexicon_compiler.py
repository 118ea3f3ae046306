"""Expands a lexicon's templates into patterns of phrases, and checks that every name in it exists."""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from hassil.errors import MissingRuleError
from hassil.expression import Expression, Sentence
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hassil.sample import sample_expression

from voice_triage.errors import LexiconError
from voice_triage.triage.cues import is_plain, spoken_forms
from voice_triage.triage.disfluency import core_norms
from voice_triage.triage.lexicon import CATEGORIES, Concept, Element, LexiconFile, Pattern, Rule, line_of
from voice_triage.triage.tokens import Spelling, split_word

MOST_EXPANSIONS = 500
"""A template part with more expansions is a mistake (issue 3): split it or use an expansion of its own."""
GAP_TOKENS = 3
"""Most words that ``{gap}`` stands for."""

_PLACE = re.compile(r"\{(\w+)\}")
_Phrases = tuple[tuple[str, ...], ...]
_Way = list[str | _Phrases]
"""One way through a template: places as written (``{gap}``), and parts as their phrases."""


def compile_templates(names: Names) -> tuple[tuple[Pattern, ...], dict[int, _Phrases]]:
    """Every template's patterns, and by part number the phrases they are made of. Raises LexiconError."""
    compiler = _Compiler(names.expansions, names.spelling, names.known)
    for path, concept in names.concepts.values():
        for text in concept.templates:
            compiler.add(path, concept, text)
        for term, alikes in concept.sound_alikes.items():
            for text in alikes:
                compiler.add(path, concept, text, meant=term)
    return tuple(compiler.patterns), {number: phrases for phrases, number in compiler.parts.items()}


class Names:
    """Everything that a lexicon's files name, each name once."""

    def __init__(self, files: Sequence[tuple[Path, LexiconFile]]) -> None:
        """Raises LexiconError for a name that stands twice, or that stands nowhere but is used."""
        self.expansions: dict[str, Sentence] = {}
        corrections: dict[str, str] = {}
        self.spelling = Spelling(corrections)
        self.undone_by: dict[str, tuple[str, ...]] = {}
        self.concepts: dict[str, tuple[Path, Concept]] = {}
        self.rules: dict[str, tuple[Path, Rule]] = {}
        for path, file in files:
            self._collect(path, file)
            corrections.update(file.spelling)
        self._check(files)

    @property
    def known(self) -> set[str]:
        """Ids of concepts and names of groups."""
        return set(self.concepts) | {group for _, c in self.concepts.values() for group in c.groups}

    def _collect(self, path: Path, file: LexiconFile) -> None:
        """Takes one file's names in. Raises LexiconError for a name that stands twice or a category that is none."""
        for name, text in file.expansions.items():
            if name in self.expansions:
                raise LexiconError(f"{path.name}:{line_of(path, name)}: expansion {name!r} is defined twice")
            self.expansions[name] = Sentence(_expression(path, text, name))
        for category, names in file.undone_by.items():
            _require(path, "undone_by", "category", category, CATEGORIES)
            self.undone_by[category] = (*self.undone_by.get(category, ()), *names)
        for concept in file.concept:
            if concept.category:
                _require(path, concept.id, "category", concept.category, CATEGORIES)
            _once(path, "concept", concept.id, self.concepts)
            self.concepts[concept.id] = (path, concept)
        for rule in file.rule:
            _require(path, rule.id, "category", rule.category, CATEGORIES)
            _once(path, "rule", rule.id, self.rules)
            self.rules[rule.id] = (path, rule)

    def _check(self, files: Sequence[tuple[Path, LexiconFile]]) -> None:
        """Every concept or group that a rule names exists. Raises LexiconError."""
        known = self.known
        for path, rule in self.rules.values():
            for name in (*(n for condition in rule.when for n in condition.any), *rule.unless):
                _require(path, rule.id, "concept or group", name, known)
        for path, file in files:
            for name in (n for names in file.undone_by.values() for n in names):
                _require(path, "undone_by", "concept or group", name, known)


def _once(path: Path, what: str, name: str, known: Mapping[str, tuple[Path, object]]) -> None:
    if name in known:
        raise LexiconError(f"{path.name}:{_at(path, name)}: {what} {name!r} is already in {known[name][0].name}")


def _at(path: Path, name: str) -> int:
    return line_of(path, f'id = "{name}"')


def _require(path: Path, owner: str, what: str, name: str, known: Collection[str]) -> None:
    """Raises LexiconError with the nearest right name if ``name`` is not known."""
    if name in known:
        return
    near = difflib.get_close_matches(name, sorted(known), 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise LexiconError(f"{path.name}:{_at(path, owner)}: {owner}: unknown {what} {name!r}{hint}")


def _expression(path: Path, text: str, owner: str) -> Expression:
    try:
        return parse_sentence(text).expression
    except ParseError as error:
        raise LexiconError(f"{path.name}:{line_of(path, text)}: {owner}: {text!r} cannot be parsed: {error}") from error


class _Compiler:
    """Collects parts and patterns while templates are expanded."""

    def __init__(self, expansions: Mapping[str, Sentence], spelling: Spelling, known: set[str]) -> None:
        self.expansions = dict(expansions)
        self.spelling = spelling
        self.known = known
        self.parts: dict[tuple[tuple[str, ...], ...], int] = {}
        self.patterns: list[Pattern] = []

    def add(self, path: Path, concept: Concept, text: str, *, meant: str = "") -> None:
        """Compiles one template, or what is written instead of a term that is ``meant``.

        A place inside brackets makes one pattern for each way through them.
        """
        ways: list[_Way] = [[]]
        for piece in _outer_pieces(text):
            options = [[piece]] if _PLACE.fullmatch(piece) else self._expand(path, concept, piece)
            ways = [[*way, *option] for way in ways for option in options]
            if len(ways) > MOST_EXPANSIONS:
                raise LexiconError(
                    f"{path.name}:{line_of(path, text)}: {concept.id}: {text!r} has more than {MOST_EXPANSIONS} ways"
                )
        for way in ways:
            elements: list[Element] = []
            gap = 0
            for step in way:
                if not isinstance(step, str):
                    elements.append(Element(self.parts.setdefault(step, len(self.parts)), "", gap))
                    gap = 0
                    continue
                name = step[1:-1]
                reach = re.fullmatch(r"gap(\d*)", name)
                if reach:
                    gap += int(reach[1] or GAP_TOKENS)
                    continue
                _require(path, concept.id, "concept or group", name, self.known)
                elements.append(Element(-1, name, gap))
                gap = 0
            if elements:
                self.patterns.append(Pattern(concept.id, tuple(elements), meant))
            elif len(ways) == 1:
                raise LexiconError(
                    f"{path.name}:{_at(path, concept.id)}: {concept.id}: template {text!r} holds no words"
                )

    def _expand(self, path: Path, concept: Concept, piece: str) -> list[_Way]:
        """Every way through a piece: all its plain phrases are one way, each phrase that holds places is another."""
        plain: dict[tuple[str, ...], None] = {}
        placed: list[_Way] = []
        empty = False
        try:
            for count, sample in enumerate(self._samples(path, concept, piece)):
                if count >= MOST_EXPANSIONS:
                    raise LexiconError(
                        f"{_part(path, concept, piece)} has more than {MOST_EXPANSIONS} expansions; "
                        "split it at {gap} or shorten it"
                    )
                way: _Way = []
                for number, chunk in enumerate(_PLACE.split(sample)):
                    if number % 2:
                        way.append("{" + chunk + "}")
                    elif core := self._core(chunk):
                        way.append((core,))
                if not way:
                    empty = True
                elif len(way) == 1 and not isinstance(way[0], str):
                    plain.update(dict.fromkeys(spoken_forms(way[0][0])))
                else:
                    placed.append(way)
        except (MissingRuleError, KeyError, ValueError) as error:
            used = re.findall(r"<(\w+)>", piece)
            near = {
                name: difflib.get_close_matches(name, self.expansions, 1)
                for name in used
                if name not in self.expansions
            }
            hint = "".join(f"; did you mean <{close[0]}> for <{name}>?" for name, close in near.items() if close)
            raise LexiconError(f"{_part(path, concept, piece)} uses an unknown <expansion>: {error}{hint}") from error
        ways = [*([[tuple(plain)]] if plain else []), *placed, *([[]] if empty else [])]
        return typing.cast("list[_Way]", ways)

    def _samples(self, path: Path, concept: Concept, piece: str) -> Iterable[str]:
        if is_plain(piece):
            return (piece,)
        expression = _expression(path, piece, concept.id)
        return sample_expression(expression, expansion_rules=self.expansions, expand_lists=False)

    def _core(self, text: str) -> tuple[str, ...]:
        return core_norms(tuple(norm for word in text.split() for norm in split_word(word, self.spelling)))


def _part(path: Path, concept: Concept, piece: str) -> str:
    return f"{path.name}:{line_of(path, piece)}: {concept.id}: template part {piece!r}"


def _outer_pieces(text: str) -> list[str]:
    """The template cut at its places that stand outside brackets, places included, blank pieces left out."""
    pieces: list[str] = [""]
    depth = 0
    for chunk in re.split(r"([()\[\]]|\{\w+\})", text):
        if chunk in ("(", "["):
            depth += 1
        elif chunk in (")", "]"):
            depth -= 1
        if depth == 0 and _PLACE.fullmatch(chunk):
            pieces += [chunk, ""]
        else:
            pieces[-1] += chunk
    return [piece.strip() for piece in pieces if piece.strip()]
