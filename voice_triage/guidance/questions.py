"""Which questions to suggest next: a pure function of what was told, and of what is suggested already.

Order: the open question, then what tells an emergency from what can be booked, then empty fields, then the exam that
can always be offered. At most :data:`MOST` at a time. What is shown keeps its place while it is not answered, so that
the list does not move under the CSR's eyes: a question leaves only when it is answered, settled, no longer fits, or a
question of a more pressing kind needs its place; new ones come at the end of their kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from voice_triage.events import Question, QuestionWhy
from voice_triage.guidance.question_file import AskedQuestion, Complaint, Questions

MOST = 3
SPOKEN = 40
"""So many of the client's words are an answer to the open question even if no complaint was understood in them. In 140
calls as text (40 development calls, 100 of the project's own) it is after 20 words (median), in nine of ten by 54."""
_ORDER = (QuestionWhy.OPEN, QuestionWhy.RED_FLAG, QuestionWhy.FIELD, QuestionWhy.CLOSING)


@dataclass(frozen=True, slots=True)
class Known:
    """What a call has told so far, of the pet in front."""

    told: frozenset[str] = frozenset()
    """Concepts that tell a complaint: said of the pet, as of now or lately."""
    touched: frozenset[str] = frozenset()
    """Concepts of which something was said of the pet, denials too."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field -> value, for the fields that need not be asked for."""
    flags: frozenset[str] = frozenset()
    """Categories with a flag that stands."""
    red: bool = False
    """Whether one of them is red."""
    settled: frozenset[str] = frozenset()
    """Ids of questions that the CSR has marked as asked or skipped."""
    asked: frozenset[str] = frozenset()
    """Those of them that were asked."""
    died: bool = False
    words: int = 0
    """Number of the client's words."""
    pet: str = "your pet"
    """What to call it."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """What to ask next, and what was not asked."""

    questions: tuple[Question, ...] = ()
    not_asked: tuple[str, ...] = ()
    """Labels of everything that fits this call and is not answered, what is suggested included."""


def suggest(questions: Questions, known: Known, shown: Sequence[str] = ()) -> Suggested:
    """What to ask next; ``shown`` are the ids of the questions that are suggested now, in order."""
    waiting = _waiting(questions, known)
    rank = {name: place for place, name in enumerate(waiting)}
    kept = [name for name in shown if name in rank]
    places: list[str] = []
    for kind in _ORDER:
        of_kind = [name for name in waiting if questions.questions[name].why is kind]
        of_kind.sort(key=lambda name: (kept.index(name) if name in kept else len(kept), rank[name]))
        places += of_kind
        if kind is QuestionWhy.OPEN and of_kind and not known.red:
            break  # specific questions come when the client has told
    suggested = tuple(_question(questions.questions[name], known.pet) for name in places[:MOST])
    return Suggested(suggested, tuple(questions.questions[name].label for name in waiting))


def complaints_of(questions: Questions, known: Known) -> list[Complaint]:
    """What the call is about, in the order of the file; the one for what was not understood if it is none else."""
    told = [
        complaint
        for complaint in questions.complaints
        if complaint.when and (known.told & questions.told_by[complaint.id] or known.flags.intersection(complaint.when))
    ]
    sick = [complaint for complaint in told if not complaint.quiet]
    return sick or told or [complaint for complaint in questions.complaints if not complaint.when]


def _waiting(questions: Questions, known: Known) -> list[str]:
    """Ids of the questions that fit and are not answered, the most pressing first within their kind."""
    of_kind = {kind: [q for q in questions.questions.values() if q.why is kind] for kind in _ORDER}
    if known.died:
        return [
            q.id for q in _of_fields(of_kind[QuestionWhy.FIELD], questions.bereaved) if not _done(questions, q, known)
        ]
    complaints = complaints_of(questions, known)
    understood = any(complaint.when for complaint in complaints)
    listed = [questions.questions[name] for name in _interleaved(complaint.ask for complaint in complaints)]
    opening = of_kind[QuestionWhy.OPEN][:1]
    asks = [
        *([] if understood or known.flags or known.words >= SPOKEN else opening),
        *(q for q in listed if q.why is not QuestionWhy.RED_FLAG or not known.red or q.with_red),
    ]
    wanted = _interleaved(complaint.fields for complaint in complaints)
    if known.red:
        wanted.insert(0, "callback_number")
    empty = _of_fields(of_kind[QuestionWhy.FIELD], wanted)
    if not all(complaint.quiet for complaint in complaints):
        empty += [q for q in of_kind[QuestionWhy.FIELD] if q not in empty]
    covered = {
        name
        for q in listed
        if q.why is QuestionWhy.RED_FLAG and (q.id in known.asked or (q in asks and not _done(questions, q, known)))
        for name in q.answered_by_fields
    }
    asks += [q for q in empty if q.field not in covered]
    asks += of_kind[QuestionWhy.CLOSING]
    return [q.id for q in dict.fromkeys(asks) if _fits(q, known) and not _done(questions, q, known)]


def _interleaved(lists: Iterable[Sequence[str]]) -> list[str]:
    """The first of each list, then the second of each, and so on; each once."""
    ranked = [(place, number, name) for number, names in enumerate(lists) for place, name in enumerate(names)]
    return list(dict.fromkeys(name for _, _, name in sorted(ranked)))


def _of_fields(asked: Sequence[AskedQuestion], fields: Iterable[str]) -> list[AskedQuestion]:
    """The questions for these fields, in the order of the fields."""
    return [q for name in dict.fromkeys(fields) for q in asked if q.field == name]


def _fits(question: AskedQuestion, known: Known) -> bool:
    species = known.fields.get("species", "")
    if not species:
        return not question.known_species
    return species not in question.not_species and (not question.species or species in question.species)


def _done(questions: Questions, question: AskedQuestion, known: Known) -> bool:
    """Whether a question need not be asked: it was settled, or what it asks for was told."""
    if question.id in known.settled:
        return True
    if question.field:
        return question.field in known.fields
    if any(name in known.fields for name in question.answered_by_fields):
        return True
    if question.category in known.flags and not question.with_red and question.answered_by is None:
        return True
    return not known.touched.isdisjoint(questions.answered_by[question.id])


def _question(question: AskedQuestion, pet: str) -> Question:
    text = question.ask.replace("{pet}", pet)
    return Question(question.id, text[:1].upper() + text[1:], question.why, question.category, question.field)
