"""An edited lexicon takes effect between calls; a broken edit keeps the one before it and says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.errors import LexiconError
from voice_triage.triage.lexicon import load
from voice_triage.triage.lexicon_in_force import LexiconInForce


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clinic's own copy of the lexicon."""
    own = tmp_path / "lexicons"
    shutil.copytree(resources.lexicons_dir(), own)
    return own


def test_an_edit_takes_effect_and_a_broken_one_does_not(folder: Path, tmp_path: Path) -> None:
    """A new concept is there for the next call; a broken file leaves it there and is told; mending ends the telling."""
    in_force = LexiconInForce(lambda: folder, tmp_path / "cache")
    before, complaint = in_force.current()
    assert complaint == ""
    own = folder / "own.toml"
    own.write_text('[[concept]]\nid = "wiggly_ears"\ntemplates = ["wiggly ears"]\n', encoding="utf-8")
    edited, complaint = in_force.current()
    assert "wiggly_ears" in edited.concepts
    assert edited.hash != before.hash
    assert complaint == ""
    own.write_text('[[concept]]\nid = "wiggly_ears"\ntemplate = ["wiggly ears"]\n', encoding="utf-8")
    kept, complaint = in_force.current()
    assert kept is edited
    assert "own.toml" in complaint
    assert "'templates'" in complaint
    assert in_force.current() == (edited, complaint)
    own.unlink()
    mended, complaint = in_force.current()
    assert mended.hash == before.hash
    assert complaint == ""


def test_a_folder_without_a_lexicon_is_refused_at_start(tmp_path: Path) -> None:
    """Without any lexicon nothing can be understood, so the start fails and names the folder."""
    with pytest.raises(LexiconError, match="no lexicon"):
        LexiconInForce(lambda: tmp_path)


def test_a_cached_lexicon_equals_a_compiled_one(tmp_path: Path) -> None:
    """The second load comes from the cache and is the same; a damaged cache is compiled again."""
    compiled = load(resources.lexicons_dir(), tmp_path)
    cached = load(resources.lexicons_dir(), tmp_path)
    assert (cached.patterns, dict(cached.phrases)) == (compiled.patterns, dict(compiled.phrases))
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text(encoding="utf-8")[:1000], encoding="utf-8")
    again = load(resources.lexicons_dir(), tmp_path)
    assert again.patterns == compiled.patterns
