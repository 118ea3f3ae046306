"""Every route of the console is in the one table, and the table holds no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount

from tests.call_fakes import MemoryStore
from tests.console.kept_sound import open_tone
from voice_triage.accounts.account_file import Accounts
from voice_triage.accounts.lockout import Lockout
from voice_triage.accounts.passwords import Passwords
from voice_triage.accounts.sessions import Sessions
from voice_triage.accounts.sign_in import SignIn
from voice_triage.audit_trail import RefusingTrail
from voice_triage.call_log import CallLog
from voice_triage.console.access import ROUTES, Asked, NotInTable, asked_for
from voice_triage.console.app import create_app
from voice_triage.console.entrance import Entrance
from voice_triage.console.feed import Feed
from voice_triage.console.lexicon_pages import lexicon_routes
from voice_triage.console.numbers import numbers_routes
from voice_triage.console.pages import Render, Routes
from voice_triage.desk_cards import DeskCards
from voice_triage.kept_kinds import Hold
from voice_triage.lexicon_desk import LexiconDesk
from voice_triage.reviews import Reviews
from voice_triage.settings import load_settings


class NoHolds:
    """Kept calls of which none is held."""

    def held(self, call: str) -> Hold | None:
        """None."""
        del call
        return None

    def hold(self, call: str, hold: Hold) -> None:
        """Forgets it."""


def whole_console() -> list[BaseRoute]:
    """The routes of a console with all its parts."""
    store: Any = MemoryStore()
    cards = DeskCards(store, CallLog.resumed)
    sessions = Sessions()
    sign_in = SignIn(Accounts(Path("nowhere"), Passwords()), sessions, Lockout(), None)
    entrance = Entrance(sessions, sign_in)
    trail = RefusingTrail("a test")
    lexicons = LexiconDesk(load_settings({"VOICE_TRIAGE_CONFIG": ""}))

    def pages(render: Render) -> Routes:
        return numbers_routes(list, render), lexicon_routes(lexicons, render)

    parts = {"cards": cards, "open_sound": open_tone, "entrance": entrance, "audit": trail, "holds": NoHolds()}
    return create_app(Feed(), token="t", reviews=Reviews(store, cards), pages=pages, **parts).routes  # type: ignore[arg-type]


def served(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """(method, path template) of every route, also of those in routers."""
    for route in routes:
        router = getattr(route, "original_router", None)
        if router is not None:
            yield from served(router.routes)
        elif isinstance(route, Mount):
            assert route.path == "/static"
        else:
            path, methods = getattr(route, "path", None), getattr(route, "methods", None)
            assert path, route
            assert methods, route
            yield from ((method, path) for method in methods)


def test_every_route_is_in_the_table_and_the_other_way_round() -> None:
    """A route that somebody adds without saying who may ask for it fails here, and is refused when it runs."""
    assert set(served(whole_console())) == set(ROUTES)


def test_everything_but_a_few_pages_that_tell_nothing_needs_somebody() -> None:
    """What anybody may ask for is listed here by name."""
    anybody = {path for (_, path), access in ROUTES.items() if access.public}
    assert anybody == {"/open", "/healthz", "/sign-in"}
    for asked, access in ROUTES.items():
        assert access.public or access.desk or access.link, asked


@pytest.mark.parametrize(
    "path",
    [
        *("//api/call", "/api//call", "/api/call/", "/./api/call", "/api/x/../call", "/api/calls/../card"),
        *("/api\\call", "/api/call\n", "/api/call\x00", "api/call", "", "/API/call", "/api/calls/a/b/card"),
    ],
)
def test_no_trick_with_a_path_finds_a_route(path: str) -> None:
    """Only the plain path is in the table."""
    assert asked_for("GET", path) == NotInTable(other_methods=False)


def test_a_method_that_a_route_does_not_have_is_not_in_the_table() -> None:
    """HEAD and OPTIONS too; a kept call's sound alone has HEAD."""
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "get", "POST"):
        assert asked_for(method, "/api/call") == NotInTable(other_methods=True), method
    assert isinstance(asked_for("GET", "/api/call"), Asked)
