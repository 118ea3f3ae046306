"""One call on the page, from waiting to its end."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from tests.console.browsing import Live, card, expect, field, play
from tests.console.conftest import Console
from tests.console.scripted_call import blocked_cat, final, flag, mention, partial, poisoned_dog, read, suggestion
from voice_triage.desk_state import DeskState, RecognizerState, SourceState
from voice_triage.events import (
    FieldRetracted,
    FlagWithdrawn,
    LineChanged,
    MentionsRead,
    SourceChanged,
    StageFailed,
    Status,
    Urgency,
)


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
    denied = tab.get_by_role("log").locator(".mention")
    expect(denied).to_have_text("hasn't thrown up")
    expect(denied).to_have_attribute("data-status", "denied")


def test_words_that_mean_something_else_are_nobodys_denial(console: Console, tab: Any) -> None:
    """Of an idiom nothing is marked, neither as denied nor as anything else."""
    live = Live(console, "figure")
    figure = final(0, "these bills are bleeding me dry", 1.0)
    live.log(figure)
    live.log(read(figure, "bleeding", "bleeding", Status.NOT_MEANT))
    denial = final(1, "and he is not vomiting", 5.0)
    live.log(denial)
    live.log(read(denial, "vomiting", "not vomiting"))
    marked = tab.get_by_role("log").locator(".mention")
    expect(marked).to_have_text("not vomiting")


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


def test_a_word_that_the_recognizer_does_not_know_is_shown_as_the_real_term(console: Console, tab: Any) -> None:
    """And beside it what was heard, in marked words and in others."""
    live = Live(console)
    said = final(0, "he ate my zan ax and he has no par vo shots", 1.0)
    live.log(
        said,
        MentionsRead(
            said.at_s,
            0,
            (
                mention(said, "ate_medicine", "ate my zan ax", Status.PRESENT, "ate my xanax"),
                mention(said, "human_medicine", "zan ax", Status.PRESENT, "xanax"),
                mention(said, "parvo", "par vo", Status.NEGATED, "parvo"),
            ),
        ),
        flag(said, "toxin", "ate my zan ax", "The client said “ate my xanax”."),
    )
    spoken = tab.locator("#utterance-0 .words")
    expect(spoken).to_have_text("he ate my xanax and he has no parvo shots")
    expect(spoken.locator(".mark .term")).to_have_attribute("data-heard", "heard “zan ax”")
    expect(spoken.locator(".mention .term")).to_have_attribute("data-heard", "heard “par vo”")


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
