"""A backup brings back every call, to whoever knows the passphrase, and nothing else passes for one."""

from __future__ import annotations

import io
import random
import tarfile
from pathlib import Path

import pytest

from tests.store.logs import ended, final, placed, running, started
from voice_triage.errors import StoreError
from voice_triage.events import Side
from voice_triage.store import backup
from voice_triage.store.recording_files import KeptSide, SideRecording
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

PASSPHRASE = "correct horse battery"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A data folder with two calls, one of them with sound."""
    folder = tmp_path / "kept"
    with SqlCallStore(folder / FILE_NAME) as store:
        store.append(placed("one", [started("one"), final(0), ended()]))
        store.append(running("two", 3))
        recording = SideRecording(store.folders, "one", Side.CLIENT, 0)
        recording.write(b"chunk", b"peaks")
        recording.finish()
    return folder


def saved(kept: Path, name: str = "backup.tar") -> Path:
    """A backup of it."""
    target = kept.parent / name
    with SqlCallStore(kept / FILE_NAME) as store:
        assert backup.back_up(store.folders, target, PASSPHRASE) == 2
    return target


def test_everything_comes_back_on_another_computer(kept: Path, tmp_path: Path) -> None:
    """List, words, sound: with the backup and the passphrase alone."""
    target = saved(kept)
    with SqlCallStore(kept / FILE_NAME) as store:
        listed, words = store.calls(), store.transcripts()
    other = tmp_path / "other"
    assert backup.restore(target, other, PASSPHRASE) == 2
    with SqlCallStore(other / FILE_NAME) as store:
        assert store.notice is None
        assert (store.calls(), store.transcripts()) == (listed, words)
        assert store.events("two") == running("two", 3)
        with KeptSide(store.folders, "one", Side.CLIENT) as side:
            assert side.chunk(0) == b"chunk"


def test_a_backup_holds_no_word_and_no_open_key(kept: Path) -> None:
    """Who finds the file can read nothing, and others on this machine cannot even open it."""
    target = saved(kept)
    with SqlCallStore(kept / FILE_NAME) as store:
        assert store.folders.master not in target.read_bytes()
    assert b"word0-" not in target.read_bytes()
    assert target.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("passphrase", ["", "correct horse batterx", PASSPHRASE + " "])
def test_another_passphrase_opens_nothing(kept: Path, tmp_path: Path, passphrase: str) -> None:
    """And leaves no half-filled folder behind."""
    with pytest.raises(StoreError, match="not the passphrase"):
        backup.restore(saved(kept), tmp_path / "other", passphrase)
    assert not (tmp_path / "other").exists()


def test_calls_are_never_mixed_nor_overwritten(kept: Path) -> None:
    """Neither on restoring into a folder that is in use, nor on writing over an older backup."""
    target = saved(kept)
    with pytest.raises(StoreError, match="are not mixed"):
        backup.restore(target, kept, PASSPHRASE)
    with SqlCallStore(kept / FILE_NAME) as store, pytest.raises(StoreError, match="there already"):
        backup.back_up(store.folders, target, PASSPHRASE)


def test_a_weak_passphrase_is_refused(kept: Path, tmp_path: Path) -> None:
    """It would protect every call of the clinic."""
    with SqlCallStore(kept / FILE_NAME) as store, pytest.raises(StoreError, match="12 characters"):
        backup.back_up(store.folders, tmp_path / "b.tar", "password")
    assert not (tmp_path / "b.tar").exists()


def test_a_place_that_cannot_be_written_is_an_error(kept: Path, tmp_path: Path) -> None:
    """The disk for backups is not connected."""
    with SqlCallStore(kept / FILE_NAME) as store, pytest.raises(StoreError, match="could not be written"):
        backup.back_up(store.folders, tmp_path / "not" / "there" / "b.tar", PASSPHRASE)


@pytest.mark.parametrize(
    "name", ["../outside-1", "/tmp/outside-1", "calls/../outside-1", "calls/one/link-1", "calls/x"]
)
def test_a_forged_backup_writes_nowhere_else(kept: Path, tmp_path: Path, name: str) -> None:
    """Paths that lead out, links and other files are refused."""
    forged = tmp_path / "forged.tar"
    with tarfile.open(saved(kept)) as old, tarfile.open(forged, "w") as new:
        first = old.next()
        assert first is not None
        new.addfile(first, old.extractfile(first))
        member = tarfile.TarInfo(name)
        if "link" in name:
            member.type, member.linkname = tarfile.SYMTYPE, "../../../outside"
            new.addfile(member)
        else:
            member.size = 4
            new.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(StoreError, match="no backup of voice-triage has"):
        backup.restore(forged, tmp_path / "other" / "data", PASSPHRASE)
    assert not list(tmp_path.rglob("outside*"))


def test_damaged_backups_are_refused(kept: Path, tmp_path: Path) -> None:
    """Cut short, changed or something else altogether: an error, or calls that say themselves what is damaged."""
    content = saved(kept).read_bytes()
    chance = random.Random(2)
    for number, damage in enumerate([b"", b"not a tar", *(content[: chance.randrange(1, 9000)] for _ in range(8))]):
        path = tmp_path / f"damaged-{number}.tar"
        path.write_bytes(damage)
        other = tmp_path / f"other-{number}"
        try:
            backup.restore(path, other, PASSPHRASE)
        except StoreError:
            continue
        with SqlCallStore(other / FILE_NAME) as store:
            for call in store.calls():
                assert list(store.events(call.call))
