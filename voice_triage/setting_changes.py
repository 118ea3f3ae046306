"""Which settings are others than at the last start, by what the audit trail says of earlier starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from voice_triage.audit_trail import BY_ITSELF, AuditKind, AuditLine, AuditTrail
from voice_triage.settings import SETTINGS, Settings

LONGEST_VALUE = 200
"""As a line of the trail holds it; of a longer path the end counts."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting that has another value now."""

    name: str
    before: str
    """Empty if no start was ever recorded."""
    now: str
    origin: str
    """Where the value comes from: ``default``, an environment variable, a file or the command line."""


def setting_changes(lines: Iterable[AuditLine], settings: Settings) -> list[SettingChange]:
    """What is to be recorded now; at the first start every setting."""
    last: dict[str, str] = {}
    for line in lines:
        if line.kind == AuditKind.SETTING:
            last[str(line.detail.get("name", ""))] = str(line.detail.get("value", ""))
    changes = []
    for setting in SETTINGS:
        now = _text(getattr(settings, setting.name))
        if last.get(setting.name) != now:
            origin = _text(settings.origins.get(setting.name, "default"))
            changes.append(SettingChange(setting.name, last.get(setting.name, ""), now, origin))
    return changes


def record_settings(audit: AuditTrail, lines: Iterable[AuditLine], settings: Settings) -> None:
    """Record the changes, a line each. Raises what ``audit`` raises."""
    for change in setting_changes(lines, settings):
        audit.record(
            AuditKind.SETTING,
            who=BY_ITSELF,
            name=change.name,
            value=change.now,
            before=change.before,
            origin=change.origin,
        )


def _text(value: object) -> str:
    return "" if value is None else str(value)[-LONGEST_VALUE:]
