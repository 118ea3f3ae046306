"""Several pets in one call, and pets that have died: whose card, whose flag, and what raises none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.triage.conftest import Hear, final
from voice_triage.events import Event, FlagRaised, FlagWithdrawn, PetsTold
from voice_triage.pet_cards import PetCards
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding


def cards_of(events: Sequence[Event]) -> PetCards:
    """The pets' cards after all events."""
    cards = PetCards()
    for event in events:
        cards.take(event)
    return cards


def told(cards: PetCards, pet: int, expected: dict[str, str]) -> dict[str, str]:
    """What a card says of the fields that are expected of it."""
    fields = cards.fields(pet)
    return {name: fields[name].value if name in fields else "nothing" for name in expected}


def flags_of(events: Sequence[Event]) -> dict[str, int]:
    """The pet of each category's flag that stands after all events."""
    flags: dict[str, int] = {}
    for event in events:
        if isinstance(event, FlagRaised):
            flags[event.category] = event.pet
        elif isinstance(event, FlagWithdrawn):
            flags.pop(event.category, None)
    return flags


# Lines of a call / what the sick pet's card says / what the other's says / the sick pet's flags.
TWO_PETS = [
    (
        "i have two cats one of them is not eating the other one is fine\nshe's five years old",
        {"species": "cat", "eating": "none", "age": "P5Y"},
        {"species": "cat", "age": "nothing", "eating": "nothing"},
        set(),
    ),
    (
        "my dog bella she's vomiting blood and also rocky needs his shots he's two\nbella's nine",
        {"pet_name": "bella", "species": "dog", "age": "P9Y"},
        {"pet_name": "rocky", "age": "P2Y", "sex": "male"},
        {"gi_severe"},
    ),
    (
        "my dog's throwing up blood and my cat needs her nails trimmed she's four",
        {"species": "dog", "age": "nothing", "sex": "nothing"},
        {"species": "cat", "age": "P4Y"},
        {"gi_severe"},
    ),
    (
        (
            "i've got two cats and the one is fine but the other one socks he's been straining in the litter box\n"
            "he's a neutered male\nhe's six"
        ),
        {"pet_name": "socks", "species": "cat", "sex": "male", "age": "P6Y"},
        {"pet_name": "nothing", "species": "cat", "age": "nothing"},
        {"urinary"},
    ),
    (
        "i have a dog and a cat the dog is fine but the cat hasn't peed since yesterday\nhe's a neutered male",
        {"species": "cat", "reproductive_status": "neutered"},
        {"species": "dog", "reproductive_status": "nothing"},
        {"urinary"},
    ),
    (
        (
            "calling about my two dogs duke and daisy duke ate a whole bag of chocolate and daisy's fine\n"
            "duke's a lab he's three\ndaisy's a poodle"
        ),
        {"pet_name": "duke", "breed": "labrador", "age": "P3Y"},
        {"pet_name": "daisy", "breed": "poodle", "age": "nothing"},
        {"toxin"},
    ),
    (
        "my rabbit clover hasn't eaten since last night and my guinea pig is fine he's eating",
        {"species": "rabbit", "pet_name": "clover", "eating": "none"},
        {"species": "guinea_pig", "eating": "normal", "pet_name": "nothing"},
        {"other_emergency"},
    ),
    (
        "we have two dogs the big one is fine but the little one can't breathe\nshe's eleven",
        {"species": "dog", "age": "P11Y"},
        {"species": "dog", "age": "nothing"},
        {"breathing"},
    ),
    (
        "one of my cats is fine the other one is throwing up blood\nshe's ten years old",
        {"species": "cat", "age": "P10Y"},
        {"species": "cat", "age": "nothing"},
        {"gi_severe"},
    ),
    (
        (
            "my cat milo is straining in the litter box nothing's coming out and while i'm on the phone luna's due "
            "for her vaccines\nluna's six\nmilo is a male"
        ),
        {"pet_name": "milo", "sex": "male", "age": "nothing"},
        {"pet_name": "luna", "age": "P6Y"},
        {"urinary"},
    ),
    (
        "both dogs ate rat poison\nrex is twelve pounds and ruby is forty pounds",
        {"pet_name": "rex", "species": "dog", "weight": "12 lb"},
        {"pet_name": "ruby", "species": "dog", "weight": "40 lb"},
        {"toxin"},
    ),
    (
        "my beagle is throwing up blood and my husky's due for shots she's three",
        {"breed": "beagle", "age": "nothing"},
        {"breed": "husky", "age": "P3Y"},
        {"gi_severe"},
    ),
    (
        "my dog has been having seizures this morning\nand i also need to schedule my other dog for a dental",
        {"species": "dog", "onset": "this_morning"},
        {"species": "dog", "onset": "nothing"},
        {"neuro"},
    ),
    (
        "it's about my parrot he's bleeding from his wing it won't stop and also my hamster needs her teeth cut",
        {"species": "bird"},
        {"species": "hamster"},
        {"bleeding"},
    ),
    (
        "i found chewed up pills on the floor\ni've got two dogs one of them is acting drunk the other one seems okay",
        {"species": "dog"},
        {"species": "dog"},
        {"neuro"},
    ),
]


