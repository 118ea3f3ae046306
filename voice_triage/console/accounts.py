"""The pages of people and accounts: signing in and out, the first administrator, one's own password, all accounts.

Plain forms without a script. Each carries a mark that no other page can know, beside the checks of the gate, and is
answered by going on to a page, or by itself with what is wrong.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from asyncio import get_running_loop
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from voice_triage.accounts.passwords import FEWEST_CHARACTERS
from voice_triage.accounts.roles import DESK_ACCOUNT, REVIEWERS, ROLE_WORDS, Person, Role
from voice_triage.accounts.sessions import Session
from voice_triage.accounts.sign_in import SignedIn, SignIn
from voice_triage.console.access import DESK_PAGE, OWN_ACCOUNT_PATH, ROUTES, SIGN_IN_PATH
from voice_triage.console.entrance import Entrance
from voice_triage.console.gate import (
    FORM_HEADERS,
    cookie_of,
    is_beyond,
    person_cookie_name,
    person_session_of,
    session_of,
)
from voice_triage.errors import AccountError, StoreError

MOST_BYTES: Final = 8192
"""Of a form."""
CHECKED_AT_ONCE: Final = 2
"""Passwords; the rest waits without holding one of the threads that the desk's own requests need."""
REVIEW_PATH: Final = "/review"
MADE_ELSEWHERE: Final = "This form was too old or not made by this page. Try again."
DONE: Final[Mapping[str, str]] = {
    "added": "The account is there. Tell its owner the password; it has to be changed at the first sign-in.",
    "role": "The role is changed. The person has to sign in again.",
    "password": "The password is set. Tell the person; it has to be changed at the next sign-in.",
    "disabled": "The account is closed, and signed out everywhere.",
    "enabled": "The account is open again.",
    "own-password": "Your password is changed. You are signed out everywhere else.",
    "signed-out": "You are signed out.",
}
"""What a page says after something was done, by the word in its address."""


def account_routes(entrance: Entrance, templates: Jinja2Templates, common: Mapping[str, Any]) -> APIRouter:
    """The routes of ``accounts`` in :mod:`voice_triage.console.access`. ``entrance`` has somebody to sign in."""
    assert entrance.sign_in is not None
    pages = _Pages(entrance, entrance.sign_in, templates, common)
    router = APIRouter()
    for method, path, endpoint in (
        ("GET", SIGN_IN_PATH, pages.sign_in),
        ("POST", SIGN_IN_PATH, pages.signing_in),
        ("POST", "/sign-out", pages.signing_out),
        ("GET", "/first-administrator", pages.first_administrator),
        ("POST", "/first-administrator", pages.making_first_administrator),
        ("GET", OWN_ACCOUNT_PATH, pages.own_account),
        ("POST", "/account/password", pages.changing_own_password),
        ("GET", "/accounts", pages.accounts),
        ("POST", "/accounts", pages.adding),
        ("POST", "/accounts/{account}/role", pages.changing_role),
        ("POST", "/accounts/{account}/password", pages.resetting),
        ("POST", "/accounts/{account}/disabled", pages.disabling),
    ):
        router.add_api_route(path, endpoint, methods=[method], response_class=HTMLResponse)
    return router


