"""An audit trail in memory."""

from __future__ import annotations

from voice_triage.audit_trail import AuditKind, Detail
from voice_triage.errors import AuditError


class ListedTrail:
    """Keeps every line as (kind, who, call, detail); refuses all while ``full``."""

    def __init__(self) -> None:
        self.lines: list[tuple[AuditKind, str, str, dict[str, Detail]]] = []
        self.full = False

    def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
        if self.full:
            raise AuditError("the disk is full")
        self.lines.append((kind, who, call, detail))

    def of(self, kind: AuditKind) -> list[tuple[str, dict[str, Detail]]]:
        """(who, detail) of the lines of one kind."""
        return [(who, detail) for each, who, _, detail in self.lines if each is kind]
