"""Places live sound in call time, and finds what is missing: blocks and gaps without a hole between them.

A device tells no time, so a stretch of sound is placed by when its first piece arrived, and within it by counting
samples. A piece that comes later than the samples before it promise is either merely late, and those after it catch up,
or sound was lost; PortAudio flags neither (``capture.md``), so it is measured.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice_triage.events import Block, Gap, Side

JUMP_S = 0.12
"""More lateness than the pieces before had, and something happened. Pieces of 20 ms come up to 60 ms apart."""
CAUGHT_UP_S = 0.06
HOLD_S = 0.5
"""How long late sound is held until it is clear what it was. A server that stood still for 2 s caught up in 0.3 s."""
USUAL_S = 5.0
"""Stretch in which the usual lateness is taken: short enough that a device's clock does not matter."""
SHORTEST_GAP_S = 0.02
LONGEST_UNTOLD_START_S = 1.0
"""A recording takes 0.1 to 0.3 s to open after pick-up, which is no loss worth telling; this much is."""
GAP_TOLD_EVERY_S = 5.0
"""A gap of the client's side that lasts is told in pieces, so that the call's log never stands still."""
ON_ITS_WAY_S = 0.25
"""So much sound may be on its way when a call ends; its loss is not worth telling."""
FLUSH_AFTER_S = 0.25
"""After such a pause in arrivals, the beginning of a block is given as it is."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A little sound as it came from a device."""

    samples: NDArray[np.int16]
    """Shape (n,), one channel."""
    rate_hz: int
    arrived: float
    """``time.monotonic()`` when it was at hand; its last sample is a little older."""
    after_loss: bool = False
    """Whether the device says that it lost sound before it."""


class Origin:
    """Where call time begins, for both sides: with the first sound, or at pick-up if that was much earlier."""

    def __init__(self, picked_up: float | None = None) -> None:
        """``picked_up`` is a ``time.monotonic()``."""
        self._picked_up = picked_up
        self._zero: float | None = None

    def waited_s(self, now: float) -> float:
        """Seconds since pick-up; 0 if that is not known."""
        return 0.0 if self._picked_up is None else now - self._picked_up

    def begin(self, first: float) -> None:
        """The first sample of any side was heard at ``first``; only the first call counts."""
        if self._zero is not None:
            return
        self._zero = first
        if self._picked_up is not None and first - self._picked_up > LONGEST_UNTOLD_START_S:
            self._zero = self._picked_up

    def call_s(self, monotonic: float) -> float:
        """Call time in seconds; 0 before the beginning."""
        return 0.0 if self._zero is None else max(0.0, monotonic - self._zero)


