"""A whole trial: in processes of its own, counted, given up, and on the command line."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.commands.test_cli import run
from tests.store.logs import ended, placed, started
from tests.trial.conftest import Edited
from tests.trial.test_reread import DEVELOPMENT, GLOWING, SAID, heard, texts
from voice_triage.commands.exits import Exit
from voice_triage.errors import LexiconError, TrialError
from voice_triage.events import Urgency
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.triage.lexicon import CATEGORIES, Lexicon
from voice_triage.trial.calls import TrialCall, calls_in
from voice_triage.trial.differences import Group, entry_change
from voice_triage.trial.readers import Compared, compare, compare_all, processes_for
from voice_triage.trial.reread import Change, FieldChange, FlagChange, Standing
from voice_triage.trial.run import LexiconTrial


def files_in(folder: Path) -> dict[str, int]:
    """Every file below a folder, with its size."""
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def test_processes_find_what_one_finds_and_none_is_left(shipped: Lexicon, edited: Edited) -> None:
    """Every call is read once, whichever process reads it, with the same outcome; then the processes are gone."""
    tried = edited(added=GLOWING)
    calls = [*texts(SAID), *list(calls_in(DEVELOPMENT / "calls-2"))[:10]]
    apart = {each.call: each for each in compare_all(calls, shipped, tried, processes=2)}
    assert len(apart) == len(calls)
    for call in calls:
        here = compare(call, shipped, tried)
        assert (apart[call.call].flags, apart[call.call].fields) == (here.flags, here.fields)
    assert not multiprocessing.active_children()


def test_calls_are_drawn_only_as_they_are_needed(shipped: Lexicon, edited: Edited) -> None:
    """Memory stays that of a few calls, however many there are: two wait for each process."""
    drawn = 0

    def endless() -> object:
        nonlocal drawn
        while True:
            drawn += 1
            yield TrialCall("texts", str(drawn), text="he has fleas")

    with closing(compare_all(endless(), shipped, edited(added=GLOWING), processes=1)) as reading:  # type: ignore[arg-type]
        for _ in range(5):
            next(reading)
    assert drawn <= 5 + 2
    assert not multiprocessing.active_children()


def test_a_trial_that_is_given_up_leaves_nothing(
    shipped: Lexicon, edited: Edited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process, no file in the data folder or anywhere for temporary files, and the lexicons as they were."""
    temporary, data = tmp_path / "tmp", tmp_path / "data"
    for folder in (temporary, data):
        folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    tried = edited(added=GLOWING)
    with SqlCallStore(data / FILE_NAME) as store:
        for name in ("a", "b", "c"):
            store.append(placed(name, [started(name), heard("his tail is glowing", 0), ended(60.0)]))
        before = files_in(data), files_in(tried.folder)
        trial = LexiconTrial(shipped, tried, store=store, given=[DEVELOPMENT / "calls-2"])
        steps = trial.run(processes=1)
        assert [next(steps).read for _ in range(3)] == [0, 1, 2]
        steps.close()
        assert (files_in(data), files_in(tried.folder)) == before
    assert not files_in(temporary)
    assert not multiprocessing.active_children()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_process_that_is_killed_ends_the_trial_with_advice(shipped: Lexicon, edited: Edited) -> None:
    """A trial without one of its processes would be one without some of its calls: it is given up, and said."""
    calls = texts({str(number): "he has fleas" for number in range(40)})
    reading = compare_all(calls, shipped, edited(added=GLOWING), processes=1)
    next(reading)
    (process,) = multiprocessing.active_children()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(TrialError, match="ended unexpectedly"):
        list(reading)


def test_files_that_change_meanwhile_are_noticed(shipped: Lexicon, edited: Edited) -> None:
    """What was tried is what the hash says: else the trial is given up."""
    tried = edited(added=GLOWING + "# to be changed\n")
    path = tried.folder / "own.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("glowing_tail", "glowing_ear"), encoding="utf-8")
    with pytest.raises(LexiconError, match="were changed while"):
        list(compare_all(texts(SAID), shipped, tried, processes=1))


def test_processes_stay_within_cores_and_memory() -> None:
    """All cores where there is memory for it, fewer where not, never none."""
    assert processes_for(8, 64_000) == 8
    assert processes_for(16, 4_000) == 5
    assert processes_for(4, 500) == 1
    assert processes_for(4, None) == 4


# --- counting ----------------------------------------------------------------------------------------------------

_CHANGES = st.sampled_from(list(Change))


def _changed(change: Change, category: str) -> FlagChange:
    raised = change not in (Change.NOW_POSSIBLE, Change.NO_LONGER_POSSIBLE)
    flag = Standing(category, Urgency.RED, raised, "words", 1.0, "Reason.", "", ())
    gone = change in (Change.LOST, Change.NO_LONGER_POSSIBLE)
    return FlagChange(change, flag if gone else None, None if gone else flag)


@st.composite
def _compared(draw: st.DrawFn) -> Compared:
    """A call with any changes, at most one a category."""
    changes = draw(st.dictionaries(st.sampled_from(CATEGORIES), _CHANGES, max_size=4))
    stays = draw(st.sets(st.sampled_from(CATEGORIES), max_size=3)) - changes.keys()
    lost = {name for name, change in changes.items() if change is Change.LOST}
    gained = {name for name, change in changes.items() if change is Change.GAINED}
    gold = draw(st.none() | st.sets(st.sampled_from(CATEGORIES)).map(frozenset))
    flags = tuple(_changed(change, name) for name, change in changes.items())
    fields = (FieldChange(0, "species", None, "dog"),) if draw(st.booleans()) else ()
    before, now = frozenset(stays | lost), frozenset(stays | gained)
    return Compared("g", "c", "", 60.0, gold, flags, fields, before, now, "", frozenset(), 0, 0.1)


