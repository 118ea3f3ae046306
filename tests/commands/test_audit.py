"""What is done on the command line is in the audit trail, and the trail is listed and checked there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.test_cli import run
from tests.store.logs import ended, final, placed, started
from voice_triage.commands.exits import Exit
from voice_triage.protection import NOT_WHOLE, kept_trail, record_start
from voice_triage.settings import load_settings
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two calls; every command uses it."""
    folder = tmp_path / "data"
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(folder))
    monkeypatch.setenv("VOICE_TRIAGE_CLINIC_FILE", str(tmp_path / "clinic.toml"))
    with SqlCallStore(folder / FILE_NAME) as store:
        for call in ("c", "d"):
            store.append(placed(call, [started(call), final(0), ended(3.0)]))
    return folder


def recorded() -> list[tuple[str, str, str]]:
    """Kind, who and call of each line."""
    code, out, _ = run("audit", "list", "--json")
    assert code == 0
    return [(line["kind"], line["who"], line["call"]) for line in map(json.loads, out.splitlines())]


def test_export_delete_backup_restore_and_signature_are_recorded(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this order, by the command line; the trail comes back with the backup, whole."""
    del data
    secret = tmp_path / "secret"
    secret.write_text("a long passphrase\n")
    assert run("calls", "export", "c", str(tmp_path / "out"))[0] == 0
    assert run("calls", "delete", "c", "--yes")[0] == 0
    assert run("lines", "sign", "--by", "Dr. Lee")[0] == 0
    assert run("backup", str(tmp_path / "b.tar"), "--passphrase-file", str(secret))[0] == 0
    expected = [
        ("export", "command line", "c"),
        ("delete", "command line", "c"),
        ("lines", "command line", ""),
        ("backup", "command line", ""),
    ]
    assert recorded() == expected
    assert run("audit", "verify")[0] == 0
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path / "other"))
    assert run("restore", str(tmp_path / "b.tar"), "--passphrase-file", str(secret))[0] == 0
    assert recorded() == [*expected, ("trail", "product", ""), ("restore", "command line", "")]
    code, out, _ = run("audit", "verify")
    assert code == 0
    assert "the head in the store was missing (4)" in out


def test_nothing_is_exported_or_deleted_without_its_line(data: Path, tmp_path: Path) -> None:
    """The trail's folder cannot be written: the call stays where it is, and nothing of it leaves."""
    (data / "audit").write_text("in the way")
    for command in (("calls", "export", "c", str(tmp_path / "out")), ("calls", "delete", "c", "--yes")):
        code, _, err = run(*command)
        assert code == Exit.STORE
        assert "audit trail" in err
    assert not (tmp_path / "out").exists()
    assert run("calls", "show", "c")[0] == 0


def test_a_call_that_is_not_there_leaves_no_line(data: Path, tmp_path: Path) -> None:
    """What could not be done is not recorded as done."""
    del data
    assert run("calls", "export", "x", str(tmp_path / "out"))[0] == Exit.STORE
    assert run("calls", "delete", "x", "--yes")[0] == Exit.STORE
    assert recorded() == []


def test_the_trail_is_listed_by_call_kind_and_person(data: Path, tmp_path: Path) -> None:
    """And an unknown kind is refused with those that there are."""
    del data
    for call in ("c", "d"):
        assert run("calls", "export", call, str(tmp_path / call))[0] == 0
    assert run("calls", "delete", "d", "--yes")[0] == 0
    assert len(run("audit", "list", "--call", "d")[1].splitlines()) == 2
    assert len(run("audit", "list", "--kind", "export")[1].splitlines()) == 2
    assert len(run("audit", "list", "--limit", "1")[1].splitlines()) == 1
    assert run("audit", "list", "--who", "jo")[1] == ""
    code, _, err = run("audit", "list", "--kind", "nonsense")
    assert code == Exit.USAGE
    assert "export" in err


def test_verify_finds_what_was_changed_and_what_was_put_back(data: Path, tmp_path: Path) -> None:
    """With exit code 1; a head that was noted finds even a data folder that was put back as a whole."""
    assert run("calls", "export", "c", str(tmp_path / "one"))[0] == 0
    shutil.copytree(data, tmp_path / "earlier")
    assert run("calls", "export", "d", str(tmp_path / "two"))[0] == 0
    code, out, _ = run("audit", "verify")
    head = out.strip()
    assert code == 0
    assert run("audit", "verify", "--seen", head)[0] == 0
    path = data / "audit" / "trail-1"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"who":"command line"', b'"who":"somebody els"', 1))
    code, out, _ = run("audit", "verify")
    assert code == Exit.INCOMPLETE
    assert "trail-1, line 1" in out
    shutil.rmtree(data)
    shutil.copytree(tmp_path / "earlier", data)
    assert run("audit", "verify")[0] == 0
    code, out, _ = run("audit", "verify", "--seen", head)
    assert code == Exit.INCOMPLETE
    assert "does not hold what was noted" in out
    assert run("audit", "verify", "--seen", "nonsense")[0] == Exit.USAGE


def test_the_desk_is_told_at_its_start_that_the_trail_is_not_whole(data: Path, tmp_path: Path) -> None:
    """Before another line is written behind what is missing; a whole one is not spoken of."""
    told: list[str] = []
    assert run("calls", "export", "c", str(tmp_path / "one"))[0] == 0
    assert run("calls", "export", "d", str(tmp_path / "two"))[0] == 0
    with SqlCallStore(data / FILE_NAME) as store:
        record_start(kept_trail(store), store, load_settings(), told.append)
        assert told == []
        path = data / "audit" / "trail-1"
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
        record_start(kept_trail(store), store, load_settings(), told.append)
    assert told == [NOT_WHOLE]


def test_settings_are_recorded_when_they_change(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at the first start, later those that are others than at the start before, with both values."""

    def start() -> list[dict[str, object]]:
        settings = load_settings()
        with SqlCallStore(data / FILE_NAME) as store:
            before = len(list(kept_trail(store).lines()))
            record_start(kept_trail(store), store, settings)
            return [dict(line.detail) for line in list(kept_trail(store).lines())[before:]]

    first = start()
    assert {"name": "record", "value": "True", "before": "", "origin": "default"} in first
    assert start() == []
    monkeypatch.setenv("VOICE_TRIAGE_RECORD", "false")
    assert start() == [{"name": "record", "value": "False", "before": "True", "origin": "VOICE_TRIAGE_RECORD"}]
    assert start() == []
    monkeypatch.delenv("VOICE_TRIAGE_RECORD")
    assert start() == [{"name": "record", "value": "True", "before": "False", "origin": "default"}]
