"""The page's keys, views and windows."""

from __future__ import annotations

import re
from typing import Any

from tests.console.browsing import Live, Window, card, expect, play
from tests.console.conftest import Console
from tests.console.scripted_call import blocked_cat, final, flag
from voice_triage import resources
from voice_triage.console.keys import KEYS
from voice_triage.desk_state import DeskCommand
from voice_triage.events import Urgency


def keys(tab: Any) -> dict[str, str]:
    """The list of keys, as it is shown: what each does, to its key."""
    rows = tab.locator("#keys-list li").evaluate_all(
        "all => all.map(one => [one.querySelector('span').textContent, one.querySelector('kbd').textContent])"
    )
    return dict(rows)


def test_every_key_is_its_own() -> None:
    """No key does two things, and every thing has a name and words."""
    assert len({key.key for key in KEYS}) == len({key.name for key in KEYS}) == len({key.does for key in KEYS})


def test_the_page_for_the_csr_names_every_key() -> None:
    """No key is missing in its table, and none is promised that is not there."""
    table = (resources.PACKAGE_DIR.parent / "docs" / "csr.md").read_text("utf-8").split("| key | does |")[1]
    rows = [line for line in table.split("\n\n")[0].splitlines()[2:] if line.startswith("|")]
    cells = [cell.strip() for row in rows for cell in row.split("|")[1:-1][0::2]]
    named = {key for cell in cells for key in re.findall(r"F\d|\b[A-Z0-9]\b|\?", cell)}
    assert named == {key.key.upper() for key in KEYS}


def test_all_keys_are_listed_and_shown_on_their_buttons(console: Console, tab: Any) -> None:
    """One key opens the list; buttons say their keys to eyes and to screen readers."""
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keys")).to_be_visible()
    assert keys(tab) == {key.does: key.key.upper() for key in KEYS}
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    play(console, blocked_cat(ended=False))
    acknowledge = card(tab, "urinary").get_by_role("button", name="Acknowledge")
    expect(acknowledge).to_have_attribute("aria-keyshortcuts", "a")
    expect(acknowledge.locator("kbd")).to_have_text("A")


def test_a_key_can_be_changed_and_the_choice_stays(console: Console, window: Window, tab: Any) -> None:
    """In this browser, in its other windows at once, and until all keys are set back."""
    other = window.open()
    tab.keyboard.press("?")
    tab.get_by_role("button", name="Change the key of: Compact or full view").click()
    tab.keyboard.press("g")
    expect(tab.locator("#keys-answer")).to_have_text("G: Compact or full view")
    tab.keyboard.press("Escape")
    for each in (tab, other):
        expect(each.locator("#tool-view kbd")).to_have_text("G")
        each.keyboard.press("g")
        expect(each.locator("#console")).to_have_attribute("data-view", "compact")
    tab.reload()
    expect(tab.locator("#tool-view kbd")).to_have_text("G")
    tab.keyboard.press("?")
    tab.get_by_role("button", name="All keys as they were").click()
    assert keys(tab)["Compact or full view"] == "V"


def test_a_key_that_is_taken_or_cannot_be_is_refused(console: Console, tab: Any) -> None:
    """With what has it; nothing changes, and another can be tried at once."""
    tab.keyboard.press("?")
    before = keys(tab)
    tab.get_by_role("button", name="Change the key of: Hand-off note").click()
    answer = tab.locator("#keys-answer")
    tab.keyboard.press("A")
    expect(answer).to_have_text("A already does this: Acknowledge: I have seen this flag. Choose another.")
    for key in ("5", "Enter", "F5"):
        tab.keyboard.press(key)
        expect(answer).to_have_text(re.compile(f"^{key} cannot be used"))
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog", name="Keys")).to_be_visible()
    assert keys(tab) == before


def test_letters_typed_in_a_field_or_a_dialog_do_nothing_else(console: Console, tab: Any) -> None:
    """Whoever types a note raises no flag with it; function keys work there, too."""
    Live(console)
    expect(tab.locator("#call-state")).to_contain_text("On a call")
    tab.keyboard.press("m")
    expect(tab.locator("#note-box")).to_be_focused()
    tab.keyboard.type("rash? 5 days")
    expect(tab.locator("#note-box")).to_have_value("rash? 5 days")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    tab.keyboard.press("Escape")
    expect(tab.locator("#note-form")).to_be_hidden()
    tab.keyboard.press("?")
    tab.keyboard.press("r")
    expect(tab.get_by_role("dialog")).to_have_count(1)


