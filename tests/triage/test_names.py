"""Names of pets and clients, from speech without capitals, and the words that are no names."""

from __future__ import annotations

import pytest

from tests.triage.field_calls import board_of, value_of, values_of

PETS = {
    "her name's dolly parton": "dolly",
    "his name's kevin": "kevin",
    "baxter stop it sorry he's trying to lick it": "baxter",
    "it's my cat her name's luna and she's a tabby": "luna",
    "sadie has been throwing up": "sadie",
    "her name is hope": "hope",
    "his name's mister pickles": "mister pickles",
    "um noodle's not eating": "noodle",
    "this is jen and my dog cooper just ate chocolate": "cooper",
    "yeah her name is penelope but we call her penny": "penelope",
    "his name's oliver": "oliver",
    "her name is zubin": "zubin",
    "her name's gonna be olive it's a little girl": "olive",
    "my cat willow sorry she's she's a ragdoll": "willow",
    "i'm calling about lily she's my chocolate lab": "lily",
    "it's for buddy": "buddy",
    "oh bandit's great bandit's acting normal": "bandit",
    "the other one socks he's been kind of off": "socks",
    "no no i remember pepper's a boy": "pepper",
    "oh come on gus come on buddy": "gus",
    "okay hang on rocky rocky hey buddy": "rocky",
    "hey drop it drop it luna oh no": "luna",
    "i have a cat named mister whiskers": "mister whiskers",
    "we've got a dog called bear": "bear",
    "my dog's name is cooper": "cooper",
    "the dog's name's max": "max",
    "his name is raisin": "raisin",
    "calling about my dog murphy": "murphy",
    "our beagle clementine has been sick": "clementine",
    "this is buddy's mom": "buddy",
    "sugar's sugar's my baby": "sugar",
    "he's our rescue we call him zig": "zig",
    "he goes by tank": "tank",
    "it's otis he's two and a half": "otis",
    "he's bear he's a chocolate lab": "bear",
    "so frank's in a mood he bit my wife": "frank",
    "so biscuit's had one runny poop": "biscuit",
    "i need raisin's rabies tag replaced": "raisin",
    "my puppy zoey just swallowed a sock": "zoey",
    "i need to bring daisy in for her shots": "daisy",
    "copper his name is copper": "copper",
    "his names oliver": "oliver",
    "her name daisy and she's four": "daisy",
    "her name's lucy lou": "lucy lou",
    "i have an appointment for molly": "molly",
    "i'm worried about my cat smokey": "smokey",
    "his name's honey actually": "honey",
}

CLIENTS = {
    "hello there my name's tom": "tom",
    "name's bill": "bill",
    "my name is kim": "kim",
    "hi good morning this is alejandra": "alejandra",
    "this is mike from down the street": "mike",
    "hi it's jennifer walsh calling": "jennifer walsh",
    "yes hi my name is o'brien": "o'brien",
    "my name's melissa melissa grant and his name's oliver": "melissa grant",
    "this is rachel rachel kim": "rachel kim",
    "this is tony": "tony",
    "my name's andre you can call me at five five five oh one two six": "andre",
    "hi this is priya i'm calling to set up a first visit": "priya",
    "hi yes this is um this is joan whitaker i have the older golden retriever": "joan whitaker",
    "my name's bill bill harmon and his name's murphy": "bill harmon",
    "first name dana last name walsh": "dana walsh",
    "hi i'm karen calling about my cat": "karen",
    "his name's hugo and i'm priya natarajan": "priya natarajan",
    "she's called biscuit i'm doug hartley and my number's five five five": "doug hartley",
    "yes sorry i'm monica and my phone is dying": "monica",
    "it's for max i'm sam ortega": "sam ortega",
    "it's under denise walker": "denise walker",
    "it's tanya brooks": "tanya brooks",
    "my name is sarah brown": "sarah brown",
    "hi dana this is greg": "greg",
    "karen here": "karen",
    "hi this is april young": "april young",
    "this is his owner maria lopez": "maria lopez",
    "my full name is jose garcia": "jose garcia",
    "this is mrs henderson": "henderson",
    "my name is wei chen": "wei chen",
    "hello my name is thandiwe nkosi and my dog is limping": "thandiwe nkosi",
}

