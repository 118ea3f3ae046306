"""The supervisor's pages in a browser: found, heard, judged, by mouse and by keyboard alone; axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.browsing import expect
from tests.console.clinic_people import PASSWORD, ClinicPeople, clinic_people
from tests.review.recorded import record_tones
from tests.review.reviewed_calls import GAP, dismissed, kept_call
from tests.store.logs import running
from voice_triage.events import (
    FinalTranscript,
    FlagJudged,
    MissMarked,
    Outcome,
    ReviewDone,
    ReviewNoted,
    Side,
    TeachingMarked,
    UtteranceReheard,
    Verdict,
    Word,
)

pytest.importorskip("axe_playwright_python", reason="needs axe (dependency group dev)")


def reheard() -> UtteranceReheard:
    """The careful ear heard one word otherwise."""
    finals = [logged.event for logged in kept_call("x") if isinstance(logged.event, FinalTranscript)]
    heard = finals[1]
    words = tuple(Word("drying" if word.text == "dry" else word.text, word.start_s, word.end_s) for word in heard.words)
    text = " ".join(word.text for word in words)
    return UtteranceReheard(17.0, Side.CLIENT, 1, Outcome.SETTLED, words, text, heard.start_s, heard.end_s)


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[ClinicPeople]:
    """Three calls to review, the first of them recorded: a tone for each word of its flag."""
    with clinic_people(tmp_path, kept_sound=True) as clinic:
        clinic.store.append(kept_call("c1", "2026-03-04T10:30:00-05:00", during=(GAP, reheard()), after=dismissed()))
        clinic.store.append(kept_call("c2", "2026-03-04T09:30:00-05:00", csr="bo"))
        clinic.store.append(kept_call("c3", "2026-03-04T08:30:00-05:00", flags=False, interrupted=True))
        clinic.store.append(kept_call("quiet", "2026-03-04T07:30:00-05:00", flags=False))
        record_tones(clinic.store, "c1", Side.CLIENT, [(8.0, 12.8), (24.0, 30.0)], 38.0)
        yield clinic


class Supervisor:
    """Sue, signed in, in a browser of her own."""

    def __init__(self, browser: Any, clinic: ClinicPeople, **options: Any) -> None:
        self.clinic = clinic
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 900}, **options})
        self.context.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.tab = self.context.new_page()
        self.tab.on("console", lambda message: self._complaint(message.type, message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.goto(f"{clinic.address}/sign-in")
        self.tab.fill("[name=name]", "sue")
        self.tab.fill("[name=password]", PASSWORD)
        self.tab.keyboard.press("Enter")
        self.tab.wait_for_url(lambda url: "/sign-in" not in url)

    def _complaint(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "404" not in text and "409" not in text:
            self.complaints.append(text)

    def open(self, path: str) -> Any:
        """One of the pages, ready."""
        self.tab.goto(self.clinic.address + path)
        self.tab.wait_for_selector("html[data-ready=yes]")
        return self.tab

    def close(self) -> None:
        """Close the browser; no page complained of anything."""
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def sue(browser: Any, clinic: ClinicPeople) -> Iterator[Supervisor]:
    """The supervisor."""
    sue = Supervisor(browser, clinic)
    yield sue
    sue.close()


WENT_BACK = """() => {
  const at = Number(document.querySelector('#place').value);
  window.most = Math.max(window.most ?? 0, at);
  return at < window.most - 0.3;
}"""


def go_to(tab: Any, seconds: float) -> None:
    """Move the slider there."""
    tab.evaluate(
        """seconds => {
          const place = document.querySelector('#place');
          place.value = seconds;
          place.dispatchEvent(new Event('input'));
        }""",
        str(seconds),
    )


def entries(clinic: ClinicPeople, call: str) -> list[Any]:
    """What the supervisor's events in a call's log are."""
    return [logged.event for logged in clinic.store.events(call) if hasattr(logged.event, "by")]


def wait_for(tab: Any, done: Any) -> None:
    """Until something is so; the browser's own messages go on meanwhile."""
    for _ in range(150):
        if done():
            return
        tab.wait_for_timeout(100)
    raise AssertionError("it never came")


