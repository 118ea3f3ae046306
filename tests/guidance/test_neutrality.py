"""What no text of the product may say."""

from __future__ import annotations

import pytest

from voice_triage.triage.neutrality import names_disease, objections


@pytest.mark.parametrize(
    "text",
    [
        "He probably ate something.",
        "That is unlikely to harm her.",
        "It sounds like a hairball.",
        "It looks as if he was in pain.",
        "Don't worry, we see this a lot.",
        "There’s no need to worry.",
        "Your dog will be fine.",
        "She’s okay for now.",
        "It is perfectly normal at that age.",
        "That is nothing serious.",
        "A mild stomach upset.",
        "It’s just gas.",
        "It can wait until morning.",
        "Wait and see how he does.",
        "Keep an eye on her tonight.",
        "Call back if it gets worse.",
        "It should pass by itself.",
        "He has a urinary blockage.",
        "She is having a stroke.",
        "It could be parvo.",
        "This is a sign of kidney failure.",
        "He was diagnosed by phone.",
        "Give him some hydrogen peroxide.",
        "Make him vomit.",
        "Give 5 ml every hour.",
        "10 mg per pound.",
        "I think she is teething.",
        "Symptoms consistent with colic.",
    ],
)
def test_a_text_that_diagnoses_guesses_reassures_or_treats_is_refused(text: str) -> None:
    """The CSR is given nothing to say that only a veterinarian may say, in whatever form."""
    assert list(objections(text))


@pytest.mark.parametrize(
    "text",
    [
        "How is {pet} breathing right now?",
        "The client said {said}: pale gums.",
        "Please don’t make {pet} vomit unless a doctor or a poison line tells you to.",
        "Flags are words that were heard, not a diagnosis.",
        "No flag so far. That is not an all-clear: keep asking.",
        "It started just now.",
        "Is the belly swollen or tight?",
        "When did you last see urine come out?",
        "A technician or doctor decides how soon.",
        "She adjusted the refined outline of the okra garden.",
        "The client said “he's fine, probably just gas, he has kennel cough”.",
    ],
)
def test_a_text_that_gathers_and_routes_is_let_through(text: str) -> None:
    """Questions, routing, parts of words, and the client's own quoted words are nobody's verdict."""
    assert list(objections(text)) == []


def test_a_curly_and_a_straight_apostrophe_are_the_same() -> None:
    """A text cannot slip through by how an editor writes its apostrophes."""
    assert list(objections("Don't worry.")) == list(objections("Don’t worry."))
    assert names_disease("It is Cushing's.") == names_disease("It is Cushing’s.") == "cushing’s"


def test_an_objection_names_the_words() -> None:
    """Whoever wrote the text is told which words to change, and why."""
    assert list(objections("Stay calm, it is probably nothing.")) == ["it guesses: 'probably'"]


def test_a_disease_is_found_in_whatever_sentence_but_not_in_the_clients_words() -> None:
    """Lines and questions have no need to name one."""
    assert names_disease("Has {pet} been tested for parvo?") == "parvo"
    assert names_disease("The client said “parvo”.") is None
    assert names_disease("Is {pet} bleeding?") is None
