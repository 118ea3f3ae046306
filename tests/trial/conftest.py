"""The shipped lexicon and edited copies of it."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.triage.lexicon import Lexicon, load

Edited = Callable[..., Lexicon]


@pytest.fixture(scope="session")
def shipped() -> Lexicon:
    """The lexicon as shipped."""
    return load(resources.lexicons_dir())


@pytest.fixture(scope="session")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Edited:
    """Gives a copy of the lexicon with files added, or one text in a file replaced by another."""

    @functools.cache  # to compile one takes a second
    def edited(*, added: str = "", file: str = "", old: str = "", new: str = "") -> Lexicon:
        folder = tmp_path_factory.mktemp("lexicon") / "lexicons"
        shutil.copytree(resources.lexicons_dir(), folder)
        if added:
            (folder / "own.toml").write_text(added, encoding="utf-8")
        if file:
            path: Path = folder / file
            text = path.read_text(encoding="utf-8")
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
            path.write_text(text.replace(old, new), encoding="utf-8")
        return load(folder)

    return edited
