"""What of a call's log may be kept: all of it, all but a stretch that was paused, or only what the CSR typed.

It follows from the log alone, in its order, so that what is on the disk, the hand-off of a call in memory and a test
come to the same. The kept log has an event for each of the whole one, in the same place: :class:`NotKept` stands for
what may not be kept.

**Paused** (and what was said before a client who had refused agreed): the words of the stretch are in no kept event.
An utterance that reaches into it keeps its other words and loses what was understood of it. A flag that rests on such
words keeps category, urgency and times.

**Refused**: only what the CSR did by hand stays: notes, advice, flags raised by hand, fields confirmed or typed, and
hand-off notes, made anew from these alone. What became of a flag that the machine had raised stays as a note.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from voice_triage.console.wording import CATEGORIES
from voice_triage.events import (
    ActionUndone,
    AdviceGiven,
    CallEnded,
    CallStarted,
    Consent,
    ConsentChanged,
    Event,
    FieldSettled,
    FieldSuggested,
    FinalTranscript,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaised,
    FlagRaisedByHand,
    FlagWithdrawn,
    HandedOff,
    LaneShown,
    Logged,
    MentionsRead,
    NoteTyped,
    NotKept,
    PetsTold,
    QuestionsSuggested,
    RecordingPaused,
    RecordingResumed,
    Settlement,
    UtteranceReheard,
)
from voice_triage.hand_off import ENDS, HEARD_ONLY, hand_off_of, hand_off_text

MARGIN_S = 0.5
"""So near to a stretch that may not be kept nothing is kept either: recognizers place words a little off, and sound is
written in pieces of half a second."""
WITHOUT_WORDS = "What was said is not kept: recording was paused."
"""Stands where a flag's reason would quote such words."""
TYPED = (NoteTyped, AdviceGiven, FlagRaisedByHand, FieldSettled, HandedOff)
"""Events for which a refused call has an entry at all."""
_QUOTE = re.compile(r"“([^”]*)”")


