"""In whose name something is asked for, as the audit trail names it."""

from __future__ import annotations

from starlette.requests import Request

from voice_triage.accounts.roles import Person
from voice_triage.audit_trail import AT_THE_DESK


def asker(request: Request) -> str:
    """The account that the gate found for a request; the desk's own where there is none."""
    person: Person | None = getattr(request.state, "person", None)
    return AT_THE_DESK if person is None else person.account
