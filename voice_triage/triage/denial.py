"""Denial: "no vomiting", "hasn't eaten", "I don't think he's in pain", "vomiting no", and what only looks like one."""

from __future__ import annotations

from collections.abc import Sequence

from voice_triage.events import Status
from voice_triage.triage.clauses import Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.disfluency import DROPPED
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.tokens import is_punctuation

REACH = 6
"""A denial reaches this many core tokens to the right (scope cap, `language.md`)."""
LIST_REACH = 16
"""With ``or``, ``any`` or a comma between, a denial runs through a list."""
DISCOURSE_PAUSE_S = 0.35
"""A "no" followed by this silence answers the question and denies nothing after it."""
_LIST_WORDS = frozenset({"or", "nor", "any", ",", "and", "/", "anything", "of", "no", "kind", "other", "signs", "sign"})
_FINITE = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "'s",
        "'re",
        "'ve",
        "does",
        "did",
        "will",
        "keeps",
        "kept",
        "started",
        "seems",
        "looks",
        "can",
        "got",
        "went",
    }
)
_AFTERTHOUGHT = frozenset(
    {
        "in",
        "it",
        "goes",
        "on",
        "him",
        "hm",
        "well",
        "that",
        "you",
        "said",
        "they",
        "we",
        "was",
        "is",
        "as",
        "far",
        "at",
        "anything",
        "uh",
        "um",
        "mouth",
        "face",
        "there",
        "i",
        "would",
        "say",
    }
)
_CLOSERS = frozenset(
    {
        "no",
        "yes",
        "but",
        "and",
        "so",
        "he",
        "she",
        "it",
        "i",
        "we",
        "the",
        "they",
        "though",
        "just",
        "thank",
        "okay",
        "sorry",
        "with",
        "when",
    }
)


_HAVING = frozenset({"have", "had", "having", "seen", "see", "noticed", "notice", "any", "got", "find", "found"})
"""After these a list of nouns follows: "doesn't have the vomiting the coughing"."""
_ANY = frozenset({"kind", "sort", "type", "sign", "signs", "of", "more", "real", "trace", "bit", "other"})


