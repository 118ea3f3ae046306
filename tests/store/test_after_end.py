"""What the CSR does after hang-up is kept like the call itself: in order, sealed, found, and gone with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.logs import ended, final, flag, placed, started, withdrawn
from voice_triage.errors import StoreError
from voice_triage.events import (
    ActionUndone,
    Event,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaisedByHand,
    Logged,
    NoteTyped,
    Urgency,
)
from voice_triage.store.recording_files import verify
from voice_triage.store.search import CallSearch
from voice_triage.store.sql_calls import SqlCallStore

AFTER: list[Event] = [
    FlagAcknowledged(70.0, "urinary"),
    NoteTyped(71.0, "wears a purple collar"),
    FlagEnded(72.0, "urinary", FlagEnd.SENT_TO_EMERGENCY_ROOM),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "kept" / "calls.sqlite3"


def whole(call: str) -> list[Logged]:
    """The log of a call that has ended."""
    return placed(call, [started(call), final(0), flag("urinary"), ended()])


def finish(store: SqlCallStore, call: str, events: list[Event]) -> None:
    """What the CSR does afterwards, one by one."""
    for logged in placed(call, events, len(store.events(call)) + 1):
        store.append([logged])


def test_actions_after_the_end_are_kept_in_order(path: Path) -> None:
    """The call's line stays that of the call; its log goes on without a hole, also in a new process."""
    with SqlCallStore(path) as store:
        store.append(whole("c"))
        listed = store.calls()
        finish(store, "c", AFTER)
        assert store.calls() == listed
    with SqlCallStore(path) as store:
        assert [logged.event for logged in store.events("c")[4:]] == AFTER
        finish(store, "c", [ActionUndone(80.0, 7)])
        assert store.recover() == []
        assert len(store.events("c")) == 8


def test_an_ended_call_is_not_in_use_between_actions(path: Path) -> None:
    """Another process can finish, delete or back it up while the desk goes on."""
    with SqlCallStore(path) as desk, SqlCallStore(path) as other:
        desk.append(whole("c"))
        finish(desk, "c", AFTER[:1])
        assert not desk.folders.occupied("c")
        finish(other, "c", AFTER[1:])
        assert len(desk.events("c")) == 7
        other.delete("c")
        with pytest.raises(StoreError, match="No call c"):
            desk.events("c")
        assert not (path.parent / "calls" / "c").exists()


def test_actions_after_the_end_are_sealed_and_whole(path: Path) -> None:
    """Nothing of them can be read without the key, and a changed byte is noticed."""
    with SqlCallStore(path) as store:
        store.append(whole("c"))
        finish(store, "c", AFTER)
        assert verify(store.folders, "c") == []
        assert not any(b"purple" in file.read_bytes() for file in path.parent.rglob("*") if file.is_file())
        last = store.folders.files("c", "log")[-1].path
        last.write_bytes(last.read_bytes()[:-1] + bytes([last.read_bytes()[-1] ^ 1]))
        assert len(verify(store.folders, "c")) == 1


def test_a_lost_database_is_made_anew_with_what_was_done_after_the_end(path: Path) -> None:
    """The logs are enough."""
    with SqlCallStore(path) as store:
        store.append(whole("c"))
        finish(store, "c", [*AFTER, FlagRaisedByHand(75.0, "pain", Urgency.ORANGE)])
        log, listed, words = store.events("c"), store.calls(), store.transcripts()
    for file in path.parent.glob("calls.sqlite3*"):
        file.unlink()
    with SqlCallStore(path) as store:
        assert (store.events("c"), store.calls(), store.transcripts()) == (log, listed, words)


def test_an_action_that_reached_the_log_alone_is_not_lost(path: Path) -> None:
    """A kill between the log file and the database costs nothing, though the call had ended."""
    with SqlCallStore(path) as store:
        store.append(whole("c"))
        finish(store, "c", AFTER)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM events WHERE sequence > 5")
    with SqlCallStore(path) as store:
        assert store.recover() == []
        assert [logged.event for logged in store.events("c")[4:]] == AFTER


def test_notes_are_found_and_undone_ones_are_not(path: Path) -> None:
    """The search knows what the CSR typed, whenever they typed it."""
    with SqlCallStore(path) as store:
        store.append(whole("c"))
        finish(store, "c", AFTER)
        with CallSearch(store.transcripts()) as search:
            assert list(search.find("purple collar")) == ["c"]
            assert list(search.find("word0 purple")) == ["c"]
        finish(store, "c", [ActionUndone(80.0, 6)])
        with CallSearch(store.transcripts()) as search:
            assert list(search.find("purple")) == []


def test_a_flag_by_hand_is_listed_and_outlives_the_machines(path: Path) -> None:
    """The list shows what stands: the machine withdraws only its own, and an undone flag is gone."""
    with SqlCallStore(path) as store:
        events: list[Event] = [started("c"), flag("pain", Urgency.ORANGE), FlagRaisedByHand(6.0, "pain", Urgency.RED)]
        store.append(placed("c", events))
        assert store.calls()[0].flags == (("pain", "red"),)
        store.append(placed("c", [withdrawn("pain"), ended()], 4))
        assert store.calls()[0].flags == (("pain", "red"),)
        finish(store, "c", [ActionUndone(80.0, 3)])
        assert store.calls()[0].flags == ()
