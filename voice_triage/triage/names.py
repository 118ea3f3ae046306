"""Reads the pet's and the client's name.

Plain statements ("his name's Zubin", "my name's Melissa Grant") take any word that is not a function word. Weaker ones
("my cat Willow she's ...", "oh Bandit's great", "come on Gus") need a name known from ``lexicons/names.toml`` or what follows
one. A recognizer gives no capitals, so the words around are all there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from voice_triage.triage.readings import FieldReading, Scene
from voice_triage.triage.signalment import NameWords

_FUNCTION = frozenset(
    "a an the not on in at is it he she they we you i me my his her its our your their this that these those be been was were am are do does did has have had"
    " to of for from with by as so um uh and but or if because just gonna going got get what who how when where why yes no okay like well oh 's 've 'd 'll"
    " there here then than too very really about up out off over all any some one ones"
    " right now know sorry wait actually still also maybe think mean".split()
)
_SURNAMES_ALSO_WORDS = frozenset(
    "white brown green gray grey black long young small king hill wood may day cook baker rose banks fields price bell ford fox wolf park lane street best love"
    " short west north south rich sharp stone waters rivers brooks woods bush marsh moon snow winter summers field weeks case hand head foot back house lamb bird"
    " drake swan finch crane dove chase page ward knight bishop pope duke earl prince noble miller mason carter potter".split()
)
_TITLES = frozenset(
    {
        "mister",
        "mr",
        "miss",
        "missus",
        "mrs",
        "ms",
        "lady",
        "sir",
        "princess",
        "prince",
        "king",
        "queen",
        "captain",
        "lord",
        "little",
        "big",
        "baby",
        "saint",
        "general",
        "sergeant",
        "doctor",
        "professor",
        "aunt",
        "uncle",
    }
)
_SECOND = frozenset(
    {
        "mae",
        "lou",
        "lu",
        "jo",
        "ann",
        "anne",
        "bear",
        "belle",
        "marie",
        "bean",
        "cat",
        "junior",
        "jr",
        "boo",
        "pie",
        "face",
        "bob",
        "roo",
        "girl",
        "boy",
    }
)
_PERSON_TITLES = frozenset({"mister", "mr", "miss", "missus", "mrs", "ms", "misses"})
_WORD = re.compile(r"[a-z][a-z'’]+")

_CLIENT = (
    (
        " name",
        re.compile(r" my (?:full |first )?names?(?: 's| is| would be| be)(?: (?:it 's|actually|gonna be))?(?= )"),
        "client-my-name",
        0.95,
    ),
    (" name", re.compile(r" (?:first|full) name(?: 's| is)?(?= )"), "client-first-name", 0.85),
    (
        " this is ",
        re.compile(
            r" this is(?: (?:his|her|their|PET 's|\S+ 's) (?:owner|mom|dad|mommy|daddy|person|mother|father|wife|husband))?(?= )"
        ),
        "client-this-is",
        0.85,
    ),
    (
        " under ",
        re.compile(
            r" (?:'s|be|is|account|file|records?|appointment|listed|are|that) under(?: (?:the|my) name(?: of| is)?)?(?= )"
        ),
        "client-under",
        0.7,
    ),
    (" ask for ", re.compile(r" ask for(?= )"), "client-ask-for", 0.6),
)
_CLIENT_GREETED = re.compile(
    r"(?:^| hi| hello| hey| yes| there| morning| afternoon| evening| thanks| thank you)(?: (?:hi|there|yes))* (?:i am|it 's)(?= )"
)
_CLIENT_CALLING = re.compile(r" (?P<n>\S+)(?: (?P<s>\S+))? (?:here|calling|speaking)(?= )")
_LAST_NAME = re.compile(r" (?:my )?last names?(?: 's| is)?(?= )")
_AFTER_CLIENT = re.compile(
    r"^ (?:$|calling|again|here|i |and |from|over|with|at|we |my |hi|so |yes|speaking|returning|about|,|\.|how|could|can|is |just|last name|on |down|PET|she |he |the |okay|in |thanks|thank|you|it|a |uh|our |'m|am |for|regarding)"
)
_AFTER_PET = re.compile(
    r"^ (?:'s|he|she|is|has|has not|was|who|my|our|and he|and she|sorry|,|again|had|his|her|they)(?= )"
)

_PET_STRONG = (
    (
        " name",
        re.compile(
            r" (?:his|her|its|it 's|their|the|PET 's|(?:SPC|BRD|BRO|STG|mix|one|SEX|baby)(?: 's)?) (?:full |real )?names?(?: 's| is|(?= \S+ (?:$|and|he|she)))(?: (?:going to be|it 's|actually|is))*(?= )"
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
    ("o", re.compile(r" (?:goes by|by the name of|answers to)(?= )"), "pet-named", 0.85),
)
_PET_WEAK = (
    (
        re.compile(
            r" (?:calling|call|called|here|in|emailed|messaged) (?:in )?(?:about|for|on|regarding|on behalf of|to check on|with)(?: (?:my|our)(?: \S+){0,2}? (?:SPC|BRD|BRO|STG|SEX))?(?= )"
        ),
        "pet-calling-about",
        0.8,
    ),
    (
        re.compile(
            r" (?:it 's (?:for|about)|appointment for|appointment with|update on|refills? (?:for|on)|checking on|check on|worried about|concerned about|wrong with|happening with|on with|problem with"
            r"|question about|questions about|schedule|bring|bringing|drop off|pick up|records for|prescription for|results for|medication for|meds for|food for|visit for|exam for)(?= )"
        ),
        "pet-for",
        0.65,
    ),
)
_PET_NOUN = re.compile(
    r" (?:my|our|the|other|a|another|his|her|this|old|'s)(?: (?!is|was|and|that|'s)\S+){0,2}? (?:SPC|BRD|BRO|STG|one|mix|SEX|baby)(?= )"
)
_IS_ANIMAL = re.compile(
    r" (?P<n>\S+) (?:'s|is) (?:a|an|my|our|the)(?: (?!of|and|that|who|for|to|in)\S+){0,4}? (?:SEX|SPC|BRD|BRO|STG|baby|guy)(?= )"
)
_POSSESSED = re.compile(
    r" (?:need|get|got|about|for|schedule|make|book|pick up|refill|call about) (?P<n>\S+) 's(?= (?!owner|mom|dad|name)\S+)"
)
_IS_NAME = re.compile(r" (?:it|he|she|this|that) (?:'s|is) (?P<n>\S+)(?= (?:$|he|she|and (?:he|she)|my|our|,))")
_ANSWER = re.compile(r"^ (?:yes |oh |okay |sure |PET )*(?P<n>\S+)(?= (?:and |he |she |his |her |$))")
_CLAUSE_START = frozenset(
    ["", *"and but so oh yes no okay because that think well then when hi now since great fine if like".split()]
)
_DOES = frozenset(
    "'s is has had was keeps kept ate got threw will did does started just never always swallowed seems needs loves hates may might can"
    " could would".split()
)
_OWNED_BY = frozenset({"name", "names", "owner", "mom", "dad", "of"})
_SPOKEN_TO = re.compile(
    r" (?:come on|hey|drop it|stop it|come here|leave it|easy|it 's okay|no no|hush|quiet|shh|good (?:SEX|STG))(?= )"
)
_TWICE = re.compile(r" (?P<n>[a-z]+) (?P=n)(?= )")
_PARENT = re.compile(
    r" (?:this is|i am|it 's|is) (?P<n>\S+) 's (?:mom|dad|owner|mommy|daddy|mama|mother|father|parent|human|person)(?= )"
)


class _Names:
    """One utterance's line and the name words, for the checks that all patterns share."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.line = scene.line
        self.words: NameWords = scene.signalment.names

    def norm(self, chunk: int) -> str:
        """The words of a chunk, symbols included; empty outside the line."""
        if not 0 <= chunk < len(self.line.items):
            return ""
        item = self.line.items[chunk]
        return " ".join(self.line.utterance.norms[item.first : item.last + 1])

    def sayable(self, chunk: int) -> bool:
        """Whether a chunk can be a name at all."""
        word = self.norm(chunk)
        symbol = self.line.symbol(chunk)
        if symbol[:3] in ("NUM", "DUR", "WEI", "CNT", "CLK", "DAY", "SPS", "SEN"):
            return False
        return _WORD.fullmatch(word) is not None and word not in _FUNCTION

    def plain(self, chunk: int) -> bool:
        """Whether a chunk is a word that is not ordinary English, so may be a name in a weaker place."""
        symbol = self.line.symbol(chunk)
        return (
            self.sayable(chunk)
            and (symbol == "PET" or symbol.islower())
            and self.norm(chunk) not in self.words.not_a_name
        )

    def pet(self, chunk: int) -> bool:
        """Whether a chunk is a known name of pets and not only an endearment."""
        word = self.norm(chunk)
        return word in self.words.pets and word not in self.words.endearments and word not in self.words.not_a_name

    def after_doctor(self, chunk: int) -> bool:
        """Whether "doctor" stands before: the veterinarian's name."""
        before = self.norm(chunk - 1)
        return before in ("doctor", "dr") or before == "." and self.norm(chunk - 2) == "dr"

    def pet_value(self, chunk: int) -> tuple[str, int]:
        """The pet's name that begins at a chunk and its last chunk; two words where the first is a title or the second a usual one."""
        word, last = self.norm(chunk), chunk
        following = chunk + 1 + (self.norm(chunk + 1) == ".")
        second = self.norm(following)
        if (word in _TITLES and self.sayable(following)) or (
            second in _SECOND and self.line.symbol(following).islower()
        ):
            return f"{word} {second}", following
        return word, last


