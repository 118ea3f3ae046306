"""Recording a call: both sides apart, behind the live edge, on a thread of its own that nothing waits for."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from voice_triage.audio.held_sound import HeldSound
from voice_triage.audio.sound_chunk import CHUNK_S, SoundChunk, encode, peaks_of
from voice_triage.errors import VoiceTriageError
from voice_triage.events import Block, Gap, Side, StageFailed

log = logging.getLogger(__name__)

HOLD_BACK_S = 2.0
"""How far the writer stays behind the live edge: what must not be kept is known by then (a spoken card number)."""
RETRY_S = 5.0
"""How long a disk that refused is left alone."""
PATIENCE_S = 120.0
"""How much sound per side waits in memory for a disk that is slow, full or gone (4 MB at 16 kHz), or to be judged."""
CLOSING_S = 10.0
"""How long the end of a call waits for the disk."""


class RecordingFile(Protocol):
    """Where one side's chunks go, in order; both methods may raise OSError or StoreError, and then it is done for."""

    def write(self, chunk: bytes, peaks: bytes) -> None:
        """Keep the next chunk."""

    def finish(self) -> None:
        """Mark the end and close."""


RecordingFiles = Callable[[Side, int], RecordingFile]
"""Begins a new file for a side, from the chunk of that index on. May raise OSError or StoreError."""


class Recorder:
    """Records one call. :meth:`hear` may be called from any thread and never waits for the disk."""

    def __init__(
        self,
        files: RecordingFiles,
        tell: Callable[[StageFailed], None],
        *,
        hold_back_s: float = HOLD_BACK_S,
        retry_s: float = RETRY_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """``tell`` is called on the writer's thread with what the CSR must know."""
        self._begin = files
        self._tell = tell
        self._hold_back_s = hold_back_s
        self._retry_s = retry_s
        self._patience_s = patience_s
        self._patience = max(1, round(patience_s / CHUNK_S))
        self._news = threading.Condition()
        self._held: dict[Side, HeldSound] = {}
        self._judged_s = math.inf
        self._unjudged = False
        self._ending = self._discarded = False
        self._waiting: deque[tuple[Side, SoundChunk]] = deque()
        """Cut, not written yet."""
        self._files: dict[Side, RecordingFile] = {}
        self._next: dict[Side, int] = {}
        self._failed_at: float | None = None
        self._lost = 0
        self._writer = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._writer.start()

    def hear(self, sound: Block | Gap) -> None:
        """Take in the next sound of a side."""
        with self._news:
            if self._discarded:
                return
            held = self._held.setdefault(sound.side, HeldSound())
            if isinstance(sound, Gap):
                held.miss(sound)
            else:
                held.hear(sound)
            self._news.notify()

    def judged(self, to_s: float) -> None:
        """What was said before ``to_s`` may be written, nothing of what comes after; until this is told anew.

        At the call's end the rest is dropped. Where it is never told, all may be written. What waits for longer than
        the recorder's patience is made silent.
        """
        with self._news:
            self._judged_s = to_s
            self._news.notify()

    def blank(self, start_s: float, end_s: float, reason: str) -> bool:
        """Replace that stretch, also what is still to come of it, by silence on both sides.

        False if part of it was written already.
        """
        with self._news:
            begun_s = [held.blank(start_s, end_s, reason) for held in self._held.values()]
            return all(each <= start_s for each in begun_s)

    def close(self) -> None:
        """The call has ended: write everything that may be written, mark the end. Waits CLOSING_S at most."""
        with self._news:
            self._ending = True
            self._news.notify()
        self._writer.join(CLOSING_S)
        if self._writer.is_alive():
            log.error("the recording could not be finished in time")
            self._tell(_failure("slow", "The disk is too slow, so the end of this call's recording may be missing."))

    def discard(self) -> None:
        """Nothing of this call is to be kept: forget what is held, and write no more."""
        with self._news:
            self._held.clear()
            self._waiting.clear()
            self._discarded = True
        self.close()

    # --- the writer's thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        ending = False
        while not ending:
            with self._news:
                self._news.wait(timeout=CHUNK_S)
                ending = self._ending
                self._cut(ending=ending)
            self._write(last_try=ending)
        for file in self._files.values():
            try:
                file.finish()
            except Exception as error:  # noqa: BLE001 - whatever the disk raises, the sound before it is kept
                self._fail(error)

    def _cut(self, *, ending: bool) -> None:
        for side, held in self._held.items():
            upto_s = self._judged_s
            if not ending and held.edge_s - self._patience_s > upto_s:
                self._give_up_judging(held, upto_s)
                upto_s = held.edge_s - self._patience_s
            chunks = held.rest(upto_s) if ending else held.ready(min(upto_s, held.edge_s - self._hold_back_s))
            self._waiting.extend((side, chunk) for chunk in chunks)
        room = self._patience * max(len(self._held), 1)
        while len(self._waiting) > room:
            self._waiting.popleft()
            self._lost += 1

    def _give_up_judging(self, held: HeldSound, from_s: float) -> None:
        held.blank(from_s, held.edge_s - self._patience_s, "It could not be checked for card numbers in time.")
        if not self._unjudged:
            self._unjudged = True
            self._tell(
                _failure(
                    "unjudged",
                    "This call's sound could not be checked for card numbers in time, so a part of it is not kept. The "
                    "live view goes on; close other programs on this computer.",
                )
            )

    def _write(self, *, last_try: bool) -> None:
        if self._failed_at is not None and not last_try and time.monotonic() - self._failed_at < self._retry_s:
            return
        while self._waiting:
            side, chunk = self._waiting[0]
            try:
                self._file(side, chunk.index).write(encode(chunk), peaks_of(chunk))
            except Exception as error:  # noqa: BLE001 - whatever it is, the call goes on and the CSR is told
                self._files.pop(side, None)  # never written on: the next try begins another file
                self._fail(error)
                return
            self._next[side] = chunk.index + 1
            self._waiting.popleft()
        if self._failed_at is not None:
            self._failed_at = None
            lost_s = self._lost * CHUNK_S
            what = f"{lost_s:.0f} seconds are missing in it." if lost_s else "Nothing is missing in it."
            self._lost = 0
            self._tell(_failure("resumed", f"The call is being recorded again. {what}"))

    def _file(self, side: Side, index: int) -> RecordingFile:
        file = self._files.get(side)
        if file is not None and self._next.get(side) != index:
            del self._files[side]
            file.finish()
            file = None
        if file is None:
            file = self._files[side] = self._begin(side, index)
        return file

    def _fail(self, error: Exception) -> None:
        first, self._failed_at = self._failed_at is None, time.monotonic()
        code = error.code if isinstance(error, VoiceTriageError) else type(error).__name__
        log.error("recording failed: %s", code)
        if first:
            self._tell(
                _failure(
                    code,
                    "This call cannot be recorded at the moment (is the disk full?). The live view goes on; recording "
                    "resumes by itself when it can. Tell whoever looks after this computer.",
                )
            )


def _failure(code: str, advice: str) -> StageFailed:
    return StageFailed(0.0, "recording", code, advice)
