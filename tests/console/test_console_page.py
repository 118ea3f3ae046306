"""The page in a real browser: what the CSR sees."""

from __future__ import annotations

import dataclasses
import itertools
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import FindProgram
from tests.console.conftest import Console
from tests.console.scripted_call import Script, blocked_cat, final, flag, partial, poisoned_dog, started, suggestion
from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed
from voice_triage.desk_state import DeskCommand, DeskState, RecognizerState, SourceState
from voice_triage.events import (
    CallDiscarded,
    CallEnded,
    CallStarted,
    Event,
    FieldRetracted,
    FlagWithdrawn,
    LineChanged,
    Logged,
    SourceChanged,
    StageFailed,
    Urgency,
)

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (dependency group dev)")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
"""A browser that asks nobody anything of its own accord."""
WAITING = DeskState("Jabra Evolve2 65", SourceState.WAITING, RecognizerState.READY, "", "0.1.0")
expect = playwright.expect


@pytest.fixture(scope="module")
def browser(program: FindProgram) -> Iterator[Any]:
    """One headless Chromium for all tests here."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=str(program(*CHROMIUM)), args=[*QUIET, *(["--no-sandbox"] if as_root else [])]
        )
        yield chromium
        chromium.close()


class Window:
    """A browser of its own at the desk, and everything it complained of or asked for."""

    def __init__(self, browser: Any, console: Console, **options: Any) -> None:
        self.context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **options})
        self.context.set_default_timeout(10_000)
        self.console = console
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.expected = ["ERR_CONNECTION_REFUSED"]
        """What the browser, not the page, reports of a server that is stopped; no script can keep it from that."""
        self.context.on("request", lambda request: self.requests.append(request.url))

    def open(self, link: str | None = None) -> Any:
        """A new tab on the console."""
        tab = self.context.new_page()
        tab.on("console", lambda message: self._complaint(message.type, message.text))
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        tab.goto(link or self.console.server.new_url())
        expect(tab.locator("body")).to_have_attribute("data-connection", "open")
        return tab

    def _complaint(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(expected in text for expected in self.expected):
            self.complaints.append(text)

    def close(self) -> None:
        """Close it, and check what every page of the console promises."""
        self.context.close()
        elsewhere = [url for url in self.requests if not url.startswith(f"{self.console.address}/")]
        assert elsewhere == []
        assert self.complaints == []


@pytest.fixture
def window(browser: Any, console: Console) -> Iterator[Window]:
    """A wide browser window in the United States."""
    window = Window(browser, console)
    yield window
    window.close()


@pytest.fixture
def tab(window: Window) -> Any:
    """The console's page, connected, before any call."""
    window.console.feed.set_desk(WAITING)
    return window.open()


def play(console: Console, log: list[Logged]) -> None:
    """Publish a log as the call would."""
    for logged in log:
        console.feed.publish(logged)


class Live:
    """A call that the test goes through event by event."""

    def __init__(self, console: Console, call: str = "live", **start: Any) -> None:
        self._feed = console.feed
        self._script = Script(call)
        self.log(started(call, **start))

    def log(self, *events: Any) -> None:
        """The next events of the call."""
        for event in events:
            self._feed.publish(self._script.log(event))


def card(tab: Any, category: str) -> Any:
    """A flag's card."""
    return tab.locator(f"#flag-{category}")


def field(tab: Any, name: str) -> Any:
    """A field of the patient card."""
    return tab.locator(f"#field-{name}")


def shown(tab: Any) -> dict[str, str]:
    """What a reader of the page gets: flags, patient and transcript as text."""
    return {
        name: tab.locator(f"#{name}").inner_text() for name in ("alert", "flags", "fields", "transcript", "partial")
    }


# --- one call, from waiting to its end ------------------------------------------------------------------------------


