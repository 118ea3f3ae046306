"""Core tokens: what is left of an utterance for phrase matching, without fillers, intensifiers, articles and stammers.

Templates and transcripts pass through the same function, so ``his gums are, um, kinda white`` meets the template
``gums (are|is) white``. Negations, times and doubts are never dropped: assertion reads them from the full tokens.
``her`` falls away before a noun, as articles do ("her leg"); as an object ("a car hit her") it counts as *him*.
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

_AFTER_AN_OBJECT = frozenset(
    {
        *("and", "but", "or", "because", "since", "when", "while", "until", "if", "as", "than", "that", "who", "which"),
        *("i", "he", "she", "it", "we", "they", "you", "this", "these", "those", "the", "a", "an", "my", "our", "your"),
        *("is", "'s", "are", "was", "were", "has", "have", "had", "do", "does", "did", "can", "could", "will", "would"),
        *(
            "not",
            "on",
            "in",
            "at",
            "by",
            "with",
            "from",
            "to",
            "for",
            "of",
            "off",
            "out",
            "up",
            "down",
            "over",
            "under",
        ),
        *("into", "onto", "through", "around", "away", "across", "along", "against", "inside", "outside"),
        *(
            "after",
            "before",
            "during",
            "about",
            "near",
            "behind",
            "today",
            "yesterday",
            "tonight",
            "tomorrow",
            "now",
            "then",
        ),
        *("there", "here", "once", "twice", "every", "too", "either", "yet", "still", "anymore", "again", "please"),
        *("some", "any", "half", "something", "anything", "all", "like", "just", "so", "alone"),
    }
)
"""Words that no noun phrase begins with or that begin another one: a *her* before them has no noun of its own."""

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
        if norm in DROPPED and not (norm == "her" and _is_object(norms, index)):
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


def _is_object(norms: Sequence[str], index: int) -> bool:
    """Whether the *her* at ``index`` is the one something is done to, and not the one something belongs to."""
    if index == len(norms) - 1:
        return True
    after = norms[index + 1]
    return after in _AFTER_AN_OBJECT or not (after[0].isalnum() or after[0] == "'")


def core_words(norms: Sequence[str]) -> tuple[list[int], list[str]]:
    """Indices of the core tokens, and what each of them is matched as."""
    kept = core_indices(norms)
    return kept, ["him" if norms[index] == "her" else norms[index] for index in kept]


def core_norms(norms: Sequence[str]) -> tuple[str, ...]:
    """The core tokens themselves, as they are matched."""
    return tuple(core_words(norms)[1])
