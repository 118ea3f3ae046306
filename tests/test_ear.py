"""Rules of hearing one side: blocks in, transcripts out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.call_fakes import of, one_after_another
from tests.fakes import ScriptedRecognizer, final, partial, silence, silent_blocks, words
from voice_triage.ear import Ear, Ears, Spoken
from voice_triage.errors import RecognizerError
from voice_triage.events import Block, FinalTranscript, Gap, GapHeard, LineChanged, PartialTranscript, Side, StageFailed


def heard(ear: Ear, sound: list[Block | Gap]) -> list[Spoken]:
    """All that comes of ``sound``, to the last word."""
    return [
        *itertools.chain.from_iterable(ear.miss(s) if isinstance(s, Gap) else ear.hear(s) for s in sound),
        *ear.end(),
    ]


def texts(spoken: list[Spoken]) -> list[str]:
    """The finals' texts."""
    return [each.text for each in of(FinalTranscript, spoken)]


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(1, 79_999), max_size=40), rate_hz=st.sampled_from([8000, 16000, 44100]))
def test_how_sound_is_cut_into_blocks_changes_no_final(cuts: list[int], rate_hz: int) -> None:
    """Any splitting of the same sound gives the same finals, at the same words' times, and loses no sample."""
    samples = 80_000
    edges = sorted({0, samples // 2, samples, *cuts})
    zeros = np.zeros(samples, dtype=np.int16)
    blocks = [Block(Side.CLIENT, a / rate_hz, zeros[a:b], rate_hz) for a, b in itertools.pairwise(edges)]
    end_s = samples / rate_hz
    recognizer = ScriptedRecognizer(
        [(0.4 * end_s, final("my dog")), (0.8 * end_s, final("is bleeding", 0.5))], at_finish=[final("help", 0.9)]
    )
    spoken = heard(Ear(Side.CLIENT, lambda: recognizer), list(blocks))
    assert texts(spoken) == ["my dog", "is bleeding", "help"]
    assert [each.utterance for each in of(FinalTranscript, spoken)] == [0, 1, 2]
    assert [each.start_s for each in of(FinalTranscript, spoken)] == [0.0, 0.5, 0.9]
    fed = sum(count for _, count in recognizer.fed)
    assert abs(fed - samples * 16000 / rate_hz) <= 1  # soxr rounds the length of a whole stream down
    starts = [start_s for start_s, _ in recognizer.fed]
    assert starts == sorted(starts)


def test_an_utterance_keeps_its_number_from_first_partial_to_final() -> None:
    """Partials and the final of one utterance share an index; the next utterance has the next one."""
    recognizer = ScriptedRecognizer(
        [(0.1, partial("my")), (0.2, partial("my dog")), (0.3, final("my dog")), (0.4, partial("he"))],
        at_finish=[final("he fell", 0.3)],
    )
    spoken = heard(Ear(Side.CLIENT, lambda: recognizer), list(silent_blocks(0.5)))
    assert [
        (type(each).__name__, each.utterance) for each in spoken if not isinstance(each, StageFailed | GapHeard)
    ] == [
        ("PartialTranscript", 0),
        ("PartialTranscript", 0),
        ("FinalTranscript", 0),
        ("PartialTranscript", 1),
        ("FinalTranscript", 1),
    ]
    last = of(FinalTranscript, spoken)[-1]
    assert (last.start_s, last.end_s) == (last.words[0].start_s, last.words[-1].end_s)


def test_words_that_were_not_said_after_all_are_taken_back_by_an_empty_final() -> None:
    """An utterance that was shown and turns out to hold no words is closed; one never shown is not mentioned."""
    recognizer = ScriptedRecognizer([(0.1, final("")), (0.2, partial("blood")), (0.3, final(""))])
    spoken = heard(Ear(Side.CLIENT, lambda: recognizer), list(silent_blocks(0.5)))
    assert [
        (type(each).__name__, each.text) for each in spoken if isinstance(each, PartialTranscript | FinalTranscript)
    ] == [
        ("PartialTranscript", "blood"),
        ("FinalTranscript", ""),
    ]


def test_a_gap_closes_the_utterance_and_what_follows_has_its_true_call_time() -> None:
    """The recognizer finishes before a gap; sound after it is placed after it, at any rate."""
    recognizer = ScriptedRecognizer([(0.2, partial("my dog"))], at_finish=[final("my dog is")])
    sound: list[Block | Gap] = [
        *silent_blocks(0.5, rate_hz=8000),
        Gap(Side.CLIENT, 0.5, 2.0, "unplugged"),
        silence(2.5, 0.1, rate_hz=8000),
    ]
    spoken = heard(Ear(Side.CLIENT, lambda: recognizer), sound)
    assert [type(each).__name__ for each in spoken] == ["PartialTranscript", "FinalTranscript", "GapHeard"]
    gap = of(GapHeard, spoken)[0]
    assert (gap.start_s, gap.duration_s, gap.reason) == (0.5, 2.0, "unplugged")
    assert recognizer.finished == 2
    before = sum(count for start_s, count in recognizer.fed if start_s < 0.5)
    assert before == 8000  # the resampler's rest was heard before the gap
    assert [start_s for start_s, _ in recognizer.fed if start_s >= 0.5] == [2.5]


def test_missing_sound_that_no_one_told_of_is_a_gap_too() -> None:
    """A block that starts later than its predecessor ended shows that sound is missing."""
    spoken = heard(Ear(Side.CLIENT, ScriptedRecognizer), [silence(0.0, 0.1), silence(1.1, 0.1)])
    gap = of(GapHeard, spoken)[0]
    assert (round(gap.start_s, 6), round(gap.duration_s, 6)) == (0.1, 1.0)


@pytest.mark.parametrize("next_block", [silence(0.1, 0.1, rate_hz=8000), silence(0.0, 0.1)])
def test_a_change_of_rate_or_a_repeated_stretch_is_survived(next_block: Block) -> None:
    """A device that changes its rate, or sends a stretch twice, is heard on."""
    recognizer = ScriptedRecognizer()
    spoken = heard(Ear(Side.CLIENT, lambda: recognizer), [silence(0.0, 0.1), next_block])
    assert spoken == []
    assert sum(count for _, count in recognizer.fed) == 3200


def test_a_recognizer_that_fails_is_replaced_once_and_shown_words_are_kept() -> None:
    """After a failure the words already shown stay as a final, the CSR is told, and a new recognizer hears on."""
    first = ScriptedRecognizer([(0.1, partial("my dog ate")), (0.2, RecognizerError("Decoding failed."))])
    second = ScriptedRecognizer([(0.4, final("rat poison", 0.3))])
    spoken = heard(Ear(Side.CLIENT, one_after_another([first, second])), list(silent_blocks(0.5)))
    assert texts(spoken) == ["my dog ate", "rat poison"]
    assert of(FinalTranscript, spoken)[0].heard_by == "vosk, cut off"
    failures = of(StageFailed, spoken)
    assert [(failure.stage, failure.code) for failure in failures] == [("recognizer", "recognizer")]
    assert first.closed


@pytest.mark.parametrize("second", [ScriptedRecognizer([(0.3, RuntimeError("again"))]), RecognizerError("No memory.")])
def test_a_recognizer_that_fails_again_leaves_the_sound_unheard_and_says_so(
    second: ScriptedRecognizer | Exception,
) -> None:
    """The second failure in a call is the last: sound is taken in, no third recognizer is tried, the CSR is told."""
    first = ScriptedRecognizer([(0.1, ValueError("once"))])
    third = ScriptedRecognizer([(0.4, final("too late"))])
    ear = Ear(Side.CLIENT, one_after_another([first, second, third]))
    spoken = heard(ear, list(silent_blocks(0.5)))
    assert texts(spoken) == []
    failures = of(StageFailed, spoken)
    assert len(failures) == 2
    assert "no alerts" in failures[-1].advice
    assert third.fed == []


def test_a_failure_at_the_very_end_keeps_the_words_shown() -> None:
    """A recognizer that fails while it is asked for its last words does not take back those already shown."""
    recognizer = ScriptedRecognizer([(0.1, partial("he collapsed"))], at_finish=[RecognizerError("Decoding failed.")])
    assert texts(heard(Ear(Side.CLIENT, lambda: recognizer), [silence(0.0, 0.1)])) == ["he collapsed"]


def test_both_sides_are_heard_apart_with_one_numbering() -> None:
    """Each side has its own recognizer; an utterance's index is unique in the call."""
    own = ScriptedRecognizer([(0.1, final("how can i help"))])
    client = ScriptedRecognizer([(0.1, final("my cat"))])
    ears = Ears(one_after_another([own, client]))
    events = ears.take(silence(0.0, 0.1, side=Side.OWN)) + ears.take(silence(0.0, 0.1))
    said = [(each.side, each.utterance, each.text) for each in of(FinalTranscript, events)]
    assert said == [(Side.OWN, 0, "how can i help"), (Side.CLIENT, 1, "my cat")]


def test_the_line_level_is_the_clients() -> None:
    """What the CSR says into her own microphone does not move the line's meter."""
    ears = Ears(ScriptedRecognizer)
    loud = Block(Side.OWN, 0.0, np.full(1600, 20000, dtype=np.int16), 16000)
    assert of(LineChanged, ears.take(loud)) == []
    assert of(LineChanged, ears.take(silence(0.0, 0.1))) != []


def test_sound_that_breaks_our_own_stages_is_told_once_and_the_next_is_heard() -> None:
    """A block that cannot even be measured ends in one notice; what comes after it is heard."""
    recognizer = ScriptedRecognizer([(0.3, final("my cat"))])
    ears = Ears(lambda: recognizer)
    broken = Block(Side.CLIENT, 0.0, np.zeros((2, 2), dtype=np.int16), 8000)
    assert {event.stage for event in of(StageFailed, ears.take(broken))} == {"recognizer"}
    assert of(StageFailed, ears.take(broken)) == []
    events = [event for block in silent_blocks(0.5, rate_hz=8000) for event in ears.take(block)]
    assert [final_.words for final_ in of(FinalTranscript, events)] == [words("my cat")]
