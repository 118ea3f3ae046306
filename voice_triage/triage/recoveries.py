"""Recoveries: what was so, against health told of now: "he was staggering but he's steady now and eating"."""

from __future__ import annotations

from collections.abc import Mapping

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause, is_past
from voice_triage.triage.cues import Cue
from voice_triage.triage.denial import Denials
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict

_SINCE_THEN = frozenset(
    "now today since again but then ago already within soon after afterwards by overnight until once later".split()
)
"""Words that set what is now against what was."""
_SINCE = frozenset("since now today lately anymore after afterwards again".split())
"""Behind "not a sound", "nothing" these make it the time since then."""
_WAS = frozenset("was were could did had would".split())
_PERFECT = frozenset("has have 's 've".split())
_STILL = frozenset("still keeps kept again now".split())
_STILL_BUT_AGAIN = frozenset("still keeps kept".split())
_TO_BE = frozenset(
    "is are 's 're was been be seems seemed looks looked looking acting acts feeling feels doing sounds gets got "
    "came went going all quite pretty totally completely perfectly back just absolutely nice much and".split()
)
"""Before a health word of one adjective: "she 's fine", not "a good vet"."""
_DAYS = frozenset("week weeks month months days monday tuesday wednesday thursday friday saturday sunday".split())
"""Between what happened and health these put it behind the pet."""
_NONE = frozenset("not no nothing none never".split())
_CLIENT = frozenset("i we you they".split())
_PET = frozenset("him her it he she".split())


