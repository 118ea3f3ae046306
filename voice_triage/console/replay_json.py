"""A kept call as the replay page gets it: words with their times, marks, the card, the review and the scorecard."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from voice_triage.console.event_json import card_json, event_json
from voice_triage.console.wording import plain_value
from voice_triage.desk_card import DeskCard
from voice_triage.events import (
    CallEnded,
    CallStarted,
    FinalTranscript,
    GapHeard,
    Logged,
    MentionsRead,
    Side,
    SourceChanged,
    StageFailed,
    UtteranceReheard,
    Word,
)
from voice_triage.report import duration_s
from voice_triage.review.markers import Marker, markers_of
from voice_triage.review.scorecard import scorecard
from voice_triage.review.sheet import ReviewSheet, review_sheet
from voice_triage.utterances import Said, said_in

LAST_UTTERANCES = 8
"""So many utterances stand on the live page at once, more or less: what a moment of it holds."""
_WORDS = (FinalTranscript, UtteranceReheard, MentionsRead)
_AROUND = (CallStarted, SourceChanged, GapHeard, StageFailed)


def replay_json(log: Sequence[Logged], sides: Sequence[Side]) -> dict[str, Any]:
    """Everything but the sound. A word is ``[text, start_s, end_s, confidence]``.

    ``times`` has the time of every event: the n-th is that of sequence n, so that a moment can be asked for.
    """
    started = _started(log)
    words = words_json(log, sides)
    mentions = {
        logged.event.utterance: logged.event.mentions for logged in log if isinstance(logged.event, MentionsRead)
    }
    for utterance in words["utterances"]:
        utterance["mentions"] = [
            {"first_word": one.first_word, "last_word": one.last_word, "status": str(one.status)}
            for one in mentions.get(utterance["utterance"], ())
        ]
    return {
        **words,
        "source": started.source,
        "ended": next((logged.event.reason for logged in log if isinstance(logged.event, CallEnded)), None),
        "csr": started.csr,
        "card": card_json(DeskCard.of(log).card()),
        "markers": [_marker(marker) for marker in markers_of(log)],
        "sheet": sheet_json(review_sheet(log)),
        "scorecard": dataclasses.asdict(scorecard(log)),
        "times": [logged.event.at_s for logged in log],
    }


def words_json(log: Sequence[Logged], sides: Sequence[Side]) -> dict[str, Any]:
    """What was said and nothing of what was made of it: what a learner replays."""
    started, events = _started(log), [logged.event for logged in log]
    gaps = [event for event in events if isinstance(event, GapHeard)]
    return {
        "call": started.call,
        "started_at": started.started_at,
        "duration_s": duration_s(events),
        "sides": [str(side) for side in sides],
        "gaps": [{"start_s": gap.start_s, "duration_s": gap.duration_s, "reason": gap.reason} for gap in gaps],
        "utterances": [_utterance(each) for each in said_in(events)],
    }


def moment_json(log: Sequence[Logged], sequence: int) -> dict[str, Any]:
    """The live page's messages up to that place of the log: ``events`` as it reads them, and the ``card``."""
    past = log[: max(1, sequence)]
    utterances = [
        logged.event.utterance for logged in past if isinstance(logged.event, FinalTranscript | UtteranceReheard)
    ]
    newest = set(sorted(set(utterances))[-LAST_UTTERANCES:])
    shown = [
        {"sequence": logged.sequence, "event": event_json(logged.event)}
        for logged in past
        if isinstance(logged.event, _AROUND) or (isinstance(logged.event, _WORDS) and logged.event.utterance in newest)
    ]
    return {"events": shown, "card": card_json(DeskCard.of(past).card())}


def sheet_json(sheet: ReviewSheet) -> dict[str, Any]:
    """How the review stands; each entry with its ``sequence``."""
    last = sheet.last
    return {
        "verdicts": [
            {"category": category, "pet": pet, "verdict": str(entry.event.verdict), "by": entry.event.by}
            for (category, pet), entry in sheet.verdicts.items()
        ],
        "misses": [{"sequence": entry.sequence, **dataclasses.asdict(entry.event)} for entry in sheet.misses],
        "notes": [{"sequence": entry.sequence, **dataclasses.asdict(entry.event)} for entry in sheet.notes],
        "teaching": None if sheet.teaching is None else {"title": sheet.teaching.event.title},
        "done": None if sheet.done is None else {"by": sheet.done.event.by, "at_s": sheet.done.event.at_s},
        "last": None if last is None else {"sequence": last.sequence, "entry": type(last.event).__name__},
    }


def _started(log: Sequence[Logged]) -> CallStarted:
    first = log[0].event
    if not isinstance(first, CallStarted):
        raise ValueError("a call's log begins with CallStarted")
    return first


def _utterance(said: Said) -> dict[str, Any]:
    counts, live, again = said.counts, said.live, said.again
    other = live if counts is not live else again
    differs = other is not None and other.words and other.text != counts.text
    return {
        "utterance": counts.utterance,
        "side": str(counts.side),
        "start_s": counts.start_s,
        "end_s": counts.end_s,
        "heard_by": counts.heard_by,
        "outcome": None if again is None else str(again.outcome),
        "words": _words(counts.words),
        "other": {"heard_by": other.heard_by, "words": _words(other.words)} if differs and other is not None else None,
    }


def _words(words: Sequence[Word]) -> list[tuple[str, float, float, float]]:
    return [(word.text, round(word.start_s, 3), round(word.end_s, 3), round(word.confidence, 2)) for word in words]


def _marker(marker: Marker) -> dict[str, Any]:
    plain = plain_value(marker.category, marker.value) if marker.kind in ("field", "settled") else ""
    return {**dataclasses.asdict(marker), "plain": plain}
