"""Card numbers, expiry dates and security codes in the many ways they are spoken, and the numbers that must stay."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.card_data.spoken import lines_of, speak
from voice_triage.card_data.marks import CARD_REMOVED, NUMBER_HELD
from voice_triage.card_data.numerals import MISHEARD
from voice_triage.card_data.runs import FUNCTION

HERE = Path(__file__).parent


def forms(name: str) -> list[str]:
    """All forms of a file."""
    groups = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    return [form for group in groups.values() for form in group["forms"]]


CARDS, ORDINARY = forms("cards.toml"), forms("ordinary.toml")


def test_there_are_enough_of_both() -> None:
    """Two hundred ways to say card data, a hundred ordinary numbers, none of them twice."""
    assert len(set(CARDS)) == len(CARDS) >= 200
    assert len(set(ORDINARY)) == len(ORDINARY) >= 100


@pytest.mark.parametrize("form", CARDS)
def test_no_word_of_card_data_is_ever_given_out(form: str) -> None:
    """Not in the end, not in between; what is said beside it stays."""
    written = speak(lines_of(form))
    assert written.leaks() == []
    assert CARD_REMOVED in written.text()
    assert NUMBER_HELD not in written.text()
    assert [word for word in written.lost() if word not in FUNCTION | set(MISHEARD)] == []


@pytest.mark.parametrize("form", ORDINARY)
def test_an_ordinary_number_stays(form: str) -> None:
    """In the end every word stands as it was said."""
    written = speak(lines_of(form))
    assert written.lost() == []
    assert written.text() == " | ".join(" ".join(line.words) for line in lines_of(form))


def test_the_open_utterance_shows_no_card_digit_behind_a_cue() -> None:
    """The live page masks the number while it is being said."""
    written = speak(lines_of("my card number is {four five three two one one two two}"), partials=True)
    assert written.leaks() == []


def test_a_telephone_number_that_is_announced_shows_at_once() -> None:
    """The CSR reads it while it is being said, and the field is filled without waiting."""
    written = speak(lines_of("call me back at five five five one two three four five six seven"), partials=True)
    assert all(NUMBER_HELD not in each.text for each in (*written.ever, *written.shown))
