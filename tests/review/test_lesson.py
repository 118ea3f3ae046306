"""A learner's flags are compared with what a person made of the call, and each flag is counted once."""

from __future__ import annotations

import dataclasses
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.console.scripted_call import flag, poisoned_dog
from tests.review.reviewed_calls import WITHDRAWN, kept_call
from voice_triage.console.wording import CATEGORIES
from voice_triage.events import (
    Event,
    FinalTranscript,
    FlagJudged,
    FlagRaisedByHand,
    Logged,
    MissMarked,
    ReviewUndone,
    Urgency,
    Verdict,
)
from voice_triage.review.lesson import Decision, KeySource, Why, answer_key, compared

LATER_S = 90_000.0
RIGHT = FlagJudged(LATER_S, "sue", "urinary", Verdict.RIGHT)
FALSE_ALARM = FlagJudged(LATER_S, "sue", "urinary", Verdict.FALSE_ALARM)
HIDING = MissMarked(LATER_S, "sue", "pain", "hiding under the bed", 3, 12, 15, 27.6, 28.8)


def missed(category: str, start_s: float, pet: int = 0) -> MissMarked:
    """Words that the supervisor marked, one second long."""
    return MissMarked(LATER_S, "sue", category, "some words", 3, 0, 1, start_s, start_s + 1, pet)


def call(*after: Event, during: tuple[Event, ...] = (), flags: bool = True) -> list[Logged]:
    """The cat that cannot urinate, raised at 13.6 s on words from 10.1 to 11.0 s; and what was entered later."""
    return kept_call("c", flags=flags, during=during, after=after)


def urinary_times() -> tuple[float, float, float]:
    """Begin and end of the words, and when the flag was shown."""
    [key] = answer_key(call())
    assert key.shown_s is not None
    return key.start_s, key.end_s, key.shown_s


def test_a_flag_is_found_with_the_seconds_between_words_product_and_learner() -> None:
    """By hand: the 8th to 10th word of 0.3 s each, from 8 s on; shown 0.8 s behind the utterance's 16 words."""
    [key] = answer_key(call())
    assert (key.words, key.source, key.judged) == ("nothing in there", KeySource.PRODUCT, False)
    _, end_s, _ = urinary_times()
    assert [round(each, 3) for each in urinary_times()] == [10.1, 11.0, 13.6]
    told = compared(call(), [Decision("urinary", end_s + 0.5), Decision("pain", 30.0)])
    [found] = told.found
    assert found.after_words_s == 0.5
    assert found.after_shown_s == -2.1
    assert told.missed == ()
    assert [(each.category, each.at_s, each.why) for each in told.extra] == [("pain", 30.0, Why.NOT_IN_KEY)]


def test_a_false_alarm_is_not_right_and_a_missed_sign_is() -> None:
    """The supervisor's word decides, not the product's."""
    log = call(FALSE_ALARM, HIDING)
    assert [(flag.category, flag.source, flag.judged) for flag in answer_key(log)] == [
        ("pain", KeySource.SUPERVISOR, True)
    ]
    told = compared(log, [Decision("urinary", 12.0), Decision("pain", 29.8)])
    assert [(each.flag.category, each.after_words_s, each.after_shown_s) for each in told.found] == [
        ("pain", 1.0, None)
    ]
    assert [each.why for each in told.extra] == [Why.FALSE_ALARM]
    assert [flag.category for flag in compared(log, []).missed] == ["pain"]


def test_what_was_undone_in_the_review_counts_for_nothing() -> None:
    """The verdict is taken back: the flag stands again."""
    log = call(FALSE_ALARM)
    undone = [*log, Logged("c", len(log) + 1, ReviewUndone(LATER_S, "sue", log[-1].sequence))]
    assert answer_key(log) == ()
    assert [flag.category for flag in answer_key(undone)] == ["urinary"]


def test_a_withdrawn_flag_is_in_the_key_only_if_it_was_judged_right() -> None:
    """Nobody is blamed for missing what the client took back."""
    log = call(during=(WITHDRAWN,))
    told = compared(log, [Decision("urinary", 12.0)])
    assert (told.found, told.missed, [each.why for each in told.extra]) == ((), (), [Why.WITHDRAWN])
    assert len(compared(call(RIGHT, during=(WITHDRAWN,)), [Decision("urinary", 12.0)]).found) == 1


