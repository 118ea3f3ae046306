"""The console in a real browser: windows and tabs, a call to play to them, and where things are on the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.conftest import Console
from tests.console.scripted_call import Script, started
from voice_triage.desk_state import DeskState, RecognizerState, SourceState
from voice_triage.events import Logged

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (dependency group dev)")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
"""A browser that asks nobody anything of its own accord."""
WAITING = DeskState("Jabra Evolve2 65", SourceState.WAITING, RecognizerState.READY, "", "0.1.0")
expect = playwright.expect


class Window:
    """A browser of its own at the desk, and everything it complained of or asked for."""

    def __init__(self, browser: Any, console: Console, **options: Any) -> None:
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options})
        self.context.set_default_timeout(10_000)
        self.console = console
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.expected = ["ERR_CONNECTION_REFUSED"]
        """What the browser, not the page, reports of a server that is stopped; no script can keep it from that."""
        self.context.on("request", lambda request: self.requests.append(request.url))

    def open(self, link: str | None = None) -> Any:
        """A new tab on the console."""
        tab = self.context.new_page()
        tab.on("console", lambda message: self._complaint(message.type, message.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        tab.goto(link or self.console.server.new_url())
        expect(tab.locator("#console")).to_have_attribute("data-connection", "open")
        return tab

    def _complaint(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(expected in text for expected in self.expected):
            self.complaints.append(text)

    def close(self) -> None:
        """Close it, and check what every page of the console promises."""
        self.context.close()
        elsewhere = [url for url in self.requests if not url.startswith(f"{self.console.address}/")]
        assert elsewhere == [], elsewhere
        assert self.complaints == [], self.complaints  # told by hand: pytest rewrites the asserts of tests alone


def play(console: Console, log: list[Logged]) -> None:
    """Publish a log as the call would."""
    for logged in log:
        console.feed.publish(logged)


class Live:
    """A call that the test goes through event by event."""

    def __init__(self, console: Console, call: str = "live", **start: Any) -> None:
        self._feed = console.feed
        self._script = Script(call)
        self.log(started(call, **start))

    def log(self, *events: Any) -> None:
        """The next events of the call."""
        for event in events:
            self._feed.publish(self._script.log(event))


def card(tab: Any, category: str) -> Any:
    """A flag's card."""
    return tab.locator(f"#flag-{category}")


def field(tab: Any, name: str) -> Any:
    """A field of the patient card."""
    return tab.locator(f"#field-{name}")


def shown(tab: Any) -> dict[str, str]:
    """What a reader of the page gets: flags, patient and transcript as text."""
    return {
        name: tab.locator(f"#{name}").inner_text() for name in ("alert", "flags", "fields", "transcript", "partial")
    }
