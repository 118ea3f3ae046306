"""Kept calls on the command line: found, written out, checked, deleted, backed up and brought back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.commands.test_cli import run
from tests.fakes import words
from tests.store.logs import ended, final, flag, placed, started
from voice_triage.audio.recording import Recorder
from voice_triage.commands.exits import Exit
from voice_triage.events import Block, Event, Outcome, Side, UtteranceReheard
from voice_triage.report import call_report
from voice_triage.store.recording_files import SideRecording
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

SOUND = np.random.default_rng(1).integers(-900, 900, 24_000).astype(np.int16)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one recorded call, c, and one without sound, d; every command uses it."""
    folder = tmp_path / "data"
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(folder))
    with SqlCallStore(folder / FILE_NAME) as store:
        recorder = Recorder(lambda side, first: SideRecording(store.folders, "c", side, first), lambda failure: None)
        recorder.hear(Block(Side.CLIENT, 0.0, SOUND, 8000))
        recorder.close()
        store.append(placed("c", [started("c"), final(0), flag("urinary"), ended(3.0)]))
        store.append(placed("d", [started("d"), final(5), ended(3.0)]))
    return folder


def test_calls_are_found_by_what_was_said(desk: Path) -> None:
    """Only ended calls that hold all the words; none is no error."""
    del desk
    code, out, _ = run("calls", "list", "--search", "word5-3")
    assert (code, [line.split()[0] for line in out.splitlines()]) == (0, ["d"])
    code, out, err = run("calls", "list", "--search", "nothing of the kind")
    assert (code, out) == (0, "")
    assert "No kept call holds these words" in err


def test_calls_are_found_by_the_words_that_count(desk: Path) -> None:
    """Words that a second hearing replaced find nothing; those of an utterance that it doubted or kept still do."""

    def again(utterance: int, outcome: Outcome, text: str = "") -> UtteranceReheard:
        return UtteranceReheard(30.0, Side.CLIENT, utterance, outcome, words(text), text, 1.0, 2.0)

    log: list[Event] = [
        started("e"),
        *(final(utterance) for utterance in range(10, 15)),
        again(10, Outcome.SETTLED, "he cannot pee"),
        again(11, Outcome.JOINED),
        again(12, Outcome.KEPT, "thank you"),
        again(13, Outcome.DOUBTED, "thank you"),
        again(14, Outcome.SKIPPED),
        again(15, Outcome.SETTLED, "nothing was heard here at first"),
        ended(60.0),
    ]
    with SqlCallStore(desk / FILE_NAME) as store:
        store.append(placed("e", log))
        shown = [utterance["text"] for utterance in call_report(each.event for each in store.events("e"))["utterances"]]
        assert store.transcripts()["e"].splitlines() == shown
    found = {
        asked: bool(run("calls", "list", "--search", asked)[1])
        for asked in ("cannot pee", "word10-3", "word11-3", "word12-3", "word13-3", "word14-3", "at first", "thank you")
    }
    assert found == {
        "cannot pee": True,
        "word10-3": False,
        "word11-3": False,
        "word12-3": True,
        "word13-3": True,
        "word14-3": True,
        "at first": True,
        "thank you": False,
    }


def test_a_call_is_exported_as_plain_files(desk: Path, tmp_path: Path) -> None:
    """Report, events, and the sound bit for bit; a folder that exists is not written into."""
    del desk
    code, out, _ = run("calls", "export", "c", str(tmp_path / "out"))
    assert code == 0
    assert len(out.splitlines()) == 6
    assert json.loads((tmp_path / "out" / "report.json").read_text())["flags"][0]["category"] == "urinary"
    assert len((tmp_path / "out" / "events.jsonl").read_text().splitlines()) == 4
    assert (tmp_path / "out" / "hand-off.txt").read_text(encoding="utf-8").startswith("HAND-OFF NOTE")
    assert json.loads((tmp_path / "out" / "hand-off.json").read_text())["format"] == "voice-triage-hand-off/1"
    assert json.loads((tmp_path / "out" / "hand-off.fhir.json").read_text())["resourceType"] == "Bundle"
    samples, rate_hz = soundfile.read(tmp_path / "out" / "client.wav", dtype="int16")
    assert rate_hz == 8000
    assert np.array_equal(samples, SOUND)
    code, _, err = run("calls", "export", "c", str(tmp_path / "out"))
    assert code == Exit.STORE
    assert "new folder" in err


def test_a_call_is_deleted_only_when_meant(desk: Path) -> None:
    """Asked first, unless --yes; afterwards nothing of it is there, and deleting again is an error."""
    code, _, _ = run("calls", "delete", "c", stdin="n\n")
    assert code == Exit.INCOMPLETE
    assert (desk / "calls" / "c").exists()
    code, _, err = run("calls", "delete", "c", "--yes")
    assert code == 0
    assert "Backups made before still hold it" in err
    assert not (desk / "calls" / "c").exists()
    assert run("calls", "show", "c")[0] == Exit.STORE
    assert run("calls", "delete", "c", "--yes")[0] == Exit.STORE
    assert run("calls", "show", "d")[0] == 0


def test_damage_is_found(desk: Path) -> None:
    """One changed byte in a recording: the file is named, and the exit code says so."""
    assert run("calls", "verify")[0] == 0
    path = desk / "calls" / "c" / "client-1"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    for arguments in (("calls", "verify"), ("calls", "verify", "c")):
        code, out, _ = run(*arguments)
        assert code == Exit.INCOMPLETE
        assert "client-1 is damaged" in out
    assert run("calls", "verify", "d")[0] == 0


def test_calls_go_to_another_disk_and_come_back(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a passphrase typed twice, or from a file."""
    del desk
    secret = tmp_path / "secret"
    secret.write_text("a long passphrase\nand a note\n")
    code, _, err = run("backup", str(tmp_path / "b.tar"), "--passphrase-file", str(secret))
    assert (code, "2 call(s)" in err) == (0, True)
    code, _, _ = run("backup", str(tmp_path / "c.tar"), stdin="a long passphrase\na long passphrase\n")
    assert code == 0
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path / "new"))
    code, _, err = run("restore", str(tmp_path / "b.tar"), stdin="a long passphrase\n")
    assert (code, "2 call(s)" in err) == (0, True)
    assert run("calls", "show", "c")[0] == 0
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path / "nothing"))
    code, _, err = run("backup", str(tmp_path / "d.tar"))
    assert code == Exit.STORE
    assert "nothing to back up" in err