def test_waiting_says_so_and_fills_in_by_itself(console: Console, tab: Any) -> None:
    """Before a call the desk's state is on the page; a call appears without anyone touching it."""
    expect(tab.get_by_role("heading", name="Waiting for a call")).to_be_visible()
    expect(tab.locator("#source")).to_have_text("Waiting for a call · Jabra Evolve2 65")
    expect(tab.locator("#recognizer")).to_have_text("Recognition ready")
    play(console, blocked_cat(ended=False))
    expect(tab.get_by_role("heading", name="Waiting for a call")).to_be_hidden()
    expect(tab.locator("#call-state")).to_contain_text("On a call")
    expect(tab.get_by_role("timer")).to_have_text(re.compile(r"^0:[3-5]\d$"))
    expect(tab.locator("#source")).to_have_text("Hearing the client’s side · Jabra Evolve2 65")
    expect(tab.locator("#line")).to_have_text("Line is clear")


def test_a_red_flag_is_one_banner_with_the_clients_words_and_what_to_do(console: Console, tab: Any) -> None:
    """Category, words and the way to go, at a glance and in the window's title; the card adds reason and time."""
    play(console, blocked_cat(ended=False))
    alert = tab.get_by_role("alert")
    expect(alert).to_contain_text("Closest emergency room now")
    expect(alert).to_contain_text("Unable or straining to urinate")
    expect(alert).to_contain_text("“nothing in there”")
    expect(alert).not_to_contain_text("more flag")
    expect(tab).to_have_title(re.compile("^RED: Unable or straining to urinate"))
    urinary = card(tab, "urinary")
    for text in ("Red", "Closest emergency room now", "“nothing in there”", "The cat goes in and out", "0:1"):
        expect(urinary).to_contain_text(text)


def test_the_patient_card_shows_every_field_in_its_place(console: Console, tab: Any) -> None:
    """Values in plain words with the client's words; unsure ones marked; what was not asked is seen."""
    play(console, blocked_cat(ended=False))
    labels = tab.locator("#fields dt").all_inner_texts()
    assert labels == [
        "Pet’s name", "Species", "Breed", "Age", "Sex", "Neutered or spayed", "Weight", "Since when", "Eating",
        "Drinking", "Urinating", "Stool", "Behavior", "Client’s name", "Call-back number",
    ]  # fmt: skip
    expect(field(tab, "age")).to_contain_text("4 years")
    expect(field(tab, "age")).to_contain_text("“about four years old”")
    expect(field(tab, "onset")).to_contain_text("last night")
    expect(field(tab, "eating")).to_contain_text("not at all")
    expect(field(tab, "client_name")).to_contain_text("Melissa Grant")
    expect(field(tab, "pet_name")).to_contain_text("unsure")
    expect(field(tab, "client_name")).not_to_contain_text("unsure")
    for name in ("breed", "weight", "drinking", "defecating", "callback_number"):
        expect(field(tab, name)).to_contain_text("not asked")


def test_a_contradiction_is_shown_beside_the_newer_value(console: Console, tab: Any) -> None:
    """The CSR sees both values and is told to ask."""
    play(console, poisoned_dog())
    expect(field(tab, "age")).to_contain_text("4 years")
    expect(field(tab, "age")).to_contain_text("Client also said: 3 years. Ask which is right.")


def test_a_provisional_flag_looks_different_until_it_is_confirmed(console: Console, tab: Any) -> None:
    """What rests on a partial is shown as possible and not announced; the final confirms the same card."""
    live = Live(console)
    heard = partial(0, "my dog is having a seizure", 1.0)
    live.log(heard, flag(heard, "neuro", "having a seizure", "The client describes a seizure."))
    neuro = card(tab, "neuro")
    expect(neuro).to_have_attribute("data-state", "provisional")
    expect(neuro).to_contain_text("Possible, still listening")
    expect(tab.locator("#maybe")).to_contain_text("Seizure, collapse or altered mental state")
    expect(tab.locator("#maybe")).not_to_contain_text("emergency room now")
    expect(tab.get_by_role("alert")).to_be_empty()
    said = final(0, "my dog is having a seizure", 1.0)
    live.log(said, flag(said, "neuro", "having a seizure", "The client describes a seizure."))
    expect(neuro).to_have_attribute("data-state", "raised")
    expect(tab.get_by_role("alert")).to_contain_text("Closest emergency room now")
    expect(tab.locator("#maybe")).to_be_empty()
    expect(tab.locator(".flag")).to_have_count(1)


