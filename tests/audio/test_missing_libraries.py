"""What is not installed is an error that says what to install; nothing else breaks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from voice_triage import resources


def run_without(module: str, error: str, code: str, folder: Path) -> str:
    """Run ``code`` where importing ``module`` fails with ``error``; returns the AudioError's message."""
    (folder / f"{module}.py").write_text(f"raise {error}\n", encoding="utf-8")
    script = (
        "from voice_triage.errors import AudioError\n"
        f"try:\n    {code}\nexcept AudioError as error:\n    print(error)\nelse:\n    raise SystemExit('no error')\n"
    )
    environment = {"PYTHONPATH": f"{folder}:{resources.PACKAGE_DIR.parent}", "PATH": "", "HOME": str(folder)}
    command = [sys.executable, "-B", "-c", script]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.skipif(sys.platform != "linux", reason="wheels for other systems bring PortAudio")
@pytest.mark.parametrize(
    ("library", "error", "module", "call", "remedy"),
    [
        ("sounddevice", "OSError('no PortAudio')", "portaudio", "check_pulse_device()", "libportaudio2"),
        ("sounddevice", "OSError('no PortAudio')", "portaudio", "version()", "libasound2-plugins"),
        ("sounddevice", "ImportError", "portaudio", "sounddevice()", "scripts/run"),
        ("pulsectl", "OSError('libpulse.so.0')", "pulse", "PulseServer()", "libpulse0"),
        ("pulsectl", "ImportError", "pulse", "PulseServer()", "scripts/run"),
    ],
)
def test_a_missing_library_says_what_to_install(
    tmp_path: Path, library: str, error: str, module: str, call: str, remedy: str
) -> None:
    """By the name of the package that brings it."""
    code = f"from voice_triage.audio import {module}; {module}.{call}"
    assert remedy in run_without(library, error, code, tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="the sound server is Linux's")
def test_a_missing_sound_server_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And none is started."""
    from voice_triage.audio.pulse import PulseServer
    from voice_triage.errors import AudioError

    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(AudioError, match="systemctl --user restart"):
        PulseServer()


def test_hearing_one_program_only_needs_parec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so."""
    from voice_triage.audio.parec import StreamInput
    from voice_triage.errors import AudioError

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AudioError, match="pulseaudio-utils"):
        StreamInput("x.monitor", 1, 16000, "tag", lambda _sound, _arrived, _loss: None)
