"""What is said about each match: present, negated, historical, hypothetical, of somebody else, resolved, or uncertain.

No library does this on spoken text (`language.md`): the rules here read clauses, cues and the matches themselves. A
cue inside its own target never acts on it ("nothing comes out"); every verdict carries the cue and the rule that gave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.disfluency import DROPPED
from voice_triage.triage.lexicon import Concept
from voice_triage.triage.matcher import Match
from voice_triage.triage.tokens import Utterance, is_punctuation

REACH = 6
"""A denial reaches this many core tokens to the right (scope cap, `language.md`)."""
LIST_REACH = 16
"""With ``or``, ``any`` or a comma between, a denial runs through a list."""
DISCOURSE_PAUSE_S = 0.35
"""A "no" followed by this silence answers the question and denies nothing after it."""

_LIST_WORDS = frozenset({"or", "nor", "any", ",", "and", "/", "anything", "of", "no", "kind", "other", "signs", "sign"})
_THIN = frozenset(
    {
        *("'s", "is", "are", "was", "were", "am", "been", "be", "has", "have", "had", "'ve", "'re", "got", "gotten", "getting", "feel", "feeling", "felt"),
        *("do", "does", "did", "can", "could", "will", "would", "not", "never", "always", "also", "still", "now", "all", "about", "to", "a", "the"),
        *("just", "really", "been", "having", "keep", "keeps", "kept", "going", "start", "started", "almost", "nearly", "probably", "myself", "who", "both", "even"),
    }
)
_FINITE = frozenset({"is", "are", "was", "were", "has", "have", "had", "'s", "'re", "'ve", "does", "did", "will", "keeps", "kept", "started", "seems", "looks", "can", "got", "went"})
_PARTICIPLES = frozenset({"been", "thrown", "gone", "eaten", "had", "done", "seen", "gotten", "swallowed", "chewed", "hit", "bitten", "got", "taken", "broken", "ran", "run"})
_SENSES = frozenset({"see", "hear", "feel", "tell", "smell", "not", "barely", "hardly", "have", "be"})


_ABOUT_PET_WORDS = frozenset({"he", "she", "him", "it", "they", "them", "seen", "see", "saw", "think", "believe", "noticed", "get"})
_STRONG_REPAIR = frozenset({"scratch", "misspoke", "lied", "correction", "strike", "wait", "take", "hang", "hold"})
_LEADS = frozenset({"and", "so", "but", "well", "okay", "no", "yes", "then", "or", "now", "mean", "i", "question", "one"})
_AFTERTHOUGHT = frozenset({"in", "it", "goes", "on", "him", "hm", "well", "that", "you", "said", "they", "we", "was", "is", "as", "far", "at", "anything", "uh", "um", "mouth", "face", "there", "i", "would", "say"})
_CLOSERS = frozenset({"no", "yes", "but", "and", "so", "he", "she", "it", "i", "we", "the", "they", "though", "just", "thank", "okay", "sorry", "with", "when"})
_NUMBER_LIKE = frozenset({"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "once", "twice", "times", "yesterday", "today", "last", "monday"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status with what decided it."""

    status: Status
    cue: str | None = None
    rule: str = "plain"
    confidence: float = 1.0


