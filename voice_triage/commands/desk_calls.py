"""The calls of the desk that ``run`` opens: each is kept, shown in the console, and has a card to be worked on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from voice_triage import bootstrap
from voice_triage.audio.source import AudioSource
from voice_triage.audit_trail import AT_THE_DESK, AuditKind, AuditTrail
from voice_triage.call import Call
from voice_triage.call_log import CallLog
from voice_triage.clinic_consent import ClinicConsent, ConsentOfCall
from voice_triage.consent import Undecided
from voice_triage.console.board import Board
from voice_triage.console.feed import Feed
from voice_triage.desk import CallFactory
from voice_triage.desk_cards import DeskCards
from voice_triage.errors import StoreError
from voice_triage.events import Consent, Logged, Side
from voice_triage.keeping import Keeping
from voice_triage.playback import KeptSound
from voice_triage.second_hearing import HearingQueue
from voice_triage.settings import Settings
from voice_triage.store.calls import CallStore
from voice_triage.store.refused_count import RefusedCount
from voice_triage.unkept_calls import NamelessTrail, UnkeptCalls
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
        self._second: HearingQueue | None = None
        self._engine: bootstrap.Engine | None = None
        self._consent = ClinicConsent(Consent(settings.consent), Undecided(settings.consent_undecided))
        self._refused = RefusedCount(settings.data_dir)
        self.cards = DeskCards(
            store,
            self._resume,
            signs=self._signs,
            consent=self._consent,
            show_earlier=feed.set_open,
            show_handed_off=board.show,
        )
        self._unkept = UnkeptCalls(self.cards.let_go)
        self.audit = None if audit is None else NamelessTrail(audit, self._unkept)
        """The trail for what is done to the desk's calls."""
        self._open_kept = bootstrap.sounds(store)
        self._listeners = (feed.publish, self.cards.follow, self._unkept.follow)

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

    def not_client(self, _call: str) -> None:
        """The CSR says that a call is no client's: record that, without the call, as nothing else of it stays."""
        if self.audit is not None:
            self.audit.record(AuditKind.NOT_CLIENT, who=self._csr() or AT_THE_DESK)

    def open_sound(self, call: str, side: Side) -> KeptSound:
        """A side of a call: from memory while it is held, else as it is kept. Raises StoreError if it is neither."""
        keeping = self._unkept.keeping(call)
        if keeping is not None and keeping.is_held and keeping.sound is not None:
            return KeptSound.held(keeping.sound.held(side), call)
        if self._open_kept is None:
            raise StoreError("Calls cannot be kept on this computer at the moment, so there is nothing to hear.")
        return self._open_kept(call, side)

    def close(self) -> None:
        """Give the store what it missed, and free the engine. Idempotent."""
        self._unkept.close()
        self.cards.close()
        if self._second is not None:
            self._second.close()
        if self._engine is not None:
            self._engine.close()

    def _new_call(self, source: AudioSource, *, sample: bool, named: str) -> tuple[Call, CallLog]:
        assert self._engine is not None
        name = bootstrap.new_call_id()
        call, log = self._engine.call(
            source,
            name,
            live=True,
            named=named,
            sample=sample,
            csr=self._csr(),
            store=None if sample else self._unkept.watch(self._keeping(name)),
            consent=None if sample else ConsentOfCall(self._consent).follow,
            listeners=self._listeners,
        )
        self.cards.hold(log)
        return call, log

    def _signs(self) -> Mapping[str, str] | None:
        return None if self._engine is None else self._engine.signs()

    def _resume(self, kept: Sequence[Logged]) -> CallLog:
        keeping = self._unkept.watch(self._keeping(kept[0].call, kept), ended=True)
        if self._engine is not None:
            return self._engine.resumed(kept, store=keeping, listeners=self._listeners)
        now = bootstrap.since
        return CallLog.resumed(kept, store=keeping, listeners=self._listeners, now=lambda: now(kept))

    def _keeping(self, call: str, kept: Sequence[Logged] = ()) -> Keeping:
        files = bootstrap.recording_files(self._store, call) if self._settings.record and not kept else None
        return Keeping(self._store, call, files=files, kept=kept, count_refused=self._count_refused)

    def _count_refused(self, change: int) -> None:
        self._refused.add(datetime.now().astimezone().date(), change)
