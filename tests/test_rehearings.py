"""A call that is heard twice: when each second hearing counts, what it settles, and what happens when there is none."""

from __future__ import annotations

import pytest

from tests.call_fakes import Hearing, ScriptedUnderstanding, SoundClock, field, flag, names, of
from tests.careful_fakes import ScriptedEar, ScriptedHearing, rehearing
from tests.fakes import ScriptedRecognizer, ScriptedSource, final, partial, silence, silent_blocks
from voice_triage.errors import RecognizerError
from voice_triage.events import Block, CallEnded, FinalTranscript, Gap, Outcome, Side, StageFailed, UtteranceReheard
from voice_triage.report import call_report
from voice_triage.second_hearing import AtOnce
from voice_triage.speech.careful import Rehearing


def hearing_of(
    recognizer: ScriptedRecognizer,
    script: dict[float, str | Rehearing | Exception],
    *,
    duration_s: float = 4.0,
    compute_s: float | None = 0.5,
    understanding: ScriptedUnderstanding | None = None,
) -> Hearing:
    """A recording of silence with scripted words, heard twice."""
    second = ScriptedHearing(ScriptedEar(script), compute_s)
    return Hearing(ScriptedSource(silent_blocks(duration_s)), [recognizer], understanding=understanding, second=second)


def test_an_utterance_is_settled_when_its_second_hearing_would_have_come() -> None:
    """The answer stands in the log at its time, with what it changes right behind it; the first hearing stays."""
    recognizer = ScriptedRecognizer([(1.0, final("my duck")), (1.2, partial("he")), (2.0, final("he limps", 1.4))])
    understanding = ScriptedUnderstanding({"my dog": [field()], "he limps": [flag("pain")]})
    hearing = hearing_of(recognizer, {1.0: "my dog", 2.0: "he limps"}, understanding=understanding)
    kept = hearing.run()
    assert names(kept) == [
        "CallStarted",
        "FinalTranscript",
        "UtteranceReheard",
        "FieldSuggested",
        "FinalTranscript",
        "FlagRaised",
        "UtteranceReheard",
        "FlagRaised",
        "CallEnded",
    ]
    first, second = of(UtteranceReheard, kept)
    assert (first.utterance, first.outcome, first.text, first.heard_by) == (
        0,
        Outcome.SETTLED,
        "my dog",
        "scripted careful",
    )
    assert first.at_s == pytest.approx(1.5, abs=0.2)
    assert second.at_s == pytest.approx(2.5, abs=0.2)
    assert [said.text for said in understanding.revised] == ["my dog", "he limps"]
    assert [word.text for word in of(FinalTranscript, kept)[0].words] == ["my", "duck"]


def test_second_hearings_wait_for_each_other_and_the_call_for_the_last() -> None:
    """One ear hears one utterance after another; the call is final when all are settled."""
    recognizer = ScriptedRecognizer([(1.0, final("a")), (2.0, final("b", 1.7)), (3.0, final("c", 2.7))])
    hearing = hearing_of(recognizer, {1.0: "eh", 2.0: "be", 3.0: "see"}, duration_s=3.0, compute_s=2.0)
    kept = hearing.run()
    assert [round(again.at_s) for again in of(UtteranceReheard, kept)] == [3, 5, 7]
    ended = of(CallEnded, kept)[0]
    assert (round(ended.at_s), ended.duration_s) == (7, 3.0)
    assert ended.compute_s >= 6.0


def test_the_last_words_of_a_call_are_heard_again_too() -> None:
    """What the recognizer gives at hang-up goes the same way."""
    hearing = hearing_of(ScriptedRecognizer(at_finish=[final("nothing comes", 2.0)]), {4.0: "nothing comes out"})
    assert [again.text for again in of(UtteranceReheard, hearing.run())] == ["nothing comes out"]


def test_a_sentence_cut_in_two_becomes_one_utterance() -> None:
    """The first takes all words, the second is part of it; the report shows one, said by the careful ear."""
    recognizer = ScriptedRecognizer([(2.0, final("he has", 1.3)), (3.0, final("lapsed", 2.1))])
    hearing = hearing_of(recognizer, {2.0: "he hasn't", 3.0: "he hasn't collapsed"})
    kept = hearing.run()
    assert [(again.utterance, again.outcome, again.text) for again in of(UtteranceReheard, kept)] == [
        (0, Outcome.SETTLED, "he hasn't"),
        (0, Outcome.SETTLED, "he hasn't collapsed"),
        (1, Outcome.JOINED, ""),
    ]
    assert [said.text for said in hearing.understanding.revised] == ["he hasn't", "he hasn't collapsed", ""]
    (said,) = call_report(kept)["utterances"]
    assert (said["text"], said["heard_by"]) == ("he hasn't collapsed", "scripted careful")
    assert (said["first_hearing"], said["second_hearing"]["outcome"]) == ("he has", "settled")


def test_speech_that_the_live_recognizer_missed_is_heard() -> None:
    """It gets an index of its own, and is understood like any other."""
    clear = Rehearing(("he", "collapsed"), ((1.0, 3.0),), -0.1, 0.05)
    hearing = hearing_of(ScriptedRecognizer(), {7.0: clear}, duration_s=7.0)
    (again,) = of(UtteranceReheard, hearing.run())
    assert (again.text, again.outcome) == ("he collapsed", Outcome.SETTLED)
    assert call_report(hearing.kept)["utterances"][0]["first_hearing"] == ""


