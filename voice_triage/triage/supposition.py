"""What is asked, feared, planned or doubted rather than told: "what if he throws up", "can dogs eat grapes"."""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.disfluency import DROPPED
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict

_LEADS = frozenset(
    {"and", "so", "but", "well", "okay", "no", "yes", "then", "or", "now", "mean", "i", "question", "one"}
)
_PARTICIPLES = frozenset(
    {
        "been",
        "thrown",
        "gone",
        "eaten",
        "had",
        "done",
        "seen",
        "gotten",
        "swallowed",
        "chewed",
        "hit",
        "bitten",
        "got",
        "taken",
        "broken",
        "ran",
        "run",
    }
)
_SENSES = frozenset({"see", "hear", "feel", "tell", "smell", "not", "barely", "hardly", "have", "be"})


class Suppositions:
    """The suppositions of a passage."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage
        self._conditional = self._conditional_clauses()

    def hypothetical(self, match: Match, clause: Clause) -> Verdict | None:
        number = self._p.clause_of[match.first]
        if number in self._conditional:
            doubt = next(
                (
                    c
                    for c in self._p.cues("doubt")
                    if c.last <= match.first and c.last >= clause.first - 2 and match.first - c.last <= 8
                ),
                None,
            )
            if doubt is None:
                opener = self._conditional[number]
                return Verdict(Status.HYPOTHETICAL, opener, "conditional")
            return None
        for cue in self._p.cues("hypothetical"):
            if not (clause.first <= cue.first and cue.last < match.first and match.first - cue.last <= 8):
                continue
            words = self._p.text(cue.first, cue.last)
            if self._p.norms[cue.last] == "if" and self._told(clause):
                continue
            after = self._p.norms[cue.last + 1]
            if self._p.norms[cue.last] in ("about", "of") and after in (
                "his",
                "her",
                "the",
                "this",
                "how",
                "their",
                "its",
                "him",
            ):
                continue  # "worried about his breathing": it is there
            if (
                self._p.norms[cue.first] == "thought"
                and clause.about is not About.PET
                and self._p.kind(match) == "exposure"
            ):
                continue
            return Verdict(Status.HYPOTHETICAL, words, "hypothesis")
        suspicion = {t for c in self._p.cues("suspicion") for t in range(c.first, c.last + 1)}
        for cue in self._p.cues("modal"):
            if not clause.first <= cue.first <= cue.last < match.first or cue.first in suspicion:
                continue
            if match.first - cue.last > 4 or not self._p.thin(cue.last + 1, match.first):
                continue
            after = self._p.norms[cue.last + 1]
            if cue.last + 1 == match.first and self._p.norms[match.first] == "not":
                continue  # "won't eat": the finding holds its own negative
            if cue.first and self._p.norms[cue.last] == "to" and after in DROPPED - {"just", "really", "even"}:
                continue  # "going to the bathroom"
            if self._p.norms[cue.first] in ("'d", "could") and (
                after in _SENSES or after in _PARTICIPLES or after.endswith(("ed", "en", "ing"))
            ):
                continue
            if (
                self._p.norms[cue.first] in ("want", "wants")
                or self._p.norms[cue.first] in ("will", "would", "'d")
                and self._p.habit(match)
            ):
                continue  # "she'll scream when I touch her"
            return Verdict(Status.HYPOTHETICAL, self._p.text(cue.first, cue.last), "modal")
        if self._asked(match, clause):
            return Verdict(Status.HYPOTHETICAL, self._p.norms[clause.first], "question")
        after = match.last + 1
        named = next((c for c in self._p.cues("named_thing") if c.first == after), None)
        if named is not None and self._p.kind(match) == "finding":
            return Verdict(Status.HYPOTHETICAL, self._p.text(named.first, named.last), "named_thing")
        pending = next((c for c in self._p.cues("not_yet") if match.last < c.first <= match.last + 7), None)
        if pending is not None and not any(match.last < m.first < pending.first for m in self._p.matches):
            return Verdict(Status.HYPOTHETICAL, self._p.text(pending.first, pending.last), "not_yet")
        return None

    def doubted(self, match: Match, clause: Clause) -> Verdict | None:
        for cue in self._p.cues("doubt"):
            if cue.last <= match.first and match.first - cue.last <= 8:
                if self._p.kind(match) == "exposure":
                    return Verdict(Status.PRESENT, self._p.text(cue.first, cue.last), "suspected", 0.6)
                return Verdict(Status.UNCERTAIN, self._p.text(cue.first, cue.last), "doubt", 0.5)
        return None

    def suspected(self, match: Match, clause: Clause) -> Verdict | None:
        for cue in self._p.cues("suspicion"):
            if cue.last < match.first and match.first - cue.last <= 6 and cue.first >= clause.first - 3:
                return Verdict(Status.PRESENT, self._p.text(cue.first, cue.last), "suspected", 0.75)
        return None

    def _asked(self, match: Match, clause: Clause) -> bool:
        """A question that opens with its modal verb: "would the new food give him the runs", "will he be lame"."""
        at = clause.first
        while at < match.first and (self._p.norms[at] in _LEADS or self._p.norms[at] in DROPPED):
            at += 1
        if at >= match.first - 1 or self._p.norms[at] not in ("would", "will", "can", "should", "does", "do"):
            return False
        follows = self._p.norms[at + 1]
        if follows in ("not", "you", "i", "it", "we", "tell", "hear", "see") or self._p.kind(match) == "normal":
            return False
        if self._p.norms[at] in ("does", "do"):
            return follows in ("people", "dogs", "cats") or "need" in self._p.norms[at : match.first]
        return True

    def _told(self, clause: Clause) -> bool:
        """ "if he's been throwing up since four": an if that tells a fact."""
        norms = self._p.norms
        return any(norms[at] == "been" and norms[at + 1].endswith("ing") for at in range(clause.first, clause.last))

    def _conditional_clauses(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for number, clause in enumerate(self._p.clauses):
            opener = clause.link
            if opener == "if" and self._told(clause):
                continue  # "do I need to come in if he's been throwing up": he has
            if opener in ("if", "unless"):
                before = self._p.norms[max(0, clause.first - 3) : clause.first]
                words = " ".join((*before[-2:], opener)) if before else opener
                found[number] = words
            elif (
                number - 1 in found
                and opener in ("and", "or")
                and self._p.clauses[number - 1].link in ("if", "unless", "and", "or")
                and not clause.past
            ):
                found[number] = found[number - 1]
            else:
                for cue in self._p.cues(
                    "hypothetical"
                ):  # "in case he ...", "what happens if ..." right before the clause
                    if (
                        cue.last in (clause.first - 1, clause.first)
                        and cue.first < clause.first
                        and (cue.last - cue.first >= 1 or self._p.norms[cue.first] in ("if", "unless"))
                    ):
                        found[number] = self._p.text(cue.first, cue.last)
        return found
