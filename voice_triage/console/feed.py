"""The feed: one thread-safe place between the running call and every open page.

The call's thread publishes; each page reads at its own speed. A page holds no queue, only its place in the log, so a
slow page costs nothing, loses nothing and holds up nobody. Only what cannot be told apart from its newest version is
skipped: a partial transcript that has since grown, a line level that has since changed.

Messages to a page, in the order they can come:

==============  ====================  ===============================================================================
``event``       id                    data
==============  ====================  ===============================================================================
``hello``       none                  ``{"call": id or null}``: first on every connection; the call the desk is on
``desk``        none                  the desk state, now and whenever it changes; absent until one is set
``reset``       none                  ``{"call": id, "forgotten": n}``: forget what is shown; the log follows from its
                                      start, less ``n`` events that were too many to keep. With ``id`` null nothing
                                      follows: the call was discarded (:class:`voice_triage.events.CallDiscarded`)
``log``         ``call:sequence``     a list of ``{"sequence", "event"}``, in order; the id is the last one's
``card``        none                  the call's card as its log tells it so far
                                      (:func:`~voice_triage.console.event_json.card_json`), whole, whenever it changes;
                                      comes after the part of the log that it rests on
``earlier``     none                  ``{"calls": [...]}``: cards of earlier calls that still ask for something (flags
                                      without an end), whole, now and whenever it changes; absent while there are none
``tentative``   none                  ``{"event"}``: a partial transcript or line level; replaces the one before
``beat``        none                  ``{}`` after ``beat_s`` without news: a page without it knows that it is cut off
``bye``         none                  ``{}``: the console stops; what is shown is no longer live
==============  ====================  ===============================================================================
"""

from __future__ import annotations

import asyncio
import bisect
import dataclasses
import json
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from voice_triage.card import Card
from voice_triage.console.event_json import card_json, event_json
from voice_triage.console.readers import Reader
from voice_triage.desk_card import DeskCard
from voice_triage.desk_state import DeskState
from voice_triage.events import (
    TENTATIVE,
    CallDiscarded,
    CallEnded,
    CallStarted,
    Event,
    FinalTranscript,
    GapHeard,
    Logged,
    MentionsRead,
    PartialTranscript,
    Side,
    SourceChanged,
    UtteranceReheard,
)

KEEP_EVENTS = 20_000
"""Kept events held in memory: some ten hours of talk, far beyond any call (two utterances in three seconds at most)."""
BATCH_EVENTS = 200
"""At most so many events in one ``log`` message, so that a long log reaches the page in pieces it can draw."""
BEAT_S = 5.0
"""News or a beat at least this often."""

