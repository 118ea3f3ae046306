"""Sound files as a source of sound."""

from __future__ import annotations

import itertools
import os
import struct
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from voice_triage.audio.source import AudioSource
from voice_triage.audio.wav import WavSource
from voice_triage.errors import AudioError
from voice_triage.events import Block, Gap, Side

RATE_HZ = 8000


def tone(duration_s: float, *, rate_hz: int = RATE_HZ, hz: float = 440.0, peak: int = 12000) -> NDArray[np.int16]:
    """A sine, shape (n,)."""
    n = np.arange(round(duration_s * rate_hz))
    wave: NDArray[np.int16] = np.rint(peak * np.sin(2 * np.pi * hz * n / rate_hz)).astype(np.int16)
    return wave


def heard(source: AudioSource) -> tuple[NDArray[np.int16], list[Gap]]:
    """Everything a source gives: its samples in one piece, and its gaps."""
    items = list(source)
    source.close()
    blocks = [item for item in items if isinstance(item, Block)]
    for before, after in itertools.pairwise(blocks):
        assert after.start_s == pytest.approx(before.end_s)
    assert all(block.samples.dtype == np.int16 and block.samples.ndim == 1 for block in blocks)
    samples = np.concatenate([block.samples for block in blocks]) if blocks else np.empty(0, dtype=np.int16)
    return samples, [item for item in items if isinstance(item, Gap)]


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_16_bit_samples_are_exact_at_any_rate(tmp_path: Path, kind: str, rate_hz: int) -> None:
    """A 16-bit WAV or FLAC of any allowed rate is read sample for sample."""
    path = tmp_path / f"call.{kind}"
    samples = tone(0.73, rate_hz=rate_hz)
    soundfile.write(path, samples, rate_hz)
    source = WavSource(path)
    assert (source.name, source.sample_rate_hz) == (f"call.{kind}", rate_hz)
    assert source.duration_s == len(samples) / rate_hz
    got, gaps = heard(source)
    assert np.array_equal(got, samples)
    assert not gaps


@pytest.mark.parametrize(
    ("container", "subtype", "tolerance"),
    [
        ("WAV", "PCM_U8", 256),
        ("WAV", "PCM_24", 0),
        ("WAV", "PCM_32", 0),
        ("WAV", "FLOAT", 0),
        ("WAV", "DOUBLE", 0),
        ("WAV", "ULAW", 300),
        ("WAVEX", "PCM_24", 0),
        ("RF64", "PCM_16", 0),
        ("FLAC", "PCM_24", 0),
    ],
)
def test_every_sample_format_keeps_its_scale(tmp_path: Path, container: str, subtype: str, tolerance: int) -> None:
    """8, 24 and 32 bits, float and mu-law give the same 16-bit sound, as exactly as their own resolution allows."""
    path = tmp_path / "call.snd"
    samples = tone(0.3)
    # Written from float: soundfile scales whole numbers on the way to a float file not at all.
    soundfile.write(path, samples / 32768, RATE_HZ, format=container, subtype=subtype)
    got, gaps = heard(WavSource(path))
    assert len(got) == len(samples)
    assert np.abs(got.astype(int) - samples).max() <= tolerance
    assert not gaps


def test_ogg_is_read(tmp_path: Path) -> None:
    """An Ogg Vorbis file gives the sound it was made from, but for what its lossy coding takes."""
    path = tmp_path / "call.ogg"
    samples = tone(1.0, rate_hz=16000)
    soundfile.write(path, samples, 16000)
    got, _ = heard(WavSource(path))
    assert len(got) == len(samples)
    assert np.corrcoef(got, samples)[0, 1] > 0.99


def test_float_beyond_full_scale_is_clipped(tmp_path: Path) -> None:
    """Float samples beyond full scale are clipped, and those that are no number become silence or full scale."""
    path = tmp_path / "call.wav"
    soundfile.write(path, np.array([1.5, -2.0, np.nan, np.inf, -np.inf, 0.5], np.float32), RATE_HZ, subtype="FLOAT")
    got, _ = heard(WavSource(path))
    assert got.tolist() == [32767, -32768, 0, 32767, -32768, 16384]


def test_one_channel_of_stereo_is_heard(tmp_path: Path) -> None:
    """Of a stereo file only the chosen channel is heard, the first one if none is chosen; they are never mixed."""
    path = tmp_path / "both.wav"
    left, right = tone(0.25, hz=300), tone(0.25, hz=700)
    soundfile.write(path, np.column_stack([left, right]), RATE_HZ)
    assert np.array_equal(heard(WavSource(path))[0], left)
    assert np.array_equal(heard(WavSource(path, channel=0))[0], left)
    assert np.array_equal(heard(WavSource(path, channel=1))[0], right)


