"""Text for the recognizer: drawn from the lexicon and the talk files, the same every time, and not all emergencies."""

from __future__ import annotations

import itertools
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.domain_text.sentences import sentences, source_hash
from voice_triage.domain_text.talk import PATTERN, load_talk
from voice_triage.errors import LexiconError
from voice_triage.events import Word
from voice_triage.triage import lexicon as lexicons
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.matcher import Matcher
from voice_triage.triage.tokens import tokenize

BUNDLED = resources.lexicons_dir()


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The bundled lexicon."""
    return lexicons.load(BUNDLED)


@pytest.fixture(scope="module")
def drawn(lexicon: Lexicon) -> list[tuple[str, ...]]:
    """Some thousand sentences."""
    return list(sentences(lexicon, seed=7, size=6000))


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """A clinic's own copy of the lexicon."""
    folder = tmp_path / "lexicons"
    shutil.copytree(BUNDLED, folder)
    return folder


@pytest.fixture(scope="module")
def found(lexicon: Lexicon, drawn: list[tuple[str, ...]]) -> list[frozenset[str]]:
    """The concepts found in each sentence."""
    matcher = Matcher(lexicon)
    return [
        frozenset(match.concept for match in matcher.find(tokenize(tuple(Word(word, 0.0, 0.0) for word in words))))
        for words in drawn
    ]


def test_the_same_seed_gives_the_same_sentences_and_another_seed_gives_others(lexicon: Lexicon) -> None:
    """The same files and seed give the same text, so the same adapted model; another seed gives another."""
    first = list(sentences(lexicon, seed=3, size=200))
    assert first == list(sentences(lexicon, seed=3, size=200))
    assert first != list(sentences(lexicon, seed=4, size=200))


def test_words_are_as_a_recognizer_writes_them(drawn: list[tuple[str, ...]]) -> None:
    """Sentences hold lower-case words without digits or punctuation, and no slot is left unfilled."""
    assert {word for words in drawn for word in words if not re.fullmatch(r"[a-z']+", word)} == set()


def test_every_concept_is_drawn_alike(lexicon: Lexicon, found: list[frozenset[str]]) -> None:
    """Nearly every concept that raises a flag is heard somewhere in a few thousand sentences."""
    heard = frozenset[str]().union(*found)
    flags = {concept.id for concept in lexicon.concepts.values() if concept.flag}
    assert len(flags - heard) <= 0.03 * len(flags), sorted(flags - heard)


def test_most_talk_is_no_emergency(lexicon: Lexicon, found: list[frozenset[str]]) -> None:
    """More than half hold nothing that raises a flag by itself, or emergencies would be heard everywhere."""
    flags = {concept.id for concept in lexicon.concepts.values() if concept.flag}
    raising = sum(bool(concepts & flags) for concepts in found)
    assert 0.1 < raising / len(found) < 0.5


def test_subjects_and_contractions_are_put_back(drawn: list[tuple[str, ...]]) -> None:
    """Cores get subjects, contractions and articles: "he can't", "his gums", "she's" are common, "can not" is rare."""
    pairs = Counter(pair for words in drawn for pair in itertools.pairwise(words))
    for pair in [
        ("he", "can't"),
        ("she", "won't"),
        ("his", "gums"),
        ("she's", "been"),
        ("my", "dog"),
        ("the", "floor"),
    ]:
        assert pairs[pair] >= 3, pair
    assert pairs["can", "not"] < 0.2 * sum("can't" in words for words in drawn)


def test_half_of_the_animals_are_female(drawn: list[tuple[str, ...]]) -> None:
    """What is written of "he" is said of "she" as often."""
    words = Counter(word for said in drawn for word in said)
    assert 0.8 < words["he"] / words["she"] < 1.25


def test_own_words_are_said(lexicon: Lexicon) -> None:
    """A clinic's own staff names and streets are heard in sentences, and change the hash of the text."""
    own = {"staff": ["okonkwo"], "place": ["quarry lane"]}
    text = [" ".join(words) for words in sentences(lexicon, seed=1, size=4000, own_words=own)]
    assert any("okonkwo" in said for said in text)
    assert any("quarry lane" in said for said in text)
    assert source_hash(BUNDLED, own) != source_hash(BUNDLED)


def test_a_slip_in_a_talk_file_is_told(own_folder: Path, lexicon: Lexicon) -> None:
    """A misspelt slot is refused with the file, the sentence and the right name."""
    path = own_folder / "talk_desk.toml"
    path.write_text(path.read_text().replace("is {phone}", "is {phon}"))
    with pytest.raises(LexiconError, match=r"talk_desk\.toml.*\{phon\}; did you mean \{phone\}\?"):
        load_talk(own_folder, frozenset(lexicon.members))


def test_a_lexicon_without_talk_files_uses_the_bundled_ones(own_folder: Path) -> None:
    """A clinic's own copy of the lexicon, made before there were talk files, still trains the ear."""
    for path in own_folder.glob(PATTERN):
        path.unlink()
    own = lexicons.load(own_folder)
    assert len(list(sentences(own, seed=1, size=20))) == 20


def test_an_edited_sentence_changes_the_hash(own_folder: Path) -> None:
    """An edit of a talk file is noticed, so that the model is adapted again."""
    before = source_hash(own_folder)
    path = own_folder / "talk_owners.toml"
    path.write_text(path.read_text().replace("yellow foam", "orange foam"))
    assert source_hash(own_folder) != before
