"""The hand-off as an HL7 FHIR R4 bundle.

For each pet a Patient with the animal extension, a QuestionnaireResponse, and its flags as Flag; the owner as
RelatedPerson (http://hl7.org/fhir/R4/bundle.html, patient.html, questionnaireresponse.html, flag.html,
relatedperson.html, extension-patient-animal.html). No coding system is bundled (SNOMED and VeNom need licenses):
concepts carry text, and codes only where FHIR defines them itself. Ids follow from the call's, so the same hand-off is
the same bundle.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from voice_triage.card import FieldCard
from voice_triage.console.wording import CATEGORIES, FIELDS, URGENCIES, plain_value
from voice_triage.events import DismissalReason, FlagEnd
from voice_triage.flag_card import FlagCard
from voice_triage.hand_off import HandOff, PetHandOff, clock, field_words, hand_off_text, status_words

FHIR_MEDIA_TYPE = "application/fhir+json"
ANIMAL = "http://hl7.org/fhir/StructureDefinition/patient-animal"
GENDER_STATUS = "http://hl7.org/fhir/animal-genderstatus"
_GENDER_STATUS = {"neutered": "neutered", "spayed": "neutered", "altered": "neutered", "intact": "intact"}
"""Pregnant and in heat are states of an intact animal, which FHIR's three codes do not tell: given as text alone."""
NOT_HEARD = "not asked or told"


def hand_off_bundle(hand_off: HandOff) -> dict[str, Any]:
    """A Bundle of type ``collection``, fit for ``json.dumps``."""
    started = datetime.fromisoformat(hand_off.started_at)
    entries: list[dict[str, Any]] = []
    for pet in hand_off.pets:
        patient = _urn(hand_off, f"patient/{pet.pet}")
        entries.append(_entry(patient, _patient(hand_off, pet)))
        if owner := _owner(hand_off, patient):
            entries.append(_entry(_urn(hand_off, f"owner/{pet.pet}"), owner))
        entries.append(_entry(_urn(hand_off, f"answers/{pet.pet}"), _answers(hand_off, pet, patient, started)))
        for flag in hand_off.flags:
            if flag.pet == pet.pet:
                urn = _urn(hand_off, f"flag/{flag.category}/{flag.pet}")
                entries.append(_entry(urn, _flag(flag, patient, started)))
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(hand_off, "hand-off")},
        "type": "collection",
        "timestamp": _instant(started),
        "entry": entries,
    }


def _urn(hand_off: HandOff, what: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'voice-triage:{hand_off.call}:{what}')}"


