"""What a person types into a patient field, as the value that is kept (``eval/FORMAT.md``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from voice_triage.console.wording import VALUES, plain_duration
from voice_triage.errors import DeskError

_HABITS = ("normal", "decreased", "increased", "none", "abnormal")
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "species": (*("dog", "cat", "rabbit", "guinea_pig", "hamster", "ferret", "bird", "reptile", "horse", "other"),),
        "sex": ("male", "female"),
        "reproductive_status": ("neutered", "spayed", "intact", "pregnant", "in_heat", "altered"),
        "eating": _HABITS,
        "drinking": _HABITS,
        "urinating": _HABITS,
        "defecating": _HABITS,
        "behavior": (
            *("normal", "lethargic", "restless", "hiding", "aggressive", "disoriented", "unresponsive", "abnormal"),
        ),
    }
)
"""Fields with a fixed set of values."""
_DAY_WORDS = tuple(VALUES["onset"])
_LIFE_STAGES = ("puppy", "kitten", "senior")
_UNITS = {"year": "Y", "yr": "Y", "yo": "Y", "y": "Y", "month": "M", "mo": "M", "week": "W", "wk": "W", "day": "D"}
_HOURS = {"hour": "H", "hr": "H", "h": "H", "minute": "M", "min": "M"}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+?)s?\b\.?")
_WEIGHT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(lbs?|pounds?|kgs?|kilos?|kilograms?|g|grams?|oz|ounces?)\.?")
_WEIGHT_UNITS = {"l": "lb", "p": "lb", "k": "kg", "g": "g", "o": "oz"}


def typed_value(field: str, text: str) -> str:
    """The value that ``text`` means. Raises DeskError that says what can be typed."""
    typed = " ".join(text.split()).lower()
    if field in CHOICES:
        return _choice(field, typed)
    if field in ("age", "onset"):
        return _duration(field, text.strip(), typed)
    if field == "callback_number":
        digits = re.sub(r"[\s().+/-]", "", typed)
        if not re.fullmatch(r"\d{4,15}", digits):
            raise DeskError("A call-back number is digits alone, with blanks and hyphens if you like.")
        return digits
    if field == "weight":
        match = _WEIGHT.fullmatch(typed)
        if match is None:
            raise DeskError("Type a weight with its unit: 12 lb, 4.5 kg.")
        return f"{match[1].replace(',', '.')} {_WEIGHT_UNITS[match[2][0]]}"
    return typed


def _choice(field: str, typed: str) -> str:
    words = {plain.lower(): value for value, plain in VALUES.get(field, {}).items()}
    value = words.get(typed, typed.replace(" ", "_"))
    if value not in CHOICES[field]:
        known = ", ".join(VALUES.get(field, {}).get(each, each) for each in CHOICES[field])
        raise DeskError(f"That is none of the values here: {known}.")
    return value


def _duration(field: str, text: str, typed: str) -> str:
    if plain_duration(text.upper()) is not None:
        return text.upper()
    word = typed.replace(" ", "_")
    if word in (_DAY_WORDS if field == "onset" else _LIFE_STAGES):
        return word
    rest = re.sub(r"\b(?:ago|old|and)\b|,", " ", typed)
    date, time = "", ""
    for number, unit in _AMOUNT.findall(rest):
        if unit in _UNITS:
            date += f"{number}{_UNITS[unit]}"
        elif unit in _HOURS and field == "onset":
            time += f"{number}{_HOURS[unit]}"
        else:
            date = ""
            break
    if (not date and not time) or _AMOUNT.sub("", rest).strip():
        examples = "2 hours, 3 days, yesterday" if field == "onset" else "7 years, 8 weeks, 1 year 6 months, puppy"
        raise DeskError(f"Type it like one of these: {examples}.")
    value = f"P{date}{f'T{time}' if time else ''}"
    if plain_duration(value) is None:  # units out of order
        raise DeskError("Type the larger unit first: 1 year 6 months.")
    return value
