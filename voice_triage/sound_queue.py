"""Sound on its way from the source to being understood: a bounded queue, what found no room, and how old the oldest is.

The source's thread puts sound in, the recognizer's thread takes it out, and the understanding's thread tells when it is
done with a piece.
"""

from __future__ import annotations

import queue
from collections import deque
from dataclasses import dataclass

from voice_triage.backlog import Lost
from voice_triage.events import Block, Gap


@dataclass(frozen=True, slots=True)
class Arrived:
    """A piece of sound."""

    sound: Block | Gap
    at_s: float
    """Call time at which it was at hand."""


class SoundQueue:
    """One call's sound that is not understood yet."""

    def __init__(self, blocks: int) -> None:
        """``blocks`` is how many pieces may wait for the recognizer."""
        self._queue: queue.Queue[Arrived | None] = queue.Queue(blocks)
        self._lost = Lost()
        self._under_way: deque[float] = deque()
        """When what is on its way through the stages arrived, oldest first."""

    def __len__(self) -> int:
        """Pieces that have arrived and are not understood yet."""
        return len(self._under_way)

    def put(self, arrived: Arrived) -> None:
        """Queue sound, and wait until there is room."""
        self._under_way.append(arrived.at_s)
        self._queue.put(arrived)

    def offer(self, arrived: Arrived) -> None:
        """Queue live sound, after a gap for what found no room before it; where there is none it is lost itself."""
        for gap in self._lost.take():
            if self._lost or not self._has_room_for(Arrived(gap, arrived.at_s)):
                self._lost.add(gap)
        if self._lost or not self._has_room_for(arrived):
            self._lost.add(arrived.sound)

    def take_lost(self) -> list[Gap]:
        """Gaps for live sound that found no room and is not queued as one yet, earliest first."""
        return self._lost.take()

    def end(self) -> None:
        """No sound follows. Waits until there is room."""
        self._queue.put(None)

    def take(self) -> Arrived | None:
        """The next sound, which is waited for; None after the last."""
        return self._queue.get()

    def last_words(self, at_s: float) -> None:
        """The recognizer's last words, which the sound that arrived at ``at_s`` brought, are on their way too."""
        self._under_way.append(at_s)

    def understood(self) -> None:
        """The oldest piece has been understood."""
        if self._under_way:  # an abandoned source may still be writing there
            self._under_way.popleft()

    def oldest_s(self, now_s: float) -> float:
        """When the sound arrived that has waited longest to be understood; ``now_s`` if none waits."""
        try:
            return self._under_way[0]
        except IndexError:  # understood a moment ago, on its own thread
            return now_s

    def _has_room_for(self, arrived: Arrived) -> bool:
        self._under_way.append(arrived.at_s)
        try:
            self._queue.put_nowait(arrived)
        except queue.Full:
            self._under_way.pop()
            return False
        return True
