"""What stands around a call: what reads its words, what keeps its sound, and what is told when one fails."""

from __future__ import annotations

from typing import Protocol

from voice_triage.call_cards import JudgedSound
from voice_triage.call_log import code_of
from voice_triage.errors import VoiceTriageError
from voice_triage.events import Block, Event, FinalTranscript, Gap, PartialTranscript, StageFailed


class Understanding(Protocol):
    """What reads transcripts: :class:`voice_triage.triage.state.CallUnderstanding`, or a scripted one in tests."""

    def hear(self, transcript: PartialTranscript | FinalTranscript) -> list[Event]:
        """Flags, fields and mentions that changed; its ``at_s`` is the call time of the sound that it comes from."""

    def revise(self, transcript: FinalTranscript) -> list[Event]:
        """Likewise, after an utterance was heard again; ``transcript`` replaces its words."""

    def correct(self, transcript: FinalTranscript) -> list[Event]:
        """Likewise, after the first hearing's words of an utterance changed: a number in it has been judged."""

    def line(self, state: str) -> None:
        """How the client's line is from now on."""

    def settle(self, at_s: float) -> list[Event]:
        """What changed because sound up to ``at_s`` brought no other words; called for each piece that brought none."""


class Recording(JudgedSound, Protocol):
    """What keeps the sound: :class:`voice_triage.audio.recording.Recorder`."""

    def hear(self, sound: Block | Gap) -> None:
        """The next sound; returns at once."""

    def close(self) -> None:
        """The call has ended."""

    def discard(self) -> None:
        """The call has ended, and nothing of it is to be kept."""


def not_understood(error: Exception) -> StageFailed:
    """What the CSR is told when reading failed."""
    advice = "A sentence was heard but could not be checked for red flags. Read it yourself; the next ones are checked."
    return StageFailed(0.0, "understanding", code_of(error), advice)


def source_failed(at_s: float, error: Exception) -> StageFailed:
    """What the CSR is told when the source failed."""
    advice = "The sound ended early, so the rest of the call was not heard. Take notes yourself."
    if isinstance(error, VoiceTriageError):
        advice = f"{advice} {error}"
    return StageFailed(at_s, "source", code_of(error), advice)
