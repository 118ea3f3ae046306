"""What tells words that were said from words that an engine invents."""

from __future__ import annotations

import itertools

import pytest

from tests.fakes import words
from voice_triage.speech.careful import Rehearing, believable, echoes
from voice_triage.speech.word_times import timed

SAID = Rehearing(tuple("he keeps straining and nothing comes out".split()), ((1.0, 4.0),), -0.3, 0.1, 1.1)
LIVE = words("he keeps training", 1.0, confidence=0.5)


def changed(
    text: str | None = None, logprob: float = -0.3, no_speech: float = 0.1, ratio: float = 1.1, speech_s: float = 3.0
) -> Rehearing:
    """``SAID`` with other figures."""
    said = SAID.text if text is None else tuple(text.split())
    return Rehearing(said, ((1.0, 1.0 + speech_s),) if speech_s else (), logprob, no_speech, ratio)


@pytest.mark.parametrize(
    "doubtful",
    [
        changed(logprob=-1.3),
        changed(ratio=3.1),
        changed(speech_s=0.4),
        changed(speech_s=0.0),
        changed(text=""),
        changed(text="okay okay okay okay okay okay"),
        changed(text="oh oh oh oh"),
    ],
)
def test_an_invention_is_not_believed(doubtful: Rehearing) -> None:
    """Unlikely, repeated, faster than anyone speaks, or where no voice is: it settles nothing."""
    assert believable(SAID, LIVE)
    assert believable(changed(text="no no no he is not"), LIVE)
    assert not believable(doubtful, LIVE)


def test_sure_live_words_are_voice_enough() -> None:
    """In a voice that the detector hardly finds, what both ears heard is no invention."""
    live = words("he keeps straining and nothing comes out", 1.0)
    assert believable(changed(speech_s=0.2), live)
    assert not believable(changed(speech_s=0.2), words("he keeps straining", 1.0, confidence=0.3))


def test_where_no_word_was_heard_live_the_careful_ear_must_be_surer() -> None:
    """Music and barking make voice activity, but neither live words nor sure ones."""
    assert believable(changed(logprob=-0.3), ())
    assert believable(changed(logprob=-0.9), LIVE)
    assert not believable(changed(logprob=-0.9), ())
    assert not believable(changed(no_speech=0.7), ())


def test_what_the_engine_was_told_is_not_what_was_said() -> None:
    """Out of noise it says its prompt back; a client may say some words of it."""
    prompt = tuple("a phone call to a veterinary clinic about a sick dog or cat".split())
    assert echoes(tuple("a patient with a sick dog or cat".split()), prompt)
    assert not echoes(tuple("hi i have a sick dog he is not eating".split()), prompt)
    assert not echoes((), prompt)


def test_words_take_the_times_of_the_same_words_heard_live() -> None:
    """Others lie evenly between those, in order and within the voice."""
    live = words("he training and come out", 2.0)
    settled = timed("he keeps straining and nothing comes out".split(), live, [(1.8, 4.0)], 0.8)
    assert [word.text for word in settled] == "he keeps straining and nothing comes out".split()
    assert (settled[0].start_s, settled[3].start_s, settled[-1].end_s) == (2.0, live[2].start_s, live[4].end_s)
    assert all(one.end_s <= following.start_s + 1e-9 for one, following in itertools.pairwise(settled))
    assert all(1.8 <= word.start_s <= word.end_s <= 4.0 for word in settled)
    assert {word.confidence for word in settled} == {0.8}


def test_words_without_a_live_word_lie_in_the_voice() -> None:
    """Where the live recognizer heard nothing, voice activity alone says when it was."""
    settled = timed(["he", "fell"], (), [(7.0, 7.5), (8.0, 9.0)], 0.8)
    assert [(word.start_s, word.end_s) for word in settled] == [(7.0, 8.0), (8.0, 9.0)]
    assert timed([], LIVE, [(1.0, 2.0)], 0.8) == ()
