"""What is deleted when: by moved clocks, and never what is held, too young, or not told of."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.store.logs import placed, running
from tests.store.whole_calls import events, keep, state
from voice_triage.audit_trail import AuditKind, RefusingTrail
from voice_triage.call_log import CallLog
from voice_triage.desk_cards import DeskCards
from voice_triage.errors import AuditError
from voice_triage.events import KeptKind
from voice_triage.kept_kinds import Hold
from voice_triage.retention import (
    GRACE,
    SECOND_LOOK,
    Due,
    RetentionRules,
    RetentionState,
    decide,
    due,
    load_state,
    save_state,
)
from voice_triage.retention_run import DailyRetention, due_now, run_retention
from voice_triage.store.calls import CallSummary
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.store.trail import KeptTrail

ALL = frozenset(KeptKind)
RULES = RetentionRules(sound_days=30, transcript_days=90, note_days=365)
BEGAN = datetime(2026, 3, 4, 8, 30, tzinfo=timezone(timedelta(hours=-5)))
HELD = Hold(True, "dr-lee", "2026-04-01T00:00:00+00:00")


class Clock:
    """A wall clock that the test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A desk beside which retention works: whether it is idle, and what it was told."""

    def __init__(self, store: SqlCallStore, folder: Path, clock: Clock, rules: RetentionRules = RULES) -> None:
        self.calls_left = 10**6
        self.told: list[str] = []
        self.forgotten: list[str] = []
        self.trail = KeptTrail(folder, store.folders.master, store, now=clock)
        self.retention = DailyRetention(
            store,
            self.trail,
            folder,
            rules,
            idle=self.idle,
            tell=self.told.append,
            forget=self.forgotten.append,
            now=clock,
        )

    def idle(self) -> bool:
        """Until a call comes."""
        self.calls_left -= 1
        return self.calls_left >= 0

    def look(self) -> list[str] | None:
        """Calls of which something was deleted now; None if it was not the time."""
        outcome = self.retention.look()
        return None if outcome is None else [each.call for each in outcome.deleted]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlCallStore]:
    """A store with the call c, of March 4."""
    with SqlCallStore(tmp_path / FILE_NAME) as opened:
        keep(opened, at=BEGAN.isoformat())
        yield opened


def at(days: float) -> datetime:
    """So long after the call began."""
    return (BEGAN + timedelta(days=days)).astimezone(UTC)


def told_before(store: SqlCallStore, folder: Path, now: datetime, rules: RetentionRules = RULES) -> None:
    """The rules have been in force for long."""
    del store
    save_state(folder, RetentionState(rules, at(0), now))


def kinds_due(store: SqlCallStore, now: datetime, rules: RetentionRules = RULES) -> set[KeptKind]:
    """What would go of the one call."""
    return {kind for each in due_now(store, rules, now) for kind in each.kinds}


def test_each_kind_goes_at_its_time_and_not_a_second_earlier(store: SqlCallStore) -> None:
    """Counted in days of 24 hours from the call's beginning."""
    second = timedelta(seconds=1)
    for days, kinds in (
        (30, {KeptKind.SOUND}),
        (90, {KeptKind.SOUND, KeptKind.TRANSCRIPT}),
        (365, set(KeptKind)),
    ):
        assert kinds_due(store, at(days)) == kinds
        assert kinds_due(store, at(days) - second) < kinds
    assert kinds_due(store, at(4000), RetentionRules(0, 0, 0)) == set()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set here")
