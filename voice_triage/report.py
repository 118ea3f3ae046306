"""The call report: one view of a call's event log (``voice-triage-report/1``).

It is built from events alone, so a live call, ``analyze``, ``calls show`` and a replay give the same report.

Keys, with times in seconds of call audio: ``format``, ``id``, ``audio`` (``path``, ``duration_s``, ``sample_rate_hz``),
``utterances``, ``mentions``, ``flags``, ``fields`` (the sick pet's and the caller's), ``timing`` (``compute_s``,
``real_time_factor``), and beyond the required ones ``pets`` (a card for each pet, the sick one first, where the client
speaks of several or of one that has died; mentions and flags carry its number as ``pet``), ``heard_by``, ``lexicon``,
``started_at``, ``sample``, ``ended`` (null without an end), ``gaps``, ``failures``: doubt is shown, never hidden.
Flags and fields carry what the CSR did: a flag ``open``, ``by_hand``, ``note``, ``acknowledged_at_s``, ``reopened`` and
``disposition`` (null, or ``end``, ``at_s``, ``reason``, ``note``); a field its ``state`` and ``settled_at_s``. A field
that was rejected, or that the client does not know, has no value: it stands in ``unsettled`` with its state. The call
carries ``disposition`` (``open`` while a flag has no end, else the end that counts most, null without flags),
``consent`` (null for a walk-in, the sample and a file that was analyzed; else its ``state``, whether it is ``held``
undecided in memory, its ``changes`` and the ``pauses`` of the recording), ``walk_in``, ``lanes``, ``not_asked``,
``notes``, ``advice``, ``handed_off``, and ``removed``: what was deleted of it
since (``kinds``, ``at``, ``why``), of which times, categories and ends are left. What was undone is in the log alone.
A mention's ``text`` is what was heard; ``meant`` the same with the real term in it where the recognizer wrote another
("ate my zan ax", "ate my xanax"), else empty. Utterances and mentions carry ``utterance``, the index that ties them
together. The format's statuses know no words that mean something else ("bleeding me dry"): such a mention is
``negated`` by the rule ``idiom``, and no denial. An utterance's ``heard_by`` says which ear its words are from; one
that was heard again also carries ``first_hearing`` (the live words) and ``second_hearing`` (``outcome``, ``text``,
``at_s``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from voice_triage.card import FieldCard
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    CALLER_FIELDS,
    TENTATIVE,
    CallEnded,
    CallStarted,
    ConsentChanged,
    Event,
    FinalTranscript,
    FlagEnd,
    GapHeard,
    Logged,
    Mention,
    MentionsRead,
    PartDeleted,
    RecordingPaused,
    RecordingResumed,
    StageFailed,
    Status,
    UtteranceReheard,
    Word,
)
from voice_triage.flag_card import FlagCard
from voice_triage.utterances import Said, said_in

FORMAT = "voice-triage-report/1"
VALUELESS = ("rejected", "unknown")
"""States of a field that has no value."""
Report = dict[str, Any]


def call_report(events: Iterable[Event]) -> Report:
    """The report of one call from its log, also of one that was interrupted or still runs.

    Raises ValueError if the log does not begin with CallStarted.
    """
    view = _View(events)
    if view.started is None:
        raise ValueError("a call's log begins with CallStarted")
    started, ended, card = view.started, view.ended, view.card.card()
    duration_s = view.duration_s
    compute_s = None if ended is None else ended.compute_s
    return {
        "format": FORMAT,
        "id": started.call,
        "audio": {"path": started.source, "duration_s": duration_s, "sample_rate_hz": started.sample_rate_hz},
        "utterances": [_utterance(said) for said in view.said()],
        "mentions": [_mention(mention) for mention in view.mentions()],
        "flags": view.flags(),
        "fields": view.front_fields(),
        "unsettled": view.unsettled(),
        "pets": view.pets(),
        "timing": {
            "compute_s": compute_s,
            "real_time_factor": round(compute_s / duration_s, 4) if compute_s is not None and duration_s else None,
        },
        "heard_by": started.model,
        "lexicon": started.lexicon,
        "started_at": started.started_at,
        "sample": started.sample,
        "walk_in": card.walk_in,
        "consent": view.consent(),
        "ended": None if ended is None else ended.reason,
        "gaps": [
            {"side": str(gap.side), "start_s": gap.start_s, "duration_s": gap.duration_s, "reason": gap.reason}
            for gap in view.gaps
        ],
        "failures": [_flat(failure) for failure in view.failures],
        "disposition": disposition_of(card.flags),
        "lanes": [{"lane": lane.lane, "evidence": lane.evidence, "pet": lane.pet} for lane in card.lanes],
        "not_asked": list(card.not_asked),
        "notes": [{"at_s": each.at_s, "text": each.text} for each in card.notes],
        "advice": [{"at_s": each.at_s, "text": each.text, "line": each.line} for each in card.advice],
        "handed_off": [{"at_s": each.at_s, "to": str(each.to)} for each in card.handed_off],
        "removed": [
            {"kinds": [str(kind) for kind in each.kinds], "at": each.deleted_at, "why": each.why}
            for each in view.removed
        ],
    }


def text_report(item: str, text: str, events: Iterable[Event]) -> Report:
    """The report of written text: the same keys where they mean something, ``text`` as given, and no times."""
    view = _View(events)
    report: Report = {
        "format": FORMAT,
        "id": item,
        "text": text,
        "utterances": [{"utterance": said.counts.utterance, "text": said.counts.text} for said in view.said()],
        "mentions": [_mention(mention) for mention in view.mentions()],
        "flags": view.flags(),
        "fields": view.front_fields(),
        "pets": view.pets(),
        "failures": [_flat(failure) for failure in view.failures],
    }
    timeless: Report = _without_times(report)
    return timeless


def disposition_of(flags: Iterable[FlagCard]) -> str | None:
    """What became of a call's flags: ``open``, or the end that counts most; None if no flag stood."""
    standing = [flag for flag in flags if flag.open or flag.disposition is not None]
    if any(flag.open for flag in standing):
        return "open"
    ends = {flag.disposition.end for flag in standing if flag.disposition is not None}
    return next((str(end) for end in FlagEnd if end in ends), None)


