"""Clauses of unpunctuated speech: where they begin, who they are about, and in which time.

Losing the sentence boundary halves the precision of every negation library (`language.md`), so boundaries come from
what speech has: a subject with its verb, a conjunction, a pause, and punctuation where the text was written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.triage.cues import Cue
from voice_triage.triage.tokens import Utterance, is_punctuation

PAUSE_S = 0.6
"""A silence this long between two words ends a clause."""

_ALWAYS_SUBJECT = frozenset("he she they we i".split())
_SUBJECT_IF_VERB = frozenset(
    "it that this you there these those which who someone somebody nobody everything nothing what today".split()
)
_POSSESSED = frozenset("mine ours hers theirs yours".split())
"""Stand for the patient as a subject: "mine ate every bite"."""
_DEMONSTRATIVE = frozenset("this that these those".split())
_ONE = frozenset("one ones guy guys girl girls boy boys dog dogs cat cats little kid fella".split())
"""With a demonstrative these are a subject: "this one's just here for vaccines"."""
_BARE_NOUN = frozenset(
    "gums gum tongue eyes eye belly stomach tummy nose ears poop pee stool urine legs breathing temp temperature "
    "face mouth lips heart sides".split()
)
"""Parts that people name without an article: "... cool down gums are brick red"."""
_BEFORE_BARE_NOUN = frozenset(
    "him her it them me down up out off now today tonight here there yet too all again either anymore okay fine "
    "normal good well and but so".split()
)
_HANG_ON = (("hang", "on"), ("hold", "on"), ("excuse", "me"))
_AUXILIARY = frozenset(
    "'s is are was were am been be has have had 'd do does did can could will would should might may must 're "
    "'ve 'll gets got keeps kept".split()
)
_PLAIN_VERB = frozenset(
    "started stopped keeps kept looks looked seems seemed smells feels felt comes came goes went hurts happened "
    "says said just still also sounds sounded only really kind won all probably never always lasted took makes "
    "made turned swelled burst popped quit healed cleared ended passed".split()
)
"""What may follow "it" or "that" as its verb, or before it."""
_NOUN_VERB = frozenset("keeps kept started stopped looks seems hurts feels came went won".split())
_DETERMINER = frozenset("his her their its my our the your both one".split())
_PREPOSITION = frozenset(
    "in on of at to with from for up under over by about into out around off through against near behind beside "
    "between onto down across like than all if and or".split()
)
_NOT_REALLY_PREPOSITION = frozenset("and or all now like if around about up out down over off".split())
_IS_AFTER_NOUN = frozenset(
    "all just not been got so like really a still always pretty very kind probably never had fine okay swollen "
    "up the grand only too better worse full home sick back in on at out off under with around".split()
)
"""After a noun and "'s" these tell "his gums 's all white" (is) from "his mom 's house" (possessive)."""
_CONJUNCTION = frozenset(
    "but however although though because while when whenever until if unless except since then after before "
    "whereas otherwise yet so plus".split()
)
_A_WHILE = frozenset("a good long little great short quite that".split())
"""Before "while" these make it a stretch of time: "a good while back"."""
_ASKING = frozenset("do does did should could can would will is are was has".split())
_ASKED_OF = frozenset("i we you he she it they that this these those".split())
_NO_QUESTION_AFTER = frozenset(
    "what how when why where who which than as nor neither so only not and or but if that all whatever however now it "
    "he she they you we i there this whether just time to".split()
)
"""Before an auxiliary and its subject these make it no new question: "what does he", "nor did he", "it is he"."""
_BIDS = frozenset(
    "go please be can could what how do does did is are should will would when where who why yes no let my our your "
    "any".split()
)
"""Behind "so" these begin a statement, a question or a request; other words it only strengthens ("so weak")."""
_ALL_BUT = frozenset("anything nothing everything all".split())
"""As in "anything but pale": no new statement."""
_LINK = frozenset("and or but so because that if when then while until whenever plus though although since".split())
_DISCOURSE = frozenset("no yes okay well oh alright right sure hi hello hey actually sorry please thanks um uh".split())
_AFTER_REPORT = frozenset("me us that him her them like yesterday today just about".split())
_BEFORE_SUBJECT = frozenset("i mean like you know so now just yesterday".split())
_PASSED_OVER = _LINK | _DISCOURSE | _BEFORE_SUBJECT
_PRESENT = frozenset(
    "is are am 're has have keeps does do now 've still will can seems looks acts feels sounds wants gets goes "
    "walks runs eats drinks plays lets comes".split()
)
_PAST = frozenset(
    "was were had did went got came kept ate fell threw would could 'd ran bit drank stood shook bled broke felt "
    "took gave lost found saw said told made brought slept woke began sat tore peed stung flew lay swelled died".split()
)
_NO_PAST = frozenset("bleed need breed speed indeed exceed weed seed feed heed".split())
"""End in "ed" and are no past."""
_ASKED = (("you",), ("i",), ("we",), ("he",), ("she",), ("they",))
"""Behind an auxiliary these ask: what stands before it is not their subject."""
_NAMING = frozenset("the a his her their some these those bloody".split())
_NOT_HAS_DONE = frozenset("he she it that there everything who".split())
"""Before "'s" with anything but a participle behind it: "he 's fine" (is)."""
_DONE = frozenset("had gone got eaten taken thrown come run drunk bitten given".split())


class About(StrEnum):
    """Who a clause speaks of."""

    PET = "pet"
    CLIENT = "client"
    PERSON = "person"
    OTHER_ANIMAL = "other_animal"
    GENERIC = "generic"


@dataclass(slots=True)
class Clause:
    """Tokens ``first`` to ``last`` (inclusive) with one subject and verb."""

    first: int
    last: int
    link: str = ""
    """The conjunction that opens it, or nothing."""
    embedded: bool = False
    """It hangs on a verb of saying or thinking in the clause before it."""
    hard: bool = True
    """A new statement; phrases do not reach across its beginning."""
    about: About = About.PET
    past: bool = False
    """It tells of the past and not of now."""
    verbless: bool = False
    """No verb of either time in it."""
    subject: int = -1
    """Token of the subject, or -1."""


def split_clauses(utterance: Utterance, cues: Sequence[Cue], starts: Collection[int] = ()) -> list[Clause]:
    """The clauses of an utterance, in order, covering every token. ``starts`` are further known clause beginnings."""
    norms = utterance.norms
    if not norms:
        return []
    reporting = {cue.last for cue in cues if cue.name == "reporting"}
    begins: dict[int, Clause] = {0: Clause(0, 0, subject=_subject_at(norms, 0))}
    for at in range(1, len(norms)):
        begun = _beginning(utterance, at, reporting, starts)
        if begun is None:
            continue
        known = begins.get(begun.first)
        if known is None:
            begins[begun.first] = begun
        else:  # the conjunction before it has opened the clause already
            known.subject = begun.subject
            known.link = known.link or begun.link
    clauses = [begins[first] for first in sorted(begins)]
    for clause, following in zip(clauses, [*clauses[1:], None], strict=True):
        clause.last = following.first - 1 if following else len(norms) - 1
        past, present = _times(norms, clause, more=following is not None)
        clause.past = past and not present
        clause.verbless = not past and not present
    return clauses


def _beginning(utterance: Utterance, at: int, reporting: set[int], starts: Collection[int]) -> Clause | None:
    """The clause that begins because of token ``at``, perhaps at the conjunction before it; its end is not known."""
    norms = utterance.norms
    norm, before = norms[at], norms[at - 1]
    if is_punctuation(before):
        ends = before[0] in ".?!;\n" or (before[0] in ",-:(" and _opens_clause(norms, at))
        return Clause(at, at, subject=_subject_at(norms, at)) if ends else None
    if utterance.pause_before(at) >= PAUSE_S:
        return Clause(at, at, subject=_subject_at(norms, at))
    if at >= 2 and norms[at - 2 : at] in _HANG_ON and (norm in _DETERMINER or norm in _ALWAYS_SUBJECT):
        return Clause(at, at, subject=_subject_at(norms, at))
    if norm in _CONJUNCTION and _conjunction_opens(norms, at):
        return Clause(at, at, link=norm, subject=_subject_at(norms, at + 1))
    if _asks(norms, at):
        return Clause(at, at, subject=at + 1)
    if at not in starts and not _is_subject(norms, at):
        return None
    if before == "now" and at >= 2 and norms[at - 2] in ("and", "but", "so"):
        return Clause(at - 2, at - 2, link=norms[at - 2], subject=at)
    if before not in _LINK and before not in _CONJUNCTION:
        embedded = _after_report(norms, at - 1, reporting)
        return Clause(at, at, embedded=embedded, hard=not embedded, subject=at)
    embedded = at >= 2 and _after_report(norms, at - 2, reporting)
    link = "" if before == "that" and at >= 2 else before
    return Clause(at - 1, at - 1, link, embedded and before in ("that", "if"), not embedded, subject=at)


def _after_report(norms: Sequence[str], at: int, reporting: set[int]) -> bool:
    """Whether token ``at`` is a verb of saying or thinking, or a small word after one ("told me", "noticed that")."""
    for index in range(at, max(-1, at - 3), -1):
        if index in reporting:
            return True
        if norms[index] not in _AFTER_REPORT:
            return False
    return False


def _conjunction_opens(norms: Sequence[str], at: int) -> bool:
    norm = norms[at]
    following = norms[at + 1] if at + 1 < len(norms) else ""
    if norm in ("so", "since", "after", "before", "then", "yet", "plus"):
        if norm == "so" and at and norms[at - 1] in _AUXILIARY:
            return False  # "he's so weak"
        if norm == "then":
            return True
        if norm == "so" and following in _BIDS:
            return True
        return following in _ALWAYS_SUBJECT or _is_subject(norms, at + 1) or following in ("now", "then")
    if norm in ("but", "except") and at and norms[at - 1] in _ALL_BUT:
        return following in _ALWAYS_SUBJECT or _is_subject(norms, at + 1)
    if norm == "while" and at and norms[at - 1] in _A_WHILE:
        return False
    return not (norm in ("though", "but") and not following)


def _asks(norms: Sequence[str], at: int) -> bool:
    """Whether a question opens at ``at`` by its verb: "... on the leg | do i still need that vaccine"."""
    if norms[at] not in _ASKING or norms[at - 1] in _NO_QUESTION_AFTER or norms[at - 1] in _AUXILIARY:
        return False
    if not {"how", "what", "which", "whose"}.isdisjoint(norms[max(0, at - 4) : at]):
        return False  # "how much chocolate would it take"
    return at + 2 < len(norms) and norms[at + 1] in _ASKED_OF and norms[at + 2] not in _AUXILIARY


def _opens_clause(norms: Sequence[str], at: int) -> bool:
    return (
        _is_subject(norms, at)
        or norms[at] in _CONJUNCTION
        or (norms[at] not in _PREPOSITION and norms[at + 1 : at + 2] in (("is",), ("are",), ("was",), ("were",)))
        or (norms[at] in ("and", "or") and at + 1 < len(norms) and _is_subject(norms, at + 1))
    )


def _is_subject(norms: Sequence[str], at: int) -> bool:
    """Whether a subject with its verb begins at ``at``."""
    if at >= len(norms):
        return False
    norm = norms[at]
    before = norms[at - 1] if at else ""
    following = norms[at + 1] if at + 1 < len(norms) else ""
    governed = before in _PREPOSITION and before not in _NOT_REALLY_PREPOSITION
    if norm in _ALWAYS_SUBJECT:
        if norm == "i" and following == "mean":
            return False
        # "is he", "does she": a question's subject stands behind its verb and opens nothing
        return not (before in _AUXILIARY and before not in ("been", "'d"))
    if norm in _DEMONSTRATIVE and following in _ONE and not governed:
        verb = norms[at + 2] if at + 2 < len(norms) else ""
        return (verb in _AUXILIARY or verb in _PLAIN_VERB) and norms[at + 3 : at + 4] not in _ASKED
    if norm in _DEMONSTRATIVE and not governed and before not in _AUXILIARY:
        verb = norms[at + 2] if at + 2 < len(norms) else ""
        noun = following not in _AUXILIARY and following not in _PREPOSITION and following not in _ALWAYS_SUBJECT
        if (
            noun
            and verb in ("'s", "is", "was", "has", "are")
            and (norm != "that" or norms[at + 3 : at + 4] == ("still",))
        ):
            return True
    if norm in _SUBJECT_IF_VERB:
        if before in _AUXILIARY and before != "'s":
            return False
        if norm in ("that", "who", "which") and before and before not in _LINK and not is_punctuation(before):
            return norm == "that" and following in ("'s", "is", "was", "has")
        return following in _AUXILIARY or following in _PLAIN_VERB
    if norm in _POSSESSED:
        return bool(following) and following not in _PREPOSITION and following not in ("too", "and") and not governed
    if norm in _BARE_NOUN and (before in _BEFORE_BARE_NOUN or (before and is_punctuation(before))):
        return following in _AUXILIARY or following in _NOUN_VERB
    return norm in _DETERMINER and _noun_subject(norms, at)


def _noun_subject(norms: Sequence[str], at: int) -> bool:
    """Whether the noun after a determiner at ``at`` has a verb behind it: "his gums are", "the back legs just drag"."""
    before = norms[at - 1] if at else ""
    governed = before in _PREPOSITION or before in _AUXILIARY or before in _DETERMINER
    noun = norms[at + 1] if at + 1 < len(norms) else ""
    if not noun or noun in _CONJUNCTION or noun in _ALWAYS_SUBJECT or noun in _PREPOSITION or noun in _AUXILIARY:
        return False  # "we adopted her | and it's ..."
    if governed and before not in _NOT_REALLY_PREPOSITION:
        return False
    for verb in range(at + 2, min(at + 5, len(norms))):
        norm = norms[verb]
        if norm == "'s":
            if norms[verb - 1] in _BARE_NOUN:
                return True  # "his tongue 's purple"
            after = norms[verb + 1] if verb + 1 < len(norms) else ""
            return after.endswith("ing") or after in _IS_AFTER_NOUN
        if is_past(norm) and before in ("and", "but", "because"):
            return True  # "chocolate is bad and | my dog ate some"
        if norm in _AUXILIARY or norm in _NOUN_VERB:
            return norms[verb + 1 : verb + 2] not in _ASKED  # "ate my pills | would you"
        if norm in _PREPOSITION or norm in _CONJUNCTION or norm in _ALWAYS_SUBJECT or is_punctuation(norm):
            return False
    return False


def _subject_at(norms: Sequence[str], at: int) -> int:
    """The subject's token at a clause's beginning, past conjunctions and discourse words; -1 if there is none."""
    for index in range(at, min(at + 6, len(norms))):
        meant = norms[index] == "i" and tuple(norms[index + 1 : index + 2]) == ("mean",)
        if not meant and (_is_subject(norms, index) or norms[index] in _ALWAYS_SUBJECT):
            return index
        if norms[index] not in _PASSED_OVER:
            return -1
    return -1


def is_past(word: str) -> bool:
    """Whether a token is a verb of the past, by its form."""
    return word in _PAST or (word.endswith("ed") and len(word) > 4 and word not in _NO_PAST)


def _times(norms: Sequence[str], clause: Clause, *, more: bool) -> tuple[bool, bool]:
    """Whether a clause holds a verb of the past, and one of the present. ``more`` clauses follow it."""
    words = norms[clause.first : clause.last + 1]
    if more and len(words) > 1 and words[-1] == "now":
        words = words[:-1]  # "for a month she had diarrhea now | it 's perfect"
    past = any(is_past(word) for word in words)
    present = any(
        word in _PRESENT and not (index and word.endswith("s") and words[index - 1] in _NAMING)  # "he had the runs"
        for index, word in enumerate(words)
    ) or any(
        word == "'s"
        and index + 1 < len(words)
        and (
            words[index + 1].endswith("ing")
            or words[index + 1] in ("not", "still", "just", "been")
            or (
                index
                and words[index - 1] in _NOT_HAS_DONE
                and not words[index + 1].endswith("ed")
                and words[index + 1] not in _DONE
            )
        )
        for index, word in enumerate(words)
    )
    return past, present
