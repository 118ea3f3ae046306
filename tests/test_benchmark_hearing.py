"""Rules of ``scripts/benchmark_hearing.py``: how heard calls are scored against gold, and that it runs."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from voice_triage import resources
from voice_triage.settings import load_settings

TOP = resources.PACKAGE_DIR.parent
BLEEDS = "he will not stop bleeding from the nose"

Part = Callable[[str], Any]
"""A module of the benchmark by name."""


@pytest.fixture(scope="module")
def part() -> Iterator[Part]:
    """Imports the benchmark's modules as the script does; scripts are no package of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(TOP / "scripts"), *sys.path])
        yield importlib.import_module


def write_call(
    folder: Path, call: str, turns: Sequence[str], *, flags: Any = (), sound: bool = True, **gold: Any
) -> None:
    """A call script, two seconds of silence and the times of its turns: one a second, the first the CSR's."""
    (folder / "calls").mkdir(exist_ok=True)
    (folder / "audio").mkdir(exist_ok=True)
    who = ["csr", *["client"] * (len(turns) - 1)]
    script = {
        "id": call,
        "turns": [{"who": who, "text": text} for who, text in zip(who, turns, strict=True)],
        "gold": {"flags": list(flags), "fields": {}} | gold,
    }
    times = {
        "id": call,
        "duration_s": 2.0,
        "turns": [{"i": n, "who": w, "start": n + 1.0, "end": n + 1.8} for n, w in enumerate(who)],
    }
    (folder / "calls" / f"{call}.json").write_text(json.dumps(script), encoding="utf-8")
    (folder / "audio" / f"{call}.timing.json").write_text(json.dumps(times), encoding="utf-8")
    if sound:
        soundfile.write(folder / "audio" / f"{call}.flac", np.zeros(16000, np.int16), 8000)


def red(category: str, turn: int, phrase: str) -> dict[str, Any]:
    """A gold flag."""
    return {"category": category, "turn": turn, "phrase": phrase, "urgency": "red"}


def raised(category: str, *, urgency: str = "red", state: str = "raised", end_s: float = 2.8, at_s: float = 3.5) -> Any:
    """A flag of a report, shown half a second before it was raised."""
    return {
        "category": category, "urgency": urgency, "state": state, "end_s": end_s,
        "provisional_at_s": at_s - 0.5, "raised_at_s": at_s,
    }  # fmt: skip


def heard(text: str, flags: Sequence[Any] = (), **fields: str) -> dict[str, Any]:
    """A report of two seconds, of which one was computed."""
    return {
        "utterances": [{"text": text, "side": "client"}, {"text": "not the client", "side": "own"}],
        "flags": list(flags),
        "fields": {name: {"value": value, "state": "suggested"} for name, value in fields.items()},
        "timing": {"compute_s": 1.0},
    }


@pytest.fixture
def bleeding(part: Part, tmp_path: Path) -> Any:
    """A call of a bleeding dog; its flag's phrase ends at 2.8 s."""
    write_call(
        tmp_path,
        "c-1",
        ["hello", BLEEDS, "he is five"],
        flags=[red("bleeding", 1, "stop bleeding from the nose")],
        not_flags=[{"category": "toxin", "turn": 1, "phrase": "x", "status": "negated"}],
        fields={"age": "P5Y"},
    )
    (call,) = part("benchmark.gold").load_gold(tmp_path / "calls", tmp_path / "audio")
    return call


# --- gold ---------------------------------------------------------------------------------------------------------


def test_only_the_clients_words_are_to_be_heard(bleeding: Any) -> None:
    """The CSR's turns are no reference; a phrase has its place among the client's words and its time in its turn."""
    assert " ".join(bleeding.words) == f"{BLEEDS} he is five"
    (flag,) = bleeding.flags
    assert bleeding.words[flag.first_word : flag.first_word + 5] == ["stop", "bleeding", "from", "the", "nose"]
    assert flag.end_s == pytest.approx(2.8)
    assert bleeding.not_flags == {"toxin"}


