"""How long what kind of a call is kept, which calls are past that, and when the rules may act.

A day is 24 hours, counted from the call's beginning in UTC: neither the time zone nor daylight saving moves it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from voice_triage.errors import StoreError
from voice_triage.events import KeptKind
from voice_triage.private_file import write_private
from voice_triage.settings import Settings
from voice_triage.store.calls import CallSummary

STATE_NAME: Final = "retention.json"
GRACE: Final = timedelta(days=14)
"""Between telling that a rule will delete what is kept now, and deleting it [our choice: longer than a vacation]."""
LONGEST_ABSENCE: Final = timedelta(days=7)
"""If the clock is further ahead of when it was last seen, it may be wrong, and nothing is deleted yet [our choice]."""
SECOND_LOOK: Final = timedelta(days=1)
"""So long must it then go on as it is."""


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Days for which each kind is kept; 0: until somebody deletes it."""

    sound_days: int
    transcript_days: int
    note_days: int

    @classmethod
    def of(cls, settings: Settings) -> RetentionRules:
        """Those that are set."""
        return cls(settings.keep_sound_days, settings.keep_transcript_days, settings.keep_note_days)

    def days(self, kind: KeptKind) -> int:
        """Days for one kind."""
        return {
            KeptKind.SOUND: self.sound_days,
            KeptKind.TRANSCRIPT: self.transcript_days,
            KeptKind.NOTE: self.note_days,
        }[kind]

    def stricter_than(self, other: RetentionRules) -> bool:
        """Whether any kind is kept for a shorter time."""
        ours = [(self.days(kind), other.days(kind)) for kind in KeptKind]
        return any(days and (not before or days < before) for days, before in ours)


@dataclass(frozen=True, slots=True)
class Due:
    """A call of which kinds have been kept for as long as the rules say."""

    call: str
    kinds: tuple[KeptKind, ...]
    age_days: float
    kept_because: str = ""
    """Why they stay all the same: a legal hold, or that nobody can say whether there is one."""


def due(
    calls: Iterable[CallSummary],
    rules: RetentionRules,
    now: datetime,
    *,
    has_sound: Callable[[str], bool],
    is_held: Callable[[str], bool],
) -> list[Due]:
    """The calls that have something past its time, the oldest first. Calls without an end have not.

    ``has_sound`` and ``is_held`` may raise StoreError: what cannot be told is kept.
    """
    found = []
    for call in calls:
        age = now - datetime.fromisoformat(call.started_at)
        past = [
            kind
            for kind in KeptKind
            if rules.days(kind) and age >= timedelta(days=rules.days(kind)) and kind.value not in call.removed
        ]
        if call.ended is None or not past:
            continue
        why = ""
        try:
            past = [kind for kind in past if kind is not KeptKind.SOUND or has_sound(call.call)]
            if past and is_held(call.call):
                why = "legal hold"
        except StoreError as error:
            why = str(error)
        if past:
            found.append(Due(call.call, tuple(past), age / timedelta(days=1), why))
    return sorted(found, key=lambda each: -each.age_days)


@dataclass(frozen=True, slots=True)
class RetentionState:
    """What a data folder remembers of its rules and of the clock."""

    rules: RetentionRules
    """Those that were last told of at the desk."""
    act_from: datetime
    """They delete nothing before."""
    seen_at: datetime
    """When the clock was last looked at."""
    ran_at: datetime | None = None
    """When they last acted."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the rules act now."""

    act: bool
    state: RetentionState
    """To be remembered."""
    tell: str = ""
    """A sentence for the desk."""


def decide(before: RetentionState | None, rules: RetentionRules, now: datetime, due_now: Sequence[Due]) -> Decision:
    """Whether the rules may delete by themselves now.

    New or stricter rules that would delete what is kept now are told first, and wait for :data:`GRACE`. A clock that
    has leapt ahead deletes nothing until it has gone on for :data:`SECOND_LOOK`; one that was put back makes every call
    younger, so that nothing is deleted too early.
    """
    going = [each for each in due_now if not each.kept_because]
    if before is None or rules.stricter_than(before.rules):
        wait = GRACE if going else timedelta()
        state = RetentionState(rules, now + wait, now, None if before is None else before.ran_at)
    else:
        leapt = now - before.seen_at > LONGEST_ABSENCE
        # After a leap the waiting is what is left of the grace, or a day; put back, what was waited for stays.
        act_from = max(before.act_from, now + SECOND_LOOK) if leapt else before.act_from
        if now < before.seen_at - SECOND_LOOK:
            act_from = min(act_from, now + GRACE)
        ran_at = None if before.ran_at is not None and before.ran_at > now else before.ran_at
        state = RetentionState(rules, act_from, now, ran_at)
    if now >= state.act_from:
        return Decision(act=True, state=state)
    return Decision(act=False, state=state, tell=_told(going, rules, state.act_from) if going else "")


def _told(going: Sequence[Due], rules: RetentionRules, act_from: datetime) -> str:
    days = ", ".join(f"{kind.value} {rules.days(kind)} days" for kind in KeptKind if rules.days(kind))
    return (
        f"From {act_from.astimezone():%B %d, %Y} on, what has been kept for as long as the settings say is deleted by "
        f"itself ({days}): now that would be of {len(going)} call(s). To keep it longer, set keep_sound_days, "
        "keep_transcript_days or keep_note_days; what would go: voice-triage retention run --dry-run."
    )


def load_state(data_dir: Path) -> RetentionState | None:
    """What the data folder remembers; None if nothing, or nothing that can be read: then all is told anew."""
    try:
        kept = json.loads((data_dir / STATE_NAME).read_text(encoding="utf-8"))
        ran_at = kept["ran_at"]
        return RetentionState(
            RetentionRules(int(kept["sound"]), int(kept["transcript"]), int(kept["note"])),
            _moment(kept["act_from"]),
            _moment(kept["seen_at"]),
            None if ran_at is None else _moment(ran_at),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save_state(data_dir: Path, state: RetentionState) -> None:
    """Remember it. Raises OSError."""
    content = {
        "sound": state.rules.sound_days,
        "transcript": state.rules.transcript_days,
        "note": state.rules.note_days,
        "act_from": state.act_from.astimezone(UTC).isoformat(),
        "seen_at": state.seen_at.astimezone(UTC).isoformat(),
        "ran_at": None if state.ran_at is None else state.ran_at.astimezone(UTC).isoformat(),
    }
    write_private(data_dir / STATE_NAME, json.dumps(content, indent=1).encode())


def acted(state: RetentionState, now: datetime) -> RetentionState:
    """The state after the rules have acted."""
    return replace(state, ran_at=now)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset from UTC")
    return moment
