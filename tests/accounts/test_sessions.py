"""Sessions: when they end, and that nothing brings one back."""

from __future__ import annotations

import pytest

from tests.console.clinic_people import Clock
from voice_triage.accounts.roles import DESK_ACCOUNT, Person, Role
from voice_triage.accounts.sessions import (
    IDLE_S,
    KEEP_BY_ACCOUNT,
    KEEP_DESK_SESSIONS,
    KEEP_SIGNED_IN,
    OLDEST_S,
    Session,
    Sessions,
    Standing,
)


class People:
    """Accounts as they are now, changed by hand."""

    def __init__(self) -> None:
        self.standing: dict[str, Standing] = {}
        self.clock = Clock()
        self.sessions = Sessions(standing=self.standing.get, now=self.clock)

    def sign_in(self, name: str, role: Role, *, at_desk: bool = False) -> str:
        """A new session's secret."""
        standing = self.standing.setdefault(name, Standing(Person(name, name.title(), role), "first"))
        return self.sessions.begin(standing, at_desk=at_desk)


@pytest.mark.parametrize("role", Role)
def test_a_session_ends_when_it_was_idle_too_long_or_is_too_old(role: Role) -> None:
    """In use it lives for a shift; a moment later it is gone for good, also if the clock went back."""
    people = People()
    idle = people.sign_in("a", role)
    people.clock.now_s += IDLE_S[role] - 1
    assert people.sessions.knows(idle)
    people.clock.now_s += IDLE_S[role]
    assert not people.sessions.knows(idle)
    people.clock.now_s -= IDLE_S[role]
    assert not people.sessions.knows(idle)
    busy = people.sign_in("a", role)
    began_s = people.clock.now_s
    while people.clock.now_s - began_s + 600 < OLDEST_S:
        people.clock.now_s += 600
        assert people.sessions.knows(busy)
    people.clock.now_s += 600
    assert not people.sessions.knows(busy)


def test_looking_whether_a_stream_may_go_on_is_not_using_the_session() -> None:
    """A page that is left open does not keep its session alive."""
    people = People()
    session = people.sessions.find(people.sign_in("sue", Role.SUPERVISOR))
    assert isinstance(session, Session)
    for _ in range(29):
        people.clock.now_s += 60
        assert people.sessions.lives(session)
    people.clock.now_s += 61
    assert not people.sessions.lives(session)


@pytest.mark.parametrize("change", ["stamp", "gone"])
def test_every_change_of_the_account_ends_its_sessions(change: str) -> None:
    """Another password, another role, closed: by whatever program it was done."""
    people = People()
    here, other = people.sign_in("sue", Role.SUPERVISOR), people.sign_in("ada", Role.ADMINISTRATOR)
    if change == "stamp":
        people.standing["sue"] = Standing(people.standing["sue"].person, "second")
    else:
        del people.standing["sue"]
    assert not people.sessions.knows(here)
    assert people.sessions.knows(other)
    people.standing["sue"] = Standing(Person("sue", "Sue", Role.SUPERVISOR), "first")
    assert not people.sessions.knows(here), "it does not come back with the account"


def test_signing_out_everywhere_ends_all_of_one_account() -> None:
    """And none of another, nor the desk's own."""
    people = People()
    mine = [people.sign_in("sue", Role.SUPERVISOR) for _ in range(3)]
    other = people.sign_in("ada", Role.ADMINISTRATOR)
    desk = people.sessions.admit(people.sessions.issue())
    assert people.sessions.end_all("sue") == 3
    assert [people.sessions.knows(each) for each in (*mine, other, desk)] == [False, False, False, True, True]


def test_secrets_are_never_the_same_and_not_held() -> None:
    """What a browser holds is nowhere here in plain."""
    people = People()
    secrets = [people.sign_in("sue", Role.SUPERVISOR) for _ in range(50)]
    assert len(set(secrets)) == 50
    held = repr([(each.digest, each.person, each.stamp) for each in people.sessions._sessions.values()])
    assert not any(secret in held for secret in secrets)
    for strange in ("", "x", secrets[0][:-1], secrets[0] + " ", None):
        assert not people.sessions.knows(strange)


def test_neither_links_nor_sign_ins_push_out_the_other() -> None:
    """Both are bounded."""
    people = People()
    desk = people.sessions.admit(people.sessions.issue())
    sue = people.sign_in("sue", Role.SUPERVISOR)
    for _ in range(KEEP_SIGNED_IN + 5):
        people.sign_in("ada", Role.ADMINISTRATOR)
    assert people.sessions.knows(desk)
    assert people.sessions.knows(sue), "nobody pushes out others by signing in again and again"
    assert people.sessions.end_all("ada") == KEEP_BY_ACCOUNT
    for number in range(KEEP_SIGNED_IN + 5):
        people.sign_in(f"csr-{number}", Role.CSR)
    assert people.sessions.knows(desk)
    for _ in range(KEEP_DESK_SESSIONS + 5):
        people.sessions.admit(people.sessions.issue())
    assert len(people.sessions._sessions) == KEEP_SIGNED_IN + KEEP_DESK_SESSIONS


def test_a_call_is_the_csrs_who_signed_in_at_the_desk_last_and_still_is() -> None:
    """Nobody's sign-in elsewhere, and no supervisor's, makes calls theirs."""
    people = People()
    assert people.sessions.csr_at_desk() == DESK_ACCOUNT
    people.sign_in("tess", Role.TECHNICIAN, at_desk=True)
    people.sign_in("sue", Role.SUPERVISOR, at_desk=True)
    people.sign_in("carl", Role.CSR)
    assert people.sessions.csr_at_desk() == DESK_ACCOUNT
    amy = people.sign_in("amy", Role.CSR, at_desk=True)
    people.clock.now_s += 1
    people.sign_in("ben", Role.CSR, at_desk=True)
    assert people.sessions.csr_at_desk() == "ben"
    people.sessions.end_all("ben")
    assert people.sessions.csr_at_desk() == "amy"
    people.sessions.end(amy)
    assert people.sessions.csr_at_desk() == DESK_ACCOUNT
