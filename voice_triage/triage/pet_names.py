"""Reads the pet's name: plainly said, or in the weaker places where a caller first lets it fall."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from voice_triage.triage.name_line import TITLES, NameLine
from voice_triage.triage.readings import FieldReading

_PARENT = re.compile(
    r" (?:this is|i am|it 's|is) (?P<n>\S+) 's (?:mom|dad|owner|mommy|daddy|mama|mother|father|parent"
    r"|human|person)(?= )"
)
_AFTER_PET = re.compile(
    r"^ (?:'s|he|she|is|has|has not|was|who|my|our|and he|and she|sorry|,|again|had|his|her|they)(?= )"
)

_PET_STRONG = (
    (
        " name",
        re.compile(
            r" (?:his|her|its|it 's|their|the|PET 's|(?:SPC|BRD|BRO|STG|mix|one|SEX|baby)(?: 's)?) (?:full "
            r"|real )?names?(?: 's| is| are|(?= \S+ (?:$|and|he|she)))(?: (?:going to be|it 's|actually|is))*(?= )"
        ),
        "pet-name-is",
        0.95,
    ),
    (
        "ed ",
        re.compile(r" (?:SPC|BRD|BRO|STG|mix|mixed|SEX|one|he 's|she 's|is|and) (?:who 's |is )?(?:named|called)(?= )"),
        "pet-named",
        0.9,
    ),
    ("a", re.compile(r" (?:we|i) (?:named|call|called) (?:him|her|it)(?= )"), "pet-named", 0.8),
    ("o", re.compile(r" (?:goes by|by the name of|name of|answers to)(?= )"), "pet-named", 0.85),
)
_PET_WEAK = (
    (
        re.compile(
            r" (?:calling|call|called|here|in|emailed|messaged) (?:in )?(?:about|for|on|regarding|on behalf of"
            r"|to check on|with)(?: (?:my|our)(?: \S+){0,2}? (?:SPC|BRD|BRO|STG|SEX))?(?= )"
        ),
        "pet-calling-about",
        0.8,
    ),
    (
        re.compile(
            r" (?:it 's (?:for|about)|appointment for|appointment with|update on|refills? (?:for|on)"
            r"|checking on|check on|worried about|concerned about|wrong with|happening with|on with"
            r"|problem with"
            r"|question about|questions about|schedule|bring|bringing|drop off|pick up|records for"
            r"|prescription for|results for|medication for|meds for|food for|visit for|exam for)(?= )"
        ),
        "pet-for",
        0.65,
    ),
)
_PET_NOUN = re.compile(
    r" (?:my|our|the|other|a|another|his|her|this|old|'s)(?: (?!is|was|and|that|'s)\S+){0,2}? (?:SPC|BRD"
    r"|BRO|STG|one|mix|SEX|baby)(?= )"
)
_IS_ANIMAL = re.compile(
    r" (?P<n>\S+) (?:'s|is) (?:a|an|my|our|the)(?: (?!of|and|that|who|for|to|in)\S+){0,4}? (?:SEX|SPC|BRD"
    r"|BRO|STG|baby|guy)(?= )"
)
_NOT_ITS_NAME = re.compile(
    r" (?:my|husband|wife|vet|doctor|street|brand|product|last|first|company|medicine|medication|clinic"
    r"|drug)(?: 's)? $"
)
_ANIMAL = re.compile(r" (?:SPC|BRD|BRO|STG) ")
_SAID_OF_NAMES = frozenset({"being", "called", "registered", "listed", "spelled", "after", "because"})
_OWN = re.compile(r" (?:my|our) ")
_BEFORE_NAME = re.compile(r" (?P<n>\S+) , (?:my|our|the)(?: (?!is|was)\S+){0,3} (?:SPC|BRD|BRO|STG)(?= )")
_PEOPLE = frozenset(
    "daughter son husband wife sister brother mom dad mother father friend boyfriend girlfriend neighbor "
    "kid nephew niece roommate aunt uncle"
    " hi hello hey thanks you is am named street dr doctor miss mrs mr".split()
)
"""Words before a name that make it a person's, the CSR's, or one already read."""
_POSSESSED = re.compile(
    r" (?:need|get|got|about|for|schedule|make|book|pick up|refill|call about) (?P<n>\S+) 's(?= (?!owner"
    r"|mom|dad|name)\S+)"
)
_IS_NAME = re.compile(r" (?:it|he|she|this|that) (?:'s|is) (?P<n>\S+)(?= (?:$|he|she|and (?:he|she)|my|our|,))")
_ANSWER = re.compile(r"^ (?:yes |oh |okay |sure |PET )*(?P<n>\S+)(?= (?:and |he |she |his |her |$))")
_CLAUSE_START = frozenset(
    ["", *"and but so oh yes no okay because that think well then when hi now since great fine if like".split()]
)
_DOES = frozenset(
    "'s is has had was keeps kept ate got threw will did does started just never always swallowed seems "
    "needs loves hates may might can"
    " could would".split()
)
_OWNED_BY = frozenset({"name", "names", "owner", "mom", "dad", "of"})
_SPOKEN_TO = re.compile(
    r" (?:come on|hey|drop it|stop it|come here|leave it|easy|it 's okay|no no|hush|quiet|shh|good (?:SEX|STG))(?= )"
)
_TWICE = re.compile(r" (?P<n>[a-z]+) (?P=n)(?= )")
_THING_DOES = re.compile(
    r" (?:'s|is|has) (?:acting|eating|drinking|limping|vomiting|throwing|great|good|doing|been|fine|okay"
    r"|not|breathing|just|had|having|in a|on the"
    r"|under|at|sick|off|hurt|losing|lost|scratching|coughing|bleeding|overdue|due)(?= )"
)


def read_parent(names: NameLine) -> Iterator[FieldReading]:
    """A caller who is "Buddy's mom" names the pet and not the client."""
    for match in names.line.find(_PARENT):
        at = names.line.group(match, "n")[0]
        if names.sayable(at) and names.norm(at) not in ("dog", "cat"):
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.85, "pet-parent")


def read_pet_name(names: NameLine) -> Iterator[FieldReading]:
    """The pet's name, plain statements first."""
    yield from _pet_strong(names)
    yield from _pet_weak(names)


