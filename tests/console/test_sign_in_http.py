"""Signing in and out over real requests: what is refused, what ends when, and what is written down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.console.clinic_people import PASSWORD, ClinicPeople, clinic_people, mark_of
from tests.console.scripted_call import blocked_cat
from voice_triage.accounts.lockout import FIRST_WAIT_S, FREE_BY_ACCOUNT
from voice_triage.accounts.roles import Role
from voice_triage.accounts.sessions import IDLE_S
from voice_triage.accounts.sign_in import REFUSED, UNKNOWN
from voice_triage.audit_trail import AuditKind
from voice_triage.console.gate import FORM_HEADERS, SECURITY_HEADERS

NEW = "eleven quiet grey cats"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[ClinicPeople]:
    """A clinic with one account a role."""
    with clinic_people(tmp_path) as clinic:
        clinic.keep_calls()
        yield clinic


def cookies_of(client: httpx.Client) -> dict[str, str]:
    """What the browser would send again."""
    return dict(client.cookies)


def replay(clinic: ClinicPeople, cookies: dict[str, str], path: str = "/account") -> int:
    """Status of a request with cookies that somebody kept."""
    return httpx.get(clinic.address + path, cookies=cookies).status_code


# --- replayed cookies -----------------------------------------------------------------------------------------------


def test_a_cookie_is_worth_nothing_after_sign_out(clinic: ClinicPeople) -> None:
    """Here: this browser's alone. Everywhere: those of all browsers of the account."""
    with closing(clinic.signed_in("sue")) as here, closing(clinic.signed_in("sue")) as other:
        kept, others = cookies_of(here), cookies_of(other)
        mark = mark_of(here.get("/account").text)
        assert here.post("/sign-out", data={"mark": mark}).headers["location"] == "/sign-in?done=signed-out"
        assert not any("person" in name for name in here.cookies)
        assert replay(clinic, kept) == 303
        assert replay(clinic, others) == 200
        mark = mark_of(other.get("/account").text)
        with closing(clinic.signed_in("sue")) as third:
            assert other.post("/sign-out", data={"mark": mark, "everywhere": "yes"}).status_code == 303
            assert third.get("/account").status_code == 303
    assert [who for who, _ in clinic.trail.of(AuditKind.SIGN_OUT)] == ["sue", "sue"]


def test_a_cookie_is_worth_nothing_after_it_expired(clinic: ClinicPeople) -> None:
    """By the product's clock, whatever the browser keeps."""
    with closing(clinic.signed_in("sue")) as client:
        clinic.clock.now_s += IDLE_S[Role.SUPERVISOR] - 1
        assert client.get("/account").status_code == 200
        clinic.clock.now_s += IDLE_S[Role.SUPERVISOR]
        assert replay(clinic, cookies_of(client)) == 303


@pytest.mark.parametrize("change", ["own password", "reset", "role", "disabled", "command line"])
def test_a_cookie_is_worth_nothing_after_its_account_changed(clinic: ClinicPeople, change: str) -> None:
    """Only the browser that changed its own password goes on, with a new session."""
    with closing(clinic.signed_in("sue")) as client, closing(clinic.signed_in("ada")) as administrator:
        kept = cookies_of(client)
        if change == "own password":
            form = {"mark": mark_of(client.get("/account").text), "current": PASSWORD, "password": NEW, "again": NEW}
            assert client.post("/account/password", data=form).status_code == 303
            assert client.get("/account").status_code == 200
        elif change == "command line":
            clinic.accounts.set_disabled("sue", True)
        else:
            name, fields = {
                "reset": ("password", {"password": NEW}),
                "role": ("role", {"role": "technician"}),
                "disabled": ("disabled", {"disabled": "yes"}),
            }[change]
            fields = {"mark": mark_of(administrator.get("/accounts").text), **fields}
            assert administrator.post(f"/accounts/sue/{name}", data=fields).status_code == 303
            assert client.get("/account").status_code == 303
        assert replay(clinic, kept) == 303
        assert replay(clinic, kept, "/api/calls/amys/card") == 403


def test_a_session_given_from_outside_is_never_taken_on(clinic: ClinicPeople) -> None:
    """Fixation: whoever plants a cookie before the sign-in knows nothing after it; each sign-in is a new session."""
    name = f"voice_triage_person_{clinic.server.port}"
    with closing(clinic.browser()) as client:
        client.cookies.set(name, "planted", domain="127.0.0.1")
        clinic.signed_in("sue", client)
        assert client.cookies[name] != "planted"
        assert replay(clinic, {name: "planted"}) == 303
        first = client.cookies[name]
        clinic.signed_in("sue", client)
        assert client.cookies[name] != first
        assert replay(clinic, {name: first}) == 303, "the session before ended"


