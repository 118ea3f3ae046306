"""Which role may ask for what: the one table that decides every request. What is not in it is refused.

At the desk means: over the loopback address, from this very computer. Beyond means: from another machine, which is
possible over TLS only (docs/accounts.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from starlette.routing import compile_path

from voice_triage.accounts.roles import REVIEWERS, Role

_NOBODY: Final[frozenset[Role]] = frozenset()
_EVERYBODY: Final = frozenset(Role)
_CSR: Final = frozenset({Role.CSR})
_BACK: Final = frozenset({Role.TECHNICIAN, Role.SUPERVISOR, Role.ADMINISTRATOR})
_ADMINISTRATOR: Final = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask for one thing."""

    desk: frozenset[Role] = _NOBODY
    """Roles that may, at the desk."""
    beyond: frozenset[Role] = _NOBODY
    """Roles that may, from another machine."""
    public: bool = False
    """Anybody, without a session; tells nothing of calls."""
    here: bool = False
    """Never from another machine, not even what is public."""
    link: bool = False
    """Whoever opened the desk's own link, at the desk, whether that makes them a CSR or not."""
    password: bool = False
    """Only who signed in with a password: the desk's own CSR has none."""
    own: bool = False
    """About the person's own account: open also to who must set their own password first, and nothing else is."""
    sign_in: bool = False
    """A page: who is not signed in is led to the sign-in instead of being refused."""

    def roles(self, *, beyond: bool) -> frozenset[Role]:
        """Roles that may, from where it is asked."""
        return self.beyond if beyond else self.desk


DESK_ONLY: Final = Access(desk=_CSR)
"""The live console: never from another machine."""
CALL: Final = Access(desk=_EVERYBODY, beyond=_EVERYBODY)
"""A kept call; besides the role, each ``{call}`` must be one that the person may open (``accounts/reach.py``)."""
BOARD: Final = Access(desk=_EVERYBODY, beyond=_BACK)
PUBLIC: Final = Access(public=True)
OWN_ACCOUNT: Final = Access(desk=_EVERYBODY, beyond=_EVERYBODY, password=True, own=True, sign_in=True)
HOLD: Final = Access(desk=REVIEWERS, beyond=REVIEWERS, password=True)
"""A legal hold decides what may be deleted: a supervisor's, in their own name."""
ACCOUNTS: Final = Access(desk=_ADMINISTRATOR, beyond=_ADMINISTRATOR, password=True, sign_in=True)

REVIEW: Final = Access(desk=REVIEWERS, beyond=REVIEWERS, password=True)
REVIEW_PAGE: Final = Access(desk=REVIEWERS, beyond=REVIEWERS, password=True, sign_in=True)
TEACHING: Final = Access(desk=_EVERYBODY, beyond=_EVERYBODY)
"""Only calls that a supervisor put into the library, of which the routes see to it (``{lesson}``, not ``{call}``)."""
TEACHING_PAGE: Final = Access(desk=_EVERYBODY, beyond=_EVERYBODY, sign_in=True)

DESK_PAGE: Final = "/"
OPEN_PATH: Final = "/open"
"""Where a one-time token is exchanged for the desk's session."""
SIGN_IN_PATH: Final = "/sign-in"
OWN_ACCOUNT_PATH: Final = "/account"
STATIC_FOLDER: Final = "/static/"
"""Style sheets and scripts: public."""

