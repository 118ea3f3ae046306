"""A whole call handled by keyboard alone, in a real browser, with the desk's own cards and store behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.console.browsing import WAITING, Window, card, expect, field, shown
from tests.console.scripted_call import blocked_cat, final, flag
from tests.console.test_page_axe import violations
from tests.console.working_desk import WorkingDesk, working_desk
from voice_triage.events import CallEnded


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WorkingDesk]:
    """A desk with a store of its own."""
    with working_desk(tmp_path) as desk:
        desk.feed.set_desk(WAITING)
        yield desk


@pytest.fixture
def window(browser: Any, desk: WorkingDesk) -> Iterator[Window]:
    """A wide window on it."""
    window = Window(browser, SimpleNamespace(server=desk.server, address=desk.address))  # type: ignore[arg-type]
    yield window
    window.close()


def press(tab: Any, *keys: str) -> None:
    """One key after the other, each when what the one before did has been answered."""
    for key in keys:
        tab.keyboard.press(key)


def deal_with_the_flags(tab: Any) -> None:
    """Acknowledge, send, undo, think again, hand over; raise one by hand, and dismiss it with a reason."""
    urinary, pain = card(tab, "urinary"), card(tab, "pain")
    expect(urinary).to_have_attribute("data-current", "")
    press(tab, "a")
    expect(urinary).to_contain_text("Acknowledged at 0:")
    expect(tab.get_by_role("alert")).to_be_empty()
    expect(tab.locator("#maybe")).to_contain_text("Acknowledged, no end yet")
    press(tab, "e")
    expect(urinary).to_have_attribute("data-ended", "sent_to_emergency_room")
    expect(tab.locator(".banner")).to_have_count(0)
    press(tab, "z")
    expect(tab.locator("#command-answer")).to_have_text("Undone.")
    expect(urinary).not_to_have_attribute("data-ended", re.compile(".+"))
    press(tab, "d")
    expect(urinary.get_by_role("button", name="Misheard")).to_be_focused()
    press(tab, "Escape")
    expect(urinary.get_by_role("button", name="Misheard")).to_have_count(0)
    press(tab, "t")
    expect(urinary).to_contain_text("Handed over")
    press(tab, "r", "7")
    expect(pain).to_contain_text("Raised by you")
    press(tab, "d", "2")
    expect(pain).to_have_attribute("data-ended", "dismissed")
    expect(pain).to_contain_text("Asked: it is not happening")


def settle_the_fields(tab: Any) -> None:
    """Confirm two, type one, reject one; one that the client does not know."""
    press(tab, "p")
    expect(field(tab, "pet_name")).to_be_focused()
    press(tab, "c")
    expect(field(tab, "pet_name")).to_have_attribute("data-state", "confirmed")
    expect(field(tab, "species")).to_be_focused()
    press(tab, "c")
    expect(field(tab, "age")).to_be_focused()
    press(tab, "i")
    expect(tab.get_by_role("textbox", name="Age: type the value")).to_have_value("4 years")
    tab.keyboard.type("5 years")
    press(tab, "Enter")
    expect(field(tab, "age")).to_have_attribute("data-state", "edited")
    expect(field(tab, "age")).to_contain_text("5 years")
    expect(field(tab, "age")).to_be_focused()
    press(tab, "ArrowDown")
    expect(field(tab, "sex")).to_be_focused()
    press(tab, "x")
    expect(field(tab, "sex")).to_contain_text("rejected: ask again")
    for _ in range(30):
        if tab.evaluate("document.activeElement.dataset.field") == "weight":
            break
        press(tab, "ArrowRight")
    press(tab, "u")
    expect(field(tab, "weight")).to_contain_text("asked, not known")


def hand_off(tab: Any) -> None:
    """Read the note and give it to the technician."""
    press(tab, "h")
    for text in ("Oliver", "nothing in there", "5 years", "Comes in with her neighbor."):
        expect(tab.locator("#hand-off-note")).to_contain_text(text)
    for _ in range(10):
        if "Hand to technician" in tab.evaluate("document.activeElement.textContent"):
            break
        press(tab, "Tab")
    press(tab, "Enter")
    expect(tab.locator("#notes")).to_contain_text("Handed off to the technician")


def test_a_whole_call_is_handled_by_keyboard_alone(desk: WorkingDesk, window: Window) -> None:
    """From the red flag to the hand-off, without a pointer: what was done is in the log, in order."""
    tab = window.open()
    log = desk.call("c", blocked_cat("c", ended=False))
    deal_with_the_flags(tab)
    settle_the_fields(tab)
    press(tab, "m")
    tab.keyboard.type("Comes in with her neighbor.")
    press(tab, "Enter")
    expect(tab.locator("#notes")).to_contain_text("Comes in with her neighbor.")
    log.append(CallEnded(60.0, 60.0, "hang-up"))
    expect(tab.locator("#call-state")).to_contain_text("Call ended")
    hand_off(tab)
    assert [type(logged.event).__name__ for logged in log.events()][-14:] == [
        "FlagAcknowledged", "FlagEnded", "ActionUndone", "FlagEnded", "FlagRaisedByHand", "FlagEnded", "FieldSettled",
        "FieldSettled", "FieldSettled", "FieldSettled", "FieldSettled", "NoteTyped", "CallEnded", "HandedOff",
    ]  # fmt: skip


def test_two_windows_agree_on_what_was_done(desk: WorkingDesk, window: Window) -> None:
    """What one does the other shows; a thing is done once."""
    here, there = window.open(), window.open()
    desk.call("c", blocked_cat("c", ended=False))
    for tab in (here, there):
        expect(card(tab, "urinary")).to_be_visible()
    here.keyboard.press("a")
    for tab in (here, there):
        expect(card(tab, "urinary")).to_contain_text("Acknowledged at")
    there.keyboard.press("e")
    expect(card(here, "urinary")).to_have_attribute("data-ended", "sent_to_emergency_room")
    late = window.open()
    expect(card(late, "urinary")).to_have_attribute("data-ended", "sent_to_emergency_room")
    expect(late.locator(".utterance")).to_have_count(5)
    assert shown(here) == shown(there) == shown(late)


def test_a_flag_without_an_end_stays_on_top_after_hang_up_and_outlives_the_next_call(
    desk: WorkingDesk, window: Window
) -> None:
    """It is asked for on the page, and listed as an earlier call's once another call has begun, until it has an end."""
    tab = window.open()
    desk.call("c", blocked_cat("c"))
    expect(tab.locator("#flags-left")).to_have_text("These flags have no end yet. What became of them?")
    tab.keyboard.press("a")
    expect(tab.locator("#maybe")).to_contain_text("No end yet: what became of it?")
    desk.call("d", blocked_cat("d", ended=False)[:3])
    earlier = tab.get_by_role("region", name="Earlier calls that are not finished")
    expect(earlier).to_contain_text("Oliver, cat · 1 flag without an end")
    earlier.locator("summary").first.focus()
    tab.keyboard.press("Enter")
    earlier.get_by_role("button", name="Sent to ER: Unable or straining to urinate").focus()
    tab.keyboard.press("Enter")
    expect(earlier).to_be_hidden()
    assert desk.card("c")["open_flags"] == 0


