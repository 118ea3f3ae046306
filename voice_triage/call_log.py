"""The event log of one call: gives every event its place, hands it to the store and to whoever watches."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Self

from voice_triage.card_data.typed import typed_without_card_data
from voice_triage.closing import Closing
from voice_triage.errors import DeskError, NotErasedError, VoiceTriageError
from voice_triage.events import TENTATIVE, CallDiscarded, CallEnded, ConsentChanged, Event, Logged, StageFailed
from voice_triage.store.calls import LogKeeper

log = logging.getLogger(__name__)

Listener = Callable[[Logged], None]
"""Told of every event, tentative ones too, in order, by whichever thread logs it; must return at once."""

Follower = Callable[[Sequence[Logged]], list[Event]]
"""Given what was logged together; gives the events that follow from it, which are logged right behind it."""

RETRY_S = 5.0
"""How long to leave a failing store alone: its own time limit must not stall the call over and over."""


class CallLog(Closing):
    """Ordered, append-only, safe from any thread.

    - Kept events are numbered from 1 without holes; a tentative one (``events.TENTATIVE``) is shown but not kept, and
      carries the number of the kept event before it.
    - ``at_s`` never goes back: nothing is shown before what was logged before it.
    - Listeners come first, the store second: an alert does not wait for the disk.
    - A store that fails is reported once; what it missed is handed to it again, so that its log has no holes either.
    - A listener that fails is reported once and not called again; the others go on.
    - What follows from events (next questions, lanes) stands right behind them, whoever logged them. A follower that
      fails is reported once and not asked again.
    - A call that is discarded leaves nothing: see :meth:`discard`. What of it may be kept at all is the business of its
      store (:class:`voice_triage.keeping.Keeping`).
    """

    def __init__(
        self,
        call: str,
        *,
        store: LogKeeper | None = None,
        listeners: Iterable[Listener] = (),
        follower: Follower | None = None,
        consent: Follower | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        """``now`` gives the call time, for what the CSR does; without it, that has the time of the event before.

        ``follower`` suggests what is next; ``consent`` tells what the clinic's settings make of consent.
        """
        self.call = call
        self._now = now
        self._follower = follower
        self._consent = consent
        self._store = store
        self._listeners = list(listeners)
        self._events: list[Logged] = []
        self._unstored: list[Logged] = []
        self._at_s = 0.0
        self._store_failed_at: float | None = None
        self._told_of_store = False
        self._discarded = False
        self._ended = False
        self.undeleted = ""
        """Why a discarded or refused call is still in the store; empty if it is not."""
        self._lock = threading.RLock()

    @classmethod
    def resumed(
        cls,
        kept: Sequence[Logged],
        *,
        store: LogKeeper | None = None,
        listeners: Iterable[Listener] = (),
        follower: Follower | None = None,
        now: Callable[[], float] | None = None,
    ) -> Self:
        """The log of a kept call, whole and not empty, to be gone on with. What is kept is told to nobody again."""
        resumed = cls(kept[0].call, store=store, listeners=listeners, follower=follower, now=now)
        resumed._events = list(kept)
        resumed._at_s = kept[-1].event.at_s
        resumed._ended = any(isinstance(logged.event, CallEnded) for logged in kept)
        resumed._following(kept)
        return resumed

    def append(self, event: Event) -> Logged:
        """Log one event; returns it in its place."""
        with self._lock:
            return self.extend((event,))[0]

    def extend(self, events: Iterable[Event]) -> list[Logged]:
        """Log events that belong together: nothing comes between them, and they are stored together."""
        with self._lock:
            placed = []
            for event in events:
                placed.append(self._place(event))
                self._show(placed[-1])
            consent = [] if self._consent is None or self._discarded else self._consent(placed)
            for event in (*consent, *self._following(placed)):
                self._show(self._place(event))
            if any(isinstance(each.event, ConsentChanged) for each in placed):
                self._store_failed_at = None  # what a client refuses does not wait
            self._keep()
            return placed

    def decide(self, decision: Callable[[Sequence[Logged]], Event]) -> Logged:
        """Log what is decided by the log as it stands, at this moment of the call: nothing comes between.

        Card data in what was typed is cut out first: this is the one way of what people do into a log.

        Raises what ``decision`` raises, and DeskError if the call was discarded.
        """
        with self._lock:
            if self._discarded:
                raise DeskError("That was no client's call: nothing of it is kept, and nothing can be added to it.")
            at_s = self._at_s if self._now is None else self._now()
            decided = typed_without_card_data(decision(tuple(self._events)))
            return self.append(dataclasses.replace(decided, at_s=at_s))

    def append_before_end(self, event: Event) -> None:
        """Log one event, unless the call has just ended: for what threads tell that know nothing of its end."""
        with self._lock:
            if not self._ended:
                self.append(event)

    def events(self) -> list[Logged]:
        """Everything logged so far that is kept, in order."""
        with self._lock:
            return list(self._events)

    def discard(self) -> str:
        """It was no client's call: forget all of it, here, in the store and at every listener, from any thread.

        What is still logged of a running call is shown and kept nowhere; :meth:`close` deletes once more what a store
        could not delete in the middle of a call. Returns why the store could not (:attr:`undeleted`), mostly nothing.
        """
        with self._lock:
            if not self._discarded:
                self._show(Logged(self.call, len(self._events), CallDiscarded(self._at_s)))
            self._discarded = True
            self._events.clear()
            self._unstored.clear()
            self._delete()
            return self.undeleted

    def let_go(self) -> None:
        """What is shown of it vanishes everywhere; what is kept of it stays, and can be gone on with from the store."""
        with self._lock:
            if not self._discarded:
                self._keep()
                self._show(Logged(self.call, len(self._events), CallDiscarded(self._at_s)))
            self._discarded = True
            self._events.clear()
            self._unstored.clear()
            self._store = None

    @property
    def ended(self) -> bool:
        """Whether what was heard has ended; what the CSR does may still follow."""
        return self._ended

    @property
    def discarded(self) -> bool:
        """Whether :meth:`discard` was called."""
        return self._discarded

    def close(self) -> None:
        """Hand what a failing store missed to it a last time. The log stays readable."""
        with self._lock:
            self._store_failed_at = None
            if self._discarded:
                self._delete()
            self._keep()
            if self._unstored:
                log.error("call %s: %d events were not stored", self.call, len(self._unstored))

    def _place(self, event: Event) -> Logged:
        self._at_s = max(self._at_s, round(event.at_s, 3))
        event = dataclasses.replace(event, at_s=self._at_s)
        if self._discarded:
            return Logged(self.call, 0, event)
        if isinstance(event, TENTATIVE):
            return Logged(self.call, len(self._events), event)
        logged = Logged(self.call, len(self._events) + 1, event)
        self._events.append(logged)
        self._ended = self._ended or isinstance(event, CallEnded)
        if self._store is not None:
            self._unstored.append(logged)
        return logged

    def _following(self, placed: Sequence[Logged]) -> list[Event]:
        if self._follower is None or self._discarded:
            return []
        try:
            return self._follower(placed)
        except Exception as error:  # noqa: BLE001 - what is suggested must not end the call; it is reported
            log.error("call %s: no next questions: %s", self.call, where(error))
            self._follower = None
            advice = "Next questions and lanes are not suggested any more in this call. Ask as you have learned to."
            return [StageFailed(self._at_s, "guidance", code_of(error), advice)]

    def _delete(self) -> None:
        if self._store is None:
            return
        self.undeleted = ""
        try:
            self._store.delete(self.call)
        except Exception as error:  # noqa: BLE001 - whatever a store raises is told to the one who asked
            log.error("call %s: it could not be deleted: %s", self.call, where(error))
            self.undeleted = str(error) if isinstance(error, VoiceTriageError) else "The store of calls failed."

    def _show(self, logged: Logged) -> None:
        if self._discarded:
            return
        failed = False
        for listener in tuple(self._listeners):
            try:
                listener(logged)
            except Exception as error:  # noqa: BLE001 - a page that breaks must not end the call; it is reported below
                log.error("call %s: a listener failed: %s", self.call, where(error))
                self._listeners.remove(listener)
                failed = True
        if failed:
            self.append(
                StageFailed(
                    self._at_s,
                    "console",
                    "listener",
                    "The live page stopped following this call. Go by what you hear, and reload the page.",
                )
            )

    def _keep(self) -> None:
        if self._store is None or not self._unstored:
            return
        if self._store_failed_at is not None and time.monotonic() - self._store_failed_at < RETRY_S:
            return
        try:
            self._store.append(tuple(self._unstored))
        except NotErasedError as error:
            self._store_failed_at = time.monotonic()
            log.error("call %s: what was refused could not be deleted: %s", self.call, where(error))
            told, self.undeleted = self.undeleted, str(error)
            if not told:
                self.append(StageFailed(self._at_s, "store", error.code, str(error)))
        except Exception as error:  # noqa: BLE001 - whatever a store raises, the live view goes on; it is reported here
            self._store_failed_at = time.monotonic()
            log.error("call %s: the store failed: %s", self.call, where(error))
            if not self._told_of_store:
                self._told_of_store = True
                self.append(
                    StageFailed(
                        self._at_s,
                        "store",
                        code_of(error),
                        "This call cannot be kept at the moment, so write down what matters. "
                        "The live view goes on; tell whoever looks after this computer that its disk needs a look.",
                    )
                )
        else:
            self._unstored.clear()
            self._store_failed_at = None
            self.undeleted = ""


def code_of(error: BaseException) -> str:
    """A code that is safe to log: the error's own, or the name of its class."""
    return error.code if isinstance(error, VoiceTriageError) else type(error).__name__


def where(error: BaseException) -> str:
    """What failed and where, without the error's message: that may hold words of the call."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = "" if frame is None else f" at {frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}"
    return f"{code_of(error)}{place}"
