"""Sentences as callers say them, drawn from the lexicon and the talk files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random

from voice_triage.domain_text.pronunciations import load_pronunciations, pronunciations_path
from voice_triage.domain_text.shapes import agrees, contracted, shape_of, verb_stems, with_articles
from voice_triage.domain_text.talk import TalkSet, load_talk, talk_hash
from voice_triage.triage.lexicon import Concept, Lexicon, lexicon_hash
from voice_triage.triage.lexicon_source import LexiconSource
from voice_triage.triage.signalment import Signalment, load_signalment
from voice_triage.triage.template_walk import TemplateWalk

DEFAULT_SIZE = 40_000
"""Sentences; chosen by measurement (``docs/benchmarks.md``)."""
FROM_LEXICON = 0.2
"""Share of statements that hold a template of the lexicon."""
FROM_EXAMPLES = 0.12
"""Share that are example sentences of the lexicon; the rest is drawn from the talk files."""
_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[a-z']+")
"""A word as a recognizer writes it; templates hold "24" and "e.r." too, for written text."""
_GAP = re.compile(r"gap(\d*)")
_DEEPEST = 6
"""A slot in a slot in a slot ...: a template that refers to itself ends here."""
_TRIES = 8
"""A core whose verbs do not agree is drawn again so many times."""
_ONE_STATEMENT, _TWO_STATEMENTS = 0.6, 0.9
"""Shares (cumulative) of utterances of one and of two statements; the rest have three."""
_CASUAL = 0.5
_HE = {
    "he": "she", "he's": "she's", "he'll": "she'll", "he'd": "she'd", "him": "her", "his": "her", "himself": "herself",
}  # fmt: skip
_SHE = {"she": "he", "she's": "he's", "she'll": "he'll", "herself": "himself"}
_SUBJECTS = ("he", "he", "he", "he", "he", "he", "he", "my dog", "my cat", "the dog", "the cat", "our dog", "{petname}")
_OBJECTS = ("him", "him", "him", "my dog", "the cat", "{petname}")


def sentences(
    lexicon: Lexicon,
    *,
    seed: int,
    size: int,
    own_words: Mapping[str, Sequence[str]] | None = None,
    heard: Container[str] | None = None,
) -> Iterator[tuple[str, ...]]:
    """``size`` utterances as tuples of lower-case words, the same for the same files, ``seed``, own and heard words.

    ``own_words``: the clinic's own, as slot -> words (``OwnWords.slots``). ``heard``: all words that the recognizer can
    write; where it is given, phrases of the lexicon with other words are drawn again, where others are to be had.
    Raises LexiconError for a mistake in the talk files or the pronunciations.
    """
    speaker = _Speaker(lexicon, Random(seed), own_words or {}, heard)
    for _ in range(size):
        yield speaker.utterance()


def source_hash(lexicon_folder: Path, own_words: Mapping[str, Sequence[str]] | None = None) -> str:
    """SHA-256 of all files and words that ``sentences`` and the pronunciations depend on. Needs no lexicon loaded."""
    own = json.dumps({slot: sorted(words) for slot, words in (own_words or {}).items()}, sort_keys=True)
    sounds = hashlib.sha256(pronunciations_path(lexicon_folder).read_bytes()).hexdigest()
    parts = (lexicon_hash(lexicon_folder), talk_hash(lexicon_folder), sounds, own)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


class _Speaker:
    """Says one utterance after another."""

    def __init__(
        self,
        lexicon: Lexicon,
        random: Random,
        own_words: Mapping[str, Sequence[str]],
        heard: Container[str] | None,
    ) -> None:
        self._heard = heard
        self._said_as = load_pronunciations(lexicon.folder).said_as
        self._lexicon = lexicon
        self._random = random
        self._talk: TalkSet = load_talk(lexicon.folder, frozenset(lexicon.members))
        self._walk = TemplateWalk(LexiconSource(lexicon.folder, lexicon).expansions)
        self._own = {slot: tuple(words) for slot, words in own_words.items() if words}
        self._concepts = [concept for concept in lexicon.concepts.values() if concept.templates]
        self._queue: list[Concept] = []
        self._examples = [example.say for concept in lexicon.concepts.values() for example in concept.examples]
        self._talk_weights = [talk.share for talk in self._talk.talks]
        words = {word for number in lexicon.phrases for phrase in lexicon.phrases[number] for word in phrase}
        self._verbs = verb_stems(frozenset(words))

    def utterance(self) -> tuple[str, ...]:
        """One to three statements joined as in speech, of one animal, with hesitations."""
        many = self._random.random()
        count = 1 if many < _ONE_STATEMENT else 2 if many < _TWO_STATEMENTS else 3
        words: list[str] = []
        joins = self._talk.joins
        if joins.openings and self._random.random() < joins.opening_rate:
            words += self._random.choice(joins.openings).split()
        for number in range(count):
            if number and joins.words:
                words += self._random.choice(joins.words).split()
            words += self._statement()
        if joins.endings and self._random.random() < joins.ending_rate:
            words += self._random.choice(joins.endings).split()
        spoken = [said for word in words for said in self._said_as.get(word, (word,))]
        said = [word for word in contracted(spoken, self._random, self._heard) if _WORD.fullmatch(word)]
        said = self._casual(said)
        return tuple(self._hesitant(self._of_one_sex(said)))

    def _statement(self) -> list[str]:
        kind = self._random.random()
        if kind < FROM_LEXICON:
            return self._from_lexicon()
        if kind < FROM_LEXICON + FROM_EXAMPLES:
            return self._random.choice(self._examples).split()
        talk = self._random.choices(self._talk.talks, self._talk_weights)[0]
        return self._filled(self._random.choice(talk.say)).split()

    def _from_lexicon(self) -> list[str]:
        if not self._queue:  # every concept once before any comes again
            self._queue = self._random.sample(self._concepts, len(self._concepts))
        concept = self._queue.pop()
        core = self._core(concept)
        shape = "thing" if concept.kind in ("substance", "object") else shape_of(core, self._talk, self._verbs)
        frame = self._walk.way(self._random.choice(self._talk.frames[shape]), self._random)
        return self._framed(frame, core).split()

    def _framed(self, frame: str, core: Sequence[str]) -> str:
        said = " ".join(core)
        frame = frame.replace("{said}", said)
        for slot in set(_SLOT.findall(frame)):
            if slot.endswith("_core"):
                frame = frame.replace(f"{{{slot}}}", self._another(slot.removesuffix("_core"), said))
        frame = frame.replace("{he}", self._random.choice(_SUBJECTS)).replace("{him}", self._random.choice(_OBJECTS))
        return self._filled(frame)

    def _another(self, shape: str, otherwise: str) -> str:
        """A second core of the same shape, for "he's drooling and pacing"."""
        for _ in range(_TRIES):
            concept = self._random.choice(self._concepts)
            core = self._core(concept)
            if concept.kind not in ("substance", "object") and shape_of(core, self._talk, self._verbs) == shape:
                return " ".join(core)
        return otherwise

    def _core(self, concept: Concept) -> list[str]:
        """Words of one of a concept's templates, as said."""
        words: list[str] = ["it"]
        for _ in range(_TRIES):
            way = self._walk.way(self._random.choice(concept.templates), self._random)
            filled = contracted(self._placed(way, concept.id, 0).split(), self._random, self._heard)
            if not filled:
                continue
            words = with_articles(filled, self._talk.articles, self._random)
            if agrees(words, self._talk.shapes) and all(map(self._sayable, words)):
                break
        return words

    def _sayable(self, word: str) -> bool:
        """Whether a recognizer could write a word, or what is said for it."""
        if not _WORD.fullmatch(word):
            return False
        return self._heard is None or word in self._heard or word in self._said_as

    def _placed(self, way: str, inside: str, depth: int) -> str:
        """A way with its gaps and places filled."""
        return _SLOT.sub(lambda match: f" {self._place(match[1], inside, depth)} ", way)

    def _place(self, name: str, inside: str, depth: int) -> str:
        gap = _GAP.fullmatch(name)
        if gap is not None:
            return self._gap(int(gap[1] or 3))
        members = sorted(self._lexicon.members.get(name, frozenset()) - {inside})
        members = [member for member in members if self._lexicon.concepts[member].templates]
        if not members or depth >= _DEEPEST:
            return ""
        concept = self._lexicon.concepts[self._random.choice(members)]
        way = self._walk.way(self._random.choice(concept.templates), self._random)
        said = " ".join(self._placed(way, concept.id, depth + 1).split())
        if concept.kind in ("substance", "object") and said:
            return f"{self._article(said.split()[0], said.split()[-1])} {said}"
        return said

    def _article(self, first: str, last: str) -> str:
        if first in ("my", "our", "his", "the", "a", "some", "your") or first.endswith("'s"):
            return ""
        if last.endswith("s") and not last.endswith("ss"):
            return self._random.choice(("some", "my", "the", "", "a bunch of", "two", "a few", "some of my"))
        a = "an" if first[:1] in "aeiou" else "a"
        return self._random.choice((a, "the", "some", "my", "", a, "a piece of", "a whole", "that", "a bit of"))

    def _gap(self, words: int) -> str:
        if words == 0 or self._random.random() < (0.75 if words <= 3 else 0.5):
            return ""
        choices = self._talk.gaps["short" if words <= 3 else "long"]
        return self._walk.way(self._random.choice(choices), self._random)

    def _filled(self, template: str, depth: int = 0) -> str:
        """A talk template with its slots filled."""
        way = self._walk.way(template, self._random) if depth or "(" in template or "[" in template else template
        return " ".join(_SLOT.sub(lambda match: self._slot(match[1], depth), way).split())

    def _slot(self, name: str, depth: int) -> str:
        if name in self._named:
            return self._random.choice(self._named[name])
        templates = self._talk.slots.get(name)
        if templates is not None:
            return self._filled(self._random.choice(templates), depth + 1) if depth < _DEEPEST else ""
        words = contracted(self._place(name, "", 0).split(), self._random, self._heard)
        return " ".join(with_articles(words, self._talk.articles, self._random))

    @cached_property
    def _named(self) -> Mapping[str, Sequence[str]]:
        signalment: Signalment = load_signalment(self._lexicon.folder)
        people = sorted(signalment.names.people)
        pets = [name for name in sorted(signalment.names.pets) if self._sayable(name)]
        breeds = [
            " ".join(phrase)
            for phrases in signalment.by_first.values()
            for phrase, term in phrases
            if term.kind == "breed" and not term.plural and term.species in ("dog", "cat")
            if all(map(self._sayable, phrase))
        ]
        return {
            "petname": pets + list(self._own.get("pet", ())) * 5,
            "person": people + list(self._own.get("staff", ())) * 5,
            "breed": sorted(breeds),
            "staff": self._own.get("staff", people),
            "place": self._own.get("place", ("main street", "oak street", "the highway", "park avenue")),
            "product": self._own.get("product", ("the food", "the chews", "the drops")),
        }

    def _casual(self, words: Sequence[str]) -> list[str]:
        """With "gonna" for half of the times that "going to" is said, and so on."""
        said: list[str] = []
        for word in words:
            said.append(word)
            for size in (1, 2):
                casual = self._talk.casual.get(tuple(said[-size:]))
                if casual is not None and self._random.random() < _CASUAL:
                    said[-size:] = [casual]
                    break
        return said

    def _of_one_sex(self, words: Sequence[str]) -> list[str]:
        if self._random.random() < 0.5:
            return [_HE.get(word, word) for word in words]
        return [_SHE.get(word, word) for word in words]

    def _hesitant(self, words: Sequence[str]) -> Iterator[str]:
        """Words with "um", little words said twice ("he's he's"), and words taken back."""
        habit = self._talk.hesitation
        for at, word in enumerate(words):
            chance = self._random.random()
            if chance < habit.rate and habit.words:
                yield from self._random.choice(habit.words).split()
            elif chance < habit.rate + habit.repeats and word in habit.repeated:
                yield word
            elif chance > 1 - habit.taken_back and at > 1 and habit.repairs:
                yield words[at - 1]
                yield from self._random.choice(habit.repairs).split()
                yield words[at - 1]
            yield word
