"""The client's finished sound in stretches: nothing twice, nothing lost, and no sentence cut in two."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import words
from voice_triage.events import Block, FinalTranscript, Side
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ
from voice_triage.stretches import LONGEST_S, Stretch, Stretches


def final(utterance: int, text: str, start_s: float) -> FinalTranscript:
    """An utterance of 0.3 s a word."""
    said = words(text, start_s)
    return FinalTranscript(0.0, Side.CLIENT, utterance, said, text, said[0].start_s, said[-1].end_s)


def sound(start_s: float, duration_s: float, level: int = 0) -> Block:
    """One block of the client's sound, at a steady level."""
    return Block(Side.CLIENT, start_s, np.full(round(duration_s * SAMPLE_RATE_HZ), level, np.int16), SAMPLE_RATE_HZ)


def spans(stretches: list[Stretch]) -> list[tuple[tuple[int, ...], float, float]]:
    """What was cut: utterances, begin and end."""
    return [(stretch.utterances, round(stretch.start_s, 2), round(stretch.end_s, 2)) for stretch in stretches]


def test_an_utterances_stretch_reaches_from_the_last_cut_to_its_end() -> None:
    """Speech before its first word, to which the live recognizer was deaf, is part of it."""
    kept = Stretches(itertools.count(10))
    kept.add(sound(0.0, 4.0))
    kept.close(final(0, "he is limping", 2.0))
    kept.add(sound(4.0, 3.0))
    kept.close(final(1, "since monday", 5.5))
    assert spans(kept.take()) == [((0,), 0.0, 4.0), ((1,), 4.0, 7.0)]
    assert kept.take() == []


def test_a_sentence_that_was_cut_in_two_is_heard_as_a_whole() -> None:
    """Words that begin right after a cut replace the stretch before it by a longer one."""
    kept = Stretches(itertools.count(10))
    kept.add(sound(0.0, 3.0))
    kept.close(final(0, "he hasn't", 2.2))
    kept.add(sound(3.0, 2.0))
    kept.close(final(1, "collapsed or anything", 3.2))
    first, whole = kept.take()
    assert spans([first, whole]) == [((0,), 0.0, 3.0), ((0, 1), 0.0, 5.0)]
    assert whole.replaces(first)
    assert not first.replaces(whole)
    assert [word.text for word in whole.live] == "he hasn't collapsed or anything".split()


def test_a_cut_in_the_midst_of_loud_sound_is_joined_over() -> None:
    """Where the live recognizer heard no words, loudness tells that somebody was speaking across the cut."""
    kept = Stretches(itertools.count(10))
    kept.add(sound(0.0, 2.0, 3000))
    kept.close(final(0, "no", 0.2))
    kept.add(sound(2.0, 2.0, 3000))
    kept.close(final(1, "down", 3.5))
    kept.add(sound(4.0, 1.0, 10))
    kept.add(sound(5.0, 2.0, 3000))
    kept.close(final(2, "yes", 6.0))
    assert [stretch.utterances for stretch in kept.take()] == [(0,), (0, 1), (2,)]


def test_sound_without_words_is_cut_where_it_is_quietest() -> None:
    """Whoever the live recognizer is deaf to is looked for every six seconds, under an index of its own."""
    kept = Stretches(itertools.count(10))
    kept.add(sound(0.0, 4.9, 3000))
    kept.add(sound(4.9, 0.2, 5))
    kept.idle()
    assert kept.take() == []
    kept.add(sound(5.1, 1.0, 3000))
    kept.idle()
    (cut,) = kept.take()
    assert (cut.utterances, cut.live) == ((10,), ())
    assert 4.9 < cut.end_s < 5.1


def test_a_gap_parts_what_was_said_before_it_from_what_comes() -> None:
    """What is left before it is a stretch; after it nothing is joined, and the time is right."""
    kept = Stretches(itertools.count(10))
    kept.add(sound(0.0, 2.0, 3000))
    kept.end()
    kept.add(sound(9.0, 2.0, 3000))
    kept.close(final(1, "hello", 9.1))
    assert spans(kept.take()) == [((10,), 0.0, 2.0), ((1,), 9.0, 11.0)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.sampled_from(["close", "idle", "none", "end"])), max_size=25))
def test_every_moment_is_heard_again_once(steps: list[tuple[int, str]]) -> None:
    """However sound and words come, stretches that count touch, hold every sample once, and stay in memory's bounds."""
    kept, numbers, at_s, taken = Stretches(itertools.count(1000)), itertools.count(), 0.0, []
    lost_before = 0.0
    for tenths, step in steps:
        for _ in range(tenths):
            kept.add(sound(at_s, 0.1, 50))
            at_s = round(at_s + 0.1, 1)
        if step == "close":
            kept.close(final(next(numbers), "so", max(0.0, at_s - 0.5)))
        elif step == "idle":
            kept.idle()
        elif step == "end":
            kept.end()
        taken += kept.take()
        lost_before = max(lost_before, *[stretch.end_s - stretch.start_s for stretch in taken], 0.0)
    assert lost_before <= LONGEST_S + 0.1
    counting = [
        one for one, following in itertools.zip_longest(taken, taken[1:]) if not (following and following.replaces(one))
    ]
    for one, following in itertools.pairwise(counting):
        assert one.end_s <= following.start_s + 0.001
