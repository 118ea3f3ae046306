"""Reads the patient's age.

Ages as people mean them: "going on thirteen" is twelve, "she'll be three in march" is two, "almost two" is two,
"three and a half" is three years and six months. A bare number after "he's" is an age in years, at less confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from voice_triage.triage.quantities import Quantity, iso_duration
from voice_triage.triage.readings import DEGREE, FieldReading, Scene

_SUBJECT = r"(?:he|she|mine|PET|SPC|STG|BRD|BRO|who|SEX|mix|buddy|baby)"
_BE = r"(?:(?:just |only |recently |has |already )*(?:'s|is|are|will be|would be|'d be|turned|turns|turning|be))"
_AFTER_UNIT = (
    r"(?!ago|late|into|post|out|along|pregnant|since|overdue|behind|from|away|of |without|in |after|before"
    r"|longer|to |past|worth"
    r"|later|long|off|on |for |gestation|sober|now (?:since|that))"
)
_FOLLOWS = (
    r"(?=(?:$|now|already|this|almost|i |and|he|she|it|so|but|or|his|her|my|maybe|yes|okay|no|well"
    r"|neutered|spayed|if|PET"
    r"|going|we|they|you|the|because|,|\.|today|with|sorry|actually|is |right|that|fixed|intact|though|i'd"
    r"|SEX|turning|think|please|thank|been|not|wait|oh) ?)"
)
_OLD = re.compile(r" (?P<v>DUR[ymwd])(?: of age| old)(?= )")
_SHORT_OLD = re.compile(r" (?P<v>DUR[ym])(?= )")
_IS_DURATION = re.compile(rf" (?P<s>{_SUBJECT}) {_BE} {DEGREE}(?P<v>DUR[ymw]) {_AFTER_UNIT}")
_IS_NUMBER = re.compile(rf" (?P<s>{_SUBJECT}) {_BE} {DEGREE}(?P<v>NUM) {_FOLLOWS}")
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|aug"
    r"|sept|oct|nov|dec"
    r"|the (?:spring|summer|fall|winter|new year)|a (?:week|month|couple|few)|DURm|DURw|DURd)"
)
_TURNING = re.compile(
    rf" (?:will be|'d be|'s going to be|is going to be|going to be|turns|turning|about to (?:be|turn)"
    rf"|soon to be|will turn|'s turning|coming up on) {DEGREE}(?P<v>NUM|DURy)(?= )"
)
_IN_MONTH = re.compile(
    rf" (?:'s|is|be|turns|turning|turn) {DEGREE}(?P<v>NUM) (?:in {_MONTH}|(?:next|this) (?:month|week|year"
    rf"|\S+day))(?= )"
)
_GOING_ON = re.compile(
    r" (?:(?P<s>he|she|PET|SPC|BRD|BRO) (?:'s|is)|(?P<y>NUM|DURy)) (?:like |about )?going on (?P<v>NUM"
    r"|DURy)(?= )(?! (?:DUR|hours|now))"
)
_AGED = re.compile(r" (?:aged|age is|age 's|age of|age) (?:about |around )?(?P<v>NUM|DUR[ymw])(?= )")
_TURNED = re.compile(r" (?:just )?turned (?P<v>NUM|DURy)(?= )(?! (?:degrees|times))")
_THEN = re.compile(rf" (?:in {_MONTH}|last (?:week|month)|on)(?= )")
"""After "was a year old": a birthday not long past."""
_THOUGHT = re.compile(
    rf" (?:rescue|shelter|vets?|doctor|they|we|guy|lady|breeder|store|people|papers|i|he"
    rf"|she)(?: \S+)? (?:think|thinks|thought|said|says|say|guess|guessed|told (?:me|us)"
    rf"|estimated) {DEGREE}(?P<v>NUM|DUR[ymw])(?: old)? {_FOLLOWS}"
)
_BORN = re.compile(r" born (?:about |like |around |just )*(?P<v>DUR[ymwd]) ago(?= )")
_MISHEARD = re.compile(
    r" (?P<s>he|she|'s|is|about|around|a|and) (?P<v>for|to|too|ate|won) (?P<u>years?|months?|weeks?) old(?= )"
)
_MISHEARD_VALUE = {"for": 4, "to": 2, "too": 2, "ate": 8, "won": 1}
_PAST = re.compile(
    r" (?:when|since|until|before|after|from|at|was|were|by)(?: (?:he|she|it|they|i|we|PET))?(?: (?:was"
    r"|were|got|is|'s|turned|been|at))?(?: (?:about|like|around|only|just|maybe))* $"
)
_ALSO = re.compile(
    r" (?:(?:another|other|neighbor|friend)(?: 's)?|(?:last|first|previous|two) (?:SPC|SPS|BRD|BRO|STG"
    r"|one))(?: \S+){1,5} $"
)
_PERSON = frozenset(
    "daughter son kid kids child children baby toddler grandson granddaughter grandchild nephew niece "
    "human brother sister twins husband wife mother father"
    " couch house carpet bottle bag box food prescription medication medicine pills meds incision wound".split()
)
_PET_NOUN = re.compile(
    r" (?:SPC|BRD|BRO|STG|SEX|PET|SEN|neutered|spayed|fixed|intact|mix|mixed|mutt|rescue|unneutered|unspayed)(?= )"
)
_NOT = re.compile(r" (?:not|never)(?: (?:even|quite|a|an))? $")
_OWNER = re.compile(
    r" (?:i|we|my (?:son|daughter|kid|husband|wife|mom|dad|mother|father)|son|daughter) (?:am|'m|are|is|'s"
    r"|was|have been)(?: \S+){0,2} $"
)

_AGE_UNIT = re.compile(r" (?:NUM|DUR[ymwd]) ")

_LONGEST_YEARS = 60.0
"""Older patients (a parrot, a tortoise) are rarer than slips of the ear."""


def _in_years(quantity: Quantity) -> str:
    return iso_duration(((quantity.value, "y"),))


def _less_one(quantity: Quantity) -> str:
    """The age before a coming birthday; empty for a first birthday."""
    return iso_duration(((quantity.value - 1, "y"),)) if quantity.value > 1 else ""


def _possible(quantity: Quantity) -> bool:
    days = quantity.days if quantity.kind == "duration" else quantity.value * 365.25
    return 0 < days <= _LONGEST_YEARS * 365.25


def read_age(scene: Scene) -> Iterator[FieldReading]:
    """Ages, life-stage words last; not a person's, another animal's or a past age ("when she was two")."""
    text = scene.line.text
    taken: set[int] = set()
    if _AGE_UNIT.search(text):
        yield from _turning(scene, taken)
        yield from _said_old(scene, taken)
        yield from _said_is(scene, taken)
        if not taken:
            yield from _listed(scene)
    if " old " in text:
        for match in scene.line.find(_MISHEARD):
            at = scene.line.group(match, "v")[0]
            if scene.of_pet(at) and at not in taken:
                unit = match["u"][0]
                value = iso_duration(((_MISHEARD_VALUE[match["v"]], unit),))
                yield scene.reading("age", value, at, at + 2, 0.5, "age-misheard-number")
    yield from _stages(scene)


def _usable(scene: Scene, at: int, taken: set[int], *, told: bool = False) -> bool:
    """Whether the quantity at a chunk is free and the patient's; ``told`` by someone ("the rescue said three")."""
    before = scene.line.before(at, 6)
    of_pet = scene.of_animal(at) if told else scene.of_pet(at)
    return at not in taken and of_pet and not _NOT.search(before) and not _ALSO.search(before)


