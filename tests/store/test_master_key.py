"""The master key is where it was put, is never silently replaced, and is nobody else's to read."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from voice_triage.errors import StoreError
from voice_triage.store.master_key import KEY_NAME, NOTE_NAME, KeyringUnavailableError, master_key


class FakeKeyring:
    """A keyring in memory that can be locked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, user: str) -> str | None:
        """The secret."""
        if self.locked:
            raise KeyringUnavailableError("locked")
        return self.kept.get((service, user))

    def set_password(self, service: str, user: str, secret: str) -> None:
        """Keep a secret."""
        if self.locked:
            raise KeyringUnavailableError("locked")
        self.kept[service, user] = secret


def test_the_key_is_made_once(tmp_path: Path) -> None:
    """Later starts find the same key; another folder has another one."""
    other = tmp_path / "other"
    other.mkdir()
    key = master_key(tmp_path, None)
    assert len(key) == 32
    assert master_key(tmp_path, None) == key
    assert master_key(other, None) != key


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps user folders private by itself")
def test_the_key_file_is_for_this_user_alone(tmp_path: Path) -> None:
    """Rights 0600, whatever the umask."""
    old = os.umask(0)
    try:
        master_key(tmp_path, None)
    finally:
        os.umask(old)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir()) == [NOTE_NAME, KEY_NAME]


def test_a_keyring_holds_the_key_and_the_folder_does_not(tmp_path: Path) -> None:
    """Whoever copies the data folder alone can open nothing."""
    keyring = FakeKeyring()
    key = master_key(tmp_path, keyring)
    assert [path.name for path in tmp_path.iterdir()] == [NOTE_NAME]
    assert key not in (tmp_path / NOTE_NAME).read_bytes()
    assert master_key(tmp_path, keyring) == key


def test_a_keyring_that_is_locked_at_first_is_done_without(tmp_path: Path) -> None:
    """Keeping calls does not wait for somebody to unlock something."""
    keyring = FakeKeyring()
    keyring.locked = True
    key = master_key(tmp_path, keyring)
    assert (tmp_path / KEY_NAME).exists()
    keyring.locked = False
    assert master_key(tmp_path, keyring) == key


@pytest.mark.parametrize("gone", ["locked", "emptied", "another", "none"])
def test_a_key_that_is_not_to_be_had_is_not_replaced(tmp_path: Path, gone: str) -> None:
    """Locked, lost or exchanged: an error says what to do, and earlier calls stay what they are."""
    keyring: FakeKeyring | None = FakeKeyring()
    assert keyring is not None
    key = master_key(tmp_path, keyring)
    if gone == "locked":
        keyring.locked = True
    elif gone == "emptied":
        keyring.kept.clear()
    elif gone == "another":
        keyring.kept = dict.fromkeys(keyring.kept, "A" * 43 + "=")
    with pytest.raises(StoreError, match="Unlock the keyring") as refusal:
        master_key(tmp_path, None if gone == "none" else keyring)
    assert key.hex() not in str(refusal.value)
    assert not (tmp_path / KEY_NAME).exists()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"place": "file"}'])
def test_a_damaged_note_is_not_taken_for_a_first_start(tmp_path: Path, damage: str) -> None:
    """A new key would lock everybody out of the calls kept so far."""
    master_key(tmp_path, None)
    (tmp_path / NOTE_NAME).write_text(damage)
    with pytest.raises(StoreError, match=f"{NOTE_NAME} is damaged"):
        master_key(tmp_path, None)


def test_a_damaged_key_file_is_noticed(tmp_path: Path) -> None:
    """The check value tells a changed key from the right one."""
    master_key(tmp_path, None)
    (tmp_path / KEY_NAME).write_text("not a key")
    with pytest.raises(StoreError, match="was not found in the file"):
        master_key(tmp_path, None)
    assert "check" in json.loads((tmp_path / NOTE_NAME).read_text())
