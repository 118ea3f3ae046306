"""Calls that may not be kept vanish from the desk: ten minutes after their end, so that the card can be finished."""

from __future__ import annotations

import threading
from collections.abc import Callable
from weakref import WeakValueDictionary

from voice_triage.audit_trail import AuditKind, AuditTrail, Detail
from voice_triage.events import CallEnded, ConsentChanged, Logged
from voice_triage.keeping import Keeping

GRACE_S = 10 * 60.0
"""How long a call that is not kept stays in memory after its end, for the card and the hand-off [our choice]."""
Cancel = Callable[[], None]
Later = Callable[[float, Callable[[], None]], Cancel]
"""Does something after so many seconds, on a thread of its own, unless that is canceled."""


def in_a_while(seconds: float, run: Callable[[], None]) -> Cancel:
    """By the clock."""
    timer = threading.Timer(seconds, run)
    timer.daemon = True
    timer.start()
    return timer.cancel


class UnkeptCalls:
    """Watches the calls of one desk. Safe from any thread."""

    def __init__(self, let_go: Callable[[str], None], *, grace_s: float = GRACE_S, later: Later = in_a_while) -> None:
        """``let_go`` makes a call vanish (:meth:`voice_triage.desk_cards.DeskCards.let_go`)."""
        self._let_go = let_go
        self._grace_s = grace_s
        self._later = later
        self._lock = threading.Lock()
        self._calls: WeakValueDictionary[str, Keeping] = WeakValueDictionary()
        self._ended: set[str] = set()
        self._waiting: dict[str, Cancel] = {}

    def watch(self, keeping: Keeping, *, ended: bool = False) -> Keeping:
        """A call from now on; ``ended`` if it has."""
        with self._lock:
            self._calls[keeping.call] = keeping
            if ended:
                self._ended.add(keeping.call)
        return keeping

    def keeping(self, call: str) -> Keeping | None:
        """What keeps a call, while its log is at hand."""
        with self._lock:
            return self._calls.get(call)

    def follow(self, logged: Logged) -> None:
        """Listens to every call of the desk."""
        with self._lock:
            if isinstance(logged.event, CallEnded):
                self._ended.add(logged.call)
            if not isinstance(logged.event, CallEnded | ConsentChanged):
                return
            if logged.call in self._ended and logged.call in self._calls and logged.call not in self._waiting:
                self._waiting[logged.call] = self._later(self._grace_s, lambda: self._look_at(logged.call))

    def close(self) -> None:
        """Let nothing vanish any more. Idempotent."""
        with self._lock:
            waiting, self._waiting = list(self._waiting.values()), {}
        for cancel in waiting:
            cancel()

    def _look_at(self, call: str) -> None:
        with self._lock:
            self._waiting.pop(call, None)
            keeping = self._calls.get(call)
        if keeping is not None and keeping.is_unkept:
            self._let_go(call)


class NamelessTrail:
    """A desk's audit trail: what is done to a call that is not kept is recorded without saying which, or what for.

    Consent itself never names its call: one that is given now may be refused later.
    """

    def __init__(self, trail: AuditTrail, calls: UnkeptCalls) -> None:
        self._trail = trail
        self._calls = calls

    def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
        """Raises AuditError as the trail itself does."""
        keeping = self._calls.keeping(call)
        if kind is AuditKind.CONSENT or (keeping is not None and keeping.is_unkept):  # a kept call's log tells of it
            call, detail = "", {name: detail[name] for name in ("what", "consent", "side") if name in detail}
        self._trail.record(kind, who=who, call=call, **detail)
