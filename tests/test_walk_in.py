"""Rules of a walk-in: a card without a call, which gives way to the telephone."""

from __future__ import annotations

import threading
import time

import pytest

from tests.call_fakes import MemoryStore, names
from tests.fakes import ScriptedSource, silent_blocks
from tests.test_desk import END_WALK_IN, LISTEN, NOT_CLIENT, READY, PausableSource, Telephone, ends, running
from voice_triage.desk import Desk
from voice_triage.desk_state import DeskCommand
from voice_triage.errors import DeskError
from voice_triage.events import CallEnded, CallStarted, NoteTyped
from voice_triage.walk_in import NEXT_CALL, STOPPED, WalkIn


class Counter(Telephone):
    """A desk with a counter beside its telephone."""

    def __init__(self, *headsets: object) -> None:
        super().__init__(*headsets)  # type: ignore[arg-type]
        self.walk_ins: list[WalkIn] = []
        self.kept: list[MemoryStore] = []
        self.clock_s = 0.0

    def open(self) -> Desk:
        """A desk with all this."""
        return Desk(
            lambda: self.new_call,
            self._look,
            self.states.append,
            listen=self._listen,
            begin_walk_in=self._begin,
            look_every_s=self.look_every_s,
        )

    def _begin(self) -> WalkIn:
        self.kept.append(MemoryStore())
        walk_in = WalkIn(f"w-{len(self.kept)}", store=self.kept[-1], monotonic=lambda: self.clock_s)
        self.walk_ins.append(walk_in)
        return walk_in


def test_a_walk_in_begins_and_ends_at_the_csrs_word() -> None:
    """It is kept with its times; one card at a time; the headset is watched all the while."""
    counter = Counter(READY, READY, READY)
    counter.look_every_s = 60.0
    with running(desk := counter.open()):
        counter.wait_for_commands(LISTEN)
        assert desk.walk_in() == "w-1"
        counter.wait_for_commands(END_WALK_IN, NOT_CLIENT)
        assert "walk-in" in counter.states[-1].detail
        with pytest.raises(DeskError, match="open already"):
            desk.walk_in()
        counter.clock_s = 12.5
        counter.walk_ins[0].log.decide(lambda _kept: NoteTyped(0.0, "cat in a box"))
        counter.clock_s = 60.0
        desk.command(END_WALK_IN)
        counter.wait_for_commands(LISTEN, NOT_CLIENT)
        with pytest.raises(DeskError, match="no walk-in"):
            desk.command(END_WALK_IN)
        assert desk.walk_in() == "w-2"
    started, note, ended = (logged.event for logged in counter.kept[0].kept)
    assert isinstance(started, CallStarted)
    assert (started.source, started.sample) == ("walk-in", False)
    assert note == NoteTyped(12.5, "cat in a box")
    assert ended == CallEnded(60.0, 60.0, STOPPED)
    assert names(each.event for each in counter.kept[1].kept) == ["CallStarted", "CallEnded"]  # ended with the desk


def test_a_call_ends_the_walk_in_before_it() -> None:
    """The telephone rings while somebody stands at the counter: their card is left as it was, and kept."""
    counter = Counter(READY)
    counter.look_every_s = 60.0
    with running(desk := counter.open()):
        counter.wait_for_commands(LISTEN)
        desk.walk_in()
        counter._headsets.append(ScriptedSource(silent_blocks(0.5), name="Jabra"))
        desk.sound_is("")  # the headset tells of news
        ends(counter, 1)
    assert counter.kept[0].kept[-1].event == CallEnded(0.0, 0.0, NEXT_CALL)


def test_no_walk_in_begins_in_a_call() -> None:
    """The card that is open is the call's."""
    counter = Counter(PausableSource())
    with running(desk := counter.open()):
        counter.wait_for_commands(DeskCommand.PAUSE, DeskCommand.STOP, NOT_CLIENT)
        with pytest.raises(DeskError, match="open already"):
            desk.walk_in()


def test_a_walk_in_that_was_none_leaves_nothing() -> None:
    """While it is open, and after it has ended."""
    counter = Counter(READY, READY, READY)
    with running(desk := counter.open()):
        counter.wait_for_commands(LISTEN)
        desk.walk_in()
        desk.command(NOT_CLIENT)
        assert counter.kept[0].kept == []
        desk.walk_in()
        desk.command(END_WALK_IN)
        desk.command(NOT_CLIENT)
        assert counter.kept[1].kept == []


def test_no_walk_in_begins_before_the_desk_is_ready() -> None:
    """It says so, and does not wait."""
    loading = threading.Event()
    counter = Counter(READY)
    desk = counter.desk(load=lambda: loading.wait(10))
    with pytest.raises(DeskError, match="not ready"):
        desk.walk_in()
    with running(desk):
        with pytest.raises(DeskError, match="not ready"):
            desk.walk_in()
        loading.set()
        while not counter.states[-1].commands:
            time.sleep(0.005)
