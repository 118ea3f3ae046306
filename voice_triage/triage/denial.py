"""Denial: "no vomiting", "hasn't eaten", "I don't think he's in pain", "vomiting no", and what only looks like one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from voice_triage.events import Status
from voice_triage.triage.answers import Answers
from voice_triage.triage.clauses import Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.tokens import is_punctuation

REACH = 6
"""A denial reaches this many core tokens to the right (scope cap, `language.md`)."""
LIST_REACH = 16
"""With ``or``, ``any`` or a comma between, a denial runs through a list."""
DISCOURSE_PAUSE_S = 0.35
"""A "no" followed by this silence answers the question and denies nothing after it."""

_VERBAL = ("not", "never")
_LIST_WORDS = frozenset("or nor any , and / anything of no kind other signs sign".split())
_FINITE = frozenset(
    "is are was were has have had 's 're 've does did will keeps kept started seems looks can got went".split()
)
_AFTER_ANSWER = frozenset("no yes but not he she it they i we never um uh well and because that there my".split())
"""What follows a "no" that is an answer: "no he's throwing up"."""
_HAVING = frozenset("have had having seen see noticed notice any got find found".split())
"""After these a list of nouns follows: "doesn't have the vomiting the coughing"."""
_EVERY = frozenset("everything all every anything everyone both".split())
_WELL = frozenset("normal fine good great okay well healthy clear".split())
"""As in "everything's normal apart from the blood": what is left out of being well is there."""
_AFFIRMING = frozenset(
    {
        ("she", "is"),
        ("he", "is"),
        ("she", "'s"),
        ("he", "'s"),
        ("it", "is"),
        ("there", "is"),
        ("a", "little"),
        ("a", "bit"),
    }
    | {("he", "does"), ("she", "does"), ("he", "did"), ("she", "did"), ("a", "tiny"), ("one", "time"), ("just", "once")}
)
_ANY = frozenset("kind sort type sign signs of more real trace bit other".split())
KEEPS_FROM = frozenset(
    "got grabbed took pulled snatched caught stopped fished yanked scooped intercepted swiped "
    "picked swept moved hid".split()
)
_AUXILIARIES = tuple((word,) for word in "has have had is was are were did does do can could will would 's".split())
_STOPS = frozenset("stopped quit stops".split())
_NOT = (("not",), ("never",))
_SCARCELY = (("hardly",), ("barely",), ("scarcely",))
_TIMES = frozenset("hours hour days day weeks week months years while ages".split())


_LIKE_THIS = (
    ("like", "this"),
    ("like", "that"),
    ("this", "much"),
    ("this", "bad"),
    ("this", "hard"),
    ("this", "badly"),
)
_NOT_ALL = frozenset(
    {("the", "whole"), ("all", "of"), ("the", "entire"), ("that", "much"), ("all", "the"), ("it", "all")}
)


class Denials:
    """The denials of a passage."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage
        self._terminators = {cue.first for cue in passage.cues("terminator")}
        self._answers = Answers(passage)
        self.negators = self._negators()
        """Cues that deny, in order of place; what only looks like a denial is left out."""

    def persists(self, match: Match, clause: Clause) -> Verdict | None:
        """A denied stop: "can't stop shaking", "couldn't get it to stop bleeding"."""
        norms = self._p.norms
        for cue in self._p.cues("persists"):
            near = clause.first <= cue.first and cue.last < match.first
            if near and self._p.gap(cue.last + 1, match.first) <= 2:
                return Verdict(Status.PRESENT, self._p.text(cue.first, cue.last), "does_not_stop")
        for at in range(max(clause.first, match.first - 3), match.first):
            if norms[at] in ("stop", "quit") and "not" in norms[max(0, at - 5) : at]:
                return Verdict(Status.PRESENT, self._p.text(at, at), "does_not_stop")
        return None

    def denied(self, match: Match, clause: Clause) -> Verdict | None:
        """What a denial before or behind the match makes of it, or None if none reaches it."""
        if match.denied and not self._holds_own(match):
            return Verdict(Status.NEGATED, "not", "denied_inside")
        reaching = self.reaching(match, clause)
        raised = self._raised(clause)
        if raised is not None:
            if self._p.norms[raised.last] == "but" and any(c.last < raised.first <= c.last + 8 for c in self.negators):
                return Verdict(Status.PRESENT, self._p.text(raised.first, raised.last), "exception")
            reaching.append(raised)
        if reaching:
            return self._undone(match, clause, reaching) or self._over(match, reaching[0])
        if self._p.norms[match.first] in _STOPS and self._p.norms[match.first - 1 : match.first] in _NOT:
            return Verdict(Status.NEGATED, "not", "denial")  # "no he hasn't | stopped eating"
        if self._left_out(match):
            return Verdict(Status.NEGATED, "except", "left_out")
        around = self._around(match.first - 5, match.first)
        if around is not None and self._negative(match):
            return Verdict(
                Status.NEGATED, self._p.text(around.first, around.last), "not_so"
            )  # "it's not that he won't eat"
        return self._denied_next(match, clause) or self._prevented(match, clause) or self._behind(match, clause)

    def _behind(self, match: Match, clause: Clause) -> Verdict | None:
        return self._any(match) or self._answers.denied(match, clause)

    def _holds_own(self, match: Match) -> bool:
        """Whether the "not" within a match is its own: "not one drop", "his jaw hasn't stopped clacking"."""
        persists = any(match.first <= c.first and c.last <= match.last for c in self._p.cues("persists"))
        return persists or self._p.norms[match.first] in ("not", "never", "no", "nothing")

    def reaching(self, match: Match, clause: Clause) -> list[Cue]:
        """Denials before the match in its clause that reach it, nearest first."""
        found: list[Cue] = []
        for cue in reversed(self.negators):
            if cue.last >= match.first or cue.first < clause.first:
                continue
            if self._p.norms[cue.last + 1 : cue.last + 2] in _SCARCELY:
                continue  # "she can't hardly breathe" can, but hardly
            holder = next(
                (m for m in self._p.matches if m.first <= cue.first and cue.last <= m.last and self._holds(m, match)),
                None,
            )
            start = holder.last + 1 if holder else cue.last + 1
            between = self._p.norms[start : match.first]
            bare = holder is not None and holder.last == cue.last and match.first == cue.last + 1
            if holder is not None and not bare and not ("or" in between or "nor" in between):
                continue  # "not eating throwing up": the denial is spent on "not eating"
            if self._blocked(cue, start, match) or self._agrees(cue, match):
                continue
            listed = not _LIST_WORDS.isdisjoint(self._p.norms[cue.first : match.first])
            if self._p.gap(start, match.first) <= (LIST_REACH if listed else REACH):
                found.append(cue)
        return found

    def _holds(self, holder: Match, match: Match) -> bool:
        """Whether a match before another may have used up the denial in it; an idiom has not."""
        return holder.last < match.first and self._p.kind(holder) != "idiom"

    def _undone(self, match: Match, clause: Clause, reaching: Sequence[Cue]) -> Verdict | None:
        """A denial of a denial, or one with an exception: the finding is there."""
        cue = self._p.text(reaching[0].first, reaching[0].last)
        if len(reaching) >= 2 and not self._same_list(reaching):
            return Verdict(Status.PRESENT, cue, "double_denial")
        around = self._around(clause.first - 8, reaching[0].first)
        if around is not None:
            return Verdict(Status.PRESENT, self._p.text(around.first, around.last), "double_denial")
        affirmed = self._affirmed_after(match)
        if affirmed is not None:
            return Verdict(Status.PRESENT, self._p.text(affirmed.first, affirmed.last), "self_repair")
        if self._p.norms[match.last + 1 : match.last + 3] == ("to", "stop"):
            return Verdict(Status.PRESENT, "to stop", "does_not_stop")  # "can't get the bleeding to stop"
        if self._p.norms[match.last + 1 : match.last + 2] == ("until",):
            return Verdict(Status.PRESENT, "until", "until")
        if self._p.norms[reaching[0].first] == "without" and self._without_denied(reaching[0], clause):
            return Verdict(Status.PRESENT, cue, "double_denial")
        start = reaching[0].last
        if any(start <= c.first and c.last < match.first for c in self._p.cues("exception")):
            return Verdict(Status.PRESENT, cue, "exception")
        return self._beyond_denial(match, cue)

    def _beyond_denial(self, match: Match, cue: str) -> Verdict | None:
        """A denial of the manner, the amount or of what was before: the finding is there all the same.

        "never bled like this", "didn't eat the whole thing", "wasn't any blood at first but now it's pouring".
        """
        norms = self._p.norms
        if cue == "never" and norms[match.last + 1 : match.last + 3] in _LIKE_THIS:
            return Verdict(Status.PRESENT, " ".join(norms[match.last + 1 : match.last + 3]), "never_like_this")
        told = norms[match.first : match.last + 4]
        if self._p.kind(match) == "exposure" and any(pair in _NOT_ALL for pair in pairwise(told)):
            return Verdict(Status.PRESENT, cue, "not_all_of_it", 0.8)
        for number in range(self._p.clause_of[match.first] + 1, self._p.clause_of[match.last] + 1):
            clause = self._p.clauses[number]
            if clause.link == "but" and not self._p.negated_at(match.last):
                return Verdict(Status.PRESENT, self._p.text(clause.first, match.last), "but_now")
        return None

    def _without_denied(self, without: Cue, clause: Clause) -> bool:
        """As in "hasn't gone one single day this week without bloody stool"."""
        return any(
            clause.first <= cue.first < without.first <= cue.last + 12 and self._p.norms[cue.first] in ("not", "never")
            for cue in self.negators
        )

    def _over(self, match: Match, negator: Cue) -> Verdict:
        """Denied, or rather over: "hasn't thrown up since yesterday", "isn't limping anymore"."""
        cue = self._p.text(negator.first, negator.last)
        if self._p.kind(match) != "normal":
            if self._none_since(match, negator):
                return Verdict(Status.RESOLVED, cue, "none_since")
            longer = self._p.after(match, ("anymore", "longer"), 6)
            if longer is not None:
                return Verdict(Status.RESOLVED, longer, "no_longer")
        return Verdict(Status.NEGATED, cue, "denial")

    def _around(self, start: int, stop: int) -> Cue | None:
        """The first half of a round denial that lies within the tokens from ``start`` up to ``stop``."""
        for cue in self._p.cues("round_denial"):
            knows = self._p.norms[cue.last + 1 : cue.last + 2] == ("i",)  # "not that I know of" is a plain answer
            if start <= cue.first and cue.last < stop and not knows:
                return cue
        return None

    def _denied_next(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "it's not like | he's having a seizure", "i very much doubt that | he's in pain"."""
        norms = self._p.norms
        for cue in self._p.cues("denies_next"):
            follows = norms[cue.last + 1 : cue.last + 2]
            beside = clause.first - 2 <= cue.last < match.first and cue.first >= clause.first - 10
            near = beside and match.first - max(cue.last, clause.first) <= REACH
            if not near or (norms[cue.last] in ("that", "like") and follows in (("i",), ("this",), ("that",))):
                continue  # "not that I know of" is a plain answer
            if clause.first > cue.last + 1 and norms[clause.first - 1] not in ("that", "is"):
                continue
            return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "denied_next")
        return None

    def _prevented(self, match: Match, clause: Clause) -> Verdict | None:
        """What was kept from happening: "got it out before he swallowed any", "almost got hit by a car"."""
        norms = self._p.norms
        if not (self._p.event(match) or self._p.kind(match) == "exposure"):
            return None
        if match.first and norms[match.first - 1] in ("almost", "nearly"):
            return Verdict(Status.NEGATED, norms[match.first - 1], "near_miss")
        number = self._p.clause_of[match.first]
        if clause.link != "before" or not number:
            return None
        earlier = self._p.clauses[number - 1]
        if KEEPS_FROM.isdisjoint(norms[earlier.first : earlier.last + 1]):
            return None
        return Verdict(Status.NEGATED, "before", "prevented")

    def _negative(self, match: Match) -> bool:
        """Whether a finding holds its own negative: "hasn't peed", "won't eat", "stopped eating"."""
        words = self._p.norms[match.first : match.last + 1]
        return words[0] in _STOPS or "not" in words[:4]

    def _left_out(self, match: Match) -> bool:
        """As in "she ate everything except the bones"."""
        return any(
            0 < match.first - cue.last <= 3
            and self._p.norms[cue.first] not in ("only", "just")
            and not _EVERY.isdisjoint(before := self._p.norms[max(0, cue.first - 6) : cue.first])
            and _WELL.isdisjoint(before)
            and "not" not in before  # "doesn't do anything except have diarrhea": that is what there is
            for cue in self._p.cues("exception")
        )

    def _affirmed_after(self, match: Match) -> Cue | None:
        """As in "no diarrhea well actually a little bit", "not coughing I mean she is"."""
        for cue in self._p.cues("repair"):
            if match.last < cue.first <= match.last + 3:
                follow = self._p.norms[cue.last + 1 : cue.last + 4]
                says_yes = follow[:1] == ("yes",) or follow[:2] in _AFFIRMING or follow[1:3] in _AFFIRMING
                if says_yes and "not" not in follow:
                    return cue
        return None

    def _any(self, match: Match) -> Verdict | None:
        """As in "I didn't notice when I cleaned it any discharge": *any* stands under a denial, however far."""
        at = match.first - 1
        while at > 0 and self._p.norms[at] in _ANY:
            at -= 1
        if at < 0 or self._p.norms[at] != "any":
            return None
        for cue in reversed(self.negators):
            far = not 0 < at - cue.last <= LIST_REACH
            if not far and self._p.norms[cue.first] in ("not", "never", "no", "nobody", "without"):
                return Verdict(Status.NEGATED, self._p.text(cue.first, cue.last), "denial")
        return None

    def _negators(self) -> list[Cue]:
        denying = {cue.first: cue.last for cue in self._p.cues("negation")}
        neutral = {
            token
            for name in ("not_negation", "persists", "resolved_before")
            for cue in self._p.cues(name)
            for token in range(cue.first, cue.last + 1)
            if denying.get(cue.first, -1) <= cue.last  # "not as far as" is longer than "not as"
        }
        found: list[Cue] = []
        for cue in self._p.cues("negation"):
            overlaps = bool(found) and cue.first <= found[-1].last
            each = self._answers.answered_each and self._closes_answer(cue)
            if cue.first not in neutral and not overlaps and not each and not self._only_answers(cue):
                found.append(cue)
        return found

    def _closes_answer(self, cue: Cue) -> bool:
        """Whether a "no" stands right behind a finding: in "itchy yes fleas no hair loss a bit" it is an answer."""
        return self._p.norms[cue.first] == "no" and any(m.last == cue.first - 1 for m in self._p.matches)

    def _only_answers(self, cue: Cue) -> bool:
        """A bare "no" that answers the question: what follows it is a new statement."""
        at = cue.last + 1
        if self._p.norms[cue.first] != "no" or cue.first != cue.last or at >= len(self._p.norms):
            return False
        if self._p.norms[at] in _AFTER_ANSWER or is_punctuation(self._p.norms[at]):
            return True
        return self._p.utterance.pause_before(at) >= DISCOURSE_PAUSE_S

    def _blocked(self, cue: Cue, start: int, match: Match) -> bool:
        """Whether something between a denial and the match ends its reach."""
        norms = self._p.norms
        verbal = norms[cue.first] in _VERBAL and norms[cue.last + 1] not in _HAVING
        if {"who", "that", "which"} & set(norms[max(0, cue.first - 1) : cue.first]) and start + 1 < match.first:
            return True  # "my dog who never eats junk swallowed a quarter"
        if verbal and match.first > start + 1 and norms[start].endswith("ing") and norms[match.first].endswith("ing"):
            return "or" not in norms[start : match.first]  # "not grooming losing weight"
        for at in range(start, match.first):
            word = norms[at]
            if at in self._terminators or word[0] in ".?!;":
                return True
            if word == "and" and self._new_verb(at + 1, match, verbal=verbal):
                return True
        inside = [m.last for m in self._p.matches if m.first >= start and m.last < match.first and self._counts(m)]
        if not inside or not verbal:
            return False
        linked = not {"or", "nor", "any", ","}.isdisjoint(norms[max(inside) + 1 : match.first])
        goes_on = not {"or", "nor"}.isdisjoint(norms[match.last + 1 : match.last + 3])
        return not (linked or goes_on)  # "not limping throwing up": without "or" it is a new statement

    def _agrees(self, cue: Cue, match: Match) -> bool:
        """As in "ain't nothing coming out": two negatives that make one."""
        own = self._p.norms[match.first] in ("nothing", "no", "never", "none", "zero")
        again = self._p.norms[cue.first] in ("no", "nothing", "zero", "none")  # "no accidents no clumps"
        return own and (match.first == cue.last + 1 or again)

    def _new_verb(self, at: int, match: Match, *, verbal: bool) -> bool:
        """Whether what follows an "and" is a statement of its own: "hasn't eaten and is throwing up"."""
        following = self._p.norms[at] if at < len(self._p.norms) else ""
        return following in _FINITE or (verbal and (at == match.first or following.endswith("ing")))

    def _counts(self, match: Match) -> bool:
        return self._p.kind(match) in ("finding", "exposure")

    def _raised(self, clause: Clause) -> Cue | None:
        """As in "I don't think | he's in pain": the denial of the thinking is a denial of the thought."""
        if clause.first == 0:
            return None
        for cue in self.negators:  # "anything but pale": the cue itself holds the conjunction that opens the clause
            if cue.first < clause.first <= cue.last:
                return cue
        if not clause.embedded:
            return None
        before = self._p.clauses[self._p.clause_of[clause.first - 1]]
        for cue in reversed(self.negators):
            near = before.first <= cue.first and cue.last < clause.first and clause.first - cue.last <= 4
            if near and self._p.norms[cue.first] in ("not", "doubt", "i", "since", "unlikely", "never"):
                return cue
        return None

    def _same_list(self, cues: Sequence[Cue]) -> bool:
        """As in "no no blood", "no vomiting no diarrhea": one denial said again, not a denial of a denial."""
        norms = self._p.norms
        words = [norms[cue.first] for cue in cues if norms[cue.last] not in ("once", "ever", "single", "one")]
        if "without" in words:
            return False
        if norms[cues[0].first - 1 : cues[0].first] in _AUXILIARIES:
            return True  # "he hasn't fallen hasn't fainted": each denial has its own verb
        return sum(word in _VERBAL for word in words) < 2 or "no" in words

    def _none_since(self, match: Match, negator: Cue) -> bool:
        """As in "hasn't thrown up since yesterday", "hasn't had one in years"."""
        norms = self._p.norms
        if norms[negator.first] not in _VERBAL:
            return False
        if {"has", "have", "had", "'s"}.isdisjoint(norms[max(0, negator.first - 3) : negator.first + 1]):
            return False
        after = norms[match.last + 1 : match.last + 5]
        return "since" in after[:3] or (after[:1] in (("in",), ("for",)) and not _TIMES.isdisjoint(after))
