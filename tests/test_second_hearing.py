"""The queue of the careful ear: newest first, bounded, never silent about what it skips."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.careful_fakes import ScriptedEar
from voice_triage.errors import ModelError, RecognizerError
from voice_triage.second_hearing import Answer, AtOnce, HearingQueue
from voice_triage.speech.recognizer import SAMPLE_RATE_HZ
from voice_triage.stretches import Stretch


def stretch(number: int, *others: int) -> Stretch:
    """One second of sound that ends at ``number`` seconds."""
    return Stretch((number, *others), number - 1.0, np.zeros(SAMPLE_RATE_HZ, dtype=np.int16), ())


class Asking:
    """Collects answers of a queue."""

    def __init__(self, hearing: HearingQueue) -> None:
        self._hearing = hearing
        self.answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.answer: Callable[[Answer], None] = self.answers.put

    def ask(self, *numbers: int) -> None:
        """Ask for stretches in this order."""
        for number in numbers:
            self._hearing.ask(stretch(number), self.answer)

    def next(self, count: int) -> list[tuple[int, str]]:
        """The next answers: which stretch, and what was heard or why not."""
        got = [self.answers.get(timeout=60) for _ in range(count)]
        return [(one.stretch.utterances[0], " ".join(one.rehearing.text) if one.rehearing else one.code) for one in got]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Closed until the test opens it, or ends."""
    opened = threading.Event()
    yield opened
    opened.set()


def test_behind_the_newest_is_heard_first_and_the_oldest_is_skipped(gate: threading.Event) -> None:
    """The CSR acts on what was said last; what finds no room is answered as skipped, never lost."""
    ear = ScriptedEar({number: f"number {number}" for number in range(1, 9)}, gate)
    hearing = HearingQueue(lambda: ear, "scripted", most_waiting=3)
    asking = Asking(hearing)
    asking.ask(1)
    assert ear.began.wait(60)
    asking.ask(2, 3, 4, 5, 6)
    assert asking.next(2) == [(2, "behind"), (3, "behind")]
    gate.set()
    assert asking.next(4) == [(1, "number 1"), (6, "number 6"), (5, "number 5"), (4, "number 4")]
    hearing.close()


def test_a_stretch_that_a_longer_one_replaces_need_not_be_heard(gate: threading.Event) -> None:
    """Behind, a sentence that was cut in two is heard once, as a whole; another call's is not touched."""
    ear = ScriptedEar({}, gate)
    hearing = HearingQueue(lambda: ear, "scripted")
    one, other = Asking(hearing), Asking(hearing)
    one.ask(1)
    assert ear.began.wait(60)
    one.ask(2)
    other.ask(2)
    hearing.ask(stretch(2, 3), one.answer)
    assert one.next(1) == [(2, "superseded")]
    gate.set()
    assert other.next(1) == [(2, "")]
    assert sorted(one.next(2)) == [(1, ""), (2, "")]
    hearing.close()


def test_an_ear_that_fails_once_is_asked_again() -> None:
    """The error is an answer with a code; the next stretch may go well."""
    ear = ScriptedEar({1.0: RecognizerError("Broken."), 2.0: "it stopped"})
    hearing = HearingQueue(lambda: ear, "scripted")
    asking = Asking(hearing)
    asking.ask(1)
    assert asking.next(1) == [(1, "recognizer")]
    asking.ask(2)
    assert asking.next(1) == [(2, "it stopped")]
    hearing.close()


def test_a_model_that_does_not_load_is_told_once_and_ends_the_second_hearing() -> None:
    """Every stretch is answered, so no call waits; calls that begin later are heard once from the start."""
    told: list[str] = []
    loading = threading.Event()

    def load() -> ScriptedEar:
        loading.wait(60)
        raise ModelError("It is damaged. Fetch it again.")

    hearing = HearingQueue(load, "scripted", tell=told.append)
    asking = Asking(hearing)
    asking.ask(1)
    assert hearing.on
    loading.set()
    assert asking.next(1) == [(1, "model")]
    asking.ask(2)
    assert asking.next(1) == [(2, "model")]
    assert not hearing.on
    hearing.close()
    assert len(told) == 1
    assert "Fetch it again" in told[0]


def test_closing_answers_what_waits_and_frees_the_ear(gate: threading.Event) -> None:
    """Nothing hangs when the desk ends, however much is still to be heard."""
    ear = ScriptedEar({}, gate)
    hearing = HearingQueue(lambda: ear, "scripted")
    asking = Asking(hearing)
    asking.ask(1)
    assert ear.began.wait(60)
    asking.ask(2, 3)
    closing = threading.Thread(target=hearing.close)
    closing.start()
    assert asking.next(2) == [(2, "closed"), (3, "closed")]
    gate.set()
    closing.join(60)
    assert ear.closed
    assert asking.next(1) == [(1, "")]


def test_a_recording_is_heard_at_once() -> None:
    """The answer is there when asking returns, with what it cost; an error is an answer too."""
    answers: list[Answer] = []
    hearing = AtOnce(ScriptedEar({1.0: "my dog", 2.0: RecognizerError("Broken.")}))
    for number in (1, 2):
        hearing.ask(stretch(number), answers.append)
    assert [answer.code for answer in answers] == ["", "recognizer"]
    assert answers[0].rehearing is not None
    assert answers[0].compute_s >= 0