def test_a_doubtful_second_hearing_leaves_the_live_words_and_lets_them_raise_nothing_alone() -> None:
    """It is shown that the second hearing came to nothing; the utterance is understood as one that was not made out."""
    recognizer = ScriptedRecognizer([(2.0, final("seizures", 1.0, confidence=0.4))])
    hearing = hearing_of(recognizer, {2.0: rehearing("thanks for watching", avg_logprob=-1.5)})
    kept = hearing.run()
    (again,) = of(UtteranceReheard, kept)
    assert again.outcome is Outcome.DOUBTED
    assert [said.text for said in hearing.understanding.revised] == [""]
    (said,) = call_report(kept)["utterances"]
    assert (said["text"], said["heard_by"]) == ("seizures", "vosk")
    assert said["second_hearing"]["text"] == "thanks for watching"


def test_sure_live_words_stand_where_the_second_hearing_came_to_nothing() -> None:
    """A voice that the careful ear cannot make out costs no flag that the live recognizer was sure of."""
    recognizer = ScriptedRecognizer([(3.0, final("nothing comes out", 1.0, confidence=0.95))])
    hearing = hearing_of(recognizer, {3.0: ""})
    (again,) = of(UtteranceReheard, hearing.run())
    assert again.outcome is Outcome.KEPT
    assert hearing.understanding.revised == []


def test_words_invented_where_nobody_spoke_are_not_taken_in() -> None:
    """Without a live word and without voice activity there is no utterance, whatever an engine makes up."""
    hearing = hearing_of(ScriptedRecognizer(), {7.0: Rehearing(("you",), (), -0.2, 0.1)}, duration_s=7.0)
    assert of(UtteranceReheard, hearing.run()) == []


def test_a_second_hearing_that_fails_is_said_once_and_the_live_words_stand() -> None:
    """The utterance is marked as heard only once; the call goes on."""
    recognizer = ScriptedRecognizer([(1.0, final("my dog")), (2.0, final("bleeds", 1.7))])
    ear = ScriptedEar({1.0: RecognizerError("Broken."), 2.0: RecognizerError("Broken.")})
    understanding = ScriptedUnderstanding()
    hearing = Hearing(ScriptedSource(silent_blocks(4.0)), [recognizer], understanding=understanding, second=AtOnce(ear))
    kept = hearing.run()
    assert [again.outcome for again in of(UtteranceReheard, kept)] == [Outcome.SKIPPED, Outcome.SKIPPED]
    assert [(failed.stage, failed.code) for failed in of(StageFailed, kept)] == [("careful ear", "recognizer")]
    assert understanding.revised == []


def test_a_live_call_does_not_wait_longer_than_it_must() -> None:
    """An ear that never answers does not hold the call open for ever: what is missing is said."""
    hearing = Hearing(
        ScriptedSource(silent_blocks(2.0)),
        [ScriptedRecognizer([(1.0, final("my dog"))])],
        clock=SoundClock(),
        second=ScriptedHearing(ScriptedEar({}), None),
        drain_s=0.2,
    )
    kept = hearing.run()
    assert [again.outcome for again in of(UtteranceReheard, kept)] == [Outcome.SKIPPED]
    assert [failed.code for failed in of(StageFailed, kept)] == ["behind"]
    assert names(kept)[-1] == "CallEnded"


def test_a_live_call_is_settled_as_answers_come() -> None:
    """The same events as of a recording, in the order in which they became known."""
    hearing = Hearing(
        ScriptedSource(silent_blocks(2.0)),
        [ScriptedRecognizer([(1.0, final("my duck"))])],
        clock=SoundClock(),
        second=ScriptedHearing(ScriptedEar({1.0: "my dog"})),
    )
    assert [again.text for again in of(UtteranceReheard, hearing.run())] == ["my dog"]


def test_the_own_side_is_heard_once() -> None:
    """Only the client's words raise flags, so only they are worth a second hearing."""
    blocks = [silence(i / 10, 0.1, side=Side.OWN) for i in range(20)]
    hearing = Hearing(
        ScriptedSource(blocks),
        [ScriptedRecognizer([(1.0, final("how can i help"))])],
        second=ScriptedHearing(ScriptedEar({1.0: "who"})),
    )
    assert of(UtteranceReheard, hearing.run()) == []


def test_a_gap_parts_what_is_heard_again() -> None:
    """Sound before it is heard by itself, and what comes after it has the right time."""
    blocks: list[Block | Gap] = [
        *silent_blocks(1.0),
        Gap(Side.CLIENT, 1.0, 4.0, "away"),
        *[silence(5 + i / 10, 0.1) for i in range(10)],
    ]
    ear = ScriptedEar({})
    recognizer = ScriptedRecognizer([(0.8, final("one")), (5.8, final("two", 5.1))])
    Hearing(ScriptedSource(blocks), [recognizer], second=ScriptedHearing(ear)).run()
    assert (0.0, 0.8) in ear.asked
    assert (5.0, 5.8) in ear.asked
    assert all(end_s <= 1.0 or start_s >= 5.0 for start_s, end_s in ear.asked)
