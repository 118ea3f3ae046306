"""The cards of one desk: which can be worked on, what the CSR does with them, and which still ask for something.

Everything follows from the calls' logs. After a restart the cards of the last day come back from the store, as they
were left.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from voice_triage.accounts.reach import Whose
from voice_triage.accounts.roles import DESK_ACCOUNT
from voice_triage.call_log import CallLog, where
from voice_triage.card import Card
from voice_triage.card_data.typed import holds_card_data, typed_without_card_data
from voice_triage.clinic_consent import ClinicConsent
from voice_triage.desk_card import DeskCard
from voice_triage.errors import DeskError, NoSuchCallError, StoreError
from voice_triage.events import (
    ActionUndone,
    AdviceGiven,
    CallDiscarded,
    CallStarted,
    ConsentAction,
    ConsentChanged,
    DeskAction,
    Event,
    FieldSettled,
    FlagEnded,
    FlagRaisedByHand,
    HandedOff,
    Logged,
    NoteTyped,
)
from voice_triage.hand_off import HandOff, hand_off_of, hand_off_text
from voice_triage.kept_part import as_kept
from voice_triage.refusals import why_not
from voice_triage.store.calls import CallStore
from voice_triage.triage.neutrality import objections
from voice_triage.walk_in import NEXT_CALL

log = logging.getLogger(__name__)

OPEN_FOR = timedelta(hours=24)
"""How long after its beginning a card can be worked on: whoever finds an open flag the next morning can still end it;
later entries belong into the patient's record, under their own date [our choice]."""
INTERRUPTED = "interrupted"
"""Why a call ended that a crash cut short."""
LOGS_AT_HAND = 20
"""Logs held in memory; others are read from the store when they are needed."""
LOOK_BACK_CALLS = 300
"""Kept calls that are looked through at the start: more than a desk has in a day."""

Resume = Callable[[Sequence[Logged]], CallLog]
"""Makes the log of a kept call that is to be gone on with."""
Show = Callable[[Sequence[Card]], None]
"""Told of cards whenever they change, from any thread; returns at once."""


