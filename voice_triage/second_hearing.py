"""The way of finished utterances through the careful ear: at once for recordings, behind one bounded queue live.

The queue is one for all calls of the process, on a thread of low priority. Behind, the newest stretch is heard first,
since the CSR acts on what was said last; what finds no room is answered as skipped, never lost in silence.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voice_triage.call_log import code_of, where
from voice_triage.speech.careful import CarefulEar, Rehearing
from voice_triage.stretches import Stretch

log = logging.getLogger(__name__)

MOST_WAITING = 12
"""Stretches that wait at most; more are a minute or so of talk, whose settling would come too late to act on."""
TOO_SLOW_S = 4.0
"""Wall time for one stretch above which this computer does not keep up: people say one in five seconds or so."""
PATIENCE = 5
"""So many stretches in a row must be too slow: another program's short burst is passed over."""
SUPERSEDED = "superseded"
"""Code of a stretch that need not be heard: a longer one that holds it is asked for."""
CLOSE_S = 60.0
"""How long closing waits for the stretch that is being heard, or for the model that is being loaded."""
NICENESS = 10
"""Below the live recognizer, recording and page, which then never wait for the careful ear."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a stretch."""

    stretch: Stretch
    rehearing: Rehearing | None
    """None if it was not heard again."""
    compute_s: float = 0.0
    code: str = ""
    """Why not: ``superseded``, ``behind``, ``too_slow``, ``closed`` or an error's code."""


Ask = Callable[[Answer], None]


class SecondHearing(Protocol):
    """Has stretches heard again. From any thread."""

    name: str
    """What hears, for the call's log."""

    @property
    def on(self) -> bool:
        """Whether stretches are heard; a call begins without a second hearing where they are not."""

    def ask(self, stretch: Stretch, answer: Ask) -> None:
        """Have a stretch heard; ``answer`` is called exactly once, from any thread, and returns at once."""

    def close(self) -> None:
        """Hear no more and free the model's memory. Idempotent."""


class AtOnce:
    """Hears in the asking thread: for recordings, whose times are worked out from the computing times."""

    def __init__(self, ear: CarefulEar) -> None:
        self.name = ear.name
        self._ear = ear

    @property
    def on(self) -> bool:
        """See the protocol."""
        return True

    def ask(self, stretch: Stretch, answer: Ask) -> None:
        """See the protocol."""
        answer(_heard(self._ear, stretch))

    def close(self) -> None:
        """See the protocol."""
        self._ear.close()


class HearingQueue:
    """Hears on one thread of its own, which also loads the model: several seconds that no call waits for.

    With ``only_if_fast`` it gives up on a computer that does not keep up (``TOO_SLOW_S``), and says so once by
    ``tell``; so it does if the model does not load.
    """

    def __init__(
        self,
        load: Callable[[], CarefulEar],
        name: str,
        *,
        only_if_fast: bool = False,
        tell: Callable[[str], None] | None = None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.name = name
        self._load = load
        self._only_if_fast = only_if_fast
        self._tell = tell
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Stretch, Ask]] = deque()
        self._changed = threading.Condition()
        self._off = ""
        self._slow = 0
        self._thread = threading.Thread(target=self._work, name="careful ear", daemon=True)
        self._thread.start()

    @property
    def on(self) -> bool:
        """See the protocol. True while the model loads."""
        return not self._off

    def ask(self, stretch: Stretch, answer: Ask) -> None:
        """See the protocol."""
        skipped: list[tuple[Stretch, Ask, str]] = []
        with self._changed:
            if self._off:
                skipped.append((stretch, answer, self._off))
            else:
                for older in [one for one in self._waiting if one[1] == answer and stretch.replaces(one[0])]:
                    self._waiting.remove(older)
                    skipped.append((*older, SUPERSEDED))
                self._waiting.append((stretch, answer))
                while len(self._waiting) > self._most_waiting:
                    skipped.append((*self._waiting.popleft(), "behind"))
                self._changed.notify()
        for oldest, its_answer, code in skipped:
            its_answer(Answer(oldest, None, code=code))

    def close(self) -> None:
        """Answer what waits as not heard and wait for the thread's end. Idempotent."""
        self._give_up("closed")
        # A process that ends while the engine loads or hears on another thread crashes.
        if threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_S)

    # --- its thread -------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        _lower_priority()
        try:
            ear = self._load()
        except Exception as error:  # noqa: BLE001 - becomes a sentence for the CSR; calls are heard once
            log.error("the careful ear does not load: %s", where(error))
            self._give_up(code_of(error), f"Calls are heard once, with more wrong words: {error}")
            return
        try:
            while (next_one := self._next()) is not None:
                stretch, answer = next_one
                began = time.monotonic()
                answer(_heard(ear, stretch))
                self._judge_speed(time.monotonic() - began)
        finally:
            ear.close()

    def _next(self) -> tuple[Stretch, Ask] | None:
        with self._changed:
            while not self._waiting:
                if self._off:
                    return None
                self._changed.wait()
            return self._waiting.pop()

    def _judge_speed(self, took_s: float) -> None:
        self._slow = self._slow + 1 if took_s > TOO_SLOW_S else 0
        if self._only_if_fast and self._slow >= PATIENCE:
            self._give_up(
                "too_slow",
                "This computer is too slow to hear utterances a second time, so they are heard once, with more wrong "
                "words. Close other programs, or set careful_ear to on to have it tried all the same.",
            )

    def _give_up(self, code: str, why: str = "") -> None:
        with self._changed:
            if self._off:
                return
            self._off = code
            left = list(self._waiting)
            self._waiting.clear()
            self._changed.notify()
        for stretch, answer in left:
            answer(Answer(stretch, None, code=code))
        if why and self._tell is not None:
            self._tell(why)


def _heard(ear: CarefulEar, stretch: Stretch) -> Answer:
    cpu_s, wall_s = time.process_time(), time.monotonic()
    try:
        rehearing = ear.rehear(stretch.samples, stretch.start_s, stretch.live)
    except Exception as error:  # noqa: BLE001 - becomes a visible event; the live words stand
        log.error("an utterance could not be heard again: %s", where(error))
        return Answer(stretch, None, code=code_of(error))
    # Other threads of this process also compute, and other programs also slow it down: the smaller is nearer to it.
    took_s = min(time.process_time() - cpu_s, time.monotonic() - wall_s)
    return Answer(stretch, rehearing, took_s)


def _lower_priority() -> None:
    """Of this thread, and of those that the engine starts from it."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
