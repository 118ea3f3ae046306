"""Each call has its own folder and keys; deleting destroys the keys first; two processes do not write one call."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.logs import ended, placed, running
from tests.store.test_store_processes import ROOT
from voice_triage.errors import DamagedError, StoreError
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.log_file import LogFile, read_log


@pytest.fixture
def folders(tmp_path: Path) -> CallFolders:
    """Folders of an empty data folder."""
    return CallFolders(tmp_path)


def kept(folders: CallFolders, call: str, length: int = 5) -> None:
    """A call's log, ended."""
    log = LogFile(folders, call)
    log.keep(running(call, length))
    log.keep(placed(call, [ended()], length + 1))


@settings(deadline=None, max_examples=100)
@given(st.text(min_size=1, max_size=300))
def test_any_name_of_a_call_is_one_folder_inside(name: str) -> None:
    """No name of a call leads out of the folder, or to another call's."""
    folders = CallFolders.__new__(CallFolders)
    folders.folder = Path("/kept/calls")
    place = folders._of(name)
    assert place.parent == folders.folder
    assert place.name not in ("", ".", "..")
    assert place != folders._of(name + "x")


def test_each_time_it_goes_on_a_call_gets_new_files_with_a_new_key(folders: CallFolders, tmp_path: Path) -> None:
    """After a crash nothing is appended: what was written before it stays as it is."""
    first = LogFile(folders, "c")
    first.keep(running("c", 3))
    first.close()
    before = {path.name: path.read_bytes() for path in (tmp_path / "calls" / "c").iterdir()}
    again = CallFolders(tmp_path)
    second = LogFile(again, "c")
    second.keep(placed("c", [ended()], 4))
    after = {path.name: path.read_bytes() for path in (tmp_path / "calls" / "c").iterdir()}
    assert {name: after[name] for name in before} == before
    assert sorted(after.keys() - before.keys()) == ["key-2", "log-2"]
    assert read_log(again, "c") == [*running("c", 3), *placed("c", [ended()], 4)]


def test_an_append_that_is_repeated_is_read_once(folders: CallFolders) -> None:
    """A failure after the log was written must not double the log."""
    log = running("c", 4)
    first = LogFile(folders, "c")
    first.keep(log[:3])
    first.keep(log[:3])
    folders.release("c")
    second = LogFile(folders, "c")
    second.keep(log)
    assert read_log(folders, "c") == log


def test_a_log_that_lacks_an_event_is_damaged(folders: CallFolders, tmp_path: Path) -> None:
    """A file missing between two others is not passed over in silence."""
    for first in (0, 2, 4):
        log = LogFile(folders, "c")
        log.keep(running("c", 6)[first : first + 2])
        log.close()
        folders.release("c")
    (tmp_path / "calls" / "c" / "log-2").unlink()
    with pytest.raises(DamagedError, match="lacks event 3"):
        read_log(folders, "c")


def test_the_master_key_is_needed(folders: CallFolders, tmp_path: Path) -> None:
    """A call's folder carried to another computer opens nothing there."""
    kept(folders, "c")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    others = CallFolders(elsewhere)
    shutil.copytree(tmp_path / "calls" / "c", elsewhere / "calls" / "c")
    with pytest.raises(DamagedError, match="of another data folder"):
        read_log(others, "c")


def test_a_row_cannot_be_changed_or_moved(folders: CallFolders) -> None:
    """What the database holds opens in its own place alone."""
    sealed = folders.seal("c", b"words", "7")
    assert folders.unseal("c", sealed, "7") == b"words"
    with pytest.raises(DamagedError):
        folders.unseal("c", sealed, "8")
    with pytest.raises(DamagedError):
        folders.unseal("c", sealed[:-1] + bytes([sealed[-1] ^ 1]), "7")
    with pytest.raises(StoreError, match="was deleted"):
        folders.unseal("d", sealed, "7")


def test_a_deleted_call_cannot_be_opened_from_a_copy_of_its_files(folders: CallFolders, tmp_path: Path) -> None:
    """The key goes first: what a backup of the folder alone has kept of the sound is noise."""
    kept(folders, "c")
    copy = (tmp_path / "calls" / "c" / "log-1").read_bytes()
    folders.delete("c")
    folders.delete("c")
    assert folders.names() == []
    place = tmp_path / "calls" / "c"
    place.mkdir()
    (place / "log-1").write_bytes(copy)
    with pytest.raises(StoreError, match="is gone"):
        read_log(folders, "c")
    folders.finish_deletions()
    assert not place.exists()


def test_the_key_is_overwritten_before_it_is_removed(folders: CallFolders, tmp_path: Path) -> None:
    """A second name of the key file, made before, holds nothing of use afterwards."""
    kept(folders, "c")
    second_name = tmp_path / "second-name"
    second_name.hardlink_to(tmp_path / "calls" / "c" / "key-1")
    before = second_name.read_bytes()
    folders.delete("c")
    assert second_name.read_bytes() != before
    assert len(second_name.read_bytes()) == len(before)


def test_a_call_is_written_by_one_process(folders: CallFolders, tmp_path: Path) -> None:
    """Another process is refused while the first one lives, and let in when it is gone, however it went."""
    code = (
        "import sys; from pathlib import Path; from voice_triage.store.call_folders import CallFolders\n"
        "folders = CallFolders(Path(sys.argv[1])); folders.occupy('c'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert folders.occupied("c")
        with pytest.raises(StoreError, match="another voice-triage"):
            folders.occupy("c")
        with pytest.raises(StoreError, match="going on"):
            folders.delete("c")
        other.kill()
        other.wait()
        assert not folders.occupied("c")
        folders.occupy("c")
        folders.release("c")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps user folders private by itself")
def test_folders_are_closed_to_others(folders: CallFolders, tmp_path: Path) -> None:
    """Rights 0700 for folders, 0600 for files."""
    kept(folders, "c")
    for path in (tmp_path / "calls").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name
