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

    def __init__(self) -> None:
        self.meaning: T | None = None
        self.onward: dict[str, _Node[T]] | None = None


class Phrases(Generic[T]):
    """Phrases with what each means. Immutable after construction; safe to share between threads."""

    def __init__(self, phrases: Iterable[tuple[Sequence[str], T]]) -> None:
        """Of phrases given twice the later meaning holds. A phrase without words is never found."""
        self._first: dict[str, _Node[T]] = {}
        for words, meaning in phrases:
            node: _Node[T] | None = None
            for word in words:
                if node is None:
                    onward = self._first
                elif node.onward is None:
                    onward = node.onward = {}
                else:
                    onward = node.onward
                node = onward.get(word)
                if node is None:
                    node = onward[word] = _Node()
            if node is not None:
                node.meaning = meaning

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
