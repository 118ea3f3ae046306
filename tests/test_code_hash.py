"""Rules of what is made anew because its makers changed."""

from __future__ import annotations

import ast
from pathlib import Path

import voice_triage
from voice_triage.code_hash import code_hash
from voice_triage.speech.adaptation_record import MAKERS

SPEECH = Path(voice_triage.__file__).parent / "speech"
NOT_MAKERS = {"adaptation_record.py", "model_files.py", "model_manifest.py", "model_sources.py"}
"""They say what was made and where it is kept."""


def test_changed_code_has_another_identity_and_so_has_another_order(tmp_path: Path) -> None:
    """Whatever is kept under the old one is not taken for what the new code would make."""
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a = 1\n")
    two.write_text("b = 2\n")
    before = code_hash(one, two)
    other = tmp_path / "other.py"
    other.write_text("a = 3\n")
    assert before != code_hash(other, two)
    assert before != code_hash(two, one)


def test_a_model_is_adapted_anew_when_any_module_that_adapts_it_changes() -> None:
    """All that :mod:`adaptation` imports of the speech package counts, so that no new module is forgotten."""
    found, waiting = set[str](), ["adaptation.py"]
    while waiting:
        name = waiting.pop()
        if name in found | NOT_MAKERS:
            continue
        found.add(name)
        nodes = ast.walk(ast.parse((SPEECH / name).read_text(encoding="utf-8")))
        modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        ours = [module.rpartition(".")[2] for module in modules if module.startswith("voice_triage.speech.")]
        waiting += [f"{module}.py" for module in ours]
    assert found == set(MAKERS)