def test_new_words_open_a_dismissed_flag_again(desk: WorkingDesk, window: Window) -> None:
    """New evidence is never hidden by an old answer."""
    tab = window.open()
    log = desk.call("c", blocked_cat("c", ended=False))
    expect(card(tab, "urinary")).to_be_visible()
    tab.keyboard.press("d")
    tab.keyboard.press("1")
    expect(card(tab, "urinary")).to_have_attribute("data-ended", "dismissed")
    more = final(9, "no really he cannot pee at all", 50.0)
    log.append(more)
    log.append(flag(more, "urinary", "cannot pee", "The client says the cat cannot urinate."))
    expect(card(tab, "urinary")).to_contain_text("Dismissed before; the client has said more since.")
    expect(tab.get_by_role("alert")).to_contain_text("“cannot pee”")


def test_what_cannot_be_done_is_said_and_what_was_typed_stays(desk: WorkingDesk, window: Window) -> None:
    """In the desk's words; a refused note is not lost."""
    window.expected.append("409")
    tab = window.open()
    desk.call("c", blocked_cat("c", ended=False))
    expect(card(tab, "urinary")).to_be_visible()
    tab.keyboard.press("m")
    tab.keyboard.type("It is probably a blockage.")
    tab.keyboard.press("Enter")
    expect(tab.locator("#command-answer")).not_to_be_empty()
    expect(tab.locator("#note-box")).to_have_value("It is probably a blockage.")


def test_a_walk_in_is_a_card_without_a_call(desk: WorkingDesk, window: Window) -> None:
    """One key begins it; the same flags, fields and hand-off, and no sound."""
    tab = window.open()
    tab.keyboard.press("w")
    expect(tab.locator("#call-state")).to_contain_text("Walk-in")
    expect(field(tab, "species")).to_contain_text("not asked")
    tab.keyboard.press("r")
    tab.keyboard.press("2")
    expect(card(tab, "breathing")).to_contain_text("Raised by you")
    field(tab, "species").focus()
    tab.keyboard.press("i")
    tab.keyboard.type("dog")
    tab.keyboard.press("Enter")
    expect(field(tab, "species")).to_contain_text("Dog", ignore_case=True)
    tab.keyboard.press("h")
    expect(tab.locator("#hand-off-note")).to_contain_text("dog", ignore_case=True)


def test_working_on_a_card_breaks_no_rule(desk: WorkingDesk, window: Window) -> None:
    """WCAG 2.2 AA as far as axe can tell: reasons to dismiss, a field typed, the note, an earlier call, a walk-in."""
    tab = window.open()
    desk.call("c", blocked_cat("c"))
    expect(card(tab, "urinary")).to_be_visible()
    press(tab, "d")
    expect(card(tab, "urinary").get_by_role("button", name="Misheard")).to_be_focused()
    assert violations(tab) == []
    press(tab, "Escape", "p", "i")
    expect(tab.get_by_role("textbox", name="Pet’s name: type the value")).to_be_focused()
    assert violations(tab) == []
    press(tab, "Escape", "h")
    expect(tab.get_by_role("dialog", name="Hand-off note")).to_be_visible()
    assert violations(tab) == []
    press(tab, "Escape", "w")
    expect(tab.locator("#call-state")).to_contain_text("Walk-in")
    expect(tab.get_by_role("region", name="Earlier calls that are not finished")).to_be_visible()
    assert violations(tab) == []
