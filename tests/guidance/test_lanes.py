"""Which lanes a call shows."""

from __future__ import annotations

import pytest

from tests.guidance.conftest import Listen
from voice_triage.guidance.lanes import is_young


@pytest.mark.parametrize(
    ("said", "lane"),
    [
        ("my dog has been coughing since the boarding place", "infectious"),
        ("my cat's been sneezing all week", "infectious"),
        ("my puppy has the runs", "infectious"),
        ("he's due for his yearly shots", "wellness"),
        ("it's our first visit with you", "first_visit"),
        ("he gets really nervous at the vet", "temperament"),
        ("she's dog reactive", "temperament"),
        ("could we do a video visit", "telemedicine"),
        ("he needs to come in for a recheck", "recheck"),
        ("can i get a refill on his pills", "refill"),
        ("can i pay my invoice over the phone", "payment"),
        ("my dog passed away last night", "died"),
        ("i think it's time to say goodbye", "died"),
    ],
)
def test_what_a_call_is_about_shows_its_lane_with_the_clients_words(listen: Listen, said: str, lane: str) -> None:
    """Each lane of the guide is noticed, and the card says by which words."""
    call = listen(said)
    assert (lane, 0) in call.lanes
    shown = call.lanes[lane, 0]
    assert shown.evidence in said
    assert shown.utterance == 0


@pytest.mark.parametrize(
    ("said", "lane"),
    [
        ("no she's not coughing", "infectious"),
        ("my neighbor's dog has kennel cough", "infectious"),
        ("he has trouble catching his breath", "infectious"),
        ("he's never been aggressive", "temperament"),
        ("there's blood on his muzzle", "temperament"),
        ("she doesn't need a recheck", "recheck"),
        ("my last dog died of bloat", "died"),
        ("he almost died", "died"),
        ("i don't need a refill", "refill"),
        ("my parrot hurt his bill", "payment"),
    ],
)
def test_what_is_denied_or_said_of_others_shows_no_lane(listen: Listen, said: str, lane: str) -> None:
    """A lane changes how people are received, so it rests on what was said of the pet."""
    assert (lane, 0) not in listen(said).lanes


def test_a_lane_goes_when_its_words_were_not_said(listen: Listen) -> None:
    """A second hearing withdraws what only the first one brought."""
    call = listen("my dog is coughing")
    assert list(call.lanes) == [("infectious", 0)]
    call.say_again("my dog is off his food", 0)
    assert call.lanes == {}


def test_a_puppy_with_diarrhea_goes_straight_to_a_room_however_late_its_age_is_told(listen: Listen) -> None:
    """The guide names puppies with diarrhea; a grown dog with diarrhea waits like others."""
    call = listen("my dog has had diarrhea since last night")
    assert ("infectious", 0) not in call.lanes
    call.say("he's ten weeks old")
    assert ("infectious", 0) in call.lanes
    grown = listen("my dog has had diarrhea since last night", "he's nine years old")
    assert ("infectious", 0) not in grown.lanes


@pytest.mark.parametrize(
    ("age", "young"),
    [("P8W", True), ("P11M", True), ("puppy", True), ("kitten", True), ("P1Y", False), ("P1Y6M", False), ("", False)],
)
def test_young_is_under_a_year(age: str, young: bool) -> None:
    """An age that is not known makes no puppy."""
    assert is_young(age) is young
