"""A kept call can be heard again from anywhere, also what a crash or damage left of it."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.small_disk import findings
from voice_triage.audio.recording import HOLD_BACK_S, Recorder
from voice_triage.audio.sound_chunk import CHUNK_S
from voice_triage.errors import StoreError
from voice_triage.events import Block, Gap, Side, StageFailed
from voice_triage.playback import DAMAGED, NOT_RECORDED, KeptSound
from voice_triage.store.call_folders import CallFolders
from voice_triage.store.recording_files import SideRecording, verify

RATE = 16000
SOUND = np.random.default_rng(3).integers(-9000, 9000, round(12.3 * RATE)).astype(np.int16)
Record = Callable[[list[Block | Gap]], None]


@pytest.fixture
def folders(tmp_path: Path) -> CallFolders:
    """Folders of an empty data folder."""
    return CallFolders(tmp_path)


@pytest.fixture
def record(folders: CallFolders) -> Record:
    """Records sound as call c."""

    def run(sounds: list[Block | Gap]) -> None:
        told: list[StageFailed] = []
        recorder = Recorder(lambda side, first: SideRecording(folders, "c", side, first), told.append)
        for sound in sounds:
            recorder.hear(sound)
        recorder.close()
        assert not told

    return run


def blocks(
    samples: NDArray[np.int16], start_s: float = 0.0, rate_hz: int = RATE, step: int = 1600
) -> list[Block | Gap]:
    """Sound in blocks."""
    return [
        Block(Side.CLIENT, start_s + first / rate_hz, samples[first : first + step], rate_hz)
        for first in range(0, len(samples), step)
    ]


def test_what_was_recorded_is_heard_bit_for_bit(folders: CallFolders, record: Record) -> None:
    """The virtual file is a WAV file that any program reads."""
    record(blocks(SOUND))
    with KeptSound(folders, "c", Side.CLIENT) as sound:
        whole = b"".join(sound.wav(0, sound.wav_bytes))
        assert len(whole) == sound.wav_bytes
        assert sound.duration_s == pytest.approx(12.3)
        assert sound.missing() == []
    samples, rate_hz = soundfile.read(io.BytesIO(whole), dtype="int16")
    assert rate_hz == RATE
    assert np.array_equal(samples, SOUND)


@pytest.fixture(scope="module")
def twelve_seconds(tmp_path_factory: pytest.TempPathFactory) -> CallFolders:
    """A recorded call."""
    kept = CallFolders(tmp_path_factory.mktemp("kept"))
    recorder = Recorder(lambda side, first: SideRecording(kept, "c", side, first), lambda failure: None)
    for each in blocks(SOUND):
        recorder.hear(each)
    recorder.close()
    return kept


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2 * len(SOUND) + 60), st.integers(0, 100_000))
def test_any_range_of_bytes_is_that_of_the_file(twelve_seconds: CallFolders, start: int, count: int) -> None:
    """A browser that seeks gets what it would get from a file, also from the middle of a sample."""
    with KeptSound(twelve_seconds, "c", Side.CLIENT) as sound:
        whole = b"".join(sound.wav(0, sound.wav_bytes))
        assert b"".join(sound.wav(start, start + count)) == whole[start : start + count]


def test_gaps_keep_their_place_and_reason(folders: CallFolders, record: Record) -> None:
    """What was not heard is silence of its length, and the list says why."""
    record([*blocks(SOUND[:RATE]), Gap(Side.CLIENT, 1.0, 2.4, "The headset was gone."), *blocks(SOUND[:RATE], 3.4)])
    with KeptSound(folders, "c", Side.CLIENT) as sound:
        assert np.array_equal(sound.samples(round(3.4 * RATE), RATE), SOUND[:RATE])
        assert not sound.samples(RATE, round(2.4 * RATE)).any()
        [gap] = sound.missing()
    assert (gap.start_s, gap.reason) == (1.0, "The headset was gone.")
    assert gap.duration_s == pytest.approx(2.4)


def test_a_side_that_came_later_has_its_own_time(folders: CallFolders, record: Record) -> None:
    """Both sides count from the call's beginning, so that they can be heard together."""
    record(blocks(SOUND[:RATE], 4.0))
    with KeptSound(folders, "c", Side.CLIENT) as sound:
        assert sound.duration_s == 5.0
        assert np.array_equal(sound.samples(4 * RATE, RATE), SOUND[:RATE])
        assert [(each.start_s, each.duration_s, each.reason) for each in sound.missing()] == [(0.0, 4.0, NOT_RECORDED)]


