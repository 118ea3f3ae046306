"""Every route, tried by every role and by nobody: what the table says is what happens, over real requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.console.clinic_people import PEOPLE, ClinicPeople, clinic_people
from tests.console.test_access import served
from voice_triage.accounts.roles import Role
from voice_triage.console.access import ROUTES

CALLS = {"amys", "handed", "old"}
MAY_OPEN = {
    "amy": {"amys"},
    "ben": {"handed"},
    "tess": {"handed"},
    "sue": CALLS,
    "ada": CALLS,
    "desk": {"old"},
}
"""Whose calls they are, and which were handed off."""
STREAMS = ("/api/events", "/api/back/events")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClinicPeople]:
    """One for all: nothing here changes what another test looks at."""
    folder: Path = tmp_path_factory.mktemp("clinic")
    with clinic_people(folder) as clinic:
        clinic.keep_calls()
        yield clinic


@pytest.fixture(scope="module")
def browsers(clinic: ClinicPeople) -> Iterator[dict[str, httpx.Client]]:
    """One for each person, one that opened the desk's link, and one that did neither."""
    found = {name: clinic.signed_in(name) for name in PEOPLE}
    found["desk"] = clinic.at_the_desk()
    found["nobody"] = clinic.browser()
    yield found
    for client in found.values():
        client.close()


def ask(client: httpx.Client, method: str, path: str) -> int:
    """The status of one request with nothing in it; of a stream, of its beginning."""
    with client.stream(method, path) as answer:
        return answer.status_code


def address_of(template: str, call: str = "amys") -> str:
    """A path of this template."""
    return (
        template.replace("{call}", call)
        .replace("{lesson}", call)
        .replace("{side}", "client")
        .replace("{name}", "no-such-command")
        .replace("{account}", "no-such-account")
    )


@pytest.mark.parametrize(("method", "template"), ROUTES, ids=" ".join)
def test_a_route_is_open_to_the_roles_that_the_table_names_and_to_nobody_else(
    clinic: ClinicPeople, browsers: dict[str, httpx.Client], method: str, template: str
) -> None:
    """At the desk: each role, the desk's own link, and nobody. A refusal is 403, or leads to the sign-in."""
    access = ROUTES[method, template]
    for who, client in browsers.items():
        role = PEOPLE.get(who, Role.CSR)
        allowed = access.public or (who == "desk" and access.link) or (who != "nobody" and role in access.desk)
        if who == "desk" and access.password:
            allowed = False
        if "{call}" in template:
            for call in CALLS:
                status = ask(client, method, address_of(template, call))
                opens = allowed and call in MAY_OPEN[who] if who != "nobody" else False
                assert (status not in (303, 403, 404, 421)) == opens, (who, call, status)
                refused = (303, 403) if access.sign_in else (403,)
                assert opens or status in ((404,) if allowed else refused), (who, call, status)
            continue
        status = ask(client, method, address_of(template))
        if template in ("/open", "/sign-in", "/first-administrator") or (method == "POST" and access.password):
            # These refuse by themselves what is not their own form or link: the gate's refusal says so in other words.
            text = client.request(method, address_of(template)).text
            assert ("Your account may not do this." in text or "has made" in text) != allowed or template == "/open"
            continue
        assert (status not in (303, 403)) == allowed, (who, status)


def test_the_routes_tried_are_those_of_the_running_console(clinic: ClinicPeople) -> None:
    """None is forgotten: what the application serves is what was tried."""
    assert set(served(clinic.server.app.routes)) == set(ROUTES)


def test_every_way_of_asking_that_no_route_has_is_refused(
    clinic: ClinicPeople, browsers: dict[str, httpx.Client]
) -> None:
    """HEAD, OPTIONS, TRACE, invented methods and a method named in a header find nothing, whoever asks."""
    for (_, template), path in {asked: address_of(asked[1]) for asked in ROUTES}.items():
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            if (method, template) in ROUTES:
                continue
            for who in ("nobody", "desk", "ada"):
                status = ask(browsers[who], method, path)
                assert status in (403, 405), (who, method, path, status)
    for header in ("x-http-method-override", "x-method-override", "x-http-method"):
        answer = browsers["nobody"].get("/api/call", headers={header: "POST"})
        assert answer.status_code == 403
    assert browsers["sue"].post("/accounts?_method=GET", data={"_method": "GET"}).status_code == 403


TRICKS = [
    *("//api/call", "/api//call", "/api/./call", "/api/x/../call", "/%2e%2e/api/call", "/api/%2e/call"),
    *("/api%2fcall", "/api%2Fcall", "/api\\call", "/api%5ccall", "/api/call%00", "/api/call%0a", "/api/call/"),
    *("/static/../api/call", "/static/..%2fapi/call", "/static/%2e%2e/api/call", "/static/%2e%2e%2fapi%2fcall"),
    *("/static//api/call", "/healthz/../api/call", "/healthz/..%2f..%2fapi/call", "/healthz;/api/call", "/API/CALL"),
    *("/api/call;.css", "/api/call%3f.css", "/sign-in/../api/call", "/open/..%2fapi/call", "/api/call%20"),
    *("/api/calls/amys%2fcard", "/api/calls/x/../amys/card", "/api/calls/x%2f..%2famys/card", "/static/%00"),
]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_spelling_of_a_path_gets_past_the_gate(clinic: ClinicPeople, trick: str) -> None:
    """Sent as they are, over a plain socket, without a session: nothing private, and no way round."""
    from tests.console.raw_request import ask_raw

    status, body = ask_raw(clinic.server.port, "GET", trick)
    assert status in (400, 403, 404), (trick, status)
    assert "litter" not in body
    assert '"events"' not in body


def test_a_csr_sees_own_calls_a_technician_handed_off_ones(
    clinic: ClinicPeople, browsers: dict[str, httpx.Client]
) -> None:
    """And a call that is not theirs answers like one that is not there."""
    for who, calls in MAY_OPEN.items():
        for call in CALLS:
            answer = browsers[who].get(f"/api/calls/{call}/card")
            assert answer.status_code == (200 if call in calls else 404), (who, call)
        missing = browsers[who].get("/api/calls/no-such-call/card")
        assert missing.status_code == 404
    foreign, missing = (browsers["amy"].get(f"/api/calls/{call}/card") for call in ("old", "no-such-call"))
    assert foreign.content == missing.content
