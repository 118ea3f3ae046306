"""The real terms in words that the recognizer wrote otherwise: "ate my zan ax" is told as "ate my xanax"."""

from __future__ import annotations

from collections.abc import Sequence

from voice_triage.triage.matcher import Match
from voice_triage.triage.tokens import Utterance


def as_meant(utterance: Utterance, match: Match, alikes: Sequence[Match]) -> str:
    """The match's words with the terms meant by the ``alikes`` inside it; empty if there is none inside.

    ``alikes`` are matches of sound-alikes in the same utterance. Where two overlap the longer one is right: it explains
    more of what was heard.
    """
    first, last = utterance.word_of[match.first], utterance.word_of[match.last]
    inside = [(utterance.word_of[each.first], utterance.word_of[each.last], each.meant) for each in alikes]
    inside = [each for each in inside if first <= each[0] and each[1] <= last]
    if not inside:
        return ""
    taken: dict[int, tuple[int, str]] = {}
    free = set(range(first, last + 1))
    for start, end, term in sorted(inside, key=lambda each: (each[0] - each[1], each[0], each[2])):
        if free.issuperset(range(start, end + 1)):
            free.difference_update(range(start, end + 1))
            taken[start] = (end, term)
    said: list[str] = []
    at = first
    while at <= last:
        end, text = taken.get(at, (at, utterance.words[at].text))
        said.append(text)
        at = end + 1
    return " ".join(said)
