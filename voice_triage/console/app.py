"""The console: the CSR's page, served to this machine's browser only."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.types import Scope

from voice_triage import __version__, resources
from voice_triage.accounts.sessions import Sessions
from voice_triage.audit_trail import AuditTrail
from voice_triage.console.access import DESK_PAGE, OPEN_PATH, SIGN_IN_PATH
from voice_triage.console.accounts import account_routes
from voice_triage.console.actions import Cards, action_routes
from voice_triage.console.beyond import BeyondServer
from voice_triage.console.board import Board
from voice_triage.console.entrance import Entrance
from voice_triage.console.feed import Feed
from voice_triage.console.gate import LOOPBACK, Gate, as_decided, cookie_name, session_of
from voice_triage.console.holds import Holds, hold_routes
from voice_triage.console.lessons import LessonDesk, lesson_routes
from voice_triage.console.pages import Pages
from voice_triage.console.review import Peaks, ReviewDesk, review_routes
from voice_triage.console.serving import Served, listen
from voice_triage.console.sound import OpenSound, Sound, sound_routes
from voice_triage.console.wording import PAGE_WORDS
from voice_triage.desk_state import DeskCommand
from voice_triage.errors import ConsoleError, VoiceTriageError
from voice_triage.events import Side

RETRY_MS = 1000
"""How long a page waits before it connects again."""

Command = Callable[[DeskCommand], None]
ClinicData = Callable[[], Mapping[str, Any]]


class _KeptSound(Peaks, Sound, Protocol):
    """A side's sound as replay and lessons need it."""


class SupervisorDesk(ReviewDesk, LessonDesk, Protocol):
    """What replay and lessons rest on: :class:`voice_triage.reviews.Reviews`."""

    def sound(self, call: str, side: Side) -> _KeptSound:
        """A side's sound. Raises StoreError."""


class _Static(StaticFiles):
    """Style sheets and scripts. Under the folder named by what is in them they are asked for once; else each time."""

    def __init__(self, directory: Path, assets: str) -> None:
        super().__init__(directory=directory)
        self.assets = assets

    async def get_response(self, path: str, scope: Scope) -> Response:
        folder, _, inside = path.partition(os.sep)
        unchanging = folder == self.assets
        response = await super().get_response(inside if unchanging else path, scope)
        response.headers["cache-control"] = "max-age=31536000, immutable" if unchanging else "no-cache"
        return response


