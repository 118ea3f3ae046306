"""Who may see what: the browser at the desk that opened its own link, people who signed in, and nobody else's pages.

Locks, because a call is private and any web page in a browser here can send requests to this server:

- the plain server listens on the loopback address only, any other is served over TLS (:mod:`voice_triage.console.app`);
- ``Host`` must be a name it is served under, so that a foreign name resolved to this machine gets nothing;
- requests started by another origin are refused, except opening a page (``Origin``, ``Sec-Fetch-Site``);
- everything but style sheets and scripts must be in the table of :mod:`voice_triage.console.access`, and asked for by
  somebody whose role it names there, with a session that lives; a stream ends with its session.

The person goes on with the request as ``scope["state"]["person"]``.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voice_triage.accounts.roles import DESK, Person
from voice_triage.accounts.sessions import Session, Sessions
from voice_triage.call_log import where
from voice_triage.console.access import (
    DESK_PAGE,
    OWN_ACCOUNT_PATH,
    SIGN_IN_PATH,
    STATIC_FOLDER,
    Access,
    Asked,
    NotInTable,
    asked_for,
)

log = logging.getLogger(__name__)

LOOPBACK: Final = "127.0.0.1"
HOST_NAMES: Final = (LOOPBACK, "localhost")
"""Names the desk's own server may be opened under."""
HTTPS_PORT: Final = 443
"""Browsers leave it out of ``Host``."""
SAFE_METHODS: Final = ("GET", "HEAD")