def _pet_strong(names: NameLine) -> Iterator[FieldReading]:
    line = names.line
    for needle, pattern, rule, confidence in _PET_STRONG:
        for match in line.find(pattern) if needle in line.text else ():
            first, last = line.group(match)
            at = last + 1
            if not names.sayable(at) or names.after_doctor(at) or not names.scene.of_pet(at):
                continue
            if rule == "pet-name-is" and _NOT_ITS_NAME.search(line.before(first, 2)) and not _ANIMAL.search(match[0]):
                continue
            if not _may_follow(names, at, rule):
                continue
            value, last = names.pet_value(at)
            yield names.scene.reading("pet_name", value, at, last, confidence, rule)


def _may_follow(names: NameLine, at: int, rule: str) -> bool:
    """Whether a word that ordinary English has too can be the name here."""
    word = names.norm(at)
    if word in TITLES or word in names.words.pets or word not in names.words.not_a_name:
        return True
    named = rule == "pet-name-is" or names.norm(at - 1) == "named"
    return named and word not in _SAID_OF_NAMES and not word.endswith(("ing", "ly"))


def _pet_weak(names: NameLine) -> Iterator[FieldReading]:
    line, words = names.line, names.words
    for pattern, rule, confidence in _PET_WEAK:
        for match in line.find(pattern):
            at = line.group(match)[1] + 1
            word = names.norm(at)
            if not names.plain(at) or names.after_doctor(at) or not names.scene.of_pet(at):
                continue
            known = word in words.pets or word in words.people
            followed = _AFTER_PET.match(line.after(at, 2)) is not None or line.symbol(at + 1) in (
                "in",
                "by",
                "back",
                "over",
            )
            ends = at + 1 == len(line.items)
            if rule == "pet-for" and word in words.things and not (followed or ends):
                continue
            if (known and (rule != "pet-for" or word in words.pets)) or (followed and rule == "pet-calling-about"):
                value, last = names.pet_value(at)
                yield names.scene.reading("pet_name", value, at, last, confidence, rule)
    for match in line.find(_PET_NOUN):
        at = line.group(match)[1] + 1
        if not names.plain(at) or not names.scene.of_pet(at) or names.norm(at) in names.scene.signalment.not_after:
            continue
        known, followed = names.pet(at) or names.capital(at), _AFTER_PET.match(line.after(at, 2)) is not None
        loose = line.symbol(at - 1) in ("one", "baby", "SEX") or (
            names.norm(at) in words.things and not _OWN.match(match[0])
        )  # "the other one Socks", "a dog spot-on": something must follow that only follows a name
        if followed if loose else (known or (followed and not names.norm(at).endswith(("ed", "ing", "es")))):
            value, last = names.pet_value(at)
            yield names.scene.reading("pet_name", value, at, last, 0.75 if known else 0.6, "pet-noun")
    for match in line.find(_IS_ANIMAL):
        at = line.group(match, "n")[0]
        if names.plain(at) and names.scene.of_pet(at) and not _determined(names, at):
            yield names.scene.reading(
                "pet_name", names.norm(at), at, at, 0.8 if names.pet(at) else 0.6, "pet-is-animal"
            )
    yield from _pet_known(names)


