"""How sure it is that a flag's words were said, and when a flag is *possible* only.

This is about hearing, not about medicine: a flag's rule holds or it does not. The confidence is the mean of what the
recognizer says of the words that are the evidence, 0 to 1, whichever ear heard them. It decides what is shown as
*possible*, and not whether a flag is raised: of the false flags on the development calls most rest on words at full
confidence, so a gate on it would cost right flags and save few false ones (``speech.md``, ``docs/hearing.md``).

What does decide is how well the words *around* were understood. A long phrase is hardly ever heard by chance; one or
two words are, where the rest is noise ("seizure" in hiss, "threw up" in "he threw up one hundred them"). A flag that
rests on so few words of an utterance that was hardly understood, or came over a noisy line, is shown and not raised.
"""

from __future__ import annotations

from collections.abc import Sequence

from voice_triage.events import FlagState, Word

POSSIBLE_BELOW = 0.6
"""Words below it were wrong more often than right: of the live recognizer's at 0.5 to 0.7, 34 to 42 % were right, at
0.7 to 0.9, 59 to 64 %, at 1.0, 93 to 95 %; of the careful ear's at 0.5 to 0.6, 57 % (development calls)."""
STANDING = 0.9
"""Confidence of words of an open utterance, of which the recognizer gives none, once they have stood long enough to
raise a flag: 115 of 121 such flags held until the utterance's end (``docs/hearing.md``)."""


def confidence_of(words: Sequence[Word], first_word: int, last_word: int) -> float:
    """The mean confidence of the words ``first_word`` to ``last_word``, inclusive, of an utterance; 1 of none."""
    spoken = words[first_word : last_word + 1]
    return round(sum(word.confidence for word in spoken) / len(spoken), 3) if spoken else 1.0


def is_possible(state: FlagState, confidence: float) -> bool:
    """Whether a flag is shown as possible: it is provisional, or its words were hardly understood."""
    return state is FlagState.PROVISIONAL or confidence < POSSIBLE_BELOW


FEW_WORDS = 2
"""So few words may be heard by chance: of the live ear's flags on the development calls and 40 others, 6 of 21 that
rest on so few were false, and 3 of 39 of those on more (``docs/hearing.md``)."""
UNCLEAR_BELOW = 0.7
"""Mean confidence of an utterance: words between 0.5 and 0.7 were right in fewer than half of the cases."""


def by_chance(words: Sequence[Word], first_word: int, last_word: int, *, noisy: bool) -> bool:
    """Whether the words ``first_word`` to ``last_word``, inclusive, of a closed utterance may be heard by chance."""
    if last_word - first_word >= FEW_WORDS:
        return False
    return noisy or confidence_of(words, 0, len(words) - 1) < UNCLEAR_BELOW
