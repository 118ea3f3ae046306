"""The system's keyring is used where it keeps secrets encrypted, and done without where it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from tests.small_disk import ROOT
from tests.store.logs import running
from voice_triage.bootstrap import open_store
from voice_triage.errors import StoreError
from voice_triage.settings import load_settings
from voice_triage.store.master_key import KEY_NAME, NOTE_NAME, KeyringUnavailableError
from voice_triage.store.system_keyring import system_keyring

_NONE = fail.Keyring()  # type: ignore[no-untyped-call]


class MemoryKeyring(KeyringBackend):
    """A keyring in memory that can be locked."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        """The secret."""
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        if self.locked:
            raise KeyringLocked
        self.kept[service, username] = password


class PlainFileKeyring(MemoryKeyring):
    """As the package's authors grade what keeps secrets in plain text."""

    priority = 0.5  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[None]:
    """The keyring of whoever runs the tests is not touched."""
    yield
    keyring.set_keyring(_NONE)


def test_a_keyring_keeps_the_key_of_calls_and_the_folder_does_not(tmp_path: Path) -> None:
    """Calls are opened with it again; without it there is only advice."""
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    settings = load_settings(overrides={"data_dir": tmp_path, "key_place": "auto"})
    with open_store(settings) as store:
        store.append(running("c", 3))
    assert json.loads((tmp_path / NOTE_NAME).read_text())["place"] == "keyring"
    assert not (tmp_path / KEY_NAME).exists()
    with open_store(settings) as store:
        assert store.events("c") == running("c", 3)
    backend.locked = True
    with pytest.raises(StoreError, match="Unlock the keyring"):
        open_store(settings)


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, PlainFileKeyring])
def test_what_keeps_no_secret_is_no_keyring(tmp_path: Path, backend: type[KeyringBackend]) -> None:
    """None, one that forgets, one in plain text: the key goes into a file, and who insists on a keyring is told."""
    keyring.set_keyring(backend())
    assert system_keyring() is None
    open_store(load_settings(overrides={"data_dir": tmp_path / "auto", "key_place": "auto"})).close()
    assert (tmp_path / "auto" / KEY_NAME).exists()
    with pytest.raises(StoreError, match="Install one"):
        open_store(load_settings(overrides={"data_dir": tmp_path / "insisting", "key_place": "keyring"}))


def test_whatever_a_backend_raises_is_one_kind_of_error() -> None:
    """Platforms raise errors of their own; the one who asks sees that the keyring cannot be asked."""
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    found = system_keyring()
    assert found is not None
    found.set_password("voice-triage", "key", "secret")
    assert found.get_password("voice-triage", "key") == "secret"
    backend.locked = True
    with pytest.raises(KeyringUnavailableError):
        found.get_password("voice-triage", "key")
    with pytest.raises(KeyringUnavailableError):
        found.set_password("voice-triage", "key", "other")


def test_a_backend_that_cannot_be_loaded_is_no_keyring() -> None:
    """A wrong entry in the keyring's own configuration does not stop the desk."""
    code = "from voice_triage.store.system_keyring import system_keyring; print(system_keyring())"
    environ = {**os.environ, "PYTHON_KEYRING_BACKEND": "nowhere.Keyring", "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.strip()) == (0, "None"), found.stderr
