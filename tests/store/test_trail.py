"""The audit trail: nothing can be changed, removed, added, moved, cut off or put back without being found."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.small_disk import findings
from tests.store.logs import running
from voice_triage.audit_trail import NEEDS_ITS_LINE, UNRECORDED, AuditKind, RefusingTrail, TellingTrail
from voice_triage.errors import AuditError, StoreError
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.store.trail import KeptTrail
from voice_triage.store.trail_check import Verdict, check_trail
from voice_triage.store.trail_lines import Head

LINES = 6
NOW = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlCallStore]:
    """An open store."""
    with SqlCallStore(tmp_path / FILE_NAME) as opened:
        yield opened


def trail_of(store: SqlCallStore, *, file_bytes: int = 4_000_000) -> KeptTrail:
    """The trail beside it, as a process that has just started sees it."""
    return KeptTrail(store.folders.folder.parent, store.folders.master, store, now=lambda: NOW, file_bytes=file_bytes)


def write(trail: KeptTrail, count: int = LINES, first: int = 0) -> None:
    """So many lines, each another one."""
    for number in range(first, first + count):
        trail.record(AuditKind.PLAY, who="desk", call=f"call-{number}", side="client")


def found(store: SqlCallStore, seen: Head | None = None) -> Verdict:
    """What a check finds."""
    return check_trail(trail_of(store), seen)


def test_lines_are_kept_in_order_with_all_they_tell(store: SqlCallStore) -> None:
    """Who, what, when, which call; and the check finds nothing."""
    trail = trail_of(store)
    trail.record(AuditKind.EXPORT, who="jo", call="c", files=3, sound=True, what="hand-off")
    trail.record(AuditKind.SIGN_OUT, who="jo")
    first, second = trail.lines()
    assert (first.number, first.kind, first.who, first.call) == (1, "export", "jo", "c")
    assert dict(first.detail) == {"files": 3, "sound": True, "what": "hand-off"}
    assert datetime.fromisoformat(first.at) == NOW
    assert (second.number, second.call) == (2, "")
    verdict = found(store)
    assert (verdict.head.count, verdict.problems, verdict.remarks) == (2, [], [])


def test_a_trail_that_nobody_has_begun_is_whole(store: SqlCallStore) -> None:
    """No line, no head, no finding."""
    assert found(store) == Verdict(found(store).head, [], [])


def test_any_changed_byte_is_found(store: SqlCallStore, tmp_path: Path) -> None:
    """Every byte of the lines, and of the head beside them, one bit each."""
    write(trail_of(store), 3)
    for name in ("trail-1", "head"):
        path = tmp_path / "audit" / name
        whole = path.read_bytes()
        for place in range(len(whole)):
            changed = bytearray(whole)
            changed[place] ^= 1 << (place % 8)
            path.write_bytes(changed)
            assert found(store).problems, (name, place)
        path.write_bytes(whole)
    assert not found(store).problems


def _removed(lines: list[bytes]) -> list[bytes]:
    return lines[:2] + lines[3:]


def _first_removed(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def _swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def _repeated(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[2], *lines[3:]]


def _last_repeated(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[-1]]


def _cut_off(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def _cut_off_in_the_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1][:-1]]


def _emptied(lines: list[bytes]) -> list[bytes]:
    del lines
    return []


def _with_a_made_up_line(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[-1].replace(b'"n":6', b'"n":7')]


def _with_a_blank_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], b"\n", *lines[2:]]


@pytest.mark.parametrize(
    "tamper",
    [
        _removed,
        _first_removed,
        _swapped,
        _repeated,
        _last_repeated,
        _cut_off,
        _cut_off_in_the_line,
        _emptied,
        _with_a_made_up_line,
        _with_a_blank_line,
    ],
)
def test_lines_cannot_be_removed_moved_repeated_cut_off_or_made_up(
    store: SqlCallStore, tmp_path: Path, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Found at once; and still found after the product has gone on writing."""
    write(trail_of(store))
    path = tmp_path / "audit" / "trail-1"
    path.write_bytes(b"".join(tamper(path.read_bytes().splitlines(keepends=True))))
    assert found(store).problems
    write(trail_of(store), 2, first=100)
    assert found(store).problems
    assert [line.call for line in trail_of(store).lines()][-2:] == ["call-100", "call-101"]


