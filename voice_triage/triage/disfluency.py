"""Core tokens: what is left of an utterance for phrase matching, without fillers, intensifiers, articles and stammers.

Templates and transcripts pass through the same function, so ``his gums are, um, kinda white`` meets the template
``gums (are|is) white``. Negations, times and doubts are never dropped: assertion reads them from the full tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

DROPPED = frozenset(
    {
        *("um", "uh", "er", "erm", "hmm", "mm", "ah", "oh", "huh", "mhm", "ugh", "gosh"),
        *("like", "just", "really", "very", "quite", "actually", "totally", "completely", "basically", "literally"),
        *(
            "honestly",
            "even",
            "also",
            "sorta",
            "super",
            "extremely",
            "awfully",
            "terribly",
            "so",
            "pretty",
            "real",
            "freaking",
        ),
        *("a", "an", "the", "his", "her", "its", "their"),
        *("*", '"', "(", ")", "…"),
    }
)
"""Words that carry no finding. ``my`` and ``your`` stay: a pain in *my* neck is not the pet's."""

_PAIRS = frozenset({("kind", "of"), ("sort", "of"), ("you", "know"), ("i", "mean")})
_OPENS_PAIR = frozenset(first for first, _ in _PAIRS)


def core_indices(norms: Sequence[str]) -> list[int]:
    """Indices of the tokens that matter for matching, stammered repetitions of one to three tokens taken once."""
    kept: list[int] = []
    words: list[str] = []
    skip = False
    last = len(norms) - 1
    for index, norm in enumerate(norms):
        if skip:
            skip = False
            continue
        if norm in DROPPED:
            continue
        if norm in _OPENS_PAIR and index < last and (norm, norms[index + 1]) in _PAIRS:
            skip = True
            continue
        kept.append(index)
        words.append(norm)
        for size in (1, 2, 3):
            if words[-1 - size : -size] == [norm] and words[-2 * size : -size] == words[-size:]:
                del kept[-2 * size : -size]  # the later copy stays: it is what the speaker went on with
                del words[-2 * size : -size]
                break
    return kept


def core_norms(norms: Sequence[str]) -> tuple[str, ...]:
    """The core tokens themselves."""
    return tuple(norms[index] for index in core_indices(norms))
