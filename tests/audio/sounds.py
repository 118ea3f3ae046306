"""Test signals that can be told apart again: noise for exactness, tones for where sound came from."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from voice_triage.events import Block

Samples = NDArray[np.int16]

CLIENT_HZ, SPEAKERS_HZ, CSR_HZ = 1000, 2000, 3000
"""Whole numbers of periods in 20 ms, so that a window of 20 ms tells them apart exactly."""
PEAK = 8000


def noise(duration_s: float, rate_hz: int, seed: int) -> Samples:
    """Noise in a telephone's band."""
    white = np.random.default_rng(seed).normal(size=round(duration_s * rate_hz))
    spectrum = np.fft.rfft(white)
    hz = np.fft.rfftfreq(len(white), 1 / rate_hz)
    spectrum[(hz < 300) | (hz > 3000)] = 0
    band = np.fft.irfft(spectrum, len(white))
    samples: Samples = np.rint(band / np.abs(band).max() * PEAK).astype(np.int16)
    return samples


def tone(duration_s: float, rate_hz: int, hz: int) -> Samples:
    """A sine."""
    n = np.arange(round(duration_s * rate_hz))
    samples: Samples = np.rint(PEAK * np.sin(2 * np.pi * hz * n / rate_hz)).astype(np.int16)
    return samples


def hold_music(duration_s: float, rate_hz: int, seed: int) -> Samples:
    """A tune as telephone systems play it: plucked chords with overtones, a melody above them, and its beat."""
    chance = np.random.default_rng(seed)
    beat_s = float(chance.uniform(0.4, 0.6))
    root = int(chance.integers(45, 57))
    sound = np.zeros(round(duration_s * rate_hz) + rate_hz * 3)
    for beat in range(int(duration_s / beat_s)):
        chord = root + (0, 5, 7, 9)[beat // 4 % 4]
        notes = [chord, chord + 4, chord + 7] if beat % 2 == 0 else []
        notes.append(chord + 12 + int(chance.choice((0, 2, 4, 7, 9, 12))))
        start = round(beat * beat_s * rate_hz)
        t = np.arange(rate_hz * 2) / rate_hz
        for note in notes:
            hz = 440.0 * 2 ** ((note - 69) / 12)
            tones = sum(np.sin(2 * np.pi * hz * n * t) / n for n in range(1, 6) if hz * n < rate_hz / 2)
            sound[start : start + len(t)] += tones * np.exp(-3 * t)
        sound[start : start + 400] += chance.normal(scale=0.3, size=400) * np.linspace(1, 0, 400)
    sound = sound[: round(duration_s * rate_hz)]
    samples: Samples = np.rint(sound / np.abs(sound).max() * PEAK).astype(np.int16)
    return samples


def silence(duration_s: float, rate_hz: int = 16000) -> Samples:
    """Digital silence."""
    return np.zeros(round(duration_s * rate_hz), dtype=np.int16)


def write_wav(path: Path, samples: Samples, rate_hz: int, channels: int = 1) -> Path:
    """Write a file; with two channels both are the same. Returns its path."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.repeat(samples, channels).tobytes())
    return path


def joined(blocks: Iterable[Block]) -> Samples:
    """The blocks' samples in one piece."""
    pieces = [block.samples for block in blocks]
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int16)


def at_rate(samples: Samples, rate_hz: int, wanted_hz: int) -> Samples:
    """The same sound at another rate."""
    if rate_hz == wanted_hz:
        return samples
    changed = np.rint(soxr.resample(samples.astype(np.float32), rate_hz, wanted_hz))
    whole: Samples = np.clip(changed, -32768, 32767).astype(np.int16)
    return whole


def offset_of(part: Samples, whole: Samples) -> int:
    """Where in ``whole`` the stretch begins that resembles ``part`` most, by correlation."""
    size = 1 << (len(whole) + len(part)).bit_length()
    product = np.fft.rfft(whole.astype(float), size) * np.conj(np.fft.rfft(part.astype(float), size))
    return int(np.argmax(np.fft.irfft(product, size)[: max(1, len(whole) - len(part) + 1)]))


def found(part: Samples, whole: Samples) -> Samples:
    """That stretch, of the same length or cut off."""
    start = offset_of(part, whole)
    return whole[start : start + len(part)]


def likeness(played: Samples, heard: Samples, rate_hz: int) -> float:
    """How alike two recordings of one sound are: the median over tenths of a second of their best correlation, 0 to 1.

    For servers that resample to a clock of their own, by which sound slides a little to and fro.
    """
    fine_hz = 48000
    one, other = (at_rate(each, rate_hz, fine_hz) for each in (played, heard))
    size, slack = fine_hz // 10, fine_hz // 50
    best = []
    for start in range(slack, min(len(one), len(other)) - size - slack, size):
        part = one[start : start + size].astype(float)
        around = other[start - slack : start + size + slack].astype(float)
        products = np.correlate(around, part, "valid")
        energy = np.convolve(around**2, np.ones(size), "valid")
        best.append(float(np.max(products / np.sqrt(np.maximum(energy, 1.0) * max(float(part @ part), 1.0)))))
    return float(np.median(best))


def share_of(hz: int, samples: Samples, rate_hz: int, window_s: float = 0.02) -> NDArray[np.float64]:
    """Peak of the tone ``hz`` in every window, as a share of :data:`PEAK`; shape (windows,). A rest is left out."""
    size = round(window_s * rate_hz)
    windows = samples[: len(samples) // size * size].reshape(-1, size).astype(float)
    wheel = np.exp(-2j * np.pi * hz * np.arange(size) / rate_hz)
    share: NDArray[np.float64] = np.abs(windows @ wheel) * 2 / size / PEAK
    return share
