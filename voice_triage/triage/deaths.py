"""Whether the client tells that the pet itself has died. What is then told of it raises no flag.

In doubt it lives: "he almost died", "my last dog died", "my phone died", "he died" of a cat known as a she.
"""

from __future__ import annotations

from collections.abc import Sequence

from voice_triage.triage.signalment import Signalment

DIED = "died"
"""The lexicon's group of concepts that tell of a death."""
NOT_THE_PET = "not_the_pet"
"""Rule of a death that is not told of the pet."""

_THEM = {"him": "male", "he": "male", "his": "male", "her": "female", "she": "female"}
_PASSED_OVER = frozenset(
    "'s is was has had have just actually unfortunately sadly then already finally so suddenly peacefully now both "
    "all um uh like well ended up recently quietly".split()
)
_SUBJECTS = frozenset("they boy girl guy baby one pet companion buddy kid kids him her".split())
_MEN = frozenset("husband dad father grandpa grandfather brother uncle son boyfriend friend neighbor partner".split())
_WOMEN = frozenset(
    "wife mom mother grandma grandmother sister aunt daughter girlfriend friend neighbor partner".split()
)
_AGO = frozenset("last first old previous other late another former childhood".split())


def told_of_pet(
    norms: Sequence[str], first: int, last: int, sex: str, names: frozenset[tuple[str, ...]], signalment: Signalment
) -> bool:
    """Whether the words of a death (tokens ``first`` to ``last``) say it of the pet, whose ``sex`` may be known."""
    inside = next((_THEM[norm] for norm in norms[first : last + 1] if norm in _THEM), None)
    if inside is not None:
        return sex in ("", inside)
    if _animal(norms, range(first, last + 1), signalment):
        return True
    at = first - 1
    while at >= 0 and (norms[at] in _PASSED_OVER):
        at -= 1
    if at < 0:
        return True  # "passed away last night", as an answer
    if norms[at] in _THEM:
        people = _MEN if _THEM[norms[at]] == "male" else _WOMEN
        return sex == _THEM[norms[at]] or (not sex and people.isdisjoint(norms[max(0, at - 6) : at]))
    named = any(norms[at - len(name) + 1 : at + 1] == name for name in names)
    animal = norms[at] in _SUBJECTS or _animal(norms, range(max(0, at - 1), at + 1), signalment)
    return named or (animal and _AGO.isdisjoint(norms[max(0, at - 3) : at]))


def _animal(norms: Sequence[str], tokens: range, signalment: Signalment) -> bool:
    return any(signalment.match(tuple(norms), at) for at in tokens)
