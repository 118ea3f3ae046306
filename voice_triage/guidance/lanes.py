"""Which lanes a call has: from what was said of the pets, whatever order it came in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from voice_triage.events import Mention
from voice_triage.guidance.line_file import LaneCues

_YOUNG = frozenset({"puppy", "kitten"})
_AGE = re.compile(r"P(?:(?P<years>[\d.]+)Y)?(?:(?P<months>[\d.]+)M)?(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?")
ANY_PET = -1
"""Pet of a mention whose words do not tell which."""


def lanes_of(
    lanes: Sequence[LaneCues], mentions: Iterable[Mention], ages: Mapping[int, str], front: int
) -> dict[tuple[str, int], Mention]:
    """(Lane, pet) -> the first mention that shows it. ``ages`` are the pets', ``front`` is the sick one.

    What is denied, or said of another animal, shows nothing (each lane names the statuses that do).
    """
    shown: dict[tuple[str, int], Mention] = {}
    for mention in mentions:
        pet = front if mention.pet == ANY_PET else mention.pet
        for lane in lanes:
            cued = mention.concept in lane.concepts or (mention.concept in lane.young and is_young(ages.get(pet, "")))
            if cued and mention.status in lane.status:
                shown.setdefault((lane.lane, pet), mention)
    order = {lane.lane: place for place, lane in enumerate(lanes)}
    return dict(sorted(shown.items(), key=lambda item: (order[item[0][0]], item[0][1])))


def is_young(age: str) -> bool:
    """Whether an age is that of an animal under a year; one that is not known is none."""
    if age in _YOUNG:
        return True
    match = _AGE.fullmatch(age)
    if match is None or not any(match.groups()):
        return False
    years, months, weeks, days = (float(part or 0) for part in match.groups())
    return years + months / 12 + weeks / 52 + days / 365 < 1
