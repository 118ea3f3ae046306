"""What is suggested to be asked next."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.guidance.conftest import Listen, Listened
from voice_triage.events import (
    ActionUndone,
    Asked,
    FieldSettled,
    FlagEnd,
    FlagEnded,
    FlagRaisedByHand,
    QuestionSettled,
    QuestionWhy,
    Settlement,
    Urgency,
)
from voice_triage.guidance.guide import Guidance
from voice_triage.guidance.questions import MOST, SPOKEN, Known, suggest
from voice_triage.triage.lexicon import CATEGORIES, Lexicon

ORDER = list(QuestionWhy)


def test_a_call_begins_with_the_open_question_alone(listen: Listen) -> None:
    """The client tells before anything specific is asked."""
    assert listen().ids == ["open"]
    assert listen("hi this is mary um i'm calling about my dog").ids == ["open"]
    assert listen("hi i'm calling about my dog").questions[0].text == "Tell me what’s going on with your dog."


def test_a_told_complaint_brings_its_own_red_flag_questions(listen: Listen) -> None:
    """What is asked fits what the client calls about."""
    vomiting = listen("hi my dog threw up this morning")
    assert vomiting.ids == ["times_and_blood", "water_stays_down", "belly"]
    limping = listen("my dog has been limping since yesterday")
    assert set(limping.ids) <= {"standing", "trauma", "bleeding", "urine"}


def test_a_client_who_talks_without_being_understood_is_asked_for_the_general_red_flags(listen: Listen) -> None:
    """A complaint in words that nobody foresaw does not leave the CSR with the open question for ever."""
    call = listen("so well you see the thing is he does this odd little thing with his ear whenever the mail carrier")
    call.say("comes to the house and it is getting really strange and we do not know what to make of it")
    call.say("so my neighbor said that maybe somebody ought to know about it and here i am")
    assert call.ids == ["breathing", "standing", "bleeding"]


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("she's breathing normally", "breathing"),
        ("no he's not having trouble breathing", "breathing"),
        ("he could be choking i don't know", "breathing"),
        ("no she isn't bleeding", "bleeding"),
        ("he can't get up", "standing"),
    ],
)
def test_a_mention_with_any_status_answers_its_question(
    listen: Listen, guidance: Guidance, said: str, answered: str
) -> None:
    """What the client has spoken of, also to deny it, is not asked again."""
    call = listen("well i don't know what is going on with him at all it's been like that since we came home", "so yes")
    call.say("and that is about all that i can really say so here we are and it is hard to put into words")
    label = guidance.questions.questions[answered].label
    assert label in call.not_asked
    call.say(said)
    assert label not in call.not_asked


def test_what_is_said_of_another_animal_answers_nothing(listen: Listen) -> None:
    """That the neighbor's dog bleeds says nothing of the patient."""
    call = listen("my dog is limping")
    assert "bleeding" in call.not_asked
    call.say("my neighbor's dog was bleeding last week")
    assert "bleeding" in call.not_asked


def test_a_field_that_was_told_is_not_asked_for(listen: Listen) -> None:
    """Every known field leaves the list of what was not asked, and every unknown one stays there."""
    call = listen("my dog is limping", "he's a four year old neutered male labrador and his name is duke")
    assert {"age", "sex", "breed", "neutered or spayed"}.isdisjoint(call.not_asked)
    assert {"eating", "drinking", "call-back number"} <= set(call.not_asked)


def test_a_red_flag_puts_the_number_first_and_ends_the_screening(listen: Listen) -> None:
    """The pet should be on its way: what is asked now is what the emergency room or the poison line needs."""
    call = listen("my cat keeps straining in the litter box and nothing comes out")
    assert call.ids[0] == "callback_number"
    assert all(question.why is QuestionWhy.FIELD for question in call.questions)
    poison = listen("my dog ate a whole bar of dark chocolate")
    assert [question.id for question in poison.questions if question.category == "toxin"] == [
        "toxin_amount",
        "toxin_when",
    ]


def test_a_dismissed_flag_brings_the_screening_back_and_undoing_that_takes_it_away(listen: Listen) -> None:
    """What the CSR decides counts, and an undone decision is as if it had never been."""
    call = listen("my dog has been vomiting all night and nothing stays down")
    assert call.ids[0] == "callback_number"
    call.put([FlagEnded(9.0, "gi_severe", FlagEnd.DISMISSED)])
    dismissed = call.ids
    assert call.questions[0].why is QuestionWhy.RED_FLAG
    sequence = next(each.sequence for each in call.log if isinstance(each.event, FlagEnded))
    call.put([ActionUndone(10.0, sequence)])
    assert call.ids[0] == "callback_number" != dismissed[0]


def test_a_flag_raised_by_hand_counts_as_a_complaint(listen: Listen) -> None:
    """The CSR's own ear directs the questions too, also in a walk-in without a word."""
    call = listen()
    call.put([FlagRaisedByHand(3.0, "toxin", Urgency.ORANGE)])
    assert call.ids[0] == "toxin_what"


def test_a_settled_question_does_not_come_back(listen: Listen, guidance: Guidance) -> None:
    """Asked or skipped, it makes room for the next one; undone, it is there again."""
    call = listen("my dog threw up this morning")
    first, *others = call.ids
    call.put([QuestionSettled(5.0, first, Asked.ASKED)])
    assert first not in call.ids
    assert call.ids[: len(others)] == others
    sequence = next(each.sequence for each in call.log if isinstance(each.event, QuestionSettled))
    call.put([ActionUndone(6.0, sequence)])
    assert guidance.questions.questions[first].label in call.not_asked


