"""Sound that comes late, or faster than it is heard, is told; what is lost of it is a gap."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.call_fakes import Hearing, SoundClock, Step, SteppedSource, names, of
from tests.fakes import ScriptedRecognizer, ScriptedSource, final, silence, silent_blocks
from voice_triage.backlog import IN_TIME_S, LATE_SOUND_S, LateSound
from voice_triage.clock import RealTimeClock
from voice_triage.events import FinalTranscript, Gap, GapHeard, Side, SourceChanged, StageFailed
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ, Heard


def test_late_sound_is_told_once_with_what_to_do_and_so_is_its_end() -> None:
    """In between, small lateness says nothing."""
    late = LateSound()
    ages = ((1.0, 0.1), (3.0, LATE_SOUND_S + 0.6), (3.1, 2.0), (3.2, 1.0))
    told = [late.at(at, silence(at - age - 0.1, 0.1)) for at, age in ages]
    assert [each is None for each in told] == [True, False, True, True]
    assert isinstance(told[1], SourceChanged)
    assert told[1].state == "late"
    assert "2 seconds late" in told[1].detail
    assert "yourself" in told[1].detail
    assert late.at(3.25, Gap(Side.CLIENT, 3.0, 0.2, "lost")) is None
    again = late.at(3.3, silence(3.2 - IN_TIME_S / 2, 0.1))
    assert isinstance(again, SourceChanged)
    assert again.state == "listening"


def test_a_stall_that_loses_nothing_is_in_the_log() -> None:
    """As when the audio thread stands still for two seconds and then gives everything at once."""
    now = [100.0]

    def pass_time(seconds: float) -> None:
        now[0] += seconds

    steps: list[Step] = []
    for n in range(40):
        between_s = 2.2 if n == 20 else 0.0 if 20 < n < 42 else 0.1
        steps += [partial(pass_time, between_s), silence(n / 10, 0.1)]
    hearing = Hearing(SteppedSource(steps), clock=RealTimeClock(lambda: now[0]))
    events = hearing.run()
    assert [each.state for each in of(SourceChanged, events)] == ["late", "listening"]
    assert of(GapHeard, events) == []


class _Gated(ScriptedRecognizer):
    """Decodes nothing until the gate opens, like a machine that is too busy."""

    def __init__(self, script: list[tuple[float, Heard]] | None = None) -> None:
        super().__init__(script or [])
        self.entered = threading.Event()
        self.gate = threading.Event()

    def accept(self, samples: NDArray[np.int16], start_s: float) -> Heard | None:
        self.entered.set()
        assert self.gate.wait(10)
        return super().accept(samples, start_s)


def test_a_backlog_is_told_once_and_so_is_its_end() -> None:
    """When alerts would come more than three seconds late the CSR is told what to do; and when it is over."""
    recognizer = _Gated([(6.0, final("my dog")), (6.1, final("he fell", 0.5))])
    hearing: Hearing

    def catch_up() -> None:
        recognizer.gate.set()
        while len(of(FinalTranscript, hearing.kept)) < 1:
            time.sleep(0.005)

    blocks = silent_blocks(7.0)
    hearing = Hearing(SteppedSource([*blocks[:60], catch_up, *blocks[60:]]), [recognizer], clock=SoundClock())
    hearing.run()
    failures = of(StageFailed, hearing.kept)
    assert [(failure.stage, failure.code) for failure in failures] == [("recognizer", "backlog")]
    assert 3.0 < failures[0].at_s < 3.3
    assert [change.state for change in of(SourceChanged, hearing.kept)] == ["listening"]
    assert [each.text for each in of(FinalTranscript, hearing.kept)] == ["my dog", "he fell"]
    assert of(GapHeard, hearing.kept) == []


def test_a_gap_told_after_it_has_passed_is_no_backlog() -> None:
    """Ten seconds without a headset are a gap; they are not the computer's slowness."""
    now = 0.0

    def when_caught_up(at_s: float) -> Callable[[], None]:
        def step() -> None:
            nonlocal now
            while hearing.call.backlog:
                time.sleep(0.005)
            now = at_s

        return step

    gap = Gap(Side.CLIENT, 0.1, 10.0, "unplugged")
    steps: list[Step] = [when_caught_up(0.1), silence(0.0, 0.1), when_caught_up(10.1), gap]
    steps += [when_caught_up(10.2), silence(10.1, 0.1)]
    hearing = Hearing(SteppedSource(steps), clock=RealTimeClock(lambda: now))
    kept = hearing.run()
    assert names(kept) == ["CallStarted", "GapHeard", "CallEnded"]
    assert of(GapHeard, kept)[0].at_s == pytest.approx(10.1)


def test_live_sound_that_finds_no_room_is_a_gap_and_every_moment_is_accounted_for() -> None:
    """With full queues sound goes unheard, visibly: what was decoded and the gaps make up the call without overlap."""
    recognizer = _Gated()
    blocks = silent_blocks(3.0)
    before: list[Step] = [blocks[0], lambda: recognizer.entered.wait(10), *blocks[1:20], recognizer.gate.set]

    def drain() -> None:
        while len(recognizer.fed) < 6:  # the block in work and the five that were queued
            time.sleep(0.005)

    source = SteppedSource([*before, drain, *blocks[20:]])
    hearing = Hearing(source, [recognizer], clock=SoundClock(), queue_blocks=5)
    kept = hearing.run()
    heard = [(round(start_s, 3), round(start_s + count / SAMPLE_RATE_HZ, 3)) for start_s, count in recognizer.fed]
    gaps = [(round(gap.start_s, 3), round(gap.start_s + gap.duration_s, 3)) for gap in of(GapHeard, kept)]
    assert gaps[0] == (0.6, 2.0)
    stretches = sorted([*heard, *gaps])
    assert stretches[0][0] == 0.0
    assert stretches[-1][1] == 3.0
    assert all(before[1] == after[0] for before, after in itertools.pairwise(stretches))


def test_a_source_that_can_wait_loses_nothing_to_a_slow_recognizer() -> None:
    """A file played as fast as possible waits for the queues: no gap and no backlog, however slow we are."""
    recognizer = _Gated([(2.0, final("my dog"))])
    recognizer.gate.set()
    hearing = Hearing(ScriptedSource(silent_blocks(3.0)), [recognizer], queue_blocks=1)
    assert names(hearing.run()) == ["CallStarted", "FinalTranscript", "CallEnded"]
    assert sum(count for _, count in recognizer.fed) == 3 * SAMPLE_RATE_HZ
