"""When the main problem began, and the times that tell something else."""

from __future__ import annotations

import pytest

from tests.triage.field_calls import value_of, values_of

ONSETS = {
    "probably yesterday afternoon i noticed he was squinting": "yesterday",
    "she ate the whole thing like half an hour ago": "PT30M",
    "he got out last night and came back limping": "last_night",
    "he's been drinking a ton of water for the last couple of weeks": "P2W",
    "he's been bleeding for about twenty minutes and it won't stop": "PT20M",
    "she's been in labor for three hours": "PT3H",
    "yesterday evening i saw him dragging his foot": "yesterday",
    "just started this afternoon": "this_afternoon",
    "since he got home from the groomer yesterday": "yesterday",
    "his face started swelling maybe thirty minutes ago": "PT30M",
    "he's had this cough since last week": "P1W",
    "her water broke around four hours ago": "PT4H",
    "she last peed yesterday": "yesterday",
    "the last time he ate was yesterday morning": "yesterday_morning",
    "he started limping on and off about two months ago": "P2M",
    "she's been sneezing the last three or four days": "P3D",
    "he hasn't been right for a couple days": "P2D",
    "it's been about six hours": "PT6H",
    "oh gosh maybe six hours now": "PT6H",
    "i think he swallowed it about an hour and a half ago": "PT1H30M",
    "he woke up this morning and couldn't walk": "this_morning",
    "we came home last night and there was blood all over": "last_night",
    "it was fine yesterday and then today his eye is swollen shut": "today",
    "i found her like this when i got home from work about twenty minutes ago": "PT20M",
    "it's probably been going on for like a month": "P1M",
    "ever since yesterday he won't put weight on it": "yesterday",
    "he's been throwing up all night": "overnight",
    "so about three days ago we noticed he was peeing a lot": "P3D",
    "it started about an hour ago right after his dinner": "PT1H",
    "it started last night i guess": "last_night",
    "for two days now": "P2D",
    "it's been four days now i'd say": "P4D",
    "it's been going on for two weeks": "P2W",
    "she's been doing it for about three days": "P3D",
    "since yesterday": "yesterday",
    "he's been limping since yesterday morning": "yesterday_morning",
    "he's been straining since like last night": "last_night",
    "this morning he threw up all over the rug": "this_morning",
    "he threw up this morning right after breakfast": "this_morning",
    "it was like half an hour ago": "PT30M",
    "fifteen minutes ago": "PT15M",
    "it's been going on two weeks": "P2W",
    "about a week ago he started coughing": "P1W",
    "a week ago saturday she started limping": "P1W",
    "i noticed it yesterday when i got home": "yesterday",
    "the wife saw it this morning": "this_morning",
    "it has to be two hours ago at the most": "PT2H",
    "she's been pushing really hard for an hour": "PT1H",
    "he hasn't eaten in two days": "P2D",
    "she hasn't peed since last night": "last_night",
    "he hasn't pooped in about three days": "P3D",
    "she was fine until last night": "last_night",
    "he was perfectly fine until about two hours ago": "PT2H",
    "over the last couple of days he's been really lethargic": "P2D",
    "for the past three days she's had diarrhea": "P3D",
    "for the past week he's been coughing": "P1W",
    "in the last hour he's thrown up twice": "PT1H",
    "she's had diarrhea for two days": "P2D",
    "he ate a whole bag of chocolate about an hour ago": "PT1H",
    "she got into the trash last night": "last_night",
    "he got hit by a car ten minutes ago": "PT10M",
    "it happened about twenty minutes ago": "PT20M",
    "two days ago he started limping": "P2D",
    "last night she started vomiting": "last_night",
    "a couple days ago she stopped eating": "P2D",
    "i got up this morning and she's just lying in her crate": "this_morning",
    "it came on overnight": "overnight",
    "he's been vomiting since about three this morning": "this_morning",
    "it started the day before yesterday": "P2D",
    "she's been coughing for a week and a half": "P10D",
    "it's been like two or three days": "P2D",
    "i'd say since yesterday": "yesterday",
    "earlier today he fell down the stairs": "today",
    "it was yesterday after school he didn't come for his lettuce": "yesterday",
    "he started throwing up this afternoon": "this_afternoon",
    "the limping started three months ago": "P3M",
    "i'd have to say yesterday morning": "yesterday_morning",
    "she just now had a seizure": "just_now",
    "he's been off his food for a few days": "P3D",
}

