"""What "one" and "some" stand for: "he never had a seizure before but he's having one", "are lilies bad he ate one"."""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict

REACH = 14
"""So many tokens behind what was named may stand what takes it up."""
_HAVING = frozenset("having has had got have".split())
_ONE = frozenset("one another some".split())
_AMOUNT = frozenset("one some it them that two three several half a bunch most all like a".split())
_NAMED_THING = frozenset(("substance", "object"))


def taken_up(passage: Passage, match: Match, clause: Clause) -> Verdict | None:
    """That a finding denied or asked about is there after all, because "one" takes it up; None if nothing does.

    A finding is taken up by "having one", a substance or object by "ate one", both told of the pet.
    """
    kind = passage.kind(match)
    if kind == "finding":
        return _having_one(passage, match, clause)
    return _taken(passage, match) if kind in _NAMED_THING else None


def _having_one(passage: Passage, match: Match, clause: Clause) -> Verdict | None:
    norms = passage.norms
    if not {"never", "not", "no"} & set(norms[clause.first : match.first]):
        return None
    for at in range(match.last + 1, min(match.last + REACH, len(norms) - 1)):
        if norms[at] not in _HAVING or norms[at + 1] not in _ONE:
            continue
        number = passage.clause_of[at]
        told = passage.clauses[number].about is clause.about and number != passage.clause_of[match.first]
        if told and not passage.negated_at(at) and "if" not in norms[passage.clauses[number].first : at]:
            return Verdict(Status.PRESENT, passage.text(at, at + 1), "taken_up", 0.9)
    return None


def _taken(passage: Passage, match: Match) -> Verdict | None:
    norms = passage.norms
    for other in passage.matches:
        near = match.last < other.first <= match.last + REACH
        if not near or other.concept != "bare_taken" or passage.negated_at(other.first):
            continue
        clause = passage.clause(other)
        follows = norms[other.last + 1 : other.last + 2]
        told = clause.about is About.PET and "if" not in norms[clause.first : other.first]
        if told and follows and follows[0] in _AMOUNT:
            return Verdict(Status.PRESENT, passage.text(other.first, other.last + 1), "taken_up", 0.8)
    return None
