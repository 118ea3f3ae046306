"""Logs of calls to keep: as long as a test wants, and the same every time."""

from __future__ import annotations

from collections.abc import Sequence

from voice_triage.events import (
    CallEnded,
    CallStarted,
    Event,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    Logged,
    Side,
    Urgency,
    Word,
)


def started(call: str, started_at: str = "2026-03-04T08:30:00-05:00", source: str = "headset") -> CallStarted:
    """The first event of a log."""
    return CallStarted(call=call, at_s=0.0, started_at=started_at, source=source, sample_rate_hz=16000)


def final(utterance: int) -> FinalTranscript:
    """The utterance of that number, ten words long."""
    start_s = 4.0 * utterance
    words = tuple(Word(f"word{utterance}-{i}", start_s + i * 0.3, start_s + (i + 1) * 0.3, 0.9) for i in range(10))
    text = " ".join(word.text for word in words)
    return FinalTranscript(start_s + 3.5, Side.CLIENT, utterance, words, text, start_s, start_s + 3.0)


def flag(
    category: str, urgency: Urgency = Urgency.RED, state: FlagState = FlagState.RAISED, at_s: float = 5.0
) -> FlagRaised:
    """A flag of that category."""
    return FlagRaised(at_s, category, urgency, state, "evidence", ("concept",), 0, 1.0, 2.0, "The client says so.")


def withdrawn(category: str, at_s: float = 9.0) -> FlagWithdrawn:
    """That flag, withdrawn."""
    return FlagWithdrawn(at_s, category, "The client corrected herself.")


def ended(duration_s: float = 60.0, reason: str = "hang-up") -> CallEnded:
    """The last event of a log."""
    return CallEnded(duration_s, duration_s, reason)


def placed(call: str, events: Sequence[Event], first: int = 1) -> list[Logged]:
    """The events in their places, the first one at ``first``."""
    return [Logged(call, first + i, event) for i, event in enumerate(events)]


def running(call: str, length: int) -> list[Logged]:
    """The log, ``length`` events long, of a call that has not ended."""
    return placed(call, [started(call), *(final(i) for i in range(length - 1))])
