"""The hand-off as JSON (``voice-triage-hand-off/1``), for programs that take the practice's own form of it."""

from __future__ import annotations

import dataclasses
from typing import Any

from voice_triage.card import FieldCard
from voice_triage.flag_card import FlagCard
from voice_triage.hand_off import FOOT, HandOff, PetHandOff, hand_off_text, status_words

FORMAT = "voice-triage-hand-off/1"


def hand_off_json(hand_off: HandOff) -> dict[str, Any]:
    """A plain dictionary, fit for ``json.dumps``; times are seconds of the call, ``started_at`` is the wall clock.

    Keys: ``format``, ``call``, ``walk_in``, ``sample``, ``started_at``, ``duration_s``, ``ended``, ``consent`` (to the
    recording), ``client``,
    ``client_not_asked``, ``pets`` (each with ``signalment_and_history`` and ``not_asked``), ``presenting_complaint``,
    ``flags`` (``status`` in words, ``open``, ``disposition``), ``pertinent_negatives``, ``lanes``,
    ``questions_not_asked``, ``advice``, ``notes``, ``handed_off``, ``not_heard_s``, ``failures``, ``text`` (the note)
    and ``foot``. Every value says in ``state`` whether anybody confirmed it.
    """
    return {
        "format": FORMAT,
        "call": hand_off.call,
        "walk_in": hand_off.walk_in,
        "sample": hand_off.sample,
        "started_at": hand_off.started_at,
        "duration_s": hand_off.duration_s,
        "ended": hand_off.ended,
        "consent": None if hand_off.consent is None else str(hand_off.consent),
        "client": _fields(hand_off.caller),
        "client_not_asked": list(hand_off.caller_not_asked),
        "pets": [_pet(pet) for pet in hand_off.pets],
        "presenting_complaint": [dataclasses.asdict(quote) for quote in hand_off.complaint],
        "flags": [_flag(flag) for flag in hand_off.flags],
        "pertinent_negatives": [dataclasses.asdict(denied) for denied in hand_off.denied],
        "lanes": [{"lane": lane.lane, "evidence": lane.evidence, "pet": lane.pet} for lane in hand_off.lanes],
        "questions_not_asked": list(hand_off.questions_not_asked),
        "advice": [{"at_s": each.at_s, "text": each.text, "line": each.line} for each in hand_off.advice],
        "notes": [{"at_s": each.at_s, "text": each.text} for each in hand_off.notes],
        "handed_off": [{"at_s": each.at_s, "to": str(each.to)} for each in hand_off.handed_off],
        "not_heard_s": hand_off.not_heard_s,
        "failures": list(hand_off.failures),
        "text": hand_off_text(hand_off),
        "foot": FOOT,
    }


def _pet(pet: PetHandOff) -> dict[str, Any]:
    return {
        "pet": pet.pet,
        "name": pet.name,
        "front": pet.front,
        "died": pet.died,
        "signalment_and_history": _fields(pet.fields),
        "not_asked": list(pet.not_asked),
    }


def _fields(fields: tuple[FieldCard, ...]) -> dict[str, Any]:
    return {
        each.field: {
            "value": each.value,
            "state": each.state,
            "also_said": each.also_said,
            "evidence": "" if each.suggestion is None else each.suggestion.evidence,
            "confidence": None if each.suggestion is None else each.suggestion.confidence,
            "settled_at_s": each.settled_at_s,
        }
        for each in fields
    }


def _flag(flag: FlagCard) -> dict[str, Any]:
    disposition = flag.disposition
    return {
        "category": flag.category,
        "pet": flag.pet,
        "urgency": str(flag.urgency),
        "state": str(flag.state),
        "status": status_words(flag),
        "open": flag.open,
        "by_hand": flag.by_hand,
        "possible": flag.possible,
        "evidence": flag.evidence,
        "start_s": flag.start_s,
        "reason": flag.reason,
        "note": flag.note,
        "shown_at_s": flag.shown_at_s,
        "acknowledged_at_s": flag.acknowledged_at_s,
        "disposition": None
        if disposition is None
        else {
            "end": str(disposition.end),
            "at_s": disposition.at_s,
            "reason": None if disposition.reason is None else str(disposition.reason),
            "note": disposition.note,
        },
    }
