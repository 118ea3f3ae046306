"""Resampling to 16 kHz as one continuous stream."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from voice_triage.audio.resample import Resampler
from voice_triage.events import Block, Side


def resampled(blocks: list[Block]) -> tuple[NDArray[np.int16], list[Block]]:
    """The whole stream in one piece, and its blocks."""
    resampler = Resampler()
    out = [resampler.process(block) for block in blocks]
    if (held := resampler.flush()) is not None:
        out.append(held)
    return np.concatenate([block.samples for block in out]), out


def cut(samples: NDArray[np.int16], rate_hz: int, lengths: list[int], start_s: float = 0.0) -> list[Block]:
    """``samples`` in blocks of the given lengths, the rest as one more."""
    blocks, at = [], 0
    for length in [*lengths, len(samples)]:
        piece = samples[at : at + length]
        blocks.append(Block(Side.CLIENT, start_s + at / rate_hz, piece, rate_hz))
        at += len(piece)
    return blocks


def tone(rate_hz: int, hz: float, duration_s: float) -> NDArray[np.int16]:
    """A sine at half of full scale."""
    n = np.arange(round(duration_s * rate_hz))
    wave: NDArray[np.int16] = np.rint(16000 * np.sin(2 * np.pi * hz * n / rate_hz)).astype(np.int16)
    return wave


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 32000, 44100, 48000])
@pytest.mark.parametrize("hz", [440.0, 3000.0])
def test_a_tone_stays_that_tone(rate_hz: int, hz: float) -> None:
    """Any rate arrives as the same tone at 16 kHz, in place to the sample, but for the rounding to 16 bits."""
    got, _ = resampled(cut(tone(rate_hz, hz, 1.0), rate_hz, [rate_hz // 10] * 9))
    wanted = 16000 * np.sin(2 * np.pi * hz * np.arange(len(got)) / 16000)
    inner = slice(1600, -1600)  # a tone that begins and ends at once rings at its edges
    noise = got[inner] - wanted[inner]
    snr_db = 10 * np.log10(np.mean(wanted[inner] ** 2) / np.mean(noise**2))
    assert snr_db > 85
    assert abs(len(got) - 16000) <= 1


@pytest.mark.parametrize("hz", [9000.0, 15000.0, 20000.0])
def test_what_16_khz_cannot_hold_is_removed(hz: float) -> None:
    """Sound above 8 kHz does not fold back into the speech band, where it would cost words."""
    got, _ = resampled(cut(tone(48000, hz, 1.0), 48000, [4800] * 9))
    inner = got[1600:-1600].astype(float)
    assert np.sqrt(np.mean(inner**2)) < 2


@settings(max_examples=40, deadline=None)
@given(
    rate_hz=st.sampled_from([8000, 16000, 44100, 48000]),
    lengths=st.lists(st.integers(0, 3000), max_size=40),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_cutting_gives_the_same_sound(rate_hz: int, lengths: list[int], seed: int) -> None:
    """However the sound is cut into blocks, empty ones too, the same samples come out, at the same times."""
    samples = np.random.default_rng(seed).integers(-32768, 32767, 20000).astype(np.int16)
    whole, _ = resampled(cut(samples, rate_hz, []))
    pieces, blocks = resampled(cut(samples, rate_hz, lengths, start_s=12.5))
    assert np.array_equal(whole, pieces)
    at = 0
    for block in blocks:
        assert block.start_s == pytest.approx(12.5 + at / 16000, abs=1e-9)
        assert block.rate_hz == 16000
        at += len(block.samples)


def test_16_khz_passes_unchanged() -> None:
    """Sound that has 16 kHz already is given on bit for bit, at once."""
    samples = np.random.default_rng(0).integers(-32768, 32767, 1600).astype(np.int16)
    resampler = Resampler()
    out = resampler.process(Block(Side.CLIENT, 3.0, samples, 16000))
    assert np.array_equal(out.samples, samples)
    assert (out.start_s, out.rate_hz) == (3.0, 16000)
    assert resampler.flush() is None


def test_a_click_keeps_its_call_time() -> None:
    """The filter delays the delivery of sound, not its call time."""
    samples = np.zeros(16000, np.int16)
    samples[9000] = 30000
    _, blocks = resampled(cut(samples, 8000, [160] * 100, start_s=40.0))
    loudest = max(blocks, key=lambda block: int(np.abs(block.samples.astype(int)).max(initial=0)))
    at_s = loudest.start_s + int(np.abs(loudest.samples.astype(int)).argmax()) / 16000
    assert at_s == pytest.approx(40.0 + 9000 / 8000, abs=1 / 16000)


def test_sound_before_a_gap_does_not_leak_past_it() -> None:
    """After a flush the next sound starts anew at its own time, with nothing of the sound before the gap in it."""
    resampler = Resampler()
    before = resampler.process(Block(Side.CLIENT, 0.0, np.full(800, 20000, np.int16), 8000))
    held = resampler.flush()
    assert held is not None
    assert held.start_s == pytest.approx(before.end_s)
    assert held.end_s == pytest.approx(0.1)
    after = [resampler.process(Block(Side.CLIENT, 7.0, np.zeros(8000, np.int16), 8000)), resampler.flush()]
    assert after[0] is not None
    assert after[0].start_s == 7.0
    assert all(not block.samples.any() for block in after if block is not None)


def test_cleared_sound_is_forgotten() -> None:
    """After clear nothing is held back, and a stream of another rate and time may begin."""
    resampler = Resampler()
    resampler.process(Block(Side.CLIENT, 0.0, np.full(800, 20000, np.int16), 8000))
    resampler.clear()
    assert resampler.flush() is None
    assert resampler.process(Block(Side.OWN, 9.0, np.ones(10, np.int16), 16000)).start_s == 9.0


def test_a_devices_clock_is_followed() -> None:
    """Blocks a few milliseconds off their predecessor's end keep their own time, so that no error adds up."""
    resampler = Resampler()
    for i in range(100):
        out = resampler.process(Block(Side.CLIENT, i * 0.101, np.zeros(1600, np.int16), 16000))
        assert out.start_s == pytest.approx(i * 0.101)


def test_an_untold_change_of_the_stream_is_an_error() -> None:
    """Another rate or side, or a jump in time, without a flush before it is a mistake of the caller, and told."""
    resampler = Resampler()
    resampler.process(Block(Side.CLIENT, 0.0, np.zeros(800, np.int16), 8000))
    for block in (
        Block(Side.CLIENT, 0.1, np.zeros(1600, np.int16), 16000),
        Block(Side.OWN, 0.1, np.zeros(800, np.int16), 8000),
        Block(Side.CLIENT, 0.3, np.zeros(800, np.int16), 8000),
    ):
        with pytest.raises(ValueError, match="flush the resampler"):
            resampler.process(block)
