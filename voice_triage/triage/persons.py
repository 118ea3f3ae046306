"""Findings of people: the client's own cough, "my mom broke her hip", "my husband took the ambien"."""

from __future__ import annotations

from voice_triage.events import Status
from voice_triage.triage.clauses import About, Clause
from voice_triage.triage.cues import Cue
from voice_triage.triage.matcher import Match
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.subjects import pronoun_of

_TAKES_IN = frozenset(
    "ate eat eats eaten eating swallowed swallow drank drink drinks drinking took take takes taking taken smoked "
    "overdosed".split()
)
"""What a person does alone: the client's own brownie is not the pet's."""
_GIVEN_TO = frozenset("him them from to away off".split())
"""As in "i took the pill from him", "took her to the vet"."""
_OWN_BODY = frozenset("broke broken hurt fractured sprained burned burnt twisted".split())
_PET_PARTS = frozenset("tail paw paws dewclaw beak wing".split())
_POSSESSIVE = {"he": "his", "she": "her"}
_SELF = {"he": "himself", "she": "herself"}
_ABOUT_PET_WORDS = frozenset("he she him her his it they them seen see saw think believe noticed get tell".split())
_BODY = frozenset(
    "hand hands arm finger fingers leg legs face back head stomach heart foot feet nose eyes chest knee ears lungs "
    "throat skin shoulder hip toe wrist elbow".split()
)
_OURS = frozenset("ours mine him her".split())
_MADE = frozenset("made makes make had has got left leaves".split())
_ARE = (("'re",), ("are",), ("sound",), ("look",), ("seem",))
_ASIDE = frozenset("oh um uh well no sorry you hear 're hearing just".split())
_IS = frozenset("'s is was".split())
_SELF_SEEMS = frozenset("sound feel look felt".split())
_UNWELL = frozenset("terrible awful horrible rough sick ill hoarse gross lousy crummy dreadful miserable bad".split())