def test_a_call_whose_rate_changed_is_heard_at_one_rate(folders: CallFolders, record: Record) -> None:
    """The headset went from music to hands-free: the file has the first rate, and the time stays right."""
    tone = (8000 * np.sin(np.arange(3 * 8000) * 2 * np.pi * 440 / 8000)).astype(np.int16)
    record([*blocks(SOUND[: 2 * RATE]), *blocks(tone, 2.0, 8000, 800)])
    with KeptSound(folders, "c", Side.CLIENT) as sound:
        assert sound.rate_hz == RATE
        assert sound.duration_s == pytest.approx(5.0)
        heard = sound.samples(3 * RATE, RATE).astype(float)
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(int(spectrum.argmax()) - 440) <= 1


def test_a_damaged_piece_is_silence_and_said(folders: CallFolders, record: Record, tmp_path: Path) -> None:
    """One changed byte costs half a second, not the call."""
    record(blocks(SOUND))
    path = tmp_path / "calls" / "c" / "client-1"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with KeptSound(folders, "c", Side.CLIENT) as sound:
        [damaged] = sound.missing()
        assert (damaged.duration_s, damaged.reason) == (CHUNK_S, DAMAGED)
        first = round(damaged.start_s * RATE)
        assert not sound.samples(first, RATE // 2).any()
        assert np.array_equal(sound.samples(0, first), SOUND[:first])
        rest = first + RATE // 2
        assert np.array_equal(sound.samples(rest, len(SOUND)), SOUND[rest:])
    assert len(verify(folders, "c")) == 1


def test_what_a_crash_left_is_heard(folders: CallFolders, record: Record, tmp_path: Path) -> None:
    """A file cut anywhere plays up to its last whole half second, with the peaks of all of it."""
    record(blocks(SOUND))
    path = tmp_path / "calls" / "c" / "client-1"
    content = path.read_bytes()
    (tmp_path / "calls" / "c" / "client.peaks-1").unlink()
    for size in random.Random(5).sample(range(30_000, len(content)), 5):
        path.write_bytes(content[:size])
        with KeptSound(folders, "c", Side.CLIENT) as sound:
            assert np.array_equal(sound.samples(0, len(SOUND)), SOUND[: sound.samples_count])
            assert sound.samples_count > 0
            assert len(sound.peaks()) == 10 * -(-sound.samples_count // (RATE // 2))
            assert sound.peaks().any(axis=1).all()


def test_a_call_can_be_heard_while_it_goes_on(folders: CallFolders) -> None:
    """Bit for bit up to what is written, two seconds behind; the rest is there when it has ended."""
    wanted = int((12.3 - HOLD_BACK_S) / CHUNK_S)
    written = threading.Event()

    class Watched(SideRecording):
        """Tells when all is written that may be while the call goes on."""

        def write(self, chunk: bytes, peaks: bytes) -> None:
            super().write(chunk, peaks)
            nonlocal wanted
            wanted -= 1
            if not wanted:
                written.set()

    recorder = Recorder(lambda side, first: Watched(folders, "c", side, first), lambda failure: None)
    for each in blocks(SOUND):
        recorder.hear(each)
    assert written.wait(30)
    with KeptSound(folders, "c", Side.CLIENT) as sound:
        assert sound.duration_s == 10.0
        assert np.array_equal(sound.samples(0, len(SOUND)), SOUND[: 10 * RATE])
    recorder.close()
    with KeptSound(folders, "c", Side.CLIENT) as sound:
        assert np.array_equal(sound.samples(0, len(SOUND)), SOUND)


def test_a_call_without_sound_says_so(folders: CallFolders) -> None:
    """Recording may have been off."""
    with pytest.raises(StoreError, match="No sound"):
        KeptSound(folders, "c", Side.OWN)


def test_a_disk_that_fills_up_in_the_middle_of_a_call_costs_nothing(tmp_path: Path) -> None:
    """The CSR is told, the sound waits in memory, and when there is room again nothing of the call is missing."""
    assert findings("tests.full_disk_recording", tmp_path) == [
        "told: True",
        "log full too: True",
        "resumed: True",
        "log whole: True",
        "sound whole: True",
        "files in order: True",
    ]
