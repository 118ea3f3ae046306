"""A kept call's sound, to be heard again: one side as a WAV file that need not exist, any part of it at once."""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from voice_triage.audio.resample import at_rate
from voice_triage.audio.sound_chunk import (
    CHUNK_S,
    PEAKS_PER_CHUNK,
    Missing,
    SoundChunk,
    decode,
    first_sample,
    peaks_of,
)
from voice_triage.closing import Closing
from voice_triage.errors import AudioError, DamagedError, StoreError
from voice_triage.events import Side
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.recording_files import KeptSide

WAV_HEADER_BYTES = 44
_SAMPLE_BYTES = 2
_CHUNKS_AT_HAND = 16
NOT_RECORDED = "Not recorded."
DAMAGED = "This part of the recording is damaged."


class Chunks(Protocol):
    """One side's half seconds, by index: :class:`~voice_triage.store.recording_files.KeptSide`."""

    @property
    def chunks(self) -> Sequence[int]:
        """Indices of those that are there, in order."""

    def chunk(self, index: int) -> bytes | None:
        """One as it was encoded, or None. Raises DamagedError."""

    def peaks(self) -> Iterator[tuple[int, bytes]]:
        """Their peaks."""

    def close(self) -> None:
        """They are not needed any more."""


class KeptSound(Closing):
    """One side of one kept call. What is missing or damaged in it is silence, and :meth:`missing` says so.

    Times and sample numbers count from the call's beginning. Not thread-safe.
    """

    def __init__(self, folders: CallFolders, call: str, side: Side) -> None:
        """Raises StoreError if nothing of that side was recorded, DamagedError if a file's frame was changed."""
        self._look_at(KeptSide(folders, call, side), call)

    @classmethod
    def held(cls, chunks: Chunks, call: str) -> Self:
        """One side of a call that is in memory until the client has consented. Raises StoreError if it has none."""
        sound = cls.__new__(cls)
        sound._look_at(chunks, call)
        return sound

    def _look_at(self, kept: Chunks, call: str) -> None:
        self._kept = kept
        self._chunks: OrderedDict[int, SoundChunk | None] = OrderedDict()
        self.damaged: set[int] = set()
        """Chunks found to be damaged so far."""
        indices = self._kept.chunks
        sound = next((chunk for index in indices if (chunk := self._chunk(index)) is not None), None)
        if sound is None:
            self._kept.close()
            raise StoreError(f"No sound of that side is kept of call {call}. It may have been recorded by no one.")
        self.rate_hz = sound.rate_hz
        last = self._chunk(indices[-1])
        length = 0 if last is None else round(len(last.samples) * self.rate_hz / last.rate_hz)
        self.samples_count = first_sample(indices[-1], self.rate_hz) + length
        self._last = indices[-1]

    @property
    def duration_s(self) -> float:
        """From the call's beginning to the end of what was recorded."""
        return self.samples_count / self.rate_hz

    def samples(self, first: int, count: int) -> NDArray[np.int16]:
        """Samples from number ``first`` on, at most ``count``; fewer at the end."""
        end = min(first + count, self.samples_count)
        sound = np.zeros(max(end - first, 0), dtype=np.int16)
        index = int(first / self.rate_hz / CHUNK_S)
        while index <= self._last and (start := first_sample(index, self.rate_hz)) < end:
            piece = self._at_our_rate(index)
            begin, stop = max(start, first), min(start + len(piece), end)
            if stop > begin:
                sound[begin - first : stop - first] = piece[begin - start : stop - start]
            index += 1
        return sound

    def missing(self) -> Sequence[Missing]:
        """Every stretch without sound, in order; reads the whole recording."""
        found: list[Missing] = []
        for index in range(self._last + 1):
            chunk = self._chunk(index)
            if chunk is None:
                why = DAMAGED if index in self.damaged else NOT_RECORDED
                _extend(found, Missing(index * CHUNK_S, CHUNK_S, why))
            else:
                for each in chunk.missing:
                    _extend(found, each)
        return found

    def peaks(self) -> NDArray[np.int8]:
        """Shape (n, 2): lowest and highest sample of every 50 ms, zero where nothing was recorded."""
        peaks = np.zeros((self._last + 1, PEAKS_PER_CHUNK, 2), dtype=np.int8)
        known = set()
        for index, data in self._kept.peaks():
            if index <= self._last and len(data) == peaks[0].size:
                peaks[index] = np.frombuffer(data, dtype=np.int8).reshape(PEAKS_PER_CHUNK, 2)
                known.add(index)
        for index in set(self._kept.chunks) - known:  # written a moment before a crash, the peaks not yet
            chunk = self._chunk(index)
            if chunk is not None:
                peaks[index] = np.frombuffer(peaks_of(chunk), dtype=np.int8).reshape(PEAKS_PER_CHUNK, 2)
        return peaks.reshape(-1, 2)

    # --- as a WAV file ------------------------------------------------------------------------------------------

    @property
    def wav_bytes(self) -> int:
        """Size of the whole file."""
        return WAV_HEADER_BYTES + self.samples_count * _SAMPLE_BYTES

    def wav(self, start: int, end: int) -> Iterator[bytes]:
        """The file's bytes from ``start`` up to ``end`` (exclusive), in pieces of half a second."""
        end = min(end, self.wav_bytes)
        if start < WAV_HEADER_BYTES and start < end:
            yield self._header(self.samples_count)[start : min(end, WAV_HEADER_BYTES)]
            start = WAV_HEADER_BYTES
        piece_bytes = first_sample(1, self.rate_hz) * _SAMPLE_BYTES
        while start < end:
            stop = min(start + piece_bytes, end)
            first, skip = divmod(start - WAV_HEADER_BYTES, _SAMPLE_BYTES)
            count = (stop - start + skip + 1) // _SAMPLE_BYTES
            yield self.samples(first, count).astype("<i2").tobytes()[skip : skip + stop - start]
            start = stop

    def clip(self, start_s: float, end_s: float) -> Iterator[bytes]:
        """The sound between two times as a WAV file of its own, in pieces of half a second; empty beyond the end."""
        first = min(max(0, round(start_s * self.rate_hz)), self.samples_count)
        last = min(max(first, round(end_s * self.rate_hz)), self.samples_count)
        yield self._header(last - first)
        piece = first_sample(1, self.rate_hz)
        for begin in range(first, last, piece):
            yield self.samples(begin, min(piece, last - begin)).astype("<i2").tobytes()

    def close(self) -> None:
        """Close the files. Idempotent."""
        self._kept.close()

    def _header(self, samples: int) -> bytes:
        size = samples * _SAMPLE_BYTES
        form = struct.pack("<HHIIHH", 1, 1, self.rate_hz, self.rate_hz * _SAMPLE_BYTES, _SAMPLE_BYTES, 16)
        whole = min(size + WAV_HEADER_BYTES - 8, 0xFFFF_FFFF)
        return (
            b"RIFF"
            + struct.pack("<I", whole)
            + b"WAVEfmt "
            + struct.pack("<I", 16)
            + form
            + b"data"
            + struct.pack("<I", min(size, 0xFFFF_FFFF))
        )

    def _at_our_rate(self, index: int) -> NDArray[np.int16]:
        chunk = self._chunk(index)
        if chunk is None:
            return np.empty(0, dtype=np.int16)
        return at_rate(chunk.samples, chunk.rate_hz, self.rate_hz)

    def _chunk(self, index: int) -> SoundChunk | None:
        """A chunk; None if it was not recorded or is damaged."""
        if index in self._chunks:
            self._chunks.move_to_end(index)
            return self._chunks[index]
        chunk: SoundChunk | None = None
        try:
            data = self._kept.chunk(index)
            chunk = None if data is None else decode(index, data)
        except (DamagedError, AudioError):
            self.damaged.add(index)
        self._chunks[index] = chunk
        while len(self._chunks) > _CHUNKS_AT_HAND:
            self._chunks.popitem(last=False)
        return chunk


def _extend(found: list[Missing], each: Missing) -> None:
    """Add a stretch; one that goes on where the last ended, for the same reason, becomes part of it."""
    if found and found[-1].reason == each.reason:
        last = found[-1]
        if abs(last.start_s + last.duration_s - each.start_s) < 1e-6:
            found[-1] = Missing(last.start_s, last.duration_s + each.duration_s, last.reason)
            return
    found.append(each)
