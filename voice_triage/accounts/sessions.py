"""Sessions: who a browser speaks for, until when. One-time links of the desk, and sign-ins with a password.

A session is a random secret that the browser holds as a cookie; here is only its hash. It ends when it was idle too
long, when it is too old, at sign-out, and whenever its account changes in any way: another password, another role,
disabled (:class:`Standing`). All of them end with the program.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from voice_triage.accounts.roles import DESK_ACCOUNT, Person, Role
from voice_triage.accounts.uptime import uptime_s

SECRET_BYTES: Final = 32
KEEP_TOKENS: Final = 16
KEEP_DESK_SESSIONS: Final = 64
KEEP_SIGNED_IN: Final = 256
"""Oldest go first; far more than the browsers of one clinic."""
KEEP_BY_ACCOUNT: Final = 16
"""So many browsers of one person: nobody pushes out others by signing in again and again."""
OLDEST_S: Final = 12 * 3600.0
"""A sign-in lasts one shift at most, however busy [our choice; NIST SP 800-63B-4, section 2.2.3: 24 h or less]."""
IDLE_S: Final[Mapping[Role, float]] = MappingProxyType(
    {Role.CSR: OLDEST_S, Role.TECHNICIAN: OLDEST_S, Role.SUPERVISOR: 30 * 60.0, Role.ADMINISTRATOR: 30 * 60.0}
)
"""How long nothing may be asked for. The desk's page and the technicians' board stand open all day and are read, not
clicked; what a supervisor leaves open shows every call [NIST SP 800-63B-4, section 2.2.3: an hour or less]."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as it is now."""

    person: Person
    stamp: str
    """Changes with every change of the account that ends its sessions."""
    must_change: bool = False
    """Somebody else set the password: nothing is open but the page that sets one's own."""


@dataclass(slots=True, eq=False)
class Session:
    """One browser that was let in. ``person`` is None for the desk's link: it proves a place, not a person."""

    digest: bytes
    person: Person | None
    stamp: str
    at_desk: bool
    began_s: float
    seen_s: float
    form_key: bytes
    """What its forms are marked with."""
    must_change: bool = False

    def form_mark(self) -> str:
        """What a form of this session carries, so that no form made elsewhere is taken for one of its own."""
        return hmac.new(self.form_key, b"form", hashlib.sha256).hexdigest()


class Sessions:
    """Thread-safe."""

    def __init__(
        self,
        tokens: Iterable[str] = (),
        *,
        standing: Callable[[str], Standing | None] = lambda _account: None,
        now: Callable[[], float] = uptime_s,
    ) -> None:
        """``standing`` tells how an account is now; None if it is gone or disabled. It is asked at every request."""
        self._standing = standing
        self._now = now
        self._lock = threading.Lock()
        self._tokens: list[bytes] = []
        self._sessions: dict[bytes, Session] = {}
        for token in tokens:
            self.accept(token)

    # --- the desk's own link ----------------------------------------------------------------------------------------

    def issue(self) -> str:
        """A new token that opens the desk's page once."""
        token = secrets.token_urlsafe(SECRET_BYTES)
        self.accept(token)
        return token

    def accept(self, token: str) -> None:
        """Let ``token`` open the desk's page once."""
        with self._lock:
            self._tokens = [*self._tokens, digest_of(token)][-KEEP_TOKENS:]

    def admit(self, token: str) -> str | None:
        """Use up ``token``; the new desk session's secret, or None if the token is unknown or was used."""
        wanted = digest_of(token)
        with self._lock:
            left = [known for known in self._tokens if not secrets.compare_digest(known, wanted)]
            if len(left) == len(self._tokens):
                return None
            self._tokens = left
            return self._begin(None, "", at_desk=True)

    # --- sign-in with a password ------------------------------------------------------------------------------------

    def begin(self, standing: Standing, *, at_desk: bool) -> str:
        """A new session of who has just shown their password; its secret. Never one that was known before."""
        with self._lock:
            account = standing.person.account
            theirs = [each for each in self._sessions.values() if each.person and each.person.account == account]
            _make_room(self._sessions, theirs, KEEP_BY_ACCOUNT)
            secret = self._begin(standing.person, standing.stamp, at_desk=at_desk)
            self._sessions[digest_of(secret)].must_change = standing.must_change
            return secret

    def end(self, secret: str | None) -> None:
        """Sign out one browser."""
        if secret:
            with self._lock:
                self._sessions.pop(digest_of(secret), None)

    def end_one(self, session: Session) -> int:
        """Sign out one browser, by its session; how many that were."""
        with self._lock:
            return 0 if self._sessions.pop(session.digest, None) is None else 1

    def end_all(self, account: str) -> int:
        """Sign out an account everywhere; how many browsers that were."""
        with self._lock:
            theirs = [each.digest for each in self._sessions.values() if each.person and each.person.account == account]
            for digest in theirs:
                del self._sessions[digest]
        return len(theirs)

    # --- at every request -------------------------------------------------------------------------------------------

    def find(self, secret: str | None) -> Session | None:
        """The living session of ``secret``, which is in use now; None if there is none (any more)."""
        if not secret:
            return None
        with self._lock:
            session = self._sessions.get(digest_of(secret))
        if session is None or not self.lives(session):
            return None
        session.seen_s = self._now()
        return session

    def knows(self, secret: str | None) -> bool:
        """Whether ``secret`` is of a living session."""
        return self.find(secret) is not None

    def lives(self, session: Session) -> bool:
        """Whether a session has not ended; asking is not using it. Cheap: asked before every piece of a stream."""
        with self._lock:
            if session.digest not in self._sessions:
                return False
        if session.person is None:
            return True
        now = self._now()
        idle_s = IDLE_S[session.person.role]
        standing = self._standing(session.person.account)
        same = standing is not None and standing.stamp == session.stamp
        if same and now - session.began_s < OLDEST_S and now - session.seen_s < idle_s:
            return True
        with self._lock:
            self._sessions.pop(session.digest, None)
        return False

    def csr_at_desk(self) -> str:
        """Account of the CSR who signed in at the desk last and still is; else the desk's own."""
        with self._lock:
            at_desk = [each for each in self._sessions.values() if each.at_desk and each.person is not None]
        csrs = [each for each in at_desk if each.person and each.person.role is Role.CSR]
        for session in sorted(csrs, key=lambda each: each.began_s, reverse=True):
            if self.lives(session) and session.person is not None:
                return session.person.account
        return DESK_ACCOUNT

    def _begin(self, person: Person | None, stamp: str, *, at_desk: bool) -> str:
        """Under the lock. Desk links and sign-ins are bounded apart, so that neither pushes out the other."""
        secret, now = secrets.token_urlsafe(SECRET_BYTES), self._now()
        session = Session(digest_of(secret), person, stamp, at_desk, now, now, secrets.token_bytes(SECRET_BYTES))
        alike = [each for each in self._sessions.values() if (each.person is None) == (person is None)]
        _make_room(self._sessions, alike, KEEP_DESK_SESSIONS if person is None else KEEP_SIGNED_IN)
        self._sessions[session.digest] = session
        return secret


def _make_room(sessions: dict[bytes, Session], alike: list[Session], limit: int) -> None:
    """For one more of ``alike``: those that were longest not in use go."""
    for oldest in sorted(alike, key=lambda each: each.seen_s)[: max(0, len(alike) - limit + 1)]:
        del sessions[oldest.digest]


def digest_of(secret: str) -> bytes:
    """Under which a secret is known here. The secrets are random, so that a plain hash tells nothing of them."""
    return hashlib.sha256(secret.encode()).digest()