def test_a_stream_ends_with_its_session(clinic: ClinicPeople) -> None:
    """What comes after sign-out, expiry or a change of the account reaches nobody."""
    with closing(clinic.signed_in("tess")) as client, client.stream("GET", "/api/back/events") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("event: server")
        clinic.sessions.end_all("tess")
        rest = "\n".join(lines)  # ends by itself
        assert "litter" not in rest
    with closing(clinic.signed_in("amy")) as amy, amy.stream("GET", "/api/events") as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("event: server")
        clinic.accounts.set_disabled("amy", True)
        for logged in blocked_cat():
            clinic.feed.publish(logged)
        assert "litter" not in "\n".join(lines)


# --- other sites ----------------------------------------------------------------------------------------------------


FORMS = ["/sign-in", "/sign-out", "/account/password", "/accounts", "/accounts/sue/role", "/accounts/sue/password"]


@pytest.mark.parametrize("form", [*FORMS, "/accounts/sue/disabled", "/first-administrator"])
def test_no_other_site_fills_in_a_form(clinic: ClinicPeople, form: str) -> None:
    """Neither with a foreign origin, nor with none, nor as anything but a form, nor without the page's own mark."""
    with closing(clinic.signed_in("ada", clinic.at_the_desk())) as client:
        mark = mark_of(client.get("/accounts").text)
        fields = {"mark": mark, "role": "csr", "password": NEW, "disabled": "yes", "name": "sue", "again": NEW}
        for origin in (
            "http://attacker.example",
            "null",
            "http://127.0.0.1:1",
            clinic.address.replace("http", "https"),
        ):
            assert client.post(form, data=fields, headers={"origin": origin}).status_code == 403, origin
        del client.headers["origin"]
        assert client.post(form, data=fields).status_code == 403
        client.headers["origin"] = clinic.address
        before = [account.stamp for account in clinic.accounts.all()]
        for wrong in ("", "0" * 64, mark[:-1] + "x", "é"):
            assert client.post(form, data={**fields, "mark": wrong}).status_code == 403, wrong
        assert client.post(form, json=fields).status_code == 403
        assert client.post(form, content=json.dumps(fields), headers={"content-type": "text/plain"}).status_code == 403
        doubled = {"content-type": "application/x-www-form-urlencoded"}
        assert client.post(form, content=f"mark={mark}&mark={mark}", headers=doubled).status_code == 403
        assert client.post(form, content=b"mark=" + b"x" * 100_000, headers=doubled).status_code == 403
        assert [account.stamp for account in clinic.accounts.all()] == before
        assert client.get("/accounts").status_code == 200, "nobody was signed out"


def test_a_mark_is_of_one_session_alone(clinic: ClinicPeople) -> None:
    """Another administrator's page is another page."""
    clinic.accounts.add("eve", "Eve Doe", Role.ADMINISTRATOR, PASSWORD, must_change=False)
    with closing(clinic.signed_in("ada")) as ada, closing(clinic.signed_in("eve")) as eve:
        fields = {"mark": mark_of(eve.get("/accounts").text), "disabled": "yes"}
        assert ada.post("/accounts/sue/disabled", data=fields).status_code == 403


def test_nobody_is_signed_in_by_another_sites_form(clinic: ClinicPeople) -> None:
    """The sign-in form belongs to the browser that asked for it: an attacker's own form signs no victim in."""
    with closing(clinic.browser()) as attacker, closing(clinic.browser()) as victim:
        mark = mark_of(attacker.get("/sign-in").text)
        fields = {"mark": mark, "name": "sue", "password": PASSWORD}
        assert victim.post("/sign-in", data=fields).status_code == 403
        victim.get("/sign-in")
        assert victim.post("/sign-in", data=fields).status_code == 403
        assert not any("person" in name for name in victim.cookies)


def test_pages_with_forms_send_them_to_themselves_alone(clinic: ClinicPeople) -> None:
    """Every other rule of the console's policy holds there too."""
    with closing(clinic.signed_in("ada")) as client:
        for path in ("/sign-in", "/account", "/accounts"):
            headers = client.get(path).headers
            assert {name: headers[name] for name in SECURITY_HEADERS} == {**SECURITY_HEADERS, **FORM_HEADERS}
            assert "form-action 'self'" in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"


# --- guessing -------------------------------------------------------------------------------------------------------


