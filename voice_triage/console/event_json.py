"""Events and cards as the page gets them: JSON, with values also in the words that the page shows."""

from __future__ import annotations

import dataclasses
from typing import Any

from voice_triage.card import Card, FieldCard
from voice_triage.console.wording import plain_value
from voice_triage.events import Event, FieldSettled, FieldSuggested, to_json


def event_json(event: Event) -> dict[str, Any]:
    """:func:`voice_triage.events.to_json`, with values also ``plain``: in the words the page shows."""
    data = to_json(event)
    if isinstance(event, FieldSuggested | FieldSettled):
        data["plain"] = plain_value(event.field, event.value)
    if isinstance(event, FieldSuggested) and event.contradicts is not None:
        data["plain_contradicts"] = plain_value(event.field, event.contradicts)
    return data


def card_json(card: Card) -> dict[str, Any]:
    """A card as a plain dictionary; its fields have ``plain`` and ``plain_also_said`` beside their values."""
    return {**dataclasses.asdict(card), "fields": [_field_json(each) for each in card.fields]}


def _field_json(field: FieldCard) -> dict[str, Any]:
    also = field.also_said
    return {
        **dataclasses.asdict(field),
        "plain": plain_value(field.field, field.value),
        "plain_also_said": None if also is None else plain_value(field.field, also),
    }
