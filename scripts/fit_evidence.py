"""Fits the weights of ``voice_triage/triage/evidence.py`` and writes them beside it.

    python scripts/fit_evidence.py [--without FILE] [--score FILE]

What is learned from is text of the project itself: the trap sentences of ``tests/traps`` and the halves of
``tests/unseen`` that may be read, each with its status; and the owners' messages, utterances and calls of ``tests``,
whose labels name a category's status, not a sentence's: they count half, and stand for how people speak who want no
trap. Halves and splits called *held* are never learned from, one apart that has been read since. ``--without`` leaves
one file out, ``--score`` tells how the statuses of a trap file come out with and without the new weights, and writes
nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from voice_triage import resources  # noqa: E402
from voice_triage.events import Mention, Status  # noqa: E402
from voice_triage.report import reported_status  # noqa: E402
from voice_triage.triage import evidence  # noqa: E402
from voice_triage.triage.lexicon import load  # noqa: E402
from voice_triage.triage.passage import Passage  # noqa: E402
from voice_triage.triage.reading import Reader, Reading, reader_for  # noqa: E402
from voice_triage.triage.tokens import words_of_text  # noqa: E402

TESTS = ROOT / "tests"
TRAPS = (
    *sorted((TESTS / "traps").glob("*.jsonl")),
    *sorted((TESTS / "unseen").glob("traps-*-dev.jsonl")),
)
READ_SINCE = frozenset({TESTS / "traps" / "traps.jsonl"})
"""Files whose split *held* has been read since (``docs/benchmarks.md``)."""
TEXTS = (
    *sorted((TESTS / "utterances").glob("*.jsonl")),
    TESTS / "calls" / "owner-texts.jsonl",
    *sorted((TESTS / "unseen").glob("owners-*-dev.jsonl")),
)
CALLS = (TESTS / "calls" / "calls", TESTS / "calls" / "calls-2", *sorted((TESTS / "unseen").glob("calls-*-dev")))
LABELED_BY_CATEGORY = 0.5
"""Weight of an example whose label is of its category in the whole text."""
SEEN_AT_LEAST = 3
"""A feature of fewer examples has no weight."""
ROUNDS = 10
STEP = 0.1
SHRINK = 0.003
DROPPED_BELOW = 0.04
"""A feature no weight of which comes to this much is left out of the file."""
UNDECIDED = frozenset({"plain", "weighed"})
SMALL = frozenset("the a an his her he she it is of in to up and some has been".split())
_INDEX = {status.value: number for number, status in enumerate(evidence.STATUSES)}


@dataclass(frozen=True)
class Example:
    """One finding with what is to be learned of it."""

    features: tuple[str, ...]
    gold: str
    weight: float
    status: str
    """What the rules made of it."""
    weighable: bool
    """The product weighs it."""


def overlap(said: str, finding: str) -> float:
    """Share of the finding's words in a mention's text, as acceptance measures it (0 to 1)."""
    a, b = set(said.lower().split()) - SMALL, set(finding.lower().split()) - SMALL
    if not a or not b:
        return 0.0
    both = len(a & b)
    return both / min(len(a), len(b)) * (0.5 + 0.5 * both / max(len(a), len(b)))


def read_lines(reader: Reader, lines: Sequence[str]) -> Iterator[tuple[Reading, Mention]]:
    """Every mention of a text, line by line, with its reading."""
    before: Reading | None = None
    for number, line in enumerate(line for line in lines if line.strip()):
        reading = reader.read(reader.hear(words_of_text(line), number, before))
        for mention in reading.mentions:
            yield reading, mention
        before = reading


def example(reading: Reading, mention: Mention, gold: str, weight: float) -> Example | None:
    """What a mention teaches; None if it is no finding."""
    passage: Passage = reading.passage
    skipped = len(passage.utterance.words) - len(reading.utterance.words)
    for match in passage.matches:
        same = match.concept == mention.concept and match.first >= passage.offset
        if same and passage.utterance.word_of[match.first] - skipped == mention.first_word:
            found = tuple(sorted(set(evidence.features(passage, match))))
            status, rule = reported_status(mention.status) or "", mention.rule
            if rule == "weighed":
                status, rule = Status.PRESENT.value, "plain"
            flagged = passage.flagged(match) and passage.kind(match) in evidence.KINDS
            return Example(found, gold, weight, status, flagged and rule == "plain")
    return None


def items(path: Path) -> Iterator[dict[str, object]]:
    """The items of a file that may be learned from."""
    for line in path.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if (item.get("split") != "held" or path in READ_SINCE) and item.get("where", "text") == "text":
            yield item


def of_traps(reader: Reader, path: Path) -> Iterator[tuple[str, Example | None]]:
    """Gold status and example of each trap; no example where the lexicon does not know the finding."""
    for item in items(path):
        finding, gold = str(item["finding"]), str(item["gold"])
        said = list(read_lines(reader, str(item["text"]).splitlines()))
        best = max(said, key=lambda pair: overlap(pair[1].text, finding), default=None)
        known = best is not None and overlap(best[1].text, finding) >= 0.5
        yield gold, example(*best, gold, 1.0) if best is not None and known else None


def of_categories(reader: Reader, lines: Sequence[str], gold: Mapping[str, str]) -> Iterator[Example]:
    """The findings of a text whose categories have a label, where rules and label do not speak of different ones."""
    for reading, mention in read_lines(reader, lines):
        concept = reader.lexicon.concepts.get(mention.concept)
        label = gold.get(concept.category) if concept is not None else None
        if concept is None or label is None or concept.kind not in ("finding", "exposure"):
            continue
        undecided = mention.rule in UNDECIDED or mention.rule == "suspected"
        agrees = reported_status(mention.status) == label
        if agrees or (undecided and label == Status.PRESENT.value):
            learned = example(reading, mention, label, LABELED_BY_CATEGORY)
            if learned is not None:
                yield learned


def labels(found: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Category -> status, *present* before all others."""
    gold: dict[str, str] = {}
    for flag in found:
        if gold.get(flag["category"]) != Status.PRESENT.value:
            gold[flag["category"]] = flag.get("status", Status.PRESENT.value)
    return gold


