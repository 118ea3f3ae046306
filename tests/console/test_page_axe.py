"""WCAG 2.2, levels A and AA, as far as axe-core can tell, in every state of the page."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.console.browsing import WAITING, Window, expect, play
from tests.console.conftest import Console
from tests.console.scripted_call import blocked_cat, poisoned_dog
from voice_triage.desk_state import DeskState, RecognizerState, SourceState

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BROKEN = DeskState("", SourceState.SEARCHING, RecognizerState.FAILED, "Fetch the model.", "0.1.0")


def violations(tab: Any) -> list[str]:
    """Each rule that is broken, and where."""
    found = Axe().run(tab, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"color_scheme": "dark"},
        {"viewport": {"width": 420, "height": 900}},
        {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
        {"forced_colors": "active"},
    ],
    ids=["wide", "dark", "column", "narrow-dark", "high-contrast"],
)
def test_a_call_breaks_no_rule(browser: Any, console: Console, options: dict[str, Any]) -> None:
    """With every kind of flag, a contradiction and a notice; with the list of keys and the flags to raise open."""
    console.feed.set_desk(WAITING)
    window = Window(browser, console, **options)
    tab = window.open()
    play(console, poisoned_dog())
    expect(tab.locator(".flag")).to_have_count(4)
    assert violations(tab) == []
    for key in ("?", "r"):
        tab.keyboard.press(key)
        expect(tab.locator("dialog[open]")).to_be_visible()
        assert violations(tab) == []
        tab.keyboard.press("Escape")
    window.close()


def test_the_page_without_a_call_breaks_no_rule(console: Console, tab: Any) -> None:
    """Waiting; not hearing anything; cut off."""
    assert violations(tab) == []
    console.feed.set_desk(BROKEN)
    expect(tab.get_by_role("heading", name="Speech recognition is not running")).to_be_visible()
    assert violations(tab) == []
    console.server.stop()
    expect(tab.locator("#connection")).to_contain_text("Connection lost")
    assert violations(tab) == []


def test_a_sample_call_that_ended_breaks_no_rule(console: Console, window: Window, tab: Any) -> None:
    """With its banner; and the page that refuses who comes without a link."""
    play(console, blocked_cat(sample=True))
    expect(tab.locator("#call-state")).to_contain_text("ended")
    assert violations(tab) == []
    window.expected.append("403")
    tab.context.clear_cookies()
    tab.goto(console.address)
    expect(tab.get_by_role("heading", name="Open this page from voice_triage")).to_be_visible()
    assert violations(tab) == []


def test_the_tab_of_a_page_in_its_own_window_breaks_no_rule(console: Console, tab: Any) -> None:
    """It says where the page is, and how to get it back."""
    play(console, blocked_cat(ended=False))
    expect(tab.locator(".flag")).to_have_count(1)
    tab.keyboard.press("o")
    expect(tab.get_by_role("heading", name="The call is shown in its own window")).to_be_visible()
    assert violations(tab) == []
