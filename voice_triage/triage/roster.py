"""The client's own pets, as told so far in a call."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

Name = tuple[str, ...]

_ALIKE = 0.6
"""Two names this alike (``difflib``) are one name heard twice: bella and della, max and macks."""


@dataclass(frozen=True, slots=True)
class Pet:
    """What tells one of the client's pets from the others."""

    number: int
    names: frozenset[Name] = frozenset()
    species: str = ""
    breed: str = ""
    sex: str = ""
    evidence: str = ""
    """Exact words that told it from the others; empty for the first."""
    utterance: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The client's own pets as told so far."""

    pets: tuple[Pet, ...] = (Pet(0),)
    several: bool = False
    """The client has said that there are several."""
    front: int = 0
    """The sick one, to whom words return."""
    left_at: int = 0
    """The pet that the last words were just turning to, or else ``front``."""
    begun: bool = False
    """A pet was spoken of; before, words speak of whichever is sick."""


def may_be_one(name: Name, known: Name) -> bool:
    """Whether two names may be one, heard or said differently ("max", "maxie"; "bella", "della")."""
    mine, other = " ".join(name), " ".join(known)
    return set(name) & set(known) != set() or difflib.SequenceMatcher(None, mine, other).ratio() >= _ALIKE