def _entry(urn: str, resource: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": urn, "resource": resource}


def _value(fields: Iterable[FieldCard], name: str) -> str:
    """A value that nobody rejected; empty if there is none."""
    known = next((each for each in fields if each.field == name), None)
    return "" if known is None or known.state in ("rejected", "unknown") else known.value


def _concept(text: str) -> dict[str, Any]:
    return {"text": text}


def _patient(hand_off: HandOff, pet: PetHandOff) -> dict[str, Any]:
    species = plain_value("species", _value(pet.fields, "species")) or NOT_HEARD
    animal: list[dict[str, Any]] = [{"url": "species", "valueCodeableConcept": _concept(species)}]
    if breed := _value(pet.fields, "breed"):
        animal.append({"url": "breed", "valueCodeableConcept": _concept(plain_value("breed", breed))})
    if reproductive := _value(pet.fields, "reproductive_status"):
        status = _concept(plain_value("reproductive_status", reproductive))
        if code := _GENDER_STATUS.get(reproductive):
            status["coding"] = [{"system": GENDER_STATUS, "code": code}]
        animal.append({"url": "genderStatus", "valueCodeableConcept": status})
    patient: dict[str, Any] = {
        "resourceType": "Patient",
        "extension": [{"url": ANIMAL, "extension": animal}],
        "gender": _value(pet.fields, "sex") or "unknown",
    }
    if pet.name:
        patient["name"] = [{"use": "usual", "given": [pet.name]}]
    if pet.died:
        patient["deceasedBoolean"] = True
    if hand_off.sample:
        patient["meta"] = {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}
    return patient


def _owner(hand_off: HandOff, patient: str) -> dict[str, Any]:
    name, number = _value(hand_off.caller, "client_name"), _value(hand_off.caller, "callback_number")
    if not name and not number:
        return {}
    owner: dict[str, Any] = {"resourceType": "RelatedPerson", "patient": {"reference": patient}}
    if name:
        owner["name"] = [{"text": plain_value("client_name", name)}]
    if number:
        owner["telecom"] = [{"system": "phone", "value": number}]
    return owner


def _answers(hand_off: HandOff, pet: PetHandOff, patient: str, started: datetime) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    if hand_off.complaint and pet.front:
        said = [f"{clock(quote.at_s)} {quote.text}" for quote in hand_off.complaint]
        items.append(_item("presenting-complaint", "Presenting complaint, in the client's words", said))
    fields = (*hand_off.caller, *pet.fields) if pet.front else pet.fields
    items += [_item(each.field, FIELDS[each.field], [field_words(each)]) for each in fields]
    missing = (*hand_off.caller_not_asked, *pet.not_asked) if pet.front else pet.not_asked
    items += [_item(name, FIELDS[name], []) for name in missing]
    denied = [f"{each.label}: {each.text}" for each in hand_off.denied if each.pet in (pet.pet, -1)]
    flags = [_flag_words(flag) for flag in hand_off.flags if flag.pet == pet.pet]
    items += [_item("pertinent-negatives", "The client says it is not so", denied)] if denied else []
    items += [_item("flags", "Flags", flags)] if flags else []
    if pet.front:
        several = (
            ("not-asked", "Not asked", hand_off.questions_not_asked),
            ("advice", "Advice given", [each.text for each in hand_off.advice]),
            ("notes", "Notes of the desk", [each.text for each in hand_off.notes]),
            ("note", "Hand-off note", [hand_off_text(hand_off)]),
        )
        items += [_item(name, label, texts) for name, label, texts in several if texts]
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": _urn(hand_off, f"answers/{pet.pet}")},
        "status": "in-progress" if hand_off.ended is None else "completed",
        "subject": {"reference": patient},
        "authored": _instant(started),
        "item": items,
    }


def _item(name: str, label: str, texts: Iterable[str]) -> dict[str, Any]:
    """An item without an answer was not asked."""
    item: dict[str, Any] = {"linkId": name, "text": label}
    if answers := [{"valueString": text} for text in texts if text.strip()]:
        item["answer"] = answers
    return item


def _flag_words(flag: FlagCard) -> str:
    said = f', client: "{flag.evidence}"' if flag.evidence else ""
    return (
        f"{URGENCIES[flag.urgency]['word']}: {CATEGORIES.get(flag.category, flag.category)}, {status_words(flag)}{said}"
    )


def _flag(flag: FlagCard, patient: str, started: datetime) -> dict[str, Any]:
    ended = flag.disposition
    period = {"start": _instant(started + timedelta(seconds=flag.shown_at_s))}
    if ended is not None:
        period["end"] = _instant(started + timedelta(seconds=ended.at_s))
    elif flag.withdrawn_at_s is not None and not flag.open:
        period["end"] = _instant(started + timedelta(seconds=flag.withdrawn_at_s))
    return {
        "resourceType": "Flag",
        "status": _status(flag),
        "category": [
            {
                "coding": [{"system": "http://terminology.hl7.org/CodeSystem/flag-category", "code": "clinical"}],
                "text": URGENCIES[flag.urgency]["word"],
            }
        ],
        "code": _concept(CATEGORIES.get(flag.category, flag.category)),
        "subject": {"reference": patient},
        "period": period,
    }


def _status(flag: FlagCard) -> str:
    """Active while it asks for something; in error if it does not hold; else inactive."""
    if flag.open:
        return "active"
    ended = flag.disposition
    if ended is None or (ended.end is FlagEnd.DISMISSED and ended.reason is not DismissalReason.ALREADY_IN_CARE):
        return "entered-in-error"
    return "inactive"


def _instant(moment: datetime) -> str:
    return moment.isoformat("T", "seconds")
