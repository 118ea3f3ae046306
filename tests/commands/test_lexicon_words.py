"""`lexicon add-word` and `lexicon words`: a clinic's own words on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.test_cli import run
from voice_triage.commands.exits import Exit
from voice_triage.domain_text.own_words import load_own_words


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh data folder, and no model beside it."""
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VOICE_TRIAGE_MODELS_DIR", str(tmp_path / "no-models"))
    return tmp_path


def test_a_word_gets_a_suggestion_and_is_listed(desk: Path) -> None:
    """A name added without a sound gets one suggested, is written to the data folder and listed."""
    code, out, err = run("lexicon", "add-word", "Okonkwo", "--kind", "staff")
    assert (code, "okonkwo  suggested:" in out, "own-words.toml" in err) == (Exit.OK, True, True), out + err
    assert load_own_words(desk / "own-words.toml").slots["staff"] == ("okonkwo",)
    code, out, _ = run("lexicon", "words")
    assert (code, "staff" in out, "okonkwo" in out) == (Exit.OK, True, True), out


def test_a_given_sound_replaces_the_suggested_one(desk: Path) -> None:
    """The same word added again with --say is said as given, and only so."""
    run("lexicon", "add-word", "okonkwo")
    code, out, _ = run("lexicon", "add-word", "okonkwo", "--say", "okonkwo=ow k aa ng k w ow")
    assert (code, out) == (Exit.OK, "okonkwo  given: OW K AA NG K W OW\n")
    assert load_own_words(desk / "own-words.toml").ways["okonkwo"] == (("OW", "K", "AA", "NG", "K", "W", "OW"),)


def test_a_sound_that_is_none_writes_nothing(desk: Path) -> None:
    """A phone that does not exist is refused with the lexicon's exit code, and nothing is written."""
    code, _, err = run("lexicon", "add-word", "okonkwo", "--say", "okonkwo=OW Q")
    assert (code, "'Q' is no phone" in err) == (Exit.LEXICON, True), err
    assert not (desk / "own-words.toml").exists()


def test_an_unknown_kind_is_told_the_known_ones() -> None:
    """A kind decides in which sentences a word is expected, so it must be one of four."""
    code, _, err = run("lexicon", "add-word", "okonkwo", "--kind", "doctor")
    assert (code, "staff, place, product, pet" in err) == (Exit.LEXICON, True), err
