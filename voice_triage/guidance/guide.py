"""Follows one call's log and says what it suggests: next questions and lanes.

A pure fold: the same log gives the same suggestions. It looks when something settled has come (closed words, a field or
flag that is not tentative, what the CSR did), not on every partial, so that nothing moves while the client speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from voice_triage.events import (
    CALLER_FIELDS,
    ActionUndone,
    Asked,
    CallStarted,
    Event,
    FieldRetracted,
    FieldSettled,
    FieldSuggested,
    FinalTranscript,
    FlagEnd,
    FlagEnded,
    FlagRaised,
    FlagRaisedByHand,
    FlagState,
    FlagWithdrawn,
    LaneShown,
    LaneWithdrawn,
    Logged,
    Mention,
    MentionsRead,
    Outcome,
    PetsTold,
    QuestionSettled,
    QuestionsSuggested,
    Settlement,
    Side,
    Status,
    Urgency,
    UtteranceReheard,
)
from voice_triage.guidance.lanes import ANY_PET, lanes_of
from voice_triage.guidance.line_file import LaneCues, load_lanes, load_lines
from voice_triage.guidance.question_file import Questions, load_questions
from voice_triage.guidance.questions import Known, suggest
from voice_triage.pet_cards import PetCards
from voice_triage.triage.lexicon import Lexicon

SURE = 0.5
"""From this confidence a suggested value need not be asked for: a sex that only pronouns tell is still asked for."""
CALLED_BY = 0.6
"""From this confidence a question calls the pet by its name; below it the page marks a value as unsure."""
_TELLS = frozenset({Status.PRESENT, Status.UNCERTAIN, Status.RESOLVED})
"""Statuses of what the client calls about."""
_UNTOLD = frozenset({Status.OTHER_SUBJECT, Status.NOT_MEANT})
"""Statuses that tell nothing of the pet, not even that it is well."""
_SPECIES_WORDS = {"guinea_pig": "guinea pig", "other": "pet", "reptile": "pet"}


@dataclass(frozen=True, eq=False)
class Guidance:
    """What is suggested by one lexicon."""

    questions: Questions
    lanes: tuple[LaneCues, ...]


@lru_cache(maxsize=4)
def guidance_for(lexicon: Lexicon) -> Guidance:
    """The questions and lanes that go with a lexicon, read once. Raises LexiconError for a mistake in their files."""
    load_lines(lexicon.folder)  # a mistake in a line is told with the others, before a call is read
    return Guidance(load_questions(lexicon), load_lanes(lexicon))


class Guide:
    """Takes a call's log as it grows; gives the events that it brings. Used under the log's lock."""

    def __init__(self, guidance: Guidance) -> None:
        self._guidance = guidance
        self._cards = PetCards()
        self._mentions: dict[int, tuple[Mention, ...]] = {}
        self._words: dict[int, int] = {}
        self._flags: dict[str, FlagRaised] = {}
        self._desk: list[Logged] = []
        """What the CSR did that matters here."""
        self._shown = QuestionsSuggested(0.0, ())
        self._lanes: dict[tuple[str, int], LaneShown] = {}

    def follow(self, batch: Iterable[Logged]) -> list[Event]:
        """Takes the next events of the log; gives what is suggested otherwise now, with the time of the last one."""
        news = False
        at_s = 0.0
        for logged in batch:
            at_s = logged.event.at_s
            news |= self._take(logged)
        return self._changes(at_s) if news else []

    def _take(self, logged: Logged) -> bool:
        """Whether what is suggested may be otherwise now."""
        event = logged.event
        match event:
            case CallStarted():
                return True
            case FinalTranscript(side=Side.CLIENT):
                self._words[event.utterance] = len(event.words)  # what it means follows at once
            case UtteranceReheard(side=Side.CLIENT):
                if event.outcome in (Outcome.SETTLED, Outcome.JOINED):
                    self._words[event.utterance] = len(event.words)
            case MentionsRead():
                self._mentions[event.utterance] = event.mentions
                return True
            case FieldSuggested() | FieldRetracted() | PetsTold():
                self._cards.take(event)
                return not (isinstance(event, FieldSuggested) and event.provisional)
            case FlagRaised():
                self._flags[event.category] = event
                return event.state is FlagState.RAISED
            case FlagWithdrawn():
                self._flags.pop(event.category, None)
                return True
            case QuestionSettled() | FieldSettled() | FlagEnded() | FlagRaisedByHand() | ActionUndone():
                self._desk.append(logged)
                return True
            case _:
                pass
        return False

    # --- what it comes to --------------------------------------------------------------------------------------------

    def _changes(self, at_s: float) -> list[Event]:
        events: list[Event] = []
        known = self.known()
        suggested = suggest(self._guidance.questions, known, [question.id for question in self._shown.questions])
        if (suggested.questions, suggested.not_asked) != (self._shown.questions, self._shown.not_asked):
            self._shown = QuestionsSuggested(at_s, suggested.questions, suggested.not_asked)
            events.append(self._shown)
        return [*events, *self._lane_changes(at_s)]

    def _lane_changes(self, at_s: float) -> list[Event]:
        ages = {
            pet.pet: age.value
            for pet in self._cards.pets
            if (age := self._cards.fields(pet.pet).get("age")) is not None
        }
        mentions = [mention for _, said in sorted(self._mentions.items()) for mention in said]
        found = lanes_of(self._guidance.lanes, mentions, ages, self._cards.front)
        events: list[Event] = [LaneWithdrawn(at_s, lane, pet) for lane, pet in self._lanes if (lane, pet) not in found]
        lanes: dict[tuple[str, int], LaneShown] = {}
        for (lane, pet), mention in found.items():
            before = self._lanes.get((lane, pet))
            if before is None or (before.evidence, before.utterance) != (mention.text, mention.utterance):
                before = LaneShown(at_s, lane, mention.text, pet, mention.utterance)
                events.append(before)
            lanes[lane, pet] = before
        self._lanes = lanes
        return events

    def known(self) -> Known:
        """What the call has told so far, of the pet in front."""
        front = self._cards.front
        told, touched = set[str](), set[str]()
        for said in self._mentions.values():
            for mention in said:
                if mention.pet in (front, ANY_PET) and mention.status not in _UNTOLD:
                    touched.add(mention.concept)
                    if mention.status in _TELLS:
                        told.add(mention.concept)
        actions = _effective(self._desk)
        settled = {action.question: action.state for action in actions if isinstance(action, QuestionSettled)}
        fields, name = self._fields(front, actions)
        urgencies = self._urgencies(front, actions)
        return Known(
            frozenset(told),
            frozenset(touched),
            fields,
            frozenset(urgencies),
            Urgency.RED in urgencies.values(),
            frozenset(settled),
            frozenset(question for question, state in settled.items() if state is Asked.ASKED),
            any(pet.died for pet in self._cards.pets if pet.pet == front),
            sum(self._words.values()),
            name,
        )

    def _fields(self, front: int, actions: Sequence[Event]) -> tuple[dict[str, str], str]:
        """The fields that need not be asked for, and what to call the pet."""
        suggested = {
            name: field
            for name, field in self._cards.front_fields().items()
            if not field.provisional and field.confidence >= SURE
        }
        values = {name: field.value for name, field in suggested.items()}
        called = suggested["pet_name"].value if _sure(suggested.get("pet_name")) else ""
        for action in actions:
            if not isinstance(action, FieldSettled) or (action.pet != front and action.field not in CALLER_FIELDS):
                continue
            if action.state is Settlement.REJECTED:
                rejected = values.pop(action.field, None)
                called = "" if action.field == "pet_name" and rejected else called
            else:
                values[action.field] = action.value or values.get(action.field, "")
                called = action.value if action.field == "pet_name" and action.value else called
        if called:
            return values, " ".join(part[:1].upper() + part[1:] for part in called.split())
        species = values.get("species", "")
        return values, f"your {_SPECIES_WORDS.get(species, species) or 'pet'}"

    def _urgencies(self, front: int, actions: Sequence[Event]) -> dict[str, Urgency]:
        """Category -> urgency of the flags of the pet in front that stand and that the CSR has not dismissed."""
        flags = {
            category: flag.urgency
            for category, flag in self._flags.items()
            if flag.state is FlagState.RAISED and flag.pet == front
        }
        for action in actions:
            if isinstance(action, FlagRaisedByHand) and action.pet == front:
                flags[action.category] = action.urgency
            elif isinstance(action, FlagEnded) and action.pet == front and action.end is FlagEnd.DISMISSED:
                flags.pop(action.category, None)
        return flags


def _sure(name: FieldSuggested | None) -> bool:
    return name is not None and name.confidence >= CALLED_BY


def _effective(actions: Sequence[Logged]) -> list[Event]:
    """The CSR's actions without those that were undone."""
    undone: set[int] = set()
    effective: list[Event] = []
    for logged in reversed(actions):
        if logged.sequence in undone:
            continue
        if isinstance(logged.event, ActionUndone):
            undone.add(logged.event.sequence)
        else:
            effective.append(logged.event)
    effective.reverse()
    return effective
