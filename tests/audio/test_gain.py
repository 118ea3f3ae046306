"""Automatic gain: quiet voices are lifted, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import ScriptedRecognizer
from voice_triage.audio.gain import SpeechGain
from voice_triage.ear import Ear
from voice_triage.events import Block, Side

RATE_HZ = 16000
Sound = NDArray[np.int16]


def voice(duration_s: float, peak_db: float, seed: int = 0) -> Sound:
    """Syllables: noise that swells and dies four times a second, with peaks of this level."""
    count = round(duration_s * RATE_HZ)
    swell = np.maximum(0.0, np.sin(2 * np.pi * 4 * np.arange(count) / RATE_HZ)) ** 2
    wave = np.clip(np.random.default_rng(seed).normal(size=count), -2.0, 2.0) * swell
    return to_int16(wave / np.max(np.abs(wave)), peak_db)


def noise(duration_s: float, rms_db: float) -> Sound:
    """Steady noise of this RMS."""
    return to_int16(np.random.default_rng(7).normal(size=round(duration_s * RATE_HZ)), rms_db)


def to_int16(wave: NDArray[np.float64], db: float) -> Sound:
    """A wave at a level, as 16-bit samples."""
    scaled: Sound = np.clip(np.rint(wave * 32768 * 10 ** (db / 20)), -32768, 32767).astype(np.int16)
    return scaled


def passed(gain: SpeechGain, sound: Sound, block: int = 1600) -> Sound:
    """The sound after the gain, in blocks as they come."""
    return np.concatenate([gain.process(sound[at : at + block]) for at in range(0, len(sound), block)])


def peak_db(sound: Sound) -> float:
    """The highest sample, dB relative to full scale."""
    return float(20 * np.log10(max(1.0, np.max(np.abs(sound.astype(float)))) / 32768))


@pytest.mark.parametrize("level_db", [-4.0, -9.0, -15.0])
@pytest.mark.parametrize("noise_db", [-90.0, -45.0])
def test_a_healthy_voice_passes_unchanged(level_db: float, noise_db: float) -> None:
    """At an ordinary level not one sample is changed, over noise as in silence."""
    sound = voice(20.0, level_db)
    sound = np.clip(sound.astype(int) + noise(20.0, noise_db), -32768, 32767).astype(np.int16)
    np.testing.assert_array_equal(passed(SpeechGain(), sound), sound)


@pytest.mark.parametrize("level_db", [-28.0, -34.0, -44.0])
def test_a_quiet_voice_is_lifted_to_a_healthy_level(level_db: float) -> None:
    """Soon after it began, a quiet voice has healthy peaks, however quiet it is."""
    gain = SpeechGain()
    lifted = passed(gain, voice(12.0, level_db))
    assert -18.0 <= peak_db(lifted[4 * RATE_HZ :]) <= -8.0
    assert gain.gain_db == pytest.approx(-14.0 - level_db, abs=4.0)


def test_silence_is_not_pumped_up() -> None:
    """In pauses the gain stands still: noise is lifted as much as the voice before it, and no more as they last."""
    gain = SpeechGain()
    passed(gain, np.concatenate([voice(8.0, -34.0), noise(0.5, -62.0)]))
    in_speech = gain.gain_db
    assert in_speech > 10
    passed(gain, noise(60.0, -62.0))
    assert gain.gain_db == in_speech


@pytest.mark.parametrize("rms_db", [-80.0, -60.0, -45.0])
def test_noise_alone_is_never_lifted(rms_db: float) -> None:
    """A line on which nobody speaks stays as it is."""
    sound = noise(40.0, rms_db)
    np.testing.assert_array_equal(passed(SpeechGain(), sound), sound)


def test_voices_behind_a_silent_caller_are_not_lifted() -> None:
    """Babble far below the caller is no quiet caller, though it goes on for a while."""
    gain = SpeechGain()
    passed(gain, voice(8.0, -10.0))
    babble = voice(10.0, -32.0, seed=3)
    np.testing.assert_array_equal(passed(gain, babble), babble)


def test_another_quiet_voice_is_lifted_in_the_end() -> None:
    """If the phone is handed to somebody who speaks far lower, the gain follows within half a minute of speech."""
    gain = SpeechGain()
    passed(gain, voice(8.0, -8.0))
    passed(gain, voice(30.0, -36.0, seed=3))
    assert gain.gain_db > 15


def test_a_bark_neither_clips_nor_moves_the_gain() -> None:
    """A loud noise amid quiet speech is held below full scale, and the voice after it is lifted as before it."""
    gain = SpeechGain()
    passed(gain, voice(8.0, -36.0))
    before_db = gain.gain_db
    bark = passed(gain, noise(0.3, -20.0))
    assert peak_db(bark) <= 0.0
    assert np.count_nonzero(np.abs(bark.astype(int)) >= 32767) == 0
    passed(gain, voice(3.0, -36.0))
    assert gain.gain_db == pytest.approx(before_db, abs=3.0)


def test_a_caller_who_comes_close_again_is_no_longer_lifted() -> None:
    """A voice that becomes healthy is left alone again within seconds."""
    gain = SpeechGain()
    passed(gain, voice(8.0, -36.0))
    passed(gain, voice(6.0, -8.0))
    sound = voice(3.0, -8.0)
    np.testing.assert_array_equal(passed(gain, sound), sound)


@pytest.mark.parametrize("block", [1, 160, 1600, 8000])
def test_blocks_of_any_length_pass(block: int) -> None:
    """No sample is lost or added, whatever the blocks' length; an empty block is one."""
    gain = SpeechGain()
    assert len(gain.process(np.empty(0, np.int16))) == 0
    sound = voice(0.5, -36.0)
    assert len(passed(gain, sound, block)) == len(sound)


def test_only_the_recognizer_hears_the_gain() -> None:
    """What an ear is given stays as it is: it is recorded and measured as it came."""
    louder: list[float] = []

    class Listening(ScriptedRecognizer):
        def accept(self, samples: Sound, start_s: float) -> None:
            louder.append(peak_db(samples))

    ear = Ear(Side.CLIENT, Listening)
    sound = voice(8.0, -36.0)
    kept = sound.copy()
    for at in range(0, len(sound), 1600):
        ear.hear(Block(Side.CLIENT, at / RATE_HZ, sound[at : at + 1600], RATE_HZ))
    np.testing.assert_array_equal(sound, kept)
    assert max(louder[-5:]) > -20.0