class Assertion:
    """The verdicts of one utterance; built once, asked for each match."""

    def __init__(self, utterance: Utterance, clauses: Sequence[Clause], cues: Sequence[Cue], matches: Sequence[Match], concepts: dict[str, Concept] | None = None) -> None:
        self.utterance = utterance
        self.norms = utterance.norms
        self.clauses = clauses
        self.matches = matches
        self.concepts = concepts or {}
        self.by_name: dict[str, list[Cue]] = {}
        for cue in cues:
            self.by_name.setdefault(cue.name, []).append(cue)
        self._clause_of = [0] * len(self.norms)
        for number, clause in enumerate(clauses):
            for token in range(clause.first, clause.last + 1):
                self._clause_of[token] = number
        self._clause_ends = {clause.last for clause in clauses}
        neutral = {t for name in ("not_negation", "persists", "resolved_before") for c in self.by_name.get(name, ()) for t in range(c.first, c.last + 1)}
        self.negators = self._negators(neutral)
        self.idioms = [m for m in matches if self._kind(m) == "idiom"]
        self._conditional = self._conditional_clauses()
        self._historic = self._historic_clauses()

    # --- the verdict ------------------------------------------------------------------------------------------------

    def verdict(self, match: Match) -> Verdict:
        """The status of one match. Order of precedence: idiom, other subject, hypothesis, denial, end, past, doubt."""
        clause = self.clauses[self._clause_of[match.first]]
        for rule in (self._idiom, self._other_subject, self._hypothetical):
            found = rule(match, clause)
            if found is not None:
                return found
        found = self._persists(match, clause)
        if found is None:
            found = self._denied(match, clause)
            if found is not None:
                return found
        elif self._kind(match) not in ("normal", "recovery"):
            return found
        for rule in (self._repaired, self._resolved, self._historical, self._doubted):
            found = rule(match, clause)
            if found is not None:
                return found
        return self._suspected(match, clause) or Verdict(Status.PRESENT)

    def about_pet(self, token: int) -> bool:
        """Whether the clause of a token speaks of the patient (or of the client handling it)."""
        number = self._clause_of[token]
        return self.clauses[number].about in (About.PET, About.CLIENT) and number not in self._historic

    # --- rules ------------------------------------------------------------------------------------------------------

    def _idiom(self, match: Match, clause: Clause) -> Verdict | None:
        if self._kind(match) == "idiom":
            return None
        for idiom in self.idioms:
            if idiom.first <= match.last and match.first <= idiom.last and (idiom.last - idiom.first) >= (match.last - match.first):
                return Verdict(Status.NEGATED, self._text(idiom.first, idiom.last), "idiom")
        return None

    def _other_subject(self, match: Match, clause: Clause) -> Verdict | None:
        if clause.about is About.OTHER_ANIMAL:
            return Verdict(Status.OTHER_SUBJECT, self._clause_cue(clause, ("other_animal", "other_owner")), "other_animal")
        if clause.about is About.GENERIC:
            return Verdict(Status.HYPOTHETICAL, self._clause_cue(clause, ("generic",)), "animals_in_general")
        if self._kind(match) in ("exposure", "substance", "object", "context") and clause.about is About.CLIENT:
            return None
        if "myself" in self.norms[match.last + 1 : match.last + 3]:
            return Verdict(Status.OTHER_SUBJECT, "myself", "client_self")
        if any(w in _ABOUT_PET_WORDS for w in self.norms[match.first : match.last + 1]):
            return None  # "i haven't seen him pee"
        if clause.about is About.CLIENT and clause.subject >= 0 and self._directly(clause.subject + 1, match.first):
            return Verdict(Status.OTHER_SUBJECT, self.norms[clause.subject], "client_self")
        if clause.about is About.PERSON:
            mark = self._clause_mark(clause, "person")
            after = mark.last + 1 if mark else clause.subject + 1
            after += after < len(self.norms) and self.norms[after] == "'s"
            if self._directly(after, match.first):
                return Verdict(Status.OTHER_SUBJECT, self._text(mark.first, mark.last) if mark else None, "person")
        return None

    def _hypothetical(self, match: Match, clause: Clause) -> Verdict | None:
        number = self._clause_of[match.first]
        if number in self._conditional:
            doubt = next((c for c in self.by_name.get("doubt", ()) if c.last <= match.first and c.last >= clause.first - 2 and match.first - c.last <= 8), None)
            if doubt is None:
                opener = self._conditional[number]
                return Verdict(Status.HYPOTHETICAL, opener, "conditional")
            return None
        for cue in self.by_name.get("hypothetical", ()):
            if not (clause.first <= cue.first and cue.last < match.first and match.first - cue.last <= 8):
                continue
            words = self._text(cue.first, cue.last)
            after = self.norms[cue.last + 1]
            if self.norms[cue.last] in ("about", "of") and after in ("his", "her", "the", "this", "how", "their", "its", "him"):
                continue  # "worried about his breathing": it is there
            if self.norms[cue.first] == "thought" and clause.about is not About.PET and self._kind(match) == "exposure":
                continue
            return Verdict(Status.HYPOTHETICAL, words, "hypothesis")
        suspicion = {t for c in self.by_name.get("suspicion", ()) for t in range(c.first, c.last + 1)}
        for cue in self.by_name.get("modal", ()):
            if not clause.first <= cue.first <= cue.last < match.first or cue.first in suspicion:
                continue
            if match.first - cue.last > 4 or not self._thin(cue.last + 1, match.first):
                continue
            after = self.norms[cue.last + 1]
            if cue.last + 1 == match.first and self.norms[match.first] == "not":
                continue  # "won't eat": the finding holds its own negative
            if cue.first and self.norms[cue.last] == "to" and after in DROPPED - {"just", "really", "even"}:
                continue  # "going to the bathroom"
            if self.norms[cue.first] in ("'d", "could") and (after in _SENSES or after in _PARTICIPLES or after.endswith(("ed", "en", "ing"))):
                continue
            if self.norms[cue.first] in ("want", "wants") or self.norms[cue.first] in ("will", "would", "'d") and self._habit(match):
                continue  # "she'll scream when I touch her"
            return Verdict(Status.HYPOTHETICAL, self._text(cue.first, cue.last), "modal")
        if self._asked(match, clause):
            return Verdict(Status.HYPOTHETICAL, self.norms[clause.first], "question")
        after = match.last + 1
        named = next((c for c in self.by_name.get("named_thing", ()) if c.first == after), None)
        if named is not None and self._kind(match) == "finding":
            return Verdict(Status.HYPOTHETICAL, self._text(named.first, named.last), "named_thing")
        pending = next((c for c in self.by_name.get("not_yet", ()) if match.last < c.first <= match.last + 7), None)
        if pending is not None and not any(match.last < m.first < pending.first for m in self.matches):
            return Verdict(Status.HYPOTHETICAL, self._text(pending.first, pending.last), "not_yet")
        return None

    def _asked(self, match: Match, clause: Clause) -> bool:
        """A question that opens with its modal verb: "would the new food give him the runs", "will he be lame"."""
        at = clause.first
        while at < match.first and (self.norms[at] in _LEADS or self.norms[at] in DROPPED):
            at += 1
        if at >= match.first - 1 or self.norms[at] not in ("would", "will", "can", "should", "does", "do"):
            return False
        follows = self.norms[at + 1]
        if follows in ("not", "you", "i", "it", "we", "tell", "hear", "see") or self._kind(match) == "normal":
            return False
        if self.norms[at] in ("does", "do"):
            return follows in ("people", "dogs", "cats") or "need" in self.norms[at : match.first]
        return True

    def _persists(self, match: Match, clause: Clause) -> Verdict | None:
        for cue in self.by_name.get("persists", ()):
            if cue.first <= match.last and match.first <= cue.last:
                continue
            if clause.first <= cue.first and cue.last < match.first and self._gap(cue.last + 1, match.first) <= 2:
                return Verdict(Status.PRESENT, self._text(cue.first, cue.last), "does_not_stop")
        for at in range(max(clause.first, match.first - 3), match.first):
            if self.norms[at] in ("stop", "quit") and any(self.norms[cue.first] == "not" and at - 5 <= cue.first < at for cue in self.by_name.get("negation", ())):
                return Verdict(Status.PRESENT, self._text(at, at), "does_not_stop")
        return None

    def _denied(self, match: Match, clause: Clause) -> Verdict | None:
        reaching = self._reaching(match, clause)
        raised = self._raised_negator(clause)
        if raised is not None:
            reaching.append(raised)
        if reaching:
            cue = self._text(reaching[0].first, reaching[0].last)
            if len(reaching) >= 2 and not self._same_list(reaching):
                return Verdict(Status.PRESENT, cue, "double_denial")
            around = next((c for c in self.by_name.get("round_denial", ()) if clause.first - 8 <= c.first and c.last < reaching[0].first), None)
            if around is not None:
                return Verdict(Status.PRESENT, self._text(around.first, around.last), "double_denial")
            if match.last + 1 < len(self.norms) and self.norms[match.last + 1] == "until":
                return Verdict(Status.PRESENT, "until", "until")
            if self._excepted(reaching[0].last + 1, match.first):
                return Verdict(Status.PRESENT, cue, "exception")
            if self._ended_since(match, reaching[0]):
                return Verdict(Status.RESOLVED, cue, "none_since")
            after = self._after(match, ("anymore", "longer"), 6)
            if after is not None and self._kind(match) not in ("normal",):
                return Verdict(Status.RESOLVED, after, "no_longer")
            return Verdict(Status.NEGATED, cue, "denial")
        around = next((c for c in self.by_name.get("round_denial", ()) if c.last < match.first <= c.last + 4 and self.norms[match.first] in ("not", "stopped", "can", "could")), None)
        if around is not None:
            return Verdict(Status.NEGATED, self._text(around.first, around.last), "not_so")  # "it's not that he won't eat"
        return self._denied_after(match)

    def _denied_after(self, match: Match) -> Verdict | None:
        """ "vomiting no diarrhea no": an answer to each, put behind it."""
        norms = self.norms
        for name, status in (("ended_after", Status.RESOLVED), ("denied_after", Status.NEGATED)):
            for cue in self.by_name.get(name, ()):
                if not match.last < cue.first <= match.last + 6 or any(match.last < m.first < cue.first for m in self.matches):
                    continue
                between = [n for n in norms[match.last + 1 : cue.first] if n not in DROPPED and n not in _AFTERTHOUGHT and not is_punctuation(n)]
                closes = cue.last + 1 >= len(norms) or norms[cue.last + 1] in _CLOSERS or is_punctuation(norms[cue.last + 1]) or cue.last in self._clause_ends
                if name == "ended_after" and self._kind(match) != "normal" and not between:
                    return Verdict(status, self._text(cue.first, cue.last), name)
                if closes and not between:
                    return Verdict(status, self._text(cue.first, cue.last), name)
        at = match.last + 1
        while at < len(norms) and (is_punctuation(norms[at]) or norms[at] in ("um", "uh", "hm", "hmm")):
            at += 1
        if at >= len(norms) or norms[at] not in ("no", "never", "none"):
            return None
        if at + 1 >= len(norms):
            return Verdict(Status.NEGATED, norms[at], "denied_after")
        following = next((m for m in self.matches if m.first == at + 1), None)
        if following is not None and following.last + 1 < len(norms) and norms[following.last + 1] in ("no", "never"):
            return Verdict(Status.NEGATED, norms[at], "denied_after")
        answered = any(m.last + 1 < len(norms) and norms[m.last + 1] == "yes" for m in self.matches)
        ends_turn = all(n in ("no", "never", "not", "none", "at", "all", "nothing", "that", ".", "of") for n in norms[at:])
        return Verdict(Status.NEGATED, norms[at], "denied_after") if ends_turn or answered else None

    def _repaired(self, match: Match, clause: Clause) -> Verdict | None:
        """ "he's vomiting no wait not vomiting": the later denial of the same thing within a repair takes it back."""
        for cue in self.by_name.get("repair", ()):
            if not match.last < cue.first <= match.last + 4:
                continue
            for later in self.matches:
                if later.concept == match.concept and cue.last < later.first <= cue.last + 4 and self._reaching(later, self.clauses[self._clause_of[later.first]]):
                    return Verdict(Status.NEGATED, self._text(cue.first, cue.last), "self_repair")
            follow = self.norms[cue.last + 1 : cue.last + 3]
            words = set(self.norms[cue.first : cue.last + 1])
            again = any(m.concept == match.concept and m.first > cue.last for m in self.matches)
            if follow[:1] == ("not",):
                return Verdict(Status.NEGATED, self._text(cue.first, cue.last), "self_repair")
            if words & _STRONG_REPAIR and (len(words) > 1 or "misspoke" in words) and follow and not again and follow[0] not in _NUMBER_LIKE:
                return Verdict(Status.NEGATED, self._text(cue.first, cue.last), "self_repair")
        for cue in self.by_name.get("taken_back", ()):
            if match.last < cue.first <= match.last + 12 and self.norms[cue.first] in ("never", "nevermind", "false"):
                return Verdict(Status.NEGATED, self._text(cue.first, cue.last), "taken_back")
        return None

    def _resolved(self, match: Match, clause: Clause) -> Verdict | None:
        if self._kind(match) in ("normal", "recovery", "context"):
            return None
        event = self._concept_event(match)
        for cue in self.by_name.get("resolved_before", ()):
            if clause.first <= cue.first and cue.last < match.first and self._gap(cue.last + 1, match.first) <= 2 and not self._negated_at(cue.first):
                return Verdict(Status.RESOLVED, self._text(cue.first, cue.last), "stopped")
        for cue in self.by_name.get("resolved_after", ()):
            if not match.last < cue.first <= match.last + 9 or self._negated_at(cue.first) or self._back_after(cue.last):
                continue
            between = self.norms[match.last + 1 : cue.first]
            if cue.last + 1 < len(self.norms) and (self.norms[cue.last + 1].endswith("ing") or (self.norms[cue.last + 1] in ("to", "by", "at", "in", "for", "over") and self.norms[cue.last + 2 : cue.last + 4] != ("the", "time"))) and self.norms[cue.last] in ("stopped", "quit", "stops"):
                continue  # "threw up and stopped eating"
            if any(m.first > match.last and m.last < cue.first for m in self.matches if self._kind(m) == "finding" and m.concept != match.concept):
                continue  # the nearest finding is meant
            if len(between) > 5 and not any(w in ("it", "that", "they", "but", "then", "bleeding") for w in between):
                continue
            if event and self.norms[cue.first] not in ("cleared", "resolved", "went"):
                continue
            return Verdict(Status.RESOLVED, self._text(cue.first, cue.last), "ended")
        if event:
            return None
        for cue in self.by_name.get("recovery", ()):
            if cue.first <= match.last or self._negated_at(cue.first) or self._back_after(cue.last):
                continue
            if any(m.first > cue.last and self._kind(m) == "finding" and m.concept == match.concept for m in self.matches):
                continue
            if clause.past or self._timed_past(clause) or cue.first - match.last <= 5:
                return Verdict(Status.RESOLVED, self._text(cue.first, cue.last), "recovered")
        if clause.past:
            for other in self.matches:
                if self._kind(other) in ("normal",) and other.first > match.last:
                    later = self.clauses[self._clause_of[other.first]]
                    if later is not clause and not later.past and (later.link in ("but", "and", "so", "") and any(w in ("now", "today", "but") for w in self.norms[match.last : other.last + 3])):
                        return Verdict(Status.RESOLVED, self._text(other.first, other.last), "recovered")
        return None

    def _historical(self, match: Match, clause: Clause) -> Verdict | None:
        number = self._clause_of[match.first]
        if number in self._historic:
            return Verdict(Status.HISTORICAL, self._historic[number], "long_past")
        return None

    def _doubted(self, match: Match, clause: Clause) -> Verdict | None:
        for cue in self.by_name.get("doubt", ()):
            if cue.last <= match.first and match.first - cue.last <= 8:
                if self._kind(match) == "exposure":
                    return Verdict(Status.PRESENT, self._text(cue.first, cue.last), "suspected", 0.6)
                return Verdict(Status.UNCERTAIN, self._text(cue.first, cue.last), "doubt", 0.5)
        return None

    def _suspected(self, match: Match, clause: Clause) -> Verdict | None:
        for cue in self.by_name.get("suspicion", ()):
            if cue.last < match.first and match.first - cue.last <= 6 and cue.first >= clause.first - 3:
                return Verdict(Status.PRESENT, self._text(cue.first, cue.last), "suspected", 0.75)
        return None

    # --- denial -----------------------------------------------------------------------------------------------------

    def _negators(self, neutral: set[int]) -> list[Cue]:
        found: list[Cue] = []
        for cue in self.by_name.get("negation", ()):
            if cue.first in neutral or (found and cue.first <= found[-1].last):
                continue
            norm = self.norms[cue.first]
            following = cue.last + 1
            if norm == "no" and cue.first == cue.last and following < len(self.norms):
                if self.norms[following] in ("no", "yes", "but", "not", "he", "she", "it", "they", "i", "we", "never", "um", "uh", "well", "and", "because", "that", "there", "my"):
                    continue  # an answer, not a denial of what follows
                if self.utterance.pause_before(following) >= DISCOURSE_PAUSE_S or is_punctuation(self.norms[following]):
                    continue
            found.append(cue)
        return found

    def _reaching(self, match: Match, clause: Clause) -> list[Cue]:
        """Denials before the match in its clause that reach it, nearest first."""
        found: list[Cue] = []
        for cue in reversed(self.negators):
            if cue.last >= match.first or cue.first < clause.first:
                continue
            holder = next((m for m in self.matches if m.first <= cue.first and cue.last <= m.last and m.last < match.first), None)
            start = holder.last + 1 if holder else cue.last + 1
            between = self.norms[start : match.first]
            if holder is not None and not any(w in ("or", "nor") for w in between):
                continue  # "not eating throwing up": the denial is spent on "not eating"
            if self._blocked(cue, start, match):
                continue
            reach = LIST_REACH if any(w in _LIST_WORDS for w in self.norms[cue.first : match.first]) else REACH
            if self._gap(start, match.first) <= reach:
                found.append(cue)
        return found

    def _blocked(self, cue: Cue, start: int, match: Match) -> bool:
        norms = self.norms
        verbal = norms[cue.first] in ("not", "never")
        if verbal and "who" in norms[max(0, cue.first - 2) : cue.first] and start + 1 < match.first:
            return True  # "my dog who never eats junk swallowed a quarter"
        for at in range(start, match.first):
            word = norms[at]
            if any(t.first == at for t in self.by_name.get("terminator", ())) and not (word in ("since", "after", "before", "when", "while") and False):
                return True
            if is_punctuation(word) and word[0] in ".?!;":
                return True
            if word == "and" and at + 1 < len(norms):
                following = norms[at + 1]
                if following in _FINITE or (verbal and (at + 1 == match.first or following.endswith("ing"))):
                    return True
        inside = [m for m in self.matches if m.first >= start and m.last < match.first and self._kind(m) in ("finding", "exposure")]
        if inside and verbal:
            last = max(m.last for m in inside)
            linked = any(w in ("or", "nor", "any", ",") for w in norms[last + 1 : match.first]) or any(w in ("or", "nor") for w in norms[match.last + 1 : match.last + 3])
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
        before = self.clauses[self._clause_of[clause.first - 1]]
        for cue in reversed(self.negators):
            if before.first <= cue.first <= before.last and cue.last < clause.first and clause.first - cue.last <= 4:
                if self.norms[cue.first] in ("not", "doubt", "i", "since", "unlikely", "never"):
                    return cue
        return None

    def _same_list(self, cues: Sequence[Cue]) -> bool:
        """ "no no blood", "no vomiting no diarrhea": one denial said again, not a denial of a denial."""
        words = [self.norms[cue.first] for cue in cues]
        if "without" in words:
            return False
        verbal = [w for w in words if w in ("not", "never")]
        return len(verbal) < 2 or any(w == "no" for w in words)

    def _excepted(self, start: int, stop: int) -> bool:
        return any(start - 1 <= cue.first and cue.last < stop for cue in self.by_name.get("exception", ()))

    def _ended_since(self, match: Match, negator: Cue) -> bool:
        after = self.norms[match.last + 1 : match.last + 5]
        if self.norms[negator.first] not in ("not", "never") or self._kind(match) == "normal":
            return False
        perfect = any(w in ("has", "have", "had", "'s", "'ve") for w in self.norms[max(0, negator.first - 3) : negator.first + 1])
        if "since" in after[:3]:
            return perfect
        return perfect and len(after) >= 2 and after[0] in ("in", "for") and any(w in ("hours", "days", "weeks", "months", "years", "day", "week", "while", "ages", "hour") for w in after)

    # --- clauses ----------------------------------------------------------------------------------------------------

    def _conditional_clauses(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for number, clause in enumerate(self.clauses):
            opener = clause.link
            if opener == "if" and any(self.norms[at] == "been" and at < clause.last and self.norms[at + 1].endswith("ing") for at in range(clause.first, clause.last)):
                continue  # "do I need to come in if he's been throwing up": he has
            if opener in ("if", "unless"):
                before = self.norms[max(0, clause.first - 3) : clause.first]
                words = " ".join((*before[-2:], opener)) if before else opener
                found[number] = words
            elif number - 1 in found and opener in ("and", "or") and self.clauses[number - 1].link in ("if", "unless", "and", "or") and not clause.past:
                found[number] = found[number - 1]
            else:
                for cue in self.by_name.get("hypothetical", ()):  # "in case he ...", "what happens if ..." right before the clause
                    if cue.last in (clause.first - 1, clause.first) and cue.first < clause.first and (cue.last - cue.first >= 1 or self.norms[cue.first] in ("if", "unless")):
                        found[number] = self._text(cue.first, cue.last)
        return found

    def _historic_clauses(self) -> dict[int, str]:
        found: dict[int, str] = {}
        current = {self._clause_of[c.first] for c in self.by_name.get("current", ())}
        for cue in self.by_name.get("historical", ()):
            number = self._clause_of[cue.first]
            clause = self.clauses[number]
            words = self._text(cue.first, cue.last)
            if self._negated_at(cue.first):
                continue
            if any(c.first > cue.last and not self._negated_at(c.first) for c in self.by_name.get("current", ()) if self._clause_of[c.first] == number):
                continue
            ongoing = any(w in ("since", "started", "for", "began", "ever", "always", "been") for w in self.norms[max(clause.first, cue.first - 4) : cue.first])
            if ongoing and self.norms[cue.last] in ("ago", "year", "month", "back", "summer", "winter", "spring", "fall"):
                continue  # "it started two months ago": still so
            found[number] = words
            if clause.link in ("when", "before") or clause.first == cue.first or number == 0:
                for later in range(number + 1, len(self.clauses)):
                    if not self.clauses[later].past or later in current or self.clauses[later].link == "but":
                        break
                    found[later] = words
            for earlier in range(number - 1, -1, -1):
                if clause.link not in ("when", "before", "as") and cue.first != clause.first:
                    break
                if not self.clauses[earlier].past or earlier in current:
                    break
                found[earlier] = words
        for cue in self.by_name.get("historical_after", ()):
            number = self._clause_of[cue.first]
            if self.norms[cue.first] != "before" or number in found or number in current:
                continue
            clause = self.clauses[number]
            had = any(w in ("had", "has", "'s", "have", "'ve", "done", "happened") for w in self.norms[clause.first : cue.first])
            if cue.first == clause.last and had and not self._negated_at(cue.first):
                found[number] = "before"
        return found

    def _timed_past(self, clause: Clause) -> bool:
        return any(c.first >= clause.first and c.last <= clause.last and self.norms[c.last] in ("yesterday", "night", "ago", "earlier", "morning") for c in self.by_name.get("current", ()))

    # --- small questions ----------------------------------------------------------------------------------------------

    def _text(self, first: int, last: int) -> str:
        return self.utterance.span_text(first, last)

    def _kind(self, match: Match) -> str:
        concept = self.concepts.get(match.concept)
        return concept.kind if concept else "finding"

    def _concept_event(self, match: Match) -> bool:
        concept = self.concepts.get(match.concept)
        return bool(concept and concept.event)

    def _gap(self, start: int, stop: int) -> int:
        """Core tokens from ``start`` up to, not including, ``stop``."""
        return sum(1 for at in range(start, stop) if self.norms[at] not in DROPPED)

    def _thin(self, start: int, stop: int) -> bool:
        return all(self.norms[at] in _THIN or self.norms[at] in DROPPED for at in range(start, stop))

    def _directly(self, start: int, stop: int) -> bool:
        inside = {t for m in self.matches if self._kind(m) == "finding" and "not" not in self.norms[m.first : m.last + 1] for t in range(m.first, m.last + 1)}
        return start <= stop and all(
            self.norms[at] in _THIN or self.norms[at] in DROPPED or self.norms[at] in ("one", "with", "that", "running", "home", "he", "she") or at in inside for at in range(start, stop)
        )

    def _negated_at(self, token: int) -> bool:
        return any(token - 3 <= cue.last < token or cue.first <= token <= cue.last for cue in self.by_name.get("negation", ()) if self.norms[cue.first] in ("not", "never", "no", "nothing")) or any(
            cue.first <= token <= cue.last for cue in self.by_name.get("persists", ())
        )

    def _back_after(self, token: int) -> bool:
        """Whether "now it's back", "started again" follow: then the end was no end."""
        return any(self.norms[c.first] in ("again", "back", "came", "started", "still", "flared", "returned", "kicked", "relapsed", "worse") or self.norms[c.last] in ("back", "again") for c in self.by_name.get("current", ()) if token < c.first <= token + 12)

    def _habit(self, match: Match) -> bool:
        return any(w in ("when", "whenever", "if", "every", "anytime") for w in self.norms[match.last + 1 : match.last + 4])

    def _after(self, match: Match, words: Sequence[str], reach: int) -> str | None:
        for at in range(match.last + 1, min(match.last + 1 + reach, len(self.norms))):
            if self.norms[at] in words or self.norms[at : at + 2] == ("any", "more"):
                return self.norms[at]
        return None

    def _clause_mark(self, clause: Clause, name: str) -> Cue | None:
        return next((c for c in self.by_name.get(name, ()) if clause.first <= c.first <= clause.last and not (c.first == c.last and self.norms[c.first] == "i")), None)

    def _clause_cue(self, clause: Clause, names: Sequence[str]) -> str | None:
        for name in names:
            cue = next((c for c in self.by_name.get(name, ()) if clause.first <= c.first <= clause.last), None)
            if cue is not None:
                return self._text(cue.first, cue.last)
        return None
