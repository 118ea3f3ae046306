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
_DENYING = frozenset({"not", "never", "no", "without"})
_STRONG = frozenset(".?!;\n")


@dataclass(frozen=True, slots=True)
class Match:
    """A concept's words: tokens ``first`` to ``last`` of the utterance, inclusive."""

    concept: str
    first: int
    last: int
    sound_alike: bool = False
    denied: bool = False
    """A "not" stands in a gap between its words: "his head's not tilted"."""


Place = tuple[int, int, bool, bool]
"""First and end (exclusive) core position, whether a sound-alike was heard, whether a gap holds a denial."""


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
        self._chained: dict[int, list[tuple[frozenset[int], Pattern]]] = defaultdict(list)
        self._late: list[tuple[frozenset[int], Pattern]] = []
        for pattern in lexicon.patterns:
            needs = frozenset(element.part for element in pattern.elements[1:] if not element.group)
            if any(element.group for element in pattern.elements):
                first = pattern.elements[0]
                self._late.append((needs if first.group else needs | {first.part}, pattern))
            elif len(pattern.elements) == 1:
                self._single[pattern.elements[0].part].append(pattern)
            else:
                self._chained[pattern.elements[0].part].append((needs, pattern))

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
        search = _Search(self._members, words, walls)
        for key, start, end in self._phrases(Doc(vocabulary(), words=words)):
            search.spans[self._part_of[key]].append((start, end))
        for places in search.spans.values():
            places.sort()
        heard = search.spans.keys()
        possible = [pattern for needs, pattern in self._late if needs <= heard]
        for part, places in search.spans.items():
            for pattern in self._single.get(part, ()):
                search.found[pattern.concept].update((s, e, pattern.sound_alike, False) for s, e in places)
            for needs, pattern in self._chained.get(part, ()):
                if needs <= heard:
                    search.follow(pattern)
        for _ in range(2):  # a pattern over a group may itself be a member of a group another pattern uses
            search.groups.clear()
            for pattern in possible:
                search.follow(pattern)
        matches = [
            Match(concept, core[start], core[end - 1], alike, denied)
            for concept, found in search.found.items()
            for start, end, alike, denied in _longest(found)
        ]
        matches.sort(key=lambda match: (match.first, match.last, match.concept))
        return matches


class _Search:
    """Places (core positions, end exclusive) found so far in one passage."""

    def __init__(self, members: Mapping[str, frozenset[str]], words: Sequence[str], walls: Sequence[int]) -> None:
        self._members = members
        self._words = words
        self._walls = walls
        self.spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        """By part number, sorted."""
        self.found: dict[str, set[Place]] = defaultdict(set)
        """By concept id, with whether a sound-alike was heard."""
        self.groups: dict[str, list[tuple[int, int]]] = {}
        """By group name, sorted; cleared when more was found."""

    def follow(self, pattern: Pattern) -> None:
        """Adds every place where the pattern's elements follow one another within their gaps."""
        elements = pattern.elements
        places = [self._places(element) for element in elements]
        if not all(places):
            return
        for start, end in places[0]:
            ends = [(end, False)]
            for element, where in zip(elements[1:], places[1:], strict=True):
                ends = [
                    (stop, denied or inside)
                    for reached, denied in ends
                    for stop, inside in self._next(element, where, reached)
                ]
                if not ends:
                    break
            self.found[pattern.concept].update((start, stop, pattern.sound_alike, denied) for stop, denied in ends)

    def _places(self, element: Element) -> Sequence[tuple[int, int]]:
        if not element.group:
            return self.spans.get(element.part, ())
        known = self.groups.get(element.group)
        if known is None:
            found = self.found
            known = sorted({(s, e) for c in self._members[element.group] if c in found for s, e, _, _ in found[c]})
            self.groups[element.group] = known
        return known

    def _next(self, element: Element, places: Sequence[tuple[int, int]], end: int) -> list[tuple[int, bool]]:
        """Ends of the element's places that begin at ``end`` or within the gap behind it, and whether that denies."""
        stops: list[tuple[int, bool]] = []
        for start, stop in places[bisect_left(places, (end, 0)) :]:
            if start > end + element.gap:
                break
            if element.gap <= LOOSE_GAP and bisect_left(self._walls, end) < bisect_right(self._walls, start):
                break
            if any(word[0] in _STRONG for word in self._words[end:start]):
                break
            stops.append((stop, not _DENYING.isdisjoint(self._words[end:start])))
        return stops


def _longest(places: Iterable[Place]) -> list[Place]:
    """Without matches inside longer ones, and without those that reach far back over words of another statement.

    Of "eats junk swallowed a quarter" and "swallowed a quarter", which end together, the nearer beginning is meant.
    """
    nearest: dict[int, int] = {}
    for start, end, _, _ in places:
        nearest[end] = max(start, nearest.get(end, 0))
    kept: list[Place] = []
    for place in sorted(places, key=lambda place: (place[0], -place[1], place[2], place[3])):
        start, end = place[:2]
        if nearest[end] - start >= 2 and end - nearest[end] >= 2:
            continue
        if not any(other[0] <= start and end <= other[1] for other in kept):
            kept.append(place)
    return kept
