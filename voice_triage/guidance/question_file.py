"""The next questions as a veterinarian writes them: ``lexicons/questions.toml``, part of the lexicon's hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from voice_triage import resources
from voice_triage.errors import LexiconError
from voice_triage.events import QuestionWhy
from voice_triage.guidance.toml_file import Place, Strict, TomlFile, nearest
from voice_triage.triage.lexicon import CATEGORIES, Lexicon
from voice_triage.triage.lexicon_check import SPECIES
from voice_triage.triage.neutrality import names_disease, objections

FILE_NAME = "questions.toml"
ID = r"^[a-z][a-z0-9_]*$"
FIELDS = (
    *("species", "breed", "age", "sex", "reproductive_status", "weight", "pet_name", "onset", "eating", "drinking"),
    *("urinating", "defecating", "behavior", "client_name", "callback_number"),
)
"""Fields of ``eval/FORMAT.md`` that can be asked for."""
_IDLE_KINDS = frozenset({"context", "idiom", "amount"})
"""Kinds of concepts that answer nothing by themselves: "he had surgery" does not say whether he bleeds."""


class AskedQuestion(Strict):
    """One question, as written."""

    id: str = Field(pattern=ID)
    why: QuestionWhy
    label: str = Field(min_length=1)
    """What it asks for, for the list of what was not asked."""
    ask: str = Field(min_length=1)
    """The words to say; ``{pet}`` is the pet's name, or "your dog"."""
    category: str = ""
    field: str = ""
    answered_by: tuple[str, ...] | None = None
    """Concepts or groups whose mention answers it; left out: everything of its category."""
    answered_by_more: tuple[str, ...] = ()
    """The same, beside everything of its category."""
    answered_by_fields: tuple[str, ...] = ()
    species: tuple[str, ...] = ()
    """Only for these, or while the species is not known."""
    known_species: bool = False
    """The species must have been said."""
    not_species: tuple[str, ...] = ()
    with_red: bool = False
    """Also while a red flag stands."""


class Complaint(Strict):
    """What a call is about, with what is asked then."""

    id: str = Field(pattern=ID)
    label: str = Field(min_length=1)
    when: tuple[str, ...] = ()
    """Concepts, groups or categories that were mentioned; none: nothing was understood."""
    ask: tuple[str, ...]
    """Ids of questions, the most pressing first."""
    fields: tuple[str, ...] = ()
    """Asked for before the other fields; in a quiet call instead of them."""
    quiet: bool = False
    """No sick pet: counts only while no other complaint is told."""


class Bereaved(Strict):
    """What is asked when the pet has died."""

    fields: tuple[str, ...]


class QuestionFile(Strict):
    """The whole file."""

    version: str = ""
    title: str = ""
    complaint: tuple[Complaint, ...]
    bereaved: Bereaved
    question: tuple[AskedQuestion, ...]


@dataclass(frozen=True, eq=False)
class Questions:
    """The questions of one lexicon, with concepts in place of groups and categories."""

    complaints: tuple[Complaint, ...]
    questions: Mapping[str, AskedQuestion]
    """By id, in the order of the file."""
    bereaved: tuple[str, ...]
    """Fields that are asked for when the pet has died."""
    told_by: Mapping[str, frozenset[str]]
    """Complaint -> concepts that tell it."""
    answered_by: Mapping[str, frozenset[str]]
    """Question -> concepts whose mention answers it."""


def questions_path(lexicon_folder: Path) -> Path:
    """The file beside a lexicon, or, where a clinic's own lexicon has none, the bundled one."""
    own = lexicon_folder / FILE_NAME
    return own if own.is_file() else resources.lexicons_dir() / FILE_NAME


def load_questions(lexicon: Lexicon) -> Questions:
    """The questions that go with a lexicon. Raises LexiconError naming file, line, key and the nearest right name."""
    path = questions_path(lexicon.folder)
    file = TomlFile(path, LexiconError)
    data = file.read(QuestionFile)
    bundled = path.parent != lexicon.folder
    for place, what in _mistakes(data, None if bundled else lexicon):
        raise file.mistake(place, what)
    questions = {question.id: question for question in data.question}
    return Questions(
        data.complaint,
        questions,
        data.bereaved.fields,
        {each.id: _concepts(lexicon, each.when) for each in data.complaint},
        {each.id: _answers(lexicon, each) for each in data.question},
    )


