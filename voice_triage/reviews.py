"""What a supervisor does with kept calls: finds them, replays them, judges them, takes something out of them.

Everything is read from the calls' logs and written into them. Calls of other desks that share the store can be read
and judged too; one that still runs can not.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from voice_triage.audit_trail import AuditKind, AuditTrail
from voice_triage.call_log import where
from voice_triage.closing import Closing
from voice_triage.desk_cards import DeskCards
from voice_triage.errors import DeskError, NoSuchCallError, StoreError
from voice_triage.events import CallEnded, Logged, ReviewEntry, Side
from voice_triage.playback import KeptSound
from voice_triage.review.entries import completed
from voice_triage.review.queue import PAGE_LINES, QueuedCall, QueueFilter, QueuePage, Which
from voice_triage.review.sheet import review_sheet
from voice_triage.store.search import CallSearch
from voice_triage.store.sql_calls import SqlCallStore

log = logging.getLogger(__name__)

LOGS_AT_HAND = 3
"""Logs of calls that are being replayed; a page asks for one again and again."""
BEST_FOUND = 2000
"""So many calls that hold the words are looked through by the other filters."""


class Reviews(Closing):
    """Safe from any thread."""

    def __init__(
        self,
        store: SqlCallStore,
        cards: DeskCards,
        *,
        audit: AuditTrail | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """``cards`` are the desk's: an entry about a call that the desk has at hand goes through its own log."""
        self._store = store
        self._cards = cards
        self._audit = audit
        self._now = now
        self._lock = threading.Lock()
        self._logs: OrderedDict[str, Sequence[Logged]] = OrderedDict()
        self._searching = threading.Lock()
        self._search: CallSearch | None = None
        self._indexed: dict[str, int] = {}
        self._filling: threading.Thread | None = None

    # --- finding --------------------------------------------------------------------------------------------------

    def make_ready(self) -> None:
        """Bring the queue and the search up to the kept calls, in the background; called again it does so again."""
        with self._lock:
            if self._filling is not None and self._filling.is_alive():
                return
            self._filling = threading.Thread(target=self._fill, name="review-queue", daemon=True)
            self._filling.start()

    def queue(self, wanted: QueueFilter, page: int) -> QueuePage:
        """A page of the queue, numbered from 0. Raises StoreError."""
        among = self._found(wanted.words) if wanted.words.strip() else None
        return self._store.queue(wanted, page, self._now(), among)

    def lessons(self) -> Sequence[QueuedCall]:
        """The calls that are in the teaching library, the newest first. Raises StoreError."""
        wanted, found = QueueFilter(Which.TEACHING), list[QueuedCall]()
        while True:
            page = self.queue(wanted, len(found) // PAGE_LINES)
            found += page.calls
            if len(page.calls) < PAGE_LINES:
                return found

    # --- one call -------------------------------------------------------------------------------------------------

    def log(self, call: str) -> Sequence[Logged]:
        """A call's log as it is now. Raises NoSuchCallError."""
        with self._lock:
            held = self._logs.get(call)
        if held is not None and self._store.length(call) == held[-1].sequence:
            return held
        try:
            kept = self._store.events(call)
        except StoreError as error:
            with self._lock:
                self._logs.pop(call, None)
            raise NoSuchCallError(str(error)) from error
        with self._lock:
            self._logs[call] = kept
            while len(self._logs) > LOGS_AT_HAND:
                self._logs.popitem(last=False)
        return kept

    def lesson(self, call: str) -> Sequence[Logged]:
        """The log of a call that is in the teaching library now. Raises NoSuchCallError for any other."""
        kept = self.log(call)
        if review_sheet(kept).teaching is None:
            raise NoSuchCallError("There is no such call in the teaching library.")
        return kept

    def sides(self, call: str) -> Sequence[Side]:
        """The sides of which sound is kept."""
        return [side for side in Side if self._store.folders.files(call, side.value)]

    def sound(self, call: str, side: Side) -> KeptSound:
        """A side's sound. Raises StoreError if none is kept."""
        return KeptSound(self._store.folders, call, side)

    def enter(self, call: str, entry: ReviewEntry) -> Logged:
        """Log what a supervisor did, at this moment of the call, and record it.

        Raises NoSuchCallError, and DeskError that says why it cannot be done.
        """

        def decide(kept: Sequence[Logged]) -> ReviewEntry:
            if not any(isinstance(logged.event, CallEnded) for logged in kept):
                raise DeskError("This call is still going on. It can be reviewed when it has ended.")
            return completed(entry, kept)

        logged = self._cards.add_later(call, decide)
        if self._audit is not None:
            entered = type(logged.event).__name__
            self._audit.record(AuditKind.REVIEW, who=entry.by, call=call, entry=entered, sequence=logged.sequence)
        return logged

    def tell_export(self, call: str, who: str, form: str) -> None:
        """Record that something of a call is taken out, before it is. Raises AuditError: then it is not."""
        if self._audit is not None:
            self._audit.record(AuditKind.EXPORT, who=who, call=call, form=form)

    def clip(self, call: str, side: Side, start_s: float, end_s: float) -> Iterator[bytes]:
        """A stretch of a side's sound as a WAV file, in pieces. Raises StoreError if none is kept."""
        self.sound(call, side).close()  # whether there is any is known before the first piece

        def pieces() -> Iterator[bytes]:
            with self.sound(call, side) as sound:
                yield from sound.clip(start_s, end_s)

        return pieces()

    def close(self) -> None:
        """Free the search."""
        with self._searching:
            if self._search is not None:
                self._search.close()
            self._search = None

    # --- inside ---------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        try:
            self._store.fill_queue()
            with self._searching:
                self._bring_up_to_date()
        except StoreError as error:
            log.error("the review's queue could not be made ready: %s", where(error))

    def _found(self, words: str) -> Sequence[str]:
        with self._searching:
            search = self._bring_up_to_date()
            return search.find(words, BEST_FOUND)

    def _bring_up_to_date(self) -> CallSearch:
        """Under its lock: the index holds what is kept now, no more and no less."""
        marks = self._store.queue_marks()
        if self._search is None:
            self._search, self._indexed = CallSearch({}), {}
        for call in self._indexed.keys() - marks.keys():
            self._search.remove(call)
        changed = [call for call, mark in marks.items() if self._indexed.get(call) != mark]
        for first in range(0, len(changed), BEST_FOUND):
            self._search.add(self._store.transcripts(changed[first : first + BEST_FOUND]))
        self._indexed = marks
        return self._search
