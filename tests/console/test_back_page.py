"""The page at the back of the house, in a real browser: live, readable, honest about a lost connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.browsing import expect
from tests.console.scripted_call import poisoned_dog
from tests.console.test_page_axe import violations
from tests.console.working_desk import WorkingDesk, working_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WorkingDesk]:
    """A desk with two calls that nothing was done about."""
    with working_desk(tmp_path) as desk:
        desk.call("call-1")
        desk.call("call-2", poisoned_dog("call-2"))
        yield desk


@pytest.fixture
def back(browser: Any, desk: WorkingDesk) -> Iterator[Any]:
    """The page; it must complain of nothing and ask nobody else for anything."""
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    requests, complaints = list[str](), list[str]()
    context.on("request", lambda request: requests.append(request.url))
    tab = context.new_page()
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(desk.server.new_url())
    tab.goto(f"{desk.address}/back")
    expect(tab.locator("body")).to_have_attribute("data-connection", "open")
    yield tab
    context.close()
    assert [url for url in requests if not url.startswith(f"{desk.address}/")] == []
    assert complaints == []


def test_a_hand_off_appears_and_goes_by_itself(desk: WorkingDesk, back: Any) -> None:
    """The latest first, with the note, what is still open, and what the desk did since."""
    expect(back.get_by_text("Nothing was handed off in the last day.")).to_be_visible()
    for call in ("call-1", "call-2"):
        assert desk.act(call, "hand_off", to="technician").status_code == 204
    cards = back.locator("#handed > li")
    expect(cards).to_have_count(2)
    dog = back.locator('li[data-call="call-2"]')
    expect(dog).to_have_attribute("data-urgency", "red")
    expect(dog).to_contain_text("To a technician at")
    expect(dog).to_contain_text("Red, no end yet: Possible poison exposure")
    expect(dog.locator("pre")).to_contain_text("Reference: call-2")
    assert desk.act("call-2", "end_flag", category="toxin", end="handed_over").status_code == 204
    expect(dog).not_to_contain_text("no end yet: Possible poison exposure")
    expect(dog).to_contain_text("The desk has added to this card since.")
    assert desk.act("call-1", "undo").status_code == 204
    expect(cards).to_have_count(1)


def test_a_note_that_was_folded_away_stays_so(desk: WorkingDesk, back: Any) -> None:
    """Nothing opens or moves by itself under a reader's eyes."""
    assert desk.act("call-1", "hand_off", to="doctor").status_code == 204
    note = back.locator('li[data-call="call-1"] pre')
    expect(note).to_be_visible()
    back.get_by_text("Note", exact=True).click()
    expect(note).to_be_hidden()
    assert desk.act("call-2", "hand_off", to="doctor").status_code == 204
    expect(back.locator("#handed > li")).to_have_count(2)
    expect(note).to_be_hidden()
    assert desk.act("call-1", "note", text="arrived").status_code == 204
    expect(back.locator('li[data-call="call-1"]')).to_contain_text("has added to this card since")
    expect(note).to_be_hidden()


def test_the_page_breaks_no_rule_and_says_when_it_is_cut_off(desk: WorkingDesk, back: Any) -> None:
    """WCAG 2.2 AA as far as axe can tell, live and not."""
    assert violations(back) == []
    assert desk.act("call-2", "hand_off", to="technician").status_code == 204
    expect(back.locator("#handed > li")).to_have_count(1)
    assert violations(back) == []
    desk.server.stop()
    expect(back.locator("#connection")).to_contain_text("Connection lost")
    assert violations(back) == []