def test_an_account_that_is_not_there_answers_like_one_that_is(clinic: ClinicPeople) -> None:
    """The same status, text and headers, for a wrong password, a closed account and none; and the same waits."""
    clinic.accounts.set_disabled("tess", True)
    seen = []
    for name, password in (("sue", "wrong"), ("nobody-here", "wrong"), ("tess", PASSWORD)):
        with closing(clinic.browser()) as client:
            answers = [clinic.try_sign_in(client, name, password) for _ in range(FREE_BY_ACCOUNT + 1)]
            told = [(a.status_code, a.text.replace(name, "NAME"), sorted(a.headers.keys())) for a in answers]
            marks = [mark_of(a.text) for a in answers]
            seen.append([(s, t.replace(m, "MARK"), h) for (s, t, h), m in zip(told, marks, strict=True)])
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0][0] == 403
    assert REFUSED in seen[0][0][1]
    assert seen[0][-1][0] == 429
    assert "Too many attempts. Try again in 30 seconds." in seen[0][-1][1]


def test_while_locked_out_even_the_right_password_waits(clinic: ClinicPeople) -> None:
    """And when the time has passed it is let in."""
    with closing(clinic.browser()) as client:
        for _ in range(FREE_BY_ACCOUNT):
            clinic.try_sign_in(client, "sue", "wrong")
        assert clinic.try_sign_in(client, "sue", PASSWORD).status_code == 429
        clinic.clock.now_s += FIRST_WAIT_S
        assert clinic.try_sign_in(client, "sue", PASSWORD).status_code == 303


def test_guesses_at_the_same_time_are_counted_each(clinic: ClinicPeople) -> None:
    """Thirty at once: five are looked at, the others wait; the desk's page answers meanwhile."""
    statuses: list[int] = []

    def guess() -> None:
        with closing(clinic.browser()) as client:
            statuses.append(clinic.try_sign_in(client, "sue", "wrong").status_code)

    threads = [threading.Thread(target=guess) for _ in range(30)]
    with closing(clinic.at_the_desk()) as desk:
        for thread in threads:
            thread.start()
        assert desk.get("/api/call").status_code == 200
        for thread in threads:
            thread.join()
    assert sorted(statuses) == [403] * FREE_BY_ACCOUNT + [429] * (30 - FREE_BY_ACCOUNT)


def test_an_administrators_reset_ends_the_wait(clinic: ClinicPeople) -> None:
    """And the one who forgot has to set a password of their own before anything else is open."""
    with closing(clinic.browser()) as client, closing(clinic.signed_in("ada")) as administrator:
        for _ in range(FREE_BY_ACCOUNT):
            clinic.try_sign_in(client, "sue", "wrong")
        mark = mark_of(administrator.get("/accounts").text)
        assert administrator.post("/accounts/sue/password", data={"mark": mark, "password": NEW}).status_code == 303
        assert clinic.try_sign_in(client, "sue", NEW).headers["location"] == "/account"
        assert client.get("/api/calls/amys/card").status_code == 403
        assert client.get("/back").headers["location"] == "/account"
        form = {"mark": mark_of(client.get("/account").text), "current": NEW, "password": PASSWORD, "again": PASSWORD}
        assert client.post("/account/password", data=form).headers["location"] == "/account?done=own-password"
        assert client.get("/api/calls/amys/card").status_code == 200


def test_the_current_password_is_guessed_no_more_often_than_at_the_sign_in(clinic: ClinicPeople) -> None:
    """Whoever finds a browser signed in cannot try passwords there."""
    with closing(clinic.signed_in("sue")) as client:
        form = {"mark": mark_of(client.get("/account").text), "password": NEW, "again": NEW}
        for _ in range(FREE_BY_ACCOUNT):
            assert "not right" in client.post("/account/password", data={**form, "current": "wrong"}).text
        assert "Too many attempts" in client.post("/account/password", data={**form, "current": PASSWORD}).text


# --- the first administrator, the desk, the trail ---------------------------------------------------------------------


def test_the_first_administrator_is_made_in_the_desks_own_browser_once(tmp_path: Path) -> None:
    """Not by somebody who only reached the port; and never again."""
    with clinic_people(tmp_path, people=False) as clinic, closing(clinic.browser()) as stranger:
        assert stranger.get("/sign-in").status_code == 200
        assert stranger.get("/first-administrator").status_code == 403
        with closing(clinic.at_the_desk()) as desk:
            assert desk.get("/").status_code == 200, "the live console needs no account"
            assert desk.get("/account").headers["location"] == "/sign-in"
            assert desk.get("/sign-in").headers["location"] == "/first-administrator"
            mark = mark_of(desk.get("/first-administrator").text)
            form = {"mark": mark, "name": "Ada Doe", "account": "ada", "password": NEW, "again": NEW}
            assert stranger.post("/first-administrator", data=form).status_code == 403
            assert desk.post("/first-administrator", data={**form, "again": "other"}).status_code == 409
            assert (
                desk.post("/first-administrator", data={**form, "password": "weak", "again": "weak"}).status_code == 409
            )
            assert clinic.accounts.all() == []
            assert desk.post("/first-administrator", data=form).status_code == 303
            assert desk.get("/accounts").status_code == 200, "and is signed in"
            assert desk.get("/").status_code == 200, "the desk goes on as the desk"
            assert desk.get("/first-administrator").headers["location"] == "/sign-in"
            assert desk.post("/first-administrator", data={**form, "account": "eve"}).status_code == 409
        assert [account.id for account in clinic.accounts.all()] == ["ada"]