def create_app(  # noqa: PLR0913 - the parts of the console, each given once
    feed: Feed,
    *,
    token: str,
    command: Command | None = None,
    open_sound: OpenSound | None = None,
    clinic: ClinicData | None = None,
    cards: Cards | None = None,
    board: Board | None = None,
    walk_in: Callable[[], str] | None = None,
    entrance: Entrance | None = None,
    audit: AuditTrail | None = None,
    holds: Holds | None = None,
    reviews: SupervisorDesk | None = None,
    pages: Pages | None = None,
) -> FastAPI:
    """The console as an ASGI application; ``token`` opens it once, at ``/open?token=``.

    ``command`` does what the CSR asks of the desk, or raises a VoiceTriageError that says why not; without it there are
    no commands. ``open_sound`` opens a kept call's sound; without it none can be heard. ``clinic`` gives the clinic's
    profile and the fixed lines in force, fit for JSON; without it there is no answer (204). ``cards`` are the desk's;
    without them nothing can be done about a call. ``board`` is what the back of the house is shown. ``walk_in`` begins
    a card without a call and returns its id, or raises a DeskError. ``entrance`` lets people in; without
    it the desk's own link is the only way, and nobody may open a kept call. ``audit`` records who does what;
    with it, legal holds are placed and lifted in ``holds``. ``reviews`` is what replay and lessons rest on,
    ``pages`` are further ones (:mod:`voice_triage.console.pages`). Who may ask for what:
    :mod:`voice_triage.console.access`.

    ======================  ========================================================================================
    ``GET /open?token=``    exchanges a one-time token for the session cookie and goes on to the page
    ``GET /``               the page
    ``GET /api/events``     its server-sent events (:mod:`voice_triage.console.feed`); resumes from the header
                            ``Last-Event-ID``, or from ``?after=`` where a script cannot set it
    ``GET /api/call``       the current call's log and the desk (:meth:`Feed.snapshot`)
    ``/api/calls/...``      a call's card, what the CSR does about it, its hand-off
                            (:mod:`voice_triage.console.actions`), its sound (:mod:`voice_triage.console.sound`)
    ``/review...``          the supervisor's queue and replay (:mod:`voice_triage.console.review`)
    ``/teaching...``        calls to learn from (:mod:`voice_triage.console.lessons`)
    ``/review/numbers``     numbers over time (:mod:`voice_triage.console.numbers`), ``/review/lexicon`` a changed
                            lexicon tried (:mod:`voice_triage.console.lexicon_pages`)
    ``GET /back``           the page for the back of the house
    ``GET /api/back``       what was handed off in the last day; ``/api/back/events`` the same, live
                            (:mod:`voice_triage.console.board`)
    ``POST /api/walk-in``   begins a card without a call: 201 ``{"call": id}``, 409 with ``{"detail"}`` while a card is
                            open; the desk command ``end-walk-in`` ends it
    ``POST /api/desk/NAME`` asks the desk for the :class:`~voice_triage.desk_state.DeskCommand` of that name: 204 if it
                            is done, 409 with ``{"detail"}`` if it cannot be done now, 404 if there is no such command
    ``GET /api/clinic``     the clinic's profile and the fixed lines in force
                            (:meth:`voice_triage.guidance.clinic_in_force.ClinicInForce.current`)
    ``GET /healthz``        ``{"status": "ok", "version"}``; needs no session, tells nothing else
    ======================  ========================================================================================

    ``app.state.sessions`` is its :class:`~voice_triage.accounts.sessions.Sessions`: later links are issued there.
    """
    app = FastAPI(
        title="voice_triage console",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(as_decided)],
    )
    templates = Jinja2Templates(directory=resources.templates_dir())
    entrance = entrance or Entrance()
    sessions = entrance.sessions
    sessions.accept(token)
    assets = _digest_of([*_files(resources.static_dir()), *_files(resources.templates_dir())])
    common = {"version": __version__, "assets": assets, "static": f"/static/{assets}"}
    scripts = [path.name for path in sorted(resources.static_dir().glob("*.js")) if path.name != "back.js"]
    refusal = HTMLResponse(templates.get_template("closed.html").render(common), status_code=403)
    handed_off = board or Board()
    app.state.sessions = sessions
    app.state.board = handed_off
    app.mount("/static", _Static(resources.static_dir(), assets), name="static")
    app.add_middleware(
        Gate,
        sessions=sessions,
        refusal=refusal,
        may_open=entrance.may_open,
        desk_signs_in=entrance.desk_signs_in,
        beyond_names=entrance.beyond_names,
    )

    @app.get(OPEN_PATH)
    async def open_page(request: Request, token: str = "") -> Response:
        session = sessions.admit(token)
        if session is None and not sessions.knows(session_of(request.scope)):
            return refusal
        response = RedirectResponse(DESK_PAGE if entrance.desk_signs_in else SIGN_IN_PATH, status_code=303)
        if session is not None:
            response.set_cookie(cookie_name(request.scope), session, httponly=True, samesite="strict", path="/")
        return response

    @app.get("/")
    async def page(request: Request) -> Response:
        own = {"words": dict(PAGE_WORDS), "scripts": scripts}
        return templates.TemplateResponse(request, "console.html", {**common, **own})

    @app.get("/api/events", response_class=EventSourceResponse)
    async def events(
        after: str | None = None, last_event_id: Annotated[str | None, Header()] = None
    ) -> AsyncIterable[ServerSentEvent]:
        yield ServerSentEvent(event="server", data={"assets": assets}, retry=RETRY_MS)
        async for message in feed.follow(last_event_id or after):
            yield ServerSentEvent(event=message.event, raw_data=message.data, id=message.id)

    @app.get("/api/call")
    async def call() -> Response:
        return Response(json.dumps(feed.snapshot()), media_type="application/json")

    @app.get("/back")
    async def back(request: Request) -> Response:
        session, person = (request.scope["state"][name] for name in ("session", "person"))
        told = {"words": dict(PAGE_WORDS), "signed_in": person.name if session.person else ""}
        return templates.TemplateResponse(request, "back.html", {**common, **told})

    @app.get("/api/back")
    async def back_now() -> Response:
        return JSONResponse(handed_off.snapshot())

    @app.get("/api/back/events", response_class=EventSourceResponse)
    async def back_events() -> AsyncIterable[ServerSentEvent]:
        yield ServerSentEvent(event="server", data={"assets": assets}, retry=RETRY_MS)
        async for message in handed_off.follow():
            yield ServerSentEvent(event=message.event, raw_data=message.data)

    @app.post("/api/walk-in")
    def begin_walk_in() -> Response:  # not async: the card's beginning is written to the disk
        if walk_in is None:
            return JSONResponse({"detail": "This desk has no walk-ins."}, status_code=404)
        try:
            return JSONResponse({"call": walk_in()}, status_code=201)
        except VoiceTriageError as error:
            return JSONResponse({"detail": str(error)}, status_code=409)

    @app.post("/api/desk/{name}")
    def ask_desk(name: str) -> Response:  # not async: the desk may wait for the store, and gets a thread for it
        if command is None or name not in {each.value for each in DeskCommand}:
            return JSONResponse({"detail": "There is no such command."}, status_code=404)
        try:
            command(DeskCommand(name))
        except VoiceTriageError as error:
            return JSONResponse({"detail": str(error)}, status_code=409)
        return Response(status_code=204)

    for routes in (*_of_calls(cards, open_sound, holds, audit), *_further(entrance, pages, templates, common)):
        app.include_router(routes)

    if reviews is not None:
        app.include_router(review_routes(reviews, templates, common, lambda: feed.on_call))
        app.include_router(lesson_routes(reviews, templates, common, audit))

    @app.get("/api/clinic")
    def clinic_data() -> Response:  # not async: it looks whether files have changed
        if clinic is None:
            return Response(status_code=204)
        return JSONResponse(dict(clinic()))

    @app.get("/healthz")
    async def health() -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    return app