class KeptPart:
    """Takes a call's log as it grows; :attr:`log` is what of it may be kept."""

    def __init__(self) -> None:
        self.log: list[Logged] = []
        """As long as what was taken; made anew by a refusal, else only added to."""
        self.consent: Consent | None = None
        """None for a call that nobody has to consent to: a walk-in."""
        self.held = False
        """Undecided, and not to be written yet."""
        self._whole: list[Logged] = []
        self._stretches: list[tuple[float, float]] = []
        """Call times between which nothing may be kept; the last one may be open."""
        self._words: dict[int, str] = {}
        """Utterance to those of its words that may be kept, empty if it reaches into a stretch."""
        self._values: set[str] = set()
        """Suggested values that may not be kept."""
        self._told: set[str] = set()
        """Words by which pets were told apart, that may be kept."""
        self._by_hand: set[tuple[str, int]] = set()
        self._at_s = 0.0

    def take(self, logged: Logged) -> None:
        """The next event of the log, in order; tentative ones are none of it."""
        self._whole.append(logged)
        event = logged.event
        if isinstance(event, ConsentChanged):
            self._change(event)
        elif isinstance(event, RecordingPaused):
            self._stretches.append((event.at_s, math.inf))
        elif isinstance(event, RecordingResumed | CallEnded):
            self._close(event.at_s)
        if isinstance(event, ConsentChanged) and event.consent is Consent.REFUSED:
            self._only_typed()
            return
        kept = self._typed(logged) if self.consent is Consent.REFUSED else self._without_words(event)
        self._put(logged, kept)

    @property
    def typed(self) -> bool:
        """Whether there is anything that the CSR typed."""
        return any(isinstance(logged.event, TYPED) for logged in self.log)

    def unkept(self, start_s: float, end_s: float) -> bool:
        """Whether anything between these call times may not be kept, as far as is known now."""
        return any(start_s < end + MARGIN_S and end_s > start - MARGIN_S for start, end in self._stretches)

    # --- consent and pauses ---------------------------------------------------------------------------------------

    def _change(self, event: ConsentChanged) -> None:
        before, self.consent = self.consent, event.consent
        self.held = event.held
        if event.consent is Consent.REFUSED:
            self._stretches = [(-math.inf, math.inf)]
        elif before is Consent.REFUSED:
            self._close(event.at_s)

    def _close(self, at_s: float) -> None:
        """What is said from now on may be kept again, if the client has not refused."""
        if self.consent is not Consent.REFUSED:
            self._stretches = [(start, min(end, at_s)) for start, end in self._stretches]

    def _put(self, logged: Logged, kept: Event | None) -> None:
        if kept is None:
            kept = NotKept(self._at_s)
        self._at_s = kept.at_s
        self.log.append(Logged(logged.call, logged.sequence, kept))

    # --- refused --------------------------------------------------------------------------------------------------

    def _only_typed(self) -> None:
        self.log, self._at_s = [], 0.0
        self._by_hand.clear()
        self._words.clear()
        self._told.clear()
        for logged in self._whole:
            self._put(logged, self._typed(logged))

    def _typed(self, logged: Logged) -> Event | None:
        match event := logged.event:
            case FinalTranscript() | UtteranceReheard():  # should the client agree later, nothing tells of these
                self._words[event.utterance] = ""
                return None
            case FieldSuggested():
                self._values.add(event.value)
                return None
            case CallStarted() | CallEnded() | ConsentChanged() | NoteTyped() | AdviceGiven():
                return event
            case FlagRaisedByHand():
                self._by_hand.add((event.category, event.pet))
                return event
            case FieldSettled():  # a rejected value is one that was heard
                return None if event.state is Settlement.REJECTED else event
            case FlagAcknowledged() | FlagEnded() if (event.category, event.pet) in self._by_hand:
                return event
            case FlagEnded():
                return _end_as_note(event)
            case HandedOff():
                return replace(event, note=self._note_from_typed(event, logged.sequence))
            case ActionUndone():
                return event if any(isinstance(known.event, TYPED) and known.sequence == event.sequence
                                    for known in self.log) else None  # fmt: skip
            case _:
                return None

    def _note_from_typed(self, event: HandedOff, sequence: int) -> str:
        """The hand-off note as it is without anything that was heard, and what was typed into it."""
        heard_too = [logged for logged in self._whole if logged.sequence < sequence]
        made = set(hand_off_text(hand_off_of(heard_too)).splitlines()) if heard_too else set()
        typed = [line for line in event.note.splitlines() if line not in made and not self._may_be_heard(line)]
        anew = hand_off_text(hand_off_of(self.log)) if self.log else ""
        return "\n".join([anew.rstrip("\n"), *(line for line in typed if line not in anew)]) + "\n"

    def _may_be_heard(self, line: str) -> bool:
        """Whether a line of a note may come from what was heard, though the note would be made otherwise now."""
        said = " ".join(
            logged.event.text for logged in self._whole if isinstance(logged.event, FinalTranscript | UtteranceReheard)
        )
        quoted = any(quote and quote in said for quote in _QUOTE.findall(line))
        return quoted or HEARD_ONLY in line or any(heading in line for heading in CATEGORIES.values())

    # --- paused ---------------------------------------------------------------------------------------------------

    def _without_words(self, event: Event) -> Event | None:
        """What may be kept of an event of a call that is not refused."""
        match event:
            case FinalTranscript():
                kept = self._trimmed(event)
                self._words[event.utterance] = event.text if kept is event else ""
                return kept
            case UtteranceReheard():
                if self.unkept(event.start_s, event.end_s):
                    self._words[event.utterance] = ""
                    return None
                self._words[event.utterance] = f"{self._words.get(event.utterance, '')}\n{event.text}"
            case FieldSuggested() if self._touched(event.utterance, event.start_s, event.end_s):
                self._values.add(event.value)
                return None
            case PetsTold() if not self._stretches:
                self._told.update(pet.evidence for pet in event.pets)
        return self._cleared(event) if self._stretches else event

    def _cleared(self, event: Event) -> Event | None:
        """An event after the first pause; others need no look."""
        match event:
            case MentionsRead():
                touched = any(self._touched(each.utterance, each.start_s, each.end_s) for each in event.mentions)
                return None if touched or self._words.get(event.utterance) == "" else event
            case FlagRaised() if self._touched(event.utterance, event.start_s, event.end_s):
                return replace(event, evidence="", concepts=(), reason=WITHOUT_WORDS, rule="")
            case FlagRaised() if not self._is_kept(event.reason):
                return replace(event, concepts=(), reason=WITHOUT_WORDS, rule="")
            case FlagWithdrawn() if not self._is_kept(event.reason):
                return replace(event, reason=WITHOUT_WORDS)
            case FieldSuggested() if event.contradicts in self._values:
                return replace(event, contradicts=None)
            case PetsTold():
                pets = tuple(pet if pet.evidence in self._told else replace(pet, evidence="") for pet in event.pets)
                return replace(event, pets=pets)
            case QuestionsSuggested() if any(self._tells_value(each.text) for each in event.questions):
                return None
            case LaneShown() if event.evidence and not self._words.get(event.utterance):
                return replace(event, evidence="")
            case _:
                return event

    def _trimmed(self, event: FinalTranscript) -> FinalTranscript | None:
        if not self.unkept(event.start_s, event.end_s):
            return event
        words = tuple(word for word in event.words if not self.unkept(word.start_s, word.end_s))
        if not words:
            return None
        text = " ".join(word.text for word in words)
        return replace(event, words=words, text=text, start_s=words[0].start_s, end_s=words[-1].end_s)

    def _touched(self, utterance: int, start_s: float, end_s: float) -> bool:
        return self._words.get(utterance) == "" or self.unkept(start_s, end_s)

    def _is_kept(self, text: str) -> bool:
        """Whether every quote in a sentence is from words that may be kept."""
        return all(any(quote in words for words in self._words.values()) for quote in _QUOTE.findall(text))

    def _tells_value(self, text: str) -> bool:
        return any(value.casefold() in text.casefold() for value in self._values if value)


def as_kept(log: Iterable[Logged]) -> Sequence[Logged]:
    """What of a log may be kept, as long as the log; a log that was kept stays as it is."""
    part = KeptPart()
    for logged in log:
        part.take(logged)
    return part.log


def _end_as_note(event: FlagEnded) -> NoteTyped | None:
    """What the CSR did about a flag that the machine raised: their own statement, and what they typed."""
    heading = "" if event.end is FlagEnd.DISMISSED else f"{CATEGORIES.get(event.category, event.category)}: "
    done = "" if event.end is FlagEnd.DISMISSED else ENDS[event.end]
    text = f"{heading}{done}{': ' if done and event.note else ''}{event.note}"
    return NoteTyped(event.at_s, text) if text else None