@pytest.mark.parametrize("channel", [-1, 2, 99])
def test_a_channel_that_is_not_there_is_refused(tmp_path: Path, channel: int) -> None:
    """A channel that the file does not have is an error that says which ones it has."""
    path = tmp_path / "both.wav"
    soundfile.write(path, np.zeros((800, 2), np.int16), RATE_HZ)
    with pytest.raises(AudioError, match="Choose 0 to 1"):
        WavSource(path, channel=channel)


@pytest.mark.parametrize("block_ms", [1, 20, 100, 333, 10_000])
def test_blocks_have_the_asked_length(tmp_path: Path, block_ms: int) -> None:
    """Blocks are as long as asked, the last one shorter, and follow each other without a hole, on the client's side."""
    path = tmp_path / "call.wav"
    samples = tone(0.77)
    soundfile.write(path, samples, RATE_HZ)
    source = WavSource(path, block_ms=block_ms)
    blocks = [item for item in source if isinstance(item, Block)]
    assert {len(block.samples) for block in blocks[:-1]} <= {RATE_HZ * block_ms // 1000}
    assert 0 < len(blocks[-1].samples) <= RATE_HZ * block_ms // 1000
    assert sum(len(block.samples) for block in blocks) == len(samples)
    assert all(block.side is Side.CLIENT for block in blocks)


def test_a_cut_off_wav_is_read_and_the_rest_is_a_gap(tmp_path: Path) -> None:
    """A WAV that ends before its header says is read as far as it goes; what is missing is told as a gap."""
    path = tmp_path / "cut.wav"
    samples = tone(2.0)
    soundfile.write(path, samples, RATE_HZ)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 12000])
    source = WavSource(path)
    assert source.duration_s == 1.5
    got, gaps = heard(source)
    assert np.array_equal(got, samples[:12000])
    assert [(gap.side, gap.start_s, gap.duration_s) for gap in gaps] == [(Side.CLIENT, 1.5, 0.5)]
    assert "header promises" in gaps[0].reason


def test_a_cut_off_flac_is_read_and_the_rest_is_a_gap(tmp_path: Path) -> None:
    """A FLAC file cut in the middle is read up to its damage; sound and gap together have the promised length."""
    path = tmp_path / "cut.flac"
    samples = np.random.default_rng(0).integers(-9000, 9000, 5 * RATE_HZ).astype(np.int16)
    soundfile.write(path, samples, RATE_HZ)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    source = WavSource(path)
    got, gaps = heard(source)
    assert 1.5 < len(got) / RATE_HZ < 2.6
    assert np.array_equal(got, samples[: len(got)])
    assert len(gaps) == 1
    assert len(got) / RATE_HZ + gaps[0].duration_s == pytest.approx(5.0)
    assert source.duration_s == len(got) / RATE_HZ


def test_a_wav_of_unknown_length_is_no_gap(tmp_path: Path) -> None:
    """A WAV written to a pipe, whose header holds the largest number as its length, is whole."""
    path = tmp_path / "piped.wav"
    samples = tone(1.0)
    soundfile.write(path, samples, RATE_HZ)
    data = bytearray(path.read_bytes())
    data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    path.write_bytes(data)
    got, gaps = heard(WavSource(path))
    assert np.array_equal(got, samples)
    assert not gaps


