"""The board of field values: corrections, contradictions, signs, retraction, and partials that end where finals do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triage.field_calls import board_of, closed, opened, signalment, spoken, values_of
from voice_triage.events import Mention, Status
from voice_triage.triage.fields import FIELDS, ConceptFields, FieldBoard, FieldContext, read_fields
from voice_triage.triage.tokens import Utterance

SIGNS: ConceptFields = {
    "not_eating": {"present": {"eating": "none"}, "negated": {"eating": "normal"}, "uncertain": {"eating": "none"}},
    "eats_less": {"present": {"eating": "decreased"}},
    "eats_normally": {"present": {"eating": "normal"}},
    "lethargic": {"present": {"behavior": "lethargic"}},
    "hiding": {"present": {"behavior": "hiding"}},
    "acts_normal": {"present": {"behavior": "normal"}},
    "acts_oddly": {"present": {"behavior": "abnormal"}},
    "no_urine": {"present": {"urinating": "none"}},
    "pees_normally": {"present": {"urinating": "normal"}},
}


def mention(text: str, part: str, concept: str, status: Status = Status.PRESENT, utterance: int = 0) -> Mention:
    """A mention of the words ``part`` in an utterance."""
    words, sought = text.split(), part.split()
    first = next(at for at in range(len(words)) if words[at : at + len(sought)] == sought)
    return Mention(concept, part, utterance, first, first + len(sought) - 1, 0.0, 0.0, status)


def board_with(*told: tuple[str, str, str]) -> FieldBoard:
    """A board after turns given as (text, the words of the finding, its concept)."""
    return board_of(
        *(text for text, _, _ in told),
        mentions=[[mention(text, part, concept, utterance=at)] for at, (text, part, concept) in enumerate(told)],
        concept_fields=SIGNS,
    )


# --- a whole call ------------------------------------------------------------------------------------------------

CALL = (
    "hi this is rachel rachel kim i'm calling about my cat",
    "so she's uh she's been hiding since last night and she's only had a bit of her food",
    "her name's raisin she's three no sorry she just turned four she's a spayed female",
    "she's a maine coon she's about fifteen pounds",
    "it's five five five oh one seven three",
)
EXPECTED = {
    "client_name": "rachel kim",
    "species": "cat",
    "onset": "last_night",
    "pet_name": "raisin",
    "age": "P4Y",
    "sex": "female",
    "reproductive_status": "spayed",
    "breed": "maine coon",
    "weight": "15 lb",
    "callback_number": "5550173",
}


def test_a_call_fills_the_fields() -> None:
    """What the client states comes out as the values of the format, and nothing else."""
    assert {name: value.value for name, value in values_of(*CALL).items()} == EXPECTED


def test_every_field_is_one_of_the_format() -> None:
    """No field outside the format is ever given."""
    assert set(values_of(*CALL)) <= set(FIELDS)


def test_evidence_is_transcript_text_with_its_time() -> None:
    """Each value quotes the client's words exactly and says when they were spoken."""
    for value in values_of(*CALL).values():
        utterance = spoken(CALL[value.utterance], value.utterance)
        assert value.evidence in CALL[value.utterance]
        first = next(word for word in utterance.words if word.start_s == value.start_s)
        assert value.evidence.startswith(first.text)
        assert value.end_s > value.start_s


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(CALL) - 1), st.integers(0, 30)), max_size=25))
def test_partials_at_any_points_end_in_the_same_board(cuts: list[tuple[int, int]]) -> None:
    """However an utterance is split into partials, the finals alone decide the end."""
    board = FieldBoard(signalment(), {})
    for index, text in enumerate(CALL):
        words = text.split()
        for at, length in cuts:
            if at == index:
                opened(board, " ".join(words[:length]), index)
        closed(board, text, index)
    assert board.values() == values_of(*CALL)


