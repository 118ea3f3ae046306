"""Real sound servers for tests: PulseAudio, and PipeWire with pipewire-pulse, without hardware, root or desktop.

Each runs in a private folder and touches nothing of the user's. Headsets are null sinks with the properties of real
ones; a headset's microphone is a second null sink, into which tests play what the CSR says. A softphone is a player and
a recorder that name the same process, as one program would.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voice_triage.audio.sound_server import TAG_PROPERTY

ADDRESS = "AA_BB_CC_DD_EE_FF"
SPEAKERS = "speakers"
MICROPHONE_FEED = "fake_mic_feed"
"""Sink into which is played what the headset's microphone hears."""
PATIENCE_S = 30.0
"""A loaded machine takes its time; only something that never happens fails a test."""

PROGRAMS = {
    "pulse": ("pulseaudio", "pactl", "paplay", "parec"),
    "pipewire": ("pipewire", "wireplumber", "pipewire-pulse", "dbus-daemon", "pactl", "paplay", "parec"),
}
"""What each server needs; Debian: pulseaudio pulseaudio-utils, and pipewire wireplumber pipewire-pulse dbus."""


def missing_programs(kind: str) -> list[str]:
    """Programs that a server needs and that are not installed."""
    return [name for name in PROGRAMS[kind] if shutil.which(name) is None]


def wait_until(what: Callable[[], object], *, patience_s: float = PATIENCE_S) -> None:
    """Until ``what`` is true; fails if that never happens."""
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s in vain"
        time.sleep(0.02)


@dataclass
class Headset:
    """A fake headset that is plugged in."""

    sink: str
    microphone: str
    modules: list[str] = field(default_factory=list)


