"""Numbers, durations, weights, counts and phone numbers in spoken form."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.field_calls import spoken, value_of, values_of
from voice_triage.triage.episodes import Episode, episode_near, hours_said, total
from voice_triage.triage.phones import digit_runs
from voice_triage.triage.quantities import iso_duration, plain, quantities

DURATIONS = {
    "an hour": "PT1H",
    "half an hour": "PT30M",
    "a half hour": "PT30M",
    "an hour and a half": "PT1H30M",
    "one and a half hours": "PT1H30M",
    "three quarters of an hour": "PT45M",
    "forty five minutes": "PT45M",
    "a couple of days": "P2D",
    "a couple hours": "PT2H",
    "a few weeks": "P3W",
    "two and a half years": "P2Y6M",
    "a year and a half": "P1Y6M",
    "two years and three months": "P2Y3M",
    "a hundred and twenty days": "P120D",
    "twenty four hours": "PT24H",
    "a day and a half": "PT36H",
    "a week and a half": "P10D",
    "two full days": "P2D",
    "two or three days": "P2D",
    "six to eight weeks": "P6W",
    "two three days": "P2D",
    "a fortnight": "P2W",
    "ten nights": "P10D",
    "one hundred and one hours": "PT101H",
    "2 hrs": "PT2H",
    "12wks": "P12W",
    "thirty seconds": "PT30S",
}

WEIGHTS = {
    "maybe eighteen pounds": "18 lb",
    "at the last visit she was twelve point five pounds": "12.5 lb",
    "she's tiny she's like four pounds": "4 lb",
    "he's like a solid hundred pounds": "100 lb",
    "he's probably seventy or eighty pounds": "70 lb",
    "he's about sixty pounds": "60 lb",
    "i have a sixty five pound dog": "65 lb",
    "he weighs four kilos": "4 kg",
    "she's seven and a half pounds": "7.5 lb",
    "he's like a hundred and forty pounds": "140 lb",
    "he weighs one forty pounds": "140 lb",
    "he's one twenty five pounds": "125 lb",
    "she's only like six pounds": "6 lb",
    "she's three point two pounds": "3.2 lb",
    "he's about four hundred and fifty grams": "450 g",
    "she weighs about eight pounds": "8 lb",
    "he weighs sixty": "60 lb",
    "he's a big boy ninety pounds": "90 lb",
    "he's seven years old about forty five pounds": "45 lb",
    "we can't lift him he's eighty pounds": "80 lb",
    "she's 12 lbs": "12 lb",
    "he's 30kg": "30 kg",
    "a twelve pound cat": "12 lb",
    "her weight is fifty pounds": "50 lb",
    "she's maybe a pound and a half": "1.5 lb",
    "last time he was weighed he was at forty two pounds": "42 lb",
}

NO_WEIGHTS = (
    "he dropped from sixty to fifty pounds",
    "she's lost five pounds",
    "he gained ten pounds",
    "he ate two pounds of ground beef",
    "a thirty pound bag of food",
    "i gave him two ounces of pumpkin",
    "he got into a pound of chocolate",
    "she drank about eight ounces",
    "he ate half a pound",
    "he's ten pounds overweight",
    "it's for dogs over fifty pounds a pill",
)

PHONES = {
    "yeah you can text me five five five oh one eleven": "5550111",
    "five five five oh one double two": "5550122",
    "five five five zero one hundred": "5550100",
    "it's area code seven one three five five five oh one four four": "7135550144",
    "my number's five five five oh one seven three": "5550173",
    "you can call me at five five five oh one nine eight": "5550198",
    "it's five five five zero one two three four five six": "5550123456",
    "area code five one two five five five oh one seven three": "5125550173",
    "double five five oh one seven three": "5550173",
    "triple five oh one seven three": "5550173",
    "five five five oh one twenty six": "5550126",
    "one eight hundred five five five oh one nine nine": "8005550199",
    "five five five um oh one seven three": "5550173",
    "my cell is five five five oh one no oh two seven three": "5550273",
    "five five five oh one seven three five five five oh one seven three": "5550173",
    "call me at 555-0173": "5550173",
    "call me at five five five oh one to six": "5550126",
    "my number is (512) 555-0173": "5125550173",
    "the best number for me is five five five oh one six one": "5550161",
}

NO_PHONES = (
    "four one one one two two two two three three three three four four four four",
    "my card is four one one one two two two",
    "five five five oh one",
    "she's two or three",
    "the microchip is nine eight five one one two zero",
    "is your number five five five oh one seven three",
    "one two three four",
)

COUNTS = {
    "he threw up twice": (2, False),
    "she vomited three times": (3, False),
    "just once": (1, False),
    "a couple times": (2, False),
    "five or six times": (5, False),
    "three more this morning": (3, True),
    "two more times": (2, True),
    "half a dozen times": (6, False),
    "one time": (1, False),
}


@pytest.mark.parametrize(("text", "iso"), DURATIONS.items())
def test_a_spoken_duration_is_one_iso_duration(text: str, iso: str) -> None:
    """A duration in words is one quantity that covers all of them."""
    norms = tuple(norm for norm in spoken(text).norms)
    (found,) = quantities(norms if not norms[0][0].isdigit() else _split(norms))
    assert (found.kind, found.iso) == ("duration", iso)


def _split(norms: tuple[str, ...]) -> tuple[str, ...]:
    from voice_triage.triage.quantities import split_glued

    return tuple(piece for norm in norms for piece in split_glued(norm))


@pytest.mark.parametrize(("text", "count"), COUNTS.items())
def test_a_count_is_read_with_whether_it_adds(text: str, count: tuple[int, bool]) -> None:
    """Counts of episodes come with whether they come on top of earlier ones."""
    (found,) = [quantity for quantity in quantities(spoken(text).norms) if quantity.kind == "count"]
    assert (found.value, found.more) == count


@pytest.mark.parametrize(("text", "weight"), WEIGHTS.items())
def test_a_weight_is_number_and_unit_as_said(text: str, weight: str) -> None:
    """The patient's weight keeps the unit that was said."""
    assert value_of("weight", text) == weight


