"""Between the recorder and the disk: a call's sound waits in memory until the client has consented."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from voice_triage.audio.recording import RecordingFile, RecordingFiles
from voice_triage.audio.sound_chunk import CHUNK_S
from voice_triage.errors import StoreError
from voice_triage.events import Side

HELD_S = 30 * 60.0
"""So much of each side is held while nobody has decided; older sound is let go (30 to 60 MB of FLAC a side)."""


@dataclass(frozen=True, slots=True)
class HeldChunk:
    """Half a second of one side, as it would be written."""

    index: int
    sound: bytes = field(repr=False)
    peaks: bytes = field(repr=False)


class HeldSide:
    """What is held of a side at one moment, to be heard (:class:`voice_triage.playback.Chunks`)."""

    def __init__(self, held: Sequence[HeldChunk]) -> None:
        self._held = {chunk.index: chunk for chunk in held}

    @property
    def chunks(self) -> Sequence[int]:
        """Indices, in order."""
        return sorted(self._held)

    def chunk(self, index: int) -> bytes | None:
        """One half second, or None."""
        held = self._held.get(index)
        return None if held is None else held.sound

    def peaks(self) -> Iterator[tuple[int, bytes]]:
        """Peaks of all."""
        return ((index, self._held[index].peaks) for index in self.chunks)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class _Side:
    held: deque[HeldChunk]
    file: RecordingFile | None = None
    next: int = 0
    """Index of the chunk that may follow in the open file."""
    ended: bool = False
    """The recorder has given all that there is."""


class ConsentedSound:
    """Takes one call's chunks from its recorder; holds, writes or forgets them. Safe from any thread.

    :meth:`begin` is what a :class:`~voice_triage.audio.recording.Recorder` is given for its files.
    """

    def __init__(
        self,
        files: RecordingFiles,
        leaves_out: Callable[[float, float], bool] = lambda _start_s, _end_s: False,
        *,
        held_s: float = HELD_S,
    ) -> None:
        """``leaves_out`` tells whether something between two call times may not be kept."""
        self._begin = files
        self._leaves_out = leaves_out
        self._most = max(1, round(held_s / CHUNK_S))
        self._lock = threading.RLock()
        self._sides: dict[Side, _Side] = {}
        self._through = False
        self._never = False

    # --- the recorder's side --------------------------------------------------------------------------------------

    def begin(self, side: Side, first: int) -> RecordingFile:
        """A file for a side, from the chunk of that index on, as far as the recorder knows."""
        with self._lock:
            known = self._sides.setdefault(side, _Side(deque(maxlen=self._most)))
            known.ended = False
        return _File(self, side, first)

    def take(self, side: Side, chunk: HeldChunk) -> None:
        """The next chunk. Raises OSError and StoreError, and then has not taken it: the recorder tries again."""
        with self._lock:
            known = self._sides[side]
            start_s = chunk.index * CHUNK_S
            if self._never or self._leaves_out(start_s, start_s + CHUNK_S):
                return
            known.held.append(chunk)
            if not self._through:
                return
            try:
                self._write(side, known)
            except BaseException:
                if known.held and known.held[-1] is chunk:
                    known.held.pop()
                raise

    def end(self, side: Side) -> None:
        """The recorder has given all of that side. Raises OSError and StoreError."""
        with self._lock:
            known = self._sides[side]
            known.ended = True
            if self._through:
                self._write(side, known)

    # --- the call's side ------------------------------------------------------------------------------------------

    def let_through(self) -> None:
        """What is held, and what comes, is written: by the recorder with its next chunk, here if it has ended.

        Raises OSError and StoreError; then the rest is still held, and this may be tried again.
        """
        with self._lock:
            self._through, self._never = True, False
            for side, known in self._sides.items():
                if known.ended:
                    self._write(side, known)

    def hold(self) -> None:
        """What comes is held; files that were begun are closed, for they are about to be deleted."""
        with self._lock:
            self._through = self._never = False
            self._close()

    def forget(self) -> None:
        """Let go of what is held and close what was begun; what comes is taken and forgotten."""
        with self._lock:
            self._through, self._never = False, True
            self._close()
            for known in self._sides.values():
                known.held.clear()

    def held(self, side: Side) -> HeldSide:
        """What is held of a side now."""
        with self._lock:
            known = self._sides.get(side)
            return HeldSide(() if known is None else tuple(known.held))

    # --- under the lock -------------------------------------------------------------------------------------------

    def _write(self, side: Side, known: _Side) -> None:
        try:
            while known.held:
                chunk = known.held[0]
                start_s = chunk.index * CHUNK_S
                if not self._leaves_out(start_s, start_s + CHUNK_S):
                    self._file(side, known, chunk.index).write(chunk.sound, chunk.peaks)
                    known.next = chunk.index + 1
                known.held.popleft()
            if known.ended and known.file is not None:
                file, known.file = known.file, None
                file.finish()
        except BaseException:
            known.file = None  # never written on: the next try begins another
            raise

    def _file(self, side: Side, known: _Side, index: int) -> RecordingFile:
        if known.file is not None and known.next != index:
            file, known.file = known.file, None
            file.finish()
        if known.file is None:
            known.file = self._begin(side, index)
        return known.file

    def _close(self) -> None:
        for known in self._sides.values():
            file, known.file = known.file, None
            if file is not None:
                with suppress(OSError, StoreError):  # it is about to be deleted: only its handle matters
                    file.finish()


class _File:
    """One side's file as the recorder sees it."""

    def __init__(self, sound: ConsentedSound, side: Side, first: int) -> None:
        self._sound = sound
        self._side = side
        self._next = first

    def write(self, chunk: bytes, peaks: bytes) -> None:
        """The next chunk. Raises OSError, StoreError."""
        self._sound.take(self._side, HeldChunk(self._next, chunk, peaks))
        self._next += 1

    def finish(self) -> None:
        """There is no more. Raises OSError, StoreError."""
        self._sound.end(self._side)
