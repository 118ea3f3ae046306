"""The line's level and its state."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from voice_triage.audio.level import FLOOR_DB, LineLevel
from voice_triage.events import Block, LineChanged, Side

RATE_HZ = 8000


def noise(duration_s: float, rms_db: float) -> NDArray[np.int16]:
    """Noise of a given level, dB relative to full scale."""
    wave = np.random.default_rng(0).normal(scale=32768 * 10 ** (rms_db / 20), size=round(duration_s * RATE_HZ))
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def syllables(duration_s: float, rms_db: float) -> NDArray[np.int16]:
    """A voice: noise that comes and goes, half of the time, some seconds on and some off."""
    at = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    spoken = (np.sin(2 * np.pi * 2 * at) > -0.3) & (at % 7 < 4)
    return (noise(duration_s, rms_db) * spoken).astype(np.int16)


def over(voice: NDArray[np.int16], rms_db: float) -> NDArray[np.int16]:
    """A voice over steady noise."""
    return (voice.astype(int) + noise(len(voice) / RATE_HZ, rms_db)).astype(np.int16)


def told(level: LineLevel, samples: NDArray[np.int16], start_s: float = 0.0, block: int = 800) -> list[LineChanged]:
    """What is told while the sound passes in blocks of 100 ms."""
    changes = [
        level.process(Block(Side.CLIENT, start_s + at / RATE_HZ, samples[at : at + block], RATE_HZ))
        for at in range(0, len(samples), block)
    ]
    return [change for change in changes if change is not None]


@pytest.mark.parametrize("rms_db", [-20.0, -30.0, -50.0])
def test_the_level_is_that_of_the_last_second(rms_db: float) -> None:
    """The level is the RMS of the last second, so that what was before no longer counts."""
    changes = told(LineLevel(), np.concatenate([noise(3.0, -12.0), noise(2.5, rms_db)]))
    assert changes[-1].level_db == pytest.approx(rms_db, abs=1.1)  # changes below 1 dB are not told
    assert changes[0].level_db == pytest.approx(-12.0, abs=1.0)


def test_ordinary_speech_with_pauses_is_good() -> None:
    """Speech at an ordinary level with a CSR's turn of 6 s of digital silence in between is good all the time."""
    turn, pause = noise(4.0, -24.0), np.zeros(6 * RATE_HZ, np.int16)
    changes = told(LineLevel(), np.concatenate([turn, pause, turn, pause, turn]))
    assert {change.state for change in changes} == {"good"}
    assert min(change.level_db for change in changes) == FLOOR_DB


def test_a_dead_line_is_silent_and_recovers() -> None:
    """Nothing on the line for 8 s is silent, told at once, and the first second of sound ends it."""
    changes = told(
        LineLevel(), np.concatenate([noise(3.0, -24.0), np.zeros(10 * RATE_HZ, np.int16), noise(2.0, -24.0)])
    )
    states = [(change.state, change.at_s) for change in changes]
    silent_s = next(at_s for state, at_s in states if state == "silent")
    assert 11.0 <= silent_s <= 12.1
    assert states[-1][0] == "good"
    assert next(at_s for state, at_s in states if state == "good" and at_s > silent_s) <= 13.3


def test_line_noise_is_not_silence() -> None:
    """A line that only rustles is there: it is never called silent, though too quiet to be understood."""
    assert [change.state for change in told(LineLevel(), noise(30.0, -58.0))][-1] == "quiet"
    assert "silent" not in {change.state for change in told(LineLevel(), noise(30.0, -58.0))}


def test_a_whispering_line_is_quiet_until_it_is_clearly_louder() -> None:
    """Speech 35 dB too low is quiet after 10 s; a little louder does not end it, clearly louder does."""
    level = LineLevel()
    assert told(level, syllables(12.0, -60.0))[-1].state == "quiet"
    assert {c.state for c in told(level, syllables(25.0, -53.5), start_s=12.0)} == {"quiet"}
    assert told(level, syllables(3.0, -45.0), start_s=37.0)[-1].state == "good"


def test_an_overdriven_line_is_clipping_and_holds_it_for_a_moment() -> None:
    """Samples at full scale are clipping, which stays told between the words and ends 3 s after the last of them."""
    level = LineLevel()
    changes = told(level, np.clip(noise(2.0, -20.0).astype(int) * 8, -32768, 32767).astype(np.int16))
    assert {change.state for change in changes} == {"clipping"}
    after = told(level, noise(6.0, -24.0), start_s=2.0)
    assert after[0].state == "clipping"
    assert after[-1].state == "good"


def test_a_peak_that_touches_full_scale_is_not_clipping() -> None:
    """A few samples at full scale in a second are a loud word, not an overdriven line."""
    samples = noise(3.0, -24.0)
    samples[10000:10010] = 32767
    assert {change.state for change in told(LineLevel(), samples)} == {"good"}


def test_an_unchanged_level_is_told_once() -> None:
    """A steady line is told once; a swinging one at most twice a second."""
    assert len(told(LineLevel(), np.zeros(5 * RATE_HZ, np.int16))) == 1
    swinging = np.concatenate([noise(2.0, -20.0 - 30 * (i % 2)) for i in range(6)])
    times = [change.at_s for change in told(LineLevel(), swinging)]
    assert len(times) > 3
    assert all(after - before >= 0.5 - 1e-9 for before, after in itertools.pairwise(times))


def test_a_gap_makes_the_line_start_anew() -> None:
    """After a restart the sound before it neither makes the line quiet nor silent."""
    level = LineLevel()
    assert told(level, np.zeros(9 * RATE_HZ, np.int16))[-1].state == "silent"
    level.restart()
    assert told(level, noise(1.0, -24.0), start_s=60.0)[0].state == "good"


@pytest.mark.parametrize("length", [0, 1, 80_000])
def test_blocks_of_any_length_are_measured(length: int) -> None:
    """An empty block tells nothing; one sample, or ten seconds at once, are measured."""
    change = LineLevel().process(Block(Side.CLIENT, 0.0, np.full(length, -32768, np.int16), RATE_HZ))
    assert (change is None) == (length == 0)
    assert change is None or change.level_db == 0.0


def test_a_voice_that_hardly_stands_out_is_noisy_until_it_clearly_does() -> None:
    """12 dB over the noise is noisy after 20 s; 16 dB do not end it, 25 dB do."""
    level = LineLevel()
    noisy = told(level, over(syllables(30.0, -24.0), -36.0))
    assert {c.state for c in noisy if c.at_s < 19.9} == {"good"}
    assert noisy[-1].state == "noisy"
    assert "good" not in {c.state for c in told(level, over(syllables(40.0, -24.0), -39.5), start_s=30.0)}
    assert told(level, over(syllables(40.0, -24.0), -50.0), start_s=70.0)[-1].state == "good"


def test_a_line_is_no_noisier_while_the_client_is_silent() -> None:
    """A clear voice, then only the line's noise while the CSR speaks for most of a minute: still good."""
    sound = np.concatenate([over(syllables(25.0, -24.0), -48.0), noise(50.0, -48.0)])
    assert {change.state for change in told(LineLevel(), sound)} == {"good"}


@pytest.mark.parametrize("block", [160, 800, 4000])
def test_noise_is_told_alike_whatever_the_blocks(block: int) -> None:
    """Blocks of 20, 100 and 500 ms tell of a noisy line within the same second or so."""
    changes = told(LineLevel(), over(syllables(24.0, -24.0), -35.0), block=block)
    assert 20.0 - 1e-6 <= next(change.at_s for change in changes if change.state == "noisy") <= 21.5
