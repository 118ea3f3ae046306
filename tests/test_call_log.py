"""Rules of the event log of one call."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.call_fakes import MemoryStore, field, flag, names, of
from voice_triage.call_log import CallLog
from voice_triage.events import (
    TENTATIVE,
    CallDiscarded,
    CallEnded,
    Event,
    FieldSuggested,
    LineChanged,
    Logged,
    PartialTranscript,
    Side,
    SourceChanged,
    StageFailed,
)

_EVENTS: st.SearchStrategy[Event] = st.floats(0, 100).flatmap(
    lambda at_s: st.sampled_from(
        [
            field(at_s=at_s),
            flag(at_s=at_s),
            LineChanged(at_s, -30.0, "good"),
            PartialTranscript(at_s, Side.CLIENT, 0, (), ""),
        ]
    )
)


@given(st.lists(_EVENTS))
def test_kept_events_are_numbered_without_holes_and_tentative_ones_are_only_shown(events: list[Event]) -> None:
    """Kept events count from 1; a tentative one carries the number before it and reaches listeners, never the store."""
    store, shown = MemoryStore(), list[Logged]()
    with CallLog("c", store=store, listeners=[shown.append]) as log:
        for event in events:
            log.append(event)
    kept = log.events()
    assert [logged.sequence for logged in kept] == list(range(1, len(kept) + 1))
    assert store.kept == kept
    assert len(shown) == len(events)
    assert [logged for logged in shown if not isinstance(logged.event, TENTATIVE)] == kept
    assert [logged.sequence for logged in shown] == sorted(logged.sequence for logged in shown)


@given(st.lists(_EVENTS))
def test_a_log_never_goes_back_in_time(events: list[Event]) -> None:
    """Nothing is stamped earlier than what was logged before it: it was not shown before it either."""
    shown = list[Logged]()
    log = CallLog("c", listeners=[shown.append])
    log.extend(events)
    times = [logged.event.at_s for logged in shown]
    assert times == sorted(times)
    assert all(at_s >= round(event.at_s, 3) for at_s, event in zip(times, events, strict=True))


def test_a_listener_sees_an_event_before_the_store_keeps_it() -> None:
    """An alert does not wait for the disk."""
    store = MemoryStore()
    kept_before = list[int]()
    log = CallLog("c", store=store, listeners=[lambda logged: kept_before.append(len(store.kept))])
    log.append(flag())
    assert kept_before == [0]
    assert len(store.kept) == 1


def test_a_failing_store_is_told_once_and_the_live_view_goes_on() -> None:
    """Every event still reaches the page, with one notice that the call is not kept."""
    store, shown = MemoryStore(), list[Event]()
    store.full = True
    with CallLog("c", store=store, listeners=[lambda logged: shown.append(logged.event)]) as log:
        for _ in range(5):
            log.append(field())
    failures = of(StageFailed, shown)
    assert [(failure.stage, failure.code) for failure in failures] == [("store", "store")]
    assert len(of(FieldSuggested, shown)) == 5
    assert store.kept == []


def test_what_a_failing_store_missed_is_kept_once_it_works_again() -> None:
    """A passing fault leaves no hole in the kept log: at the latest when the call ends, all of it is kept."""
    store = MemoryStore()
    with CallLog("c", store=store) as log:
        log.append(field())
        store.full = True
        log.append(flag())
        log.append(field())
        store.full = False
    assert names(logged.event for logged in store.kept) == [
        "FieldSuggested",
        "FlagRaised",
        "StageFailed",
        "FieldSuggested",
    ]
    assert store.kept == log.events()


def test_a_failing_listener_is_told_once_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    """One broken page neither ends the call nor hides it from the other; no words of the call get into the logs."""

    def broken(logged: Logged) -> None:
        raise ValueError(f"cannot draw {logged.event!r}")

    shown = list[Event]()
    with caplog.at_level(logging.DEBUG):
        log = CallLog("c", listeners=[broken, lambda logged: shown.append(logged.event)])
        log.append(flag(evidence="blood everywhere"))
        log.append(field())
    assert names(shown) == ["FlagRaised", "StageFailed", "FieldSuggested"]
    assert of(StageFailed, shown)[0].stage == "console"
    assert "blood" not in caplog.text
    assert "ValueError" in caplog.text


def test_a_discarded_call_leaves_nothing() -> None:
    """Not in the log, the store or at a listener, also of what is still said while it ends."""
    store, shown = MemoryStore(), list[Logged]()
    with CallLog("c", store=store, listeners=[shown.append]) as log:
        log.append(flag())
        assert log.discard() == ""
        assert isinstance(shown[-1].event, CallDiscarded)
        told = len(shown)
        log.extend([flag(), field()])
        log.append_before_end(field())
    assert (log.discarded, log.events(), store.kept, len(shown)) == (True, [], [], told)


def test_what_cannot_be_deleted_yet_is_deleted_at_the_end() -> None:
    """And why it could not be is told, in words that hold nothing of the call."""
    store = MemoryStore()
    log = CallLog("c", store=store)
    log.append(flag())
    store.full = True
    assert log.discard() == log.undeleted == "The disk is full. Make room."
    store.full = False
    log.close()
    assert (log.undeleted, store.kept) == ("", [])


def test_nothing_comes_after_the_end_by_chance() -> None:
    """What a thread tells that knows nothing of the call's end is dropped then."""
    log = CallLog("c")
    log.append(CallEnded(1.0, 1.0, "hang-up"))
    log.append_before_end(SourceChanged(1.0, "gap", "The headset is gone."))
    assert names(logged.event for logged in log.events()) == ["CallEnded"]
