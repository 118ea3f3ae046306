"""Fixed lines and lanes as they are written in ``lexicons/lines.toml``, part of the lexicon's hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from voice_triage import resources
from voice_triage.errors import LexiconError
from voice_triage.events import Status
from voice_triage.guidance.question_file import ID
from voice_triage.guidance.toml_file import Place, Strict, TomlFile, nearest
from voice_triage.triage.lexicon import CATEGORIES, Lexicon
from voice_triage.triage.neutrality import names_disease, objections

FILE_NAME = "lines.toml"
GENERAL = ("opening", "red", "orange", "closing")
"""Lines of no category and no lane."""
_TEXT = Field(min_length=1)


class Line(Strict):
    """What to say."""

    say: str = _TEXT


class CategoryLine(Strict):
    """What to say and to ask when a category is flagged."""

    id: str = Field(pattern=ID)
    say: str = _TEXT
    ask: tuple[str, ...] = ()
    poison_lines: bool = False
    """Whether the card shows the poison lines' numbers."""


class PoisonLine(Strict):
    """A telephone line that answers about poisons."""

    name: str = _TEXT
    phone: str = _TEXT
    note: str = ""


class Lane(Strict):
    """A way of the visit through the house."""

    id: str = Field(pattern=ID)
    label: str = _TEXT
    do: str = _TEXT
    """For the CSR to do."""
    say: str = _TEXT
    cues: tuple[str, ...]
    """Concepts or groups."""
    status: tuple[Status, ...] = (Status.PRESENT, Status.UNCERTAIN)
    young: tuple[str, ...] = ()
    """Further cues, of an animal under a year."""


class LineFile(Strict):
    """The whole file."""

    version: str = ""
    title: str = ""
    opening: Line
    red: Line
    orange: Line
    closing: Line
    category: tuple[CategoryLine, ...]
    poison_line: tuple[PoisonLine, ...]
    lane: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class LaneCues:
    """What shows a lane."""

    lane: str
    concepts: frozenset[str]
    young: frozenset[str]
    status: frozenset[Status]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines in force."""

    general: Mapping[str, str]
    """Of :data:`GENERAL`."""
    categories: Mapping[str, CategoryLine]
    lanes: Mapping[str, Lane]
    """In the order in which they are shown."""
    poison_lines: tuple[PoisonLine, ...]
    overridden: frozenset[str] = frozenset()
    """Ids of lines that are the clinic's own wording."""

    @property
    def hash(self) -> str:
        """SHA-256 over everything that is said, asked or done: what a veterinarian signs."""
        said = [
            sorted(self.general.items()),
            sorted((line.id, line.say, line.ask, line.poison_lines) for line in self.categories.values()),
            sorted((lane.id, lane.label, lane.do, lane.say) for lane in self.lanes.values()),
            [(line.name, line.phone, line.note) for line in self.poison_lines],
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()

    @property
    def ids(self) -> tuple[str, ...]:
        """The names by which a clinic replaces a line: general ones, categories, lanes."""
        return (*GENERAL, *self.categories, *self.lanes)

    def with_own(self, own: Mapping[str, str]) -> Lines:
        """These lines with a clinic's own wording in place of theirs, by id."""
        return replace(
            self,
            general={name: own.get(name, say) for name, say in self.general.items()},
            categories={
                name: line.model_copy(update={"say": own.get(name, line.say)}) for name, line in self.categories.items()
            },
            lanes={name: lane.model_copy(update={"say": own.get(name, lane.say)}) for name, lane in self.lanes.items()},
            overridden=frozenset(own),
        )


def lines_path(lexicon_folder: Path) -> Path:
    """The file beside a lexicon, or, where a clinic's own lexicon has none, the bundled one."""
    own = lexicon_folder / FILE_NAME
    return own if own.is_file() else resources.lexicons_dir() / FILE_NAME


def load_lines(folder: Path) -> Lines:
    """The lines that go with a lexicon folder. Raises LexiconError naming file, line, key and the right name."""
    file = TomlFile(lines_path(folder), LexiconError)
    data = file.read(LineFile)
    for place, what in _mistakes(data):
        raise file.mistake(place, what)
    return Lines(
        {name: getattr(data, name).say for name in GENERAL},
        {category: next(line for line in data.category if line.id == category) for category in CATEGORIES},
        {lane.id: lane for lane in data.lane},
        data.poison_line,
    )


def load_lanes(lexicon: Lexicon) -> tuple[LaneCues, ...]:
    """What shows the lanes of a lexicon. Raises LexiconError for a cue that the lexicon does not know."""
    path = lines_path(lexicon.folder)
    file = TomlFile(path, LexiconError)
    own = path.parent == lexicon.folder
    lanes = []
    for number, lane in enumerate(file.read(LineFile).lane):
        for key, names in (("cues", lane.cues), ("young", lane.young)):
            for name in names:
                if own and name not in lexicon.members:
                    raise file.mistake(("lane", number, key), f"{name!r} is not known{nearest(name, lexicon.members)}")
        lanes.append(
            LaneCues(lane.id, _members(lexicon, lane.cues), _members(lexicon, lane.young), frozenset(lane.status))
        )
    return tuple(lanes)


def wording_of_lines(lexicon_folder: Path) -> Iterator[str]:
    """What lines say that none may, each with file and line (``triage/neutrality.py``). Raises LexiconError."""
    file = TomlFile(lines_path(lexicon_folder), LexiconError)
    for place, text in _texts(file.read(LineFile)):
        for why in improper(text):
            yield str(file.mistake(place, why))


def improper(text: str) -> Iterator[str]:
    """Why a line may not be said."""
    yield from objections(text)
    disease = names_disease(text)
    if disease is not None:
        yield f"it names a disease: {disease!r}"


def _members(lexicon: Lexicon, names: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(lexicon.members.get(name, frozenset()) for name in names))


def _texts(data: LineFile) -> Iterator[tuple[Place, str]]:
    for name in GENERAL:
        yield (name, "say"), getattr(data, name).say
    for number, line in enumerate(data.category):
        yield ("category", number, "say"), line.say
        for asked in line.ask:
            yield ("category", number, "ask"), asked
    for number, lane in enumerate(data.lane):
        for key in ("label", "do", "say"):
            yield ("lane", number, key), getattr(lane, key)
    for number, poison in enumerate(data.poison_line):
        yield ("poison_line", number, "note"), poison.note


def _mistakes(data: LineFile) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set(GENERAL)
    entries = [("category", number, line.id) for number, line in enumerate(data.category)]
    entries += [("lane", number, lane.id) for number, lane in enumerate(data.lane)]
    for kind, number, name in entries:
        if name in seen:
            yield (kind, number, "id"), "there is a line of that name already"
        seen.add(name)
        if kind == "category" and name not in CATEGORIES:
            yield (kind, number, "id"), f"{name!r} is no category{nearest(name, CATEGORIES)}"
    missing = [category for category in CATEGORIES if category not in seen]
    if missing:
        yield ("category",), f"every category needs a line; there is none for {', '.join(missing)}"
    for place, text in _texts(data):
        for part in text.split("{")[1:]:
            if part.partition("}")[0] != "pet":
                yield place, f"unknown place {{{part.partition('}')[0]}}}; there is only {{pet}}"
