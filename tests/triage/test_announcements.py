"""What a machine on the line says raises nothing; what a client says of one does."""

from __future__ import annotations

import pytest

from tests.fakes import words
from voice_triage.events import FinalTranscript, FlagRaised, FlagState, Side
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding

ANNOUNCEMENTS = (
    "if this is an emergency press one",
    "if your pet is having trouble breathing or is bleeding please press one",
    "for emergencies such as difficulty breathing seizures or poisoning say emergency or press nine",
    "if you think your pet has eaten something poisonous press two | for appointments press three",
    "for prescription refills press four for vomiting or diarrhea press five to repeat this message press star",
    "all of our lines are busy | if your animal has collapsed or is unable to urinate do not wait",
    "our hospital is currently closed if your pet has been hit by a car or is having a seizure please hang up and call",
    "thank you for holding did you know that many house plants are poisonous to cats ask our team about lilies",
    "while you wait did you know that straining to urinate is an emergency",
    "your call is important to us heatstroke symptoms include heavy panting vomiting and collapse",
    "you have reached the after hours line if your dog is choking hang up and dial the emergency hospital",
    "visit our website to learn about bloat in large dogs",
    "due to high call volume please stay on the line unless your pet is unconscious or bleeding heavily",
    "hi you've reached sarah and tom we can't come to the phone please leave a message after the tone",
)
PEOPLE = (
    ("it said press one for an emergency so i did my cat can't pee", "urinary"),
    ("i pressed two he ate rat poison", "toxin"),
    ("the machine said your call is important to us and my dog is having a seizure", "neuro"),
    ("thank you for calling back she can't breathe", "breathing"),
    ("sorry i left a message after the tone my dog is bleeding everywhere", "bleeding"),
)


def raised(text: str, lexicon: Lexicon) -> set[str]:
    """Categories that are raised by utterances, parted by bars."""
    understanding = CallUnderstanding(lexicon)
    flags: set[str] = set()
    for number, said in enumerate(text.split(" | ")):
        spoken = words(said, 20.0 * number)
        final = FinalTranscript(0.0, Side.CLIENT, number, spoken, said, spoken[0].start_s, spoken[-1].end_s)
        flags |= {
            event.category
            for event in understanding.hear(final)
            if isinstance(event, FlagRaised) and event.state is FlagState.RAISED
        }
    return flags


@pytest.mark.parametrize("text", ANNOUNCEMENTS)
def test_an_announcement_raises_nothing(text: str, lexicon: Lexicon) -> None:
    """Whatever it says about emergencies: it speaks of nobody's pet."""
    assert raised(text, lexicon) == set()


@pytest.mark.parametrize(("text", "category"), PEOPLE)
def test_a_person_who_tells_of_one_is_heard(text: str, category: str, lexicon: Lexicon) -> None:
    """Words of a machine in a client's mouth take nothing back."""
    assert category in raised(text, lexicon)
