"""The lexicon: what a veterinarian writes in ``lexicons/*.toml``, checked and compiled.

A *concept* is something a client may say of a pet; its *templates* hold the core words, never the subject ("he", "my
dog"). Template syntax is Home Assistant's, parsed by hassil: ``(a|b)``, ``[optional]``, ``<expansion>``; ``{gap}``
stands for zero to three words, ``{gap6}`` for zero to six, ``{name}`` for a mention of a concept or group.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voice_triage.errors import LexiconError
from voice_triage.events import Status, Urgency
from voice_triage.triage.cues import CuePhrases, Cues, load_cues
from voice_triage.triage.garbage import uncollected
from voice_triage.triage.tokens import Spelling

CATEGORIES = (
    "bleeding",
    "breathing",
    "gi_severe",
    "toxin",
    "neuro",
    "urinary",
    "pain",
    "foreign_body",
    "other_emergency",
)
"""The red-flag categories of the call report, in the order of `eval/FORMAT.md`."""


Kind = Literal["finding", "exposure", "substance", "object", "normal", "context", "recovery", "idiom", "amount", "lane"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Example(_Strict):
    """A sentence with the status its concept must get; ``lexicon check`` runs it."""

    say: str
    status: Status | Literal["none"] = Status.PRESENT
    """``"none"``: the concept must not be found at all."""


class Concept(_Strict):
    """One entry of the lexicon, as written."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    category: str = ""
    label: str = ""
    """Plain words for the reason on the card; never a disease."""
    kind: Kind = "finding"
    groups: tuple[str, ...] = ()
    flag: Urgency | None = None
    """Urgency when present by itself; without it only rules use the concept."""
    event: bool = False
    """Something that happened (a bite, a swallowed pill): being fine afterwards does not undo it."""
    species: tuple[str, ...] = ()
    """Counts only for these species, or while the species is unknown."""
    templates: tuple[str, ...] = ()
    sound_alikes: dict[str, tuple[str, ...]] = {}
    """Real term -> what the recognizer writes instead of it; shown as the real term."""
    fields: dict[Status, dict[str, str]] = {}
    """Patient fields that a mention with this status fills."""
    examples: tuple[Example, ...] = ()
    sources: tuple[str, ...] = ()


class Condition(_Strict):
    """A part of a rule: at least ``at_least`` counted mentions of any of these concepts or groups."""

    any: tuple[str, ...]
    at_least: int = 1
    within_h: float | None = None
    """Only for ``at_least`` > 1: all within this many hours."""
    status: tuple[Status, ...] = (Status.PRESENT,)
    lasting_h: float | None = None
    """Said to have lasted, or been missing, for at least this many hours."""
    or_onset: bool = False
    """Where no such time is said beside it, the time since the whole problem began counts."""


class Rule(_Strict):
    """When these conditions hold together a flag is raised. Rules may raise, never lower: the seed's eight are red."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    category: str
    urgency: Urgency = Urgency.RED
    when: tuple[Condition, ...]
    within_words: int | None = None
    """All conditions' mentions must lie within this many words of the client's speech."""
    species: tuple[str, ...] = ()
    not_species: tuple[str, ...] = ()
    sex: str | None = None
    unless_sex: str | None = None
    breeds: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    """Concepts or groups whose present mention, later in the call, withdraws the flag."""
    known_species: bool = False
    """The species must have been said; otherwise an unknown species counts."""
    known_sex: bool = False
    reason: str
    """One plain sentence; ``{said}`` is replaced by the client's words."""
    sources: tuple[str, ...] = ()


class LexiconFile(_Strict):
    """One ``.toml`` file."""

    version: str = ""
    title: str = ""
    expansions: dict[str, str] = {}
    spelling: dict[str, str] = {}
    undone_by: dict[str, tuple[str, ...]] = {}
    """Category -> concepts or groups that take back what was said before them ("they're all still in the box")."""
    concept: tuple[Concept, ...] = ()
    rule: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern: phrases of ``part``, or a mention of ``group``, after at most ``gap`` other tokens."""

    part: int
    group: str
    gap: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A template compiled: its concept and its steps."""

    concept: str
    elements: tuple[Element, ...]
    meant: str = ""
    """The real term, if its words are what the recognizer writes instead of it."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Every template and cue expanded."""

    patterns: tuple[Pattern, ...]
    phrases: Mapping[int, tuple[tuple[str, ...], ...]]
    """Part number -> its phrases as normalized core tokens."""
    cues: CuePhrases