def test_a_raised_flag_on_unclear_words_says_so_and_what_to_do(console: Console, tab: Any) -> None:
    """Doubt about the words is shown beside the action, never in its place, and the flag is announced all the same."""
    live = Live(console)
    said = final(0, "my dog is having a seizure", 1.0)
    unclear = dataclasses.replace(
        flag(said, "neuro", "having a seizure", "The client says so."), confidence=0.4, possible=True
    )
    live.log(said, unclear)
    expect(card(tab, "neuro")).to_contain_text("Possible: the words were unclear")
    expect(card(tab, "neuro")).to_contain_text("Closest emergency room now")
    expect(tab.get_by_role("alert")).to_contain_text("Closest emergency room now")
    live.log(flag(said, "neuro", "having a seizure", "The client says so."))
    expect(card(tab, "neuro")).not_to_contain_text("unclear")


def test_a_withdrawn_flag_stays_struck_with_its_reason(console: Console, tab: Any) -> None:
    """Nothing that was shown disappears silently; the banner goes, the card stays."""
    live = Live(console)
    heard = partial(0, "she is bleeding", 1.0)
    live.log(heard, flag(heard, "bleeding", "bleeding", "The client describes bleeding."))
    expect(card(tab, "bleeding")).to_have_attribute("data-state", "provisional")
    live.log(final(0, "she is eating", 1.0), FlagWithdrawn(3.0, "bleeding", "The client said something else."))
    bleeding = card(tab, "bleeding")
    expect(bleeding).to_have_attribute("data-state", "withdrawn")
    expect(bleeding).to_contain_text("Withdrawn")
    expect(bleeding).to_contain_text("The client said something else.")
    expect(bleeding.locator("h3 s")).to_have_text("Bleeding that does not stop")
    expect(tab.locator("#maybe")).to_be_empty()
    expect(tab.locator("#no-flags")).to_have_text("No flag so far. That is not an all-clear: keep asking.")
    expect(tab).to_have_title("On a call · Voice Triage")


def test_an_orange_flag_asks_for_technician_or_doctor(console: Console, tab: Any) -> None:
    """Orange differs from red by word, sentence and place, not by color alone; a red one takes the banner over."""
    live = Live(console)
    sock = final(0, "he swallowed a sock", 1.0)
    live.log(sock, flag(sock, "foreign_body", "swallowed a sock", "The client says so.", Urgency.ORANGE))
    alert = tab.get_by_role("alert")
    expect(alert).to_contain_text("Technician or doctor on this line now")
    expect(card(tab, "foreign_body")).to_contain_text("Orange")
    gums = final(1, "his gums are blue", 5.0)
    live.log(gums, flag(gums, "breathing", "gums are blue", "The client describes blue gums."))
    expect(alert).to_contain_text("Closest emergency room now")
    expect(alert).to_contain_text("and 1 more flag")
    expect(tab.locator(".banner")).to_have_count(1)
    assert tab.locator(".flag").evaluate_all("cards => cards.map((card) => card.id)") == [
        "flag-breathing",
        "flag-foreign_body",
    ]


def test_later_evidence_updates_the_card_instead_of_adding_one(console: Console, tab: Any) -> None:
    """One card per category and call, with the time it was first shown."""
    live = Live(console)
    first, second = final(0, "he threw up three times", 1.0), final(1, "now there is blood in it", 60.0)
    live.log(first, flag(first, "gi_severe", "threw up three times", "Three times."))
    live.log(second, flag(second, "gi_severe", "blood in it", "Three times, now with blood."))
    expect(card(tab, "gi_severe")).to_contain_text("“blood in it”")
    expect(card(tab, "gi_severe").locator("time")).to_have_text("0:03")
    expect(tab.locator(".flag")).to_have_count(1)


def test_fields_change_and_are_taken_back(console: Console, tab: Any) -> None:
    """A provisional value is marked as still being heard; a retracted one is not asked again."""
    live = Live(console)
    heard = partial(0, "she is a beagle", 1.0)
    live.log(heard, suggestion(heard, "breed", "beagle", "a beagle"))
    expect(field(tab, "breed")).to_contain_text("Beagle")
    expect(field(tab, "breed")).to_contain_text("still hearing")
    live.log(final(0, "she is an eagle", 1.0), FieldRetracted(3.0, "breed"))
    expect(field(tab, "breed")).to_contain_text("not asked")


