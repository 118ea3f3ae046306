"""Reads one utterance: tokens, clauses, subjects, matches and their statuses, in that order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_triage.events import Mention, Word
from voice_triage.triage.assertion import Assertion
from voice_triage.triage.clauses import Clause, split_clauses
from voice_triage.triage.cues import Cues
from voice_triage.triage.episodes import episode_near, hours_said
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.matcher import Match, Matcher
from voice_triage.triage.rules import Fact
from voice_triage.triage.subjects import Topic, assign_subjects
from voice_triage.triage.tokens import Utterance, tokenize

RETRACTING = frozenset({"was", "is", "were"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What one utterance says."""

    utterance: Utterance
    mentions: tuple[Mention, ...]
    facts: tuple[Fact, ...]
    topic: Topic
    """The topic after it."""
    retracted: frozenset[str]
    """Concepts that the client takes back ("it wasn't a seizure")."""
    about_pet: Callable[[int], bool]
    """Whether a token's clause speaks of the patient."""


class Reader:
    """Reads utterances with one lexicon. Holds no state of a call; safe to share between calls of one thread."""

    def __init__(self, lexicon: Lexicon, cues: Cues) -> None:
        self.lexicon = lexicon
        self._cues = cues
        self._matcher = Matcher(lexicon)
        self._concepts = dict(lexicon.concepts)

    def read(self, words: Sequence[Word], index: int, topic: Topic, words_before: int = 0) -> Reading:
        """The reading of an utterance's words, with ``words_before`` client words said earlier in the call."""
        utterance = tokenize(words, index, self.lexicon.spelling)
        norms = utterance.norms
        cues = self._cues.find(norms)
        clauses = split_clauses(utterance, cues)
        after = assign_subjects(utterance, clauses, cues, topic)
        matches = self._matcher.find(utterance, _name_spans(utterance, topic))
        assertion = Assertion(utterance, clauses, cues, matches, self._concepts)
        mentions: list[Mention] = []
        facts: list[Fact] = []
        retracted: set[str] = set()
        for match in matches:
            concept = self._concepts[match.concept]
            if concept.kind == "idiom":
                continue
            verdict = assertion.verdict(match)
            first, last = utterance.word_of[match.first], utterance.word_of[match.last]
            said = utterance.words[first : last + 1]
            mention = Mention(
                concept=match.concept,
                text=utterance.span_text(match.first, match.last),
                utterance=index,
                first_word=first,
                last_word=last,
                start_s=said[0].start_s,
                end_s=said[-1].end_s,
                status=verdict.status,
                cue=verdict.cue,
                rule=verdict.rule,
                confidence=round(verdict.confidence * sum(w.confidence for w in said) / len(said), 3),
            )
            mentions.append(mention)
            before, beyond = _neighbors(match, matches, clauses)
            facts.append(
                Fact(
                    mention,
                    words_before + first,
                    episode_near(norms, match.first, match.last, before, beyond),
                    hours_said(norms, match.first, match.last),
                    concept.kind,
                    concept.event,
                )
            )
            if verdict.rule == "denial" and _takes_back(norms, match):
                retracted.add(match.concept)
        return Reading(utterance, tuple(mentions), tuple(facts), after, frozenset(retracted), assertion.about_pet)


def _name_spans(utterance: Utterance, topic: Topic) -> list[tuple[int, int]]:
    """Where the pet's name stands: a cat called Raisin has not eaten one."""
    spans: list[tuple[int, int]] = []
    for name in topic.pet_names:
        size = len(name)
        spans.extend((at, at + size - 1) for at in range(len(utterance.norms) - size + 1) if utterance.norms[at : at + size] == name)
    return spans


def _neighbors(match: Match, matches: Sequence[Match], clauses: Sequence[Clause]) -> tuple[int, int]:
    """First and last token that may hold this match's count: up to the next mention of the same concept."""
    before = max((m.last + 1 for m in matches if m.concept == match.concept and m.last < match.first), default=0)
    beyond = min((m.first - 1 for m in matches if m.concept == match.concept and m.first > match.last), default=len(clauses) and clauses[-1].last)
    return before, beyond


def _takes_back(norms: Sequence[str], match: Match) -> bool:
    """ "it wasn't a seizure", "he's not actually choking"."""
    return any(norms[at] == "not" and at and norms[at - 1] in RETRACTING - {"is"} for at in range(max(0, match.first - 4), match.first))


def folder_reader(folder: Path, cache: Path | None = None) -> Reader:
    """A reader for the lexicon in ``folder``. Raises LexiconError."""
    from voice_triage.triage.cues import load_cues
    from voice_triage.triage.lexicon import load

    return Reader(load(folder, cache), load_cues(folder))
