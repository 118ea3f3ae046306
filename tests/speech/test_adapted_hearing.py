"""The real model, adapted: what its files hold, what it expects, what it hears. Adapted once for all these tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from voice_triage import models_in_force, resources
from voice_triage.audio.resample import Resampler
from voice_triage.audio.wav import WavSource
from voice_triage.events import Block, Word
from voice_triage.settings import load_settings
from voice_triage.speech.acoustic_phones import read_phones
from voice_triage.speech.adaptation import Adaptation, AdaptationSettings, DecoderOptions, DomainText, adapt
from voice_triage.speech.lookahead_fst import LookaheadGraph, read_lookahead, with_words, write_lookahead
from voice_triage.speech.ngram_fst import NgramGraph, read_ngram, write_ngram
from voice_triage.speech.ngram_model import NgramModel, base_of, model_of, perplexity, word_ids
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ
from voice_triage.speech.vosk_recognizer import VoskModel, VoskRecognizer

TEXT = """
he keeps going in and out of the litterbox
my cat goes to the litterbox and nothing is coming out
we found parvo in the litterbox
my puppy ate rat poison and is vomiting
"""
NEW: dict[str, list[tuple[str, ...]]] = {
    "litterbox": [("L", "IH", "T", "ER", "B", "AA", "K", "S")],
    "parvo": [("P", "AA", "R", "V", "OW")],
    "boxnothing": [("B", "AA", "K", "S", "N", "AH", "TH", "IH", "NG")],
}
"""Words that the small model does not have; the last one is in no sentence."""
WANTED = ["my cat goes out of the litterbox".split(), "my puppy ate parvo".split()]
ELSEWHERE = ["he told them that the company had made a profit last year".split()]
FIRST_TURN_S = 11.5
"""Call time in the sample at which the client's first turn has ended."""


@dataclass(frozen=True, slots=True)
class Both:
    """The original model and the adapted one."""

    original: Path
    folder: Path
    record: Adaptation
    graphs: tuple[NgramGraph, NgramGraph]
    models: tuple[NgramModel, NgramModel]