def _turning(scene: Scene, taken: set[int]) -> Iterator[FieldReading]:
    line = scene.line
    for pattern, rule in ((_GOING_ON, "age-going-on"), (_IN_MONTH, "age-birthday"), (_TURNING, "age-birthday")):
        for match in line.find(pattern):
            at = line.group(match, "v")[0]
            quantity = line.items[at].quantity
            if quantity is None or not _usable(scene, at, taken) or not _possible(quantity):
                continue
            if pattern is _GOING_ON and match["y"] is not None:
                taken.add(at)  # "twelve going on thirteen": the first number is read where it stands
                continue
            value = _less_one(quantity)
            taken.add(at)
            if value and quantity.value == int(quantity.value):
                first, last = line.group(match)
                yield scene.reading("age", value, first, last, 0.75, rule)


def _said_old(scene: Scene, taken: set[int]) -> Iterator[FieldReading]:
    line = scene.line
    matches = [*line.find(_OLD), *(m for m in line.find(_SHORT_OLD) if _is_short(scene, m))]
    for match in matches:
        at = line.group(match, "v")[0]
        quantity = line.items[at].quantity
        if quantity is None or not _usable(scene, at, taken) or not _possible(quantity):
            continue
        before, after = line.before(at, 7), line.after(line.group(match)[1], 4)
        past = _PAST.search(before) and not _THEN.match(after)
        if past or _OWNER.search(before) or any(word in _PERSON for word in after.split()[:2]):
            continue
        if re.search(
            r" (?:the|my|our|this|that|his|her) (?!baby|little|old|other)[a-z]+ (?:'s|is|are|was) (?:\S+ )?$", before
        ):
            continue  # "the couch is two years old"
        child = re.search(r" (?:my|our|with a|have a|her|his) $", before) and not _PET_NOUN.search(after)
        if child and not quantity.old:
            continue  # "my three year old left the door open": a child
        confidence = 0.95 if not re.search(r" (?:i|we|they) (?:think|guess|believe)", before) else 0.85
        confidence -= 0.15 if quantity.approximate or re.search(r" it (?:'s|is)(?: \S+)? $", before) else 0
        taken.add(at)
        first, last = line.group(match)
        yield scene.reading("age", quantity.iso, first, last, confidence, "age-old")


def _is_short(scene: Scene, match: re.Match[str]) -> bool:
    quantity = scene.line.items[scene.line.group(match, "v")[0]].quantity
    return quantity is not None and quantity.old