WORDS = (
    "he she it 's my dog cat is a not no sorry four six years old two and half months lab mix spayed "
    "neutered fixed boy girl last night ago started since name named max bella i am calling about pounds "
    "five oh one number in heat pregnant this morning three times under ."
).split()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=18))
def test_any_words_give_readings_inside_the_utterance(words: list[str]) -> None:
    """Whatever was said, readings lie in the utterance, in its order, with a known field and a confidence."""
    utterance = spoken(" ".join(words))
    readings = read_fields(utterance, (), lambda _token: True, signalment(), {}, FieldContext())
    for reading in readings:
        assert reading.field in FIELDS
        assert 0 <= reading.first <= reading.last < len(utterance)
        assert 0 < reading.confidence <= 1
        assert utterance.span_text(reading.first, reading.last) in utterance.text
    assert [reading.first for reading in readings] == sorted(reading.first for reading in readings)


def test_an_open_utterance_is_provisional_and_is_taken_back() -> None:
    """A value from a partial is marked, and goes when the words were not said after all."""
    board = board_of("my dog is limping")
    assert opened(board, "he's four years old", 1)["age"].provisional
    assert "age" not in opened(board, "he's for", 1)
    assert "age" not in board.values()


def test_a_copy_goes_its_own_way() -> None:
    """What a copied board hears does not change the board it was copied from."""
    board = board_of("my dog is limping")
    twin = board.copy()
    closed(twin, "he's four years old", 1)
    assert "age" in twin.values()
    assert board.values() == values_of("my dog is limping")


def test_what_was_never_said_is_absent() -> None:
    """A field is never guessed."""
    assert set(values_of("my dog is limping")) == {"species"}


def test_an_empty_utterance_changes_nothing() -> None:
    """Silence gives no value and takes none."""
    board = board_of("my dog is limping")
    closed(board, "", 1)
    assert board.values() == values_of("my dog is limping")
    assert read_fields(Utterance((), (), (), ()), (), lambda _token: True, signalment(), {}, FieldContext()) == []
    assert read_fields(spoken("um uh"), (), lambda _token: True, signalment(), {}, FieldContext()) == []


# --- signs -------------------------------------------------------------------------------------------------------


def test_a_finding_gives_its_field_at_its_status() -> None:
    """A finding's status decides what it says of eating: denied, it is normal; uncertain, it counts less."""
    text = "he's not eating"
    for status, value, sure in (
        (Status.PRESENT, "none", 0.9),
        (Status.NEGATED, "normal", 0.9),
        (Status.UNCERTAIN, "none", 0.54),
    ):
        board = board_of(text, mentions=[[mention(text, "not eating", "not_eating", status)]], concept_fields=SIGNS)
        eating = board.values()["eating"]
        assert (eating.value, eating.confidence, eating.evidence) == (value, sure, "not eating")
    for status in (Status.HISTORICAL, Status.OTHER_SUBJECT, Status.HYPOTHETICAL):
        board = board_of(text, mentions=[[mention(text, "not eating", "not_eating", status)]], concept_fields=SIGNS)
        assert "eating" not in board.values()


NOT_REALLY = ("he's not really eating", "not really eating", "eats_less")
NOT_A_THING = ("he hasn't eaten a thing", "hasn't eaten", "not_eating")
WONT_EAT = ("he won't eat", "won't eat", "not_eating")
ATE_A_LITTLE = ("he ate a little", "ate a little", "eats_less")
EATS_FINE = ("he's eating fine", "eating fine", "eats_normally")
PEES_FINE = ("he pees fine", "pees fine", "pees_normally")
NO_PEE = ("he hasn't peed", "hasn't peed", "no_urine")
HIDES = ("he's hiding", "hiding", "hiding")
ODD = ("he acts weird", "acts weird", "acts_oddly")
USUAL = ("he acts normal", "acts normal", "acts_normal")
LIES_THERE = ("he just lies there", "just lies there", "lethargic")