def read_names(scene: Scene) -> Iterator[FieldReading]:
    """Pet and client names."""
    names = _Names(scene)
    parents = list(_parents(names))
    yield from parents
    yield from _client(names, taken={reading.first for reading in parents})
    yield from _pet_strong(names)
    yield from _pet_weak(names)


def _parents(names: _Names) -> Iterator[FieldReading]:
    for match in names.line.find(_PARENT):
        at = names.line.group(match, "n")[0]
        if names.sayable(at) and names.norm(at) not in ("dog", "cat"):
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.85, "pet-parent")


def _client(names: _Names, taken: set[int]) -> Iterator[FieldReading]:
    line = names.line
    found = False
    for needle, pattern, rule, confidence in _CLIENT:
        for match in line.find(pattern) if needle in line.text else ():
            at = line.group(match)[1] + 1
            if at >= len(line.items) or line.items[at].first in taken:
                continue
            person = _person(names, at, strong=rule in ("client-my-name", "client-first-name", "client-under"))
            if person is not None:
                found = True
                yield names.scene.reading("client_name", person[0], at, person[1], confidence, rule)
    if not found:
        for match in line.find(_CLIENT_GREETED):
            at = line.group(match)[1] + 1
            if names.norm(at) in names.words.people and names.norm(at + 1) != "'s":
                person = _person(names, at, strong=False)
                if person is not None:
                    found = True
                    yield names.scene.reading("client_name", person[0], at, person[1], 0.65, "client-greeted")
    if not found:
        yield from _it_is_person(names)
        yield from _calling(names)
        yield from _last_name(names)


