"""A running console."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from voice_triage.console.app import ConsoleServer
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
    """Starts before the test, stops after it. Its desk does everything but go on listening."""
    feed = Feed()
    asked: list[DeskCommand] = []

    def command(name: DeskCommand) -> None:
        if name is DeskCommand.RESUME:
            raise DeskError("Listening is not paused.")
        asked.append(name)

    server = ConsoleServer(feed, command=command)
    link = server.start()
    yield Console(feed, server, link, asked)
    server.stop()
