"""The running product at one desk: waits for a source of sound, runs one call after another, says how it stands."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from voice_triage import __version__
from voice_triage.audio.source import AudioSource, Pausable
from voice_triage.call import Call
from voice_triage.call_log import CallLog, where
from voice_triage.desk_state import DeskCommand, DeskState, RecognizerState, SourceState
from voice_triage.errors import AudioError, DeskError, VoiceTriageError
from voice_triage.events import CallEnded, SourceChanged
from voice_triage.walk_in import NEXT_CALL, STOPPED, WalkIn

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""How often a headset is looked for: soon enough after plugging it in, and no load."""
WALK_IN_OPEN = "A walk-in’s card is open; the headset is still watched."
NO_WALK_IN = "A card is open already. End that one first, or work on it."
PAUSED = "Listening is paused: nothing is heard and nothing is kept until you go on."
UNDELETED = "The call that was no client's could not be deleted."
_REFUSALS = {
    DeskCommand.LISTEN: "There is no headset to listen to, or a call is being listened to already.",
    DeskCommand.PAUSE: "There is nothing to pause.",
    DeskCommand.RESUME: "Listening is not paused.",
    DeskCommand.STOP: "There is no call to stop.",
    DeskCommand.END_WALK_IN: "There is no walk-in to end.",
    DeskCommand.NOT_CLIENT: "There is no call that could be forgotten.",
}


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


@dataclass(slots=True)
class _Running:
    """The call that is being heard."""

    call: Call
    log: CallLog
    source: AudioSource
    named: str
    sample: bool
    paused: bool = False
    trouble: str = ""
    """Why no sound comes just now."""


