"""From a lexicon's core words to what is said: contractions and articles put back, and what the core begins with."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from random import Random

from voice_triage.domain_text.talk import TalkSet

_NOT = {
    "can": "can't", "could": "couldn't", "will": "won't", "would": "wouldn't", "do": "don't", "does": "doesn't",
    "did": "didn't", "has": "hasn't", "have": "haven't", "had": "hadn't", "is": "isn't", "are": "aren't",
    "was": "wasn't", "were": "weren't", "should": "shouldn't",
}  # fmt: skip
_FULL = {"'s": "is", "'re": "are", "'ll": "will", "'ve": "have", "'d": "would", "'m": "am"}
_DETERMINERS = frozenset(
    "a an the his her my our your their this that these those some any no one two three four five six each every "
    "another both all more enough whole of's someone's left right front back hind rear".split()
)
_CONTRACTED = 0.93
"""How often callers contract: "cannot" and "is not" are rare on the telephone."""


def contracted(words: Sequence[str], random: Random, heard: Container[str] | None = None) -> list[str]:
    """``can not`` as "can't", ``he 's`` as "he's"; mostly, as in speech. ``heard``: all words that may be made."""
    said: list[str] = []
    for word in words:
        before = said[-1] if said else ""
        if word == "not" and before in _NOT and random.random() < _CONTRACTED:
            said[-1] = _NOT[before]
        elif word == "not" and before == "can":
            said[-1] = "cannot"
        elif word == "'s" and before.endswith("s"):
            said.append("are" if not before.endswith("ss") and "'" not in before else "is")
        elif word in _FULL and before and "'" not in before:
            joined = before + word
            said[-1:] = [joined] if heard is None or joined in heard else [before, _FULL[word]]
        elif word in _FULL:
            said.append(_FULL[word])
        else:
            said.append(word)
    return said


def with_articles(words: Sequence[str], articles: Mapping[str, frozenset[str]], random: Random) -> list[str]:
    """Articles and possessives in front of the nouns that want them; a tenth of the nouns stay bare."""
    said: list[str] = []
    for word in words:
        before = said[-1] if said else ""
        free = before not in _DETERMINERS and not before.endswith("'s")
        if said and free and random.random() < 0.9:
            if word in articles.get("his", ()):
                said.append("his" if random.random() < 0.85 else "the")
            elif word in articles.get("the", ()):
                said.append("the" if random.random() < 0.85 else "my")
            elif word in articles.get("a", ()):
                said.append("an" if word[0] in "aeiou" else "a")
        said.append(word)
    return said


def agrees(words: Sequence[str], shapes: Mapping[str, frozenset[str]]) -> bool:
    """Whether verbs after an auxiliary have a form that fits it ("can't eating" does not)."""
    past = shapes.get("past", frozenset())
    for at, word in enumerate(words[:-1]):
        stem = word.removesuffix("n't") if word not in ("can't", "won't") else "can"
        following = next((w for w in words[at + 1 : at + 3] if w not in ("not", "even", "really", "just")), "")
        ing = following.endswith("ing") and following not in ("anything", "nothing", "something", "everything")
        base = stem in ("can", "could", "will", "would", "do", "does", "did", "should", "to", "cannot")
        if base and (ing or following in past - _SAME or _looks_past(following)):
            return False
        denied = stem in ("is", "are", "was", "were") and word.endswith("n't")
        if (denied and following in past - _SAME - {"gone"}) or (stem in ("has", "have") and ing):
            return False
    return True


_SAME = frozenset({"cut", "hit", "hurt", "put", "split", "come", "quit", "shed", "let", "run", "bleed"})
"""Verbs whose past is also their base form."""


def _looks_past(word: str) -> bool:
    return len(word) > 4 and word.endswith("ed") and word not in ("need", "bleed", "breed", "feed", "speed", "bed")


def shape_of(words: Sequence[str], talk: TalkSet, verbs: frozenset[str]) -> str:
    """One of SHAPES: which frames a core fits in. ``verbs`` are stems known from the lexicon ("vomit", "throw")."""
    first, shapes = words[0], talk.shapes
    if first in shapes["start"] or first.split("'")[0] in shapes["start"]:
        return "sentence"
    if first in shapes["helpers"] or first.endswith("n't"):
        return "helper"
    if first.endswith("ing") and first not in ("nothing", "something", "swelling", "ring", "string", "morning"):
        return "ing"
    if first in shapes["past"] or _looks_past(first):
        return "past"
    if first in talk.articles["his"] or first in ("his", "her"):
        return "body"
    if first in shapes["adjectives"]:
        return "adjective"
    if first in shapes["prepositions"]:
        return "place"
    if first in verbs:
        return "base"
    if first.endswith("s") and (first[:-1] in verbs or first[:-2] in verbs):
        return "third"
    return "noun"


def verb_stems(words: frozenset[str]) -> frozenset[str]:
    """Stems of which the lexicon has an "-ing" form: "vomit" of "vomiting", "come" of "coming", "run" of "running"."""
    stems: set[str] = set()
    for word in words:
        if word.endswith("ing") and len(word) > 5:
            stem = word[:-3]
            stems.update((stem, stem + "e"))
            if len(stem) > 2 and stem[-1] == stem[-2]:
                stems.add(stem[:-1])
    return frozenset(stem for stem in stems if stem in words)
