"""The page with several pets, and with one that has died, as a reader and a keyboard find it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.console.browsing import Live, expect, field
from tests.console.conftest import Console
from tests.console.scripted_call import final, flag, suggestion
from voice_triage.events import PetsTold, PetTold


def two_dogs(live: Live) -> None:
    """Bella vomits blood; Rocky needs shots."""
    said = final(0, "my dog bella is throwing up blood and also rocky needs his shots he is two", 1.0)
    named = final(1, "bella is nine my name is jen", 9.0)
    told = PetsTold(5.0, (PetTold(0), PetTold(1, "rocky")), 0)
    live.log(
        said,
        told,
        suggestion(said, "species", "dog", "my dog"),
        suggestion(said, "pet_name", "bella", "bella"),
        replace(suggestion(said, "pet_name", "rocky", "rocky"), pet=1),
        replace(suggestion(said, "age", "P2Y", "two"), pet=1),
        flag(said, "gi_severe", "throwing up blood", "Blood."),
        named,
        suggestion(named, "age", "P9Y", "nine"),
        suggestion(named, "client_name", "jen", "jen"),
    )


def test_each_pet_has_a_card_with_the_sick_one_in_front(console: Console, tab: Any) -> None:
    """Cards are named, the sick pet's first with all fields, the other with what was said of it; flags say whose."""
    two_dogs(Live(console))
    cards = tab.locator("#fields").get_by_role("group")
    expect(cards).to_have_count(2)
    first, second = cards.nth(0), cards.nth(1)
    expect(first).to_have_accessible_name("Bella, dog")
    expect(first).to_contain_text("9 years")
    expect(first).to_contain_text("Jen")
    expect(first).not_to_contain_text("2 years")
    expect(second).to_have_accessible_name("Rocky")
    expect(second).to_contain_text("2 years")
    expect(second).not_to_contain_text("not asked", use_inner_text=True)
    expect(tab.locator("#flag-gi_severe")).to_contain_text("Bella")


def test_another_pet_in_front_changes_places_and_keeps_the_focus(console: Console, tab: Any) -> None:
    """When the other pet turns out to be the sick one its card comes first; the keyboard stays where it was."""
    live = Live(console)
    two_dogs(live)
    link = field(tab, "1-age").get_by_role("link")
    link.focus()
    live.log(PetsTold(20.0, (PetTold(0), PetTold(1, "rocky")), 1))
    cards = tab.locator("#fields").get_by_role("group")
    expect(cards.first).to_have_accessible_name("Rocky")
    expect(cards.first).to_contain_text("Jen")
    expect(link).to_be_focused()


def test_a_pets_words_light_up_its_own_card(console: Console, tab: Any) -> None:
    """Marked words of the other pet show that pet's field, and the field's evidence shows the words."""
    two_dogs(Live(console))
    mark = tab.get_by_role("log").get_by_role("link", name="two")
    mark.focus()
    tab.keyboard.press("Enter")
    expect(field(tab, "1-age")).to_have_class(re.compile("shown"))
    field(tab, "1-age").get_by_role("link").click()
    expect(mark).to_have_class(re.compile("shown"))


def test_a_call_about_one_pet_names_no_card(console: Console, tab: Any) -> None:
    """One pet is one card without a heading, and a pet that was not told after all leaves none."""
    live = Live(console)
    two_dogs(live)
    expect(tab.locator("#fields").get_by_role("group")).to_have_count(2)
    live.log(PetsTold(20.0, (PetTold(0),), 0))
    expect(tab.locator("#fields").get_by_role("group")).to_have_count(0)
    expect(tab.locator("#fields h3:visible")).to_have_count(0)


def test_a_pet_that_has_died_is_told_gently(console: Console, tab: Any) -> None:
    """The card says that the client tells of a death, and what to do."""
    live = Live(console)
    said = final(0, "my dog bella passed away this morning", 1.0)
    live.log(said, suggestion(said, "species", "dog", "my dog"), PetsTold(5.0, (PetTold(0, died=True),), 0))
    expect(tab.locator("#fields")).to_contain_text("this pet has died")