def test_the_queue_shows_what_is_to_be_reviewed_and_is_filtered(sue: Supervisor) -> None:
    """The newest first; each filter asks the server; the address keeps them."""
    tab = sue.open("/review")
    rows = tab.locator("#queue > li")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Oliver, cat, 4 years")
    expect(rows.first).to_contain_text("Red: Unable or straining to urinate (Dismissed)")
    expect(tab.locator("#in-filter")).to_have_text("0 of 4 calls in this filter reviewed")
    tab.locator("[name=which]").select_option("all")
    expect(rows).to_have_count(4)
    tab.locator("[name=csr]").select_option("bo")
    expect(rows).to_have_count(1)
    tab.reload()
    tab.wait_for_selector("html[data-ready=yes]")
    expect(rows).to_have_count(1)
    tab.locator("button[type=reset]").click()
    expect(rows).to_have_count(3)
    tab.locator("[name=words]").fill("zebra")
    expect(tab.locator("#count")).to_have_text("No call is like that.")


def test_words_light_up_and_seek_and_both_hearings_are_shown(sue: Supervisor) -> None:
    """A click on a word plays from there; the word of the other hearing lights with it."""
    tab = sue.open("/review/calls/c1")
    expect(tab.locator("#utterance-1 .other-hearing")).to_contain_text("heard live: he goes in")
    word = tab.locator("#utterance-1 > .words .w", has_text="drying")
    word.click()
    tab.wait_for_function("() => document.querySelector('#play-text').textContent === 'Stop'")
    expect(tab.locator("#clock")).to_contain_text("/ 0:38")
    tab.locator("#play").click()
    expect(tab.locator("#play-text")).to_have_text("Play")
    start_s = tab.evaluate("() => Number(document.querySelector('#place').value)")
    assert start_s >= 12.0
    go_to(tab, 8.1)
    lit = tab.locator(".w.now")
    expect(lit).to_have_count(2)
    assert lit.all_inner_texts() == ["he", "he"]


def test_the_console_is_shown_as_it_was_at_that_second(sue: Supervisor) -> None:
    """Before the flag no card; later the flag; at the end dismissed. Nothing on it can be pressed."""
    tab = sue.open("/review/calls/c1")
    expect(tab.locator("#moment .flag")).to_have_count(0)
    go_to(tab, 14.5)
    expect(tab.locator("#moment .flag")).to_have_count(1)
    expect(tab.locator("#moment .flag")).to_contain_text("Closest emergency room now")
    expect(tab.locator("#moment-heading")).to_have_text("The console at 0:14")
    expect(tab.locator("#field-species")).to_contain_text("cat")
    assert tab.locator("#moment .flag button:enabled").count() == 0
    go_to(tab, 38)
    expect(tab.locator("#moment .flag")).to_contain_text("Dismissed")


def test_a_whole_review_by_keyboard_alone(sue: Supervisor, clinic: ClinicPeople) -> None:
    """From the queue: open, play, judge, mark what was missed, note, teach, done; the next call opens by itself."""
    tab = sue.open("/review")
    expect(tab.locator("#queue > li")).to_have_count(3)
    press = tab.keyboard.press
    press("j")
    press("Enter")
    tab.wait_for_selector("#said .w")
    tab.wait_for_selector("html[data-ready=yes]")
    press("p")
    expect(tab.locator("#play-text")).to_have_text("Stop")
    press("+")
    expect(tab.locator("#speed")).to_have_value("1.25")
    press("p")
    press("]")
    press("f")
    press("a")
    expect(tab.locator("#verdicts .verdict")).to_have_text("Verdict: false alarm, by sue")
    press("w")
    for _ in range(3):
        press("ArrowDown")
    for _ in range(4):
        press("ArrowRight")
    press("Shift+ArrowRight")
    press("Shift+ArrowRight")
    expect(tab.locator("#selection")).to_contain_text("Selected:")
    press("m")
    expect(tab.locator("#choose")).to_be_visible()
    press("7")
    expect(tab.locator("#misses li")).to_have_count(1)
    press("n")
    tab.keyboard.type("asked too late")
    press("Enter")
    expect(tab.locator("#review-notes li")).to_have_count(1)
    press("t")
    expect(tab.locator("#teach")).to_have_attribute("aria-pressed", "true")
    press("d")
    tab.wait_for_url("**/review/calls/c2")
    wait_for(tab, lambda: any(isinstance(each, ReviewDone) for each in entries(clinic, "c1")))
    done = entries(clinic, "c1")
    assert [type(each) for each in done] == [FlagJudged, MissMarked, ReviewNoted, TeachingMarked, ReviewDone]
    assert done[0].verdict is Verdict.FALSE_ALARM
    assert (done[1].category, len(done[1].text.split())) == ("pain", 3)
    tab.wait_for_selector("html[data-ready=yes]")
    press("q")
    tab.wait_for_selector("#queue > li")
    expect(tab.locator("#queue > li")).to_have_count(2)


