"""Species, breed and name words of ``lexicons/``, found in a token sequence, longest phrase first.

Found by dictionary dispatch on the first token rather than by spaCy's PhraseMatcher, because quantities, day words and
names are read in the same left-to-right pass, where the longest phrase from a place is what is asked for; it costs the
same (26 tokens and 3,600 phrases: 5 us, PhraseMatcher with its ``Doc`` 7 us).
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from hassil import parse_sentence
from hassil.errors import HassilError
from hassil.parser import ParseError
from hassil.sample import sample_expression
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voice_triage.errors import LexiconError
from voice_triage.triage.tokens import split_word

SPECIES = ("dog", "cat", "rabbit", "guinea_pig", "hamster", "ferret", "bird", "reptile", "horse", "other")
_FILES = ("species.toml", "breeds.toml", "names.toml")
MOST_EXPANSIONS = 500
"""Phrases that one template may stand for; more is a mistake of the writer."""


@dataclass(frozen=True, slots=True)
class Term:
    """What a phrase says of the animal."""

    kind: str
    """``species``, ``breed``, ``stage`` or ``sex``."""
    species: str = ""
    breed: str = ""
    plural: bool = False
    stage: str = ""
    """``puppy``, ``kitten`` or ``senior``."""
    sex: str = ""
    neutered: bool = False
    ordinary: bool = False
    """Also an ordinary word: counts only where the sentence makes it the animal."""


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words that help to tell names from other words (``lexicons/names.toml``)."""

    pets: frozenset[str] = frozenset()
    """What pets are often called."""
    people: frozenset[str] = frozenset()
    not_a_name: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()
    """Names that are things too: lily, ginger, chip."""
    qualities: frozenset[str] = frozenset()
    """Names that are qualities too: lucky, fancy, tiny."""
    endearments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Signalment:
    """The phrases, the words in whose company a species word is not the patient, and the name words."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], Term], ...]]
    """First token to (phrase, term), longest phrase first."""
    not_after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    names: NameWords = NameWords()

    def match(self, tokens: tuple[str, ...], at: int) -> tuple[int, Term] | None:
        """Length and term of the longest phrase that begins at this token, or ``None``."""
        for phrase, term in self.by_first.get(tokens[at], ()):
            if tokens[at : at + len(phrase)] == phrase:
                return len(phrase), term
        return None

    @property
    def phrases(self) -> int:
        """How many phrases are known."""
        return sum(len(entries) for entries in self.by_first.values())


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_File = TypeVar("_File", bound=BaseModel)


class _OrdinaryWords(_Strict):
    words: list[str] = Field(default_factory=list)


class _BreedFile(_Strict):
    breed: dict[str, dict[str, list[str]]]
    ordinary: _OrdinaryWords = _OrdinaryWords()


class _SpeciesEntry(_Strict):
    words: list[str]
    plurals: list[str] = Field(default_factory=list)
    stages: dict[str, list[str]] = Field(default_factory=dict)
    sexes: dict[str, list[str]] = Field(default_factory=dict)
    neutered: list[str] = Field(default_factory=list)


class _Company(_Strict):
    after: list[str] = Field(default_factory=list)
    before: list[str] = Field(default_factory=list)


class _SpeciesFile(_Strict):
    species: dict[str, _SpeciesEntry]
    stages: dict[str, list[str]] = Field(default_factory=dict)
    sexes: dict[str, list[str]] = Field(default_factory=dict)
    altered_sexes: dict[str, list[str]] = Field(default_factory=dict)
    not_the_patient: _Company = _Company()


class _Names(_Strict):
    names: str


class _Words(_Strict):
    words: str


class _NameFile(_Strict):
    pet: _Names
    person: _Names
    not_a_name: _Words
    also_things: _Words
    also_qualities: _Words
    endearments: _Words


@dataclass(slots=True)
class _Table:
    """Phrases being collected, with the file they come from for error messages."""

    path: Path
    phrases: dict[tuple[str, ...], Term] = field(default_factory=dict)

    def add(self, key: str, templates: Iterable[str], term: Term) -> None:
        for template in templates:
            for phrase in expand(template, self.path, key):
                self.phrases.setdefault(phrase, term)


def expand(template: str, path: Path, key: str) -> list[tuple[str, ...]]:
    """The token phrases of a hassil template.

    Raises LexiconError, naming file, line and key, for a template that cannot be parsed or stands for too many phrases.
    """
    try:
        sentence = parse_sentence(template)
        texts = [text.strip() for text in sample_expression(sentence.expression, expand_lists=False)]
    except (ParseError, HassilError, ValueError, AttributeError) as error:
        raise LexiconError(
            f"{_place(path, template)}, {key}: the template {template!r} cannot be read; {error}"
        ) from error
    if len(texts) > MOST_EXPANSIONS:
        raise LexiconError(
            f"{_place(path, template)}, {key}: {template!r} stands for {len(texts)} phrases; split it (at "
            f"most {MOST_EXPANSIONS})"
        )
    phrases = (tuple(norm for word in text.split() for norm in split_word(word) if norm != "-") for text in texts)
    return [phrase for phrase in dict.fromkeys(phrases) if phrase]


def _place(path: Path, quoted: str) -> str:
    """``file:line`` of the first line that holds a key or a string; the file alone if none does."""
    needle = re.compile(rf'(?:^|[\s"{{,.\[]){re.escape(quoted)}(?:"|\]|\.|\s*=)')
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if needle.search(line):
            return f"{path.name}:{number}"
    return path.name


def _read(path: Path, model: type[_File]) -> _File:
    try:
        with path.open("rb") as file:
            return model.model_validate(tomllib.load(file))
    except OSError as error:
        raise LexiconError(f"{path.name} cannot be read ({error.strerror}); restore it from the package") from error
    except tomllib.TOMLDecodeError as error:
        raise LexiconError(f"{path.name} is not valid TOML: {error}") from error
    except ValidationError as error:
        problems = error.errors()
        first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
        keys = [str(part) for part in first["loc"]]
        name = keys[-1] if keys else path.name
        known = sorted({*model.model_fields, *_SpeciesEntry.model_fields, *_Company.model_fields})
        near = difflib.get_close_matches(name, known, 1) if first["type"] == "extra_forbidden" else []
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise LexiconError(f"{_place(path, name)}, {'.'.join(keys)}: {first['msg']}{hint}") from error


def _check_name(name: str, allowed: Iterable[str], path: Path, key: str) -> None:
    choices = tuple(allowed)
    if name not in choices:
        near = difflib.get_close_matches(name, choices, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(choices)}"
        raise LexiconError(f"{_place(path, name)}, {key}: {name!r} is not known; {hint}")


def load_breeds(path: Path) -> Mapping[tuple[str, ...], Term]:
    """Breed phrases of a ``breeds.toml``. Raises LexiconError naming file, line and key."""
    data = _read(path, _BreedFile)
    table = _Table(path)
    for species, breeds in data.breed.items():
        _check_name(species, SPECIES, path, "breed")
        for name, templates in breeds.items():
            table.add(f"breed.{species}.{name}", templates, Term("breed", species=species, breed=name))
    for phrase, term in table.phrases.items():
        if phrase[-1].endswith("s") and (*phrase[:-1], phrase[-1][:-1]) in table.phrases:
            table.phrases[phrase] = replace(term, plural=True)
    for word in data.ordinary.words:
        phrase = tuple(norm for part in word.split() for norm in split_word(part))
        if phrase not in table.phrases:
            raise LexiconError(
                f"{_place(path, word)}, ordinary.words: {word!r} is no breed's phrase; remove it or add it to a breed"
            )
        table.phrases[phrase] = replace(table.phrases[phrase], ordinary=True)
    return table.phrases


def load_species(path: Path) -> tuple[Mapping[tuple[str, ...], Term], frozenset[str], frozenset[str]]:
    """Species, stage and sex phrases of a ``species.toml``, and its words after and before that forbid a reading.

    Raises LexiconError naming file, line and key.
    """
    data = _read(path, _SpeciesFile)
    table = _Table(path)
    for species, entry in data.species.items():
        _check_name(species, SPECIES, path, "species")
        key = f"species.{species}"
        term = Term("species", species=species)
        table.add(f"{key}.words", entry.words, term)
        table.add(f"{key}.plurals", entry.plurals, replace(term, plural=True))
        table.add(f"{key}.neutered", entry.neutered, replace(term, sex="male", neutered=True))
        for stage, templates in entry.stages.items():
            _check_name(stage, ("puppy", "kitten", "senior"), path, f"{key}.stages")
            table.add(f"{key}.stages.{stage}", templates, replace(term, stage=stage))
        for sex, templates in entry.sexes.items():
            _check_name(sex, ("male", "female"), path, f"{key}.sexes")
            table.add(f"{key}.sexes.{sex}", templates, replace(term, sex=sex))
    for stage, templates in data.stages.items():
        _check_name(stage, ("puppy", "kitten", "senior"), path, "stages")
        table.add(f"stages.{stage}", templates, Term("stage", stage=stage))
    for sex, templates in data.sexes.items():
        _check_name(sex, ("male", "female"), path, "sexes")
        table.add(f"sexes.{sex}", templates, Term("sex", sex=sex))
    for sex, templates in data.altered_sexes.items():
        _check_name(sex, ("male", "female"), path, "altered_sexes")
        table.add(f"altered_sexes.{sex}", templates, Term("sex", sex=sex, neutered=True))
    return table.phrases, frozenset(data.not_the_patient.after), frozenset(data.not_the_patient.before)


def load_names(path: Path) -> NameWords:
    """The name words of a ``names.toml``. Raises LexiconError naming file, line and key."""
    data = _read(path, _NameFile)
    return NameWords(
        pets=frozenset(data.pet.names.split()),
        people=frozenset(data.person.names.split()),
        not_a_name=frozenset(data.not_a_name.words.split()),
        things=frozenset(data.also_things.words.split()),
        qualities=frozenset(data.also_qualities.words.split()),
        endearments=frozenset(data.endearments.words.split()),
    )


@functools.lru_cache(maxsize=4)
def _load(folder: Path, _stamps: tuple[tuple[str, int, int], ...]) -> Signalment:
    species, after, before = load_species(folder / "species.toml")
    phrases = {**species, **load_breeds(folder / "breeds.toml")}
    by_first: dict[str, list[tuple[tuple[str, ...], Term]]] = {}
    for phrase, term in phrases.items():
        by_first.setdefault(phrase[0], []).append((phrase, term))
    ordered = {first: tuple(sorted(found, key=lambda item: -len(item[0]))) for first, found in by_first.items()}
    return Signalment(ordered, after, before, load_names(folder / "names.toml"))


def load_signalment(folder: Path) -> Signalment:
    """The species and breed words of a lexicon folder; cached until a file changes.

    Raises LexiconError naming file, line and key, and the nearest right name where there is one.
    """
    stamps = []
    for name in _FILES:
        path = folder / name
        if not path.is_file():
            raise LexiconError(f"{name} is missing from the lexicon folder; restore it from the package")
        status = path.stat()
        stamps.append((name, status.st_mtime_ns, status.st_size))
    return _load(folder, tuple(stamps))