@pytest.mark.parametrize("gone", ["trail-1", "trail-2", "trail-3", "head", "folder"])
def test_files_cannot_be_removed(store: SqlCallStore, tmp_path: Path, gone: str) -> None:
    """Nor the whole folder: the database knows how many lines there were."""
    write(trail_of(store, file_bytes=300), 6)
    assert len(trail_of(store).files()) == 3
    folder = tmp_path / "audit"
    if gone == "folder":
        shutil.rmtree(folder)
    else:
        (folder / gone).unlink()
    assert found(store).problems
    write(trail_of(store), 2, first=100)
    verdict = found(store)
    if gone == "head":
        assert "the head in the file was missing" in verdict.remarks[0]
    else:
        assert verdict.problems


def test_a_trail_goes_on_over_several_files(store: SqlCallStore) -> None:
    """Whole, with lines numbered through, also by processes that begin in the midst."""
    for number in range(20):
        write(trail_of(store, file_bytes=700), 1, first=number)
    assert len(trail_of(store).files()) > 3
    assert [line.number for line in trail_of(store).lines()] == list(range(1, 21))
    assert not found(store).problems


@pytest.mark.parametrize("earlier", [1, 3])
def test_parts_put_back_to_an_earlier_state_are_found(store: SqlCallStore, tmp_path: Path, earlier: int) -> None:
    """The files with their head, the head alone, or the database alone."""
    write(trail_of(store), 2)
    old_files = tmp_path / "old"
    shutil.copytree(tmp_path / "audit", old_files)
    old_head = store.trail_head()
    assert old_head is not None
    write(trail_of(store), earlier + 1, first=50)
    new_files, new_head = tmp_path / "new", store.trail_head()
    assert new_head is not None
    shutil.copytree(tmp_path / "audit", new_files)

    def put(files: Path, head: bytes) -> None:
        shutil.rmtree(tmp_path / "audit")
        shutil.copytree(files, tmp_path / "audit")
        store.keep_trail_head(head)

    put(old_files, new_head)
    assert any("cut off" in each for each in found(store).problems)
    put(new_files, old_head)
    assert any("older one" in each for each in found(store).problems)
    put(new_files, new_head)
    shutil.copy(old_files / "head", tmp_path / "audit" / "head")
    assert any("older one" in each for each in found(store).problems)
    put(new_files, new_head)
    assert not found(store).problems


def test_a_head_that_was_noted_finds_what_was_put_back_as_a_whole(store: SqlCallStore, tmp_path: Path) -> None:
    """Files, head and database, all of the same earlier day: they fit each other, and not the note."""
    write(trail_of(store), 2)
    shutil.copytree(tmp_path / "audit", tmp_path / "old")
    old_head = store.trail_head()
    assert old_head is not None
    write(trail_of(store), 4, first=10)
    noted = found(store).head
    write(trail_of(store), 1, first=20)
    assert not found(store, noted).problems
    shutil.rmtree(tmp_path / "audit")
    shutil.copytree(tmp_path / "old", tmp_path / "audit")
    store.keep_trail_head(old_head)
    assert not found(store).problems
    assert found(store, noted).problems


def test_another_folders_trail_fits_nowhere_else(store: SqlCallStore, tmp_path: Path) -> None:
    """Its lines have another key."""
    write(trail_of(store))
    with SqlCallStore(tmp_path / "other" / FILE_NAME) as other:
        write(trail_of(other))
    shutil.rmtree(tmp_path / "audit")
    shutil.copytree(tmp_path / "other" / "audit", tmp_path / "audit")
    assert found(store).problems


def test_a_database_made_anew_is_told_by_the_trail_itself(tmp_path: Path) -> None:
    """Its head is not silently begun again: until a line says so, the check finds it missing."""
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        store.append(running("a", 3))
        write(trail_of(store))
    (tmp_path / FILE_NAME).write_bytes(b"no database any more" * 200)
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        assert store.notice is not None
        assert any("missing" in each for each in found(store).problems)
        write(trail_of(store), 1)
        verdict = found(store)
        assert not verdict.problems
        assert "the head in the store was missing (6)" in verdict.remarks[0]


def test_lines_written_while_the_store_was_closed_are_no_finding(store: SqlCallStore, tmp_path: Path) -> None:
    """A desk whose database cannot be opened still records; the store's head catches up later."""
    write(trail_of(store), 2)
    write(KeptTrail(tmp_path, store.folders.master, None), 5, first=10)
    assert not found(store).problems
    write(trail_of(store), 2, first=20)
    verdict = found(store)
    assert (verdict.problems, verdict.remarks, verdict.head.count) == ([], [], 9)


