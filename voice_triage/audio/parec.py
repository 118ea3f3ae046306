"""One program's sound alone, of all that a headset plays: recorded by ``parec``, since PortAudio cannot ask for it."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable

from voice_triage.audio.sound_server import TAG_PROPERTY
from voice_triage.errors import AudioError

PERIOD_MS = 40
LATENCY_MS = 40
END_S = 2.0


class StreamInput:
    """A running recording of one player's stream. It ends when the stream does, or when its sink is unplugged."""

    def __init__(
        self, source: str, stream: int, rate_hz: int, tag: str, on_sound: Callable[[bytes, float, bool], None]
    ) -> None:
        """``source`` is the monitor of the sink that the stream plays to. Raises AudioError if there is no parec."""
        program = shutil.which("parec")
        if program is None:
            raise AudioError(
                "Hearing only the phone program needs the program parec. Install it with: sudo apt-get install "
                "pulseaudio-utils, or set one_program to false."
            )
        self.ended = False
        self._on_sound = on_sound
        self._piece_bytes = rate_hz * PERIOD_MS // 1000 * 2
        self._process = subprocess.Popen(
            [
                program,
                "--raw",
                "--format=s16le",
                "--channels=1",
                f"--rate={rate_hz}",
                f"--latency-msec={LATENCY_MS}",
                f"--device={source}",
                f"--monitor-stream={stream}",
                f"--property={TAG_PROPERTY}={tag}",
                "--property=node.dont-reconnect=true",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._reader = threading.Thread(target=self._read, name="parec", daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Stop it. Idempotent."""
        self._process.kill()
        self._reader.join(END_S)
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as sound:
            while len(piece := sound.read(self._piece_bytes)) == self._piece_bytes:
                self._on_sound(piece, time.monotonic(), False)
        self.ended = True
