"""Waits for calls on the headset: says which device is used and how it stands, and makes a source of every call."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.audio.headset import Choice, OnCall, choose, in_call, on_call
from voice_triage.audio.headset_source import HeadsetSource, Ways, Wishes
from voice_triage.audio.sound_server import Sink, Snapshot, SoundServer
from voice_triage.errors import AudioError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""How often everything is looked at, besides whenever the server tells a change."""
TICK_S = 0.5
RETRY_S = 1.0
JOIN_S = 2.0


class HeadsetState(StrEnum):
    """How it stands; the same words as ``desk_state.SourceState``."""

    SEARCHING = "searching"
    """No headset, or a call whose sound cannot be had just now."""
    WAITING = "waiting"
    """A headset, and no call on it."""
    LISTENING = "listening"
    """A call is heard."""
    FAILED = "failed"
    """Nothing will be heard until someone acts; ``detail`` says what to do."""


@dataclass(frozen=True, slots=True)
class HeadsetStatus:
    """What the CSR is told."""

    state: HeadsetState
    headset: str
    """What people call it; empty if there is none."""
    detail: str
    """One plain sentence."""
    trouble: str = ""
    """Why the sound of the running call does not come just now; empty if it does, or if there is no call."""


class HeadsetWatch:
    """Watches the sound server on a thread of its own, from when it is made until :meth:`close`.

    A call that was stopped by hand is not listened to again before it has ended. Nothing here raises: what is wrong is
    a status, and it is tried again by itself.
    """

    def __init__(
        self,
        ways: Ways,
        wishes: Wishes | None = None,
        tell: Callable[[HeadsetStatus], None] = lambda _status: None,
    ) -> None:
        """``tell`` gets every new status, from a thread of this watch or of a source."""
        self._ways = ways
        self._wishes = wishes or Wishes()
        self._tell = tell
        self._telling = threading.Lock()
        self._status = HeadsetStatus(HeadsetState.SEARCHING, "", "Looking for a headset.")
        self._choice = Choice((), "")
        self._calls: queue.SimpleQueue[HeadsetSource] = queue.SimpleQueue()
        self._source: HeadsetSource | None = None
        self._program: str | None = None
        """The program whose call is or was last listened to, until it is off that call."""
        self._wanted: Sink | None = None
        self._trouble = ""
        self._notices_calls = True
        self._stopped = threading.Event()
        self._worker = threading.Thread(target=self._work, name="headset watch", daemon=True)
        self._worker.start()

    @property
    def status(self) -> HeadsetStatus:
        """How it stands now."""
        return self._status

    @property
    def choice(self) -> Choice:
        """What the rule says of every device, as last seen."""
        return self._choice

    def next_call(self, timeout_s: float) -> HeadsetSource | None:
        """The next call, which is being heard already; None if none begins within ``timeout_s``."""
        try:
            return self._calls.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def listen_now(self) -> None:
        """Listen to the headset by hand, though no call was noticed; :meth:`next_call` gives the source.

        Raises AudioError if there is no headset or a call is being heard already.
        """
        headset = self._choice.headset
        if headset is None:
            raise AudioError(self._choice.detail or "There is no headset yet. Connect one, then try again.")
        if self._source is not None and not self._source.ended:
            raise AudioError("A call is being listened to already. Stop it first.")
        self._wanted = headset

    def close(self) -> None:
        """End everything, also a call that nobody has taken. Idempotent."""
        self._stopped.set()
        self._worker.join(JOIN_S)
        if self._source is not None:
            self._source.close()

    # --- the watch's thread --------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                server = self._ways.connect()  # first: looking for PortAudio's devices may start a server
                try:
                    self._ways.check()
                    self._notices_calls = server.notices_calls
                    self._watch(server)
                finally:
                    server.close()
            except AudioError as error:
                self._failed(str(error))
            except Exception:
                log.exception("watching for a headset failed")
                self._failed("Looking for calls failed. If this stays, start voice-triage again.")
            self._stopped.wait(RETRY_S)

    def _watch(self, server: SoundServer) -> None:
        look_at = 0.0
        while not self._stopped.is_set():
            source = self._source
            if look_at <= self._ways.monotonic() or self._wanted is not None or (source is not None and source.ended):
                self._look(server.snapshot())
                look_at = self._ways.monotonic() + LOOK_EVERY_S
            if server.wait(TICK_S):
                look_at = 0.0

    def _failed(self, reason: str) -> None:
        """The source of a running call tells how it stands itself, and goes on by itself."""
        if not self._is_listening():
            self._show(HeadsetState.FAILED, "", reason)

    def _look(self, snapshot: Snapshot) -> None:
        self._choice = choice = choose(snapshot, self._wishes.headset)
        source = self._source
        if source is not None and source.ended:
            self._source, self._trouble = None, ""
            if source.hung_up:
                self._program = None
        if self._program is not None and self._source is None and not in_call(snapshot, self._program):
            self._program = None
        call = on_call(snapshot, choice.usable)
        if self._source is None:
            self._maybe_begin(call)
        self._show_how_it_stands(call)

    def _maybe_begin(self, call: OnCall | None) -> None:
        wanted, self._wanted = self._wanted, None
        if call is not None and (wanted is not None or call.program != self._program):
            self._program = call.program
            self._begin(call)
        elif wanted is not None:
            self._begin(wanted)

    def _begin(self, call: OnCall | Sink) -> None:
        self._source = HeadsetSource(
            call, self._ways, self._wishes, picked_up=self._ways.monotonic(), tell=self._troubled
        )
        self._calls.put(self._source)

    def _is_listening(self) -> bool:
        return self._source is not None and not self._source.ended

    def _troubled(self, trouble: str) -> None:
        self._trouble = trouble
        self._show_how_it_stands(None)

    def _show_how_it_stands(self, call: OnCall | None) -> None:
        headset = self._choice.headset
        name = "" if headset is None else headset.description
        source = self._source
        if source is not None and not source.ended:
            state = HeadsetState.SEARCHING if self._trouble else HeadsetState.LISTENING
            self._show(state, source.name, self._trouble or f"Listening to {source.name}.", self._trouble)
        elif headset is None:
            self._show(HeadsetState.SEARCHING, "", self._choice.detail)
        elif call is not None:
            self._show(HeadsetState.WAITING, name, "This call is not listened to any more. The next one is.")
        elif self._notices_calls:
            self._show(HeadsetState.WAITING, name, f"{name} is connected. Waiting for a call on this computer.")
        else:
            detail = f"{name} is there. This computer does not tell when a call begins: start listening by hand."
            self._show(HeadsetState.WAITING, name, detail)

    def _show(self, state: HeadsetState, headset: str, detail: str, trouble: str = "") -> None:
        with self._telling:
            status = HeadsetStatus(state, headset, detail, trouble)
            if status != self._status:
                self._status = status
                self._tell(status)
