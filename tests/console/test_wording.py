"""What the page says about a call."""

from __future__ import annotations

import pytest

from voice_triage.console.wording import CATEGORIES, FIELDS, PAGE_WORDS, URGENCIES, plain_value
from voice_triage.events import FlagState, Status, Urgency


def test_every_category_urgency_and_status_has_words() -> None:
    """Nothing the rules can say reaches the CSR as a code."""
    assert set(CATEGORIES) == {
        "bleeding", "breathing", "gi_severe", "toxin", "neuro", "urinary", "pain", "foreign_body", "other_emergency",
    }  # fmt: skip
    assert set(URGENCIES) == set(Urgency)
    assert set(PAGE_WORDS["flag_states"]) == set(FlagState)
    assert set(PAGE_WORDS["mention_statuses"]) == set(Status) - {Status.PRESENT, Status.NOT_MEANT}


def test_every_field_of_the_report_has_a_place_on_the_card() -> None:
    """What can be suggested is shown, and what was not asked is seen."""
    assert set(FIELDS) == {
        "species", "sex", "reproductive_status", "age", "breed", "onset", "eating", "drinking", "urinating",
        "defecating", "behavior", "weight", "pet_name", "client_name", "callback_number",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "plain"),
    [
        ("age", "P7Y", "7 years"),
        ("age", "P1Y6M", "1 year 6 months"),
        ("age", "P8W", "8 weeks"),
        ("age", "puppy", "puppy"),
        ("age", "P", "P"),
        ("onset", "PT2H", "2 hours ago"),
        ("onset", "PT1H30M", "1 hour 30 minutes ago"),
        ("onset", "P1D", "1 day ago"),
        ("onset", "last_night", "last night"),
        ("onset", "just_now", "just now"),
        ("species", "guinea_pig", "guinea pig"),
        ("breed", "shih tzu mixed", "Shih Tzu mixed"),
        ("reproductive_status", "altered", "fixed (neutered or spayed)"),
        ("eating", "none", "not at all"),
        ("drinking", "decreased", "less than usual"),
        ("behavior", "hiding", "hiding"),
        ("weight", "70 lb", "70 lb"),
        ("client_name", "mary o'brien", "Mary O'brien"),
        ("callback_number", "5550102345", "555-010-2345"),
        ("callback_number", "0102345", "0102345"),
        ("some_new_field", "some value", "some value"),
    ],
)
def test_values_are_shown_in_plain_words(field: str, value: str, plain: str) -> None:
    """Codes and durations are read out as a person would say them; the unknown is shown as it is."""
    assert plain_value(field, value) == plain
