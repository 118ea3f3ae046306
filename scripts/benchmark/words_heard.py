"""How many words were heard right: in all, and of the phrases that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.gold import GoldCall


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Counts over one or more calls."""

    words: int = 0
    errors: int = 0
    """Words wrong, missing or too many."""
    key_words: int = 0
    key_errors: int = 0
    phrases: int = 0
    phrases_whole: int = 0
    """Key phrases of which every word was heard, in its place."""

    def __add__(self, other: WordErrors) -> WordErrors:
        return WordErrors(
            self.words + other.words,
            self.errors + other.errors,
            self.key_words + other.key_words,
            self.key_errors + other.key_errors,
            self.phrases + other.phrases,
            self.phrases_whole + other.phrases_whole,
        )

    @property
    def rate(self) -> float:
        """Word error rate, from 0; above 1 if there are more errors than words."""
        return self.errors / self.words if self.words else 0.0

    @property
    def key_rate(self) -> float:
        """The same within the gold key phrases."""
        return self.key_errors / self.key_words if self.key_words else 0.0


def errors_by_word(said: Sequence[str], heard: Sequence[str]) -> list[int]:
    """Errors at each of the words said, of an alignment with the fewest (Levenshtein); a list one longer than ``said``.

    A word too many counts at the word that it comes before, at the end in the last place.
    """
    rows = [list(range(len(heard) + 1))]
    for number, word in enumerate(said, start=1):
        above, row = rows[-1], [number]
        for at, other in enumerate(heard, start=1):
            row.append(min(above[at] + 1, row[-1] + 1, above[at - 1] + (word != other)))
        rows.append(row)
    errors = [0] * (len(said) + 1)
    i, j = len(said), len(heard)
    while i or j:
        if i and j and rows[i][j] == rows[i - 1][j - 1] + (said[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            errors[i] += said[i] != heard[j]
        elif i and rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
            errors[i] += 1
        else:
            j -= 1
            errors[i] += 1
    return errors


def word_errors(call: GoldCall, heard: Sequence[str]) -> WordErrors:
    """What was heard wrong of one call; ``heard`` are all words of the client as recognized, in order."""
    errors = errors_by_word(call.words, heard)
    key_words: set[int] = set()
    whole = 0
    for flag in call.flags:
        span = range(flag.first_word, flag.first_word + len(flag.phrase.split()))
        key_words.update(span)
        whole += not any(errors[at] for at in span)
    wrong = sum(errors[at] for at in key_words)
    return WordErrors(len(call.words), sum(errors), len(key_words), wrong, len(call.flags), whole)