def test_a_field_that_the_csr_settled_is_known_and_a_rejected_one_is_not(listen: Listen) -> None:
    """Confirmed, edited and "the client does not know" end the asking; a wrong value does not."""
    call = listen("my dog is limping he's four years old")
    assert "age" not in call.not_asked
    call.put([FieldSettled(5.0, "age", Settlement.REJECTED)])
    assert "age" in call.not_asked
    call.put([FieldSettled(6.0, "age", Settlement.UNKNOWN)])
    assert "age" not in call.not_asked


def test_questions_fit_the_species(listen: Listen) -> None:
    """A rabbit is asked for droppings, a bird is not asked for urine."""
    rabbit = listen("my rabbit is hiding and he's eating less than usual")
    assert "small_animal_eating" in rabbit.ids
    bird = listen("my parrot is quieter than usual and acting strange")
    assert {"last urine seen", "neutered or spayed", "breed"}.isdisjoint(bird.not_asked)


def test_a_quiet_call_is_asked_for_little(listen: Listen) -> None:
    """A booking is no triage: one open question and who it is, until a sign is told."""
    call = listen("hi i'd like to bring my cat in for her yearly shots")
    assert call.ids[0] == "any_worry"
    assert {"eating", "drinking", "breathing"}.isdisjoint(call.not_asked)
    call.say("oh and she threw up twice yesterday")
    assert call.questions[0].why is QuestionWhy.RED_FLAG


def test_of_a_pet_that_has_died_nothing_is_asked(listen: Listen) -> None:
    """A gentle call asks for names and a number, and offers no exam."""
    call = listen("i'm calling because my dog passed away last night")
    assert set(call.ids) <= {"pet_name", "client_name", "callback_number"}
    assert "a physical exam was offered" not in call.not_asked


def test_every_other_path_ends_with_the_exam_that_can_be_offered(listen: Listen, guidance: Guidance) -> None:
    """When nothing else is left to ask, the exam is."""
    call = listen("my dog is limping")
    for question in guidance.questions.questions.values():
        if question.why is not QuestionWhy.CLOSING:
            call.put([QuestionSettled(5.0, question.id, Asked.ASKED)])
    assert call.ids == ["exam"]
    assert call.not_asked == ("a physical exam was offered",)


def test_the_pets_name_is_used_once_it_is_sure(listen: Listen) -> None:
    """A question speaks of Duke, or of your dog; a name that was hardly heard is not read aloud."""
    call = listen("my dog is limping his name is duke")
    assert any("Duke" in question.text for question in call.questions)


def test_words_heard_again_take_a_question_back(listen: Listen) -> None:
    """What was never said is asked for after all."""
    call = listen("my dog is limping", "no he isn't bleeding")
    assert "bleeding" not in call.not_asked
    call.say_again("no he is eating", 1)
    assert "bleeding" in call.not_asked


TALK = (
    "hi i'm calling about my dog",
    "my cat has been straining in the litter box",
    "he threw up twice this morning",
    "no there is no blood in it",
    "she's breathing normally",
    "he's a four year old neutered male",
    "it started last night",
    "my other dog had a seizure last year",
    "he's not eating but he drinks",
    "i think he ate some chocolate",
    "he's due for his shots",
    "she's limping a little",
    "my number is five five five oh one oh two three four five",
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(TALK), min_size=1, max_size=7))
def test_never_more_than_three_never_a_known_one_always_in_order(
    lexicon: Lexicon, guidance: Guidance, said: list[str]
) -> None:
    """Whatever is said in whatever order: three at most, open before red flags before fields, nothing told is asked."""
    call = Listened(lexicon, guidance)
    for text in said:
        before = call.ids
        call.say(text)
        known = call.guide.known()
        assert len(call.questions) <= MOST
        assert [ORDER.index(q.why) for q in call.questions] == sorted(ORDER.index(q.why) for q in call.questions)
        assert not [q.field for q in call.questions if q.field in known.fields]
        answered = guidance.questions.answered_by
        assert not [q.id for q in call.questions if q.why is QuestionWhy.RED_FLAG and answered[q.id] & known.touched]
        stayed = [name for name in call.ids if name in before]
        assert stayed == [name for name in before if name in stayed], "what stays keeps its order"


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_question_leaves_only_for_a_reason(data: st.DataObject, guidance: Guidance) -> None:
    """What is shown stays until it is answered, settled, does not fit, or something more pressing needs its place."""
    asked = guidance.questions
    concepts = sorted(set().union(*asked.answered_by.values(), *asked.told_by.values()))
    told = frozenset(data.draw(st.lists(st.sampled_from(concepts), max_size=4)))
    more = told | frozenset(data.draw(st.lists(st.sampled_from(concepts), max_size=2)))
    flags = frozenset(data.draw(st.lists(st.sampled_from(CATEGORIES), max_size=1)))
    first = suggest(asked, Known(told, told, words=SPOKEN))
    shown = [question.id for question in first.questions]
    then = suggest(asked, Known(more, more, flags=flags, words=SPOKEN), shown)
    now = [question.id for question in then.questions]
    waiting = {question.id for question in asked.questions.values() if question.label in then.not_asked}
    for gone in (name for name in shown if name in waiting and name not in now):
        assert all(ORDER.index(asked.questions[name].why) <= ORDER.index(asked.questions[gone].why) for name in now)
    for one, other in itertools.pairwise(name for name in shown if name in now):
        assert now.index(one) < now.index(other)
