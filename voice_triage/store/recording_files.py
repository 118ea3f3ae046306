"""Recordings as sealed files of a call's folder: chunks of sound and, beside them, their peaks.

The first record of each says which chunk of the call follows it (JSON); the last, an empty one, marks the end. What a
chunk holds is the business of :mod:`voice_triage.audio.sound_chunk`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from voice_triage.closing import Closing
from voice_triage.errors import DamagedError, StoreError
from voice_triage.events import Side
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.sealed_file import SealedReader, SealedWriter

CHUNK_S = 0.5
"""Call time that one chunk covers; :mod:`voice_triage.audio.sound_chunk` holds to it, and a test compares."""
CHUNKS_PER_FLUSH = 4
"""A killed process loses nothing that was written; a power cut at most this many half seconds more."""


class SideRecording:
    """One side's file of sound and of peaks, being written. Used by one thread."""

    def __init__(self, folders: CallFolders, call: str, side: Side, first_chunk: int) -> None:
        """Raises OSError, StoreError."""
        about = json.dumps({"first_chunk": first_chunk}).encode()
        self._written = 0
        self._sound = folders.begin(call, side.value)
        try:
            self._peaks: SealedWriter = folders.begin_beside(call, f"{side.value}.peaks", self._sound)
            self._sound.append(about)
            self._peaks.append(about)
        except BaseException:
            self._sound.close()
            raise

    def write(self, chunk: bytes, peaks: bytes) -> None:
        """Keep the next chunk. Raises OSError, after which nothing more can be written."""
        self._written += 1
        self._sound.append(chunk, durable=self._written % CHUNKS_PER_FLUSH == 0)
        self._peaks.append(peaks)

    def finish(self) -> None:
        """Mark the end and close. Raises OSError."""
        self._sound.append(b"", last=True, durable=True)
        self._peaks.append(b"", last=True, durable=True)


class KeptSide(Closing):
    """One side's kept chunks and peaks, over all its files, also of a call that is going on. Not thread-safe."""

    def __init__(self, folders: CallFolders, call: str, side: Side) -> None:
        """Raises StoreError if a file cannot be opened, DamagedError if one was changed."""
        self._open = ExitStack()
        self._sound: dict[int, tuple[SealedReader, int]] = {}
        self._peaks: dict[int, tuple[SealedReader, int]] = {}
        try:
            for kind, places in ((side.value, self._sound), (f"{side.value}.peaks", self._peaks)):
                for file in folders.files(call, kind):
                    reader = self._open.enter_context(folders.open(call, file))
                    places.update(_places(reader))
        except BaseException:
            self._open.close()
            raise

    @property
    def chunks(self) -> Sequence[int]:
        """Indices of the kept chunks, in order; a hole among them was never written."""
        return sorted(self._sound)

    def chunk(self, index: int) -> bytes | None:
        """What was written, or None. Raises DamagedError."""
        place = self._sound.get(index)
        return None if place is None else place[0].record(place[1])

    def peaks(self) -> Iterator[tuple[int, bytes]]:
        """Peaks of the chunks that have them. Raises DamagedError."""
        for index in sorted(self._peaks):
            reader, number = self._peaks[index]
            yield index, reader.record(number)

    def close(self) -> None:
        """Close the files. Idempotent."""
        self._open.close()


def verify(folders: CallFolders, name: str) -> Sequence[str]:
    """Read every sealed file of the call in the folder of that name; returns a sentence for each that is damaged."""
    problems = []
    for file in folders.files_in(name):
        try:
            with folders.open_in(name, file) as reader:
                for _ in reader:
                    pass
        except StoreError as error:
            problems.append(str(error))
    return problems


def recorded_s(folders: CallFolders, call: str) -> float:
    """Call time up to which a call's sound is kept, 0 if none is, or none that can be read."""
    end_s = 0.0
    for side in Side:
        try:
            with KeptSide(folders, call, side) as kept:
                end_s = max(end_s, (max(kept.chunks, default=-1) + 1) * CHUNK_S)
        except StoreError:
            continue
    return end_s


def _places(reader: SealedReader) -> Iterator[tuple[int, tuple[SealedReader, int]]]:
    count = len(reader)
    if not count:
        return
    try:
        first = int(json.loads(reader.record(0))["first_chunk"])
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError("A recording does not say where it begins: it was kept by a newer version.") from error
    end = count - 1 if reader.complete else count
    for number in range(1, end):
        yield first + number - 1, (reader, number)
