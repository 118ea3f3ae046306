"""Rules of reading written text."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from tests.call_fakes import ScriptedUnderstanding, flag
from voice_triage.report import Report
from voice_triage.scan import BadLine, scan


def scanned(lines: Iterable[bytes], understanding: ScriptedUnderstanding | None = None) -> list[Report | BadLine]:
    """All that comes of ``lines``."""
    return list(scan(lines, lambda: understanding or ScriptedUnderstanding()))


def item(number: object, text: object) -> bytes:
    """One input line."""
    return json.dumps({"id": number, "text": text}).encode() + b"\n"


def test_a_line_break_inside_text_separates_utterances() -> None:
    """Each line of a text is understood as one utterance, in order; empty ones are none."""
    understanding = ScriptedUnderstanding({"he ate": [flag("toxin")]})
    report = scanned([item("a", "my dog\n\nhe ate\r\n")], understanding)[0]
    assert not isinstance(report, BadLine)
    assert [(heard.utterance, heard.text) for heard in understanding.heard] == [(0, "my dog"), (1, "he ate")]
    assert [entry["category"] for entry in report["flags"]] == ["toxin"]
    assert (report["id"], report["text"]) == ("a", "my dog\n\nhe ate\r\n")


def test_texts_know_nothing_of_one_another() -> None:
    """Every line is understood by itself, from a fresh start."""
    made: list[ScriptedUnderstanding] = []

    def new() -> ScriptedUnderstanding:
        made.append(ScriptedUnderstanding())
        return made[-1]

    list(scan([item("a", "one"), item("b", "two")], new))
    assert [[heard.text for heard in each.heard] for each in made] == [["one"], ["two"]]


def test_lines_that_cannot_be_read_are_named_by_number_and_the_rest_goes_on() -> None:
    """Every kind of bad line is told with its number, without its words, and stops nothing."""
    bad = [
        b"secret words\n",
        b"[1]\n",
        b'{"id": "x"}\n',
        b'{"id": "x", "text": 5}\n',
        b'{"id": null, "text": "secret words"}\n',
        b'{"id": true, "text": "secret words"}\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
    ]
    results = scanned([item("a", "one"), b"\n", *bad, item(7, "two")])
    assert [result.number for result in results if isinstance(result, BadLine)] == list(range(3, 3 + len(bad)))
    assert all(f"line {result.number}" in result.why for result in results if isinstance(result, BadLine))
    assert not any("secret" in result.why for result in results if isinstance(result, BadLine))
    assert [result["id"] for result in results if not isinstance(result, BadLine)] == ["a", "7"]


def test_a_text_that_cannot_be_understood_says_so_in_its_report() -> None:
    """A fault in one utterance is in the report, and the text's other utterances are read."""
    understanding = ScriptedUnderstanding({"one": KeyError("one"), "two": [flag()]})
    report = scanned([item("a", "one\ntwo")], understanding)[0]
    assert not isinstance(report, BadLine)
    assert [failure["code"] for failure in report["failures"]] == ["KeyError"]
    assert len(report["flags"]) == 1


@given(st.lists(st.text(), max_size=5))
def test_any_text_gives_one_report_that_is_plain_json(texts: list[str]) -> None:
    """Whatever people write, each line has its report, in order, with the text as given."""
    reports = scanned([item(str(number), text) for number, text in enumerate(texts)])
    assert [json.loads(json.dumps(report))["text"] for report in reports if not isinstance(report, BadLine)] == texts
