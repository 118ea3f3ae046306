"""What is said about each match: present, negated, historical, hypothetical, of somebody else, resolved, or uncertain.

No library does this on spoken text (`language.md`): the rules here read clauses, cues and the matches themselves. A
cue inside its own target never acts on it ("nothing comes out"); every verdict carries the cue and rule that gave it.
"""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.denial import Denials
from voice_triage.triage.endings import Endings
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.supposition import Suppositions

_ABOUT_PET_WORDS = frozenset("he she him her his it they them seen see saw think believe noticed get tell".split())


class Assertion:
    """The verdicts of one passage."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage
        self._denials = Denials(passage)
        self._suppositions = Suppositions(passage)
        self._endings = Endings(passage, self._denials)
        self._idioms = [match for match in passage.matches if passage.kind(match) == "idiom"]

    def verdict(self, match: Match) -> Verdict:
        """The status of one match. Order of precedence: idiom, other subject, supposition, denial, end, past, doubt."""
        clause = self._p.clause(match)
        for rule in (self._idiom, self._other_subject, self._suppositions.hypothetical):
            found = rule(match, clause)
            if found is not None:
                return found
        found = self._denials.persists(match, clause)
        if found is None:
            found = self._denials.denied(match, clause)
            if found is not None:
                return found
        elif self._p.kind(match) not in ("normal", "recovery"):
            return self._endings.over_by_now(match, clause) or found
        for rule in (
            self._endings.repaired,
            self._endings.resolved,
            self._endings.historical,
            self._suppositions.doubted,
        ):
            found = rule(match, clause)
            if found is not None:
                return found
        return self._suppositions.suspected(match, clause) or Verdict(Status.PRESENT)

    def about_pet(self, token: int) -> bool:
        """Whether the clause of a token speaks of the patient now (or of the client handling it)."""
        number = self._p.clause_of[token]
        return self._p.clauses[number].about in (About.PET, About.CLIENT) and not self._endings.is_historic(number)

    def _idiom(self, match: Match, _clause: Clause) -> Verdict | None:
        if self._p.kind(match) == "idiom":
            return None
        for idiom in self._idioms:
            if (
                idiom.first <= match.last
                and match.first <= idiom.last
                and (idiom.last - idiom.first) >= (match.last - match.first)
            ):
                return Verdict(Status.NEGATED, self._p.text(idiom.first, idiom.last), "idiom")
        return None

    def _other_subject(self, match: Match, clause: Clause) -> Verdict | None:
        if clause.about is About.OTHER_ANIMAL:
            return Verdict(
                Status.OTHER_SUBJECT, self._p.clause_cue(clause, ("other_animal", "other_owner")), "other_animal"
            )
        if clause.about is About.GENERIC:
            return Verdict(Status.HYPOTHETICAL, self._p.clause_cue(clause, ("generic",)), "animals_in_general")
        if self._p.kind(match) in ("exposure", "substance", "object", "context") and clause.about is About.CLIENT:
            return None
        if "myself" in self._p.norms[match.last + 1 : match.last + 3]:
            return Verdict(Status.OTHER_SUBJECT, "myself", "client_self")
        if any(w in _ABOUT_PET_WORDS for w in self._p.norms[match.first : match.last + 1]):
            return None  # "i haven't seen him pee"
        if (
            clause.about is About.CLIENT
            and clause.subject >= 0
            and {"the", "about"} & set(self._p.norms[clause.subject : match.first])
        ):
            return None  # "we got the bleeding to stop"
        if clause.about is About.CLIENT and clause.subject >= 0 and self._p.directly(clause.subject + 1, match.first):
            return Verdict(Status.OTHER_SUBJECT, self._p.norms[clause.subject], "client_self")
        if clause.about is About.PERSON:
            mark = self._p.clause_mark(clause, "person")
            after = mark.last + 1 if mark else clause.subject + 1
            after += after < len(self._p.norms) and self._p.norms[after] == "'s"
            if self._p.directly(after, match.first):
                return Verdict(Status.OTHER_SUBJECT, self._p.text(mark.first, mark.last) if mark else None, "person")
        return None
