"""A console with cards that can be worked on: a call as the desk has it, and a client that is let in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.console.scripted_call import blocked_cat
from voice_triage.accounts.reach import reach
from voice_triage.call_log import CallLog, Follower
from voice_triage.clinic_consent import ClinicConsent, ConsentOfCall
from voice_triage.console.app import ClinicData, ConsoleServer
from voice_triage.console.board import Board
from voice_triage.console.entrance import Entrance
from voice_triage.console.feed import Feed
from voice_triage.desk_cards import DeskCards
from voice_triage.errors import DeskError
from voice_triage.events import TENTATIVE, Event, Logged
from voice_triage.keeping import Keeping
from voice_triage.store.sql_calls import SqlCallStore
from voice_triage.walk_in import STOPPED, WalkIn


class WorkingDesk:
    """A store, the desk's cards, and the console that shows them."""

    def __init__(
        self,
        folder: Path,
        *,
        clinic: ClinicData | None = None,
        new_follower: Callable[[], Follower] | None = None,
        consent: ClinicConsent | None = None,
    ) -> None:
        """``clinic``, ``new_follower``, which each call gets one of, and ``consent`` as the product has them.

        Or without.
        """
        self._consent = consent
        self._new_follower = new_follower
        self.store = SqlCallStore(folder / "kept" / "calls.sqlite3")
        self.feed = Feed(beat_s=0.05)
        self.board = Board(beat_s=0.05)
        self.cards = DeskCards(
            self.store, self._resume, consent=consent, show_earlier=self.feed.set_open, show_handed_off=self.board.show
        )
        self.walk_ins: list[WalkIn] = []
        self.server = ConsoleServer(
            self.feed,
            cards=self.cards,
            board=self.board,
            walk_in=self._walk_in,
            clinic=clinic,
            entrance=Entrance(may_open=reach(self.cards.whose)),
        )
        link = self.server.start()
        self.address = link.split("/open")[0]
        self.client = httpx.Client(base_url=self.address, headers={"origin": self.address})
        self.client.get(link)

    def call(self, name: str, events: Sequence[Logged] | None = None) -> CallLog:
        """A call whose log is these events."""
        log = CallLog(
            name,
            store=self.store if self._consent is None else Keeping(self.store, name),
            listeners=self._listeners,
            follower=self._follower(),
            consent=None if self._consent is None else ConsentOfCall(self._consent).follow,
        )
        self.cards.hold(log)
        for logged in blocked_cat(name) if events is None else events:
            log.append(logged.event)
        return log

    def act(self, call: str, action: str, **keys: Any) -> httpx.Response:
        """Ask for an action as a page does."""
        return self.client.post(f"/api/calls/{call}/actions", json={"action": action, **keys})

    def card(self, call: str) -> dict[str, Any]:
        """The call's card as a script reads it."""
        read: dict[str, Any] = self.client.get(f"/api/calls/{call}/card").json()
        return read

    def kept(self, call: str) -> list[Event]:
        """What the store keeps of a call, without what is only shown."""
        return [logged.event for logged in self.store.events(call) if not isinstance(logged.event, TENTATIVE)]

    def close(self) -> None:
        """End it."""
        self.client.close()
        self.server.stop()
        self.store.close()

    def _follower(self) -> Follower | None:
        return None if self._new_follower is None else self._new_follower()

    @property
    def _listeners(self) -> tuple[Any, Any]:
        return (self.feed.publish, self.cards.follow)

    def _resume(self, kept: Sequence[Logged]) -> CallLog:
        return CallLog.resumed(kept, store=self.store, listeners=self._listeners)

    def _walk_in(self) -> str:
        if self.walk_ins and not self.walk_ins[-1].log.ended:
            raise DeskError("A card is open already.")
        walk_in = WalkIn(
            f"w-{len(self.walk_ins) + 1}", store=self.store, listeners=self._listeners, follower=self._follower()
        )
        self.cards.hold(walk_in.log)
        self.walk_ins.append(walk_in)
        walk_in.begin()
        return walk_in.log.call

    def end_walk_in(self) -> None:
        """As the desk's command does."""
        self.walk_ins[-1].end(STOPPED)


@contextmanager
def working_desk(folder: Path, consent: ClinicConsent | None = None) -> Iterator[WorkingDesk]:
    """One that is closed at the end."""
    desk = WorkingDesk(folder, consent=consent)
    try:
        yield desk
    finally:
        desk.close()