ROUTES: Final[Mapping[tuple[str, str], Access]] = MappingProxyType(
    {
        # the live console
        ("GET", DESK_PAGE): DESK_ONLY,
        ("GET", "/api/events"): DESK_ONLY,
        ("GET", "/api/call"): DESK_ONLY,
        ("POST", "/api/walk-in"): DESK_ONLY,
        ("POST", "/api/desk/{name}"): DESK_ONLY,
        ("GET", "/api/clinic"): DESK_ONLY,
        ("POST", "/api/calls/{call}/actions"): DESK_ONLY,
        # kept calls
        ("GET", "/api/calls/{call}/card"): CALL,
        ("GET", "/api/calls/{call}/hand-off"): CALL,
        ("GET", "/api/calls/{call}/{side}.wav"): CALL,
        ("HEAD", "/api/calls/{call}/{side}.wav"): CALL,
        ("GET", "/api/calls/{call}/hold"): HOLD,
        ("PUT", "/api/calls/{call}/hold"): HOLD,
        # the supervisor
        ("GET", "/review"): REVIEW_PAGE,
        ("GET", "/review/calls/{call}"): REVIEW_PAGE,
        ("GET", "/api/review/desk"): TEACHING,
        ("GET", "/api/review/calls"): REVIEW,
        ("GET", "/api/review/calls/{call}"): REVIEW,
        ("POST", "/api/review/calls/{call}"): REVIEW,
        ("GET", "/api/review/calls/{call}/moment"): REVIEW,
        ("GET", "/api/review/calls/{call}/{side}.peaks"): REVIEW,
        ("GET", "/api/review/calls/{call}/export"): REVIEW,
        ("GET", "/api/review/calls/{call}/clip"): REVIEW,
        # teaching
        ("GET", "/teaching"): TEACHING_PAGE,
        ("GET", "/teaching/{lesson}"): TEACHING_PAGE,
        ("GET", "/api/teaching/{lesson}"): TEACHING,
        ("POST", "/api/teaching/{lesson}"): TEACHING,
        ("GET", "/api/teaching/{lesson}/{side}.wav"): TEACHING,
        ("HEAD", "/api/teaching/{lesson}/{side}.wav"): TEACHING,
        # the back of the house
        ("GET", "/back"): Access(desk=_EVERYBODY, beyond=_BACK, sign_in=True),
        ("GET", "/api/back"): BOARD,
        ("GET", "/api/back/events"): BOARD,
        # numbers and lexicons
        ("GET", "/review/numbers"): REVIEW_PAGE,
        ("GET", "/review/numbers.csv"): REVIEW,
        ("GET", "/review/lexicon"): REVIEW_PAGE,
        ("GET", "/api/review/lexicon"): REVIEW,
        ("POST", "/api/review/lexicon/try"): REVIEW,
        ("POST", "/api/review/lexicon/stop"): REVIEW,
        ("POST", "/api/review/lexicon/use"): REVIEW,
        ("POST", "/api/review/lexicon/rollback"): REVIEW,
        # accounts (console/accounts.py)
        ("GET", "/account"): OWN_ACCOUNT,
        ("POST", "/account/password"): OWN_ACCOUNT,
        ("POST", "/sign-out"): OWN_ACCOUNT,
        ("GET", "/first-administrator"): Access(link=True),
        ("POST", "/first-administrator"): Access(link=True),
        ("GET", "/accounts"): ACCOUNTS,
        ("POST", "/accounts"): ACCOUNTS,
        ("POST", "/accounts/{account}/role"): ACCOUNTS,
        ("POST", "/accounts/{account}/password"): ACCOUNTS,
        ("POST", "/accounts/{account}/disabled"): ACCOUNTS,
        # anybody
        ("GET", SIGN_IN_PATH): PUBLIC,
        ("POST", SIGN_IN_PATH): PUBLIC,
        ("GET", OPEN_PATH): Access(public=True, here=True),
        ("GET", "/healthz"): PUBLIC,
    }
)
"""(method, path template) to who may ask for it, with the templates of the routes themselves."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the table understands it."""

    template: str
    access: Access
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotInTable:
    """A request that the table does not have."""

    other_methods: bool
    """The path is there, but not with this method."""


_PATTERNS: Final = MappingProxyType({path: compile_path(path)[0] for path in dict.fromkeys(path for _, path in ROUTES)})
_PLAIN: Final = re.compile(r"/|(?:/[^/\x00-\x1f\x7f\\]+)+")
"""No empty segments, no control characters, no backslash. Dots are looked at by segment."""


def asked_for(method: str, path: str) -> Asked | NotInTable:
    """What a request asks for; ``path`` is decoded. Path tricks (``//``, ``..``) are nothing in the table."""
    if not _PLAIN.fullmatch(path) or any(segment in (".", "..") for segment in path.split("/")):
        return NotInTable(other_methods=False)
    other = False
    for template, pattern in _PATTERNS.items():
        match = pattern.fullmatch(path)
        if match is None:
            continue
        access = ROUTES.get((method, template))
        if access is not None:
            return Asked(template, access, match.groupdict())
        other = True
    return NotInTable(other)
