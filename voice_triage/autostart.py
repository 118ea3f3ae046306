"""Starting with the computer: an entry among the programs that the system starts when this user logs in.

A headset, its sound and the browser belong to a user's session, so that is when listening can begin: not before log-in.

=========  ============================================================================================================
Linux      ``autostart/voice-triage.desktop`` in the user's configuration (XDG Autostart: GNOME, KDE, Xfce, ...)
macOS      ``~/Library/LaunchAgents/voice-triage.plist`` (launchd starts it again if it fails)
Windows    ``voice-triage.cmd`` in the Startup folder of the start menu
=========  ============================================================================================================
"""

from __future__ import annotations

import os
import plistlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from voice_triage.errors import SettingsError

NAME = "voice-triage"
_NEEDS_ESCAPE = re.compile(r'(["`$\\])')
_ABOUT = "Hears the client's side of calls and flags red-flag symptoms"


@dataclass(frozen=True, slots=True)
class Autostart:
    """The entry of one user, whether it is there or not."""

    path: Path
    content: bytes
    """What is in it when it is on."""

    def on(self) -> None:
        """Start with the computer from now on. Raises SettingsError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            new = self.path.with_name(f".{self.path.name}.new")
            new.write_bytes(self.content)
            new.replace(self.path)
        except OSError as error:
            raise SettingsError(_cannot("written", self.path, error)) from error

    def off(self) -> None:
        """Do not start with the computer any more. Idempotent. Raises SettingsError."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise SettingsError(_cannot("removed", self.path, error)) from error

    @property
    def is_on(self) -> bool:
        """Whether the entry is there. Raises SettingsError."""
        return self._found() is not None

    @property
    def is_ours(self) -> bool:
        """Whether it starts this installation, and not one that was here before. Raises SettingsError."""
        return self._found() == self.content

    def _found(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingsError(_cannot("read", self.path, error)) from error


def autostart(
    platform: str = sys.platform,
    home: Path | None = None,
    environ: Mapping[str, str] | None = None,
    command: Sequence[str] | None = None,
) -> Autostart:
    """This user's entry. All of it can be given, for a system that is not this one."""
    home = Path.home() if home is None else home
    environ = os.environ if environ is None else environ
    command = own_command() if command is None else command
    place, write = _PLACES.get(platform, (_xdg_folder, _desktop_entry))
    return Autostart(place(home, environ), write(command))


def own_command() -> list[str]:
    """What starts this installation: its own program if there is one, else its Python with the package."""
    folder = Path(sys.executable).parent
    for name in (NAME, f"{NAME}.exe"):
        with suppress(OSError):
            if (folder / name).is_file():
                return [str(folder / name), "run"]
    return [sys.executable, "-m", "voice_triage", "run"]


def _xdg_folder(home: Path, environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "autostart" / f"{NAME}.desktop"


def _launch_agents(home: Path, environ: Mapping[str, str]) -> Path:
    del environ
    return home / "Library" / "LaunchAgents" / f"{NAME}.plist"


def _startup_folder(home: Path, environ: Mapping[str, str]) -> Path:
    roaming = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    return roaming / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "Startup" / f"{NAME}.cmd"


def _desktop_entry(command: Sequence[str]) -> bytes:
    """Desktop Entry Specification 1.5; how arguments are quoted is in its section on the Exec key."""
    quoted = " ".join('"' + _NEEDS_ESCAPE.sub(r"\\\1", part) + '"' for part in command)
    line = quoted.replace("\\", "\\\\").replace("%", "%%")
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=Voice Triage\n"
        f"Comment={_ABOUT}\n"
        f"Exec={line}\n"
        "Terminal=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    ).encode()


def _launch_agent(command: Sequence[str]) -> bytes:
    """See ``man launchd.plist``."""
    return plistlib.dumps(
        {
            "Label": NAME,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ProcessType": "Interactive",
        }
    )


def _startup_script(command: Sequence[str]) -> bytes:
    """In UTF-8, which the first line tells cmd.exe; the window is minimized, and closing it ends the program."""
    quoted = " ".join(f'"{part.replace("%", "%%")}"' for part in command)
    return f'@chcp 65001 >nul\r\n@start "Voice Triage" /min {quoted}\r\n'.encode()


_PLACES: dict[str, tuple[Callable[[Path, Mapping[str, str]], Path], Callable[[Sequence[str]], bytes]]] = {
    "darwin": (_launch_agents, _launch_agent),
    "win32": (_startup_folder, _startup_script),
}


def _cannot(be: str, path: Path, error: OSError) -> str:
    return f"{path} cannot be {be} ({error.strerror}). Check that this user may write to its folder."
