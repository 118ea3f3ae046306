"""A running console, and a browser to look at it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import FindProgram
from tests.console.kept_sound import open_tone
from voice_triage.console.app import ConsoleServer
from voice_triage.console.entrance import Entrance
from voice_triage.console.feed import Feed
from voice_triage.desk_state import DeskCommand
from voice_triage.errors import DeskError


@dataclass(frozen=True)
class Console:
    """A console on a free port of this machine, and the link that opens it once."""

    feed: Feed
    server: ConsoleServer
    link: str
    asked: list[DeskCommand]
    """What pages asked of the desk."""

    @property
    def address(self) -> str:
        """Its origin: scheme, host and port."""
        return f"http://127.0.0.1:{self.server.port}"


@pytest.fixture
def console() -> Iterator[Console]:
    """Starts before the test, stops after it. Its desk does everything but go on listening; calls are recorded."""
    feed = Feed()
    asked: list[DeskCommand] = []

    def command(name: DeskCommand) -> None:
        if name is DeskCommand.RESUME:
            raise DeskError("Listening is not paused.")
        asked.append(name)

    server = ConsoleServer(feed, command=command, open_sound=open_tone, entrance=Entrance(may_open=lambda *_: True))
    link = server.start()
    yield Console(feed, server, link, asked)
    server.stop()


# The browser. What needs playwright is imported when a test asks for it, so that the others run without.


@pytest.fixture(scope="module")
def browser(program: FindProgram) -> Iterator[Any]:
    """One headless Chromium for a file's tests: while it runs, its thread can run no other event loop."""
    from tests.console.browsing import CHROMIUM, QUIET, playwright

    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=str(program(*CHROMIUM)), args=[*QUIET, *(["--no-sandbox"] if as_root else [])]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def window(browser: Any, console: Console) -> Iterator[Any]:
    """A wide browser window in the United States."""
    from tests.console.browsing import Window

    window = Window(browser, console)
    yield window
    window.close()


@pytest.fixture
def tab(window: Any) -> Any:
    """The console's page, connected, before any call."""
    from tests.console.browsing import WAITING

    window.console.feed.set_desk(WAITING)
    return window.open()
