"""Denials put behind what they deny: "vomiting no", "is he coughing hm no", "parvo we ruled that out"."""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.disfluency import DROPPED
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.tokens import is_punctuation

_AFTERTHOUGHT = frozenset(
    "in it goes on him hm well that you said they we was is as far at anything uh um mouth face there i would "
    "say have 's no can see for there".split()
)
_CLOSERS = frozenset("across no yes but and so he she it i we the they though just thank okay sorry with when".split())
_ASIDE = frozenset("um uh hm hmm oh er well ah eh nah let me think see".split())
_YOU_ASK = (("you", "said"), ("you", "say"), ("you", "mean"), ("you", "asked"), ("you", "ask"), ("did", "you", "say"))
_GOES_ON = frozenset("no nothing none not never he she it i we they nobody there that sir ma'am".split())
"""What follows a "no" that answers the echoed question before it."""
_ECHO = frozenset("is has does did do any was are were have how about what and so but a the some of his her".split())
"""Words before a finding in a question that the client says again: "any blood in the stool", "is he coughing"."""
_PRONOUNS = frozenset("he she it they there".split())
_HAVING = frozenset(
    "have had got seen see saw noticed notice get gotten do does done heard come spotted found witnessed caught "
    "observed met".split()
)
_ARE = (("are",), ("is",), ("was",), ("were",), ("has",), ("have",), ("'re",))
_VOCATIVE = frozenset("love honey hon dear sweetie darling ma'am sir miss doc doctor sweetheart mate".split())
_BETWEEN = frozenset("and or , . ? no any of the well nah you said asked ask say mean there is".split())
_LISTING = frozenset("or nor and".split())