def _person(names: _Names, at: int, *, strong: bool) -> tuple[str, int] | None:
    """Given name and surname that begin at a chunk, and the last chunk; "rachel rachel kim" is one name said again."""
    line, words = names.line, names.words
    if names.norm(at) in _PERSON_TITLES:
        at += 1 + (names.norm(at + 1) == ".")
        strong = True
    given = names.norm(at)
    known = given in words.people
    if not names.sayable(at) or names.after_doctor(at) or not (known or strong or names.plain(at)):
        return None
    if (
        given in words.not_a_name
        and not known
        or strong
        and given in ("being", "listed", "spelled")
        or names.norm(at + 1) == "'s"
    ):
        return None
    last = at
    while names.norm(last + 1) == given:
        last += 1
    value = given
    joined = re.match(r" (?:and )?(?:my )?last names?(?: 's| is)? (?P<s>\S+)(?= )", line.after(last, 7))
    surname_at = last + 1
    if joined:
        surname_at = line.index(line.starts[last + 1] + joined.start("s") - 1)
        if names.sayable(surname_at):
            return f"{given} {names.norm(surname_at)}", surname_at
    if _surname(names, surname_at):
        value, last = f"{given} {names.norm(surname_at)}", surname_at
    if strong or known or _AFTER_CLIENT.match(line.after(last, 2)):
        return value, last
    return None


