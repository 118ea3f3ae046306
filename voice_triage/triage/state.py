"""One call's understanding: transcripts in, flags, fields and mentions out, in the order they become known.

Only the open utterance is read again on a partial; closed ones keep their reading. Statuses, flags and fields are
always those of *all* that was said so far, so that words split into partials at any points end in the same state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from voice_triage.events import (
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    Mention,
    MentionsRead,
    PartialTranscript,
    Status,
)
from voice_triage.triage.episodes import onset_hours
from voice_triage.triage.fields import FieldBoard, FieldValue
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import Reading, reader_for
from voice_triage.triage.rules import Fact, Judged, Patient, Raised, by_category
from voice_triage.triage.signalment import load_signalment

TAKEN_BACK = "taken_back"


class CallUnderstanding:
    """What the client's words say, for one call. Used by one thread."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._reader = reader_for(lexicon)
        self._lexicon = lexicon
        self._last: Reading | None = None
        self._sex = ""
        """The patient's sex as the closed utterances tell it."""
        self._readings: dict[int, Reading] = {}
        self._facts: list[Fact] = []
        """Of all closed utterances, in order of speech."""
        self._words = 0
        self._board = FieldBoard(load_signalment(lexicon.folder), lexicon.concept_fields)
        self._flags: dict[str, FlagRaised] = {}
        self._withdrawn: set[str] = set()
        self._fields: dict[str, FieldValue] = {}
        self._judged: tuple[Patient | None, Judged] = (None, {})
        """What the rules made of the closed utterances, for the patient as known then."""

    def hear(self, transcript: PartialTranscript | FinalTranscript) -> list[Event]:
        """Reads one transcript of the client and gives what changed. Events carry the transcript's ``at_s``."""
        final = isinstance(transcript, FinalTranscript)
        reading = self._reader.read(
            transcript.words,
            transcript.utterance,
            self._last,
            names=self._board.names,
            sex=self._sex,
            words_before=self._words,
        )
        values = self._board.apply(reading.utterance, reading.mentions, reading.about_pet, final=final)
        events: list[Event] = []
        if final:
            changed = self._close(reading)
            events += [
                MentionsRead(transcript.at_s, index, self._readings[index].mentions)
                for index in sorted({*changed, transcript.utterance})
            ]
        events += self._field_changes(values, transcript.at_s)
        events += self._flag_changes(None if final else reading, _patient(values), transcript.at_s)
        return events

    def mentions(self) -> list[Mention]:
        """Every mention of the closed utterances with its status as it stands now, in order of speech."""
        return [mention for index in sorted(self._readings) for mention in self._readings[index].mentions]

    # --- closing an utterance ----------------------------------------------------------------------------------------

    def _close(self, reading: Reading) -> set[int]:
        """Takes a reading in for good; returns the utterances whose mentions it changed."""
        changed: set[int] = set()
        facts = _revised(self._facts, reading)
        for old, new in zip(self._facts, facts, strict=True):
            if old is not new:
                changed.add(old.mention.utterance)
        for index in changed:
            mentions = tuple(fact.mention for fact in facts if fact.mention.utterance == index)
            self._readings[index] = replace(self._readings[index], mentions=mentions)
        self._facts = facts
        self._readings[reading.utterance.index] = reading
        self._facts = [*self._facts, *reading.facts]
        self._last = reading
        sex = self._board.values().get("sex")
        self._sex = sex.value if sex else ""
        self._words += len(reading.utterance.words)
        self._judged = (None, {})
        return changed

    # --- what changed ------------------------------------------------------------------------------------------------

    def _flag_changes(self, opened: Reading | None, patient: Patient, at_s: float) -> list[Event]:
        """What changed with the closed utterances, and the open one if there is one."""
        sure_rules = self._judge_closed(patient)
        closed = by_category(sure_rules)
        judged = by_category(self._judge_open(sure_rules, opened, patient)) if opened else closed
        events: list[Event] = []
        for category, raised in judged.items():
            sure = closed.get(category)
            firm = sure is not None and sure.urgency is raised.urgency
            flag = _flag(
                sure if firm and sure is not None else raised, FlagState.RAISED if firm else FlagState.PROVISIONAL, at_s
            )
            shown = self._flags.get(category)
            if shown is not None and shown.state is FlagState.RAISED and not firm and shown.urgency is flag.urgency:
                continue
            if shown is None or replace(shown, at_s=at_s) != flag:
                self._flags[category] = flag
                events.append(flag)
        for category in [c for c in self._flags if c not in judged]:
            was = self._flags.pop(category)
            why = (
                "A later statement took it back."
                if was.state is FlagState.RAISED
                else "The words were heard differently."
            )
            events.append(FlagWithdrawn(at_s, category, why))
        return events

    def _judge_closed(self, patient: Patient) -> Judged:
        known, judged = self._judged
        if known != patient:
            judged = self._reader.rulebook.judge(self._facts, patient)
            self._judged = (patient, judged)
        return judged

    def _judge_open(self, sure: Judged, opened: Reading, patient: Patient) -> Judged:
        rulebook = self._reader.rulebook
        if opened.retracted or opened.revised:
            return rulebook.judge([*_revised(self._facts, opened), *opened.facts], patient)
        return rulebook.judge_more(self._facts, sure, opened.facts, patient)

    def _field_changes(self, values: dict[str, FieldValue], at_s: float) -> list[Event]:
        events: list[Event] = []
        for name, value in values.items():
            if self._fields.get(name) != value:
                events.append(
                    FieldSuggested(
                        at_s,
                        name,
                        value.value,
                        value.evidence,
                        value.utterance,
                        value.start_s,
                        value.end_s,
                        value.confidence,
                        value.provisional,
                        value.contradicts,
                    )
                )
        events += [FieldRetracted(at_s, name) for name in self._fields if name not in values]
        self._fields = dict(values)
        return events


def _flag(raised: Raised, state: FlagState, at_s: float) -> FlagRaised:
    mention = raised.evidence.mention
    return FlagRaised(
        at_s,
        raised.category,
        raised.urgency,
        state,
        mention.text,
        tuple(sorted(raised.concepts)),
        mention.utterance,
        mention.start_s,
        mention.end_s,
        raised.reason,
        raised.rule,
    )


def _revised(facts: Sequence[Fact], reading: Reading) -> list[Fact]:
    """Facts as the newest utterance leaves them: what it takes back ("it wasn't a seizure") or ends ("it stopped")."""
    if not reading.retracted and not reading.revised:
        return list(facts)
    last = facts[-1].mention.utterance if facts else -1
    return [_revise(fact, reading, newest=fact.mention.utterance == last) for fact in facts]


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


def _patient(values: dict[str, FieldValue]) -> Patient:
    def said(name: str) -> str:
        value = values.get(name)
        return value.value if value is not None else ""

    onset = said("onset")
    return Patient(said("species"), said("sex"), said("breed"), said("age"), onset_hours(onset) if onset else None)
