"""Calls are kept as they happened and read back the same."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.logs import ended, final, flag, placed, running, started, withdrawn
from tests.test_events import EXAMPLES, any_event
from voice_triage.errors import StoreError
from voice_triage.events import TENTATIVE, CallStarted, Event, FlagState, FlagWithdrawn, Logged, Urgency, to_json
from voice_triage.store.calls import CallStore, CallSummary
from voice_triage.store.sql_calls import SqlCallStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "kept" / "calls.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqlCallStore]:
    """A new store."""
    with SqlCallStore(path) as opened:
        yield opened


def replace_payload(store: SqlCallStore, path: Path, sequence: int, payload: str) -> None:
    """Put other JSON text, sealed as it should be, into the row of an event of call c."""
    sealed = store.folders.seal("c", payload.encode(), str(sequence))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE events SET payload = ? WHERE sequence = ?", [sealed, sequence])


def test_a_new_store_is_empty_and_says_nothing(store: SqlCallStore) -> None:
    """The first start finds no calls and has nothing to tell the CSR."""
    as_protocol: CallStore = store
    assert list(as_protocol.calls()) == []
    assert store.notice is None


def test_every_kind_of_event_is_read_back(store: SqlCallStore, path: Path) -> None:
    """A call is its log: every kept event comes back, in order, in the next run too."""
    kept = [event for event in EXAMPLES.values() if not isinstance(event, TENTATIVE)]
    log = placed("2026-03-04-0001", kept)
    for logged in log:
        store.append([logged])
    assert store.events("2026-03-04-0001") == log
    store.close()
    with SqlCallStore(path) as again:
        assert again.events("2026-03-04-0001") == log


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_event.filter(lambda event: not isinstance(event, (CallStarted, *TENTATIVE))), max_size=5))
def test_any_content_is_read_back(store: SqlCallStore, events: list[Event]) -> None:
    """Whatever words and figures a log holds, the database gives back the same."""
    call = f"call-{len(store.calls(10_000))}"
    log = placed(call, [started(call), *events])
    store.append(log)
    assert store.events(call) == log


def test_a_source_that_is_no_text_is_kept(store: SqlCallStore) -> None:
    """A file name with bytes outside any alphabet does not cost the call."""
    log = placed("c", [started("c", source="calls/caf\udce9.wav")])
    store.append(log)
    assert store.events("c") == log
    assert store.calls()[0].source == "calls/caf\\udce9.wav"


def test_calls_are_listed_newest_first(store: SqlCallStore) -> None:
    """The order is that of the moments, whatever the clocks' offsets: between them the hour went back."""
    for call, at in [
        ("before", "2026-11-01T01:50:00-04:00"),
        ("after", "2026-11-01T01:10:00-05:00"),
        ("first", "2026-10-31T23:00:00-04:00"),
        ("utc", "2026-11-01T07:00:00Z"),
    ]:
        store.append(placed(call, [started(call, at)]))
    assert [summary.call for summary in store.calls()] == ["utc", "after", "before", "first"]
    assert [summary.call for summary in store.calls(limit=2)] == ["utc", "after"]
    assert store.calls(limit=0) == []
    assert store.calls(limit=None) == store.calls()
    assert store.calls()[1].started_at == "2026-11-01T01:10:00-05:00"


def test_a_negative_limit_is_refused(store: SqlCallStore) -> None:
    """Less than no calls cannot be listed."""
    with pytest.raises(ValueError, match="limit"):
        store.calls(limit=-1)


def test_a_call_without_an_end_was_interrupted(store: SqlCallStore) -> None:
    """What a crash left behind is listed, without a duration and without an end."""
    store.append(running("c", 3))
    assert store.calls() == [CallSummary("c", "2026-03-04T08:30:00-05:00", "headset", None, (), None)]


def test_a_finished_call_is_listed_with_its_end(store: SqlCallStore) -> None:
    """Duration and reason are those of CallEnded."""
    store.append(placed("c", [started("c"), final(0), ended(61.5, "stopped")]))
    assert store.calls()[0].duration_s == 61.5
    assert store.calls()[0].ended == "stopped"