@pytest.mark.parametrize(("text", "sick", "other", "flags"), TWO_PETS)
def test_each_pet_has_its_own_card_and_the_sick_one_is_in_front(
    text: str, sick: dict[str, str], other: dict[str, str], flags: set[str], hear: Hear
) -> None:
    """What is learned of one pet never lands on another's card; flags are the sick pet's, which stands in front."""
    _, events = hear(text)
    cards = cards_of(events)
    assert len(cards.pets) == 2
    assert told(cards, cards.pets[0].pet, sick) == sick
    assert told(cards, cards.pets[1].pet, other) == other
    raised = flags_of(events)
    assert flags <= raised.keys()
    assert {raised[category] for category in flags} <= {cards.front}


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (
            "my dog max has been throwing up all day like six times and my other dog luna is having a seizure",
            {"gi_severe": 0, "neuro": 1},
        ),
        (
            "my cat can't pee he's a boy and my dog's gums are white and he collapsed",
            {"urinary": 0, "other_emergency": 1},
        ),
        (
            "i have two dogs one of them is bleeding everywhere and the other one can't breathe",
            {"bleeding": 0, "breathing": 1},
        ),
        ("my dog max and my cat tiger got in a fight and tiger's eye is hanging out", {"other_emergency": 1}),
    ],
)
def test_findings_of_two_sick_pets_both_flag(text: str, flags: dict[str, int], hear: Hear) -> None:
    """Two sick pets: each one's flags are raised and say whose they are."""
    raised = flags_of(hear(text)[1])
    assert raised.items() >= flags.items()


@pytest.mark.parametrize(
    "text",
    [
        "my dog bella is really sick she can't stand up\nher brother max is okay",
        "my dog ate my cat's food and now he's throwing up blood",
        "my cat got bit by my dog and she's bleeding",
        "no that was my other dog that had the seizure",
        "my other dog had parvo but this one's only here for shots",
        "unlike my other cat she's vomiting and not just hairballs",
        "i have two cats and they're both sneezing",
        "his name's koda and the other dog's fine she was on the leash",
        "my dog bella is limping\nno sorry not della bella",
        "my friend's dog died and my dog won't eat",
        "my rabbit is in for his neuter\nso do i stop his food because with my dog they said nothing after ten",
        "he eats like a horse and my dog loves the cat next door",
        "she hates the cat and my husband calls her pumpkin",
        "my collie licked up the paste that my gelding spit out",
        "my dog ate the mouse my cat caught",
        "my last cat had seizures but my cat now is limping",
        "my dog's limping on his other leg and the other day he fell",
    ],
)
def test_a_call_about_one_pet_stays_one_card(text: str, hear: Hear) -> None:
    """Animals told of in passing, of others, of the past, or by two names that sound alike, open no second card."""
    assert not [event for event in hear(text)[1] if isinstance(event, PetsTold)]


def test_what_is_said_of_both_is_on_both_cards(hear: Hear) -> None:
    """Words about both pets, and about the caller, hold for both."""
    text = "i've got two cats one of them is sneezing and the other one is limping\nthey're both three years old"
    cards = cards_of(hear(f"{text}\nmy name is jen")[1])
    said = {"age": "P3Y", "species": "cat"}
    assert [told(cards, pet, said) for pet in (0, 1)] == [said, said]
    assert cards.front_fields()["client_name"].value == "jen"


def test_health_of_one_pet_says_nothing_of_the_other(hear: Hear) -> None:
    """That one pet is well, denied or over it ends nothing of the other."""
    text = "my dog bella was throwing up blood all morning and also rocky is fine he's eating and he's back to normal"
    assert flags_of(hear(text)[1]) == {"gi_severe": 0}


@pytest.mark.parametrize(
    "text", ["my dog got into the rat bait my cat dragged in", "my cat lily chewed on a lily", "our dog ate slug bait"]
)
def test_a_doubtful_name_hides_no_poison(text: str, hear: Hear) -> None:
    """A word that may be a name is a poison still where it is eaten; only a sure name is none."""
    assert "toxin" in flags_of(hear(text)[1])


def test_a_pronoun_of_the_other_sex_means_the_other_pet(hear: Hear) -> None:
    """He and she tell a male from a female without a name."""
    text = "my dog bella she's vomiting and also rocky needs his shots\nhe's a beagle\nshe's nine"
    cards = cards_of(hear(text)[1])
    assert told(cards, 0, {"breed": "", "age": ""}) == {"breed": "nothing", "age": "P9Y"}
    assert told(cards, 1, {"breed": "", "age": ""}) == {"breed": "beagle", "age": "nothing"}


