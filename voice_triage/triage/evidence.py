"""Evidence weighed: what the words of a passage together say of a finding that no rule has decided on.

People end, date and disown findings in more ways than any list of cues holds ("and by noon she'd worked clean out of
it"). Where the rules leave a finding standing, every word, cue and clause around it is given the weight that it had in
the project's own trap sentences, owners' messages and calls (``scripts/fit_evidence.py``): a multinomial logistic
regression. Only where its sum speaks plainly against *present* does the finding get another status; in doubt it stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from voice_triage.events import Status
from voice_triage.triage.clauses import About
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.subjects import is_on_behalf

STATUSES = (
    Status.PRESENT,
    Status.NEGATED,
    Status.HISTORICAL,
    Status.HYPOTHETICAL,
    Status.OTHER_SUBJECT,
    Status.RESOLVED,
)
"""In the order of the weights."""
ENOUGH = {
    Status.NEGATED: 0.9,
    Status.HISTORICAL: 0.6,
    Status.HYPOTHETICAL: 0.7,
    Status.OTHER_SUBJECT: 0.65,
    Status.RESOLVED: 0.65,
}
"""So probable must it be that a finding is not present, by what it would be instead. Measured on trap sentences left
out in fitting: from 0.6 five statuses were put right for each present finding lost; of denials one for one."""
WORDS = 10
"""Of shorter passages the rules see the whole; what is told in few words gives too little to weigh."""
KINDS = frozenset("finding exposure substance object".split())
"""Kinds of concepts that are weighed; the others carry fields and answers."""
SCALE = 3.0
"""The sum of the weights is divided by the root of their number, times this: long passages count no more than short."""
UNIT = 100
"""The file holds whole hundredths."""
NEAR = 3
"""Within so many tokens of the finding a word counts by its distance too."""
_WEIGHTS = Path(__file__).with_name("evidence.tsv")
_BIAS = "bias"
_OF_NOW = frozenset("today tonight now because".split())
_AGO = frozenset("ago last year years month months".split())

Weights = Mapping[str, tuple[float, ...]]
"""Feature -> a weight for each of ``STATUSES``."""


def features(passage: Passage, match: Match) -> Iterator[str]:
    """What is weighed for one match: words, pairs of words, cues and clauses, by their place around the match.

    Each is one text such as ``W:monday`` (a word anywhere), ``A:monday`` (behind the finding), ``A1:monday`` (right
    behind it), ``P:by monday`` (a pair), ``C:well:Ao`` (a cue of the list *well* behind it in another clause).
    """
    norms = passage.norms
    for at, norm in enumerate(norms):
        if match.first <= at <= match.last:
            yield f"I:{norm}"
        elif at < match.first:
            yield f"B:{norm}"
            if match.first - at <= NEAR:
                yield f"B{match.first - at}:{norm}"
        else:
            yield f"A:{norm}"
            if at - match.last <= NEAR:
                yield f"A{at - match.last}:{norm}"
    yield from _shared(norms)
    yield from _cues(passage, match)
    yield from _clauses(passage, match)
    yield from _concept(passage, match)


def _concept(passage: Passage, match: Match) -> Iterator[str]:
    yield f"kind:{passage.kind(match)}"
    yield f"event:{passage.event(match)}"
    yield f"category:{passage.category(match)}"


def _shared(norms: Sequence[str]) -> Iterator[str]:
    for norm in norms:
        yield f"W:{norm}"
    for one, two in pairwise(norms):
        yield f"P:{one} {two}"


def _cues(passage: Passage, match: Match) -> Iterator[str]:
    number = passage.clause_of[match.first]
    for name in passage.cue_names():
        for cue in passage.cues(name):
            if match.first <= cue.first <= match.last:
                yield f"C:{name}:I"
                continue
            side = "B" if cue.last < match.first else "A"
            yield f"C:{name}:{side}"
            yield f"C:{name}:{side}{'s' if passage.clause_of[cue.first] == number else 'o'}"


def _clauses(passage: Passage, match: Match) -> Iterator[str]:
    norms = passage.norms
    number = passage.clause_of[match.first]
    clause = passage.clauses[number]
    yield f"about:{clause.about.value}"
    yield f"tense:{_tense(clause.past, clause.verbless)}"
    yield f"link:{clause.link}"
    yield f"subject:{norms[clause.subject] if clause.subject >= 0 else ''}"
    yield f"embedded:{clause.embedded}"
    yield f"first:{number == 0}"
    yield f"last:{number == len(passage.clauses) - 1}"
    for later in passage.clauses[number + 1 :]:
        yield f"later:{_tense(later.past, later.verbless)}:{later.about.value}"
        yield f"later_subject:{norms[later.subject] if later.subject >= 0 else ''}"
    yield f"clauses:{min(len(passage.clauses), 6)}"
    yield f"behind:{min((len(norms) - match.last) // 4, 5)}"


def _tense(past: bool, verbless: bool) -> str:
    return "past" if past else "none" if verbless else "present"


@dataclass(frozen=True, slots=True)
class Weighed:
    """The probability of each of ``STATUSES``, and what speaks most for the likeliest against *present*."""

    probabilities: tuple[float, ...]
    strongest: str
    """A feature of ``features``, or nothing where *present* is likelier than all others together."""


def weigh(weights: Weights, found: set[str]) -> Weighed:
    """The evidence of a set of features together."""
    known = [(feature, weight) for feature in found if (weight := weights.get(feature)) is not None]
    scale = SCALE / math.sqrt(max(len(known), 1))
    bias = weights[_BIAS]
    columns = zip(*(weight for _, weight in known), strict=True) if known else ((0.0,) for _ in STATUSES)
    sums = [base + scale * sum(column) for base, column in zip(bias, columns, strict=True)]
    top = max(sums)
    grown = [math.exp(value - top) for value in sums]
    total = sum(grown)
    against = max(range(1, len(STATUSES)), key=sums.__getitem__)
    strongest = ""
    if grown[0] < total / 2:
        spoken = [(weight[against] - weight[0], feature) for feature, weight in known if feature[0] in "WABP"]
        strongest = max(spoken)[1] if spoken else ""
    return Weighed(tuple(value / total for value in grown), strongest)


def decided(result: Weighed) -> Status:
    """The status that the evidence gives: another than *present* only where it speaks plainly."""
    status = STATUSES[max(range(1, len(STATUSES)), key=result.probabilities.__getitem__)]
    return status if result.probabilities[0] < 1 - ENOUGH[status] else Status.PRESENT


class Evidence:
    """The evidence of one passage. What several matches share is summed once: it is weighed on every partial."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage
        self._verdicts: dict[tuple[int, int, str, str, bool], Verdict | None] = {}

    def weighed(self, match: Match) -> Verdict | None:
        """Another status than *present* for a red-flag finding against which the evidence speaks plainly, else None."""
        kind, category = self._p.kind(match), self._p.category(match)
        if not category or kind not in KINDS or len(self._p.norms) < WORDS:
            return None
        key = (match.first, match.last, kind, category, self._p.event(match))
        if key not in self._verdicts:
            self._verdicts[key] = self._weigh(match)
        return self._verdicts[key]

    def _weigh(self, match: Match) -> Verdict | None:
        result = weigh(shipped_weights(), set(features(self._p, match)))
        status = decided(result)
        if status is Status.PRESENT or (status is Status.RESOLVED and self._p.event(match)):
            return None  # what happened is not undone by being fine afterwards
        if status in (Status.HYPOTHETICAL, Status.HISTORICAL) and self._dated_now(match):
            return None  # "... if i should come in he's had three today", "healthy in the spring but he just had one"
        if status is Status.OTHER_SUBJECT and self._on_behalf():
            return None  # "my mom's cat can't pee i'm calling for her"
        sure = round(1 - result.probabilities[0], 3)
        return Verdict(status, result.strongest.partition(":")[2] or None, "weighed", sure)

    def _on_behalf(self) -> bool:
        """Whether the caller calls for somebody else, whose pet is the patient then."""
        return any(is_on_behalf(self._p.norms[cue.first : cue.last + 1]) for cue in self._p.cues("caring_for"))

    def _dated_now(self, match: Match) -> bool:
        """Whether the statement of a finding says that it is of now."""
        clause = self._p.clauses[self._p.clause_of[match.first]]
        says = self._p.norms[clause.first : clause.last + 1]
        just = "just" in says and _AGO.isdisjoint(says) and clause.link == "but"
        return clause.link != "if" and clause.about is About.PET and (just or not _OF_NOW.isdisjoint(says))


@cache
def shipped_weights() -> Weights:
    """The weights that come with the product, read once per process. Raises OSError."""
    return read_weights(_WEIGHTS.read_text(encoding="utf-8"))


def read_weights(text: str) -> Weights:
    """The weights of a file: a line each, the feature and a whole number for each status, separated by tabs."""
    weights: dict[str, tuple[float, ...]] = {}
    for line in text.splitlines():
        feature, *numbers = line.split("\t")
        weights[feature] = tuple(int(number) / UNIT for number in numbers)
    return weights
