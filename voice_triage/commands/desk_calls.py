"""The calls of the desk that ``run`` opens: each is kept, shown in the console, and has a card to be worked on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from voice_triage import bootstrap
from voice_triage.audio.source import AudioSource
from voice_triage.audit_trail import AT_THE_DESK, AuditKind, AuditTrail
from voice_triage.call import Call
from voice_triage.call_log import CallLog
from voice_triage.console.board import Board
from voice_triage.console.feed import Feed
from voice_triage.desk import CallFactory
from voice_triage.desk_cards import DeskCards
from voice_triage.events import Logged
from voice_triage.second_hearing import HearingQueue
from voice_triage.settings import Settings
from voice_triage.store.calls import CallStore
from voice_triage.walk_in import WalkIn


class DeskCalls:
    """Makes calls, walk-ins, and the logs of earlier calls that are gone on with."""

    def __init__(
        self,
        settings: Settings,
        store: CallStore,
        feed: Feed,
        board: Board,
        *,
        tell: Callable[[str], None],
        csr: Callable[[], str] = str,
        audit: AuditTrail | None = None,
    ) -> None:
        """``tell`` gets one sentence for the CSR if calls are heard once and that was not asked for.

        ``csr`` gives the account of the CSR at the desk, whose a call is that begins now.
        """
        self._settings = settings
        self._store = store
        self._tell = tell
        self._csr = csr
        self._audit = audit
        self._second: HearingQueue | None = None
        self._engine: bootstrap.Engine | None = None
        self.cards = DeskCards(
            store, self._resume, signs=self._signs, show_earlier=feed.set_open, show_handed_off=board.show
        )
        self._listeners = (feed.publish, self.cards.follow)

    def load(self) -> CallFactory:
        """Load the engine, which takes a second or two. Raises ModelError, RecognizerError and LexiconError."""
        self._second = bootstrap.hearing_queue(self._settings, self._tell)
        self._engine = bootstrap.load_engine(self._settings, self._second, follow=True)
        return self._new_call

    def begin_walk_in(self) -> WalkIn:
        """A walk-in, not yet begun. Only after :meth:`load`."""
        assert self._engine is not None
        walk_in = self._engine.walk_in(
            bootstrap.new_call_id(), csr=self._csr(), store=self._store, listeners=self._listeners
        )
        self.cards.hold(walk_in.log)
        return walk_in

    def not_client(self, call: str) -> None:
        """The CSR says that a call is no client's: record that, as nothing else of it stays."""
        if self._audit is not None:
            self._audit.record(AuditKind.NOT_CLIENT, who=self._csr() or AT_THE_DESK, call=call)

    def close(self) -> None:
        """Give the store what it missed, and free the engine. Idempotent."""
        self.cards.close()
        if self._second is not None:
            self._second.close()
        if self._engine is not None:
            self._engine.close()

    def _new_call(self, source: AudioSource, *, sample: bool, named: str) -> tuple[Call, CallLog]:
        assert self._engine is not None
        call, log = self._engine.call(
            source,
            bootstrap.new_call_id(),
            live=True,
            named=named,
            sample=sample,
            csr=self._csr(),
            store=None if sample else self._store,
            listeners=self._listeners,
        )
        self.cards.hold(log)
        return call, log

    def _signs(self) -> Mapping[str, str] | None:
        return None if self._engine is None else self._engine.signs()

    def _resume(self, kept: Sequence[Logged]) -> CallLog:
        if self._engine is not None:
            return self._engine.resumed(kept, store=self._store, listeners=self._listeners)
        now = bootstrap.since
        return CallLog.resumed(kept, store=self._store, listeners=self._listeners, now=lambda: now(kept))
