"""An account, and the rules of its names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from voice_triage.accounts.roles import DESK_ACCOUNT, Person, Role
from voice_triage.errors import AccountError

RESERVED: Final = frozenset({DESK_ACCOUNT, "product", "unknown", "nobody", "command-line"})
"""What the audit trail and calls say where nobody signed in."""
LONGEST_NAME: Final = 60
_ID: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class Account:
    """One person who can sign in. Never deleted, only disabled: calls and the audit trail go on naming it."""

    id: str
    """What is typed at sign-in, small letters; what calls and the audit trail say."""
    name: str
    role: Role
    password: str
    """argon2id, in its own notation."""
    stamp: str
    """A new random one at every change that ends the account's sessions."""
    made_at: str
    changed_at: str
    """ISO 8601, UTC."""
    disabled: bool = False
    must_change: bool = False
    """Somebody else set the password: it only serves to set one's own."""

    def person(self) -> Person:
        """Who it stands for."""
        return Person(self.id, self.name, self.role)


def account_id(typed: str) -> str:
    """The id that was typed, in small letters. Raises AccountError if it can be none."""
    found = typed.strip().lower()
    if not _ID.fullmatch(found):
        raise AccountError(
            "A sign-in name has 2 to 32 characters: letters, digits, dots, hyphens; it begins with a letter."
        )
    if found in RESERVED:
        raise AccountError(f"The sign-in name {found} is used by the product itself. Take another one.")
    return found


def display_name(typed: str) -> str:
    """A person's name as it was typed, on one line. Raises AccountError if there is none."""
    found = " ".join(typed.split())
    if not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise AccountError(f"A name has 1 to {LONGEST_NAME} characters.")
    return found
