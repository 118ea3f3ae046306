"""No text of the product diagnoses, guesses, reassures or tells a dose: the linter over everything that it shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voice_triage import resources
from voice_triage.console.wording import PAGE_WORDS, VALUES
from voice_triage.guidance.clinic import EXAMPLE
from voice_triage.guidance.line_file import load_lines, wording_of_lines
from voice_triage.guidance.question_file import wording_of_questions
from voice_triage.triage.neutrality import names_disease, objections

SHOWN = (
    *("console/*.py", "hand_off*.py", "report.py", "desk*.py", "refusals.py", "walk_in.py", "call.py", "ear.py"),
    *("rehearings.py", "second_hearing.py", "sound_queue.py", "call_log.py", "bootstrap.py", "headset_calls.py"),
    *("audio/headset*.py", "audio/line_watch.py", "triage/state.py", "triage/two_hearings.py", "triage/rules.py"),
    *(
        "guidance/*.py",
        "commands/run.py",
        "commands/clinic.py",
        "store/recording_files.py",
        "audit_trail.py",
        "retention*.py",
        "protection.py",
    ),
)
"""Modules whose sentences reach the CSR, or whoever reads a report or a hand-off."""
FEWEST_WORDS = 2
"""A single word is a code, a key or a name; the words of the page are looked at by themselves."""


def strings(words: Any) -> Iterator[str]:
    """Every string inside ``words``."""
    if isinstance(words, str):
        yield words
    elif hasattr(words, "values"):
        for value in words.values():
            yield from strings(value)
    elif isinstance(words, list | tuple):
        for value in words:
            yield from strings(value)


def sentences(path: Path) -> Iterator[str]:
    """Every string of a module that is not a docstring; of a formatted one the parts that are written there."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in docs else None
        if isinstance(text, str) and len(text.split()) >= FEWEST_WORDS:
            yield text


MODULES = sorted({path for pattern in SHOWN for path in resources.PACKAGE_DIR.glob(pattern)})


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(resources.PACKAGE_DIR).as_posix())
def test_no_sentence_of_a_module_says_what_only_a_veterinarian_may(path: Path) -> None:
    """Notices, refusals, reasons, notes and reports are held to the same words as the lines."""
    assert [(text, list(objections(text))) for text in sentences(path) if list(objections(text))] == []


def test_no_word_of_the_page_says_so_either() -> None:
    """Headings, states, values and keys, and the page around them."""
    said = [*strings(dict(PAGE_WORDS)), *strings(dict(VALUES))]
    pages = [re.sub(r"<[^>]*>", " ", page.read_text("utf-8")) for page in resources.templates_dir().glob("*.html")]
    assert len(said) > 200
    assert len(pages) >= 2
    assert [(text, list(objections(text))) for text in (*said, *pages) if list(objections(text))] == []
    assert [text for text in said if re.search(r"\bnormal\b", text)] == [], (
        "as usual: the client's word for it, not ours"
    )


def test_no_script_holds_wording_of_its_own_that_does() -> None:
    """Scripts take their words from the page; what they hold beside is looked at all the same."""
    for path in resources.static_dir().glob("*.js"):
        quoted = re.findall(r"\"([^\"\n]+ [^\"\n]+)\"|`([^`\n]+ [^`\n]+)`", path.read_text("utf-8"))
        assert [text for pair in quoted for text in pair if list(objections(text))] == [], path.name


def test_questions_and_lines_as_shipped_say_nothing_of_the_kind_and_name_no_disease() -> None:
    """What is read aloud to clients."""
    assert list(wording_of_questions(resources.lexicons_dir())) == []
    assert list(wording_of_lines(resources.lexicons_dir())) == []


def test_the_example_of_a_clinics_own_line_may_be_said() -> None:
    """Who takes the example's # away has a line that is accepted."""
    assert list(objections(EXAMPLE)) == []
    assert names_disease(EXAMPLE) is None


def test_no_line_tells_a_dose_or_computes_one() -> None:
    """Of a poison the card asks what, how much and when, and gives numbers to call; it works nothing out."""
    lines = load_lines(resources.lexicons_dir())
    toxin = lines.categories["toxin"]
    assert toxin.poison_lines
    assert {line.phone for line in lines.poison_lines} == {"888-426-4435", "855-764-7661"}
    said = " ".join([toxin.say, *toxin.ask])
    assert not re.search(r"\d", said)
    for word in ("what", "how much", "when", "weigh", "package"):
        assert word in said.lower()
