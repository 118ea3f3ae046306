"""Supervisors' verdicts as examples for the lexicon's tests: offered, never added by themselves.

A false alarm is offered to every concept that the flag rested on, as *not found*; a missed sign to the category it was
missed in. Which concept and which status it is to be, the one who edits the lexicon decides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from voice_triage.desk_card import DeskCard
from voice_triage.events import Logged, Verdict
from voice_triage.review.sheet import review_sheet
from voice_triage.utterances import said_in


@dataclass(frozen=True, slots=True)
class Offered:
    """One sentence of a client, as an example."""

    call: str
    category: str
    concept: str
    """Empty for a missed sign: that it has no concept, or a wrong one, is why it was missed."""
    say: str
    """The words of the utterance that count."""
    missed: bool


def offered(log: Sequence[Logged]) -> Iterator[Offered]:
    """What the verdicts of one call offer, in order of the call."""
    sheet = review_sheet(log)
    said = {each.counts.utterance: each.counts.text for each in said_in(logged.event for logged in log)}
    call = log[0].call
    card = DeskCard.of(log)
    for (category, pet), entry in sheet.verdicts.items():
        flag = card.flag(category, pet)
        if flag is None or entry.event.verdict is not Verdict.FALSE_ALARM:
            continue
        shown = flag.card()
        if text := said.get(shown.utterance, shown.evidence):
            yield from (Offered(call, category, concept, text, missed=False) for concept in shown.concepts)
    for miss in sheet.misses:
        text = said.get(miss.event.utterance, miss.event.text)
        yield Offered(call, miss.event.category, "", text, missed=True)


def example_lines(examples: Iterable[Offered]) -> Iterator[str]:
    """Lines to be put into ``examples = [ ... ]`` of a concept, grouped by it; comments say where each comes from."""
    by_concept: dict[tuple[bool, str], list[Offered]] = {}
    for each in examples:
        by_concept.setdefault((each.missed, each.category if each.missed else each.concept), []).append(each)
    for (missed, name), those in sorted(by_concept.items()):
        if missed:
            yield f"# Missed, category {name}: for the concept that should have found it."
        else:
            yield f"# False alarm of concept {name}. Its right status: none, negated, historical, ..."
        for say, call in {each.say: each.call for each in those}.items():
            status = "" if missed else ', status = "none"'
            yield f"  {{ say = {json.dumps(say, ensure_ascii=False)}{status} }},  # call {call}"