def test_time_zones_and_daylight_saving_change_nothing(store: SqlCallStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the computer thinks it is, and though the clocks went forward on March 8."""
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert kinds_due(store, at(30).astimezone()) == {KeptKind.SOUND}
        assert kinds_due(store, (at(30) - timedelta(minutes=1)).astimezone()) == set()
    monkeypatch.delenv("TZ")
    time.tzset()


def test_what_a_run_deletes_is_what_the_dry_run_says(store: SqlCallStore, tmp_path: Path) -> None:
    """And it is in the audit trail, a line for each call; a second run finds nothing."""
    keep(store, "young", at(85).isoformat())
    keep(store, "held", at(1).isoformat())
    store.parts.hold("held", HELD)
    store.append(running("runs", 3))
    trail = KeptTrail(tmp_path, store.folders.master, store)
    planned = due_now(store, RULES, at(100))
    assert [(each.call, set(each.kinds), each.kept_because) for each in planned] == [
        ("c", {KeptKind.SOUND, KeptKind.TRANSCRIPT}, ""),
        ("held", {KeptKind.SOUND, KeptKind.TRANSCRIPT}, "legal hold"),
    ]
    outcome = run_retention(store, trail, RULES, at(100))
    assert outcome.deleted == [each for each in planned if not each.kept_because]
    assert outcome.kept == [each for each in planned if each.kept_because]
    assert (outcome.failed, outcome.finished) == ([], True)
    assert state(store) == {KeptKind.NOTE}
    assert state(store, "young") == state(store, "held") == ALL
    lines = [line for line in trail.lines() if line.kind == AuditKind.RETENTION]
    assert [(line.who, line.call, line.detail["kinds"]) for line in lines] == [("product", "c", "sound, transcript")]
    assert run_retention(store, trail, RULES, at(100)).deleted == []


def test_a_hold_outlasts_every_rule_and_its_lifting_ends_that(store: SqlCallStore, tmp_path: Path) -> None:
    """Ten years on, all is there; the day it is lifted, all of it goes."""
    trail = KeptTrail(tmp_path, store.folders.master, store)
    store.parts.hold("c", HELD)
    for days in (31, 100, 400, 3650):
        assert run_retention(store, trail, RULES, at(days)).deleted == []
    assert state(store) == ALL
    store.parts.hold("c", Hold(False, "dr-lee", "2036-04-01T00:00:00+00:00"))
    assert len(run_retention(store, trail, RULES, at(3650)).deleted) == 1
    assert state(store) == frozenset()


def test_nothing_is_deleted_without_its_line(store: SqlCallStore) -> None:
    """The trail cannot be written: all stays."""
    with pytest.raises(AuditError):
        run_retention(store, RefusingTrail("a full disk"), RULES, at(400))
    assert state(store) == ALL


def test_one_call_that_cannot_be_worked_on_does_not_hold_up_the_others(store: SqlCallStore, tmp_path: Path) -> None:
    """It is told, recorded, and tried again."""
    keep(store, "d", at(1).isoformat())
    path = tmp_path / "calls" / "c" / "log-1"
    whole = path.read_bytes()
    path.write_bytes(whole[:60] + b"x" + whole[61:])
    trail = KeptTrail(tmp_path, store.folders.master, store)
    outcome = run_retention(store, trail, RULES, at(400))
    assert [each.call for each in outcome.deleted] == ["d"]
    assert [each.call for each, _ in outcome.failed] == ["c"]
    assert any(line.call == "c" and line.detail.get("failed") for line in trail.lines())
    path.write_bytes(whole)
    assert [each.call for each in run_retention(store, trail, RULES, at(400)).deleted] == ["c"]


def test_a_desk_that_is_upgraded_is_told_first_and_loses_nothing_for_two_weeks(
    store: SqlCallStore, tmp_path: Path
) -> None:
    """Once at each start, with the date; then it happens by itself. The trail says that it was told."""
    clock = Clock(at(400))
    desk = Desk(store, tmp_path, clock)
    assert desk.look() is None
    assert desk.look() is None
    assert len(desk.told) == 1
    assert "April 22, 2027" in desk.told[0]
    assert "1 call(s)" in desk.told[0]
    for days in range(1, 14):
        clock.now = at(400 + days)
        assert Desk(store, tmp_path, clock).look() is None
    assert state(store) == ALL
    clock.now = at(400) + GRACE
    assert desk.look() == ["c"]
    assert desk.forgotten == ["c"]
    assert state(store) == frozenset()
    assert next(line.detail.get("told") for line in desk.trail.lines()) is True


def test_a_new_desk_deletes_at_the_right_day_without_being_told(tmp_path: Path) -> None:
    """There was nothing to lose when it began."""
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        clock = Clock(at(0))
        desk = Desk(store, tmp_path, clock)
        assert desk.look() == []
        keep(store, at=BEGAN.isoformat())
        gone = []
        for day in range(1, 100):
            clock.now = at(day) + timedelta(minutes=day)
            gone += [(day, call) for call in desk.look() or []]
        assert gone == [(30, "c"), (90, "c")]
        assert desk.told == []


def test_stricter_rules_are_told_first_and_looser_ones_hold_at_once(store: SqlCallStore, tmp_path: Path) -> None:
    """A slip in a setting deletes nothing for two weeks; set back in time, it never does."""
    clock = Clock(at(20))
    told_before(store, tmp_path, at(20))
    slip = Desk(store, tmp_path, clock, RetentionRules(3, 90, 365))
    assert slip.look() is None
    assert len(slip.told) == 1
    clock.now = at(21)
    back = Desk(store, tmp_path, clock)
    assert back.look() is None
    gone = []
    for day in range(22, 50):
        clock.now = at(day)
        gone += [(day, call) for call in Desk(store, tmp_path, clock).look() or []]
    assert gone == [(34, "c")]
    assert state(store) == ALL - {KeptKind.SOUND}


def test_a_clock_that_leaps_ahead_deletes_nothing_at_first(store: SqlCallStore, tmp_path: Path) -> None:
    """A dead battery sets the year to 2036 for an hour: nothing is gone when it is put right."""
    told_before(store, tmp_path, at(10))
    clock = Clock(at(3650))
    desk = Desk(store, tmp_path, clock)
    assert desk.look() is None
    clock.now = at(3650) + timedelta(hours=12)
    assert desk.look() is None
    clock.now = at(11)
    assert desk.look() in (None, [])
    assert state(store) == ALL
    for day in range(12, 50):
        clock.now = at(day)
        desk.look()
    assert state(store) == ALL - {KeptKind.SOUND}


def test_after_a_long_absence_it_goes_on_a_day_later(store: SqlCallStore, tmp_path: Path) -> None:
    """The clinic was closed for a month: the clock is right, and that shows by its going on."""
    told_before(store, tmp_path, at(10))
    clock = Clock(at(40))
    desk = Desk(store, tmp_path, clock)
    assert desk.look() is None
    clock.now = at(40) + SECOND_LOOK
    assert desk.look() == ["c"]


def test_a_clock_that_is_put_back_deletes_nothing_too_early_and_does_not_stop_it(
    store: SqlCallStore, tmp_path: Path
) -> None:
    """By an hour, a day or years."""
    told_before(store, tmp_path, at(31))
    clock = Clock(at(31))
    desk = Desk(store, tmp_path, clock)
    assert desk.look() == ["c"]
    for back in (at(31) - timedelta(hours=1), at(29), at(-1000)):
        clock.now = back
        assert not desk.look()
        assert state(store) == ALL - {KeptKind.SOUND}
    for day in range(80, 100):
        clock.now = at(day)
        desk.look()
    assert state(store) == {KeptKind.NOTE}


def test_it_waits_while_a_call_is_going_on_and_goes_on_where_it_was(store: SqlCallStore, tmp_path: Path) -> None:
    """Between two calls that are worked on, too; the rest follows when the desk is free, not a day later."""
    for number in range(4):
        keep(store, f"c{number}", at(1 + number).isoformat())
    told_before(store, tmp_path, at(400))
    clock = Clock(at(400))
    desk = Desk(store, tmp_path, clock)
    desk.calls_left = 0
    assert desk.look() is None
    desk.calls_left = 3
    assert desk.look() == ["c", "c0"]
    clock.now += timedelta(minutes=1)
    desk.calls_left = 10
    assert desk.look() == ["c1", "c2", "c3"]
    clock.now += timedelta(minutes=1)
    assert desk.look() is None


def test_it_works_by_itself_and_ends_with_the_desk(store: SqlCallStore, tmp_path: Path) -> None:
    """On a thread of its own."""
    told_before(store, tmp_path, at(400))
    trail = KeptTrail(tmp_path, store.folders.master, store)
    done: list[str] = []
    retention = DailyRetention(
        store,
        trail,
        tmp_path,
        RULES,
        idle=lambda: True,
        tell=done.append,
        forget=done.append,
        now=lambda: at(400),
        look_every_s=0.01,
    )
    retention.start()
    deadline = time.monotonic() + 60
    while not done and time.monotonic() < deadline:
        time.sleep(0.01)
    retention.stop()
    retention.stop()
    assert done == ["c"]


def test_a_state_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    """Then all is told anew, and nothing is deleted for two weeks."""
    kept = RetentionState(RULES, at(1), at(2), at(3))
    save_state(tmp_path, kept)
    assert load_state(tmp_path) == kept
    for damage in ("", "{}", "[]", '{"sound": "x"}', '{"sound":1,"transcript":1,"note":1,"act_from":"2026-01-01"}'):
        (tmp_path / "retention.json").write_text(damage)
        assert load_state(tmp_path) is None
    if os.name == "posix":
        save_state(tmp_path, kept)
        assert (tmp_path / "retention.json").stat().st_mode & 0o077 == 0


def test_what_cannot_be_told_is_kept() -> None:
    """Whether a call is held, or has sound, may be unreadable."""
    from voice_triage.errors import StoreError

    def unreadable(call: str) -> bool:
        raise StoreError(f"{call} is damaged")

    call = CallSummary("c", BEGAN.isoformat(), "headset", 60.0, (), "hang-up")
    for has_sound, is_held in ((unreadable, lambda _: False), (lambda _: True, unreadable)):
        (found,) = due([call], RULES, at(400), has_sound=has_sound, is_held=is_held)
        assert found.kept_because == "c is damaged"
    going = [Due("c", (KeptKind.SOUND,), 31.0, "legal hold")]
    assert decide(None, RULES, at(31), going).act


def test_a_card_in_memory_forgets_what_was_deleted(store: SqlCallStore) -> None:
    """The desk asks the store again, and shows what is left."""
    cards = DeskCards(store, CallLog.resumed, now=lambda: at(0.5))
    said: Sequence[object] = cards.hand_off("c").complaint
    assert said
    cards.hold(CallLog.resumed(store.events("c"), store=store))
    store.parts.remove("c", [KeptKind.TRANSCRIPT], at(90), "retention")
    cards.forget("c")
    assert not cards.hand_off("c").complaint


def test_calls_without_an_end_and_of_the_future_are_left_alone(store: SqlCallStore) -> None:
    """Whoever recovers them ends them; a call that says it is of tomorrow is young."""
    store.append(placed("open", events(at(1).isoformat(), "open")[:-1]))
    keep(store, "future", at(500).isoformat())
    assert [each.call for each in due_now(store, RULES, at(400))] == ["c"]
