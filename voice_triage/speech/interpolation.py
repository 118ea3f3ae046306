"""Two language models mixed into one back-off model that still sums to one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from voice_triage.speech.domain_model import DomainModel
from voice_triage.speech.ngram_model import LEVELS, SENTENCE_START, Keys, NgramModel, Reals, positions, shortened

LEAST_MASS = 1e-6
"""What a history leaves at least to words not seen after it."""

_Probability = Callable[[int, Keys], Reals]


def mixed(
    general: NgramModel,
    domain: DomainModel,
    weight: float,
    history_exponent: float = 0.0,
    single_weight: float | None = None,
) -> NgramModel:
    """The n-grams of both, ``weight`` (0 to 1) being the domain's share.

    ``single_weight`` is its share in single words, which count where neither model has seen a word in its context;
    ``weight`` unless given. "Seizure" is a hundred times commoner in the domain's text than elsewhere: with the whole
    weight it is heard in the hiss between two words; with a small one it is heard where something leads to it.

    With ``history_exponent`` above 0, the share after a history is scaled by how likely that history itself is in each
    model, to that power: after words that only the general model knows, the domain's text then says nothing, and
    what people talk about otherwise stays as well known as before (``language-model.md``). Raises ValueError.
    """
    if not 0 < weight < 1 or history_exponent < 0:
        raise ValueError(f"weight {weight} is not between 0 and 1, or the exponent {history_exponent} is negative")
    single = weight if single_weight is None else single_weight
    if not 0 < single < 1:
        raise ValueError(f"weight {single} of single words is not between 0 and 1")
    if general.base != domain.base:
        raise ValueError("the two models number their words differently")
    base = general.base
    double = np.union1d(general.histories[2], domain.histories[2])
    newest = np.union1d(np.union1d(general.histories[1], domain.histories[1]), double // base)
    histories = (np.zeros(1, np.int64), newest, double)
    ngrams: list[Keys] = []
    probabilities: list[Reals] = []
    backoffs: list[Reals] = []
    for level in range(LEVELS):
        keys = np.union1d(general.ngrams[level], domain.ngrams[level])
        of = positions(histories[level], keys // base)
        share = _shares(general, domain, weight if level else single, history_exponent, level, histories[level])[of]
        in_domain = np.flatnonzero(share > 0)
        values = (1.0 - share) * general.probability(level, keys)
        values[in_domain] += share[in_domain] * domain.probability(level, keys[in_domain])
        ngrams.append(keys)
        probabilities.append(values)
        if level == 0:
            backoffs.append(np.ones(1))
            continue
        count = len(histories[level])
        below = NgramModel(base, histories, tuple(backoffs), tuple(ngrams), tuple(probabilities))
        left_below = 1.0 - np.bincount(of, below.probability(level - 1, shortened(base, level, keys)[1]), count)
        seen = np.bincount(of, values, count)
        # Where every word was seen after a history, or too much was said of it, nothing is left for others.
        crowded = (seen > 1.0 - LEAST_MASS) | ((left_below < 2 * LEAST_MASS) & (seen > 0))
        scale = np.where(crowded, (1.0 - LEAST_MASS) / np.where(seen > 0, seen, 1.0), 1.0)
        probabilities[level] = values * scale[of]
        left = np.where(crowded, LEAST_MASS, 1.0 - seen)
        backoffs.append(left / np.maximum(left_below, LEAST_MASS))
    return NgramModel(base, histories, tuple(backoffs), tuple(ngrams), tuple(probabilities))


def _shares(
    general: NgramModel, domain: DomainModel, weight: float, exponent: float, level: int, histories: Keys
) -> Reals:
    if level == 0 or exponent == 0:
        return np.full(len(histories), weight)
    of_domain = weight * _of_histories(domain.probability, general.base, level, histories) ** exponent
    of_general = (1.0 - weight) * _of_histories(general.probability, general.base, level, histories) ** exponent
    both = of_domain + of_general
    return np.where(both > 0, of_domain / np.maximum(both, np.finfo(float).tiny), 0.0)


def _of_histories(probability: _Probability, base: int, level: int, histories: Keys) -> Reals:
    """How likely each history is in itself; the start of a sentence is certain."""
    if level == 1:
        return np.where(histories == SENTENCE_START, 1.0, probability(0, histories))
    newer, older = histories // base, histories % base
    return _of_histories(probability, base, 1, older) * probability(1, older * base + newer)
