"""The careful ear's engine: hears what was said, nothing where nothing was said, and never asks the network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from voice_triage import resources
from voice_triage.errors import ModelError, RecognizerError
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ
from voice_triage.speech.whisper_ear import WhisperEar


@pytest.fixture(scope="module")
def ear(careful_model_dir: Path) -> WhisperEar:
    """The real one."""
    return WhisperEar(careful_model_dir)


NO_NETWORK = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"):
        raise SystemExit(f"the network was asked: {event}")

sys.addaudithook(refuse)
import numpy as np
from voice_triage.speech.whisper_ear import WhisperEar
ear = WhisperEar(sys.argv[1])
sound = np.random.default_rng(1).normal(0, 3000, 16000).astype(np.int16)
print(ear.name, len(ear.rehear(sound, 0.0).text))
"""


def test_loading_and_hearing_ask_no_network(careful_model_dir: Path) -> None:
    """Neither names nor addresses are looked up, with the model there; nor is anything fetched with it missing."""
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, str(careful_model_dir)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "faster-whisper-base" in done.stdout
    done = subprocess.run([sys.executable, "-c", NO_NETWORK, "base"], capture_output=True, text=True, check=False)
    assert "ModelError" in done.stderr
    assert "network was asked" not in done.stderr


def test_a_sentence_of_the_sample_call_is_heard(ear: WhisperEar) -> None:
    """Words come in spoken form, voice activity in call time."""
    sound, rate_hz = soundfile.read(resources.sample_audio(), dtype="int16", frames=12 * 8000)
    heard = ear.rehear(soxr.resample(sound, rate_hz, SAMPLE_RATE_HZ), 100.0)
    assert {"sarah", "miller"} <= set(heard.text)
    assert all(word == word.lower() for word in heard.text)
    assert 100.0 <= heard.speech[0][0] < heard.speech[-1][1] <= 112.0
    assert heard.avg_logprob < 0 < heard.compression_ratio


def test_silence_holds_no_words(ear: WhisperEar) -> None:
    """Where no voice is active the engine is not even asked: it would thank for watching."""
    assert ear.rehear(np.zeros(5 * SAMPLE_RATE_HZ, dtype=np.int16), 0.0).text == ()
    assert ear.rehear(np.zeros(0, dtype=np.int16), 0.0).speech == ()


def test_a_folder_without_a_model_is_an_error_with_advice(tmp_path: Path) -> None:
    """It is refused before the engine looks for it on the internet; a damaged one says how to repair it."""
    with pytest.raises(ModelError, match=r"lacks model\.bin.*models fetch"):
        WhisperEar(tmp_path)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="does not load"):
        WhisperEar(tmp_path)


def test_a_closed_ear_hears_nothing_more(careful_model_dir: Path) -> None:
    """Its memory is free; whoever asks it is told."""
    ear = WhisperEar(careful_model_dir)
    ear.close()
    with pytest.raises(RecognizerError, match="closed"):
        ear.rehear(np.zeros(16000, dtype=np.int16), 0.0)