def test_a_flag_that_only_the_csr_raised_counts() -> None:
    """A person heard it."""
    log = call(during=(FlagRaisedByHand(20.0, "breathing", Urgency.RED),))
    by_hand = next(flag for flag in answer_key(log) if flag.category == "breathing")
    assert (by_hand.source, by_hand.words, by_hand.shown_s) == (KeySource.CSR, "", 20.0)
    [found] = compared(log, [Decision("breathing", 18.5)]).found
    assert found.after_shown_s == -1.5


def test_the_first_words_count_not_the_newest() -> None:
    """The product confirms a flag with later words; the learner is measured by the words that called for it."""
    [eating] = [
        logged.event
        for logged in kept_call("c")
        if isinstance(logged.event, FinalTranscript) and "thrown" in logged.event.text
    ]
    again = flag(eating, "urinary", "hiding under the bed", "More words.")
    [key] = answer_key(call(during=(again,)))
    assert key.words == "nothing in there"
    assert (key.start_s, key.end_s, key.shown_s) == urinary_times()


def test_a_missed_mark_and_a_flag_of_one_category_are_one_with_the_earlier_words() -> None:
    """The product was late: the words it should have flagged are those that count."""
    late = compared(call(missed("urinary", 3.0)), [Decision("urinary", 5.0)])
    assert [(each.flag.source, each.flag.end_s, each.after_words_s) for each in late.found] == [
        (KeySource.PRODUCT, 4.0, 1.0)
    ]
    after = answer_key(call(missed("urinary", 30.0)))
    assert [flag.words for flag in after] == ["nothing in there"]


def test_flags_of_two_pets_are_two() -> None:
    """One decision finds the one whose words had begun last; a second one finds the other; a third is once too many."""
    log = call(missed("pain", 4.0), missed("pain", 20.0, pet=1))
    once = compared(log, [Decision("pain", 21.0)])
    assert [each.flag.pet for each in once.found] == [1]
    assert [flag.pet for flag in once.missed if flag.category == "pain"] == [0]
    thrice = compared(log, [Decision("pain", at_s) for at_s in (22.0, 5.0, 23.0)])
    assert [(each.flag.pet, each.at_s) for each in thrice.found] == [(0, 5.0), (1, 22.0)]
    assert [(each.at_s, each.why) for each in thrice.extra] == [(23.0, Why.AGAIN)]


def test_a_call_without_anything_to_flag_has_an_empty_key() -> None:
    """To leave such a call alone is right as well."""
    told = compared(call(flags=False), [])
    assert (told.found, told.missed, told.extra) == ((), (), ())


DECISIONS = st.lists(
    st.builds(Decision, st.sampled_from(sorted(CATEGORIES)), st.floats(0, 40, allow_nan=False)), max_size=20
)
MARKS = st.lists(
    st.builds(
        missed,
        st.sampled_from(sorted(CATEGORIES)),
        st.floats(0, 38, allow_nan=False),
        st.integers(0, 2),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(DECISIONS, MARKS, st.sampled_from(list(Verdict)))
def test_each_flag_is_counted_once(decisions: list[Decision], marks: list[MissMarked], verdict: Verdict) -> None:
    """Of the key found or missed, of the learner's found or extra; none is missed while one like it is extra.

    The order in which the flags come in makes no difference.
    """
    judged = dataclasses.replace(RIGHT, category="toxin", verdict=verdict)
    kept = poisoned_dog("c")
    entries: list[Event] = [judged, *marks]
    log = kept + [Logged("c", len(kept) + 1 + place, event) for place, event in enumerate(entries)]
    told = compared(log, decisions)
    assert Counter([*(each.flag for each in told.found), *told.missed]) == Counter(answer_key(log))
    assert len({(flag.category, flag.pet) for flag in answer_key(log)}) == len(answer_key(log))
    learners = [(each.flag.category, each.at_s) for each in told.found]
    learners += [(each.category, each.at_s) for each in told.extra]
    assert Counter(learners) == Counter((each.category, each.at_s) for each in decisions)
    assert not {flag.category for flag in told.missed} & {each.category for each in told.extra}
    assert {each.category for each in told.extra if each.why is Why.AGAIN} <= {
        each.flag.category for each in told.found
    }
    assert compared(log, reversed(decisions)) == told
