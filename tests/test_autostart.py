"""Starting with the computer, on every system, in a home folder of the test's own."""

from __future__ import annotations

import configparser
import plistlib
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voice_triage.autostart import Autostart, autostart, own_command
from voice_triage.cli import app
from voice_triage.errors import SettingsError

AWKWARD = ["/opt/Dr. Müller's $clinic/100%/voice-triage", "run"]
SYSTEMS = ("linux", "darwin", "win32")


def entry(platform: str, home: Path, *command: str) -> Autostart:
    """The entry of a user with that home folder."""
    return autostart(platform, home, {}, command or AWKWARD)


@pytest.mark.parametrize("platform", SYSTEMS)
def test_it_is_switched_on_and_off(platform: str, tmp_path: Path) -> None:
    """Any number of times, and off leaves nothing behind."""
    ours = entry(platform, tmp_path)
    for _ in range(2):
        assert not ours.is_on
        ours.on()
        ours.on()
        assert ours.is_on
        assert ours.is_ours
        ours.off()
        ours.off()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("platform", SYSTEMS)
def test_an_entry_of_another_installation_is_told_and_replaced(platform: str, tmp_path: Path) -> None:
    """A checkout that was moved must not be started from where it was."""
    entry(platform, tmp_path, "/old/voice-triage", "run").on()
    ours = entry(platform, tmp_path)
    assert (ours.is_on, ours.is_ours) == (True, False)
    ours.on()
    assert ours.is_ours


def test_on_linux_it_is_a_desktop_entry_with_a_command_that_survives_its_quoting(tmp_path: Path) -> None:
    """Spaces, quotes, dollars and percent signs of a path reach the program as they are."""
    ours = entry("linux", tmp_path)
    assert ours.path == tmp_path / ".config" / "autostart" / "voice-triage.desktop"
    ours.on()
    read = configparser.RawConfigParser()
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(ours.path, encoding="utf-8")
    section = read["Desktop Entry"]
    assert section["Type"] == "Application"
    unescaped = section["Exec"].replace("\\\\", "\\").replace("%%", "%")  # as the specification reads a value
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', unescaped)
    assert [re.sub(r"\\(.)", r"\1", part) for part in parts] == AWKWARD


def test_on_linux_the_configuration_folder_may_be_elsewhere(tmp_path: Path) -> None:
    """As the user has set it."""
    elsewhere = autostart("linux", tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "conf")}, AWKWARD)
    assert elsewhere.path == tmp_path / "conf" / "autostart" / "voice-triage.desktop"


def test_on_macos_it_is_a_launch_agent(tmp_path: Path) -> None:
    """Run at log-in, and again if it fails, but not if it was ended."""
    ours = entry("darwin", tmp_path)
    assert ours.path == tmp_path / "Library" / "LaunchAgents" / "voice-triage.plist"
    ours.on()
    plist = plistlib.loads(ours.path.read_bytes())
    assert (plist["ProgramArguments"], plist["RunAtLoad"], plist["Label"]) == (AWKWARD, True, "voice-triage")
    assert plist["KeepAlive"] == {"SuccessfulExit": False}


def test_on_windows_it_is_a_script_in_the_startup_folder(tmp_path: Path) -> None:
    """Where the user's roaming folder is; each part quoted, percent signs doubled."""
    ours = autostart("win32", tmp_path, {"APPDATA": str(tmp_path / "R")}, ["C:\\Program Files\\100%\\v.exe", "run"])
    parts = ours.path.relative_to(tmp_path).parts
    assert parts == ("R", "Microsoft", "Windows", "Start Menu", "Programs", "Startup", "voice-triage.cmd")
    ours.on()
    lines = ours.path.read_bytes().decode("utf-8").split("\r\n")
    assert lines == ["@chcp 65001 >nul", '@start "Voice Triage" /min "C:\\Program Files\\100%%\\v.exe" "run"', ""]


def test_what_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    """And says what to check."""
    (tmp_path / ".config").touch()
    with pytest.raises(SettingsError, match=r"voice-triage\.desktop cannot be written"):
        entry("linux", tmp_path).on()


def test_this_installation_is_started_by_its_own_program() -> None:
    """One that is there, by its whole path, listening to the headset."""
    first, *rest = own_command()
    assert Path(first).is_absolute()
    assert Path(first).exists()
    assert rest[-1] == "run"


@pytest.mark.skipif(sys.platform != "linux", reason="the place is another one elsewhere")
def test_the_command_switches_it_on_and_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how it stands, and which settings would be missing at log-in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))
    monkeypatch.setenv("VOICE_TRIAGE_PORT", "1234")

    def said(name: str) -> tuple[str, str]:
        done = CliRunner().invoke(app, ["autostart", name])
        assert done.exit_code == 0
        return done.stdout, done.stderr

    assert said("status")[0].startswith("off: ")
    out, err = said("on")
    assert "starts when you log in" in out
    assert "VOICE_TRIAGE_PORT" in err
    assert said("status")[0].startswith("on: ")
    said("off")
    assert said("status")[0].startswith("off: ")
