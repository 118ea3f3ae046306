"""The whole product at a desk: a headset on a real sound server, ``voice-triage run``, its console and its store."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from tests.audio.sound_server import PATIENCE_S, SoundServerProcess, wait_until
from tests.audio.sounds import hold_music, write_wav
from tests.audio.test_on_hold import SPOKEN
from tests.program import Program, run
from voice_triage import resources
from voice_triage.commands.exits import Exit

pytestmark = [
    pytest.mark.timeout(600),  # calls are played in real time
    pytest.mark.parametrize("sound_server", ["pulse"], indirect=True),
]


class Desk:
    """The product at a desk, with its page."""

    def __init__(self, program: Program) -> None:
        self.program = program
        link = program.wait_for_line(r"Console: (http://127\.0\.0\.1:\d+/\S+)")
        self._address = link.split("/open")[0]
        self._browser = httpx.Client(base_url=self._address, headers={"origin": self._address}, follow_redirects=True)
        self._browser.get(link)

    def page(self) -> dict[str, Any]:
        """What the page knows."""
        told: dict[str, Any] = self._browser.get("/api/call").json()
        return told

    def ask(self, command: str) -> None:
        """Give a command, which is done."""
        assert self._browser.post(f"/api/desk/{command}").status_code == 204

    def wait_for(self, state: str) -> None:
        """Until the desk stands so."""
        wait_until(lambda: (self.page()["desk"] or {}).get("source_state") == state)

    def wait_for_words(self) -> None:
        """Until the running call has a closed utterance."""
        wait_until(lambda: any(each["event"]["type"] == "FinalTranscript" for each in self.page()["events"]))

    def report(self, call: str) -> dict[str, Any]:
        """A kept call's report."""
        report: dict[str, Any] = json.loads(run(self.program.data_dir, "calls", "show", call, "--json").stdout)
        return report

    def calls(self) -> list[str]:
        """Kept calls, newest first."""
        listed = run(self.program.data_dir, "calls", "list", "--json").stdout
        return [json.loads(line)["id"] for line in listed.splitlines()]

    def close(self) -> None:
        """Leave nothing behind."""
        self._browser.close()
        self.program.clean_up()


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A desk that waits for calls."""
    here = Desk(Program(folder / "desk", "run", "--port", "0", "--no-browser"))
    try:
        here.wait_for("waiting")
        yield here
    finally:
        here.close()


def flags(report: dict[str, Any]) -> set[str]:
    """Categories that stand raised at the end of a call."""
    return {flag["category"] for flag in report["flags"]}


def test_a_call_on_the_headset_is_understood_as_from_its_file(
    machine: SoundServerProcess, model_dir: Path, tmp_path: Path
) -> None:
    """At the telephone's rate and in real time: the same flags and fields, ended by its hang-up, and kept."""
    samples, rate_hz = soundfile.read(resources.sample_audio(), dtype="int16")
    samples = samples[: 28 * rate_hz]  # to the end of a sentence, after its flag
    file = write_wav(tmp_path / "call.wav", samples, rate_hz)
    from_file = json.loads(run(tmp_path, "analyze", "--json", str(file)).stdout)
    headset = machine.plug(rate_hz=rate_hz)
    with desk(tmp_path) as here:
        phone = machine.softphone(file, headset)
        here.wait_for("listening")
        phone.player.wait(len(samples) / rate_hz + PATIENCE_S)
        phone.hang_up()
        here.wait_for("waiting")
        (call,) = here.calls()
        report = here.report(call)
        assert here.program.end() == Exit.OK
    assert flags(report) == flags(from_file) != set()
    assert report["ended"] == "hang-up"
    # On a machine that is busy with other things the sound server itself skips a moment now and then.
    assert sum(gap["duration_s"] for gap in report["gaps"]) < 2.0
    found, wanted = (set(each["fields"]) for each in (report, from_file))
    assert len(found & wanted) >= len(wanted) - 1


def test_no_clients_calls_raise_and_keep_nothing(machine: SoundServerProcess, model_dir: Path, tmp_path: Path) -> None:
    """Hold music and a menu raise no flag; after *not a client call* there is no trace of a call on page and disk."""
    spoken, rate_hz = soundfile.read(SPOKEN, dtype="int16")
    on_hold = np.concatenate([hold_music(4.0, rate_hz, seed=3), spoken[: 13 * rate_hz]])
    headset = machine.plug(rate_hz=rate_hz)
    with desk(tmp_path) as here:
        phone = machine.softphone(write_wav(tmp_path / "hold.wav", on_hold, rate_hz), headset)
        here.wait_for("listening")
        phone.player.wait(len(on_hold) / rate_hz + PATIENCE_S)
        phone.hang_up()
        here.wait_for("waiting")
        (kept,) = here.calls()
        report = here.report(kept)
        assert "press one" in " ".join(each["text"] for each in report["utterances"])
        assert report["flags"] == []

        samples, _ = soundfile.read(resources.sample_audio(), dtype="int16")
        phone = machine.softphone(write_wav(tmp_path / "call.wav", samples[8 * rate_hz :], rate_hz), headset)
        wait_until(lambda: here.page()["call"] != kept)
        here.wait_for_words()
        call = here.page()["call"]
        assert traces(here.program.data_dir, call)
        here.ask("not-client")
        wait_until(lambda: not traces(here.program.data_dir, call))
        wait_until(lambda: here.page()["desk"]["source_state"] == "waiting")
        assert (here.page()["call"], here.page()["events"], here.page()["tentative"]) == (None, [], [])
        time.sleep(2.0)  # the program is still on that call, which is not taken up again
        assert here.page()["call"] is None
        assert here.calls() == [kept]
        phone.hang_up()
        assert here.program.end() == Exit.OK
    assert not traces(here.program.data_dir, call)


def traces(folder: Path, call: str) -> list[Path]:
    """Files that are this call's, or name it: its words are encrypted wherever they are."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if call in str(path) or call.encode() in path.read_bytes()]
