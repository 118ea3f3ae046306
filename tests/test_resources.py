"""Files that come with the product are where the product looks for them."""

from __future__ import annotations

import soundfile

from voice_triage import resources


def test_the_bundled_files_are_in_the_checkout() -> None:
    """Lexicons, manifest, templates, styles and migrations are there; ``test_wheel.py`` asks the same of the wheel."""
    assert resources.checkout_dir() is not None
    assert any(resources.lexicons_dir().glob("*.toml"))
    assert resources.manifest_path().is_file()
    assert any(resources.templates_dir().glob("*.html"))
    assert any(resources.static_dir().iterdir())
    assert any(resources.migrations_dir().glob("**/*.py"))


def test_the_sample_call_is_one_channel_of_telephone_speech_with_its_text() -> None:
    """Only the client's side is in the sample, long enough to show an emergency, short enough for a newcomer."""
    info = soundfile.info(resources.sample_audio())
    assert info.channels == 1
    assert 20 <= info.duration <= 120
    assert resources.sample_text().read_text(encoding="utf-8").strip()
