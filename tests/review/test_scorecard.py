"""The scorecard says what was asked and offered, how long each flag took, and what nobody can know."""

from __future__ import annotations

import dataclasses

from tests.console.scripted_call import final
from tests.review.reviewed_calls import dismissed, kept_call
from voice_triage.events import (
    ActionUndone,
    Asked,
    Event,
    FinalTranscript,
    Question,
    QuestionSettled,
    QuestionsSuggested,
    QuestionWhy,
    Side,
)
from voice_triage.review.scorecard import Answer, FlagTimes, scorecard

OPEN = Question("open-1", "What is going on with him?", QuestionWhy.OPEN)
PAIN = Question("urinary-pain", "Does he cry when he tries?", QuestionWhy.RED_FLAG, "urinary")
BLOOD = Question("urinary-blood", "Is there blood?", QuestionWhy.RED_FLAG, "urinary")
EXAM = Question("exam", "We can see him today.", QuestionWhy.CLOSING)


def own(utterance: int, text: str, start_s: float) -> FinalTranscript:
    """What the CSR says."""
    return dataclasses.replace(final(utterance, text, start_s), side=Side.OWN)


def asked(question: Question, at_s: float, state: Asked = Asked.ASKED) -> Event:
    """The CSR ticks it off."""
    return QuestionSettled(at_s, question.id, state)


def test_where_nobody_heard_the_csr_and_nothing_was_ticked_off_the_answer_is_not_known() -> None:
    """No is only said where somebody listened."""
    card = scorecard(kept_call("c"))
    assert (card.opened_with_question.answer, card.exam_offered.answer) == (Answer.UNKNOWN, Answer.UNKNOWN)


def test_what_the_csr_says_counts_as_asked_and_offered() -> None:
    """An open question among the first utterances; an exam at any time."""
    said = (own(5, "oak street animal hospital this is kim", 0.2), own(6, "how can i help you", 2.0))
    offer = own(7, "can you bring him right in", 34.0)
    card = scorecard(kept_call("c", during=(*said, offer)))
    assert (card.opened_with_question.answer, card.opened_with_question.at_s) == (Answer.YES, 2.0)
    assert (card.exam_offered.answer, card.exam_offered.evidence) == (Answer.YES, "can you bring him right in")


def test_a_csr_who_was_heard_and_did_neither_gets_a_no() -> None:
    """A form's questions are no open question."""
    said = (own(5, "can i have your name please", 0.2), own(6, "and your number", 3.0))
    card = scorecard(kept_call("c", during=said))
    assert (card.opened_with_question.answer, card.exam_offered.answer) == (Answer.NO, Answer.NO)


def test_ticked_off_questions_count_and_undone_ones_do_not() -> None:
    """Each red-flag question that was suggested is listed once, with what became of it."""
    during = (
        QuestionsSuggested(1.0, (OPEN, PAIN)),
        asked(OPEN, 1.5),
        QuestionsSuggested(9.0, (PAIN, BLOOD, EXAM)),
        asked(PAIN, 12.0),
        asked(BLOOD, 13.0, Asked.SKIPPED),
        asked(EXAM, 35.0),
    )
    log = kept_call("c", during=during)
    card = scorecard(log)
    assert (card.opened_with_question.at_s, card.exam_offered.at_s) == (1.5, 35.0)
    assert [(each.id, each.asked_at_s, each.skipped) for each in card.red_flag_questions] == [
        ("urinary-pain", 12.0, False),
        ("urinary-blood", None, True),
    ]
    assert card.asked == 1
    place = next(each.sequence for each in log if each.event == during[3])
    undone = kept_call("c", during=during, after=(ActionUndone(50.0, place),))
    assert scorecard(undone).asked == 0


def test_the_times_of_a_flag_are_from_words_to_sight_to_hand_to_end() -> None:
    """Seconds; none for what did not happen."""
    log = kept_call("c", after=dismissed(40.0))
    shown = next(each.event for each in log if type(each.event).__name__ == "FlagRaised")
    assert scorecard(log).flags == (
        FlagTimes(
            "urinary",
            0,
            by_hand=False,
            to_flag_s=round(shown.at_s - shown.end_s, 3),  # type: ignore[union-attr]
            to_acknowledge_s=round(40.0 - shown.at_s, 3),
            to_disposition_s=round(41.0 - shown.at_s, 3),
        ),
    )
    [times] = scorecard(kept_call("c")).flags
    assert (times.to_acknowledge_s, times.to_disposition_s) == (None, None)
