"""The fixed lines and the clinic's profile as used now: an edit takes effect, a broken one changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from voice_triage.errors import ClinicError, LexiconError
from voice_triage.guidance.clinic import DAYS, Profile, load_profile
from voice_triage.guidance.line_file import Lines, lines_path, load_lines
from voice_triage.guidance.signature import FILE_NAME, Signature, SignatureState, read_signature

Stamps = tuple[Path | tuple[int, int] | None, ...]


class ClinicInForce:
    """Reads the files again when they have changed. From any thread."""

    def __init__(self, lexicon_folder: Callable[[], Path], clinic_file: Path) -> None:
        """Raises LexiconError if there are no lines that can be used; a broken profile is told, not raised.

        ``lexicon_folder`` is asked each time: another version of the lexicon may have been taken into use.
        """
        self._folder = lexicon_folder
        self._clinic_file = clinic_file
        self._signature_file = clinic_file.with_name(FILE_NAME)
        self._lock = threading.Lock()
        self._stamps: Stamps = ()
        self._lines: Lines = load_lines(lexicon_folder())
        self._profile = Profile()
        self._signature = Signature(SignatureState.UNSIGNED)
        self._problem = ""

    def current(self) -> dict[str, Any]:
        """The profile and the lines in force, fit for JSON.

        ::

            {"name", "phone", "emergency_rooms": [{"name", "address", "phone", "hours", "note"}],
             "hours": {day: ["HH:MM-HH:MM"]}, "open_now": true, false or null if no hours are given,
             "lines": {"general": {id: say}, "categories": {id: {"say", "ask": [], "poison_lines"}},
                       "lanes": {id: {"label", "do", "say"}}},
             "poison_lines": [{"name", "phone", "note"}], "signed": {"state", "by", "on"},
             "problem": what is wrong with an edit, mostly ""}

        ``{pet}`` in texts is for the page to fill in.
        """
        with self._lock:
            self._read_again()
            lines = self._lines.with_own(self._profile.lines)
            profile, signature, problem = self._profile, self._signature, self._problem
        hours = profile.hours
        return {
            **profile.clinic.model_dump(),
            "emergency_rooms": [room.model_dump() for room in profile.emergency_rooms],
            "hours": {day: list(getattr(hours, day)) for day in DAYS},
            "open_now": hours.open_at(datetime.now().astimezone()) if hours.given else None,
            "lines": {
                "general": dict(lines.general),
                "categories": {
                    name: {"say": line.say, "ask": list(line.ask), "poison_lines": line.poison_lines}
                    for name, line in lines.categories.items()
                },
                "lanes": {
                    name: {"label": lane.label, "do": lane.do, "say": lane.say} for name, lane in lines.lanes.items()
                },
            },
            "poison_lines": [line.model_dump() for line in lines.poison_lines],
            "signed": {"state": str(signature.state), "by": signature.by, "on": signature.on},
            "problem": problem,
        }

    def _read_again(self) -> None:
        problems: list[str] = []
        try:
            folder = self._folder()
            stamps = (folder, *(_stamp(path) for path in (lines_path(folder), self._clinic_file, self._signature_file)))
            if stamps == self._stamps or (self._stamps and _is_being_written(self._clinic_file)):
                return
            self._stamps = stamps
            self._lines = load_lines(folder)
        except LexiconError as error:
            problems.append(f"The fixed lines before the edit stay in force: {error}")
        try:
            self._profile = load_profile(self._clinic_file, self._lines)
            problems += [f"A line of the clinic is not used: {each}" for each in self._profile.refused]
        except ClinicError as error:
            problems.append(f"The clinic’s profile before the edit stays in force: {error}")
        try:
            self._signature = read_signature(self._signature_file, self._lines.with_own(self._profile.lines).hash)
        except ClinicError as error:
            self._signature = Signature(SignatureState.UNSIGNED)
            problems.append(f"The lines count as not signed: {error}")
        self._problem = " ".join(problems)


def _is_being_written(path: Path) -> bool:
    """Whether a file is there and empty: editors empty it first, and an empty profile would count as a whole one."""
    stamp = _stamp(path)
    return stamp is not None and stamp[1] == 0


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
