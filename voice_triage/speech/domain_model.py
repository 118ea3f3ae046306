"""The trigrams of a text, with absolute discounting interpolated down to single words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from voice_triage.speech.ngram_model import LEVELS, Keys, Reals, positions, shortened, tokens_of

DISCOUNT = 0.6
"""Taken from every count for what was not seen; 0.5 to 0.75 is usual, 0.6 was measured with (``language-model.md``)."""


@dataclass(frozen=True, slots=True)
class DomainModel:
    """Counts of a text. Each tuple has one array per level, 0 to 2; keys as in :mod:`.ngram_model`."""

    base: int
    ngrams: tuple[Keys, ...]
    counts: tuple[Reals, ...]
    histories: tuple[Keys, ...]
    totals: tuple[Reals, ...]
    """Counts of all n-grams of a history."""
    discounted: tuple[Reals, ...]
    """What was taken from them."""
    tokens: float
    unknown: Mapping[str, int]
    """Words of the text that the vocabulary lacks, and how often they occur."""

    def probability(self, level: int, ngrams: Keys) -> Reals:
        """Of each n-gram whose history has ``level`` words."""
        at = positions(self.ngrams[level], ngrams)
        counts = np.where(at >= 0, self.counts[level][at], 0.0)
        if level == 0:
            shares: Reals = counts / self.totals[0][0]
            return shares
        histories, shorter = shortened(self.base, level, ngrams)
        lower = self.probability(level - 1, shorter)
        where = positions(self.histories[level], histories)
        total = self.totals[level][where]
        own = (np.maximum(counts - DISCOUNT, 0.0) + self.discounted[level][where] * lower) / total
        return np.where(where >= 0, own, lower)


def domain_model(
    sentences: Iterable[Sequence[str]],
    ids: Mapping[str, int],
    base: int,
    *,
    weights: Iterable[float] | None = None,
    also: Iterable[str] = (),
) -> DomainModel:
    """Count a text. ``also`` are words that get a count of one even if the text lacks them.

    A word outside the vocabulary splits its sentence: no n-gram reaches over it. Raises ValueError on an empty text.
    """
    tokens = tokens_of(sentences, ids, base, weights)
    extra = np.array(sorted({ids[word] for word in also if word in ids}), np.int64)
    ngrams: list[Keys] = []
    histories: list[Keys] = []
    counts: list[Reals] = []
    totals: list[Reals] = []
    discounted: list[Reals] = []
    for level in range(LEVELS):
        keys, weight = tokens.keys(base, level)
        if level == 0:
            missing = np.setdiff1d(extra, keys)
            keys, weight = np.concatenate([keys, missing]), np.concatenate([weight, np.ones(len(missing))])
        if not len(keys):
            raise ValueError("the text holds no words that the recognizer knows")
        unique, inverse = np.unique(keys, return_inverse=True)
        count = np.bincount(inverse, weight, len(unique)).astype(np.float64)
        history, of = np.unique(unique // base, return_inverse=True)
        ngrams.append(unique)
        counts.append(count)
        histories.append(history)
        totals.append(np.bincount(of, count, len(history)).astype(np.float64))
        discounted.append(np.bincount(of, np.minimum(count, DISCOUNT), len(history)).astype(np.float64))
    return DomainModel(
        base,
        tuple(ngrams),
        tuple(counts),
        tuple(histories),
        tuple(totals),
        tuple(discounted),
        float(tokens.weights.sum()),
        tokens.unknown,
    )