_LISTED = (
    re.compile(
        r" (?:BRD|BRO|SPC|STG|SEX|mix|mixed|neutered|spayed|intact|fixed|PET)(?: [,(])? (?P<v>NUM"
        r"|DUR[ymw])(?= (?:[.,)?!;/]|SEX"
        r"|neutered|spayed|intact|fixed|BRD|BRO|and (?:neutered|spayed|fixed)|$))"
    ),
    re.compile(
        r"(?:^| [.,(!?;]) (?P<v>NUM|DUR[ymw])(?= (?:[,/)] )?(?:SEX|neutered|spayed|intact|fixed|BRD|BRO|indoor"
        r"|mix|SPC|[.)])(?: |$))"
    ),
)


def _listed(scene: Scene) -> Iterator[FieldReading]:
    """An age in a list of particulars: "beagle mix, spayed female, nine"; "3 yrs, neutered"."""
    for pattern in _LISTED:
        for match in scene.line.find(pattern):
            at = scene.line.group(match, "v")[0]
            quantity = scene.line.items[at].quantity
            if quantity is None or not scene.of_animal(at) or not _possible(quantity):
                continue
            if quantity.kind == "number" and not (1 <= quantity.value <= 25 and _is_whole_word(scene, at)):
                continue
            value = quantity.iso if quantity.kind == "duration" else _in_years(quantity)
            yield scene.reading("age", value, at, at, 0.5, "age-listed")
            return


def _is_whole_word(scene: Scene, at: int) -> bool:
    """Whether a bare number stands for years: no "one" of "one male and one female"."""
    quantity = scene.line.items[at].quantity
    item = scene.line.items[at]
    said = scene.line.utterance.norms[item.first]
    return quantity is not None and quantity.value == int(quantity.value) and said not in ("one", "a")


def _said_is(scene: Scene, taken: set[int]) -> Iterator[FieldReading]:
    line = scene.line
    for pattern, rule, confidence in (
        (_BORN, "age-born", 0.85),
        (_AGED, "age-aged", 0.85),
        (_TURNED, "age-turned", 0.8),
        (_IS_DURATION, "age-is-duration", 0.8),
        (_THOUGHT, "age-thought", 0.55),
        (_IS_NUMBER, "age-is-number", 0.62),
    ):
        for match in line.find(pattern):
            first, last = line.group(match, "v")
            quantity = line.items[first].quantity
            if (
                quantity is None
                or not _usable(scene, first, taken, told=pattern is _THOUGHT)
                or not _possible(quantity)
            ):
                continue
            if quantity.kind == "number" and (quantity.value > 30 or quantity.value * 2 != int(quantity.value * 2)):
                continue
            start = line.group(match)[0]
            if pattern in (_IS_DURATION, _IS_NUMBER) and _wrong_subject(scene, line.group(match, "s")[0]):
                continue
            taken.add(first)
            value = quantity.iso if quantity.kind == "duration" else _in_years(quantity)
            yield scene.reading("age", value, start, last, confidence - 0.1 * quantity.approximate, rule)


def _wrong_subject(scene: Scene, at: int) -> bool:
    """Whether the subject is someone else's, or one of several things ("the one is fine")."""
    before = scene.line.before(at, 4)
    return bool(re.search(r" (?:another|other|last|neighbor|friend|when|until|since|if)(?: 's| \S+)? $", before))


_WAS_STAGE = re.compile(
    r" (?:was|were|as|like|since|than|from|for|when|been)(?: (?:he|she|it))?(?: (?:a|an|the|just|was))*(?: \S+)? $"
)
_OLD_PET = re.compile(
    r" (?:he|she|PET|it) (?:'s|is)(?: (?:a|an|my|our|just|pretty|very|really|an))* old(?: (?:man|lady|guy"
    r"|gal|fella|boy|girl|SEX|SPC|BRD|BRO|STG|timer|dude))?(?= (?:$|he|she|and|now|so|but|i |SPC))"
)


def _stages(scene: Scene) -> Iterator[FieldReading]:
    line = scene.line
    if not (" STG " in line.text or " SEN " in line.text or " old " in line.text):
        return
    for at, chunk in enumerate(line.items):
        if chunk.symbol not in ("STG", "SEN") or chunk.term is None or not scene.of_pet(at):
            continue
        before = line.before(at, 5)
        if line.symbol(at + 1) in scene.signalment.not_after or _WAS_STAGE.search(before) or _NOT.search(before):
            continue
        if line.symbol(at + 1) in (
            "shots",
            "vaccines",
            "class",
            "classes",
            "teeth",
            "proof",
            "proofing",
            "pad",
            "pads",
            "stage",
        ):
            continue
        if chunk.symbol == "SEN" and not re.search(
            r" (?:he|she|PET|it) (?:'s|is|are) (?:\S+ ){0,3}$| (?:my|our|got a|have a)? $", before
        ):
            continue
        yield scene.reading("age", chunk.term.stage, at, at, 0.5, "age-stage")
    for match in line.find(_OLD_PET):
        first, last = line.group(match)
        if scene.of_pet(first):
            yield scene.reading("age", "senior", first, last, 0.4, "age-stage")
