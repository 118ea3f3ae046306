"""The master key, which wraps the key of every call: in the system's keyring, or in a file of this user alone.

``master.json`` in the data folder says where the key is and holds a check value, so that a keyring that is locked, or
a data folder carried to another computer, is noticed instead of being met with a new key that opens nothing.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from voice_triage.errors import StoreError
from voice_triage.private_file import write_private
from voice_triage.store.sealed_file import KEY_BYTES

NOTE_NAME = "master.json"
KEY_NAME = "master.key"
SERVICE = "voice-triage"


class Keyring(Protocol):
    """The part of the package ``keyring`` that is used."""

    def get_password(self, service: str, user: str, /) -> str | None:
        """The secret, or None."""

    def set_password(self, service: str, user: str, secret: str, /) -> None:
        """Keep a secret."""


class KeyringUnavailableError(Exception):
    """The keyring cannot be asked: locked, or its service is not running."""


def master_key(folder: Path, keyring: Keyring | None) -> bytes:
    """The key of a data folder (32 bytes), made at the first time: in ``keyring`` if there is one, else in a file.

    Raises StoreError if the folder's key is not to be had, and OSError.
    """
    note_path = folder / NOTE_NAME
    try:
        note = json.loads(note_path.read_text(encoding="utf-8"))
        place, name, check = str(note["place"]), str(note["name"]), str(note["check"])
    except FileNotFoundError:
        return _new(folder, keyring)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{note_path} is damaged, so kept calls cannot be opened. Bring it back from a backup; do not delete it."
        ) from error
    key = _from_file(folder) if place == "file" else _from_keyring(keyring, name)
    if key is None or not hmac.compare_digest(_check_of(key), check):
        raise StoreError(
            f"The key of the calls kept in {folder} was not found in the {_NAMES.get(place, place)}. Unlock the "
            "keyring (sign in again) and start voice-triage anew, or restore a backup. Without that key nobody can "
            "open these calls; to begin anew, set VOICE_TRIAGE_DATA_DIR to another folder."
        )
    return key


def adopt_master_key(folder: Path, key: bytes) -> None:
    """Make ``key``, out of a backup, the key of a data folder that has none yet, as a file. Raises OSError."""
    write_private(folder / KEY_NAME, base64.b64encode(key))
    _write_note(folder, "file", "", key)


_NAMES = {"file": f"file {KEY_NAME}", "keyring": "system keyring"}


def _new(folder: Path, keyring: Keyring | None) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    if keyring is not None:
        name = f"calls-{secrets.token_hex(8)}"
        with suppress(KeyringUnavailableError):
            keyring.set_password(SERVICE, name, base64.b64encode(key).decode())
            if keyring.get_password(SERVICE, name) == base64.b64encode(key).decode():
                _write_note(folder, "keyring", name, key)
                return key
    adopt_master_key(folder, key)
    return key


def _from_file(folder: Path) -> bytes | None:
    try:
        return _decoded((folder / KEY_NAME).read_bytes())
    except FileNotFoundError:
        return None


def _from_keyring(keyring: Keyring | None, name: str) -> bytes | None:
    if keyring is None:
        return None
    with suppress(KeyringUnavailableError):
        kept = keyring.get_password(SERVICE, name)
        return None if kept is None else _decoded(kept.encode())
    return None


def _decoded(text: bytes) -> bytes | None:
    with suppress(ValueError):
        key = base64.b64decode(text, validate=True)
        return key if len(key) == KEY_BYTES else None
    return None


def _check_of(key: bytes) -> str:
    return hmac.new(key, b"voice-triage master key", sha256).hexdigest()


def _write_note(folder: Path, place: str, name: str, key: bytes) -> None:
    note = {"place": place, "name": name, "check": _check_of(key)}
    write_private(folder / NOTE_NAME, json.dumps(note, indent=1).encode())
