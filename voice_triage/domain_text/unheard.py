"""Words of the lexicon that the recognizer cannot hear: neither in its vocabulary nor given a pronunciation."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass

from voice_triage.domain_text.pronunciations import Pronunciations
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.signalment import load_signalment

_SPOKEN = re.compile(r"[a-z][a-z']*")
"""What can be a spoken word; templates hold "24", "'s" and points too, for written text."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """One word that cannot be heard."""

    word: str
    needed_by: tuple[str, ...]
    """Concepts, or the breed, that have no words without it."""
    red_flag: bool
    """A flag may depend on it."""

    def __str__(self) -> str:
        weight = "a flag may depend on it: " if self.red_flag else ""
        return f"{self.word!r} cannot be heard ({weight}{', '.join(self.needed_by[:4])})"


def unheard_words(lexicon: Lexicon, vocabulary: Container[str], pronunciations: Pronunciations) -> list[Unheard]:
    """Every word of the lexicon that cannot be heard, those that a flag may depend on first, then by word.

    Of a breed or species that is called several things, one that can be heard is enough: the others are spellings.
    Sound-alikes are left out: they are what is heard instead.
    """
    needed: dict[str, set[str]] = defaultdict(set)
    for pattern in lexicon.patterns:
        if pattern.meant:
            continue
        for element in pattern.elements:
            for phrase in lexicon.phrases.get(element.part, ()):
                for word in phrase:
                    if not can_be_heard(word, vocabulary, pronunciations):
                        needed[word].add(pattern.concept)
    red = flag_concepts(lexicon)
    found = [Unheard(word, tuple(sorted(ids)), bool(ids & red)) for word, ids in needed.items()]
    found += _unheard_breeds(lexicon, vocabulary, pronunciations)
    return sorted(found, key=lambda each: (not each.red_flag, each.word))


def can_be_heard(word: str, vocabulary: Container[str], pronunciations: Pronunciations) -> bool:
    """Whether a word, or what is said for it, is known; pieces that are no spoken words count as known."""
    if not _SPOKEN.fullmatch(word) or word in vocabulary or word in pronunciations.ways:
        return True
    said = pronunciations.said_as.get(word)
    return said is not None and all(each in vocabulary or each in pronunciations.ways for each in said)


def flag_concepts(lexicon: Lexicon) -> frozenset[str]:
    """Concepts that raise a flag, by themselves or by a rule, and those whose mention their templates hold."""
    names = {name for rule in lexicon.rules for condition in rule.when for name in condition.any}
    red = {concept.id for concept in lexicon.concepts.values() if concept.flag}
    red.update(*(lexicon.members.get(name, frozenset()) for name in names))
    while True:
        parts = {
            member
            for pattern in lexicon.patterns
            if pattern.concept in red
            for element in pattern.elements
            if element.group
            for member in lexicon.members[element.group]
        }
        if parts <= red:
            return frozenset(red)
        red |= parts


def _unheard_breeds(lexicon: Lexicon, vocabulary: Container[str], pronunciations: Pronunciations) -> list[Unheard]:
    phrases: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for found in load_signalment(lexicon.folder).by_first.values():
        for phrase, term in found:
            if term.breed:
                phrases[term.breed].append(phrase)
    lost: dict[str, set[str]] = defaultdict(set)
    for breed, ways in phrases.items():
        missing = [[w for w in way if not can_be_heard(w, vocabulary, pronunciations)] for way in ways]
        if all(missing):
            lost[min(missing, key=len)[0]].add(breed)
    return [Unheard(word, tuple(sorted(breeds)), red_flag=False) for word, breeds in lost.items()]
