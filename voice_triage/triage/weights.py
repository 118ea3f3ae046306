"""Reads the patient's weight."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voice_triage.triage.quantities import plain
from voice_triage.triage.readings import DEGREE, FieldReading, Scene

_NOT_BODY_BEFORE = re.compile(
    r" (?:from|lost|lose|losing|gained|gain|gaining|loses|of|per|every|ate|eaten|eats|eat|eating|gave|give"
    r"|gives|giving|got|bag|box|bought|drank|swallowed|used to be|missing|dropped|put on|down|up|a|another"
    r"|extra|had)"
    r"(?: (?:about|like|around|maybe|almost|over|some|a|whole|good))* $"
)
_NOT_BODY_AFTER = frozenset(
    "of bag bags box bar bars overweight over under underweight heavier lighter less more off chocolate "
    "pumpkin kibble chew chews treat"
    " tablet tablets pill pills a per bucket weight bone bottle package can worth each".split()
)
_WEIGHS = re.compile(
    r" (?:weighs?|weighing|weighed|weight(?: is| 's| of)?) (?:in at |in |at )?"
    + DEGREE
    + r"(?P<v>NUM)(?= )(?! (?:DUR|years|CNT|weeks|months))"
)
_WEIGHT_PLAIN = re.compile(
    r" (?:he|she|it|they|PET|SPC|STG|BRD|BRO|who|weighs?|weighing|weighed|weight|at|SEX|mix|scale"
    r"|be) (?:'s |is |are |will be |would be |'d be |in at |at |of |in )?(?:a )?" + DEGREE + r"$"
)
_NOT = re.compile(r" (?:not|never)(?: (?:even|quite|a|an))? $")
_OTHER = re.compile(
    r" (?:(?:another|other|neighbor|friend)(?: 's)?|(?:last|first|previous|two) (?:SPC|SPS|BRD|BRO|STG|one))"
    r"(?: \S+){1,5} $"
)
_ANIMAL_AFTER = re.compile(r" (?:\S+ ){0,2}?(?:SPC|BRD|BRO|STG|SEX|mix|mutt)(?= )")


def read_weight(scene: Scene) -> Iterator[FieldReading]:
    """Weight of the patient, number and unit as said; a bare number only after "weighs". Not of food or medicine."""
    line = scene.line
    if " WEI " not in line.text and " weigh" not in line.text:
        return
    for at, chunk in enumerate(line.items):
        quantity = chunk.quantity
        confidence = _sureness(scene, at) if chunk.symbol == "WEI" else 0.0
        if quantity is not None and confidence and (quantity.unit in ("lb", "kg") or confidence >= 0.9):
            value = f"{plain(quantity.value)} {quantity.unit}"
            yield scene.reading("weight", value, at, at, confidence - 0.1 * quantity.approximate, "weight")
    for match in line.find(_WEIGHS):
        at = line.group(match, "v")[0]
        quantity = line.items[at].quantity
        if quantity is not None and scene.of_pet(at):
            first, last = line.group(match)
            yield scene.reading("weight", f"{plain(quantity.value)} lb", first, last, 0.5, "weight-no-unit")


def _sureness(scene: Scene, at: int) -> float:
    """How sure it is that a weight is the patient's: 0.9 after its subject, 0.8 before a pet noun, 0.6 alone."""
    line = scene.line
    before = line.before(at, 8)
    if not scene.of_pet(at) or _NOT.search(before) or _OTHER.search(before):
        return 0.0
    if _WEIGHT_PLAIN.search(before):
        return 0.0 if line.symbol(at + 1) in _NOT_BODY_AFTER else 0.9
    if _ANIMAL_AFTER.match(line.after(at, 4)):
        return 0.8
    alone = line.subject(at) not in ("i", "we") and not _NOT_BODY_BEFORE.search(before)
    return 0.6 if alone and line.symbol(at + 1) not in _NOT_BODY_AFTER else 0.0
