"""Reads the patient's fields from one utterance.

Each field has its own reader over the utterance's symbol line (``chunks.py``); this module sets the scene, adds the
fields that come from findings (eating, drinking, urinating, defecating, behavior), and marks corrections. Pure: no
clock, no I/O; what an utterance gives depends only on it and on the closed utterances before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from voice_triage.events import Mention, Status
from voice_triage.triage.ages import read_age
from voice_triage.triage.animals import read_breed, read_species
from voice_triage.triage.chunks import read_chunks
from voice_triage.triage.names import read_names
from voice_triage.triage.onsets import read_onset
from voice_triage.triage.phones import read_phone
from voice_triage.triage.readings import FieldContext, FieldReading, Scene
from voice_triage.triage.sexes import read_reproductive_status, read_sex
from voice_triage.triage.signalment import Signalment
from voice_triage.triage.tokens import Utterance
from voice_triage.triage.weights import read_weight

FIELDS = (
    "species",
    "breed",
    "sex",
    "reproductive_status",
    "age",
    "weight",
    "pet_name",
    "client_name",
    "callback_number",
    "onset",
    "eating",
    "drinking",
    "urinating",
    "defecating",
    "behavior",
)
"""All fields (``eval/FORMAT.md``), in the order of the hand-off."""

ConceptFields = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Concept id, then status, then field: the value that a mention of that status gives."""

_READERS = (
    read_species,
    read_breed,
    read_sex,
    read_reproductive_status,
    read_age,
    read_weight,
    read_phone,
    read_onset,
)
_BEGINNINGS = frozenset({Status.PRESENT, Status.UNCERTAIN, Status.RESOLVED})

_TAKES_BACK = re.compile(
    r" (?:sorry(?! to)|wait|actually|i mean|i meant|(?:take|took) (?:that|it) back|scratch that|correction"
    r"|oops|rather|excuse me"
    r"|my bad|i misspoke|i was wrong|got it wrong|turns out|older than that|younger than that|was not|were not)(?= )"
)
"""Between two values of a field: the first is taken back."""
_SAYS_NO = re.compile(
    r" no (?=(?:no|sorry|wait|i|he|she|it|we|they|that|actually|my|his|her|just|last|yesterday|since|about"
    r"|well|,|this|maybe) )"
)
"""A "no" that answers; in "no blood" it denies something else."""
_OPENING_NO = re.compile(
    r"^ (?:(?:oh|well|um|uh|yes) )*no (?:(?:no|wait|sorry) )*(?!(?:not|he has not|she has not) )(?:\S+ ){0,4}$"
)
_CUE_REACH = 20
"""Tokens between a word that takes back and the new value ("well no we thought it was a boy but ... it's a girl")."""
_NO_REACH = 10
_BEFORE_REACH = 8
"""The same before an utterance's first value, where the old one stands in an earlier utterance."""


def read_fields(
    utterance: Utterance,
    mentions: Sequence[Mention],
    about_pet: Callable[[int], bool],
    signalment: Signalment,
    concept_fields: ConceptFields,
    context: FieldContext,
) -> list[FieldReading]:
    """All field readings of one utterance, in the order of their words.

    ``about_pet`` tells whether a token's clause speaks of the patient. ``context`` holds what the closed utterances
    told (``fields.py``). About 0.2 ms for 25 words full of fields.
    """
    if not utterance.norms:
        return []
    line = read_chunks(utterance, signalment, context.names)
    if not line.items:
        return []
    scene = Scene(line, about_pet, signalment, context, frozenset(_tokens_of(utterance, mentions)))
    readings = list(read_names(scene))
    new_names = {tuple(reading.value.split()) for reading in readings if reading.field == "pet_name"} - context.names
    if new_names:  # "I remember Pepper's a boy": the name counts as the pet in the same breath
        scene = replace(scene, line=read_chunks(utterance, signalment, context.names | new_names))
    readings.extend(reading for reader in _READERS for reading in reader(scene))
    readings.extend(_from_mentions(utterance, mentions, concept_fields))
    readings.sort(key=lambda reading: (reading.first, reading.last))
    return list(_with_corrections(utterance, readings))


def _tokens_of(utterance: Utterance, mentions: Sequence[Mention]) -> Iterator[int]:
    for mention in mentions:
        if mention.status in _BEGINNINGS:
            first, last = token_span(utterance, mention)
            yield from range(first, last + 1)


def token_span(utterance: Utterance, mention: Mention) -> tuple[int, int]:
    """First and last token of a mention in its utterance."""
    after = mention.last_word + 1
    last = utterance.token_of_word[after] - 1 if after < len(utterance.token_of_word) else len(utterance) - 1
    return utterance.token_of_word[mention.first_word], last


def _from_mentions(
    utterance: Utterance, mentions: Sequence[Mention], concept_fields: ConceptFields
) -> Iterator[FieldReading]:
    found = [
        (name, value, *token_span(utterance, mention), mention)
        for mention in mentions
        for name, value in concept_fields.get(mention.concept, {}).get(str(mention.status), {}).items()
    ]

    def denies(first: int, end: int) -> bool:
        return not {"not", "never", "no"}.isdisjoint(utterance.norms[first:end])

    for name, value, first, last, mention in found:
        turned = any(
            name == other and begin < first and last <= end and value != said and denies(begin, first)
            for other, said, begin, end, _ in found
        )
        if not turned:  # "she never stops eating" is no "stops eating"
            doubt = 0.6 if mention.status is Status.UNCERTAIN else 1.0
            yield FieldReading(
                name, value, first, last, round(0.9 * doubt * mention.confidence, 3), f"finding-{mention.concept}"
            )


def _with_corrections(utterance: Utterance, readings: Sequence[FieldReading]) -> Iterator[FieldReading]:
    """Marks a reading that takes back an earlier one: "he's ten no I take that back he's eleven"."""
    ends: dict[str, int] = {}
    for reading in readings:
        if reading.rule == "sex-pronoun":
            yield reading
            continue
        earlier = ends.get(reading.field)
        ends[reading.field] = max(reading.last, earlier or 0)
        corrects = reading.correction or _corrects(utterance, reading.first, earlier)
        yield replace(reading, correction=True) if corrects else reading


def _corrects(utterance: Utterance, first: int, earlier: int | None) -> bool:
    """Whether the words before a value take back the one that ended at token ``earlier``, or an earlier utterance's."""
    if earlier is None:
        before = _text(utterance, max(0, first - _BEFORE_REACH), first)
        opening = first <= _BEFORE_REACH and _OPENING_NO.match(before) is not None
        return opening or _TAKES_BACK.search(before) is not None
    if _TAKES_BACK.search(_text(utterance, max(earlier + 1, first - _CUE_REACH), first)):
        return True
    return _SAYS_NO.search(_text(utterance, max(earlier + 1, first - _NO_REACH), first + 1)) is not None


def _text(utterance: Utterance, first: int, end: int) -> str:
    return " " + "".join(norm + " " for norm in utterance.norms[first:end])
