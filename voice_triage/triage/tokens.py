"""One utterance as tokens: splits contractions, unites spellings, and maps every token back to the recognizer's words.

``can't``, ``cannot`` and ``cant`` all become ``can`` + ``not`` (spaCy's English tokenizer with NORM, `language.md`).
Lower case throughout. Written text keeps its punctuation as tokens; speech has none.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import spacy
from spacy.language import Language
from spacy.vocab import Vocab

from voice_triage.card_data.marks import MARKS
from voice_triage.events import Word

PUNCTUATION = frozenset('.,;:!?()[]"-…/\n*&')
"""One-character tokens that are punctuation; runs of them (``...``, ``!!``) are recognized by their first character."""

_EXTRA_NORMS: Mapping[str, str] = {
    "nt": "not",
    "n't": "not",
    "ai": "is",
    "aint": "not",
    "’s": "'s",
    "s": "'s",
    "m": "am",
    "wanna": "want",
    "kinda": "kind",
    "cuz": "because",
    "coz": "because",
    "cos": "because",
    "cause": "because",
    "till": "until",
    "til": "until",
    "ok": "okay",
    "pls": "please",
    "thru": "through",
    "ur": "your",
    "u": "you",
    "nope": "no",
    "nah": "no",
    "yep": "yes",
    "yup": "yes",
    "yeah": "yes",
    "yea": "yes",
    "uhhuh": "yes",
}
"""Spoken and typed variants that spaCy's NORM leaves apart. (``cause`` is *because* in almost every spoken use.)"""

_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
"""Between letters a hyphen is only a way of writing: "sugar-free" is said as two words."""
FILLERS = frozenset({"um", "uh", "er", "erm", "hmm", "mm", "like", "well", "ah", "huh"})


@functools.cache
def language() -> Language:
    """The blank English pipeline: tokenizer and vocabulary only, no model."""
    return spacy.blank("en")


def vocabulary() -> Vocab:
    """The vocabulary that all documents and matchers share."""
    return language().vocab


@dataclass(frozen=True, slots=True)
class Utterance:
    """An utterance's words and tokens.

    ``norms[t]`` is token t's normalized form, ``word_of[t]`` the index of the word it belongs to,
    ``token_of_word[w]`` the index of word w's first token.
    """

    words: tuple[Word, ...]
    norms: tuple[str, ...]
    word_of: tuple[int, ...]
    token_of_word: tuple[int, ...]
    index: int = 0
    """Place of the utterance in the call."""

    def __len__(self) -> int:
        return len(self.norms)

    @property
    def text(self) -> str:
        """The words joined by blanks."""
        return " ".join(word.text for word in self.words)

    def span_text(self, first: int, last: int) -> str:
        """Exact transcript text of tokens ``first`` to ``last`` (inclusive), in whole words."""
        return " ".join(word.text for word in self.words[self.word_of[first] : self.word_of[last] + 1])

    def pause_before(self, token: int) -> float:
        """Seconds of silence between the previous word and the word that this token begins; 0 inside a word."""
        word = self.word_of[token]
        if word == 0 or self.token_of_word[word] != token:
            return 0.0
        return max(0.0, self.words[word].start_s - self.words[word - 1].end_s)


def is_punctuation(norm: str) -> bool:
    """Whether a token is punctuation (written text only)."""
    return norm[0] in PUNCTUATION


@dataclass(frozen=True, slots=True, eq=False)
class Spelling:
    """A lexicon's misspellings. Each is equal to itself alone: it is part of the key that split words are kept by."""

    corrections: Mapping[str, str]
    """Misspelling -> right spelling."""


@functools.lru_cache(maxsize=20_000)
def split_word(text: str, spelling: Spelling | None = None) -> tuple[str, ...]:
    """Normalized tokens of one word as the recognizer or a writer put it."""
    if text in MARKS:
        return ("um",)  # what stands for a number says nothing, and parts nothing
    corrections = spelling.corrections if spelling else {}
    lowered = text.lower().replace("’", "'").replace("`", "'")
    if lowered in corrections:
        return tuple(corrections[lowered].split())
    tokens = language().make_doc(_HYPHEN.sub(" ", lowered))
    norms: list[str] = []
    for token in tokens:
        raw = token.text.strip()
        if not raw:
            continue
        norm = corrections.get(raw) or token.norm_.strip() or raw
        if raw in ("did", "had"):  # NORM makes "do" of it, "have" of hadn't: the past tense matters here
            norm = raw
        if raw in _EXTRA_NORMS and (raw not in ("s", "m", "nt") or len(tokens) > 1):
            norm = _EXTRA_NORMS[raw]
        norms.extend(norm.split())
    return tuple(norms)


def tokenize(words: Sequence[Word], index: int = 0, spelling: Spelling | None = None) -> Utterance:
    """Tokens of an utterance's words. Linear in the words; each distinct word is split once per process."""
    norms: list[str] = []
    word_of: list[int] = []
    token_of_word: list[int] = []
    for number, word in enumerate(words):
        token_of_word.append(len(norms))
        for norm in split_word(word.text, spelling):
            norms.append(norm)
            word_of.append(number)
    return Utterance(tuple(words), tuple(norms), tuple(word_of), tuple(token_of_word), index)


def words_of_text(text: str) -> tuple[Word, ...]:
    """Words without times, for text: all times are 0."""
    return tuple(Word(piece, 0.0, 0.0) for piece in text.split())
