"""Why an action cannot be done on a card as it stands; the rules that every window and script keeps to."""

from __future__ import annotations

from voice_triage.card import Card
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    ActionUndone,
    Consent,
    ConsentAction,
    ConsentChanged,
    DeskAction,
    FieldSettled,
    FlagAcknowledged,
    FlagEnded,
    FlagRaisedByHand,
    QuestionSettled,
    RecordingPaused,
    RecordingResumed,
    Settlement,
)

NO_FLAG = "There is no such flag on this card. Raise it by hand if the client describes it."
NO_PET = "There is no such pet on this card."
NOT_RECORDED = "Nothing of this card is recorded: there is nothing to agree to."
OLD_VALUE = "The suggested value has changed. Look at it again, then settle it."


def why_not(card: DeskCard, action: DeskAction | ConsentAction) -> str:
    """One sentence for the CSR; empty if it can be done."""
    match action:
        case FlagAcknowledged():
            return _acknowledge(card, action)
        case FlagEnded():
            return _end(card, action)
        case FlagRaisedByHand():
            return _raise(card, action)
        case FieldSettled():
            return _settle(card, action)
        case QuestionSettled():
            known = card.question(action.question)
            if known is None:
                return "That question was never suggested in this call."
            return f"That question is marked as {action.state} already." if known[1] is action.state else ""
        case ActionUndone():
            return _undo(card, action)
        case ConsentChanged():
            return _consent(card.card(), action)
        case RecordingPaused() | RecordingResumed():
            return _pause(card.card(), paused=isinstance(action, RecordingPaused))
        case _:  # a note, advice, a hand-off: any time, any number of times
            return ""


def _acknowledge(card: DeskCard, action: FlagAcknowledged) -> str:
    flag = card.flag(action.category, action.pet)
    if flag is None:
        return NO_FLAG
    if flag.disposition is not None:
        return "This flag has been dealt with already."
    if not flag.stands:
        return "This flag was withdrawn: there is nothing to acknowledge."
    return "This flag is acknowledged already." if flag.acknowledged else ""


def _end(card: DeskCard, action: FlagEnded) -> str:
    flag = card.flag(action.category, action.pet)
    if flag is None:
        return NO_FLAG
    return "This flag has an end already. Undo that first." if flag.disposition is not None else ""


def _raise(card: DeskCard, action: FlagRaisedByHand) -> str:
    if not _has_pet(card, action.pet):
        return NO_PET
    flag = card.flag(action.category, action.pet)
    if flag is None or not flag.open or not flag.by_hand:
        return ""
    rises = flag.urgency != action.urgency and action.urgency == "red"
    return "" if rises else "This flag is raised by hand already. Add a note instead."


def _settle(card: DeskCard, action: FieldSettled) -> str:
    if not _has_pet(card, action.pet):
        return NO_PET
    known = card.field(action.field, action.pet)
    suggested = None if known is None or known.suggestion is None else known.suggestion.value
    disputed = known is not None and known.also_said is not None
    if action.state in (Settlement.CONFIRMED, Settlement.REJECTED):
        if disputed and known is not None and action.value == known.value:
            return ""  # asked again: what was settled stands against what was said since
        if suggested is None:
            return "Nothing is suggested for this field. Type the value, or mark it as unknown."
        if suggested != action.value:
            return OLD_VALUE
    if known is not None and (known.state, known.value) == (action.state, action.value):
        return f"This field is {action.state} already."
    return ""


def _undo(card: DeskCard, action: ActionUndone) -> str:
    if any(logged.sequence == action.sequence for logged in card.actions):
        return ""
    return "There is nothing to undo." if not card.actions else "That was undone already, or is nothing that can be."


def _consent(card: Card, action: ConsentChanged) -> str:
    if card.consent is None:
        return NOT_RECORDED
    if action.consent is card.consent:
        return "That is noted already."
    if card.consent is not Consent.REFUSED:
        return ""
    if card.ended is not None:
        return "The client refused, and the call has ended: there is nothing left of it to keep."
    return "The client refused. If they agree now, say so." if action.consent is Consent.UNKNOWN else ""


def _pause(card: Card, *, paused: bool) -> str:
    if card.consent is None:
        return NOT_RECORDED
    if card.ended is not None:
        return "The call has ended: nothing is being recorded."
    if card.consent is Consent.REFUSED:
        return "The client refused: nothing is being recorded."
    if card.recording_paused == paused:
        return "Recording is paused already." if paused else "Recording is not paused."
    return ""


def _has_pet(card: DeskCard, pet: int) -> bool:
    """A pet that the client told of, or of which something is shown: raising a flag must never fail for a number."""
    known = {told.pet for told in card.pets.pets} | {pet for pet, _ in card.pets.suggested}
    return pet in known | {flag.pet for flag in card.flags}