def test_the_end_of_a_phrase_is_interpolated_in_its_turn(part: Part, tmp_path: Path) -> None:
    """A phrase that ends in the middle of the turn's text ends in the middle of its time."""
    write_call(tmp_path, "c", ["hello", "he bled now okay"], flags=[red("bleeding", 1, "he bled ")])
    (call,) = part("benchmark.gold").load_gold(tmp_path / "calls", tmp_path / "audio")
    assert call.flags[0].end_s == pytest.approx(2.4)


def test_what_is_missing_is_named(part: Part, tmp_path: Path) -> None:
    """No calls, a call without sound, a phrase that its turn does not hold, a file that is no script: each is said."""
    load = part("benchmark.gold").load_gold
    with pytest.raises(ValueError, match="no call scripts"):
        load(tmp_path, tmp_path)
    write_call(tmp_path, "c-1", ["hello", "hi"], sound=False)
    with pytest.raises(ValueError, match="no sound"):
        load(tmp_path / "calls", tmp_path / "audio")
    write_call(tmp_path, "c-1", ["hello", "hi"], flags=[red("toxin", 1, "ate it")])
    with pytest.raises(ValueError, match="'ate it'"):
        load(tmp_path / "calls", tmp_path / "audio")
    (tmp_path / "calls" / "c-1.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"c-1\.json"):
        load(tmp_path / "calls", tmp_path / "audio")


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "got", "errors"),
    [
        ("a b c", "a b c", [0, 0, 0, 0]),
        ("a b c", "a x c", [0, 1, 0, 0]),
        ("a b c", "a c", [0, 1, 0, 0]),
        ("a b c", "a b x c", [0, 0, 1, 0]),
        ("a b c", "a b c d e", [0, 0, 0, 2]),
        ("a b", "", [1, 1, 0]),
        ("", "a", [1]),
    ],
)
def test_errors_are_counted_where_they_are(part: Part, said: str, got: str, errors: list[int]) -> None:
    """Wrong, missing and surplus words are one error each, at their place."""
    assert part("benchmark.words_heard").errors_by_word(said.split(), got.split()) == errors


def test_key_phrases_are_counted_apart(part: Part, bleeding: Any) -> None:
    """Errors outside a key phrase do not count against it; one inside does, and it is no longer whole."""
    count = part("benchmark.words_heard").word_errors
    outside = count(bleeding, "she will not stop bleeding from the nose he is five".split())
    assert (outside.errors, outside.key_errors, outside.phrases_whole) == (1, 0, 1)
    inside = count(bleeding, "he will not stop reading from the nose he is five".split())
    assert (inside.errors, inside.key_errors, inside.phrases_whole) == (1, 1, 0)
    assert (inside.words, inside.key_words, inside.phrases) == (11, 5, 1)
    both = outside + inside
    assert both.rate == pytest.approx(2 / 22)
    assert both.key_rate == pytest.approx(1 / 10)


# --- flags and fields ---------------------------------------------------------------------------------------------


def test_a_flag_is_right_false_or_missed(part: Part, bleeding: Any) -> None:
    """A gold flag raised is right, any other false; withdrawn ones count as not raised."""
    score = part("benchmark.flags_heard").score
    right = score(
        [bleeding], {"c-1": heard(BLEEDS, [raised("bleeding"), raised("toxin"), raised("pain", state="withdrawn")])}
    )
    assert (right.recall.hits, right.recall.of) == (1, 1)
    assert (right.precision.hits, right.precision.of) == (1, 2)
    assert right.wrong == ["c-1 toxin"]
    assert right.withdrawn == 1
    missed = score([bleeding], {"c-1": heard(BLEEDS, [raised("bleeding", state="withdrawn")])})
    assert (missed.recall.hits, missed.precision.of, missed.missed) == (0, 0, ["c-1 bleeding"])


