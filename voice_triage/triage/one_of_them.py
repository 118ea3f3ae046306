"""What "one" and "some" stand for: "he never had a seizure before but he's having one", "are lilies bad he ate one"."""

from __future__ import annotations

from collections.abc import Sequence

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict

REACH = 14
"""So many tokens behind what was named may stand what takes it up."""
_HAVING = frozenset("having has had got have in".split())
_DOING = frozenset("done did doing".split())
_ONE = frozenset("one another some".split())
_AMOUNT = frozenset("one some it them that two three several half a bunch most all like a".split())
_WHOLE = frozenset("whole entire rest last other bigger first".split())
_COUNTED = frozenset("two three four five six seven eight nine ten several".split())
_SO_FAR = frozenset("already this today tonight since in so now more within and".split())
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
    denied = bool({"never", "not", "no"} & set(norms[clause.first : match.first]))
    for at in range(match.last + 1, min(match.last + REACH, len(norms) - 1)):
        if denied and norms[at] in _DOING and norms[at + 1] == "it":
            number = passage.clause_of[at]
            counted = norms[at + 2 : at + 3]
            if (
                number != passage.clause_of[match.first]
                and counted
                and (counted[0] in _COUNTED or counted[0] in _SO_FAR)
            ):
                return Verdict(Status.PRESENT, passage.text(at, at + 2), "taken_up", 0.9)
        if norms[at] not in _HAVING or not _taking_up(norms, at, denied=denied):
            continue
        number = passage.clause_of[at]
        told = passage.clauses[number].about is clause.about and number != passage.clause_of[match.first]
        if told and not passage.negated_at(at) and "if" not in norms[passage.clauses[number].first : at]:
            return Verdict(Status.PRESENT, passage.text(at, at + 1), "taken_up", 0.9)
    return None


def _taking_up(norms: Sequence[str], at: int, *, denied: bool) -> bool:
    """Whether "having" or "had" takes up what was named: "having one", "had another", "had two already"."""
    one = norms[at + 1] in _ONE
    if norms[at] == "in":
        return norms[at + 1] == "one" and norms[at - 1] in ("'s", "is")  # "how do i stop a seizure he's in one"
    if one and (denied or norms[at] == "having" or norms[at + 1] == "another"):
        return True
    counted = norms[at + 1] in _COUNTED
    return counted and (at + 2 == len(norms) or norms[at + 2] in _SO_FAR)


def _taken(passage: Passage, match: Match) -> Verdict | None:
    norms = passage.norms
    for other in passage.matches:
        near = match.last < other.first <= match.last + REACH
        if not near or other.concept != "bare_taken" or passage.negated_at(other.first):
            continue
        clause = passage.clause(other)
        follows = norms[other.last + 1 : other.last + 3]
        told = clause.about is About.PET and "if" not in norms[clause.first : other.first]
        amount = follows[:1] and (follows[0] in _AMOUNT or follows[0] in _COUNTED)
        whole = len(follows) == 2 and follows[0] in ("the", "this", "a", "an") and follows[1] in _WHOLE
        if told and (amount or whole):
            return Verdict(Status.PRESENT, passage.text(other.first, other.last + 1), "taken_up", 0.8)
    return None