NO_PET_NAMES = (
    "we have a cat and a dog",
    "his name's t bone",
    "i'm calling about a dog i found",
    "i have an appointment with doctor smith",
    "my son's name is max",
    "the vet's name is doctor lee",
    "he's named after my grandpa",
    "i'm calling about my dog he's limping",
    "my dog threw up",
    "my cat keeps licking",
    "my dog just collapsed",
    "my dog food is gone",
    "hey honey when did she eat",
    "he ate a cookie",
    "there's lilies on the table",
    "the chocolate's gone",
    "hey there",
    "come on in",
    "thursday's good",
    "mom's a nurse",
    "her tail's fine",
    "the ginger is gone",
    "his name is on the list",
    "what's his name",
    "i'm calling about a refill",
    "i'm super stressed out",
    "i'm outside the clinic",
    "i'm so scared she's limping",
    "i'm calling about an appointment",
    "i'm calling about my dog",
    "i'm calling for my mom",
    "she's lucky she's alive",
    "my husband's name is on the account",
    "doctor baxter saw him",
    "it's for doctor bailey",
    "my vet's name is bailey",
    "she's happy she's just tired",
    "the brand name is frontline",
    "no no no",
    "he's sweet he's a good dog",
    "my dog is sick",
    "our cat was hit by a car",
)

NO_CLIENT_NAMES = (
    "this is so scary",
    "i'm so sorry",
    "i'm the one who called earlier",
    "yeah it's sanchez s a n c h e z",
    "this is her third time",
    "this is crazy i know",
    "this is not an emergency",
    "it's steve's wife",
    "this is ridiculous",
    "this is about my dog",
    "this is really scary",
    "this is my first time calling",
    "this is urgent",
    "this is kind of embarrassing",
    "i'm calling about lily",
    "i'm worried",
    "i'm freaking out",
    "is this dana",
    "thank you dana",
    "hi dana",
    "this is the third time",
    "his name's oliver",
    "this is buddy's mom",
    "my name's on the account",
    "it's under the bed",
    "this is not normal",
    "this is happening again",
    "i'm rachel's husband's friend",
)


@pytest.mark.parametrize(("text", "name"), PETS.items())
def test_a_pets_name_is_read(text: str, name: str) -> None:
    """The pet's name is found however it is brought in."""
    assert value_of("pet_name", text) == name


@pytest.mark.parametrize(("text", "name"), CLIENTS.items())
def test_a_clients_name_is_read(text: str, name: str) -> None:
    """The client's name, with the surname where it is said, is found."""
    assert value_of("client_name", text) == name


@pytest.mark.parametrize("text", NO_PET_NAMES)
def test_other_words_are_no_pets_name(text: str) -> None:
    """Verbs, things, people and veterinarians in a name's place are no pet's name."""
    assert value_of("pet_name", text) is None


@pytest.mark.parametrize("text", NO_CLIENT_NAMES)
def test_other_words_are_no_clients_name(text: str) -> None:
    """Feelings, the pet, the CSR and others are not the client's name."""
    assert value_of("client_name", text) is None


def test_a_surname_said_later_completes_the_name() -> None:
    """A surname is joined to the given name said before."""
    value = values_of("hi this is rachel", "my last name's kim")["client_name"]
    assert (value.value, value.contradicts) == ("rachel kim", None)


def test_the_first_pet_named_stays_the_patient() -> None:
    """A second animal's name does not replace the patient's, but is not hidden."""
    value = values_of("his name's oliver", "a dog named max bit him")["pet_name"]
    assert (value.value, value.contradicts) == ("oliver", "max")


def test_a_corrected_name_replaces_the_first() -> None:
    """The words "sorry, her name's ..." replace."""
    assert (
        value_of("pet_name", "her name's bella", "sorry her name's stella i was thinking of my other one") == "stella"
    )


def test_names_are_given_as_tokens_for_the_matcher() -> None:
    """The board's names let the matcher know that a cat called Raisin is no toxin."""
    assert board_of("her name's raisin").names == frozenset({("raisin",)})


def test_a_name_counts_as_the_pet_in_the_same_breath() -> None:
    """What is said of the name is said of the patient."""
    assert value_of("sex", "i always call it a she but no i remember pepper's a boy") == "male"
    assert value_of("age", "his name's max", "max is fourteen") == "P14Y"
