"""The whole product as its users start it: real sound, real recognizer, real store, real browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from tests.conftest import FindProgram
from tests.consent_call import Search
from tests.program import PATIENCE_S, Program, run
from voice_triage import resources
from voice_triage.commands.exits import Exit
from voice_triage.commands.run import SAMPLE_MARKER
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (dependency group dev)")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def cut(path: Path, start_s: int, end_s: int) -> Path:
    """A stretch of the sample call, as a recording of a call of its own."""
    samples, rate_hz = soundfile.read(resources.sample_audio(), dtype="int16")
    soundfile.write(path, samples[start_s * rate_hz : end_s * rate_hz], rate_hz)
    return path


@pytest.fixture(scope="module", autouse=True)
def once(tmp_path_factory: pytest.TempPathFactory, model_dir: Path) -> Iterator[Program]:
    """``voice-triage start --once``, which plays the sample in real time while the other tests run."""
    program = Program(tmp_path_factory.mktemp("once"), "start", "--once", "--port", "0")
    yield program
    program.clean_up()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Any]:
    """Starts programs on a desk of their own and leaves none behind."""
    started: list[Program] = []

    def start(*arguments: str, at: Program | None = None) -> Program:
        """``at``: on the desk of an earlier one."""
        started.append(Program(tmp_path / str(len(started)) if at is None else at.folder, *arguments))
        return started[-1]

    yield start
    for program in started:
        program.clean_up()


def test_a_newcomer_sees_the_sample_call_live_and_ctrl_c_ends_it_cleanly(desk: Any, program: FindProgram) -> None:
    """First start: SAMPLE banner, words, a red flag and fields in a real browser; Ctrl-C ends it, nothing is kept."""
    voice_triage = desk("start", "--port", "0", "--no-browser")
    link = voice_triage.wait_for_line(r"Console: (http://127\.0\.0\.1:\d+/\S+)")
    expect = playwright.expect
    expect.set_options(timeout=PATIENCE_S * 1000)
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        with playwright.sync_playwright() as play:
            chromium = play.chromium.launch(
                executable_path=str(program(*CHROMIUM)), args=["--disable-gpu", *(["--no-sandbox"] if as_root else [])]
            )
            page = chromium.new_page()
            complaints: list[str] = []
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(link)
            expect(page.locator("#sample-banner")).to_be_visible()
            expect(page.locator("#sample-banner")).to_contain_text(re.compile("sample", re.IGNORECASE))
            expect(page.locator("#flag-urinary")).to_be_visible()
            expect(page.locator("#transcript")).to_contain_text("nothing is coming out")
            expect(page.locator("#field-species")).to_contain_text(re.compile("cat", re.IGNORECASE))
            assert voice_triage.end() == Exit.OK
            chromium.close()
    finally:
        expect.set_options(timeout=5000)
    assert complaints == []
    assert "Traceback" not in voice_triage.err
    kept = run(voice_triage.data_dir, "calls", "list")
    assert (kept.returncode, kept.stdout) == (Exit.OK, "")
    assert (voice_triage.data_dir / SAMPLE_MARKER).exists()


def test_a_later_start_shows_no_sample(desk: Any, tmp_path: Path) -> None:
    """Where the sample was once played, a working desk only waits, and says for what or what is missing."""
    (tmp_path / "0" / "data").mkdir(parents=True)
    (tmp_path / "0" / "data" / SAMPLE_MARKER).touch()
    voice_triage = desk("start", "--port", "0", "--no-browser")
    state = _desk_state(voice_triage)
    assert state["source_state"] in ("searching", "waiting", "failed")
    assert state["recognizer_state"] == "ready"
    assert re.search("headset|sound service", state["detail"])
    assert voice_triage.end() == Exit.OK


def test_a_client_who_refuses_leaves_nothing_but_a_count(
    desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real sound and words, undecided, agreed, refused over HTTP: searched for in every byte, before and after kill."""
    monkeypatch.setenv("VOICE_TRIAGE_CONSENT", "unknown")
    recording = cut(tmp_path / "from-the-middle.wav", 25, 50)
    voice_triage = desk("run", "--source", str(recording), "--port", "0", "--no-browser")
    link = voice_triage.wait_for_line(r"Console: (http://127\.0\.0\.1:\d+/\S+)")
    address = link.split("/open")[0]
    alone = httpx.Limits(max_keepalive_connections=0)  # the search takes longer than a connection is kept open
    with httpx.Client(base_url=address, headers={"origin": address}, timeout=PATIENCE_S, limits=alone) as page:
        page.get(link)
        call, said = _wait_for_heard(page)
        assert not Search(voice_triage.data_dir).holds(call)
        assert not list((voice_triage.data_dir / "calls").iterdir())
        actions = f"/api/calls/{call}/actions"
        assert page.post(actions, json={"action": "consent", "consent": "given"}).status_code == 204
        assert Search(voice_triage.data_dir).holds(said)
        assert page.post(actions, json={"action": "consent", "consent": "refused"}).status_code == 204
        assert page.get("/api/call").json()["card"]["consent"] == "refused"
    voice_triage.process.kill()
    voice_triage.process.wait()
    run(voice_triage.data_dir, "calls", "list")
    found = Search(voice_triage.data_dir)
    assert not list((voice_triage.data_dir / "calls").iterdir())
    assert not found.holds(said)
    assert not found.holds(call)
    assert run(voice_triage.data_dir, "calls", "list").stdout == ""
    counted = run(voice_triage.data_dir, "calls", "refused").stdout
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  1\n", counted)


