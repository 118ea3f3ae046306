"""Sound that is held back comes out in chunks that are bit for bit what went in, with every gap marked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from voice_triage.audio.held_sound import HeldSound
from voice_triage.audio.sound_chunk import (
    CHUNK_S,
    PEAKS_PER_CHUNK,
    Missing,
    SoundChunk,
    decode,
    encode,
    first_sample,
    peaks_of,
)
from voice_triage.errors import AudioError
from voice_triage.events import Block, Gap, Side
from voice_triage.store import recording_files

RATE = 8000


def noise(count: int, seed: int = 0) -> NDArray[np.int16]:
    """Samples, no two stretches alike."""
    return np.random.default_rng(seed).integers(-20_000, 20_000, count).astype(np.int16)


def block(start_s: float, samples: NDArray[np.int16], rate_hz: int = RATE) -> Block:
    """A block of the client's side."""
    return Block(Side.CLIENT, start_s, samples, rate_hz)


def joined(chunks: list[SoundChunk]) -> NDArray[np.int16]:
    """All chunks as one."""
    return np.concatenate([chunk.samples for chunk in chunks])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=30),
    st.sampled_from([8000, 11025, 16000, 44100, 48000]),
    st.integers(0, 5),
    st.floats(-0.004, 0.004),
)
def test_whatever_the_blocks_the_sound_stays_the_same(
    sizes: list[int], rate_hz: int, start: int, jitter_s: float
) -> None:
    """Chunks joined are the blocks joined, whatever their sizes, the rate, and small slips of the device's clock."""
    sound = noise(sum(sizes))
    held = HeldSound()
    chunks: list[SoundChunk] = []
    done = 0
    for size in sizes:
        at_s = start * CHUNK_S + done / rate_hz + (jitter_s if done else 0.0)
        held.hear(block(at_s, sound[done : done + size], rate_hz))
        done += size
        chunks += held.ready(held.edge_s - 0.2)
    chunks += held.rest()
    assert [chunk.index for chunk in chunks] == list(range(start, start + len(chunks)))
    assert all(
        len(c.samples) == first_sample(c.index + 1, rate_hz) - first_sample(c.index, rate_hz) for c in chunks[:-1]
    )
    assert np.array_equal(joined(chunks), sound)
    assert not any(chunk.missing for chunk in chunks)


def test_nothing_is_given_out_before_its_time() -> None:
    """What is not older than asked for stays, and can still be taken back."""
    held = HeldSound()
    held.hear(block(0.0, noise(5 * RATE)))
    assert [chunk.index for chunk in held.ready(2.49)] == [0, 1, 2, 3]
    assert [chunk.index for chunk in held.ready(2.5)] == [4]
    assert held.ready(2.5) == []


def test_a_hole_is_silence_and_marked_with_time_and_reason() -> None:
    """Told or untold, missing sound keeps its place, and what follows keeps its time."""
    held = HeldSound()
    first, second, third = noise(RATE, 1), noise(RATE, 2), noise(RATE, 3)
    held.hear(block(0.0, first))
    held.miss(Gap(Side.CLIENT, 1.0, 1.3, "The headset was gone."))
    held.hear(block(2.3, second))
    held.hear(block(4.0, third))
    chunks = held.rest()
    sound = joined(chunks)
    assert len(sound) == 5 * RATE
    assert np.array_equal(sound[: 1 * RATE], first)
    assert not sound[RATE : round(2.3 * RATE)].any()
    assert np.array_equal(sound[round(2.3 * RATE) : round(3.3 * RATE)], second)
    assert not sound[round(3.3 * RATE) : 4 * RATE].any()
    assert np.array_equal(sound[4 * RATE :], third)
    marks = [mark for chunk in chunks for mark in chunk.missing]
    told = [mark for mark in marks if mark.reason == "The headset was gone."]
    assert sum(mark.duration_s for mark in told) == pytest.approx(1.3)
    assert told[0].start_s == pytest.approx(1.0)
    assert sum(mark.duration_s for mark in marks if mark.reason == "Sound is missing.") == pytest.approx(0.7)


