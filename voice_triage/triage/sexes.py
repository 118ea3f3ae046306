"""Reads sex and reproductive status.

"Fixed" is read as ``altered``; the board makes it ``neutered`` or ``spayed`` once the sex is known. Pronouns suggest a
sex at low confidence, and so do words that only one sex can be (spayed, pregnant).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from voice_triage.triage.readings import FieldReading, Scene

_ADJECTIVES = r"(?: (?!of|and|the|who|that|at|to|for|with|from|in|on|not|because|like|\S+ing\b)\S+){0,4}?"
_IS_SEX = re.compile(
    r" (?:he|she|it|this one|this|that|PET|they|cat|dog|SPC|BRD|one) (?:'s|is)(?: (?:actually|just|like"
    r"|definitely|really|also|supposed to be|only))*"
    rf" (?:a|an|my|our|the){_ADJECTIVES} (?P<v>SEX)(?= )"
)
_IS_BARE = re.compile(r" (?:he|she|it|PET|SPC) (?:'s|is)(?: (?:actually|also|definitely))? (?P<v>SEX)(?= )")
_IS_PRONOUN = re.compile(r" (?:it|he|she|PET|that one) (?:'s|is) (?:actually )?a (?P<v>he|she)(?= )")
_ALTERED_SEX = re.compile(
    r" (?:neutered|intact|fixed|altered|unneutered|unspayed|spayed|castrated|uncastrated|spade|neuter"
    r"|desexed)(?: ,)? (?P<v>SEX|mail|mayo)(?= )"
)
_SEX_ANIMAL = re.compile(
    r" (?P<v>SEX)(?: (?:NUM|DURy|old|orange|black|white|gray|grey|mixed|neutered|spayed|tabby))? (?:SPC"
    r"|BRD|BRO|STG)(?= )"
)
_ANIMAL_SEX = re.compile(r" (?:SPC|BRD|BRO|STG|mix|mixed)(?: ,)? (?P<v>SEX)(?= )(?! (?:SPC|BRD|who 's))")
_OUR = re.compile(
    r" (?:my|our)(?: (?!little|baby|the|is|was|and)\S+){0,3}? (?P<v>SEX)(?= )(?! (?:friend|scout"
    r"|'s (?:name|room|toy|school)))"
)
_CALLED = re.compile(r" (?:good|sweet|come on|hey|handsome|poor) (?P<v>SEX)(?= )")
_ALONE = re.compile(r"^ (?:yes |so |oh |okay )*(?P<v>SEX)(?: (?:neutered|spayed|intact))? $")
_SEX_PATTERNS = (
    (_ALTERED_SEX, "sex-said", 0.95),
    (_IS_SEX, "sex-said", 0.95),
    (_IS_BARE, "sex-said", 0.9),
    (_IS_PRONOUN, "sex-said", 0.85),
    (_SEX_ANIMAL, "sex-said", 0.85),
    (_ANIMAL_SEX, "sex-said", 0.8),
    (_ALONE, "sex-said", 0.7),
    (_OUR, "sex-called", 0.6),
    (_CALLED, "sex-called", 0.35),
)
_BELIEVED = re.compile(
    r" (?:thought|assumed|told|figured|said|another|other|no|any|every|than|is|was|like)(?: (?:it|he|she"
    r"|that|me|us|a))*(?: (?:was|were|is))?(?: (?:a|an))? $"
)
_HE = frozenset({"he", "him", "his", "himself"})
_SHE = frozenset({"she", "her", "hers", "herself"})


def read_sex(scene: Scene) -> Iterator[FieldReading]:
    """Sex as said; below 0.5 only suggested, by a pronoun (rule ``sex-pronoun``) or a status word."""
    line = scene.line
    taken: set[int] = set()
    if " SEX " in line.text or " a he " in line.text or " a she " in line.text or " mail " in line.text:
        for pattern, rule, confidence in _SEX_PATTERNS:
            for match in line.find(pattern):
                at = line.group(match, "v")[0]
                first, last = line.group(match)
                if at in taken or not scene.of_pet(at) or _disowned(scene, first, pattern):
                    continue
                taken.add(at)
                yield scene.reading("sex", _sex_of(scene, at), first, last, confidence, rule)
    for at, chunk in enumerate(line.items):
        word = chunk.symbol
        short = chunk.term is not None and chunk.term.neutered
        if chunk.term is not None and chunk.term.sex and (chunk.term.species or short) and scene.of_animal(at):
            if not _disowned(scene, at, None) and not re.search(r" (?:son of|a son of) a $", line.before(at, 4)):
                yield scene.reading("sex", chunk.term.sex, at, at, 0.85, "sex-said")
        elif (word in _HE or word in _SHE) and scene.about_pet(chunk.first):
            yield scene.reading("sex", "male" if word in _HE else "female", at, at, 0.3, "sex-pronoun")


def _sex_of(scene: Scene, at: int) -> str:
    chunk = scene.line.items[at]
    if chunk.term is not None:
        return chunk.term.sex
    return "female" if chunk.symbol == "she" else "male"  # "neutered mail" is the recognizer's "male"


def _disowned(scene: Scene, first: int, pattern: re.Pattern[str] | None) -> bool:
    """Whether the words before disown it: "we thought it was a boy", "my other female"."""
    before = scene.line.before(first, 6)
    if pattern in (_IS_SEX, _IS_BARE):
        return (
            re.search(r" (?:thought|assumed|if|whether|friend|neighbor|think|know|sure)(?: that)? $", before)
            is not None
        )
    return (_BELIEVED.search(before) is not None and pattern not in (_ALTERED_SEX, _ALONE)) or " not a " in before[-7:]


_STATUS_WORDS = {
    "neutered": "neutered",
    "neuterd": "neutered",
    "spayd": "spayed",
    "castrated": "neutered",
    "gelded": "neutered",
    "snipped": "neutered",
    "spayed": "spayed",
    "spade": "spayed",
    "sprayed": "spayed",
    "fixed": "altered",
    "altered": "altered",
    "desexed": "altered",
}
_NOUNS = {
    "neuter": "neutered",
    "neutering": "neutered",
    "spay": "spayed",
    "spaying": "spayed",
    "castration": "neutered",
}
_SUBJECT_BEFORE = re.compile(
    r" (?:'s|is|are|was|were|been|be|got|gets|get|already|him|her|both|also|not|never|a|an|PET|them|have"
    r"|has|and|yet|too|just|recently|SEX|,|yes|or|until|he|she|being)"
    r"(?: (?:all|a|an|already|just|not|been|being|recently|newly|just))* $"
)
_NOT_RESTARTED = re.compile(r" (?:not|never|un|non|hasn't|isn't)(?: (?!(?:he|she|it|PET|but|and|i|,|\() )\S+){0,4} $")
_DOUBT = re.compile(
    r" not (?:think|believe|know if|know whether|sure if|sure)(?: that)?(?: (?:he|she|it|PET|they))(?: \S+){0,2} $"
)
_FUTURE = re.compile(
    r" (?:going to(?: get| be| have)?|get|getting|to (?:get|be|have)|want|wants|need|needs|needing"
    r"|schedule|scheduled|appointment|should|can|could|will|plan|planning|supposed|looking|due|when do"
    r"|before|once|wait|waiting|ready)"
    r"(?: (?!(?:'s|is|was|got|had|already|not|eating)) ?\S+){0,5} $"
)
_FUTURE_AFTER = re.compile(
    r"^ (?:\S+ ){0,2}(?:tomorrow|next (?:week|month)|soon|on (?:mon|tues|wednes|thurs|fri|satur)day)(?= )"
)
_IF = re.compile(r" (?:if|whether|unless|should|when) (?:he|she|it|they|i|we|PET)(?: \S+){0,3} $")
_INTACT = re.compile(
    r" (?:(?:(?:he|she|PET|SPC|BRD|they) (?:'s|is|are)(?: (?:still|an|a|not neutered|not spayed|fully"
    r"|completely|just))*|still|an|a) (?P<a>intact|unneutered|unspayed|unfixed|entire)(?= (?!SPS|skin"
    r"|wound|pill|tablet|bag))"
    r"|(?P<b>un ?(?:neutered|spayed|fixed|altered))"
    r"|(?P<c>(?:intact|unneutered|unspayed) (?:SEX|SPC|BRD|BRO)|(?:BRD|BRO) intact)"
    r"|(?P<d>still (?:has|have|got) (?:his|all his|both his) (?:balls|testicles|nuts|parts|boys|bits"
    r"|manhood|jewels|equipment)))(?= )"
)
_PREGNANT = re.compile(
    r" (?P<v>pregnant|in labor|in labour|giving birth|whelping|going into labor|gone into labor"
    r"|went into labor|having (?:(?:her|some|the|its|a|more) )?(?:SPS|babies|contractions|litter|STG)"
    r"|expecting (?:SPS|babies|a litter|STG)|carrying (?:SPS|a litter)|about to have (?:SPS|babies"
    r"|her SPS)|due (?:to (?:whelp|give birth|have (?:her )?SPS)|any day)|having (?:her"
    r"|a) (?:first )?(?:litter|STG)"
    r"|DUR[dw] along|started contractions|day NUM and|pushing (?:and|with) (?:no|the) (?:SPS|STG))(?= )"
)
_BIRTH = re.compile(r"pregnan|labo|birth|whelp|SPS|litter|STG|babies| due | along |contractions")
_HEAT = re.compile(
    r" (?:'s|is|be|been|she|her|currently|into|just|in|on|having|has|of|PET|came|come|went|going|go|gone"
    r"|goes|when) (?P<v>in (?:heat|season)|(?:into|in) (?:heat|season)|heat(?= (?:cycle|right now))"
    r"|on her (?:period|heat|heat cycle|cycle)|her (?:period|heat cycle|first heat))(?= (?!stroke"
    r"|exhaustion|wave|rash))"
)
_PERSON_BEFORE = re.compile(
    r" (?:i|we|wife|daughter|sister|girlfriend|husband|mom|mother|neighbor|boss|myself|friend)(?: (?:am|'m"
    r"|is|'s|are|was|been"
    r"|also|seven|NUM|DURm))*(?: \S+)? $"
)
_PAST_BEFORE = re.compile(
    r" (?:was|were|had|last|before|used to be|since|after|ever been|when)(?: (?:last|also|just|first))?(?: \S+)? $"
)


def read_reproductive_status(scene: Scene) -> Iterator[FieldReading]:
    """``neutered``, ``spayed``, ``altered`` ("fixed"), ``intact`` (or surgery planned), ``pregnant``, ``in_heat``."""
    line = scene.line
    for at, chunk in enumerate(line.items):
        word = chunk.symbol
        if word in _STATUS_WORDS or word in _NOUNS:
            yield from _altered(scene, at, word)
        elif chunk.term is not None and chunk.term.neutered and scene.of_animal(at):
            value = "spayed" if chunk.term.sex == "female" else "neutered"
            yield scene.reading("reproductive_status", value, at, at, 0.85, "status-word")
    if " heat " in line.text or " season " in line.text or " period " in line.text or " cycle " in line.text:
        for match in line.find(_HEAT):
            first, last = line.group(match, "v")
            if _stated(scene, first) and not _PAST_BEFORE.search(line.before(first, 3)):
                yield scene.reading("reproductive_status", "in_heat", first, last, 0.8, "status-in-heat")
                yield scene.reading("sex", "female", first, last, 0.45, "sex-implied")
    for match in line.find(_PREGNANT) if _BIRTH.search(line.text) else ():
        first, last = line.group(match, "v")
        if (
            _stated(scene, first)
            and not _PERSON_BEFORE.search(line.before(first, 4))
            and not _PAST_BEFORE.search(line.before(first, 3))
        ):
            doubt = re.search(r" (?:might|may|could|think|maybe|if|possibly)(?: \S+){0,3} $", line.before(first, 5))
            yield scene.reading(
                "reproductive_status", "pregnant", first, last, 0.5 if doubt else 0.85, "status-pregnant"
            )
            yield scene.reading("sex", "female", first, last, 0.45, "sex-implied")
    for match in line.find(_INTACT):
        name = next(key for key in "abcd" if match[key])
        first, last = line.group(match, name)
        if scene.of_animal(first) and not _NOT_RESTARTED.search(line.before(first, 3)):
            yield scene.reading("reproductive_status", "intact", first, last, 0.85, "status-intact")


def _stated(scene: Scene, at: int) -> bool:
    return (
        scene.of_animal(at)
        and not _NOT_RESTARTED.search(scene.line.before(at, 5))
        and not _IF.search(scene.line.before(at, 6))
    )


def _altered(scene: Scene, at: int, word: str) -> Iterator[FieldReading]:
    line = scene.line
    before, after = line.before(at, 7), line.after(at, 4)
    if not scene.of_animal(at) or _IF.search(before):
        return
    if word in ("neuter", "spay", "neutering", "spaying", "castration"):
        value = _noun_value(word, before, after)
        if value:
            yield scene.reading(
                "reproductive_status", value, at, at, 0.75 if value != "intact" else 0.5, "status-surgery"
            )
        return
    if not _is_status(word, before, after):
        return
    value, confidence = _STATUS_WORDS[word], 0.92 if word in ("neutered", "spayed", "castrated", "gelded") else 0.8
    doubt = _DOUBT.search(before)
    if doubt or _NOT_RESTARTED.search(before):
        value, confidence = "intact", 0.7 if doubt else 0.9
    elif (
        _FUTURE.search(before) and not re.search(r" (?:had|got|was|has been|after) (?:\S+ ){0,2}$", before)
    ) or _FUTURE_AFTER.match(after):
        value, confidence = "intact", 0.5
    first = at - 1 if value == "intact" and at and line.symbol(at - 1) in ("not", "never", "been") else at
    yield scene.reading("reproductive_status", value, first, at, confidence, "status-word")
    sex = {"neutered": "male", "castrated": "male", "gelded": "male", "spayed": "female"}.get(word)
    if sex and line.symbol(at + 1) != "SEX":
        yield scene.reading("sex", sex, at, at, 0.45, "sex-implied")


def _is_status(word: str, before: str, after: str) -> bool:
    """Whether "fixed", "altered", "sprayed", "spade" speak of the surgery, not of a fence, a mind or a skunk."""
    if word in ("neutered", "spayed", "castrated", "gelded", "desexed", "neuterd", "spayd"):
        return True
    if word == "spade":
        return not re.search(r" (?:the|with|garden|with a|like a) $", before)
    if not _SUBJECT_BEFORE.search(before) or re.search(
        r" (?:it|that|this|them|be|get it|got it) (?:'s |is |was |all |been )*$", before
    ):
        return after.startswith(" SEX ") and word in ("fixed", "altered", "spade")
    if word == "sprayed":
        return (
            not re.match(r" (?:\S+ )?(?:by|with|on|in|all|him|her|everywhere|a|the)(?= )", after)
            and " he " not in before
        )
    if word == "altered":
        return not after.startswith((" mental", " state", " level"))
    return re.match(r" (?:(?:the|my|that|on|it)|(?:his|her) (?!name)\S+) ", after) is None


def _noun_value(word: str, before: str, after: str) -> str:
    """What "her spay", "his neuter" tell: done (the status), still to come (``intact``), or nothing."""
    if re.search(
        r" (?:schedule|scheduled|book|cost|price|much|want|wanted|need|needs|due for|appointment|when"
        r"|coming in|in for|bringing|bring|here for|getting|ask about|about)(?: \S+){0,5} $",
        before,
    ):
        return (
            "intact"
            if re.search(r" (?:his|her|due for|needs|get(?:ting)?) (?:a )?$", before)
            and not re.search(r" (?:was|were|had|after|since) ", before)
            else ""
        )
    if re.match(r" (?:is|'s) (?:scheduled|on|next|tomorrow|coming)(?= )", after):
        return "intact"
    if re.search(
        r" (?:had|got|from|after|since|of|following|post|did|the|his|her)(?: (?:his|her|a|the|PET 's))* $", before
    ):
        return _NOUNS[word]
    return ""
