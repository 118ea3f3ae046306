"""What stands around a word for a pet: who owns it, whether the words go on to speak of it, where its phrase begins."""

from __future__ import annotations

from collections.abc import Sequence

from voice_triage.triage.clauses import Clause
from voice_triage.triage.signalment import Signalment, Term

OWN = frozenset(("my", "our"))
OTHER = frozenset("other second third another".split())
_COORDINATES = frozenset("and also plus but then while".split())
ALSO = frozenset(("also", "plus"))
OPENS = frozenset(
    "and also plus but then while so because for about on is well okay oh yes no hi hello hey now think "
    "since if both just of".split()
)
"""What may stand before a pet that the words go on to speak of; after other words it is only an object ("hates")."""
_GOVERNS = frozenset("with by from to of like than unlike at around near".split())
DESCRIBES = frozenset(
    "little big old older younger new baby sweet black white gray orange boy girl named called".split()
)
HESITATES = frozenset("um uh like 's is".split())
_AFTER_OWNER = frozenset(
    "a not been got had so just really always never fine okay sick the in on all still limp kind like out doing also "
    "vomiting only good great due about acting having".split()
)
"""After a pet and "'s" these say something of it; else it owns what follows ("my cat's food")."""
_PARTS = frozenset(
    "gum gums eye eyes ear ears leg legs paw paws belly stomach tummy tongue face nose mouth tail back head neck lip "
    "skin nail breathing poop pee stool heart mouth jaw chest".split()
)
"""What a pet owns and is sick in ("my dog's gums")."""
ONE_FOLLOWS = frozenset(
    "needs is 's has was keeps kept not who just will of can does did seems started got needs".split()
)


class PetPhrases:
    """The words of one utterance around each of its tokens."""

    def __init__(self, norms: tuple[str, ...], clauses: Sequence[Clause], signalment: Signalment) -> None:
        self.clause_of = [clause for clause in clauses for _ in range(clause.first, clause.last + 1)]
        """Each token's clause."""
        self._norms = norms
        self._signalment = signalment

    def has_one_and_another(self, at: int) -> bool:
        """As in "I have a dog and a cat"."""
        have = {"have", "got", "own"} & set(self._norms[max(0, at - 3) : at])
        ands = [token for token in range(at + 2, min(at + 6, len(self._norms))) if self._norms[token] == "and"]
        return bool(have and self._animal_within(at + 1, at + 4)) and any(
            self._norms[token + 1 : token + 2] == ("a",) and self._animal_within(token + 2, token + 5) for token in ands
        )

    def _animal_within(self, start: int, stop: int) -> bool:
        return any(self.animal(token) is not None for token in range(start, min(stop, len(self._norms))))

    def does(self, at: int) -> bool:
        """Whether a verb follows that tells something of what is named here."""
        return at + 1 < len(self._norms) and self._norms[at + 1] in ONE_FOLLOWS

    def set_apart(self, at: int) -> tuple[bool, bool]:
        """Whether "and", "but", ... lead to a name, and whether "also" does: "and also Rocky", "and my dog Rocky"."""
        lead: set[str] = set()
        token = at - 1
        while token >= 0 and at - token <= 6:
            norm = self._norms[token]
            if norm in _COORDINATES:
                lead.add(norm)
            elif not (norm in OWN | DESCRIBES | HESITATES or norm in ("i", "have", "the") or self.term(token)):
                break
            token -= 1
        return bool(lead), bool(lead & ALSO)

    def term(self, at: int) -> Term | None:
        """The species, breed, ... that begins here."""
        if not 0 <= at < len(self._norms):
            return None
        found = self._signalment.match(self._norms, at)
        return found[1] if found else None

    def animal(self, at: int) -> Term | None:
        """A word for one animal."""
        term = self.term(at)
        if term is None or term.plural or not term.species or term.kind not in ("species", "breed"):
            return None
        if self._norms[at + 1 : at + 2] and self._norms[at + 1] in self._signalment.not_after:
            return None
        return term

    def owns(self, last: int) -> bool:
        """Whether the animal only owns what follows ("my cat's food")."""
        if self._norms[last + 1 : last + 2] != ("'s",) or last + 2 >= len(self._norms):
            return False
        after = self._norms[last + 2]
        return not (after.endswith(("ing", "ed")) or after in _AFTER_OWNER or after in _PARTS)

    def opens_at(self, at: int, also: frozenset[str] = frozenset()) -> bool:
        """Whether the words go on to speak of what is named here; else it is only an object or behind a preposition."""
        start = self.phrase_start(at)
        before = self._norms[start - 1] if start > 0 else ""
        if not before or before in OPENS or before in also:
            return True
        return self.clause_of[start].first == start and before not in _GOVERNS

    def phrase_start(self, at: int) -> int:
        """Where the words that lead to a name begin: "my other dog Rocky"."""
        start = at
        while start > 0 and (
            self._norms[start - 1] in OWN | DESCRIBES | OTHER | {"the", "um", "uh", "one"} or self.term(start - 1)
        ):
            start -= 1
        return start
