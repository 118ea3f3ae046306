"""The bundled sample call: what is committed is what its text says, as the real recognizer hears it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from voice_triage import resources
from voice_triage.audio.resample import Resampler
from voice_triage.audio.wav import WavSource
from voice_triage.events import Block
from voice_triage.speech.vosk_recognizer import VoskModel, VoskRecognizer

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "render_sample.py"


@pytest.fixture(scope="module")
def render() -> ModuleType:
    """The script that renders the sample call."""
    spec = importlib.util.spec_from_file_location("render_sample", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def client_words(render: ModuleType) -> list[str]:
    """What the client says, without punctuation."""
    spoken = render.turns(resources.sample_text().read_text(encoding="utf-8"))
    return re.findall(r"[a-z']+", " ".join(words for who, words in spoken if who == "CLIENT"))


def test_the_sample_is_a_small_telephone_recording() -> None:
    """The sample call is a FLAC file of 8 kHz, one channel, under 600 kB, that takes less than a minute."""
    info = soundfile.info(resources.sample_audio())
    assert (info.format, info.samplerate, info.channels) == ("FLAC", 8000, 1)
    assert resources.sample_audio().stat().st_size < 600_000
    assert 40 <= info.duration <= 56


def test_the_recognizer_hears_what_the_client_says(model_dir: Path) -> None:
    """The real recognizer hears the emergency, the correction, the denial, the other pet and the patient's data."""
    recognizer, resampler, heard = VoskRecognizer(VoskModel(model_dir)), Resampler(), []
    for item in WavSource(resources.sample_audio()):
        assert isinstance(item, Block)
        block = resampler.process(item)
        heard.append(recognizer.accept(block.samples, block.start_s))
    held = resampler.flush()
    assert held is not None
    heard += [recognizer.accept(held.samples, held.start_s), recognizer.finish()]
    words = [word for result in heard if result is not None and result.final for word in result.words]
    text = " ".join(word.text for word in words)
    for phrase in (
        "this is sarah miller",
        "in and out of the litter box and nothing is coming out",
        "it started last night",
        "my cat is five years old no wait i mean six years old",
        "he hasn't thrown up and there's no blood",
        "name is max",
        "a siamese",
        "neutered male",
        "my other cat had a bladder infection last year",
        "five five five zero one nine three",
    ):
        assert phrase in text
    litter = next(word for word in words if word.text == "litter")
    assert litter.start_s < 12, "a newcomer must not wait longer for the first flag"


def test_every_word_of_the_sample_can_be_heard(model_dir: Path, render: ModuleType) -> None:
    """The client uses only words that are in the small model's vocabulary."""
    model = VoskModel(model_dir)
    assert [word for word in client_words(render) if not model.knows(word)] == []


def test_the_cs_rs_turns_are_silent(render: ModuleType) -> None:
    """Only the client is rendered: a turn of the CSR is silence as long as it takes to say it."""
    sound = render.timeline(
        [("CSR", "hello"), ("CLIENT", "hi")], lambda text: np.full(len(text) * 24000, 0.5, np.float32)
    )
    spoken = np.flatnonzero(sound)
    lead = render.LEAD_S + len("hello") + render.PAUSE_S
    assert spoken[0] == round(lead * 24000)
    assert len(spoken) == len("hi") * 24000


def test_the_rendered_line_is_a_telephone_line(render: ModuleType) -> None:
    """Of what the voice says, only the telephone band arrives."""
    seconds = np.arange(24000) / 24000
    levels = {}
    for hz in (100, 1000, 3000, 3800):
        line = render.telephone((0.3 * np.sin(2 * np.pi * hz * seconds)).astype(np.float32))
        levels[hz] = float(np.sqrt(np.mean(np.square(line[800:-800].astype(float)))))
    assert levels[1000] == pytest.approx(0.3 * 32768 / np.sqrt(2), rel=0.05)
    assert levels[3000] == pytest.approx(levels[1000], rel=0.05)
    assert max(levels[100], levels[3800]) < levels[1000] / 20


@pytest.mark.parametrize("line", ["hello", "CSR:", "client: hello", "OTHER: hello"])
def test_a_line_without_a_speaker_is_refused(render: ModuleType, line: str) -> None:
    """A line of the text that does not say who speaks, or what, is an error that quotes it."""
    with pytest.raises(ValueError, match=re.escape(repr(line))):
        render.turns(f"# a comment\n\n{line}\n")
