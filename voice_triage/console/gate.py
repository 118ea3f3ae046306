"""Who may see the page: this machine's browser, opened from the desk's own link, and no other site or program in it.

Four locks, because a call is private and any web page in the CSR's browser can send requests to 127.0.0.1:

- the server listens on the loopback address only (:mod:`voice_triage.console.app`);
- ``Host`` must be the loopback name it is served under, so that a foreign name resolved to 127.0.0.1 gets nothing;
- requests started by another origin are refused, except opening the page itself (``Origin``, ``Sec-Fetch-Site``);
- everything but style sheets and scripts needs the session cookie that a one-time token was exchanged for.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voice_triage.call_log import where

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
HOST_NAMES = (LOOPBACK, "localhost")
"""Names the page may be opened under."""
OPEN_PATH = "/open"
"""Where a one-time token is exchanged for a session."""
PUBLIC = (OPEN_PATH, "/healthz")
PUBLIC_FOLDER = "/static/"
SAFE_METHODS = ("GET", "HEAD")
KEEP_TOKENS = 16
KEEP_SESSIONS = 64
"""Oldest go first; far more than the browsers of one desk."""

SECURITY_HEADERS = {
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


class Sessions:
    """One-time tokens and the sessions they were exchanged for; only their hashes are held. Thread-safe."""

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._tokens: list[bytes] = []
        self._sessions: list[bytes] = []
        for token in tokens:
            self.accept(token)

    def issue(self) -> str:
        """A new token that opens the page once."""
        token = secrets.token_urlsafe(32)
        self.accept(token)
        return token

    def accept(self, token: str) -> None:
        """Let ``token`` open the page once."""
        with self._lock:
            self._tokens = [*self._tokens, _digest(token)][-KEEP_TOKENS:]

    def admit(self, token: str) -> str | None:
        """Use up ``token``; the new session's secret, or None if the token is unknown or was used."""
        wanted = _digest(token)
        with self._lock:
            left = [known for known in self._tokens if not secrets.compare_digest(known, wanted)]
            if len(left) == len(self._tokens):
                return None
            self._tokens = left
            session = secrets.token_urlsafe(32)
            self._sessions = [*self._sessions, _digest(session)][-KEEP_SESSIONS:]
            return session

    def knows(self, session: str | None) -> bool:
        """Whether ``session`` is one of ours."""
        if not session:
            return False
        wanted = _digest(session)
        with self._lock:
            return any(secrets.compare_digest(known, wanted) for known in self._sessions)


class Gate:
    """ASGI middleware that applies the last three locks and puts :data:`SECURITY_HEADERS` on every answer."""

    def __init__(self, app: ASGIApp, sessions: Sessions, refusal: Response) -> None:
        """``refusal`` is what a person sees who opens the page without a session."""
        self._app = app
        self._sessions = sessions
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request. Anything but HTTP is not served."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._refuse(scope) or self._app
            try:
                await answer(scope, receive, _with_headers(send))
            except Exception as error:  # noqa: BLE001 - the server would log its message, which may hold words
                log.error("console: a request failed: %s", where(error))

    def _refuse(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in _own_hosts(scope):
            return PlainTextResponse("This page is only served to this machine, under its own address.", 421)
        if not _same_origin(scope, headers, f"http://{host}"):
            return PlainTextResponse("Requests from other sites are refused.", 403)
        path = scope["path"]
        if path in PUBLIC or path.startswith(PUBLIC_FOLDER):
            return None
        if not self._sessions.knows(session_of(scope)):
            return self._refusal
        return None


def cookie_name(scope: Scope) -> str:
    """The session cookie's name. A browser shares cookies between ports, so each port has its own."""
    return f"voice_triage_{_port(scope)}"


def session_of(scope: Scope) -> str | None:
    """The session that the request carries, known or not."""
    return cookie_parser(Headers(scope=scope).get("cookie", "")).get(cookie_name(scope))


def _own_hosts(scope: Scope) -> tuple[str, ...]:
    return tuple(f"{name}:{_port(scope)}" for name in HOST_NAMES)


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


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return send_with_headers


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