NOT_ONSETS = (
    "the puppy threw up four times since midnight",
    "it began on friday",
    "today's the third day he hasn't eaten",
    "yeah like two days",
    "we've been driving for an hour",
    "i've been on hold for ten minutes",
    "it only lasted about a minute",
    "he'll be there in fifteen minutes",
    "my appointment's in two hours",
    "i gave him a benadryl two hours ago",
    "she got spayed two weeks ago",
    "we moved here two months ago",
    "he was seen there last week for his ears",
    "she had a seizure last year",
    "his last shots were two years ago",
    "she's been like this for hours",
    "um maybe since tuesday",
    "he's been acting funny all day",
    "she ate this morning",
    "he ate his breakfast this morning",
    "she had her dinner an hour ago",
    "i called last night",
    "i'm calling about an appointment tomorrow",
    "it lasted two minutes",
    "it was like two minutes my wife timed it",
    "he's been on it for two weeks",
    "we've had him for three years",
    "i've been throwing up since yesterday",
    "i've been up all night",
    "it's been a week let me tell you",
    "he had surgery two weeks ago",
    "i gave him his pill this morning",
    "we were in last week for his shots",
    "he had one of those stroke things years ago",
    "he just did it again like ten minutes ago",
    "she threw up again this morning",
    "every twenty minutes or so",
    "twice a day for ten days",
    "we'll be there in ten minutes",
    "my last rabbit quit eating overnight and we lost him",
    "can you see him today",
    "can i bring her in this afternoon",
    "she was fine this morning",
    "he's eight weeks old",
    "she hasn't thrown up since last night",
    "we adopted her two months ago",
    "she peed this morning",
    "he went poop last night and it was normal",
    "we saw the vet last week",
    "we started him on antibiotics two days ago",
    "it's not until this afternoon",
    "we've been coming to you for ten years",
    "i've got to be at work at nine",
    "he's due for his shots this week",
)


@pytest.mark.parametrize(("text", "onset"), ONSETS.items())
def test_an_onset_is_read_from_its_company(text: str, onset: str) -> None:
    """A time beside a beginning, an event or a lasting finding is the onset."""
    assert value_of("onset", text) == onset


@pytest.mark.parametrize("text", NOT_ONSETS)
def test_other_times_are_no_onset(text: str) -> None:
    """Meals, visits, treatments, episodes, durations of an episode and the client's own troubles are no onset."""
    assert value_of("onset", text) is None


def test_the_first_beginning_holds_over_later_episodes() -> None:
    """Episodes told later do not move the onset."""
    turns = (
        "she threw up last night after dinner",
        "she did it again around two in the morning",
        "and twice this morning",
    )
    assert value_of("onset", *turns) == "last_night"


def test_a_denied_time_is_taken_back() -> None:
    """A denied "this morning" takes an onset back, and the next one replaces it without a contradiction."""
    turns = (
        "uh since this morning i guess so like four hours",
        "no sorry so it wasn't this morning she hasn't eaten since dinner time last night so that's like sixteen hours",
    )
    value = values_of(*turns)["onset"]
    assert (value.value, value.contradicts) == ("last_night", None)


def test_signs_outweigh_what_was_eaten_before() -> None:
    """The onset is when the signs began, not when the object was swallowed, if both are told."""
    turns = ("he swallowed a corn cob so that was two days ago", "today he's thrown up every time he eats")
    assert value_of("onset", *turns) == "today"


def test_an_onset_of_another_animal_is_not_the_patients() -> None:
    """A time in a clause about someone else gives nothing."""
    from tests.triage.field_calls import board_of

    board = board_of("he's been limping since yesterday", about_pet=lambda _token: False)
    assert "onset" not in board.values()