def _surname(names: _Names, at: int) -> bool:
    word = names.norm(at)
    if not names.sayable(at) or names.line.symbol(at)[:2] in ("PE", "SP", "ST", "SE"):
        return False
    if word in _SURNAMES_ALSO_WORDS:
        return re.match(r" (?:$|and|i |calling|from|with|my|his|her|i|,|\.)", names.line.after(at, 1)) is not None
    if word in names.words.not_a_name or len(word) < 2 or names.line.symbol(at).isupper():
        return False
    return not re.search(r"(?:ing|ed)$", word) or word in names.words.people or len(word) <= 4


_IT_IS = re.compile(r" it 's(?= )")


def _it_is_person(names: _Names) -> Iterator[FieldReading]:
    """ "It's Tanya Brooks": only with a surname, since "it's Max" is as likely the pet."""
    for match in names.line.find(_IT_IS):
        at = names.line.group(match)[1] + 1
        if names.norm(at) in names.words.people and _surname(names, at + 1):
            value = f"{names.norm(at)} {names.norm(at + 1)}"
            yield names.scene.reading("client_name", value, at, at + 1, 0.6, "client-it-is")


def _calling(names: _Names) -> Iterator[FieldReading]:
    line = names.line
    for match in line.find(_CLIENT_CALLING):
        for key in ("n", "s"):
            if match[key] is None:
                continue
            at = line.group(match, key)[0]
            before = names.norm(at - 1)
            if names.norm(at) in names.words.people and before in (
                "",
                "hi",
                "hello",
                "hey",
                "'s",
                "yes",
                "there",
                "is",
                "am",
            ):
                last = at + 1 if key == "n" and match["s"] and _surname(names, at + 1) else at
                value = " ".join(names.norm(place) for place in range(at, last + 1))
                yield names.scene.reading("client_name", value, at, last, 0.6, "client-calling")
                return


def _last_name(names: _Names) -> Iterator[FieldReading]:
    for match in names.line.find(_LAST_NAME):
        at = names.line.group(match)[1] + 1
        if names.sayable(at) and names.line.symbol(at).islower():
            known = names.scene.context.values.get("client_name", "")
            value = f"{known} {names.norm(at)}" if known and " " not in known else names.norm(at)
            yield names.scene.reading("client_name", value, at, at, 0.8 if known else 0.6, "client-last-name")


def _pet_strong(names: _Names) -> Iterator[FieldReading]:
    line = names.line
    for needle, pattern, rule, confidence in _PET_STRONG:
        for match in line.find(pattern) if needle in line.text else ():
            at = line.group(match)[1] + 1
            if not names.sayable(at) or names.after_doctor(at) or not names.scene.of_pet(at):
                continue
            if (
                re.search(
                    r" (?:my|husband|wife|vet|doctor|street|brand|product|last|first|company|medicine|medication|clinic|drug)(?: 's)? $",
                    line.before(line.group(match)[0], 2),
                )
                and rule == "pet-name-is"
            ):
                if not re.search(r" (?:SPC|BRD|BRO|STG) ", match[0]):
                    continue
            if names.norm(at) in names.words.not_a_name and not names.norm(at) in names.words.pets:
                if (
                    rule != "pet-name-is"
                    or re.search(r"(?:ing|ly)$", names.norm(at))
                    or names.norm(at) in ("being", "called", "registered", "listed", "spelled")
                ):
                    continue
            value, last = names.pet_value(at)
            yield names.scene.reading("pet_name", value, at, last, confidence, rule)