class _Pages:
    def __init__(
        self, entrance: Entrance, sign_in: SignIn, templates: Jinja2Templates, common: Mapping[str, Any]
    ) -> None:
        self._entrance = entrance
        self._sign_in = sign_in
        self._templates = templates
        self._common = common
        self._form_key = secrets.token_bytes(32)
        self._threads = ThreadPoolExecutor(CHECKED_AT_ONCE, thread_name_prefix="accounts")

    # --- signing in and out -----------------------------------------------------------------------------------------

    async def sign_in(self, request: Request) -> Response:
        if self._needs_first_administrator(request):
            return RedirectResponse("/first-administrator", status_code=303)
        return self._sign_in_page(request)

    async def signing_in(self, request: Request) -> Response:
        form = await _form(request)
        if form is None or not self._is_marked_before(request, form):
            return self._sign_in_page(request, MADE_ELSEWHERE, status=403)
        name, password = form.get("name", ""), form.get("password", "")
        address = request.client.host if request.client else ""
        at_desk, old = not is_beyond(request.scope), person_session_of(request.scope)
        try:
            answer = await self._apart(
                lambda: self._sign_in.sign_in(name, password, address=address, at_desk=at_desk, old=old)
            )
        except AccountError as error:
            return self._sign_in_page(request, str(error), status=503)
        if not isinstance(answer, SignedIn):
            return self._sign_in_page(request, answer.why, status=429 if answer.wait_s else 403, typed=name)
        response = RedirectResponse(self._home(answer, at_desk=at_desk), status_code=303)
        self._keep(request, response, answer.secret)
        return response

    async def signing_out(self, request: Request) -> Response:
        form = await _form(request)
        session = _session(request)
        if form is None or not _is_marked(session, form):
            return PlainTextResponse(MADE_ELSEWHERE, 403)
        await self._apart(lambda: self._sign_in.sign_out(session, everywhere=form.get("everywhere") == "yes"))
        response = RedirectResponse(f"{SIGN_IN_PATH}?done=signed-out", status_code=303)
        self._forget(request, response)
        return response

    # --- the first administrator ------------------------------------------------------------------------------------

    async def first_administrator(self, request: Request) -> Response:
        if not self._needs_first_administrator(request):
            return RedirectResponse(SIGN_IN_PATH, status_code=303)
        return self._page(request, "first_administrator.html")

    async def making_first_administrator(self, request: Request) -> Response:
        form = await _form(request)
        if form is None or not _is_marked(_session(request), form):
            return self._page(request, "first_administrator.html", MADE_ELSEWHERE, status=403)
        account, name, password = form.get("account", ""), form.get("name", ""), form.get("password", "")
        address = request.client.host if request.client else ""

        def make() -> Any:
            made = self._sign_in.add_first_administrator(account, name, password, who=DESK_ACCOUNT)
            old = person_session_of(request.scope)
            return self._sign_in.sign_in(made.id, password, address=address, at_desk=True, old=old)

        try:
            if password != form.get("again", ""):
                raise AccountError(DIFFERENT)
            answer = await self._apart(make)
        except (AccountError, StoreError) as error:
            typed = {"account": account, "name": name}
            return self._page(request, "first_administrator.html", str(error), status=409, typed=typed)
        if not isinstance(answer, SignedIn):
            return RedirectResponse(SIGN_IN_PATH, status_code=303)
        response = RedirectResponse(self._home(answer, at_desk=True), status_code=303)
        self._keep(request, response, answer.secret)
        return response

    # --- one's own account ------------------------------------------------------------------------------------------

    async def own_account(self, request: Request) -> Response:
        return self._page(request, "account.html")

    async def changing_own_password(self, request: Request) -> Response:
        form, session = await _form(request), _session(request)
        if form is None or not _is_marked(session, form):
            return self._page(request, "account.html", MADE_ELSEWHERE, status=403)
        current, new = form.get("current", ""), form.get("password", "")
        address = request.client.host if request.client else ""
        try:
            if new != form.get("again", ""):
                raise AccountError(DIFFERENT)
            secret = await self._apart(lambda: self._sign_in.change_password(session, current, new, address=address))
        except (AccountError, StoreError) as error:
            return self._page(request, "account.html", str(error), status=409)
        response = RedirectResponse(f"{OWN_ACCOUNT_PATH}?done=own-password", status_code=303)
        self._keep(request, response, secret)
        return response

    # --- all accounts -----------------------------------------------------------------------------------------------

    async def accounts(self, request: Request) -> Response:
        return self._accounts_page(request)

    async def adding(self, request: Request) -> Response:
        def add(form: Mapping[str, str], who: str) -> str:
            role = _role(form)
            self._sign_in.add(form.get("account", ""), form.get("name", ""), role, form.get("password", ""), who=who)
            return "added"

        return await self._changed(request, add)

    async def changing_role(self, request: Request, account: str) -> Response:
        def change(form: Mapping[str, str], who: str) -> str:
            self._sign_in.set_role(account, _role(form), who=who)
            return "role"

        return await self._changed(request, change)

    async def resetting(self, request: Request, account: str) -> Response:
        def reset(form: Mapping[str, str], who: str) -> str:
            self._sign_in.reset_password(account, form.get("password", ""), who=who, must_change=True)
            return "password"

        return await self._changed(request, reset)

    async def disabling(self, request: Request, account: str) -> Response:
        def disable(form: Mapping[str, str], who: str) -> str:
            disabled = form.get("disabled") == "yes"
            self._sign_in.set_disabled(account, disabled, who=who)
            return "disabled" if disabled else "enabled"

        return await self._changed(request, disable)

    # --- inside -----------------------------------------------------------------------------------------------------

    async def _changed(self, request: Request, change: Callable[[Mapping[str, str], str], str]) -> Response:
        form, session = await _form(request), _session(request)
        if form is None or not _is_marked(session, form):
            return self._accounts_page(request, MADE_ELSEWHERE, status=403)
        assert session.person is not None
        who = session.person.account
        try:
            done = await self._apart(lambda: change(form, who))
        except (AccountError, StoreError) as error:
            return self._accounts_page(request, str(error), status=409)
        return RedirectResponse(f"/accounts?done={done}", status_code=303)

    async def _apart(self, work: Callable[[], Any]) -> Any:
        """On a thread that is not one of those the desk's requests use: argon2 and the disk take their time."""
        return await get_running_loop().run_in_executor(self._threads, work)

    def _needs_first_administrator(self, request: Request) -> bool:
        """Only who opened the desk's own link can become it: never somebody from another machine."""
        if is_beyond(request.scope) or not self._entrance.sessions.knows(session_of(request.scope)):
            return False
        try:
            return not self._sign_in.accounts.has_administrator()
        except AccountError:
            return False

    def _sign_in_page(self, request: Request, wrong: str = "", *, status: int = 200, typed: str = "") -> Response:
        before = cookie_of(request.scope, _form_cookie(request)) or secrets.token_urlsafe(16)
        mark = self._mark_before(before)
        response = self._page(request, "sign_in.html", wrong, status=status, mark=mark, typed=typed)
        _set_cookie(request, response, _form_cookie(request), before)
        return response

    def _accounts_page(self, request: Request, wrong: str = "", *, status: int = 200) -> Response:
        try:
            accounts = self._sign_in.accounts.all()
        except AccountError as error:
            return self._page(request, "account.html", str(error), status=503)
        roles = {role.value: words for role, words in ROLE_WORDS.items()}
        return self._page(request, "accounts.html", wrong, status=status, accounts=accounts, roles=roles)

    def _page(self, request: Request, template: str, wrong: str = "", *, status: int = 200, **more: Any) -> Response:
        session: Session | None = request.scope["state"].get("session")
        person: Person | None = request.scope["state"].get("person")
        told: dict[str, Any] = {
            "mark": "" if session is None else session.form_mark(),
            "person": person,
            "role": "" if person is None else ROLE_WORDS[person.role],
            "must_change": session is not None and session.must_change,
            "administers": person is not None and person.role is Role.ADMINISTRATOR,
            "reviews": person is not None and person.role in REVIEWERS and ("GET", REVIEW_PATH) in ROUTES,
            "at_desk": not is_beyond(request.scope),
            "fewest": FEWEST_CHARACTERS,
            "wrong": wrong,
            "done": "" if wrong else DONE.get(request.query_params.get("done", ""), ""),
            "typed": {},
        }
        return self._templates.TemplateResponse(
            request, template, {**self._common, **told, **more}, status_code=status, headers=FORM_HEADERS
        )

    def _home(self, answer: SignedIn, *, at_desk: bool) -> str:
        """Where somebody goes who has just signed in."""
        if answer.must_change:
            return OWN_ACCOUNT_PATH
        if answer.person.role is Role.TECHNICIAN:
            return "/back"
        if answer.person.role is Role.CSR and at_desk:
            return DESK_PAGE
        return REVIEW_PATH if ("GET", REVIEW_PATH) in ROUTES else OWN_ACCOUNT_PATH

    def _keep(self, request: Request, response: Response, secret: str) -> None:
        _set_cookie(request, response, person_cookie_name(request.scope), secret)

    def _forget(self, request: Request, response: Response) -> None:
        name = person_cookie_name(request.scope)
        response.delete_cookie(name, path="/", secure=is_beyond(request.scope), httponly=True, samesite="strict")

    def _mark_before(self, before: str) -> str:
        return hmac.new(self._form_key, before.encode(), hashlib.sha256).hexdigest()

    def _is_marked_before(self, request: Request, form: Mapping[str, str]) -> bool:
        """Whether the sign-in form is ours and this browser's: nobody is signed in by another page's form."""
        before = cookie_of(request.scope, _form_cookie(request))
        return bool(before) and _is_same(self._mark_before(before or ""), form.get("mark", ""))


DIFFERENT: Final = "The two passwords are not the same. Type the new one again."


def _session(request: Request) -> Session:
    session = request.scope["state"]["session"]
    assert isinstance(session, Session)
    return session


def _is_marked(session: Session, form: Mapping[str, str]) -> bool:
    return _is_same(session.form_mark(), form.get("mark", ""))


def _is_same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode())


def _role(form: Mapping[str, str]) -> Role:
    try:
        return Role(form.get("role", ""))
    except ValueError as error:
        raise AccountError("Choose one of the four roles.") from error


def _form_cookie(request: Request) -> str:
    return person_cookie_name(request.scope).replace("person", "form")


def _set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Gone with the browser; no script reads it, no other site sends it, and over TLS it never goes without."""
    response.set_cookie(name, value, httponly=True, samesite="strict", path="/", secure=is_beyond(request.scope))


async def _form(request: Request) -> Mapping[str, str] | None:
    """The fields of a form, each once; None if it is none, too long, or has a field twice."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        return None
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            return None
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=20)
    except ValueError:
        return None
    if any(len(values) != 1 for values in fields.values()):
        return None
    return {name: values[0] for name, values in fields.items()}