def test_a_partial_is_visibly_tentative_and_never_read_out(console: Console, tab: Any) -> None:
    """What is still being heard has a label, stands outside every live region, and gives way to the final."""
    live = Live(console)
    live.log(partial(0, "my dog ate", 1.0))
    expect(tab.locator("#partial")).to_have_text("hearing my dog ate")
    assert (
        tab.locator("#partial").evaluate("p => p.closest('[aria-live], [role=log], [role=status], [role=alert]')")
        is None
    )
    assert tab.locator("#partial").evaluate("p => getComputedStyle(p).fontStyle") == "italic"
    live.log(final(0, "my dog ate chocolate", 1.0))
    expect(tab.locator("#partial")).to_be_hidden()
    expect(tab.get_by_role("log")).to_contain_text("my dog ate chocolate")


def test_what_was_denied_is_marked_in_the_transcript(console: Console, tab: Any) -> None:
    """The CSR sees why words of a sign raised nothing."""
    play(console, blocked_cat())
    mention = tab.get_by_role("log").locator(".mention")
    expect(mention).to_have_text("hasn't thrown up")
    expect(mention).to_have_attribute("data-status", "denied")


def test_problems_are_shown_with_what_to_do(console: Console, tab: Any) -> None:
    """A failed stage, missing sound and a silent headset are never silent."""
    play(console, poisoned_dog())
    notices = tab.get_by_role("status", name="Notices")
    expect(notices).to_contain_text("1.3 s of sound missing. Sound is missing at 0:24. Ask the client to say again")
    expect(tab.get_by_role("log")).to_contain_text("1.3 s of sound missing: the headset was switched over")
    live = Live(console, "next")
    live.log(StageFailed(1.0, "recognizer", "recognizer", "Listen for red flags yourself; recording goes on."))
    expect(notices).to_contain_text(
        "Speech recognition has a problem. Listen for red flags yourself; recording goes on."
    )
    expect(notices).not_to_contain_text("sound missing")
    live.log(SourceChanged(2.0, "silent", "Nothing has been heard from the client for 10 seconds."))
    expect(tab.locator("#source")).to_contain_text("No sound from the client")
    live.log(LineChanged(3.0, -5.0, "clipping"))
    expect(tab.locator("#line")).to_have_text("Too loud, distorted")
    broken = DeskState("Jabra", SourceState.LISTENING, RecognizerState.FAILED, "Run voice-triage doctor.", "0.1.0")
    console.feed.set_desk(broken)
    expect(notices).to_contain_text("no red flags will show. Listen for them yourself. Run voice-triage doctor.")


def test_a_backlog_notice_goes_when_the_computer_has_caught_up(console: Console, tab: Any) -> None:
    """A warning that is over does not stay to be ignored."""
    live = Live(console)
    live.log(StageFailed(5.0, "recognizer", "backlog", "Alerts come late."))
    expect(tab.locator("#notices")).to_contain_text("Alerts come late.")
    live.log(SourceChanged(9.0, "listening", "The computer has caught up with the call."))
    expect(tab.locator("#notices")).to_be_empty()


def test_an_ended_call_stays_until_the_next_one(console: Console, tab: Any) -> None:
    """After hang-up everything is still there to be handed over; a new call starts clean."""
    play(console, blocked_cat())
    expect(tab.locator("#call-state")).to_contain_text("Call ended")
    expect(tab.get_by_role("timer")).to_have_text("0:38")
    expect(tab.get_by_role("alert")).to_contain_text("Unable or straining to urinate")
    expect(tab.get_by_role("log")).to_contain_text("Call ended: the client or the desk hung up")
    expect(tab.locator("#source")).to_have_text("Waiting for a call · Jabra Evolve2 65")
    Live(console, "next")
    expect(tab.locator("#call-state")).to_contain_text("On a call")
    expect(tab.get_by_role("alert")).to_be_empty()
    expect(tab.locator(".flag")).to_have_count(0)
    expect(tab.get_by_role("log")).to_be_empty()
    expect(field(tab, "species")).to_contain_text("not asked")


