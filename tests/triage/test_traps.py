"""Hard sentences of tests/traps/traps.jsonl, written without sight of the product: what is said about a finding.

The rates are floors of what was reached, so that a change that costs understanding fails here; a single sentence that
must hold has a test of its own in test_assertion.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from voice_triage.events import Mention
from voice_triage.report import reported_status

TRAPS = Path(__file__).parents[1] / "traps"
SETS = {
    "dev": ("traps.jsonl", 0.92, 0.04),
    "held": ("traps.jsonl", 0.83, 0.095),
    "second": ("traps-2.jsonl", 0.96, 0.01),
    "fifth": ("traps-5.jsonl", 0.80, 0.13),
    "seventh": ("traps-7.jsonl", 0.93, 0.06),
}
"""Name -> file, least share of right statuses, most present findings missed. The fifth was written blind, batch by
batch; its batches were right at first reading in .66, .62, .52, .66 and .60 and then mended by families. The seventh is
plain tellings of today with words that also tell of long ago ("when i was in the kitchen he had a seizure"): half of
them were missed when it was written."""
_SMALL = {"the", "a", "an", "his", "her", "he", "she", "it", "is", "of", "in", "to", "up", "and", "some", "has", "been"}


def overlap(said: str, finding: str) -> float:
    """Share of the finding's words in a mention's text, as acceptance measures it (0 to 1)."""
    a, b = set(said.lower().split()) - _SMALL, set(finding.lower().split()) - _SMALL
    if not a or not b:
        return 0.0
    both = len(a & b)
    return both / min(len(a), len(b)) * (0.5 + 0.5 * both / max(len(a), len(b)))


def status_of(mentions: Sequence[Mention], finding: str) -> str | None:
    """Status of the mention that covers the finding best; None if none covers half of it."""
    best = max(mentions, key=lambda mention: overlap(mention.text, finding), default=None)
    return reported_status(best.status) if best and overlap(best.text, finding) >= 0.5 else None


def load_traps(name: str) -> list[dict[str, Any]]:
    """The items of a set."""
    lines = (TRAPS / SETS[name][0]).read_text(encoding="utf-8").splitlines()
    return [item for item in map(json.loads, lines) if item.get("split", name) == name]


def test_the_trap_files_are_large_and_sound() -> None:
    """There are at least 400 traps, each with a finding that stands in its text, of every status."""
    items = [item for name in SETS for item in load_traps(name)]
    assert len(items) >= 400
    assert len({item["id"] for item in items}) == len(items)
    assert all(item["finding"] in item["text"] for item in items)
    statuses = {"present", "negated", "historical", "hypothetical", "other_subject", "resolved"}
    assert {item["gold"] for item in items} == statuses


@pytest.mark.parametrize("name", SETS)
def test_status_is_right_and_present_findings_are_not_missed(
    name: str, mentions: Callable[[str], Sequence[Mention]]
) -> None:
    """Of hard sentences most get the right status, and few present findings are missed."""
    _, least_right, most_missed = SETS[name]
    items = load_traps(name)
    right = missed = present = 0
    for item in items:
        status = status_of(mentions(item["text"]), item["finding"])
        right += status in {item["gold"], *item.get("accept", [])}
        if item["gold"] == "present":
            present += 1
            missed += status != "present"
    assert right / len(items) >= least_right
    assert missed / present <= most_missed
