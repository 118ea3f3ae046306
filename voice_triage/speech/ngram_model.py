"""A back-off trigram model as sorted arrays, made from a word graph and back.

A history is a key: 0 for the empty one, ``v`` for one word, ``v * base + u`` for two, ``v`` the newer. An n-gram is
``history * base + word``. Sorted so, both are in the order of the graph's file. Word id 0 is the start of the sentence
as a history, ``base - 1`` its end as a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import ModelError
from voice_triage.speech.fst_file import HAS_OUTPUT_SYMBOLS, SymbolTable
from voice_triage.speech.ngram_fst import NgramGraph

LEVELS = 3
"""Histories of no, one and two words."""
SENTENCE_START = 0
UNKNOWN = -1
LEAST_PROBABILITY = 1e-30
NOT_WORDS = frozenset({"<eps>", "<s>", "</s>", "#0", "[unk]", "<unk>"})

Keys = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NgramModel:
    """Each tuple has one array per level, 0 to 2."""

    base: int
    """One more than the id of the sentence's end, which is one more than every word id."""
    histories: tuple[Keys, ...]
    """Sorted."""
    backoffs: tuple[Reals, ...]
    """Factor on the shorter history's probability, one per history."""
    ngrams: tuple[Keys, ...]
    """Sorted; words alone, pairs, triples."""
    probabilities: tuple[Reals, ...]
    """One per n-gram."""

    def probability(self, level: int, ngrams: Keys) -> Reals:
        """Of each n-gram whose history has ``level`` words, backing off where it was not seen."""
        at = positions(self.ngrams[level], ngrams)
        values = np.where(at >= 0, self.probabilities[level][at], 0.0)
        unseen = np.flatnonzero(at < 0)
        if level and len(unseen):
            histories, shorter = shortened(self.base, level, ngrams[unseen])
            where = positions(self.histories[level], histories)
            factors = np.where(where >= 0, self.backoffs[level][where], 1.0)
            values[unseen] = factors * self.probability(level - 1, shorter)
        return values


def positions(sorted_keys: Keys, wanted: Keys) -> NDArray[np.int64]:
    """Where each wanted key stands in the sorted ones; -1 if nowhere."""
    if not len(sorted_keys):
        return np.full(len(wanted), -1)
    at = np.searchsorted(sorted_keys, wanted)
    at[at == len(sorted_keys)] = 0
    return np.where(sorted_keys[at] == wanted, at, -1)


def shortened(base: int, level: int, ngrams: Keys) -> tuple[Keys, Keys]:
    """The histories of n-grams of a level above 0, and the n-grams without their oldest word."""
    histories = ngrams // base
    words = ngrams - histories * base
    return histories, words if level == 1 else histories // base * base + words


def word_ids(symbols: SymbolTable) -> Mapping[str, int]:
    """Ids of the words that can be heard."""
    return {word: number for word, number in symbols.ids.items() if word not in NOT_WORDS}


def base_of(symbols: SymbolTable) -> int:
    """The base of keys that leaves room for every word of a vocabulary."""
    return max(symbols.ids.values()) + 2


def model_of(graph: NgramGraph, base: int) -> NgramModel:
    """The graph as a model. Raises ModelError unless it is a trigram whose word ids lie below ``base - 1``."""
    states = len(graph.parents)
    depths = np.zeros(states, np.int64)
    depths[1:] = 1 + (graph.parents[1:] > 0)
    if states > 1 and depths[graph.parents[1:]].max() > 1:
        raise ModelError("The model's word graph is not a trigram: it cannot be adapted. It is used as it comes.")
    if max(graph.words.max(initial=0), graph.oldest_words.max()) >= base - 1:
        raise ModelError(
            "The model's word graph knows words that its vocabulary lacks. Run: voice-triage models verify"
        )
    history = np.where(depths == 1, graph.oldest_words, 0).astype(np.int64)
    longest = depths == 2
    history[longest] = graph.oldest_words[graph.parents[longest]].astype(np.int64) * base + graph.oldest_words[longest]

    source = np.repeat(np.arange(states), np.diff(graph.first_arcs))
    final = np.flatnonzero(np.isfinite(graph.final_costs))
    source = np.concatenate([source, final])
    word = np.concatenate([graph.words.astype(np.int64), np.full(len(final), base - 1, np.int64)])
    cost = np.concatenate([graph.costs, graph.final_costs[final]]).astype(np.float64)

    histories, backoffs, ngrams, probabilities = [], [], [], []
    for level in range(LEVELS):
        of_level = np.flatnonzero(depths == level)
        histories.append(history[of_level])
        backoffs.append(np.exp(-graph.backoff_costs[of_level].astype(np.float64)) if level else np.ones(1))
        arcs = depths[source] == level
        keys = history[source[arcs]] * base + word[arcs]
        order = np.argsort(keys, kind="stable")
        ngrams.append(keys[order])
        probabilities.append(np.exp(-cost[arcs])[order])
    return NgramModel(base, tuple(histories), tuple(backoffs), tuple(ngrams), tuple(probabilities))


