"""Rules of one call: the order of its events, draining, failures, stopping, and falling behind."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.call_fakes import (
    Hearing,
    MemoryStore,
    ScriptedUnderstanding,
    field,
    flag,
    names,
    of,
)
from tests.fakes import ScriptedRecognizer, ScriptedSource, final, partial, silence, silent_blocks
from voice_triage.clock import RealTimeClock
from voice_triage.errors import AudioError, RecognizerError
from voice_triage.events import (
    TENTATIVE,
    Block,
    CallEnded,
    CallStarted,
    FinalTranscript,
    FlagRaised,
    FlagState,
    Gap,
    GapHeard,
    PartialTranscript,
    Side,
    StageFailed,
)
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ, Heard


def said(hearing: Hearing) -> list[str]:
    """Texts of the finals, in order."""
    return [event.text for event in of(FinalTranscript, hearing.kept)]


def test_a_log_is_in_the_order_of_the_call() -> None:
    """CallStarted is first and CallEnded last; what a transcript brings stands right behind it."""
    recognizer = ScriptedRecognizer(
        [(0.2, partial("he is bleeding")), (0.4, final("he is bleeding")), (0.8, final("my dog", 0.5))]
    )
    understanding = ScriptedUnderstanding({"he is bleeding": [flag()], "my dog": [field()]})
    hearing = Hearing(ScriptedSource(silent_blocks(1.0)), [recognizer], understanding=understanding)
    hearing.run()
    shown = [event for event in hearing.shown if type(event).__name__ != "LineChanged"]
    assert names(shown) == [
        "CallStarted",
        "PartialTranscript",
        "FlagRaised",
        "FinalTranscript",
        "FlagRaised",
        "FinalTranscript",
        "FieldSuggested",
        "CallEnded",
    ]
    started = of(CallStarted, shown)[0]
    assert (started.call, started.source, started.model, started.lexicon) == (
        "c-1",
        "scripted",
        "scripted",
        "lexicon 1",
    )


def test_what_is_kept_is_what_was_shown_less_the_tentative() -> None:
    """Store and page agree, but for partial transcripts and line levels."""
    store = MemoryStore()
    hearing = Hearing(
        ScriptedSource(silent_blocks(1.0)),
        [ScriptedRecognizer([(0.2, partial("my")), (0.4, final("my dog"))])],
        understanding=ScriptedUnderstanding({"my": [flag(state=FlagState.PROVISIONAL)]}),
        store=store,
    )
    hearing.run()
    assert [logged.event for logged in store.kept] == [e for e in hearing.shown if not isinstance(e, TENTATIVE)]
    assert of(FlagRaised, hearing.kept)[0].state is FlagState.PROVISIONAL  # it was shown to a person


def test_the_last_words_are_heard_and_understood_before_the_call_ends() -> None:
    """At hang-up the resampler's rest reaches the recognizer, its last words are understood, and then the call ends."""
    recognizer = ScriptedRecognizer([(0.9, partial("nothing comes"))], at_finish=[final("nothing comes out")])
    understanding = ScriptedUnderstanding({"nothing comes out": [flag("urinary")]})
    hearing = Hearing(ScriptedSource(silent_blocks(1.0, rate_hz=8000)), [recognizer], understanding=understanding)
    kept = hearing.run()
    assert sum(count for _, count in recognizer.fed) == SAMPLE_RATE_HZ
    assert names(kept) == ["CallStarted", "FinalTranscript", "FlagRaised", "CallEnded"]
    ended = of(CallEnded, kept)[0]
    assert (ended.reason, ended.duration_s) == ("hang-up", 1.0)
    assert recognizer.closed


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 31_999), max_size=30), queue_blocks=st.integers(1, 4))
def test_blocks_and_queues_of_any_size_give_the_same_call(cuts: list[int], queue_blocks: int) -> None:
    """How the sound is cut, and how little the queues hold, changes neither finals nor flags nor their order."""
    edges = sorted({0, 16_000, 32_000, *cuts})
    zeros = np.zeros(32_000, dtype=np.int16)
    blocks = [Block(Side.CLIENT, a / 16_000, zeros[a:b], 16_000) for a, b in itertools.pairwise(edges)]
    recognizer = ScriptedRecognizer([(0.8, final("my dog")), (1.6, final("bleeds", 1))], at_finish=[final("help", 1.5)])
    understanding = ScriptedUnderstanding({"my dog": [field()], "bleeds": [flag()]})
    hearing = Hearing(ScriptedSource(blocks), [recognizer], understanding=understanding, queue_blocks=queue_blocks)
    assert names(hearing.run()) == [
        "CallStarted",
        "FinalTranscript",
        "FieldSuggested",
        "FinalTranscript",
        "FlagRaised",
        "FinalTranscript",
        "CallEnded",
    ]
    assert said(hearing) == ["my dog", "bleeds", "help"]