_FIRST_TO_GO = (FinalTranscript, UtteranceReheard, MentionsRead, SourceChanged, GapHeard)
"""Forgotten first when a log grows beyond its bound; flags, fields and failures stay."""


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event: its name, its JSON text, and the id a page resumes from (kept events only)."""

    event: str
    data: str
    id: str | None = None


@dataclass(frozen=True)
class _Entry:
    logged: Logged

    @cached_property
    def json(self) -> str:
        """Written once however many pages read it; by the server's thread, not the call's."""
        return json.dumps({"sequence": self.logged.sequence, "event": event_json(self.logged.event)})


@dataclass(frozen=True, slots=True)
class _Tentative:
    event: Event
    tick: int


@dataclass(frozen=True, slots=True)
class _News:
    """A message not yet written: collected under the lock, written outside it, so that no publisher waits for it."""

    event: str
    data: dict[str, Any] | None = None
    entries: Sequence[_Entry] = ()
    tentative: Event | None = None
    card: Card | None = None
    id: str | None = None

    def message(self) -> Message:
        """The message as the page gets it."""
        if self.entries:
            return Message(self.event, f"[{','.join(entry.json for entry in self.entries)}]", self.id)
        if self.tentative is not None:
            return Message(self.event, json.dumps({"event": event_json(self.tentative)}))
        if self.card is not None:
            return Message(self.event, json.dumps(card_json(self.card)))
        return Message(self.event, json.dumps(self.data or {}))


@dataclass(slots=True, eq=False)
class _Page(Reader):
    """Where one page is in the log."""

    call: str | None = None
    sequence: int = 0
    reset_after: int | None = None
    """What had been forgotten when this page last started over; None: it has not started on this call."""
    tick: int = 0
    desk_tick: int = 0
    card_tick: int = 0
    open_tick: int = 0


class Feed:
    """Broadcast of the current call's log and the desk's state. Every method may be called from any thread."""

    def __init__(self, *, keep_events: int = KEEP_EVENTS, beat_s: float = BEAT_S) -> None:
        self._keep_events = keep_events
        self._beat_s = beat_s
        self._lock = threading.Lock()
        self._call: str | None = None
        self._log: list[_Entry] = []
        self._forgotten = 0
        self._forgotten_to = 0
        self._tentative: dict[tuple[type, Side | None, int], _Tentative] = {}
        self._closed_utterance: dict[Side, int] = {}
        self._desk: DeskState | None = None
        self._desk_tick = 0
        self._card = DeskCard()
        self._card_tick = 0
        self._open: tuple[Card, ...] = ()
        self._open_tick = 0
        self._tick = 0
        self._discarded: set[str] = set()
        """Ids of calls of which nothing may be shown any more, for pages that come back and still show one."""
        self._pages: set[_Page] = set()

    # --- the desk's side: any thread, never waits ------------------------------------------------------------------

    def publish(self, logged: Logged) -> None:
        """Take one event of a call and wake the pages. Does no input or output and waits for no page.

        A :class:`~voice_triage.events.CallStarted` of another call begins a new log. Events of any call but the
        newest are ignored, and so is one that is already there. Raises ValueError if a call's kept events come out of
        order: their order is the log's, which one place gives (:class:`voice_triage.call_log.CallLog`).
        """
        with self._lock:
            event = logged.event
            if isinstance(event, CallStarted) and logged.call != self._call:
                self._begin(logged.call)
            if logged.call != self._call:
                return
            if isinstance(event, CallDiscarded):
                self._discarded.add(logged.call)
                self._begin(None)
            elif isinstance(event, TENTATIVE):
                if not self._take_tentative(event):
                    return
            elif not self._append(logged):
                return
            elif self._card.take(logged):
                self._card_tick += 1
            self._wake()

    def set_desk(self, state: DeskState) -> None:
        """Replace the desk's state."""
        with self._lock:
            if state == self._desk:
                return
            self._desk = state
            self._desk_tick += 1
            self._wake()

    def set_open(self, cards: Sequence[Card]) -> None:
        """Replace the cards of earlier calls that still ask for something."""
        with self._lock:
            if tuple(cards) == self._open:
                return
            self._open = tuple(cards)
            self._open_tick += 1
            self._wake()

    def end_pages(self) -> None:
        """Say goodbye to every open page and end its stream; pages that come later are served as usual."""
        with self._lock:
            for page in self._pages:
                page.ended = True
            self._wake()

    # --- the page's side -------------------------------------------------------------------------------------------

    async def follow(self, last_id: str | None = None) -> AsyncIterator[Message]:
        """Everything a page needs, from ``last_id`` (``call:sequence``, what the page saw last) on, without end.

        Without ``last_id``, or if it is of another call, the log comes from its start. Ends after
        :meth:`end_pages`.
        """
        page = _Page(asyncio.get_running_loop(), asyncio.Event())
        call, _, sequence = (last_id or "").rpartition(":")
        with self._lock:
            self._pages.add(page)
            page.call = call if call in self._discarded else None
            if call and call == self._call and sequence.isdecimal() and int(sequence) <= self._newest():
                page.call, page.sequence = call, int(sequence)
                page.reset_after = self._forgotten_to if page.sequence >= self._forgotten_to else None
            hello = Message("hello", json.dumps({"call": self._call}))
        try:
            yield hello
            while True:
                with self._lock:
                    news = self._news(page)
                    ended = page.ended
                for item in news:
                    yield item.message()
                if ended:
                    yield Message("bye", "{}")
                    return
                if not news and not await page.news(self._beat_s):
                    yield Message("beat", "{}")
        finally:
            with self._lock:
                self._pages.discard(page)

    def snapshot(self) -> dict[str, Any]:
        """The current call and the desk as they stand, fit for ``json.dumps``.

        ``{"call", "last_id", "forgotten", "events": [{"sequence", "event"}], "tentative": [event], "card", "earlier",
        "desk"}``; ``call``, ``last_id`` and ``card`` are None before the first call.
        """
        with self._lock:
            log = list(self._log)
            tentative = [item.event for item in self._tentative.values()]
            call, forgotten, desk = self._call, self._forgotten, self._desk
            card, earlier = self._card.card() if log else None, self._open
        return {
            "call": call,
            "last_id": f"{call}:{log[-1].logged.sequence}" if log else None,
            "forgotten": forgotten,
            "events": [json.loads(entry.json) for entry in log],
            "tentative": [event_json(event) for event in tentative],
            "card": None if card is None else card_json(card),
            "earlier": [card_json(each) for each in earlier],
            "desk": None if desk is None else dataclasses.asdict(desk),
        }

    @property
    def on_call(self) -> bool:
        """Whether a call is being heard; a walk-in is none."""
        with self._lock:
            card = self._card.card() if self._log else None
        return card is not None and card.ended is None and not card.walk_in

    @property
    def pages(self) -> int:
        """How many pages are open."""
        with self._lock:
            return len(self._pages)

    # --- under the lock --------------------------------------------------------------------------------------------

    def _begin(self, call: str | None) -> None:
        self._call = call
        self._log = []
        self._card = DeskCard()
        self._forgotten = self._forgotten_to = 0
        self._tentative.clear()
        self._closed_utterance.clear()

    def _newest(self) -> int:
        return self._log[-1].logged.sequence if self._log else 0

    def _append(self, logged: Logged) -> bool:
        event = logged.event
        if logged.sequence <= self._newest():
            there = self._after(logged.sequence - 1)
            if there < len(self._log) and self._log[there].logged == logged:
                return False
            raise ValueError(f"event {logged.sequence} of call {logged.call} came after event {self._newest()}")
        self._log.append(_Entry(logged))
        if isinstance(event, FinalTranscript):
            closed = max(event.utterance, self._closed_utterance.get(event.side, -1))
            self._closed_utterance[event.side] = closed
            self._drop_partials(event.side, closed)
        elif isinstance(event, CallEnded):
            self._tentative.clear()
        if len(self._log) > self._keep_events:
            self._forget()
        return True

    def _take_tentative(self, event: Event) -> bool:
        self._tick += 1
        if isinstance(event, PartialTranscript):
            if event.utterance <= self._closed_utterance.get(event.side, -1):
                return False
            self._drop_partials(event.side, event.utterance)
            self._tentative[(PartialTranscript, event.side, event.utterance)] = _Tentative(event, self._tick)
        else:
            self._tentative[(type(event), None, 0)] = _Tentative(event, self._tick)
        return True

    def _drop_partials(self, side: Side, through: int) -> None:
        """Only one utterance of a side is open at a time."""
        gone = [key for key in self._tentative if key[0] is PartialTranscript and key[1] == side and key[2] <= through]
        for key in gone:
            del self._tentative[key]

    def _forget(self) -> None:
        """Drop a tenth of the bound, words before flags, so that it is done rarely. The call's start always stays."""
        few = max(1, self._keep_events // 10)
        spare = [i for i, entry in enumerate(self._log) if isinstance(entry.logged.event, _FIRST_TO_GO)]
        gone = set((spare or list(range(1, len(self._log))))[:few])
        self._forgotten += len(gone)
        self._forgotten_to = max(self._forgotten_to, self._log[max(gone)].logged.sequence)
        self._log = [entry for i, entry in enumerate(self._log) if i not in gone]

    def _after(self, sequence: int) -> int:
        return bisect.bisect_right(self._log, sequence, key=lambda entry: entry.logged.sequence)

    def _news(self, page: _Page) -> list[_News]:
        """What ``page`` has not seen yet; marks it as seen. Long logs come in several calls."""
        page.look()
        news: list[_News] = []
        if self._desk is not None and page.desk_tick < self._desk_tick:
            page.desk_tick = self._desk_tick
            news.append(_News("desk", dataclasses.asdict(self._desk)))
        if page.open_tick < self._open_tick:
            page.open_tick = self._open_tick
            news.append(_News("earlier", {"calls": [card_json(each) for each in self._open]}))
        if self._call is None:
            if page.call is not None:
                page.call = None
                news.append(_News("reset", {"call": None, "forgotten": 0}))
            return news
        if page.call != self._call:
            page.call, page.reset_after = self._call, None
        if page.reset_after is None or (page.sequence < self._forgotten_to and page.reset_after < self._forgotten_to):
            page.sequence, page.tick, page.card_tick, page.reset_after = 0, 0, 0, self._forgotten_to
            news.append(_News("reset", {"call": self._call, "forgotten": self._forgotten}))
        start = self._after(page.sequence)
        batch = self._log[start : start + BATCH_EVENTS]
        if batch:
            page.sequence = batch[-1].logged.sequence
            news.append(_News("log", entries=batch, id=f"{self._call}:{page.sequence}"))
        if start + len(batch) == len(self._log):
            if page.card_tick < self._card_tick:
                page.card_tick = self._card_tick
                news.append(_News("card", card=self._card.card()))
            unseen = [item.event for item in self._tentative.values() if item.tick > page.tick]
            news.extend(_News("tentative", tentative=event) for event in unseen)
            page.tick = self._tick
        return news

    def _wake(self) -> None:
        self._pages -= {page for page in self._pages if not page.wake()}