class Denials:
    """The denials of a passage."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage
        self.negators = self._negators()
        """Cues that deny, in order of place; what only looks like a denial is left out."""

    def persists(self, match: Match, clause: Clause) -> Verdict | None:
        for cue in self._p.cues("persists"):
            if cue.first <= match.last and match.first <= cue.last:
                continue
            if clause.first <= cue.first and cue.last < match.first and self._p.gap(cue.last + 1, match.first) <= 2:
                return Verdict(Status.PRESENT, self._p.text(cue.first, cue.last), "does_not_stop")
        for at in range(max(clause.first, match.first - 3), match.first):
            if self._p.norms[at] in ("stop", "quit") and any(
                self._p.norms[cue.first] == "not" and at - 5 <= cue.first < at for cue in self._p.cues("negation")
            ):
                return Verdict(Status.PRESENT, self._p.text(at, at), "does_not_stop")
        return None

    def denied(self, match: Match, clause: Clause) -> Verdict | None:
        reaching = self.reaching(match, clause)
        raised = self._raised_negator(clause)
        if raised is not None:
            if self._p.norms[raised.last] == "but" and any(c.last < raised.first <= c.last + 8 for c in self.negators):
                return Verdict(Status.PRESENT, self._p.text(raised.first, raised.last), "exception")
            reaching.append(raised)
        if reaching:
            cue = self._p.text(reaching[0].first, reaching[0].last)
            if len(reaching) >= 2 and not self._same_list(reaching):
                return Verdict(Status.PRESENT, cue, "double_denial")
            around = next(
                (c for c in self._p.cues("round_denial") if clause.first - 8 <= c.first and c.last < reaching[0].first),
                None,
            )
            if around is not None:
                return Verdict(Status.PRESENT, self._p.text(around.first, around.last), "double_denial")
            if match.last + 1 < len(self._p.norms) and self._p.norms[match.last + 1] == "until":
                return Verdict(Status.PRESENT, "until", "until")
            if self._excepted(reaching[0].last + 1, match.first):
                return Verdict(Status.PRESENT, cue, "exception")
            if self._ended_since(match, reaching[0]):
                return Verdict(Status.RESOLVED, cue, "none_since")
            after = self._p.after(match, ("anymore", "longer"), 6)
            if after is not None and self._p.kind(match) not in ("normal",):
                return Verdict(Status.RESOLVED, after, "no_longer")
            return Verdict(Status.NEGATED, cue, "denial")
        around = next(
            (
                c
                for c in self._p.cues("round_denial")
                if c.last < match.first <= c.last + 4
                and self._p.norms[match.first] in ("not", "stopped", "can", "could")
            ),
            None,
        )
        if around is not None:
            return Verdict(
                Status.NEGATED, self._p.text(around.first, around.last), "not_so"
            )  # "it's not that he won't eat"
        return self._any(match) or self._denied_after(match)

    def _any(self, match: Match) -> Verdict | None:
        """ "I didn't notice when I cleaned it any discharge": *any* stands under a denial, however far."""
        at = match.first - 1
        while at > 0 and self._p.norms[at] in _ANY:
            at -= 1
        if at < 0 or self._p.norms[at] != "any":
            return None
        for cue in reversed(self.negators):
            if (
                cue.last < at
                and at - cue.last <= LIST_REACH
                and self._p.norms[cue.first] in ("not", "never", "no", "nobody", "without")
            ):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "denial")
        return None

    def _denied_after(self, match: Match) -> Verdict | None:
        """ "vomiting no diarrhea no": an answer to each, put behind it."""
        norms = self._p.norms
        for name, status in (("ended_after", Status.RESOLVED), ("denied_after", Status.NEGATED)):
            for cue in self._p.cues(name):
                if not match.last < cue.first <= match.last + 6 or any(
                    match.last < m.first < cue.first for m in self._p.matches
                ):
                    continue
                between = [
                    n
                    for n in norms[match.last + 1 : cue.first]
                    if n not in DROPPED and n not in _AFTERTHOUGHT and not is_punctuation(n)
                ]
                closes = (
                    cue.last + 1 >= len(norms)
                    or norms[cue.last + 1] in _CLOSERS
                    or is_punctuation(norms[cue.last + 1])
                    or cue.last in self._p.clause_ends
                )
                if name == "ended_after" and self._p.kind(match) != "normal" and not between:
                    return Verdict(status, self._p.text(cue.first, cue.last), name)
                if closes and not between:
                    return Verdict(status, self._p.text(cue.first, cue.last), name)
        at = match.last + 1
        while at < len(norms) and (is_punctuation(norms[at]) or norms[at] in ("um", "uh", "hm", "hmm")):
            at += 1
        if at >= len(norms) or norms[at] not in ("no", "never", "none"):
            return None
        if at + 1 >= len(norms):
            return Verdict(Status.NEGATED, norms[at], "denied_after")
        following = next((m for m in self._p.matches if m.first == at + 1), None)
        if following is not None and following.last + 1 < len(norms) and norms[following.last + 1] in ("no", "never"):
            return Verdict(Status.NEGATED, norms[at], "denied_after")
        answered = any(m.last + 1 < len(norms) and norms[m.last + 1] == "yes" for m in self._p.matches)
        ends_turn = all(
            n in ("no", "never", "not", "none", "at", "all", "nothing", "that", ".", "of") for n in norms[at:]
        )
        return Verdict(Status.NEGATED, norms[at], "denied_after") if ends_turn or answered else None

    def reaching(self, match: Match, clause: Clause) -> list[Cue]:
        """Denials before the match in its clause that reach it, nearest first."""
        found: list[Cue] = []
        for cue in reversed(self.negators):
            if cue.last >= match.first or cue.first < clause.first:
                continue
            holder = next(
                (m for m in self._p.matches if m.first <= cue.first and cue.last <= m.last and m.last < match.first),
                None,
            )
            start = holder.last + 1 if holder else cue.last + 1
            between = self._p.norms[start : match.first]
            if holder is not None and not any(w in ("or", "nor") for w in between):
                continue  # "not eating throwing up": the denial is spent on "not eating"
            if self._blocked(cue, start, match):
                continue
            reach = LIST_REACH if any(w in _LIST_WORDS for w in self._p.norms[cue.first : match.first]) else REACH
            if self._p.gap(start, match.first) <= reach:
                found.append(cue)
        return found

    def _negators(self) -> list[Cue]:
        neutral = {
            token
            for name in ("not_negation", "persists", "resolved_before")
            for cue in self._p.cues(name)
            for token in range(cue.first, cue.last + 1)
        }
        found: list[Cue] = []
        for cue in self._p.cues("negation"):
            if cue.first in neutral or (found and cue.first <= found[-1].last):
                continue
            norm = self._p.norms[cue.first]
            following = cue.last + 1
            if norm == "no" and cue.first == cue.last and following < len(self._p.norms):
                if self._p.norms[following] in (
                    "no",
                    "yes",
                    "but",
                    "not",
                    "he",
                    "she",
                    "it",
                    "they",
                    "i",
                    "we",
                    "never",
                    "um",
                    "uh",
                    "well",
                    "and",
                    "because",
                    "that",
                    "there",
                    "my",
                ):
                    continue  # an answer, not a denial of what follows
                if self._p.utterance.pause_before(following) >= DISCOURSE_PAUSE_S or is_punctuation(
                    self._p.norms[following]
                ):
                    continue
            found.append(cue)
        return found

    def _blocked(self, cue: Cue, start: int, match: Match) -> bool:
        norms = self._p.norms
        verbal = norms[cue.first] in ("not", "never") and norms[cue.last + 1] not in _HAVING
        if verbal and "who" in norms[max(0, cue.first - 2) : cue.first] and start + 1 < match.first:
            return True  # "my dog who never eats junk swallowed a quarter"
        for at in range(start, match.first):
            word = norms[at]
            if any(t.first == at for t in self._p.cues("terminator")) and not (
                word in ("since", "after", "before", "when", "while") and False
            ):
                return True
            if is_punctuation(word) and word[0] in ".?!;":
                return True
            if word == "and" and at + 1 < len(norms):
                following = norms[at + 1]
                if following in _FINITE or (verbal and (at + 1 == match.first or following.endswith("ing"))):
                    return True
        inside = [
            m
            for m in self._p.matches
            if m.first >= start and m.last < match.first and self._p.kind(m) in ("finding", "exposure")
        ]
        if inside and verbal:
            last = max(m.last for m in inside)
            linked = any(w in ("or", "nor", "any", ",") for w in norms[last + 1 : match.first]) or any(
                w in ("or", "nor") for w in norms[match.last + 1 : match.last + 3]
            )
            if not linked:
                return True  # "not limping throwing up": a new finding without "or" is a new statement
        return False

    def _raised_negator(self, clause: Clause) -> Cue | None:
        """ "i don't think | he's in pain": the denial of the thinking is a denial of the thought."""
        if clause.first == 0:
            return None
        for cue in self.negators:  # "anything but pale": the cue itself holds the conjunction that opens the clause
            if cue.first < clause.first <= cue.last:
                return cue
        if not clause.embedded:
            return None
        before = self._p.clauses[self._p.clause_of[clause.first - 1]]
        for cue in reversed(self.negators):
            if before.first <= cue.first <= before.last and cue.last < clause.first and clause.first - cue.last <= 4:
                if self._p.norms[cue.first] in ("not", "doubt", "i", "since", "unlikely", "never"):
                    return cue
        return None

    def _same_list(self, cues: Sequence[Cue]) -> bool:
        """ "no no blood", "no vomiting no diarrhea": one denial said again, not a denial of a denial."""
        words = [self._p.norms[cue.first] for cue in cues]
        if "without" in words:
            return False
        verbal = [w for w in words if w in ("not", "never")]
        return len(verbal) < 2 or any(w == "no" for w in words)

    def _excepted(self, start: int, stop: int) -> bool:
        return any(start - 1 <= cue.first and cue.last < stop for cue in self._p.cues("exception"))

    def _ended_since(self, match: Match, negator: Cue) -> bool:
        after = self._p.norms[match.last + 1 : match.last + 5]
        if self._p.norms[negator.first] not in ("not", "never") or self._p.kind(match) == "normal":
            return False
        perfect = any(
            w in ("has", "have", "had", "'s", "'ve")
            for w in self._p.norms[max(0, negator.first - 3) : negator.first + 1]
        )
        if "since" in after[:3]:
            return perfect
        return (
            perfect
            and len(after) >= 2
            and after[0] in ("in", "for")
            and any(
                w in ("hours", "days", "weeks", "months", "years", "day", "week", "while", "ages", "hour")
                for w in after
            )
        )
