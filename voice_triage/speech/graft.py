"""New words put into the graph from sounds to words, as a tree of their pronunciations beside the one that is there.

A new word leaves an existing state, the one after its first sound at a word's beginning, and joins an existing state
at which words end. In between it has states of its own, shared by new words that begin alike. As in the graph itself,
its id stands where no other new word is possible any more, and the tables for looking ahead are kept true.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import ModelError
from voice_triage.speech.acoustic_phones import BEGIN, FIRST_PHONE, AcousticPhones, in_places, variants
from voice_triage.speech.lookahead_fst import ARC, Intervals, LookaheadGraph, with_arcs, with_words

HALF = math.log(2.0)
"""Cost of staying in a sound, and of leaving it: the model gives one half to each."""
VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())


@dataclass(frozen=True, slots=True)
class Grafted:
    """The graph with the words, and what it took."""

    graph: LookaheadGraph
    words: int
    refused: frozenset[int]
    """Words of which no way can be said with the graph's sounds."""
    new_states: int
    new_arcs: int


def graft(
    graph: LookaheadGraph, phones: AcousticPhones, pronunciations: Mapping[int, Sequence[Sequence[str]]]
) -> Grafted:
    """Make word ids audible: each has one or more pronunciations in ARPAbet without stress digits.

    An id that the graph has already gets further pronunciations. A way with a sound that the graph lacks in that place
    is left out. Raises ModelError for one that is not ARPAbet, and if the graph is not built as that of the small US
    English model is.
    """
    if not pronunciations:
        return Grafted(graph, 0, frozenset(), 0, 0)
    anatomy = _Anatomy(graph, phones)
    ways = {
        word: [way for way in map(in_places, given) if anatomy.can_say(way)] for word, given in pronunciations.items()
    }
    refused = frozenset(word for word, possible in ways.items() if not possible)
    tree = _tree(ways)
    growth = _Growth(graph, anatomy, everything=max(graph.final_word, _highest(graph), *pronunciations))
    for phone, branch in tree.following.items():
        growth.plant(phone, branch)
    words = len(pronunciations) - len(refused)
    return Grafted(growth.grown(), words, refused, len(growth.finals), len(growth.arcs))


@dataclass(slots=True)
class _Branch:
    """Pronunciations that begin alike."""

    following: dict[int, _Branch] = field(default_factory=dict)
    """By the next sound."""
    ending: set[int] = field(default_factory=set)
    """Words that end here; nothing follows then, since a word's last sound is a phone of its own."""
    words: set[int] = field(default_factory=set)
    """All words from here on."""


def _tree(pronunciations: Mapping[int, Sequence[Sequence[int]]]) -> _Branch:
    root = _Branch()
    for word, ways in sorted(pronunciations.items()):
        for way in ways:
            branch = root
            for phone in way:
                branch = branch.following.setdefault(phone, _Branch())
                branch.words.add(word)
            branch.ending.add(word)
    return root


def _highest(graph: LookaheadGraph) -> int:
    return int(graph.arcs["word"].max(initial=0))


class _Anatomy:
    """How a graph is built: which state belongs to which sound, and where words begin and end."""

    def __init__(self, graph: LookaheadGraph, phones: AcousticPhones) -> None:
        arcs, sources = graph.arcs, graph.sources
        phone = phones.phones(arcs["sound"])
        loop = (arcs["to"] == sources) & (phone > 0)
        entering = (phone > 0) & ~loop
        word_end = np.isfinite(graph.states["final"])

        self.loop_sound = np.zeros(len(graph.states), np.int64)
        """Of each state, the transition id of staying in it; 0 where one cannot stay."""
        self.loop_sound[sources[loop]] = arcs["sound"][loop]
        state_phone = np.zeros(len(graph.states), np.int64)
        state_phone[sources[loop]] = phone[loop]

        inside = np.flatnonzero(entering & ~word_end[sources] & (state_phone[sources] > 0))
        self._sounds: dict[tuple[int, int], int] = {}
        self._lefts: dict[int, dict[int, int]] = defaultdict(dict)
        for left, right, sound in zip(
            state_phone[sources[inside]].tolist(), phone[inside].tolist(), arcs["sound"][inside].tolist(), strict=True
        ):
            self._sounds[left, right] = sound
            self._lefts[right][left] = sound
        self._staying: dict[int, int] = dict(
            zip(arcs["sound"][entering].tolist(), self.loop_sound[arcs["to"][entering]].tolist(), strict=True)
        )

        begins = entering & word_end[sources] & (arcs["word"] == 0)
        begins &= (phone >= FIRST_PHONE) & ((phone - FIRST_PHONE) % 4 == BEGIN)
        self.starts: dict[int, list[int]] = defaultdict(list)
        """By a word's first phone, the states after it."""
        for right, state in sorted(set(zip(phone[begins].tolist(), arcs["to"][begins].tolist(), strict=True))):
            self.starts[right].append(state)

        self.ends: dict[int, int] = {}
        """By the transition id of staying in a word's last sound, the state at which the word ends."""
        self.end_like: dict[int, int] = {}
        """By a word's last phone, a state at which such words end."""
        for state in np.flatnonzero(word_end & (state_phone > 0)).tolist():
            self.ends.setdefault(int(self.loop_sound[state]), state)
            self.end_like.setdefault(int(state_phone[state]), state)
        costs: dict[int, Counter[float]] = defaultdict(Counter)
        into_end = entering & word_end[arcs["to"]]
        for state, cost in zip(arcs["to"][into_end].tolist(), arcs["cost"][into_end].tolist(), strict=True):
            costs[state][cost] += 1
        self.end_costs = {state: counter.most_common(1)[0][0] for state, counter in costs.items()}
        """Cost of the last sound, which may include that of a pause after the word."""

    def can_say(self, way: Sequence[int]) -> bool:
        """Whether the graph has each of these phones in its place."""
        return way[0] in self.starts and way[-1] in self.end_like and all(phone in self._lefts for phone in way[1:])

    def sound(self, left: int, phone: int) -> int:
        """The transition id of ``phone`` after ``left``; where that pair was never seen, after the nearest sound."""
        for likely in (left, *variants(left)):
            if (likely, phone) in self._sounds:
                return self._sounds[likely, phone]
        seen = self._lefts[phone]
        alike = {other: sound for other, sound in seen.items() if _is_vowel(other) == _is_vowel(left)} or seen
        return Counter(sorted(alike.values())).most_common(1)[0][0]

    def staying(self, sound: int) -> int:
        """The transition id of staying in what ``sound`` entered."""
        found = self._staying.get(sound, 0)
        if not found:
            raise ModelError("The model's graph is built in another way than expected: it learns no words.")
        return found


