"""Rules of ``scripts/benchmark_understanding.py``: what counts as right, how figures are shown, and that it runs."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.triage import test_traps as suite
from voice_triage import resources
from voice_triage.triage.lexicon import Lexicon, load

TOP = resources.PACKAGE_DIR.parent
TRAPS = TOP / "tests" / "traps" / "traps.jsonl"
CALL = ["my dog's having a seizure right now", "he stopped shaking but he's not breathing right"]

Part = Callable[[str], Any]
"""A module of the benchmark by name."""


@pytest.fixture(scope="module")
def part() -> Iterator[Part]:
    """Imports the benchmark's modules as the script does; scripts are no package of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(TOP / "scripts"), *sys.path])
        yield importlib.import_module


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The lexicon as shipped."""
    return load(resources.lexicons_dir())


@pytest.fixture
def traps(part: Part) -> list[Any]:
    """One trap of each kind that scoring tells apart."""
    trap = part("benchmark.traps").Trap
    return [
        trap("1", "list", "he's vomiting", "vomiting", "present", frozenset(), "dev"),
        trap("2", "list", "he's bleeding", "bleeding", "present", frozenset(), "held"),
        trap("3", "doubt", "no fits i think", "fits", "negated", frozenset({"uncertain"}), "held"),
        trap("4", "doubt", "he limped last year\nnot now", "limped", "historical", frozenset(), "held"),
    ]


# --- scoring ------------------------------------------------------------------------------------------------------


def test_a_status_that_a_sentence_accepts_is_right_and_a_finding_not_found_is_missed(
    part: Part, traps: list[Any]
) -> None:
    """Status, activity, missed and not found are counted apart, over the right number of sentences."""
    scored = part("benchmark.traps").score(traps, ["present", None, "uncertain", "resolved"])
    assert (scored.status_right.hits, scored.status_right.of) == (2, 4)
    assert (scored.active_right.hits, scored.active_right.of) == (3, 4)
    assert (scored.present_missed.hits, scored.present_missed.of) == (1, 2)
    assert (scored.not_found.hits, scored.not_found.of) == (1, 4)


def test_parts_and_types_are_scored_apart(part: Part, traps: list[Any]) -> None:
    """Held and development sentences never mix, and together they are all."""
    scoring = part("benchmark.traps")
    said = ["negated", "present", "negated", "historical"]
    parts = scoring.scores_by_part(traps, said)
    assert [(parts[name].status_right.hits, parts[name].status_right.of) for name in ("dev", "held", "all")] == [
        (0, 1),
        (3, 3),
        (3, 4),
    ]
    assert {name: one.status_right.of for name, one in scoring.scores_by_type(traps, said).items()} == {
        "doubt": 2,
        "list": 2,
    }


def test_the_confusion_counts_every_sentence_once(part: Part, traps: list[Any]) -> None:
    """What is accepted counts as the gold status, what is not found has a column of its own."""
    found = part("benchmark.traps").confusion(traps, ["present", None, "uncertain", "present"])
    assert found["present"] == {"present": 1, "not found": 1}
    assert found["negated"] == {"negated": 1}
    assert found["historical"] == {"present": 1}
    assert sum(sum(said.values()) for said in found.values()) == len(traps)


def test_findings_are_matched_as_the_test_suite_matches_them(part: Part) -> None:
    """A mention belongs to a finding in the benchmark exactly when it does in tests/triage/test_traps.py."""
    scoring = part("benchmark.traps")
    items = scoring.load_traps(TRAPS)
    assert len(items) >= 400
    for item, other in itertools.pairwise(items):
        for said in (item.finding, item.text, other.finding, item.finding.split()[-1]):
            assert scoring.overlap(said, item.finding) == suite.overlap(said, item.finding)
        begin, end = item.span
        assert item.text[begin:end] == item.finding


def test_the_interval_holds_the_share(part: Part) -> None:
    """Wilson's interval lies around the share and within 0 to 1, for none and all too (0.81 of 100: 0.722 to 0.875)."""
    ratio = part("benchmark.traps").Ratio
    for hits, of in ((0, 10), (10, 10), (0, 0), (81, 100)):
        low, high = ratio(hits, of).interval
        assert 0 <= low <= high <= 1
        assert not of or low <= ratio(hits, of).value + 1e-9
        assert not of or ratio(hits, of).value <= high + 1e-9
    assert [round(edge, 3) for edge in ratio(81, 100).interval] == [0.722, 0.875]