def _of_calls(
    cards: Cards | None, open_sound: OpenSound | None, holds: Holds | None, audit: AuditTrail | None
) -> Iterator[APIRouter]:
    """What can be asked for of single calls."""
    if cards is not None:
        yield action_routes(cards, audit)
    if open_sound is not None:
        yield sound_routes(open_sound, audit)
    if holds is not None and audit is not None:
        yield hold_routes(holds, audit)


def _further(
    entrance: Entrance, pages: Pages | None, templates: Jinja2Templates, common: Mapping[str, Any]
) -> Iterable[APIRouter]:
    """Routes of the pages besides the live console: accounts, and those that were given."""

    def render(request: Request, template: str, own: dict[str, Any]) -> Response:
        return templates.TemplateResponse(request, template, {**common, **own})

    if entrance.sign_in is not None:
        yield account_routes(entrance, templates, common)
    if pages is not None:
        yield from pages(render)


class ConsoleServer:
    """The console on a thread of its own, on 127.0.0.1; can be started again after it was stopped."""

    def __init__(  # noqa: PLR0913 - as create_app
        self,
        feed: Feed,
        *,
        port: int = 0,
        command: Command | None = None,
        open_sound: OpenSound | None = None,
        clinic: ClinicData | None = None,
        cards: Cards | None = None,
        board: Board | None = None,
        walk_in: Callable[[], str] | None = None,
        entrance: Entrance | None = None,
        audit: AuditTrail | None = None,
        holds: Holds | None = None,
        reviews: SupervisorDesk | None = None,
        pages: Pages | None = None,
    ) -> None:
        """``port`` 0 takes any free one; the others as in :func:`create_app`."""
        self._feed = feed
        self._wanted_port = port
        self.app = create_app(
            feed,
            token=secrets.token_urlsafe(32),
            command=command,
            open_sound=open_sound,
            clinic=clinic,
            cards=cards,
            board=board,
            walk_in=walk_in,
            entrance=entrance,
            audit=audit,
            holds=holds,
            reviews=reviews,
            pages=pages,
        )
        self._board: Board = self.app.state.board
        self._sessions: Sessions = self.app.state.sessions
        self._served: Served | None = None
        self._beyond: BeyondServer | None = None
        self.port = port
        """The port served on; known after :meth:`start`."""

    def start(self) -> str:
        """Serve; returns the address to open in a browser, which works once (see :meth:`new_url`).

        Raises ConsoleError if the port is taken or the server does not come up.
        """
        if self._served is not None:
            raise ConsoleError("The console is already running.")
        self._served = Served(self.app, listen(LOOPBACK, self._wanted_port))
        self.port = self._served.port
        return self.new_url()

    def serve_beyond(self, beyond: BeyondServer) -> None:
        """Serve other machines as well, from now until :meth:`stop`. Raises ConsoleError; the desk goes on then."""
        beyond.start(self.app)
        self._beyond = beyond

    def new_url(self) -> str:
        """An address that opens the console once: for a browser that has no session yet, or was closed."""
        return f"http://{LOOPBACK}:{self.port}{OPEN_PATH}?token={self._sessions.issue()}"

    def stop(self) -> None:
        """End every page's stream and the server, within two seconds. Idempotent."""
        served = [each for each in (self._served, self._beyond) if each is not None]
        for each in served:
            each.end()
        self._feed.end_pages()
        self._board.end_pages()
        for each in served:
            each.stop()
        self._served = self._beyond = None

    def __enter__(self) -> ConsoleServer:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest_of(files: list[Path]) -> str:
    """Changes with any of ``files``: an open page that is older than the server reloads itself."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