@pytest.mark.parametrize("text", NO_WEIGHTS)
def test_amounts_of_other_things_are_no_weight(text: str) -> None:
    """Food, medicine, and weight lost or gained are not the patient's weight."""
    assert value_of("weight", text) is None


@pytest.mark.parametrize(("text", "number"), PHONES.items())
def test_a_phone_number_is_its_seven_or_ten_digits(text: str, number: str) -> None:
    """A call-back number is given as digits only, repairs and repetitions resolved."""
    assert value_of("callback_number", text) == number


@pytest.mark.parametrize("text", NO_PHONES)
def test_other_digits_are_no_phone_number(text: str) -> None:
    """Card numbers, chips, the clinic's own number and short runs are never a call-back number."""
    assert value_of("callback_number", text) is None


def test_a_number_over_two_utterances_is_joined() -> None:
    """A pause inside a phone number does not break it."""
    assert value_of("callback_number", "it's five five five", "oh one seven three") == "5550173"
    assert value_of("callback_number", "area code five one two", "five five five oh one seven three") == "5125550173"


def test_after_talk_of_a_card_no_digits_are_a_phone_number() -> None:
    """Digits in the utterances after a payment card was spoken of are left alone."""
    assert value_of("callback_number", "let me get my credit card", "four one one one two two two") is None


