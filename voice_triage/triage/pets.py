"""Which of the client's own pets each word of an utterance speaks of. In doubt it is the sick one.

A call is about one pet until another of the client's own is plainly told apart from it: "the other one", "and also
Rocky", "my cat" beside "my dog", "one of them". Pets count from 0 in the order in which they are told. Former pets,
other people's, and those only mentioned in passing ("the other dog's fine") are none of them (``subjects.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.fields import ALL
from voice_triage.triage.pet_phrases import ALSO, DESCRIBES, HESITATES, ONE_FOLLOWS, OPENS, OTHER, OWN, PetPhrases
from voice_triage.triage.readings import FieldReading
from voice_triage.triage.roster import Name, Pet, Roster, may_be_one
from voice_triage.triage.signalment import Signalment, Term
from voice_triage.triage.tokens import Utterance

_HAVE_SEVERAL = frozenset("two three four five six several couple both bunch".split())
_ONE_OTHER = frozenset("one boy girl guy baby male female".split())
_TOO = frozenset("too also both now well same either".split())
_LOOKS = frozenset("little big small large old older young younger black white gray orange brown skinny fat".split())
_APPOINTS = frozenset("schedule bring book take see get refill".split())
"""Verbs whose object another pet may be that the call is about too."""
_MALE = frozenset("he him his himself".split())
_FEMALE = frozenset("she her hers herself".split())
_TRIGGERS = OTHER | _HAVE_SEVERAL | frozenset(("one", "both"))


@dataclass(frozen=True, slots=True)
class Followed:
    """Who an utterance speaks of."""

    roster: Roster
    """As it stands after the utterance."""
    of: tuple[int, ...]
    """Each token's pet, or ALL: of every one, or not said of which."""
    turns: frozenset[int] = frozenset()
    """Tokens at which the words turn to another of the client's own pets."""
    readings: tuple[FieldReading, ...] = ()
    """Names of pets that only this shows to be names."""


def follow(
    utterance: Utterance,
    clauses: Sequence[Clause],
    readings: Sequence[FieldReading],
    signalment: Signalment,
    roster: Roster,
    *,
    bereaved: bool = False,
) -> Followed:
    """Follows an utterance from pet to pet, given its clauses and the field readings found in it so far.

    ``bereaved``: the pet in front has died, so that one more pet of the client's is what the call is about.
    """
    norms = set(utterance.norms)
    alone = len(roster.pets) == 1 and not roster.several
    names = {reading.first: tuple(reading.value.split()) for reading in readings if reading.field == "pet_name"}
    if alone and not names and norms.isdisjoint(_TRIGGERS | OWN | ALSO) and not {"a", "and"} <= norms:
        begins = next((at for at, norm in enumerate(utterance.norms) if norm in _MALE | _FEMALE), len(utterance))
        begins = 0 if roster.begun else begins
        of = (ALL,) * begins + (0,) * (len(utterance) - begins)
        return Followed(replace(roster, left_at=0, begun=begins < len(utterance) or roster.begun), of)
    return _Walk(utterance, clauses, names, signalment, roster, bereaved=bereaved).followed()


