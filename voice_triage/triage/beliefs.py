"""Beliefs taken back: "I thought she was choking but no", "I was sure he ate it till it turned up"."""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict

REACH = 8
"""A belief reaches so many tokens to the right."""

_BUT = (("but",), ("until",), ("turns",), ("turned",), ("only",), ("except",))
_PLAINLY = (
    ("no",),
    ("it",),
    ("he",),
    ("she",),
    ("that",),
    ("turns",),
    ("turned",),
    ("actually",),
    ("nope",),
    ("then",),
)
_ONLY = frozenset("only just".split())
_BELIEVED = frozenset(
    "thought sure figured looked seemed sounded swore sworn convinced assumed panicked afraid".split()
)
"""Beliefs told of the past: a "but" behind them takes the belief back."""
_STANDS = frozenset("not can will maybe now worse".split())
"""Behind that "but" these leave the matter open: "I thought he ate it but I'm not sure"."""


_FEARED = frozenset("was were thought panicked".split())
"""Told of the past: "I'm worried he ate it but he's fine" takes nothing back."""


class Beliefs:
    """The beliefs of a passage that were mistaken."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage

    def mistaken(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "I thought she was choking but no she was just gulping", "I was sure he ate it till it turned up"."""
        norms = self._p.norms
        at = next((at for at in range(match.last + 1, match.last + 8) if norms[at : at + 1] in _BUT), None)
        for cue in self._p.cues("belief"):
            near = clause.first - 4 <= cue.first < match.first and match.first - cue.last <= REACH
            if not near or self._p.negated_at(cue.first):
                continue
            told = not _BELIEVED.isdisjoint(norms[cue.first : cue.last + 1])
            follows = norms[at + 1 : at + 5] if at is not None else ()
            plain = follows[:1] in _PLAINLY or not _ONLY.isdisjoint(follows)
            if at is not None and (plain or (told and not _STANDS.intersection(follows))):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "mistaken")
            back = next((c for c in self._p.cues("all_there") if match.last < c.first <= match.last + 14), None)
            if told and back is None and self._p.kind(match) == "finding" and not self._p.event(match):
                back = self._well_after(match, clause)  # "scared it was a blockage so I watched and he went fine"
            if told and back is not None:
                return Verdict(Status.NEGATED, self._p.text(back.first, back.last), "mistaken")
        return None

    def _well_after(self, match: Match, clause: Clause) -> Cue | None:
        """Health told behind a fear, in a clause of its own."""
        fears = not _FEARED.isdisjoint(self._p.norms[max(0, clause.first - 4) : match.first])
        wells = (c for name in ("well", "recovery") for c in self._p.cues(name))
        return next((c for c in wells if fears and c.first > clause.last and not self._p.negated_at(c.first)), None)
