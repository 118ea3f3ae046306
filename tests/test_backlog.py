"""Sound that comes late is told, though nothing of it is missing."""

from __future__ import annotations

from functools import partial

from tests.call_fakes import Hearing, Step, SteppedSource, of
from tests.fakes import silence
from voice_triage.backlog import IN_TIME_S, LATE_SOUND_S, LateSound
from voice_triage.clock import RealTimeClock
from voice_triage.events import Gap, GapHeard, Side, SourceChanged


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
