"""Trap sentences and how an engine's statuses for them are scored, as ``tests/triage/test_traps.py`` does it."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PRESENT = "present"
STATUSES = ("present", "negated", "historical", "hypothetical", "other_subject", "resolved")
"""What a trap's gold may be; an engine may also say ``uncertain``, which is right where a trap accepts it."""
ALL = "all"
_UNNAMED_PART = "second"
"""The part of a trap that names none: those of the later file, ``traps-2.jsonl``."""
NOT_FOUND = "not found"
_FOUND_FROM = 0.5
"""A mention that covers less of the finding's words than this is not of that finding."""
_SMALL = frozenset({"the", "a", "an", "his", "her", "he", "she", "it", "is", "of", "in", "to", "up"})
_SMALL |= {"and", "some", "has", "been"}


@dataclass(frozen=True, slots=True)
class Trap:
    """A hard sentence: what is said in it about one finding."""

    id: str
    type: str
    text: str
    """In spoken form; a line break ends an utterance."""
    finding: str
    """The finding's words, as they stand in the text."""
    gold: str
    accept: frozenset[str]
    """Statuses that are right too."""
    part: str
    """``dev``, for development; ``held`` and ``second``, written apart, but read since."""

    @property
    def right(self) -> frozenset[str]:
        """All statuses that are right."""
        return self.accept | {self.gold}

    @property
    def span(self) -> tuple[int, int]:
        """Where the finding stands in the text: first character and the one behind the last."""
        begin = self.text.index(self.finding)
        return begin, begin + len(self.finding)


def load_traps(path: Path) -> list[Trap]:
    """The traps of a JSON lines file, in its order. Raises OSError, ValueError."""
    items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    try:
        return [_trap(item) for item in items]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} holds a line that is no trap ({error}).") from error


def _trap(item: Mapping[str, Any]) -> Trap:
    if item["finding"] not in item["text"] or item["gold"] not in STATUSES:
        raise ValueError(f"trap {item['id']}: finding not in its text, or unknown gold")
    accept, part = frozenset(item.get("accept", [])), item.get("split", _UNNAMED_PART)
    return Trap(item["id"], item["type"], item["text"], item["finding"], item["gold"], accept, part)


def overlap(said: str, finding: str) -> float:
    """Share of the finding's words in a mention's text, small words apart (0 to 1)."""
    a, b = set(said.lower().split()) - _SMALL, set(finding.lower().split()) - _SMALL
    if not a or not b:
        return 0.0
    both = len(a & b)
    return both / min(len(a), len(b)) * (0.5 + 0.5 * both / max(len(a), len(b)))


def status_of(mentions: Iterable[tuple[str, str]], finding: str) -> str | None:
    """Status of the mention (text, status) that covers the finding best; None if none covers enough of it."""
    best = max(mentions, key=lambda mention: overlap(mention[0], finding), default=None)
    return best[1] if best is not None and overlap(best[0], finding) >= _FOUND_FROM else None


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """0 to 1; 0 of nothing is 0."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval after Wilson."""
        if not self.of:
            return 0.0, 1.0
        z, p, n = 1.96, self.value, self.of
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Score:
    """How right an engine's statuses are."""

    status_right: Ratio
    """The gold status, or one that is right too."""
    active_right: Ratio
    """Present or not, whatever the status is called."""
    present_missed: Ratio
    """Present findings that got another status, or were not found."""
    not_found: Ratio
    """Findings of which the engine said nothing. Engines that are told the finding cannot miss it."""


def score(traps: Sequence[Trap], statuses: Sequence[str | None]) -> Score:
    """Score one status (None: not found) for each trap."""
    pairs = list(zip(traps, statuses, strict=True))
    present = [status for trap, status in pairs if trap.gold == PRESENT]
    return Score(
        Ratio(sum(status in trap.right for trap, status in pairs), len(pairs)),
        Ratio(sum((status == PRESENT) == (trap.gold == PRESENT) for trap, status in pairs), len(pairs)),
        Ratio(sum(status != PRESENT for status in present), len(present)),
        Ratio(sum(status is None for status in statuses), len(pairs)),
    )


def scores_by_part(traps: Sequence[Trap], statuses: Sequence[str | None]) -> dict[str, Score]:
    """Scores of each part, the development traps last, then of ``all``."""
    names = sorted({trap.part for trap in traps}, key=lambda name: (name == "dev", name))
    parts: dict[str, list[tuple[Trap, str | None]]] = {name: [] for name in (*names, ALL)}
    for trap, status in zip(traps, statuses, strict=True):
        parts[trap.part].append((trap, status))
        parts[ALL].append((trap, status))
    return {name: score([t for t, _ in pairs], [s for _, s in pairs]) for name, pairs in parts.items()}


def scores_by_type(traps: Sequence[Trap], statuses: Sequence[str | None]) -> dict[str, Score]:
    """Scores of each type of trap, in order of name."""
    found: dict[str, list[tuple[Trap, str | None]]] = {}
    for trap, status in zip(traps, statuses, strict=True):
        found.setdefault(trap.type, []).append((trap, status))
    return {name: score([t for t, _ in pairs], [s for _, s in pairs]) for name, pairs in sorted(found.items())}


def confusion(traps: Sequence[Trap], statuses: Sequence[str | None]) -> Mapping[str, Mapping[str, int]]:
    """Gold status -> said status (or ``not found``) -> how often. What a trap accepts too counts as its gold."""
    table: dict[str, Counter[str]] = {gold: Counter() for gold in STATUSES}
    for trap, status in zip(traps, statuses, strict=True):
        said = trap.gold if status in trap.right else status or NOT_FOUND
        table[trap.gold][said] += 1
    return {gold: dict(said) for gold, said in table.items()}
