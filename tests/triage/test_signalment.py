"""Species, breed, sex and reproductive status; the files they are read from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.triage.field_calls import board_of, signalment, value_of, values_of
from voice_triage.errors import LexiconError
from voice_triage.resources import lexicons_dir
from voice_triage.triage.signalment import load_breeds, load_signalment, load_species

SPECIES = {
    "my cat keeps going in and out of the litter box": "cat",
    "i got a question about my dog": "dog",
    "it's my dachshund": "dog",
    "i have a a holland lop": "rabbit",
    "do you guys see rabbits": "rabbit",
    "my daughter's guinea pig she's not really eating": "guinea_pig",
    "my boyfriend and i are getting a kitten on saturday": "cat",
    "we just got a puppy": "dog",
    "our girl is having her puppies": "dog",
    "my ginny pig is wheezing": "guinea_pig",
    "my bearded dragon won't eat": "reptile",
    "my cockatiel is fluffed up": "bird",
    "i have a ferret": "ferret",
    "my hamster got out": "hamster",
    "my mare has colic": "horse",
    "he's a gelding": "horse",
    "my rat has a lump": "other",
    "hi my bunny hasn't pooped": "rabbit",
    "he's a shih tzu": "dog",
    "she's a persian a white persian": "cat",
    "it's my roommate's cat": "cat",
    "i put flea stuff on my cat i used the one for the dog": "cat",
    "my parrot is plucking": "bird",
    "she's got her mouth hanging open like a dog she's my cat": "cat",
    "i have a potbellied pig": "other",
    "he's a tabby": "cat",
}

NO_SPECIES = (
    "he ate a hot dog",
    "the dog food bag is torn",
    "he eats like a horse",
    "she got bit by a snake",
    "he was attacked by another dog",
    "is it in the lab results",
    "he swallowed a peach pit",
    "she was on the boxer shorts",
    "he chased a squirrel",
    "he ate rat poison",
    "they horse around",
    "he's hoarse he has a husky voice",
    "she needs a cat scan",
    "we're eating chicken and rice",
)

BREEDS = {
    "he's a jack russell": "jack russell terrier",
    "my golden's got a hot spot": "golden retriever",
    "she's a king charles": "cavalier king charles spaniel",
    "he's a bernadoodle": "bernedoodle",
    "he's a rescue we think he's a lab mix": "labrador mixed",
    "she's a domestic longhair": "domestic longhair",
    "it's a pomeranian": "pomeranian",
    "he's a standard poodle": "standard poodle",
    "she's like a terrier mix or something": "terrier mixed",
    "he's a shepherd husky mix": "shepherd husky mixed",
    "she's a lab pit mix": "labrador pit bull mixed",
    "he's a lab": "labrador",
    "my chocolate lab": "labrador",
    "she's a black labrador retriever": "labrador",
    "he's a german shepard": "german shepherd",
    "he's a shitzu": "shih tzu",
    "a chiwawa": "chihuahua",
    "she's a golden doodle": "goldendoodle",
    "he's a pitbull": "pit bull",
    "he's a pittie mix": "pit bull mixed",
    "he's a dachsund": "dachshund",
    "he's our weenie dog": "dachshund",
    "she's a mutt": "mixed",
    "he's a beagle mix": "beagle mixed",
    "he's a shepherd mix eight years old": "shepherd mixed",
    "she's a lab shepherd mix": "labrador shepherd mixed",
    "he's a lab and poodle mix": "labrador poodle mixed",
    "he's a mix of lab and poodle": "labrador poodle mixed",
    "half lab half poodle": "labrador poodle mixed",
    "she's part husky": "husky mixed",
    "he's a two year old boxer": "boxer",
    "he's a yorkie": "yorkshire terrier",
    "she's a frenchie": "french bulldog",
    "he's a boxer mix": "boxer mixed",
    "she's a cavalier": "cavalier king charles spaniel",
    "he's a maine coon": "maine coon",
    "he's a main coon": "maine coon",
    "she's a domestic short hair": "domestic shorthair",
    "he's a blue healer": "blue heeler",
    "i have the older golden retriever": "golden retriever",
    "he's a chihuahua cross": "chihuahua mixed",
    "she's some kinda rottweiler mix": "rottweiler mixed",
    "he's an aussie": "australian shepherd",
    "she's a siamese": "siamese",
    "a mini rex": "mini rex",
    "he's a seven year old brittany spaniel": "brittany spaniel",
    "she's a maltipoo": "maltipoo",
    "my pug was doing this honking thing": "pug",
    "my westie is itchy": "west highland white terrier",
    "he's a saint bernard": "saint bernard",
    "she's a mixed breed": "mixed",
    "he's a great pyrenees": "great pyrenees",
    "he's a quarter horse": "quarter horse",
}

NO_BREEDS = (
    "just a regular house cat",
    "my last dachshund was paralyzed",
    "the lab results came back",
    "he went to the lab",
    "he swallowed a peach pit",
    "he ate my boxer shorts",
    "she peed on the persian rug",
    "he got a laser pointer",
    "we had a beagle growing up",
    "he's like a husky",
    "my other dog is a lab",
    "he got attacked by a pit bull",
    "he's not a poodle",
    "she's a calico",
    "he's an orange tabby",
    "a golden opportunity",
    "she has the chow in her bowl",
    "he ate puppy chow",
    "i mixed it with water",
)

SEXES = {
    "he's a boy": "male",
    "she's a girl she's a spayed girl": "female",
    "he's my big orange boy": "male",
    "it's a little girl": "female",
    "a neutered male": "male",
    "she's a little tabby girl": "female",
    "it's a boy well no we thought it was a boy but the pet store got it wrong it's a girl": "female",
    "i have a male cat": "male",
    "he's a big boy he's like a hundred and forty pounds": "male",
    "our girl is having her puppies": "female",
    "my mare": "female",
    "my gelding": "male",
    "it's a female": "female",
    "two year old female": None,
    "neutered mail": "male",
    "she's spayed": "female",
    "he's got a tomcat my tomcat": "male",
    "it's a he": "male",
}

STATUSES = {
    "she's supposed to be spayed next week": "intact",
    "she was spayed as a puppy": "spayed",
    "we never got him neutered": "intact",
    "he's a neutered boy": "neutered",
    "she's due any day now with puppies": "pregnant",
    "no she's not fixed": "intact",
    "yeah she's been spayed": "spayed",
    "he was neutered last year": "neutered",
    "she hasn't been fixed yet": "intact",
    "he's a neutered male": "neutered",
    "she's spayed": "spayed",
    "she's a spayed female": "spayed",
    "she's not spayed yet": "intact",
    "he's not neutered he's intact": "intact",
    "he's never been fixed": "intact",
    "she hasn't been spayed": "intact",
    "i don't think she's been spayed": "intact",
    "he's fixed and he's a boy": "neutered",
    "he's a boy and he's fixed his name's waffles": "neutered",
    "she's a girl and she's fixed": "spayed",
    "it had the surgery it's a rabbit he's fixed": "altered",
    "he had his neuter on monday": "neutered",
    "it's her spay incision": "spayed",
    "we're getting him neutered next week": "intact",
    "i'm bringing my rabbit in for his neuter monday": "intact",
    "she's pregnant": "pregnant",
    "our girl is having her puppies": "pregnant",
    "she's in labor": "pregnant",
    "she's in heat": "in_heat",
    "she just went into heat": "in_heat",
    "he still has his balls": "intact",
    "he's an intact male": "intact",
    "he's been snipped": "neutered",
    "my gelding": "neutered",
    "he's not eating he's neutered": "neutered",
    "she's been sprayed": "spayed",
    "unspayed female": "intact",
    "she's a state female nine years old": "spayed",
    "he's a new the mail": "neutered",
    "she's a little tabby she's spade": "spayed",
}

NO_STATUSES = (
    "we fixed the fence",
    "can you fix it",
    "he got sprayed by a skunk",
    "she's not pregnant",
    "i'm pregnant",
    "my wife's pregnant",
    "she was out in the heat",
    "he has heat stroke",
    "he has an altered mental state",
    "the incision is intact",
    "how much is a neuter",
    "he dug it up with the spade",
    "should he be neutered",
    "if she's pregnant can she have it",
)


@pytest.mark.parametrize(("text", "species"), SPECIES.items())
def test_the_patients_species_is_read(text: str, species: str) -> None:
    """Species words and breeds of the patient tell its species."""
    assert value_of("species", text) == species


@pytest.mark.parametrize("text", NO_SPECIES)
def test_animals_in_passing_are_not_the_patient(text: str) -> None:
    """Similes, prey, attackers, food and compounds tell no species."""
    assert value_of("species", text) is None


@pytest.mark.parametrize(("text", "breed"), BREEDS.items())
def test_a_breed_is_its_full_name_as_said(text: str, breed: str) -> None:
    """Short forms and slips of the ear become the full name; "mixed" is kept where said."""
    assert value_of("breed", text) == breed


@pytest.mark.parametrize("text", NO_BREEDS)
def test_ordinary_words_and_other_animals_are_no_breed(text: str) -> None:
    """A breed word in another meaning, or of another animal, is no breed of the patient."""
    assert value_of("breed", text) is None


@pytest.mark.parametrize(("text", "sex"), SEXES.items())
def test_the_sex_is_read(text: str, sex: str | None) -> None:
    """Sex words of the patient are read; the last correction counts."""
    value = value_of("sex", text)
    assert value == sex if sex else value in (None, "female")


@pytest.mark.parametrize(("text", "status"), STATUSES.items())
def test_the_reproductive_status_is_read(text: str, status: str) -> None:
    """Neutered, spayed, fixed, intact, pregnant or in heat, with negation and plans understood."""
    assert value_of("reproductive_status", text) == status


@pytest.mark.parametrize("text", NO_STATUSES)
def test_other_uses_of_status_words_are_not_the_patients(text: str) -> None:
    """Fences, skunks, weather, people and questions tell no reproductive status."""
    assert value_of("reproductive_status", text) is None


def test_fixed_is_made_plain_when_the_sex_is_learned_later() -> None:
    """The word "fixed" becomes neutered or spayed with the sex, whichever is said first."""
    assert value_of("reproductive_status", "yes fixed already", "the cat is fixed") == "altered"
    assert value_of("reproductive_status", "the cat is fixed", "it's a boy") == "neutered"
    assert value_of("reproductive_status", "it's a girl", "the cat is fixed") == "spayed"


def test_pronouns_suggest_a_sex_at_low_confidence() -> None:
    """Pronouns that agree suggest a sex, never above one half; mixed ones suggest nothing."""
    value = values_of("he threw up and he won't eat and his belly is tight")["sex"]
    assert value.value == "male"
    assert 0.3 <= value.confidence <= 0.5
    assert "sex" not in values_of("he threw up and she won't eat")


def test_a_spoken_sex_beats_pronouns() -> None:
    """A sex in words holds against any number of pronouns."""
    assert value_of("sex", "he he he threw up and his belly", "it's a girl") == "female"


def test_a_fuller_breed_refines_without_contradicting() -> None:
    """From "retriever" to "golden retriever", and from "lab" to "lab mix"."""
    refined = values_of("he's a retriever", "he's a golden retriever")["breed"]
    assert (refined.value, refined.contradicts) == ("golden retriever", None)
    assert value_of("breed", "she's a lab", "she's a mix actually") == "labrador mixed"
    assert value_of("breed", "he's a lab mix", "my lab is limping") == "labrador mixed"


def test_clauses_about_others_give_no_signalment() -> None:
    """What is said of another animal or person is not the patient's."""
    text = "my neighbor's dog he's a four year old neutered male boxer he's sixty pounds"
    board = board_of(text, about_pet=lambda _token: False)
    assert not board.values()


