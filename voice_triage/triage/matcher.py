"""Finds every concept in an utterance: phrases by spaCy's PhraseMatcher, joined to patterns by distance.

No match is dropped because another one overlaps it; only a match inside a longer match of the *same* concept is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from voice_triage.triage.disfluency import core_indices
from voice_triage.triage.lexicon import Element, Lexicon, Pattern
from voice_triage.triage.tokens import Utterance, vocabulary

LOOSE_GAP = 5
"""A gap of more words than this is meant to reach over the beginning of the next statement."""
_STRONG = frozenset(".?!;\n")


@dataclass(frozen=True, slots=True)
class Match:
    """A concept's words: tokens ``first`` to ``last`` of the utterance, inclusive."""

    concept: str
    first: int
    last: int
    sound_alike: bool = False


class Matcher:
    """Compiled patterns of one lexicon. Immutable after construction; safe to share between threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        vocab = vocabulary()
        self._members = lexicon.members
        self._phrases = PhraseMatcher(vocab, attr="ORTH")
        self._part_of: dict[int, int] = {}
        for number, phrases in lexicon.phrases.items():
            name = f"part-{number}"
            self._phrases.add(name, [Doc(vocab, words=list(phrase)) for phrase in phrases])
            self._part_of[vocab.strings[name]] = number
        self._single: dict[int, list[Pattern]] = defaultdict(list)
        self._chained: dict[int, list[Pattern]] = defaultdict(list)
        self._late: list[Pattern] = []
        for pattern in lexicon.patterns:
            if any(element.group for element in pattern.elements):
                self._late.append(pattern)
            elif len(pattern.elements) == 1:
                self._single[pattern.elements[0].part].append(pattern)
            else:
                self._chained[pattern.elements[0].part].append(pattern)

    def find(
        self, utterance: Utterance, masked: Iterable[tuple[int, int]] = (), barriers: Collection[int] = ()
    ) -> list[Match]:
        """All matches in order of first token.

        ``masked`` token ranges (a pet's name) match nothing. ``barriers`` are first tokens of new statements: a short
        gap does not reach across one ("he's not limping | he peed"), a long one (more than five words) does.
        """
        norms = utterance.norms
        core = core_indices(norms)
        hidden = {token for first, last in masked for token in range(first, last + 1)}
        words = ["\x00" if index in hidden else norms[index] for index in core]
        if not words:
            return []
        walls = [position for position, index in enumerate(core) if index in barriers] if barriers else []
        spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for key, start, end in self._phrases(Doc(vocabulary(), words=words)):
            spans[self._part_of[key]].append((start, end))
        found: dict[str, set[tuple[int, int, bool]]] = defaultdict(set)
        for part, places in spans.items():
            for pattern in self._single.get(part, ()):
                found[pattern.concept].update((s, e, pattern.sound_alike) for s, e in places)
        for part, places in spans.items():
            for pattern in self._chained.get(part, ()):
                for start, end in places:
                    for stop in self._follow(pattern.elements[1:], end, spans, found, words, walls):
                        found[pattern.concept].add((start, stop, pattern.sound_alike))
        for _ in range(2):  # a pattern over a group may itself be a member of a group another pattern uses
            for pattern in self._late:
                for start, end in self._places(pattern.elements[0], spans, found):
                    for stop in self._follow(pattern.elements[1:], end, spans, found, words, walls):
                        found[pattern.concept].add((start, stop, pattern.sound_alike))
        matches = [
            Match(concept, core[start], core[end - 1], alike)
            for concept, places in found.items()
            for start, end, alike in _longest(places)
        ]
        matches.sort(key=lambda match: (match.first, match.last, match.concept))
        return matches

    def _places(
        self,
        element: Element,
        spans: Mapping[int, list[tuple[int, int]]],
        found: Mapping[str, set[tuple[int, int, bool]]],
    ) -> list[tuple[int, int]]:
        if not element.group:
            return sorted(spans.get(element.part, ()))
        return sorted(
            {(s, e) for concept in self._members.get(element.group, ()) for s, e, _ in found.get(concept, ())}
        )

    def _follow(
        self,
        elements: Sequence[Element],
        end: int,
        spans: Mapping[int, list[tuple[int, int]]],
        found: Mapping[str, set[tuple[int, int, bool]]],
        words: Sequence[str],
        walls: Sequence[int],
    ) -> list[int]:
        """Ends (core positions) of every way the remaining elements follow ``end``."""
        if not elements:
            return [end]
        places = self._places(elements[0], spans, found)
        stops: list[int] = []
        for start, stop in places[bisect_left(places, (end, 0)) :]:
            if start > end + elements[0].gap:
                break
            if elements[0].gap <= LOOSE_GAP and bisect_left(walls, end) < bisect_right(walls, start):
                break
            if any(word[0] in _STRONG for word in words[end:start]):
                break
            stops.extend(self._follow(elements[1:], stop, spans, found, words, walls))
        return stops


def _longest(places: Iterable[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Without matches inside longer ones, and without those that reach far back over words of another statement.

    Of "eats junk swallowed a quarter" and "swallowed a quarter", which end together, the nearer beginning is meant.
    """
    nearest: dict[int, int] = {}
    for start, end, _ in places:
        nearest[end] = max(start, nearest.get(end, 0))
    kept: list[tuple[int, int, bool]] = []
    for start, end, alike in sorted(places, key=lambda place: (place[0], -place[1], place[2])):
        if nearest[end] - start >= 2 and end - nearest[end] >= 2:
            continue
        if not any(s <= start and end <= e for s, e, _ in kept):
            kept.append((start, end, alike))
    return kept
