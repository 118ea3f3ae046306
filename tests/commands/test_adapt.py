"""Rules of ``models adapt`` and of what other commands tell about adapted models, on the tiny model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.speech import tiny_graphs
from voice_triage.cli import app
from voice_triage.commands.exits import Exit


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder of a desk that uses the tiny model, a model of its own, and wants it adapted."""
    folder = tmp_path / "models"
    for name, value in {
        "DATA_DIR": tmp_path / "data",
        "MODELS_DIR": folder,
        "MODEL": tiny_graphs.model_folder(tmp_path / "own" / "tiny"),
        "ADAPT_LANGUAGE_MODEL": "true",
        "CAREFUL_EAR": "off",
    }.items():
        monkeypatch.setenv(f"VOICE_TRIAGE_{name}", str(value))
    return folder


def adapted(models_dir: Path) -> list[Path]:
    """The adapted models that are there."""
    return sorted(models_dir.glob("tiny-adapted-*"))


def test_it_is_made_once_and_told_of_by_the_other_commands(models_dir: Path) -> None:
    """The result names the folder; list, verify and doctor know it; a second time nothing is made; damage is told."""
    assert re.search(r"warn +adapted +not yet", run("doctor")[1])
    code, out, err = run("models", "adapt")
    assert (code, len(adapted(models_dir))) == (Exit.OK, 1)
    folder = adapted(models_dir)[0]
    assert f"{folder.name} is ready in {models_dir}" in out
    assert "Mixing the language models" in err
    assert "Words that this model cannot learn" in err  # the tiny one lacks most sounds
    assert re.search(rf"\* {folder.name}  ready", run("models", "list")[1])
    assert f"{folder.name}: all files are as they were made" in run("models", "verify")[1]
    assert re.search(r"ok +adapted +to the lexicon as it is", run("doctor")[1])
    code, out, err = run("models", "adapt")
    assert (code, "is ready" in out, "Mixing" in err) == (Exit.OK, True, False)

    (folder / "graph" / "Gr.fst").write_bytes(b"")
    code, _, err = run("models", "verify")
    assert (code, "models adapt --force" in err) == (Exit.INCOMPLETE, True)
    assert re.search(rf"  {folder.name}  damaged", run("models", "list")[1])
    assert re.search(r"warn +adapted +.*damaged", run("doctor")[1])
    assert "Mixing" in run("models", "adapt")[2]
    assert run("models", "verify")[0] == Exit.OK


def test_switched_off_nothing_is_made(models_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting decides; the command and doctor say so."""
    monkeypatch.setenv("VOICE_TRIAGE_ADAPT_LANGUAGE_MODEL", "false")
    code, out, _ = run("models", "adapt")
    assert (code, "adapt_language_model is false" in out) == (Exit.OK, True)
    assert adapted(models_dir) == []
    assert "adapt_language_model is false" in run("doctor")[1]


def test_a_model_in_one_piece_is_used_as_it_comes(models_dir: Path, tmp_path: Path) -> None:
    """Nothing is made of it, and nothing is wrong with that."""
    graph = tmp_path / "own" / "tiny" / "graph"
    (graph / "Gr.fst").unlink()
    (graph / "HCLr.fst").rename(graph / "HCLG.fst")
    code, out, _ = run("models", "adapt")
    assert (code, "one piece" in out) == (Exit.OK, True)
    assert re.search(r"ok +adapted +this model's graph is in one piece", run("doctor")[1])
