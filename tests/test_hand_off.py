"""Rules of the hand-off: whole, honest about who says so, never judging, the same in every form."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings

from tests.call_fakes import field, flag
from tests.console.scripted_call import blocked_cat, poisoned_dog
from tests.fakes import words
from tests.test_desk_card import EVENTS, log_of
from voice_triage.events import (
    TENTATIVE,
    AdviceGiven,
    Event,
    FieldSettled,
    FinalTranscript,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaisedByHand,
    Logged,
    Mention,
    MentionsRead,
    NoteTyped,
    PetsTold,
    PetTold,
    QuestionsSuggested,
    Settlement,
    Side,
    StageFailed,
    Status,
    Urgency,
)
from voice_triage.hand_off import hand_off_of, hand_off_text
from voice_triage.hand_off_data import hand_off_json
from voice_triage.hand_off_fhir import ANIMAL, hand_off_bundle
from voice_triage.triage.neutrality import objections


def with_actions(log: list[Logged], *events: Event) -> list[Logged]:
    """What is kept of a log, and what the CSR did then."""
    kept = [logged for logged in log if not isinstance(logged.event, TENTATIVE)]
    return [*kept, *(Logged(log[0].call, kept[-1].sequence + i, event) for i, event in enumerate(events, start=1))]


CAT = with_actions(
    blocked_cat("c-1"),
    QuestionsSuggested(38.0, (), ("Weight", "Drinking")),
    FieldSettled(40.0, "species", Settlement.CONFIRMED, "cat"),
    FieldSettled(41.0, "pet_name", Settlement.EDITED, "olivier"),
    FieldSettled(42.0, "weight", Settlement.UNKNOWN),
    FlagAcknowledged(43.0, "urinary"),
    FlagRaisedByHand(44.0, "pain", Urgency.ORANGE, note="cries when lifted"),
    AdviceGiven(45.0, "Please leave now.", "urinary"),
    FlagEnded(46.0, "urinary", FlagEnd.SENT_TO_EMERGENCY_ROOM, note="the one on Elm Street"),
    NoteTyped(47.0, "arrives in ten minutes"),
    StageFailed(47.0, "store", "store", "This call cannot be kept at the moment."),
)


def test_the_note_tells_all_that_the_back_of_the_house_needs() -> None:
    """Signalment, complaint in the client's words, onset, flags with their end, denials, what was not asked, advice."""
    text = hand_off_text(hand_off_of(CAT))
    for told in (
        "Species: cat [confirmed]",
        "Pet’s name: Olivier [typed by the desk",
        "Age: 4 years [heard, not confirmed]",
        "Weight: – [asked, the client does not know]",
        "Since when: last night",
        "Client’s name: Melissa Grant [heard, not confirmed]",
        "Call-back number: not asked",
        "he goes in and out and there's nothing in there like at all it's completely dry”",
        "RED Unable or straining to urinate: client sent to the emergency room: the one on Elm Street, ",
        "ORANGE Severe pain: open, acknowledged",
        "raised by the desk, ",
        "vomiting: “hasn't thrown up”",
        "Not asked: Weight, Drinking",
        "“Please leave now.”",
        "arrives in ten minutes",
        "This call cannot be kept at the moment.",
        "Reference: c-1",
    ):
        assert told in text, told


@pytest.mark.parametrize("log", [CAT, with_actions(poisoned_dog("d")), log_of()], ids=["cat", "dog", "nothing"])
def test_the_note_neither_diagnoses_nor_reassures(log: list[Logged]) -> None:
    """But for the client's own words, in quotes."""
    assert list(objections(hand_off_text(hand_off_of(log)))) == []


def test_an_empty_call_is_no_all_clear() -> None:
    """Nothing heard is told as that."""
    text = hand_off_text(hand_off_of(log_of()))
    assert "none was raised. That is no all-clear." in text
    assert "nothing was heard: see the notes" in text
    assert "Not asked or told: Pet’s name, Species" in text


def test_what_was_said_both_ways_is_not_told_as_a_denial() -> None:
    """A pertinent negative is only what the client never said is so."""
    mentions = [
        Mention("vomiting", "not vomiting", 0, 0, 1, 1.0, 2.0, Status.NEGATED),
        Mention("diarrhea", "no diarrhea", 0, 2, 3, 2.0, 3.0, Status.NEGATED),
        Mention("vomiting", "threw up twice", 1, 0, 2, 8.0, 9.0, Status.PRESENT),
    ]
    log = log_of(MentionsRead(3.0, 0, tuple(mentions[:2])), MentionsRead(9.0, 1, tuple(mentions[2:])))
    assert [each.concept for each in hand_off_of(log).denied] == ["diarrhea"]