class Recoveries:
    """The recoveries of a passage."""

    def __init__(self, passage: Passage, denials: Denials, historic: Mapping[int, str]) -> None:
        self._p = passage
        self._denials = denials
        self._historic = historic

    def well_by_now(self, match: Match, clause: Clause) -> Verdict | None:
        """``resolved`` for a finding told of the past with health told of now behind it, else None."""
        if not self._may_pass(match, clause):
            return None
        for cue in self._p.cues("well"):
            number = self._p.clause_of[cue.first]
            later = self._p.clauses[number]
            if cue.first <= match.last + 1 or self._p.negated_at(cue.first) or (later is clause and clause.subject < 0):
                continue
            words = self._p.norms[match.last + 1 : cue.last + 5]
            if self._p.event(match) and _DAYS.isdisjoint((*self._words(clause), *words)):
                continue
            if not self._speaks_to(match, cue):
                continue
            since = not _SINCE_THEN.isdisjoint(words)
            if not (since or self._told_now(cue, clause, later)) or self._p.back_after(cue.last):
                continue
            if self._further(match, cue, number):
                continue
            return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "well_by_now")
        return None

    def doing_by_now(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "two weeks ago he was falling over ... he's marching around like a soldier": an end by what it does."""
        if self._p.event(match) or not self._may_pass(match, clause):
            return None
        for number in range(self._p.clause_of[match.first] + 1, len(self._p.clauses)):
            later = self._p.clauses[number]
            subject = self._p.norms[later.subject] if later.subject >= 0 else ""
            if later.about is not About.PET or later.past or later.link in ("if", "unless", "because", "when", "while"):
                continue
            if subject in _CLIENT:
                continue
            at = next((at for at in range(later.first, later.last + 1) if self._p.doing_well_at(at)), None)
            if at is None or not _STILL_BUT_AGAIN.isdisjoint(self._p.norms[later.first : at]):
                continue
            cue = Cue("well", at, at)
            if self._p.back_after(at) or self._further(match, cue, number):
                continue
            return Verdict(Status.RESOLVED, self._p.text(at, at), "doing_by_now")
        return None

    def _speaks_to(self, match: Match, cue: Cue) -> bool:
        """Whether health told of is health of this kind: that he drinks says nothing of his leg or his bladder."""
        norms = self._p.norms
        if norms[cue.first - 1] == "still":
            return False  # "still eating" was never gone
        if norms[cue.last + 1 : cue.last + 2] in (("though",), ("but",)):
            return False
        if not any(norms[at].startswith(("drink", "drank")) for at in range(cue.first, cue.last + 1)):
            return True
        return self._p.category(match) in ("gi_severe", "breathing", "neuro", "other_emergency")

    def none_since(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "he was wheezing during the night ... not a sound out of him since"."""
        if self._p.event(match) or not self._may_pass(match, clause):
            return None
        norms = self._p.norms
        for cue in self._denials.negators:
            number = self._p.clause_of[cue.first]
            if cue.first <= match.last or self._p.clauses[number] is clause or norms[cue.first] not in _NONE:
                continue
            words = norms[cue.last + 1 : cue.last + 9]
            if _SINCE.isdisjoint(words) or self._further(match, cue, number):
                continue
            if any(m.first <= cue.first <= m.last and self._p.flagged(m) for m in self._p.matches):
                continue  # "he was coughing and now he's not eating"
            if norms[cue.last + 1 : cue.last + 2] and self._unwell_denied(cue.last + 1):
                continue
            return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "none_since")
        return None

    def _unwell_denied(self, at: int) -> bool:
        """Whether what is denied is health: "now he won't move", "he's not been himself since"."""
        words = set(self._p.norms[at : at + 6])
        return bool(words & _HEALTH) or any(at <= c.first < at + 5 for c in self._p.cues("well"))

    def _may_pass(self, match: Match, clause: Clause) -> bool:
        if self._p.kind(match) != "finding" or not self._was(match, clause):
            return False
        return self._p.clause_of[match.first] not in self._historic

    def _words(self, clause: Clause) -> tuple[str, ...]:
        return self._p.norms[clause.first : clause.last + 1]

    def _told_now(self, cue: Cue, clause: Clause, later: Clause) -> bool:
        """Whether a health word stands in a later clause that tells of the pet now."""
        norms = self._p.norms
        if (
            norms[cue.first] in _NONE
            or later is clause
            or later.past
            or later.link in ("if", "unless", "because", "when")
        ):
            return False
        subject = norms[later.subject] if later.subject >= 0 else ""
        if subject in _CLIENT and _PET.isdisjoint(norms[later.subject : cue.first]):
            return False
        if not (later.about is About.PET or subject in _CLIENT):
            return False
        return cue.last > cue.first or norms[cue.first - 1] in _TO_BE or norms[cue.first].endswith("ing")

    def _was(self, match: Match, clause: Clause) -> bool:
        """Whether a finding is told in the past: "was vomiting", "couldn't get up", "two days of diarrhea"."""
        words = self._p.norms[match.first : match.last + 1]
        if not _PERFECT.isdisjoint((*self._p.norms[max(clause.first, match.first - 3) : match.first], *words)):
            return False  # "hasn't urinated", "he's thrown up": up to now
        told = any(word in _WAS or is_past(word) for word in words)
        behind = self._p.norms[
            match.last + 1 : match.last + 6
        ]  # "limping yes he did that", "squinting all day she was"
        fronted = clause.subject < 0 or clause.subject > match.first or clause.first == match.first
        told = told or (fronted and not _WAS.isdisjoint(behind))
        told = told or not _WAS.isdisjoint(self._p.norms[max(clause.first, match.first - 4) : match.first])
        return (clause.past or told or timed_past(self._p, clause)) and _STILL.isdisjoint(
            self._p.norms[clause.first : match.first]
        )

    def _further(self, match: Match, cue: Cue, number: int) -> bool:
        """Whether a further finding stands between the finding and the health word, or beside that."""
        return any(
            match.last < m.first and not (m.first <= cue.last and cue.first <= m.last) and self._there(m, number)
            for m in self._p.matches
        )

    def _there(self, match: Match, upto: int) -> bool:
        """Whether a further finding stands in the clauses up to a number: then health told there is not the whole."""
        number = self._p.clause_of[match.first]
        if self._p.kind(match) != "finding" or number > upto + 1 or (number < upto and self._p.clauses[number].past):
            return False
        return self._p.flagged(match) and not self._denials.reaching(match, self._p.clause(match))


_HEALTH = frozenset(
    "eat eating eaten ate drink drinking moved move moving walk walking walked get up stand himself herself right "
    "pee peed poop pooped gone wake responding able let interested want wants wanted touched touch".split()
)


def timed_past(passage: Passage, clause: Clause) -> bool:
    """Whether a clause names a time just past: "yesterday", "last night", "two hours ago"."""
    times = {"yesterday", "night", "ago", "earlier", "morning"}
    return any(
        clause.first <= cue.first and cue.last <= clause.last and passage.norms[cue.last] in times
        for cue in passage.cues("current")
    )
