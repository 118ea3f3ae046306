"""Next questions, lanes and fixed lines on the page, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.browsing import WAITING, Live, Window, card, expect
from tests.console.conftest import Console
from tests.console.scripted_call import final, flag, suggestion
from voice_triage import resources
from voice_triage.console.app import ConsoleServer
from voice_triage.console.feed import Feed
from voice_triage.events import (
    Asked,
    CallEnded,
    LaneShown,
    LaneWithdrawn,
    Question,
    QuestionSettled,
    QuestionsSuggested,
    QuestionWhy,
    Urgency,
)
from voice_triage.guidance.clinic_in_force import ClinicInForce

PROFILE = """
[clinic]
name = "Oak Street Animal Hospital"
[[emergency_room]]
name = "Riverside Emergency"
address = "1200 River Road"
phone = "555-010-0199"
hours = "day and night"
[lines]
closing = "Our doctor decides how soon. We can always offer an exam for {pet}."
"""
BREATHING = Question("breathing", "How is your dog breathing right now?", QuestionWhy.RED_FLAG, "breathing")
BLEEDING = Question("bleeding", "Is your dog bleeding anywhere?", QuestionWhy.RED_FLAG, "bleeding")
AGE = Question("age", "How old is your dog?", QuestionWhy.FIELD, field="age")
SEX = Question("sex", "Is your dog male or female?", QuestionWhy.FIELD, field="sex")


@pytest.fixture
def clinic_file(tmp_path: Path) -> Path:
    """A clinic's profile."""
    path = tmp_path / "clinic.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


@pytest.fixture
def console(clinic_file: Path) -> Iterator[Console]:
    """A console of a clinic with a profile and the fixed lines as shipped."""
    feed = Feed()
    clinic = ClinicInForce(resources.lexicons_dir, clinic_file)
    server = ConsoleServer(feed, clinic=clinic.current)
    link = server.start()
    yield Console(feed, server, link, [])
    server.stop()


@pytest.fixture
def tab(window: Window) -> Any:
    """The page before any call."""
    window.console.feed.set_desk(WAITING)
    return window.open()


def routed(window: Window, address: str, answer: Callable[[Any], None]) -> Any:
    """The page, with requests of that kind answered by the test.

    From the beginning: Chromium lets a request through that is made just when the answering begins.
    """
    window.context.route(address, answer)
    window.console.feed.set_desk(WAITING)
    return window.open()


def asked(tab: Any) -> list[str]:
    """The questions as they are listed."""
    return [each.inner_text() for each in tab.locator("#questions .ask").all()]


def test_three_questions_are_listed_in_their_order_and_the_exam_stands_below(tab: Any, console: Console) -> None:
    """The CSR reads what to ask next, and by which line the call can always be closed."""
    live = Live(console)
    live.log(QuestionsSuggested(0.0, (BREATHING, BLEEDING, AGE), ("breathing", "bleeding", "age", "sex")))
    expect(tab.locator("#questions .question")).to_have_count(3)
    assert asked(tab) == [BREATHING.text, BLEEDING.text, AGE.text]
    expect(tab.locator("#closing-line")).to_have_text(
        "Our doctor decides how soon. We can always offer an exam for your pet."
    )
    expect(tab.locator("#not-asked summary")).to_have_text("Not asked: 4")
    expect(tab.locator("#not-asked ul")).to_be_hidden()


def test_a_question_that_stays_keeps_its_place_and_the_focus(tab: Any, console: Console) -> None:
    """While the client talks on, nothing that is being read moves, and the focus is not lost."""
    live = Live(console)
    live.log(QuestionsSuggested(0.0, (BREATHING, BLEEDING, AGE), ()))
    tab.locator("#question-bleeding button").first.focus()
    tab.evaluate("window.kept = document.querySelector('#question-bleeding')")
    live.log(QuestionsSuggested(1.0, (BREATHING, BLEEDING, SEX), ()))
    expect(tab.locator("#question-sex")).to_be_visible()
    assert tab.evaluate("window.kept === document.querySelector('#question-bleeding')")
    assert tab.evaluate("document.activeElement.closest('.question')?.id") == "question-bleeding"


def test_the_focus_goes_to_the_question_that_takes_a_settled_ones_place(tab: Any, console: Console) -> None:
    """Who works with Tab and Enter goes on where they were, not at the top of the page."""
    live = Live(console)
    live.log(QuestionsSuggested(0.0, (BREATHING, BLEEDING, AGE), ()))
    tab.locator("#question-breathing button").first.focus()
    live.log(QuestionSettled(1.0, "breathing", Asked.ASKED), QuestionsSuggested(1.0, (BLEEDING, AGE, SEX), ()))
    expect(tab.locator("#question-breathing")).to_have_count(0)
    assert tab.evaluate("document.activeElement.id") == "question-bleeding"


@pytest.mark.parametrize(
    ("key", "question", "state"), [("1", "breathing", "asked"), ("3", "age", "asked"), ("k", "breathing", "skipped")]
)
def test_one_key_settles_a_question(window: Window, console: Console, key: str, question: str, state: str) -> None:
    """1, 2 and 3 say that it was asked, k passes it over: sent to the call's log."""
    tab = routed(window, "**/actions", lambda route: route.fulfill(status=204))
    live = Live(console, call="live")
    live.log(QuestionsSuggested(0.0, (BREATHING, BLEEDING, AGE), ()))
    expect(tab.locator("#questions .question")).to_have_count(3)
    with tab.expect_request("**/api/calls/live/actions") as sent:
        tab.keyboard.press(key)
    assert sent.value.post_data_json == {"action": "settle_question", "question": question, "state": state}


