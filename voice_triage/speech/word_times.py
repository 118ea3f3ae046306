"""Times for words that are known without them: from words that were heard with times, and from voice activity."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from voice_triage.events import Word

_SHORTEST_S = 0.01


def timed(
    texts: Sequence[str], guide: Sequence[Word], speech: Sequence[tuple[float, float]], confidence: float
) -> tuple[Word, ...]:
    """``texts`` as words in call time, in order and without overlap.

    A word that the guide has too takes its time; those between two such words share the time between them evenly, as
    those before the first and after the last do from and to the borders of ``speech``.
    """
    if not texts:
        return ()
    same = SequenceMatcher(None, [word.text for word in guide], texts, autojunk=False).get_matching_blocks()
    anchors = {new + i: guide[old + i] for old, new, length in same for i in range(length)}
    edges = [*(time_s for span in speech for time_s in span), *(word.start_s for word in guide)]
    edges += [word.end_s for word in guide]
    first_s, last_s = (min(edges), max(edges)) if edges else (0.0, 0.0)
    words: list[Word] = []
    at = 0
    while at < len(texts):
        if at in anchors:
            anchor = anchors[at]
            start_s = max(anchor.start_s, words[-1].end_s if words else anchor.start_s)
            words.append(Word(texts[at], start_s, max(anchor.end_s, start_s), confidence))
            at += 1
            continue
        following = next((later for later in range(at, len(texts)) if later in anchors), len(texts))
        left_s = words[-1].end_s if words else first_s
        right_s = max(left_s, anchors[following].start_s if following in anchors else last_s)
        each_s = max(_SHORTEST_S, (right_s - left_s) / (following - at))
        words += [
            Word(texts[at + i], left_s + i * each_s, left_s + (i + 1) * each_s, confidence)
            for i in range(following - at)
        ]
        at = following
    return tuple(words)
