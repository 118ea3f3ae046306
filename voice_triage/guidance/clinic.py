"""The clinic's profile, ``clinic.toml``: the closest emergency rooms, its own hours, its own wording of fixed lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import Field, field_validator

from voice_triage.errors import ClinicError
from voice_triage.guidance.line_file import Lines, improper
from voice_triage.guidance.toml_file import Strict, TomlFile, nearest

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLE = """\
# The clinic's profile: what the flag cards of voice_triage show beside the fixed lines.
# Take the # away in front of what you fill in, then run: voice-triage clinic check
# The file is read anew with every call; nothing needs to be started again.

[clinic]
# name = "Oak Street Animal Hospital"
# phone = "555-010-0100"

# The closest emergency rooms, the closest first. The card shows them under every red flag.
# [[emergency_room]]
# name = "Riverside Emergency Animal Hospital"
# address = "1200 River Road, Springfield"
# phone = "555-010-0199"
# hours = "day and night"
# note = "12 minutes by car. Entrance at the back after 10 pm."

# Your own hours. A day that is left out, or has an empty list, is a day you are closed.
[hours]
# monday = ["08:00-12:30", "13:30-18:00"]
# tuesday = ["08:00-18:00"]
# wednesday = ["08:00-18:00"]
# thursday = ["08:00-18:00"]
# friday = ["08:00-18:00"]
# saturday = ["09:00-13:00"]

# Your own wording of a fixed line, by its name: voice-triage lines show lists the names and what is said now.
# {pet} becomes the pet's name, or "your dog". Changed lines have to be signed again: voice-triage lines sign --by NAME
[lines]
# orange = "I’d like one of our technicians to hear this now. Please stay on the line with me."
"""
"""What ``voice-triage clinic init`` writes: valid as it stands, with everything to be filled in."""
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_PHONE = re.compile(r"[\d+][\d ()./-]{2,}(?:(?:,? ?(?:x|ext\.?)) ?\d+)?")
_Text = Field(min_length=1)


class _Phone(Strict):
    phone: str = ""

    @field_validator("phone")
    @classmethod
    def _is_number(cls, value: str) -> str:
        if value and not _PHONE.fullmatch(value):
            raise ValueError('write a telephone number, as in "555-010-0199"')
        return value


class Clinic(_Phone):
    """The clinic itself."""

    name: str = ""


class EmergencyRoom(_Phone):
    """Where red flags are sent."""

    name: str = _Text
    address: str = _Text
    phone: str
    hours: str = ""
    note: str = ""


class Hours(Strict):
    """Opening hours by day, each ``HH:MM-HH:MM``; ``24:00`` is midnight at the day's end."""

    monday: tuple[str, ...] = ()
    tuesday: tuple[str, ...] = ()
    wednesday: tuple[str, ...] = ()
    thursday: tuple[str, ...] = ()
    friday: tuple[str, ...] = ()
    saturday: tuple[str, ...] = ()
    sunday: tuple[str, ...] = ()

    @field_validator("*")
    @classmethod
    def _are_spans(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for span in value:
            match = _SPAN.fullmatch(span)
            if match is None or not _minutes(span, 0) < _minutes(span, 1) <= 24 * 60:
                raise ValueError(f'{span!r} is no time of day from-to; write it as "08:00-18:00"')
        return value

    def open_at(self, when: datetime) -> bool:
        """Whether the clinic is open at a local time."""
        now = when.hour * 60 + when.minute
        return any(_minutes(span, 0) <= now < _minutes(span, 1) for span in getattr(self, DAYS[when.weekday()]))

    @property
    def given(self) -> bool:
        """Whether any hours are."""
        return any(getattr(self, day) for day in DAYS)


class ClinicFile(Strict):
    """The whole file."""

    clinic: Clinic = Clinic()
    emergency_room: tuple[EmergencyRoom, ...] = ()
    hours: Hours = Hours()
    lines: dict[str, str] = Field(default_factory=dict)
    """Id of a fixed line -> the clinic's own wording."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A clinic's profile as it is used."""

    clinic: Clinic = field(default_factory=Clinic)
    emergency_rooms: tuple[EmergencyRoom, ...] = ()
    hours: Hours = field(default_factory=Hours)
    lines: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    """Own lines that may not be said, and why: the product's own line stays in their place."""


def load_profile(path: Path, lines: Lines) -> Profile:
    """The profile of a clinic, empty if the file does not exist.

    Raises ClinicError naming file, line and key, and the nearest right name.
    """
    if not path.exists():
        return Profile()
    file = TomlFile(path, ClinicError)
    data = file.read(ClinicFile)
    refused: list[str] = []
    own: dict[str, str] = {}
    for name, say in data.lines.items():
        place = ("lines", name)
        if name not in lines.ids:
            raise file.mistake(place, f"there is no line {name!r}{nearest(name, lines.ids)}")
        why = list(_faults(say))
        refused += [str(file.mistake(place, each)) for each in why]
        if not why:
            own[name] = say
    return Profile(data.clinic, data.emergency_room, data.hours, own, tuple(refused))


def gaps(profile: Profile) -> Iterator[str]:
    """What a desk misses in a profile, in sentences for the person who fills it in."""
    if not profile.emergency_rooms:
        yield "no [[emergency_room]]: red flags show no address to send the client to"
    for room in profile.emergency_rooms:
        if not room.phone:
            yield f"emergency room {room.name!r} has no phone"
    if not profile.clinic.name:
        yield "no [clinic] name"
    if not profile.hours.given:
        yield "no [hours]"


def _faults(say: str) -> Iterator[str]:
    if not say.strip():
        yield "is empty; leave the line out to keep the product's own"
    yield from improper(say)
    for part in say.split("{")[1:]:
        if part.partition("}")[0] != "pet":
            yield f"unknown place {{{part.partition('}')[0]}}}; there is only {{pet}}"


def _minutes(span: str, end: int) -> int:
    hours, minutes = span.split("-")[end].split(":")
    return int(hours) * 60 + int(minutes)
