"""What a call's closed utterances tell: readings, facts, field values. It depends on their words and order alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from voice_triage.events import Mention, Status, Word
from voice_triage.triage.episodes import onset_hours
from voice_triage.triage.fields import FieldBoard, FieldReading, FieldValue, names_in
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import Reading, reader_for
from voice_triage.triage.rules import NOTHING_JUDGED, Fact, Judged, Patient
from voice_triage.triage.signalment import load_signalment

TAKEN_BACK = "taken_back"
Values = dict[str, FieldValue]


class Told:
    """The closed utterances of one call, taken in one after the other, and an open one read on top of them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._reader = reader_for(lexicon)
        self._last: Reading | None = None
        self._sex = ""
        """The patient's sex as told."""
        self._readings: dict[int, Reading] = {}
        self._facts: tuple[Fact, ...] = ()
        """In order of speech."""
        self._words = 0
        self._board = FieldBoard(load_signalment(lexicon.folder), lexicon.concept_fields)
        self._judged = NOTHING_JUDGED
        """What the rules made of it when they were last asked."""
        self._unjudged: frozenset[str] = frozenset()
        """Concepts of facts that came or changed since then."""

    def copy(self) -> Told:
        """An independent copy; what it shares with this one never changes."""
        twin = object.__new__(Told)
        twin._reader, twin._last, twin._sex = self._reader, self._last, self._sex
        twin._readings, twin._facts, twin._words = dict(self._readings), self._facts, self._words
        twin._board, twin._judged, twin._unjudged = self._board.copy(), self._judged, self._unjudged
        return twin

    def read(self, words: Sequence[Word], utterance: int) -> tuple[Reading, Values]:
        """The reading of an utterance that is still open, and all field values with it."""
        reading, fields = self._read(words, utterance)
        return reading, self._board.with_open(reading.utterance, fields)

    def close(self, words: Sequence[Word], utterance: int) -> set[int]:
        """Takes the next utterance in for good; returns the utterances whose mentions that changed, itself included."""
        reading, fields = self._read(words, utterance)
        self._board.close(reading.utterance, fields)
        facts = revised_by(reading, self._facts)
        revised = _otherwise(self._facts, facts)
        changed = {fact.mention.utterance for fact in revised}
        for index in changed:
            mentions = tuple(fact.mention for fact in facts if fact.mention.utterance == index)
            self._readings[index] = replace(self._readings[index], mentions=mentions)
        self._readings[utterance] = reading
        self._facts = (*facts, *reading.facts)
        self._last = reading
        sex = self._board.values().get("sex")
        self._sex = sex.value if sex else ""
        self._words += len(reading.utterance.words)
        self._unjudged |= _concepts((*revised, *reading.facts))
        return changed | {utterance}

    def values(self) -> Values:
        """Current value by field; a field that was never said is absent."""
        return self._board.values()

    def mentions_of(self, utterance: int) -> tuple[Mention, ...]:
        """The mentions of a closed utterance with their statuses as they stand now."""
        return self._readings[utterance].mentions

    def mentions(self) -> dict[int, tuple[Mention, ...]]:
        """The mentions of every utterance, in order of speech."""
        return {index: reading.mentions for index, reading in self._readings.items()}

    def judge(self, patient: Patient) -> Judged:
        """What the rules make of all this."""
        self._judged = self._reader.rulebook.judge(self._facts, patient, self._judged, self._unjudged)
        self._unjudged = frozenset()
        return self._judged

    def judge_with(self, opened: Reading, patient: Patient) -> Judged:
        """The same with an open utterance."""
        facts = revised_by(opened, self._facts)
        revised = _otherwise(self._facts, facts)
        told = self.judge(patient)
        return self._reader.rulebook.judge((*facts, *opened.facts), patient, told, _concepts((*revised, *opened.facts)))

    def _read(self, words: Sequence[Word], utterance: int) -> tuple[Reading, Sequence[FieldReading]]:
        """An utterance's reading and field readings; a pet that it names itself is known by that name throughout."""
        names = self._board.names
        while True:
            reading = self._reader.read(
                words, utterance, self._last, names=names, sex=self._sex, words_before=self._words
            )
            fields = self._board.read(reading.utterance, reading.mentions, reading.about_pet)
            new = names_in(fields) - names
            if not new:
                return reading, fields
            names |= new


def _otherwise(before: Sequence[Fact], after: Sequence[Fact]) -> list[Fact]:
    """The facts that are not the same afterwards."""
    return [] if after is before else [old for old, new in zip(before, after, strict=True) if old is not new]


def _concepts(facts: Iterable[Fact]) -> frozenset[str]:
    return frozenset(fact.mention.concept for fact in facts)


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


def patient_of(values: Values) -> Patient:
    """The patient as the field values tell it."""

    def said(name: str) -> str:
        value = values.get(name)
        return value.value if value is not None else ""

    onset = said("onset")
    return Patient(said("species"), said("sex"), said("breed"), said("age"), onset_hours(onset) if onset else None)
