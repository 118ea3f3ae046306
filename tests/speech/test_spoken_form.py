"""Written words as they are spoken: what Whisper writes reads like what Vosk and the lexicon have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_triage.speech.spoken_form import cardinal, spoken_form


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("She's a 12-year-old Lab.", "she's a twelve year old lab"),
        ("No! He can't — won't — stand…", "no he can't won't stand"),
        ("He ate 1,250 mg", "he ate one thousand two hundred fifty milligrams"),
        ("It weighs 65 lbs., or 8.5kg", "it weighs sixty five pounds or eight and a half kilos"),
        ("0.25 of it, 1/2 a bag, 3½ cups", "zero point two five of it half a bag three half cups"),
        ("since 8:30 a.m., not 9 pm", "since eight thirty a m not nine p m"),
        ("at 8:00 or 8:05", "at eight or eight oh five"),
        ("My number's 616-555-0134.", "my number's six one six five five five zero one three four"),
        ("(616) 555-0134", "six one six five five five zero one three four"),
        ("5-5-5-0-1-3-4", "five five five zero one three four"),
        ("it's 55517.", "it's five five five one seven"),
        ("5550134", "five five five zero one three four"),
        ("the 1st, 2nd, 3rd, 12th and 20th", "the first second third twelfth and twentieth"),
        ("born in 2019, or 2005", "born in twenty nineteen or two thousand five"),
        ("$300 or $12.50", "three hundred dollars or twelve dollars fifty cents"),
        ("20-30 minutes, 100%", "twenty thirty minutes one hundred percent"),
        ("[MUSIC] ♪ la la ♪ (dog barking) *coughs*", ""),
        ("Dr. Smith’s café", "doctor smith's cafe"),
        ("I am 10.", "i am ten"),
    ],
)
def test_what_is_written_reads_as_it_is_spoken(written: str, spoken: str) -> None:
    """Numbers become words, hyphens part them, brackets hold no speech, and nothing is capitalized or punctuated."""
    assert " ".join(spoken_form(written)) == spoken


@given(st.text(max_size=80))
def test_spoken_words_hold_letters_and_apostrophes_alone(text: str) -> None:
    """Whatever the engine writes, what is read on is words, and reading them again changes nothing."""
    words = spoken_form(text)
    assert all(set(word) <= set("abcdefghijklmnopqrstuvwxyz'") for word in words)
    assert spoken_form(" ".join(words)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "zero"), (19, "nineteen"), (40, "forty"), (105, "one hundred five"), (2_000_000, "two million")],
)
def test_whole_numbers_are_said_in_words(value: int, words: str) -> None:
    """The same words that the quantities of the lexicon are read from."""
    assert " ".join(cardinal(value)) == words