class Persons:
    """Which findings of a passage are a person's."""

    def __init__(self, passage: Passage) -> None:
        self._p = passage

    def own(self, match: Match, clause: Clause) -> Verdict | None:
        """``other_subject`` for a person's finding, else None."""
        heard = (
            self._yours(match, clause)
            or self._noise(match)
            or self._just_me(match)
            or self._reporters(match, clause)
            or self._mine(match)
            or self._not_ours(match)
        )
        if heard is not None or clause.about not in (About.CLIENT, About.PERSON):
            return heard or self._myself(match)
        kind = self._p.kind(match)
        if kind == "exposure":
            return self._intake(match, clause)
        if kind in ("substance", "object", "context", "lane") and clause.about is About.CLIENT:
            return None
        return self._myself(match) or self._directly(match, clause)

    def _yours(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "you sound like you're choking": the listener."""
        at = clause.subject
        you = at >= 0 and self._p.norms[at] == "you" and self._p.norms[at + 1 : at + 2] in _ARE
        if you and self._p.kind(match) == "finding" and self._p.directly(clause.subject + 1, match.first):
            return Verdict(Status.OTHER_SUBJECT, "you", "person")
        return None

    def _myself(self, match: Match) -> Verdict | None:
        if "myself" in self._p.norms[match.last + 1 : match.last + 3]:
            return Verdict(Status.OTHER_SUBJECT, "myself", "client_self")
        return None

    def _directly(self, match: Match, clause: Clause) -> Verdict | None:
        """The finding is said directly of the person who is the clause's subject."""
        norms = self._p.norms
        mark = self._p.clause_mark(clause, "person") if clause.about is About.PERSON else None
        if mark is not None and self._own_body(match, mark):
            return self._of(mark)
        if not _ABOUT_PET_WORDS.isdisjoint(norms[match.first : match.last + 1]):
            return None  # "i haven't seen him pee"
        if clause.about is About.CLIENT:
            if clause.subject < 0:
                return None
            between = norms[clause.subject + 1 : match.first]
            if between[:3] == ("am", "the", "one"):
                return Verdict(Status.OTHER_SUBJECT, "i'm the one", "client_self")
            if "the" in between or ("about" in between and between != ("about",)):
                return None  # "we got the bleeding to stop", but "i about passed out"
            if self._p.directly(clause.subject + 1, match.first) or self._unwell(clause.subject + 1, match.first):
                return Verdict(Status.OTHER_SUBJECT, norms[clause.subject], "client_self")
            return None
        if mark is not None and mark.first < match.first <= mark.last and norms[mark.last] in _BODY:
            return self._of(mark)  # "my face swelled up"
        after = mark.last + 1 if mark else clause.subject + 1
        after += after < len(norms) and norms[after] == "'s"
        return self._of(mark) if self._p.directly(after, match.first) else None

    def _unwell(self, start: int, end: int) -> bool:
        """As in "i sound terrible 've been throwing up": the recognizer loses the second "i", the verb has no other."""
        norms = self._p.norms
        if norms[start : start + 1] and norms[start] in ("just", "really", "still", "must"):
            start += 1
        seems = norms[start : start + 2]
        if len(seems) < 2 or seems[0] not in _SELF_SEEMS or seems[1] not in _UNWELL:
            return False
        return norms[start + 2 : end] in (("have", "been"), ("'ve", "been"), ("been",), ("have",), ("'ve",), ())

    def _of(self, mark: Cue | None) -> Verdict:
        return Verdict(Status.OTHER_SUBJECT, self._p.text(mark.first, mark.last) if mark else None, "person")

    def _intake(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "i ate a brownie", "my son took his pills": not "i gave him one", not "my kid fed her grapes"."""
        norms = self._p.norms
        if norms[match.first] not in _TAKES_IN or not _GIVEN_TO.isdisjoint(norms[match.first : match.last + 4]):
            return None
        if clause.about is About.PERSON:
            mark = self._p.clause_mark(clause, "person")
            return self._of(mark) if mark and self._p.directly(mark.last + 1, match.first) else None
        if clause.subject >= 0 and self._p.directly(clause.subject + 1, match.first):
            return Verdict(Status.OTHER_SUBJECT, norms[clause.subject], "client_self")
        return None

    def _own_body(self, match: Match, mark: Cue) -> bool:
        """As in "my mom broke her hip": her own, where the person can be "her" and no paw is meant."""
        words = self._p.norms[match.first : match.last + 1]
        if words[0] not in _OWN_BODY or not _PET_PARTS.isdisjoint(words):
            return False
        theirs = _POSSESSIVE.get(pronoun_of(self._p.norms, mark), "")
        not_theirs = {"his", "her"} - {theirs} if theirs else set()
        return not_theirs.isdisjoint(words) and self._p.directly(mark.last + 1, match.first)

    def _noise(self, match: Match) -> Verdict | None:
        """As in "coughing oh that's my husband", "the coughing you hear is me"."""
        norms = self._p.norms
        at = match.last + 1
        while at < len(norms) and norms[at] in _ASIDE:
            at += 1
        pointed = norms[at : at + 1] in (("that",), ("it",))
        at += pointed
        named = match.first > 0 and norms[match.first - 1] in ("the", "that")  # "the puking is my roommate"
        if norms[at : at + 1] and norms[at] in _IS and (pointed or named or at > match.last + 1):
            at += 1 + (norms[at + 1 : at + 2] == ("just",))
        else:
            return None
        if norms[at : at + 1] == ("me",):
            return Verdict(Status.OTHER_SUBJECT, "me", "client_self")
        person = next((c for c in self._p.cues("person") if c.first == at and norms[at] != "i"), None)
        owns = person is not None and norms[person.last + 1 : person.last + 2] in (("'s",), ("who",))
        return self._of(person) if person is not None and not owns else None

    def _mine(self, match: Match) -> Verdict | None:
        """As in "pardon my coughing": what is called the client's own, unless an animal follows."""
        at = match.first
        animal = any(c.first in (match.last + 1, match.last + 2) for c in self._p.cues("animal"))
        own = at and self._p.norms[at - 1] == "my" and self._p.kind(match) == "finding" and not animal
        if own and self._p.norms[match.last].endswith(("ing", "ache", "cough", "sneeze", "seizures", "allergies")):
            return Verdict(Status.OTHER_SUBJECT, "my", "client_self")
        return None

    def _not_ours(self, match: Match) -> Verdict | None:
        """As in "it wasn't ours that ate the chocolate"."""
        norms = self._p.norms
        for at in range(max(3, match.first - 3), match.first):
            if norms[at] not in ("that", "who") or norms[at - 1] not in _OURS:
                continue
            if "not" in norms[max(0, at - 4) : at - 1]:
                return Verdict(Status.OTHER_SUBJECT, self._p.text(max(0, at - 3), at - 1), "not_ours")
        return None

    def _just_me(self, match: Match) -> Verdict | None:
        """As in "it's just me that's nauseous"."""
        norms = self._p.norms
        if match.first > 1 and norms[match.first - 1] == "me" and norms[match.first - 2] in _MADE:
            return Verdict(Status.OTHER_SUBJECT, "me", "client_self")  # "the bill made me gasp"
        for at in range(max(1, match.first - 5), match.first):
            if norms[at] != "me":
                continue
            alone = norms[at - 1] in ("just", "'s", "only")
            relative = norms[at + 1 : at + 2] in (("that",), ("who",))
            if alone and relative and self._p.thin(at + 3, match.first):
                return Verdict(Status.OTHER_SUBJECT, "me", "client_self")
        return None

    def _reporters(self, match: Match, clause: Clause) -> Verdict | None:
        """As in "my sister says she's been throwing up herself"."""
        number = self._p.clause_of[match.first]
        if not clause.embedded or number == 0 or clause.subject < 0:
            return None
        mark = self._p.clause_mark(self._p.clauses[number - 1], "person")
        subject = self._p.norms[clause.subject]
        own = mark is not None and pronoun_of(self._p.norms, mark) == subject
        return self._of(mark) if own and _SELF.get(subject) in self._p.norms[match.last + 1 : match.last + 3] else None