def test_orange_does_not_stand_for_red(part: Part, bleeding: Any) -> None:
    """Of a red gold flag an orange one is a miss, but no false alarm; red beside orange is right."""
    score = part("benchmark.flags_heard").score
    orange = score([bleeding], {"c-1": heard(BLEEDS, [raised("bleeding", urgency="orange")])})
    assert (orange.recall.hits, orange.precision.of) == (0, 0)
    both = score([bleeding], {"c-1": heard(BLEEDS, [raised("bleeding"), raised("bleeding", urgency="orange")])})
    assert both.recall.hits == 1


def test_false_flags_in_clean_calls_are_counted_per_call(part: Part, tmp_path: Path) -> None:
    """Only calls in which no flag is right count."""
    write_call(tmp_path, "c-1", ["hello", "hi"])
    write_call(tmp_path, "c-2", ["hello", "hi"])
    write_call(tmp_path, "c-3", ["hello", BLEEDS], flags=[red("bleeding", 1, "stop bleeding")])
    calls = part("benchmark.gold").load_gold(tmp_path / "calls", tmp_path / "audio")
    flags = [raised("toxin"), raised("pain")]
    scores = part("benchmark.flags_heard").score(
        calls, {"c-1": heard("hi", flags), "c-2": heard("hi"), "c-3": heard("", flags)}
    )
    assert (scores.clean_calls, scores.clean_false, scores.false_per_clean_call) == (2, 2, 1.0)


def test_delays_are_from_the_end_of_the_phrase(part: Part, bleeding: Any) -> None:
    """Provisional and raised are counted from the phrase's end; flags on other words are told apart from its own."""
    score = part("benchmark.flags_heard").score
    (own,) = score([bleeding], {"c-1": heard(BLEEDS, [raised("bleeding", at_s=3.9)])}).delays
    assert (own.shown_s, own.raised_s, own.own_words) == (pytest.approx(0.6), pytest.approx(1.1), True)
    (other,) = score([bleeding], {"c-1": heard(BLEEDS, [raised("bleeding", end_s=8.0, at_s=9.0)])}).delays
    assert not other.own_words
    early = score([bleeding], {"c-1": heard(BLEEDS, [raised("bleeding", end_s=1.5, at_s=1.9)])})
    assert (early.delays, early.before_words) == ([], 1)


def test_fields_are_right_false_or_missed(part: Part, bleeding: Any) -> None:
    """Recall over the gold fields, precision over those said; a sex that gold leaves open counts neither way."""
    score = part("benchmark.flags_heard").score
    scores = score([bleeding], {"c-1": heard(BLEEDS, age="P60M", breed="pug", sex="male")})
    assert (scores.field_recall.hits, scores.field_recall.of, scores.field_precision.of) == (1, 1, 2)
    assert scores.real_time_factor == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("field", "gold", "said", "same"),
    [
        ("age", "P2Y", "P24M", True),
        ("age", "P2Y", "P3Y", False),
        ("age", "puppy", "P2Y", False),
        ("onset", "last_night", "overnight", False),
        ("onset", "P3D", "PT72H", True),
        ("onset", "P3D", "P", False),
        ("breed", "labrador mixed", "lab mix", True),
        ("breed", "labrador", "labrador mixed", False),
        ("reproductive_status", "altered", "spayed", True),
        ("reproductive_status", "neutered", "spayed", False),
        ("eating", "none", "decreased", True),
        ("eating", "none", "normal", False),
        ("weight", "70 lb", "70 pounds", True),
        ("weight", "4 kg", "4 lb", False),
        ("callback_number", "5550123", "555-0123", True),
        ("species", "cat", "dog", False),
        ("pet_name", "Max", "max", True),
    ],
)
def test_a_value_is_right_by_what_it_means(part: Part, field: str, gold: str, said: str, same: bool) -> None:
    """Other ways to write the same value are right, other values are not."""
    assert part("benchmark.field_values").same_value(field, gold, said) is same


def test_a_quantile_is_a_value_that_was_measured(part: Part) -> None:
    """Half of the values, or 95 of a hundred, do not exceed it; nothing measured has none."""
    quantile = part("benchmark.flags_heard").quantile
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([float(n) for n in range(1, 101)], 0.95) == 95
    assert quantile([], 0.5) is None


