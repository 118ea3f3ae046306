"""Who may see the console, and what it answers."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from html.parser import HTMLParser

import anyio
import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.console.conftest import Console
from tests.console.scripted_call import blocked_cat, poisoned_dog
from voice_triage import __version__, resources
from voice_triage.accounts.sessions import Sessions
from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed
from voice_triage.console.gate import SECURITY_HEADERS, Gate
from voice_triage.console.scripts import scripts_of
from voice_triage.console.serving import listen
from voice_triage.desk_state import DeskCommand
from voice_triage.errors import ConsoleError

PRIVATE = ("/", "/api/call", "/api/events", "/anything/else")
PAGE_HEADERS = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.fixture
def client(console: Console) -> Iterator[httpx.Client]:
    """A client that has opened the console's link."""
    with httpx.Client(base_url=console.address) as client:
        assert client.get(console.link).status_code == 303
        yield client


def publish(console: Console) -> None:
    """Play the blocked cat's call into the feed."""
    for logged in blocked_cat():
        console.feed.publish(logged)


# --- who gets in ----------------------------------------------------------------------------------------------------


def test_a_link_opens_the_page_once(console: Console) -> None:
    """The token in the address is worth nothing after its first use; a new link can be had."""
    first, second, third = (httpx.Client(follow_redirects=True) for _ in range(3))
    with first, second, third:
        assert first.get(console.link).status_code == 200
        refused = second.get(console.link)
        assert refused.status_code == 403
        assert "Open this page from voice_triage" in refused.text
        assert third.get(console.server.new_url()).status_code == 200


def test_the_browser_that_is_in_may_use_an_old_link_again(console: Console) -> None:
    """Reloading or going back to the link does not lock the CSR out."""
    with httpx.Client(follow_redirects=True) as browser:
        assert browser.get(console.link).url.path == "/"
        assert browser.get(console.link).url.path == "/"