@given(st.lists(_compared(), max_size=30))
def test_sums_over_categories_equal_totals(calls: list[Compared]) -> None:
    """Flags by category add up to all flags, gained less lost is the difference, and no share exceeds its calls."""
    group = Group("g")
    for call in calls:
        group.take(call)
    for change in Change:
        assert sum(group.categories(change).values()) == group.flags_of(change)
        assert max(group.categories(change).values(), default=0) <= group.with_change(change).calls <= group.calls
        if group.judged == group.calls:
            assert group.right[change] + group.wrong[change] == group.flags_of(change)
    assert group.flags_of(Change.GAINED) - group.flags_of(Change.LOST) == group.now - group.before
    if calls:
        assert group.difference.value == pytest.approx(100 * (group.now - group.before) / len(calls))


def test_what_was_edited_is_named(shipped: Lexicon, edited: Edited) -> None:
    """Concepts and rules added, removed and changed, and every file that differs, cues too."""
    glowing = edited(added=GLOWING)
    assert entry_change(shipped, edited()).none
    assert entry_change(shipped, glowing).added == ["glowing_tail"]
    assert entry_change(glowing, shipped).removed == ["glowing_tail"]
    assert entry_change(glowing, edited(added=GLOWING.replace('"red"', '"orange"'))).changed == ["glowing_tail"]
    assert entry_change(shipped, edited(file="cues.toml", old='"free of", ', new="")).files == ["cues.toml"]


# --- the command line --------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with three kept calls; every command uses it."""
    folder = tmp_path / "data"
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(folder))
    with SqlCallStore(folder / FILE_NAME) as store:
        for name, text in (("a", SAID["said"]), ("b", SAID["denied"]), ("c", SAID["else"])):
            store.append(placed(name, [started(name), heard(text, 0), ended(1800.0)]))
    return folder


def test_a_trial_shows_counts_intervals_and_the_calls_themselves(desk: Path, edited: Edited) -> None:
    """Per 100 calls, with intervals and their method; each call with the client's words and the reason."""
    del desk
    folder = edited(added=GLOWING).folder
    code, out, err = run("lexicon", "try", str(folder), "--processes", "1")
    assert (code, err) == (Exit.OK, "")
    assert "kept calls: 3 calls, 1.5 hours; flags raised 0 before, 1 now" in out
    assert "gained: 1, 33.3 per 100 calls (95 %: 6.1 to 79.2)" in out
    assert "neuro: 1, 33.3 per 100 calls" in out
    assert "Wilson" in out
    assert "a  neuro (red)" in out
    assert "“tail is glowing”" in out
    code, out, _ = run("lexicon", "try", str(folder), "--processes", "1", "--newest", "1", "--json")
    told = json.loads(out)
    assert (code, told["groups"][0]["calls"], told["calls"]) == (Exit.OK, 1, [])


def test_acted_calls_say_which_changes_were_called_for(tmp_path: Path, desk: Path, edited: Edited) -> None:
    """A folder of calls with gold is counted apart from kept calls, with what its writers wanted."""
    del desk
    calls = tmp_path / "acted"
    calls.mkdir()
    for name, wanted in (("one", ["neuro"]), ("two", [])):
        script = {
            "id": name,
            "turns": [{"who": "csr", "text": "hello"}, {"who": "client", "text": "his tail is glowing"}],
            "gold": {"flags": [{"category": each} for each in wanted]},
        }
        (calls / f"{name}.json").write_text(json.dumps(script), encoding="utf-8")
    texts_file = tmp_path / "texts.jsonl"
    texts_file.write_text('{"id": "t", "text": "his tail is not glowing"}\n', encoding="utf-8")
    folder = str(edited(added=GLOWING).folder)
    given = ("--calls", str(calls), "--calls", str(texts_file), "--no-kept", "--processes", "1", "--json")
    code, out, _ = run("lexicon", "try", folder, *given)
    assert code == Exit.OK
    acted, written = json.loads(out)["groups"]
    assert (acted["name"], written["name"]) == ("acted", "texts")
    gained = acted["changes"]["gained"]
    assert (gained["flags"], gained["called_for"], gained["not_called_for"]) == (2, 1, 1)
    assert written["changes"]["gained"]["flags"] == 0


def test_what_cannot_be_tried_is_said(desk: Path, edited: Edited, tmp_path: Path) -> None:
    """A lexicon with a mistake, a folder without calls, a line that is none: named, with what to do."""
    del desk
    broken = tmp_path / "broken"
    broken.mkdir()
    code, _, err = run("lexicon", "try", str(broken))
    assert code == Exit.LEXICON
    assert "no lexicon" in err
    folder = str(edited(added=GLOWING).folder)
    code, _, err = run("lexicon", "try", folder, "--calls", str(broken))
    assert code == Exit.LEXICON
    assert "holds no calls" in err
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n", encoding="utf-8")
    code, _, err = run("lexicon", "try", folder, "--calls", str(bad))
    assert code == Exit.LEXICON
    assert "line 1" in err