@pytest.fixture(scope="session")
def both(model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """The real small model, adapted to a few sentences with new words."""
    folder = tmp_path_factory.mktemp("adapted") / "model"
    text = DomainText([line.split() for line in TEXT.strip().splitlines()], NEW)
    record = adapt(model_dir, folder, text, AdaptationSettings(0.3, decoder=DecoderOptions(beam=11.0)))
    graphs = read_ngram(model_dir / "graph/Gr.fst"), read_ngram(folder / "graph/Gr.fst")
    base = base_of(graphs[1].symbols[0])
    return Both(model_dir, folder, record, graphs, (model_of(graphs[0], base), model_of(graphs[1], base)))


def test_the_real_word_graph_is_read_whole_and_written_as_it_was(both: Both, tmp_path: Path) -> None:
    """Its sizes are those that OpenFst counts (language-model.md), and not a byte is lost."""
    graph = both.graphs[0]
    assert (len(graph.parents), len(graph.words) + len(graph.parents) - 1) == (196557, 2195831)
    assert len(graph.symbols[0].ids) == 152217
    write_ngram(graph, tmp_path / "Gr.fst")
    assert (tmp_path / "Gr.fst").read_bytes() == (both.original / "graph/Gr.fst").read_bytes()


def test_after_sampled_histories_all_probabilities_sum_to_one(both: Both) -> None:
    """The mixed model stays a distribution, after histories of the general model and of the text."""
    random = np.random.default_rng(0)
    words = both.models[1].ngrams[0]
    for model in both.models:
        sums = [model.probability(0, words).sum()]
        for level in (1, 2):
            sampled = random.choice(model.histories[level], 40)
            sums += [model.probability(level, history * model.base + words).sum() for history in sampled]
        assert sums == pytest.approx([1.0] * len(sums), abs=1e-5)


def test_what_callers_say_is_expected_and_other_talk_no_less(both: Both) -> None:
    """A wanted sentence's perplexity falls far; that of a sentence about something else hardly rises."""
    ids = word_ids(both.graphs[1].symbols[0])
    original, adapted = both.models
    assert perplexity(adapted, WANTED, ids) < 0.5 * perplexity(original, WANTED, ids)
    assert perplexity(adapted, ELSEWHERE, ids) < 1.1 * perplexity(original, ELSEWHERE, ids)


def test_new_words_are_known_and_old_ones_are_still_heard(both: Both, sample: NDArray[np.int16]) -> None:
    """The recognizer loads the adapted model and writes a new word where it was said; the rest is as it was."""
    assert set(both.record.grafted) == set(NEW)
    model = VoskModel(both.folder)
    assert all(model.knows(word) for word in (*NEW, "cat", "siamese"))
    assert not model.knows("rimadyl")
    said = heard(model, sample)
    assert "he keeps going in and out of the litterbox and nothing is coming out" in said
    assert "i'm calling about my cat" in said


def test_the_real_graph_is_read_whole_and_written_as_it_was(both: Both, tmp_path: Path) -> None:
    """Not a byte of it is lost."""
    write_lookahead(read_lookahead(both.original / "graph/HCLr.fst"), tmp_path / "HCLr.fst")
    assert (tmp_path / "HCLr.fst").read_bytes() == (both.original / "graph/HCLr.fst").read_bytes()


def test_grafting_leaves_every_other_path_as_it_was(both: Both) -> None:
    """States and arcs of the original are all there; new arcs begin or end in new states, or give a new word."""
    before, after = read_lookahead(both.original / "graph/HCLr.fst"), read_lookahead(both.folder / "graph/HCLr.fst")
    states = len(before.states)
    old, new = rows(before), rows(after)
    kept = new[(new["source"] < states) & (new["to"] < states)]
    added = np.setdiff1d(kept, old)
    assert len(np.setdiff1d(old, kept)) == 0
    assert len(added) == 0
    assert np.array_equal(after.states["final"][:states], before.states["final"])
    assert np.isfinite(after.states["final"][states:]).sum() <= len(NEW)
    phones = read_phones(both.original)
    assert phones is not None
    inside = after.states[states:]
    assert np.all(inside["arcs"] >= 2), "one can stay in each new sound and leave it"
    assert set(phones.phones(after.arcs["sound"]).tolist()) == set(phones.phones(before.arcs["sound"]).tolist())


def test_the_tables_of_the_real_graph_tell_of_the_new_words(both: Both) -> None:
    """Wherever any word can come, a new one can; elsewhere exactly where its sounds began."""
    before, after = read_lookahead(both.original / "graph/HCLr.fst"), read_lookahead(both.folder / "graph/HCLr.fst")
    ids = {word: both.graphs[1].symbols[0].ids[word] for word in NEW}
    every = ((1, before.final_word + 1),)
    grown = 0
    for old, new in zip(before.reachable, after.reachable, strict=False):
        if old == every:
            assert new == ((1, max(ids.values()) + 1),)
        elif new != old:
            grown += 1
            assert new in (with_words(old, {ids["litterbox"]}), with_words(old, {ids["parvo"]}),
                           with_words(old, {ids["boxnothing"]}))  # fmt: skip
    assert grown > 0


def test_the_adapted_model_is_made_found_and_used_by_the_product(model_dir: Path, tmp_path: Path) -> None:
    """The model that the product loads is the one adapted to the lexicon as it is; with the setting off, the original.

    Nothing is made here: an adapted model of another text stands in for an older one.
    """
    models_dir = tmp_path / "models"
    models_dir.mkdir()
    (models_dir / model_dir.name).symlink_to(model_dir)
    overrides = {"data_dir": tmp_path / "data", "models_dir": models_dir}
    plain = load_settings(overrides={**overrides, "adapt_language_model": False})
    wanting = load_settings(overrides={**overrides, "adapt_language_model": True})
    assert models_in_force.chosen_model(plain).ready
    choice = models_in_force.chosen_model(wanting)
    assert not choice.ready
    assert choice.model.folder == models_dir / model_dir.name
    stronger = load_settings(overrides={**overrides, "adapt_language_model": True, "adaptation_weight": 0.5})
    assert models_in_force.chosen_model(stronger).wanted != choice.wanted
    (tmp_path / "data").mkdir()
    wanting.own_words_path.write_text('[[own]]\nwords = "cat"\nkind = "staff"\n')
    assert models_in_force.chosen_model(wanting).wanted != choice.wanted


def rows(graph: LookaheadGraph) -> NDArray[np.void]:
    """All arcs with the state each leaves."""
    fields = [("source", "<i8"), ("sound", "<i4"), ("word", "<i4"), ("cost", "<f4"), ("to", "<i4")]
    found = np.zeros(len(graph.arcs), np.dtype(fields))
    found["source"] = graph.sources
    for name in ("sound", "word", "cost", "to"):
        found[name] = graph.arcs[name]
    return found


@pytest.fixture(scope="session")
def sample() -> NDArray[np.int16]:
    """The client's first turn of the sample call at 16 kHz, shape (n,)."""
    resampler = Resampler()
    blocks = [resampler.process(item) for item in WavSource(resources.sample_audio()) if isinstance(item, Block)]
    return np.concatenate([block.samples for block in blocks])[: round(FIRST_TURN_S * SAMPLE_RATE_HZ)]


def heard(model: VoskModel, samples: NDArray[np.int16]) -> str:
    """All words of a piece of sound."""
    recognizer = VoskRecognizer(model)
    words: list[Word] = []
    for at in range(0, len(samples), 1600):
        result = recognizer.accept(samples[at : at + 1600], at / SAMPLE_RATE_HZ)
        words += result.words if result is not None and result.final else ()
    last = recognizer.finish()
    recognizer.close()
    return " ".join(word.text for word in (*words, *(last.words if last else ())))
