"""How long a period of the numbers is."""

from __future__ import annotations

from enum import StrEnum


class Every(StrEnum):
    """How long a period is."""

    WEEK = "week"
    """From Monday (ISO 8601)."""
    MONTH = "month"
