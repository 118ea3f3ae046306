"""Sounds of a telephone line that hold no words, made here: noises, tones, hold music, barking dogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
"""A telephone line."""
Sound = NDArray[np.float64]
"""Shape (n,), at most 1 in size."""


def silence(seconds: float, chance: np.random.Generator) -> Sound:
    """A line with only the faintest hiss."""
    return chance.normal(0, 0.0005, round(seconds * RATE_HZ))


def white(seconds: float, chance: np.random.Generator) -> Sound:
    """Hiss."""
    return chance.normal(0, 0.15, round(seconds * RATE_HZ))


def brown(seconds: float, chance: np.random.Generator) -> Sound:
    """A car or a fan: deep, and swelling every few seconds."""
    steps = chance.normal(0, 1, round(seconds * RATE_HZ))
    rumble = np.convolve(steps, np.ones(40) / 40, mode="same")
    swell = 1 + 0.7 * np.sin(2 * np.pi * 0.2 * _time(seconds))
    return _leveled(rumble * swell, 0.4)


def babble_band(seconds: float, chance: np.random.Generator) -> Sound:
    """Noise in the voice's band that comes and goes as fast as syllables do."""
    noise = np.convolve(chance.normal(0, 1, round(seconds * RATE_HZ)), np.hanning(12), mode="same")
    return _leveled(noise * np.clip(np.sin(2 * np.pi * 3.7 * _time(seconds)), 0, 1), 0.5)


def hum(seconds: float, chance: np.random.Generator) -> Sound:
    """Mains hum with its overtones."""
    time = _time(seconds)
    return _leveled(sum_of(np.sin(2 * np.pi * 60 * k * time) / k for k in range(1, 8)), 0.3) + silence(seconds, chance)


def line_tones(seconds: float, chance: np.random.Generator) -> Sound:
    """Ringing, then busy, then keys being pressed."""
    time = _time(seconds)
    third = len(time) // 3
    ring = (np.sin(2 * np.pi * 440 * time) + np.sin(2 * np.pi * 480 * time)) * (time % 6 < 2)
    busy = (np.sin(2 * np.pi * 480 * time) + np.sin(2 * np.pi * 620 * time)) * (time % 1 < 0.5)
    low, high = chance.choice([697, 770, 852, 941], len(time)), chance.choice([1209, 1336, 1477], len(time))
    held = np.repeat(np.arange(len(time) // 2000 + 1), 2000)[: len(time)] * 2000
    keys = np.sin(2 * np.pi * low[held.clip(max=len(time) - 1)] * time)
    keys = (keys + np.sin(2 * np.pi * high[held.clip(max=len(time) - 1)] * time)) * (time % 0.25 < 0.15)
    return _leveled(np.concatenate([ring[:third], busy[third : 2 * third], keys[2 * third :]]), 0.5)


def hold_music(seconds: float, chance: np.random.Generator) -> Sound:
    """Plucked chords with a melody above them and a beat below."""
    time = _time(seconds)
    music = np.zeros(len(time))
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
    for beat in range(int(seconds * 2)):
        since = time - beat / 2
        struck = (since >= 0) * np.exp(-4 * np.clip(since, 0, None))
        root = scale[[0, 3, 4, 5][beat // 4 % 4]]
        notes = [root / 2, root, root * 1.25, root * 1.5, chance.choice(scale) * 2]
        music += struck * sum_of(
            np.sin(2 * np.pi * note * since) + 0.4 * np.sin(4 * np.pi * note * since) for note in notes
        )
    return _leveled(music, 0.5)


def barks(seconds: float, chance: np.random.Generator) -> Sound:
    """A dog: short bursts of a voice that falls in pitch, through a throat, in twos and threes."""
    sound = chance.normal(0, 0.003, round(seconds * RATE_HZ))
    at_s = 0.3
    while at_s < seconds - 0.4:
        for _ in range(int(chance.integers(1, 4))):
            time = np.arange(round(chance.uniform(0.12, 0.25) * RATE_HZ)) / RATE_HZ
            pitch = chance.uniform(300, 600) * (1 - 0.5 * time / time[-1])
            phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
            voice = sum_of(np.sin(k * phase) / k**0.7 for k in range(1, 9)) + chance.normal(0, 0.8, len(time))
            throat = np.convolve(voice, np.sin(2 * np.pi * 1100 * time[:60]) * np.hanning(60), mode="same")
            burst = (throat + 0.3 * voice) * np.hanning(len(time)) ** 0.5
            first = round(at_s * RATE_HZ)
            part = sound[first : first + len(burst)]
            part += _leveled(burst, 0.7)[: len(part)]
            at_s += chance.uniform(0.3, 0.5)
            if at_s > seconds - 0.4:
                break
        at_s += chance.uniform(0.5, 2.5)
    return sound


def clatter(seconds: float, chance: np.random.Generator) -> Sound:
    """Dishes, doors and a receiver that is put down: short ringing knocks."""
    sound = chance.normal(0, 0.002, round(seconds * RATE_HZ))
    for at_s in np.sort(chance.uniform(0, seconds - 0.2, max(1, int(seconds * 1.5)))):
        time = np.arange(round(0.15 * RATE_HZ)) / RATE_HZ
        knock = sum_of(np.sin(2 * np.pi * f * time) for f in chance.uniform(300, 3500, 5)) * np.exp(-40 * time)
        sound[round(at_s * RATE_HZ) :][: len(knock)] += _leveled(knock, chance.uniform(0.2, 0.9))
    return np.clip(sound, -1, 1)


SOUNDS: Mapping[str, Callable[[float, np.random.Generator], Sound]] = {
    "silence": silence,
    "hiss": white,
    "rumble": brown,
    "noise in syllables": babble_band,
    "hum": hum,
    "line tones": line_tones,
    "hold music": hold_music,
    "barking": barks,
    "clatter": clatter,
}
"""Name to what makes so many seconds of it, by a source of chance."""


def as_int16(sound: Sound) -> NDArray[np.int16]:
    """As a telephone line carries it."""
    whole: NDArray[np.int16] = np.clip(np.rint(sound * 32767), -32768, 32767).astype(np.int16)
    return whole


def sum_of(parts: object) -> Sound:
    """The sum of sounds of one length."""
    total: Sound = np.sum(list(parts), axis=0)  # type: ignore[call-overload]
    return total


def _time(seconds: float) -> Sound:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _leveled(sound: Sound, peak: float) -> Sound:
    return sound * (peak / max(float(np.abs(sound).max()), 1e-9))
