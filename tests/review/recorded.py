"""A recording in which every word can be told by ear: a tone from its beginning to its end, else silence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voice_triage.audio.sound_chunk import CHUNK_S, SoundChunk, encode, peaks_of
from voice_triage.events import Side
from voice_triage.store.recording_files import SideRecording
from voice_triage.store.sql_calls import SqlCallStore

RATE_HZ = 8000
TONE_HZ = 600


def record_tones(
    store: SqlCallStore, call: str, side: Side, words: Sequence[tuple[float, float]], duration_s: float
) -> None:
    """Keep ``duration_s`` of that side's sound; ``words`` are begin and end of each tone, in seconds."""
    at = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    loud = np.zeros(len(at), dtype=bool)
    for start_s, end_s in words:
        loud[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] = True
    sound = (np.sin(at * 2 * np.pi * TONE_HZ) * 8000 * loud).astype(np.int16)
    size = round(CHUNK_S * RATE_HZ)
    recording = SideRecording(store.folders, call, side, 0)
    for index in range(round(duration_s / CHUNK_S)):
        chunk = SoundChunk(index, RATE_HZ, sound[index * size : (index + 1) * size])
        recording.write(encode(chunk), peaks_of(chunk))
    recording.finish()
