"""A running console."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed


@dataclass(frozen=True)
class Console:
    """A console on a free port of this machine, and the link that opens it once."""

    feed: Feed
    server: ConsoleServer
    link: str

    @property
    def address(self) -> str:
        """Its origin: scheme, host and port."""
        return f"http://127.0.0.1:{self.server.port}"


@pytest.fixture
def console() -> Iterator[Console]:
    """Starts before the test, stops after it."""
    feed = Feed()
    server = ConsoleServer(feed)
    link = server.start()
    yield Console(feed, server, link)
    server.stop()
