"""Looks through the whole audit trail for what was changed, removed, added, moved or cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_triage.audit_trail import AuditKind
from voice_triage.errors import AuditError, StoreError
from voice_triage.store.trail import KeptTrail
from voice_triage.store.trail_lines import ChainedLine, Head, head_in, nothing_yet, parsed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found."""

    head: Head
    """Of the last line: a count and an HMAC that can be noted elsewhere, and compared with later."""
    problems: Sequence[str]
    """Sentences; none if the trail is whole."""
    remarks: Sequence[str]
    """What the trail itself tells of: lines that could not be written, heads that were missing."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """All of the trail at one moment."""

    files: Sequence[tuple[Path, bytes]]
    heads: dict[str, bytes | None]


def check_trail(trail: KeptTrail, seen: Head | None = None) -> Verdict:
    """Every line and both heads. ``seen`` is a head that was noted at an earlier check.

    Only a trail that was put back to an earlier state as a whole, with the database and its head, fits itself: that is
    found by ``seen`` alone. Raises AuditError if the trail cannot be read.
    """
    try:
        with trail.locked():
            taken = _Snapshot([(path, path.read_bytes()) for path in trail.files()], trail.kept_heads())
    except (OSError, StoreError) as error:
        raise AuditError(
            f"The audit trail in {trail.folder} cannot be read ({error}). Check that this user may read it."
        ) from error
    look = _Look(trail.key)
    for number, (path, content) in enumerate(taken.files, start=1):
        look.file(path.name, content, newest=number == len(taken.files))
    for place, sealed in taken.heads.items():
        look.head(place, sealed)
    if seen is not None:
        look.noted(seen)
    return Verdict(look.end.head if look.end else nothing_yet(trail.key), look.problems, look.remarks)


class _Look:
    """Line after line."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._macs: dict[int, bytes] = {0: nothing_yet(key).mac}
        self._alone: set[int] = set()
        self._before = nothing_yet(key)
        self._torn = False
        self.end: ChainedLine | None = None
        self.problems: list[str] = []
        self.remarks: list[str] = []

    def file(self, name: str, content: bytes, *, newest: bool) -> None:
        """The lines of one file."""
        whole, _, torn = content.rpartition(b"\n")
        if torn and newest:
            self._torn = True
            self.remarks.append(f"{name} ends in an unfinished line: voice-triage was killed while it wrote it.")
        elif torn:
            self.problems.append(f"{name} ends in an unfinished line, and others follow.")
        for number, raw in enumerate(whole.split(b"\n") if whole else [], start=1):
            self._line(f"{name}, line {number}", parsed(raw))

    def _line(self, place: str, found: ChainedLine | None) -> None:
        if found is None:
            self.problems.append(f"{place}: this is no line of the trail; it was changed or added.")
            return
        expected = self._before.count + 1
        number = found.line.number
        if number > expected:
            missing = f"{expected} to {number - 1} are" if number - 1 > expected else f"{expected} is"
            self.problems.append(f"{place}: number {missing} missing.")
        elif number < expected:
            self.problems.append(f"{place}: number {number} was moved or repeated.")
        elif not found.follows(self._key, self._before.mac):
            self.problems.append(f"{place}: number {number} was changed, or the line before it.")
        if found.line.kind == AuditKind.TRAIL:
            what, lines = found.line.detail.get("what", ""), found.line.detail.get("lines", "")
            self.remarks.append(f"Number {number}, {found.line.at}: {what} ({lines}).")
        self._macs[number] = found.mac
        if found.alone:
            self._alone.add(number)
        self._before, self.end = found.head, found

    def head(self, place: str, sealed: bytes | None) -> None:
        """What one of the two kept heads says."""
        last = self.end.head if self.end else nothing_yet(self._key)
        head = None if sealed is None else head_in(self._key, sealed)
        if sealed is None:
            if last.count and not (place == "store" and self._written_alone(-1, last.count)):
                self.problems.append(f"The trail's head in the {place} is missing.")
        elif head is None:
            self.problems.append(f"The trail's head in the {place} was changed.")
        elif head.count > last.count:
            self.problems.append(
                f"{head.count - last.count} line(s) at the end were cut off: the {place} knows of them."
            )
        elif self._macs.get(head.count) != head.mac:
            self.problems.append(f"The trail's head in the {place} is of another trail.")
        elif head.count < last.count - 1 and not (place == "store" and self._written_alone(head.count, last.count)):
            self.problems.append(
                f"The trail's head in the {place} is an older one: it was put back, or {last.count - head.count} lines "
                "were added."
            )

    def noted(self, seen: Head) -> None:
        """A head that somebody wrote down."""
        if self._macs.get(seen.count) != seen.mac:
            self.problems.append(
                f"The trail does not hold what was noted of it ({seen.count} lines): it was put back to an earlier "
                "state, or written anew."
            )

    def _written_alone(self, head: int, last: int) -> bool:
        return all(number in self._alone for number in range(head + 2, last + 1))
