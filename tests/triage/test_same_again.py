"""A call that is read again says the same again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from voice_triage import resources

TOP = Path(__file__).resolve().parents[2]
TEXTS = TOP / "tests" / "calls" / "owner-texts.jsonl"
_READ_ALL = """
import json, pathlib, sys
from voice_triage.scan import BadLine, scan
from voice_triage.triage.lexicon import load
from voice_triage.triage.state import CallUnderstanding
lexicon = load(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
for report in scan(sys.stdin.buffer, lambda: CallUnderstanding(lexicon)):
    print(json.dumps(report))
"""


def reports(cache: Path, seed: str) -> list[str]:
    """Reports of the owners' messages, made by a process of its own in which sets have an order of their own."""
    command = [sys.executable, "-c", _READ_ALL, str(resources.lexicons_dir()), str(cache)]
    environ = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(TOP)}
    with TEXTS.open("rb") as texts:
        done = subprocess.run(command, stdin=texts, capture_output=True, text=True, env=environ, check=True)
    return done.stdout.splitlines()


def test_the_same_words_give_the_same_report_in_every_process(tmp_path: Path) -> None:
    """Flags, their order, evidence, rules and reasons do not hang on chance: a second scan tells the same."""
    first, second = reports(tmp_path, "1"), reports(tmp_path, "2")
    assert len(first) == len(TEXTS.read_text(encoding="utf-8").splitlines())
    assert [json.loads(one) for one in first] == [json.loads(other) for other in second]