class Desk:
    """Runs calls on the thread that calls :meth:`run`; :meth:`stop` ends it from any other."""

    def __init__(  # noqa: PLR0913 - what a desk is made of, each given once, by the command
        self,
        load: Callable[[], CallFactory],
        look: Callable[[], AudioSource | Waiting],
        tell: Callable[[DeskState], None],
        *,
        listen: Callable[[], None] | None = None,
        begin_walk_in: Callable[[], WalkIn] | None = None,
        not_client: Callable[[str], None] = lambda _call: None,
        notice: str = "",
        captures: Sequence[str] = (),
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """``load`` loads the engine, on the desk's thread, so that the console is there at once.

        ``look`` gives the next call's sound, or what is waited for; it is asked every ``look_every_s`` and may raise
        AudioError, which is shown. ``tell`` gets every change of the desk's state. ``listen`` begins a call by hand,
        which ``look`` then gives; it raises AudioError if there is no headset. ``begin_walk_in`` begins a card without
        a call. ``not_client`` is told a call's id when the CSR has said that it is none.
        ``notice`` stays before every detail: a store that keeps nothing, say. ``captures`` is told with every state.
        """
        self._load = load
        self._look = look
        self._tell = tell
        self._listen = listen
        self._begin_walk_in = begin_walk_in
        self._not_client = not_client
        self._walk_in: WalkIn | None = None
        self._notice = notice
        self._captures = tuple(captures)
        self._look_every_s = look_every_s
        self._stopped = threading.Event()
        self._news = threading.Event()
        """Something that the desk waits for may have come."""
        self._lock = threading.RLock()
        self._running: _Running | None = None
        self._last: CallLog | None = None
        """The call before, as long as it can be said to have been no client's."""
        self._undeleted = ""
        self._waiting: Waiting | None = None
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
            self._news.clear()
            found = self._found()
            if not isinstance(found, Waiting):
                self._hear(new_call, found)
                continue
            with self._lock:
                self._waiting = found
                self._show_how_it_stands()
            self._news.wait(self._look_every_s)
        with self._lock:
            self._end_walk_in(STOPPED)
        return played

    def stop(self) -> None:
        """End the running call cleanly, and then :meth:`run`. Idempotent, from any thread."""
        self._stopped.set()
        self._news.set()
        with self._lock:
            running = self._running
        if running is not None:
            running.call.stop()

    def command(self, command: DeskCommand) -> None:
        """What the CSR asks for, from any thread. Raises DeskError or AudioError, saying why it cannot be done now."""
        with self._lock:
            if command not in self._commands():
                raise DeskError(_REFUSALS[command])
            running = self._running
            if command is DeskCommand.LISTEN:
                assert self._listen is not None
                self._listen()
            elif command is DeskCommand.END_WALK_IN:
                self._end_walk_in(STOPPED)
            elif running is None and self._walk_in is not None:
                self._discard_walk_in(self._walk_in)
            elif running is None:
                self._discard_last()
            elif command is DeskCommand.STOP:
                running.call.stop()
            elif command is DeskCommand.NOT_CLIENT:
                self._not_client(running.log.call)
                running.log.discard()  # what the store cannot delete yet, it deletes when the call has ended
                running.call.stop()
            else:
                self._pause(running, command is DeskCommand.PAUSE)
        self._news.set()

    def walk_in(self) -> str:
        """Begin a card without a call, for a client at the counter, from any thread; returns its id.

        It ends at the CSR's command, when a call begins, or with the desk. Raises DeskError if a card is open already.
        """
        with self._lock:
            if self._begin_walk_in is None or self._recognizer is not RecognizerState.READY or self._stopped.is_set():
                raise DeskError("The desk is not ready yet. Wait a moment, then try again.")
            if self._running is not None or self._walk_in is not None:
                raise DeskError(NO_WALK_IN)
            self._walk_in = self._begin_walk_in()
            self._walk_in.begin()
            self._last, self._undeleted = None, ""
            self._show_how_it_stands()
            return self._walk_in.log.call

    def idle(self) -> bool:
        """Whether no call is heard and no walk-in's card is open just now, from any thread."""
        with self._lock:
            return self._running is None and self._walk_in is None

    def tell_always(self, notice: str) -> None:
        """Put a sentence before every detail from now on, from any thread: what this desk cannot do today."""
        with self._lock:
            self._notice = f"{self._notice} {notice}".strip()
            self._show_how_it_stands()

    def sound_is(self, trouble: str) -> None:
        """Told by the headset, from any thread: why the running call's sound does not come, or nothing if it does."""
        with self._lock:
            running = self._running
            if running is not None and not running.paused and running.trouble != trouble:
                running.trouble = trouble
                detail = trouble or f"Listening to {running.source.name}."
                running.log.append_before_end(SourceChanged(0.0, "gap" if trouble else "listening", detail))
                self._show_how_it_stands()
        self._news.set()

    def _pause(self, running: _Running, paused: bool) -> None:
        assert isinstance(running.source, Pausable)
        if paused:
            running.source.pause()
            change = SourceChanged(0.0, "paused", PAUSED)
        else:
            running.source.resume()
            change = SourceChanged(0.0, "listening", f"Listening to {running.source.name}.")
        running.paused, running.trouble = paused, ""
        running.log.append_before_end(change)
        self._show_how_it_stands()

    def _end_walk_in(self, reason: str) -> None:
        """Under the lock."""
        if self._walk_in is None:
            return
        walk_in, self._walk_in = self._walk_in, None
        walk_in.end(reason)
        self._last = walk_in.log
        self._show_how_it_stands()

    def _discard_walk_in(self, walk_in: WalkIn) -> None:
        self._not_client(walk_in.log.call)
        reason = walk_in.log.discard()
        walk_in.end(STOPPED)
        self._walk_in = None
        if reason and walk_in.log.undeleted:
            raise DeskError(f"{UNDELETED} {walk_in.log.undeleted}")
        self._show_how_it_stands()

    def _discard_last(self) -> None:
        assert self._last is not None
        self._not_client(self._last.call)
        reason = self._last.discard()
        if reason:
            raise DeskError(f"{UNDELETED} {reason}")
        self._last = None
        self._show_how_it_stands()

    def _commands(self) -> tuple[DeskCommand, ...]:
        """What can be asked for now. Under the lock."""
        running = self._running
        if running is None and self._walk_in is not None:
            return (DeskCommand.END_WALK_IN, DeskCommand.NOT_CLIENT)
        if running is None:
            can_listen = self._waiting is not None and self._waiting.state is SourceState.WAITING
            listen = (DeskCommand.LISTEN,) if can_listen and self._listen is not None else ()
            return (*listen, DeskCommand.NOT_CLIENT) if self._last is not None else listen
        pause = (DeskCommand.RESUME if running.paused else DeskCommand.PAUSE,)
        not_client = () if running.sample else (DeskCommand.NOT_CLIENT,)
        return (*(pause if isinstance(running.source, Pausable) else ()), DeskCommand.STOP, *not_client)

    def _found(self) -> AudioSource | Waiting:
        try:
            return self._look()
        except AudioError as error:
            log.error("looking for a headset failed: %s", where(error))
            return Waiting(SourceState.FAILED, str(error))

    def _hear(self, new_call: CallFactory, source: AudioSource, *, sample: bool = False, named: str = "") -> CallLog:
        call, call_log = new_call(source, sample=sample, named=named)
        with self._lock:
            self._end_walk_in(NEXT_CALL)
            self._running = _Running(call, call_log, source, named or source.name, sample)
            self._last, self._undeleted = None, ""
            if self._stopped.is_set():  # asked to stop before the call was there to be stopped
                call.stop()
            self._show_how_it_stands()
        ended: CallEnded = call.run()
        with self._lock:
            self._running = self._waiting = None
            if not call_log.discarded:
                self._last = None if sample else call_log
            elif call_log.undeleted:
                self._undeleted = f"{UNDELETED} {call_log.undeleted}"
        log.info("call %s ended: %s", call.identity.call, ended.reason)
        return call_log

    def _show_how_it_stands(self) -> None:
        """Under the lock."""
        running = self._running
        if running is None:
            if self._waiting is not None:
                about = self._waiting.detail if self._walk_in is None else WALK_IN_OPEN
                detail = f"{self._undeleted} {about}".strip()
                self._show(self._waiting.state, detail, self._waiting.source)
        elif running.paused:
            self._show(SourceState.PAUSED, PAUSED, running.named)
        elif running.trouble:
            self._show(SourceState.INTERRUPTED, running.trouble, running.named)
        elif running.sample:
            self._show(SourceState.SAMPLE, "The sample call is playing: not a real client.", running.named)
        else:
            self._show(SourceState.LISTENING, f"Listening to {running.source.name}.", running.named)

    def _show(self, state: SourceState, detail: str, source: str = "") -> None:
        detail = f"{self._notice} {detail}".strip()
        with self._lock:
            commands = self._commands()
        self._tell(DeskState(source, state, self._recognizer, detail, __version__, commands, self._captures))