class Timeline:
    """One side's sound as blocks of ``block_ms`` (the last before a gap shorter) and gaps. Used by one thread."""

    def __init__(self, side: Side, origin: Origin, *, block_ms: int) -> None:
        self._side = side
        self._origin = origin
        self._block_ms = block_ms
        self._rate_hz = 0
        self._begun = False
        """Whether a stretch of sound goes on."""
        self._reason = "Not heard yet."
        """Why no stretch goes on."""
        self._told_s: float | None = None
        """Call time up to which everything is told; None before anything is."""
        self._pending: list[NDArray[np.int16]] = []
        """Sound from ``_told_s`` on that is not yet a block's worth."""
        self._held: list[tuple[Piece, float]] = []
        """Late sound, and how late it was: not clear yet whether any was lost before it."""
        self._usual: deque[tuple[float, float]] = deque()
        """Arrival and lateness of pieces of late, rising: the first is the least."""
        self._arrived = 0.0

    def sound(self, piece: Piece) -> list[Block | Gap]:
        """What a further piece completes."""
        told: list[Block | Gap] = []
        if self._begun and (piece.rate_hz != self._rate_hz or piece.after_loss):
            told += self.interrupt("The computer was too slow to take in all sound.")
        self._arrived = piece.arrived
        if not self._begun:
            told += self._begin(piece)
        late_s = self._lateness_s(piece)
        if self._held or late_s > self._usual_lateness_s() + JUMP_S:
            self._held.append((piece, late_s))
            return told + self._settle(piece.arrived)
        return told + self._accept(piece, late_s)

    def interrupt(self, reason: str) -> list[Block | Gap]:
        """What comes next does not follow what was; ``reason`` is one plain sentence. The first reason counts."""
        told = self._settle(None) + self._flush()
        if self._begun or self._told_s is None:
            self._reason = reason
        self._begun = False
        return told

    def pass_time(self, now: float) -> list[Block | Gap]:
        """What is to be told because time passes without sound."""
        told = self._settle(now)
        if self._pending and not self._held and now - self._arrived > FLUSH_AFTER_S:
            told += self._flush()
        if self._begun or self._side is not Side.CLIENT:
            return told
        if self._told_s is None and self._origin.waited_s(now) >= GAP_TOLD_EVERY_S:  # nothing was heard at all
            self._origin.begin(now)
            self._told_s = 0.0
        if self._told_s is not None:
            missing_s = self._origin.call_s(now) - self._told_s
            if missing_s >= GAP_TOLD_EVERY_S:
                told.append(self._gap(missing_s))
        return told

    def end(self, at: float) -> list[Block | Gap]:
        """The rest, when the call ended at ``at`` (monotonic)."""
        told = self._settle(None) + self._flush()
        if self._told_s is not None and not self._begun:
            missing_s = self._origin.call_s(at) - self._told_s
            if missing_s > ON_ITS_WAY_S:
                told.append(self._gap(missing_s))
        return told

    def _begin(self, piece: Piece) -> list[Block | Gap]:
        first = piece.arrived - len(piece.samples) / piece.rate_hz
        self._origin.begin(first)
        start_s = self._origin.call_s(first)
        told: list[Block | Gap] = []
        if self._told_s is not None:
            told.append(self._gap(max(start_s - self._told_s, SHORTEST_GAP_S)))
        elif start_s > LONGEST_UNTOLD_START_S:
            self._told_s = 0.0
            told.append(self._gap(start_s))
        else:
            self._told_s = start_s
        self._begun = True
        self._rate_hz = piece.rate_hz
        self._usual.clear()
        return told

    def _lateness_s(self, piece: Piece) -> float:
        """How much later a piece came than its last sample should have been spoken, if nothing was lost."""
        assert self._told_s is not None
        waiting = sum(map(len, self._pending)) + sum(len(held.samples) for held, _ in self._held) + len(piece.samples)
        return self._origin.call_s(piece.arrived) - (self._told_s + waiting / self._rate_hz)

    def _usual_lateness_s(self) -> float:
        return self._usual[0][1] if self._usual else 0.0

    def _settle(self, now: float | None) -> list[Block | Gap]:
        """Decide about held sound if that can be done by ``now``; None: it must be done."""
        if not self._held:
            return []
        usual_s = self._usual_lateness_s()
        least_late_s = min(late_s for _, late_s in self._held)
        told: list[Block | Gap] = []
        if least_late_s > usual_s + CAUGHT_UP_S:
            if now is not None and now - self._held[0][0].arrived < HOLD_S:
                return []
            told += self._flush()
            told.append(self._gap(least_late_s - usual_s, "Sound was lost on its way from the headset."))
            self._usual.clear()
        held, self._held = self._held, []
        for piece, _ in held:
            told += self._accept(piece, self._lateness_s(piece))
        return told

    def _accept(self, piece: Piece, late_s: float) -> list[Block | Gap]:
        while self._usual and self._usual[-1][1] >= late_s:
            self._usual.pop()
        self._usual.append((piece.arrived, late_s))
        while self._usual[0][0] < piece.arrived - USUAL_S:
            self._usual.popleft()
        self._pending.append(piece.samples)
        enough = sum(map(len, self._pending)) * 1000 >= self._block_ms * self._rate_hz
        return self._flush() if enough else []

    def _flush(self) -> list[Block | Gap]:
        if not self._pending:
            return []
        assert self._told_s is not None
        block = Block(self._side, self._told_s, np.concatenate(self._pending), self._rate_hz)
        self._pending = []
        self._told_s = block.end_s
        return [block]

    def _gap(self, duration_s: float, reason: str = "") -> Gap:
        assert self._told_s is not None
        gap = Gap(self._side, self._told_s, duration_s, reason or self._reason)
        self._told_s += duration_s
        return gap