def test_the_desk_works_when_accounts_do_not(clinic: ClinicPeople) -> None:
    """A damaged file: nobody signs in, nobody becomes administrator, calls go on."""
    (clinic.folder / "accounts.json").write_text("{", encoding="utf-8")
    with closing(clinic.at_the_desk()) as desk:
        assert desk.get("/").status_code == 200
        assert desk.post("/api/desk/pause").status_code == 204
        assert desk.get("/sign-in").status_code == 200, "not the page of the first administrator"
        answer = clinic.try_sign_in(desk, "ada", PASSWORD)
        assert answer.status_code == 503
        assert "Bring it back from a copy" in answer.text


def test_where_the_setting_says_so_the_desk_needs_its_csrs_password(tmp_path: Path) -> None:
    """Then the link alone opens nothing but the sign-in, and a technician's sign-in not the desk either."""
    with clinic_people(tmp_path, desk_signs_in=False) as clinic, closing(clinic.browser()) as desk:
        assert desk.get(clinic.link).headers["location"] == "/sign-in"
        assert desk.get("/").headers["location"] == "/sign-in"
        assert desk.get("/api/call").status_code == 403
        clinic.signed_in("tess", desk)
        assert desk.get("/").status_code == 403
        clinic.signed_in("amy", desk)
        assert desk.get("/").status_code == 200
        assert clinic.sessions.csr_at_desk() == "amy"


def test_whoever_signs_in_at_the_desk_beside_it_leaves_the_desk_as_it_is(clinic: ClinicPeople) -> None:
    """A supervisor in another tab of the desk's browser: the live page goes on, also after their sign-out."""
    with closing(clinic.at_the_desk()) as desk:
        clinic.signed_in("sue", desk)
        assert desk.get("/").status_code == 200
        assert desk.get("/api/calls/amys/card").status_code == 200
        assert desk.post("/sign-out", data={"mark": mark_of(desk.get("/account").text)}).status_code == 303
        assert desk.get("/").status_code == 200
        assert desk.get("/api/calls/amys/card").status_code == 404, "long ago, and Amy's"


def test_sign_ins_and_changes_are_in_the_trail_without_what_was_typed(clinic: ClinicPeople) -> None:
    """A password typed into the wrong field is written nowhere; an account is named by its id."""
    with closing(clinic.browser()) as client:
        clinic.try_sign_in(client, "sue", "wrong")
        clinic.try_sign_in(client, "my secret password", "sue")
        clinic.signed_in("ada", client)
        mark = mark_of(client.get("/accounts").text)
        added = {"mark": mark, "account": "newt", "name": "Newt Doe", "role": "csr", "password": NEW}
        assert client.post("/accounts", data=added).status_code == 303
        assert client.post("/accounts/newt/role", data={"mark": mark, "role": "technician"}).status_code == 303
    assert [who for who, _ in clinic.trail.of(AuditKind.SIGN_IN_REFUSED)] == ["sue", UNKNOWN]
    assert [who for who, _ in clinic.trail.of(AuditKind.SIGN_IN)] == ["ada"]
    changes = [(who, detail["account"], detail["change"]) for who, detail in clinic.trail.of(AuditKind.ACCOUNT)]
    assert changes == [("ada", "newt", "add"), ("ada", "newt", "role")]
    written = repr(clinic.trail.lines)
    assert not [word for word in ("secret", PASSWORD, NEW, "Newt Doe", "127.0.0.1") if word in written]


def test_without_a_line_in_the_trail_no_account_is_changed(clinic: ClinicPeople) -> None:
    """The page says why."""
    with closing(clinic.signed_in("ada")) as client:
        mark = mark_of(client.get("/accounts").text)
        clinic.trail.full = True
        before = clinic.accounts.all()
        answer = client.post("/accounts/sue/disabled", data={"mark": mark, "disabled": "yes"})
        assert answer.status_code == 409
        assert "the disk is full" in answer.text
        assert clinic.accounts.all() == before


def test_a_name_with_markup_is_shown_as_text(clinic: ClinicPeople) -> None:
    """What somebody is called is no part of the page."""
    clinic.accounts.add("bob", "<b onclick=x>Bob", Role.CSR, PASSWORD)
    with closing(clinic.signed_in("ada")) as client:
        text = client.get("/accounts").text
        assert "<b onclick" not in text
        assert "&lt;b onclick=x&gt;Bob" in text
        tried = clinic.try_sign_in(client, '"><script>x</script>', "wrong")
        assert "<script>x" not in tried.text
