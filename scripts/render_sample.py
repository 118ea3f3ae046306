"""Speak the sample call (voice_triage/sample/sample-call.txt) and write it as the client's side of a telephone call.

Needs, besides the project's own packages, the speech synthesizer hibari-tts (Apache-2.0; model and voice are in its
wheel), which nothing else here uses:

    python -m pip install hibari-tts==0.2.1
    python scripts/render_sample.py

Running it again gives the same file, byte for byte, on the same kind of processor; another one may round the voice
differently, so listen, and run tests/test_sample_call.py, before committing a new rendering.
"""

from __future__ import annotations

import argparse
import importlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Speak = Callable[[str], Sound]

SAMPLE = Path(__file__).resolve().parent.parent / "voice_triage" / "sample"
VOICE_RATE_HZ = 24000
LINE_RATE_HZ = 8000
BAND_HZ = (300.0, 3400.0)
"""The telephone band (ITU-T G.712)."""
SPEECH_DB = -22.0
"""RMS of the spoken parts, dB relative to full scale: the level of an ordinary call."""
NOISE_DB = -55.0
LEAD_S, PAUSE_S, TAIL_S = 0.5, 0.45, 1.5
"""Before the first turn, between turns, and after the last, as a call has them."""
SEED = 1


def main() -> int:
    """Write the sample call; 2 if the synthesizer is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, default=SAMPLE / "sample-call.txt")
    parser.add_argument("--out", type=Path, default=SAMPLE / "sample-call.flac")
    options = parser.parse_args()
    try:
        voice = importlib.import_module("hibari").Hibari()
    except ImportError:
        print("The synthesizer is missing: python -m pip install hibari-tts==0.2.1", file=sys.stderr)
        return 2

    def speak(text: str) -> Sound:
        sound: Sound = voice(text, seed=SEED)
        return sound

    encoded = to_flac(telephone(timeline(turns(options.text.read_text(encoding="utf-8")), speak)))
    if options.out.exists() and options.out.read_bytes() == encoded:
        print(f"{options.out} is up to date.")
        return 0
    options.out.write_bytes(encoded)
    print(f"{options.out}: {len(encoded) / 1000:.0f} kB, {soundfile.info(io.BytesIO(encoded)).duration:.1f} s")
    return 0


def turns(text: str) -> list[tuple[str, str]]:
    """Who speaks (``CSR`` or ``CLIENT``) and what, in order. Raises ValueError for a line that says neither."""
    found = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        who, _, words = line.partition(":")
        if who not in {"CSR", "CLIENT"} or not words.strip():
            raise ValueError(f"a line begins with CSR: or CLIENT:, not so: {line!r}")
        found.append((who, words.strip()))
    return found


def timeline(spoken: list[tuple[str, str]], speak: Speak) -> Sound:
    """The client's side at the voice's rate: her turns at one level, silence where the CSR speaks."""
    parts = [_silence(LEAD_S)]
    for who, words in spoken:
        sound = speak(words)
        parts += [_levelled(sound) if who == "CLIENT" else np.zeros_like(sound), _silence(PAUSE_S)]
    return np.concatenate([*parts, _silence(TAIL_S)])


def telephone(sound: Sound) -> NDArray[np.int16]:
    """What a mu-law line with a little noise leaves of it, at 8 kHz."""
    narrow = np.convolve(soxr.resample(sound, VOICE_RATE_HZ, LINE_RATE_HZ, "HQ"), _band_pass(), mode="same")
    noise = np.random.default_rng(SEED).normal(scale=10 ** (NOISE_DB / 20), size=len(narrow))
    line = io.BytesIO()
    soundfile.write(line, np.clip(narrow + noise, -1, 1), LINE_RATE_HZ, format="WAV", subtype="ULAW")
    line.seek(0)
    samples: NDArray[np.int16] = soundfile.read(line, dtype="int16")[0]
    return samples


def to_flac(samples: NDArray[np.int16]) -> bytes:
    """The bytes of a FLAC file."""
    file = io.BytesIO()
    soundfile.write(file, samples, LINE_RATE_HZ, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def _silence(duration_s: float) -> Sound:
    return np.zeros(round(duration_s * VOICE_RATE_HZ), dtype=np.float32)


def _levelled(sound: Sound) -> Sound:
    spoken = np.abs(sound) > 0.01 * np.abs(sound).max()
    level = np.sqrt(np.mean(np.square(sound[spoken])))
    scaled: Sound = (sound / level * 10 ** (SPEECH_DB / 20)).astype(np.float32)
    return scaled


def _band_pass() -> NDArray[np.float64]:
    """A windowed-sinc filter of 255 taps at the line's rate, shape (255,)."""
    n = np.arange(255) - 127
    low, high = (2 * edge / LINE_RATE_HZ for edge in BAND_HZ)
    taps: NDArray[np.float64] = (high * np.sinc(high * n) - low * np.sinc(low * n)) * np.hamming(255)
    return taps


if __name__ == "__main__":
    sys.exit(main())