class DeskCards:
    """Safe from any thread."""

    def __init__(
        self,
        store: CallStore,
        resume: Resume,
        *,
        signs: Callable[[], Mapping[str, str] | None] = lambda: None,
        consent: ClinicConsent | None = None,
        show_earlier: Show = lambda _cards: None,
        show_handed_off: Show = lambda _cards: None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """``signs`` are those whose denial is worth telling (:func:`voice_triage.hand_off.hand_off_of`).

        ``consent`` is what the clinic's settings make of it.

        ``show_earlier`` gets the cards of earlier calls that still ask for something, the newest first.

        ``show_handed_off`` gets those that were handed to the back of the house in the last day, the latest first.
        """
        self._store = store
        self._resume = resume
        self._signs = signs
        self._consent = consent or ClinicConsent()
        self._show_earlier = show_earlier
        self._show_handed_off = show_handed_off
        self._now = now
        self._lock = threading.RLock()
        self._adding = threading.Lock()
        self._logs: OrderedDict[str, CallLog] = OrderedDict()
        self._cards: dict[str, DeskCard] = {}
        self._shown: dict[str, Card] = {}
        self._front: str | None = None
        self._told: tuple[tuple[Card, ...], tuple[Card, ...]] = ((), ())

    # --- calls as they come ---------------------------------------------------------------------------------------

    def hold(self, call_log: CallLog) -> None:
        """A call of this desk that is about to begin. :meth:`follow` is to be among its listeners."""
        with self._lock:
            self._logs[call_log.call] = call_log
            ended = [call for call, held in self._logs.items() if held.ended or held.discarded]
            for call in ended[: max(0, len(self._logs) - LOGS_AT_HAND)]:
                del self._logs[call]

    def follow(self, logged: Logged) -> None:
        """Listens to every call of this desk."""
        with self._lock:
            if isinstance(logged.event, CallDiscarded):
                self._forget(logged.call)
                self._tell()
                return
            if isinstance(logged.event, CallStarted):
                self._front = logged.call
                self._cards[logged.call] = DeskCard()
            card = self._cards.get(logged.call)
            if card is not None and card.take(logged):
                self._shown[logged.call] = card.card()
                self._tell()

    def forget(self, call: str) -> None:
        """Parts of a kept call were deleted: what is held of it in memory is not asked any more."""
        with self._lock:
            held = self._logs.get(call)
            if held is not None and held.ended:
                del self._logs[call]
            self._forget(call)
            self._tell()

    def look_back(self) -> None:
        """Bring back the cards of the last day from the store, as they were left. Logs what cannot be read."""
        try:
            for summary in self._store.calls(LOOK_BACK_CALLS):
                if self._is_over(summary.started_at):
                    break
                with self._lock:
                    known = summary.call in self._cards
                if not known:
                    self._bring_back(self._store.events(summary.call))
        except StoreError as error:
            log.error("cards of the last day could not be looked through: %s", where(error))
        with self._lock:
            self._tell()

    # --- what the CSR does ----------------------------------------------------------------------------------------

    def act(self, call: str, action: DeskAction | ConsentAction) -> Logged:
        """Do it: log it at this moment of the call. It is kept when this returns, unless the store fails, which shows.

        What a client refuses is deleted when this returns; if it could not be, DeskError says so.

        An :class:`ActionUndone` with sequence 0 undoes the last action; a :class:`HandedOff` without a note gets the
        hand-off note as it stands. Raises NoSuchCallError, and DeskError that says why it cannot be done now.
        """

        def decide(kept: Sequence[Logged]) -> DeskAction | ConsentAction:
            card = DeskCard.of(kept)
            if self._is_over(card.card().started_at):
                raise DeskError("This call was more than a day ago. Write what is left into the patient's record.")
            decided = self._completed(action, card, kept)
            if reason := why_not(card, decided) or self._not_to_be_written(action, kept):
                raise DeskError(reason)
            return decided

        log_of_call = self._log_of(call)
        done = log_of_call.decide(decide)
        if isinstance(action, ConsentChanged) and log_of_call.undeleted:
            raise DeskError(log_of_call.undeleted)
        return done

    def let_go(self, call: str) -> None:
        """What is shown of a call that may not be kept vanishes; what was typed of it comes back from the store."""
        with self._lock:
            held = self._logs.pop(call, None)
        if held is not None:
            held.let_go()
        try:
            self._bring_back(self._store.events(call))
        except StoreError:  # nothing was typed
            return
        with self._lock:
            self._tell()

    def add_later(self, call: str, decision: Callable[[Sequence[Logged]], Event]) -> Logged:
        """Log what is decided by a call's log about it, however long ago it was; kept when this returns.

        The card of a call that is over for the desk does not come back by it. Raises NoSuchCallError, what ``decision``
        raises, and DeskError if it could not be kept.
        """
        with self._lock:
            held = self._logs.get(call)
        if held is not None or not self._is_over(_started_at(self._events_of(call))):
            return self._log_of(call).decide(decision)
        with self._adding:
            kept = self._events_of(call)
            at_s = (self._now() - datetime.fromisoformat(_started_at(kept))).total_seconds()
            event = dataclasses.replace(
                typed_without_card_data(decision(kept)), at_s=max(round(at_s, 3), kept[-1].event.at_s)
            )
            logged = Logged(call, len(kept) + 1, event)
            try:
                self._store.append([logged])
            except StoreError as error:
                raise DeskError(f"It could not be kept: {error}") from error
            return logged

    def card(self, call: str) -> Card:
        """A call's card as it stands. Raises NoSuchCallError."""
        return DeskCard.of(self._events_of(call)).card()

    def whose(self, call: str) -> Whose:
        """Whose call it is, and who it was handed to. Raises NoSuchCallError."""
        kept = self._events_of(call)
        started = kept[0].event
        assert isinstance(started, CallStarted)
        with self._lock:
            at_hand = call in self._shown or call in self._logs
        return Whose(started.csr or DESK_ACCOUNT, bool(DeskCard.of(kept).card().handed_off), at_hand)

    def hand_off(self, call: str) -> HandOff:
        """What the back of the house needs to know of a call, as it stands. Raises NoSuchCallError."""
        return hand_off_of(as_kept(self._events_of(call)), self._signs())

    def close(self) -> None:
        """Hand what a failing store missed to it a last time, of calls that have ended. Idempotent."""
        with self._lock:
            logs = [held for held in self._logs.values() if held.ended]
        for held in logs:
            held.close()

    # --- inside ---------------------------------------------------------------------------------------------------

    def _not_to_be_written(self, action: DeskAction | ConsentAction, kept: Sequence[Logged]) -> str:
        """Why what was typed may not stand in a record: only the client's words may guess or reassure."""
        match action:
            case NoteTyped() | AdviceGiven():
                typed = action.text
            case FlagRaisedByHand() | FlagEnded():
                typed = action.note
            case HandedOff() if action.note:
                made = set(hand_off_text(hand_off_of(as_kept(kept), self._signs())).splitlines())
                typed = "\n".join(line for line in action.note.splitlines() if line not in made)
            case FieldSettled() if holds_card_data(action.value):
                return "A card number is kept nowhere. Type the value without it."
            case _:
                return ""
        wording = next(objections(typed), None)
        if wording is None:
            return ""
        return (
            f"This cannot be written: {wording}. Write what was seen or said, and the client’s own words in “quotes”."
        )

    def _completed(
        self, action: DeskAction | ConsentAction, card: DeskCard, kept: Sequence[Logged]
    ) -> DeskAction | ConsentAction:
        if isinstance(action, ConsentChanged):
            return self._consent.changed(action.consent)
        if isinstance(action, ActionUndone) and not action.sequence and card.actions:
            return dataclasses.replace(action, sequence=card.actions[-1].sequence)
        if isinstance(action, HandedOff) and not action.note:
            return dataclasses.replace(action, note=hand_off_text(hand_off_of(as_kept(kept), self._signs())))
        return action

    def _events_of(self, call: str) -> Sequence[Logged]:
        with self._lock:
            held = self._logs.get(call)
        if held is not None:
            events = held.events()
            if not events:
                raise NoSuchCallError("That was no client's call: nothing of it is kept.")
            return events
        try:
            return self._store.events(call)
        except StoreError as error:
            raise NoSuchCallError(str(error)) from error

    def _log_of(self, call: str) -> CallLog:
        kept = self._events_of(call)
        with self._lock:
            held = self._logs.get(call)
            if held is None:  # one log a call, whoever asks first
                held = self._resume(kept)
                self._bring_back(kept)
                self.hold(held)
            return held

    def _bring_back(self, kept: Sequence[Logged]) -> None:
        card = DeskCard.of(kept)
        with self._lock:
            if kept[0].call not in self._cards:
                self._cards[kept[0].call] = card
                self._shown[kept[0].call] = card.card()

    def _forget(self, call: str) -> None:
        self._cards.pop(call, None)
        self._shown.pop(call, None)
        if self._front == call:
            self._front = None

    def _tell(self) -> None:
        """Under the lock."""
        for call in [call for call, card in self._shown.items() if self._is_over(card.started_at)]:
            self._forget(call)
        newest = sorted(self._shown.values(), key=lambda card: card.started_at, reverse=True)
        earlier = tuple(card for card in newest if card.call != self._front and asks_for_something(card))
        handed = sorted((card for card in newest if card.handed_off), key=handed_off_at, reverse=True)
        told = (earlier, tuple(handed))
        if told[0] != self._told[0]:
            self._show_earlier(told[0])
        if told[1] != self._told[1]:
            self._show_handed_off(told[1])
        self._told = told

    def _is_over(self, started_at: str) -> bool:
        return self._now() - datetime.fromisoformat(started_at) > OPEN_FOR


def asks_for_something(card: Card) -> bool:
    """Whether a call that is not in front any more must stay visible.

    It has a flag without an end; or it is held in memory until somebody decides whether it may be kept; or it is a
    walk-in that the next call, or a crash, cut short before it was handed off. The sample asks for nothing: it is no
    client.
    """
    if card.sample:
        return False
    undecided = card.held and card.ended is not None
    cut_short = card.walk_in and not card.handed_off and card.ended in (NEXT_CALL, INTERRUPTED)
    return card.open_flags > 0 or undecided or cut_short


def handed_off_at(card: Card) -> datetime:
    """When a card was last handed off. Only for one that was."""
    return datetime.fromisoformat(card.started_at) + timedelta(seconds=card.handed_off[-1].at_s)


def _started_at(kept: Sequence[Logged]) -> str:
    started = kept[0].event
    assert isinstance(started, CallStarted)
    return started.started_at
