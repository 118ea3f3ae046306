"""How a call was handled, from its log alone: what was asked and offered, and how long each flag took.

Where nobody heard the CSR (their side is recorded only if the clinic wants it) and no question was ticked off, the
answer is not *no* but *not known*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    Asked,
    Logged,
    Question,
    QuestionSettled,
    QuestionsSuggested,
    QuestionWhy,
    Side,
    without_undone,
)
from voice_triage.flag_card import FlagCard
from voice_triage.utterances import Said, said_in

OPENING_UTTERANCES = 3
"""The CSR's first utterances, in which the client is asked to tell: a greeting may take two [our choice]."""
_ASKS = re.compile(
    r"\b(?:how (?:can|may) (?:i|we) help|what(?:'s| is) (?:going on|happening|wrong|the (?:matter|problem|trouble))"
    r"|what (?:can|may) (?:i|we) do|tell me (?:what|about|more)|what brings you|how (?:is|are) (?:he|she|they|your))\b"
)
"""An open question as CSRs ask it: one that lets the client tell."""
_OFFERS = re.compile(
    r"\b(?:exam|examination|appointment"
    r"|(?:come|bring|get) (?:him |her |them |it |\w+ )?(?:right |straight )?(?:in|over|down)"
    r"|be seen|see (?:him|her|them|a (?:vet|doctor|veterinarian))|emergency (?:room|clinic|hospital))\b"
)
"""An exam as CSRs offer it."""


class Answer(StrEnum):
    """Whether something was done."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """Nobody heard the CSR, and nothing was ticked off."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the scorecard."""

    answer: Answer
    at_s: float | None = None
    """When it was done."""
    evidence: str = ""
    """The CSR's words, or the question that was ticked off."""


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """A red-flag question that was suggested in the call."""

    id: str
    text: str
    category: str
    asked_at_s: float | None
    """None: not ticked off as asked."""
    skipped: bool


@dataclass(frozen=True, slots=True)
class FlagTimes:
    """How long one flag took, in seconds; None for what did not happen."""

    category: str
    pet: int
    by_hand: bool
    to_flag_s: float | None
    """From the end of the words to the first time it was shown; None for a flag that only the CSR raised."""
    to_acknowledge_s: float | None
    """From being shown to being acknowledged."""
    to_disposition_s: float | None
    """From being shown to its end."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How a call was handled."""

    opened_with_question: Finding
    red_flag_questions: tuple[QuestionScore, ...]
    """Every one that was suggested, in the order in which it first was."""
    exam_offered: Finding
    flags: tuple[FlagTimes, ...]

    @property
    def asked(self) -> int:
        """How many of the red-flag questions were asked."""
        return sum(question.asked_at_s is not None for question in self.red_flag_questions)


def scorecard(log: Iterable[Logged]) -> Scorecard:
    """The scorecard of a log, of which nothing that was undone counts."""
    log = without_undone(log)
    own = [said for said in said_in(logged.event for logged in log) if said.counts.side is Side.OWN]
    questions: dict[str, Question] = {}
    settled: dict[str, QuestionSettled] = {}
    for logged in log:
        if isinstance(logged.event, QuestionsSuggested):
            questions |= {question.id: question for question in logged.event.questions if question.id not in questions}
        elif isinstance(logged.event, QuestionSettled):
            settled[logged.event.question] = logged.event
    return Scorecard(
        opened_with_question=_finding(own[:OPENING_UTTERANCES], _ASKS, QuestionWhy.OPEN, questions, settled, own),
        red_flag_questions=tuple(
            _score(question, settled.get(question.id))
            for question in questions.values()
            if question.why is QuestionWhy.RED_FLAG
        ),
        exam_offered=_finding(own, _OFFERS, QuestionWhy.CLOSING, questions, settled, own),
        flags=tuple(times_of(flag) for flag in DeskCard.of(log).card().flags),
    )


def _finding(
    said: Sequence[Said],
    pattern: re.Pattern[str],
    why: QuestionWhy,
    questions: dict[str, Question],
    settled: dict[str, QuestionSettled],
    own: Sequence[Said],
) -> Finding:
    """What was heard counts, and what was ticked off; the earlier of the two is told."""
    found = [
        Finding(Answer.YES, event.at_s, questions[name].text)
        for name, event in settled.items()
        if event.state is Asked.ASKED and name in questions and questions[name].why is why
    ]
    found += [
        Finding(Answer.YES, each.counts.start_s, each.counts.text) for each in said if pattern.search(each.counts.text)
    ]
    if found:
        return min(found, key=lambda finding: finding.at_s or 0.0)
    return Finding(Answer.NO if own else Answer.UNKNOWN)


def _score(question: Question, settled: QuestionSettled | None) -> QuestionScore:
    asked = settled is not None and settled.state is Asked.ASKED
    return QuestionScore(
        question.id,
        question.text,
        question.category,
        settled.at_s if asked and settled is not None else None,
        settled is not None and settled.state is Asked.SKIPPED,
    )


def times_of(flag: FlagCard) -> FlagTimes:
    """How long one flag took."""
    shown_s, machine = flag.shown_at_s, flag.utterance >= 0
    return FlagTimes(
        category=flag.category,
        pet=flag.pet,
        by_hand=flag.by_hand,
        to_flag_s=_after(flag.end_s, shown_s) if machine else None,
        to_acknowledge_s=_after(shown_s, flag.acknowledged_at_s),
        to_disposition_s=_after(shown_s, None if flag.disposition is None else flag.disposition.at_s),
    )


def _after(start_s: float, end_s: float | None) -> float | None:
    return None if end_s is None else round(max(0.0, end_s - start_s), 3)
