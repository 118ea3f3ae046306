"""Kinds of what is kept of a call are deleted altogether or not at all, and what is held is not deleted."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from tests.store.logs import placed, running
from tests.store.whole_calls import AFTER, CHUNK, LATER, SAID, STAYS, WRITTEN, events, has_sound, keep, state, texts
from tests.test_events import EXAMPLES
from voice_triage.desk_card import DeskCard
from voice_triage.errors import DamagedError, StoreError
from voice_triage.events import EVENT_TYPES, TENTATIVE, KeptKind, Logged
from voice_triage.hand_off import hand_off_of, hand_off_text
from voice_triage.kept_kinds import Hold
from voice_triage.report import call_report
from voice_triage.report_text import render
from voice_triage.store.backup import back_up, restore
from voice_triage.store.call_folders import KeptFile
from voice_triage.store.recording_files import KeptSide, verify
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.store.without_kinds import TEXTS, without
from voice_triage.trial.calls import ended_calls

NOW = datetime(2026, 6, 4, 2, 0, tzinfo=UTC)
ALL = frozenset(KeptKind)
HELD = Hold(True, "dr-lee", "2026-04-01T00:00:00+00:00", "a letter of Mrs. Quill's lawyer")
LIFTED = Hold(False, "dr-lee", "2026-05-01T00:00:00+00:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlCallStore]:
    """A store with the call c."""
    with SqlCallStore(tmp_path / FILE_NAME) as opened:
        keep(opened)
        yield opened


@pytest.mark.parametrize("kinds", [frozenset(each) for size in (1, 2, 3) for each in combinations(KeptKind, size)])
def test_the_kinds_that_go_are_gone_and_all_others_are_there(
    store: SqlCallStore, tmp_path: Path, kinds: frozenset[KeptKind]
) -> None:
    """Out of files, rows and search; sound byte for byte; also for the next start, and after a second time."""
    assert state(store) == ALL
    assert store.parts.remove("c", kinds, NOW, "retention") == kinds
    assert state(store) == ALL - kinds
    assert store.parts.remove("c", kinds, NOW, "retention") == frozenset()
    (summary,) = store.calls()
    assert set(summary.removed) == kinds
    assert verify(store.folders, "c") == []
    store.close()
    (tmp_path / FILE_NAME).unlink()
    with SqlCallStore(tmp_path / FILE_NAME) as again:
        assert state(again) == ALL - kinds
        assert again.calls() == [summary]
        assert again.parts.remove("c", ALL, NOW, "retention") == ALL - kinds
        assert state(again) == frozenset()
        assert set(again.calls()[0].removed) == ALL


def test_old_files_and_rows_cannot_be_opened_any_more(store: SqlCallStore, tmp_path: Path) -> None:
    """What a disk may still hold of them has lost its keys: none that is left opens any of it."""
    old = tmp_path / "recovered"
    shutil.copytree(tmp_path / "calls" / "c", old)
    rows = texts(store)
    assert "zebrafoam" in rows
    store.parts.remove("c", [KeptKind.TRANSCRIPT], NOW, "retention")
    folder = tmp_path / "calls" / "c"
    keys = {path.read_bytes() for path in folder.glob("key-*")}
    assert keys.isdisjoint(path.read_bytes() for path in old.glob("key-*"))
    for path in [path for path in old.iterdir() if not path.name.startswith(("key-", "in-use"))]:
        kind, _, _ = path.name.rpartition("-")
        for key in folder.glob("key-*"):
            generation = int(key.name.rpartition("-")[2])
            with pytest.raises(DamagedError), store.folders.open_in("c", KeptFile(kind, generation, path)) as reader:
                list(reader)


def test_no_byte_of_it_lies_open_on_the_disk(store: SqlCallStore, tmp_path: Path) -> None:
    """Neither before nor after: not in the database, its journal, the folders, nor anything left over."""
    for _ in range(2):
        for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
            content = path.read_bytes()
            assert not [mark for mark in (*SAID, *WRITTEN) if mark.encode() in content], path
            assert CHUNK not in content
        store.parts.remove("c", ALL, NOW, "retention")
    assert (tmp_path / f"{FILE_NAME}-wal").stat().st_size == 0
    assert not [path for path in (tmp_path / "calls").rglob("*") if path.name.startswith(".") or path.suffix]


@pytest.mark.parametrize("kinds", ["transcript", "sound transcript note"])
def test_a_crash_at_any_step_leaves_the_old_or_the_new(tmp_path: Path, kinds: str) -> None:
    """Never both readable, never neither; nothing is left over after the next start, and a second attempt succeeds."""
    command = [sys.executable, "-m", "tests.store.killed_removals", str(tmp_path), *kinds.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    steps = done.stdout.splitlines()
    assert set(steps) == {"old True True", "new True True"}
    assert len(steps) > 30


def test_a_full_disk_leaves_the_old(store: SqlCallStore, tmp_path: Path) -> None:
    """And nothing half-written beside it."""
    in_the_way = tmp_path / "calls" / "c" / "client-7"
    in_the_way.mkdir()
    before = sorted(path.name for path in (tmp_path / "calls" / "c").iterdir())
    with pytest.raises(StoreError):
        store.parts.remove("c", [KeptKind.NOTE], NOW, "retention")
    in_the_way.rmdir()
    assert sorted(path.name for path in (tmp_path / "calls" / "c").iterdir()) == [
        name for name in before if name != "client-7"
    ]
    assert state(store) == ALL


def test_a_held_call_loses_nothing_until_the_hold_is_lifted(store: SqlCallStore, tmp_path: Path) -> None:
    """Neither a kind nor the whole; also with a new database, and out of a backup."""
    store.parts.hold("c", HELD)
    assert store.parts.held("c") == HELD
    for attempt in (lambda: store.parts.remove("c", ALL, NOW, "retention"), lambda: store.delete("c")):
        with pytest.raises(StoreError, match="legal hold"):
            attempt()
    assert state(store) == ALL
    back_up(store.folders, tmp_path / "b.tar", "a long passphrase")
    store.close()
    (tmp_path / FILE_NAME).unlink()
    restore(tmp_path / "b.tar", tmp_path / "other", "a long passphrase")
    for folder in (tmp_path, tmp_path / "other"):
        with SqlCallStore(folder / FILE_NAME) as again:
            assert again.parts.held("c") == HELD
            with pytest.raises(StoreError, match="legal hold"):
                again.delete("c")
            again.parts.hold("c", LIFTED)
            assert again.parts.held("c") is None
            again.parts.hold("c", HELD)
            again.parts.hold("c", LIFTED)
            assert again.parts.remove("c", [KeptKind.SOUND], NOW, "retention") == {KeptKind.SOUND}
            assert again.parts.held("c") is None
            again.delete("c")
            assert list(again.calls()) == []


def test_what_may_be_a_hold_holds(store: SqlCallStore, tmp_path: Path) -> None:
    """A damaged one: nothing is deleted as long as nobody can say."""
    store.parts.hold("c", HELD)
    (path,) = (tmp_path / "calls" / "c").glob("hold-*")
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        store.parts.remove("c", ALL, NOW, "retention")
    with pytest.raises(StoreError, match="damaged"):
        store.delete("c")


def test_why_a_call_is_held_is_sealed(store: SqlCallStore, tmp_path: Path) -> None:
    """It may name people."""
    store.parts.hold("c", HELD)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"Quill" in path.read_bytes()]


def test_calls_that_are_not_there_or_going_on_are_left_alone(store: SqlCallStore, tmp_path: Path) -> None:
    """One that runs here, one that another program writes, one that is damaged, and none at all."""
    store.append(running("r", 3))
    for call, why in (("r", "going on"), ("nothing", "No call nothing")):
        with pytest.raises(StoreError, match=why):
            store.parts.remove(call, ALL, NOW, "retention")
        with pytest.raises(StoreError, match=why):
            store.parts.hold(call, HELD)
    store.append(placed("r", [EXAMPLES["NoteTyped"]], first=4))
    with SqlCallStore(tmp_path / FILE_NAME) as other, pytest.raises(StoreError, match="going on"):
        other.parts.remove("r", ALL, NOW, "retention")
    path = tmp_path / "calls" / "c" / "log-1"
    path.write_bytes(path.read_bytes()[:-1])
    content = bytearray(path.read_bytes())
    content[60] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        store.parts.remove("c", ALL, NOW, "retention")
    assert has_sound(store)


def test_a_call_can_be_gone_on_with_after_a_removal(store: SqlCallStore) -> None:
    """Later entries follow what is left, and are kept like all others."""
    store.parts.remove("c", [KeptKind.SOUND, KeptKind.TRANSCRIPT], NOW, "retention")
    count = len(store.events("c"))
    store.append([Logged("c", count + 1, LATER[0])])
    assert len(store.events("c")) == count + 1
    assert store.parts.remove("c", [KeptKind.NOTE], NOW, "retention") == {KeptKind.NOTE}
    assert len(store.events("c")) == count + 2


def test_a_backup_made_in_the_midst_holds_the_call_once(store: SqlCallStore, tmp_path: Path) -> None:
    """Whatever stands beside it then: only what counts goes into it."""
    folder = tmp_path / "calls" / "c"
    first = 1 + max(store.folders.generations_in("c"))
    for mark, left in ((f".writing-{first}", ALL), (".kept-1", ALL)):
        (folder / mark).touch()
        back_up(store.folders, tmp_path / f"{mark}.tar", "a long passphrase")
        (folder / mark).unlink()
        restore(tmp_path / f"{mark}.tar", tmp_path / f"of{mark}", "a long passphrase")
        with SqlCallStore(tmp_path / f"of{mark}" / FILE_NAME) as again:
            assert state(again) == left
    (folder / f".kept-{first}").touch()
    back_up(store.folders, tmp_path / "new.tar", "a long passphrase")
    (folder / f".kept-{first}").unlink()
    assert restore(tmp_path / "new.tar", tmp_path / "new", "a long passphrase") == 0


def test_every_text_of_every_event_has_its_kind() -> None:
    """The table names each text of each event that is kept, and nothing else: a new event is decided on."""
    seen: set[type] = set()

    def texts_of(kind: type) -> set[str]:
        seen.add(kind)
        found = set()
        for name, hint in typing.get_type_hints(kind).items():
            parts = {hint, *typing.get_args(hint)}
            if str in parts or typing.get_origin(hint) is tuple:
                found.add(name)
            for part in parts:
                if dataclasses.is_dataclass(part) and isinstance(part, type) and TEXTS[kind].get(name) is None:
                    assert texts_of(part) == set(TEXTS[part]), part
        return found

    for kind in EVENT_TYPES.values():
        if kind not in TENTATIVE:
            assert kind in TEXTS, f"{kind.__name__}: say which of its texts go with which kind"
            assert texts_of(kind) == set(TEXTS[kind]), kind
    assert seen == set(TEXTS)


def test_what_is_left_still_makes_a_card_a_report_and_a_note() -> None:
    """Times, categories and ends; no word. The report says what was deleted, and when."""
    log = placed("c", [*events(), *AFTER, *LATER])
    whole = call_report(logged.event for logged in log)
    assert whole["removed"] == []
    left = without(log, ALL, NOW, "retention")
    report = call_report(logged.event for logged in left)
    assert report["removed"] == [
        {"kinds": ["note", "sound", "transcript"], "at": "2026-06-04T02:00:00+00:00", "why": "retention"}
    ]
    kept = ("category", "urgency", "start_s", "raised_at_s", "rule", "concepts", "pet", "open")
    assert [{key: flag[key] for key in kept} for flag in report["flags"]] == [
        {key: flag[key] for key in kept} for flag in whole["flags"]
    ]
    assert report["flags"][0]["disposition"]["reason"] == "misheard"
    assert report["disposition"] == whole["disposition"]
    assert report["audio"]["duration_s"] == whole["audio"]["duration_s"]
    said = render(report) + hand_off_text(hand_off_of(left)) + repr(DeskCard.of(left).card())
    assert not [mark for mark in (*SAID, *WRITTEN) if mark in said]
    assert "Deleted on 2026-06-04 (retention): note, sound, transcript" in said
    assert all(mark in repr([each.event for each in left]) for mark in STAYS)


def test_a_trial_of_a_lexicon_leaves_out_calls_whose_words_are_gone(store: SqlCallStore) -> None:
    """They would count as calls in which nothing was said; calls without sound or notes stay in."""
    keep(store, "silent")
    store.parts.remove("silent", [KeptKind.SOUND, KeptKind.NOTE], NOW, "retention")
    assert {each.call for each in ended_calls(store)} == {"c", "silent"}
    store.parts.remove("c", [KeptKind.TRANSCRIPT], NOW, "retention")
    assert {each.call for each in ended_calls(store)} == {"silent"}


def test_sound_that_was_cut_short_stays_as_it_is(store: SqlCallStore) -> None:
    """A recording without its end, after a crash, is copied up to there."""
    from voice_triage.events import Side
    from voice_triage.store.recording_files import SideRecording

    recording = SideRecording(store.folders, "c", Side.CLIENT, 20)
    recording.write(CHUNK, b"peaks")
    store.folders.release("c")
    store.parts.remove("c", [KeptKind.TRANSCRIPT], NOW, "retention")
    with KeptSide(store.folders, "c", Side.CLIENT) as kept:
        assert kept.chunk(20) == CHUNK
        assert len(kept.chunks) == 7