KILLED_AT = """
import os, sys
from pathlib import Path
from voice_triage.audit_trail import AuditKind
from voice_triage.store import trail as module
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

folder, step = Path(sys.argv[1]), int(sys.argv[2])
store = SqlCallStore(folder / FILE_NAME)
trail = module.KeptTrail(folder, store.folders.master, store)
trail.record(AuditKind.PLAY, who="desk", call="before")
done = 0

def counting(call):
    def counted(*given, **named):
        global done
        done += 1
        if done == step:
            if call is os.write:
                call(given[0], bytes(given[1])[: len(given[1]) // 2])
            os._exit(9)
        return call(*given, **named)
    return counted

for name in ("write", "fsync", "replace"):
    setattr(os, name, counting(getattr(os, name)))
store.keep_trail_head = counting(store.keep_trail_head)
trail.record(AuditKind.PLAY, who="desk", call="killed")
print("done")
"""


@pytest.mark.parametrize("step", range(1, 7))
def test_a_crash_at_any_step_of_writing_a_line_is_no_tampering(tmp_path: Path, step: int) -> None:
    """The line is there or it is not; the next one goes on, and the check finds nothing."""
    command = [sys.executable, "-c", KILLED_AT, str(tmp_path), str(step)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (9, "") or (done.returncode, done.stdout) == (0, "done\n")
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        assert not found(store).problems
        write(trail_of(store), 1)
        assert not found(store).problems
        calls = [line.call for line in trail_of(store).lines() if line.call]
        assert calls in (["before", "call-0"], ["before", "killed", "call-0"])


WRITER = """
import sys
from pathlib import Path
from voice_triage.audit_trail import AuditKind
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.store.trail import KeptTrail

folder = Path(sys.argv[1])
with SqlCallStore(folder / FILE_NAME) as store:
    trail = KeptTrail(folder, store.folders.master, store, file_bytes=2000)
    for number in range(15):
        trail.record(AuditKind.PLAY, who=sys.argv[2], call=str(number))
"""


def test_several_processes_write_one_trail(tmp_path: Path) -> None:
    """The desk and the command line at once: every line is there, none is broken."""
    SqlCallStore(tmp_path / FILE_NAME).close()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), who], stderr=subprocess.PIPE, text=True)
        for who in ("desk", "command line", "third")
    ]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [("", 0)] * 3
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        assert found(store) == Verdict(found(store).head, [], [])
        lines = list(trail_of(store).lines())
    for who in ("desk", "command line", "third"):
        assert [line.call for line in lines if line.who == who] == [str(number) for number in range(15)]


def test_a_full_disk_refuses_lines_and_is_told_of_later(tmp_path: Path) -> None:
    """The trail stays whole, and the next line that can be written says how many are missing."""
    assert findings("tests.store.full_disk_trail", tmp_path) == [
        *["refused: True"] * 3,
        "whole: True",
        "told: True",
        "goes on: True",
    ]


def test_a_store_that_cannot_keep_the_head_refuses_the_line(tmp_path: Path) -> None:
    """What needs its line is then not done; the line may be there, which is the safe way round."""

    class Broken:
        def trail_head(self) -> bytes | None:
            return None

        def keep_trail_head(self, sealed: bytes) -> None:
            del sealed
            raise StoreError("the disk is gone")

    trail = KeptTrail(tmp_path, bytes(32), Broken())
    with pytest.raises(AuditError, match="the disk is gone"):
        trail.record(AuditKind.EXPORT, who="jo")


def test_no_line_holds_a_long_text_or_a_key(store: SqlCallStore, tmp_path: Path) -> None:
    """A transcript cannot get into the trail by mistake, and the master key is nowhere in it."""
    trail = trail_of(store)
    with pytest.raises(ValueError, match="cannot stand in the audit trail"):
        trail.record(AuditKind.EDIT, who="jo", what="he has been vomiting since this morning " * 10)
    assert list(trail.lines()) == []
    write(trail)
    content = b"".join(path.read_bytes() for path in (tmp_path / "audit").iterdir())
    assert store.folders.master not in content
    assert store.folders.master.hex().encode() not in content
    if os.name == "posix":
        assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "audit").iterdir())


def test_what_goes_on_without_its_line_says_so() -> None:
    """The CSR's dismissal is not held up by a full disk, and does not pass in silence."""
    told: list[str] = []
    trail = TellingTrail(RefusingTrail(os.strerror(errno.ENOSPC)), told.append)
    for kind in AuditKind:
        if kind in NEEDS_ITS_LINE:
            with pytest.raises(AuditError):
                trail.record(kind, who="desk", call="c")
        else:
            trail.record(kind, who="desk", call="c")
    assert told == [UNRECORDED]
    assert {AuditKind.EXPORT, AuditKind.PLAY, AuditKind.DELETE} <= NEEDS_ITS_LINE
    assert not {AuditKind.DISMISS, AuditKind.EDIT, AuditKind.SIGN_IN, AuditKind.NOT_CLIENT} & NEEDS_ITS_LINE
