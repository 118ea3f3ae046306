"""One call on a headset, as a source: the client from pick-up to hang-up, and if wanted the CSR's own side."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from voice_triage.audio.capture import Capture, OpenInput, Target
from voice_triage.audio.headset import OnCall, choose, device_of, far_end, in_call, microphone_of, stream_of
from voice_triage.audio.sound_server import Change, Sink, Snapshot, SoundServer
from voice_triage.audio.timeline import Origin, Piece, Timeline
from voice_triage.errors import AudioError
from voice_triage.events import Block, Gap, Side

log = logging.getLogger(__name__)

BLOCK_MS = 40
"""Sound reaches a listener within 150 ms with this; every further millisecond is one more."""
TICK_S = 0.05
"""How often the way of the sound is proven."""
LOOK_EVERY_S = 1.0
"""How often everything is looked at, besides whenever the server tells a change."""
HANG_UP_S = 1.0
"""How long a program must be off its call until that is a hang-up; meanwhile nothing is let through. Programs that open
their streams anew for another device take less, and two calls are not to become one."""
COME_BACK_S = 10.0
"""The same after the headset or the sound server was gone: programs take a while to find them again."""
SERVER_GONE_S = 60.0
"""Without a sound server for so long, the call is taken for ended."""
RECONNECT_S = (0.1, 1.0)
"""First and longest pause between attempts to reach the server again."""
QUEUE_PIECES = 3000
"""A minute of one side. A consumer that is further behind loses sound, and is told."""
NO_ANSWER_S = 1.5
NO_ANSWER = "The computer's sound service does not answer. Listening goes on by itself once it does."
PAUSED = "Listening is paused."
OFF_THE_CALL = "The phone program is off the call."
STOP_GRACE_S = 0.5
JOIN_S = 2.0
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8000, 48000
"""Of a recording; the sound server converts what a device has beyond that."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How a headset is reached: the adapters of this system."""

    connect: Callable[[], SoundServer]
    """A new connection to the sound server. Raises AudioError."""
    open_input: OpenInput
    check: Callable[[], None] = lambda: None
    """Raises AudioError, saying what to install, if nothing can be recorded."""
    monotonic: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be heard; the settings of the same names."""

    headset: str = ""
    """The only headset to use (:func:`voice_triage.audio.headset.is_called`); empty: by the rule."""
    own_side: bool = False
    """Whether the CSR's microphone is heard too, on its own side."""
    one_program: bool = False
    """Whether only the phone program is heard, of all that the headset plays."""
    block_ms: int = BLOCK_MS


@dataclass(frozen=True, slots=True)
class _Interrupted:
    side: Side
    reason: str


@dataclass(frozen=True, slots=True)
class _Ended:
    at: float
    failure: Exception | None = None


class _Intake:
    """From the worker to whoever iterates: proven sound in order, bounded. Sound that finds no room is a gap later."""

    def __init__(self) -> None:
        self.queue: queue.Queue[tuple[Side, Piece] | _Interrupted | _Ended] = queue.Queue(QUEUE_PIECES)
        self._overflowed: set[Side] = set()

    def heard(self, side: Side, piece: Piece) -> None:
        """As in capture.Listener."""
        try:
            if side in self._overflowed:
                self.queue.put_nowait(_Interrupted(side, "The computer could not keep up with the call."))
                self._overflowed.discard(side)
            self.queue.put_nowait((side, piece))
        except queue.Full:
            self._overflow(side)

    def interrupted(self, side: Side, reason: str) -> None:
        """As in capture.Listener."""
        try:
            self.queue.put_nowait(_Interrupted(side, reason))
        except queue.Full:
            self._overflow(side)

    def end(self, ended: _Ended, stopped: threading.Event) -> None:
        """Say that nothing more comes; given up if nobody takes anything any more."""
        while True:
            try:
                return self.queue.put(ended, timeout=1.0)
            except queue.Full:
                if stopped.is_set():
                    return None

    def _overflow(self, side: Side) -> None:
        if side not in self._overflowed:
            log.error("%s: sound is taken too slowly and is lost", side)
        self._overflowed.add(side)


