"""Follows one call's log and says what it suggests: next questions and lanes.

A pure fold: the same log gives the same suggestions. It looks when something settled has come (closed words, a field or
flag that is not tentative, what the CSR did), not on every partial, so that nothing moves while the client speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from voice_triage.card import SUGGESTED, FieldCard
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    CALLER_FIELDS,
    DESK_ACTIONS,
    Asked,
    CallStarted,
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagEnd,
    FlagRaised,
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
from voice_triage.triage.lexicon import Lexicon

SURE = 0.5
"""From this confidence a suggested value need not be asked for: a sex that only pronouns tell is still asked for."""
CALLED_BY = 0.6
"""From this confidence a question calls the pet by its name; below it the page marks a value as unsure."""
_TELLS = frozenset({Status.PRESENT, Status.UNCERTAIN, Status.RESOLVED})
"""Statuses of what the client calls about."""
_UNTOLD = frozenset({Status.OTHER_SUBJECT, Status.NOT_MEANT})
"""Statuses that tell nothing of the pet, not even that it is well."""
_NEWS = (CallStarted, FieldRetracted, PetsTold, FlagWithdrawn, *DESK_ACTIONS)
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
        self._card = DeskCard()
        self._mentions: dict[int, tuple[Mention, ...]] = {}
        self._words: dict[int, int] = {}
        """Number of the client's words by utterance."""
        self._shown = QuestionsSuggested(0.0, ())
        self._lanes: dict[tuple[str, int], LaneShown] = {}

    def follow(self, batch: Iterable[Logged]) -> list[Event]:
        """Takes the next events of the log; gives what is suggested otherwise now, with the time of the last one."""
        news = False
        at_s = 0.0
        for logged in batch:
            at_s = logged.event.at_s
            self._card.take(logged)
            news |= self._take(logged.event)
        return self._changes(at_s) if news else []

    def _take(self, event: Event) -> bool:
        """Whether what is suggested may be otherwise now."""
        match event:
            case FinalTranscript(side=Side.CLIENT):
                self._words[event.utterance] = len(event.words)  # what it means follows at once
            case UtteranceReheard(side=Side.CLIENT, outcome=Outcome.SETTLED | Outcome.JOINED):
                self._words[event.utterance] = len(event.words)
            case MentionsRead():
                self._mentions[event.utterance] = event.mentions
                return True
            case FieldSuggested():
                return not event.provisional
            case FlagRaised():
                return event.state is FlagState.RAISED
            case _:
                return isinstance(event, _NEWS)
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
        pets = self._card.pets
        told = {pet.pet: pets.fields(pet.pet).get("age") for pet in pets.pets}
        ages = {pet: age.value for pet, age in told.items() if age is not None}
        mentions = [mention for _, said in sorted(self._mentions.items()) for mention in said]
        found = lanes_of(self._guidance.lanes, mentions, ages, pets.front)
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
        front = self._card.front
        told, touched = set[str](), set[str]()
        for said in self._mentions.values():
            for mention in said:
                if mention.pet in (front, ANY_PET) and mention.status not in _UNTOLD:
                    touched.add(mention.concept)
                    if mention.status in _TELLS:
                        told.add(mention.concept)
        actions = [logged.event for logged in self._card.actions]
        settled = {action.question: action.state for action in actions if isinstance(action, QuestionSettled)}
        fields = {field.field: field for field in self._card.fields() if _is_known(field, front)}
        urgencies = self._urgencies(front)
        return Known(
            frozenset(told),
            frozenset(touched),
            {name: field.value for name, field in fields.items()},
            frozenset(urgencies),
            Urgency.RED in urgencies.values(),
            frozenset(settled),
            frozenset(question for question, state in settled.items() if state is Asked.ASKED),
            any(pet.died for pet in self._card.pets.pets if pet.pet == front),
            sum(self._words.values()),
            _called(fields),
        )

    def _urgencies(self, front: int) -> dict[str, Urgency]:
        """Category -> urgency of the flags of the pet in front that stand and that the CSR has not dismissed."""
        cards = [flag.card() for flag in self._card.flags if flag.stands and flag.pet == front]
        return {
            card.category: card.urgency
            for card in cards
            if card.state is FlagState.RAISED
            and (card.disposition is None or card.disposition.end is not FlagEnd.DISMISSED)
        }


def _is_known(field: FieldCard, front: int) -> bool:
    """Whether a field of the pet in front, or of the caller, need not be asked for."""
    if field.pet != (0 if field.field in CALLER_FIELDS else front) or field.state == Settlement.REJECTED:
        return False
    suggestion = field.suggestion
    if field.state != SUGGESTED or suggestion is None:
        return True
    return not suggestion.provisional and suggestion.confidence >= SURE


def _called(fields: Mapping[str, FieldCard]) -> str:
    """What to call the pet: its name once that is sure, else "your dog"."""
    name = fields.get("pet_name")
    if name is not None and name.value:
        sure = name.state != SUGGESTED or (name.suggestion is not None and name.suggestion.confidence >= CALLED_BY)
        if sure:
            return " ".join(part[:1].upper() + part[1:] for part in name.value.split())
    species = fields["species"].value if "species" in fields else ""
    return f"your {_SPECIES_WORDS.get(species, species) or 'pet'}"
