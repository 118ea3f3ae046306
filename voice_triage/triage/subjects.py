"""Who each clause speaks of: the patient, the client, another person, another animal, or animals in general."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import pairwise

from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.tokens import Utterance

_OWN = frozenset("my our this".split())
_NOT_PATIENT = frozenset("'s other last previous first old late another next".split())
_ANOTHER = frozenset("last previous other first late former childhood".split())
_PRONOUNS = frozenset("he she they it we who that".split())
_NOT_SUBJECT_AFTER = frozenset(
    "as by from with at to of like than on for toward towards near after around against behind unlike besides".split()
)
"""An animal or person behind these is not who the clause is about: "bitten by the neighbor's dog"."""
_SHE = frozenset(
    "daughter wife mom mother sister girlfriend grandma grandmother granddaughter aunt niece lady mum".split()
)
_HE = frozenset("son husband dad father brother boyfriend grandpa grandfather grandson uncle nephew guy daddy".split())
_BE_OR_HAVE = frozenset("'s is are was were has have had got 've been".split())
_ILL = frozenset(
    "bug virus strep stroke seizure diabetic insulin broke surgery migraine pneumonia dialysis epileptic "
    "allergic allergies asthma oxygen wheelchair hospice dementia chemo vertigo arthritis "
    "bellyache headache sick ill covid flu cold fever cancer hospital pregnant throwing".split()
)
"""Said of a person, they make the next "he" or "she" that person; otherwise it is the patient."""
_SUBJECT_AFTER_S = frozenset(
    "a not been got had so just really always never fine okay sick the in on all still dead gone limp kind like "
    "out".split()
)
"""After an animal and "'s" these say something of it; anything else is what it owns ("the other dog 's pills")."""
_PERSON_AFTER_S = frozenset(
    "about diabetic epileptic pregnant home dead dying asthmatic having the out in all just been got had not a "
    "sick allergic so really on at".split()
)
_LITTER = frozenset("puppies kittens pups litter bunnies kits".split())
_THE_ONE = (("'s", "the", "one"), ("is", "the", "one"), ("was", "the", "one"))
_THEIRS = frozenset("hers theirs yours".split())
_MINE = frozenset("mine ours".split())
_THIS_ONE = frozenset(
    (this, one) for this in ("this", "that") for one in ("one", "guy", "girl", "boy", "fella", "kitty", "pup")
) - {("that", "one")}
_SEEN = (
    "there was a",
    "there was an",
    "there were",
    "there was some",
    "saw a",
    "saw some",
    "met a",
    "know a",
    "knew a",
    "some",
)
_DESCRIBES = frozenset("little big old young poor small tiny fat black white brown gray grey yellow".split())
_PLACED = (("in",), ("at",), ("from",), ("next",), ("across",), ("down",), ("outside",), ("over",), ("they",))
_NEW = frozenset("this new".split())
_OF_ALL = frozenset(
    "can do does did is are if when should would could will for to in most all some many few and that because so "
    "sometimes like say heard know think big small little old older young indoor outdoor certain male female why "
    "these how but or of as among".split()
)
"""Before a plural these speak of such animals in general."""
_QUESTION_WORDS = frozenset("can do does is when if in would should say could how will for".split())


@dataclass(frozen=True, slots=True)
class Topic:
    """What the talk is about, carried from one utterance to the next."""

    about: About = About.PET
    past: bool = False
    age: int = 0
    """Utterances since it was set; another animal is carried into the next one only."""
    patient_known: bool = False
    """The client has named the patient ("my dog")."""
    pet_names: Set[tuple[str, ...]] = field(default_factory=frozenset)
    pet_sex: str = ""
    """``male`` or ``female`` as far as it is known."""


def is_on_behalf(words: Sequence[str]) -> bool:
    """Whether the words of a cue of care say that somebody calls for another: "calling for", "asked me to call"."""
    return (words[0] == "calling" and words[-1] in ("for", "of")) or ("me" in words and "call" in words)


def assign_subjects(
    utterance: Utterance,
    clauses: Sequence[Clause],
    cues: Sequence[Cue],
    topic: Topic,
    offset: int = 0,
    turns: Set[int] = frozenset(),
) -> Topic:
    """Sets ``about`` on every clause; returns the topic as it stands after the utterance.

    Tokens before ``offset`` belong to the utterance before, to which ``topic`` applies. At ``turns`` the words turn to
    another of the client's own pets (``pets.py``), which is then a patient too.
    """
    marks = _Marks(utterance.norms, cues, clauses, topic, turns)
    talk = _Talk(utterance.norms, topic)
    for number, clause in enumerate(clauses):
        clause.about = talk.turn(clause, marks, before_contrast=number < marks.contrast)
    ended = talk.about if talk.about is About.OTHER_ANIMAL else About.PET
    fresh = ended is About.OTHER_ANIMAL and any(mark >= offset for mark in marks.others)
    return replace(topic, about=ended, past=talk.past, age=0 if fresh else topic.age + 1, patient_known=talk.known)


class _Talk:
    """Who is being talked about, clause by clause."""

    def __init__(self, norms: Sequence[str], topic: Topic) -> None:
        self._norms = norms
        self._not_pet = {"male": "she", "female": "he"}.get(topic.pet_sex, "")
        """The pronoun that cannot mean the patient."""
        self.about = topic.about if topic.age < 1 else About.PET
        self.past = topic.past
        self.known = topic.patient_known
        self._person = ""
        """Pronoun of a person of whom something was just said."""

    def turn(self, clause: Clause, marks: _Marks, *, before_contrast: bool) -> About:
        """Who this clause is about; what it says of that carries over to the next."""
        subject = self._norms[clause.subject] if clause.subject >= 0 else ""
        other, pet, person = marks.other_in(clause), marks.pet_in(clause), marks.person_in(clause)
        if other is not None and (pet is None or other > pet):
            self.about, self.past, self._person = About.OTHER_ANIMAL, clause.past, ""
            return self.about
        if before_contrast and person is None and (pet is None or pet in marks.weak):
            return About.CLIENT if subject in ("i", "we") else About.OTHER_ANIMAL
        if pet is not None:
            self.about, self.known, self._person = About.PET, True, ""
            return self.about
        if marks.generic_in(clause):
            return About.GENERIC
        if person is not None:
            following = self._norms[person.last + 1] if person.last < clause.last else ""
            ill = following in _BE_OR_HAVE and not _ILL.isdisjoint(self._norms[clause.first : clause.last + 1])
            self._person = pronoun_of(self._norms, person) if ill else ""
            return About.PERSON
        if subject in ("i", "we"):
            return About.CLIENT
        plain = not clause.embedded and clause.link in ("so", "and", "because", "")
        if subject and subject == self._person and plain:
            return About.PERSON
        return self._carried(clause, subject)

    def _carried(self, clause: Clause, subject: str) -> About:
        if self.about is not About.OTHER_ANIMAL or (subject and subject not in _PRONOUNS):
            return About.PET
        if subject and subject == self._not_pet:
            return self.about
        if self._norms[clause.first + 1 : clause.first + 4] in _THE_ONE and not clause.link:
            return self.about  # "they adopted his sister she's the one with ..."
        contrasts = clause.link == "but" and not clause.past
        now = "now" in self._norms[max(0, clause.first - 1) : clause.last + 1]
        other_time = self.past and not clause.past and clause.link != "so"
        if contrasts or now or other_time:
            self.about = About.PET
        return self.about


class _Marks:
    """Where an utterance names somebody."""

    def __init__(
        self, norms: Sequence[str], cues: Sequence[Cue], clauses: Sequence[Clause], topic: Topic, turns: Set[int]
    ) -> None:
        self._norms = norms
        self._cues: dict[str, list[Cue]] = {}
        for cue in cues:
            self._cues.setdefault(cue.name, []).append(cue)
        self._animals = {cue.first: cue.last for cue in self._cues.get("animal", ())}
        self._clauses = clauses
        self._starts = {clause.first for clause in clauses}
        self.others = () if not norms else tuple(other for other in self._others(topic) if other not in turns)
        self.weak: set[int] = set()
        """Tokens at which an animal is the patient only for want of another: "the dog", "the cats"."""
        self._pets = (*self._patients(topic), *sorted(turns))
        self._persons = [c for c in self._cues.get("person", ()) if norms[c.first : c.last + 1] != ("i",)]
        self.contrast = self._contrast(clauses)
        """Number of the clause that turns to the patient as "mine", "ours": before it stands another's; 0 if none."""

    def other_in(self, clause: Clause) -> int | None:
        """Token of the first other animal that a clause is about."""
        return next((mark for mark in self.others if clause.first <= mark <= clause.last), None)

    def pet_in(self, clause: Clause) -> int | None:
        """Token at which a clause names the patient."""
        return next((mark for mark in self._pets if clause.first <= mark <= clause.last), None)

    def person_in(self, clause: Clause) -> Cue | None:
        """The person who is a clause's subject."""
        for cue in self._persons:
            if clause.first <= cue.first <= clause.last and self._is_subject(cue, clause):
                return cue
        return None

    def generic_in(self, clause: Clause) -> bool:
        """Whether a clause is about animals in general: "dogs", or "a dog" in a question or a saying."""
        return any(
            clause.first <= cue.first <= min(clause.last, clause.first + 4) and self._nobodys(cue)
            for cue in self._cues.get("generic", ())
        )

    def _before(self, at: int) -> str:
        return self._norms[at - 1] if at else ""

    def _others(self, topic: Topic) -> Iterator[int]:
        """Tokens at which another animal becomes the subject."""
        caring = any(
            any(cue.last < animal <= cue.last + 7 for animal in self._animals)
            or (self._on_behalf(cue) and self._had_animal(cue.first))
            for cue in self._cues.get("caring_for", ())
        )
        yield from self._named_others()
        yield from self._former()
        for at in self._starts:  # "my sister says | hers has been fainting"
            if self._norms[at : at + 2] in (("it", "'s"), ("it", "is"), ("it", "was")):
                yield from self._not_this_but(at)
            if self._norms[at] in _THEIRS:
                yield at
            elif self._norms[at + 1 : at + 2] and self._norms[at] == "because" and self._norms[at + 1] in _THEIRS:
                yield at + 1
        yield from self._pointed_at()
        for animal, last in self._animals.items():
            if self._before(animal) == "the" and animal - 1 in self._starts and self._keeps(last):
                yield animal
        if not caring:
            yield from self._owned_by_others(topic)
            for animal in self._animals:  # "there was a shepherd limping", "I saw a cat dragging her leg"
                lead_words = f" {' '.join(self._norms[max(0, animal - 5) : animal])} "
                if any(f" {seen} " in lead_words for seen in _SEEN):
                    yield animal

    def _not_this_but(self, at: int) -> Iterator[int]:
        """As in "it's not this horse it's the gelding": what is named behind the second "it's"."""
        before = self._norms[max(0, at - 7) : at]
        if "it" not in before or "not" not in before or self._norms[at + 2 : at + 3] != ("the",):
            return
        near = self._animal_within(at + 3, at + 6)
        if near is not None and any(animal < at for animal in self._animals if animal > at - 7):
            yield near

    def _pointed_at(self) -> Iterator[int]:
        """As in "that little frenchie in your waiting room", "my old setter bled out so this lump ..."."""
        for animal, last in self._animals.items():
            start = animal
            while start and self._norms[start - 1] in _DESCRIBES:
                start -= 1
            det = self._before(start)
            follows = self._norms[last + 1 : last + 2]
            if det in ("that", "some", "one") and follows in _PLACED and start - 1 in self._starts:
                yield animal
            clause = next((c for c in self._clauses if c.first <= animal <= c.last), None)
            aged = "old" in self._norms[start:animal] and det in ("my", "our")
            if aged and clause is not None and clause.past and not _NEW.isdisjoint(self._norms[clause.last + 1 :]):
                yield animal

    def _named_others(self) -> Iterator[int]:
        """As in "the other dog", "my last rabbit", "my uncle told me his beagle" (of her own the client says "my")."""
        for cue in self._cues.get("other_animal", ()):
            if self._norms[cue.last] == "mother" and not _LITTER.isdisjoint(self._norms):
                continue  # "the puppies are fine but the mother's ..."
            lead = cue.first - 1
            while lead >= 0 and self._norms[lead] in ("my", "our", "the", "another", "his", "her"):
                lead -= 1
            governed = lead >= 0 and self._norms[lead] in _NOT_SUBJECT_AFTER - {"from"}
            aged = "old" in self._norms[cue.first : cue.last + 1]
            if aged and not any(c.first <= cue.first <= c.last and c.past for c in self._clauses):
                continue  # "my old girl" is the patient, unless it is told of the past
            last_time = self._norms[cue.first : cue.last + 1] == ("the", "last", "one")
            if last_time and not self._had_animal(cue.first):
                continue  # "a seizure ... the last one was two years back"
            if not governed and not self._owns(cue.last):
                yield cue.last
        people = [cue.first for cue in self._cues.get("person", ()) if self._norms[cue.first] != "i"]
        for animal, last in self._animals.items():
            words = set(self._norms[max(0, animal - 4) : animal])
            another = words & (_OWN | {"your"}) and words & _ANOTHER and not words & {"by", "unlike", "from", "with"}
            told = any(animal - 8 <= person < animal for person in people)
            theirs = (told and self._before(animal) in ("his", "her")) or self._before(animal) == "their"
            if (another or theirs) and not self._owns(last):
                yield animal

    def _on_behalf(self, cue: Cue) -> bool:
        """Whether somebody calls for another: "i'm calling for her", "she asked me to call"."""
        return is_on_behalf(self._norms[cue.first : cue.last + 1])

    def _had_animal(self, before: int) -> bool:
        """Whether an animal is named before a token: what "the last one" can mean."""
        return any(animal < before for animal in self._animals)

    def _former(self) -> Iterator[int]:
        """As in "I had a dog with ...", "we lost one to ..."."""
        for at, norm in enumerate(self._norms):
            follows = self._norms[at + 1] if at + 1 < len(self._norms) else ""
            if norm == "lost" and follows == "one":
                yield at + 1  # "the fella I bought him from lost one to bloat"
            if norm in ("had", "lost") and self._before(at) in ("i", "we", "have", "once"):
                near = self._animal_within(at + 1, at + 6)
                if follows in ("a", "an", "another", "one", "two", "dogs", "cats", "other") and near is not None:
                    yield near

    def _owned_by_others(self, topic: Topic) -> Iterator[int]:
        """As in "my neighbor's dog", "a friend who has a cat"; a household's animal only if the patient is another."""
        owners = [(cue.last, True) for cue in self._cues.get("other_owner", ())]
        owners += [(cue.last, False) for cue in self._cues.get("household", ())]
        for at, outside in owners:
            follows = self._norms[at + 1] if at + 1 < len(self._norms) else ""
            skip = 2 if follows in ("'s", "who", "that", "has", "had", "whose") else 1
            if skip == 1 and not self._norms[at].endswith("s"):
                continue
            near = self._animal_within(at + skip, at + skip + 3)
            if near is None or self._owns(near) or not (outside or topic.patient_known):
                continue
            if _NOT_SUBJECT_AFTER - {"to", "on", "for"} & set(self._norms[max(0, at - 3) : at]):
                continue
            yield near

    def _animal_within(self, start: int, stop: int) -> int | None:
        return next(
            (self._animals[at] for at in range(start, min(stop, len(self._norms))) if at in self._animals), None
        )

    def _patients(self, topic: Topic) -> Iterator[int]:
        others = {t for cue in self._cues.get("other_animal", ()) for t in range(cue.first, cue.last + 1)}
        for animal, last in self._animals.items():
            if animal in others:
                continue
            for at in range(animal - 1, max(-1, animal - 4), -1):
                if self._norms[at] in _NOT_PATIENT:
                    break
                opens = self._norms[at] == "the" and at in self._starts
                if self._norms[at] in _OWN or opens:
                    if self._norms[at] == "the":
                        self.weak.add(animal)
                    if not self._owns(last) and not (opens and self._keeps(last)):
                        yield animal
                    break
        for name in topic.pet_names:
            size = len(name)
            for at in range(len(self._norms) - size + 1):
                if tuple(self._norms[at : at + size]) == name:
                    yield at

    def _keeps(self, last: int) -> bool:
        """As in "the dog my sister keeps": the animal behind whose last token somebody else follows."""
        at = last + 1 + (self._norms[last + 1 : last + 2] in (("that",), ("who",)))
        return any(cue.first == at and self._norms[at] != "i" for cue in self._cues.get("person", ()))

    def _owns(self, last: int) -> bool:
        """Whether the animal only owns what follows it ("the other dog 's pills")."""
        if last + 2 >= len(self._norms) or self._norms[last + 1] != "'s":
            return False
        after = self._norms[last + 2]
        return not (after.endswith(("ing", "ed")) or after in _SUBJECT_AFTER_S)

    def _is_subject(self, cue: Cue, clause: Clause) -> bool:
        if self._before(cue.first) in _NOT_SUBJECT_AFTER:
            return False
        if self._norms[cue.last + 1 : cue.last + 2] == ("'s",):
            after = self._norms[cue.last + 2] if cue.last + 2 < len(self._norms) else ""
            return after in _PERSON_AFTER_S or after.endswith(("ing", "ed"))
        return cue.first <= clause.first + 5

    def _nobodys(self, cue: Cue) -> bool:
        """Whether animals are spoken of in general: "dogs", "do cats", "bad for rabbits"; not "had no puppies"."""
        before = self._before(cue.first)
        if self._norms[cue.first] == "a":
            had = {"got", "have", "found"} & set(self._norms[max(0, cue.first - 3) : cue.first])
            return before in _QUESTION_WORDS and not had
        return not before or cue.first in self._starts or before in _OF_ALL

    def _contrast(self, clauses: Sequence[Clause]) -> int:
        for number, clause in enumerate(clauses):
            linked = clause.link in ("so", "and", "but")
            words = self._norms[clause.first : clause.last + 1 if linked else clause.first + 4]
            if number and (not _MINE.isdisjoint(words) or any(pair in _THIS_ONE for pair in pairwise(words))):
                return number
            if number and tuple(words[:2]) == ("but", "not") and words[2:3] and words[2] in ("her", "him", "this"):
                return number  # "my old ferret had seizures but not her"
        return 0


def pronoun_of(norms: Sequence[str], cue: Cue) -> str:
    """``he`` or ``she`` if a person's cue tells it ("my wife"), else nothing."""
    words = set(norms[cue.first : cue.last + 1])
    return "she" if words & _SHE else "he" if words & _HE else ""