# --- tables, pictures, the whole -----------------------------------------------------------------------------------


@pytest.fixture
def variants(part: Part, bleeding: Any) -> list[Any]:
    """Two ways of hearing the same call, one of them with four calls at once."""
    hearing, score = part("benchmark.hearing"), part("benchmark.flags_heard").score
    found = score([bleeding], {"c-1": heard(BLEEDS, [raised("bleeding")])})
    nothing = score([bleeding], {"c-1": heard("")})
    live = hearing.AtOnce(4, found, 0.6, 420.4, 0.2, 0, 0.0)
    return [
        hearing.VariantFigures("one", "model 1", found, [live]),
        hearing.VariantFigures("other | way", "model 2", nothing, []),
    ]


def test_every_variant_has_its_place_in_every_table(part: Part, variants: list[Any]) -> None:
    """Variants stand beside one another, whatever their names, and rows have all cells."""
    tables = part("benchmark.hearing_tables")
    for text in (tables.accuracy_table(variants), tables.category_table(variants), tables.delay_table(variants)):
        assert "one" in text
        assert "other \\| way" in text
        assert len({line.replace("\\|", "").count("|") for line in text.splitlines()}) == 1
    assert "1.000 (1 of 1" in tables.accuracy_table(variants)
    assert "| bleeding | 1 of 1 | 0 of 1 |" in tables.category_table(variants)
    assert "| 4 (1) | 0.60 | 0.150 | - | 420 MB | - |" in tables.live_table(variants)


def test_pictures_are_the_same_for_the_same_figures(part: Part, variants: list[Any], tmp_path: Path) -> None:
    """Recall and delays are drawn as SVG with readable text, no date, and the same bytes each time."""
    draw = part("benchmark.plots").draw
    first, second = draw(variants, tmp_path / "a"), draw(variants, tmp_path / "b")
    assert [path.name for path in first] == ["hearing-recall.svg", "hearing-delays.svg"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
        text = one.read_text(encoding="utf-8")
        assert text.startswith("<?xml")
        assert "one" in text
        assert "<script" not in text


def test_what_cannot_be_measured_is_said(part: Part, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without calls and a variant that is none are errors with a reason, not tracebacks."""
    script = part("benchmark_hearing")
    assert script.main([str(tmp_path), str(tmp_path)]) == 1
    assert "no call scripts" in capsys.readouterr().err
    assert script.main([str(tmp_path), str(tmp_path), "--variants", "telepathy"]) == 1
    assert "telepathy" in capsys.readouterr().err


def test_the_script_hears_calls_alone_and_at_once(
    part: Part, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command hears the calls, alone and two at once, and gives tables, JSON, pictures and a document."""
    settings = load_settings()
    if not (settings.models_dir / settings.model / "am" / "final.mdl").exists():
        pytest.skip("needs the recognizer's model (python3 scripts/run fetches it)")
    write_call(tmp_path, "c-1", ["hello", BLEEDS], flags=[red("bleeding", 1, "stop bleeding")])
    docs, figures = tmp_path / "docs" / "benchmarks.md", tmp_path / "figures.json"
    docs.parent.mkdir()
    arguments = [str(tmp_path / "calls"), str(tmp_path / "audio"), "--variants", "base", "--at-once", "2"]
    arguments += ["--batches", "1"]
    arguments += ["--json", str(figures), "--write-docs", "--docs", str(docs), "--date", "2031-02-03"]
    assert part("benchmark_hearing").main(arguments) == 0
    assert capsys.readouterr().out.strip() in docs.read_text(encoding="utf-8")
    assert "2031-02-03" in docs.read_text(encoding="utf-8")
    assert (docs.parent / "figures" / "hearing-recall.svg").exists()
    (variant,) = json.loads(figures.read_text(encoding="utf-8"))["variants"]
    assert variant["scores"]["recall"]["of"] == 1
    (live,) = variant["at_once"]
    assert (live["calls"], live["scores"]["calls"]) == (2, 2)
    assert live["cores"] > 0
