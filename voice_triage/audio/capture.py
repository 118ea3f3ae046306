"""One side's recording, guarded: only sound that provably comes from the wanted device gets through.

Sound servers move a recording to another device when its own is unplugged (the speakers, or the CSR's microphone) and
tell nobody (``capture.md``). So every piece of sound is held until the server, asked after the piece had arrived, still
has the recording on the wanted device, and no change of it was told in between. What cannot be proven is dropped and
becomes a gap; the recording is opened anew.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from voice_triage.audio.sound_server import NO_INDEX, Change, Snapshot, SoundServer
from voice_triage.audio.timeline import Piece
from voice_triage.errors import AudioError
from voice_triage.events import Side

log = logging.getLogger(__name__)

QUARANTINE_S = 0.02
"""How much older than the proof a piece must be. PulseAudio answers in order, so any age would do; PipeWire's answers
come from another process than its sound."""
STALL_S = 1.0
"""A recording that gives nothing for so long is opened anew."""
REOPEN_S = 3.0
"""How long a newly opened recording may take to be shown and to give sound, and how long one that cannot be opened is
left alone."""
LONGEST_STEP_S = 0.25
"""A longer pause between two looks is this program's own (a computer asleep or overloaded), not the device's."""
MOVED_REOPEN_S = 0.2
"""Pause before a recording that was moved or ended is opened anew, lest two programs move it to and fro."""
SETTLE_S = 0.1
"""After a change of the recording, sound from before it may still be on its way for so long."""
MUTED = "The headset's sound is muted for recording. Switch it on in the computer's sound settings."
NOT_SHOWN = "The sound server does not show our recording, so nothing of it can be used. It is tried again by itself."
HELD_PIECES = 3000
"""A minute. More is held only if the server does not answer, and then none of it can be proven."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be recorded."""

    source: str
    index: int
    """The server's number of the source: a device that was unplugged and came back has another one."""
    rate_hz: int
    stream: int | None = None
    """Only this player's sound, of all that the sink plays."""


class Input(Protocol):
    """A running recording."""

    ended: bool
    """Whether there will be no more sound."""

    def close(self) -> None:
        """Stop it. Idempotent; may wait for a server that hangs."""


class OpenInput(Protocol):
    """Opens recordings: :func:`voice_triage.audio.portaudio.open_pulse_input`, or a scripted one in tests."""

    def __call__(self, target: Target, tag: str, on_sound: Callable[[bytes, float, bool], None]) -> Input:
        """Record ``target`` with the property ``tag``; ``on_sound`` gets samples, ``time.monotonic()``, loss before.

        Raises AudioError.
        """


class Listener(Protocol):
    """What a capture tells, on the thread that uses it."""

    def heard(self, side: Side, piece: Piece) -> None:
        """Proven sound."""

    def interrupted(self, side: Side, reason: str) -> None:
        """The next piece does not follow the last."""


class _Recording:
    """One opened recording and what came from it; what comes late from an earlier one ends nowhere."""

    def __init__(self, target: Target, open_input: OpenInput) -> None:
        self.tag = secrets.token_hex(8)
        self.held: deque[Piece] = deque(maxlen=HELD_PIECES)
        self.arrived: float | None = None
        """When the newest piece came."""
        self.recorder: int | None = None
        """The server's number of it; None until it was found by its tag."""
        self.proven: float | None = None
        """When the last proof was asked for; None before the first and after a change."""
        self.delivered = False
        self.unsure_until = 0.0
        """What arrives before that may be older than the last change."""
        self.silent_s = 0.0
        self.unfound_s = 0.0
        self._rate_hz = target.rate_hz
        self._seen: float | None = None
        self.input = open_input(target, self.tag, self._take)

    def is_silent(self) -> bool:
        """Whether nothing has come since the last time this was asked."""
        seen, self._seen = self._seen, self.arrived
        return seen == self._seen

    def _take(self, data: bytes, arrived: float, after_loss: bool) -> None:
        self.held.append(Piece(np.frombuffer(data, dtype=np.int16), self._rate_hz, arrived, after_loss))
        self.arrived = arrived


