"""Rules of mixing a language model with the text of a domain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech import tiny_graphs
from voice_triage.speech.domain_model import domain_model
from voice_triage.speech.interpolation import mixed
from voice_triage.speech.ngram_fst import NgramGraph, read_ngram, write_ngram
from voice_triage.speech.ngram_model import NgramModel, base_of, graph_of, model_of, perplexity, word_ids

SENTENCES = st.lists(st.lists(st.sampled_from(["cat", "mam", "tack", "unknown"]), max_size=5), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> NgramGraph:
    """The tiny word graph."""
    path = tmp_path_factory.mktemp("tiny") / "Gr.fst"
    path.write_bytes(tiny_graphs.ngram_bytes())
    return read_ngram(path)


def proper(graph: NgramGraph) -> NgramModel:
    """The tiny graph's model with its single words' probabilities made to sum to one, as any real model's do."""
    model = model_of(graph, base_of(graph.symbols[0]))
    words = model.probabilities[0] / model.probabilities[0].sum()
    return NgramModel(model.base, model.histories, model.backoffs, model.ngrams, (words, *model.probabilities[1:]))


def sums(model: NgramModel) -> list[float]:
    """For each history, the probability of all words and the end after it."""
    words = model.ngrams[0]
    return [
        float(model.probability(level, history * model.base + words).sum())
        for level in range(3)
        for history in model.histories[level]
    ]


@given(sentences=SENTENCES, weight=st.floats(0.05, 0.9), exponent=st.sampled_from([0.0, 0.25, 1.0]))
@settings(max_examples=80, deadline=None)
def test_after_every_history_all_probabilities_sum_to_one(
    graph: NgramGraph, sentences: list[list[str]], weight: float, exponent: float
) -> None:
    """A mixed model is a probability distribution after each of its histories, whatever the text."""
    general = proper(graph)
    text = [*sentences, ["cat"]]
    domain = domain_model(text, word_ids(graph.symbols[0]), general.base)
    mix = mixed(general, domain, weight, exponent)
    assert sums(mix) == pytest.approx([1.0] * len(sums(mix)), abs=1e-4)


def test_what_the_domain_says_often_is_expected_more(graph: NgramGraph) -> None:
    """A wanted sentence's perplexity falls; the more weight, the further."""
    general = proper(graph)
    ids = word_ids(graph.symbols[0])
    wanted = [["tack", "tack", "cat"]]
    domain = domain_model(wanted * 5, ids, general.base)
    found = [
        perplexity(model, wanted, ids) for model in (general, mixed(general, domain, 0.2), mixed(general, domain, 0.6))
    ]
    assert found[0] > found[1] > found[2]


def test_with_an_exponent_the_text_says_nothing_after_words_it_lacks(graph: NgramGraph) -> None:
    """After a history that the domain never has, the general model's own n-grams keep their probabilities."""
    general = proper(graph)
    domain = domain_model([["tack"]], word_ids(graph.symbols[0]), general.base)
    mix = mixed(general, domain, 0.5, 0.25)
    after_mam = np.array([2 * general.base + 3])
    assert mix.probability(1, after_mam) == pytest.approx(general.probability(1, after_mam))
    assert mixed(general, domain, 0.5).probability(1, after_mam) != pytest.approx(general.probability(1, after_mam))


def test_a_word_out_of_context_keeps_nearly_its_general_probability(graph: NgramGraph) -> None:
    """A small weight of single words leaves the domain's commonest word expected in its context, and less elsewhere."""
    general = proper(graph)
    ids = word_ids(graph.symbols[0])
    wanted = [["tack", "tack", "cat"]] * 5
    domain = domain_model(wanted, ids, general.base)
    whole, careful = mixed(general, domain, 0.5), mixed(general, domain, 0.5, single_weight=0.01)
    tack = np.array([ids["tack"]])
    assert general.probability(0, tack) < careful.probability(0, tack) < whole.probability(0, tack)
    assert perplexity(careful, wanted[:1], ids) < perplexity(general, wanted[:1], ids)
    assert sums(careful) == pytest.approx([1.0] * len(sums(careful)), abs=1e-4)


def test_a_weighted_sentence_counts_as_often_as_its_weight_says(graph: NgramGraph) -> None:
    """Weight three is the same as saying it three times."""
    ids, base = word_ids(graph.symbols[0]), base_of(graph.symbols[0])
    weighted = domain_model([["cat", "mam"], ["tack"]], ids, base, weights=[3.0, 1.0])
    repeated = domain_model([["cat", "mam"]] * 3 + [["tack"]], ids, base)
    for level in range(3):
        assert np.array_equal(weighted.ngrams[level], repeated.ngrams[level])
        assert np.allclose(weighted.counts[level], repeated.counts[level])
    with pytest.raises(ValueError, match="1 weights for 2 sentences"):
        domain_model([["cat"], ["tack"]], ids, base, weights=[1.0])


def test_no_expectation_reaches_over_an_unknown_word(graph: NgramGraph) -> None:
    """A word outside the vocabulary is told, and its neighbors do not become neighbors of each other."""
    ids, base = word_ids(graph.symbols[0]), base_of(graph.symbols[0])
    domain = domain_model([["cat", "parvo", "tack"], ["mam"]], ids, base)
    assert domain.unknown == {"parvo": 1}
    assert 1 * base + 3 not in domain.ngrams[1]
    assert set(domain.ngrams[0]) == {1, 2, 3, base - 1}


def test_a_word_that_is_to_be_added_is_possible_even_if_the_text_lacks_it(graph: NgramGraph) -> None:
    """The clinic's own words can be heard, though no sentence holds them."""
    symbols = graph.symbols[0].with_words(["parvo"])
    base = base_of(symbols)
    domain = domain_model([["cat"]], word_ids(symbols), base, also=["parvo"])
    assert domain.probability(0, np.array([symbols.ids["parvo"]]))[0] > 0
    mix = mixed(model_of(graph, base), domain, 0.3)
    assert mix.probability(0, np.array([symbols.ids["parvo"]]))[0] > 0


def test_a_mixed_model_is_written_and_read_again(graph: NgramGraph, tmp_path: Path) -> None:
    """The graph that the recognizer loads says what the model says, to the precision of its numbers."""
    general = proper(graph)
    symbols = graph.symbols[0]
    domain = domain_model([["tack", "cat", "mam", "mam"], ["mam", "cat"]], word_ids(symbols), general.base)
    mix = mixed(general, domain, 0.4)
    write_ngram(graph_of(mix, graph, symbols), tmp_path / "Gr.fst")
    again = model_of(read_ngram(tmp_path / "Gr.fst"), general.base)
    for level in range(3):
        assert np.array_equal(again.ngrams[level], mix.ngrams[level])
        assert np.array_equal(again.histories[level], mix.histories[level])
        assert again.probabilities[level] == pytest.approx(mix.probabilities[level], rel=1e-6)
        assert again.backoffs[level] == pytest.approx(mix.backoffs[level], rel=1e-6)


def test_a_text_without_a_known_word_and_a_weight_out_of_range_are_refused(graph: NgramGraph) -> None:
    """Nothing is mixed from nothing, nor by a share that is none."""
    ids, base = word_ids(graph.symbols[0]), base_of(graph.symbols[0])
    with pytest.raises(ValueError, match="no words"):
        domain_model([["parvo"]], {}, base)
    domain = domain_model([["cat"]], ids, base)
    for weight in (0.0, 1.0, -0.1):
        with pytest.raises(ValueError, match="weight"):
            mixed(model_of(graph, base), domain, weight)
