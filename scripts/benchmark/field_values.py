"""When a field's value counts as the gold one: as the formats of the evaluation data say it."""

from __future__ import annotations

import re

_DAYS = {"Y": 365.25, "M": 30.44, "W": 7.0, "D": 1.0}
_DAY_WORDS = {
    "today": 0.4, "this_morning": 0.3, "this_afternoon": 0.15, "tonight": 0.1, "last_night": 0.6, "overnight": 0.5,
    "yesterday": 1.0, "yesterday_morning": 1.2, "just_now": 0.01,
}  # fmt: skip
"""How many days ago such a word means."""
_DURATION = re.compile(
    r"P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?"
)
_MIXED = frozenset({"mix", "mixed", "cross", "mutt"})
_SHORT_BREEDS = {
    "lab": "labrador", "labrador retriever": "labrador", "golden": "golden retriever", "gsd": "german shepherd",
    "yorkie": "yorkshire terrier", "frenchie": "french bulldog", "pit": "pit bull", "pitbull": "pit bull",
    "doxie": "dachshund", "aussie": "australian shepherd", "husky": "siberian husky", "rottie": "rottweiler",
    "dsh": "domestic shorthair", "pom": "pomeranian", "boston": "boston terrier",
    "jack russell": "jack russell terrier",
}  # fmt: skip
_POUNDS = {"kg": 2.2046, "kilo": 2.2046, "kilos": 2.2046, "oz": 1 / 16, "ounces": 1 / 16}


def same_value(field: str, gold: str, said: str) -> bool:
    """Whether ``said`` is right for ``field``: durations within a margin, breeds and weights by what they mean."""
    gold, said = gold.strip().lower(), said.strip().lower()
    if gold == said:
        return True
    match field:
        case "age" | "onset":
            wanted, got = _days(gold), _days(said)
            if wanted is None or got is None:
                return False
            return abs(wanted - got) <= (max(0.02 * wanted, 3.0) if field == "age" else max(0.15 * wanted, 0.05))
        case "reproductive_status":  # "fixed", of which the sex is not known
            return "altered" in (gold, said) and {gold, said} <= {"altered", "neutered", "spayed"}
        case "breed":
            return _breed(gold) == _breed(said)
        case "eating" | "drinking":  # "she barely ate" is either
            return {gold, said} == {"none", "decreased"}
        case "weight":
            return _weight(gold) == _weight(said)
        case "callback_number":
            return re.sub(r"\D", "", gold) == re.sub(r"\D", "", said)
        case _:
            return False


def _days(value: str) -> float | None:
    """Days that a duration or a day word means; None for a life stage such as ``puppy``."""
    if value in _DAY_WORDS:
        return _DAY_WORDS[value]
    found = _DURATION.fullmatch(value.upper())
    if found is None or not any(found.groups()):
        return None
    years, months, weeks, days, hours, minutes, seconds = (float(group or 0) for group in found.groups())
    total = years * _DAYS["Y"] + months * _DAYS["M"] + weeks * _DAYS["W"] + days * _DAYS["D"]
    return total + hours / 24 + minutes / 1440 + seconds / 86400


def _breed(value: str) -> tuple[str, bool]:
    words = re.sub(r"[^a-z ]", " ", value).split()
    name = " ".join(word for word in words if word not in _MIXED and word not in ("a", "or"))
    return _SHORT_BREEDS.get(name, name), not _MIXED.isdisjoint(words)


def _weight(value: str) -> tuple[tuple[str, ...], float]:
    units = [_POUNDS[word] for word in re.findall(r"[a-z]+", value) if word in _POUNDS]
    return tuple(re.findall(r"[\d.]+", value)), units[0] if units else 1.0
