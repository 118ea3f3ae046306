"""Programs and libraries of the operating system that pip cannot install. Standard library only."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from _steps import SetupError, run_step, say


@dataclass(frozen=True)
class SystemPackage:
    """One package of Debian, and how to see that what it brings is there, from wherever it came."""

    name: str
    needed_for: str
    is_there: Callable[[], bool]


def _any_program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def _pulse_plugin() -> bool:
    folders = [Path("/usr/lib"), Path("/usr/lib64"), *Path("/usr/lib").glob("*-linux-gnu*")]
    return any((folder / "alsa-lib" / "libasound_module_pcm_pulse.so").exists() for folder in folders)


_HEADSET = "hearing a live headset"
FOR_RUN = (
    SystemPackage("libportaudio2", _HEADSET, lambda: bool(ctypes.util.find_library("portaudio"))),
    SystemPackage("libasound2-plugins", _HEADSET, _pulse_plugin),
    SystemPackage("pulseaudio-utils", _HEADSET, _any_program("parec")),
)
FOR_TEST = (
    *FOR_RUN,
    SystemPackage("pulseaudio", "the tests with a virtual headset", _any_program("pulseaudio")),
    SystemPackage(
        "chromium",
        "the tests of the console in a real browser",
        _any_program("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    ),
)


def install_system_packages(packages: Sequence[SystemPackage]) -> None:
    """Install what is missing, as root on a Debian; else say exactly what is missing, and return all the same."""
    if not sys.platform.startswith("linux"):
        return  # the wheels for Windows and macOS bring PortAudio; other tests skip there
    missing = [package for package in packages if not package.is_there()]
    if not missing:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        try:
            apt_install([package.name for package in missing])
        except SetupError as error:
            say(str(error))
    still = [package for package in missing if not package.is_there()]
    for package in still:
        say(f"    Missing: {package.name}, needed for {package.needed_for}. Going on without it.")
    if still and shutil.which("apt-get"):
        names = " ".join(package.name for package in still)
        say(f"    To install: sudo apt-get install --no-install-recommends {names}")


def apt_install(names: Sequence[str]) -> None:
    """Install Debian packages; raises SetupError."""
    advice = "Look at apt's messages above, then run this again."
    settings = {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends", *names]
    update = ["apt-get", "update"]
    if any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        try:
            run_step(f"Installing {' '.join(names)}", command, advice="", extra=settings)
        except SetupError:
            say("    Trying again with fresh package lists.")
        else:
            return
    run_step("Updating the lists of system packages", update, advice=advice, extra=settings)
    run_step(f"Installing {' '.join(names)}", command, advice=advice, extra=settings)