def test_a_percentile_is_a_value_that_was_measured(part: Part) -> None:
    """The 99th of a hundred values is exceeded by one."""
    percentile = part("benchmark.understanding").percentile
    assert percentile([float(n) for n in range(100, 0, -1)], 0.99) == 99
    assert percentile([7.0], 0.99) == 7


def test_the_best_round_is_the_fastest(part: Part) -> None:
    """In whatever unit: the shortest time, and the highest rate."""
    times = part("benchmark.timing").timing([3.0, 1.0, 2.0])
    assert (times.times(1e3).median, times.times(1e3).best) == (2000, 1000)
    assert (times.rate(6).median, times.rate(6).best) == (3, 6)


# --- calls --------------------------------------------------------------------------------------------------------


def test_a_long_call_has_exactly_the_words_asked_for(part: Part) -> None:
    """Turns are repeated, and the last one cut, but none is empty."""
    turns = part("benchmark.spoken").long_call([["a b c"], ["d e", "f"]], 11, first=1)
    assert turns == ["d e", "f", "a b c", "d e", "f", "a b"]


def test_every_word_is_a_partial_before_its_final(part: Part) -> None:
    """An open utterance grows word by word, with times that go on through the call."""
    heard = list(part("benchmark.spoken").transcripts(["he fell", "oh no"], partials=True))
    assert [said.text for said in heard] == ["he", "he fell", "he fell", "oh", "oh no", "oh no"]
    assert [said.utterance for said in heard] == [0, 0, 0, 1, 1, 1]
    starts = [word.start_s for said in heard[2::3] for word in said.words]
    assert starts == sorted(starts)


def test_a_file_that_is_no_call_script_is_named(part: Part, tmp_path: Path) -> None:
    """Whoever gives a wrong folder is told which file is wrong."""
    load_calls = part("benchmark.spoken").load_calls
    with pytest.raises(ValueError, match="no call scripts"):
        load_calls(tmp_path)
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.json"):
        load_calls(tmp_path)


# --- the whole ----------------------------------------------------------------------------------------------------


def test_the_product_is_read_as_scan_reads_it(part: Part, lexicon: Lexicon) -> None:
    """A present and a denied finding get their statuses; one that no lexicon knows is not found."""
    trap = part("benchmark.traps").Trap
    items = [
        trap("1", "list", "he's having a seizure", "having a seizure", "present", frozenset(), "dev"),
        trap("2", "list", "he's not vomiting", "vomiting", "negated", frozenset(), "dev"),
        trap("3", "list", "he likes zorbing", "zorbing", "present", frozenset(), "dev"),
    ]
    assert part("benchmark.understanding").trap_statuses(lexicon, items) == ["present", "negated", None]


def test_speed_is_measured_over_every_partial(part: Part, lexicon: Lexicon, traps: list[Any]) -> None:
    """Each word of each call is timed once in a round, and every figure is a time that passed."""
    stopwatch = part("benchmark.understanding").Stopwatch(lexicon, resources.lexicons_dir(), traps, [CALL], 40)
    speed = stopwatch.summary([stopwatch.round()])
    words = sum(len(turn.split()) for turn in CALL)
    assert speed["words"] == speed["partials"]["count"] == words
    assert speed["partials_of_long_call"]["count"] == speed["long_call_words"] == 40
    assert 0 < speed["partials"]["median_ms"].best <= speed["partials"]["p99_ms"].median
    assert speed["scan_utterances_per_s"].median > 0
    assert speed["cached_s"].median > 0


