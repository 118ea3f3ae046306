"""``devices`` and ``doctor --listen`` on real sound servers: what a person at a new desk is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.audio.sound_server import SoundServerProcess
from tests.audio.sounds import noise, write_wav
from voice_triage.cli import app
from voice_triage.commands.exits import Exit


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stdout, done.stderr


def test_devices_says_of_each_device_whether_it_is_listened_to(machine: SoundServerProcess) -> None:
    """Name, bus, profile, rate, and chosen or why not; the default device is never chosen for being that."""
    code, out, err = run("devices")
    assert code == Exit.OK
    assert "no headset: neither Bluetooth nor USB" in out
    assert "Waiting for a headset" in err
    machine.plug(rate_hz=16000)
    machine.plug(address="11_22_33_44_55_66", name="Spare Headset", profile="a2dp_sink", rate_hz=48000)
    code, out, err = run("devices")
    (chosen,) = (line for line in out.splitlines() if "chosen" in line)
    assert re.match(r"Fake Headset +bluetooth +headset-head-unit +16000 Hz +chosen: Bluetooth, hands-free$", chosen)
    (spare,) = (line for line in out.splitlines() if line.startswith("Spare Headset"))
    assert re.search(r"bluetooth +a2dp-sink +48000 Hz +usable .*Fake Headset comes first", spare)
    assert "Fake Headset is used." in err


def test_the_pinned_headset_is_the_only_one(machine: SoundServerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name that the table shows; the better one by the rule is left alone, and one that is away waited for."""
    machine.plug()
    spare = machine.plug(address="11_22_33_44_55_66", name="Spare Headset", profile="a2dp_sink")
    monkeypatch.setenv("VOICE_TRIAGE_HEADSET", "spare headset")
    _, out, _ = run("devices")
    assert re.search(r"^Spare Headset .*chosen: it is the one that is set$", out, re.MULTILINE)
    assert re.search(r"^Fake Headset .*not the one that is set", out, re.MULTILINE)
    machine.unplug(spare)
    assert "Waiting for the headset spare headset: it is not connected." in run("devices")[2]


@pytest.mark.parametrize("sound_server", ["pulse"], indirect=True)
def test_doctor_listens(machine: SoundServerProcess, tmp_path: Path) -> None:
    """To what the headset plays, which here is noise; and says when it plays nothing."""
    headset = machine.plug()
    line = _hearing_line()
    assert line.startswith("warn  hearing     Fake Headset: silence, -96 dB")
    machine.play(write_wav(tmp_path / "noise.wav", noise(30.0, 16000, seed=1), 16000), headset.sink)
    line = _hearing_line()
    assert line.startswith("ok    hearing     Fake Headset: steady sound, -")
    assert "Have someone speak" in line


def _hearing_line() -> str:
    _, out, _ = run("doctor", "--listen", "2")
    (line,) = (line for line in out.splitlines() if " hearing " in line)
    return line
