"""Call reports against gold: flags, false alarms, fields, and how long after its words a flag is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmark.field_values import same_value
from benchmark.gold import CATEGORIES, GoldCall, GoldFlag
from benchmark.traps import Ratio
from benchmark.words_heard import WordErrors, word_errors

Report = Mapping[str, Any]


OWN_WORDS_S = 1.0
"""Evidence that ends this close to the end of the gold phrase is that phrase, or part of it."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after the end of the gold phrase a flag came, in seconds; negative on other words of the same turn."""

    call: str
    category: str
    shown_s: float
    """Until it was shown at all, provisionally or raised."""
    raised_s: float
    own_words: bool
    """Whether it rests on the gold phrase itself, and not on something else that was said."""


@dataclass(slots=True)
class Scores:
    """What was found out about calls that were heard; flags count once per category and call."""

    calls: int = 0
    words: WordErrors = field(default_factory=WordErrors)
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, 0))
    gold: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, 0))
    false: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, 0))
    clean_calls: int = 0
    clean_false: int = 0
    """False flags in calls in which no flag is right."""
    withdrawn: int = 0
    """Categories shown, not raised in the end, and not gold."""
    fields_right: int = 0
    fields_gold: int = 0
    fields_said: int = 0
    delays: list[Delay] = field(default_factory=list)
    """Of flags that are right."""
    before_words: int = 0
    """Flags shown before the turn of their words began: right or lucky, but no measure of delay."""
    reheard_s: list[float] = field(default_factory=list)
    """Seconds from the end of an utterance until a second hearing had settled it."""
    heard_once: int = 0
    """Utterances that were to be heard again, and were not."""
    heard_s: float = 0.0
    compute_s: float = 0.0
    missed: list[str] = field(default_factory=list)
    """``call category`` of each gold flag that was not raised."""
    wrong: list[str] = field(default_factory=list)
    """... and of each raised one that is not gold."""

    @property
    def recall(self) -> Ratio:
        """Gold flags that were raised; an orange flag does not stand for a red one."""
        return Ratio(sum(self.right.values()), sum(self.gold.values()))

    @property
    def precision(self) -> Ratio:
        """Raised flags that are gold."""
        hits = sum(self.right.values())
        return Ratio(hits, hits + sum(self.false.values()))

    @property
    def field_recall(self) -> Ratio:
        """Gold field values that were said."""
        return Ratio(self.fields_right, self.fields_gold)

    @property
    def field_precision(self) -> Ratio:
        """Field values said that are gold."""
        return Ratio(self.fields_right, self.fields_said)

    @property
    def false_per_clean_call(self) -> float:
        """False flags in a call that deserves none."""
        return self.clean_false / self.clean_calls if self.clean_calls else 0.0

    @property
    def real_time_factor(self) -> float:
        """Seconds of computing per second of sound."""
        return self.compute_s / self.heard_s if self.heard_s else 0.0

    def add(self, call: GoldCall, report: Report) -> None:
        """Count one call's report."""
        self.calls += 1
        self.words += word_errors(call, words_of(report))
        self.heard_s += call.duration_s
        self.compute_s += report["timing"]["compute_s"] or 0.0
        raised = raised_flags(report)
        gold = {flag.category: flag for flag in call.flags}
        for category, flag in gold.items():
            self.gold[category] += 1
            got = raised.get(category)
            if got is None or (flag.urgency == "red" and got["urgency"] != "red"):
                self.missed.append(f"{call.id} {category}")
                continue
            self.right[category] += 1
            self._time(call, flag, got)
        for category in raised.keys() - gold.keys():
            self.false[category] += 1
            self.wrong.append(f"{call.id} {category}")
        if call.clean:
            self.clean_calls += 1
            self.clean_false += len(raised)
        shown = {flag["category"] for flag in report["flags"]}
        self.withdrawn += len(shown - raised.keys() - gold.keys())
        for said in report["utterances"]:
            again = said.get("second_hearing", {"outcome": ""})
            self.heard_once += again["outcome"] == "skipped"
            if again["outcome"] == "settled":
                self.reheard_s.append(again["at_s"] - said["end_s"])
        self._count_fields(call, report)

    def _time(self, call: GoldCall, gold: GoldFlag, flag: Mapping[str, Any]) -> None:
        raised_s = flag["raised_at_s"]
        shown_s = flag["provisional_at_s"] if flag["provisional_at_s"] is not None else raised_s
        if shown_s < gold.began_s:
            self.before_words += 1
            return
        own = abs(flag["end_s"] - gold.end_s) <= OWN_WORDS_S
        self.delays.append(Delay(call.id, gold.category, shown_s - gold.end_s, raised_s - gold.end_s, own))

    def _count_fields(self, call: GoldCall, report: Report) -> None:
        said = {
            name: str(entry["value"])
            for name, entry in report["fields"].items()
            if entry["value"] not in (None, "") and entry["state"] != "rejected"
        }
        if "sex" not in call.fields:  # suggested from pronouns alone: neither right nor wrong
            said.pop("sex", None)
        self.fields_gold += len(call.fields)
        self.fields_said += len(said)
        self.fields_right += sum(
            name in said and same_value(name, value, said[name]) for name, value in call.fields.items()
        )


def score(calls: Iterable[GoldCall], reports: Mapping[str, Report]) -> Scores:
    """The scores of all calls; one without a report is a call in which nothing was heard. Raises ValueError."""
    scores = Scores()
    for call in calls:
        if call.id not in reports:
            raise ValueError(f"there is no report of the call {call.id}")
        scores.add(call, reports[call.id])
    return scores


def raised_flags(report: Report) -> dict[str, Mapping[str, Any]]:
    """Flags that stand at the end, by category; a red one counts where a report holds both."""
    raised: dict[str, Mapping[str, Any]] = {}
    for flag in report["flags"]:
        if flag["state"] == "raised" and (flag["category"] not in raised or flag["urgency"] == "red"):
            raised[flag["category"]] = flag
    return raised


def words_of(report: Report) -> list[str]:
    """All words of the client as heard, in order of the call."""
    spoken = [utterance for utterance in report["utterances"] if utterance.get("side", "client") == "client"]
    return [word for utterance in spoken for word in utterance["text"].split()]


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least ``share`` of the values do not exceed; None of no values."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