def duration_s(events: Sequence[Event]) -> float:
    """How long a call was, in seconds; of an interrupted one: to the end of the last thing known of it."""
    for event in reversed(events):
        if isinstance(event, CallEnded):
            return event.duration_s
    ends = [event.end_s for event in events if isinstance(event, FinalTranscript | UtteranceReheard)]
    return max([*ends, *(gap.start_s + gap.duration_s for gap in events if isinstance(gap, GapHeard))], default=0.0)


class _View:
    """What a log says in the end."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.card = DeskCard()
        self.started: CallStarted | None = None
        self.ended: CallEnded | None = None
        self.gaps: list[GapHeard] = []
        self._consents: list[ConsentChanged] = []
        self._pauses: list[dict[str, float | None]] = []
        self.failures: list[StageFailed] = []
        self.removed: list[PartDeleted] = []
        self._heard: list[FinalTranscript | UtteranceReheard] = []
        self._mentions: dict[int, MentionsRead] = {}
        sequence = 0
        for event in events:
            sequence += not isinstance(event, TENTATIVE)  # as the log counts
            self.card.take(Logged("", sequence, event))
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case CallStarted():
                self.started = event
            case CallEnded():
                self.ended = event
            case FinalTranscript() | UtteranceReheard():
                self._heard.append(event)
            case MentionsRead():
                self._mentions[event.utterance] = event
            case GapHeard():
                self.gaps.append(event)
            case ConsentChanged():
                self._consents.append(event)
            case RecordingPaused():
                self._pauses.append({"start_s": event.at_s, "end_s": None})
            case RecordingResumed() if self._pauses:
                self._pauses[-1]["end_s"] = event.at_s
            case StageFailed():
                self.failures.append(event)
            case PartDeleted():
                self.removed.append(event)
            case _:  # shown live only, or on the card
                pass

    @property
    def duration_s(self) -> float:
        return duration_s([*self._heard, *self.gaps, *([self.ended] if self.ended is not None else [])])

    def consent(self) -> dict[str, Any] | None:
        """What the client said, or was told, about being recorded; None where nobody has to be asked."""
        if not self._consents:
            return None
        return {
            "state": str(self._consents[-1].consent),
            "held": self._consents[-1].held,
            "changes": [{"at_s": each.at_s, "consent": str(each.consent), "by": each.by} for each in self._consents],
            "pauses": self._pauses,
        }

    def said(self) -> list[Said]:
        """What was said, in order of the call, in the words that count."""
        return said_in(self._heard)

    def mentions(self) -> list[Mention]:
        return [mention for _, read in sorted(self._mentions.items()) for mention in read.mentions]

    def flags(self) -> list[dict[str, Any]]:
        return [_flag(flag.card()) for flag in self.card.flags]

    def front_fields(self) -> dict[str, Any]:
        """Those of the sick pet and the caller that have a value."""
        fields = [each for each in self.card.fields() if each.pet == self.card.front or each.field in CALLER_FIELDS]
        return {each.field: _field(each) for each in fields if each.state not in VALUELESS}

    def unsettled(self) -> dict[str, str]:
        """Those of the sick pet and the caller that the CSR left without a value, with their state."""
        fields = [each for each in self.card.fields() if each.pet == self.card.front or each.field in CALLER_FIELDS]
        return {each.field: each.state for each in fields if each.state in VALUELESS}

    def pets(self) -> list[dict[str, Any]]:
        """A card for each pet, the sick one first; none for a call about one living pet."""
        cards = self.card.pets
        if cards.told is None:
            return []
        fields = [each for each in self.card.fields() if each.field not in CALLER_FIELDS]
        return [
            {
                "pet": pet.pet,
                "front": pet.pet == cards.front,
                "evidence": pet.evidence,
                "died": pet.died,
                "fields": {
                    each.field: _field(each) for each in fields if each.pet == pet.pet and each.state not in VALUELESS
                },
            }
            for pet in cards.pets
        ]


def _flag(flag: FlagCard) -> dict[str, Any]:
    ended = flag.disposition
    entry: dict[str, Any] = {
        "category": flag.category,
        "urgency": str(flag.urgency),
        "state": str(flag.state),
        "evidence": flag.evidence,
        "concepts": list(flag.concepts),
        "utterance": flag.utterance,
        "start_s": flag.start_s,
        "end_s": flag.end_s,
        "provisional_at_s": flag.provisional_at_s,
        "raised_at_s": flag.raised_at_s,
        "reason": flag.reason,
        "rule": flag.rule,
        "confidence": flag.confidence,
        "possible": flag.possible,
        "pet": flag.pet,
        "open": flag.open,
        "by_hand": flag.by_hand,
        "note": flag.note,
        "acknowledged_at_s": flag.acknowledged_at_s,
        "reopened": flag.reopened,
        "disposition": None
        if ended is None
        else {
            "end": str(ended.end),
            "at_s": ended.at_s,
            "reason": None if ended.reason is None else str(ended.reason),
            "note": ended.note,
        },
    }
    if flag.withdrawn_at_s is not None:
        entry |= {"withdrawn_at_s": flag.withdrawn_at_s, "withdrawn_because": flag.withdrawn_because}
    return entry


def _utterance(said: Said) -> dict[str, Any]:
    counts, live, again = said.counts, said.live, said.again
    entry = {
        "utterance": counts.utterance,
        "side": str(counts.side),
        "start_s": counts.start_s,
        "end_s": counts.end_s,
        "text": counts.text,
        "words": [_flat(word) for word in counts.words],
        "heard_by": counts.heard_by,
    }
    if again is not None:
        entry |= {
            "second_hearing": {"outcome": str(again.outcome), "text": again.text, "at_s": again.at_s},
            "first_hearing": "" if live is None else live.text,
        }
    return entry


def _field(field: FieldCard) -> dict[str, Any]:
    suggested, settled_at_s = field.suggestion, field.settled_at_s
    return {
        "value": field.value,
        "evidence": suggested.evidence if suggested is not None else "",
        "utterance": suggested.utterance if suggested is not None else -1,
        "start_s": suggested.start_s if suggested is not None else settled_at_s,
        "end_s": suggested.end_s if suggested is not None else settled_at_s,
        "confidence": suggested.confidence if suggested is not None else 1.0,
        "state": field.state,
        "provisional": suggested is not None and settled_at_s is None and suggested.provisional,
        "contradicts": field.also_said,
        "settled_at_s": settled_at_s,
    }


def reported_status(status: Status) -> str:
    """A status as the report's format has it: words that mean something else are ``negated``; their rule tells."""
    return str(Status.NEGATED if status is Status.NOT_MEANT else status)


def _mention(mention: Mention) -> dict[str, Any]:
    return _flat(mention) | {"status": reported_status(mention.status)}


def _flat(record: Mention | StageFailed | Word) -> dict[str, Any]:
    """A record of plain values as a dictionary; ``dataclasses.asdict`` copies deeply, which costs ``scan`` a tenth."""
    return {item.name: getattr(record, item.name) for item in dataclasses.fields(record)}


def _without_times(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_times(item) for key, item in value.items() if not str(key).endswith("_s")}
    if isinstance(value, list):
        return [_without_times(item) for item in value]
    return value
