"""The accounts of one data folder: ``accounts.json``, for this user of the computer alone.

A file of its own, not a table: the database of calls is made anew from their logs when it is damaged, accounts cannot
be. It is read again whenever it has changed, so that ``voice-triage accounts`` works on a running desk.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from voice_triage.accounts.account import Account, account_id, display_name
from voice_triage.accounts.passwords import Passwords, refuse_weak
from voice_triage.accounts.roles import Role
from voice_triage.accounts.sessions import Standing
from voice_triage.errors import AccountError
from voice_triage.private_file import write_private

FILE_NAME: Final = "accounts.json"
LOCK_NAME: Final = "accounts.lock"
FORMAT: Final = 1
WAIT_S: Final = 10.0
"""How long a change waits for another program's change of the same file."""

Before = Callable[[], None]


def _nothing() -> None:
    pass


class Accounts:
    """Thread-safe. Every method raises AccountError, saying what to do, if the file cannot be read."""

    def __init__(
        self,
        folder: Path,
        passwords: Passwords,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``folder`` is the data folder; nothing is written there before the first account."""
        self._folder = folder
        self._path = folder / FILE_NAME
        self.passwords = passwords
        self._now = now
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._read: dict[str, Account] = {}

    # --- looking ----------------------------------------------------------------------------------------------------

    def all(self) -> Sequence[Account]:
        """By sign-in name."""
        return sorted(self._current().values(), key=lambda account: account.id)

    def get(self, account: str) -> Account:
        """One account. Raises AccountError if there is none."""
        found = self.find(account)
        if found is None:
            raise AccountError(f"There is no account {account[:32]!r}. See: voice-triage accounts list")
        return found

    def find(self, account: str) -> Account | None:
        """One account, or None."""
        return self._current().get(account)

    def standing(self, account: str) -> Standing | None:
        """How an account is now, for its sessions; None if it is gone, disabled, or cannot be read."""
        try:
            found = self._current().get(account)
        except AccountError:
            return None
        if found is None or found.disabled:
            return None
        return Standing(found.person(), found.stamp, found.must_change)

    def has_administrator(self) -> bool:
        """Whether there ever was one: then no page makes the first."""
        return any(account.role is Role.ADMINISTRATOR for account in self._current().values())

    # --- changing: ``before`` is called when nothing stands against the change, and can refuse it by an error --------

    def add(
        self, account: str, name: str, role: Role, password: str, *, must_change: bool = True, before: Before = _nothing
    ) -> Account:
        """A new account. Raises AccountError if the name is taken or the password is weak."""
        made = self._made(account, name, role, password, must_change=must_change)
        with self._changing() as accounts:
            _put(made, accounts, before)
        return made

    def add_first_administrator(self, account: str, name: str, password: str, *, before: Before = _nothing) -> Account:
        """The one that makes all others. Raises AccountError if there is, or was, an administrator."""
        made = self._made(account, name, Role.ADMINISTRATOR, password, must_change=False)
        with self._changing() as accounts:
            if any(each.role is Role.ADMINISTRATOR for each in accounts.values()):
                raise AccountError("There is an administrator already. Sign in, or ask them.")
            _put(made, accounts, before)
        return made

    def set_password(self, account: str, password: str, *, must_change: bool, before: Before = _nothing) -> Account:
        """Another password; ends the account's sessions. Raises AccountError if it is weak."""
        known = self.get(account)
        refuse_weak(password, known.id, known.name)
        kept = self.passwords.hashed(password)
        return self._change(account, before, password=kept, must_change=must_change)

    def set_role(self, account: str, role: Role, *, before: Before = _nothing) -> Account:
        """Another role; ends the account's sessions. Raises AccountError for the last administrator."""
        return self._change(account, before, role=role)

    def set_disabled(self, account: str, disabled: bool, *, before: Before = _nothing) -> Account:
        """Close an account, or open it again; ends its sessions. Raises AccountError for the last administrator."""
        return self._change(account, before, disabled=disabled)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _made(self, account: str, name: str, role: Role, password: str, *, must_change: bool) -> Account:
        wanted, shown = account_id(account), display_name(name)
        refuse_weak(password, wanted, shown)
        now = self._time()
        kept = self.passwords.hashed(password)
        return Account(wanted, shown, role, kept, _stamp(), now, now, must_change=must_change)

    def _change(self, account: str, before: Before, **changes: Any) -> Account:
        with self._changing() as accounts:
            if account not in accounts:
                raise AccountError(f"There is no account {account[:32]!r}. See: voice-triage accounts list")
            changed = dataclasses.replace(accounts[account], stamp=_stamp(), changed_at=self._time(), **changes)
            was_one = any(_administers(each) for each in accounts.values())
            accounts[account] = changed
            if was_one and not any(_administers(each) for each in accounts.values()):
                raise AccountError(
                    "This is the last administrator. Make somebody else administrator first, then try again."
                )
            before()
        return changed

    def _time(self) -> str:
        return self._now().isoformat("T", "seconds")

    def _current(self) -> dict[str, Account]:
        with self._lock:
            seen = self._stat()
            if seen != self._seen:
                self._read, self._seen = self._load(), seen
            return dict(self._read)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Account]]:
        """The accounts, to be changed; written when the block ends without an error. One writer at a time."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._lock, FileLock(self._folder / LOCK_NAME, timeout=WAIT_S, mode=0o600):
                accounts = self._load()
                yield accounts
                kept = {"format": FORMAT, "accounts": [dataclasses.asdict(each) for each in accounts.values()]}
                write_private(self._path, json.dumps(kept, indent=1).encode())
                self._seen = None
        except (OSError, TimeoutError) as error:
            raise AccountError(
                f"{self._path} cannot be written ({error}). Make its folder writable, then try again."
            ) from error

    def _load(self) -> dict[str, Account]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["format"] != FORMAT:
                raise ValueError("a newer format")
            accounts = [Account(**{**each, "role": Role(each["role"])}) for each in kept["accounts"]]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            # Never taken for "no accounts": that would let anybody at the desk become the first administrator.
            raise AccountError(
                f"{self._path} is damaged or cannot be read, so nobody can sign in; the desk works without. Bring it "
                "back from a copy. Only if there is none, move it away and make the administrator anew."
            ) from error
        return {account.id: account for account in accounts}

    def _stat(self) -> tuple[int, int, int] | None:
        """Changes with the file, also when it is replaced within a clock tick."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return (0, 0, 0)
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def _put(made: Account, accounts: dict[str, Account], before: Before) -> None:
    if made.id in accounts:
        raise AccountError(f"There is an account {made.id} already. Take another sign-in name.")
    before()
    accounts[made.id] = made


def _administers(account: Account) -> bool:
    return account.role is Role.ADMINISTRATOR and not account.disabled


def _stamp() -> str:
    return secrets.token_hex(16)
