"""One call: sound to words to flags to the log, in three threads with bounded queues.

::

    source thread -> sound queue -> recognizer thread -> words queue -> understanding thread -> log
                                                              ^  finished utterances  |          -> store, listeners
                                                              +----- careful ear <----+

**Order.** One thread writes what comes of the sound, so a log is always in the order of the call: a transcript, then
the flags and fields it brought, then the next. Only warnings that cannot wait (a backlog) are written at once.

**Draining at hang-up or stop.** The source ends; what it delivered stays valid and is still heard; the resampler gives
its rest; the recognizer is asked for its last words; they are understood; :class:`CallEnded` is the last event
of what was heard; the log is closed, and only the CSR adds to it. Nothing that was said is cut off.

**Second hearing.** With a careful ear, each finished utterance is heard again (``second_hearing.py``) while the call
goes on; the answer takes its place in the log when it comes, and revises what was understood. At hang-up the call
waits for the answers that are still out, ``DRAIN_S`` at most, and is final then.

**Card data** is cut out of words and sound before they are written (``call_cards.py``): an utterance whose number is
judged later comes a second time, as its transcript with other words.

**Failure.** A stage that raises ends in a :class:`StageFailed` with advice and the others go on: without understanding
there is still a transcript, without recognition the line and a later recording, without the store the live view.

**Live sound does not wait.** In a live call a stage that falls behind is reported when alerts come more than
``LATE_S`` late; if the sound queue is full, sound goes unheard as a :class:`GapHeard`. Not live, the source waits.
"""

from __future__ import annotations

import dataclasses
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from voice_triage.audio.source import AudioSource
from voice_triage.backlog import Lateness, LateSound, end_of
from voice_triage.call_cards import CallCards
from voice_triage.call_log import CallLog, where
from voice_triage.call_parts import Recording, Understanding, not_understood, source_failed
from voice_triage.clock import Clock
from voice_triage.ear import Ears, RecognizerFactory
from voice_triage.events import (
    Block,
    CallEnded,
    CallStarted,
    Event,
    FinalTranscript,
    LineChanged,
    PartialTranscript,
    Side,
    StageFailed,
    UtteranceReheard,
)
from voice_triage.rehearings import Rehearings, settled
from voice_triage.second_hearing import Answer, SecondHearing
from voice_triage.sound_queue import Arrived, SoundQueue
from voice_triage.stretches import Stretch

log = logging.getLogger(__name__)
T = TypeVar("T", PartialTranscript | FinalTranscript, FinalTranscript)

LIVE_QUEUE_BLOCKS = 1500
"""Bound of the queues in a live call: 30 s of 20 ms blocks, 150 s of 100 ms blocks (5 MB of sound)."""
WAITING_QUEUE_BLOCKS = 64
"""Bound of the queues when the source waits for us."""
SOURCE_GRACE_S = 1.0
"""How long a stopped source may take to end before the call ends without it."""
DRAIN_S = 20.0
"""How long a call that has been hung up waits for a second hearing: a dozen utterances on a slow computer."""


@dataclass(frozen=True, slots=True)
class CallIdentity:
    """What is known of a call before its first sound."""

    call: str
    source: str = ""
    """What is heard, if that says more than the source's own name."""
    sample: bool = False
    lexicon: str = ""
    model: str = ""
    notices: Sequence[StageFailed] = ()
    """Told at the call's beginning."""
    csr: str = ""
    """Account of the CSR at the desk; empty: the desk's own."""
    started_at: str = dataclasses.field(default_factory=lambda: datetime.now().astimezone().isoformat("T", "seconds"))


@dataclass(frozen=True, slots=True)
class _Said:
    """From the recognizer to the understanding: what one piece of sound brought (often nothing)."""

    events: tuple[Event, ...]
    sound_s: float
    """Call time to which the sound has been heard."""
    at_s: float
    stretches: tuple[Stretch, ...] = ()
    """What is to be heard a second time."""


