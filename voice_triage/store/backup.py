"""All kept calls in one file, as they are encrypted, with the master key wrapped by a passphrase; and back.

A plain tar: ``backup.json`` first (what it is, and the wrapped key), then ``calls/<call>/<file>``, and the audit trail
as ``audit/<file>``. The database is not in it: it is made anew from the logs. A call that is deleted later stays in
every backup made before, until that backup is deleted: keep no backup longer than the clinic's retention says.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import secrets
import tarfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from voice_triage.errors import StoreError
from voice_triage.store.call_folders import FOLDER_NAME, CallFolders
from voice_triage.store.master_key import KEY_NAME, NOTE_NAME, adopt_master_key
from voice_triage.store.trail import FOLDER_NAME as TRAIL_FOLDER
from voice_triage.store.trail import HEAD_NAME, KeptTrail

FORMAT = "voice-triage-backup/1"
_NOTE = "backup.json"
_MEMBER = re.compile(
    rf"{FOLDER_NAME}/[a-z0-9][a-z0-9_-]*/[a-z.]+-[0-9]+|{TRAIL_FOLDER}/(?:trail-[1-9][0-9]{{0,8}}|{HEAD_NAME})"
)
_COST = {"n": 2**15, "r": 8, "p": 1}
"""Of scrypt: 32 MB and a tenth of a second, as RFC 7914 and OWASP (2023) advise for a passphrase typed by a person."""
SHORTEST_PASSPHRASE = 12
_LARGEST_NOTE = 100_000
_LARGEST_FILE = 4_000_000_000


def back_up(folders: CallFolders, target: Path, passphrase: str, trail: KeptTrail | None = None) -> int:
    """Write all calls, and the audit trail, to ``target``, there as a whole or not at all; returns the calls' number.

    Calls that are going on are in it up to now. Raises StoreError.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise StoreError(f"The passphrase must have {SHORTEST_PASSPHRASE} characters or more: it protects every call.")
    if target.exists():
        raise StoreError(f"{target} is there already. Give another name, or remove it first.")
    new = target.with_name(f".{target.name}.new-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                _put(tar, _NOTE, json.dumps(_note(folders.master, passphrase), indent=1).encode())
                names = folders.names()
                for name in names:
                    _put_call(tar, folders, name)
                for name, content in ({} if trail is None else trail.copied()).items():
                    _put(tar, f"{TRAIL_FOLDER}/{name}", content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise StoreError(
            f"The backup could not be written to {target} ({error.strerror}). Check that its folder is there, may be "
            "written to, and has room."
        ) from error
    return len(names)


def restore(source: Path, data_dir: Path, passphrase: str) -> int:
    """Bring the calls of a backup into a data folder that holds none; returns their number.

    Raises StoreError: no backup, damaged, wrong passphrase, or calls are there already, which are never mixed.
    """
    if any((data_dir / name).exists() for name in (NOTE_NAME, KEY_NAME)) or any((data_dir / FOLDER_NAME).glob("*")):
        raise StoreError(
            f"{data_dir} holds calls already, and those of a backup are not mixed with them. Set VOICE_TRIAGE_DATA_DIR "
            "to an empty folder, or move that one away."
        )
    try:
        with tarfile.open(source, mode="r:") as tar:
            key = _key_of(tar, source, passphrase)
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            (data_dir / FOLDER_NAME).mkdir(mode=0o700, exist_ok=True)
            calls = set()
            for member in tar:
                if member.name != _NOTE and (path := _take(tar, member, data_dir, source)).parent.name == FOLDER_NAME:
                    calls.add(path)
            adopt_master_key(data_dir, key)
    except (tarfile.TarError, EOFError) as error:
        raise StoreError(f"{source} is no backup of voice-triage, or damaged. Take another one.") from error
    except OSError as error:
        raise StoreError(f"{source} could not be restored to {data_dir}: {error}. Then try again.") from error
    return len(calls)


def _put_call(tar: tarfile.TarFile, folders: CallFolders, name: str) -> None:
    """All of a call at one moment: what retention deletes meanwhile is in it altogether, or not at all."""
    paths: list[Path] | None = None
    content: dict[str, bytes] = {}
    while paths != (paths := folders.paths_in(name)):
        with suppress(FileNotFoundError):  # deleted meanwhile
            content = {path.name: path.read_bytes() for path in paths}
    for file in sorted(content):
        _put(tar, f"{FOLDER_NAME}/{name}/{file}", content[file])


def _put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    tar.addfile(member, io.BytesIO(content))


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, data_dir: Path, source: Path) -> Path:
    """Write one file of a call or of the trail; returns the folder that it is in."""
    if not member.isfile() or not _MEMBER.fullmatch(member.name) or member.size > _LARGEST_FILE:
        raise StoreError(f"{source} holds something that no backup of voice-triage has. Take another one.")
    content = tar.extractfile(member)
    assert content is not None
    path = data_dir / member.name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while piece := content.read(1_000_000):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return path.parent


def _note(master: bytes, passphrase: str) -> dict[str, object]:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    wrapped = AESGCM(_derived(passphrase, salt, _COST)).encrypt(nonce, master, FORMAT.encode())
    return {
        "format": FORMAT,
        "scrypt": _COST,
        "salt": base64.b64encode(salt).decode(),
        "key": base64.b64encode(nonce + wrapped).decode(),
    }


def _key_of(tar: tarfile.TarFile, source: Path, passphrase: str) -> bytes:
    first = tar.next()
    if first is None or first.name != _NOTE or first.size > _LARGEST_NOTE or not first.isfile():
        raise StoreError(f"{source} is no backup of voice-triage. Take another one.")
    content = tar.extractfile(first)
    assert content is not None
    try:
        note = json.loads(content.read())
        if note["format"] != FORMAT or note["scrypt"] != _COST:
            raise StoreError(f"{source} was written by a newer version of voice-triage. Install that version.")
        salt, sealed = base64.b64decode(note["salt"]), base64.b64decode(note["key"])
        return AESGCM(_derived(passphrase, salt, _COST)).decrypt(sealed[:12], sealed[12:], FORMAT.encode())
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{source} is damaged. Take another backup.") from error
    except InvalidTag as error:
        raise StoreError("That is not the passphrase of this backup. Try again.") from error


def _derived(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())
