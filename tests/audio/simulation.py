"""Calls as they go wrong: a seeded run of unplugging, moving, hanging and crashing, with other sound all around.

The client is one tone, the speakers and the CSR's microphone are others; so what was heard tells where it came from.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.audio.listening import HeardCall, Listening, listening
from tests.audio.sound_server import (
    MICROPHONE_FEED,
    PATIENCE_S,
    SPEAKERS,
    Headset,
    Softphone,
    SoundServerProcess,
)
from tests.audio.sounds import CLIENT_HZ, CSR_HZ, SPEAKERS_HZ, share_of, tone, write_wav
from voice_triage.events import Block

LEAK = 0.05
"""Share of a foreign tone's peak, in any 20 ms, that counts as a leak. The ends of tones give 0.01."""
TONE_S = 120.0
RATES_HZ = (8000, 16000, 32000, 44100, 48000)
ORDINARY = {"replug": 6, "other program's device": 2, "recording moved": 1}
"""What happens, and how often in comparison."""
RARE = {"server hangs": 1, "server crashes": 1}


@dataclass
class Outcome:
    """What came of a run."""

    calls: int = 0
    heard_s: float = 0.0
    missing_s: float = 0.0
    gaps: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    windows: int = 0
    """Of 20 ms."""
    leaks: int = 0
    """Windows with foreign sound."""
    worst_share: float = 0.0
    back_s: list[float] = field(default_factory=list)
    """Seconds from when the call was on the headset again until it was heard again."""

    def add(self, call: HeardCall) -> None:
        """Look through one call that is over. Fails if any of it is neither heard nor told to be missing."""
        call.assert_no_hole()
        self.calls += 1
        for item in call.items:
            if not isinstance(item, Block):
                self.gaps += 1
                self.missing_s += item.duration_s
                continue
            self.heard_s += item.end_s - item.start_s
            for hz in (SPEAKERS_HZ, CSR_HZ):
                share = share_of(hz, item.samples, item.rate_hz)
                self.windows += len(share) if hz == CSR_HZ else 0
                self.leaks += int((share > LEAK).sum())
                self.worst_share = max(self.worst_share, float(share.max(initial=0.0)))


class Simulation:
    """Calls on one server, one after another."""

    def __init__(self, server: SoundServerProcess, folder: Path, seed: int, *, rare: bool) -> None:
        """``rare``: the server also hangs and crashes."""
        self.outcome = Outcome()
        self._server = server
        self._chance = random.Random(seed)
        self._kinds = ORDINARY | RARE if rare else ORDINARY
        self._client = {
            rate: write_wav(folder / f"c{rate}.wav", tone(TONE_S, rate, CLIENT_HZ), rate) for rate in RATES_HZ
        }
        self._others = write_wav(folder / "others.wav", tone(TONE_S, 48000, SPEAKERS_HZ), 48000)
        self._csr = write_wav(folder / "csr.wav", tone(TONE_S, 16000, CSR_HZ), 16000)

    def run(self, *, calls: int, disturbances: int, done: Callable[[Outcome], None] = lambda _outcome: None) -> Outcome:
        """So many calls with so many disturbances each; ``done`` is told after each call."""
        with listening() as desk:
            for _ in range(calls):
                self._call(desk, disturbances)
                done(self.outcome)
        return self.outcome

    def _call(self, desk: Listening, disturbances: int) -> None:
        self._server.clean()
        self._server.play(self._others, SPEAKERS)
        headset = self._plug()
        phone = self._server.softphone(self._client[self._rate_hz], headset)
        call = desk.call()
        call.wait_for_sound(self._chance.uniform(0.3, 1.5))
        for _ in range(disturbances):
            kind = self._chance.choices(list(self._kinds), list(self._kinds.values()))[0]
            headset, phone = self._disturb(kind, headset, phone)
            self.outcome.happened[kind] += 1
            on_headset = time.monotonic()
            call.wait_for_sound(0.04)
            self.outcome.back_s.append(time.monotonic() - on_headset)
            call.wait_for_sound(self._chance.uniform(0.1, 1.5))
        phone.hang_up()
        assert call.over.wait(PATIENCE_S)
        self.outcome.add(call)

    def _disturb(self, kind: str, headset: Headset, phone: Softphone) -> tuple[Headset, Softphone]:
        server, chance = self._server, self._chance
        if kind == "replug":
            server.unplug(headset)
            time.sleep(chance.choice((0.0, 0.05, chance.uniform(0.1, 1.5))))
            headset = self._plug()
            time.sleep(chance.choice((0.0, chance.uniform(0.0, 0.5))))
            phone.move_to(headset)
        elif kind == "other program's device":
            server.pactl("move-sink-input", server.streams_of(phone.process, "sink-input")[0], SPEAKERS)
            time.sleep(chance.uniform(0.0, 0.6))
            phone.move_to(headset)
        elif kind == "recording moved":
            where = chance.choice((f"{SPEAKERS}.monitor", headset.microphone))
            for recording in server.streams_tagged():
                with contextlib.suppress(subprocess.CalledProcessError):  # PipeWire refuses
                    server.pactl("move-source-output", recording, where)
        elif kind == "server hangs":
            server.signal(signal.SIGSTOP)
            time.sleep(chance.uniform(0.3, 2.5))
            server.signal(signal.SIGCONT)
        elif kind == "server crashes":
            server.kill()
            time.sleep(chance.uniform(0.0, 1.0))
            server.start()
            server.play(self._others, SPEAKERS)
            headset = self._plug()
            phone = server.softphone(self._client[self._rate_hz], headset, process=int(phone.process))
        return headset, phone

    def _plug(self) -> Headset:
        self._rate_hz = self._chance.choice(RATES_HZ)
        headset = self._server.plug(rate_hz=self._rate_hz, channels=self._chance.choice((1, 2)))
        self._server.play(self._csr, MICROPHONE_FEED)
        return headset
