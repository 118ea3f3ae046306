"""A lesson in a browser, by keyboard alone: heard, flagged, taken back, ended, compared; axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.browsing import expect
from tests.console.clinic_people import ClinicPeople, clinic_people
from tests.review.recorded import record_tones
from tests.review.reviewed_calls import kept_call
from tests.store.logs import running
from voice_triage.events import FlagJudged, MissMarked, Side, TeachingMarked, Verdict

pytest.importorskip("axe_playwright_python", reason="needs axe (dependency group dev)")


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[ClinicPeople]:
    """Two lessons: ``c`` with sound, ``mute`` of which none is kept."""
    with clinic_people(tmp_path, kept_sound=True) as clinic:
        for call in ("c", "mute"):
            clinic.store.append(kept_call(call))
            clinic.reviews.enter(call, FlagJudged(0.0, "sue", "urinary", Verdict.RIGHT))
            clinic.reviews.enter(call, MissMarked(0.0, "sue", "pain", "", 3, 12, 15, 0.0, 0.0))
            clinic.reviews.enter(call, TeachingMarked(0.0, "sue", True, f"A quiet cat, {call}"))
        record_tones(clinic.store, "c", Side.CLIENT, [(8.0, 12.8), (24.0, 30.0)], 38.0)
        yield clinic


class Learner:
    """The desk's own CSR, who never signed in, in a browser of their own."""

    def __init__(self, browser: Any, clinic: ClinicPeople, **options: Any) -> None:
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **options})
        self.context.set_default_timeout(30_000)
        self.complaints: list[str] = []
        self.tab = self.context.new_page()
        self.tab.on("console", lambda message: self._complaint(message.type, message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(clinic.server.new_url())
        self.tab.goto(f"{clinic.address}/teaching")

    def _complaint(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def open(self, title: str) -> Any:
        """A lesson of the library, with Tab and Enter."""
        for _ in range(10):
            if self.tab.evaluate("() => document.activeElement.textContent") == title:
                break
            self.tab.keyboard.press("Tab")
        self.tab.keyboard.press("Enter")
        self.tab.wait_for_selector("html[data-ready=yes]")
        return self.tab

    def close(self) -> None:
        """Close the browser; no page complained of anything."""
        self.context.close()
        assert self.complaints == []


def test_a_whole_lesson_by_keyboard_alone(browser: Any, clinic: ClinicPeople) -> None:
    """No word before its sound and no answer before the end; then what was found, missed and beyond, with seconds."""
    from tests.console.test_page_axe import violations

    learner = Learner(browser, clinic)
    assert violations(learner.tab) == []
    tab = learner.open("A quiet cat, c")
    press = tab.keyboard.press
    said = tab.locator("#said")
    assert said.inner_text() == ""
    press("6")
    expect(tab.locator("#command-answer")).to_contain_text("Play the call first")
    press("p")
    expect(tab.locator("#play-text")).to_have_text("Stop")
    for _ in range(3):
        press("+")
    expect(tab.locator("#speed")).to_have_value("2")
    expect(said).to_contain_text("nothing", timeout=60_000)
    press("p")
    expect(tab.locator("#play-text")).to_have_text("Play")
    press("6")
    press("4")
    expect(tab.locator("#yours li")).to_have_count(2)
    press("u")
    expect(tab.locator("#yours li")).to_have_count(1)
    press("3")
    expect(tab.locator("#yours")).to_contain_text("Severe vomiting or diarrhea")
    assert "bed" not in said.inner_text()
    assert "missed" not in tab.locator("main").inner_text().lower()
    assert violations(tab) == []
    press("e")
    expect(tab.locator("#command-answer")).to_contain_text("not been heard to its end")
    press("e")
    expect(tab.locator("#comparison")).to_be_visible()
    assert tab.evaluate("() => document.activeElement.id") == "comparison-heading"
    expect(tab.locator("#summary")).to_have_text("1 of 2 found, 1 missed, 1 beyond what there was to flag.")
    rows = tab.locator("#compared tbody tr")
    assert rows.evaluate_all("rows => rows.map((row) => row.dataset.result).toSorted()") == ["extra", "found", "missed"]
    expect(tab.locator("[data-result=found]")).to_contain_text("nothing in there")
    expect(tab.locator("[data-result=missed]")).to_contain_text("hiding under the bed")
    expect(tab.locator("[data-result=missed]")).to_contain_text("not flagged")
    expect(said).to_contain_text("oliver")
    press("6")
    expect(tab.locator("#command-answer")).to_contain_text("The lesson has ended")
    expect(tab.locator("#yours li")).to_have_count(2)
    press("q")
    tab.wait_for_url("**/teaching")
    learner.close()


def test_a_call_that_comes_in_stops_the_lesson(browser: Any, clinic: ClinicPeople) -> None:
    """What is played at the desk would be heard as the client: it stops, and cannot be begun again."""
    learner = Learner(browser, clinic)
    tab = learner.open("A quiet cat, c")
    tab.keyboard.press("p")
    expect(tab.locator("#play-text")).to_have_text("Stop")
    for logged in running("now", 2):
        clinic.feed.publish(logged)
    expect(tab.locator("#play-text")).to_have_text("Play")
    expect(tab.locator("#sound-answer")).to_contain_text("would be heard as its client")
    tab.keyboard.press("p")
    expect(tab.locator("#play-text")).to_have_text("Play")
    learner.close()


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "dark"}, {"viewport": {"width": 400, "height": 800}}, {"forced_colors": "active"}],
    ids=["dark", "column", "high-contrast"],
)
def test_library_and_lesson_break_no_rule(browser: Any, clinic: ClinicPeople, options: dict[str, Any]) -> None:
    """With flags of the learner's, and compared; a call without sound goes by in its own time."""
    from tests.console.test_page_axe import violations

    learner = Learner(browser, clinic, **options)
    assert violations(learner.tab) == []
    tab = learner.open("A quiet cat, mute")
    expect(tab.locator("#sound-answer")).to_contain_text("No sound is kept")
    tab.keyboard.press("p")
    expect(tab.locator("#said")).to_contain_text("calling")
    tab.keyboard.press("7")
    expect(tab.locator("#yours li")).to_have_count(1)
    assert violations(tab) == []
    tab.keyboard.press("e")
    tab.keyboard.press("e")
    expect(tab.locator("#comparison")).to_be_visible()
    assert violations(tab) == []
    learner.close()