# --- the audio's clock ------------------------------------------------------------------------------------------


class _Laborious(ScriptedRecognizer):
    """Computes for 30 ms per block."""

    def accept(self, samples: NDArray[np.int16], start_s: float) -> Heard | None:
        began_s = time.thread_time()
        while time.thread_time() - began_s < 0.03:
            pass
        return super().accept(samples, start_s)


def test_computing_time_counts_as_delay_although_nothing_is_played() -> None:
    """As fast as possible, an alert is stamped with when it could have been shown live: sound, then all computing."""
    recognizer = _Laborious([(0.1, final("bleeding"))])
    blocks = silent_blocks(0.1, block_ms=10)  # ten blocks of 10 ms, 30 ms of computing for each
    hearing = Hearing(ScriptedSource(blocks), [recognizer], understanding=ScriptedUnderstanding({"bleeding": [flag()]}))
    kept = hearing.run()
    raised = of(FlagRaised, kept)[0]
    assert raised.at_s >= 0.01 + 10 * 0.03 - 0.001  # times in a log are rounded to milliseconds
    assert of(CallEnded, kept)[0].compute_s >= 0.3 - 0.001
    assert of(CallEnded, kept)[0].duration_s == 0.1


def test_sound_that_takes_longer_than_its_computing_is_stamped_by_the_sound() -> None:
    """With a second between blocks, computing 30 ms per block delays by that, not by the sum of all."""
    recognizer = _Laborious([(3.0, final("bleeding"))])
    blocks = [silence(i, 1.0) for i in range(3)]
    kept = Hearing(ScriptedSource(blocks), [recognizer]).run()
    assert 3.03 - 0.001 <= of(FinalTranscript, kept)[0].at_s < 4.0


# --- sides ------------------------------------------------------------------------------------------------------


def test_only_the_clients_words_are_understood() -> None:
    """What the CSR says herself is transcribed, and neither raises a flag nor fills a field."""
    own = ScriptedRecognizer([(0.1, final("is he bleeding"))])
    client = ScriptedRecognizer([(0.1, final("no he is fine"))])
    understanding = ScriptedUnderstanding({"is he bleeding": [flag()]})
    sound = [silence(0.0, 0.1, side=Side.OWN), silence(0.0, 0.1)]
    hearing = Hearing(ScriptedSource(sound), [own, client], understanding=understanding)
    hearing.run()
    assert said(hearing) == ["is he bleeding", "no he is fine"]
    assert [transcript.text for transcript in understanding.heard] == ["no he is fine"]
    assert of(FlagRaised, hearing.kept) == []


# --- failures ---------------------------------------------------------------------------------------------------


