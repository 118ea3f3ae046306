"""Reads species and breed: what animal the call is about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voice_triage.triage.readings import FieldReading, Scene

_ANIMAL = frozenset({"SPC", "SPS", "STG", "BRD", "BRO"})
_OWNED = re.compile(
    r" (?:my|our|(?:my|our|the|his|her) \S+ 's|this|wife 's|husband 's)(?: (?!last|other|neighbor|friend"
    r"|previous|old )\S+){0,3} $"
)
"""Ends in a possessive that makes the animal the caller's own or in the caller's care ("my roommate's cat")."""
_IS_A = re.compile(r" (?:he|she|it|they|PET|this|that|who|baby|boy|girl|name) (?:'s|is|are|was)(?: \S+){0,5} $")
_HAVE = re.compile(
    r" (?:have|has|got|get|getting|adopted|bought|rescued|found|see|treat|own|take|bring|bringing|about|on"
    r"|in|for|with|to)"
    r"(?: (?:a|an|this|the|one|NUM))?(?: (?!of|like|that|and|who|the|in|on|by|at)\S+){0,3} $"
)
_NOT_PATIENT = re.compile(
    r"(?: (?:like|by|than|not|never|from|no|any|every|each|eat|ate|eats|eating|chased|chasing|killed"
    r"|caught|(?<!kind )(?<!sort )(?<!type )of) (?:a |an |the |some |another )?(?:(?!my |our |this )\S+ )?"
    r"| (?:i|we|you|and) (?:had|used to have|grew up with|lost) (?:a |an |the |our |my )?(?:\S+ ){0,2}"
    r"| used to (?:have|own) (?:a |an )?(?:\S+ )?| (?:last|previous|other|another|neighbor"
    r"|friend)(?: 's)? (?:\S+ )?)$"
)
_SIMILE = re.compile(r" (?:like|than|as) (?:a|an|some|most|other|the|all)? ?(?:\S+ )?$")
_LIKE_A = re.compile(r" (?:he|she|it|PET) (?:'s|is) (?:just |kind of |sort of )?like (?:a|an|some)? ?$")
"""Before a mix, "like" only fills: "she's like a terrier mix or something"."""
_SEVERAL = re.compile(r" (?:my|our|these|both|NUM|two|have|raise|breed|take|see|treat)(?: \S+)? $")
_LOOKS = re.compile(r" (?:looks|look|looking|sort|kind|type) (?:like|of) (?:a |an )?$")
_GATE = re.compile(
    r" (?:(?:my|our|this|the wife 's|the husband 's)|(?:he|she|it|they|PET|who|this|that) (?:'s|is|are"
    r"|was)(?: (?:like|just|actually|really|mostly|probably))*"
    r"(?: (?:a|an|my|our|the|part|half|pure|full|all))?|DUR[ymw] old|DUR[ymw]|(?:i|we|just|'ve|am|are) (?:have|got"
    r"|getting|adopted) (?:a|an|two|NUM|this)|SPC 's (?:a|an)"
    r"|(?:black|yellow|chocolate|fox red|white|red|blue|brindle|male|female|SEX|neutered|spayed|purebred"
    r"|bred|mini|miniature|toy|standard|teacup|long haired|short haired)"
    r"|about (?:a|my|our))(?: (?!who|and|of|the|to|in|on|at|that|with|is|'s|not|because|out|up|off|over"
    r"|down|back|all|so)\S+){0,3} $"
)
"""What makes an ordinary word ("lab", "pit") the animal; up to three adjectives may follow."""
_PLACE = re.compile(
    r" (?:the|to|from|in|at|ate|eat|swallowed|swallow|eaten|of|peach|avocado|cherry|plum|apricot|lab|olive"
    r"|date) (?:a |the |an |whole )?$"
)
_MIX_WORD = r"(?:mix|mixed|mixes|mixture|cross|crossed|crosses|crossbreed|mutt|blend|hybrid)"
_BREED = r"(?:BRD|BRO)"
_PAIR_MIX = re.compile(
    rf" (?P<a>{_BREED})(?: SPC)? (?:and |slash |/ |with |x |or |, )?(?:a )?(?P<b>{_BREED})(?: (?:or|and"
    rf"|,))?(?: (?P<c>{_BREED}))? (?:type |breed |puppy |STG |SPC )?{_MIX_WORD}(?= )"
)
_MIX_OF = re.compile(
    rf" {_MIX_WORD}(?: breed)? (?:of |between |with )?(?:a |an |half |maybe "
    rf"|like )*(?P<a>{_BREED})(?:(?: and| with| slash|,| x)(?: a| an| half"
    rf"| maybe)*(?: some)? (?P<b>{_BREED}))?(?= )"
)
_SIDE_BY_SIDE = re.compile(rf" (?P<a>{_BREED})(?: /)? (?P<b>{_BREED})(?= )")
_HALF = re.compile(rf" half (?P<a>{_BREED})(?: and| ,)?(?: half| part)? (?P<b>{_BREED})(?= )")
_MIX_AFTER = re.compile(
    rf" (?P<a>{_BREED}) (?:SPC |STG |type |terrier |or something |something |kind of )?{_MIX_WORD}(?= )"
)
_PART = re.compile(rf" (?:part|half|half a|quarter|mixed with|crossed with|mix with|has some) (?P<a>{_BREED})(?= )")
_NO_NAME = re.compile(
    r" (?:(?:he|she|it|PET|SPC) (?:'s|is)(?: (?:just|like|a|an|kind|of|basically|our|my|little|big|total"
    r"|real))*|my|our|a|an|DURy old|little|big)"
    r" (?P<m>mutt|muttley|mixed breed|mixed(?= (?:SPC|$))|mix breed|mix(?= (?:he|she|i|and|actually|so|but"
    r"|we|you|$)))(?= )"
)


_LISTED = re.compile(r"^ (?:(?:SEN|SEX|neutered|spayed|old|my|indoor|black|white|gray|orange|small|little|big) )*$")
"""All that stands before an animal at the beginning of a sentence: "male neutered tabby"."""


def read_species(scene: Scene) -> Iterator[FieldReading]:
    """Species from species words and from breeds.

    0.9 for the caller's own animal, down to 0.35 for animals in general ("do you see rabbits"); nothing for similes,
    "hot dog", "dog food", or another animal.
    """
    line = scene.line
    for at, chunk in enumerate(line.items):
        if chunk.symbol not in _ANIMAL or chunk.term is None:
            continue
        term = chunk.term
        confidence = _species_confidence(scene, at)
        if confidence:
            yield scene.reading("species", term.species, at, at, confidence, f"species-{term.kind}")


def _species_confidence(scene: Scene, at: int) -> float:
    line = scene.line
    chunk = line.items[at]
    term = chunk.term
    assert term is not None
    before = line.before(at, 7)
    if line.symbol(at + 1) in scene.signalment.not_after or line.symbol(at - 1) in scene.signalment.not_before:
        return 0.0
    if term.ordinary and not _ordinary_is_animal(scene, at):
        return 0.0
    if not scene.of_animal(at) or (_SIMILE.search(before) and not _LOOKS.search(before)):
        return 0.0
    if term.plural:
        return 0.6 if re.search(r" (?:have|got|our|my)(?: \S+)? $", before) else 0.35
    if _NOT_PATIENT.search(before):
        return 0.0
    if _OWNED.search(before):
        return 0.9
    if _IS_A.search(before):
        return 0.88
    if term.kind == "breed":
        return 0.8
    if _HAVE.search(before):
        return 0.75
    if line.symbol(at - 1) in ("the", "DURy", "old", "a", "her", "his", "SEX"):
        return 0.5
    if term.kind == "species" and _LISTED.search(line.before(at, 3)):
        return 0.5
    return 0.35 if term.stage else 0.0


def _ordinary_is_animal(scene: Scene, at: int) -> bool:
    """Whether an ordinary word ("lab", "pointer", "husky") is the animal here."""
    line = scene.line
    if line.symbol(at + 1) in scene.signalment.not_after:
        return False
    if re.match(rf" (?:SPC |STG |type |terrier )?{_MIX_WORD} ", line.after(at, 3)) or line.symbol(at + 1) in (
        "STG",
        "SPC",
        "pup",
    ):
        return True
    before = line.before(at, 8)
    if line.items[at].term is not None and line.symbol(at - 1) in ("BRD", "BRO"):
        return True
    return bool(_GATE.search(before)) and not _PLACE.search(before)


def read_breed(scene: Scene) -> Iterator[FieldReading]:
    """Breed, with ``mixed`` where it is said; two breeds are joined ("labrador poodle mixed")."""
    line = scene.line
    if not ("BR" in line.text or " mix" in line.text or " mutt" in line.text):
        return
    taken: set[int] = set()
    for pattern in (_PAIR_MIX, _HALF, _MIX_OF, _MIX_AFTER, _PART, _SIDE_BY_SIDE):
        for match in line.find(pattern):
            found = [line.group(match, name)[0] for name in ("a", "b", "c") if match.groupdict().get(name)]
            first, last = line.group(match)
            if taken.intersection(found) or (_other_animal(scene, first) and not _LIKE_A.search(line.before(first, 6))):
                continue
            taken.update(found)
            names = [term.breed for term in (line.items[place].term for place in found) if term is not None]
            if scene.of_animal(found[0]):
                yield scene.reading("breed", " ".join(names) + " mixed", first, last, 0.9, "breed-mixed")
    for at, chunk in enumerate(line.items):
        if chunk.symbol in ("BRD", "BRO") and at not in taken and chunk.term is not None:
            taken.add(at)
            confidence = _breed_confidence(scene, at)
            if confidence:
                yield scene.reading("breed", chunk.term.breed, at, at, confidence, "breed")
    if not taken:
        for match in line.find(_NO_NAME):
            first, last = line.group(match, "m")
            if scene.of_animal(first):
                yield scene.reading("breed", "mixed", first, last, 0.7, "breed-mixed")


def _other_animal(scene: Scene, at: int) -> bool:
    before = scene.line.before(at, 6)
    return bool(_NOT_PATIENT.search(before) or (_SIMILE.search(before) and not _LOOKS.search(before)))


def _breed_confidence(scene: Scene, at: int) -> float:
    line = scene.line
    chunk = line.items[at]
    before = line.before(at, 8)
    if line.symbol(at + 1) in scene.signalment.not_after or line.symbol(at - 1) in scene.signalment.not_before:
        return 0.0
    if not scene.of_animal(at) or _other_animal(scene, at):
        return 0.0
    if chunk.symbol == "BRO" and not _ordinary_is_animal(scene, at):
        return 0.0
    if chunk.term is not None and chunk.term.plural and not _SEVERAL.search(before):
        return 0.0
    if (
        chunk.term is not None
        and chunk.term.species in ("bird", "reptile")
        and not (_IS_A.search(before) or _OWNED.search(before) or _HAVE.search(before))
    ):
        return 0.0
    if _LOOKS.search(before):
        return 0.4
    if _IS_A.search(before):
        return 0.92
    return 0.85 if _GATE.search(before) or _OWNED.search(before) else 0.7
