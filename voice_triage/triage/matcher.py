"""Finds every concept in an utterance: phrases of core tokens, joined to patterns by distance.

No match is dropped because another one overlaps it; only a match inside a longer match of the *same* concept is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from voice_triage.triage.disfluency import core_words
from voice_triage.triage.lexicon import Element, Lexicon, Pattern
from voice_triage.triage.phrases import Phrases
from voice_triage.triage.tokens import Utterance

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
    meant: str = ""
    """The real term, if the words are what the recognizer writes instead of it."""
    denied: bool = False
    """A "not" stands in a gap between its words: "his head's not tilted"."""


Place = tuple[int, int, str, bool]
"""First and end (exclusive) core position, the term meant if a sound-alike was heard, whether a gap holds a denial."""


@dataclass(frozen=True, slots=True, eq=False)
class _Meaning:
    """What a phrase can be part of; shared by all phrases that can be part of the same."""

    parts: frozenset[int]
    """Those of its parts that are a step of a chain."""
    whole: tuple[tuple[str, str], ...]
    """Concepts that the phrase says by itself, with the term meant if it is a sound-alike."""
    begins: tuple[int, ...]
    """Numbers of the chains to try where it is heard."""


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """A pattern of several steps, with the parts that must all be heard."""

    pattern: Pattern
    needs: frozenset[int]
    late: bool
    """It holds a mention of a concept or group, which must be found first."""


class Matcher:
    """Compiled patterns of one lexicon. Immutable after construction; safe to share between threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._members = lexicon.members
        whole: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self._chains: list[_Chain] = []
        for pattern in lexicon.patterns:
            if len(pattern.elements) == 1 and not pattern.elements[0].group:
                whole[pattern.elements[0].part].append((pattern.concept, pattern.meant))
                continue
            needs = frozenset(element.part for element in pattern.elements if not element.group)
            late = any(element.group for element in pattern.elements)
            self._chains.append(_Chain(pattern, needs, late))
        rarity = _rarity(lexicon.phrases)
        begins: dict[int, list[int]] = defaultdict(list)
        for number, chain in enumerate(self._chains):
            if chain.needs:
                begins[min(chain.needs, key=lambda part: (rarity[part], part))].append(number)
        self._always = [number for number, chain in enumerate(self._chains) if not chain.needs]
        chained = frozenset().union(*[chain.needs for chain in self._chains])
        parts_of: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for part, phrases in lexicon.phrases.items():
            for phrase in phrases:
                parts_of[phrase].add(part)
        meanings: dict[frozenset[int], _Meaning] = {}
        for parts in map(frozenset, parts_of.values()):
            if parts not in meanings:
                alone = dict.fromkeys(said for part in sorted(parts) for said in whole.get(part, ()))
                first = tuple(number for part in sorted(parts) for number in begins.get(part, ()))
                meanings[parts] = _Meaning(parts & chained, tuple(alone), first)
        self._phrases = Phrases((phrase, meanings[frozenset(parts)]) for phrase, parts in parts_of.items())

    def find(
        self, utterance: Utterance, masked: Iterable[tuple[int, int]] = (), barriers: Collection[int] = ()
    ) -> list[Match]:
        """All matches in order of first token.

        ``masked`` token ranges (a pet's name) match nothing. ``barriers`` are first tokens of new statements: a short
        gap does not reach across one ("he's not limping | he peed"), a long one (more than five words) does.
        """
        norms = utterance.norms
        core, words = core_words(norms)
        hidden = {token for first, last in masked for token in range(first, last + 1)}
        if hidden:
            words = ["\x00" if index in hidden else word for index, word in zip(core, words, strict=True)]
        walls = [position for position, index in enumerate(core) if index in barriers] if barriers else []
        search = _Search(self._members, self._phrases.find(words), words, walls)
        search.follow(self._possible(search))
        matches = [
            Match(concept, core[start], core[end - 1], meant, denied)
            for concept, found in search.found.items()
            for start, end, meant, denied in _longest(found)
        ]
        matches.sort(key=lambda match: (match.first, match.last, match.concept))
        return matches

    def _possible(self, search: _Search) -> list[_Chain]:
        """The chains of which every part was heard, in the order of the lexicon."""
        meanings = {meaning for _, _, meaning in search.heard}
        heard: set[int] = set().union(*[meaning.parts for meaning in meanings])
        begun: set[int] = set(self._always).union(*[meaning.begins for meaning in meanings])
        chains = [self._chains[number] for number in sorted(begun)]
        return [chain for chain in chains if chain.needs <= heard]