def graph_of(model: NgramModel, like: NgramGraph, symbols: SymbolTable) -> NgramGraph:
    """The model as a graph with the header of ``like`` and the vocabulary ``symbols``.

    The vocabulary is written once, as that of the output: what the recognizer reads. A second copy, for the input,
    would only take memory: both in the order of the original took 32 MB more.
    """
    base, end = model.base, model.base - 1
    first_states = np.cumsum([0, *(len(histories) for histories in model.histories)])
    states = int(first_states[-1])
    sources, words, costs = [], [], []
    final_costs = np.full(states, np.inf)
    for level in range(LEVELS):
        keys = model.ngrams[level]
        history = keys // base
        word = keys - history * base
        source = first_states[level] + positions(model.histories[level], history)
        cost = -np.log(np.maximum(model.probabilities[level], LEAST_PROBABILITY))
        at_end = word == end
        final_costs[source[at_end]] = cost[at_end]
        sources.append(source[~at_end])
        words.append(word[~at_end])
        costs.append(cost[~at_end])
    _, single, double = model.histories
    parents = np.concatenate(
        [[-1], np.zeros(len(single), np.int64), first_states[1] + positions(single, double // base)]
    )
    backoffs = [np.full(1, np.inf), *(-np.log(model.backoffs[level]) for level in (1, 2))]
    return NgramGraph(
        replace(like.header, flags=HAS_OUTPUT_SYMBOLS),
        (symbols.by_id(),),
        parents,
        np.concatenate([[-1], single, double % base]).astype(np.int32),
        np.concatenate(backoffs).astype(np.float32),
        np.concatenate([[0], np.cumsum(np.bincount(np.concatenate(sources), minlength=states))]),
        np.concatenate(words).astype(np.int32),
        np.concatenate(costs).astype(np.float32),
        final_costs.astype(np.float32),
    )


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every predicted word of a text, with the two words before it."""

    older: Keys
    newer: Keys
    words: Keys
    weights: Reals
    unknown: Mapping[str, int]
    """Words outside the vocabulary, which predict nothing, and how often they occur."""

    def keys(self, base: int, level: int) -> tuple[Keys, Reals]:
        """The n-grams of a level whose words are all known, one per token, and their weights."""
        known = self.words != UNKNOWN
        if level >= 1:
            known &= self.newer != UNKNOWN
        if level == 2:
            known &= self.older != UNKNOWN
        older, newer, words = self.older[known], self.newer[known], self.words[known]
        history = 0 if level == 0 else newer if level == 1 else newer * base + older
        return history * base + words, self.weights[known]


def tokens_of(
    sentences: Iterable[Sequence[str]], ids: Mapping[str, int], base: int, weights: Iterable[float] | None = None
) -> Tokens:
    """The text as word ids: each sentence is a sequence of words, in lower case, as the recognizer would write them.

    ``weights`` are one per sentence, 1 unless given. Raises ValueError if there are fewer of them than sentences.
    """
    flat: list[int] = []
    lengths: list[int] = []
    unknown: dict[str, int] = {}
    for sentence in sentences:
        if not sentence:
            continue
        for word in sentence:
            number = ids.get(word, UNKNOWN)
            flat.append(number)
            if number == UNKNOWN:
                unknown[word] = unknown.get(word, 0) + 1
        flat.append(base - 1)
        lengths.append(len(sentence) + 1)
    words = np.array(flat, np.int64)
    newer, older = np.full(len(words), UNKNOWN, np.int64), np.full(len(words), UNKNOWN, np.int64)
    starts = np.cumsum([0, *lengths])[:-1]
    newer[1:], older[2:] = words[:-1], words[:-2]
    newer[starts] = SENTENCE_START
    older[starts] = UNKNOWN
    seconds = starts + 1
    older[seconds] = SENTENCE_START
    if weights is None:
        per_sentence = np.ones(len(lengths))
    else:
        per_sentence = np.fromiter(weights, np.float64)
        if len(per_sentence) != len(lengths):
            raise ValueError(f"{len(per_sentence)} weights for {len(lengths)} sentences")
    return Tokens(older, newer, words, np.repeat(per_sentence, lengths), unknown)


def log_probabilities(model: NgramModel, tokens: Tokens) -> Reals:
    """Natural logarithm of the probability of each known token, each after as much of its history as is known."""
    base = model.base
    found = np.full(len(tokens.words), np.nan)
    for level, known in (
        (0, tokens.words != UNKNOWN),
        (1, (tokens.words != UNKNOWN) & (tokens.newer != UNKNOWN)),
        (2, (tokens.words != UNKNOWN) & (tokens.newer != UNKNOWN) & (tokens.older != UNKNOWN)),
    ):
        found[known] = model.probability(level, tokens.keys(base, level)[0])
    logs: Reals = np.log(np.maximum(found[~np.isnan(found)], LEAST_PROBABILITY))
    return logs


def perplexity(model: NgramModel, sentences: Iterable[Sequence[str]], ids: Mapping[str, int]) -> float:
    """How many words the model hesitates between, on average; words outside the vocabulary are left out."""
    return float(np.exp(-log_probabilities(model, tokens_of(sentences, ids, model.base)).mean()))