def test_a_failing_understanding_is_told_once_per_utterance_and_the_next_is_tried() -> None:
    """The transcript goes on, each utterance that could not be checked is named once, the next ones raise flags."""
    recognizer = ScriptedRecognizer(
        [(0.1, partial("he")), (0.2, partial("he ate")), (0.3, final("he ate")), (0.4, final("bleeding", 0.3))]
    )
    broken = KeyError("he")
    understanding = ScriptedUnderstanding({"he": broken, "he ate": broken, "bleeding": [flag()]})
    hearing = Hearing(ScriptedSource(silent_blocks(0.5)), [recognizer], understanding=understanding)
    assert names(hearing.run()) == [
        "CallStarted",
        "StageFailed",
        "FinalTranscript",
        "FinalTranscript",
        "FlagRaised",
        "CallEnded",
    ]
    failure = of(StageFailed, hearing.kept)[0]
    assert (failure.stage, failure.code) == ("understanding", "KeyError")


def test_news_that_is_no_event_is_a_failure_of_understanding_not_the_end_of_the_call() -> None:
    """Whatever understanding gives back, the call goes on to its end."""
    understanding = ScriptedUnderstanding({"my dog": ["not an event"]})  # type: ignore[list-item]
    hearing = Hearing(
        ScriptedSource(silent_blocks(0.2)), [ScriptedRecognizer([(0.1, final("my dog"))])], understanding=understanding
    )
    assert names(hearing.run()) == ["CallStarted", "FinalTranscript", "StageFailed", "CallEnded"]


def test_without_a_recognizer_the_call_still_runs_to_its_end() -> None:
    """When no recognizer can be started all sound is taken in, and the CSR knows that no alerts will come."""
    source = ScriptedSource(silent_blocks(1.0))
    hearing = Hearing(source, [RecognizerError("No memory."), RecognizerError("No memory.")])
    kept = hearing.run()
    assert len(source.delivered) == 10
    assert names(kept) == ["CallStarted", "StageFailed", "StageFailed", "CallEnded"]
    assert of(CallEnded, kept)[0].reason == "hang-up"
    assert "LineChanged" in names(hearing.shown)


def test_a_failing_source_ends_the_call_visibly_with_what_was_heard() -> None:
    """Sound that breaks off is still heard and understood to its last word; then the failure, then the end."""
    source = ScriptedSource([*silent_blocks(0.5), AudioError("The headset was unplugged. Plug it in.")])
    recognizer = ScriptedRecognizer([(0.4, partial("he"))], at_finish=[final("he collapsed")])
    hearing = Hearing(source, [recognizer], understanding=ScriptedUnderstanding({"he collapsed": [flag("neuro")]}))
    kept = hearing.run()
    assert names(kept) == ["CallStarted", "FinalTranscript", "FlagRaised", "StageFailed", "CallEnded"]
    failure = of(StageFailed, kept)[0]
    assert (failure.stage, failure.code) == ("source", "audio")
    assert "Plug it in." in failure.advice
    assert of(CallEnded, kept)[0].reason == "source failed"
    assert source.closed


def test_a_failing_store_does_not_touch_the_live_view() -> None:
    """All transcripts and flags are shown, with one notice that nothing is kept."""
    store = MemoryStore()
    store.full = True
    recognizer = ScriptedRecognizer([(0.1, final("my dog")), (0.2, final("bleeding", 0.1))])
    understanding = ScriptedUnderstanding({"bleeding": [flag()]})
    hearing = Hearing(ScriptedSource(silent_blocks(0.5)), [recognizer], understanding=understanding, store=store)
    hearing.run()
    assert [failure.stage for failure in of(StageFailed, hearing.shown)] == ["store"]
    assert len(of(FinalTranscript, hearing.shown)) == 2
    assert len(of(FlagRaised, hearing.shown)) == 1
    assert isinstance(hearing.shown[-1], CallEnded)


# --- gaps -------------------------------------------------------------------------------------------------------