def test_the_sample_call_is_never_taken_for_a_real_one(console: Console, tab: Any) -> None:
    """Banner, state, alert and title say SAMPLE; the next real call says it nowhere."""
    play(console, blocked_cat(sample=True, ended=False))
    expect(tab.locator("#sample-banner")).to_have_text("SAMPLE CALL — not a real client")
    expect(tab.locator("#sample-banner")).to_be_in_viewport()
    expect(tab.locator("#call-state")).to_contain_text("Sample call")
    expect(tab.get_by_role("alert")).to_contain_text("SAMPLE")
    expect(tab).to_have_title(re.compile("^SAMPLE · "))
    play(console, poisoned_dog())
    expect(tab.locator("#sample-banner")).to_be_hidden()
    assert "sample" not in tab.locator("body").inner_text().lower()
    expect(tab).to_have_title(re.compile("^RED: "))


def test_markup_in_a_transcript_stays_text(console: Console, tab: Any) -> None:
    """Words that look like markup are shown as words, wherever they come from."""
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script> </p><b>&amp;"
    live = Live(console, source=hostile)
    said = final(0, f"he ate {hostile} today", 1.0)
    live.log(
        said,
        flag(said, "toxin", f"ate {hostile}", f"Reason {hostile}"),
        suggestion(said, "pet_name", hostile, hostile),
        StageFailed(3.0, hostile, hostile, hostile),
        partial(1, hostile, 5.0),
    )
    expect(tab.get_by_role("log")).to_contain_text(hostile)
    for place in ("#alert", "#flags", "#fields", "#notices", "#partial"):
        expect(tab.locator(place)).to_contain_text("<img src=x onerror=alert(1)>")
    expect(tab.locator("body img, body b, body script")).to_have_count(0)


# --- connection -----------------------------------------------------------------------------------------------------


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
        expect(tab.locator("body")).to_have_attribute("data-connection", "open")
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
    expect(tab.locator("body")).to_have_attribute("data-connection", "open")
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
        expect(tab.locator("body")).to_have_attribute("data-connection", "open")
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
    expect(tab.locator("body")).to_have_attribute("data-connection", "open")


def test_a_page_that_hears_nothing_connects_again(browser: Any, console: Console) -> None:
    """A server that hangs sends no beat; the page does not wait for the browser to notice."""
    window = Window(browser, console)
    window.context.clock.install()
    tab = window.open()
    with tab.expect_request(re.compile("/api/events")):
        tab.clock.fast_forward(16_000)
    expect(tab.locator("body")).to_have_attribute("data-connection", "open")
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


# --- hands and ears -------------------------------------------------------------------------------------------------


def test_words_lead_to_their_card_and_back_by_keyboard(console: Console, tab: Any) -> None:
    """Evidence is a link both ways; Enter is enough."""
    play(console, blocked_cat())
    mark = tab.get_by_role("log").get_by_role("link", name="nothing in there")
    mark.focus()
    tab.keyboard.press("Enter")
    expect(card(tab, "urinary")).to_be_focused()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(mark).to_be_focused()
    field(tab, "age").get_by_role("link").click()
    expect(tab.get_by_role("log").get_by_role("link", name="about four years old")).to_be_focused()
    expect(tab).to_have_url(f"{console.address}/")


def test_the_focus_never_moves_by_itself(console: Console, tab: Any) -> None:
    """New flags and words leave the keyboard where the CSR has it, even when cards change places."""
    live = Live(console)
    sock = final(0, "he swallowed a sock", 1.0)
    live.log(sock, flag(sock, "foreign_body", "swallowed a sock", "Said so.", Urgency.ORANGE))
    link = card(tab, "foreign_body").get_by_role("link")
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
    for _ in range(40):
        tab.keyboard.press("Tab")
        inside, outline = tab.evaluate(
            "() => { const node = document.activeElement;"
            "return [node.closest('section')?.id ?? '', parseFloat(getComputedStyle(node).outlineWidth)]; }"
        )
        if not inside:
            break
        assert outline >= 2
        seen.add(inside)
    assert seen == {"flags-section", "patient-section", "transcript-section"}


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


# --- what the CSR asks of the desk ----------------------------------------------------------------------------------


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
