"""What is over: taken back, ended, recovered from, or long past."""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.denial import Denials
from voice_triage.triage.long_past import LongPast
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.recoveries import Recoveries, timed_past

REACH = 14
"""An end is looked for so many tokens behind a finding."""

_STRONG_REPAIR = frozenset("scratch misspoke lied correction rather strike wait take hang hold".split())
_NUMBER_LIKE = frozenset(
    "one two three four five six seven eight nine ten once twice times yesterday today last monday".split()
)
_LINKING = frozenset("it that they but then bleeding".split())
_DOES = frozenset("is 's was has does did had".split())
_AT_PRESENT = (("now",), ("today",), ("lately",), ("recently",), ("currently",), ("right",), ("this",))
_ASIDE_LINKS = frozenset("after before since when".split())
"""A finding in such a clause is told by the way: "wobbling after the surgery that's all worn off"."""


_OVER_THERE = tuple((word,) for word in "there here by at on in a his her the my ten twelve fifteen one five".split())
"""Behind "is over" these make it a place or an amount: "he is over there", "it's over ten years"."""
_DONE_SO = (("it",), ("that",), ("this",), ("so",), ("nothing",), ("the",), ("what",), ("since",), ("all",))
"""Behind "he's done" these make it a doing: "he's done it nine times"."""
_HEALTHY_DOING = frozenset(
    "eating drinking breathing moving walking playing peeing pooping urinating responding using going getting coming "
    "wanting purring wagging barking grooming nursing letting growing running jumping sleeping talking singing "
    "standing swallowing chewing putting doing being taking".split()
)
"""What a pet that stops it is the worse for."""
_CARE = frozenset(
    "er released discharged labs tests bloodwork xrays xray ray rays ultrasound scan bill treated".split()
)
"""In the words of an end, these say that a doctor has seen to it."""

_GONE_SO = frozenset(
    "dark limp white gray grey pale stiff cold blind crazy downhill quiet floppy silent blue purple rigid weak yellow "
    "deaf lame still off into to under behind through without from missing hiding".split()
)
"""Behind "gone" these tell how or where somebody is gone, not that something is over."""


