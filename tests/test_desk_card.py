"""Rules of a call's card: what the CSR did stands, what was undone never was, and nothing settles itself."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.call_fakes import field, flag
from voice_triage.card import Card
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    DESK_ACTIONS,
    ActionUndone,
    AdviceGiven,
    Asked,
    CallEnded,
    CallStarted,
    DismissalReason,
    Event,
    FieldRetracted,
    FieldSettled,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaisedByHand,
    FlagState,
    FlagWithdrawn,
    HandedOff,
    HandOffTo,
    LaneShown,
    LaneWithdrawn,
    Logged,
    NoteTyped,
    PetsTold,
    PetTold,
    Question,
    QuestionSettled,
    QuestionsSuggested,
    QuestionWhy,
    Settlement,
    Urgency,
    from_json,
    to_json,
    without_undone,
)

STARTED = CallStarted("c-1", 0.0, "2025-06-01T10:15:00+02:00", "Jabra", 16000)
ENDED = CallEnded(60.0, 60.0, "hang-up")
DISMISSED = FlagEnded(20.0, "bleeding", FlagEnd.DISMISSED, reason=DismissalReason.NOT_SO)
SENT = FlagEnded(20.0, "bleeding", FlagEnd.SENT_TO_EMERGENCY_ROOM)
ASK = QuestionsSuggested(5.0, (Question("q1", "Any urine since?", QuestionWhy.RED_FLAG, "urinary"),), ("Weight",))


def log_of(*events: Event) -> list[Logged]:
    """The log of a call with these events after its beginning."""
    return [Logged("c-1", sequence, event) for sequence, event in enumerate((STARTED, *events), start=1)]


def card_of(*events: Event) -> Card:
    """The card of that call."""
    return DeskCard.of(log_of(*events)).card()


def content(card: Card) -> Card:
    """A card without its place in the log."""
    return dataclasses.replace(card, sequence=0)


# --- undo -------------------------------------------------------------------------------------------------------

ACTIONS = st.sampled_from(
    [
        FlagAcknowledged(9.0, "bleeding"),
        FlagAcknowledged(9.0, "toxin", 1),
        DISMISSED,
        SENT,
        FlagEnded(20.0, "toxin", FlagEnd.HANDED_OVER, 1),
        FlagRaisedByHand(9.0, "bleeding", Urgency.RED),
        FlagRaisedByHand(9.0, "toxin", Urgency.ORANGE, 1, "licked the floor"),
        FieldSettled(9.0, "species", Settlement.CONFIRMED, "dog"),
        FieldSettled(9.0, "species", Settlement.REJECTED, "dog"),
        FieldSettled(9.0, "weight", Settlement.UNKNOWN),
        FieldSettled(9.0, "age", Settlement.EDITED, "P7Y", 1),
        QuestionSettled(9.0, "q1", Asked.SKIPPED),
        NoteTyped(9.0, "calls from the car"),
        AdviceGiven(9.0, "Please leave now.", "bleeding"),
        HandedOff(9.0, HandOffTo.DOCTOR, "Dog."),
    ]
)
FINDINGS = st.sampled_from(
    [
        flag(state=FlagState.PROVISIONAL),
        flag(),
        flag(urgency=Urgency.ORANGE),
        dataclasses.replace(flag(), utterance=4),
        dataclasses.replace(flag("toxin"), pet=1),
        flag("toxin"),
        FlagWithdrawn(8.0, "bleeding", "no"),
        FlagWithdrawn(8.0, "toxin", "no"),
        field("species", "dog"),
        field("species", "cat"),
        FieldRetracted(8.0, "species"),
        PetsTold(8.0, (PetTold(0), PetTold(1, "my cat")), 1),
        ASK,
        LaneShown(8.0, "infectious", "he coughs"),
        LaneWithdrawn(8.0, "infectious"),
        ENDED,
    ]
)
UNDO = st.integers(min_value=1, max_value=40).map(lambda sequence: ActionUndone(30.0, sequence))
EVENTS = st.lists(st.one_of(ACTIONS, FINDINGS, UNDO), max_size=30)


@settings(deadline=None)  # a busy machine is no failure
@given(EVENTS)
def test_what_was_undone_is_as_if_it_had_never_been(events: list[Event]) -> None:
    """Whatever the history, its card is that of the history without what was undone."""
    log = log_of(*events)
    assert content(DeskCard.of(log).card()) == content(DeskCard.of(without_undone(log)).card())
    kept = {logged.sequence for logged in without_undone(log)}
    gone = [logged for logged in log if logged.sequence not in kept]
    assert all(isinstance(logged.event, DESK_ACTIONS) for logged in gone)


@settings(deadline=None)  # a busy machine is no failure
@given(EVENTS, ACTIONS)
def test_undoing_at_once_gives_the_card_of_before(events: list[Event], action: Event) -> None:
    """An action and its undoing change nothing at all."""
    undone = card_of(*events, action, ActionUndone(31.0, len(events) + 2))
    assert content(undone) == content(card_of(*events))


@settings(deadline=None)  # a busy machine is no failure
@given(EVENTS)
def test_a_card_is_the_same_from_a_kept_log(events: list[Event]) -> None:
    """A log that went through JSON, as the store keeps it, tells the same card: a kill loses nothing of it."""
    log = log_of(*events)
    kept = [dataclasses.replace(each, event=from_json(json.loads(json.dumps(to_json(each.event))))) for each in log]
    assert DeskCard.of(kept).card() == DeskCard.of(log).card()


@settings(deadline=None)  # a busy machine is no failure
@given(EVENTS)
def test_nothing_settles_itself(events: list[Event]) -> None:
    """Without the CSR no flag has an end or is acknowledged, and no field is more than suggested."""
    card = card_of(*(event for event in events if not isinstance(event, DESK_ACTIONS)))
    assert all(each.disposition is None and each.acknowledged_at_s is None for each in card.flags)
    assert all(each.state == "suggested" for each in card.fields)
    assert all(each.open == (each.state is not FlagState.WITHDRAWN) for each in card.flags)


def test_undo_takes_back_the_last_action_that_was_not_undone() -> None:
    """Undo after undo walks back through what was done."""
    events: list[Event] = [flag(), FlagAcknowledged(9.0, "bleeding"), NoteTyped(9.5, "x")]
    assert (undo := card_of(*events).undo) is not None
    assert (undo.sequence, undo.action) == (4, "NoteTyped")
    assert (undo := card_of(*events, ActionUndone(10.0, 4)).undo) is not None
    assert (undo.sequence, undo.action) == (3, "FlagAcknowledged")
    assert card_of(*events, ActionUndone(10.0, 4), ActionUndone(10.0, 3)).undo is None


# --- flags ------------------------------------------------------------------------------------------------------


def test_later_evidence_updates_the_card_and_does_not_repeat_it() -> None:
    """One card a category, pet and call; an acknowledged one stays acknowledged."""
    card = card_of(flag(), FlagAcknowledged(9.0, "bleeding"), flag(evidence="blood everywhere"))
    (only,) = card.flags
    assert (only.evidence, only.acknowledged_at_s, only.open) == ("blood everywhere", 9.0, True)


def test_a_flag_without_an_end_at_hang_up_stays_open_and_on_top() -> None:
    """Open ones first, red before orange, whatever the order in which they came."""
    card = card_of(
        flag("pain"),
        FlagEnded(20.0, "pain", FlagEnd.HANDED_OVER),
        flag("urinary", urgency=Urgency.ORANGE),
        flag("toxin"),
        ENDED,
    )
    assert [(each.category, each.open) for each in card.flags] == [("toxin", True), ("urinary", True), ("pain", False)]
    assert (card.open_flags, card.ended) == (2, "hang-up")


def test_a_flag_can_end_after_hang_up() -> None:
    """The CSR finishes the card when the client has gone."""
    card = card_of(flag(), ENDED, dataclasses.replace(SENT, at_s=75.0))
    (only,) = card.flags
    assert only.disposition is not None
    assert (only.disposition.end, only.disposition.at_s, only.open) == (FlagEnd.SENT_TO_EMERGENCY_ROOM, 75.0, False)


def test_a_withdrawn_flag_stays_visible_and_is_not_open() -> None:
    """What was shown stays, struck; nothing is left to do about it."""
    (only,) = card_of(flag(), FlagWithdrawn(9.0, "bleeding", "Taken back.")).flags
    assert (only.state, only.open, only.withdrawn_because) == (FlagState.WITHDRAWN, False, "Taken back.")


@pytest.mark.parametrize("order", [0, 1])
def test_the_machine_never_withdraws_what_the_csr_raised(order: int) -> None:
    """Whoever of the two came first, the flag stands until the CSR ends it."""
    both: list[Event] = [flag(), FlagRaisedByHand(9.0, "bleeding", Urgency.RED, note="pale, too")]
    events = both[::-1] if order else both
    (only,) = card_of(*events, FlagWithdrawn(12.0, "bleeding", "Taken back.")).flags
    assert (only.state, only.open, only.by_hand, only.note) == (FlagState.RAISED, True, True, "pale, too")


def test_a_flag_by_hand_never_lowers_what_stands() -> None:
    """Rules may raise, never lower: red stays red."""
    (only,) = card_of(flag(), FlagRaisedByHand(9.0, "bleeding", Urgency.ORANGE)).flags
    assert only.urgency is Urgency.RED


def test_words_said_after_a_dismissal_open_the_flag_again_once() -> None:
    """A missed flag costs more than another look; a flag dismissed twice does not cry wolf."""
    later = dataclasses.replace(flag(), utterance=7)
    (again,) = card_of(flag(), DISMISSED, later).flags
    assert (again.open, again.reopened, again.disposition) == (True, True, None)
    (same_words,) = card_of(flag(), DISMISSED, flag(evidence="he bleeds")).flags
    assert not same_words.open
    (twice,) = card_of(flag(), DISMISSED, later, DISMISSED, dataclasses.replace(flag(), utterance=9)).flags
    assert not twice.open


def test_a_flag_that_becomes_red_opens_again() -> None:
    """An orange one that was dealt with is not a red one that was."""
    for end in (DISMISSED, dataclasses.replace(DISMISSED, end=FlagEnd.HANDED_OVER, reason=None)):
        (only,) = card_of(flag(urgency=Urgency.ORANGE), FlagAcknowledged(9.0, "bleeding"), end, flag()).flags
        assert (only.open, only.reopened, only.acknowledged_at_s) == (True, True, None)
    (sent,) = card_of(flag(urgency=Urgency.ORANGE), SENT, flag()).flags
    assert not sent.open


def test_a_flag_that_turns_out_to_be_another_pets_goes_along_unless_it_was_dealt_with() -> None:
    """The machine raises one flag a category; what the CSR did is not moved to another animal."""
    other = dataclasses.replace(flag(), pet=1)
    assert [(each.pet, each.open) for each in card_of(flag(), other).flags] == [(1, True)]
    assert [(each.pet, each.open) for each in card_of(flag(), SENT, other).flags] == [(1, True), (0, False)]


# --- fields -----------------------------------------------------------------------------------------------------


def one_field(*events: Event) -> tuple[str, str, str | None]:
    """State, value and contradiction of the only field."""
    (only,) = card_of(*events).fields
    return only.state, only.value, only.also_said


def test_a_settled_value_stands_and_a_different_one_is_shown_beside_it() -> None:
    """What the CSR confirmed or typed is not overwritten by words, and words are not lost."""
    confirmed = FieldSettled(9.0, "age", Settlement.CONFIRMED, "P7Y")
    edited = FieldSettled(9.0, "age", Settlement.EDITED, "P8Y")
    assert one_field(field("age", "P7Y"), confirmed, field("age", "P6Y")) == ("confirmed", "P7Y", "P6Y")
    assert one_field(field("age", "P7Y"), confirmed, FieldRetracted(9.0, "age")) == ("confirmed", "P7Y", None)
    assert one_field(field("age", "P7Y"), edited, field("age", "P7Y")) == ("edited", "P8Y", None)
    assert one_field(edited) == ("edited", "P8Y", None)


def test_a_new_value_opens_a_rejected_or_unknown_field_again() -> None:
    """The same value stays rejected; another one is a suggestion as at first."""
    rejected = FieldSettled(9.0, "age", Settlement.REJECTED, "P7Y")
    assert one_field(field("age", "P7Y"), rejected, field("age", "P7Y"))[0] == "rejected"
    assert one_field(field("age", "P7Y"), rejected, field("age", "P6Y")) == ("suggested", "P6Y", None)
    assert one_field(FieldSettled(9.0, "age", Settlement.UNKNOWN), field("age", "P6Y"))[0] == "suggested"


def test_what_is_said_of_the_caller_belongs_to_no_pet() -> None:
    """A call-back number settled on another pet's card is the caller's all the same."""
    (only,) = card_of(FieldSettled(9.0, "callback_number", Settlement.EDITED, "5550100", 1)).fields
    assert only.pet == 0


# --- the rest ---------------------------------------------------------------------------------------------------


def test_questions_lanes_notes_advice_and_hand_offs_are_on_the_card() -> None:
    """All that the CSR did is told, in the order in which it was done."""
    card = card_of(
        ASK,
        QuestionSettled(6.0, "q1", Asked.ASKED),
        LaneShown(6.0, "infectious", "he coughs"),
        NoteTyped(7.0, "from the car"),
        AdviceGiven(8.0, "Please leave now."),
        HandedOff(9.0, HandOffTo.TECHNICIAN, "Dog."),
    )
    assert [(each.id, each.state) for each in card.questions] == [("q1", Asked.ASKED)]
    assert (card.not_asked, [lane.lane for lane in card.lanes]) == (("Weight",), ["infectious"])
    assert [each.text for each in card.notes] == ["from the car"]
    assert [each.text for each in card.advice] == ["Please leave now."]
    assert [(each.to, each.note) for each in card.handed_off] == [(HandOffTo.TECHNICIAN, "Dog.")]


def test_a_card_without_its_beginning_is_refused() -> None:
    """Which call it is cannot be made up."""
    with pytest.raises(ValueError, match="CallStarted"):
        DeskCard.of([Logged("c-1", 2, flag())]).card()
