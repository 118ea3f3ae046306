"""``scripts/prove``: every part is there, and CI runs a tenth."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from voice_triage import resources

TOP = resources.PACKAGE_DIR.parent
SCRIPTS = TOP / "scripts"


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts import each other by their bare names."""
    monkeypatch.syspath_prepend(str(SCRIPTS))


def test_every_part_can_be_run() -> None:
    """A part that is named has its module."""
    parts: dict[str, str] = importlib.import_module("_proving").PARTS
    assert parts
    for name in parts:
        assert callable(importlib.import_module(f"proof.{name}").prove)
    assert {path.stem for path in (SCRIPTS / "proof").glob("*.py")} - {"__init__", "proof"} == set(parts)


def test_a_committed_table_is_of_the_whole_proof() -> None:
    """Not of a tenth of it; and says by which command it was made."""
    parts: dict[str, str] = importlib.import_module("_proving").PARTS
    tables = sorted((TOP / "docs" / "proofs").glob("*.md"))
    assert tables
    for path in tables:
        assert path.stem in parts
        text = " ".join(path.read_text(encoding="utf-8").split())
        assert f"python3 scripts/prove {path.stem} --seed" in text


def test_help_names_the_parts() -> None:
    """Under the system's own Python, before anything is installed."""
    code = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); import _proving; _proving.main(['--help'])"
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for word in ("capture", "--tenth", "--seed", "--write-docs"):
        assert word in done.stdout


def test_ci_runs_a_tenth() -> None:
    """With a seed, so that what fails there fails here."""
    assert "scripts/prove --tenth" in (TOP / ".ci" / "run").read_text(encoding="utf-8")


def test_an_unknown_part_is_refused() -> None:
    """Before anything is run."""
    with pytest.raises(SystemExit) as refused:
        importlib.import_module("_proving").main(["everything"])
    assert refused.value.code == 2


def test_the_proofs_belong_to_the_checkout(tmp_path: Path) -> None:
    """Their tables are written there, wherever the command is called from."""
    assert importlib.import_module("_proving").DOCUMENTS == TOP / "docs" / "proofs"
