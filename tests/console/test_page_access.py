"""The page by keyboard, by screen reader, in any width and any locale."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from tests.console.browsing import Live, Window, card, expect, field, play
from tests.console.conftest import Console
from tests.console.kept_sound import NOT_KEPT
from tests.console.scripted_call import Script, blocked_cat, final, flag, poisoned_dog
from voice_triage.events import (
    CallEnded,
    CallStarted,
    Event,
    Urgency,
)


def test_words_are_heard_again_by_click_or_key_and_light_up_their_card(
    console: Console, window: Window, tab: Any
) -> None:
    """Marked words and the evidence of a card play what was said, also while the call goes on; the focus stays."""
    play(console, blocked_cat(ended=False))
    mark = tab.get_by_role("log").get_by_role("link", name="nothing in there")
    mark.focus()
    with tab.expect_response(re.compile(r"/api/calls/call-1/client\.wav$")) as answer:
        tab.keyboard.press("Enter")
    assert answer.value.status == 206
    expect(tab.locator("#sound-answer")).to_have_text("Playing what was said at 0:10.")
    expect(card(tab, "urinary")).to_have_class(re.compile("shown"))
    expect(mark).to_be_focused()
    expect(tab.locator("#sound-answer")).to_be_empty()  # it has been said
    evidence = field(tab, "age").get_by_role("link")
    evidence.click()
    expect(tab.locator("#sound-answer")).to_contain_text("Playing")
    expect(tab.get_by_role("log").get_by_role("link", name="about four years old")).to_have_class(re.compile("shown"))
    evidence.click()  # again: stop
    expect(tab.locator("#sound-answer")).to_be_empty()
    expect(tab).to_have_url(f"{console.address}/")


def test_one_key_plays_what_the_flag_or_field_at_hand_rests_on(console: Console, tab: Any) -> None:
    """Without a choice, the flag of the banner."""
    tab.keyboard.press("s")
    expect(tab.locator("#sound-answer")).to_have_text("Nothing is selected to play. Go to a flag or a field first.")
    play(console, blocked_cat(ended=False))
    expect(card(tab, "urinary")).to_be_visible()
    tab.keyboard.press("s")
    expect(tab.locator("#sound-answer")).to_have_text("Playing what was said at 0:10.")
    field(tab, "age").focus()
    tab.keyboard.press("s")
    expect(tab.locator("#sound-answer")).to_have_text("Playing what was said at 0:19.")


def test_words_that_were_not_recorded_say_why_nothing_is_heard(console: Console, window: Window, tab: Any) -> None:
    """In the words of whoever keeps the sound; the sample call says that it is never kept."""
    window.expected.append("404")
    play(console, blocked_cat("unrecorded"))
    card(tab, "urinary").get_by_role("link").click()
    expect(tab.locator("#sound-answer")).to_have_text(NOT_KEPT)
    play(console, blocked_cat("sample-1", sample=True))
    expect(tab.locator("#sample-banner")).to_be_visible()
    card(tab, "urinary").get_by_role("link").click()
    expect(tab.locator("#sound-answer")).to_have_text("The sample call is not recorded, so its words cannot be played.")


def test_the_focus_never_moves_by_itself(console: Console, tab: Any) -> None:
    """New flags and words leave the keyboard where the CSR has it, even when cards change places."""
    live = Live(console)
    sock = final(0, "he swallowed a sock", 1.0)
    live.log(sock, flag(sock, "foreign_body", "swallowed a sock", "Said so.", Urgency.ORANGE))
    link = card(tab, "foreign_body").get_by_role("link")
    expect(link).to_be_visible()
    link.focus()
    gums = final(1, "his gums are blue and it is a blue sock", 5.0)
    live.log(gums, flag(gums, "breathing", "gums are blue", "Blue gums."))
    expect(tab.locator(".flag").first).to_have_id("flag-breathing")
    expect(link).to_be_focused()
    live.log(flag(gums, "foreign_body", "blue sock", "Said so again.", Urgency.RED))
    expect(tab.locator(".flag").first).to_have_id("flag-foreign_body")
    expect(card(tab, "foreign_body")).to_contain_text("“blue sock”")
    expect(link).to_be_focused()


def test_the_focus_is_visible(console: Console, tab: Any) -> None:
    """Tab shows where it is, in every part of the page."""
    play(console, blocked_cat())
    expect(tab.locator("#call-state")).to_contain_text("Call ended")
    seen = set()
    for _ in range(200):
        tab.keyboard.press("Tab")
        inside, outline = tab.evaluate(
            "() => { const node = document.activeElement;"
            "return [node.closest('section, header')?.id ?? '', parseFloat(getComputedStyle(node).outlineWidth)]; }"
        )
        if not inside:
            break
        assert outline >= 2
        seen.add(inside)
    assert seen == {"top", "flags-section", "patient-section", "transcript-section"}


def test_the_page_has_one_alert_region_and_named_parts(console: Console, tab: Any) -> None:
    """A screen reader finds its way: one alert, one log, every part by its name, headings in order."""
    play(console, poisoned_dog())
    expect(tab.locator(".flag")).to_have_count(4)
    expect(tab.get_by_role("alert")).to_have_count(1)
    expect(tab.get_by_role("log")).to_have_count(1)
    for name in ("Flags", "Patient", "What the client says"):
        expect(tab.get_by_role("region", name=re.compile(name)).first).to_be_visible()
    expect(tab.get_by_role("main")).to_have_count(1)
    expect(tab.get_by_role("banner")).to_have_count(1)
    levels = tab.locator("h1, h2:visible, h3").evaluate_all("nodes => nodes.map((node) => Number(node.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = tab.locator("[id]").evaluate_all("nodes => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_the_field_at_hand_is_not_hidden_under_what_stays_in_place(browser: Any, console: Console) -> None:
    """In a column the banner stays on top and the newest words below; where the keyboard goes stands between them."""
    window = Window(browser, console, viewport={"width": 420, "height": 900})
    tab = window.open()
    play(console, blocked_cat(ended=False))
    expect(card(tab, "urinary")).to_be_visible()
    for _ in range(15):
        tab.keyboard.press("p")
        top, bottom, above, below = tab.evaluate(
            "() => { const box = (node) => node.getBoundingClientRect();"
            "const here = box(document.activeElement);"
            "return [here.top, here.bottom, box(document.querySelector('#above')).bottom,"
            "box(document.querySelector('#transcript-section')).top]; }"
        )
        assert above <= top < bottom <= below
    window.close()


@pytest.mark.parametrize(("width", "height"), [(420, 900), (320, 500), (700, 900), (1000, 420)])
def test_the_page_fits_beside_another_program(browser: Any, console: Console, width: int, height: int) -> None:
    """No width makes it scroll sideways; in a narrow column the banner stays in sight above the newest words."""
    window = Window(browser, console, viewport={"width": width, "height": height})
    tab = window.open()
    play(console, poisoned_dog())
    expect(tab.locator(".flag")).to_have_count(4)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    if height >= 900:
        tab.locator("#field-callback_number").scroll_into_view_if_needed()
        expect(tab.get_by_role("alert")).to_be_in_viewport(ratio=0.99)
        expect(tab.locator("#partial")).to_be_in_viewport(ratio=0.99)
    window.close()


def test_reading_back_is_not_disturbed_by_new_words(console: Console, tab: Any) -> None:
    """The transcript follows the call until the CSR scrolls back; a button leads to the newest words again."""
    live = Live(console)
    live.log(*(final(i, f"utterance number {i}", 3.0 * i) for i in range(60)))
    expect(tab.get_by_text("utterance number 59", exact=True)).to_be_in_viewport()
    tab.locator("#scroll").evaluate("node => { node.scrollTop = 0; }")
    expect(tab.get_by_role("button", name="Latest words")).to_be_visible()
    live.log(final(60, "utterance number 60", 200.0))
    expect(tab.get_by_text("utterance number 60", exact=True)).not_to_be_in_viewport()
    tab.get_by_role("button", name="Latest words").click()
    expect(tab.get_by_text("utterance number 60", exact=True)).to_be_in_viewport()


@pytest.mark.parametrize(("locale", "clock"), [("en-US", "2:05 PM"), ("de-DE", "14:05")])
def test_times_of_day_are_the_users_own(browser: Any, console: Console, locale: str, clock: str) -> None:
    """A card's time of day is written as the user's locale writes it."""
    window = Window(browser, console, locale=locale, timezone_id="America/New_York")
    tab = window.open()
    script = Script("c")
    said = final(0, "blood everywhere", 1.0)
    events: list[Event] = [
        CallStarted("c", 0.0, "2025-03-03T14:05:00-05:00", "Jabra", 16000),
        said,
        flag(said, "bleeding", "blood everywhere", "Said so."),
        CallEnded(9.0, 9.0, "hang-up"),
    ]
    play(console, [script.log(event) for event in events])
    title = card(tab, "bleeding").locator("time")
    expect(title).to_have_attribute("title", re.compile("^" + clock.replace(" ", r"\s") + "$"))
    window.close()
