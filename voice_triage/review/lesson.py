"""A learner's flags of a kept call beside what a person has made of it: found, missed, too many, and how much sooner.

The answer key rests on the supervisor. A flag of the call is in it unless the supervisor judged it a false alarm; one
that was withdrawn only if the supervisor judged it right. Words that the supervisor marked as missed are in it too.
Each category of each pet is in it once, whoever named it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.desk_card import DeskCard
from voice_triage.events import FlagRaised, FlagState, Logged, MissMarked, Verdict
from voice_triage.flag_card import FlagCard
from voice_triage.review.sheet import ReviewSheet, review_sheet


@dataclass(frozen=True, slots=True)
class Decision:
    """The learner would have raised this flag."""

    category: str
    at_s: float
    """Seconds of the call that had been heard by then."""


class KeySource(StrEnum):
    """Who says that there was something to flag."""

    PRODUCT = "product"
    """The product raised it in the call."""
    CSR = "csr"
    """Only the CSR did."""
    SUPERVISOR = "supervisor"
    """Nobody did in the call; the supervisor marked its words as missed."""


@dataclass(frozen=True, slots=True)
class KeyFlag:
    """One flag of the answer key. Times are seconds of the call."""

    category: str
    pet: int
    source: KeySource
    words: str
    """The client's words it first rests on; empty for a flag that only the CSR raised."""
    start_s: float
    end_s: float
    """Of those words; both the moment of being raised where there are none."""
    shown_s: float | None
    """When it was first shown, or the CSR raised it; None if nobody did."""
    judged: bool
    """The supervisor said so; else it stands in the call and was not judged."""


@dataclass(frozen=True, slots=True)
class Found:
    """The learner flagged what is in the key."""

    flag: KeyFlag
    at_s: float
    after_words_s: float
    """From the end of the words to the learner's flag; below 0: before they had been said."""
    after_shown_s: float | None
    """From the flag in the call to the learner's; below 0: the learner was sooner. None if nobody had raised it."""


class Why(StrEnum):
    """Why a flag of the learner's is in no place of the key."""

    FALSE_ALARM = "false_alarm"
    """The call had that flag, and the supervisor judged it a false alarm."""
    WITHDRAWN = "withdrawn"
    """The call had it for a while; it was withdrawn, and nobody judged it right."""
    AGAIN = "again"
    """That category was found already."""
    NOT_IN_KEY = "not_in_key"
    """Nobody flagged that."""


@dataclass(frozen=True, slots=True)
class Extra:
    """The learner flagged what is not in the key, or once more."""

    category: str
    at_s: float
    why: Why


@dataclass(frozen=True, slots=True)
class Comparison:
    """Each flag of the key is found or missed, each of the learner's is found or extra: once."""

    found: tuple[Found, ...]
    """In the order of their words, like the missed ones."""
    missed: tuple[KeyFlag, ...]
    extra: tuple[Extra, ...]
    """In the order in which they were flagged."""


def answer_key(log: Sequence[Logged]) -> tuple[KeyFlag, ...]:
    """What there was to flag in a call, in the order of the words."""
    sheet = review_sheet(log)
    key = {
        (flag.category, flag.pet): _of_call(flag, log, sheet)
        for flag in DeskCard.of(log).card().flags
        if _why_not(flag, sheet) is None
    }
    for miss in sheet.misses:
        place = (miss.event.category, miss.event.pet)
        key[place] = _with_missed(key.get(place), miss.event)
    return tuple(sorted(key.values(), key=lambda flag: (flag.start_s, flag.end_s, flag.category, flag.pet)))


def compared(log: Sequence[Logged], decisions: Iterable[Decision]) -> Comparison:
    """The learner's decisions beside the key.

    A decision names no pet. It is taken for the flag of its category whose words had begun last by then; if none had,
    for the first one still to come: to know sooner than the product is what the learner is here for.
    """
    key = answer_key(log)
    sheet = review_sheet(log)
    why_not = {
        flag.category: why for flag in DeskCard.of(log).card().flags if (why := _why_not(flag, sheet)) is not None
    }
    categories = {flag.category for flag in key}
    left = list(key)
    found: dict[KeyFlag, Found] = {}
    extra: list[Extra] = []
    for decision in sorted(decisions, key=lambda decision: (decision.at_s, decision.category)):
        of_it = [flag for flag in left if flag.category == decision.category]
        if not of_it:
            why = Why.AGAIN if decision.category in categories else why_not.get(decision.category, Why.NOT_IN_KEY)
            extra.append(Extra(decision.category, decision.at_s, why))
            continue
        begun = [flag for flag in of_it if flag.start_s <= decision.at_s]
        flag = begun[-1] if begun else of_it[0]
        left.remove(flag)
        found[flag] = _found(flag, decision.at_s)
    return Comparison(tuple(found[flag] for flag in key if flag in found), tuple(left), tuple(extra))


def _found(flag: KeyFlag, at_s: float) -> Found:
    after_shown_s = None if flag.shown_s is None else round(at_s - flag.shown_s, 3)
    return Found(flag, at_s, round(at_s - flag.end_s, 3), after_shown_s)


def _why_not(flag: FlagCard, sheet: ReviewSheet) -> Why | None:
    """Why a flag of the call is not in the key; None if it is."""
    judged = sheet.verdicts.get((flag.category, flag.pet))
    if judged is not None:
        return None if judged.event.verdict is Verdict.RIGHT else Why.FALSE_ALARM
    return Why.WITHDRAWN if flag.state is FlagState.WITHDRAWN else None


def _of_call(flag: FlagCard, log: Sequence[Logged], sheet: ReviewSheet) -> KeyFlag:
    # The card has the newest words; how soon a flag was depends on the first ones.
    first = next(
        (
            logged.event
            for logged in log
            if isinstance(logged.event, FlagRaised)
            and (logged.event.category, logged.event.at_s) == (flag.category, flag.shown_at_s)
        ),
        None,
    )
    judged = (flag.category, flag.pet) in sheet.verdicts
    source = KeySource.CSR if flag.utterance < 0 else KeySource.PRODUCT
    told = flag if first is None else first
    return KeyFlag(flag.category, flag.pet, source, told.evidence, told.start_s, told.end_s, flag.shown_at_s, judged)


def _with_missed(flag: KeyFlag | None, miss: MissMarked) -> KeyFlag:
    """A missed mark of a category that is in the key already gives it its words, if they were said sooner."""
    if flag is None:
        source, shown_s = KeySource.SUPERVISOR, None
    elif flag.start_s <= miss.start_s:
        return flag
    else:
        source, shown_s = flag.source, flag.shown_s
    return KeyFlag(miss.category, miss.pet, source, miss.text, miss.start_s, miss.end_s, shown_s, judged=True)
