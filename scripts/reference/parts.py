"""Which part of which document is written from the product, and where in it that part stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reference.commands import command_reference
from reference.events import event_reference
from voice_triage.settings import render_table

BEGIN = "<!-- from here on written by scripts/write_reference.py -->"
END = "<!-- to here -->"
PARTS: Mapping[str, Callable[[], str]] = {
    "commands.md": command_reference,
    "settings.md": render_table,
    "events.md": event_reference,
}
"""Document in ``docs/`` to what writes its part, as Markdown that ends in a line break."""


def part_of(text: str) -> str:
    """The part that a document holds. Raises ValueError if its place is not marked."""
    before, begin, rest = text.partition(BEGIN)
    part, end, after = rest.partition(END)
    del before, after
    if not begin or not end:
        raise ValueError(f"the place is marked by {BEGIN} and {END}")
    return part.strip("\n") + "\n"


def with_part(text: str, part: str) -> str:
    """The document with that part in its place. Raises ValueError if its place is not marked."""
    part_of(text)
    return f"{text.partition(BEGIN)[0]}{BEGIN}\n\n{part}\n{END}{text.partition(END)[2]}"