def texts() -> Iterator[tuple[list[str], dict[str, str]]]:
    """Lines and labels of every text and call that may be learned from."""
    for path in TEXTS:
        for item in items(path):
            yield str(item["text"]).splitlines(), labels(item["labels"]["red_flags"])  # type: ignore[index]
    for folder in CALLS:
        for path in sorted(folder.glob("*.json")):
            call = json.loads(path.read_text(encoding="utf-8"))
            if "held" in (call.get("split"), call.get("pack")):
                continue
            lines = [turn["text"] for turn in call["turns"] if turn["who"] == "client"]
            yield lines, labels([*call["gold"].get("not_flags", []), *call["gold"]["flags"]])


def fit(examples: Sequence[Example]) -> dict[str, tuple[int, ...]]:
    """Weights in whole hundredths: multinomial logistic regression by stochastic descent (AdaGrad), fixed order."""
    seen = Counter(feature for one in examples for feature in one.features)
    index = {feature: number for number, feature in enumerate(sorted(f for f, n in seen.items() if n >= SEEN_AT_LEAST))}
    rows = [np.array([index[f] for f in one.features if f in index], dtype=np.int64) for one in examples]
    gold = [_INDEX[one.gold] for one in examples]
    weights: NDArray[np.float64] = np.zeros((len(index), len(evidence.STATUSES)))
    grown = np.full_like(weights, 1e-6)
    bias = np.zeros(len(evidence.STATUSES))
    order = np.random.default_rng(0)
    for round_number in range(ROUNDS):
        step = STEP * (1 - round_number / ROUNDS) + STEP / 10
        for at in order.permutation(len(rows)):
            row = rows[at]
            scale = evidence.SCALE / np.sqrt(max(len(row), 1))
            sums = weights[row].sum(axis=0) * scale + bias
            off = np.exp(sums - sums.max())
            off /= off.sum()
            off[gold[at]] -= 1
            off *= examples[at].weight
            slope = off[None, :] * scale + SHRINK * examples[at].weight * weights[row]
            grown[row] += slope * slope
            weights[row] -= step * slope / np.sqrt(grown[row])
            bias -= step / 5 * off
    kept = {
        feature: tuple(round(float(w) * evidence.UNIT) for w in weights[number])
        for feature, number in index.items()
        if np.abs(weights[number]).max() >= DROPPED_BELOW
    }
    return {"bias": tuple(round(float(b) * evidence.UNIT) for b in bias), **kept}


def lines_of(weights: Mapping[str, tuple[int, ...]]) -> str:
    """The text of the weights' file."""
    return "".join("\t".join((feature, *map(str, row))) + "\n" for feature, row in weights.items())


def told(weights: Mapping[str, tuple[int, ...]], traps: Sequence[tuple[str, Example | None]]) -> Iterator[str]:
    """How the statuses of traps come out without and with weighing."""
    known = evidence.read_weights(lines_of(weights))
    for weighing in (False, True):
        right = missed = lost = 0
        for gold, one in traps:
            status = one.status if one else ""
            if one and weighing and one.weighable:
                status = evidence.decided(evidence.weigh(known, set(one.features))).value
                lost += one.status == gold == Status.PRESENT.value != status
            right += status == gold
            missed += gold == Status.PRESENT.value != status
        by_weighing = f", {lost} of them by weighing" if weighing else ", rules alone"
        yield f"right {right / len(traps):.3f}, present missed {missed}{by_weighing}"


def main() -> None:
    """Fits, and either writes the weights or tells how a file comes out."""
    parser = argparse.ArgumentParser(description="Fits the weights of the evidence.")
    parser.add_argument("--without", type=Path, action="append", default=[], help="a file not to learn from")
    parser.add_argument("--score", type=Path, action="append", default=[], help="a trap file to score, nothing written")
    parser.add_argument("--also", type=Path, action="append", default=[], help="a further trap file to learn from")
    given = parser.parse_args()
    left_out = {path.resolve() for path in (*given.without, *given.score)}
    reader = reader_for(load(resources.lexicons_dir()))
    examples = [
        one
        for path in (*TRAPS, *given.also)
        if path.resolve() not in left_out
        for gold, one in of_traps(reader, path)
        if one is not None and gold in _INDEX
    ]
    sentences = len(examples)
    examples += [one for lines, gold in texts() for one in of_categories(reader, lines, gold)]
    weights = fit(examples)
    print(
        f"{sentences} trap sentences, {len(examples) - sentences} findings of texts and calls, {len(weights)} features"
    )
    for path in given.score:
        print(path.name, *told(weights, list(of_traps(reader, path))), sep="\n  ")
    if not given.score:
        Path(evidence.__file__).with_name("evidence.tsv").write_text(lines_of(weights), encoding="utf-8")


if __name__ == "__main__":
    main()
