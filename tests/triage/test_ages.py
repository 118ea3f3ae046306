"""Ages as owners say them, and the years, months and weeks that are no age of the patient."""

from __future__ import annotations

import pytest

from tests.triage.field_calls import value_of, values_of

AGES = {
    "he was a year old in may": "P1Y",
    "she's ten months old today": "P10M",
    "he's seven maybe eight": "P7Y",
    "he's seven eight years old": "P7Y",
    "he's only six months and he's huge": "P6M",
    "she's fifteen so she's no spring chicken": "P15Y",
    "she's four years old going on five": "P4Y",
    "he turned three last week": "P3Y",
    "he's just a baby he's ten weeks": "P10W",
    "she'll be ten in november": "P9Y",
    "he's pretty old he's like thirteen or fourteen": "P13Y",
    "he's four years old": "P4Y",
    "he's a neutered male he's about four years old": "P4Y",
    "she's six and a half": "P6Y6M",
    "she is six and a half years old": "P6Y6M",
    "he's going on thirteen": "P12Y",
    "she's going on three i think": "P2Y",
    "he's twelve going on thirteen": "P12Y",
    "he's fourteen": "P14Y",
    "he's fourteen now": "P14Y",
    "um she's like ten": "P10Y",
    "she'll be three in march": "P2Y",
    "she's gonna be five next month": "P4Y",
    "he turns nine in october": "P8Y",
    "he's turning two this summer": "P1Y",
    "about to be five": "P4Y",
    "she just turned five": "P5Y",
    "he turned seven in june": "P7Y",
    "she's nine weeks old": "P9W",
    "he's eight months": "P8M",
    "she's a year and a half": "P1Y6M",
    "he's a year old": "P1Y",
    "she's almost two": "P2Y",
    "he's a two year old boxer": "P2Y",
    "i have a two-year-old beagle": "P2Y",
    "my 12wk old puppy": "P12W",
    "he's a 2 yo lab": "P2Y",
    "5 y/o neutered male": "P5Y",
    "she's 10 y.o. and spayed": "P10Y",
    "he is 1 1/2 years old": "P1Y6M",
    "she's ½ year old": "P6M",
    "he's half a year old": "P6M",
    "she's three and a half months old": "P3M15D",
    "he's two and a half weeks old": "P18D",
    "eight years old": "P8Y",
    "he's a shepherd mix eight years old": "P8Y",
    "he's five he's bear": "P5Y",
    "he's eleven years old now": "P11Y",
    "my cat is fifteen": "P15Y",
    "our dog's nine": "P9Y",
    "he's a basset hound three years old his name's walter": "P3Y",
    "she's two years and three months old": "P2Y3M",
    "she's a year and three months": "P1Y3M",
    "he's probably like seven or eight years old": "P7Y",
    "we think he's about two": "P2Y",
    "the vet thinks she's around eight": "P8Y",
    "the rescue thought about three he's a boy": "P3Y",
    "the guy said ten weeks she's some kind of rottweiler mix": "P10W",
    "she was born six weeks ago": "P6W",
    "eighteen months old": "P18M",
    "he's twenty one years old": "P21Y",
    "she's only eight weeks": "P8W",
    "a couple of years old": "P2Y",
    "he's sixteen and he's deaf": "P16Y",
    "she's four and she's spayed": "P4Y",
    "he's seven he's an english bulldog": "P7Y",
    "age seven": "P7Y",
    "he's for years old": "P4Y",
    "she's to years old": "P2Y",
    "about ate months old": "P8M",
    "she's a senior": "senior",
    "i've got a senior dog": "senior",
    "we just got a puppy": "puppy",
    "my kitten is sneezing": "kitten",
    "he's an old man": "senior",
    "my three year old lab threw up": "P3Y",
    "hi my dog who's ten": "P10Y",
    "she's one years old": "P1Y",
    "she's barely a year old": "P1Y",
    "he's two is that too young": "P2Y",
}

NOT_AGES = (
    "we got him four years ago as a puppy",
    "he's four foot long",
    "my kid is four",
    "i've had her eight years",
    "he's not even a year old",
    "he's forty pounds",
    "she's three shots in",
    "he's two months post op",
    "it started two years ago",
    "it was three years ago",
    "we've had him for three years",
    "she's eight weeks pregnant",
    "she's two weeks late",
    "when she was two years old she had surgery",
    "he used to be on it when he was four",
    "i have another dog who's ten",
    "my other dog is ten years old",
    "my daughter is six years old",
    "i'm fifty years old",
    "my three year old gave him grapes",
    "i've got a two year old daughter",
    "the couch is two years old",
    "she's one of those picky eaters",
    "the one is fine",
    "he's been on it for two months",
    "it's two in the morning",
    "he's not four",
    "there were eight years between them",
    "she's ten minutes away",
    "he's two blocks from here",
    "they come every two weeks",
    "it's been a year",
    "she was acting like a puppy",
    "when he was a puppy he ate a sock",
    "he eats puppy food",
    "she's having puppies",
    "we have two dogs",
    "give him one pill twice a day",
    "he threw up three times",
    "he has four left",
    "five five five oh one seven three",
)


@pytest.mark.parametrize(("text", "age"), AGES.items())
def test_an_age_is_read_as_people_mean_it(text: str, age: str) -> None:
    """What owners say of the patient's age comes out as one ISO 8601 duration or life-stage word."""
    assert value_of("age", text) == age


@pytest.mark.parametrize("text", NOT_AGES)
def test_no_age_is_read_where_none_was_said(text: str) -> None:
    """Durations, counts, weights and other people's ages are not the patient's age."""
    assert value_of("age", text) is None


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("he's ten no i take that back he's eleven years old", "P11Y"),
        ("she's three no sorry she just had a birthday she's four years old", "P4Y"),
        ("she's a year no she's older than that she's two years old", "P2Y"),
        ("he's nine i mean he's eight", "P8Y"),
        ("he's six wait no seven years old", "P7Y"),
    ],
)
def test_a_corrected_age_replaces_the_first(text: str, age: str) -> None:
    """The last of two ages holds, without a contradiction, when a word takes the first back."""
    value = values_of(text)["age"]
    assert (value.value, value.contradicts) == (age, None)


def test_a_correction_reaches_back_over_utterances() -> None:
    """A word like "actually" in a later utterance takes an earlier age back."""
    value = values_of("he's nine years old", "no blood no", "oh actually sorry he's ten years old")["age"]
    assert (value.value, value.contradicts) == ("P10Y", None)


def test_two_ages_without_a_correction_contradict() -> None:
    """Without a correcting word the later age holds and says which it contradicts."""
    value = values_of("she's five years old", "yes she's six years old")["age"]
    assert (value.value, value.contradicts) == ("P6Y", "P5Y")


def test_a_plain_age_is_surer_than_a_bare_number() -> None:
    """The words "fourteen years old" weigh more than "he's fourteen"."""
    assert values_of("he's fourteen years old")["age"].confidence > values_of("he's fourteen")["age"].confidence


def test_a_number_beats_a_life_stage_word() -> None:
    """A life-stage word is the age only until a number is said."""
    assert value_of("age", "he's five months old", "he's a puppy") == "P5M"
    assert value_of("age", "he's a puppy", "he's five months old") == "P5M"
