"""Whole calls and owners' texts, written without sight of the product: flags and fields as acceptance counts them.

The figures are floors of what was reached, so that a change that costs recall or cries wolf fails here. ``held`` and
``calls-2`` were written by others than those who wrote the lexicon; the errors of ``calls-2`` were read and mended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.triage.conftest import Hear
from voice_triage.events import FlagRaised, FlagState, FlagWithdrawn

DATA = Path(__file__).parents[1]
FLOORS = {
    ("calls/calls", "dev"): (0.93, 0.85),
    ("calls/calls", "held"): (0.55, 0.50),
    ("calls/calls-2", ""): (0.94, 0.85),
    ("utterances", "dev"): (0.84, 0.86),
    ("utterances", "held"): (0.68, 0.82),
    ("owners-self-play", "dev"): (0.88, 0.70),
}
"""Set and split -> least recall and precision of red flags."""


def load_items(name: str, split: str) -> Iterator[tuple[str, set[str]]]:
    """(what the client says, one utterance per line; categories that are red)."""
    if not name.startswith("calls/"):
        for line in (DATA / "utterances" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            if item["split"] == split:
                labels = item["labels"]["red_flags"]
                yield item["text"], {flag["category"] for flag in labels if flag["status"] == "present"}
        return
    for path in sorted((DATA / name).glob("*.json")):
        script: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if script.get("split", "") == split:
            said = "\n".join(turn["text"] for turn in script["turns"] if turn["who"] == "client")
            yield said, {f["category"] for f in script["gold"]["flags"] if f.get("urgency", "red") == "red"}


BREADTH = {
    "bleeding": (0.86, 0.80),
    "breathing": (0.92, 0.94),
    "foreign_body": (0.93, 0.90),
    "gi_severe": (0.93, 0.82),
    "neuro": (0.89, 0.82),
    "other_emergency": (0.92, 0.84),
    "pain": (0.93, 0.93),
    "toxin": (0.85, 0.95),
    "urinary": (0.86, 0.93),
}
"""Category -> least recall and precision in ``breadth-2``: red or orange alike, since an owner's words decide which."""


def test_each_category_is_heard_in_many_ways_of_saying_it(hear: Hear) -> None:
    """What is seen, how it is said, where and in which animal: a flag is found in most, and elsewhere seldom."""
    wanted: dict[str, int] = dict.fromkeys(BREADTH, 0)
    raised, right = dict(wanted), dict(wanted)
    lines = (DATA / "utterances" / "breadth-2.jsonl").read_text(encoding="utf-8").splitlines()
    for item in map(json.loads, lines):
        gold = {flag["category"] for flag in item["labels"]["red_flags"]}
        shown: set[str] = set()
        for event in hear(item["text"])[1]:
            if isinstance(event, FlagRaised) and event.state is FlagState.RAISED:
                shown.add(event.category)
            elif isinstance(event, FlagWithdrawn):
                shown.discard(event.category)
        for category in BREADTH:
            wanted[category] += category in gold
            raised[category] += category in shown and category not in item["labels"].get("optional", ())
            right[category] += category in gold & shown
    for category, (recall, precision) in BREADTH.items():
        assert right[category] / wanted[category] >= recall, category
        assert right[category] / raised[category] >= precision, category


@pytest.mark.parametrize(("name", "split"), FLOORS)
def test_red_flags_are_raised_and_seldom_falsely(name: str, split: str, hear: Hear) -> None:
    """Recall and precision of red flags stay above their floors."""
    wanted = raised = right = 0
    for text, gold in load_items(name, split):
        shown: set[str] = set()
        for event in hear(text)[1]:
            if isinstance(event, FlagRaised) and event.urgency == "red" and event.state is FlagState.RAISED:
                shown.add(event.category)
            elif isinstance(event, FlagWithdrawn) or (isinstance(event, FlagRaised) and event.urgency == "orange"):
                shown.discard(event.category)
        wanted += len(gold)
        raised += len(shown)
        right += len(shown & gold)
    recall, precision = FLOORS[name, split]
    assert wanted > 20
    assert right / wanted >= recall
    assert right / raised >= precision


def test_plain_tellings_of_an_emergency_are_heard_though_they_hold_a_cue_by_chance(hear: Hear) -> None:
    """Words that elsewhere end, suppose, deny or explain a finding void no plain telling of now that holds them too."""
    lines = (DATA / "utterances" / "plain-telling.jsonl").read_text(encoding="utf-8").splitlines()
    told, heard, cried_wolf = 0, 0, []
    for item in map(json.loads, lines):
        shown = {event.category for event in hear(item["text"])[1] if isinstance(event, FlagRaised)}
        told += item["raises"] is not None
        heard += item["raises"] in shown
        if item["raises"] is None and shown:
            cried_wolf.append(item["text"])
    assert heard / told >= 0.92
    assert not cried_wolf
