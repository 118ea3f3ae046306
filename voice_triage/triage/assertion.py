"""What is said about each match: present, negated, historical, hypothetical, of somebody else, resolved, uncertain.

No library does this on spoken text (`language.md`): the rules here read clauses, cues and the matches themselves. A
cue inside its own target never acts on it ("nothing comes out"); every verdict carries the cue and rule that gave it.
"""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.denial import Denials
from voice_triage.triage.endings import Endings
from voice_triage.triage.evidence import Evidence
from voice_triage.triage.matcher import Match
from voice_triage.triage.one_of_them import taken_up
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.persons import Persons
from voice_triage.triage.supposition import Suppositions

_ADDING = frozenset("and but plus".split())
"""What such a conjunction opens is told beside a finding and does not explain it."""
_ATTACKS = frozenset(
    "bit tore ripped grabbed mauled slashed scratched clawed kicked stomped crushed broke punctured gashed cut shook "
    "attacked".split()
)
_ITS_VICTIM = frozenset("his her him my our this".split())
_NOW = frozenset("today now tonight".split())
_PERSONAL = frozenset("i my mine me he she him her his hers".split())
"""No announcement speaks so; whoever does is a person on the line."""


class Assertion:
    """The verdicts of one passage."""

    def __init__(self, passage: Passage, *, of_one: bool = False) -> None:
        """``of_one``: the passage speaks of several pets, and the verdicts are of one: not all words are its own."""
        self._p = passage
        self._of_one = of_one
        self._evidence = Evidence(passage)
        self._denials = Denials(passage)
        self._persons = Persons(passage)
        self._suppositions = Suppositions(passage)
        self._endings = Endings(passage, self._denials)
        self._idioms = [match for match in passage.matches if passage.kind(match) == "idiom"]

    def verdict(self, match: Match) -> Verdict:
        """The status of one match; a finding that stands but is only part of an idiom is none."""
        clause = self._p.clause(match)
        verdict = self._judged(match, clause)
        if verdict.status in (Status.PRESENT, Status.UNCERTAIN) and verdict.rule != "taken_up":
            verdict = self._idiom(match) or verdict
        if verdict.rule == "plain" and not self._of_one and not self._p.back_after(match.last):
            return self._evidence.weighed(match) or verdict
        return verdict

    def _judged(self, match: Match, clause: Clause) -> Verdict:
        """By precedence: nobody's words, taken up, other subject, unreal, supposition, denial, end, past, doubt."""
        found = (
            self._announced(match)
            or taken_up(self._p, match, clause)
            or self._other_subject(match, clause)
            or self._suppositions.unreal(match, clause)
            or self._suppositions.hypothetical(match, clause)
        )
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
            self._suppositions.asked_of_fact,
        ):
            found = rule(match, clause)
            if found is not None:
                return found
        return self._suppositions.suspected(match, clause) or Verdict(Status.PRESENT)

    def about_pet(self, token: int) -> bool:
        """Whether the clause of a token speaks of the patient now (or of the client handling it)."""
        number = self._p.clause_of[token]
        return self._p.clauses[number].about in (About.PET, About.CLIENT) and not self._endings.is_historic(number)

    def _idiom(self, match: Match) -> Verdict | None:
        for idiom in self._idioms:
            meant = self._p.category(idiom)
            if any(idiom.first <= c.first and c.last <= idiom.last for c in self._p.cues("persists")):
                continue  # "his face won't stop twitching" is no denial of it
            other = self._p.category(match) != meant and (
                self._p.category(match)
                or self._p.kind(match) in ("finding", "lane")
                or (self._p.kind(match) == "substance" and meant == "bleeding")  # "blood thinners"
            )
            if meant and other:
                continue  # "head shaking" is no fit, and yet the ears may itch
            inside = idiom.first <= match.first or self._p.unsaying(match.first, idiom.first)
            if (
                inside
                and match.first <= idiom.last
                and match.last <= idiom.last
                and not self._told_beside(match, idiom)
            ):
                return Verdict(Status.NOT_MEANT, self._p.text(idiom.first, idiom.last), "idiom")
        return None

    def _done_to_pet(self, match: Match) -> bool:
        """Whether another animal is told of for what it did: "the other dog tore his neck open"."""
        done = self._p.norms[match.first : match.first + 2]
        return len(done) == 2 and done[0] in _ATTACKS and done[1] in _ITS_VICTIM

    def _told_beside(self, match: Match, idiom: Match) -> bool:
        """Whether the idiom is put together from a finding and what is told beside it.

        "breathing hard | and we're in the car", "breathing fast | and won't walk" are no dog that rides or has run;
        what follows as time, reason or condition is: "breathes fast when he's excited".
        """
        p = self._p
        behind = idiom.last + 1
        if p.norms[behind : behind + 1] == ("or",):
            return True  # "hasn't peed in the house | or outside"
        if p.norms[behind : behind + 1] and "but" in p.norms[behind : behind + 3]:
            now = p.norms[p.norms.index("but", behind) :][:4]
            if not _NOW.isdisjoint(now):
                return True  # "vomits once a month | but today it's been nine times"
        for other in p.matches:
            if (
                match.last < other.first <= idiom.last <= other.last
                and p.kind(other) == "finding"
                and p.category(other)
            ):
                return True
        if p.category(idiom) == "breathing" and p.norms[match.last + 1 : match.last + 2] == ("and",):
            return True  # "breathing fast | and hiding under the car"
        for number in range(p.clause_of[match.last] + 1, p.clause_of[idiom.last] + 1):
            clause = p.clauses[number]
            if clause.link in _ADDING or (not clause.link and clause.about is About.CLIENT):
                return True
        between = range(p.clause_of[idiom.first] + 1, p.clause_of[match.first] + 1)
        return any(p.clauses[number].link == "but" for number in between)

    def _announced(self, match: Match) -> Verdict | None:
        """What a queue, a menu or an answering machine says: "if your pet is bleeding, press one".

        Not who tells of one: "it said press one and my cat can't pee".
        """
        second = match.first >= self._p.offset
        said = self._p.norms[self._p.offset :] if second else self._p.norms[: self._p.offset]
        for cue in self._p.cues("announcement"):
            if (cue.first >= self._p.offset) == second and _PERSONAL.isdisjoint(said):
                return Verdict(Status.HYPOTHETICAL, self._p.text(cue.first, cue.last), "announcement")
        return None

    def _other_subject(self, match: Match, clause: Clause) -> Verdict | None:
        if clause.about is About.OTHER_ANIMAL and not self._done_to_pet(match):
            return Verdict(
                Status.OTHER_SUBJECT, self._p.clause_cue(clause, ("other_animal", "other_owner")), "other_animal"
            )
        if clause.about is About.GENERIC:
            return Verdict(Status.HYPOTHETICAL, self._p.clause_cue(clause, ("generic",)), "animals_in_general")
        return self._persons.own(match, clause)
