"""The board at the back of the house: what the desk has handed off, live.

Messages to a page: ``board`` with ``{"calls": [card, ...]}``, whole, at first and whenever it changes, the latest
hand-off first; ``beat`` without news for ``beat_s``; ``bye`` when the console stops.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any

from voice_triage.card import Card
from voice_triage.console.event_json import card_json
from voice_triage.console.feed import BEAT_S, Message
from voice_triage.console.readers import Reader


class Board:
    """What every page at the back of the house shows. Every method may be called from any thread."""

    def __init__(self, *, beat_s: float = BEAT_S) -> None:
        self._beat_s = beat_s
        self._lock = threading.Lock()
        self._cards: tuple[Card, ...] = ()
        self._version = 0
        self._readers: set[Reader] = set()

    def show(self, cards: Sequence[Card]) -> None:
        """Replace what was handed off, the latest first; returns at once."""
        with self._lock:
            self._cards = tuple(cards)
            self._version += 1
            self._wake()

    def end_pages(self) -> None:
        """Say goodbye to every open page and end its stream."""
        with self._lock:
            for reader in self._readers:
                reader.ended = True
            self._wake()

    def snapshot(self) -> dict[str, Any]:
        """``{"calls": [card]}``, fit for ``json.dumps``."""
        with self._lock:
            cards = self._cards
        return {"calls": [card_json(card) for card in cards]}

    async def follow(self) -> AsyncIterator[Message]:
        """The board now and whenever it changes, until :meth:`end_pages`."""
        reader = Reader(asyncio.get_running_loop(), asyncio.Event())
        seen = -1
        with self._lock:
            self._readers.add(reader)
        try:
            while True:
                with self._lock:
                    reader.look()
                    version, ended = self._version, reader.ended
                if version != seen:
                    seen = version
                    yield Message("board", json.dumps(self.snapshot()))
                elif ended:
                    yield Message("bye", "{}")
                    return
                elif not await reader.news(self._beat_s):
                    yield Message("beat", "{}")
        finally:
            with self._lock:
                self._readers.discard(reader)

    def _wake(self) -> None:
        self._readers -= {reader for reader in self._readers if not reader.wake()}
