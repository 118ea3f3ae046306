"""Rules of the desk's cards: worked on live and later, brought back after a restart, seen until they are done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.call_fakes import MemoryStore, flag
from voice_triage.call_log import CallLog
from voice_triage.card import Card
from voice_triage.desk_cards import LOGS_AT_HAND, DeskCards
from voice_triage.errors import DeskError, NoSuchCallError
from voice_triage.events import (
    ActionUndone,
    CallEnded,
    CallStarted,
    Event,
    FieldSettled,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    HandedOff,
    HandOffTo,
    Logged,
    NoteTyped,
    Settlement,
)
from voice_triage.store.sql_calls import SqlCallStore
from voice_triage.walk_in import NEXT_CALL, STOPPED, WalkIn

NOW = datetime.fromisoformat("2026-03-04T12:00:00-05:00")
SENT = FlagEnded(0.0, "bleeding", FlagEnd.SENT_TO_EMERGENCY_ROOM)


class Desk:
    """Cards over a store, with what they showed last."""

    def __init__(self, path: Path) -> None:
        self.store = SqlCallStore(path)
        self.now = NOW
        self.clock_s = 0.0
        self.earlier: list[str] = []
        self.handed_off: list[str] = []
        self.cards = DeskCards(
            self.store,
            self._resume,
            show_earlier=lambda cards: self._put(self.earlier, cards),
            show_handed_off=lambda cards: self._put(self.handed_off, cards),
            now=lambda: self.now,
        )

    def begin(self, call: str, *events: Event, ago: timedelta = timedelta(), kept: bool = True) -> CallLog:
        """A call that began ``ago``, with these events."""
        log = CallLog(
            call,
            store=self.store if kept else None,
            listeners=(self.cards.follow,),
            now=lambda: self.clock_s,
        )
        self.cards.hold(log)
        started_at = (self.now - ago).isoformat("T", "seconds")
        log.extend((CallStarted(call, 0.0, started_at, "Jabra", 16000), *events))
        return log

    def _resume(self, kept: Sequence[Logged]) -> CallLog:
        return CallLog.resumed(kept, store=self.store, listeners=(self.cards.follow,), now=lambda: self.clock_s)

    @staticmethod
    def _put(place: list[str], cards: Sequence[Card]) -> None:
        place[:] = [card.call for card in cards]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "kept" / "calls.sqlite3"


@pytest.fixture
def desk(path: Path) -> Iterator[Desk]:
    """A desk without calls."""
    desk = Desk(path)
    yield desk
    desk.store.close()


ENDED = CallEnded(60.0, 60.0, "hang-up")


def test_an_action_has_the_time_at_which_it_was_done(desk: Desk) -> None:
    """Times to acknowledge and to the end of a flag can be told from the log."""
    desk.begin("c", flag(at_s=5.0))
    desk.clock_s = 7.25
    assert desk.cards.act("c", FlagAcknowledged(0.0, "bleeding")).event.at_s == 7.25
    desk.clock_s = 31.0
    desk.cards.act("c", SENT)
    (only,) = desk.cards.card("c").flags
    assert (only.shown_at_s, only.acknowledged_at_s) == (5.0, 7.25)
    assert only.disposition is not None
    assert only.disposition.at_s == 31.0


def test_an_open_flag_outlives_its_call_on_the_page(desk: Desk) -> None:
    """It is seen until it has an end, behind however many calls; undoing the end brings it back."""
    desk.begin("one", flag(), ENDED)
    assert desk.earlier == []  # still in front
    desk.begin("two", ENDED)
    desk.begin("three")
    assert desk.earlier == ["one"]
    desk.cards.act("one", SENT)
    assert desk.earlier == []
    desk.cards.act("one", ActionUndone(0.0, 0))
    assert desk.earlier == ["one"]


def test_after_a_restart_cards_are_as_they_were_left(path: Path) -> None:
    """Open flags, what was done, what was handed off; and work goes on where it stopped."""
    before = Desk(path)
    before.begin("one", flag(), ENDED)
    before.begin("two", flag(), ENDED)
    before.cards.act("one", FlagAcknowledged(0.0, "bleeding"))
    before.cards.act("two", SENT)
    before.cards.act("two", HandedOff(0.0, HandOffTo.DOCTOR, ""))
    left = before.cards.card("one")
    before.store.close()

    after = Desk(path)
    after.cards.look_back()
    assert (after.earlier, after.handed_off) == (["one"], ["two"])
    assert after.cards.card("one") == left
    after.clock_s = 90.0
    after.cards.act("one", SENT)
    assert after.earlier == []
    assert after.cards.card("two").handed_off[0].note.startswith("HAND-OFF NOTE")
    after.store.close()


def test_cards_of_more_than_a_day_ago_are_closed(desk: Desk) -> None:
    """They are not brought up, and nothing is added to them; they can still be read."""
    desk.begin("old", flag(), ENDED, ago=timedelta(hours=23, minutes=59))
    desk.begin("new")
    assert desk.earlier == ["old"]
    desk.now += timedelta(minutes=2)
    with pytest.raises(DeskError, match="more than a day"):
        desk.cards.act("old", SENT)
    desk.begin("newer")
    assert desk.earlier == []
    assert desk.cards.card("old").open_flags == 1


def test_a_call_that_was_no_clients_leaves_no_card(desk: Desk) -> None:
    """Neither among the earlier ones nor at the back of the house."""
    log = desk.begin("c", flag(), ENDED)
    desk.cards.act("c", HandedOff(0.0, HandOffTo.DOCTOR, "Cat."))
    desk.begin("d")
    assert (desk.earlier, desk.handed_off) == (["c"], ["c"])
    log.discard()
    assert (desk.earlier, desk.handed_off) == ([], [])
    with pytest.raises(NoSuchCallError):
        desk.cards.act("c", SENT)


def test_a_call_that_is_not_kept_can_be_worked_on_all_the_same(desk: Desk) -> None:
    """The sample call, or any call while the store fails."""
    desk.begin("sample", flag(), ENDED, kept=False)
    desk.cards.act("sample", SENT)
    assert desk.cards.card("sample").open_flags == 0


def test_old_logs_are_read_from_the_store_when_they_are_needed(desk: Desk) -> None:
    """However many calls there were since, an open card can be finished, and its log has no hole."""
    for number in range(LOGS_AT_HAND + 3):
        desk.begin(f"c-{number}", flag(), ENDED)
    desk.cards.act("c-0", NoteTyped(0.0, "one"))
    desk.cards.act("c-0", SENT)
    assert [logged.sequence for logged in desk.store.events("c-0")] == [1, 2, 3, 4, 5]
    assert "c-0" not in desk.earlier
    assert "c-1" in desk.earlier


def test_a_walk_in_cut_short_by_a_call_stays_in_sight_until_it_is_handed_off(desk: Desk) -> None:
    """The client still stands at the counter; one that the CSR ended does not."""
    for name, reason in (("cut", NEXT_CALL), ("done", STOPPED)):
        walk_in = WalkIn(name, store=desk.store, listeners=(desk.cards.follow,))
        desk.cards.hold(walk_in.log)
        desk.now = datetime.now().astimezone()
        walk_in.begin()
        walk_in.end(reason)
    desk.begin("call")
    assert desk.earlier == ["cut"]
    desk.cards.act("cut", HandedOff(0.0, HandOffTo.TECHNICIAN, ""))
    assert desk.earlier == []


def test_a_note_that_the_csr_wrote_over_is_kept_as_written(desk: Desk) -> None:
    """The words of the product in it need no checking; those added to it do."""
    desk.begin("c", flag(), ENDED)
    note = "HAND-OFF NOTE\nclient, 0:01: “he is fine”\nCarries him in a box."
    desk.cards.act("c", HandedOff(0.0, HandOffTo.DOCTOR, note))
    assert desk.cards.card("c").handed_off[0].note == note
    with pytest.raises(DeskError, match="cannot be written"):
        desk.cards.act("c", HandedOff(0.0, HandOffTo.DOCTOR, f"{note}\nHe is fine."))


def test_the_sample_asks_for_nothing(desk: Desk) -> None:
    """It is no client: nobody has to end its flags."""
    log = CallLog("sample", listeners=(desk.cards.follow,))
    desk.cards.hold(log)
    log.extend((CallStarted("sample", 0.0, NOW.isoformat(), "sample", 16000, sample=True), flag(), ENDED))
    desk.begin("real")
    assert desk.earlier == []


def test_what_a_failing_store_missed_after_the_end_is_kept_when_the_desk_closes() -> None:
    """The disk was full while the CSR ended the flag, and has room again."""
    store = MemoryStore()
    cards = DeskCards(store, CallLog.resumed, now=lambda: NOW)
    log = CallLog("c", store=store, listeners=(cards.follow,))
    cards.hold(log)
    log.extend((CallStarted("c", 0.0, NOW.isoformat(), "Jabra", 16000), flag(), ENDED))
    store.full = True
    cards.act("c", SENT)
    assert len(store.kept) == 3
    store.full = False
    cards.close()
    assert [type(logged.event).__name__ for logged in store.kept[3:]] == ["FlagEnded", "StageFailed"]


def test_an_unreadable_store_leaves_the_desk_working(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be looked through is logged without a word of any call, and today's calls go on."""
    desk.begin("c", flag())
    desk.store.close()
    desk.cards.look_back()
    assert "could not be looked through" in caplog.text
    assert desk.cards.card("c").open_flags == 1


def test_a_card_number_is_no_value_of_a_field(desk: Desk) -> None:
    """The CSR is told so, and nothing of it is kept; a call-back number is."""
    desk.begin("c")
    card = FieldSettled(0.0, "callback_number", Settlement.EDITED, "378282246310005")
    with pytest.raises(DeskError, match="kept nowhere"):
        desk.cards.act("c", card)
    desk.cards.act("c", FieldSettled(0.0, "callback_number", Settlement.EDITED, "5552123456"))
    kept = [logged.event for logged in desk.store.events("c")]
    assert [event.value for event in kept if isinstance(event, FieldSettled)] == ["5552123456"]