def _is_vowel(phone: int) -> bool:
    from voice_triage.speech.acoustic_phones import ARPABET

    return ARPABET[(phone - FIRST_PHONE) // 4] in VOWELS


class _Growth:
    """What is added to a graph."""

    def __init__(self, graph: LookaheadGraph, anatomy: _Anatomy, everything: int) -> None:
        self._graph = graph
        self._anatomy = anatomy
        self._everything: Intervals = ((1, everything + 1),)
        """What can follow where a word ends: each word, and the end of the sentence, which is an id among them."""
        self.finals: list[float] = []
        self.arcs: list[tuple[int, tuple[int, int, float, int]]] = []
        """Source, then as in :data:`ARC`."""
        self._reachable: list[Intervals] = []
        self._more_at: dict[int, set[int]] = {}

    def plant(self, phone: int, branch: _Branch) -> None:
        """All words that begin with ``phone``."""
        starts = self._anatomy.starts[phone]
        for state in starts:
            self._more_at[state] = branch.words
        self._grow(starts, phone, branch, spoken=False)

    def grown(self) -> LookaheadGraph:
        """The graph with everything planted."""
        graph = self._graph
        complete = ((1, graph.final_word + 1),)
        reachable = [self._everything if each == complete else each for each in graph.reachable]
        for state, words in self._more_at.items():
            reachable[state] = with_words(reachable[state], words)
        sources = np.concatenate([graph.sources, np.array([source for source, _ in self.arcs], np.int64)])
        arcs: NDArray[np.void] = np.concatenate([graph.arcs, np.array([arc for _, arc in self.arcs], ARC)])
        finals = np.concatenate([graph.states["final"], np.array(self.finals, np.float32)])
        return with_arcs(graph, finals, sources, arcs, tuple(reachable) + tuple(self._reachable))

    def _grow(self, states: Sequence[int], phone: int, branch: _Branch, *, spoken: bool) -> None:
        """From ``states``, all in ``phone``; ``spoken``: the word's id stands on an arc already."""
        for following, next_branch in branch.following.items():
            sound = self._anatomy.sound(phone, following)
            if next_branch.ending:
                to = self._end(following, sound)
                cost = self._anatomy.end_costs.get(to, HALF)
                words: Iterator[int] = iter((0,)) if spoken else iter(sorted(next_branch.ending))
                self._connect(states, sound, tuple(words), cost, to)
                continue
            alone = not spoken and len(next_branch.words) == 1
            told = spoken or alone
            to = self._state(math.inf, self._everything if told else with_words((), next_branch.words))
            self.arcs.append((to, (self._anatomy.staying(sound), 0, HALF, to)))
            self._connect(states, sound, tuple(next_branch.words) if alone else (0,), HALF, to)
            self._grow((to,), following, next_branch, spoken=told)

    def _connect(self, states: Sequence[int], sound: int, words: Sequence[int], cost: float, to: int) -> None:
        self.arcs += [(state, (sound, word, cost, to)) for state in states for word in words]

    def _state(self, final: float, reachable: Intervals) -> int:
        self.finals.append(final)
        self._reachable.append(reachable)
        return len(self._graph.states) + len(self.finals) - 1

    def _end(self, phone: int, sound: int) -> int:
        """The state at which words end with this sound; one is made after another's pattern if there is none."""
        staying = self._anatomy.staying(sound)
        if staying in self._anatomy.ends:
            return self._anatomy.ends[staying]
        like = self._anatomy.end_like[phone]
        row = self._graph.states[like]
        state = self._state(float(row["final"]), self._everything)
        for arc in self._graph.arcs[row["first"] : row["first"] + row["arcs"]].tolist():
            sound_of, word, cost, to = arc
            if to == like:
                self.arcs.append((state, (staying, word, cost, state)))
            else:
                self.arcs.append((state, (sound_of, word, cost, to)))
        self._anatomy.ends[staying] = state
        if like in self._anatomy.end_costs:
            self._anatomy.end_costs[state] = self._anatomy.end_costs[like]
        return state