def test_a_corrected_number_replaces_the_first() -> None:
    """A number said again differently after "sorry" replaces the first."""
    value = values_of("five five five oh one seven three", "sorry it's five five five oh one seven four")[
        "callback_number"
    ]
    assert (value.value, value.contradicts) == ("5550174", None)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("seven", 7),
        ("nineteen", 19),
        ("twenty one", 21),
        ("a hundred", 100),
        ("one hundred and five", 105),
        ("three hundred and forty two", 342),
        ("a thousand", 1000),
        ("two thousand and six", 2006),
        ("a dozen", 12),
        ("two dozen", 24),
        ("six and a half", 6.5),
        ("three point five", 3.5),
        ("three and three quarters", 3.75),
        ("1 1/2", 1.5),
        ("½", 0.5),
        ("1,200", 1200),
    ],
)
def test_a_number_in_words_or_digits_is_its_value(words: str, value: float) -> None:
    """Numbers are read whole."""
    assert [quantity.value for quantity in quantities(tuple(words.split()))] == [value]


def test_clock_times_are_neither_ages_nor_counts() -> None:
    """A time of day is its own kind."""
    assert [quantity.kind for quantity in quantities(spoken("around two thirty in the morning").norms)] == ["clock"]


@given(st.integers(0, 99), st.sampled_from("ymwdhns"))
def test_whole_amounts_keep_their_unit(amount: int, unit: str) -> None:
    """A whole amount is never turned into another unit."""
    letter = {"n": "M", "s": "S", "h": "H"}.get(unit, unit.upper())
    iso = iso_duration(((amount, unit),))
    assert iso == ("PT0S" if not amount else f"P{'T' if unit in 'hns' else ''}{amount}{letter}")


@given(
    st.lists(
        st.sampled_from(
            "two a half and an hour hours or more three the few couple of point hundred dozen once oh five no".split()
        ),
        max_size=12,
    )
)
def test_quantities_never_overlap_and_lie_inside(norms: list[str]) -> None:
    """Whatever the words, quantities are ordered, disjoint and within the utterance."""
    found = quantities(norms)
    assert all(0 <= quantity.first <= quantity.last < len(norms) for quantity in found)
    assert all(one.last < other.first for one, other in itertools.pairwise(found))


@given(
    st.lists(
        st.sampled_from("oh one five double twenty no sorry um hundred area code for dash seven".split()), max_size=14
    )
)
def test_digit_runs_hold_digits_only_and_lie_inside(norms: list[str]) -> None:
    """Whatever the words, a run of digits is digits and within the utterance."""
    for digits, first, last in digit_runs(tuple(norms)):
        assert digits.isdigit()
        assert 0 <= first <= last < len(norms)


def test_a_number_is_written_as_people_write_it() -> None:
    """No trailing zeros."""
    assert [plain(60.0), plain(7.5), plain(3.25)] == ["60", "7.5", "3.25"]


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("he threw up twice yesterday and three times this morning", 5),
        ("he threw up three times this morning", 3),
        ("he threw up", 1),
        ("he threw up three times this month", 1),
        ("he threw up four separate times", 4),
    ],
)
def test_counts_of_several_stretches_in_one_breath_add_up(said: str, count: float) -> None:
    """Each stretch of time has its own count: twice yesterday and three times this morning are five."""
    norms = tuple(said.split())
    assert total([episode_near(norms, 1, 2, 0, len(norms) - 1)]) == count


def test_counts_add_up_within_the_hours_asked_for_only() -> None:
    """What was days before is not of the same day; what has no time is."""
    told = [Episode(2.0, "ago two days"), Episode(1.0, "today"), Episode(1.0)]
    assert total(told) > total(told, 24.0)
    assert total([Episode(2.0, "yesterday"), Episode(3.0, "this morning")], 24.0) == 5.0


def test_an_again_that_is_told_twice_adds_once() -> None:
    """The same episode said again is no further one; another time of day is."""
    again = Episode(1.0, "this morning", more=True)
    assert total([Episode(1.0), again, again]) == total([Episode(1.0), again])
    assert total([Episode(1.0), again, replace(again, when="tonight")]) == total([Episode(1.0), again]) + 1.0


def test_hours_are_numbers_of_two_words() -> None:
    """Twenty four hours are a day, not four hours."""
    norms = tuple("he has not peed for twenty four hours".split())
    assert hours_said(norms, 3, 3) == 24.0
