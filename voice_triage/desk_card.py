"""A call's card as its log tells it: the one place where findings and the CSR's actions are folded into a state.

The page, the report, the hand-off and the tests all use it, so two windows, a replay and a restart cannot differ. What
was undone is folded as if it had never been (:func:`voice_triage.events.without_undone`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from voice_triage.card import (
    SUGGESTED,
    WALK_IN,
    Advice,
    Card,
    FieldCard,
    HandedOver,
    PetCard,
    QuestionCard,
    Undo,
    Written,
)
from voice_triage.events import (
    BY_THE_DESK,
    CALLER_FIELDS,
    CONSENT_ACTIONS,
    DESK_ACTIONS,
    ActionUndone,
    AdviceGiven,
    Asked,
    CallEnded,
    CallStarted,
    Consent,
    ConsentChanged,
    Event,
    FieldRetracted,
    FieldSettled,
    FieldSuggested,
    FlagAcknowledged,
    FlagEnded,
    FlagRaised,
    FlagRaisedByHand,
    FlagWithdrawn,
    HandedOff,
    LaneShown,
    LaneWithdrawn,
    Logged,
    NoteTyped,
    PetsTold,
    Question,
    QuestionSettled,
    QuestionsSuggested,
    RecordingPaused,
    RecordingResumed,
    Settlement,
    Urgency,
    without_undone,
)
from voice_triage.flag_card import Flag
from voice_triage.pet_cards import PetCards

_SHAPING = (
    CallStarted,
    CallEnded,
    FlagRaised,
    FlagWithdrawn,
    FieldSuggested,
    FieldRetracted,
    PetsTold,
    QuestionsSuggested,
    LaneShown,
    LaneWithdrawn,
    *DESK_ACTIONS,
    *CONSENT_ACTIONS,
)
"""Events that change a card."""


class DeskCard:
    """Folds a log as it grows; :meth:`card` gives its state at any time. Not thread-safe."""

    def __init__(self) -> None:
        self._log: list[Logged] = []
        self._fold = _Fold()

    @classmethod
    def of(cls, log: Iterable[Logged]) -> Self:
        """The card of a whole log."""
        card = cls()
        for logged in log:
            card.take(logged)
        return card

    def take(self, logged: Logged) -> bool:
        """The next event of the log, in order; whether it can have changed the card. Tentative ones change nothing."""
        if not isinstance(logged.event, _SHAPING):
            return False
        self._log.append(logged)
        if isinstance(logged.event, ActionUndone):
            self._fold = _Fold()
            for each in without_undone(self._log):
                self._fold.take(each.sequence, each.event)
        else:
            self._fold.take(logged.sequence, logged.event)
        return True

    @property
    def flags(self) -> list[Flag]:
        """Every flag ever shown and not undone, in the order in which it was."""
        return list(self._fold.flags.values())

    def flag(self, category: str, pet: int) -> Flag | None:
        """The flag of that card."""
        return self._fold.flags.get((category, pet))

    @property
    def pets(self) -> PetCards:
        """The pets, and what the machine suggests of them."""
        return self._fold.pets

    @property
    def front(self) -> int:
        """The sick pet."""
        return self._fold.pets.front

    @property
    def actions(self) -> list[Logged]:
        """What the CSR did and has not undone, in order."""
        return self._fold.actions(self._log)

    def field(self, name: str, pet: int) -> FieldCard | None:
        """One field, if it was suggested or settled; what is said of the caller is of no pet."""
        pet = 0 if name in CALLER_FIELDS else pet
        return next((each for each in self.fields() if (each.field, each.pet) == (name, pet)), None)

    def fields(self) -> list[FieldCard]:
        """Suggested and settled fields, of all pets."""
        return self._fold.field_cards()

    def question(self, question: str) -> tuple[Question, Asked | None] | None:
        """A question that was ever suggested, and what became of it."""
        return self._fold.question(question)

    def card(self) -> Card:
        """How it stands. Raises ValueError before CallStarted."""
        fold = self._fold
        if fold.started is None:
            raise ValueError("a call's log begins with CallStarted")
        done = self.actions
        flags = sorted(fold.flags.values(), key=lambda flag: (not flag.open, flag.urgency is not Urgency.RED))
        return Card(
            call=fold.started.call,
            sequence=self._log[-1].sequence,
            source=fold.started.source,
            walk_in=fold.started.source == WALK_IN,
            sample=fold.started.sample,
            started_at=fold.started.started_at,
            ended=None if fold.ended is None else fold.ended.reason,
            pets=tuple(PetCard(pet.pet, pet.evidence, pet.died, pet.pet == self.front) for pet in fold.pets.pets),
            flags=tuple(flag.card() for flag in flags),
            open_flags=sum(flag.open for flag in flags),
            fields=tuple(self.fields()),
            questions=fold.question_cards(),
            not_asked=fold.suggested.not_asked,
            lanes=tuple(fold.lanes.values()),
            notes=tuple(fold.notes),
            advice=tuple(fold.advice),
            handed_off=tuple(fold.handed_off),
            consent=fold.consent,
            consent_sequence=fold.consent_sequence,
            held=fold.held,
            recording_paused=fold.recording_paused,
            undo=Undo(done[-1].sequence, type(done[-1].event).__name__) if done else None,
        )


class _Fold:
    """The state itself; knows nothing of undoing."""

    def __init__(self) -> None:
        self.started: CallStarted | None = None
        self.ended: CallEnded | None = None
        self.consent: Consent | None = None
        self.consent_sequence = 0
        self.held = self.recording_paused = False
        self.pets = PetCards()
        self.flags: dict[tuple[str, int], Flag] = {}
        self.suggested = QuestionsSuggested(0.0, ())
        self.lanes: dict[tuple[str, int], LaneShown] = {}
        self.notes: list[Written] = []
        self.advice: list[Advice] = []
        self.handed_off: list[HandedOver] = []
        self._questions: dict[str, Question] = {}
        self._asked: dict[str, Asked] = {}
        self._settled: dict[tuple[int, str], _Settled] = {}
        self._done: set[int] = set()

    def take(self, sequence: int, event: Event) -> None:  # noqa: PLR0912 - one line for each kind of event
        if isinstance(event, DESK_ACTIONS):
            self._done.add(sequence)
        match event:
            case CallStarted():
                self.started = event
            case CallEnded():
                self.ended = event
                self.recording_paused = False
            case ConsentChanged():
                self.consent, self.held = event.consent, event.held
                self.consent_sequence = sequence if event.by == BY_THE_DESK else self.consent_sequence
            case RecordingPaused() | RecordingResumed():
                self.recording_paused = isinstance(event, RecordingPaused)
            case FlagRaised():
                self._flag_of(event).shown(event)
            case FlagWithdrawn():
                for flag in self.flags.values():
                    if flag.category == event.category:
                        flag.withdraw(event)
            case FlagRaisedByHand():
                self._flag(event.category, event.pet).raise_by_hand(event, sequence)
            case FlagAcknowledged():
                if (known := self.flags.get((event.category, event.pet))) is not None:
                    known.acknowledge(event.at_s, sequence)
            case FlagEnded():
                if (known := self.flags.get((event.category, event.pet))) is not None:
                    known.end(event, sequence)
            case FieldSuggested() | FieldRetracted() | PetsTold():
                self.pets.take(event)
                self._reconsider(event)
            case FieldSettled():
                self._settle(event, sequence)
            case QuestionsSuggested():
                self.suggested = event
                self._questions |= {question.id: question for question in event.questions}
            case QuestionSettled():
                self._asked[event.question] = event.state
            case LaneShown():
                self.lanes[event.lane, event.pet] = event
            case LaneWithdrawn():
                self.lanes.pop((event.lane, event.pet), None)
            case NoteTyped():
                self.notes.append(Written(sequence, event.at_s, event.text))
            case AdviceGiven():
                self.advice.append(Advice(sequence, event.at_s, event.text, event.line))
            case HandedOff():
                self.handed_off.append(HandedOver(sequence, event.at_s, event.to, event.note))
            case _:
                pass

    def actions(self, log: Iterable[Logged]) -> list[Logged]:
        return [logged for logged in log if logged.sequence in self._done]

    def question(self, name: str) -> tuple[Question, Asked | None] | None:
        question = self._questions.get(name)
        return None if question is None else (question, self._asked.get(name))

    def question_cards(self) -> tuple[QuestionCard, ...]:
        return tuple(
            QuestionCard(each.id, each.text, each.why, each.category, each.field, self._asked.get(each.id))
            for each in self.suggested.questions
        )

    def field_cards(self) -> list[FieldCard]:
        suggested = self.pets.suggested
        keys = dict.fromkeys((*suggested, *self._settled))
        return [self._field_card(pet, name, suggested.get((pet, name))) for pet, name in keys]

    def _flag(self, category: str, pet: int) -> Flag:
        return self.flags.setdefault((category, pet), Flag(category, pet))

    def _flag_of(self, event: FlagRaised) -> Flag:
        """The card that the machine's flag belongs to. It raises one a category, and may find that it is another pet's.

        A card of which the CSR has done nothing goes along; one that they have dealt with stays as it is.
        """
        for key, flag in list(self.flags.items()):
            if flag.category == event.category and flag.pet != event.pet and flag.held_by_machine:
                if not flag.touched and (event.category, event.pet) not in self.flags:
                    del self.flags[key]
                    flag.pet = event.pet
                    self.flags[event.category, event.pet] = flag
                elif not flag.touched:
                    del self.flags[key]
        return self._flag(event.category, event.pet)

    def _settle(self, event: FieldSettled, sequence: int) -> None:
        pet = 0 if event.field in CALLER_FIELDS else event.pet
        known = self.pets.suggested.get((pet, event.field))
        self._settled[pet, event.field] = _Settled(event, sequence, None if known is None else known.value)

    def _reconsider(self, event: FieldSuggested | FieldRetracted | PetsTold) -> None:
        """A value that the client told after the CSR had none opens the field again."""
        if not isinstance(event, FieldSuggested):
            return
        settled = self._settled.get((event.pet, event.field))
        if settled is None or settled.event.state in (Settlement.CONFIRMED, Settlement.EDITED):
            return
        if event.value not in (settled.event.value, settled.seen):
            del self._settled[event.pet, event.field]

    def _field_card(self, pet: int, name: str, suggestion: FieldSuggested | None) -> FieldCard:
        settled = self._settled.get((pet, name))
        if settled is None:
            assert suggestion is not None
            return FieldCard(name, pet, SUGGESTED, suggestion.value, suggestion.contradicts, suggestion, None, None)
        event = settled.event
        value = "" if event.state is Settlement.UNKNOWN else event.value
        more = None if suggestion is None else suggestion.value
        also = more if more not in (None, value, settled.seen) else None
        return FieldCard(name, pet, str(event.state), value, also, suggestion, event.at_s, settled.sequence)


@dataclass(frozen=True, slots=True)
class _Settled:
    """A settled field, and what was suggested when it was."""

    event: FieldSettled
    sequence: int
    seen: str | None