class Call:
    """One call, run once by :meth:`run`."""

    def __init__(  # noqa: PLR0913 - the parts of a call, each given once, by bootstrap
        self,
        identity: CallIdentity,
        source: AudioSource,
        new_recognizer: RecognizerFactory,
        understanding: Understanding,
        call_log: CallLog,
        clock: Clock,
        *,
        queue_blocks: int | None = None,
        recording: Recording | None = None,
        second: SecondHearing | None = None,
        drain_s: float = DRAIN_S,
    ) -> None:
        """``recording`` keeps the sound, if it is to be kept. ``second`` hears finished utterances again.

        ``new_recognizer`` is called on the recognizer's thread, once per side, and once more if one fails.
        """
        blocks = queue_blocks or (LIVE_QUEUE_BLOCKS if clock.live else WAITING_QUEUE_BLOCKS)
        self.identity = identity
        self._source = source
        self._new_recognizer = new_recognizer
        self._understanding = understanding
        self._log = call_log
        self._recording = recording
        self._drain_s = drain_s
        self._clock = clock
        self._sound = SoundQueue(blocks)
        self._words: queue.Queue[_Said | Answer | None] = queue.Queue(blocks)
        self._rehearings = Rehearings(second, clock, self._words.put) if second is not None else None
        self._cards = CallCards(recording, two_ears=second is not None)
        self._closed: set[int] = set()
        """Utterances of the client whose first hearing is understood."""
        self._source_ended = threading.Event()
        self._stopped = threading.Event()
        self._no_more_sound = threading.Event()
        self._source_error: Exception | None = None
        self._utterance = -1
        self._not_understood: int | None = None
        self._end_s = 0.0
        self._ready_s = 0.0
        self._compute_s = dict.fromkeys(("source", "recognizer", "understanding"), 0.0)

    def run(self) -> CallEnded:
        """Run the call to its end; returns its last event. Raises nothing that a stage raises."""
        who, source = self.identity, self._source
        self._log.append(
            CallStarted(
                who.call,
                0.0,
                who.started_at,
                who.source or source.name,
                source.sample_rate_hz,
                who.sample,
                who.lexicon,
                who.model,
                who.csr,
            )
        )
        for notice in who.notices:
            self._log.append(notice)
        listening, recognizing, understanding = (
            threading.Thread(target=stage, name=f"{name} {who.call}", daemon=True)
            for stage, name in (
                (self._listen, "source"),
                (self._recognize, "recognizer"),
                (self._understand, "understanding"),
            )
        )
        for thread in (understanding, recognizing, listening):
            thread.start()
        self._wait_for_source()
        self._no_more_sound.set()
        self._sound.end()
        recognizing.join()
        understanding.join()
        self._close_source()
        return self._end()

    def stop(self) -> None:
        """End the call soon, from any thread; what was said until now is still heard and understood."""
        self._stopped.set()
        self._source.stop()

    @property
    def backlog(self) -> int:
        """Pieces of sound that have arrived and are not understood yet."""
        return len(self._sound)

    # --- source thread ------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        lateness, late_sound = Lateness(), LateSound()
        try:
            for sound in self._source:
                if self._no_more_sound.is_set():
                    return
                # A gap is told at its beginning or later: only that much is known to have passed.
                proven_s = end_of(sound) if isinstance(sound, Block) else sound.start_s
                arrived = Arrived(sound, self._clock.arrived(proven_s))
                self._end_s = max(self._end_s, end_of(sound))
                if self._recording is not None:  # first of all: recording never waits for recognition
                    self._recording.hear(sound)
                if not self._clock.live:
                    self._sound.put(arrived)
                    continue
                if (news := late_sound.at(arrived.at_s, sound)) is not None:
                    self._log.append(news)
                if (news := lateness.at(arrived.at_s, arrived.at_s - self._sound.oldest_s(arrived.at_s))) is not None:
                    self._log.append(news)
                self._sound.offer(arrived)
        except Exception as error:  # noqa: BLE001 - becomes a visible event when the sound before it has been heard
            log.error("call %s: the source failed: %s", self.identity.call, where(error))
            self._source_error = error
        finally:
            for gap in self._sound.take_lost():
                self._sound.put(Arrived(gap, self._clock.arrived(gap.start_s)))
            self._compute_s["source"] = time.thread_time()
            self._source_ended.set()

    def _wait_for_source(self) -> None:
        while not self._source_ended.wait(0.1):
            if self._stopped.is_set() and not self._source_ended.wait(SOURCE_GRACE_S):
                log.error("call %s: the source did not stop; the call ends without it", self.identity.call)
                return

    def _close_source(self) -> None:
        try:
            self._source.close()
        except Exception as error:  # noqa: BLE001 - all its sound is here, so the call's end matters more
            log.error("call %s: the source could not be closed: %s", self.identity.call, where(error))

    # --- recognizer thread --------------------------------------------------------------------------------------

    def _recognize(self) -> None:
        ears = Ears(self._new_recognizer, keep_sound=self._rehearings is not None)
        available_s = free_s = sound_s = 0.0
        while (arrived := self._sound.take()) is not None:
            available_s = arrived.at_s
            events = ears.take(arrived.sound)
            free_s = self._clock.ready(available_s, free_s, self._lap("recognizer"))
            sound_s = max(sound_s, end_of(arrived.sound))
            self._words.put(_Said(tuple(events), sound_s, free_s, tuple(ears.take_stretches())))
        events = ears.end()
        free_s = self._clock.ready(available_s, free_s, self._lap("recognizer"))
        self._sound.last_words(available_s)
        self._words.put(_Said(tuple(events), sound_s, free_s, tuple(ears.take_stretches())))
        self._words.put(None)

    # --- understanding thread -----------------------------------------------------------------------------------

    def _understand(self) -> None:
        while (item := self._words.get()) is not None:
            if isinstance(item, Answer):
                self._heard_again([(item, self._ready_s)])
                continue
            if self._rehearings is not None:
                self._heard_again(self._rehearings.due(item.at_s))
            heard = False
            for event in item.events:
                heard |= self._take(event, item.at_s)
            for event in self._cards.passed(item.sound_s):
                heard |= self._take_checked(event, item.at_s)
            if not heard:
                self._log.extend(self._settled(item))
            self._ready_s = max(self._ready_s, item.at_s)
            self._sound.understood()
            if self._rehearings is not None:
                self._rehearings.ask(item.stretches, self._ready_s)
        self._drain()
        for event in self._cards.end():
            self._take_checked(event, self._ready_s)

    def _take(self, event: Event, at_s: float) -> bool:
        """Log an event of what was heard, and what it means; whether it was the client's words."""
        spoken = [self._take_checked(each, at_s) for each in self._cards.take(event)]
        return any(spoken)

    def _take_checked(self, event: Event, at_s: float) -> bool:
        self._ready_s = self._clock.ready(at_s, self._ready_s, 0.0)
        shown = dataclasses.replace(event, at_s=self._ready_s)
        self._log.append(shown)
        match event:
            case LineChanged():
                self._understanding.line(event.state)
            case UtteranceReheard() if (final := settled(event)) is not None:
                # Its times are those at which it is known: nothing is waited for, unlike with open words.
                self._log.extend(
                    self._understood(dataclasses.replace(final, at_s=self._ready_s), self._understanding.revise)
                )
            case FinalTranscript(side=Side.CLIENT) if event.utterance in self._closed:
                self._log.extend(self._understood(event, self._understanding.correct))
            case PartialTranscript(side=Side.CLIENT) | FinalTranscript(side=Side.CLIENT):
                if isinstance(event, FinalTranscript):
                    self._closed.add(event.utterance)
                self._log.extend(self._understood(event, self._understanding.hear))
            case _:
                return False
        return not isinstance(event, UtteranceReheard)

    def _heard_again(self, answers: Iterable[tuple[Answer, float]]) -> None:
        """Take in second hearings, each known at its time."""
        assert self._rehearings is not None
        for answer, at_s in answers:
            for event in self._rehearings.events(answer):
                self._take(event, at_s)

    def _drain(self) -> None:
        """After the last words: wait for what is still being heard a second time."""
        if self._rehearings is None:
            return
        self._heard_again(self._rehearings.due(math.inf))
        until = time.monotonic() + self._drain_s
        while self._rehearings.out and not self._log.discarded and (left_s := until - time.monotonic()) > 0:
            try:
                item = self._words.get(timeout=left_s)
            except queue.Empty:
                break
            assert isinstance(item, Answer)
            self._heard_again([(item, self._ready_s)])
        self._heard_again((answer, self._ready_s) for answer in self._rehearings.give_up())

    def _understood(self, transcript: T, read: Callable[[T], list[Event]]) -> list[Event]:
        """What a transcript means, stamped with the time at which that is known."""
        self._utterance = transcript.utterance
        return self._known(lambda: read(transcript))

    def _settled(self, said: _Said) -> list[Event]:
        """What tentative words mean that were not taken back for long enough."""
        self._ready_s = self._clock.ready(said.at_s, self._ready_s, 0.0)
        return self._known(lambda: self._understanding.settle(said.sound_s))

    def _known(self, understand: Callable[[], list[Event]]) -> list[Event]:
        available_s, news = self._ready_s, list[Event]()
        try:
            news = [dataclasses.replace(each, at_s=available_s) for each in understand()]
        except Exception as error:  # noqa: BLE001 - becomes a visible event, once per utterance
            log.error("call %s: understanding failed: %s", self.identity.call, where(error))
            if self._not_understood != self._utterance:
                self._not_understood = self._utterance
                news = [not_understood(error)]
        self._ready_s = self._clock.ready(available_s, self._ready_s, self._lap("understanding"))
        return [dataclasses.replace(each, at_s=self._ready_s) for each in news]

    # --- the end ------------------------------------------------------------------------------------------------

    def _lap(self, stage: str) -> float:
        """Seconds that the current thread, which is this stage's, has computed since its last lap.

        CPU time of the thread, so that other work on the machine does not count as ours.
        """
        total_s = time.thread_time()
        lap_s, self._compute_s[stage] = total_s - self._compute_s[stage], total_s
        return lap_s

    def _end(self) -> CallEnded:
        reason = "stopped" if self._stopped.is_set() else "hang-up"
        at_s = max(self._ready_s, self._end_s)
        if self._source_error is not None:
            reason = "source failed"
            self._log.append(source_failed(at_s, self._source_error))
        if self._recording is not None:
            if self._log.discarded:
                self._recording.discard()
            else:
                self._recording.close()
        compute_s = sum(self._compute_s.values()) + (self._rehearings.compute_s if self._rehearings else 0.0)
        ended = CallEnded(at_s, round(self._end_s, 3), reason, round(compute_s, 3))
        logged = self._log.append(ended)
        self._log.close()
        assert isinstance(logged.event, CallEnded)
        return logged.event