def test_words_are_marked_as_missed_with_the_mouse_and_undone(sue: Supervisor, clinic: ClinicPeople) -> None:
    """The browser's own selection counts; Undo takes it back."""
    tab = sue.open("/review/calls/c1")
    words = tab.locator("#utterance-3 > .words .w")
    box, last = words.nth(12).bounding_box(), words.nth(15).bounding_box()
    tab.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2)
    tab.mouse.down()
    tab.mouse.move(last["x"] + last["width"] - 1, last["y"] + last["height"] / 2, steps=5)
    tab.mouse.up()
    expect(tab.locator("#selection")).to_have_text("Selected: hiding under the bed")
    tab.locator("#missed").click()
    tab.locator("#choices button", has_text="Severe pain").click()
    expect(tab.locator("#misses")).to_contain_text("hiding under the bed")
    tab.locator("#misses button", has_text="Undo").click()
    expect(tab.locator("#misses")).to_be_hidden()


def test_nothing_is_played_while_a_call_is_heard_at_this_desk(sue: Supervisor, clinic: ClinicPeople) -> None:
    """It would be heard as the client."""
    tab = sue.open("/review/calls/c1")
    for logged in running("now", 2):
        clinic.feed.publish(logged)
    tab.keyboard.press("p")
    expect(tab.locator("#sound-answer")).to_contain_text("would be heard as its client")
    expect(tab.locator("#play-text")).to_have_text("Play")


def test_a_mark_is_played_over_and_over_and_silence_is_skipped(sue: Supervisor) -> None:
    """The loop goes back to its beginning; without it the sound goes on behind the silence."""
    tab = sue.open("/review/calls/c1")
    at_s = "() => Number(document.querySelector('#place').value)"
    tab.wait_for_function("() => document.querySelector('#marks li[data-kind=flag]')")
    tab.locator("#speed").select_option("2")
    tab.locator("#marks li[data-kind=flag] button").click()
    tab.locator("#loop").click()
    tab.locator("#loop").click()
    expect(tab.locator("#loop")).to_have_attribute("aria-pressed", "false")
    tab.locator("#loop").click()
    tab.wait_for_timeout(200)
    tab.wait_for_function(WENT_BACK, polling=50)
    tab.locator("#loop").click()
    tab.locator("#skip").check()
    go_to(tab, 34)
    tab.wait_for_function(f"() => ({at_s})() > 35.5")


@pytest.mark.parametrize(
    "options",
    [{}, {"color_scheme": "dark"}, {"viewport": {"width": 400, "height": 800}}, {"forced_colors": "active"}],
    ids=["wide", "dark", "column", "high-contrast"],
)
def test_queue_and_replay_break_no_rule(browser: Any, clinic: ClinicPeople, options: dict[str, Any]) -> None:
    """With a verdict, a missed sign, a note and the list of keys open."""
    from tests.console.test_page_axe import violations

    clinic.reviews.enter("c1", FlagJudged(0.0, "sue", "urinary", Verdict.RIGHT))
    clinic.reviews.enter("c1", MissMarked(0.0, "sue", "pain", "", 3, 12, 15, 0.0, 0.0))
    clinic.reviews.enter("c1", ReviewNoted(0.0, "sue", "asked late"))
    sue = Supervisor(browser, clinic, **options)
    tab = sue.open("/review")
    assert violations(tab) == []
    tab = sue.open("/review/calls/c1")
    tab.locator("#said").focus()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("m")
    expect(tab.locator("#choose")).to_be_visible()
    assert violations(tab) == []
    tab.keyboard.press("Escape")
    tab.keyboard.press("?")
    expect(tab.locator("dialog[open]")).to_be_visible()
    assert violations(tab) == []
    sue.close()