@dataclass(frozen=True, eq=False)
class Lexicon:
    """All concepts, rules and compiled patterns of one folder."""

    concepts: Mapping[str, Concept]
    rules: tuple[Rule, ...]
    patterns: tuple[Pattern, ...]
    phrases: Mapping[int, tuple[tuple[str, ...], ...]]
    """Part number -> its phrases as normalized core tokens."""
    spelling: Spelling
    undone_by: Mapping[str, tuple[str, ...]]
    cues: Cues
    version: str
    hash: str
    """SHA-256 over the files' names and bytes."""
    folder: Path
    """Where it was read from; signalment (breeds, species, names) is read from there too."""

    @property
    def label(self) -> str:
        """Version and short hash: how a call's log names it."""
        return f"{self.version} {self.hash[:12]}".strip()

    @cached_property
    def members(self) -> Mapping[str, frozenset[str]]:
        """Concept or group name -> ids of its concepts."""
        found: dict[str, set[str]] = {}
        for concept in self.concepts.values():
            for name in (concept.id, *concept.groups):
                found.setdefault(name, set()).add(concept.id)
        return {name: frozenset(ids) for name, ids in found.items()}

    @cached_property
    def concept_fields(self) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
        """Concept id -> status -> field -> value."""
        return {c.id: {str(s): dict(v) for s, v in c.fields.items()} for c in self.concepts.values() if c.fields}


# Files with formats of their own: cues (triage/cues.py), signalment (triage/signalment.py), what teaches the recognizer
# (domain_text/talk.py for talk_*.toml, domain_text/pronunciations.py), and what the CSR is offered (guidance/).
OTHER_FILES = frozenset(
    {"cues.toml", "breeds.toml", "species.toml", "names.toml", "pronunciations.toml", "questions.toml", "lines.toml"}
)


def lexicon_files(folder: Path) -> list[Path]:
    """The concept files of a lexicon folder, in order of name. Raises LexiconError if there are none."""
    files = sorted(p for p in folder.glob("*.toml") if p.name not in OTHER_FILES and not p.name.startswith("talk_"))
    if not files:
        raise LexiconError(
            f"{folder}: no lexicon (*.toml) here; name the folder that holds bleeding.toml and the others"
        )
    return files


def lexicon_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of every lexicon file, cues and signalment too."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@uncollected()
def load(folder: Path, cache: Path | None = None) -> Lexicon:
    """The lexicon of a folder; ``cache`` is a folder for compiled templates, keyed by hash.

    Raises LexiconError naming file, line, key and the nearest right name.
    """
    from voice_triage.triage import (  # they build on this module; hassil is slow to import
        lexicon_cache,
        lexicon_compiler,
    )

    digest = lexicon_hash(folder)
    files = [(path, _parse(path)) for path in lexicon_files(folder)]
    names = lexicon_compiler.Names(files)
    compiled = lexicon_cache.read(cache, digest) if cache else None
    if compiled is None:
        patterns, phrases = lexicon_compiler.compile_templates(names)
        compiled = Compiled(patterns, phrases, load_cues(folder))
        if cache:
            lexicon_cache.write(cache, digest, compiled)
    return Lexicon(
        concepts={name: concept for name, (_, concept) in names.concepts.items()},
        rules=tuple(rule for _, rule in names.rules.values()),
        patterns=compiled.patterns,
        phrases=compiled.phrases,
        spelling=names.spelling,
        undone_by=names.undone_by,
        cues=Cues(compiled.cues),
        version=next((file.version for _, file in files if file.version), ""),
        hash=digest,
        folder=folder,
    )


def line_of(path: Path, needle: str) -> int:
    """Line number (from 1) where ``needle`` stands first in a file; 1 if it does not."""
    at = path.read_text(encoding="utf-8").find(needle)
    return path.read_text(encoding="utf-8")[:at].count("\n") + 1 if at >= 0 else 1


def _parse(path: Path) -> LexiconFile:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise LexiconError(f"{path.name}: cannot be read as TOML: {error}") from error
    try:
        return LexiconFile.model_validate(data)
    except ValidationError as error:
        raise LexiconError(_explain(path, data, error)) from error


def _explain(path: Path, data: dict[str, Any], error: ValidationError) -> str:
    errors = error.errors()
    # A key misspelt is unknown, and its right name missing: the former says more.
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    where: Any = data
    name = ""
    for step in first["loc"]:
        try:
            where = where[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(where, dict) and "id" in where:
            name = str(where["id"])
    key = str(first["loc"][-1]) if first["loc"] else ""
    line = line_of(path, f'id = "{name}"') if name else line_of(path, key)
    hint = ""
    if first["type"] == "extra_forbidden":
        models: dict[str, type[BaseModel]] = {"concept": Concept, "rule": Rule}
        model = models.get(str(first["loc"][0]), LexiconFile)
        if "examples" in first["loc"]:
            model = Example
        elif "when" in first["loc"]:
            model = Condition
        near = difflib.get_close_matches(key, list(model.model_fields), 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known keys: {', '.join(model.model_fields)}"
    dotted = ".".join(str(step) for step in first["loc"])
    return f"{path.name}:{line}: {name or 'file'}: {dotted}: {first['msg']}{hint}"