def test_a_denial_is_told_with_the_words_that_deny() -> None:
    """And only of signs that matter: that a dog "hasn't eaten anything" is no sign that it lacks."""
    text = "no no he hasn't really thrown up and he hasn't eaten anything"
    spoken = words(text)
    log = log_of(
        FinalTranscript(5.0, Side.CLIENT, 0, spoken, text, 0.0, 4.0),
        MentionsRead(
            5.0,
            0,
            (
                Mention("vomiting", "thrown up", 0, 5, 6, 1.0, 2.0, Status.NEGATED, "hasn't"),
                Mention("ate_something", "eaten anything", 0, 10, 11, 3.0, 4.0, Status.NEGATED, "hasn't"),
            ),
        ),
    )
    (denied,) = hand_off_of(log, {"vomiting": "vomiting"}).denied
    assert (denied.label, denied.text) == ("vomiting", "hasn't really thrown up")
    assert len(hand_off_of(log).denied) == 2


def test_each_pet_has_its_own_part() -> None:
    """The sick one first; a flag says whose it is; one that died is told of."""
    log = log_of(
        PetsTold(1.0, (PetTold(0), PetTold(1, "my cat", died=True)), 0),
        field("species", "dog"),
        dataclasses.replace(field("pet_name", "tom"), pet=1),
        dataclasses.replace(flag("toxin"), pet=0),
    )
    text = hand_off_text(hand_off_of(log))
    assert text.index("Patient 1, in front:") < text.index("Patient 2, Tom:")
    assert "Possible poison exposure (patient 1): open, not acknowledged" in text
    assert "The client says that this pet has died." in text


def test_the_json_holds_what_the_note_tells() -> None:
    """Plain JSON, with the state of every value and the disposition of every flag."""
    data = json.loads(json.dumps(hand_off_json(hand_off_of(CAT)), allow_nan=False))
    assert data["format"] == "voice-triage-hand-off/1"
    (pet,) = data["pets"]
    known = pet["signalment_and_history"]
    assert (known["species"]["value"], known["species"]["state"]) == ("cat", "confirmed")
    assert known["weight"]["state"] == "unknown"
    assert data["client_not_asked"] == ["callback_number"]
    flags = {each["category"]: each for each in data["flags"]}
    assert flags["urinary"]["disposition"] == {
        "end": "sent_to_emergency_room",
        "at_s": 46.0,
        "reason": None,
        "note": "the one on Elm Street",
    }
    assert (flags["pain"]["by_hand"], flags["pain"]["open"]) == (True, True)
    assert [each["concept"] for each in data["pertinent_negatives"]] == ["vomiting"]
    assert data["text"] == hand_off_text(hand_off_of(CAT))


# --- FHIR -------------------------------------------------------------------------------------------------------


def resources(log: list[Logged], kind: str) -> list[dict[str, Any]]:
    """The bundle's resources of one type, from a bundle that a FHIR library has read."""
    bundle = hand_off_bundle(hand_off_of(log))
    read = Bundle.model_validate_json(json.dumps(bundle))
    assert read.type == "collection"
    found = [entry["resource"] for entry in bundle["entry"]]
    return [each for each in found if each["resourceType"] == kind]


def test_the_bundle_is_fhir_and_tells_an_animal() -> None:
    """Patient with the animal extension, answers with every field, a flag each; read by a FHIR library."""
    (patient,) = resources(CAT, "Patient")
    (extension,) = patient["extension"]
    assert extension["url"] == ANIMAL
    assert [(each["url"], each["valueCodeableConcept"]["text"]) for each in extension["extension"]] == [
        ("species", "cat"),
        ("genderStatus", "neutered"),
    ]
    assert (patient["gender"], patient["name"]) == ("male", [{"use": "usual", "given": ["Olivier"]}])
    (answers,) = resources(CAT, "QuestionnaireResponse")
    items = {item["linkId"]: item for item in answers["item"]}
    assert items["age"]["answer"] == [{"valueString": "4 years [heard, not confirmed]"}]
    assert "answer" not in items["callback_number"]
    assert items["not-asked"]["answer"] == [{"valueString": "Weight"}, {"valueString": "Drinking"}]
    flags = {each["code"]["text"]: each["status"] for each in resources(CAT, "Flag")}
    assert flags == {"Unable or straining to urinate": "inactive", "Severe pain": "active"}
    (owner,) = resources(CAT, "RelatedPerson")
    assert owner["name"] == [{"text": "Melissa Grant"}]


def test_references_lead_to_what_is_in_the_bundle() -> None:
    """Flags and answers belong to their patient, and the same call gives the same bundle."""
    bundle = hand_off_bundle(hand_off_of(CAT))
    urns = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(urns) == len(bundle["entry"])
    for entry in bundle["entry"]:
        about = entry["resource"].get("subject") or entry["resource"].get("patient")
        assert about is None or about["reference"] in urns
    assert bundle == hand_off_bundle(hand_off_of(CAT))


@settings(deadline=None, max_examples=30)  # a busy machine is no failure; reading a bundle takes a while
@given(EVENTS)
def test_any_call_can_be_handed_off(events: list[Event]) -> None:
    """Whatever happened in it, the note can be written, the JSON is JSON, and the bundle is FHIR."""
    hand_off = hand_off_of(log_of(*events))
    assert hand_off_text(hand_off).endswith("\n")
    json.dumps(hand_off_json(hand_off), allow_nan=False)
    Bundle.model_validate_json(json.dumps(hand_off_bundle(hand_off)))
