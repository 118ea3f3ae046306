"""Reads the client's name: "my name's Melissa Grant", "this is Tony", "it's under Denise Walker"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from voice_triage.triage.name_line import NameLine
from voice_triage.triage.readings import FieldReading

_SURNAMES_ALSO_WORDS = frozenset(
    "white brown green gray grey black long young small king hill wood may day cook baker rose banks "
    "fields price bell ford fox wolf park lane street best love"
    " short west north south rich sharp stone waters rivers brooks woods bush marsh moon snow winter "
    "summers field weeks case hand head foot back house lamb bird"
    " drake swan finch crane dove chase page ward knight bishop pope duke earl prince noble miller mason "
    "carter potter".split()
)
_PERSON_TITLES = frozenset({"mister", "mr", "miss", "missus", "mrs", "ms", "misses"})
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
            r" this is(?: (?:his|her|their|PET 's|\S+ 's) (?:owner|mom|dad|mommy|daddy|person|mother|father"
            r"|wife|husband))?(?= )"
        ),
        "client-this-is",
        0.85,
    ),
    (
        " under ",
        re.compile(
            r" (?:'s|be|is|account|file|records?|appointment|listed|are|that) under(?: (?:the|my) name(?: of"
            r"| is)?)?(?= )"
        ),
        "client-under",
        0.7,
    ),
    (" ask for ", re.compile(r" ask for(?= )"), "client-ask-for", 0.6),
)
_CLIENT_GREETED = re.compile(
    r"(?:^| hi| hello| hey| yes| there| morning| afternoon| evening| thanks| thank you)(?: (?:hi|there"
    r"|yes))* (?:i am|it 's)(?= )"
)
_CLIENT_CALLING = re.compile(r" (?P<n>\S+)(?: (?P<s>\S+))? (?:here|calling|speaking)(?= )")
_LAST_NAME = re.compile(r" (?:my )?last names?(?: 's| is)?(?= )")
_AFTER_CLIENT = re.compile(
    r"^ (?:$|calling|again|here|i |and |from|over|with|at|we |my |hi|so |yes|speaking|returning|about|,|\."
    r"|how|could|can|is |just|last name|on |down|PET|she |he |the |okay|in |thanks|thank|you|it|a |uh|our "
    r"|'m|am |for|regarding)"
)
_I_AM = re.compile(r" i am(?= )")
_ENDS_NAME = re.compile(r"^ (?:$|and (?:my|his|her|the|i)|my (?:number|phone|name)|calling|with|from)")
_IT_IS = re.compile(r" it 's(?= )")
_NAME_IS = re.compile(r"^ (?:hi |yes |okay |sure |the )*name 's(?= )")


def read_client_name(names: NameLine, taken: Set[int]) -> Iterator[FieldReading]:
    """The client's name; ``taken`` are tokens already read as the pet's ("this is Buddy's mom")."""
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
        introduced = list(_i_am(names))
        yield from introduced
        found = bool(introduced)
    if not found:
        yield from _it_is_person(names)
        yield from _calling(names)
        yield from _last_name(names)


def _person(names: NameLine, at: int, *, strong: bool) -> tuple[str, int] | None:
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
        (given in words.not_a_name and not known)
        or (strong and given in ("being", "listed", "spelled"))
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


def _surname(names: NameLine, at: int) -> bool:
    word = names.norm(at)
    if not names.sayable(at) or names.line.symbol(at)[:2] in ("PE", "SP", "ST", "SE"):
        return False
    if word in _SURNAMES_ALSO_WORDS:
        return re.match(r" (?:$|and|i |calling|from|with|my|his|her|i|,|\.)", names.line.after(at, 1)) is not None
    if word in names.words.not_a_name or len(word) < 2 or names.line.symbol(at).isupper():
        return False
    return not re.search(r"(?:ing|ed)$", word) or word in names.words.people or len(word) <= 4


def _i_am(names: NameLine) -> Iterator[FieldReading]:
    """A name after "I'm" anywhere: "his name's Hank and I'm Ellen Pruitt"; a given name alone only before a pause."""
    for match in names.line.find(_I_AM):
        at = names.line.group(match)[1] + 1
        given = names.norm(at)
        if not names.plain(at) or given not in names.words.people | names.words.pets or names.norm(at + 1) == "'s":
            continue
        if _surname(names, at + 1) and (names.plain(at + 1) or names.norm(at + 1) in _SURNAMES_ALSO_WORDS):
            value = f"{given} {names.norm(at + 1)}"
            yield names.scene.reading("client_name", value, at, at + 1, 0.8, "client-i-am")
        elif given in names.words.people and _ENDS_NAME.match(names.line.after(at, 2)):
            yield names.scene.reading("client_name", given, at, at, 0.55, "client-i-am")


def _it_is_person(names: NameLine) -> Iterator[FieldReading]:
    """A name after "it's" (Tanya Brooks): only with a surname, since "it's Max" is as likely the pet."""
    for match in names.line.find(_NAME_IS):
        at = names.line.group(match)[1] + 1
        if names.norm(at) in names.words.people - names.words.pets:
            person = _person(names, at, strong=True)
            if person is not None:
                yield names.scene.reading("client_name", person[0], at, person[1], 0.6, "client-name-is")
    for match in names.line.find(_IT_IS):
        at = names.line.group(match)[1] + 1
        if names.norm(at) in names.words.people and _surname(names, at + 1):
            value = f"{names.norm(at)} {names.norm(at + 1)}"
            yield names.scene.reading("client_name", value, at, at + 1, 0.6, "client-it-is")


def _calling(names: NameLine) -> Iterator[FieldReading]:
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


def _last_name(names: NameLine) -> Iterator[FieldReading]:
    for match in names.line.find(_LAST_NAME):
        at = names.line.group(match)[1] + 1
        if names.sayable(at) and names.line.symbol(at).islower():
            known = names.scene.context.values.get("client_name", "")
            value = f"{known} {names.norm(at)}" if known and " " not in known else names.norm(at)
            yield names.scene.reading("client_name", value, at, at, 0.8 if known else 0.6, "client-last-name")