class _Walk:
    """One walk over an utterance's tokens."""

    def __init__(
        self,
        utterance: Utterance,
        clauses: Sequence[Clause],
        names: dict[int, Name],
        signalment: Signalment,
        roster: Roster,
        *,
        bereaved: bool,
    ) -> None:
        self._bereaved = bereaved
        self._norms = utterance.norms
        self._utterance = utterance
        self._names = names
        self._signalment = signalment
        self._pets = list(roster.pets)
        self._several = roster.several
        self._front = roster.front
        self._phrases = PetPhrases(utterance.norms, clauses, signalment)
        self._now = roster.left_at if roster.begun else ALL
        self._begun = roster.begun
        self._spoken = False
        """A pet was named in this utterance."""
        self._turns: set[int] = set()
        self._of_all: set[int] = set()
        """Words for several of the client's animals."""
        self._readings: list[FieldReading] = []

    def followed(self) -> Followed:
        norms = self._norms
        of: list[int] = []
        last_turn = -9
        for at in range(len(norms)):
            if self._now == ALL and self._begun and self._phrases.clause_of[at].first == at:
                self._now = self._front
            if not self._begun and norms[at] in _MALE | _FEMALE:
                self._now, self._begun = self._front, True
            pet = self._named_at(at)
            if pet is not None:
                if pet not in (self._now, ALL):
                    last_turn = at
                    start = self._phrases.phrase_start(at)
                    of[start:] = [pet] * (at - start)
                    self._turns.update(range(start, at + 1 + (self._norms[at] in OTHER)))
                self._now, self._spoken, self._begun = pet, True, True
            of.append(self._now)
        for at in self._of_all:
            of[at] = ALL
        ends_on_it = last_turn >= len(norms) - 2
        left_at = self._now if ends_on_it else self._front
        roster = Roster(tuple(self._pets), self._several, self._front, left_at, self._begun)
        return Followed(roster, tuple(of), frozenset(self._turns), tuple(self._readings))

    def _named_at(self, at: int) -> int | None:
        """The pet that a token turns to; ``None`` where it names none."""
        norm = self._norms[at]
        if norm in _HAVE_SEVERAL and self._counts(at):
            self._several = True
            return ALL if norm == "both" else None
        if (
            norm in ("both", "all")
            and len(self._pets) > 1
            and self._norms[at - 1 : at] in ((), ("they",), ("'re",), ("are",))
        ):
            return ALL
        known = self._known_name(at)
        if known is not None:
            return known if self._phrases.opens_at(at) or at - 1 in self._names else None
        if at not in self._names and self._called(at):
            self._names[at] = (norm,)
            self._readings.append(FieldReading("pet_name", norm, at, at, 0.6, "pet-set-apart"))
        if at in self._names:
            return self._new_name(at)
        if norm in OTHER:
            return self._other(at)
        if norm == "a" and self._phrases.has_one_and_another(at):
            self._several = True
            return None
        if norm in _LOOKS and self._several:
            return self._described(at)
        if norm == "one" and self._one_of_them(at):
            return 0 if not self._spoken or len(self._pets) == 1 else None
        term = self._phrases.animal(at)
        if term is not None:
            return self._own_animal(at, term)
        if self._now != ALL:
            return self._by_pronoun(norm)
        return None

    # --- ways of naming a pet ----------------------------------------------------------------------------------------

    def _counts(self, at: int) -> bool:
        """As in "I have two cats", "both my dogs", "a couple of cats": several of the client's own."""
        before = set(self._norms[max(0, at - 4) : at])
        following = range(at + 1, min(at + 5, len(self._norms)))
        animals = [token for token in following if (term := self._phrases.term(token)) is not None and term.plural]
        near = before | set(self._norms[at + 1 : at + 3])
        if not animals or not (near & {"have", "got", "my", "our", "own"} or self._norms[at] == "both"):
            return False
        self._of_all.add(animals[0])
        return True

    def _described(self, at: int) -> int | None:
        """As in "the little one", where several are known: a pet is told by its looks as by a name."""
        if self._norms[at + 1 : at + 2] != ("one",) or self._norms[at - 1 : at] not in (("the",), ("my",), ("our",)):
            return None
        name = (self._norms[at], "one")
        known = next((pet.number for pet in self._pets if name in pet.names), None)
        if known is not None:
            return known
        if not self._spoken and len(self._pets) == 1 and not self._pets[0].names:
            self._change(0, names=frozenset((name,)))
            return 0
        return self._new_pet(at, names=frozenset((name,))) if len(self._pets) == 1 else None

    def _known_name(self, at: int) -> int | None:
        for pet in self._pets:
            for name in pet.names:
                if self._norms[at : at + len(name)] == name:
                    return pet.number
        return None

    def _new_name(self, at: int) -> int | None:
        """A name not heard before: the pet's that is spoken of, or another one's if the words set it apart."""
        name = self._names[at]
        current = self._pets[self._now if self._now != ALL else self._front]
        alike = next((pet for pet in self._pets if any(may_be_one(name, known) for known in pet.names)), None)
        if alike is not None:
            return alike.number
        set_apart, also = self._phrases.set_apart(at)
        known = bool(current.names or current.species or self._spoken)
        apart = also or (set_apart and (bool(current.names) or (self._several and self._spoken)))
        apart = apart or (bool(current.names) and self._phrases.does(at) and self._called(at))
        if known and apart and self._phrases.opens_at(at):
            return self._new_pet(at, names=frozenset((name,)))
        if not current.names:
            self._change(current.number, names=frozenset((name,)))
            return current.number
        return None

    def _called(self, at: int) -> bool:
        """Whether a word that pets are often called is another one's name here: "also Rocky", "my other dog Max"."""
        words, norm = self._signalment.names, self._norms[at]
        if norm not in words.pets or norm in words.endearments or norm in words.not_a_name:
            return False
        before = self._norms[at - 1] if at else ""
        if before in ALSO:
            return True
        start = self._phrases.phrase_start(at)
        if start < at and not OTHER.isdisjoint(self._norms[start:at]):
            return True
        if at - 1 in self._of_all:
            return True  # "my two dogs Duke and Daisy"
        if norm in words.people and not self._several:
            return False
        if before in ("and", "but", "then") and (self._several or norm not in words.things):
            return self._several or self._phrases.does(at)
        return norm not in words.things | words.qualities and self._phrases.opens_at(at) and self._phrases.does(at)

    def _other(self, at: int) -> int | None:
        """As in "the other one", "my other dog"."""
        following = self._norms[at + 1] if at + 1 < len(self._norms) else ""
        term = self._phrases.term(at + 1)
        one = following in _ONE_OTHER or (term is not None and term.kind in ("species", "breed") and not term.plural)
        before = self._norms[at - 1] if at else ""
        if not one or before in ("his", "her", "their", "your") or self._phrases.owns(at + 1):
            return None
        if not self._phrases.opens_at(at, _APPOINTS):
            return None
        own = before in OWN
        if not own and not self._several and len(self._pets) == 1 and not self._bereaved:
            return None
        if len(self._pets) > 1:
            others = [
                pet.number for pet in self._pets if pet.number != (self._now if self._now != ALL else self._front)
            ]
            return others[0] if len(others) == 1 else None
        if not self._spoken_of_now(at):
            return None
        if term is not None:
            self._readings.append(FieldReading("species", term.species, at + 1, at + 1, 0.75, "species-set-apart"))
        return self._new_pet(at, species=term.species if term else "")

    def _spoken_of_now(self, at: int) -> bool:
        """Whether another own pet is called about too, and not only told of: "had parvo", "but not her"."""
        clause = self._phrases.clause_of[at]
        rest = self._norms[at : clause.last + 1]
        if any(rest[n] == "but" and {"not", "never", "this", "mine"} & set(rest[n : n + 4]) for n in range(len(rest))):
            return False
        following = self._norms[clause.last + 1 : clause.last + 6]
        if following[:1] == ("but",) and {"not", "never", "this"} & set(following):
            return False
        if self._several or at + 2 in self._names or at + 3 in self._names:
            return not clause.past
        lead = self._norms[clause.first : at]
        now = bool(_TOO & {*lead, *rest} or _APPOINTS & set(lead)) or any(norm.endswith("ing") for norm in rest[2:4])
        return not clause.past and (now or self._bereaved)

    def _one_of_them(self, at: int) -> bool:
        """As in "one of my cats", "one of them"; bare "one is" where several are known."""
        following = self._norms[at + 1 : at + 3]
        if following[:1] == ("of",) and following[1:2] in (("my",), ("our",), ("them",), ("the",), ("these",)):
            animals = [token for token in range(at + 3, at + 6) if (term := self._phrases.term(token)) and term.plural]
            if animals and following[1] in OWN:
                self._several = True
                self._of_all.add(animals[0])
            return self._several or len(self._pets) > 1
        before = self._norms[at - 1] if at else ""
        known = self._several or len(self._pets) > 1
        return (
            known
            and (before in ("", "the", "and", "first") or before in OPENS)
            and following[:1] != ()
            and (following[0] in ONE_FOLLOWS)
        )

    def _own_animal(self, at: int, term: Term) -> int | None:
        """As in "my cat": the pet of that species, or another pet if all told ones are of other species."""
        lead = at - 1
        while lead >= 0 and (self._norms[lead] in DESCRIBES or self._norms[lead] in HESITATES - {"'s", "is"}):
            lead -= 1
        owner = self._norms[lead] if lead >= 0 else ""
        own = owner in OWN or (owner == "the" and (self._several or len(self._pets) > 1))
        if own and not self._begun and not self._pets[0].species and not self._phrases.owns(at):
            self._change(0, species=term.species, breed=term.breed)
            return 0
        if not own or self._phrases.owns(at) or not self._phrases.opens_at(lead):
            return None
        current = self._pets[self._now if self._now != ALL else self._front]
        same = [pet for pet in self._pets if pet.species == term.species]
        if len(same) == 1 and same[0] is not current and current.species:
            return same[0].number
        if current.species == term.species:
            told_apart = term.breed and current.breed and term.breed not in current.breed and owner in OWN
            if (
                told_apart
                and self._norms[lead - 1 : lead] in (("and",), ("also",))
                and self._phrases.clause_of[at].about is About.PET
            ):
                return self._new_pet(at, species=term.species, breed=term.breed)
            return None
        if not current.species:
            self._change(current.number, species=term.species, breed=term.breed)
            return current.number
        if self._phrases.clause_of[at].about is not About.PET or same:
            return None
        self._readings.append(FieldReading("species", term.species, at, at, 0.9, "species-set-apart", correction=True))
        return self._new_pet(at, species=term.species, breed=term.breed)

    def _by_pronoun(self, norm: str) -> int | None:
        """He or she, where only one of the pets can be meant."""
        sex = "male" if norm in _MALE else "female" if norm in _FEMALE else ""
        if not sex:
            return None
        current = self._pets[self._now]
        if not current.sex and self._spoken:
            self._change(current.number, sex=sex)
        if current.sex in ("", sex):
            return None
        meant = [pet.number for pet in self._pets if pet.sex == sex]
        return meant[0] if len(meant) == 1 else None

    def _new_pet(self, at: int, *, names: frozenset[Name] = frozenset(), species: str = "", breed: str = "") -> int:
        number = len(self._pets)
        start = self._phrases.phrase_start(at)
        inside = [term for token in range(start, at) if (term := self._phrases.term(token)) and not term.plural]
        kind = next((term.species for term in inside if term.species), species)
        evidence = self._utterance.span_text(start, at + (self._norms[at] in OTHER))
        self._pets.append(Pet(number, names, kind, breed, "", evidence, self._utterance.index))
        return number

    def _change(
        self,
        number: int,
        *,
        names: frozenset[Name] = frozenset(),
        species: str = "",
        breed: str = "",
        sex: str = "",
    ) -> None:
        pet = self._pets[number]
        self._pets[number] = replace(
            pet,
            names=pet.names | names,
            species=pet.species or species,
            breed=pet.breed or breed,
            sex=pet.sex or sex,
        )
