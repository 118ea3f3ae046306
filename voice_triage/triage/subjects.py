"""Who each clause speaks of: the patient, the client, another person, another animal, or animals in general."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.tokens import Utterance, is_punctuation

_OWN = frozenset({"my", "our", "this"})
_PRONOUNS = frozenset({"he", "she", "they", "it", "we", "who", "that"})
_NOT_SUBJECT_AFTER = frozenset(
    {
        "by",
        "from",
        "with",
        "at",
        "to",
        "of",
        "like",
        "than",
        "on",
        "for",
        "toward",
        "towards",
        "near",
        "after",
        "around",
        "against",
        "behind",
        "and",
        "see",
        "saw",
        "met",
        "unlike",
        "besides",
    }
)
_SHE = frozenset(
    {
        "daughter",
        "wife",
        "mom",
        "mother",
        "sister",
        "girlfriend",
        "grandma",
        "grandmother",
        "granddaughter",
        "aunt",
        "niece",
        "lady",
        "mum",
        "gran",
        "mama",
        "oldest",
        "youngest",
    }
)
_HE = frozenset(
    {
        "son",
        "husband",
        "dad",
        "father",
        "brother",
        "boyfriend",
        "grandpa",
        "grandfather",
        "grandson",
        "uncle",
        "nephew",
        "guy",
        "daddy",
        "oldest",
        "youngest",
    }
)
_BE_OR_HAVE = frozenset({"'s", "is", "are", "was", "were", "has", "have", "had", "got", "'ve", "been"})


@dataclass(slots=True)
class Topic:
    """What the talk is about, carried from one utterance to the next."""

    about: About = About.PET
    past: bool = False
    age: int = 0
    """Utterances since it was set; another animal is carried into the next one only."""
    patient_known: bool = False
    """The client has named the patient ("my dog")."""
    pet_names: Set[tuple[str, ...]] = field(default_factory=frozenset)


def assign_subjects(
    utterance: Utterance, clauses: Sequence[Clause], cues: Sequence[Cue], topic: Topic, offset: int = 0
) -> Topic:
    """Sets ``about`` on every clause; returns the topic as it stands after the utterance (the given one is not changed).

    Tokens before ``offset`` belong to the utterance before, to which ``topic`` applies.
    """
    norms = utterance.norms
    by_name: dict[str, list[Cue]] = {}
    for cue in cues:
        by_name.setdefault(cue.name, []).append(cue)
    caring = bool(by_name.get("caring_for")) and _caring_for(norms, by_name)
    others = _other_animals(norms, by_name, topic, caring)
    pets = _patient_marks(norms, by_name, topic, clauses)
    persons = [c for c in by_name.get("person", ()) if not (c.first == c.last and norms[c.first] == "i")]
    generic = by_name.get("generic", ())
    about, past, person_gender = topic.about if topic.age < 1 else About.PET, topic.past, ""
    known = topic.patient_known
    contrast = _contrast(norms, clauses)
    for number, clause in enumerate(clauses):
        other = next((m for m in others if clause.first <= m <= clause.last), None)
        pet = next((m for m in pets if clause.first <= m <= clause.last), None)
        person = next(
            (c for c in persons if clause.first <= c.first <= clause.last and _is_subject_mark(norms, c, clause)), None
        )
        subject = norms[clause.subject] if clause.subject >= 0 else ""
        if other is not None and (pet is None or other > pet):
            clause.about = About.OTHER_ANIMAL
            about, past, person_gender = About.OTHER_ANIMAL, clause.past, ""
        elif pet is None and number < contrast and (person is None):
            clause.about = About.OTHER_ANIMAL if subject not in ("i", "we") else About.CLIENT
        elif pet is not None:
            clause.about = About.PET
            about, known, person_gender = About.PET, True, ""
        elif any(clause.first <= c.first <= min(clause.last, clause.first + 4) and _bare(norms, c) for c in generic):
            clause.about = About.GENERIC
        elif person is not None:
            clause.about = About.PERSON
            following = norms[person.last + 1] if person.last < clause.last else ""
            person_gender = _gender(norms, person) if following in _BE_OR_HAVE else ""
        elif subject in ("i", "we"):
            clause.about = About.CLIENT
        elif (
            subject in ("he", "she")
            and person_gender == subject
            and not clause.embedded
            and clause.link in ("so", "and", "because", "")
        ):
            clause.about = About.PERSON
        elif about is About.OTHER_ANIMAL and (not subject or subject in _PRONOUNS):
            if (
                clause.link == "but"
                and not clause.past
                or "now" in norms[clause.first : clause.last + 1]
                or (past and not clause.past and clause.link != "so")
            ):
                about = About.PET
            clause.about = about
        else:
            clause.about = About.PET
    ended = about if about is About.OTHER_ANIMAL else About.PET
    fresh = ended is About.OTHER_ANIMAL and any(mark >= offset for mark in others)
    return Topic(ended, past, 0 if fresh else topic.age + 1, known, topic.pet_names)


def _caring_for(norms: Sequence[str], by_name: Mapping[str, list[Cue]]) -> bool:
    animals = [c.first for c in by_name.get("animal", ())]
    return any(any(c.last < a <= c.last + 7 for a in animals) for c in by_name.get("caring_for", ()))


def _other_animals(norms: Sequence[str], by_name: Mapping[str, list[Cue]], topic: Topic, caring: bool) -> list[int]:
    """Tokens where another animal becomes the subject."""
    found: list[int] = []
    for cue in by_name.get("other_animal", ()):
        lead = cue.first - 1
        while lead >= 0 and norms[lead] in ("my", "our", "the", "another", "his", "her"):
            lead -= 1
        if lead >= 0 and norms[lead] in _NOT_SUBJECT_AFTER - {"and", "see", "saw", "met", "because", "from"}:
            continue
        if _possessive(norms, cue.last):
            continue
        found.append(cue.last)
    owners = [(c.first, True) for c in by_name.get("other_owner", ())] + [
        (c.first, False) for c in by_name.get("household", ())
    ]
    animals = {c.first: c.last for c in by_name.get("animal", ())}
    for at, outside in owners:
        step = at + 1
        if step < len(norms) and norms[step] == "'s":
            step += 1
        elif step < len(norms) and norms[at].endswith("s"):
            pass
        elif step < len(norms) and norms[step] in ("who", "that", "has", "had", "whose"):
            step += 1
        else:
            continue
        near = next((animals[t] for t in range(step, min(step + 3, len(norms))) if t in animals), None)
        if near is None or caring or _possessive(norms, near):
            continue
        before = norms[max(0, at - 3) : at]
        if any(word in _NOT_SUBJECT_AFTER - {"and", "to", "on", "for"} for word in before):
            continue
        if outside or topic.patient_known:
            found.append(near)
    for first in animals:  # "there was a shepherd limping", "i saw a cat dragging her leg"
        lead = " ".join(norms[max(0, first - 5) : first])
        if (
            any(
                f" {seen} " in f" {lead} "
                for seen in (
                    "there was a",
                    "there was an",
                    "there were",
                    "there was some",
                    "saw a",
                    "saw some",
                    "saw this",
                    "met a",
                    "know a",
                    "knew a",
                    "some",
                )
            )
            and not caring
        ):
            found.append(first)
    for at, norm in enumerate(norms):  # "i had a dog with ...", "we lost one to ..."
        if (
            norm in ("had", "lost")
            and at
            and norms[at - 1] in ("i", "we", "'ve", "have", "once")
            and at + 2 < len(norms)
        ):
            if norms[at + 1] in ("a", "another", "one", "two", "dogs", "cats", "other"):
                near = next((animals[t] for t in range(at + 1, min(at + 6, len(norms))) if t in animals), None)
                if near is not None:
                    found.append(near)
    return found


def _patient_marks(
    norms: Sequence[str], by_name: Mapping[str, list[Cue]], topic: Topic, clauses: Sequence[Clause]
) -> list[int]:
    """Tokens that name the patient."""
    found: list[int] = []
    for cue in by_name.get("animal", ()):
        at = cue.first
        for back in (1, 2, 3):
            if at - back < 0 or norms[at - back] in (
                "'s",
                "other",
                "last",
                "previous",
                "first",
                "old",
                "late",
                "another",
                "next",
            ):
                break
            if norms[at - back] in _OWN or (
                norms[at - back] == "the" and (at == back or at - back in (c.first for c in clauses))
            ):
                if not _possessive(norms, cue.last):
                    found.append(at)
                break
    for name in topic.pet_names:
        size = len(name)
        found.extend(at for at in range(len(norms) - size + 1) if tuple(norms[at : at + size]) == name)
    return found


def _possessive(norms: Sequence[str], last: int) -> bool:
    """Whether the animal only owns what follows ("the other dog's pills"), rather than being the subject."""
    if last + 2 >= len(norms) or norms[last + 1] != "'s":
        return False
    after = norms[last + 2]
    return not (
        after.endswith("ing")
        or after.endswith("ed")
        or after
        in (
            "a",
            "not",
            "been",
            "got",
            "had",
            "so",
            "just",
            "really",
            "always",
            "never",
            "fine",
            "okay",
            "sick",
            "the",
            "in",
            "on",
            "all",
            "still",
            "dead",
            "gone",
            "limp",
            "kind",
            "like",
            "out",
        )
    )


def _is_subject_mark(norms: Sequence[str], cue: Cue, clause: Clause) -> bool:
    if cue.first and norms[cue.first - 1] in _NOT_SUBJECT_AFTER - {"and", "see", "saw"}:
        return False
    if cue.last + 1 < len(norms) and norms[cue.last + 1] == "'s":
        after = norms[cue.last + 2] if cue.last + 2 < len(norms) else ""
        return after in (
            "got",
            "been",
            "had",
            "not",
            "a",
            "sick",
            "allergic",
            "so",
            "just",
            "really",
            "in",
            "on",
            "at",
        ) or after.endswith(("ing", "ed"))
    return cue.first <= clause.first + 5


def _contrast(norms: Sequence[str], clauses: Sequence[Clause]) -> int:
    """Number of the clause that turns to the patient as "mine", "ours", "this one": what stood before was another's; 0 if none."""
    for number, clause in enumerate(clauses):
        words = norms[clause.first : clause.last + 1 if clause.link in ("so", "and", "but") else clause.first + 4]
        if number and ("mine" in words or "ours" in words or ("this", "one") in zip(words, words[1:])):
            return number
    return 0


def _bare(norms: Sequence[str], cue: Cue) -> bool:
    """A plural without an owner ("dogs", not "my dogs"), or "a dog" in a question or a saying."""
    if norms[cue.first] == "a":
        before = norms[cue.first - 1] if cue.first else ""
        return before in (
            "can",
            "do",
            "does",
            "is",
            "when",
            "if",
            "in",
            "would",
            "should",
            "say",
            "could",
            "how",
            "will",
            "for",
        ) and not any(w in ("got", "have", "found", "bleeding") for w in norms[max(0, cue.first - 3) : cue.first])
    return not (
        cue.first
        and (
            norms[cue.first - 1] in ("my", "our", "the", "these", "both", "two", "three", "other", "his", "her")
            or is_punctuation(norms[cue.first - 1])
        )
    )


def _gender(norms: Sequence[str], cue: Cue) -> str:
    words = set(norms[cue.first : cue.last + 1])
    return "she" if words & _SHE else "he" if words & _HE else ""
