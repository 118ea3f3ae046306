"""Sound files as a source: WAV, FLAC and Ogg, played in real time or as fast as they can be read."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from voice_triage.errors import AudioError
from voice_triage.events import Block, Gap, Side

LOWEST_RATE_HZ = 8000
"""A telephone line; below it the consonants that tell words apart are gone."""
HIGHEST_RATE_HZ = 48000
MOST_CHANNELS = 8
"""More is a damaged header or no call recording; it bounds the memory that one block takes."""
CONTAINERS = ("WAV", "WAVEX", "RF64", "FLAC", "OGG")
"""libsndfile's names. It knows more, but those are what recorders write and what the tests cover."""
UNKNOWN_SIZE = 0x7FFFF000
"""Programs that write a WAV to a pipe put this or more as the size of the sound: it promises nothing."""
NO_LENGTH = 1 << 40
"""Frames; libsndfile gives 2**63 - 1 for a FLAC file that was written to a pipe and does not tell its length."""


class WavSource:
    """An :class:`~voice_triage.audio.source.AudioSource` that reads the client's side from a sound file.

    ``channel`` picks one channel, from 0; without it, the first. With ``realtime`` a block comes when its last sample
    would have been spoken, counted from the first one, so a slow consumer is caught up with and nothing drifts.
    A file is read once, block by block, never whole; where it breaks off or is damaged, the rest is a Gap.

    Raises AudioError, at once, if the file cannot be opened, holds no sound, or is not a call's (``LOWEST_RATE_HZ``,
    ``HIGHEST_RATE_HZ``, ``MOST_CHANNELS``); while iterating, only if nothing at all could be read.
    """

    def __init__(
        self, path: Path | str, *, channel: int | None = None, realtime: bool = False, block_ms: int = 100
    ) -> None:
        if block_ms < 1:
            raise ValueError(f"block_ms is {block_ms}: a block has at least 1 ms")
        self._path = Path(path)
        self.name = self._path.name
        self._file = _opened(self._path)
        try:
            _refuse_unfit(self._file, self._path)
            self._channel = _chosen_channel(channel, self._file.channels, self._path)
        except AudioError:
            self._file.close()
            raise
        self.sample_rate_hz: int = self._file.samplerate
        self._block_frames = max(1, self.sample_rate_hz * block_ms // 1000)
        self._realtime = realtime
        self._frames: int = self._file.frames
        self._position = 0
        self._missing_s = _missing_from_riff_s(self._path)
        self._stopped = threading.Event()
        # A file must not be closed under a thread that is reading from it: libsndfile would crash.
        self._reading = threading.Lock()

    @property
    def duration_s(self) -> float:
        """Seconds of sound in the file; if it turns out to be damaged, of sound that could be read."""
        return self._frames / self.sample_rate_hz

    def __iter__(self) -> Iterator[Block | Gap]:
        """Blocks from where the last iteration ended, then a Gap if sound is missing at the end.

        Raises AudioError if not even the first block can be read.
        """
        first_sample_at = time.monotonic() - self._position / self.sample_rate_hz
        while not self._stopped.is_set() and (block := self._next_block()) is not None:
            wait_s = first_sample_at + block.end_s - time.monotonic() if self._realtime else 0.0
            if wait_s > 0 and self._stopped.wait(wait_s):
                return
            yield block
        if self._missing_s > 0 and not self._stopped.is_set():
            gap = Gap(
                Side.CLIENT,
                self._position / self.sample_rate_hz,
                self._missing_s,
                f"{self.name} ends early or is damaged: {self._missing_s:.1f} s that its header promises are not there",
            )
            self._missing_s = 0.0
            yield gap

    def stop(self) -> None:
        """End the iteration soon, from any thread; a real-time wait is cut short."""
        self._stopped.set()

    def close(self) -> None:
        """Stop, and free the file. Idempotent."""
        self._stopped.set()
        with self._reading:
            self._file.close()

    def _next_block(self) -> Block | None:
        with self._reading:
            if self._file.closed or self._position >= self._frames:
                return None
            wanted = min(self._block_frames, self._frames - self._position)
            try:
                samples = _read_int16(self._file, wanted, self._channel)
            except soundfile.SoundFileError as error:
                if self._position == 0:
                    raise AudioError(
                        f"{self._path} is damaged: no sound in it can be read ({error}). Copy the file again."
                    ) from error
                samples = np.empty(0, dtype=np.int16)
        start = self._position
        self._position += len(samples)
        if len(samples) < wanted:
            self._missing_s += (self._frames - self._position) / self.sample_rate_hz
            self._frames = self._position
        if len(samples) == 0:
            return None
        return Block(Side.CLIENT, start / self.sample_rate_hz, samples, self.sample_rate_hz)


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        if not path.exists():
            raise AudioError(f"There is no file {path}. Check its name and folder.")
        if not path.is_file():
            raise AudioError(f"{path} is not a file. Name one sound file (WAV, FLAC or Ogg).")
        if path.stat().st_size == 0:
            raise AudioError(f"{path} is empty (0 bytes). Record or copy it again.")
        return soundfile.SoundFile(path)
    except (soundfile.SoundFileError, TypeError) as error:
        # TypeError: soundfile takes the ending .raw to mean headerless sound, of which it must be told the rate.
        raise AudioError(
            f"{path} is not a sound file that can be read: WAV, FLAC or Ogg is needed ({error})."
        ) from error
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the name.
        raise AudioError(f"{path} cannot be opened ({error}). Check its name and that you may read it.") from error


def _refuse_unfit(file: soundfile.SoundFile, path: Path) -> None:
    if file.format not in CONTAINERS:
        raise AudioError(f"{path} is of type {file.format}. Convert it to WAV, FLAC or Ogg.")
    if not LOWEST_RATE_HZ <= file.samplerate <= HIGHEST_RATE_HZ:
        raise AudioError(
            f"{path} has {file.samplerate} samples per second; {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} can be heard. "
            "Convert it to 16000."
        )
    if not 1 <= file.channels <= MOST_CHANNELS:
        raise AudioError(f"{path} has {file.channels} channels. Convert it to one channel: the client's.")
    if file.frames <= 0:
        raise AudioError(
            f"{path} has a header but no sound. The recorder may not have finished writing it: record or copy it again."
        )
    if file.frames >= NO_LENGTH:
        raise AudioError(f"{path} does not tell how long it is. Convert it to WAV.")


def _chosen_channel(channel: int | None, channels: int, path: Path) -> int:
    if channel is None:
        return 0
    if not 0 <= channel < channels:
        raise AudioError(
            f"{path} has no channel {channel}: it has {channels}, counted from 0. Choose 0 to {channels - 1}."
        )
    return channel


def _read_int16(file: soundfile.SoundFile, frames: int, channel: int) -> NDArray[np.int16]:
    """Up to ``frames`` samples of one channel, shape (n,); full scale is 32768, beyond it is clipped."""
    if file.subtype == "PCM_16":
        whole: NDArray[np.int16] = file.read(frames, dtype="int16", always_2d=True)
        return np.ascontiguousarray(whole[:, channel])
    # Not dtype="int16": libsndfile neither scales nor clips a float file's samples on the way to whole numbers.
    scaled: NDArray[np.float32] = file.read(frames, dtype="float32", always_2d=True)[:, channel] * np.float32(32768)
    known = np.nan_to_num(scaled, nan=0.0, posinf=32767.0, neginf=-32768.0)
    return np.clip(np.rint(known), -32768, 32767).astype(np.int16)


def _missing_from_riff_s(path: Path) -> float:
    """Seconds of sound that a WAV header promises beyond the end of the file; 0 for a whole file or another type.

    libsndfile quietly gives a cut-off WAV the length that is there, so the header is read here once more
    (layout: "Multimedia Programming Interface and Data Specifications 1.0", RIFF WAVE).
    """
    size = path.stat().st_size
    bytes_per_s = 0
    with path.open("rb") as file:
        if file.read(4) != b"RIFF" or len(file.read(4)) < 4 or file.read(4) != b"WAVE":
            return 0.0
        while len(head := file.read(8)) == 8:
            kind, length = struct.unpack("<4sI", head)
            if kind == b"fmt " and len(fmt := file.read(12)) == 12:
                bytes_per_s = struct.unpack("<8xI", fmt)[0]
                file.seek(-12, 1)
            elif kind == b"data":
                missing = length - (size - file.tell())
                promised = missing > 0 and bytes_per_s > 0 and length < UNKNOWN_SIZE
                return missing / bytes_per_s if promised else 0.0
            # A chunk of odd length is followed by a byte of padding.
            file.seek(length + length % 2, 1)
    return 0.0