class HeadsetSource:
    """An :class:`~voice_triage.audio.source.AudioSource`: one call, heard from when this is made.

    Sound comes only while the call's program provably plays on the headset and the recording is provably the headset's
    (:mod:`voice_triage.audio.capture`); every other stretch of the call is a Gap with its length and reason. Both sides
    come in one iteration, each in its own order of time. A headset that is unplugged, changes its profile or comes back
    as another device, and a sound server that is restarted, interrupt the call but do not end it.
    """

    def __init__(
        self,
        call: OnCall | Sink,
        ways: Ways,
        wishes: Wishes | None = None,
        *,
        picked_up: float | None = None,
        tell: Callable[[str], None] = lambda _trouble: None,
    ) -> None:
        """``call`` is the program on a call; or a headset, to be heard as it is until :meth:`stop`.

        ``tell`` gets one plain sentence when the sound is interrupted and an empty one when all is well again, from a
        thread of this source. Listening begins now.
        """
        sink = call.sink if isinstance(call, OnCall) else call
        self.name = sink.description
        self.sample_rate_hz = _target(sink).rate_hz
        self._program = call.program if isinstance(call, OnCall) else None
        self._device = device_of(sink)
        self._ways = ways
        self._wishes = wishes or Wishes()
        self._tell = tell
        self._told = ""
        self._intake = _Intake()
        self._stopped = threading.Event()
        self._paused = threading.Event()
        self._beat = ways.monotonic()
        origin = Origin(picked_up)
        self._lines = {side: Timeline(side, origin, block_ms=self._wishes.block_ms) for side in Side}
        self._client = Capture(Side.CLIENT, ways.open_input, self._intake, ways.monotonic)
        self._own = Capture(Side.OWN, ways.open_input, self._intake, ways.monotonic)
        self._captures = (self._client, self._own) if self._wishes.own_side else (self._client,)
        self._hung_up = False
        self._off_since: float | None = None
        self._patience_s = HANG_UP_S
        self._look_at = 0.0
        self._was_paused = False
        self._worker = threading.Thread(target=self._work, name=f"headset {self.name}", daemon=True)
        self._worker.start()

    def __iter__(self) -> Iterator[Block | Gap]:
        """As in AudioSource; once. Blocks are of ``block_ms``, the last before a gap shorter; the rate may change."""
        lines = self._lines.values()
        stopped_at: float | None = None
        waited_in_vain = 0
        while True:
            heard = self._next()
            now = self._ways.monotonic()
            if isinstance(heard, _Ended):
                yield from itertools.chain(*(line.end(heard.at) for line in lines))
                if heard.failure is not None:
                    raise AudioError("Listening to the headset failed. Start voice-triage again.") from heard.failure
                return
            if isinstance(heard, _Interrupted):
                yield from self._lines[heard.side].interrupt(heard.reason)
            elif heard is not None:
                side, piece = heard
                yield from self._lines[side].sound(piece)
            elif self._stopped.is_set():
                stopped_at = stopped_at or now
                if now - stopped_at > STOP_GRACE_S:  # the worker hangs with the sound server
                    yield from itertools.chain(*(line.end(now) for line in lines))
                    return
            # Twice: if it was this program that stood still, the worker has gone on by then.
            waited_in_vain = waited_in_vain + 1 if heard is None and now - self._beat > NO_ANSWER_S else 0
            if waited_in_vain > 1:
                self._tell_once(NO_ANSWER)
                yield from itertools.chain(*(line.interrupt(NO_ANSWER) for line in lines))
            yield from itertools.chain(*(line.pass_time(now) for line in lines))

    def stop(self) -> None:
        """End the iteration soon, from any thread."""
        self._stopped.set()

    def pause(self) -> None:
        """Let nothing through until :meth:`resume`; the time between is a Gap."""
        self._paused.set()

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        self._paused.clear()

    def close(self) -> None:
        """Stop, and free the device; if the sound server hangs, that happens once it goes on. Idempotent."""
        self.stop()
        self._worker.join(JOIN_S)

    @property
    def ended(self) -> bool:
        """Whether listening has ended, by hang-up or :meth:`stop`."""
        return self._stopped.is_set() or not self._worker.is_alive()

    @property
    def hung_up(self) -> bool:
        """Whether the call ended by itself."""
        return self._hung_up

    def _next(self) -> tuple[Side, Piece] | _Interrupted | _Ended | None:
        try:
            return self._intake.queue.get(timeout=0.1)
        except queue.Empty:
            return None

    def _tell_once(self, trouble: str) -> None:
        if trouble != self._told:
            self._told = trouble
            self._tell(trouble)

    # --- the worker's thread -------------------------------------------------------------------------------------

    def _work(self) -> None:
        ended = _Ended(0.0)
        try:
            ended = _Ended(self._work_until_hang_up())
        except Exception as error:
            log.exception("listening to the headset failed")
            ended = _Ended(self._ways.monotonic(), error)
        finally:
            for capture in self._captures:
                capture.close()
            self._intake.end(ended, self._stopped)

    def _work_until_hang_up(self) -> float:
        """Listen, over as many connections as it takes; returns when the call ended (monotonic)."""
        now = self._ways.monotonic
        pause_s, longest_s = RECONNECT_S
        gone_since: float | None = None
        while not self._stopped.is_set():
            try:
                server = self._ways.connect()
                gone_since, pause_s = None, RECONNECT_S[0]
                try:
                    ended_at = self._listen(server)
                finally:
                    server.close()
                self._hung_up = not self._stopped.is_set()
                return ended_at
            except AudioError as error:
                self._lost(str(error))
            gone_since = gone_since or now()
            if now() - gone_since > SERVER_GONE_S:
                self._hung_up = True
                return gone_since
            self._stopped.wait(pause_s)
            pause_s = min(2 * pause_s, longest_s)
        return now()

    def _lost(self, reason: str) -> None:
        """The server is gone, and with it all recordings."""
        for capture in self._captures:
            capture.aim(None, reason, Snapshot())
        self._off_since, self._patience_s = None, COME_BACK_S
        self._look_at = 0.0
        self._beat = self._ways.monotonic()
        self._tell_once(reason)

    def _listen(self, server: SoundServer) -> float:
        """Listen over one connection; returns when the call ended. Raises AudioError if the connection is lost."""
        now = self._ways.monotonic
        changes: list[Change] = []
        while not self._stopped.is_set():
            began = now()
            if changes or began >= self._look_due(began) or self._paused.is_set() != self._was_paused:
                self._look(server, began)
                if self._off_since is not None and began - self._off_since >= self._patience_s:
                    return self._off_since
            if any(capture.is_found for capture in self._captures):
                # Not waiting for changes saves a third of the computing: they come with the answers below.
                time.sleep(TICK_S)
                changes = []
            else:
                changes = server.wait(TICK_S)
            changes += self._prove(server, began)
            self._beat = now()
            self._tell_once(self._client.trouble)
        stopped_at = now()
        for capture in self._captures:
            capture.finish(server)
        return stopped_at

    def _look_due(self, now: float) -> float:
        """When everything is to be looked at, if nothing changes before."""
        return min(self._look_at, *(now + capture.look_in_s(LOOK_EVERY_S) for capture in self._captures))

    def _prove(self, server: SoundServer, began: float) -> list[Change]:
        """Let through what is proven to be from where it should be; returns what changed meanwhile."""
        asked = self._ways.monotonic()
        proven = [capture for capture in self._captures if capture.check(server)]
        answered = self._ways.monotonic()
        changes = server.changes()
        for capture in self._captures:
            capture.note(changes)
            capture.watch(asked - began, answered - asked)
        for capture in proven if not changes else ():  # after a change, look again before anything is let through
            capture.release(asked)
        return changes

    def _look(self, server: SoundServer, now: float) -> None:
        """Find out anew what is to be recorded."""
        snapshot = server.snapshot()
        self._was_paused = self._paused.is_set()
        sink, why_not = self._far_end(server, snapshot, now)
        if self._was_paused:
            sink, why_not = None, PAUSED
        stream = None
        if sink is not None:
            self._device = device_of(sink)
            if self._wishes.one_program and self._program is not None:
                stream = stream_of(snapshot, self._program, sink)
        self._client.aim(None if sink is None else _target(sink, stream), why_not, snapshot)
        if self._wishes.own_side:
            microphone = None if sink is None else microphone_of(snapshot, sink)
            target = None if microphone is None else Target(microphone.name, microphone.index, microphone.rate_hz)
            self._own.aim(target, why_not or "The headset's microphone is not there.", snapshot)
        self._look_at = now + LOOK_EVERY_S

    def _far_end(self, server: SoundServer, snapshot: Snapshot, now: float) -> tuple[Sink | None, str]:
        """The sink on which the client is heard now, or why there is none."""
        if self._program is None:
            choice = choose(snapshot, self._wishes.headset)
            same = [sink for sink in choice.usable if device_of(sink) == self._device]
            sink = same[0] if same else choice.headset
            return sink, choice.detail if sink is None else ""
        if in_call(snapshot, self._program, self._device):
            far = far_end(snapshot, self._program, self._wishes.headset, self._device)
            is_gone = all(device_of(sink) != self._device for sink in snapshot.sinks)
            self._off_since, self._patience_s = None, COME_BACK_S if is_gone else HANG_UP_S
            return far.sink, far.why_not
        if self._off_since is None:
            self._off_since = now
            for capture in self._captures:
                capture.finish(server, OFF_THE_CALL)
        return None, OFF_THE_CALL


def _target(sink: Sink, stream: int | None = None) -> Target:
    rate_hz = min(max(sink.rate_hz, LOWEST_RATE_HZ), HIGHEST_RATE_HZ)
    return Target(sink.monitor, sink.monitor_index, rate_hz, stream)
