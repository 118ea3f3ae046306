"""Reads one utterance: tokens, clauses, subjects, matches and their statuses, in that order."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voice_triage.events import Mention, Status, Word
from voice_triage.triage.assertion import Assertion
from voice_triage.triage.clauses import Clause, split_clauses
from voice_triage.triage.cues import Cue
from voice_triage.triage.episodes import episode_near, hours_said
from voice_triage.triage.garbage import uncollected
from voice_triage.triage.lexicon import Lexicon, load
from voice_triage.triage.matcher import Match, Matcher
from voice_triage.triage.passage import Passage, Verdict
from voice_triage.triage.real_terms import as_meant
from voice_triage.triage.rules import Fact, Rulebook
from voice_triage.triage.subjects import Topic, assign_subjects
from voice_triage.triage.tokens import Utterance, tokenize

RETRACTING = frozenset({"was", "is", "were"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What one utterance says."""

    utterance: Utterance
    mentions: tuple[Mention, ...]
    facts: tuple[Fact, ...]
    topic_before: Topic
    """The topic before it."""
    topic: Topic
    """The topic after it."""
    retracted: frozenset[str]
    """Concepts that the client takes back ("it wasn't a seizure")."""
    revised: Mapping[tuple[str, int], Verdict]
    """(Concept, first word) of present mentions in the utterance before whose status these words change."""
    about_pet: Callable[[int], bool]
    """Whether a token's clause speaks of the patient."""
    passage: Passage
    """These words with those of the utterance before, as the status rules see them."""
    clauses: tuple[Clause, ...] = ()
    """Of this utterance, in its tokens; the first may have begun in the utterance before."""
    turns: frozenset[int] = frozenset()
    """Tokens at which the words turn to another of the client's own pets."""
    pet_of: tuple[int, ...] = ()
    """Each token's pet, where there are several; below 0 it may be any."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance with the one before it, as far as their words alone tell: the same in every reading."""

    utterance: Utterance
    before: Reading | None
    joined: Utterance
    """Both as one."""
    cues: tuple[Cue, ...]
    """Of both."""