def _pet_weak(names: _Names) -> Iterator[FieldReading]:
    line, words = names.line, names.words
    for pattern, rule, confidence in _PET_WEAK:
        for match in line.find(pattern):
            at = line.group(match)[1] + 1
            word = names.norm(at)
            if not names.plain(at) or names.after_doctor(at) or not names.scene.of_pet(at):
                continue
            known = word in words.pets or word in words.people
            followed = _AFTER_PET.match(line.after(at, 2)) is not None or line.symbol(at + 1) in ("in", "by", "back", "over")
            ends = at + 1 == len(line.items)
            if rule == "pet-for" and word in words.things and not (followed or ends):
                continue
            if known and (rule != "pet-for" or word in words.pets) or followed and rule == "pet-calling-about":
                value, last = names.pet_value(at)
                yield names.scene.reading("pet_name", value, at, last, confidence, rule)
    for match in line.find(_PET_NOUN):
        at = line.group(match)[1] + 1
        if not names.plain(at) or not names.scene.of_pet(at):
            continue
        known, followed = names.pet(at), _AFTER_PET.match(line.after(at, 2)) is not None
        one = line.symbol(at - 1) in ("one", "baby", "SEX")
        if known and (followed or not one) or followed and not re.search(r"(?:ed|ing|es)$", names.norm(at)) and not one:
            value, last = names.pet_value(at)
            yield names.scene.reading("pet_name", value, at, last, 0.75 if known else 0.6, "pet-noun")
    for match in line.find(_IS_ANIMAL):
        at = line.group(match, "n")[0]
        if names.plain(at) and names.scene.of_pet(at) and not _determined(names, at):
            yield names.scene.reading(
                "pet_name", names.norm(at), at, at, 0.8 if names.pet(at) else 0.6, "pet-is-animal"
            )
    yield from _pet_known(names)


def _determined(names: _Names, at: int) -> bool:
    """Whether an article, a possessive or a kinship word makes the word a thing or a person: "her tail's", "my mom's"."""
    before = names.line.symbol(at - 1)
    return (
        before in ("the", "a", "an", "his", "her", "my", "our", "your", "their", "this", "that", "of", "in", "on")
        or before.isupper()
        and before != "PET"
    )


def _pet_known(names: _Names) -> Iterator[FieldReading]:
    """Places that need a name which pets are often called."""
    candidates = [at for at in range(len(names.line.items)) if names.pet(at)]
    if not candidates:
        return
    line, words = names.line, names.words
    for at in candidates:
        if names.scene.of_pet(at) and _subject_of_clause(names, at):
            unsure = names.norm(at) in words.people and line.text.count(f" {names.norm(at)} ") < 2
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.45 if unsure else 0.55, "pet-does")
    for pattern, confidence in ((_POSSESSED, 0.55), (_IS_NAME, 0.65), (_ANSWER, 0.5)):
        for match in line.find(pattern):
            at = line.group(match, "n")[0]
            word = names.norm(at)
            if (
                at not in candidates
                or not names.scene.of_pet(at)
                or word in words.qualities
                and pattern is not _POSSESSED
            ):
                continue
            if (
                pattern is not _POSSESSED
                and word in words.people
                and " he " not in line.text
                and " she " not in line.text
            ):
                continue
            if pattern is _ANSWER and word in words.things | words.people:
                continue
            yield names.scene.reading("pet_name", word, at, at, confidence, "pet-is")
    for match in line.find(_SPOKEN_TO):
        at = line.group(match)[1] + 1
        if at in candidates and line.symbol(at).islower():
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.5, "pet-spoken-to")
    for match in line.find(_TWICE):
        at = line.group(match)[0]
        person = names.norm(at) in words.people or names.norm(at + 2) == "'s" or line.symbol(at - 1) == "is"
        if at in candidates and not person:
            yield names.scene.reading("pet_name", names.norm(at), at, at, 0.5, "pet-spoken-to")


def _subject_of_clause(names: _Names, at: int) -> bool:
    """Whether a known name begins a clause and does something: "oh Bandit's great", "so Biscuit's had one runny poop"."""
    line = names.line
    if line.symbol(at - 1) not in _CLAUSE_START or line.symbol(at + 1) not in _DOES or at + 2 >= len(line.items):
        return False
    if line.symbol(at + 2) in _OWNED_BY:
        return False
    if names.norm(at) in names.words.things and not _THING_DOES.match(line.after(at, 3)):
        return False
    person = names.norm(at) in names.words.people and line.text.count(f" {names.norm(at)} ") < 2
    return not person or (line.symbol(at + 1) == "'s" and line.symbol(at - 1) in ("", "hi", "so", "yes", "oh"))


_THING_DOES = re.compile(
    r" (?:'s|is|has) (?:acting|eating|drinking|limping|vomiting|throwing|great|good|doing|been|fine|okay|not|breathing|just|had|having|in a|on the"
    r"|under|at|sick|off|hurt|losing|lost|scratching|coughing|bleeding|overdue|due)(?= )"
)
