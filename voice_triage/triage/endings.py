"""What is over: taken back, ended, recovered from, or long past."""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import Clause
from voice_triage.triage.denial import Denials
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict

_STRONG_REPAIR = frozenset({"scratch", "misspoke", "lied", "correction", "strike", "wait", "take", "hang", "hold"})
_NUMBER_LIKE = frozenset(
    {
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "once",
        "twice",
        "times",
        "yesterday",
        "today",
        "last",
        "monday",
    }
)


class Endings:
    """What a passage says is over."""

    def __init__(self, passage: Passage, denials: Denials) -> None:
        self._p = passage
        self._denials = denials
        self._historic = self._historic_clauses()

    def is_historic(self, clause: int) -> bool:
        """Whether a clause (by number) speaks of long ago."""
        return clause in self._historic

    def repaired(self, match: Match, clause: Clause) -> Verdict | None:
        """ "he's vomiting no wait not vomiting": the later denial of the same thing within a repair takes it back."""
        for cue in self._p.cues("repair"):
            if not match.last < cue.first <= match.last + 4:
                continue
            for later in self._p.matches:
                if (
                    later.concept == match.concept
                    and cue.last < later.first <= cue.last + 4
                    and self._denials.reaching(later, self._p.clauses[self._p.clause_of[later.first]])
                ):
                    return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "self_repair")
            follow = self._p.norms[cue.last + 1 : cue.last + 3]
            words = set(self._p.norms[cue.first : cue.last + 1])
            again = any(m.concept == match.concept and m.first > cue.last for m in self._p.matches)
            if follow[:1] == ("not",):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "self_repair")
            if (
                words & _STRONG_REPAIR
                and (len(words) > 1 or "misspoke" in words)
                and follow
                and not again
                and follow[0] not in _NUMBER_LIKE
            ):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "self_repair")
        for cue in self._p.cues("taken_back"):
            if match.last < cue.first <= match.last + 12 and self._p.norms[cue.first] in (
                "never",
                "nevermind",
                "false",
            ):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "taken_back")
        return None

    def resolved(self, match: Match, clause: Clause) -> Verdict | None:
        if self._p.kind(match) in ("normal", "recovery", "context"):
            return None
        event = self._p.event(match)
        for cue in self._p.cues("resolved_before"):
            if (
                clause.first <= cue.first
                and cue.last < match.first
                and self._p.gap(cue.last + 1, match.first) <= 2
                and not self._p.negated_at(cue.first)
            ):
                return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "stopped")
        for cue in self._p.cues("resolved_after"):
            if (
                not match.last < cue.first <= match.last + 9
                or self._p.negated_at(cue.first)
                or self._p.back_after(cue.last)
            ):
                continue
            between = self._p.norms[match.last + 1 : cue.first]
            if (
                cue.last + 1 < len(self._p.norms)
                and (
                    self._p.norms[cue.last + 1].endswith("ing")
                    or (
                        self._p.norms[cue.last + 1] in ("to", "by", "at", "in", "for", "over")
                        and self._p.norms[cue.last + 2 : cue.last + 4] != ("the", "time")
                    )
                )
                and self._p.norms[cue.last] in ("stopped", "quit", "stops")
            ):
                continue  # "threw up and stopped eating"
            if any(
                m.first > match.last and m.last < cue.first
                for m in self._p.matches
                if self._p.kind(m) == "finding" and m.concept != match.concept
            ):
                continue  # the nearest finding is meant
            if len(between) > 5 and not any(w in ("it", "that", "they", "but", "then", "bleeding") for w in between):
                continue
            if event and self._p.norms[cue.first] not in ("cleared", "resolved", "went"):
                continue
            return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "ended")
        for cue in self._p.cues("recovery"):
            if event and not (
                self._p.kind(match) == "exposure" and self._p.norms[cue.first] in ("passed", "it", "came")
            ):
                continue
            if cue.first <= match.last or self._p.negated_at(cue.first) or self._p.back_after(cue.last):
                continue
            if any(
                m.first > cue.last and self._p.kind(m) == "finding" and m.concept == match.concept
                for m in self._p.matches
            ):
                continue
            if clause.past or self._timed_past(clause) or cue.first - match.last <= 5:
                return Verdict(Status.RESOLVED, self._p.text(cue.first, cue.last), "recovered")
        if clause.past and not event:
            for other in self._p.matches:
                if self._p.kind(other) in ("normal",) and other.first > match.last:
                    later = self._p.clauses[self._p.clause_of[other.first]]
                    if (
                        later is not clause
                        and not later.past
                        and (
                            later.link in ("but", "and", "so", "")
                            and any(w in ("now", "today", "but") for w in self._p.norms[match.last : other.last + 3])
                        )
                    ):
                        return Verdict(Status.RESOLVED, self._p.text(other.first, other.last), "recovered")
        return None

    def historical(self, match: Match, clause: Clause) -> Verdict | None:
        number = self._p.clause_of[match.first]
        if number in self._historic:
            return Verdict(Status.HISTORICAL, self._historic[number], "long_past")
        return None

    def _historic_clauses(self) -> dict[int, str]:
        found: dict[int, str] = {}
        current = {self._p.clause_of[c.first] for c in self._p.cues("current")}
        for cue in self._p.cues("historical"):
            number = self._p.clause_of[cue.first]
            clause = self._p.clauses[number]
            words = self._p.text(cue.first, cue.last)
            if self._p.negated_at(cue.first):
                continue
            if any(
                c.first > cue.last and not self._p.negated_at(c.first)
                for c in self._p.cues("current")
                if self._p.clause_of[c.first] == number
            ):
                continue
            ongoing = any(
                w in ("since", "started", "for", "began", "ever", "always", "been")
                for w in self._p.norms[max(clause.first, cue.first - 4) : cue.first]
            )
            if ongoing and self._p.norms[cue.last] in (
                "ago",
                "year",
                "month",
                "back",
                "summer",
                "winter",
                "spring",
                "fall",
            ):
                continue  # "it started two months ago": still so
            found[number] = words
            if clause.link in ("when", "before") or clause.first == cue.first or number == 0:
                for later in range(number + 1, len(self._p.clauses)):
                    if not self._p.clauses[later].past or later in current or self._p.clauses[later].link == "but":
                        break
                    found[later] = words
            for earlier in range(number - 1, -1, -1):
                if clause.link not in ("when", "before", "as") and cue.first != clause.first:
                    break
                if not self._p.clauses[earlier].past or earlier in current:
                    break
                found[earlier] = words
        for cue in self._p.cues("historical_after"):
            number = self._p.clause_of[cue.first]
            if self._p.norms[cue.first] != "before" or number in found or number in current:
                continue
            clause = self._p.clauses[number]
            had = any(
                w in ("had", "has", "'s", "have", "'ve", "done", "happened")
                for w in self._p.norms[clause.first : cue.first]
            )
            if cue.first == clause.last and had and not self._p.negated_at(cue.first):
                found[number] = "before"
        return found

    def _timed_past(self, clause: Clause) -> bool:
        return any(
            c.first >= clause.first
            and c.last <= clause.last
            and self._p.norms[c.last] in ("yesterday", "night", "ago", "earlier", "morning")
            for c in self._p.cues("current")
        )
