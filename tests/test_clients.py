"""Everything of one client is found, nobody else's, and it can be handed out or deleted as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.test_cli import run
from tests.store.logs import ended, final, placed, started
from voice_triage.clients import Client, calls_of
from voice_triage.commands.exits import Exit
from voice_triage.errors import ClientError
from voice_triage.events import (
    Event,
    FieldSettled,
    FieldSuggested,
    FinalTranscript,
    NoteTyped,
    ReviewNoted,
    Settlement,
    Side,
    Word,
)
from voice_triage.kept_kinds import Hold
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore


def heard(field: str, value: str) -> FieldSuggested:
    """A suggested field."""
    return FieldSuggested(4.0, field, value, "evidence", 0, 1.0, 2.0, 0.9)


def said(text: str) -> FinalTranscript:
    """An utterance of the client."""
    words = tuple(Word(word, float(at), at + 0.5) for at, word in enumerate(text.split()))
    return FinalTranscript(3.0, Side.CLIENT, 0, words, text, 0.0, 3.0)


CALLS: dict[str, list[Event]] = {
    "both": [heard("client_name", "Jane Rivera"), heard("callback_number", "5550147788")],
    "number-alone": [heard("callback_number", "5550147788")],
    "local-number": [FieldSettled(5.0, "callback_number", Settlement.EDITED, "0147788")],
    "name-alone": [heard("client_name", "rivera jane")],
    "typed-name": [FieldSettled(5.0, "client_name", Settlement.EDITED, "mrs. jane rivera")],
    "spoken-number": [said("you can reach me at five five five oh one four double seven double eight thanks")],
    "said-name": [said("hi this is jane rivera calling about max")],
    "noted": [NoteTyped(70.0, "Call Jane Rivera back, (555) 014-7788.")],
    "reviewed": [ReviewNoted(900.0, "dr-lee", "Mrs Jane Rivera's second call")],
    "other-person-same-name": [heard("client_name", "Jane Rivera"), heard("callback_number", "5559990000")],
    "other-person-same-number": [heard("client_name", "Tom Baker"), heard("callback_number", "5550147788")],
    "corrected": [heard("client_name", "Jane Rivera"), FieldSettled(5.0, "client_name", Settlement.EDITED, "Ann Lee")],
    "rejected": [FieldSettled(5.0, "callback_number", Settlement.REJECTED, "5550147788")],
    "like": [heard("client_name", "Jane Rivero")],
    "other": [
        heard("client_name", "Ann Lee"),
        heard("callback_number", "5550147789"),
        said("jane likes rivera park"),
    ],
}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlCallStore:
    """A closed store with all these calls, which every command uses."""
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path / "data"))
    with SqlCallStore(tmp_path / "data" / FILE_NAME) as opened:
        for number, (call, events) in enumerate(CALLS.items()):
            at = f"2026-03-04T08:{number:02}:00-05:00"
            first = started(call, at, "walk-in" if call == "noted" else "headset")
            opened.append(placed(call, [first, final(3), *events, ended(60.0)]))
    return opened


def found(store: SqlCallStore, name: str = "", number: str = "") -> tuple[set[str], set[str]]:
    """Calls that are surely the client's, and those that may be."""
    del store
    from voice_triage.settings import load_settings

    with SqlCallStore(load_settings().data_dir / FILE_NAME) as opened:
        calls = calls_of(opened, Client.of(name, number))
    return {each.call for each in calls if each.sure}, {each.call for each in calls if not each.sure}


def test_a_client_is_found_by_number_however_it_was_told(store: SqlCallStore) -> None:
    """Suggested, settled, without area code, read out digit by digit, in a note; not a rejected one."""
    sure, doubtful = found(store, number="+1 (555) 014-7788")
    assert sure == {"both", "number-alone", "local-number", "spoken-number", "noted", "other-person-same-number"}
    assert doubtful == set()
    assert found(store, number="014-7788")[0] == sure


def test_a_client_is_found_by_name_however_it_was_told(store: SqlCallStore) -> None:
    """In any order and case, with a title, said, noted, in a review; a name that is only like it is doubtful."""
    sure, doubtful = found(store, name="Jane Rivera")
    assert sure == {
        *("both", "name-alone", "typed-name", "said-name", "noted", "reviewed", "other-person-same-name"),
    }
    assert doubtful == {"corrected", "like"}
    assert found(store, name="RIVERA")[0] == {"both", "name-alone", "typed-name", "other-person-same-name"}


