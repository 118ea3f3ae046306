"""Pages that read a stream: woken from any thread, each at its own speed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Reader:
    """One open page, on its server's loop."""

    loop: asyncio.AbstractEventLoop
    changed: asyncio.Event
    woken: bool = False
    ended: bool = False

    def wake(self) -> bool:
        """Tell it that there is news, from any thread; whether its server is still there."""
        if self.woken:
            return True
        self.woken = True
        try:
            self.loop.call_soon_threadsafe(self.changed.set)
        except RuntimeError:
            return False
        return True

    def look(self) -> None:
        """It looks now: news from here on wakes it again."""
        self.woken = False
        self.changed.clear()

    async def news(self, beat_s: float) -> bool:
        """Wait for news; False if none came in time for a beat."""
        try:
            async with asyncio.timeout(beat_s):
                await self.changed.wait()
        except TimeoutError:
            return False
        return True
