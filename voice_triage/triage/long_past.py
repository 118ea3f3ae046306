"""What is long past: "when she was a puppy", "two springs ago", "that was in twenty nineteen"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from voice_triage.triage.clauses import Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.eras import eras
from voice_triage.triage.passage import Passage

_LEADING = frozenset("yes no well so and but okay oh um uh the on all from for in at during after a about like".split())
_LONG_UNITS = frozenset("ago year month back summer winter spring fall".split())
_ONGOING = frozenset("since started began ever always been".split())
_WHILE_IT_LASTED = frozenset(
    tuple(words.split()) for words in ("all day", "all night", "all morning", "overnight", "kept", "keeps", "keep")
)
"""These tell how it was then as well as how it is now: "years ago he was howling all night"."""


class LongPast:
    """The clauses of a passage that speak of long ago."""

    def __init__(self, passage: Passage, currents: Sequence[Cue]) -> None:
        """``currents`` are the cues that set a clause in the present."""
        self._p = passage
        self._currents = currents
        self.clauses = self._historic_clauses()
        """Number of every clause about long ago -> the words that say so."""

    def _historic_clauses(self) -> dict[int, str]:
        """Number of every clause about long ago -> the words that say so."""
        found: dict[int, str] = {}
        told = [cue for cue in (*self._p.cues("historical"), *self._eras()) if self._tells(cue)]
        current = self._current(told)
        for cue in told:
            if not self._overridden(cue):
                self._spread(cue, current, found)
        for cue in self._p.cues("historical_after"):
            number = self._p.clause_of[cue.first]
            clause = self._p.clauses[number]
            had = set(self._p.norms[clause.first : cue.first]) & {"had", "has", "'s", "have", "done", "happened"}
            closes = self._p.norms[cue.first] == "before" and cue.first == clause.last
            once = self._p.norms[cue.first - 1 : cue.first] in (("once",), ("twice",), ("times",))
            if closes and (had or once) and number not in current and not self._p.negated_at(cue.first):
                found.setdefault(number, "before")
        return found

    def _current(self, told: Sequence[Cue]) -> set[int]:
        """Numbers of the clauses that tell of now; "four years now" and "never again" do not make them."""
        inside = {token for cue in told for token in range(cue.first, cue.last + 1)}
        return {
            self._p.clause_of[cue.first] + self._opens_next(cue)
            for cue in self._currents
            if cue.first not in inside
            and self._p.norms[cue.first : cue.last + 1] not in _WHILE_IT_LASTED
            and self._p.norms[cue.first - 1 : cue.first] not in (("never",), ("not",))
        }

    def _tells(self, cue: Cue) -> bool:
        likened = self._p.norms[max(0, cue.first - 2) : cue.first]
        aged = self._p.norms[cue.first] == "at" and self._p.norms[cue.last] in ("old", "weeks")
        if aged and not self._p.clauses[self._p.clause_of[cue.first]].past:
            return False  # "she's limping at two years old"
        if {"like", "as", "than"} & set(likened):
            return False  # "with the red in it like the last time"
        return not self._p.negated_at(cue.first)

    def _eras(self) -> Iterator[Cue]:
        """Times long past by grammar, in a clause that tells of the past or has no verb."""
        for cue in eras(self._p.norms):
            clause = self._p.clauses[self._p.clause_of[cue.first]]
            if clause.past or clause.verbless or clause.link == "when" or self._anaphor(clause):
                yield cue

    def _anaphor(self, clause: Clause) -> bool:
        return clause.subject >= 0 and self._p.norms[clause.subject] in ("that", "it", "this", "which")

    def _overridden(self, cue: Cue) -> bool:
        """Whether the same clause says that it goes on: "since last year", "started two months ago", "... and now"."""
        number = self._p.clause_of[cue.first]
        if any(
            later.first > cue.last
            and self._p.clause_of[later.first] == number
            and not self._p.negated_at(later.first)
            and not self._opens_next(later)
            for later in self._currents
        ):
            return True
        if any(
            self._p.norms[later.first] == "still" and self._p.clause_of[later.first] == number + 1
            for later in self._p.cues("current")
        ):
            return True  # "she had that cough when we adopted her and it's still there"
        before = self._p.norms[max(self._p.clauses[number].first, cue.first - 4) : cue.first]
        if "been" in before and not any(word.endswith("ing") for word in before):
            before = tuple(word for word in before if word != "been")  # "she's been snake bit two springs ago"
        return bool(_ONGOING & set(before)) and self._p.norms[cue.last] in _LONG_UNITS

    def _last_one(self, clause: Clause) -> bool:
        """As in "... the last one was three years back"."""
        words = self._p.norms[clause.first : clause.first + 6]
        return ("last", "one") in pairwise(words)

    def _opens_next(self, cue: Cue) -> bool:
        """Whether a "now" belongs to the clause behind it: "... years ago | now she's here for a bath"."""
        number = self._p.clause_of[cue.first]
        last = self._p.clauses[number].last
        more = number + 1 < len(self._p.clauses)
        return cue.last == last and more and self._p.norms[cue.last] in ("now", "today", "time")

    def _spread(self, cue: Cue, current: set[int], found: dict[int, str]) -> None:
        """Marks the cue's clause, and the past clauses that go with it."""
        number = self._p.clause_of[cue.first]
        clauses = self._p.clauses
        clause = clauses[number]
        words = self._p.text(cue.first, cue.last)
        found[number] = words
        ends = self._p.clause_of[cue.last]
        if ends > number and clauses[ends].past:
            found[ends] = words  # "that was the year | he had pancreatitis"
        following = clauses[number + 1] if number + 1 < len(clauses) else clause
        if following.link == "when" and following.past and number + 1 not in current:
            found[number + 1] = words  # "that was in oh nine when she got into the bait"
        leads = all(word in _LEADING for word in self._p.norms[clause.first : cue.first])
        opens = clause.link in ("when", "before", "until", "after") or leads
        points_back = (self._anaphor(clause) or self._last_one(clause)) and number > 0
        if points_back:
            opens = self._spread_back(number, current, found, words) or opens
        elif number and clause.subject == clause.first and not clause.link:
            self._relative(number, found, words)
        for later in range(number + 1, len(clauses)):
            anaphor = clauses[later].subject >= 0 and self._p.norms[clauses[later].subject] in ("that", "it")
            if not (opens or number == 0 or anaphor):
                break
            turns = clauses[later].link == "but" and not anaphor  # "... but that quit right away" goes on with it
            if later in current or turns or not (clauses[later].past or clauses[later].verbless):
                break
            found[later] = words
        if opens:
            for earlier in range(number - 1, -1, -1):
                if not clauses[earlier].past or earlier in current:
                    break
                found[earlier] = words

    def _relative(self, number: int, found: dict[int, str], words: str) -> None:
        """As in "the stone | he swallowed in twenty twenty": the noun before it is of that time too."""
        end = self._p.clauses[number].first - 1
        named = not {"the", "that", "this", "a", "an"}.isdisjoint(self._p.norms[max(0, end - 2) : end])
        if named and any(match.last == end for match in self._p.matches):
            found.setdefault(number - 1, words)

    def _spread_back(self, number: int, current: set[int], found: dict[int, str], words: str) -> bool:
        """Marks what "that was years ago" points back to; True if there is nothing, and so it points ahead."""
        clauses = self._p.clauses
        told = {self._p.clause_of[match.first] for match in self._p.matches if self._p.kind(match) != "normal"}
        for earlier in range(number - 1, -1, -1):
            if earlier in current or not (earlier in told or self._aside(clauses[earlier])):
                break
            if earlier in told:
                found.setdefault(earlier, words)
            goes_on = clauses[earlier].past and clauses[earlier].link in ("and", "before", "when", "after")
            if earlier in told and not goes_on:
                return False
        else:
            return not any(earlier in told for earlier in range(number))
        return False

    def _aside(self, clause: Clause) -> bool:
        """Whether a clause may stand between what happened and "that was years ago": "we think", "they gave her"."""
        if clause.verbless or clause.subject < 0 or self._anaphor(clause):
            return True
        return self._p.norms[clause.subject] in ("i", "we", "you", "they") or clause.past