class Capture:
    """Records one side. Used by one thread; only the sound itself comes on the audio thread."""

    def __init__(
        self, side: Side, open_input: OpenInput, listener: Listener, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.side = side
        self._trouble = ""
        self._muted = ""
        self._open_input = open_input
        self._listener = listener
        self._monotonic = monotonic
        self._target: Target | None = None
        self._recording: _Recording | None = None
        self._open_again = 0.0

    @property
    def trouble(self) -> str:
        """One plain sentence while there is no sound to be had although there should be; else empty."""
        return self._trouble or self._muted

    @property
    def is_found(self) -> bool:
        """Whether a recording runs and the server has shown it."""
        return self._recording is not None and self._recording.recorder is not None

    def look_in_s(self, longest_s: float) -> float:
        """How long :meth:`aim` can wait: at most ``longest_s``, less if a recording is to be opened or found."""
        if self._target is None:
            return longest_s
        if self._recording is None:
            return min(max(0.0, self._open_again - self._monotonic()), longest_s)
        return longest_s if self._recording.recorder is not None else 0.0

    def aim(self, target: Target | None, why_not: str, snapshot: Snapshot) -> None:
        """Record ``target`` from now on, and find the recording in the snapshot; None: nothing, because ``why_not``."""
        if target is None:
            self._trouble, self._muted = why_not, ""
            self._stop(why_not)
            self._target, self._open_again = None, 0.0
            return
        if self._target != target:
            self._stop("The headset changed.")
            self._target, self._open_again = target, 0.0
        if self._recording is None:
            self._start(target)
            return
        ours = next((each for each in snapshot.recorders if each.tag == self._recording.tag), None)
        if ours is not None and ours.index != self._recording.recorder:
            self._recording.recorder = ours.index
            self._recording.held.clear()  # where it was until now, nobody has watched
        muted = {source.index for source in snapshot.sources if source.muted}
        is_muted = target.index in muted or (ours is not None and ours.muted)
        self._muted = MUTED if is_muted else ""

    def note(self, changes: Iterable[Change]) -> None:
        """Take in what the server told. A change of our own recording makes all that is held unprovable."""
        ours = self._recording
        if ours is None or ours.recorder is None:
            return
        if any((each.thing, each.index) == ("recorder", ours.recorder) and each.kind != "new" for each in changes):
            self._drop(ours, "The sound server changed the recording.")
            ours.unsure_until = self._monotonic() + SETTLE_S

    def check(self, server: SoundServer) -> bool:
        """Whether the recording is on the wanted device now, as the server says. Raises AudioError if that is gone."""
        ours, target = self._recording, self._target
        if ours is None or target is None:
            return False
        if ours.input.ended:
            self._stop("The sound server ended the recording.")
            self._open_again = self._monotonic() + MOVED_REOPEN_S
            return False
        if ours.recorder is None:
            return False
        source = server.source_of(ours.recorder)
        # PipeWire connects the recording of a player's stream to that stream itself, which no device stands for.
        if source == target.index or (target.stream is not None and source == NO_INDEX):
            return True
        log.warning("%s: the recording was moved to another device; what came from there is dropped", self.side)
        self._stop("The sound server moved the recording to another device.")
        self._open_again = self._monotonic() + MOVED_REOPEN_S
        return False

    def release(self, asked: float) -> None:
        """Let through what arrived :data:`QUARANTINE_S` or more before ``asked``, when a proof was asked for."""
        if self._recording is not None:
            self._recording.proven = asked
            self._release(self._recording, asked - QUARANTINE_S)

    def finish(self, server: SoundServer, reason: str = "") -> None:
        """Let through what the last proof covers, and stop. ``reason``: why, if more may come after it."""
        ours = self._recording
        if ours is not None and ours.proven is not None and self.check(server):
            self._release(ours, ours.proven)
        self._stop(reason)

    def watch(self, waited_s: float, asked_s: float) -> None:
        """Notice a recording that stands still.

        ``waited_s`` and ``asked_s``: how long was waited, and how long the server took to answer, since the last time.
        """
        ours = self._recording
        if ours is None:
            return
        passed_s = min(waited_s, LONGEST_STEP_S) + asked_s
        if ours.recorder is None:
            ours.unfound_s += passed_s
            if ours.unfound_s >= REOPEN_S:
                self._trouble = NOT_SHOWN
                self._stop("The sound server did not show the recording.")
                return
        if ours.is_silent():
            ours.silent_s += passed_s
        else:  # also if it came while the server did not answer: where it is from cannot be told
            ours.silent_s = asked_s
        if ours.silent_s >= (STALL_S if ours.arrived is not None else REOPEN_S):
            log.warning("%s: no sound for %.1f s; the recording is opened anew", self.side, ours.silent_s)
            self._trouble = "No sound comes from the headset. Check that it is on; it is tried again by itself."
            self._stop("No sound came from the headset.")

    def close(self) -> None:
        """Stop recording. Idempotent."""
        self._stop("")
        self._target = None

    def _start(self, target: Target) -> None:
        if self._monotonic() < self._open_again:
            return
        try:
            self._recording = _Recording(target, self._open_input)
        except AudioError as error:
            self._trouble = str(error)
            self._open_again = self._monotonic() + REOPEN_S

    def _stop(self, reason: str) -> None:
        stopped, self._recording = self._recording, None
        if stopped is not None:
            self._drop(stopped, reason)
            stopped.input.close()

    def _drop(self, ours: _Recording, reason: str) -> None:
        ours.held.clear()
        ours.proven = None
        if ours.delivered and reason:
            ours.delivered = False
            self._listener.interrupted(self.side, reason)

    def _release(self, ours: _Recording, until: float) -> None:
        while ours.held and ours.held[0].arrived <= until:
            piece = ours.held.popleft()
            if piece.arrived < ours.unsure_until:
                continue
            self._trouble = ""
            ours.delivered = True
            self._listener.heard(self.side, piece)
