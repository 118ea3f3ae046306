"""One line of the supervisor's queue: what a call's log says that it can be found and chosen by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    DESK_ACTIONS,
    REVIEW_ENTRIES,
    CallEnded,
    CallStarted,
    DismissalReason,
    Event,
    FlagEnd,
    FlagState,
    GapHeard,
    Logged,
    Outcome,
    Side,
    SourceChanged,
    Urgency,
    Verdict,
)
from voice_triage.flag_card import FlagCard
from voice_triage.report import disposition_of
from voice_triage.review.scorecard import times_of
from voice_triage.review.sheet import ReviewSheet, review_sheet
from voice_triage.utterances import Said, said_in

GAP_SHARE = 0.02
"""Share of the call's time without sound from which a line counts as broken [our choice: a sentence in a call of three
minutes]."""
UNSURE = 0.6
"""Mean confidence below which the client's words count as unclear, as on the live page (``understood.js``)."""
DOUBTED_SHARE = 1 / 3
"""Share of the client's utterances of which neither hearing was sure, from which the words count as unclear."""
PATIENT_FIELDS = ("pet_name", "species", "age")


class LineQuality(StrEnum):
    """How well the client could be heard, over the whole call; of several the first that holds."""

    SILENT = "silent"
    """Nothing was heard from the client for a while, or never."""
    GAPS = "gaps"
    """Sound is missing."""
    CLIPPING = "clipping"
    """Too loud for the line, and distorted."""
    UNCLEAR = "unclear"
    """The words were hardly understood: noise, an accent, another language."""
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class LineFlag:
    """A flag as the queue tells it."""

    category: str
    pet: int
    urgency: Urgency
    withdrawn: bool
    by_hand: bool
    end: FlagEnd | None
    reason: DismissalReason | None
    verdict: Verdict | None
    to_flag_s: float | None
    """As in :class:`voice_triage.review.scorecard.FlagTimes`; None for a flag that only the CSR raised."""
    to_acknowledge_s: float | None
    to_disposition_s: float | None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """What the queue shows and filters by."""

    csr: str
    flags: tuple[LineFlag, ...]
    """Every flag that was ever shown."""
    disposition: str | None
    """As in :func:`voice_triage.report.disposition_of`."""
    quality: LineQuality
    interrupted: bool
    misses: int
    reviewed_at_s: float | None
    """Seconds from the call's beginning until its review was done; None while it is not."""
    reviewed_by: str
    teaching: str | None
    """Its title in the teaching library; None if it is not there."""
    patient: tuple[tuple[str, str], ...]
    """Field and value of what tells the pet in front: name, species, age."""
    missed: tuple[str, ...]
    """Category of each miss."""
    fields: tuple[tuple[str, str], ...]
    """Every patient field with its state (:class:`voice_triage.card.FieldCard`), of all pets."""

    @property
    def flagged(self) -> bool:
        """Whether a flag was raised, by machine or CSR, that nobody withdrew."""
        return any(not flag.withdrawn for flag in self.flags)

    @property
    def dismissed(self) -> bool:
        """Whether the CSR dismissed one."""
        return any(flag.end is FlagEnd.DISMISSED for flag in self.flags)

    @property
    def categories(self) -> tuple[str, ...]:
        """Of the flags that were raised or shown, each once."""
        return tuple(dict.fromkeys(flag.category for flag in self.flags))


def queue_line(log: Sequence[Logged]) -> QueueLine:
    """The line of a call that has ended. Raises ValueError if the log does not begin with CallStarted."""
    folded = DeskCard.of(log)
    card = folded.card()
    started = log[0].event
    assert isinstance(started, CallStarted)
    sheet = review_sheet(log)
    values = {field.field: field.value for field in folded.fields() if field.pet == folded.front and field.value}
    return QueueLine(
        csr=started.csr,
        flags=tuple(_flag(flag, sheet) for flag in card.flags),
        disposition=disposition_of(card.flags),
        quality=line_quality(logged.event for logged in log),
        interrupted=card.ended == "interrupted",
        misses=len(sheet.misses),
        reviewed_at_s=None if sheet.done is None else sheet.done.event.at_s,
        reviewed_by="" if sheet.done is None else sheet.done.event.by,
        teaching=None if sheet.teaching is None else sheet.teaching.event.title,
        patient=tuple((name, values[name]) for name in PATIENT_FIELDS if name in values),
        missed=tuple(each.event.category for each in sheet.misses),
        fields=tuple((field.field, field.state) for field in folded.fields()),
    )


def changes_line(event: Event) -> bool:
    """Whether what came after the call's end can change its line."""
    return isinstance(event, (*DESK_ACTIONS, *REVIEW_ENTRIES))


def line_quality(events: Iterable[Event]) -> LineQuality:
    """How well the client was heard, from what the log says of the line and of the words."""
    events = list(events)
    states = {event.state for event in events if isinstance(event, SourceChanged)}
    gaps_s = sum(event.duration_s for event in events if isinstance(event, GapHeard) and event.side is Side.CLIENT)
    duration_s = next((event.duration_s for event in events if isinstance(event, CallEnded)), 0.0)
    if "silent" in states:
        return LineQuality.SILENT
    if gaps_s and gaps_s >= GAP_SHARE * duration_s:
        return LineQuality.GAPS
    if "clipping" in states:
        return LineQuality.CLIPPING
    client = [said for said in said_in(events) if said.counts.side is Side.CLIENT]
    return LineQuality.UNCLEAR if _unclear(client) else LineQuality.GOOD


def _unclear(client: Sequence[Said]) -> bool:
    if not client:
        return False
    doubted = sum(said.again is not None and said.again.outcome is Outcome.DOUBTED for said in client)
    sure = [word.confidence for said in client for word in said.counts.words]
    return doubted >= DOUBTED_SHARE * len(client) or sum(sure) / len(sure) < UNSURE


def _flag(flag: FlagCard, sheet: ReviewSheet) -> LineFlag:
    judged = sheet.verdicts.get((flag.category, flag.pet))
    end, times = flag.disposition, times_of(flag)
    return LineFlag(
        category=flag.category,
        pet=flag.pet,
        urgency=flag.urgency,
        withdrawn=flag.state is FlagState.WITHDRAWN,
        by_hand=flag.by_hand,
        end=None if end is None else end.end,
        reason=None if end is None else end.reason,
        verdict=None if judged is None else judged.event.verdict,
        to_flag_s=times.to_flag_s,
        to_acknowledge_s=times.to_acknowledge_s,
        to_disposition_s=times.to_disposition_s,
    )
