"""Many phrases at once: a tree of words in which every phrase of a text is found in one pass.

spaCy's PhraseMatcher does the same through a ``Doc`` and gives each phrase once for every name it bears. A lexicon's
phrases bear many: of the 15 words of an utterance it reports some 550 finds, and sorting those out in Python took
longer than finding them. The tree says once for each place what all its names together mean (docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class _Node(Generic[T]):
    """What the words up to here are, if they are a phrase, and the words that may follow."""

    __slots__ = ("meaning", "onward")

    def __init__(self, meaning: T | None, onward: dict[str, _Node[T]] | None = None) -> None:
        self.meaning = meaning
        self.onward = onward


class Phrases(Generic[T]):
    """Phrases with what each means. Immutable after construction; safe to share between threads."""

    def __init__(self, phrases: Iterable[tuple[Sequence[str], T]]) -> None:
        """Of phrases given twice the later meaning holds. A phrase without words is never found."""
        self._first: dict[str, _Node[T]] = {}
        # A phrase that no longer one goes on from ends in a node that all phrases of its meaning share: nine in ten
        # nodes, and without that half of the memory that a lexicon takes.
        ends: dict[int, _Node[T]] = {}
        kept: list[T] = []  # while ends are told apart by identity
        for words, meaning in phrases:
            if not words:
                continue
            *before, last = words
            onward = self._first
            for word in before:
                onward = _after(onward, word)
            node = onward.get(last)
            if node is not None and node.onward is not None:
                node.meaning = meaning
                continue
            if id(meaning) not in ends:
                kept.append(meaning)
                ends[id(meaning)] = _Node(meaning)
            onward[last] = ends[id(meaning)]

    def find(self, words: Sequence[str]) -> list[tuple[int, int, T]]:
        """First word, end (exclusive) and meaning of every phrase, by first word and then the shorter first."""
        found: list[tuple[int, int, T]] = []
        first = self._first
        size = len(words)
        for start, word in enumerate(words):
            node = first.get(word)
            end = start
            while node is not None:
                end += 1
                if node.meaning is not None:
                    found.append((start, end, node.meaning))
                if node.onward is None or end == size:
                    break
                node = node.onward.get(words[end])
        return found


def _after(onward: dict[str, _Node[T]], word: str) -> dict[str, _Node[T]]:
    """The words that may follow ``word``; from now on it has some."""
    node = onward.get(word)
    if node is None or node.onward is None:
        following: dict[str, _Node[T]] = {}
        onward[word] = _Node(None if node is None else node.meaning, following)
        return following
    return node.onward
