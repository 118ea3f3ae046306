"""docs/questions-and-lines.md says what the product does: its examples are run."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from typer.main import get_command

from tests.guidance.conftest import Listened
from voice_triage import resources
from voice_triage.cli import app
from voice_triage.guidance.clinic import gaps, load_profile
from voice_triage.guidance.guide import guidance_for
from voice_triage.guidance.line_file import load_lines, wording_of_lines
from voice_triage.guidance.question_file import AskedQuestion, Complaint, wording_of_questions
from voice_triage.triage.lexicon import Lexicon, load

DOC = (resources.PACKAGE_DIR.parent / "docs" / "questions-and-lines.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The lexicon as shipped."""
    return load(resources.lexicons_dir())


def blocks(kind: str) -> list[str]:
    """The document's fenced blocks of a kind."""
    found = re.findall(rf"```{kind}\n(.*?)```", DOC, re.DOTALL)
    assert found
    return found


def test_the_call_goes_as_it_is_written_down(lexicon: Lexicon) -> None:
    """What a veterinarian reads of a call is what the CSR sees."""
    call = Listened(lexicon, guidance_for(lexicon))
    asked: list[str] = []
    for line in (*blocks("call")[0].splitlines(), "client: "):
        who, _, text = line.partition(": ")
        if who == "ask":
            asked.append(text)
            continue
        if asked:
            assert [question.text for question in call.questions] == asked
            asked = []
        call.say(text)


def test_the_examples_for_questions_and_lanes_can_be_added_as_they_stand(tmp_path: Path, lexicon: Lexicon) -> None:
    """Who copies one into the file has a file without a mistake."""
    own = tmp_path / "lexicons"
    shutil.copytree(resources.lexicons_dir(), own)
    for kind in ("questions", "lines"):
        text = (own / f"{kind}.toml").read_text("utf-8")
        (own / f"{kind}.toml").write_text("\n".join([text, *blocks(f"toml {kind}")]), encoding="utf-8")
    guidance = guidance_for(replace(lexicon, folder=own))
    assert "appetite_for_treats" in guidance.questions.questions
    assert guidance.lanes[-1].lane == "farm_call"
    assert [*wording_of_questions(own), *wording_of_lines(own)] == []


def test_the_example_of_a_profile_is_whole(tmp_path: Path) -> None:
    """It is accepted, and nothing is missing in it."""
    path = tmp_path / "clinic.toml"
    path.write_text(blocks("toml clinic")[0], encoding="utf-8")
    profile = load_profile(path, load_lines(resources.lexicons_dir()))
    assert (list(gaps(profile)), profile.refused) == ([], ())


def test_every_command_it_names_exists() -> None:
    """And takes the options that are shown."""
    commands = get_command(app)
    for line in "".join(blocks("sh")).splitlines():
        _, group, name, *options = shlex.split(line, comments=True)
        command = commands.commands[group].commands[name]  # type: ignore[attr-defined]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {option for option in options if option.startswith("--")} <= known


def test_every_key_of_a_question_and_a_complaint_is_explained() -> None:
    """The tables hold all that can be written, and nothing else."""
    tables = re.findall(r"^\| (`.*?`) \|", DOC, re.MULTILINE)
    named = {name for row in tables for name in re.findall(r"`(\w+)`", row)}
    written = {*AskedQuestion.model_fields, *Complaint.model_fields} - {"id"}
    assert written - {"field"} == named
    assert "`field`" in DOC


def test_every_lane_as_shipped_is_named() -> None:
    """None is missing in the table, and none is promised that is not there."""
    lanes = tomllib.loads((resources.lexicons_dir() / "lines.toml").read_text("utf-8"))["lane"]
    table = DOC.split("| lane | shown by |")[1].split("\n\n")[0]
    named = {name for row in re.findall(r"^\| ([a-z_, ]+) \|", table, re.MULTILINE) for name in row.split(", ")}
    assert named == {lane["id"] for lane in lanes}