@pytest.mark.parametrize(
    ("told", "field", "value", "contradicts"),
    [
        ([NOT_REALLY, NOT_A_THING], "eating", "none", None),
        ([WONT_EAT, ATE_A_LITTLE], "eating", "decreased", None),
        ([WONT_EAT, EATS_FINE], "eating", "normal", "none"),
        ([PEES_FINE, NO_PEE], "urinating", "none", "normal"),
        ([HIDES, ODD], "behavior", "hiding", None),
        ([HIDES, USUAL], "behavior", "hiding", None),
        ([ODD, HIDES], "behavior", "hiding", None),
        ([USUAL, HIDES], "behavior", "hiding", "normal"),
        ([HIDES, LIES_THERE], "behavior", "lethargic", None),
    ],
)
def test_signs_follow_the_latest_and_the_most_specific(
    told: list[tuple[str, str, str]], field: str, value: str, contradicts: str | None
) -> None:
    """Later beats earlier, specific behavior beats general, and a turn from or to normal is not hidden."""
    found = board_with(*told).values()[field]
    assert (found.value, found.contradicts) == (value, contradicts)


def test_a_normal_sign_does_not_touch_another_field() -> None:
    """Eating normally says nothing of urine."""
    values = board_with(NO_PEE, EATS_FINE).values()
    assert (values["urinating"].value, values["eating"].value) == ("none", "normal")


def test_within_one_utterance_the_graver_sign_holds() -> None:
    """A refusal and a bite in one breath are a refusal."""
    text = "he won't eat he had a bite"
    mentions = [mention(text, "won't eat", "not_eating"), mention(text, "had a bite", "eats_less")]
    board = board_of(text, mentions=[mentions], concept_fields=SIGNS)
    assert board.values()["eating"].value == "none"


def test_a_denied_sign_inside_a_normal_one_is_no_sign() -> None:
    """She who never stops eating has not stopped eating; without the denial the graver holds."""
    text = "she never stops eating"
    within = [mention(text, "stops eating", "not_eating"), mention(text, text[4:], "eats_normally")]
    assert board_of(text, mentions=[within], concept_fields=SIGNS).values()["eating"].value == "normal"


def test_a_finding_dates_the_onset() -> None:
    """A day word beside a finding of the lexicon is the onset, whatever words the finding uses."""
    text = "yesterday his tummy did the gurgly thing"
    assert "onset" not in board_of(text).values()
    board = board_of(text, mentions=[[mention(text, "the gurgly thing", "gurgling")]])
    assert board.values()["onset"].value == "yesterday"
    denied = board_of(text, mentions=[[mention(text, "the gurgly thing", "gurgling", Status.NEGATED)]])
    assert "onset" not in denied.values()


# --- what replaces what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "field", "value", "contradicts"),
    [
        (("my cat won't eat", "is that bad for dogs"), "species", "cat", None),
        (("my dog is limping", "my cat scratched him"), "species", "dog", "cat"),
        (("do you see rabbits", "i have a guinea pig"), "species", "guinea_pig", None),
        (("he's a lab", "no sorry he's a golden retriever"), "breed", "golden retriever", None),
        (("he's sixty pounds", "actually he's seventy pounds"), "weight", "70 lb", None),
        (("he's sixty pounds", "he's seventy pounds"), "weight", "70 lb", "60 lb"),
        (("it's a boy", "well no it's a girl"), "sex", "female", None),
        (("he's intact", "actually he is neutered"), "reproductive_status", "neutered", None),
        (("it started last night", "he threw up this morning"), "onset", "last_night", None),
        (("this is rachel", "this is her husband tom"), "client_name", "rachel", "tom"),
        (("she's intact", "she's in heat"), "reproductive_status", "in_heat", None),
    ],
)
def test_later_words_replace_only_as_they_should(
    turns: tuple[str, ...], field: str, value: str, contradicts: str | None
) -> None:
    """Corrections replace silently, contradictions are shown, and passing mentions change nothing."""
    found = values_of(*turns)[field]
    assert (found.value, found.contradicts) == (value, contradicts)


def test_a_correction_below_the_threshold_changes_nothing() -> None:
    """A weak reading after "actually" does not displace a plain one."""
    assert values_of("my cat is sick", "actually are dogs worse")["species"].value == "cat"
