"""Our own running recordings, on systems that do not list them themselves."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from voice_triage.audio.capture import Input, Target
from voice_triage.audio.sound_server import Recorder

Open = Callable[[Target, Callable[[bytes, float, bool], None]], Input]


@dataclass(frozen=True, slots=True)
class _Opened:
    tag: str
    index: int
    input: Input


class OpenInputs:
    """Numbers our recordings and knows where they are: where they were opened, until they end. Safe to share."""

    def __init__(self, open_input: Open) -> None:
        """``open_input`` opens a recording that cannot be moved to another device. Raises AudioError."""
        self._open = open_input
        self._lock = threading.Lock()
        self._count = itertools.count(1)
        self._opened: dict[int, _Opened] = {}

    def open(self, target: Target, tag: str, on_sound: Callable[[bytes, float, bool], None]) -> Input:
        """As Ways.open_input. Raises AudioError."""
        opened = _Opened(tag, target.index, self._open(target, on_sound))
        with self._lock:
            self._opened = {number: each for number, each in self._opened.items() if not each.input.ended}
            self._opened[next(self._count)] = opened
        return opened.input

    def source_of(self, recorder: int) -> int | None:
        """As SoundServer.source_of."""
        with self._lock:
            opened = self._opened.get(recorder)
            return None if opened is None or opened.input.ended else opened.index

    def recorders(self) -> tuple[Recorder, ...]:
        """Those that run, for a snapshot."""
        with self._lock:
            return tuple(
                Recorder(number, each.index, "", "", each.tag)
                for number, each in self._opened.items()
                if not each.input.ended
            )