class _Search:
    """Places (core positions, end exclusive) found so far in one passage."""

    def __init__(
        self,
        members: Mapping[str, frozenset[str]],
        heard: Sequence[tuple[int, int, _Meaning]],
        words: Sequence[str],
        walls: Sequence[int],
    ) -> None:
        self.heard = heard
        """Phrases, sorted by place."""
        self.found: dict[str, set[Place]] = {}
        """By concept id."""
        self._members = members
        self._walls = walls
        self._denials = [at for at, word in enumerate(words) if word in _DENYING]
        self._ends = [at for at, word in enumerate(words) if word[0] in _STRONG]
        self._spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        """By part number, sorted."""
        self._groups: dict[str, list[tuple[int, int]]] = {}
        """By group name, sorted; cleared when more was found."""
        for start, end, meaning in heard:
            for concept, meant in meaning.whole:
                self._add(concept, (start, end, meant, False))

    def follow(self, chains: Sequence[_Chain]) -> None:
        """Adds every place of these chains, given in the order of the lexicon."""
        needed = frozenset().union(*[chain.needs for chain in chains])
        for start, end, meaning in self.heard:
            for part in meaning.parts & needed:
                self._spans[part].append((start, end))
        for chain in chains:
            if not chain.late:
                self._follow(chain.pattern)
        late = [chain for chain in chains if chain.late]
        for _ in range(2):  # a pattern over a group may itself be a member of a group another pattern uses
            self._groups.clear()
            grown = [self._follow(chain.pattern) for chain in late]
            if not any(grown):
                break

    def _add(self, concept: str, place: Place) -> bool:
        """Takes a place in; whether it is new."""
        places = self.found.get(concept)
        if places is None:
            self.found[concept] = {place}
            return True
        if place in places:
            return False
        places.add(place)
        return True

    def _follow(self, pattern: Pattern) -> bool:
        """Adds every place where the pattern's elements follow one another within their gaps; whether any is new."""
        first, *rest = pattern.elements
        ways = [(start, end, False) for start, end in self._places(first)]
        for element in rest:
            if not ways:
                return False
            ways = self._onward(ways, element.gap, self._places(element))
        new = False
        for start, end, denied in ways:
            new |= self._add(pattern.concept, (start, end, pattern.meant, denied))
        return new

    def _places(self, element: Element) -> Sequence[tuple[int, int]]:
        if not element.group:
            return self._spans[element.part]
        known = self._groups.get(element.group)
        if known is None:
            found = self.found
            concepts = self._members[element.group] & found.keys()
            known = sorted({(start, end) for concept in concepts for start, end, _, _ in found[concept]})
            self._groups[element.group] = known
        return known

    def _onward(
        self, ways: Sequence[tuple[int, int, bool]], gap: int, places: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, bool]]:
        """The ways (start, end, denied) that go on to one of the places, at their end or within the gap behind it."""
        onward: list[tuple[int, int, bool]] = []
        walls = self._walls if gap <= LOOSE_GAP else ()
        for first, end, denied in ways:
            for at in range(bisect_left(places, (end, 0)), len(places)):
                start, stop = places[at]
                if start > end + gap or (walls and _any_within(walls, end, start + 1)):
                    break
                if start == end:
                    onward.append((first, stop, denied))
                elif _any_within(self._ends, end, start):
                    break
                else:
                    onward.append((first, stop, denied or _any_within(self._denials, end, start)))
        return onward


def _any_within(positions: Sequence[int], first: int, end: int) -> bool:
    """Whether one of the sorted positions lies from ``first`` up to, not including, ``end``."""
    at = bisect_left(positions, first)
    return at < len(positions) and positions[at] < end


def _rarity(phrases: Mapping[int, Sequence[Sequence[str]]]) -> dict[int, int]:
    """How likely each part is to be heard, as a rank: by its likeliest phrase, and that by its rarest word.

    A word counts as likely as many of the lexicon's phrases hold it.
    """
    holding = Counter(word for part in phrases.values() for phrase in part for word in phrase)
    return {part: max(min(holding[word] for word in phrase) for phrase in ways) for part, ways in phrases.items()}


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