class Answers:
    """The denials of a passage that stand behind their findings."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage

    def denied(self, match: Match, clause: Clause) -> Verdict | None:
        """``negated`` (or ``resolved``) for a finding that is denied behind it, else None."""
        return self._put_behind(match) or self._answered_no(match, clause) or self._topic(match, clause)

    def _put_behind(self, match: Match) -> Verdict | None:
        """As in "blood in it not really", "vomiting not since Sunday", "parvo we ruled that out"."""
        norms = self._p.norms
        for name, status in (("ended_after", Status.RESOLVED), ("denied_after", Status.NEGATED)):
            for cue in self._p.cues(name):
                if not match.last < cue.first <= match.last + 6:
                    continue
                listing = (
                    norms[cue.first] in ("none", "neither") and cue.last > cue.first
                )  # "fits faints none of those"
                if not listing and self._other_between(match, cue.first):
                    continue
                if listing and norms[cue.last + 1 : cue.last + 2] in _ARE:
                    continue  # "they're all there none of them are missing"
                if listing and self._listed(match, cue.first):
                    return Verdict(status, self._p.text(cue.first, cue.last), name)
                if not self._loose(match, cue.first):
                    continue
                following = norms[cue.last + 1 : cue.last + 2]
                closes = not following or following[0] in _CLOSERS or is_punctuation(following[0])
                listed = norms[cue.last] in ("negative", "no", "none")  # "cough negative sneeze negative"
                closes = closes or (listed and any(m.first == cue.last + 1 for m in self._p.matches))
                ended = name == "ended_after" and self._p.kind(match) != "normal"
                if ended or closes or cue.last in self._p.clause_ends:
                    return self._long_ago(cue) or Verdict(status, self._p.text(cue.first, cue.last), name)
        return None

    def _listed(self, match: Match, stop: int) -> bool:
        """Whether only further findings and links stand from a finding to a "none of those"."""
        others = {t for m in self._p.matches if m.first < stop for t in range(m.first, m.last + 1)}
        return all(
            at in others or self._p.norms[at] in _BETWEEN or self._p.norms[at] in DROPPED
            for at in range(match.last + 1, stop)
        )

    def _long_ago(self, cue: Cue) -> Verdict | None:
        """As in "a seizure not lately the last one was two years back"."""
        past = next((c for c in self._p.cues("historical") if cue.last < c.first <= cue.last + 8), None)
        if past is None or self._p.norms[cue.first] != "not":
            return None
        return Verdict(Status.HISTORICAL, self._p.text(past.first, past.last), "long_past")

    def _other_between(self, match: Match, stop: int) -> bool:
        reach = self._reach_of(match)
        return any(reach < m.first < stop and m.concept != match.concept for m in self._p.matches)

    def _reach_of(self, match: Match) -> int:
        """The last token of the longest match that begins where this one does: "swelling [in her face]"."""
        return max(m.last for m in self._p.matches if m.first <= match.first <= m.last)

    def _loose(self, match: Match, stop: int) -> bool:
        """Whether nothing of weight stands between a finding and a denial behind it."""
        return all(
            norm in DROPPED or norm in _AFTERTHOUGHT or is_punctuation(norm)
            for norm in self._p.norms[self._reach_of(match) + 1 : stop]
        )

    def _answered_no(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "vomiting no diarrhea no", "is he coughing hm no", "swelling you said no nothing's puffed up"."""
        norms = self._p.norms
        at = self._past_asides(self._reach_of(match) + 1)
        asked = self._echoes(match, clause)
        for words in _YOU_ASK:
            if norms[at : at + len(words)] == words:
                at, asked = self._past_asides(at + len(words)), True
        if norms[at : at + 1] not in (("no",), ("never",)):
            return None
        if norms[at + 1 : at + 2] and norms[at + 1] in _VOCATIVE:
            at += 1
        following = next((m for m in self._p.matches if m.first == at + 1), None)
        if following is None and asked and norms[at + 1 : at + 2] and norms[at + 1] in _GOES_ON:
            return Verdict(Status.NEGATED, norms[at], "answered_no")
        each = following is not None and norms[following.last + 1 : following.last + 2] in (("no",), ("never",))
        if each and following is not None and any(m.first == following.last + 2 for m in self._p.matches):
            return None  # "eating fine no throwing up no diarrhea": each "no" stands before its finding
        nothing_else = all(
            n in ("no", "never", "not", "none", "at", "all", "nothing", "that", ".", "of") for n in norms[at:]
        )
        if each or self.answered_each or nothing_else:
            return Verdict(Status.NEGATED, norms[at], "denied_after")
        return None

    @property
    def answered_each(self) -> bool:
        """Whether findings are answered one by one: "itchy ears yes fleas no hair loss a little bit"."""
        return any("yes" in self._p.norms[m.last + 1 : m.last + 3] for m in self._p.matches)

    def _past_asides(self, at: int) -> int:
        norms = self._p.norms
        while at < len(norms) and (is_punctuation(norms[at]) or norms[at] in _ASIDE):
            at += 1
        if at < len(norms) and norms[at] in _LISTING:  # "trauma or falls no": one answer to both
            listed = next((m for m in self._p.matches if m.first == at + 1), None)
            if listed is not None:
                return self._past_asides(listed.last + 1)
        return at

    def _echoes(self, match: Match, clause: Clause) -> bool:
        """Whether a finding stands in an echoed question or alone at the head of its clause."""
        opens = clause.first + (self._p.norms[clause.first] in ("now", "and", "so", "well", "but", "okay"))
        before = self._p.norms[opens : match.first]
        alone = all(word in _ECHO or word in DROPPED or word in _ASIDE for word in before)
        inverted = len(before) >= 2 and before[0] in _ECHO and before[1] in _PRONOUNS
        told = clause.subject >= 0 and clause.subject <= match.first and not inverted
        return (alone or inverted) and not told

    def _topic(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "pain i would say he doesn't have", "seizures that's one thing he doesn't get"."""
        norms = self._p.norms
        if not self._echoes(match, clause) or clause.first + 3 < match.first:
            return None
        for cue in self._p.cues("negation"):
            if not match.last < cue.first <= match.last + 10 or norms[cue.first] not in ("not", "never"):
                continue
            at = cue.last + 1
            closes = norms[at + 1 : at + 2]
            done = not closes or closes[0] in _CLOSERS or at in self._p.clause_ends or is_punctuation(closes[0])
            if norms[at : at + 1] and norms[at] in _HAVING and done and not self._other_between(match, cue.first):
                return Verdict(Status.NEGATED, self._p.text(cue.first, at), "topic_denied")
        return None
