"""A console of a clinic with people: one account a role, kept calls of each kind, a clock and a trail to look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.audit_fakes import ListedTrail
from tests.console.kept_sound import open_tone
from tests.console.scripted_call import final, started
from tests.console.test_access import NoHolds
from voice_triage.accounts.account_file import Accounts
from voice_triage.accounts.lockout import Lockout
from voice_triage.accounts.passwords import Passwords
from voice_triage.accounts.reach import reach
from voice_triage.accounts.roles import Role
from voice_triage.accounts.sessions import Sessions
from voice_triage.accounts.sign_in import SignIn
from voice_triage.call_log import CallLog
from voice_triage.console.app import ConsoleServer
from voice_triage.console.board import Board
from voice_triage.console.entrance import Entrance
from voice_triage.console.feed import Feed
from voice_triage.desk_cards import DeskCards
from voice_triage.desk_state import DeskCommand
from voice_triage.events import CallEnded, CallStarted, HandedOff, HandOffTo
from voice_triage.reviews import Reviews
from voice_triage.settings import load_settings
from voice_triage.store.sql_calls import SqlCallStore
from voice_triage.supervisor_pages import SupervisorPages

PASSWORD = "seven brown geese fly"
CHEAP = Passwords(time_cost=1, memory_kib=8)
"""Fast: what argon2 costs is tested by itself."""
PEOPLE = {"amy": Role.CSR, "ben": Role.CSR, "tess": Role.TECHNICIAN, "sue": Role.SUPERVISOR, "ada": Role.ADMINISTRATOR}


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class ClinicPeople:
    """Everything that lets people in, on a free port; calls are kept in ``folder``."""

    def __init__(
        self,
        folder: Path,
        *,
        people: bool = True,
        desk_signs_in: bool = True,
        beyond_names: Sequence[str] = (),
        kept_sound: bool = False,
    ) -> None:
        self.folder = folder
        self.clock = Clock()
        self.trail = ListedTrail()
        self.accounts = Accounts(folder, CHEAP)
        self.sessions = Sessions(standing=self.accounts.standing, now=self.clock)
        self.lockout = Lockout(self.clock)
        self.sign_in = SignIn(self.accounts, self.sessions, self.lockout, self.trail)
        if people:
            for name, role in PEOPLE.items():
                self.accounts.add(name, f"{name.title()} Doe", role, PASSWORD, must_change=False)
        self.store = SqlCallStore(folder / "calls.sqlite3")
        self.feed, self.board = Feed(beat_s=0.05), Board(beat_s=0.05)
        self.cards = DeskCards(
            self.store, CallLog.resumed, show_earlier=self.feed.set_open, show_handed_off=self.board.show
        )
        self.reviews = Reviews(self.store, self.cards, audit=self.trail)
        self.asked: list[DeskCommand] = []
        entrance = Entrance(self.sessions, self.sign_in, reach(self.cards.whose), desk_signs_in, beyond_names)
        self.further = SupervisorPages(
            load_settings({"VOICE_TRIAGE_DATA_DIR": str(folder), "VOICE_TRIAGE_CONFIG": ""}), self.store, self.trail
        )
        self.server = ConsoleServer(
            self.feed,
            command=self.asked.append,
            open_sound=self.reviews.sound if kept_sound else open_tone,
            clinic=dict,
            cards=self.cards,
            board=self.board,
            walk_in=lambda: "w-1",
            entrance=entrance,
            audit=self.trail,
            holds=NoHolds(),
            reviews=self.reviews,
            pages=self.further.pages,
        )
        self.link = self.server.start()
        self.address = self.link.split("/open")[0]

    def keep_calls(self) -> None:
        """Long ago, so that they are not the desk's any more: ``amys``, ``handed`` (Ben's, handed off), ``old``."""
        for name, csr in (("amys", "amy"), ("handed", "ben"), ("old", "")):
            begun = started(name)
            log = CallLog(name, store=self.store)
            log.append(CallStarted(name, 0.0, begun.started_at, begun.source, begun.sample_rate_hz, csr=csr))
            log.append(final(0, "she has been in the litter box all night", 2.0))
            log.append(CallEnded(9.0, 9.0, "hang-up"))
            if name == "handed":
                log.append(HandedOff(10.0, HandOffTo.TECHNICIAN, "note"))
            log.close()

    def at_the_desk(self) -> httpx.Client:
        """The browser that opened the desk's link."""
        client = self.browser()
        assert client.get(self.server.new_url()).status_code == 303
        return client

    def browser(self) -> httpx.Client:
        """A browser that nobody has used; it sends its origin with what it changes."""
        return httpx.Client(base_url=self.address, headers={"origin": self.address})

    def signed_in(self, name: str, client: httpx.Client | None = None) -> httpx.Client:
        """A browser in which ``name`` has signed in."""
        client = client or self.browser()
        answer = self.try_sign_in(client, name, PASSWORD)
        assert answer.status_code == 303, answer.text
        return client

    def try_sign_in(self, client: httpx.Client, name: str, password: str) -> httpx.Response:
        """Fill in the form and send it."""
        mark = mark_of(client.get("/sign-in").text)
        return client.post("/sign-in", data={"mark": mark, "name": name, "password": password})

    def close(self) -> None:
        """End it."""
        self.server.stop()
        self.reviews.close()
        self.further.close()
        self.store.close()


def mark_of(page: str) -> str:
    """What the form of a page is marked with."""
    found = re.search(r'name="mark" value="([0-9a-f]+)"', page)
    assert found, page
    return found[1]


@contextmanager
def clinic_people(
    folder: Path,
    *,
    people: bool = True,
    desk_signs_in: bool = True,
    beyond_names: Sequence[str] = (),
    kept_sound: bool = False,
) -> Iterator[ClinicPeople]:
    """One that is closed at the end. ``kept_sound``: what can be heard is what the store has, else a tone."""
    clinic = ClinicPeople(
        folder, people=people, desk_signs_in=desk_signs_in, beyond_names=beyond_names, kept_sound=kept_sound
    )
    try:
        yield clinic
    finally:
        clinic.close()


__all__ = ["PASSWORD", "PEOPLE", "ClinicPeople", "clinic_people", "mark_of"]
