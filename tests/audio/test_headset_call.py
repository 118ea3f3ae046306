"""The whole way from a headset to flags: what is played through a real sound server is understood as from its file."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from tests.audio.listening import listening
from tests.audio.sound_server import SoundServerProcess
from tests.audio.sounds import write_wav
from voice_triage import bootstrap, resources
from voice_triage.audio.source import AudioSource
from voice_triage.audio.wav import WavSource
from voice_triage.events import CallEnded, Event, FieldSuggested, FlagRaised, FlagState, GapHeard
from voice_triage.settings import Settings

pytestmark = pytest.mark.timeout(600)  # the call is played in real time


def understood(engine: bootstrap.Engine, source: AudioSource, *, live: bool) -> list[Event]:
    """The log of a call over ``source``."""
    call, log = engine.call(source, "c-1", live=live)
    call.run()
    return [logged.event for logged in log.events()]


def flags(events: list[Event]) -> set[str]:
    """Categories that were raised."""
    return {each.category for each in events if isinstance(each, FlagRaised) and each.state is FlagState.RAISED}


@pytest.mark.parametrize("sound_server", ["pulse"], indirect=True)
def test_a_call_on_the_headset_raises_the_flags_of_its_file(
    machine: SoundServerProcess, model_dir: Path, settings: Settings, tmp_path: Path
) -> None:
    """At the telephone's rate, over PulseAudio, in real time; nothing is lost on the way, and the hang-up ends it."""
    samples, rate_hz = soundfile.read(resources.sample_audio(), dtype="int16")
    file = write_wav(tmp_path / "sample.wav", samples, rate_hz)
    engine = bootstrap.load_engine(settings)
    from_file = understood(engine, WavSource(file), live=False)
    with listening() as desk:
        phone = machine.softphone(file, machine.plug(rate_hz=rate_hz))
        source = desk.watch.next_call(30.0)
        assert source is not None
        from_headset = understood(engine, source, live=True)
        phone.hang_up()
    ended = from_headset[-1]
    assert isinstance(ended, CallEnded)
    assert ended.reason == "hang-up"
    assert not [each for each in from_headset if isinstance(each, GapHeard)]
    assert flags(from_headset) == flags(from_file) != set()
    fields = [
        {each.field for each in events if isinstance(each, FieldSuggested)} for events in (from_headset, from_file)
    ]
    assert len(fields[0] & fields[1]) >= len(fields[1]) - 1
