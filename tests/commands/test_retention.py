"""Retention and legal holds on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commands.test_cli import run
from tests.store.whole_calls import keep, state
from voice_triage.commands.exits import Exit
from voice_triage.events import KeptKind
from voice_triage.protection import kept_trail
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

ALL = frozenset(KeptKind)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a call of a hundred days ago and one of yesterday; every command uses it."""
    folder = tmp_path / "data"
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(folder))
    now = datetime.now(UTC)
    with SqlCallStore(folder / FILE_NAME) as store:
        keep(store, "old", (now - timedelta(days=100)).isoformat())
        keep(store, "new", (now - timedelta(days=1)).isoformat())
    return folder


def standing(data: Path, call: str) -> frozenset[KeptKind]:
    """What is there of a call."""
    with SqlCallStore(data / FILE_NAME) as store:
        return state(store, call)


def test_a_dry_run_says_what_would_go_and_deletes_nothing(data: Path) -> None:
    """For people and for programs; without calls there is nothing to say."""
    code, out, err = run("retention", "run", "--dry-run")
    assert code == 0
    assert "old" in out
    assert "100.0 days old  sound" in out
    assert "new" not in out
    assert "1 call(s)" in err
    code, out, _ = run("retention", "run", "--dry-run", "--json")
    assert json.loads(out) == {"id": "old", "age_days": 100.0, "kinds": ["sound"], "kept_because": None}
    assert standing(data, "old") == ALL


def test_a_run_asks_deletes_and_is_recorded(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing without a yes; with shorter days, more goes."""
    assert run("retention", "run", stdin="n\n")[0] == Exit.INCOMPLETE
    assert standing(data, "old") == ALL
    assert run("retention", "run", stdin="y\n")[0] == 0
    assert standing(data, "old") == ALL - {KeptKind.SOUND}
    monkeypatch.setenv("VOICE_TRIAGE_KEEP_TRANSCRIPT_DAYS", "99")
    monkeypatch.setenv("VOICE_TRIAGE_KEEP_NOTE_DAYS", "0")
    code, _, err = run("retention", "run", "--yes")
    assert code == 0
    assert "Backups made before still hold it" in err
    assert standing(data, "old") == {KeptKind.NOTE}
    assert standing(data, "new") == ALL
    with SqlCallStore(data / FILE_NAME) as store:
        lines = [(line.who, line.call, line.detail["kinds"]) for line in kept_trail(store).lines()]
    assert lines == [("command line", "old", "sound"), ("command line", "old", "transcript")]
    code, out, _ = run("calls", "show", "old")
    assert code == 0
    assert "(retention): transcript" in out


def test_a_held_call_stays_and_is_listed(data: Path) -> None:
    """Against retention and against deletion by hand, until it is lifted; placing and lifting are recorded."""
    assert run("retention", "hold", "old", "--reason", "letter of March 3")[0] == 0
    code, out, _ = run("retention", "holds")
    assert code == 0
    assert "old" in out
    assert "letter of March 3" in out
    assert json.loads(run("retention", "holds", "--json")[1])["reason"] == "letter of March 3"
    code, out, err = run("retention", "run", "--yes")
    assert code == 0
    assert "kept: legal hold" in out
    assert "0 call(s)" in err
    assert run("calls", "delete", "old", "--yes")[0] == Exit.STORE
    assert standing(data, "old") == ALL
    assert run("retention", "lift", "old")[0] == 0
    assert run("retention", "holds")[1] == ""
    assert run("retention", "run", "--yes")[0] == 0
    assert standing(data, "old") == ALL - {KeptKind.SOUND}
    out = run("audit", "list", "--kind", "hold")[1]
    assert ["held=True" in line for line in out.splitlines()] == [True, False]
    assert "letter" not in out


def test_no_call_no_hold(data: Path) -> None:
    """What is not there cannot be held, and is not recorded as if it were."""
    del data
    assert run("retention", "hold", "nothing")[0] == Exit.STORE
    assert run("retention", "lift", "nothing")[0] == Exit.STORE
    assert run("audit", "list")[1] == ""


def test_an_empty_data_folder_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made by looking."""
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path / "none"))
    assert run("retention", "run", "--dry-run")[0] == 0
    assert run("retention", "holds")[0] == 0
    assert not (tmp_path / "none").exists()
