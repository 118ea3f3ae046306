"""Which words a recognizer's model can write: its symbol table, read without loading the model."""

from __future__ import annotations

from pathlib import Path

from voice_triage.errors import ModelError
from voice_triage.speech.fst_file import HAS_INPUT_SYMBOLS, FileBytes, FstHeader, SymbolTable
from voice_triage.speech.ngram_model import NOT_WORDS

_WORDS_FILE = "graph/words.txt"
_WORD_GRAPH = "graph/Gr.fst"


def read_vocabulary(model_dir: Path) -> frozenset[str]:
    """All words of a Vosk model's folder: from its ``words.txt`` where it has one, else from its word graph.

    Raises ModelError if neither can be read.
    """
    listed = model_dir / _WORDS_FILE
    try:
        if listed.is_file():
            words = {line.split(" ")[0] for line in listed.read_text(encoding="utf-8").splitlines() if line}
            return frozenset(words - NOT_WORDS)
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"{listed} cannot be read: {error}. Fetch the model again: voice-triage models fetch"
        ) from error
    data = FileBytes.of(model_dir / _WORD_GRAPH)
    header = FstHeader.read(data)
    data.need(header.flags & HAS_INPUT_SYMBOLS, "it holds no vocabulary")
    return frozenset(SymbolTable.read(data).ids) - NOT_WORDS