def wording_of_questions(lexicon_folder: Path) -> Iterator[str]:
    """What questions say that none may, each with file and line (``triage/neutrality.py``). Raises LexiconError."""
    path = questions_path(lexicon_folder)
    file = TomlFile(path, LexiconError)
    for number, question in enumerate(file.read(QuestionFile).question):
        for key, text in (("ask", question.ask), ("label", question.label)):
            for why in (*objections(text), *_disease(text)):
                yield str(file.mistake(("question", number, key), why))


def _disease(text: str) -> Iterator[str]:
    disease = names_disease(text)
    if disease is not None:
        yield f"it names a disease: {disease!r}"


def _mistakes(data: QuestionFile, lexicon: Lexicon | None) -> Iterator[tuple[Place, str]]:
    """Where names are unknown or used twice; concepts only if the lexicon is the file's own."""
    yield from _twice("question", (question.id for question in data.question))
    yield from _twice("complaint", (complaint.id for complaint in data.complaint))
    asked = {question.id: question for question in data.question}
    fields = {question.field for question in data.question if question.field}
    for number, question in enumerate(data.question):
        place: Place = ("question", number)
        if (question.why is QuestionWhy.FIELD) != bool(question.field):
            yield (*place, "field"), "a question has a field if its `why` is field, and only then"
        yield from _unknown((*place, "field"), [question.field] if question.field else [], FIELDS)
        yield from _unknown((*place, "category"), [question.category] if question.category else [], CATEGORIES)
        yield from _unknown((*place, "answered_by_fields"), question.answered_by_fields, FIELDS)
        yield from _unknown((*place, "species"), question.species, SPECIES)
        yield from _unknown((*place, "not_species"), question.not_species, SPECIES)
        places = set(_places(question.ask)) - {"pet"}
        if places:
            yield (*place, "ask"), f"unknown place {{{min(places)}}}; there is only {{pet}}"
        if lexicon is not None:
            yield from _unknown((*place, "answered_by"), question.answered_by or (), lexicon.members)
            yield from _unknown((*place, "answered_by_more"), question.answered_by_more, lexicon.members)
    for number, complaint in enumerate(data.complaint):
        place = ("complaint", number)
        yield from _unknown((*place, "ask"), complaint.ask, asked)
        yield from _unknown((*place, "fields"), complaint.fields, fields)
        if lexicon is not None:
            yield from _unknown((*place, "when"), complaint.when, {*lexicon.members, *CATEGORIES})
    yield from _unknown(("bereaved", "fields"), data.bereaved.fields, fields)
    if sum(not complaint.when for complaint in data.complaint) != 1:
        yield ("complaint", 0), "exactly one complaint must be without `when`: what is asked while none is understood"


def _places(text: str) -> Iterator[str]:
    """Names in braces."""
    for part in text.split("{")[1:]:
        yield part.partition("}")[0]


def _twice(kind: str, names: Iterable[str]) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            yield (kind, number, "id"), f"there is a {kind} of that name already"
        seen.add(name)


def _unknown(place: Place, names: Iterable[str], known: Iterable[str]) -> Iterator[tuple[Place, str]]:
    known = set(known)
    for name in names:
        if name not in known:
            yield place, f"{name!r} is not known{nearest(name, known)}"


def _concepts(lexicon: Lexicon, names: Iterable[str]) -> frozenset[str]:
    """Ids of the concepts that concepts, groups and categories stand for."""
    found: set[str] = set()
    for name in names:
        found |= lexicon.members.get(name, frozenset())
        if name in CATEGORIES:
            found |= _of_category(lexicon, name)
    return frozenset(found)


def _of_category(lexicon: Lexicon, category: str) -> frozenset[str]:
    return frozenset(
        concept.id
        for concept in lexicon.concepts.values()
        if concept.category == category and concept.kind not in _IDLE_KINDS
    )


def _answers(lexicon: Lexicon, question: AskedQuestion) -> frozenset[str]:
    if question.answered_by is not None:
        return _concepts(lexicon, (*question.answered_by, *question.answered_by_more))
    undone = lexicon.undone_by.get(question.category, ())
    own = _of_category(lexicon, question.category) if question.category else frozenset[str]()
    return own | _concepts(lexicon, (*undone, *question.answered_by_more))
