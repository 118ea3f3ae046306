"""The four roles, and the person in whose name something is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What somebody is here for. Which requests that allows stands in one table: :mod:`voice_triage.console.access`."""

    CSR = "csr"
    """Takes calls at the desk; sees the desk's live calls and their own kept ones."""
    TECHNICIAN = "technician"
    """At the back of the house; sees calls that were handed off."""
    SUPERVISOR = "supervisor"
    """Replays and reviews all calls."""
    ADMINISTRATOR = "administrator"
    """Does what a supervisor does, and looks after accounts and settings."""


ROLE_WORDS: Final = MappingProxyType(
    {
        Role.CSR: "Front desk (CSR)",
        Role.TECHNICIAN: "Technician",
        Role.SUPERVISOR: "Supervisor",
        Role.ADMINISTRATOR: "Administrator",
    }
)
"""As people read them."""
REVIEWERS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
"""They may open every kept call."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking: what a session stands for."""

    account: str
    """Id of the account: what calls and the audit trail name."""
    name: str
    """What people read; never in a log message."""
    role: Role


DESK_ACCOUNT: Final = "desk"
"""The desk's own CSR, without a password. Calls that name no CSR are theirs."""
DESK: Final = Person(DESK_ACCOUNT, "Front desk", Role.CSR)