def _determined(names: NameLine, at: int) -> bool:
    """Whether an article or a possessive makes the word a thing or a person: "her tail's", "my mom's"."""
    before = names.line.symbol(at - 1)
    return before in (
        "the",
        "a",
        "an",
        "his",
        "her",
        "my",
        "our",
        "your",
        "their",
        "this",
        "that",
        "of",
        "in",
        "on",
    ) or (before.isupper() and before != "PET")


_COUNTING = frozenset("a an some the two three of".split())
"""Before a known name these make it a thing, which a name never is."""


def _pet_known(names: NameLine) -> Iterator[FieldReading]:
    """Places that need a name which pets are often called."""
    candidates = [at for at in range(len(names.line.items)) if names.pet(at)]
    if not candidates:
        return
    line, words = names.line, names.words
    for at in candidates:
        if names.scene.of_pet(at) and _subject_of_clause(names, at):
            unsure = names.norm(at) in words.people and line.text.count(f" {names.norm(at)} ") < 2
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.45 if unsure else 0.55, "pet-does")
    only_pets = words.pets - words.people - words.things - words.qualities
    for at in candidates:
        counted = at > 0 and names.norm(at - 1) in _COUNTING  # "he ate a brownie"
        if (
            not counted
            and names.norm(at) in only_pets
            and line.symbol(at - 1) not in _PEOPLE
            and names.scene.of_pet(at)
        ):
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.4, "pet-known")
    for pattern, confidence in ((_POSSESSED, 0.55), (_IS_NAME, 0.65), (_ANSWER, 0.5), (_BEFORE_NAME, 0.6)):
        for match in line.find(pattern):
            at = line.group(match, "n")[0]
            if at in candidates and names.scene.of_pet(at) and _means_pet(names, at, pattern):
                yield names.scene.reading("pet_name", names.norm(at), at, at, confidence, "pet-is")
    yield from _spoken_to(names, candidates)


def _means_pet(names: NameLine, at: int, pattern: re.Pattern[str]) -> bool:
    """Whether a known name that is also a quality, a person's or a thing's means the pet in this place."""
    line, words, word = names.line, names.words, names.norm(at)
    if pattern is _POSSESSED:
        return True
    pronoun = " he " in line.text or " she " in line.text
    if word in words.qualities or (word in words.people and not pronoun):
        return False
    after = line.after(at, 3)
    animate = " he " in after or " she " in after
    return pattern is not _ANSWER or not (word in words.people or (word in words.things and not animate))


def _spoken_to(names: NameLine, candidates: Sequence[int]) -> Iterator[FieldReading]:
    """Names that the caller calls out to the animal: "come on Gus", "Rocky Rocky"."""
    line = names.line
    called = [line.group(match)[1] + 1 for match in line.find(_SPOKEN_TO)]
    for match in line.find(_TWICE):
        at = line.group(match)[0]
        person = names.norm(at) in names.words.people or names.norm(at + 2) == "'s" or line.symbol(at - 1) == "is"
        if not person:
            called.append(at)
    for at in called:
        if at in candidates and line.symbol(at).islower():
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.5, "pet-spoken-to")


def _subject_of_clause(names: NameLine, at: int) -> bool:
    """Whether a known name begins a clause and does something: "oh Bandit's great", "so Biscuit's had one"."""
    line = names.line
    if (
        line.symbol(at - 1) not in _CLAUSE_START
        or line.symbol(at + 1) not in _DOES
        or (at + 2 >= len(line.items) and line.symbol(at + 1) not in ("never", "always", "does", "did", "has", "is"))
    ):
        return False
    if line.symbol(at + 2) in _OWNED_BY:
        return False
    if names.norm(at) in names.words.things and not _THING_DOES.match(line.after(at, 3)):
        return False
    person = names.norm(at) in names.words.people and line.text.count(f" {names.norm(at)} ") < 2
    return not person or (line.symbol(at + 1) == "'s" and line.symbol(at - 1) in ("", "hi", "so", "yes", "oh"))
