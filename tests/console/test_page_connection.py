"""The page and its server: cut off, restarted, two windows."""

from __future__ import annotations

import re
from typing import Any

from tests.console.browsing import WAITING, Window, card, expect, field, play, shown
from tests.console.conftest import Console
from tests.console.scripted_call import blocked_cat, poisoned_dog
from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed
from voice_triage.desk_state import DeskState, RecognizerState, SourceState


def test_a_page_that_was_cut_off_says_so_and_catches_up(console: Console, window: Window, tab: Any) -> None:
    """While the server is away nothing claims to be live; afterwards the page has everything once."""
    log = blocked_cat()
    play(console, log[:9])
    expect(tab.get_by_role("log")).to_contain_text("completely dry")
    console.server.stop()
    expect(tab.locator("#connection")).to_contain_text("Connection lost")
    expect(tab.locator("#call-state")).to_contain_text("Not connected")
    expect(tab.locator("#line")).to_be_hidden()
    expect(card(tab, "urinary")).to_be_visible()
    play(console, log[9:])
    window.expected.append("403")  # a restarted console refuses the old session
    with ConsoleServer(console.feed, port=console.server.port) as restarted:
        expect(tab.locator("#connection")).to_contain_text("voice_triage was restarted")
        second_tab = window.open(restarted.new_url())  # as the product does; the old tab comes back with it
        expect(tab.locator("#console")).to_have_attribute("data-connection", "open")
        expect(tab.locator("#call-state")).to_contain_text("Call ended")
        expect(tab.locator(".utterance")).to_have_count(5)
        assert shown(tab) == shown(second_tab)


def test_a_stream_that_breaks_resumes_by_itself(console: Console, tab: Any) -> None:
    """The same server again: the browser reconnects and misses nothing."""
    log = blocked_cat()
    play(console, log[:9])
    expect(tab.get_by_role("log")).to_contain_text("completely dry")
    marker = "document.querySelector('.utterance').dataset.kept = 'yes'"
    tab.evaluate(marker)
    console.feed.end_pages()
    play(console, log[9:])
    expect(tab.locator("#call-state")).to_contain_text("Call ended")
    expect(tab.locator("#console")).to_have_attribute("data-connection", "open")
    expect(tab.locator(".utterance")).to_have_count(5)
    expect(tab.locator(".utterance").first).to_have_attribute("data-kept", "yes")


def test_a_call_whose_end_was_missed_does_not_stay_live(console: Console, window: Window, tab: Any) -> None:
    """A desk that was restarted in the middle of a call is no longer on it, and the page says so."""
    play(console, blocked_cat(ended=False))
    expect(tab.locator("#call-state")).to_contain_text("On a call")
    console.server.stop()
    window.expected.append("403")  # a restarted console refuses the old session
    desk = Feed()
    desk.set_desk(WAITING)
    with ConsoleServer(desk, port=console.server.port) as restarted:
        window.open(restarted.new_url())
        expect(tab.locator("#console")).to_have_attribute("data-connection", "open")
        expect(tab.locator("#call-state")).to_contain_text("Call ended")
        expect(tab.locator("#notices")).to_contain_text("The end of this call did not reach this page.")
        expect(card(tab, "urinary")).to_be_visible()


def test_a_part_that_cannot_be_drawn_is_said_and_does_not_stop_the_others(
    console: Console, window: Window, tab: Any
) -> None:
    """A fault in the page itself is visible too, and flags still come."""
    window.expected.append("TypeError")
    play(console, blocked_cat()[:3])
    expect(field(tab, "species")).to_contain_text("not asked")
    tab.evaluate("document.getElementById('transcript').remove()")
    play(console, blocked_cat()[3:])
    expect(card(tab, "urinary")).to_be_visible()
    expect(field(tab, "species")).to_contain_text("cat")
    expect(tab.locator("#connection")).to_contain_text("This page has a problem")


def test_a_desk_that_cannot_hear_says_what_will_be_missing(console: Console, tab: Any) -> None:
    """Without recognition there are no flags: the waiting page says so, and what to do."""
    console.feed.set_desk(DeskState("", SourceState.SEARCHING, RecognizerState.FAILED, "Fetch the model.", "0.1.0"))
    expect(tab.get_by_role("heading", name="Speech recognition is not running")).to_be_visible()
    expect(tab.locator("#waiting-detail")).to_have_text("No red flags will show until it runs again. Fetch the model.")
    expect(tab.locator("#source")).to_have_text("Looking for the headset")
    console.feed.set_desk(DeskState("", SourceState.SEARCHING, RecognizerState.READY, "Connect it.", "0.1.0"))
    expect(tab.get_by_role("heading", name="Looking for the headset")).to_be_visible()
    expect(tab.locator("#waiting-detail")).to_have_text("Connect it.")


def test_a_page_older_than_its_server_loads_the_new_one(console: Console, tab: Any) -> None:
    """After an update no tab goes on with old scripts."""
    current = tab.locator("html").get_attribute("data-assets")
    tab.evaluate("document.documentElement.dataset.assets = 'of last week'")
    console.feed.end_pages()
    expect(tab.locator("html")).to_have_attribute("data-assets", current)
    expect(tab.locator("#console")).to_have_attribute("data-connection", "open")


def test_a_page_that_hears_nothing_connects_again(browser: Any, console: Console) -> None:
    """A server that hangs sends no beat; the page does not wait for the browser to notice."""
    window = Window(browser, console)
    window.context.clock.install()
    tab = window.open()
    with tab.expect_request(re.compile("/api/events")):
        tab.clock.fast_forward(16_000)
    expect(tab.locator("#console")).to_have_attribute("data-connection", "open")
    window.close()


def test_two_windows_and_a_late_one_agree(console: Console, window: Window, tab: Any) -> None:
    """A second window, opened when, shows the same call."""
    log = poisoned_dog()
    play(console, log[:8])
    early = window.open()
    play(console, log[8:])
    late = window.open()
    for each in (tab, early, late):
        expect(each.locator("#partial")).to_contain_text("she's shaking")
        expect(each.locator(".flag")).to_have_count(4)
    assert shown(tab) == shown(early) == shown(late)
