"""Signing in and out, and changing one's own password: what is checked, counted and recorded, in this order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from voice_triage.accounts.account import Account, account_id
from voice_triage.accounts.account_file import Accounts
from voice_triage.accounts.lockout import Lockout
from voice_triage.accounts.roles import Person, Role
from voice_triage.accounts.sessions import Session, Sessions
from voice_triage.audit_trail import AuditKind, AuditTrail, Detail
from voice_triage.errors import AccountError

REFUSED: Final = "That sign-in name and password do not fit together, or the account is closed."
"""The same for an account that is not there, a wrong password and a disabled account."""
UNKNOWN: Final = "unknown"
"""Who, in the audit trail, where the name is no account's: what was typed is not written, it may be a password."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """It was the right password."""

    person: Person
    secret: str
    """The new session's."""
    must_change: bool


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """It was not, or too many were tried."""

    why: str
    wait_s: float = 0.0
    """Not before that may it be tried again."""


class SignIn:
    """Thread-safe. Checking a password takes some hundredths of a second: never on the server's own loop."""

    def __init__(self, accounts: Accounts, sessions: Sessions, lockout: Lockout, audit: AuditTrail | None) -> None:
        self.accounts = accounts
        self.sessions = sessions
        self._lockout = lockout
        self._audit = audit

    def sign_in(
        self, typed: str, password: str, *, address: str, at_desk: bool, old: str | None = None
    ) -> SignedIn | SignInRefused:
        """Check a name and a password; ``old`` is the session that the browser came with, which ends.

        ``address`` is where it comes from, counted but not kept. Raises AccountError if accounts cannot be read.
        """
        name = typed.strip().lower()[:64]
        wait_s = self._lockout.begin(name, address)
        if wait_s > 0:
            return SignInRefused(f"Too many attempts. Try again in {_in_words(wait_s)}.", wait_s)
        account = self.accounts.find(name)
        fits = self.accounts.passwords.fits(password, None if account is None else account.password)
        standing = self.accounts.standing(name)
        if not fits or account is None or standing is None:
            who = UNKNOWN if account is None else account.id
            self._record(AuditKind.SIGN_IN_REFUSED, who, at_desk=at_desk)
            return SignInRefused(REFUSED)
        self._lockout.succeeded(name, address)
        self.sessions.end(old)
        self._record(AuditKind.SIGN_IN, account.id, role=account.role.value, at_desk=at_desk)
        return SignedIn(standing.person, self.sessions.begin(standing, at_desk=at_desk), standing.must_change)

    def sign_out(self, session: Session, *, everywhere: bool) -> int:
        """End this session, or all of its account; how many that were."""
        assert session.person is not None
        account = session.person.account
        ended = self.sessions.end_all(account) if everywhere else self.sessions.end_one(session)
        self._record(AuditKind.SIGN_OUT, account, everywhere=everywhere)
        return ended

    def change_password(self, session: Session, current: str, new: str, *, address: str) -> str:
        """Another password for oneself; ends all of the account's sessions and returns a new one's secret.

        Raises AccountError, saying what is wrong: also for too many wrong current passwords.
        """
        assert session.person is not None
        account = session.person.account
        wait_s = self._lockout.begin(account, address)
        if wait_s > 0:
            raise AccountError(f"Too many attempts. Try again in {_in_words(wait_s)}.")
        if not self.accounts.passwords.fits(current, self.accounts.get(account).password):
            raise AccountError("The current password is not right.")
        self._lockout.succeeded(account, address)
        if new == current:
            raise AccountError("The new password is the old one. Take another one.")
        self.reset_password(account, new, who=account, must_change=False)
        standing = self.accounts.standing(account)
        if standing is None:
            raise AccountError(REFUSED)
        return self.sessions.begin(standing, at_desk=session.at_desk)

    def reset_password(self, account: str, new: str, *, who: str, must_change: bool) -> None:
        """Another password, set by ``who``; ends the account's sessions. Raises AccountError and AuditError."""
        self.accounts.set_password(
            account, new, must_change=must_change, before=lambda: self._changing(account, "password", who)
        )
        self._lockout.forgive(account)
        self.sessions.end_all(account)

    def add(self, account: str, name: str, role: Role, password: str, *, who: str) -> Account:
        """A new account, made by ``who``, whose password its owner must change. Raises AccountError and AuditError."""
        return self.accounts.add(
            account,
            name,
            role,
            password,
            before=lambda: self._changing(account_id(account), "add", who, role=role.value),
        )

    def add_first_administrator(self, account: str, name: str, password: str, *, who: str) -> Account:
        """The first of all. Raises AccountError, above all if there was one already, and AuditError."""
        return self.accounts.add_first_administrator(
            account, name, password, before=lambda: self._changing(account_id(account), "first administrator", who)
        )

    def set_role(self, account: str, role: Role, *, who: str) -> None:
        """Another role; ends the account's sessions. Raises AccountError and AuditError."""
        self.accounts.set_role(account, role, before=lambda: self._changing(account, "role", who, role=role.value))
        self.sessions.end_all(account)

    def set_disabled(self, account: str, disabled: bool, *, who: str) -> None:
        """Close an account or open it again; ends its sessions. Raises AccountError and AuditError."""
        change = "disable" if disabled else "enable"
        self.accounts.set_disabled(account, disabled, before=lambda: self._changing(account, change, who))
        self.sessions.end_all(account)

    def _changing(self, account: str, change: str, who: str, **detail: Detail) -> None:
        """A change of an account, before it is made. Raises AuditError: then it is not made."""
        self._record(AuditKind.ACCOUNT, who, account=account, change=change, **detail)

    def _record(self, kind: AuditKind, who: str, **detail: Detail) -> None:
        if self._audit is not None:
            self._audit.record(kind, who=who, call="", **detail)


def _in_words(wait_s: float) -> str:
    """Rounded up: nobody is asked to come back too early."""
    seconds = math.ceil(wait_s)
    if seconds < 60:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
