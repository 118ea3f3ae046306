"""Sounds without words: neither ear makes flags or fields of them. An hour of it: ``scripts/prove inventions``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.wordless_sounds import RATE_HZ, SOUNDS, as_int16
from voice_triage import bootstrap
from voice_triage.bootstrap import Engine
from voice_triage.report import call_report
from voice_triage.settings import load_settings

SECONDS = 12.0


@pytest.fixture(scope="module")
def engine(model_dir: Path, careful_model_dir: Path) -> Engine:
    """Both ears, as recordings are heard."""
    settings = load_settings(overrides={"careful_ear": "on"})
    return bootstrap.load_engine(settings, bootstrap.hearing_at_once(settings))


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_without_words_becomes_no_flag_and_no_field(engine: Engine, tmp_path: Path, name: str) -> None:
    """Silence, noise, tones, music and barking: the careful ear settles no word of it, and nothing is made of it."""
    path = tmp_path / "call.wav"
    soundfile.write(path, as_int16(SOUNDS[name](SECONDS, np.random.default_rng(7))), RATE_HZ)
    source = bootstrap.file_source(path, load_settings(), realtime=False)
    call, log = engine.call(source, name, live=False)
    call.run()
    report = call_report(logged.event for logged in log.events())
    assert report["failures"] == []
    assert report["flags"] == []
    assert report["fields"] == {}
    assert [said for said in report["utterances"] if said["second_hearing"]["outcome"] == "settled"] == []