def test_a_guessed_link_is_refused(console: Console) -> None:
    """No token, or any other, opens nothing and sets no cookie."""
    for link in ("/open", "/open?token=", "/open?token=guessed"):
        answer = httpx.get(console.address + link)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_the_session_cookie_is_for_this_page_only(console: Console) -> None:
    """No script reads it, no other site sends it, it ends with the browser, and each port has its own."""
    cookie = httpx.get(console.link).headers["set-cookie"]
    parts = {part.strip().split("=")[0].lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith(f"voice_triage_{console.server.port}=")
    assert "httponly" in parts
    assert "samesite=strict" in cookie.lower()
    assert parts.isdisjoint({"max-age", "expires", "domain"})


def test_nothing_is_told_without_a_session(console: Console) -> None:
    """Neither the page nor the call can be read by another program of this machine."""
    publish(console)
    for cookie in ("", f"voice_triage_{console.server.port}=guessed"):
        for path in PRIVATE:
            answer = httpx.get(console.address + path, headers={"cookie": cookie})
            assert answer.status_code == 403, path
            assert "litter" not in answer.text


def test_health_tells_only_that_it_is_there(console: Console) -> None:
    """A health check needs no session and learns nothing of any call."""
    publish(console)
    assert httpx.get(console.address + "/healthz").json() == {"status": "ok", "version": __version__}


def test_another_host_name_gets_nothing(console: Console, client: httpx.Client) -> None:
    """A foreign name made to point at 127.0.0.1 reads nothing, even with a session."""
    port = console.server.port
    for host in ("attacker.example", f"attacker.example:{port}", "127.0.0.1", "127.0.0.1:1", "", f"[::1]:{port}"):
        assert client.get("/api/call", headers={"host": host}).status_code == 421, host


def test_the_page_answers_under_localhost_too(console: Console) -> None:
    """The other loopback name works as well."""
    link = console.link.replace("127.0.0.1", "localhost")
    with httpx.Client(follow_redirects=True) as browser:
        assert browser.get(link).status_code == 200


def test_another_origin_is_refused(console: Console, client: httpx.Client) -> None:
    """No other site, and no other port of this machine, starts a request in the CSR's name."""
    own = f"127.0.0.1:{console.server.port}"
    for origin in ("http://attacker.example", "http://127.0.0.1:1", "null", f"https://{own}"):
        for path in ("/", "/api/call", "/api/events"):
            assert client.get(path, headers={"origin": origin}).status_code == 403, (path, origin)
    assert client.get("/api/call", headers={"origin": console.address}).status_code == 200


def test_a_foreign_page_cannot_load_the_stream(client: httpx.Client) -> None:
    """Where the browser sends no Origin it still says that another site asked."""
    for site in ("cross-site", "same-site"):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
        assert client.get("/api/events", headers=headers).status_code == 403, site


def test_a_link_on_another_site_may_open_the_page(client: httpx.Client) -> None:
    """Following a link is a person's choice; framing it is not."""
    assert client.get("/", headers={**PAGE_HEADERS, "sec-fetch-site": "cross-site"}).status_code == 200
    framed = {**PAGE_HEADERS, "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"}
    assert client.get("/", headers=framed).status_code == 403


def test_a_changing_request_must_name_its_origin(console: Console, client: httpx.Client) -> None:
    """Anything but reading is refused unless this very page sent it."""
    assert client.post("/api/call").status_code == 403
    assert client.post("/api/call", headers={"origin": "http://attacker.example"}).status_code == 403
    assert client.post("/api/call", headers={"origin": console.address}).status_code == 405


def test_only_this_machine_is_served(console: Console) -> None:
    """The console listens on 127.0.0.1 and on no other address, not even another one of the same machine."""
    for family, address in ((socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as other:
            other.settimeout(5)
            with pytest.raises(OSError, match=r"refused|assign|unreachable|not supported"):
                other.connect((address, console.server.port))


# --- what it answers ------------------------------------------------------------------------------------------------


def test_every_answer_carries_the_security_headers(console: Console, client: httpx.Client) -> None:
    """Page, script, refusal and error alike."""
    for path in ("/", "/open?token=x", "/healthz", "/api/call", "/static/main.js", "/static/none", "/none"):
        foreign = client.get(path, headers={"host": "other"})
        for answer in (client.get(path), httpx.get(console.address + path), foreign):
            assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS, path
            assert answer.headers["cache-control"] in ("no-store", "no-cache")


def test_scripts_are_asked_for_once_and_anew_when_one_has_changed(client: httpx.Client) -> None:
    """The page names them by what is in them all; by another name than today's there is nothing."""
    named = re.search(r'src="(/static/([0-9a-f]+)/main\.js)"', client.get("/").text)
    assert named
    kept, changed = client.get(named[1]), client.get(named[1].replace(named[2], "0" * 16))
    assert (kept.status_code, changed.status_code) == (200, 404)
    assert "immutable" in kept.headers["cache-control"]
    assert kept.text == client.get("/static/main.js").text


def test_no_answer_waits_until_the_part_before_it_was_acknowledged() -> None:
    """Sockets that do not name their protocol are slow with every answer, 40 ms on Linux."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_page_asks_at_once_for_every_script_that_it_needs() -> None:
    """Those that its own imports import are among them, each once."""
    found = scripts_of(resources.static_dir(), "review/replay.js")
    assert {"review/replay.js", "review/said.js", "marks.js", "card.js"} <= set(found)
    assert len(found) == len(set(found))


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(client: httpx.Client) -> None:
    """Scripts, styles and connections come from the console itself or not at all."""
    policy = dict(part.strip().split(" ", 1) for part in client.get("/").headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src", "img-src")} == {"'self'"}
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in str(policy)


class _Inline(HTMLParser):
    """Collects what a strict policy forbids, and addresses that leave the console."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "style" or (tag == "script" and not named.get("src") and named.get("type") != "application/json"):
            self.found.append(f"inline {tag}")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"{tag} {name}")
            inside = ("/static/", "#", "/teaching") if tag == "a" else ("/static/", "#")
            if name in ("src", "href") and not (value or "").startswith(inside):
                self.found.append(f"{tag} {name}={value}")


def test_the_page_has_no_inline_script_or_style(console: Console, client: httpx.Client) -> None:
    """What the policy would block is not there in the first place."""
    for page in (client.get("/").text, httpx.get(console.address + "/").text):
        inline = _Inline()
        inline.feed(page)
        assert inline.found == []


def test_the_call_can_be_read_as_json(console: Console, client: httpx.Client) -> None:
    """The snapshot holds the call's events in order."""
    assert client.get("/api/call").json()["call"] is None
    publish(console)
    snapshot = client.get("/api/call").json()
    assert snapshot["call"] == "call-1"
    assert [entry["sequence"] for entry in snapshot["events"]] == list(range(1, len(snapshot["events"]) + 1))
    assert snapshot["events"][-1]["event"]["type"] == "CallEnded"


def stream(client: httpx.Client, until: str, *, after: str = "", last_id: str | None = None) -> list[dict[str, str]]:
    """The stream's messages up to the first one named ``until``."""
    messages: list[dict[str, str]] = []
    headers = {"last-event-id": last_id} if last_id else {}
    with client.stream("GET", "/api/events", params={"after": after} if after else {}, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        message: dict[str, str] = {}
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                message[name] = value
            else:
                messages.append(message)
                if message.get("event") == until:
                    break
                message = {}
    return messages


def test_the_stream_resumes_from_the_last_event_id(console: Console, client: httpx.Client) -> None:
    """The browser's header counts, and the same in the address for a script that cannot set it."""
    publish(console)
    whole = stream(client, "log")
    assert [message["event"] for message in whole] == ["server", "hello", "reset", "log"]
    assert whole[0]["retry"].isdecimal()
    last = int(whole[-1]["id"].removeprefix("call-1:"))
    for rest in (
        stream(client, "log", last_id=f"call-1:{last - 2}"),
        stream(client, "log", after=f"call-1:{last - 2}"),
        stream(client, "log", after="call-1:1", last_id=f"call-1:{last - 2}"),
    ):
        assert [message["event"] for message in rest] == ["server", "hello", "log"]
        assert [entry["sequence"] for entry in json.loads(rest[-1]["data"])] == [last - 1, last]


# --- start and stop -------------------------------------------------------------------------------------------------


def test_open_pages_do_not_hold_up_the_end(console: Console, client: httpx.Client) -> None:
    """Stopping says goodbye to every open page and ends its stream in order; starting again serves the same session."""
    read: list[list[dict[str, str]]] = []
    pages = [threading.Thread(target=lambda: read.append(stream(client, "never"))) for _ in range(3)]
    for page in pages:
        page.start()
    while console.feed.pages < len(pages):
        pages[0].join(0.01)
    console.server.stop()
    for page in pages:
        page.join(10)
    assert [messages[-1]["event"] for messages in read] == ["bye"] * 3
    console.server.stop()
    again = console.server.start()
    try:
        assert httpx.get(again).status_code == 303
    finally:
        console.server.stop()


def test_a_taken_port_is_an_error_that_says_what_to_do(console: Console) -> None:
    """Two consoles cannot share a port; the message names it and the option."""
    with pytest.raises(ConsoleError, match=rf"port {console.server.port} .*--port"):
        ConsoleServer(Feed(), port=console.server.port).start()


def test_requests_leave_no_trace_in_the_logs(
    console: Console, client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    """No address, name or word reaches a log, however talkative."""
    caplog.set_level(logging.DEBUG)
    publish(console)
    client.get("/api/call")
    client.get("/api/call", params={"after": "melissa"})
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [message for message in ours if "melissa" in message.lower() or "/api" in message]


def test_a_failing_request_does_not_log_its_message(caplog: pytest.LogCaptureFixture) -> None:
    """The message of an unexpected error may hold a client's words: only its kind and place are logged."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("melissa grant called")

    sessions = Sessions(["token"])
    session = sessions.admit("token")
    gate = Gate(broken, sessions, PlainTextResponse("refused", 403))

    async def ask() -> None:
        transport = httpx.ASGITransport(gate, raise_app_exceptions=True)
        cookies = {"voice_triage_9": session or ""}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9", cookies=cookies) as asking:
            await asking.get("/")

    with pytest.raises(AssertionError):  # no answer was given
        anyio.run(ask)
    assert "RuntimeError" in caplog.text
    assert "melissa" not in caplog.text


def test_the_desk_is_asked_only_by_its_own_page(console: Console, client: httpx.Client) -> None:
    """A command needs the session and comes from this page; another site, or none, cannot stop the ear at the desk."""
    url = "/api/desk/not-client"
    own = {"origin": console.address}
    for origin in (None, "http://attacker.example", "http://127.0.0.1:1", "null"):
        headers = {} if origin is None else {"origin": origin}
        assert client.post(url, headers=headers).status_code == 403, origin
    assert httpx.post(console.address + url, headers=own).status_code == 403
    assert client.get(url).status_code == 405
    assert console.asked == []
    assert client.post(url, headers=own).status_code == 204
    assert console.asked == [DeskCommand.NOT_CLIENT]


def test_what_the_desk_cannot_do_is_answered_with_the_reason(console: Console, client: httpx.Client) -> None:
    """And what it does not know is not found; neither is done."""
    own = {"origin": console.address}
    refused = client.post("/api/desk/resume", headers=own)
    assert (refused.status_code, refused.json()) == (409, {"detail": "Listening is not paused."})
    assert client.post("/api/desk/dance", headers=own).status_code == 404
    assert console.asked == []


def test_two_calls_do_not_mix(console: Console, client: httpx.Client) -> None:
    """What is asked after a new call began is of the new call alone."""
    publish(console)
    for logged in poisoned_dog():
        console.feed.publish(logged)
    assert "litter" not in client.get("/api/call").text
