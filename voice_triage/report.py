"""The call report: one view of a call's event log (``voice-triage-report/1``).

It is built from events alone, so a live call, ``analyze``, ``calls show`` and a replay give the same report.

Keys, with times in seconds of call audio: ``format``, ``id``, ``audio`` (``path``, ``duration_s``, ``sample_rate_hz``),
``utterances``, ``mentions``, ``flags``, ``fields`` (the sick pet's and the caller's), ``timing`` (``compute_s``,
``real_time_factor``), and beyond the required ones ``pets`` (a card for each pet, the sick one first, where the client
speaks of several or of one that has died; mentions and flags carry its number as ``pet``), ``heard_by``, ``lexicon``,
``started_at``, ``sample``, ``ended`` (null without an end), ``gaps``, ``failures``: doubt is shown, never hidden.
Utterances and mentions carry ``utterance``, the index that ties them together. The format's statuses know no words that
mean something else ("bleeding me dry"): such a mention is ``negated`` by the rule ``idiom``, and no denial. An
utterance's ``heard_by`` says which ear its words are from; one that was heard again also carries ``first_hearing`` (the
live words) and ``second_hearing`` (``outcome``, ``text``, ``at_s``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from voice_triage.events import (
    CallEnded,
    CallStarted,
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    GapHeard,
    Mention,
    MentionsRead,
    PetsTold,
    Side,
    StageFailed,
    Status,
    UtteranceReheard,
    Word,
)
from voice_triage.pet_cards import PetCards
from voice_triage.utterances import Said, said_in

FORMAT = "voice-triage-report/1"
UNENDED = "interrupted (or still running)"
"""What a person reads of a log without an end: from the log alone the two cannot be told apart."""
Report = dict[str, Any]


def call_report(events: Iterable[Event]) -> Report:
    """The report of one call from its log, also of one that was interrupted or still runs.

    Raises ValueError if the log does not begin with CallStarted.
    """
    view = _View()
    for event in events:
        view.take(event)
    if view.started is None:
        raise ValueError("a call's log begins with CallStarted")
    started, ended = view.started, view.ended
    duration_s = view.duration_s
    compute_s = None if ended is None else ended.compute_s
    return {
        "format": FORMAT,
        "id": started.call,
        "audio": {"path": started.source, "duration_s": duration_s, "sample_rate_hz": started.sample_rate_hz},
        "utterances": [_utterance(said) for said in view.said()],
        "mentions": [_mention(mention) for mention in view.mentions()],
        "flags": view.flags(),
        "fields": {name: _field(suggested) for name, suggested in view.cards.front_fields().items()},
        "pets": view.pets(),
        "timing": {
            "compute_s": compute_s,
            "real_time_factor": round(compute_s / duration_s, 4) if compute_s is not None and duration_s else None,
        },
        "heard_by": started.model,
        "lexicon": started.lexicon,
        "started_at": started.started_at,
        "sample": started.sample,
        "ended": None if ended is None else ended.reason,
        "gaps": [
            {"side": str(gap.side), "start_s": gap.start_s, "duration_s": gap.duration_s, "reason": gap.reason}
            for gap in view.gaps
        ],
        "failures": [_flat(failure) for failure in view.failures],
    }


def text_report(item: str, text: str, events: Iterable[Event]) -> Report:
    """The report of written text: the same keys where they mean something, ``text`` as given, and no times."""
    view = _View()
    for event in events:
        view.take(event)
    report: Report = {
        "format": FORMAT,
        "id": item,
        "text": text,
        "utterances": [{"utterance": said.counts.utterance, "text": said.counts.text} for said in view.said()],
        "mentions": [_mention(mention) for mention in view.mentions()],
        "flags": view.flags(),
        "fields": {name: _field(suggested) for name, suggested in view.cards.front_fields().items()},
        "pets": view.pets(),
        "failures": [_flat(failure) for failure in view.failures],
    }
    timeless: Report = _without_times(report)
    return timeless


class _View:
    """What a log says in the end."""

    def __init__(self) -> None:
        self.started: CallStarted | None = None
        self.ended: CallEnded | None = None
        self.cards = PetCards()
        self.gaps: list[GapHeard] = []
        self.failures: list[StageFailed] = []
        self._heard: list[FinalTranscript | UtteranceReheard] = []
        self._mentions: dict[int, MentionsRead] = {}
        self._flags: dict[str, _Flag] = {}

    def take(self, event: Event) -> None:
        match event:
            case CallStarted():
                self.started = event
            case CallEnded():
                self.ended = event
            case FinalTranscript() | UtteranceReheard():
                self._heard.append(event)
            case MentionsRead():
                self._mentions[event.utterance] = event
            case FlagRaised():
                self._flags.setdefault(event.category, _Flag()).shown(event)
            case FlagWithdrawn():
                if (flag := self._flags.get(event.category)) is not None:
                    flag.withdrawn = event
            case FieldSuggested() | FieldRetracted() | PetsTold():
                self.cards.take(event)
            case GapHeard():
                self.gaps.append(event)
            case StageFailed():
                self.failures.append(event)
            case _:  # shown live only
                pass

    @property
    def duration_s(self) -> float:
        """Of an interrupted call: to the end of the last thing known of it."""
        if self.ended is not None:
            return self.ended.duration_s
        ends = [heard.end_s for heard in self._heard] + [gap.start_s + gap.duration_s for gap in self.gaps]
        return max(ends, default=0.0)

    def said(self) -> list[Said]:
        """What was said, in order of the call, in the words that count."""
        return said_in(self._heard)

    def mentions(self) -> list[Mention]:
        return [mention for _, read in sorted(self._mentions.items()) for mention in read.mentions]

    def pets(self) -> list[dict[str, Any]]:
        """A card for each pet, the sick one first; none for a call about one living pet."""
        if self.cards.told is None:
            return []
        return [
            {
                "pet": pet.pet,
                "front": pet.pet == self.cards.front,
                "evidence": pet.evidence,
                "died": pet.died,
                "fields": {name: _field(suggested) for name, suggested in self.cards.fields(pet.pet).items()},
            }
            for pet in self.cards.pets
        ]

    def flags(self) -> list[dict[str, Any]]:
        return [flag.entry() for flag in self._flags.values()]


class _Flag:
    """One category's flag: its last showing, with the times at which that began."""

    def __init__(self) -> None:
        self._last: FlagRaised | None = None
        self._provisional_at_s: float | None = None
        self._raised_at_s: float | None = None
        self.withdrawn: FlagWithdrawn | None = None

    def shown(self, event: FlagRaised) -> None:
        if self.withdrawn is not None:  # shown again for new words: their delay counts, not the old ones'
            self.withdrawn = self._provisional_at_s = self._raised_at_s = None
        self._last = event
        if event.state is FlagState.PROVISIONAL:
            if self._provisional_at_s is None and self._raised_at_s is None:
                self._provisional_at_s = event.at_s
        elif self._raised_at_s is None:
            self._raised_at_s = event.at_s

    def entry(self) -> dict[str, Any]:
        last = self._last
        assert last is not None
        entry: dict[str, Any] = {
            "category": last.category,
            "urgency": str(last.urgency),
            "state": str(FlagState.WITHDRAWN if self.withdrawn is not None else last.state),
            "evidence": last.evidence,
            "concepts": list(last.concepts),
            "utterance": last.utterance,
            "start_s": last.start_s,
            "end_s": last.end_s,
            "provisional_at_s": self._provisional_at_s,
            "raised_at_s": self._raised_at_s,
            "reason": last.reason,
            "rule": last.rule,
            "confidence": last.confidence,
            "possible": last.possible,
            "pet": last.pet,
        }
        if self.withdrawn is not None:
            entry |= {"withdrawn_at_s": self.withdrawn.at_s, "withdrawn_because": self.withdrawn.reason}
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


