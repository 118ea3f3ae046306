"""A kept call's sound is served in any part, to the page alone."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.console.app import ConsoleServer
from voice_triage.console.entrance import Entrance
from voice_triage.console.feed import Feed
from voice_triage.console.sound import part_of
from voice_triage.errors import StoreError
from voice_triage.events import Side

WAV = secrets.token_bytes(100_000)


class KeptBytes:
    """A side's sound, which is any bytes."""

    opened = 0

    def __init__(self) -> None:
        KeptBytes.opened += 1

    @property
    def wav_bytes(self) -> int:
        """All of them."""
        return len(WAV)

    def wav(self, start: int, end: int) -> Iterator[bytes]:
        """In pieces."""
        for first in range(start, end, 7000):
            yield WAV[first : min(first + 7000, end)]

    def close(self) -> None:
        """Not needed any more."""
        KeptBytes.opened -= 1


def open_sound(call: str, side: Side) -> KeptBytes:
    """Only the client's side of one call is kept."""
    if (call, side) != ("kept", Side.CLIENT):
        raise StoreError("No sound of that side is kept of this call.")
    return KeptBytes()


def closed() -> bool:
    """Whether all that was opened is closed, which the server does once the browser has the last byte."""
    give_up_at = time.monotonic() + 10.0
    while KeptBytes.opened and time.monotonic() < give_up_at:
        time.sleep(0.01)
    return not KeptBytes.opened


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A browser that has opened the console's link."""
    server = ConsoleServer(Feed(), open_sound=open_sound, entrance=Entrance(may_open=lambda *_: True))
    link = server.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        assert client.get("/api/calls/kept/client.wav").status_code == 403
        client.get(link)
        yield client
    server.stop()


def test_the_whole_file_is_served(client: httpx.Client) -> None:
    """As a WAV file, never stored by the browser, and closed afterwards."""
    answer = client.get("/api/calls/kept/client.wav")
    assert (answer.status_code, answer.content) == (200, WAV)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"
    assert closed()


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, 100_000),
        ("bytes=5-5", 5, 6),
        ("bytes=99990-200000", 99_990, 100_000),
        ("bytes=-7", 99_993, 100_000),
    ],
)
def test_a_part_is_served(client: httpx.Client, asked: str, start: int, end: int) -> None:
    """What a browser asks for when somebody seeks."""
    answer = client.get("/api/calls/kept/client.wav", headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, WAV[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/100000"
    head = client.head("/api/calls/kept/client.wav", headers={"range": asked})
    assert (head.status_code, head.content, head.headers["content-length"]) == (206, b"", str(end - start))
    assert closed()


def test_beyond_the_end_there_is_nothing(client: httpx.Client) -> None:
    """The answer says how long the file is."""
    answer = client.get("/api/calls/kept/client.wav", headers={"range": "bytes=100000-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */100000")


@pytest.mark.parametrize("path", ["kept/own", "other/client", "kept/nobody", "..%2f..%2fmaster/client", "kept/../own"])
def test_what_is_not_kept_is_not_found(client: httpx.Client, path: str) -> None:
    """Another side, another call, no side, a way out of the folder."""
    assert client.get(f"/api/calls/{path}.wav").status_code in (404, 422)


@given(st.one_of(st.text(max_size=30), st.from_regex(r"bytes=[0-9]{0,20}-[0-9]{0,20}(,[0-9]*-)?")), st.integers(0, 50))
def test_any_header_asks_for_a_part_that_is_there(header: str, size: int) -> None:
    """Hostile ranges end in the whole file, a part inside it, or nothing."""
    wanted = part_of(header, size)
    if wanted is not None:
        start, end, whole = wanted
        assert (start, end) == (0, size) if whole else 0 <= start < end <= size