def test_a_key_meant_for_one_flag_does_not_hit_another(console: Console, tab: Any) -> None:
    """A red flag that comes first at the very moment of a key press is not acknowledged unseen."""
    live = Live(console)
    sock = final(0, "he swallowed a sock", 1.0)
    live.log(sock, flag(sock, "foreign_body", "swallowed a sock", "Said so.", Urgency.ORANGE))
    expect(card(tab, "foreign_body")).to_have_attribute("data-current", "")
    gums = final(1, "his gums are blue", 5.0)
    live.log(gums, flag(gums, "breathing", "gums are blue", "Blue gums."))
    expect(card(tab, "breathing")).to_have_attribute("data-current", "")
    tab.keyboard.press("a")
    expect(tab.locator("#command-answer")).to_contain_text("Nothing was done: another flag has only now come first")


def test_the_view_goes_by_the_room_until_it_is_chosen(browser: Any, console: Console) -> None:
    """A narrow window is compact, a wide one full; one key changes that, and the choice stays in this browser."""
    window = Window(browser, console, viewport={"width": 420, "height": 900})
    tab = window.open()
    page = tab.locator("#console")
    expect(page).to_have_attribute("data-view", "compact")
    tab.set_viewport_size({"width": 1200, "height": 800})
    expect(page).to_have_attribute("data-view", "full")
    tab.keyboard.press("v")
    expect(page).to_have_attribute("data-view", "compact")
    tab.reload()
    expect(page).to_have_attribute("data-view", "compact")
    window.close()


def test_the_page_moves_to_a_window_in_front_and_back(console: Console, window: Window, tab: Any) -> None:
    """All of it, with its keys; the tab says where it is, and gets it back when that window closes."""
    play(console, blocked_cat(ended=False)[:9])
    expect(card(tab, "urinary")).to_be_visible()
    tab.keyboard.press("o")
    expect(tab.get_by_text("The call is shown in its own window")).to_be_visible()
    front = "documentPictureInPicture.window.document"
    assert tab.evaluate(f"{front}.querySelector('#flag-urinary h3').textContent") == "Unable or straining to urinate"
    assert tab.evaluate(f"{front}.querySelector('#console').dataset.view") == "compact"
    play(console, blocked_cat(ended=False)[9:])  # it goes on there
    tab.wait_for_function(f"() => {front}.querySelector('#field-client_name')?.textContent.includes('Melissa Grant')")
    assert tab.evaluate(f"{front}.styleSheets.length") > 3
    tab.evaluate(
        f"{front}.body.dispatchEvent(new documentPictureInPicture.window.KeyboardEvent"
        "('keydown', {key: '?', bubbles: true}))"
    )
    assert tab.evaluate(f"{front}.querySelector('#keys-dialog').open")
    tab.get_by_role("button", name="Show it here again").click()
    expect(tab.locator("#flag-urinary")).to_be_visible()
    expect(tab.get_by_text("The call is shown in its own window")).to_be_hidden()


RECORDED = """
window.notified = [];
window.Notification = class extends Notification {
  constructor(title, options) { super(title, options); notified.push([title, options.body, options.silent]); }
};
"""


def test_a_notification_names_the_category_only_and_only_behind_other_windows(browser: Any, console: Console) -> None:
    """Switched on by a press of a button; a red flag alone, once, silent, without a word of the client."""
    window = Window(browser, console, permissions=["notifications"])
    window.context.add_init_script(RECORDED)
    tab = window.open()
    tab.keyboard.press("?")
    tab.get_by_role("button", name="Switch notifications off").click()
    tab.get_by_role("button", name="Allow notifications").click()
    expect(tab.get_by_text("Notifications are on.")).to_be_visible()
    play(console, blocked_cat("in-front", ended=False))
    expect(card(tab, "urinary")).to_be_visible()
    window.context.new_cdp_session(tab).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    window.context.new_page().bring_to_front()
    assert tab.evaluate("notified") == []
    log = blocked_cat("behind", ended=False)
    play(console, log)
    tab.wait_for_function("() => notified.length > 0")
    live = Live(console, "orange")
    sock = final(0, "he swallowed a sock", 1.0)
    live.log(sock, flag(sock, "foreign_body", "swallowed a sock", "Said so.", Urgency.ORANGE))
    tab.wait_for_function("() => document.getElementById('flag-foreign_body') !== null")
    assert tab.evaluate("notified") == [["Red flag: Unable or straining to urinate", "Look at Voice Triage.", True]]
    window.close()


def test_commands_of_the_desk_have_the_keys_of_the_list(console: Console, tab: Any) -> None:
    """Two commands that are never possible together share one."""
    from voice_triage.console.wording import PAGE_WORDS

    names = {key.name for key in KEYS}
    assert {PAGE_WORDS["commands"][command]["key"] for command in DeskCommand} <= names
