"""The line's watchdog: silence and distortion are told with what to do, once each, and so is their end."""

from __future__ import annotations

import numpy as np
import pytest

from voice_triage.audio.level import SILENT_AFTER_S, LineLevel
from voice_triage.audio.line_watch import CLEAR_AFTER_S, SILENT_TOLD_AFTER_S, LineWatch
from voice_triage.events import Block, Side, SourceChanged

PEAK_OF = {"speech": 8000, "silence": 0, "overdriven": 200_000}


def told(*stretches: tuple[str, float]) -> list[SourceChanged]:
    """What is told in a call of such stretches, each so many seconds long."""
    level, watch, found = LineLevel(), LineWatch(), []
    wave = np.sin(2 * np.pi * 300 * np.arange(1600) / 16000)
    at_s = 0.0
    for kind, duration_s in stretches:
        samples = np.clip(PEAK_OF[kind] * wave, -32768, 32767).astype(np.int16)
        for _ in range(round(duration_s * 10)):
            block = Block(Side.CLIENT, at_s, samples, 16000)
            at_s = block.end_s
            if (news := watch.process(at_s, level.process(block))) is not None:
                found.append(news)
    return found


def test_a_line_that_is_well_has_nothing_to_say() -> None:
    """Nor has one on which the client listens for as long as a CSR speaks."""
    assert told(("speech", 30.0), ("silence", SILENT_AFTER_S + SILENT_TOLD_AFTER_S - 1.0), ("speech", 5.0)) == []


def test_long_silence_is_told_once_and_so_is_its_end() -> None:
    """With how long it has lasted and what to do."""
    silent, again = told(("speech", 5.0), ("silence", 60.0), ("speech", 5.0))
    assert (silent.state, again.state) == ("silent", "listening")
    assert silent.at_s == pytest.approx(5.0 + SILENT_AFTER_S + SILENT_TOLD_AFTER_S, abs=1.2)
    assert "for 20 seconds" in silent.detail
    assert "phone program" in silent.detail
    assert again.at_s == pytest.approx(65.0, abs=0.5)


def test_distortion_is_told_once_however_often_it_comes() -> None:
    """Bursts of it are one trouble; it is over when none has come for a while."""
    bursts = [("overdriven", 1.0), ("speech", 4.0)] * 4
    clipping, clear = told(("speech", 3.0), *bursts, ("speech", CLEAR_AFTER_S + 4.0))
    assert (clipping.state, clear.state) == ("clipping", "listening")
    assert "Turn the volume down" in clipping.detail
    assert clipping.at_s < 4.5
    assert clear.at_s > 20.0
