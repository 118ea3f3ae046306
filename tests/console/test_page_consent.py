"""Consent on the page: always in sight, noted by keyboard alone, the same in every window and after a reload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.console.browsing import WAITING, Window, expect
from tests.console.scripted_call import blocked_cat, final
from tests.console.test_page_axe import violations
from tests.console.working_desk import WorkingDesk, working_desk
from voice_triage.clinic_consent import ClinicConsent
from voice_triage.desk_state import DeskState
from voice_triage.errors import StoreError
from voice_triage.events import CallEnded, FinalTranscript, NoteTyped


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WorkingDesk]:
    """A desk of a clinic that asks each client."""
    with working_desk(tmp_path, ClinicConsent()) as desk:
        desk.feed.set_desk(
            DeskState(WAITING.source, WAITING.source_state, WAITING.recognizer_state, captures=("client", "sound"))
        )
        yield desk


@pytest.fixture
def window(browser: Any, desk: WorkingDesk) -> Iterator[Window]:
    """A window on it, compact as beside another program."""
    window = Window(
        browser,
        SimpleNamespace(server=desk.server, address=desk.address),  # type: ignore[arg-type]
        viewport={"width": 420, "height": 900},
    )
    yield window
    window.close()


def soon(tab: Any, what: Callable[[], bool]) -> None:
    """Wait for it: an alert does not wait for the disk, and neither does the rest of the page."""
    for _ in range(200):
        if what():
            return
        tab.wait_for_timeout(50)
    raise AssertionError("it never came true")


def is_kept(desk: WorkingDesk, call: str) -> bool:
    """Whether the store has anything of it."""
    try:
        return bool(desk.store.events(call))
    except StoreError:
        return False


def test_consent_is_noted_by_keyboard_alone(desk: WorkingDesk, window: Window) -> None:
    """Undecided, agreed, paused, recorded again, refused: each by one key and a number, and shown at once."""
    tab, other = window.open(), window.open()
    log = desk.call("c", blocked_cat("c", ended=False))
    consent = tab.locator("#consent")
    expect(consent).to_have_text("Consent not decided · nothing is kept yet")
    expect(tab.locator("#captured")).to_have_text("Captured: the client’s side, sound")
    assert not is_kept(desk, "c")
    tab.keyboard.press("y")
    expect(tab.get_by_role("button", name="Told that the call is recorded")).to_be_focused()
    assert violations(tab) == []
    tab.keyboard.press("Escape")
    expect(tab.locator("#consent-choice")).to_be_hidden()
    tab.keyboard.press("y")
    tab.keyboard.press("2")
    expect(consent).to_have_text("Client agrees to recording · being kept")
    expect(other.locator("#consent")).to_have_text("Client agrees to recording · being kept")
    soon(tab, lambda: is_kept(desk, "c"))
    tab.keyboard.press("z")
    expect(tab.locator("#command-answer")).to_contain_text("Consent is not undone")
    tab.keyboard.press("b")
    expect(consent).to_contain_text("recording paused: this is kept nowhere")
    expect(tab.locator("#captured")).to_be_empty()
    assert violations(tab) == []
    tab.reload()
    expect(consent).to_contain_text("recording paused: this is kept nowhere")
    tab.keyboard.press("b")
    expect(consent).to_contain_text("being kept")
    tab.keyboard.press("y")
    tab.keyboard.press("3")
    expect(consent).to_have_text("Client refuses recording · nothing is kept but what you type")
    soon(tab, lambda: not is_kept(desk, "c"))
    expect(tab.get_by_role("button", name="Pause recording")).to_be_hidden()
    log.append(final(5, "he is crying when i touch him", 50.0))
    expect(tab.locator("#transcript")).to_contain_text("crying when i touch him")
    assert violations(tab) == []
    tab.reload()
    expect(consent).to_contain_text("Client refuses recording")
    expect(tab.locator("#transcript")).to_contain_text("crying when i touch him")
    tab.keyboard.press("m")
    tab.keyboard.type("calls back at noon")
    tab.keyboard.press("Enter")
    expect(tab.locator("#notes")).to_contain_text("calls back at noon")
    soon(tab, lambda: is_kept(desk, "c"))
    kept = desk.kept("c")
    assert [event.text for event in kept if isinstance(event, NoteTyped)] == ["calls back at noon"]
    assert not any(isinstance(event, FinalTranscript) for event in kept)
    log.append(CallEnded(60.0, 60.0, "hang-up"))
    expect(consent).to_contain_text("gone 10 minutes after the call, but for what you typed")


def test_an_undecided_call_stays_in_sight_until_somebody_decides(desk: WorkingDesk, window: Window) -> None:
    """Also when the next call has begun: it is among the earlier ones, and can be kept or deleted there."""
    tab = window.open()
    desk.call("c", blocked_cat("c"))
    expect(tab.locator("#consent")).to_contain_text("gone 10 minutes after the call, unless you decide")
    desk.call("next", blocked_cat("next", ended=False))
    earlier = tab.locator("#earlier")
    expect(earlier).to_contain_text("Consent not decided")
    earlier.locator("summary").first.click()
    assert not is_kept(desk, "c")
    earlier.get_by_role("button", name="Client agreed: keep it").click()
    expect(earlier).not_to_contain_text("Consent not decided")
    soon(tab, lambda: is_kept(desk, "c"))


def test_a_walk_in_asks_for_no_consent(desk: WorkingDesk, window: Window) -> None:
    """Nothing of it is recorded; the keys say so."""
    tab = window.open()
    tab.keyboard.press("w")
    expect(tab.locator("#call-state")).to_contain_text("Walk-in")
    expect(tab.locator("#consent")).to_be_hidden()
    for key in ("y", "b"):
        tab.keyboard.press(key)
        expect(tab.locator("#command-answer")).to_contain_text("Nothing of this card is recorded")
