"""What a call's closed utterances tell: readings, facts, field values. It depends on their words and order alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from voice_triage.events import Mention, Status, Urgency, Word
from voice_triage.triage.deaths import DIED, NOT_THE_PET, told_of_pet
from voice_triage.triage.episodes import onset_hours
from voice_triage.triage.field_readers import token_span
from voice_triage.triage.fields import ALL, Cards, FieldBoard, FieldReading, FieldValue, names_in
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.pets import Followed, follow
from voice_triage.triage.reading import Reading, reader_for
from voice_triage.triage.roster import Pet, Roster
from voice_triage.triage.rules import NOTHING_JUDGED, Fact, Judged, Patient
from voice_triage.triage.signalment import load_signalment

TAKEN_BACK = "taken_back"
_SURELY_NAMED = 0.7
"""From this confidence a name counts in the utterance that gives it: a cat called Raisin has not eaten one."""
_ROUNDS = 3
"""How often an utterance is read at most until the pets that it names are known."""
_ONLY_THOUGHT = frozenset({"suspected", "doubt"})
"""Rules of a present status that rests on what the client thinks."""
_SICK = frozenset({"finding", "exposure"})
"""Kinds of concepts that make a pet the sick one."""


@dataclass(frozen=True, slots=True)
class Open:
    """An utterance that is still open, read on top of the closed ones."""

    reading: Reading
    cards: Cards
    """All field values with it."""
    roster: Roster
    """The pets with it."""


class Told:
    """The closed utterances of one call, taken in one after the other, and an open one read on top of them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._reader = reader_for(lexicon)
        self._signalment = load_signalment(lexicon.folder)
        self._deadly = lexicon.members.get(DIED, frozenset())
        """Concepts that tell of a death."""
        self._last: Reading | None = None
        self._readings: dict[int, Reading] = {}
        self._facts: tuple[Fact, ...] = ()
        """In order of speech."""
        self._mortal = False
        """It was said that a pet has died."""
        self._words = 0
        self._board = FieldBoard(self._signalment, lexicon.concept_fields)
        self._roster = Roster()
        self._judged: Mapping[int, Judged] = {}
        """By pet: what the rules made of its facts when they were last asked."""

    def copy(self) -> Told:
        """An independent copy; what it shares with this one never changes."""
        twin = object.__new__(Told)
        for name, value in vars(self).items():
            setattr(twin, name, value)
        twin._readings, twin._board = dict(self._readings), self._board.copy()
        return twin

    def read(self, words: Sequence[Word], utterance: int) -> Open:
        """The reading of an utterance that is still open."""
        reading, fields, followed = self._read(words, utterance)
        return Open(reading, self._board.with_open(reading.utterance, fields, followed.of), followed.roster)

    def close(self, words: Sequence[Word], utterance: int) -> set[int]:
        """Takes the next utterance in for good; returns the utterances whose mentions that changed, itself included."""
        reading, fields, followed = self._read(words, utterance)
        self._board.close(reading.utterance, fields, followed.of)
        facts = revised_by(reading, self._facts)
        revised = _otherwise(self._facts, facts)
        changed = {fact.mention.utterance for fact in revised}
        for index in changed:
            mentions = tuple(fact.mention for fact in facts if fact.mention.utterance == index)
            self._readings[index] = replace(self._readings[index], mentions=mentions)
        self._readings[utterance] = reading
        self._facts = (*facts, *reading.facts)
        self._mortal = bool(self._said_to_have_died(self._facts))
        self._last = reading
        self._words += len(reading.utterance.words)
        self._roster = self._settled(followed.roster)
        return changed | {utterance}

    def cards(self) -> Cards:
        """Every pet's field values; a field that was never said is absent."""
        return self._board.cards()

    @property
    def roster(self) -> Roster:
        """The client's pets, with the sick one in front."""
        return self._roster

    def mentions_of(self, utterance: int) -> tuple[Mention, ...]:
        """The mentions of a closed utterance with their statuses as they stand now."""
        return self._readings[utterance].mentions

    def mentions(self) -> dict[int, tuple[Mention, ...]]:
        """The mentions of every utterance, in order of speech."""
        return {index: reading.mentions for index, reading in self._readings.items()}

    # --- what the rules make of it -----------------------------------------------------------------------------------

    def judge(self, cards: Cards, front: int) -> Judged:
        """What the rules make of all this, pet by pet, for pets as ``cards`` tell them and ``front`` the sick one."""
        living = self._of_the_living(self._facts) if self._mortal else self._facts
        self._judged = self._judge_each(living, cards, front)
        return _together(self._judged)

    def judge_with(self, opened: Reading, cards: Cards, front: int) -> Judged:
        """The same with an open utterance."""
        facts = (*revised_by(opened, self._facts), *opened.facts)
        living = self._of_the_living(facts) if self._mortal or self._said_to_have_died(opened.facts) else facts
        return _together(self._judge_each(living, cards, front))

    def judge_only(
        self, counts: Callable[[Fact], bool], cards: Cards, front: int, opened: Reading | None = None
    ) -> Judged:
        """The same of some of the facts only; nothing of it is kept for the next time."""
        told = self._facts if opened is None else (*revised_by(opened, self._facts), *opened.facts)
        facts = tuple(fact for fact in told if counts(fact))
        return _together(self._judge_each(self._of_the_living(facts), cards, front))

    def died(self, opened: Reading | None = None) -> frozenset[int]:
        """The pets that have died."""
        if not self._mortal and (opened is None or not self._said_to_have_died(opened.facts)):
            return frozenset()
        facts = self._facts if opened is None else (*revised_by(opened, self._facts), *opened.facts)
        return frozenset(max(fact.mention.pet, 0) for fact in self._deaths(facts))

    def _judge_each(self, facts: tuple[Fact, ...], cards: Cards, front: int) -> dict[int, Judged]:
        """Each pet's facts by themselves; words that do not tell of which pet they are: the sick one's."""
        judge = self._reader.rulebook.judge
        judged: dict[int, Judged] = {}
        for pet in cards:
            own = facts
            if len(cards) > 1:
                own = tuple(fact for fact in facts if (front if fact.mention.pet == ALL else fact.mention.pet) == pet)
            judged[pet] = judge(own, patient_of(cards, pet), self._judged.get(pet, NOTHING_JUDGED))
        return judged

    def _of_the_living(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        died = {max(death.mention.pet, 0) for death in self._deaths(facts)}
        return tuple(fact for fact in facts if max(fact.mention.pet, 0) not in died) if died else facts

    def _deaths(self, facts: Sequence[Fact]) -> list[Fact]:
        """Statements that a pet has died, after which no finding is told of it as of now: in doubt it lives."""
        return [
            death
            for death in self._said_to_have_died(facts)
            if not any(
                fact.now
                and fact.word > death.word
                and fact.kind == "finding"
                and fact.mention.status is Status.PRESENT
                and max(fact.mention.pet, 0) == max(death.mention.pet, 0)
                for fact in facts
            )
        ]

    def _said_to_have_died(self, facts: Sequence[Fact]) -> list[Fact]:
        return [
            fact
            for fact in facts
            if fact.mention.concept in self._deadly
            and fact.mention.status is Status.PRESENT
            and fact.mention.rule not in _ONLY_THOUGHT
        ]

    # --- reading -----------------------------------------------------------------------------------------------------

    def _read(self, words: Sequence[Word], utterance: int) -> tuple[Reading, Sequence[FieldReading], Followed]:
        """An utterance's reading, field readings, and which pet its words speak of.

        A pet that it names itself is known by that name throughout; where it turns to another pet, that is a patient.
        """
        heard = self._reader.hear(words, utterance, self._last)
        names = self._board.names
        turns = frozenset[int]()
        # Mostly the words go on about the pet that the last ones were about, and then one reading is enough.
        pet_of = (self._roster.left_at,) * len(heard.utterance) if len(self._roster.pets) > 1 else ()
        sex = self._sex()
        rounds = 0
        while True:
            reading = self._reader.read(
                heard,
                names=names,
                sex=sex,
                words_before=self._words,
                turns=turns,
                pet_of=pet_of,
            )
            fields = self._board.read(reading.utterance, reading.mentions, reading.about_pet)
            followed = follow(
                reading.utterance,
                reading.clauses,
                fields,
                self._signalment,
                self._roster,
                bereaved=self._mortal or bool(self._said_to_have_died(reading.facts)),
            )
            fields = sorted((*fields, *followed.readings), key=lambda field: (field.first, field.last))
            all_names = names | names_in(fields, _SURELY_NAMED)
            rounds += 1
            several = followed.of if len(followed.roster.pets) > 1 else ()
            if rounds == _ROUNDS or (all_names == names and followed.turns == turns and several == pet_of):
                break
            names, turns, pet_of = all_names, followed.turns, several
        return self._told_of(reading, followed, names), fields, followed

    def _told_of(self, reading: Reading, followed: Followed, names: frozenset[tuple[str, ...]]) -> Reading:
        """A reading whose mentions know their pet, and whose deaths are the pet's own."""
        facts = tuple(self._fact_of(fact, reading, followed, names) for fact in reading.facts)
        return replace(reading, facts=facts, mentions=tuple(fact.mention for fact in facts))

    def _fact_of(self, fact: Fact, reading: Reading, followed: Followed, names: frozenset[tuple[str, ...]]) -> Fact:
        mention, utterance = fact.mention, reading.utterance
        first, last = token_span(utterance, mention)
        pet = followed.of[first]
        if mention.concept in self._deadly and mention.status is Status.PRESENT:
            sex = followed.roster.pets[max(pet, 0)].sex
            if not told_of_pet(utterance.norms, first, last, sex, names, self._signalment):
                mention = replace(mention, status=Status.OTHER_SUBJECT, rule=NOT_THE_PET)
        if pet:
            mention = replace(mention, pet=pet)
        return fact if mention is fact.mention else replace(fact, mention=mention)

    def _sex(self) -> str:
        """The sex of the patient, where the call is about one."""
        sex = self._board.values().get("sex")
        return sex.value if sex is not None and len(self._roster.pets) == 1 else ""

    def _settled(self, roster: Roster) -> Roster:
        """The roster after a closed utterance: with what the fields tell of each pet, and the sick one in front."""
        cards = self._board.cards()
        pets = tuple(_known(pet, cards.get(pet.number, {})) for pet in roster.pets)
        front = roster.front
        if len(pets) > 1:
            front = self._front(cards)
        left_at = front if roster.left_at == roster.front else roster.left_at
        return replace(roster, pets=pets, front=front, left_at=left_at)

    def _front(self, cards: Cards) -> int:
        """The pet with the most urgent flags, then with the most findings, then the first told; the living first."""
        judged = self.judge(cards, self._roster.front)
        died = self.died()
        flagged = {(raised.evidence.mention.pet, raised.urgency) for raised in judged.raised.values()}
        sick = Counter(
            fact.mention.pet
            for fact in self._facts
            if fact.mention.status in (Status.PRESENT, Status.UNCERTAIN) and fact.kind in _SICK
        )

        def rank(pet: int) -> tuple[bool, bool, bool, int, int]:
            red, orange = (pet, Urgency.RED) in flagged, (pet, Urgency.ORANGE) in flagged
            return (pet in died, not red, not orange, -sick[pet], pet)

        return min(cards, key=rank)


def _known(pet: Pet, values: Mapping[str, FieldValue]) -> Pet:
    """A pet with what its card tells of it."""

    def said(name: str, before: str) -> str:
        value = values.get(name)
        return value.value if value is not None else before

    name = said("pet_name", "")
    names = pet.names | {tuple(name.split())} if name else pet.names
    return replace(
        pet,
        names=names,
        species=said("species", pet.species),
        breed=said("breed", pet.breed),
        sex=said("sex", pet.sex),
    )


def _otherwise(before: Sequence[Fact], after: Sequence[Fact]) -> list[Fact]:
    """The facts that are not the same afterwards."""
    return [] if after is before else [old for old, new in zip(before, after, strict=True) if old is not new]


def _together(judged: Mapping[int, Judged]) -> Judged:
    """What was judged pet by pet as one."""
    if len(judged) == 1:
        return next(iter(judged.values()))
    return Judged(raised={f"{pet} {rule}": one for pet, its in judged.items() for rule, one in its.raised.items()})


def revised_by(reading: Reading, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Facts as the newest utterance leaves them: what it takes back ("it wasn't a seizure") or ends ("it stopped").

    A fact that it leaves alone is the same object as before; if it leaves all alone, so are the facts together.
    """
    if not reading.retracted and not reading.revised:
        return facts
    last = facts[-1].mention.utterance if facts else -1
    return tuple(_revise(fact, reading, newest=fact.mention.utterance == last) for fact in facts)


def _revise(fact: Fact, reading: Reading, *, newest: bool) -> Fact:
    mention = fact.mention
    if mention.status is not Status.PRESENT:
        return fact
    if mention.concept in reading.retracted:
        return replace(fact, mention=replace(mention, status=Status.NEGATED, rule=TAKEN_BACK))
    verdict = reading.revised.get((mention.concept, mention.first_word)) if newest else None
    if verdict is None:
        return fact
    return replace(fact, mention=replace(mention, status=verdict.status, cue=verdict.cue, rule=verdict.rule))


def patient_of(cards: Cards, pet: int) -> Patient:
    """A pet as its card tells it; of an unsaid species it is taken for what the first pet is."""
    values = cards[pet]

    def said(name: str) -> str:
        value = values.get(name)
        return value.value if value is not None else ""

    onset = said("onset")
    species = said("species") or (cards[0]["species"].value if "species" in cards[0] else "")
    return Patient(species, said("sex"), said("breed"), said("age"), onset_hours(onset) if onset else None)
