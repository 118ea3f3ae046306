"""Verdicts offered as examples: the words of the transcript, under the concept, and nothing that was undone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.commands.test_cli import run
from tests.review.reviewed_calls import kept_call
from voice_triage.events import FlagJudged, Logged, MissMarked, ReviewUndone, Verdict
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.trial.examples import offered

FALSE = FlagJudged(92.0, "jo", "urinary", Verdict.FALSE_ALARM)
MISSED = MissMarked(91.0, "jo", "pain", "he cried", 0, 0, 1, 5.0, 6.0)


def test_false_alarms_go_to_their_concepts_and_misses_to_their_category() -> None:
    """Each with the whole utterance, as it counts; a verdict of *right* and one that was undone offer nothing."""
    found = list(offered(kept_call("c", after=[FALSE, MISSED])))
    wrong = [each for each in found if not each.missed]
    assert wrong
    assert all(each.concept and each.category == "urinary" and len(each.say.split()) > 2 for each in wrong)
    (missed,) = [each for each in found if each.missed]
    assert (missed.category, missed.concept) == ("pain", "")
    assert not list(offered(kept_call("c", after=[FlagJudged(92.0, "jo", "urinary", Verdict.RIGHT)])))
    log = kept_call("c", after=[FALSE])
    undone = [*log, Logged("c", len(log) + 1, ReviewUndone(93.0, "jo", len(log)))]
    assert not list(offered(undone))


def test_examples_are_printed_as_toml_and_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed can be put between a concept's brackets as it is."""
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path))
    code, out, err = run("lexicon", "examples")
    assert (code, out) == (0, "")
    assert "No supervisor" in err
    with SqlCallStore(tmp_path / FILE_NAME) as store:
        store.append(kept_call("c", after=[FALSE, MISSED]))
        store.append(kept_call("d"))
    code, out, _ = run("lexicon", "examples")
    examples = tomllib.loads(f"examples = [\n{out}]")["examples"]
    assert code == 0
    assert {each.get("status") for each in examples} == {"none", None}
    assert run("audit", "list", "--kind", "export")[1].count("form=examples") == 1
