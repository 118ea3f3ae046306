"""What a part of ``scripts/prove`` returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """One part's outcome."""

    text: str
    """Markdown: what was done, and the table; without date and machine, which are added."""
    is_kept: bool
    """Whether every promise was kept."""