def test_chunks_before_the_sound_are_passed_over(tmp_path: Path) -> None:
    """Other chunks in a WAV, of odd length too, hide neither its sound nor that it was cut off."""
    path = tmp_path / "noted.wav"
    soundfile.write(path, tone(1.0), RATE_HZ)
    data = path.read_bytes()
    note = b"note" + struct.pack("<I", 3) + b"abc\0"
    path.write_bytes(data[:12] + note + data[12:-4000])
    got, gaps = heard(WavSource(path))
    assert len(got) == RATE_HZ - 2000
    assert [gap.duration_s for gap in gaps] == [0.25]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.wav", b"", "empty"),
        ("notes.wav", b"my cat is not eating and hides under the bed\n" * 20, "not a sound file"),
        ("photo.flac", b"\x89PNG\r\n\x1a\n" + bytes(500), "not a sound file"),
        ("call.raw", bytes(1000), "not a sound file"),
        ("header.wav", b"RIFF$\0\0\0WAVEfmt ", "not a sound file"),
    ],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    """A file without sound in it is an error that names the file and says what is wrong."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError, match=says) as caught:
        WavSource(path)
    assert name in str(caught.value)


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    """Only a regular file is opened; anything else is an error at once, never a wait."""
    with pytest.raises(AudioError, match="no file"):
        WavSource(tmp_path / "missing.wav")
    with pytest.raises(AudioError, match="not a file"):
        WavSource(tmp_path)
    with pytest.raises(AudioError, match=r"cannot be opened|no file"):
        WavSource("a\0b.wav")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.wav")
        with pytest.raises(AudioError, match="not a file"):
            WavSource(tmp_path / "pipe.wav")


@pytest.mark.parametrize(
    ("samples", "rate_hz", "says"),
    [
        (np.zeros(0, np.int16), 8000, "no sound"),
        (np.zeros(800, np.int16), 4000, "4000 samples per second"),
        (np.zeros(800, np.int16), 96000, "96000 samples per second"),
        (np.zeros((100, 64), np.int16), 8000, "64 channels"),
    ],
)
def test_sound_that_is_no_call_is_refused(tmp_path: Path, samples: NDArray[np.int16], rate_hz: int, says: str) -> None:
    """No samples, a rate outside 8 to 48 kHz, or dozens of channels: an error that says what to do."""
    path = tmp_path / "odd.wav"
    soundfile.write(path, samples, rate_hz)
    with pytest.raises(AudioError, match=says):
        WavSource(path)


def test_a_kind_that_is_not_supported_is_refused(tmp_path: Path) -> None:
    """A sound file of another kind is an error that says which kinds are read."""
    path = tmp_path / "call.au"
    soundfile.write(path, tone(0.1), RATE_HZ)
    with pytest.raises(AudioError, match="WAV, FLAC or Ogg"):
        WavSource(path)


def test_a_flac_without_a_length_is_refused(tmp_path: Path) -> None:
    """A FLAC file that does not tell its length is an error that says how to make it readable."""
    path = tmp_path / "piped.flac"
    soundfile.write(path, tone(1.0), RATE_HZ)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # the 36 bits of the number of samples, in the first metadata block
    data[22:26] = bytes(4)
    path.write_bytes(data)
    with pytest.raises(AudioError, match="Convert it to WAV"):
        WavSource(path)


def test_real_time_gives_each_block_when_it_has_been_spoken(tmp_path: Path) -> None:
    """In real time no block comes before its last sample would have been spoken; a late consumer is caught up with."""
    path = tmp_path / "call.wav"
    soundfile.write(path, tone(0.5), RATE_HZ)
    source = WavSource(path, realtime=True, block_ms=50)
    began = time.monotonic()
    for i, block in enumerate(source):
        assert isinstance(block, Block)
        assert time.monotonic() - began >= block.end_s - 0.001
        if i == 2:
            time.sleep(0.2)
    source.close()


def test_stop_cuts_a_real_time_wait_short(tmp_path: Path) -> None:
    """Stopping from another thread ends a source that waits for the next block's time."""
    path = tmp_path / "call.wav"
    soundfile.write(path, tone(600.0), RATE_HZ)
    source = WavSource(path, realtime=True, block_ms=300_000)
    taken: list[Block | Gap] = []
    listener = threading.Thread(target=lambda: taken.extend(source))
    listener.start()
    source.stop()
    listener.join(timeout=30)
    assert not listener.is_alive()
    assert not taken
    source.close()


def test_a_stopped_or_closed_source_gives_nothing_more(tmp_path: Path) -> None:
    """After stop or close nothing more is given, no gap either, and closing twice is harmless."""
    path = tmp_path / "cut.wav"
    soundfile.write(path, tone(2.0), RATE_HZ)
    path.write_bytes(path.read_bytes()[:-8000])
    source = WavSource(path)
    sound = iter(source)
    assert isinstance(next(sound), Block)
    source.stop()
    assert list(sound) == []
    closed = WavSource(path)
    sound = iter(closed)
    assert isinstance(next(sound), Block)
    closed.close()
    closed.close()
    assert list(sound) == []
    assert list(closed) == []


def test_closing_while_another_thread_reads_is_safe(tmp_path: Path) -> None:
    """A source may be closed at any moment while another thread reads it; that thread just ends."""
    path = tmp_path / "call.flac"
    soundfile.write(path, tone(60.0), RATE_HZ)
    for delay_s in (0.0, 0.001, 0.005, 0.02):
        source = WavSource(path, block_ms=1)
        failures: list[BaseException] = []

        def read(source: WavSource = source, failures: list[BaseException] = failures) -> None:
            try:
                for _ in source:
                    pass
            except BaseException as error:  # noqa: BLE001  whatever it is, the test tells it
                failures.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        time.sleep(delay_s)
        source.close()
        reader.join(timeout=30)
        assert not reader.is_alive()
        assert not failures


def test_a_long_file_is_never_in_memory_whole(tmp_path: Path) -> None:
    """Reading ten minutes of stereo at 48 kHz takes memory for a block, not for the file."""
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 48000, 2, "PCM_16") as file:
        for _ in range(600):
            file.write(np.zeros((48000, 2), np.int16))
    source = WavSource(path)
    tracemalloc.start()
    try:
        count = sum(len(item.samples) for item in source if isinstance(item, Block))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        source.close()
    assert count == 600 * 48000
    assert peak < 2_000_000  # the file has 115 MB