def test_the_script_writes_its_figures_into_the_document(
    part: Part, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command prints the tables, puts the same text between its markers, and gives every figure as JSON."""
    calls, traps = tmp_path / "calls", tmp_path / "traps.jsonl"
    docs, figures = tmp_path / "benchmarks.md", tmp_path / "figures.json"
    calls.mkdir()
    script = {"turns": [{"who": "csr", "text": "hello"}, *({"who": "client", "text": turn} for turn in CALL)]}
    (calls / "c.json").write_text(json.dumps(script), encoding="utf-8")
    traps.write_text("\n".join(TRAPS.read_text(encoding="utf-8").splitlines()[:6]), encoding="utf-8")
    docs.write_text("# Benchmarks\n\n## Hearing\n\nother figures\n", encoding="utf-8")
    arguments = [
        "--calls",
        str(calls),
        "--traps",
        str(traps),
        "--rounds",
        "1",
        "--long-call",
        "40",
        "--date",
        "2031-02-03",
        "--by-type",
    ]
    arguments += ["--json", str(figures), "--write-docs", "--docs", str(docs)]
    assert part("benchmark_understanding").main(arguments) == 0
    printed = capsys.readouterr().out.strip()
    written = docs.read_text(encoding="utf-8")
    assert printed in written
    assert "2031-02-03" in written
    assert "## Hearing\n\nother figures" in written
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["engines"][0]["parts"]["all"]["status_right"]["of"] == 6
    assert found["speed"]["compile_s"]["median"] > 0
    assert str(Path.home()) not in written


def test_nothing_to_measure_is_said(part: Part, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without calls is an error with a reason, not a traceback."""
    assert part("benchmark_understanding").main(["--calls", str(tmp_path)]) == 1
    assert "holds no call scripts" in capsys.readouterr().err


# --- tables and document ------------------------------------------------------------------------------------------


def test_every_engine_is_a_row_and_every_row_has_every_cell(part: Part, traps: list[Any]) -> None:
    """Engines stand in one table with the product's own figures; a bar in a name does not break it."""
    tables, scoring, timing = part("benchmark.tables"), part("benchmark.traps"), part("benchmark.timing")
    parts = scoring.scores_by_part(traps, ["present", "negated", "present", "historical"])
    engines = [
        tables.EngineFigures("voice_triage", parts, timing.Timing(612.4, 600)),
        tables.EngineFigures("a|b", parts, None),
    ]
    lines = tables.accuracy_table(engines).splitlines()
    assert len(lines) == 4
    assert {line.replace("\\|", "").count("|") for line in lines} == {lines[0].count("|")}
    assert lines[2] == "| voice_triage | 0.333 | 1.000 | 0.500 | 1.000 | 0.000 | 612 (600) |"


def test_a_section_is_replaced_and_nothing_around_it(part: Part) -> None:
    """Writing twice leaves one section, the newer one; markers that are no pair are refused, not guessed at."""
    in_document = part("benchmark.tables").in_document
    first = in_document("# Benchmarks\n", "speed", "Speed", "old")
    both = first + "\n## By hand\n"
    again = in_document(both, "speed", "Speed", "new")
    assert again == both.replace("old", "new")
    with pytest.raises(ValueError, match="pair"):
        in_document(first.replace("<!-- speed: end -->", ""), "speed", "Speed", "new")


def test_the_document_in_the_tree_holds_the_section(part: Part) -> None:
    """docs/benchmarks.md was written by the script, with the other engines in it."""
    text = (TOP / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    _, _, section = text.partition("<!-- understanding: begin -->")
    assert "<!-- understanding: end -->" in section
    assert all(engine in section for engine in ("voice_triage", "medspaCy", "negspaCy"))


# --- other engines ------------------------------------------------------------------------------------------------


def test_an_engine_that_cannot_be_installed_is_left_out_with_a_reason(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a package index the message says what is needed, and the half-made environment counts as none."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    ready, missing = part("benchmark.rivals").ready_rivals(tmp_path, {"no-such-engine": "no-such-engine==1"})
    assert ready == {}
    assert len(missing) == 1
    assert missing[0].startswith("no-such-engine: could not be installed")
    assert "package index" in missing[0]
    assert not (tmp_path / "no-such-engine" / "finished").exists()


def test_a_finished_environment_is_used_again(part: Part, tmp_path: Path) -> None:
    """Nothing is installed a second time; a folder that cannot be used is named."""
    rivals = part("benchmark.rivals")
    folder = tmp_path / "engine"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "finished").write_text(f"engine==1 {version}\n", encoding="utf-8")
    assert rivals.ensure_environment(folder, "engine==1") == python
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(rivals.RivalMissingError, match="--rivals-env"):
        rivals.ensure_environment(in_the_way, "engine==1")


def test_no_engine_is_a_dependency_of_the_product(part: Part) -> None:
    """Neither the project nor any of its locks names one."""
    files = [TOP / "pyproject.toml", *TOP.glob("requirements*.lock")]
    assert len(files) > 3
    for engine in part("benchmark.rivals").PINNED:
        assert all(engine not in path.read_text(encoding="utf-8").lower() for path in files)
