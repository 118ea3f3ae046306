"""Cues: the short phrases of ``lexicons/cues.toml``, found in an utterance's full tokens.

A phrase may hold alternatives as a template does: ``before (i|we) (got|adopted) (him|her)``, ``[right] now``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hassil.errors import MissingRuleError
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError
from hassil.sample import sample_expression

from voice_triage.errors import LexiconError
from voice_triage.triage.phrases import Phrases
from voice_triage.triage.tokens import split_word

CUE_LISTS = frozenset(
    {
        *("negation", "not_negation", "persists", "exception", "terminator"),
        *("resolved_before", "resolved_after", "recovery", "well", "historical", "historical_after", "current"),
        *("denied_after", "ended_after", "not_yet", "named_thing", "general_after", "round_denial", "denies_next"),
        *("hypothetical", "doubt", "modal", "suspicion", "repair", "taken_back", "announcement", "belief", "all_there"),
        *(
            "person",
            "reporting",
            "other_animal",
            "other_owner",
            "caring_for",
            "generic",
            "animal",
            "household",
            "client_does",
        ),
    }
)
"""The lists that assertion reads; a file must have all of them and no other."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue's place: tokens ``first`` to ``last``, inclusive."""

    name: str
    """The list it belongs to."""
    first: int
    last: int


_SHORT = {"is": "'s", "has": "'s", "have": "'ve"}
"""As in "might've"; a short "had", "would", "will" or "are" says nothing that a cue needs."""


def spoken_forms(phrase: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The phrase itself, and the one in which its first auxiliary is said short: "is" as "'s", "have" as "'ve"."""
    for at, norm in enumerate(phrase):
        short = _SHORT.get(norm)
        if short is not None and len(phrase) > 1:
            return [phrase, (*phrase[:at], short, *phrase[at + 1 :])]
    return [phrase]


_MARKS = frozenset("()[]{}<>|;\\")


def is_plain(text: str) -> bool:
    """Whether a template is a phrase as it stands: parsing it would say no more, and is most of the work."""
    return _MARKS.isdisjoint(text)


MOST_WAYS = 4000
"""A cue that stands for more phrases multiplies what nobody says: one such line took most of a start."""


def _ways(text: str) -> list[str]:
    """Every phrase that a cue stands for. Raises LexiconError if it cannot be parsed or stands for too many."""
    if is_plain(text):
        return [text]
    try:
        ways = sample_expression(parse_sentence(text).expression, expand_lists=False)
        found = [str(way) for way in islice(ways, MOST_WAYS + 1)]
    except (ParseError, MissingRuleError) as error:
        raise LexiconError(f"cues.toml: {text!r} cannot be parsed: {error}") from error
    if len(found) > MOST_WAYS:
        raise LexiconError(f"cues.toml: {text!r} stands for more than {MOST_WAYS} phrases; split it or leave some out")
    return found


CuePhrases = Mapping[tuple[str, ...], tuple[str, ...]]
"""Tokens of each phrase -> names of the lists it stands in."""


def cue_phrases(lists: Mapping[str, Sequence[str]]) -> CuePhrases:
    """Every phrase of the cue lists. Raises LexiconError for a cue that cannot be parsed or stands for too many."""
    phrases: dict[tuple[str, ...], tuple[str, ...]] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}  # few sets of names, many phrases
    for name, texts in lists.items():
        for way in (way for text in texts for way in _ways(text)):
            for phrase in spoken_forms(tuple(n for word in way.split() for n in split_word(word))):
                known = phrases.get(phrase, ())
                if name not in known:
                    names = tuple(sorted((*known, name)))
                    phrases[phrase] = shared.setdefault(names, names)
    return phrases


class Cues:
    """All cue lists, ready to search. Immutable."""

    def __init__(self, phrases: CuePhrases) -> None:
        self._phrases = Phrases(phrases.items())

    def find(self, norms: Sequence[str]) -> list[Cue]:
        """Every cue in order of place; at one place the longest phrase of each list wins."""
        found: dict[tuple[int, str], Cue] = {}
        for first, end, names in self._phrases.find(norms):
            for name in names:
                found[first, name] = Cue(name, first, end - 1)
        return list(found.values())


def load_cues(folder: Path) -> CuePhrases:
    """Every phrase of a lexicon folder's cues. Raises LexiconError for a missing file, a missing or unknown list."""
    path = folder / "cues.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LexiconError(f"{path}: missing; copy cues.toml from the product's own lexicons folder") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise LexiconError(f"{path.name}: cannot be read as TOML: {error}") from error
    lists = data.get("cues")
    if not isinstance(lists, dict):
        raise LexiconError(f"{path.name}: the table [cues] is missing")
    wrong = sorted(CUE_LISTS ^ set(lists))
    if wrong:
        raise LexiconError(f"{path.name}: lists missing or unknown: {', '.join(wrong)}")
    for name, texts in lists.items():
        if not isinstance(texts, list) or not all(isinstance(t, str) and t.strip() for t in texts):
            raise LexiconError(f"{path.name}: {name}: must be a list of phrases")
    return cue_phrases(lists)