class Endings:
    """What a passage says is over."""

    def __init__(self, passage: Passage, denials: Denials) -> None:
        self._p = passage
        self._denials = denials
        within = {token for match in passage.matches for token in range(match.first, match.last + 1)}
        self._currents = [
            c for c in passage.cues("current") if c.first not in within or passage.norms[c.first] != "keep"
        ]
        """What sets a clause in the present; not the verb of "couldn't keep water down"."""
        self._historic = LongPast(passage, self._currents).clauses
        self._recoveries = Recoveries(passage, denials, self._historic)

    def is_historic(self, clause: int) -> bool:
        """Whether a clause (by number) speaks of long ago."""
        return clause in self._historic

    def repaired(self, match: Match, _clause: Clause) -> Verdict | None:
        """A slip of the tongue: "he's vomiting no wait not vomiting", "false alarm"."""
        for cue in self._p.cues("repair"):
            if not match.last < cue.first <= match.last + 4:
                continue
            instead = self._somebody_else(cue) or self._was_so(cue)
            if instead is not None:
                return instead
            if self._corrects(cue, match):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "self_repair")
        for cue in self._p.cues("taken_back"):
            if any(match.last < well.first < cue.first for name in ("well", "recovery") for well in self._p.cues(name)):
                continue  # "he wasn't eating well he's just had a whole tin so never mind"
            if match.last < cue.first <= match.last + 12 and self._p.norms[cue.first] in (
                "never",
                "nevermind",
                "false",
            ):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "taken_back")
        return None

    def resolved(self, match: Match, clause: Clause) -> Verdict | None:
        """It was so and is no more. An event (a bite, a swallowed pill) is not undone by being fine afterwards."""
        if self._p.kind(match) not in ("finding", "exposure"):
            return None
        if self._p.clause_of[match.first] in self._historic:
            return None  # long past and over: long past
        if clause.past and not self._p.event(match) and "until" in self._p.norms[match.last + 1 : match.last + 3]:
            return Verdict(Status.RESOLVED, "until", "until_then")
        if self._p.norms[match.last + 1 : match.last + 3] == ("to", "stop") and not self._p.back_after(match.last):
            return Verdict(Status.RESOLVED, "to stop", "ended")
        return (
            self._stopped(match, clause)
            or self._ended(match)
            or self._recovered(match, clause)
            or self._recoveries.well_by_now(match, clause)
            or self._recoveries.none_since(match, clause)
            or self._recoveries.doing_by_now(match, clause)
        )

    def over_by_now(self, match: Match, clause: Clause) -> Verdict | None:
        """What would not stop and has stopped since: "he wouldn't stop sneezing but that's all done now"."""
        return self._recovered(match, clause) if clause.past else None

    def historical(self, match: Match, _clause: Clause) -> Verdict | None:
        """Long past: "when she was a puppy", "last year"."""
        number = self._p.clause_of[match.first]
        if number in self._historic:
            return Verdict(Status.HISTORICAL, self._historic[number], "long_past")
        return None

    def _somebody_else(self, cue: Cue) -> Verdict | None:
        """As in "she's throwing up I mean my wife is", "no wait that was my other dog"."""
        at = cue.last + 1
        at += 2 * (self._p.norms[at : at + 2] in (("that", "was"), ("it", "was"), ("that", "'s"), ("it", "'s")))
        for name in ("person", "other_animal"):
            for other in self._p.cues(name):
                behind = self._p.norms[other.last + 1 : other.last + 2]
                does = not behind or behind[0] in _DOES or at > cue.last + 1
                if other.first == at and does and self._p.norms[at] != "i":
                    return Verdict(Status.OTHER_SUBJECT, self._p.text(other.first, other.last), name)
        return None

    def _was_so(self, cue: Cue) -> Verdict | None:
        """As in "he's limping or I should say he was he's fine since lunch"."""
        norms = self._p.norms
        if norms[cue.last + 2 : cue.last + 3] not in (("was",), ("did",), ("had",)):
            return None
        for name in ("recovery", "well"):
            for well in self._p.cues(name):
                if cue.last + 2 < well.first <= cue.last + 8 and not self._p.negated_at(well.first):
                    return Verdict(Status.RESOLVED, self._p.text(well.first, well.last), "recovered")
        return None

    def _corrects(self, cue: Cue, match: Match) -> bool:
        """Whether a repair takes the finding back, rather than its subject or number."""
        norms = self._p.norms
        follow = norms[cue.last + 1 : cue.last + 2]
        if follow == ("not",):
            return norms[cue.last + 2 : cue.last + 3] not in _AT_PRESENT  # "i mean not now this was in january"
        if {"just", "only"} & set(norms[cue.last + 1 : cue.last + 5]):
            return True  # "he had a fit well no he was just dreaming"
        later = [m for m in self._p.matches if m.concept == match.concept and m.first > cue.last]
        if any(m.first <= cue.last + 4 and self._denials.reaching(m, self._p.clause(m)) for m in later):
            return True
        words = set(norms[cue.first : cue.last + 1])
        strong = bool(words & _STRONG_REPAIR) and bool(len(words) > 1 or words & {"misspoke", "correction"})
        return strong and bool(follow) and not later and follow[0] not in _NUMBER_LIKE

    def _stopped(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "She stopped throwing up", "he's no longer sneezing"."""
        for cue in self._p.cues("resolved_before"):
            near = clause.first <= cue.first and cue.last < match.first and self._p.gap(cue.last + 1, match.first) <= 2
            own = "and" in self._p.norms[cue.last + 1 : match.first] and "not" in self._p.norms[match.first :][:2]
            if own:
                continue  # "he stopped eating and can't stand up"
            if near and not self._p.negated_at(cue.first) and not self._p.back_after(match.last):
                return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "stopped")
        return None

    def _ended(self, match: Match) -> Verdict | None:
        """As in "The diarrhea cleared up", "it was bleeding but it stopped"."""
        norms = self._p.norms
        event = self._p.event(match)
        for cue in self._p.cues("resolved_after"):
            if not match.last < cue.first <= match.last + REACH + 4 * self._named(match):
                continue
            if self._p.negated_at(cue.first) or self._p.back_after(cue.last) or self._stops_something_else(cue):
                continue
            if norms[cue.last] == "gone" and cue.last + 1 < len(norms) and norms[cue.last + 1] in _GONE_SO:
                continue  # "he's gone limp", "she's gone under the bed"
            if any(
                match.last < m.first
                and m.last < cue.first
                and self._p.kind(m) == "finding"
                and m.concept != match.concept
                and self._p.clause(m).link not in _ASIDE_LINKS
                for m in self._p.matches
            ):
                continue  # the nearest finding is meant
            alone = norms[max(0, cue.first - 2) : cue.first]
            if "all" in alone and alone[-1] != "all":
                continue  # "it's all she's done since"
            between = norms[match.last + 1 : cue.first]
            if len(between) > 5 and not (_LINKING & set(between) or self._named(match)):
                continue
            if event and norms[cue.first] not in ("cleared", "resolved", "went") and not self._cared_for(cue):
                continue
            return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "ended")
        return None

    def _named(self, match: Match) -> bool:
        """Whether a finding is named as a thing: "that sneezing he came home with ran its course"."""
        return self._p.norms[max(0, match.first - 1)] in ("that", "the", "this", "his", "her", "those", "these")

    def _cared_for(self, cue: Cue) -> bool:
        """As in "the er cleared him and his labs were normal": what happened has been seen to."""
        return not _CARE.isdisjoint(self._p.norms[cue.first : cue.last + 1])

    def _stops_something_else(self, cue: Cue) -> bool:
        """As in "Threw up and stopped eating": the stop belongs to what follows it."""
        norms = self._p.norms
        if norms[cue.last] == "over" and norms[cue.last + 1 : cue.last + 2] in _OVER_THERE:
            return True
        if norms[cue.last] == "done" and norms[cue.last + 1 : cue.last + 2] in _DONE_SO:
            return True
        if norms[cue.last] not in ("stopped", "quit", "stops") or cue.last + 1 >= len(norms):
            return False
        after = norms[cue.last + 1]
        clause = self._p.clauses[self._p.clause_of[cue.first]]
        if clause.subject >= 0 and norms[clause.subject] in ("i", "we") and after.endswith("ing"):
            return True  # "six times and then i quit counting"
        timed = norms[cue.last + 2 : cue.last + 4] == ("the", "time")
        if after.endswith("ing"):
            return after in _HEALTHY_DOING  # "threw up and stopped eating", but "it's quit dripping"
        return after in ("to", "by", "at", "in", "for", "over") and not timed

    def _recovered(self, match: Match, clause: Clause) -> Verdict | None:
        """The pet is fine afterwards: "he was limping but he's back to normal"."""
        event = self._p.event(match)
        came_out = event and self._p.kind(match) == "exposure"
        for cue in self._p.cues("recovery"):
            if event and not (came_out and self._p.norms[cue.first] in ("passed", "it", "came")):
                continue
            if cue.first <= match.last or self._p.negated_at(cue.first) or self._p.back_after(cue.last):
                continue
            if any(m.first > cue.last and m.concept == match.concept for m in self._p.matches):
                continue
            if clause.past or timed_past(self._p, clause) or cue.first - match.last <= 5:
                return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "recovered")
        if clause.past and not event:
            for other in self._p.matches:
                if (
                    self._p.kind(other) == "normal"
                    and other.first > match.last
                    and self._normal_now(match, other, clause)
                ):
                    return Verdict(Status.RESOLVED, self._p.text(other.first, other.last), "recovered")
        return None

    def _normal_now(self, match: Match, normal: Match, clause: Clause) -> bool:
        """A healthy statement in a later clause that contrasts with the finding: "but today he's walking fine"."""
        later = self._p.clause(normal)
        words = self._p.norms[match.last : normal.last + 3]
        contrast = any(word in ("now", "today", "but") for word in words)
        return later is not clause and not later.past and later.link in ("but", "and", "so", "") and contrast