def test_the_products_breeds_cover_every_species_with_breeds() -> None:
    """The shipped files load, and every canonical breed name is itself understood or spelled in full."""
    breeds = load_breeds(lexicons_dir() / "breeds.toml")
    assert {term.species for term in breeds.values()} >= {
        "dog",
        "cat",
        "rabbit",
        "guinea_pig",
        "horse",
        "bird",
        "reptile",
    }
    assert len({term.breed for term in breeds.values()}) > 450
    assert all(term.breed == term.breed.lower() for term in breeds.values())
    assert signalment().phrases > 3000


def _copy(folder: Path) -> Path:
    for name in ("breeds.toml", "species.toml", "names.toml"):
        shutil.copy(lexicons_dir() / name, folder / name)
    return folder


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("breeds.toml", '[breed.dgo]\n"lab" = ["lab"]\n', ("breeds.toml:1", "dgo", "'dog'")),
        ("breeds.toml", '[breed.dog]\n"lab" = ["(lab"]\n', ("breeds.toml:2", "lab", "cannot be read")),
        ("breeds.toml", '[breed.dog]\n"lab" = "lab"\n', ("breeds.toml:2", "lab", "list")),
        (
            "breeds.toml",
            '[breed.dog]\n"lab" = ["lab"]\n[ordinary]\nwords = ["pit"]\n',
            ("breeds.toml:4", "pit", "no breed's phrase"),
        ),
        ("breeds.toml", "[breed.dog\n", ("breeds.toml", "not valid TOML")),
        ("species.toml", '[species.dog]\nword = ["dog"]\n', ("species.toml", "dog", "'words'")),
        (
            "species.toml",
            '[species.dog]\nwords = ["dog"]\nstages = {pupy = ["pup"]}\n',
            ("species.toml:3", "pupy", "'puppy'"),
        ),
        ("names.toml", '[pet]\nnames = ["max"]\n', ("names.toml", "names")),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(
    tmp_path: Path, name: str, text: str, says: tuple[str, ...]
) -> None:
    """An error names the file, the line where it can be known, the key, and the nearest right name."""
    folder = _copy(tmp_path)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError) as caught:
        load_signalment(folder)
    for part in says:
        assert part in str(caught.value)


def test_a_template_that_stands_for_too_many_phrases_is_refused(tmp_path: Path) -> None:
    """Nobody can check a template of thousands of phrases."""
    path = tmp_path / "breeds.toml"
    path.write_text('[breed.dog]\n"x" = ["' + "(a|b|c|d|e|f|g|h) " * 4 + '"]\n', encoding="utf-8")
    with pytest.raises(LexiconError, match="split it"):
        load_breeds(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A lexicon folder without its files says which is missing."""
    with pytest.raises(LexiconError, match=r"species\.toml is missing"):
        load_signalment(tmp_path)
    with pytest.raises(LexiconError, match=r"species\.toml cannot be read"):
        load_species(tmp_path / "species.toml")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """An edited breed is known at the next load."""
    folder = _copy(tmp_path)
    before = load_signalment(folder)
    assert before.match(("zonkeydoodle",), 0) is None
    path = folder / "breeds.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[breed.dog]", '[breed.dog]\n"zonkeydoodle" = ["zonkeydoodle"]', 1),
        encoding="utf-8",
    )
    found = load_signalment(folder).match(("zonkeydoodle",), 0)
    assert found is not None
    assert found[1].breed == "zonkeydoodle"
