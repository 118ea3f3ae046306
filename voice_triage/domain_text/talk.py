"""The talk files ``lexicons/talk_*.toml``: frames round the lexicon's words, and whole sentences of callers."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voice_triage import resources
from voice_triage.errors import LexiconError
from voice_triage.triage.template_walk import check_template

PATTERN = "talk_*.toml"
SHAPES = ("sentence", "helper", "ing", "past", "third", "base", "body", "adjective", "place", "noun", "thing")
"""What a lexicon's core may begin with; each has frames of its own (``shapes.py``)."""
_SLOT = re.compile(r"\{(\w+)\}")
_SAID = frozenset({"said", "he", "him", *(f"{shape}_core" for shape in SHAPES)})
NAMED_SLOTS = frozenset({"petname", "person", "breed", "staff", "place", "product"})
"""Slots filled from the lists of names and breeds and from the clinic's own words."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Talk(_Strict):
    """Whole sentences of one kind."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    share: float = Field(default=1.0, gt=0)
    """How often it is drawn, beside the other groups."""
    say: tuple[str, ...] = Field(min_length=1)


class Joins(_Strict):
    """What stands between two statements of one breath, before the first, and behind the last."""

    words: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    """What stands before the first statement."""
    opening_rate: float = Field(default=0.0, ge=0, le=1)
    endings: tuple[str, ...] = ()
    """What stands behind the last."""
    ending_rate: float = Field(default=0.0, ge=0, le=1)


class Hesitation(_Strict):
    """Sounds of thinking."""

    words: tuple[str, ...] = ()
    rate: float = Field(default=0.0, ge=0, le=0.5)
    """How often one stands before a word."""
    repeats: float = Field(default=0.0, ge=0, le=0.5)
    """How often one of ``repeated`` is said twice."""
    repeated: tuple[str, ...] = ()
    taken_back: float = Field(default=0.0, ge=0, le=0.5)
    """How often a word is said again after one of ``repairs``."""
    repairs: tuple[str, ...] = ()


class _File(_Strict):
    title: str = ""
    slots: dict[str, tuple[str, ...]] = {}
    articles: dict[str, str] = {}
    gaps: dict[str, tuple[str, ...]] = {}
    shapes: dict[str, str] = {}
    frames: dict[str, tuple[str, ...]] = {}
    joins: Joins | None = None
    casual: dict[str, str] = {}
    hesitation: Hesitation | None = None
    talk: tuple[Talk, ...] = ()


@dataclass(frozen=True)
class TalkSet:
    """All talk files of one folder."""

    slots: Mapping[str, tuple[str, ...]]
    articles: Mapping[str, frozenset[str]]
    """``his``, ``the``, ``a`` -> nouns that want it."""
    gaps: Mapping[str, tuple[str, ...]]
    """``short``, ``long`` -> templates of what stands in a gap."""
    shapes: Mapping[str, frozenset[str]]
    frames: Mapping[str, tuple[str, ...]]
    joins: Joins
    casual: Mapping[tuple[str, ...], str]
    """Words -> what is said for them half of the time."""
    hesitation: Hesitation
    talks: tuple[Talk, ...]


def talk_folder(lexicon_folder: Path) -> Path:
    """Where the talk files are: beside the lexicon, or, where a clinic's own lexicon has none, those bundled."""
    return lexicon_folder if any(lexicon_folder.glob(PATTERN)) else resources.lexicons_dir()


def talk_hash(lexicon_folder: Path) -> str:
    """SHA-256 over names and bytes of the talk files that belong to a lexicon."""
    digest = hashlib.sha256()
    for path in sorted(talk_folder(lexicon_folder).glob(PATTERN)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def load_talk(lexicon_folder: Path, names: frozenset[str]) -> TalkSet:
    """The talk files that belong to a lexicon; ``names`` are its concepts and groups.

    Raises LexiconError naming the file and what to correct.
    """
    folder = talk_folder(lexicon_folder)
    files = [(path, _parse(path)) for path in sorted(folder.glob(PATTERN))]
    if not files:
        raise LexiconError(f"{folder}: no {PATTERN} here; restore them from the package")
    slots: dict[str, tuple[str, ...]] = {}
    for _, file in files:
        slots.update(file.slots)
    known = names | frozenset(slots) | NAMED_SLOTS
    for path, file in files:
        _check(path, file, known)
    frames = {shape: file.frames[shape] for _, file in files for shape in file.frames}
    for shape in SHAPES:
        if not frames.get(shape):
            raise LexiconError(
                f"{folder.name}/talk_frames.toml: [frames] has no {shape!r}; restore it from the package"
            )
    return TalkSet(
        slots=slots,
        articles={key: frozenset(words.split()) for _, file in files for key, words in file.articles.items()},
        gaps={key: words for _, file in files for key, words in file.gaps.items()},
        shapes={key: frozenset(words.split()) for _, file in files for key, words in file.shapes.items()},
        frames=frames,
        joins=next((file.joins for _, file in files if file.joins), Joins()),
        casual={tuple(said.split()): casual for _, file in files for said, casual in file.casual.items()},
        hesitation=next((file.hesitation for _, file in files if file.hesitation), Hesitation()),
        talks=tuple(talk for _, file in files for talk in file.talk),
    )


def _parse(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise LexiconError(f"{path.name}: cannot be read as TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise LexiconError(f"{path.name}: {key}: {first['msg']}") from error


def _templates(file: _File) -> Iterator[tuple[str, str]]:
    """Every template of a file with the name of what it belongs to."""
    for kind in (file.slots, file.gaps, file.frames):
        for key, templates in kind.items():
            yield from ((key, template) for template in templates)
    for talk in file.talk:
        yield from ((talk.id, template) for template in talk.say)


def _check(path: Path, file: _File, known: frozenset[str]) -> None:
    for shape in file.frames:
        if shape not in SHAPES:
            raise LexiconError(f"{path.name}: frames.{shape} is no shape; use one of {', '.join(SHAPES)}")
    for owner, template in _templates(file):
        problem = check_template(template)
        if problem:
            raise LexiconError(f"{path.name}: {owner}: {template!r} cannot be parsed: {problem}")
        if re.search(r"[^a-z' \[\](){}|<>_]", template):
            raise LexiconError(
                f"{path.name}: {owner}: {template!r}: write words in lower case, without digits or points"
            )
        for slot in _SLOT.findall(template):
            if slot not in known and not (owner in file.frames and slot in _SAID):
                near = difflib.get_close_matches(slot, sorted(known), 1)
                hint = f"; did you mean {{{near[0]}}}?" if near else ""
                raise LexiconError(f"{path.name}: {owner}: {template!r}: unknown slot {{{slot}}}{hint}")
