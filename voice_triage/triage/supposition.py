"""What is asked, feared, planned or doubted rather than told: "what if he throws up", "can dogs eat grapes"."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from voice_triage.events import Status
from voice_triage.triage.beliefs import Beliefs
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.denial import KEEPS_FROM
from voice_triage.triage.disfluency import DROPPED
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict

REACH = 8
"""A supposition reaches so many tokens to the right, within its clause."""

_LEADS = frozenset("and so but well okay no yes then or now mean i question one".split())
_PARTICIPLES = frozenset(
    "been thrown gone eaten had done seen gotten swallowed chewed hit bitten got taken broken ran run".split()
)
_SENSES = frozenset("see hear feel tell smell not barely hardly have be".split())
_HAVE = frozenset({"have", "'ve", "of"})
"""As in "might've", "might of"."""
_ASKS_OF_FACT = frozenset("is should do what will how could can".split())
"""Opening words of a question; with a past tense in its if-clause it asks about what has happened."""
_UNREAL = frozenset("would 'd".split())
_SOON = frozenset("when whenever once soon minute second moment".split())
_LATER = frozenset("call bring phone holler".split())
"""What is to be done then: "call me whenever she gets a fever"."""
_TO_COME = (
    ("come", "back"),
    ("come", "on"),
    ("start", "up"),
    ("start", "again"),
    ("happen", "again"),
    ("flare", "up"),
    ("return",),
    ("happen",),
)
_HOW = frozenset("much many long".split())
_HARMFUL = frozenset("dangerous toxic poisonous harmful safe bad deadly fatal okay".split())
_ONLY_SAID = frozenset(
    {("you", "count"), ("you", "catch"), ("you", "know"), ("you", "ask"), ("you", "will"), ("i", "remember")}
    | {("i", "recall"), ("that", "makes"), ("you", "can"), ("you", "must"), ("i", "am"), ("that", "helps")}
)
"""As in "if you know what I mean": an *if* that supposes nothing."""
_WHY = frozenset("why makes".split())
_THUS = (("like", "this"), ("this", "bad"), ("this", "much"), ("this", "hard"), ("this", "way"), ("this", "long"))
"""As in "how long can I let her cough like this": she does."""
_REAL_AFTER = frozenset("his her the this how their its him".split())
"""After "worried about" these make the worry one about something that is there."""


_ASKS_WHAT = (("do", "i"), ("should", "i"), ("do", "you"), ("do", "we"), ("should", "we"), ("who", "do"))
_THING = frozenset("that this the these those".split())
_LOOKS = frozenset("mean look sound seem have help need".split())
_HANDLERS = (("you",), ("i",), ("we",), ("anyone",), ("anybody",), ("someone",), ("somebody",))
_HANDLES = frozenset(
    "touch brush press pick lift move look rub poke push pull stroke pet hold handle bump reach get go come try feel "
    "put squeeze bend turn prod nudge".split()
)
"""What people do to a pet that makes it cry out."""


_OPENERS = frozenset(
    "if case unless whether until till when whenever time that where how because suppose supposing say lest imagine "
    "pretend event sure before hope hoping chance afraid scared worried".split()
)
"""Only after such words is the next clause supposed too; "what signs should i look for | she ate some" tells it."""


class Suppositions:
    """The suppositions of a passage."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage
        self._beliefs = Beliefs(passage)
        self._real_ifs: set[int] = set()
        """Numbers of the clauses whose *if* supposes nothing."""
        self._conditional = self._conditional_clauses()
        self._suspicion = {t for c in passage.cues("suspicion") if self._perfect(c) for t in range(c.first, c.last + 1)}

    def _perfect(self, cue: Cue) -> bool:
        """Whether a suspicion is of a fact: "might have eaten", not "might have a seizure"."""
        norms = self._p.norms
        if norms[cue.last] not in _HAVE or cue.last + 1 >= len(norms):
            return True
        follows = norms[cue.last + 1 : cue.last + 3]
        return any(word in _PARTICIPLES or word.endswith(("ed", "en")) for word in follows)

    def hypothetical(self, match: Match, clause: Clause) -> Verdict | None:
        """A finding that is only supposed, or None. A doubt whether it is so is no supposition."""
        number = self._p.clause_of[match.first]
        mistaken = self._beliefs.mistaken(match, clause)
        if mistaken is not None:
            return mistaken
        real = self._real(match, clause)
        if real:
            return None
        if (
            clause.link == "before"
            and not self._kept_from(number)
            and (not clause.past or not _UNREAL.isdisjoint(self._words(clause)))
        ):
            return Verdict(Status.HYPOTHETICAL, "before", "not_yet")  # "looked at before it gets infected"
        if number in self._conditional and self._p.clause_of[match.last] in self._conditional:
            if self._doubt(match, clause):
                return None
            return Verdict(Status.HYPOTHETICAL, self._conditional[number], "conditional")
        for name, rule in (("hypothetical", "hypothesis"), ("modal", "modal")):
            for cue in self._p.cues(name):
                if name == "hypothetical" and cue.first == clause.first and number in self._real_ifs:
                    continue
                reaches = self._cue_reaches if name == "hypothetical" else self._modal_reaches
                if clause.first <= cue.first and cue.last < match.first and reaches(cue, match, clause):
                    return Verdict(Status.HYPOTHETICAL, self._p.text(cue.first, cue.last), rule)
        if self._asked(match, clause):
            return Verdict(Status.HYPOTHETICAL, self._p.norms[clause.first], "question")
        if self._how_much(match, clause) or self._thing_asked(match):
            return Verdict(Status.HYPOTHETICAL, self._p.norms[clause.first], "in_general")
        return self._to_come(match, clause) or self._named_or_pending(match)

    def _kept_from(self, number: int) -> bool:
        """Whether the clause before a "before" tells that it was kept from happening."""
        earlier = self._p.clauses[number - 1] if number else None
        return earlier is not None and not KEEPS_FROM.isdisjoint(self._words(earlier))

    def _how_much(self, match: Match, clause: Clause) -> bool:
        """As in "how much chocolate would it take", "how many grapes is too many"."""
        words = self._words(clause)
        asks = any(words[at] == "how" and words[at + 1] in _HOW for at in range(min(4, len(words) - 1)))
        general = "would" in words or "safe" in words or ("it", "take") in pairwise(words)
        general = general or ("too", "much") in pairwise(words) or ("too", "many") in pairwise(words)
        return asks and general and self._p.kind(match) != "exposure"

    def _thing_asked(self, match: Match) -> bool:
        """As in "are poinsettias dangerous", "is garlic bad"."""
        norms = self._p.norms
        asked = norms[match.first - 1 : match.first] in (("is",), ("are",)) and match.first > 0
        return asked and norms[match.last + 1 : match.last + 2] != () and norms[match.last + 1] in _HARMFUL

    def asked_of_fact(self, _match: Match, clause: Clause) -> Verdict | None:
        """As in "is it bad if he ate a grape": what is asked about has happened."""
        if clause.link == "if" and self._told_in_question(clause):
            return Verdict(Status.PRESENT, "if", "asked_of_fact", 0.8)
        return None

    def unreal(self, match: Match, clause: Clause) -> Verdict | None:
        """What is denied of an unreal case is so: "would I be calling if he wasn't vomiting blood"."""
        norms = self._p.norms
        if "not" not in norms[max(clause.first, match.first - 4) : match.first]:
            return None
        number = self._p.clause_of[match.first]
        near = [c for c in self._p.clauses[max(0, number - 1) : number + 2] if c is not clause]
        if clause.link == "if" and clause.past and any(not _UNREAL.isdisjoint(self._words(c)) for c in near):
            return Verdict(Status.PRESENT, "if", "unreal")
        would = not _UNREAL.isdisjoint(norms[max(clause.first, match.first - 4) : match.first])
        if would and any(c.link == "if" and c.past for c in near):
            return Verdict(Status.PRESENT, "if", "unreal")
        return None

    def doubted(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "Not sure if he's breathing": uncertain; a suspected exposure counts as present."""
        cue = self._doubt(match, clause)
        if cue is None:
            return None
        words = self._p.text(cue.first, cue.last)
        if self._p.kind(match) == "exposure":
            return Verdict(Status.PRESENT, words, "suspected", 0.6)
        return Verdict(Status.UNCERTAIN, words, "doubt", 0.5)

    def suspected(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "I think he's in pain", "she might have eaten one": present, less surely."""
        for cue in self._p.cues("suspicion"):
            near = cue.last < match.first and match.first - cue.last <= REACH - 2 and cue.first >= clause.first - 3
            if near and self._perfect(cue):
                return Verdict(Status.PRESENT, self._p.text(cue.first, cue.last), "suspected", 0.75)
        return None

    def _words(self, clause: Clause) -> tuple[str, ...]:
        return self._p.norms[clause.first : clause.last + 1]

    def _real(self, match: Match, clause: Clause) -> bool:
        """Whether a question speaks of what is there: "why would she be snoring", "let her cough like this"."""
        norms = self._p.norms
        if not _WHY.isdisjoint(norms[clause.first : min(match.first, clause.first + 4)]):
            return True
        thus = any(norms[at : at + 2] in _THUS for at in range(match.last + 1, match.last + 3))
        return thus and clause.link not in ("if", "unless")

    def _to_come(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "afraid the diarrhea will come back", "call me whenever she gets a fever"."""
        norms = self._p.norms
        at = match.last + 1
        if norms[at : at + 1] in (("will",), ("'ll",), ("might",), ("may",), ("could",), ("would",)):
            after = norms[at + 1 : at + 3]
            if any(after[: len(words)] == words for words in _TO_COME):
                return Verdict(Status.HYPOTHETICAL, self._p.text(at, at), "to_come")
        soon = norms[clause.first] if norms[clause.first] in _SOON else norms[max(0, clause.first - 1)]
        if clause.past or (norms[clause.first] not in _SOON and (clause.first == 0 or soon not in _SOON)):
            return None
        before = norms[max(0, clause.first - 4) : clause.first]
        behind = norms[clause.last + 1 : clause.last + 5]
        bid = not _LATER.isdisjoint(before) and not {"i", "we"} & set(before)
        asked = behind[:1] == ("call",) or behind[:2] in (("i", "'ll"), ("i", "will"), ("we", "'ll"), ("we", "will"))
        asked = asked or behind[:2] in _ASKS_WHAT or behind[1:3] in _ASKS_WHAT
        coming = behind[:3] in (("i", "am", "coming"), ("i", "am", "bringing"), ("we", "'re", "coming"))
        if bid or asked or coming:
            return Verdict(Status.HYPOTHETICAL, soon, "when_it_comes")
        return None

    def _doubt(self, match: Match, clause: Clause) -> Cue | None:
        for cue in self._p.cues("doubt"):
            if clause.first - 2 <= cue.last <= match.first and match.first - cue.last <= REACH:
                return cue
        return None

    def _cue_reaches(self, cue: Cue, match: Match, clause: Clause) -> bool:
        norms = self._p.norms
        if match.first - cue.last > REACH:
            return False
        told = self._told(clause) or self._told_in_question(clause)
        if (norms[cue.last] == "if" and told) or (norms[cue.first] == "say" and cue.first > 1):
            return False
        if "but" in norms[cue.last + 1 : match.first]:
            return False
        if norms[cue.last] in ("about", "of") and norms[cue.last + 1] in _REAL_AFTER:
            return False  # "worried about his breathing": it is there
        mistaken = norms[cue.first] == "thought"
        return not (mistaken and clause.about is not About.PET and self._p.kind(match) == "exposure")

    def _modal_reaches(self, cue: Cue, match: Match, clause: Clause) -> bool:
        norms = self._p.norms
        if cue.first in self._suspicion or match.first - cue.last > 4 or not self._p.thin(cue.last + 1, match.first):
            return False
        after = norms[cue.last + 1]
        if cue.last + 1 == match.first and after == "not":
            return False  # "won't eat": the finding holds its own negative
        if cue.first and norms[cue.last] == "to" and after in DROPPED - {"just", "really", "even"}:
            return False  # "going to the bathroom"
        perfect = after in _PARTICIPLES or after.endswith(("ed", "en", "ing"))
        if norms[cue.first] in ("'d", "could") and (after in _SENSES or perfect):
            return False  # "he'd thrown up", "I could hear"
        if norms[cue.first] in ("want", "wants"):
            return False
        if norms[cue.first] == "'d" and clause.about is About.PET:
            return False  # "he'd strain and strain": he did, again and again
        # "she'll scream when I touch her" is a habit
        return not (norms[cue.first] in ("will", "would", "'d") and self._p.habit(match))

    def _asked(self, match: Match, clause: Clause) -> bool:
        """A question that opens with its modal verb: "would the new food give him the runs", "will he be lame"."""
        norms = self._p.norms
        at = clause.first
        while at < match.first and (norms[at] in _LEADS or norms[at] in DROPPED):
            at += 1
        if at >= match.first - 1 or norms[at] not in ("would", "will", "can", "could", "should", "does", "do"):
            return False
        follows = norms[at + 1]
        if norms[at] in ("does", "do", "will") and follows in _THING and _LOOKS.isdisjoint(norms[at : match.first]):
            return True  # "does that snail bait poison cats"
        if follows in ("not", "you", "i", "it", "we", "tell", "hear", "see") or self._p.kind(match) == "normal":
            return False
        if norms[at] == "could" and follows in ("he", "she", "that", "this", "they"):
            return False  # "could that be a stroke": a doubt about what is there
        if norms[at] in ("does", "do"):
            return follows in ("people", "dogs", "cats") or "need" in norms[at : match.first]
        return True

    def _named_or_pending(self, match: Match) -> Verdict | None:
        """A vaccine or test for the illness; or "not yet" right behind it."""
        named = next((c for c in self._p.cues("named_thing") if c.first == match.last + 1), None)
        if named is not None and self._p.kind(match) == "finding":
            return Verdict(Status.HYPOTHETICAL, self._p.text(named.first, named.last), "named_thing")
        general = next((c for c in self._p.cues("general_after") if c.first == match.last + 1), None)
        if general is not None:
            return Verdict(Status.HYPOTHETICAL, self._p.text(general.first, general.last), "in_general")
        pending = next((c for c in self._p.cues("not_yet") if match.last < c.first <= match.last + 7), None)
        if pending is None or any(match.last < m.first < pending.first for m in self._p.matches):
            return None
        return Verdict(Status.HYPOTHETICAL, self._p.text(pending.first, pending.last), "not_yet")

    def _real_if(self, number: int, clause: Clause) -> bool:
        """Whether an *if* supposes nothing."""
        norms = self._p.norms
        follows = norms[clause.first + 1 : clause.first + 3]
        if follows in _ONLY_SAID or follows[:1] == ("anything",):
            return True  # "unless you count the sneezing", "if you catch my drift"
        if clause.last + 1 == self._p.offset and clause.last == clause.first:
            return True  # the sentence broke off behind its "if": what comes next is a new one
        if clause.link != "if":
            return False
        if clause.first and norms[clause.first - 1] == "as":
            return True  # "acts as if he's starving": a likeness, or a round denial
        if self._handled(clause, number):
            return True  # "he screams if I so much as look at that leg"
        if self._habit_told(number):
            return True  # "he shrieks if you brush against his back": whenever
        return self._told(clause) or self._told_in_question(clause)

    def _handled(self, clause: Clause, number: int) -> bool:
        """Whether an *if* tells of handling the pet, beside what it then does: "cries if you brush her belly"."""
        words = self._words(clause)[1:9]
        if words[:1] not in _HANDLERS or _HANDLES.isdisjoint(words) or clause.past:
            return False
        beside = self._p.clauses[max(0, number - 1) : number + 2]
        spoken = [word for other in beside for word in self._words(other)]
        return not {"what", "should", "might", "could", "would", "will", "'ll", "'d"} & set(spoken)

    def _habit_told(self, number: int) -> bool:
        """Whether the clause before an *if* tells of the pet what it then does."""
        if not number:
            return False
        before = self._p.clauses[number - 1]
        if before.past or before.about is not About.PET or before.subject < 0 or before.link in ("if", "unless"):
            return False
        words = self._words(before)
        if not {"will", "would", "'ll", "could", "should", "might", "not"}.isdisjoint(words):
            return False
        return any(
            self._p.kind(m) == "finding"
            and before.first < m.first
            and before.last - 1 <= m.last
            and self._p.flagged(m)
            and m.first <= before.last
            for m in self._p.matches
        ) and self._p.norms[before.subject] in ("he", "she", "it")

    def _told(self, clause: Clause) -> bool:
        """An *if* that tells a fact: "do I need to come in if he's been throwing up since four"."""
        norms = self._p.norms
        return any(norms[at] == "been" and norms[at + 1].endswith("ing") for at in range(clause.first, clause.last))

    def _told_in_question(self, clause: Clause) -> bool:
        """As in "is it bad if he ate one": a real past in the if-clause of a question that asks about now."""
        number = self._p.clauses.index(clause)
        if not clause.past or clause.about is not About.PET or number == 0:
            return False
        asks = self._p.clauses[number - 1]
        words = [word for word in self._words(asks) if word not in _LEADS and word not in DROPPED]
        inverted = len(words) > 1 and (words[0] not in ("could", "can", "should", "will") or words[1] != "not")
        if not inverted or words[0] not in _ASKS_OF_FACT or not _UNREAL.isdisjoint(words):
            return False
        return "had" not in self._words(clause) and not {"not", "were"} & set(self._words(clause))

    def _if_waits(self, number: int, found: Mapping[int, str]) -> bool:
        """Whether the *if* before a clause still waits: "if by tomorrow when he's off | there's swelling"."""
        clauses = self._p.clauses
        if number - 1 in found:
            opened = clauses[number - 1]
            if not {"you", "i", "we", "he", "she", "it", "they"}.isdisjoint(self._words(opened)):
                return False
            return opened.link == "if" and opened.verbless and opened.subject < 0
        if number - 2 not in found or clauses[number - 1].link not in ("when", "after"):
            return False
        opened = clauses[number - 2]
        return opened.link == "if" and opened.verbless and opened.subject < 0

    def _supposed_in(self, number: int) -> str:
        """The words within a clause that suppose what it tells, or nothing: "tablets in case his back goes"."""
        clause = self._p.clauses[number]
        for cue in self._p.cues("hypothetical"):
            inside = clause.first < cue.first and cue.last < clause.last
            if inside and self._p.norms[cue.last] in ("if", "case", "suppose", "imagine", "say"):
                return self._p.text(cue.first, cue.last)
        return ""

    def _goes_on(self, number: int, clause: Clause, found: Mapping[int, str]) -> str:
        """The words of the supposition that a clause goes on with, or nothing."""
        if not number:
            return ""
        listed = clause.link in ("and", "or")
        if number - 1 in found:
            alike = not clause.past or clause.link == "or" or self._p.clauses[number - 1].link == "or"
            they = clause.subject >= 0 and self._p.norms[clause.subject] == "they" and not clause.link
            follows = (listed and alike) or (they and not clause.past)  # "if I go too far they bleed"
            return found[number - 1] if follows else ""
        return (
            self._supposed_in(number - 1) if listed and not clause.past else ""
        )  # "in case he falls and he can't move"

    def _opens(self, cue: Cue, clause: Clause) -> bool:
        """Whether a supposition right before a clause goes on in it, as "god forbid | he bloats" does."""
        words = self._p.norms[cue.first : cue.last + 1]
        if words[-1] in _OPENERS:
            return True
        asked_whole = not {"he", "she", "it", "they"}.isdisjoint(words[:-1])  # "will he die | it's pouring out"
        return not (clause.past or clause.link in ("but", "and") or asked_whole)

    def _conditional_clauses(self) -> dict[int, str]:
        """Number of every clause under an *if* -> the words that open it."""
        norms = self._p.norms
        found: dict[int, str] = {}
        for number, clause in enumerate(self._p.clauses):
            if clause.link in ("if", "unless"):
                if self._real_if(number, clause):
                    self._real_ifs.add(number)
                else:
                    found[number] = " ".join((*norms[max(0, clause.first - 2) : clause.first], clause.link))
            elif goes_on := self._goes_on(number, clause, found):
                found[number] = goes_on
            elif self._if_waits(number, found):
                found[number] = next(found[before] for before in (number - 1, number - 2) if before in found)
            else:
                for cue in self._p.cues("hypothetical"):  # "in case | he ...", "waiting until | he ..."
                    opens = cue.first < clause.first <= cue.last + 1 and clause.first != self._p.offset
                    opens = opens and (clause.first <= cue.last or self._opens(cue, clause))
                    if norms[cue.first] == "say" and cue.first > 1:
                        continue
                    supposed = norms[cue.first] in ("suppose", "supposing")
                    if supposed and norms[cue.first - 1] in ("i", "we", "not"):
                        continue
                    if opens and (cue.last > cue.first or norms[cue.first] in ("if", "unless") or supposed):
                        found[number] = self._p.text(cue.first, cue.last)
        return found