def test_a_gap_stands_between_the_utterance_it_cut_and_the_next() -> None:
    """Lost sound is an event at its place in the log, and the recognizer's words before it are closed."""
    recognizer = ScriptedRecognizer(
        [(0.2, partial("my dog")), (3.2, final("fell", 3.0))], at_finish=[final("my dog just")]
    )
    sound: list[Block | Gap] = [*silent_blocks(0.5), Gap(Side.CLIENT, 0.5, 2.5, "unplugged"), silence(3.0, 0.5)]
    hearing = Hearing(ScriptedSource(sound), [recognizer])
    assert names(hearing.run()) == ["CallStarted", "FinalTranscript", "GapHeard", "FinalTranscript", "CallEnded"]
    assert of(CallEnded, hearing.kept)[0].duration_s == 3.5


def test_a_gap_told_before_it_has_passed_does_not_move_the_clock() -> None:
    """A file that breaks off promises sound in the future: live, later events are still stamped with now."""
    now = 100.0
    clock = RealTimeClock(lambda: now)
    sound: list[Block | Gap] = [*silent_blocks(1.0), Gap(Side.CLIENT, 1.0, 60.0, "the file ends early")]
    kept = Hearing(ScriptedSource(sound), [ScriptedRecognizer()], clock=clock).run()
    assert of(GapHeard, kept)[0].at_s <= 1.0
    assert of(CallEnded, kept)[0].duration_s == 61.0


# --- stopping ---------------------------------------------------------------------------------------------------


def test_stopping_hears_the_last_words_and_ends_the_log() -> None:
    """Ctrl-C in mid-call loses nothing that was said: the open utterance is closed, understood and kept."""
    store = MemoryStore()
    recognizer = ScriptedRecognizer([(0.4, partial("he is"))], at_finish=[final("he is bleeding")])
    hearing = Hearing(
        ScriptedSource(silent_blocks(0.5), hold=True),
        [recognizer],
        understanding=ScriptedUnderstanding({"he is bleeding": [flag()]}),
        store=store,
    )
    running = threading.Thread(target=hearing.run)
    running.start()
    while not of(PartialTranscript, hearing.shown):
        time.sleep(0.005)
    hearing.call.stop()
    running.join(10)
    assert not running.is_alive()
    assert names(logged.event for logged in store.kept) == ["CallStarted", "FinalTranscript", "FlagRaised", "CallEnded"]
    assert of(CallEnded, hearing.kept)[0].reason == "stopped"


class _Deaf(ScriptedSource):
    """Ignores that it is to stop, like a driver that hangs."""

    def __iter__(self) -> Iterator[Block | Gap]:
        yield from super().__iter__()
        threading.Event().wait(15)

    def stop(self) -> None:
        pass


def test_a_source_that_does_not_stop_cannot_hold_up_the_end() -> None:
    """A hanging device is left behind; what it had delivered is heard and the log gets its end."""
    hearing = Hearing(_Deaf(silent_blocks(0.5)), [ScriptedRecognizer([(0.4, final("my dog"))])])
    running = threading.Thread(target=hearing.run, daemon=True)
    running.start()
    while not of(FinalTranscript, hearing.kept):
        time.sleep(0.005)
    hearing.call.stop()
    running.join(10)
    assert not running.is_alive()
    assert isinstance(hearing.kept[-1], CallEnded)


def test_a_call_stopped_before_it_began_has_a_beginning_and_an_end() -> None:
    """Stopping early is not an error: its log is whole."""
    hearing = Hearing(ScriptedSource(silent_blocks(0.5), hold=True))
    hearing.call.stop()
    assert names(hearing.run()) == ["CallStarted", "CallEnded"]


@pytest.mark.parametrize("live", [True, False])
def test_a_call_without_any_sound_has_a_beginning_and_an_end(live: bool) -> None:
    """A line on which nothing ever came leaves a whole log of no length."""
    clock = RealTimeClock() if live else None
    kept = Hearing(ScriptedSource([]), clock=clock).run()
    assert names(kept) == ["CallStarted", "CallEnded"]
    assert of(CallEnded, kept)[0].duration_s == 0.0
