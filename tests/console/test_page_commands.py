"""What the CSR asks of the desk, and trouble that the desk tells of."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from tests.console.browsing import WAITING, Live, Window, card, expect, play
from tests.console.conftest import Console
from tests.console.scripted_call import blocked_cat
from voice_triage.desk_state import DeskCommand, DeskState, SourceState
from voice_triage.events import (
    CallDiscarded,
    LineChanged,
    Logged,
    SourceChanged,
)


def desk(*commands: DeskCommand, state: SourceState = SourceState.LISTENING) -> DeskState:
    """A desk that can do these things now."""
    return dataclasses.replace(WAITING, source_state=state, commands=commands)


def test_the_page_offers_what_the_desk_can_do_now(console: Console, tab: Any) -> None:
    """As buttons that name their keys; nothing is offered that would only be refused."""
    expect(tab.locator("#commands button")).to_have_count(0)
    console.feed.set_desk(desk(DeskCommand.PAUSE, DeskCommand.STOP, DeskCommand.NOT_CLIENT))
    buttons = tab.locator("#commands button")
    expect(buttons).to_have_text([re.compile("^Pause"), re.compile("^Stop listening"), re.compile("^Not a client")])
    assert buttons.evaluate_all("all => all.map(one => one.ariaKeyShortcuts ?? one.getAttribute('aria-keyshortcuts'))")
    console.feed.set_desk(desk(DeskCommand.RESUME, DeskCommand.STOP, state=SourceState.PAUSED))
    expect(buttons).to_have_text([re.compile("^Go on"), re.compile("^Stop")])
    console.server.stop()
    expect(buttons).to_have_count(0)


def test_commands_are_given_by_button_and_by_one_key(console: Console, tab: Any) -> None:
    """A key that is held down counts once, one that is not offered counts for nothing, and the answer is said."""
    console.feed.set_desk(desk(DeskCommand.PAUSE, DeskCommand.NOT_CLIENT))
    tab.get_by_role("button", name="Pause").click()
    expect(tab.locator("#command-answer")).to_have_text("Listening is paused.")
    tab.keyboard.press("F9")
    tab.keyboard.press("Shift+F2")
    tab.keyboard.press("F2")
    expect(tab.locator("#command-answer")).to_have_text("Nothing of that call is kept.")
    assert console.asked == [DeskCommand.PAUSE, DeskCommand.NOT_CLIENT]


def test_a_refusal_is_shown_in_the_desks_words(console: Console, tab: Any, window: Window) -> None:
    """A page that is a moment behind the desk is told why nothing happened."""
    window.expected.append("409")
    console.feed.set_desk(desk(DeskCommand.RESUME))
    expect(tab.locator("#commands button")).to_have_count(1)
    tab.keyboard.press("F8")
    expect(tab.locator("#command-answer")).to_have_text("Listening is not paused.")


def test_a_discarded_call_leaves_every_page(console: Console, window: Window, tab: Any) -> None:
    """Also one that was cut off meanwhile; nothing of it can be asked for any more."""
    log = blocked_cat(ended=False)
    discarded = Logged(log[0].call, log[-1].sequence, CallDiscarded(20.0))
    play(console, log)
    also = window.open(console.server.new_url())
    expect(card(tab, "urinary")).to_be_visible()
    expect(card(also, "urinary")).to_be_visible()
    console.feed.end_pages()  # each comes back by itself, with what it saw last
    play(console, [discarded])
    for each in (tab, also):
        expect(card(each, "urinary")).to_have_count(0)
        expect(each.get_by_role("heading", name="Waiting for a call")).to_be_visible()
        assert "litter" not in each.content()
    assert console.feed.snapshot()["events"] == []


def test_trouble_with_the_sound_is_a_notice_that_says_what_to_do(console: Console, tab: Any) -> None:
    """It goes when the sound is back; meanwhile no level claims that the line is well."""
    live = Live(console)
    live.log(LineChanged(2.0, -25.0, "good"))
    expect(tab.locator("#line")).to_be_visible()
    live.log(SourceChanged(3.0, "gap", "The headset is disconnected. Connect it again."))
    notice = tab.locator("#notices")
    expect(notice).to_contain_text("Sound is interrupted. The headset is disconnected. Connect it again.")
    expect(tab.locator("#line")).to_be_hidden()
    live.log(SourceChanged(9.0, "listening", "Listening to Jabra Evolve2 65."))
    expect(notice).to_be_empty()
    expect(tab.locator("#line")).to_be_visible()
