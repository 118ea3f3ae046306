"""One call read again by a lexicon: from its words and times, in both hearings, in the order in which they came.

The same understanding reads it as in the call, revisions included. What a log does not hold cannot be read again: the
open utterances (``PartialTranscript``), so that nothing is provisional for being open still, and whether the line was
noisy. What stands at the end of a call hardly depends on either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from voice_triage.events import (
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    Side,
    Urgency,
    UtteranceReheard,
)
from voice_triage.rehearings import settled
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding
from voice_triage.triage.tokens import words_of_text
from voice_triage.triage.two_hearings import TwoHearings

READ_AGAIN: tuple[type[Event], ...] = (FinalTranscript, UtteranceReheard)
"""The words: all of a log that is read again."""
JUDGED: tuple[type[Event], ...] = (FlagRaised, FlagWithdrawn)
"""What the machine made of them at the time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A flag as it stands when all has been said."""

    category: str
    urgency: Urgency
    raised: bool
    """Else it is only possible (``FlagState.PROVISIONAL``)."""
    evidence: str
    """The client's exact words."""
    start_s: float
    """Call time of these words; 0 in written text."""
    reason: str
    rule: str
    concepts: tuple[str, ...]


Flags = dict[str, Standing]
"""By category."""
Fields = dict[tuple[int, str], str]
"""By pet and field."""


@dataclass(slots=True)
class Read:
    """What one lexicon makes of a call in the end."""

    flags: Flags = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    failed: int = 0
    """Utterances that could not be understood; in the call they are told as StageFailed."""

    def take(self, events: Iterable[Event]) -> None:
        """Follow what the understanding, or a log, says."""
        for event in events:
            match event:
                case FlagRaised(state=FlagState.WITHDRAWN) | FlagWithdrawn():
                    self.flags.pop(event.category, None)
                case FlagRaised():
                    self.flags[event.category] = _standing(event)
                case FieldSuggested():
                    self.fields[event.pet, event.field] = event.value
                case FieldRetracted():
                    self.fields.pop((event.pet, event.field), None)
                case _:
                    pass

    @property
    def raised(self) -> dict[str, Urgency]:
        """Category and urgency of the flags that stand raised."""
        return {each.category: each.urgency for each in self.flags.values() if each.raised}


def reread(events: Sequence[Event], lexicon: Lexicon) -> Read:
    """What ``lexicon`` makes of a call's words; ``events`` are its log, or of it those of ``READ_AGAIN``."""
    twice = any(isinstance(event, UtteranceReheard) for event in events)
    # Heard once, both give the same (TwoHearings says so), and one understanding costs half.
    understanding = TwoHearings(lexicon) if twice else CallUnderstanding(lexicon)
    read = Read()

    def understood(hear: Callable[[FinalTranscript], list[Event]], said: FinalTranscript) -> None:
        try:
            read.take(hear(said))
        except Exception:  # noqa: BLE001 - counted and shown, as a call goes on after a sentence that fails
            read.failed += 1

    for event in events:
        if isinstance(event, FinalTranscript) and event.side is Side.CLIENT:
            understood(understanding.hear, event)
        elif isinstance(event, UtteranceReheard) and event.side is Side.CLIENT and (final := settled(event)):
            understood(understanding.revise, final)
    return read


def said_in_text(text: str) -> list[FinalTranscript]:
    """Written text as utterances, one a line, as ``scan`` reads it: without times."""
    lines = [words for line in text.splitlines() if (words := words_of_text(line))]
    return [
        FinalTranscript(0.0, Side.CLIENT, number, words, " ".join(word.text for word in words), 0.0, 0.0, "text")
        for number, words in enumerate(lines)
    ]


class Change(StrEnum):
    """How a flag of one lexicon stands to the other's."""

    GAINED = "gained"
    """Raised now, and not before."""
    LOST = "lost"
    """Raised before, and not now."""
    NOW_RED = "now_red"
    NOW_ORANGE = "now_orange"
    NOW_POSSIBLE = "now_possible"
    """Shown as possible now, and not at all before."""
    NO_LONGER_POSSIBLE = "no_longer_possible"


@dataclass(frozen=True, slots=True)
class FlagChange:
    """One category of one call that the two lexicons judge differently."""

    change: Change
    before: Standing | None
    now: Standing | None

    @property
    def shown(self) -> Standing:
        """The flag that the change is about: the new one, or the one that is lost."""
        flag = self.now if self.now is not None and (self.now.raised or self.before is None) else self.before
        assert flag is not None
        return flag


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One patient field that the two lexicons fill differently; None: not at all."""

    pet: int
    field: str
    before: str | None
    now: str | None


def flag_changes(before: Flags, now: Flags) -> tuple[FlagChange, ...]:
    """Every category that differs in more than its words, in order of name."""
    changes = []
    for category in sorted({*before, *now}):
        old, new = before.get(category), now.get(category)
        if (change := _change(old, new)) is not None:
            changes.append(FlagChange(change, old, new))
    return tuple(changes)


def field_changes(before: Fields, now: Fields) -> tuple[FieldChange, ...]:
    """Every field that differs."""
    return tuple(
        FieldChange(pet, name, before.get((pet, name)), now.get((pet, name)))
        for pet, name in sorted({*before, *now})
        if before.get((pet, name)) != now.get((pet, name))
    )


def _change(before: Standing | None, now: Standing | None) -> Change | None:
    was, is_now = before is not None and before.raised, now is not None and now.raised
    if was != is_now:
        return Change.GAINED if is_now else Change.LOST
    if before is None or now is None:
        if before is now:
            return None
        return Change.NOW_POSSIBLE if before is None else Change.NO_LONGER_POSSIBLE
    if was and before.urgency is not now.urgency:
        return Change.NOW_RED if now.urgency is Urgency.RED else Change.NOW_ORANGE
    return None


def _standing(flag: FlagRaised) -> Standing:
    return Standing(
        flag.category,
        flag.urgency,
        flag.state is FlagState.RAISED,
        flag.evidence,
        flag.start_s,
        flag.reason,
        flag.rule,
        flag.concepts,
    )
