"""A lexicon's files as its author sees them: where everything stands, and what its templates say in words."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hassil.expression import Expression, Sentence
from hassil.parse_expression import parse_sentence
from hassil.sample import sample_expression

from voice_triage.triage.disfluency import core_norms
from voice_triage.triage.lexicon import Concept, Lexicon, lexicon_files
from voice_triage.triage.matcher import Matcher
from voice_triage.triage.tokens import split_word, tokenize, words_of_text

PLACE = re.compile(r"\{(\w+)\}")
"""``{gap}``, ``{gap6}`` or ``{name}`` of a concept or group."""
GAP = re.compile(r"gap\d*")
_FEWEST_SAMPLES_READ = 12
"""For each sample wanted so many ways are gone through, so that the samples are not all alike."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to correct in a lexicon."""

    file: str
    """Name of the file, without its folder."""
    line: int
    """From 1."""
    concept: str
    """Id of the concept or rule; empty if it is none's."""
    message: str
    """What is wrong and what to do."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.concept + ': ' if self.concept else ''}{self.message}"


class LexiconSource:
    """A lexicon that could be loaded, with its files."""

    def __init__(self, folder: Path, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.expansions: dict[str, Sentence] = {}
        self.expansion_places: dict[str, tuple[str, int]] = {}
        """Name of an expansion -> file and line."""
        self._files: dict[str, Path] = {}
        self._texts: dict[Path, str] = {}
        self._parsed: dict[str, Expression] = {}
        for path in lexicon_files(folder):
            text = path.read_text(encoding="utf-8")
            self._texts[path] = text
            data = tomllib.loads(text)
            for name, template in data.get("expansions", {}).items():
                self.expansions[name] = parse_sentence(template)
                self.expansion_places[name] = (path.name, self._line(path, f"\n{name} =", 0) + 1)
            for kind in ("concept", "rule"):
                for entry in data.get(kind, ()):
                    self._files.setdefault(f"{kind} {entry['id']}", path)

    @cached_property
    def matcher(self) -> Matcher:
        """Finds the lexicon's concepts in sentences."""
        return Matcher(self.lexicon)

    def finds(self, concept: str, sentence: str) -> bool:
        """Whether a concept is found in a sentence, whatever is said about it."""
        found = self.matcher.find(tokenize(words_of_text(sentence), 0, self.lexicon.spelling))
        return any(match.concept == concept for match in found)

    def problem(self, name: str, message: str, *, kind: str = "concept", text: str = "") -> Problem:
        """A problem of a concept or rule, at ``text`` (a template, an example) within it if that is found there."""
        path = self._files[f"{kind} {name}"]
        header = re.search(rf'(?m)^\s*id\s*=\s*"{re.escape(name)}"', self._texts[path])
        return Problem(path.name, self._line(path, text, header.start() if header else 0), name, message)

    def _line(self, path: Path, needle: str, begin: int) -> int:
        text = self._texts[path]
        at = text.find(needle, begin)
        return text.count("\n", 0, at if at >= 0 else begin) + 1

    def core(self, text: str) -> tuple[str, ...]:
        """What is left of a phrase for matching."""
        return core_norms(tuple(norm for word in text.split() for norm in split_word(word, self.lexicon.spelling)))

    def parsed(self, template: str) -> Expression:
        """A template as hassil reads it."""
        known = self._parsed.get(template)
        if known is None:
            known = self._parsed[template] = parse_sentence(template).expression
        return known

    def samples(self, expression: Expression, most: int) -> list[str]:
        """At most ``most`` ways through an expression, or one more; places stay as written (``{name}``)."""
        ways = sample_expression(expression, expansion_rules=self.expansions, expand_lists=False)
        first = list(itertools.islice(ways, most * _FEWEST_SAMPLES_READ))
        return first[:: max(1, len(first) // most)]

    def templates(self) -> Iterator[tuple[Concept, str]]:
        """Every template and sound-alike with its concept."""
        for concept in self.lexicon.concepts.values():
            for text in itertools.chain(concept.templates, *concept.sound_alikes.values()):
                yield concept, text