def test_at_the_calls_end_the_list_of_what_was_not_asked_is_open(tab: Any, console: Console) -> None:
    """Nobody is there to be asked any more; what is missing is read at a glance."""
    live = Live(console)
    live.log(QuestionsSuggested(0.0, (BREATHING,), ("breathing", "call-back number")))
    live.log(CallEnded(30.0, 30.0, "hang-up"))
    expect(tab.locator("#not-asked ul")).to_be_visible()
    assert [each.inner_text() for each in tab.locator("#not-asked li").all()] == ["breathing", "call-back number"]
    expect(tab.locator("#questions")).to_be_hidden()


def test_a_lane_shows_what_to_do_what_to_say_and_the_clients_words(tab: Any, console: Console) -> None:
    """Straight to a room: the desk reads why, and says how to come in. Words not said after all take it away."""
    live = Live(console)
    cough = final(0, "my dog has been coughing all night", 1.0)
    live.log(cough, suggestion(cough, "species", "dog", "my dog"), LaneShown(3.0, "infectious", "coughing", 0, 0))
    lane = tab.locator("#lane-infectious")
    expect(lane).to_contain_text("Straight to a room")
    expect(lane).to_contain_text("we take your dog straight to a room")
    lane.get_by_text("“coughing”").click()
    expect(tab.locator("#utterance-0")).to_have_class("utterance shown")
    live.log(LaneWithdrawn(5.0, "infectious"))
    expect(lane).to_have_count(0)
    expect(tab.locator("#lanes")).to_be_hidden()


def test_a_red_card_holds_the_line_the_address_and_that_nobody_signed(tab: Any, console: Console) -> None:
    """What to say and where to send stand on the card, in it the pet's name; and the poison lines where they help."""
    live = Live(console)
    said = final(0, "my dog duke ate a whole bar of chocolate", 1.0)
    live.log(
        said,
        suggestion(said, "species", "dog", "my dog"),
        suggestion(said, "pet_name", "duke", "duke"),
        flag(said, "toxin", "ate a whole bar of chocolate", "The client says the dog ate chocolate."),
    )
    toxin = card(tab, "toxin")
    expect(toxin).to_contain_text("Please take Duke to the closest emergency room now")
    expect(toxin).to_contain_text("Riverside Emergency 1200 River Road · 555-010-0199 · day and night")
    expect(toxin).to_contain_text("888-426-4435")
    expect(toxin).to_contain_text("What does Duke weigh?")
    expect(toxin).to_contain_text("not signed by a veterinarian yet")


def test_an_orange_card_brings_a_technician_to_the_line_and_sends_nobody_away(tab: Any, console: Console) -> None:
    """The orange line is another one, and no emergency room stands on the card."""
    live = Live(console)
    said = final(0, "my dog swallowed a sock", 1.0)
    live.log(said, flag(said, "foreign_body", "swallowed a sock", "The client says so.", Urgency.ORANGE))
    sock = card(tab, "foreign_body")
    expect(sock).to_contain_text("I’d like a technician or doctor to hear this now.")
    expect(sock).not_to_contain_text("Riverside Emergency")


def test_an_edit_of_the_profile_shows_with_the_next_call(tab: Any, console: Console, clinic_file: Path) -> None:
    """Nothing is started again; a broken edit leaves the address where it was and says what is wrong."""
    live = Live(console, call="first")
    said = final(0, "she can't breathe", 1.0)
    live.log(said, flag(said, "breathing", "can't breathe", "The client says so."))
    expect(card(tab, "breathing")).to_contain_text("Riverside Emergency")
    clinic_file.write_text(PROFILE.replace("Riverside Emergency", "Hilltop Emergency"), encoding="utf-8")
    second = Live(console, call="second")
    second.log(said, flag(said, "breathing", "can't breathe", "The client says so."))
    expect(card(tab, "breathing")).to_contain_text("Hilltop Emergency")
    clinic_file.write_text(PROFILE.replace("[[emergency_room]]", "[[emergency_rom]]"), encoding="utf-8")
    third = Live(console, call="third")
    third.log(said, flag(said, "breathing", "can't breathe", "The client says so."))
    expect(card(tab, "breathing")).to_contain_text("did you mean 'emergency_room'?")
    expect(card(tab, "breathing")).to_contain_text("Hilltop Emergency")


def test_an_answer_of_an_earlier_call_that_comes_late_does_not_put_the_old_profile_back(
    window: Window, console: Console, clinic_file: Path
) -> None:
    """Two calls in quick succession, the profile edited between: what the later one was told stays."""
    held: list[Any] = []
    passed: list[Any] = []

    def hold_the_first(route: Any) -> None:
        answer = route.fetch()
        if passed and not held:  # the one before any call has passed
            held.append((route, answer))
            return
        passed.append(answer)
        route.fulfill(response=answer)

    tab = routed(window, "**/api/clinic", hold_the_first)
    said = final(0, "she can't breathe", 1.0)
    first = Live(console, call="first")
    first.log(said, flag(said, "breathing", "can't breathe", "The client says so."))
    expect(card(tab, "breathing")).to_contain_text("Riverside Emergency")  # from before the call
    while not held:
        tab.wait_for_timeout(20)
    clinic_file.write_text(PROFILE.replace("Riverside Emergency", "Hilltop Emergency"), encoding="utf-8")
    second = Live(console, call="second")
    second.log(said, flag(said, "breathing", "can't breathe", "The client says so."))
    expect(card(tab, "breathing")).to_contain_text("Hilltop Emergency")
    route, late = held[0]
    with tab.expect_response("**/api/clinic"):
        route.fulfill(response=late)
    tab.evaluate("new Promise(requestAnimationFrame)")
    expect(card(tab, "breathing")).to_contain_text("Hilltop Emergency")
