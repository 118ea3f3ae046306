"""Which words a model can write, read from its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_triage.errors import ModelError
from voice_triage.speech.fst_file import HAS_INPUT_SYMBOLS, FstHeader, SymbolTable
from voice_triage.speech.vocabulary import read_vocabulary


def graph_folder(tmp_path: Path) -> Path:
    """A model's graph folder."""
    folder = tmp_path / "graph"
    folder.mkdir()
    return folder


def test_words_come_from_the_word_graph(tmp_path: Path) -> None:
    """The small model has its words in its word graph; marks that are no words are left out."""
    header = FstHeader("ngram", 4, HAS_INPUT_SYMBOLS, 0, 0, 1, 0)
    table = SymbolTable(b"words", 5, {"<eps>": 0, "cat": 1, "dog": 2, "<s>": 3, "[unk]": 4})
    (graph_folder(tmp_path) / "Gr.fst").write_bytes(header.packed() + table.packed())
    assert read_vocabulary(tmp_path) == {"cat", "dog"}


def test_a_list_of_words_is_preferred(tmp_path: Path) -> None:
    """Bigger models have a list of words beside the graph."""
    (graph_folder(tmp_path) / "words.txt").write_text("<eps> 0\ncat 1\nrabbit 2\n#0 3\n")
    assert read_vocabulary(tmp_path) == {"cat", "rabbit"}


def test_a_model_without_words_is_an_error(tmp_path: Path) -> None:
    """A folder without words says what to do."""
    with pytest.raises(ModelError, match="voice-triage models"):
        read_vocabulary(tmp_path)
