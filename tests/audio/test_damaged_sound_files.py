"""Sound files of any content are read or refused."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path

import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.audio.sounds import tone
from voice_triage.audio.wav import WavSource
from voice_triage.errors import AudioError
from voice_triage.events import Gap


def taken_or_refused(path: Path) -> None:
    """Read a file that may be damaged: no error but AudioError, no more sound than its size allows, and an end."""
    try:
        source = WavSource(path)
    except AudioError:
        return
    try:
        for item in itertools.islice(source, 500):
            assert item.duration_s > 0 if isinstance(item, Gap) else len(item.samples) > 0
    except AudioError:
        pass
    finally:
        source.close()


FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(data=st.binary(min_size=1, max_size=400), magic=st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"RF64"]))
def test_random_bytes_are_refused_or_read(tmp_path: Path, data: bytes, magic: bytes) -> None:
    """Random bytes, behind any file's first four too, end in AudioError or in sound: no crash, no hang."""
    path = tmp_path / "bytes.wav"
    path.write_bytes(magic + data)
    taken_or_refused(path)


@FUZZ
@given(
    kind=st.sampled_from(["wav", "flac", "ogg"]),
    keep=st.floats(0.0, 1.0),
    damage=st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(0, 255)), max_size=8),
)
def test_damaged_files_are_refused_or_read(
    tmp_path: Path, kind: str, keep: float, damage: list[tuple[float, int]]
) -> None:
    """A WAV, FLAC or Ogg file cut anywhere and with bytes changed anywhere ends in AudioError or in sound."""
    path = tmp_path / f"damaged.{kind}"
    soundfile.write(path, tone(0.5, 8000, 440), 8000)
    data = bytearray(path.read_bytes())
    for place, value in damage:
        data[int(place * (len(data) - 1))] = value
    path.write_bytes(data[: int(keep * len(data))])
    taken_or_refused(path)


@FUZZ
@given(header=st.binary(min_size=36, max_size=36), size=st.integers(0, 2**32 - 1))
def test_any_wav_header_is_refused_or_read(tmp_path: Path, header: bytes, size: int) -> None:
    """A WAV header with any rate, width, channel count and promised size ends in AudioError or in sound."""
    path = tmp_path / "header.wav"
    fmt = b"RIFF" + header[:4] + b"WAVEfmt \x10\0\0\0" + header[4:20]
    path.write_bytes(fmt + b"data" + struct.pack("<I", size) + bytes(2000))
    taken_or_refused(path)