class Reader:
    """Reads utterances with one lexicon. Holds no state of a call; safe to share between calls of one thread."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.rulebook = Rulebook(lexicon)
        self._cues = lexicon.cues
        self._matcher = Matcher(lexicon)
        self._concepts = dict(lexicon.concepts)

    def hear(self, words: Sequence[Word], index: int = 0, before: Reading | None = None) -> Heard:
        """An utterance to be read together with the one ``before`` it: speech breaks off anywhere."""
        utterance = tokenize(words, index, self.lexicon.spelling)
        joined = _join(before.utterance, utterance) if before else utterance
        return Heard(utterance, before, joined, tuple(self._cues.find(joined.norms)))

    def read(
        self,
        heard: Heard,
        *,
        names: frozenset[tuple[str, ...]] = frozenset(),
        sex: str = "",
        words_before: int = 0,
        turns: frozenset[int] = frozenset(),
        pet_of: tuple[int, ...] = (),
    ) -> Reading:
        """The reading of an utterance.

        ``names`` are the pets' names as tokens, ``sex`` the patient's as known; ``words_before`` client words were
        said earlier in the call. At the tokens ``turns`` the words turn to another of the client's own pets;
        ``pet_of`` tells each token's: what is said of one says nothing of another ("and my guinea pig is fine").
        """
        utterance, before, joined, cues = heard.utterance, heard.before, heard.joined, heard.cues
        topic = replace(before.topic_before if before else Topic(), pet_names=names, pet_sex=sex)
        offset = len(before.utterance) if before else 0
        skipped = len(before.utterance.words) if before else 0
        norms = joined.norms
        turned = {token + offset for token in turns} | (set(before.turns) if before else set())
        pets = (*_pets_before(before), *(pet_of or (_ANY,) * len(utterance)))
        breaks = {t for t in turned if t - 1 not in turned and not {pets[t], _ANY}.issuperset(pets[:t])}
        if before and not _runs_on(norms, offset):
            breaks.add(offset)
        clauses = split_clauses(joined, cues, breaks)
        after = assign_subjects(joined, clauses, cues, topic, offset, turned)
        barriers = {clause.first for clause in clauses if clause.hard and clause.first} | {offset}
        matches = self._matcher.find(joined, _name_spans(joined, topic), barriers)
        passage = Passage(joined, clauses, cues, matches, self._concepts, offset)
        assertion = Assertion(passage)
        standing = {(m.concept, m.first_word) for m in before.mentions if m.status is Status.PRESENT} if before else ()
        told = set(pets) - {_ANY}
        of_pet = {pet: self._of_pet(passage, pet, pets, cues) for pet in told} if len(told) > 1 else {}
        mentions: list[Mention] = []
        facts: list[Fact] = []
        revised: dict[tuple[str, int], Verdict] = {}
        retracted: set[str] = set()
        alikes = [match for match in matches if match.meant]
        for match in matches:
            concept = self._concepts[match.concept]
            if concept.kind == "idiom" or match.first < offset <= match.last:
                continue
            verdict_of = of_pet.get(pets[match.first], assertion).verdict
            if match.first < offset:
                place = (match.concept, joined.word_of[match.first])
                if place in standing and (verdict := verdict_of(match)).rule in _LOOKS_BACK:
                    revised[place] = verdict
                continue
            verdict = verdict_of(match)
            first, last = joined.word_of[match.first] - skipped, joined.word_of[match.last] - skipped
            said = utterance.words[first : last + 1]
            mention = Mention(
                concept=match.concept,
                text=joined.span_text(match.first, match.last),
                utterance=utterance.index,
                first_word=first,
                last_word=last,
                start_s=said[0].start_s,
                end_s=said[-1].end_s,
                status=verdict.status,
                cue=verdict.cue,
                rule=verdict.rule,
                confidence=round(verdict.confidence * sum(w.confidence for w in said) / len(said), 3),
                meant=as_meant(joined, match, alikes) if alikes else "",
            )
            mentions.append(mention)
            clause = passage.clause(match)
            begin, end = _neighbors(match, matches, len(norms) - 1)
            facts.append(
                Fact(
                    mention,
                    words_before + first,
                    episode_near(norms, match.first, match.last, max(begin, offset), end),
                    hours_said(norms[offset:], match.first - offset, match.last - offset),
                    concept.kind,
                    concept.event,
                    not (clause.past or clause.verbless),
                )
            )
            if verdict.rule == "denial" and _takes_back(norms, match):
                retracted.add(match.concept)
        return Reading(
            utterance,
            tuple(mentions),
            tuple(facts),
            before.topic if before else topic,
            after,
            frozenset(retracted),
            revised,
            lambda token: of_pet.get(pets[token + offset], assertion).about_pet(token + offset),
            passage,
            tuple(_within(clause, offset) for clause in clauses if clause.last >= offset),
            turns,
            pet_of,
        )

    def _of_pet(self, passage: Passage, pet: int, pets: Sequence[int], cues: Sequence[Cue]) -> Assertion:
        """The assertion over what is, or may be, said of one pet."""
        own = {pet, _ANY}
        matches = [match for match in passage.matches if pets[match.first] in own]
        cues = [cue for cue in cues if pets[cue.first] in own]
        own_words = Passage(passage.utterance, passage.clauses, cues, matches, self._concepts, passage.offset)
        return Assertion(own_words, of_one=True)


_LOOKS_BACK = frozenset({"ended", "recovered", "ended_after", "denied_after", "self_repair", "taken_back"})
"""Rules by which words may change the status of a finding in the utterance before."""
_OPEN_END = frozenset(
    {
        "not",
        "is",
        "has",
        "was",
        "have",
        "been",
        "'s",
        "a",
        "the",
        "and",
        "or",
        "to",
        "of",
        "in",
        "his",
        "her",
        "are",
        "were",
        "really",
        "any",
        "no",
        "had",
        "'ve",
        "like",
        "so",
        "very",
        "can",
        "will",
        "do",
        "did",
    }
)


def _join(before: Utterance, utterance: Utterance) -> Utterance:
    tokens, words = len(before.norms), len(before.words)
    return Utterance(
        before.words + utterance.words,
        before.norms + utterance.norms,
        before.word_of + tuple(word + words for word in utterance.word_of),
        before.token_of_word + tuple(token + tokens for token in utterance.token_of_word),
        utterance.index,
    )


_ANY = -1
"""A token that may be said of any of the pets."""


def _pets_before(before: Reading | None) -> tuple[int, ...]:
    if before is None:
        return ()
    return before.pet_of or (_ANY,) * len(before.utterance)


def _within(clause: Clause, offset: int) -> Clause:
    """A clause in the tokens of the utterance that begins at token ``offset``."""
    return replace(
        clause, first=max(0, clause.first - offset), last=clause.last - offset, subject=max(-1, clause.subject - offset)
    )


def _runs_on(norms: Sequence[str], offset: int) -> bool:
    """Whether the second utterance goes on with the first's sentence ("he hasn't" - "been coughing")."""
    return 0 < offset < len(norms) and (norms[offset - 1] in _OPEN_END or norms[offset] in ("or", "nor"))


_MAKES_A_THING = frozenset("a an the some any".split())
"""Before a word that is also the pet's name: Lily has chewed on *a* lily."""


def _name_spans(utterance: Utterance, topic: Topic) -> list[tuple[int, int]]:
    """Where the pet's name stands: a cat called Raisin has not eaten one."""
    spans: list[tuple[int, int]] = []
    for name in topic.pet_names:
        size = len(name)
        if not name or name[0] not in utterance.norms:
            continue
        spans.extend(
            (at, at + size - 1)
            for at in range(len(utterance.norms) - size + 1)
            if utterance.norms[at : at + size] == name and utterance.norms[max(0, at - 1)] not in _MAKES_A_THING
        )
    return spans


def _neighbors(match: Match, matches: Sequence[Match], last: int) -> tuple[int, int]:
    """First and last token that may hold this match's count: up to the next mention of the same concept."""
    before = max((m.last + 1 for m in matches if m.concept == match.concept and m.last < match.first), default=0)
    beyond = min((m.first - 1 for m in matches if m.concept == match.concept and m.first > match.last), default=last)
    return before, beyond


def _takes_back(norms: Sequence[str], match: Match) -> bool:
    """As in "it wasn't a seizure", "he's not actually choking"."""
    return any(
        norms[at] == "not" and at and norms[at - 1] in RETRACTING - {"is"}
        for at in range(max(0, match.first - 4), match.first)
    )


@functools.lru_cache(maxsize=4)
@uncollected()
def reader_for(lexicon: Lexicon) -> Reader:
    """The reader of a lexicon, built once (a tenth of a second) and shared by all calls of the process."""
    return Reader(lexicon)


def folder_reader(folder: Path, cache: Path | None = None) -> Reader:
    """A reader for the lexicon in ``folder``. Raises LexiconError."""
    return reader_for(load(folder, cache))