class SoundServerProcess:
    """One server with all its daemons, in a folder of its own."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.folder = Path(tempfile.mkdtemp(prefix="vt-"))  # short: a socket's path has at most 107 characters
        (self.folder / "pulse").mkdir()
        self.socket = self.folder / "pulse" / "native"
        self.own_environment = {
            "XDG_RUNTIME_DIR": str(self.folder),
            "PULSE_SERVER": f"unix:{self.socket}",
            "PULSE_COOKIE": str(self.folder / "cookie"),
        }
        """What the process under test needs to find this server and nothing of the user's."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PULSE_", "PIPEWIRE_", "XDG_", "DBUS_"))}
        self.environment = {
            **inherited,
            **self.own_environment,
            "HOME": str(self.folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/bus",
        }
        self._daemons: list[subprocess.Popen[bytes]] = []
        self._clients: list[subprocess.Popen[bytes]] = []
        self._headsets: list[Headset] = []
        self._next_process = 70000
        self.start()

    # --- the server ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start all daemons, with a pair of speakers, which is the default device."""
        if self.kind == "pulse":
            self._daemon(
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no",
                "-L", f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}",
                "-L", f"module-null-sink norewinds=1 sink_name={SPEAKERS} rate=48000 channels=2",
                ready=self.socket.exists,
            )  # fmt: skip
        else:
            bus, core = self.folder / "bus", self.folder / "pipewire-0"
            self._daemon("dbus-daemon", "--session", f"--address=unix:path={bus}", "--nofork", "--nopidfile",
                         ready=bus.exists)  # fmt: skip
            self._daemon("pipewire", ready=core.exists)
            self._daemon("wireplumber")
            self._daemon("pipewire-pulse", ready=self.socket.exists)
            wait_until(lambda: "WirePlumber [export]" in self.pactl("list", "clients"))
            self.pactl("load-module", "module-null-sink", f"sink_name={SPEAKERS}", "rate=48000", "channels=2")
        self.pactl("set-default-sink", SPEAKERS)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all daemons: SIGSTOP and SIGCONT make the server hang and go on."""
        for daemon in self._daemons:
            if daemon.poll() is None:
                daemon.send_signal(number)

    def kill(self) -> None:
        """End the server at once, as a crash would; everything plugged in is gone with it."""
        self.signal(signal.SIGKILL)
        for daemon in self._daemons:
            daemon.wait()
        self._daemons = []
        self._headsets = []
        for path in (self.socket, self.folder / "bus", self.folder / "pipewire-0"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """End everything and remove the folder."""
        self.clean()
        for daemon in reversed(self._daemons):
            daemon.terminate()
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pactl(self, *arguments: str) -> str:
        """Run pactl; returns what it prints."""
        done = subprocess.run(
            ["pactl", *arguments], env=self.environment, check=True, capture_output=True, text=True, timeout=PATIENCE_S
        )
        return done.stdout.strip()

    # --- devices -------------------------------------------------------------------------------------------------

    def plug(
        self,
        *,
        rate_hz: int = 16000,
        channels: int = 1,
        profile: str = "headset_head_unit",
        address: str = ADDRESS,
        name: str = "Fake Headset",
        suffix: str = "1",
    ) -> Headset:
        """Connect a Bluetooth headset. ``suffix`` ends its sink's name, which differs between profiles."""
        headset = Headset(f"bluez_output.{address}.{suffix}", f"bluez_input.{address}.0")
        properties = (
            f'device.description="{name}" device.bus=bluetooth device.api=bluez device.form_factor=headset '
            f"bluetooth.protocol={profile}"
        )
        self._load(headset, "module-null-sink", "norewinds=1", f"sink_name={headset.sink}", f"rate={rate_hz}",
                   f"channels={channels}", f"channel_map={'mono' if channels == 1 else 'front-left,front-right'}",
                   f"sink_properties='{properties}'")  # fmt: skip
        if profile.startswith("headset"):
            self._load(headset, "module-null-sink", "norewinds=1", f"sink_name={MICROPHONE_FEED}", f"rate={rate_hz}",
                       "channels=1", "channel_map=mono")  # fmt: skip
            self._load(headset, "module-remap-source", f"master={MICROPHONE_FEED}.monitor", "channels=1",
                       "channel_map=mono", f"source_name={headset.microphone}",
                       f"source_properties='{properties}'")  # fmt: skip
        self._headsets.append(headset)
        return headset

    def unplug(self, headset: Headset) -> None:
        """Disconnect a headset."""
        for module in reversed(headset.modules):
            self.pactl("unload-module", module)
        self._headsets.remove(headset)

    # --- programs ------------------------------------------------------------------------------------------------

    def play(self, sound: Path, device: str, **properties: str) -> subprocess.Popen[bytes]:
        """A program that plays a file. Its buffer is long enough for a loaded machine: a short one loses sound."""
        return self._client("paplay", "--latency-msec=500", f"--device={device}", *_properties(properties), str(sound))

    def record(self, device: str, **properties: str) -> subprocess.Popen[bytes]:
        """A program that records a microphone."""
        return self._client("parec", "--raw", f"--device={device}", *_properties(properties))

    def softphone(self, sound: Path, headset: Headset, *, process: int = 0) -> Softphone:
        """A call: one program plays what the client says to the headset and records its microphone."""
        self._next_process += 1
        return Softphone(self, sound, headset, process or self._next_process)

    def streams_of(self, program: str, kind: str) -> list[str]:
        """Numbers of a program's streams; ``kind`` is ``sink-input`` (it plays) or ``source-output`` (it records)."""
        listed = self.pactl("list", f"{kind}s").split(f"{kind.replace('-', ' ').title()} #")[1:]
        mark = f'application.process.id = "{program}"'
        return [each.split("\n", 1)[0].strip() for each in listed if mark in each]

    def streams_tagged(self) -> list[str]:
        """Numbers of the product's own recordings."""
        listed = self.pactl("list", "source-outputs").split("Source Output #")[1:]
        return [each.split("\n", 1)[0].strip() for each in listed if TAG_PROPERTY in each]

    def clean(self) -> None:
        """End all programs and unplug everything."""
        for client in self._clients:
            if client.poll() is None:
                client.kill()
            client.wait()
        self._clients = []
        for headset in list(self._headsets):
            self.unplug(headset)

    def _load(self, headset: Headset, *arguments: str) -> None:
        headset.modules.append(self.pactl("load-module", *arguments))

    def _client(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "clients.log").open("ab") as log:
            client = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=log)
        self._clients.append(client)
        return client

    def _daemon(self, *command: str, ready: Callable[[], bool] = lambda: True) -> None:
        with (self.folder / "daemons.log").open("ab") as log:
            self._daemons.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))
        wait_until(ready)


class Softphone:
    """A program on a call."""

    def __init__(self, server: SoundServerProcess, sound: Path, headset: Headset, process: int) -> None:
        self.process = str(process)
        properties = {"application.process.id": self.process, "application.name": "Softphone"}
        self._server = server
        self._recorder = server.record(headset.microphone, **properties)
        self.player = server.play(sound, headset.sink, **properties)

    def move_to(self, headset: Headset) -> None:
        """Use this headset from now on, as a softphone does that finds its headset again."""
        # PipeWire may forget it while it is still busy with a headset that has just come.
        wait_until(lambda: self._moved("sink-input", "sinks", headset.sink))
        wait_until(lambda: self._moved("source-output", "sources", headset.microphone))

    def _moved(self, kind: str, devices: str, name: str) -> bool:
        """Move a stream of ours; whether it already was there."""
        (stream,) = self._server.streams_of(self.process, kind)
        listed = (line.split("\t") for line in self._server.pactl("list", "short", devices).splitlines())
        number = next(columns[0] for columns in listed if columns[1] == name)
        streams = (line.split("\t") for line in self._server.pactl("list", "short", f"{kind}s").splitlines())
        if any(columns[:2] == [stream, number] for columns in streams):
            return True
        self._server.pactl(f"move-{kind}", stream, name)
        return False

    def hang_up(self) -> None:
        """End the call."""
        for program in (self.player, self._recorder):
            program.terminate()
            program.wait()


def _properties(properties: dict[str, str]) -> Sequence[str]:
    return [f"--property={name}={value}" for name, value in properties.items()]