def _field(suggested: FieldSuggested) -> dict[str, Any]:
    return {
        "value": suggested.value,
        "evidence": suggested.evidence,
        "utterance": suggested.utterance,
        "start_s": suggested.start_s,
        "end_s": suggested.end_s,
        "confidence": suggested.confidence,
        "state": "suggested",
        "provisional": suggested.provisional,
        "contradicts": suggested.contradicts,
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


# --- for people -------------------------------------------------------------------------------------------------


def render(report: Report) -> str:
    """A call's report as plain text for a terminal; ends in a line break."""
    sample = " — SAMPLE, not a real call" if report["sample"] else ""
    duration_s = report["audio"]["duration_s"]
    ended = report["ended"] or UNENDED
    lines = [
        f"Call {report['id']}{sample}",
        f"{report['audio']['path']}, {_clock(duration_s)} of sound, {report['started_at']}, ended: {ended}",
        "",
        "Flags",
        *(_flag_line(flag) for flag in report["flags"]),
        *([] if report["flags"] else ["  none. That is no all-clear: go by what you hear, and ask."]),
        "",
        "Fields (suggested, to be confirmed)",
        *(_field_line(name, field) for name, field in report["fields"].items()),
        *([] if report["fields"] else ["  none"]),
        *(line for pet in report["pets"] for line in _pet_lines(pet)),
        "",
        "Transcript",
        *(f"  {_clock(said['start_s'])}  {_speaker(said)}{said['text']}" for said in report["utterances"]),
        *([] if report["utterances"] else ["  no words were recognized"]),
    ]
    if report["gaps"] or report["failures"]:
        lines += ["", "Not heard, or gone wrong"]
        lines += [f"  {_clock(g['start_s'])}  {g['duration_s']:.1f} s missing: {g['reason']}" for g in report["gaps"]]
        lines += [f"  {_clock(f['at_s'])}  {f['stage']} ({f['code']}): {f['advice']}" for f in report["failures"]]
    return "\n".join(lines) + "\n"


def _pet_lines(pet: Mapping[str, Any]) -> list[str]:
    """A pet behind the sick one, with what was said of it; of the sick one only that it has died."""
    died = ["  The client says that this pet has died: no flags are raised for it."] if pet["died"] else []
    if pet["front"]:
        return died
    told = f'"{pet["evidence"]}"' if pet["evidence"] else "told first"
    fields = [_field_line(name, field) for name, field in pet["fields"].items()]
    return ["", f"Another pet ({told})", *died, *(fields or ["  nothing else said of it"])]


def _speaker(said: Mapping[str, Any]) -> str:
    return "(own side) " if said["side"] == str(Side.OWN) else ""


def _flag_line(flag: Mapping[str, Any]) -> str:
    line = f'  {flag["urgency"].upper():6} {flag["category"]:16} {_clock(flag["start_s"])}  "{flag["evidence"]}"'
    if flag["state"] == "raised":
        return f"{line}  {'(possible: the words were unclear) ' if flag['possible'] else ''}{flag['reason']}"
    because = f": {flag['withdrawn_because']}" if "withdrawn_because" in flag else ""
    return f"{line}  [{flag['state']}{because}]"


def _field_line(name: str, field: Mapping[str, Any]) -> str:
    against = f"  [earlier: {field['contradicts']}]" if field["contradicts"] else ""
    return f'  {name:20} {field["value"]:16} {_clock(field["start_s"])}  "{field["evidence"]}"{against}'


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(int(time_s), 60)
    return f"{minutes}:{seconds:02}"
