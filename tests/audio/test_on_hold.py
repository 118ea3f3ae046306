"""On hold, and at a mailbox: nobody describes a pet, so nothing is raised."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audio.sounds import Samples, hold_music, write_wav
from voice_triage import bootstrap
from voice_triage.audio.wav import WavSource
from voice_triage.events import FinalTranscript, FlagRaised
from voice_triage.settings import load_settings

SPOKEN = Path(__file__).with_name("on-hold.flac")
"""What ``on-hold.txt`` says, as a telephone line carries it."""


@pytest.fixture(scope="module")
def engine(own_environment: None, model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> bootstrap.Engine:
    """The recognizer and the lexicon, as they are in force."""
    return bootstrap.load_engine(load_settings(overrides={"data_dir": tmp_path_factory.mktemp("data")}))


def heard(engine: bootstrap.Engine, file: Path) -> tuple[list[FlagRaised], str]:
    """Every flag that was shown, also provisionally, and all that was understood."""
    call, log = engine.call(WavSource(file), "c", live=False)
    call.run()
    events = [logged.event for logged in log.events()]
    words = " ".join(each.text for each in events if isinstance(each, FinalTranscript))
    return [each for each in events if isinstance(each, FlagRaised)], words


@pytest.mark.parametrize("seed", [1, 2])
def test_music_raises_nothing(engine: bootstrap.Engine, tmp_path: Path, seed: int) -> None:
    """Whatever words the recognizer makes of it."""
    music: Samples = hold_music(20.0, 8000, seed)
    flags, _ = heard(engine, write_wav(tmp_path / "music.wav", music, 8000))
    assert flags == []


def test_announcements_raise_nothing(engine: bootstrap.Engine) -> None:
    """Though they are understood, and speak of emergencies, bleeding, trouble breathing and poison."""
    flags, words = heard(engine, SPOKEN)
    assert "press one" in words
    assert "trouble breathing" in words
    assert flags == []