def test_what_must_go_is_gone_to_the_last_sample() -> None:
    """A blanked stretch is zero in what comes out, and nothing else is."""
    held = HeldSound()
    sound = np.maximum(noise(6 * RATE), 1)
    held.hear(block(0.0, sound))
    assert held.blank(1.23456, 3.98765, "Card data.") == 1.23456
    out = joined(held.rest())
    gone = out == 0
    assert gone[int(1.23456 * RATE) : int(3.98765 * RATE) + 1].all()
    assert gone.sum() <= (3.98765 - 1.23456) * RATE + 2


def test_what_was_given_out_cannot_be_taken_back() -> None:
    """The caller learns from when on it still could."""
    held = HeldSound()
    held.hear(block(0.0, noise(6 * RATE)))
    held.ready(2.0)
    assert held.blank(1.5, 3.0, "Card data.") == 2.0


def test_a_device_that_changes_its_rate_keeps_its_time() -> None:
    """Music to hands-free: the chunks after the change have the new rate, the one with the change the old one."""
    held = HeldSound()
    held.hear(block(0.0, noise(round(1.2 * 16000)), 16000))
    held.hear(block(1.2, noise(round(1.3 * 8000)), 8000))
    chunks = held.rest()
    assert [chunk.rate_hz for chunk in chunks] == [16000, 16000, 16000, 8000, 8000]
    assert [len(chunk.samples) for chunk in chunks] == [8000, 8000, 8000, 4000, 4000]
    assert chunks[2].samples[-4000:].any()


def test_a_call_that_begins_with_a_gap_is_kept_from_its_first_sound() -> None:
    """Without any sound there is nothing to keep; the gap before it is marked."""
    held = HeldSound()
    held.miss(Gap(Side.CLIENT, 0.0, 0.8, "Starting."))
    held.hear(block(0.8, noise(RATE)))
    chunks = held.rest()
    assert len(joined(chunks)) == round(1.8 * RATE)
    assert chunks[0].missing == (Missing(0.0, 0.5, "Starting."),)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 12_000), st.sampled_from([8000, 16000, 44100, 48000]), st.text(max_size=50))
def test_a_chunk_is_kept_bit_for_bit(count: int, rate_hz: int, reason: str) -> None:
    """FLAC gives back the very samples, and the marks with them."""
    chunk = SoundChunk(7, rate_hz, noise(count), (Missing(3.5, 0.25, reason),))
    again = decode(7, encode(chunk))
    assert (again.index, again.rate_hz, again.missing) == (7, rate_hz, chunk.missing)
    assert np.array_equal(again.samples, chunk.samples)


def test_a_chunk_with_too_many_marks_keeps_its_sound() -> None:
    """A line that crackles for half a second does not stop the recording."""
    marks = tuple(Missing(i / 10_000, 0.0001, "Sound is missing.") for i in range(5000))
    again = decode(0, encode(SoundChunk(0, RATE, noise(4000), marks)))
    assert np.array_equal(again.samples, noise(4000))
    assert [mark.duration_s for mark in again.missing] == [0.5]


@pytest.mark.parametrize("data", [b"", b"\x05", b"\x02\x00{}", b"\x02\x00[]fLaC", b"\xff\xff" + bytes(100)])
def test_bytes_that_are_no_chunk_are_refused(data: bytes) -> None:
    """Noise in a file becomes an error with advice."""
    with pytest.raises(AudioError, match="backup"):
        decode(0, data)


def test_peaks_show_where_the_sound_is() -> None:
    """Ten pairs a chunk: lowest and highest sample of each twentieth of a second."""
    samples = np.zeros(4000, dtype=np.int16)
    samples[400:800] = 25600
    samples[3600:] = -12800
    peaks = np.frombuffer(peaks_of(SoundChunk(0, RATE, samples)), dtype=np.int8).reshape(PEAKS_PER_CHUNK, 2)
    assert peaks[1].tolist() == [100, 100]
    assert peaks[9].tolist() == [-50, -50]
    assert not peaks[2:9].any()
    assert len(peaks_of(SoundChunk(0, RATE, samples[:3]))) == 2 * PEAKS_PER_CHUNK


def test_the_store_and_the_recorder_mean_the_same_half_second() -> None:
    """A chunk's number is its time in both."""
    assert recording_files.CHUNK_S == CHUNK_S
