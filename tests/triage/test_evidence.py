"""Evidence weighed where no rule decides: another status only when it speaks plainly, and never of an event's end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from voice_triage.events import Mention, Status
from voice_triage.triage.evidence import STATUSES, read_weights, shipped_weights, weigh

Mentions = Callable[[str], Sequence[Mention]]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (
            "two doors down a husky was bleeding all over and the owners took him in i'm only calling about nail trims",
            {"other_subject"},
        ),
    ],
)
def test_a_story_without_a_cue_is_not_present(text: str, status: set[str], mentions: Mentions) -> None:
    """What a whole sentence tells of somebody else's animal raises no flag though no single word says so."""
    flagged = [m for m in mentions(text) if m.concept in ("bleeding", "bleeding_heavily", "difficulty_breathing")]
    assert flagged
    assert {m.status.value for m in flagged} <= status


@pytest.mark.parametrize(
    "text",
    [
        "he had a seizure this morning but he's fine now",
        "my old girl is limping",
        "the limping went away but it's back again",
        "he's throwing up everywhere and he can't get up please can i bring him in right now",
    ],
)
def test_what_is_told_plainly_stands(text: str, mentions: Mentions) -> None:
    """Few words, an event, or a relapse: the evidence takes nothing back."""
    assert all(mention.rule != "weighed" for mention in mentions(text))


def test_every_weight_is_of_every_status() -> None:
    """The weights that are shipped have a number for each status, and none is empty of meaning."""
    weights = shipped_weights()
    assert len(weights) > 1000
    assert {len(row) for row in weights.values()} == {len(STATUSES)}
    assert all(any(row) for feature, row in weights.items() if feature != "bias")


def test_weights_are_added_up_as_probabilities() -> None:
    """A feature that speaks for one status makes it the likeliest, and all together are certain."""
    weights = read_weights("bias\t0\t0\t0\t0\t0\t0\nW:neighbor\t-100\t0\t0\t0\t200\t0\n")
    result = weigh(weights, {"W:neighbor", "W:unknown"})
    assert sum(result.probabilities) == pytest.approx(1)
    assert STATUSES[max(range(6), key=result.probabilities.__getitem__)] is Status.OTHER_SUBJECT
    assert result.strongest == "W:neighbor"
    assert weigh(weights, set()).probabilities == pytest.approx([1 / 6] * 6)


def test_nothing_is_learned_from_held_texts() -> None:
    """The script that fits the weights opens no file that is held back for scoring."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
    try:
        import fit_evidence
    finally:
        sys.path.pop(0)
    read = (*fit_evidence.TRAPS, *fit_evidence.TEXTS, *fit_evidence.CALLS)
    assert len(read) > 10
    assert not [path.name for path in read if "held" in path.name]
