"""What is refused in the files that people write, and how it is said."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.errors import LexiconError
from voice_triage.guidance.guide import guidance_for
from voice_triage.guidance.line_file import load_lines, wording_of_lines
from voice_triage.guidance.question_file import load_questions, wording_of_questions
from voice_triage.triage.lexicon import Lexicon, lexicon_hash


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clinic's own copy of the lexicon."""
    own = tmp_path / "lexicons"
    shutil.copytree(resources.lexicons_dir(), own)
    return own


def edited(folder: Path, name: str, old: str, new: str) -> Path:
    """The folder with one thing changed in one file."""
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('ask = ["gums", "breathing_rest"', 'ask = ["gum", "breathing_rest"', ["breathing: complaint.ask", "'gums'"]),
        ('when = ["breathing", "contagious_sign"', 'when = ["breathing", "contagious_sing"', ["'contagious_sign'"]),
        ('why = "red_flag"', 'why = "redflag"', ["breathing: question.why"]),
        ('category = "breathing"', 'category = "breathin"', ["question.category", "did you mean 'breathing'?"]),
        ('label = "breathing"\n', 'lable = "breathing"\n', ["breathing: question.lable", "did you mean 'label'?"]),
        ('answered_by_more = ["normal_breathing"]', 'answered_by_more = ["norml_breathing"]', ["'normal_breathing'"]),
        ('field = "age"', 'field = "agee"', ["age: question.field", "did you mean 'age'?"]),
        ('not_species = ["bird", "reptile"]', 'not_species = ["birds"]', ["did you mean 'bird'?"]),
        ("{pet} breathing", "{animal} breathing", ["unknown place {animal}"]),
        ('id = "breathing_rest"', 'id = "breathing"', ["there is a question of that name already"]),
        ('when = ["bloat_sign"]\n', "", ["exactly one complaint must be without `when`"]),
        ("[bereaved]", "[bereaved", ["not valid TOML"]),
    ],
)
def test_a_mistake_in_the_questions_is_named_with_file_line_key_and_the_right_name(
    folder: Path, lexicon: Lexicon, old: str, new: str, said: list[str]
) -> None:
    """Who edits the file finds the place, and sees what was meant."""
    edited(folder, "questions.toml", old, new)
    with pytest.raises(LexiconError) as caught:
        guidance_for(replace(lexicon, folder=folder))
    assert "questions.toml" in str(caught.value)
    for part in said:
        assert part in str(caught.value)


def test_the_line_of_a_mistake_is_the_line_it_stands_in(folder: Path, lexicon: Lexicon) -> None:
    """Not the file's first, nor the entry's."""
    edited(folder, "questions.toml", 'field = "age"', 'field = "agee"')
    line = (folder / "questions.toml").read_text("utf-8").splitlines().index('field = "agee"') + 1
    with pytest.raises(LexiconError, match=f"questions.toml:{line}: "):
        guidance_for(replace(lexicon, folder=folder))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "bleeding"', 'id = "bleding"', ["bleding: category.id", "did you mean 'bleeding'?"]),
        (
            'cues = ["lane_wellness"]',
            'cues = ["lane_welness"]',
            ["wellness: lane.cues", "did you mean 'lane_wellness'?"],
        ),
        ("poison_lines = true", "poison_line = true", ["category.poison_line", "did you mean 'poison_lines'?"]),
        ("with a clean cloth", "with a {thing}", ["unknown place {thing}"]),
        ('[closing]\nsay = "A technician', '[closing]\nsays = "A technician', ["closing.says", "did you mean 'say'?"]),
    ],
)
def test_a_mistake_in_the_lines_is_named_in_the_same_way(
    folder: Path, lexicon: Lexicon, old: str, new: str, said: list[str]
) -> None:
    """The file that the veterinarian signs is held to the same."""
    edited(folder, "lines.toml", old, new)
    with pytest.raises(LexiconError) as caught:
        guidance_for(replace(lexicon, folder=folder))
    for part in ["lines.toml:", *said]:
        assert part in str(caught.value)


def test_every_category_must_have_a_line(folder: Path) -> None:
    """No card is without one."""
    text = (folder / "lines.toml").read_text("utf-8")
    begin = text.index('[[category]]\nid = "pain"')
    (folder / "lines.toml").write_text(text[:begin] + text[text.index("[[category]]", begin + 1) :], encoding="utf-8")
    with pytest.raises(LexiconError, match="there is none for pain"):
        load_lines(folder)


def test_words_that_diagnose_or_reassure_are_named_where_they_stand(folder: Path) -> None:
    """What `lexicon check` prints of lines and questions."""
    edited(folder, "lines.toml", "Please keep steady pressure", "It is probably nothing. Please keep steady pressure")
    edited(folder, "questions.toml", "How is {pet} breathing right now?", "Could {pet} have pneumonia?")
    (line,) = wording_of_lines(folder)
    assert line.startswith("lines.toml:")
    assert "bleeding: category.say" in line
    assert "'probably'" in line
    found = list(wording_of_questions(folder))
    assert found
    assert all("breathing: question.ask" in each for each in found)
    assert any("'pneumonia'" in each for each in found)


def test_both_files_are_part_of_the_lexicons_hash(folder: Path) -> None:
    """The call's log says by which questions and lines it was led."""
    before = lexicon_hash(folder)
    edited(folder, "lines.toml", "with a clean cloth", "with a clean towel")
    between = lexicon_hash(folder)
    edited(folder, "questions.toml", "breathing right now", "breathing now")
    assert len({before, between, lexicon_hash(folder)}) == 3


def test_a_clinics_older_lexicon_without_them_uses_the_ones_that_come_with_the_product(
    folder: Path, lexicon: Lexicon
) -> None:
    """An update of the product brings questions to a clinic that has edited its lexicon before there were any."""
    (folder / "questions.toml").unlink()
    (folder / "lines.toml").unlink()
    older = {name: concept for name, concept in lexicon.concepts.items() if name != "lane_refill"}
    guidance = guidance_for(replace(lexicon, folder=folder, concepts=older))
    assert "breathing" in guidance.questions.questions
    assert [lane.lane for lane in guidance.lanes if not lane.concepts] == ["refill"]


def test_questions_and_lines_as_shipped_know_all_their_names(lexicon: Lexicon) -> None:
    """Every complaint is told by something, and every lane shown by something."""
    questions = load_questions(lexicon)
    assert [each.id for each in questions.complaints if each.when and not questions.told_by[each.id]] == []
    assert [lane.lane for lane in guidance_for(lexicon).lanes if not lane.concepts] == []
    asked = {name for each in questions.complaints for name in each.ask}
    unused = [q.id for q in questions.questions.values() if q.why.value == "red_flag" and q.id not in asked]
    assert unused == []
