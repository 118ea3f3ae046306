"""The running product at one desk: waits for a source of sound, runs one call after another, says how it stands."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voice_triage import __version__
from voice_triage.audio.source import AudioSource
from voice_triage.call import Call
from voice_triage.call_log import CallLog, where
from voice_triage.desk_state import DeskState, RecognizerState, SourceState
from voice_triage.errors import AudioError, VoiceTriageError
from voice_triage.events import CallEnded

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""How often a headset is looked for: soon enough after plugging it in, and no load."""


class CallFactory(Protocol):
    """Makes the next call; the engine behind it is loaded already."""

    def __call__(self, source: AudioSource, *, sample: bool, named: str) -> tuple[Call, CallLog]:
        """A call over ``source`` and its log."""


@dataclass(frozen=True, slots=True)
class Playing:
    """A sound file to be played in real time when the desk opens."""

    source: AudioSource
    named: str
    """What the call's log calls it."""
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """No call to be heard now."""

    state: SourceState
    """``waiting`` for a call on a headset that is there, ``searching`` for one, or ``failed``."""
    detail: str
    """What the CSR reads: what is waited for, or what to do."""
    source: str = ""
    """The headset's name, if there is one."""


class Desk:
    """Runs calls on the thread that calls :meth:`run`; :meth:`stop` ends it from any other."""

    def __init__(
        self,
        load: Callable[[], CallFactory],
        look: Callable[[], AudioSource | Waiting],
        tell: Callable[[DeskState], None],
        *,
        notice: str = "",
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """``load`` loads the engine, on the desk's thread, so that the console is there at once.

        ``look`` gives the next call's sound, or what is waited for; it is asked every ``look_every_s`` and may raise
        AudioError, which is shown. ``tell`` gets every change of the desk's state. ``notice`` stays before every
        detail: a store that keeps nothing, say.
        """
        self._load = load
        self._look = look
        self._tell = tell
        self._notice = notice
        self._look_every_s = look_every_s
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._call: Call | None = None
        self._recognizer = RecognizerState.STARTING

    def run(self, playing: Playing | None = None, *, then_wait: bool = True) -> CallLog | None:
        """Play ``playing``, then hear one call after another until :meth:`stop`.

        Without ``then_wait`` it ends after ``playing``. Returns the log of what was played. Raises what ``load``
        raises, after the console was told.
        """
        self._show(SourceState.SEARCHING, "Starting.")
        try:
            new_call = self._load()
        except VoiceTriageError as error:
            if playing is not None:
                playing.source.close()
            self._recognizer = RecognizerState.FAILED
            self._show(SourceState.FAILED, str(error))
            raise
        self._recognizer = RecognizerState.READY
        played: CallLog | None = None
        if playing is not None and not self._stopped.is_set():
            played = self._hear(new_call, playing.source, sample=playing.sample, named=playing.named)
        while then_wait and not self._stopped.is_set():
            found = self._found()
            if not isinstance(found, Waiting):
                self._hear(new_call, found)
                continue
            self._show(found.state, found.detail, found.source)
            self._stopped.wait(self._look_every_s)
        return played

    def stop(self) -> None:
        """End the running call cleanly, and then :meth:`run`. Idempotent, from any thread."""
        self._stopped.set()
        with self._lock:
            call = self._call
        if call is not None:
            call.stop()

    def _found(self) -> AudioSource | Waiting:
        try:
            return self._look()
        except AudioError as error:
            log.error("looking for a headset failed: %s", where(error))
            return Waiting(SourceState.FAILED, str(error))

    def _hear(self, new_call: CallFactory, source: AudioSource, *, sample: bool = False, named: str = "") -> CallLog:
        call, call_log = new_call(source, sample=sample, named=named)
        with self._lock:
            self._call = call
            if self._stopped.is_set():  # asked to stop before the call was there to be stopped
                call.stop()
        if sample:
            self._show(SourceState.SAMPLE, "The sample call is playing: not a real client.", named or source.name)
        else:
            self._show(SourceState.LISTENING, f"Listening to {source.name}.", named or source.name)
        ended: CallEnded = call.run()
        with self._lock:
            self._call = None
        log.info("call %s ended: %s", call.identity.call, ended.reason)
        return call_log

    def _show(self, state: SourceState, detail: str, source: str = "") -> None:
        detail = f"{self._notice} {detail}".strip()
        self._tell(DeskState(source, state, self._recognizer, detail, __version__))
