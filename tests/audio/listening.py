"""The product's ears on a real sound server, as a desk would have them, with everything they gave in reach."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.audio.sound_server import PATIENCE_S, wait_until
from tests.audio.sounds import Samples, joined
from voice_triage.audio.headset_source import HeadsetSource, Ways, Wishes
from voice_triage.audio.headset_watch import HeadsetState, HeadsetStatus, HeadsetWatch
from voice_triage.events import Block, Gap, Side


class HeardCall:
    """One call, taken from its source on a thread of its own."""

    def __init__(self, source: HeadsetSource) -> None:
        self.source = source
        self.items: list[Block | Gap] = []
        self.came: list[tuple[float, Block | Gap]] = []
        """The same with ``time.monotonic()`` when each came."""
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def blocks(self, side: Side = Side.CLIENT) -> list[Block]:
        """One side's blocks so far."""
        return [item for item in list(self.items) if isinstance(item, Block) and item.side is side]

    def gaps(self, side: Side = Side.CLIENT) -> list[Gap]:
        """One side's gaps so far."""
        return [item for item in list(self.items) if isinstance(item, Gap) and item.side is side]

    def sound(self, side: Side = Side.CLIENT) -> Samples:
        """One side's sound so far, in one piece, gaps left out."""
        return joined(self.blocks(side))

    def heard_s(self, side: Side = Side.CLIENT) -> float:
        """Seconds of one side's sound so far."""
        return sum(block.end_s - block.start_s for block in self.blocks(side))

    def wait_for_sound(self, seconds: float, side: Side = Side.CLIENT) -> None:
        """Until so much more of one side was heard."""
        enough_s = self.heard_s(side) + seconds
        wait_until(lambda: self.heard_s(side) >= enough_s or self.over.is_set())
        assert self.heard_s(side) >= enough_s, "the call ended"

    def assert_no_hole(self, side: Side = Side.CLIENT) -> None:
        """Every moment of the call is in one block or one gap."""
        at_s = 0.0
        for item in self.items:
            if item.side is side:
                assert abs(item.start_s - at_s) < 1e-6 or (at_s == 0.0 and item.start_s < 1.0), (at_s, item)
                at_s = item.end_s if isinstance(item, Block) else item.start_s + item.duration_s

    def _take(self) -> None:
        try:
            for item in self.source:
                self.came.append((time.monotonic(), item))
                self.items.append(item)
        finally:
            self.over.set()
            self.source.close()


class Listening:
    """A watch and the calls that it noticed."""

    def __init__(self, watch: HeadsetWatch, told: list[HeadsetStatus]) -> None:
        self.watch = watch
        self.told = told
        """Every status, in order."""

    def call(self) -> HeardCall:
        """The next call."""
        source = self.watch.next_call(PATIENCE_S)
        assert source is not None, self.watch.status
        return HeardCall(source)

    def wait_for(self, state: HeadsetState, words: str = "") -> None:
        """Until it stands so, with these words in its detail."""
        wait_until(lambda: self.watch.status.state is state and words in self.watch.status.detail)


def ways() -> Ways:
    """The real adapters."""
    from voice_triage.audio.linux import linux_ways

    return linux_ways()


@contextmanager
def listening(wishes: Wishes | None = None) -> Iterator[Listening]:
    """Listen from now on."""
    told: list[HeadsetStatus] = []
    watch = HeadsetWatch(ways(), wishes, told.append)
    try:
        yield Listening(watch, told)
    finally:
        watch.close()