@pytest.mark.parametrize(
    ("events", "standing"),
    [
        ([flag("urinary")], (("urinary", "red"),)),
        ([flag("urinary", state=FlagState.PROVISIONAL)], ()),
        ([flag("urinary", state=FlagState.PROVISIONAL), flag("urinary")], (("urinary", "red"),)),
        ([flag("urinary"), flag("urinary", state=FlagState.PROVISIONAL)], (("urinary", "red"),)),
        ([flag("urinary"), withdrawn("urinary")], ()),
        ([flag("urinary"), flag("urinary", state=FlagState.WITHDRAWN)], ()),
        ([flag("urinary"), withdrawn("urinary"), flag("urinary")], (("urinary", "red"),)),
        ([flag("urinary", Urgency.ORANGE), flag("urinary", Urgency.RED)], (("urinary", "red"),)),
        ([flag("toxin"), flag("bleeding"), withdrawn("pain")], (("toxin", "red"), ("bleeding", "red"))),
        ([flag("toxin"), flag("neuro"), ended(), withdrawn("toxin")], (("neuro", "red"),)),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_the_list_shows_the_flags_that_stand(
    store: SqlCallStore, events: list[Event], standing: tuple[tuple[str, str], ...], at_once: bool
) -> None:
    """A flag is listed once a final result raised it and until it is withdrawn, in the order they were raised."""
    log = placed("c", [started("c"), *events])
    for part in [log] if at_once else [[logged] for logged in log]:
        store.append(part)
    assert store.calls()[0].flags == standing


def test_repeating_an_append_changes_nothing(store: SqlCallStore) -> None:
    """After a failure nobody knows what was kept: handing everything over again is safe, alone or with more."""
    log = placed("c", [started("c"), flag("urinary"), final(0), withdrawn("urinary"), ended()])
    store.append(log[:2])
    store.append(log[:2])
    store.append(log[1:2])
    store.append(log[1:4])
    store.append([log[3], log[4], log[3], log[4]])
    assert store.events("c") == log
    assert len(store.calls()) == 1
    assert store.calls()[0].flags == ()


def test_the_same_event_in_older_words_is_the_same(store: SqlCallStore, path: Path) -> None:
    """An event kept before it gained a key is not taken for a different one."""
    log = placed("c", [started("c"), ended()])
    store.append(log)
    payload = to_json(log[1].event)
    del payload["compute_s"]
    replace_payload(store, path, 2, json.dumps(payload, indent=1))
    store.append(log)
    assert store.events("c") == log


@pytest.mark.parametrize("first", [2, 4, 7])
def test_a_hole_is_refused(store: SqlCallStore, first: int) -> None:
    """A log without holes is the promise: what comes too early is refused, and the message says what is missing."""
    kept = running("c", first - 2) if first > 2 else []
    store.append(kept)
    with pytest.raises(StoreError, match=f"event {first - 1} comes first"):
        store.append(placed("c", [final(9)], first))
    assert len(store.calls()) == (1 if kept else 0)


def test_a_hole_within_an_append_undoes_all_of_it(store: SqlCallStore) -> None:
    """An append happens altogether or not at all, other calls' events in it included."""
    with pytest.raises(StoreError, match="event 3 comes first"):
        store.append([*running("a", 2), *running("b", 2), *placed("b", [final(7)], first=4)])
    assert store.calls() == []


@pytest.mark.parametrize("at_once", [True, False])
def test_a_kept_event_never_changes(store: SqlCallStore, at_once: bool) -> None:
    """A different event in a place that is taken is refused, and the kept one stays."""
    log = running("c", 3)
    other = Logged("c", 2, flag("urinary"))
    if not at_once:
        store.append(log)
    with pytest.raises(StoreError, match="already kept, with other content"):
        store.append([*log, other] if at_once else [other])
    store.append(log)
    assert store.events("c") == log
    assert store.calls()[0].flags == ()


@pytest.mark.parametrize("name", sorted(kind.__name__ for kind in TENTATIVE))
def test_tentative_events_are_refused(store: SqlCallStore, name: str) -> None:
    """A half-heard word is shown but never kept, not even beside events that are."""
    with pytest.raises(ValueError, match="tentative"):
        store.append([*running("c", 1), Logged("c", 2, EXAMPLES[name])])
    assert store.calls() == []


@pytest.mark.parametrize(
    "log",
    [
        placed("c", [final(0)]),
        placed("c", [started("c"), started("c")]),
        placed("", [started("")]),
        placed("c", [started("c")], first=0),
        placed("c", [started("d")]),
        placed("c", [started("c", "2026-03-04T08:30:00")]),
        placed("c", [started("c", "this morning")]),
        placed("c", [started("c"), FlagWithdrawn(float("nan"), "urinary", "no")]),
        placed("c", [started("c"), FlagWithdrawn(1.0, "urinary", b"bytes")]),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_log_is_refused(store: SqlCallStore, log: list[Logged]) -> None:
    """CallStarted, with a moment in time, alone comes first; everything in a log can be written as JSON."""
    with pytest.raises(ValueError, match="call"):
        store.append(log)
    assert store.calls() == []


def test_appending_nothing_is_no_error(store: SqlCallStore) -> None:
    """A caller with nothing to keep need not ask first."""
    store.append([])
    assert store.calls() == []


def test_a_deleted_call_leaves_nothing_on_the_disk(store: SqlCallStore, path: Path) -> None:
    """Neither its files nor, in the database and its journal, its sealed rows; the other calls stay."""
    kept, gone = running("kept", 3), running("gone", 9)
    store.append(kept)
    store.append(gone)
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT payload FROM events WHERE call = 'gone' AND sequence = 9"
        sealed = connection.execute(query).fetchone()[0]

    def remains() -> list[str]:
        return [file.name for file in path.parent.iterdir() if file.is_file() and sealed[-20:] in file.read_bytes()]

    assert remains()
    assert (path.parent / "calls" / "gone" / "key-1").exists()
    store.delete("gone")
    store.delete("never there")
    assert not remains()
    assert [folder.name for folder in (path.parent / "calls").iterdir()] == ["kept"]
    assert [call.call for call in store.calls()] == ["kept"]
    assert store.events("kept") == kept
    with pytest.raises(StoreError):
        store.events("gone")


def test_no_word_lies_on_the_disk_unencrypted(store: SqlCallStore, path: Path) -> None:
    """Neither in a log file nor in the database, while the call goes on, when it has ended, and after closing."""
    log = placed("c", [started("c"), final(7), ended()])
    for logged in log:
        store.append([logged])
        assert not words_on_disk(path.parent)
    assert store.transcripts() == {"c": final(7).text}
    store.close()
    assert not words_on_disk(path.parent)


def words_on_disk(folder: Path) -> list[str]:
    """Files that hold the words of ``logs.final`` as they are."""
    return [file.name for file in folder.rglob("*") if file.is_file() and b"word7-" in file.read_bytes()]


def test_an_unknown_call_is_an_error_that_says_how_to_list(store: SqlCallStore) -> None:
    """A mistyped id leads to the list of ids."""
    with pytest.raises(StoreError, match="calls list"):
        store.events("nothing")


@pytest.mark.parametrize("payload", ['{"type":"HoloCallStarted"}', '{"type":"CallEnded"}', "{", "[]"])
def test_an_event_that_cannot_be_understood_is_an_error(store: SqlCallStore, path: Path, payload: str) -> None:
    """A log is never shown with an event silently left out."""
    store.append(running("c", 3))
    replace_payload(store, path, 3, payload)
    with pytest.raises(StoreError, match="Event 3 of call c cannot be read"):
        store.events("c")
    assert len(store.calls()) == 1


def test_many_threads_append_and_read_at_once(store: SqlCallStore) -> None:
    """Every call's log is whole at any moment it is read, whoever else is writing."""
    logs = {f"call-{i}": running(f"call-{i}", 30) for i in range(8)}
    problems: list[str] = []
    done = threading.Event()

    def write(call: str) -> None:
        for logged in logs[call]:
            store.append([logged])
            if store.events(call)[-1] != logged:
                problems.append(f"{call}: {logged.sequence} was not there after its append")

    def read() -> None:
        while not done.is_set():
            for summary in store.calls():
                found = list(store.events(summary.call))
                if found != logs[summary.call][: len(found)]:
                    problems.append(f"{summary.call} was read with a hole")

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=[call]) for call in logs]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert problems == []
    assert {call: store.events(call) for call in logs} == logs


def test_a_closed_store_refuses_everything(store: SqlCallStore) -> None:
    """After closing, keeping and reading are errors, not silence; closing again is harmless."""
    store.append(running("c", 2))
    store.close()
    store.close()
    for use in (lambda: store.append(running("d", 1)), store.calls, lambda: store.events("c")):
        with pytest.raises(StoreError, match="closed"):
            use()


def test_closing_waits_for_what_is_being_written(path: Path) -> None:
    """An append that was accepted before the close is kept; one after it is refused; none is lost without a word."""
    store = SqlCallStore(path)
    kept: list[str] = []
    lock = threading.Lock()

    def write(call: str) -> None:
        try:
            store.append(running(call, 5))
        except StoreError:
            return
        with lock:
            kept.append(call)

    threads = [threading.Thread(target=write, args=[f"call-{i:02}"]) for i in range(20)]
    for thread in threads:
        thread.start()
    store.close()
    for thread in threads:
        thread.join()
    with SqlCallStore(path) as again:
        assert sorted(summary.call for summary in again.calls()) == sorted(kept)
