"""Scripted stand-ins for what stands around a call: understanding, store, a source that waits for the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from voice_triage.call import DRAIN_S, Call, CallIdentity
from voice_triage.call_log import CallLog, Listener
from voice_triage.clock import AudioClock, Clock
from voice_triage.ear import RecognizerFactory
from voice_triage.errors import StoreError
from voice_triage.events import (
    Block,
    Event,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    Gap,
    Logged,
    PartialTranscript,
    Urgency,
)
from voice_triage.second_hearing import SecondHearing
from voice_triage.store.calls import CallStore, CallSummary

from .fakes import ScriptedRecognizer

E = TypeVar("E")
Step = Block | Gap | Callable[[], object]


def flag(
    category: str = "bleeding",
    *,
    at_s: float = 0.0,
    state: FlagState = FlagState.RAISED,
    urgency: Urgency = Urgency.RED,
    evidence: str = "bleeding",
    utterance: int = 0,
) -> FlagRaised:
    """A flag, by default a red one from a final."""
    return FlagRaised(at_s, category, urgency, state, evidence, (category,), utterance, 1.0, 2.0, "He is bleeding.")


def field(
    name: str = "species", value: str = "dog", *, at_s: float = 0.0, contradicts: str | None = None
) -> FieldSuggested:
    """A suggested field."""
    return FieldSuggested(at_s, name, value, f"my {value}", 0, 0.0, 0.5, 0.9, contradicts=contradicts)


class ScriptedUnderstanding:
    """Gives the scripted events for a transcript's text, whoever says it; an exception in their place is raised."""

    def __init__(self, script: Mapping[str, Sequence[Event] | Exception] | None = None) -> None:
        self.heard: list[PartialTranscript | FinalTranscript] = []
        """What was read, for assertions about state."""
        self.revised: list[FinalTranscript] = []
        """Of it, what was heard again."""
        self._script = script or {}

    def revise(self, transcript: FinalTranscript) -> list[Event]:
        self.revised.append(transcript)
        return self.hear(transcript)

    def correct(self, transcript: FinalTranscript) -> list[Event]:
        return self.hear(transcript)

    def hear(self, transcript: PartialTranscript | FinalTranscript) -> list[Event]:
        self.heard.append(transcript)
        news = self._script.get(transcript.text, ())
        if isinstance(news, Exception):
            raise news
        return list(news)

    def line(self, state: str) -> None:
        """What the line is like changes nothing here."""

    def settle(self, at_s: float) -> list[Event]:
        return []


class MemoryStore:
    """A :class:`CallStore` in memory that holds itself to the protocol and refuses while ``full`` is set."""

    def __init__(self) -> None:
        self.full = False
        self.kept: list[Logged] = []

    def append(self, events: Iterable[Logged]) -> None:
        if self.full:
            raise StoreError("The disk is full. Make room.")
        for logged in events:
            if logged.sequence != len(self.kept) + 1:
                raise StoreError(f"a hole before event {logged.sequence}")
            self.kept.append(logged)

    def calls(self, limit: int | None = 100) -> Sequence[CallSummary]:
        return ()

    def events(self, call: str) -> Sequence[Logged]:
        return [logged for logged in self.kept if logged.call == call]

    def delete(self, call: str) -> None:
        if self.full:
            raise StoreError("The disk is full. Make room.")
        self.kept = [logged for logged in self.kept if logged.call != call]

    def close(self) -> None:
        pass


class SteppedSource:
    """Yields blocks and gaps; a callable among them is called when its turn comes, and may wait."""

    name = "stepped"
    sample_rate_hz = 16000

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = list(steps)
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[Block | Gap]:
        for step in self._steps:
            if self._stopped.is_set():
                return
            if isinstance(step, Block | Gap):
                yield step
            else:
                step()

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self._stopped.set()


class SoundClock:
    """A live call in which every stage works in no time at all."""

    live = True

    def arrived(self, end_s: float) -> float:
        return end_s

    def ready(self, available_s: float, free_s: float, compute_s: float) -> float:
        return max(available_s, free_s)


class Hearing:
    """A call made of fakes, with everything that comes of it in reach."""

    def __init__(
        self,
        source: object,
        recognizers: Iterable[ScriptedRecognizer | Exception] = (),
        *,
        understanding: ScriptedUnderstanding | None = None,
        store: CallStore | None = None,
        listeners: Iterable[Listener] = (),
        clock: Clock | None = None,
        queue_blocks: int | None = None,
        second: SecondHearing | None = None,
        drain_s: float = DRAIN_S,
    ) -> None:
        self.understanding = understanding or ScriptedUnderstanding()
        self.shown: list[Event] = []
        """What a page was told, in order, tentative events too."""
        self.log = CallLog("c-1", store=store, listeners=(self._show, *listeners))
        self.call = Call(
            CallIdentity("c-1", lexicon="lexicon 1", model="scripted", started_at="2025-06-01T10:15:00+02:00"),
            source,  # type: ignore[arg-type]  # fakes of several classes; mypy checks each where it is made
            one_after_another(recognizers),
            self.understanding,
            self.log,
            clock or AudioClock(),
            queue_blocks=queue_blocks,
            second=second,
            drain_s=drain_s,
        )

    def run(self) -> list[Event]:
        """Run to the end; returns the kept events."""
        self.call.run()
        return self.kept

    @property
    def kept(self) -> list[Event]:
        """The log so far."""
        return [logged.event for logged in self.log.events()]

    def _show(self, logged: Logged) -> None:
        self.shown.append(logged.event)


def one_after_another(recognizers: Iterable[ScriptedRecognizer | Exception]) -> RecognizerFactory:
    """A factory that gives these in turn, and silent ones after them; an exception is raised instead."""
    left = list(recognizers)

    def new() -> ScriptedRecognizer:
        given = left.pop(0) if left else ScriptedRecognizer()
        if isinstance(given, Exception):
            raise given
        return given

    return new


def names(events: Iterable[Event]) -> list[str]:
    """The events' types, in order."""
    return [type(event).__name__ for event in events]


def of(kind: type[E], events: Iterable[object]) -> list[E]:
    """The events of one type."""
    return [event for event in events if isinstance(event, kind)]
