"""What callers are expected to say, by the lexicon in force and the clinic's own words: it trains the ear."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from voice_triage.code_hash import code_hash
from voice_triage.errors import LexiconError
from voice_triage.settings import Settings
from voice_triage.speech.adaptation import DomainText
from voice_triage.triage.lexicon import Lexicon

_MAKERS = ("expected_speech.py", "triage/lexicon_compiler.py", "triage/lexicon_source.py", "triage/template_walk.py")
"""Modules by whose change the text changes, besides all of ``domain_text``."""
SEED = 4
"""Of the sentences: the same lexicon gives the same adapted model on every machine."""


def speech_hash(settings: Settings) -> str:
    """SHA-256 of all that :func:`expected_speech` depends on; a few milliseconds. Raises LexiconError."""
    from voice_triage.domain_text.own_words import load_own_words
    from voice_triage.domain_text.sentences import DEFAULT_SIZE, source_hash

    path = settings.own_words_path
    try:
        own = load_own_words(path)
        said = path.read_bytes() if own.entries else b""
        source = source_hash(settings.lexicons_in_force, own.slots)
    except OSError as error:
        raise LexiconError(f"The lexicon cannot be read: {error}. Put its files back in place.") from error
    package = Path(__file__).parent
    makers = code_hash(*(package / name for name in _MAKERS), *sorted((package / "domain_text").glob("*.py")))
    digest = hashlib.sha256(f"{makers} {SEED} {DEFAULT_SIZE} {source} ".encode())
    digest.update(said)
    return digest.hexdigest()


def expected_speech(settings: Settings, lexicon: Lexicon, vocabulary: Container[str]) -> DomainText:
    """The text; ``vocabulary`` are the words that the model knows. Raises LexiconError."""
    from voice_triage.domain_text.own_words import load_own_words
    from voice_triage.domain_text.pronunciations import load_pronunciations
    from voice_triage.domain_text.sentences import DEFAULT_SIZE, sentences

    own = load_own_words(settings.own_words_path)
    ways: Mapping[str, Sequence[Sequence[str]]] = {**load_pronunciations(lexicon.folder).ways, **own.ways}
    heard = _Either(vocabulary, ways)
    return DomainText(sentences(lexicon, seed=SEED, size=DEFAULT_SIZE, own_words=own.slots, heard=heard), ways)


class _Either:
    """What one or the other holds."""

    def __init__(self, one: Container[str], other: Container[str]) -> None:
        self._one = one
        self._other = other

    def __contains__(self, word: object) -> bool:
        return word in self._one or word in self._other
