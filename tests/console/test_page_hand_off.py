"""The hand-off note on the page, on paper and in files; and a client who is hardly understood."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.console.browsing import WAITING, Live, Window, card, expect
from tests.console.conftest import Console
from tests.console.scripted_call import blocked_cat, final
from tests.console.working_desk import WorkingDesk, working_desk
from voice_triage.events import FinalTranscript, LineChanged


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WorkingDesk]:
    """A desk with a store of its own."""
    with working_desk(tmp_path) as desk:
        desk.feed.set_desk(WAITING)
        yield desk


@pytest.fixture
def note(browser: Any, desk: WorkingDesk) -> Iterator[Any]:
    """A page on which the hand-off note of a call is open."""
    console: Any = SimpleNamespace(server=desk.server, address=desk.address)
    window = Window(browser, console, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    tab = window.open()
    desk.call("c", blocked_cat("c"))
    expect(card(tab, "urinary")).to_be_visible()
    tab.keyboard.press("h")
    expect(tab.get_by_role("dialog", name="Hand-off note")).to_be_visible()
    yield tab
    window.close()


def test_the_note_is_copied_as_it_is_read(note: Any) -> None:
    """Into whatever program the CSR pastes it."""
    note.get_by_role("button", name="Copy").click()
    expect(note.locator("#hand-off-answer")).to_have_text("Copied. Paste it into the practice software.")
    assert note.evaluate("navigator.clipboard.readText()") == note.locator("#hand-off-note").text_content()


@pytest.mark.parametrize(("kind", "name"), [("text", "c.txt"), ("JSON", "c.json"), ("FHIR", "c.fhir.json")])
def test_the_note_is_saved_as_a_file(note: Any, kind: str, name: str) -> None:
    """In three forms, from the call's own log."""
    with note.expect_download() as download:
        note.get_by_role("link", name=f"Save as {kind}").click()
    assert download.value.suggested_filename == f"hand-off-{name}"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    if kind == "text":
        assert text == note.locator("#hand-off-note").text_content()
    else:
        assert json.loads(text)


def test_on_paper_there_is_the_note_alone(note: Any) -> None:
    """Black on white, nothing cut off, without the page around it."""
    note.emulate_media(media="print")
    expect(note.locator("#hand-off-note")).to_be_visible()
    for gone in ("#above", "#call", ".foot", "#hand-off-buttons", "#hand-off-close"):
        expect(note.locator(gone)).to_be_hidden()
    style = note.locator("#hand-off-note").evaluate(
        "node => { const style = getComputedStyle(node);"
        "return [style.color, style.overflow, node.scrollHeight <= node.clientHeight + 1]; }"
    )
    assert style == ["rgb(0, 0, 0)", "visible", True]


def unsure(utterance: int, text: str) -> FinalTranscript:
    """Words of which the recognizer was not sure."""
    said = final(utterance, text, 5.0 * utterance + 1)
    return dataclasses.replace(said, words=tuple(dataclasses.replace(word, confidence=0.3) for word in said.words))


def test_a_client_who_is_hardly_understood_is_told_with_what_to_do(console: Console, tab: Any) -> None:
    """Of the line if that is bad, else of language and noise; it goes when words are sure again."""
    live = Live(console)
    notice = tab.locator(".notice[data-kind=not-understood]")
    live.log(unsure(0, "me pair of key the yes"), unsure(1, "no see the one came"))
    expect(tab.locator(".utterance")).to_have_count(2)
    expect(notice).to_have_count(0)
    live.log(unsure(2, "a pair oh they know"))
    expect(notice).to_contain_text("The client is hardly understood. Another language, an accent or noise")
    live.log(LineChanged(16.0, -40.0, "noisy"), unsure(3, "the one and the pair"))
    expect(notice).to_contain_text("The line is bad: Noisy line.")
    live.log(final(4, "my dog is not eating anything", 30.0), final(5, "she is hiding under the bed", 35.0))
    expect(notice).to_have_count(0)


def test_motion_is_reduced_where_that_is_asked_for(browser: Any, console: Console) -> None:
    """What lights up does so without moving."""
    window = Window(browser, console, reduced_motion="reduce")
    tab = window.open()
    live = Live(console)
    live.log(final(0, "my dog ate chocolate", 1.0))
    expect(tab.locator(".utterance")).to_have_count(1)
    tab.locator(".utterance").evaluate("node => node.classList.add('shown')")
    name, width = tab.locator(".utterance").evaluate(
        "node => [getComputedStyle(node).animationName, parseFloat(getComputedStyle(node).outlineWidth)]"
    )
    assert (name, width) == ("none", 3)
    window.close()