SECURITY_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
"""On every answer. Nothing inline, nothing from elsewhere, no markup made from text (Trusted Types)."""
FORM_HEADERS: Final = {
    "content-security-policy": SECURITY_HEADERS["content-security-policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
    # With no-referrer a browser sends "Origin: null" with a form [Fetch, append a request Origin header].
    "referrer-policy": "same-origin",
}
"""Instead, on pages with a form of their own."""

NOT_YOURS: Final = "Your account may not do this."

MayOpen = Callable[[Person, str, bool], bool]
"""Whether a person may open a kept call; the last says whether they are at the desk. May read the disk."""


class SessionEndedError(Exception):
    """Ends a stream whose session has ended; never leaves the gate."""


class Gate:
    """ASGI middleware that applies the locks and puts :data:`SECURITY_HEADERS` on every answer."""

    def __init__(
        self,
        app: ASGIApp,
        sessions: Sessions,
        refusal: Response,
        *,
        may_open: MayOpen = lambda _person, _call, _at_desk: False,
        desk_signs_in: bool = True,
        beyond_names: Sequence[str] = (),
    ) -> None:
        """``refusal`` is what a person sees who opens a page without a session.

        ``desk_signs_in``: the desk's own link makes its browser the desk's CSR, without a password. ``beyond_names``
        are the names and addresses that the certificate holds: under these it is served over TLS.
        """
        self._app = app
        self._sessions = sessions
        self._refusal = refusal
        self._may_open = may_open
        self._desk_signs_in = desk_signs_in
        self._beyond_names = tuple(name.lower() for name in beyond_names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request. Anything but HTTP is not served."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            ended = False

            def tell_ended() -> None:
                nonlocal ended
                ended = True

            try:
                session, answer = await self._decide(scope)
                guarded = send if session is None else self._while_it_lives(session, send, tell_ended)
                await (answer or self._app)(scope, receive, _with_headers(guarded))
            except Exception as error:  # noqa: BLE001 - the server would log its message, which may hold words
                if not ended:
                    log.error("console: a request failed: %s", where(error))

    async def _decide(self, scope: Scope) -> tuple[Session | None, ASGIApp | None]:
        """The session it is asked with, and what answers instead of the console, if anything."""
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if host not in self._own_hosts(scope):
            return None, PlainTextResponse("This page is only served under its own address.", 421)
        if not _same_origin(scope, headers, f"{scope['scheme']}://{host}"):
            return None, PlainTextResponse("Requests from other sites are refused.", 403)
        path: str = scope["path"]
        asked = asked_for(scope["method"], path)
        at_desk = not is_beyond(scope)
        public = isinstance(asked, Asked) and asked.access.public and (at_desk or not asked.access.here)
        if public or path.startswith(STATIC_FOLDER):
            return self._marked(scope, asked)
        people = self._people(scope, at_desk=at_desk)
        if isinstance(asked, NotInTable):
            if not people:
                return None, self._refusal
            return None, PlainTextResponse("There is no such page.", 405 if asked.other_methods else 404)
        chosen = next((each for each in people if _may(each, asked.access, at_desk=at_desk)), None)
        if chosen is None:
            return None, self._refused(scope, asked, people)
        session, person = chosen
        if person is not None and "call" in asked.params:
            call = asked.params["call"]
            if not await run_in_threadpool(self._may_open, person, call, at_desk):
                return None, JSONResponse({"detail": "There is no such call, or it is not yours to open."}, 404)
        scope.setdefault("state", {}).update(person=person, session=session, asked=asked.template)
        return session, None

    def _marked(self, scope: Scope, asked: Asked | NotInTable) -> tuple[None, None]:
        """A public request goes on with nobody's name."""
        template = asked.template if isinstance(asked, Asked) else ""
        scope.setdefault("state", {}).update(person=None, session=None, asked=template)
        return None, None

    def _people(self, scope: Scope, *, at_desk: bool) -> list[tuple[Session, Person | None]]:
        """Whoever the request's cookies speak for: who signed in before the desk itself."""
        found: list[tuple[Session, Person | None]] = []
        signed_in = self._sessions.find(person_session_of(scope))
        if signed_in is not None and signed_in.person is not None and signed_in.at_desk == at_desk:
            found.append((signed_in, signed_in.person))
        link = self._sessions.find(session_of(scope)) if at_desk else None
        if link is not None and link.person is None:
            found.append((link, DESK if self._desk_signs_in else None))
        return found

    def _refused(self, scope: Scope, asked: Asked, people: list[tuple[Session, Person | None]]) -> Response:
        page = scope["method"] == "GET" and (asked.access.sign_in or asked.template == DESK_PAGE)
        if page and any(session.must_change for session, _ in people):
            return RedirectResponse(OWN_ACCOUNT_PATH, status_code=303)
        signed_in = any(session.person for session, _ in people)
        typed_by_hand = is_beyond(scope) and asked.template == DESK_PAGE  # the machine's name alone
        if page and not signed_in and (people or asked.access.sign_in or typed_by_hand):
            return RedirectResponse(SIGN_IN_PATH, status_code=303)
        if page and typed_by_hand:
            return RedirectResponse(OWN_ACCOUNT_PATH, status_code=303)
        return PlainTextResponse(NOT_YOURS, 403) if any(person for _, person in people) else self._refusal

    def _while_it_lives(self, session: Session, send: Send, tell_ended: Callable[[], None]) -> Send:
        """Sends nothing more once the session has ended, whatever is still being streamed."""
        begun, whole = False, False

        async def send_while_it_lives(message: Message) -> None:
            nonlocal begun, whole
            if begun and message["type"] == "http.response.body" and not self._sessions.lives(session):
                tell_ended()
                if not whole:  # a stream without a length ends in order; anything else is cut off
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise SessionEndedError
            if message["type"] == "http.response.start":
                whole = any(name.lower() == b"content-length" for name, _ in message["headers"])
            elif message["type"] == "http.response.body":
                begun = True
            await send(message)

        return send_while_it_lives

    def _own_hosts(self, scope: Scope) -> tuple[str, ...]:
        names = self._beyond_names if is_beyond(scope) else HOST_NAMES
        hosts = [f"[{name}]" if ":" in name else name for name in names]
        port = _port(scope)
        return (*(f"{host}:{port}" for host in hosts), *(hosts if is_beyond(scope) and port == HTTPS_PORT else ()))


def is_beyond(scope: Scope) -> bool:
    """Whether a request comes in over the server for other machines: the one with TLS, and only that."""
    return bool(scope["scheme"] == "https")


def cookie_name(scope: Scope) -> str:
    """The cookie of the desk's own session. A browser shares cookies between ports, so each port has its own."""
    return f"voice_triage_{_port(scope)}"


def person_cookie_name(scope: Scope) -> str:
    """The cookie of who signed in; over TLS one that no other host name and no plain page can set [RFC 6265bis]."""
    name = f"voice_triage_person_{_port(scope)}"
    return f"__Host-{name}" if is_beyond(scope) else name


def session_of(scope: Scope) -> str | None:
    """The desk session that the request carries, known or not."""
    return cookie_of(scope, cookie_name(scope))


def person_session_of(scope: Scope) -> str | None:
    """The signed-in session that the request carries, known or not."""
    return cookie_of(scope, person_cookie_name(scope))


def cookie_of(scope: Scope, name: str) -> str | None:
    """One cookie of the request."""
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(name)


async def as_decided(request: Request) -> None:
    """A dependency of every route: what is served is what the gate decided on, or nothing.

    Raises HTTPException if the router understood the address in another way than the table. Routers are therefore
    included without a prefix, so that a route's path is the template that the table names.
    """
    decided = request.scope.get("state", {}).get("asked")
    if decided is None or decided != getattr(request.scope.get("route"), "path", None):
        raise HTTPException(404)


def _may(candidate: tuple[Session, Person | None], access: Access, *, at_desk: bool) -> bool:
    session, person = candidate
    if session.person is None and access.link and at_desk:
        return True
    if person is None or (access.password and session.person is None) or (session.must_change and not access.own):
        return False
    return person.role in access.roles(beyond=not at_desk)


def _port(scope: Scope) -> int:
    server = scope.get("server")
    return int(server[1]) if server else 0


def _same_origin(scope: Scope, headers: Headers, own: str) -> bool:
    """Whether this very page, or a person, started the request.

    Another port of this machine is the same *site*, so that SameSite cookies alone would let it in.
    """
    origin = headers.get("origin")
    if scope["method"] not in SAFE_METHODS:
        return origin == own
    if origin is not None and origin != own:
        return False
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return True
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                if name in FORM_HEADERS and headers.get(name) == FORM_HEADERS[name]:
                    continue
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers
