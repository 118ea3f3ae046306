"""A walk-in: a card without a call, for a client at the counter. Its log has a beginning and an end, and no sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from voice_triage.call_log import CallLog, Follower, Listener
from voice_triage.card import WALK_IN
from voice_triage.events import CallEnded, CallStarted
from voice_triage.store.calls import CallStore

STOPPED = "stopped"
"""The CSR ended it, or the desk did."""
NEXT_CALL = "next call"
"""The telephone rang: the card is left as it was."""


class WalkIn:
    """One walk-in: made, begun, ended."""

    def __init__(
        self,
        call: str,
        *,
        lexicon: str = "",
        csr: str = "",
        store: CallStore | None = None,
        listeners: Iterable[Listener] = (),
        follower: Follower | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``lexicon``, ``csr`` and ``follower`` as for a call (:class:`~voice_triage.call_log.CallLog`)."""
        self._monotonic = monotonic
        self._began_s = monotonic()
        self.log = CallLog(call, store=store, listeners=listeners, follower=follower, now=self._elapsed_s)
        started_at = datetime.now().astimezone().isoformat("T", "seconds")
        self._started = CallStarted(call, 0.0, started_at, WALK_IN, 0, lexicon=lexicon, csr=csr)

    def _elapsed_s(self) -> float:
        return self._monotonic() - self._began_s

    def begin(self) -> None:
        """Its first event; whoever follows it is ready by now."""
        self.log.append(self._started)

    def end(self, reason: str) -> None:
        """Its last event, but for what the CSR does afterwards. Once."""
        at_s = round(self._elapsed_s(), 3)
        self.log.append(CallEnded(at_s, at_s, reason))
        self.log.close()