def _wait_for_heard(page: httpx.Client) -> tuple[str, str]:
    """The call's id and a sentence of it, as soon as one is shown."""
    give_up_at = time.monotonic() + 2 * PATIENCE_S
    while time.monotonic() < give_up_at:
        shown = page.get("/api/call").json()
        for each in shown["events"]:
            if each["event"]["type"] == "FinalTranscript":
                return str(shown["call"]), str(each["event"]["text"])
        time.sleep(0.2)
    raise AssertionError("nothing was heard")


def test_a_call_that_is_killed_is_kept_as_far_as_it_was_heard(desk: Any, tmp_path: Path) -> None:
    """After kill -9 in mid-call the kept log reads back, and the list says that the call was interrupted."""
    recording = cut(tmp_path / "from-the-middle.wav", 25, 50)
    voice_triage = desk("run", "--source", str(recording), "--port", "0", "--no-browser")
    with_words = _wait_for_words(voice_triage)
    voice_triage.process.kill()
    voice_triage.process.wait()
    listed = run(voice_triage.data_dir, "calls", "list")
    assert with_words in listed.stdout
    assert "interrupted" in listed.stdout
    report = json.loads(run(voice_triage.data_dir, "calls", "show", with_words, "--json").stdout)
    assert report["ended"] is None
    assert "thrown up" in report["utterances"][0]["text"]
    assert report["sample"] is False
    assert run(voice_triage.data_dir, "calls", "verify").returncode == Exit.OK
    exported = tmp_path / "exported"
    assert run(voice_triage.data_dir, "calls", "export", with_words, str(exported)).returncode == Exit.OK
    kept, rate_hz = soundfile.read(exported / "client.wav", dtype="int16")
    assert len(kept) > rate_hz * (report["utterances"][0]["end_s"] - 3)
    assert np.array_equal(kept, soundfile.read(recording, dtype="int16")[0][: len(kept)])
    again = desk("run", "--source", str(recording), "--port", "0", "--no-browser", at=voice_triage)
    again.wait_for_line(r"(Console: )")
    report = json.loads(run(voice_triage.data_dir, "calls", "show", with_words, "--json").stdout)
    assert report["ended"] == "interrupted"


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to another process")
def test_an_analysis_ended_by_ctrl_c_says_so(desk: Any) -> None:
    """Breaking off an analysis ends with 130 and prints no half report."""
    voice_triage = desk("analyze", "--json", "--realtime", str(resources.sample_audio()))
    give_up_at = time.monotonic() + PATIENCE_S
    while not voice_triage.data_dir.exists():  # it has begun: its lexicon is there
        assert time.monotonic() < give_up_at, voice_triage.err
        time.sleep(0.05)
    assert voice_triage.end() == Exit.INTERRUPTED
    assert voice_triage.out == ""
    assert "Traceback" not in voice_triage.err


def test_one_bad_file_does_not_spoil_an_analysis(desk: Any, tmp_path: Path) -> None:
    """A report for the good file, an error that names the bad one on standard error, exit code 1."""
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF")
    good = cut(tmp_path / "good.flac", 30, 36)
    done = run(tmp_path, "analyze", "--json", str(bad), str(good))
    assert done.returncode == Exit.INCOMPLETE
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["good"]
    assert "bad.wav" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals of this kind")
def test_progress_on_a_terminal_does_not_mix_with_the_reports(tmp_path: Path) -> None:
    """With bars drawn on the terminal, what is redirected to a file is reports and nothing else."""
    import pty

    ours, terminal = pty.openpty()
    drawn = bytearray()

    def watch() -> None:
        with suppress(OSError):  # how a pseudo-terminal says that its other end is closed
            while piece := os.read(ours, 4096):
                drawn.extend(piece)

    watching = threading.Thread(target=watch)
    watching.start()
    recording = cut(tmp_path / "short.wav", 30, 36)
    command = [sys.executable, "-m", "voice_triage", "analyze", "--json", str(recording)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=False)
    os.close(terminal)
    watching.join(PATIENCE_S)
    os.close(ours)
    assert done.returncode == Exit.OK
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["short"]
    assert b"1/1" in drawn


def test_the_sample_call_once_prints_its_flags_and_fields_and_keeps_nothing(once: Program) -> None:
    """`start --once` ends by itself with 0; it leaves neither a call nor a trace of a first start."""
    assert once.process.wait(2 * PATIENCE_S) == Exit.OK, once.err
    for expected in ("SAMPLE", "urinary", "nothing is coming out", "species", "cat", "sarah", "P6Y"):
        assert expected in once.out
    assert run(once.data_dir, "calls", "list").stdout == ""
    assert not (once.data_dir / SAMPLE_MARKER).exists()


def _desk_state(voice_triage: Program) -> dict[str, Any]:
    """What the console is told of the desk, once the recognizer is ready and a source is looked for."""
    import httpx

    link = voice_triage.wait_for_line(r"Console: (http://127\.0\.0\.1:\d+/\S+)")
    with httpx.Client(follow_redirects=True) as browser:
        browser.get(link)
        address = link.split("/open")[0]
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            desk: dict[str, Any] | None = browser.get(f"{address}/api/call").json()["desk"]
            if desk and desk["recognizer_state"] == "ready" and desk["detail"] != "Starting.":
                return desk
            assert time.monotonic() < give_up_at
            time.sleep(0.05)


def _wait_for_words(voice_triage: Program) -> str:
    """The id of the call, once a closed utterance of it is kept."""
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        assert voice_triage.process.poll() is None, voice_triage.err
        if (voice_triage.data_dir / FILE_NAME).exists():
            with SqlCallStore(voice_triage.data_dir / FILE_NAME) as store:
                for call in store.calls():
                    if any(type(logged.event).__name__ == "FinalTranscript" for logged in store.events(call.call)):
                        return call.call
        time.sleep(0.2)
    raise AssertionError("no utterance was kept")