def test_signs_of_two_pets_make_no_compound_flag(hear: Hear) -> None:
    """One pet's swallowed object and another one's vomiting are not an object with signs."""
    one = "my dog max swallowed a sock yesterday and he's been throwing up since"
    two = "my dog max swallowed a sock yesterday and my cat tiger threw up once today"
    rules = [
        {event.rule for event in hear(text)[1] if isinstance(event, FlagRaised) and event.urgency == "red"}
        for text in (one, two)
    ]
    assert rules[0]
    assert not rules[1]


# --- a pet that has died ------------------------------------------------------------------------------------------

DIED = [
    "he passed away this morning he was throwing up blood all night",
    "my dog is throwing up blood and having a seizure\noh god he just died",
    "we lost her last night she couldn't breathe",
    "we had to put him down yesterday he was bleeding everywhere",
    "my dog bella passed last night in her sleep she'd been vomiting blood",
    "she's dead she got hit by a car",
    "i came home and found my dog dead he had blood coming out of his nose",
    "we put her to sleep on friday because she was having seizures",
    "my cat died of kidney failure this morning she couldn't pee for two days",
    "my cat got hit by a car he didn't make it",
    "he collapsed and he's not breathing\ni think he's gone\noh no he's dead",
    "my dog ate chocolate\nhe died",
    "my sweet girl was having trouble breathing so we had her euthanized\nshe was put to sleep last night",
    "just calling to cancel her appointment she crossed the rainbow bridge on sunday after that seizure",
]

LIVES = [
    (
        "my last dog died of bloat and now max is trying to throw up and nothing comes up",
        "other_emergency",
    ),
    ("i feel like he's dying he can't breathe", "breathing"),
    ("he's having trouble breathing and i don't want him to die", "breathing"),
    ("i about died when i saw the blood he's bleeding everywhere", "bleeding"),
    ("my husband passed away last month and now the cat can't pee", "urinary"),
    ("his brother died last week of parvo and now he's throwing up blood", "gi_severe"),
    ("my phone died sorry my dog is having a seizure", "neuro"),
    ("he almost died he's having trouble breathing", "breathing"),
    ("i think he died he's not breathing", "breathing"),
    ("she was my late husband's cat he died of cancer in may and now she can't breathe", "breathing"),
    ("i think it's time to put him to sleep he can't stand up and he's crying in pain", "neuro"),
    ("when i put him down he can't stand up he fell over", "neuro"),
    ("the vet put him to sleep for the dental and now he's bleeding from his mouth", "bleeding"),
    ("he didn't make it outside in time he has bloody diarrhea", "gi_severe"),
    ("i thought she was dead but she's breathing she's having a seizure", "neuro"),
    ("he died on the table and they brought him back but now he can't stand up", "neuro"),
    ("is he going to die he ate rat poison", "toxin"),
    ("we lost him yesterday he ran out the door and now he's back and he's bleeding everywhere", "bleeding"),
    ("he was dead asleep and then he started having a seizure", "neuro"),
    ("my dog passed away on monday and now my puppy is having a seizure", "neuro"),
    ("one of my rabbits died this morning and the other one is having trouble breathing", "breathing"),
    ("he passed away this morning and my other dog won't eat and he's having a seizure", "neuro"),
]


@pytest.mark.parametrize("text", DIED)
def test_a_pet_that_has_died_raises_no_flag(text: str, hear: Hear) -> None:
    """What is told of a pet that has died is no emergency: flags are withdrawn or never raised; its card says so."""
    _, events = hear(text)
    assert flags_of(events) == {}
    assert [pet.died for pet in cards_of(events).pets] == [True]


@pytest.mark.parametrize(("text", "category"), LIVES)
def test_in_doubt_the_pet_lives(text: str, category: str, hear: Hear) -> None:
    """Another animal's or person's death, a near one, a figure of speech or a fear takes no flag away."""
    assert category in flags_of(hear(text)[1])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_pets_and_deaths_heard_again_end_as_if_heard_so_from_the_start(lexicon: Lexicon, data: st.DataObject) -> None:
    """Cards, the pet in front and deaths are those of the latest words, in whatever order these were heard again."""
    texts = [text for text, *_ in TWO_PETS] + DIED
    first = data.draw(st.sampled_from(texts)).splitlines()
    last = data.draw(st.sampled_from(texts)).splitlines()
    size = min(len(first), len(last))
    revised, direct = CallUnderstanding(lexicon), CallUnderstanding(lexicon)
    events: list[Event] = []
    plain: list[Event] = []
    for number in range(size):
        events += revised.hear(final(first[number], number))
        plain += direct.hear(final(last[number], number))
    for number in data.draw(st.permutations(range(size))):
        events += revised.revise(final(last[number], number))
    assert flags_of(events) == flags_of(plain)
    mine, whole = cards_of(events), cards_of(plain)
    assert [(pet, {n: f.value for n, f in mine.fields(pet.pet).items()}) for pet in mine.pets] == [
        (pet, {n: f.value for n, f in whole.fields(pet.pet).items()}) for pet in whole.pets
    ]