def test_name_and_number_together_keep_namesakes_apart(store: SqlCallStore) -> None:
    """A call that tells another number, or another name, is left out unless it is asked for."""
    sure, doubtful = found(store, "Jane Rivera", "555 014 7788")
    assert {"other-person-same-name", "other-person-same-number", "corrected", "like"} == doubtful
    assert sure == {
        *("both", "number-alone", "local-number", "name-alone", "typed-name", "spoken-number", "said-name"),
        *("noted", "reviewed"),
    }


def test_who_is_not_told_is_asked_for() -> None:
    """Neither nothing, nor a number that many have, nor a name without letters."""
    for name, number in (("", ""), ("", "0147"), ("123", ""), (" ", " ")):
        with pytest.raises(ClientError):
            Client.of(name, number)
    assert run("client", "list")[0] == Exit.USAGE


def test_everything_of_a_client_is_written_out_after_it_was_listed(store: SqlCallStore, tmp_path: Path) -> None:
    """A folder for each call, walk-ins too, a line in the trail for each; only what is surely theirs."""
    del store
    who = ("--name", "Jane Rivera", "--number", "5550147788")
    code, out, _ = run("client", "list", *who)
    assert code == 0
    assert "both  2026-03-04T08:00  name heard, number heard" in out
    assert out.count("NOT INCLUDED") == 4
    assert run("client", "export", str(tmp_path / "out"), *who, stdin="n\n")[0] == Exit.INCOMPLETE
    assert not (tmp_path / "out").exists()
    assert run("client", "export", str(tmp_path / "out"), *who, "--yes")[0] == 0
    folders = {path.name for path in (tmp_path / "out").iterdir()}
    assert len(folders) == 9
    assert "noted" in folders
    assert all((tmp_path / "out" / name / "report.json").exists() for name in folders)
    lines = [json.loads(line) for line in run("audit", "list", "--kind", "export", "--json")[1].splitlines()]
    assert {line["call"] for line in lines} == folders
    assert "Rivera" not in json.dumps(lines)
    assert run("client", "export", str(tmp_path / "out"), *who, "--yes")[0] == Exit.STORE


def test_everything_of_a_client_is_deleted_but_what_is_held(store: SqlCallStore, tmp_path: Path) -> None:
    """Out of list, search and folders; the held call stays and is named; backups are spoken of."""
    del store
    with SqlCallStore(tmp_path / "data" / FILE_NAME) as opened:
        opened.parts.hold("noted", Hold(True, "dr-lee", "2026-04-01T00:00:00+00:00"))
    who = ("--name", "Jane Rivera", "--number", "5550147788")
    assert run("client", "delete", *who, stdin="n\n")[0] == Exit.INCOMPLETE
    assert len(list((tmp_path / "data" / "calls").iterdir())) == len(CALLS)
    code, out, err = run("client", "delete", *who, "--yes")
    assert code == Exit.INCOMPLETE
    assert "noted: " in out
    assert "legal hold" in out
    assert "Backups and folders exported before still hold them" in err
    with SqlCallStore(tmp_path / "data" / FILE_NAME) as opened:
        opened.parts.hold("noted", Hold(False, "dr-lee", "2026-05-01T00:00:00+00:00"))
    assert run("client", "delete", *who, "--yes")[0] == 0
    code, _, err = run("client", "delete", *who, "--yes")
    assert code == 0
    assert "Only doubtful calls" in err
    assert run("client", "delete", *who, "--yes", "--doubtful")[0] == 0
    with SqlCallStore(tmp_path / "data" / FILE_NAME) as opened:
        assert {summary.call for summary in opened.calls()} == {"rejected", "other"}
        assert set(opened.transcripts()) == {"rejected", "other"}
    assert {path.name for path in (tmp_path / "data" / "calls").iterdir()} == {"rejected", "other"}
    assert run("client", "list", *who)[2].strip() == "No kept call tells of this client."
    deleted = run("audit", "list", "--kind", "delete")[1]
    assert len(deleted.splitlines()) == 13
    assert "ivera" not in deleted
