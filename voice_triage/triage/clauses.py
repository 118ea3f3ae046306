"""Clauses of unpunctuated speech: where they begin, who they are about, and in which time.

Losing the sentence boundary halves the precision of every negation library (`language.md`), so boundaries come from
what speech has: a subject with its verb, a conjunction, a pause, and punctuation where the text was written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from voice_triage.triage.cues import Cue
from voice_triage.triage.tokens import Utterance, is_punctuation

PAUSE_S = 0.6
"""A silence this long between two words ends a clause."""

_ALWAYS_SUBJECT = frozenset({"he", "she", "they", "we", "i"})
_SUBJECT_IF_VERB = frozenset(
    {
        "it",
        "that",
        "this",
        "you",
        "there",
        "these",
        "those",
        "which",
        "who",
        "someone",
        "somebody",
        "nobody",
        "everything",
        "nothing",
        "what",
    }
)
_AUXILIARY = frozenset(
    {
        *(
            "'s",
            "is",
            "are",
            "was",
            "were",
            "am",
            "been",
            "be",
            "has",
            "have",
            "had",
            "'d",
            "do",
            "does",
            "did",
            "can",
            "could",
        ),
        *("will", "would", "should", "might", "may", "must", "'re", "'ve", "'ll", "ai", "gets", "got", "keeps", "kept"),
    }
)
_PLAIN_VERB = frozenset(
    {
        *(
            "started",
            "stopped",
            "keeps",
            "kept",
            "looks",
            "looked",
            "seems",
            "seemed",
            "smells",
            "feels",
            "felt",
            "comes",
            "came",
        ),
        *(
            "goes",
            "went",
            "hurts",
            "happened",
            "says",
            "said",
            "just",
            "still",
            "also",
            "sounds",
            "sounded",
            "only",
            "really",
            "kind",
        ),
        *(
            "won",
            "all",
            "probably",
            "never",
            "always",
            "lasted",
            "took",
            "makes",
            "made",
            "turned",
            "swelled",
            "burst",
            "popped",
        ),
    }
)
_DETERMINER = frozenset({"his", "her", "their", "its", "my", "our", "the", "your", "both", "one"})
_PREPOSITION = frozenset(
    {
        *(
            "in",
            "on",
            "of",
            "at",
            "to",
            "with",
            "from",
            "for",
            "up",
            "under",
            "over",
            "by",
            "about",
            "into",
            "out",
            "around",
            "off",
        ),
        *(
            "through",
            "against",
            "near",
            "behind",
            "beside",
            "between",
            "onto",
            "down",
            "across",
            "like",
            "than",
            "all",
            "if",
            "and",
            "or",
        ),
    }
)
_CONJUNCTION = frozenset(
    {
        *(
            "but",
            "however",
            "although",
            "though",
            "because",
            "while",
            "when",
            "whenever",
            "until",
            "if",
            "unless",
            "except",
        ),
        *("since", "then", "after", "before", "whereas", "otherwise", "yet", "so", "plus"),
    }
)
_LINK = frozenset(
    {
        "and",
        "or",
        "but",
        "so",
        "because",
        "that",
        "if",
        "when",
        "then",
        "while",
        "until",
        "whenever",
        "plus",
        "though",
        "although",
        "since",
    }
)
_DISCOURSE = frozenset(
    {
        "no",
        "yes",
        "okay",
        "well",
        "oh",
        "alright",
        "right",
        "sure",
        "hi",
        "hello",
        "hey",
        "actually",
        "sorry",
        "please",
        "thanks",
        "um",
        "uh",
    }
)
_PRESENT = frozenset(
    {"is", "are", "am", "'re", "has", "have", "keeps", "does", "do", "now", "'ve", "still", "will", "can"}
)
_PAST = frozenset(
    {"was", "were", "had", "did", "went", "got", "came", "kept", "ate", "fell", "threw", "would", "could", "'d"}
)


class About(StrEnum):
    """Who a clause speaks of."""

    PET = "pet"
    CLIENT = "client"
    PERSON = "person"
    OTHER_ANIMAL = "other_animal"
    GENERIC = "generic"


@dataclass(slots=True)
class Clause:
    """Tokens ``first`` to ``last`` (inclusive) with one subject and verb."""

    first: int
    last: int
    link: str = ""
    """The conjunction that opens it, or nothing."""
    embedded: bool = False
    """It hangs on a verb of saying or thinking in the clause before it."""
    hard: bool = True
    """A new statement; phrases do not reach across its beginning."""
    about: About = About.PET
    past: bool = False
    subject: int = -1
    """Token of the subject, or -1."""


def split_clauses(utterance: Utterance, cues: Sequence[Cue], starts: Collection[int] = ()) -> list[Clause]:
    """The clauses of an utterance, in order, covering every token. ``starts`` are further known clause beginnings."""
    norms = utterance.norms
    count = len(norms)
    if not count:
        return []
    reporting = {cue.last for cue in cues if cue.name == "reporting"}
    begins: dict[int, tuple[str, bool, bool, int]] = {0: ("", False, True, _subject_at(norms, 0))}
    for at in range(1, count):
        norm = norms[at]
        before = norms[at - 1]
        if is_punctuation(before):
            if before[0] in ".?!;\n" or (before[0] in ",-:(" and _opens_clause(norms, at)):
                begins[at] = ("", False, True, _subject_at(norms, at))
            continue
        if utterance.pause_before(at) >= PAUSE_S:
            begins[at] = ("", False, True, _subject_at(norms, at))
            continue
        if norm in _CONJUNCTION and _conjunction_opens(norms, at):
            begins[at] = (norm, False, True, _subject_at(norms, at + 1))
            continue
        if at in starts or _is_subject(norms, at):
            link_at = at - 1 if before in _LINK else -1
            anchor = link_at if link_at > 0 else at
            previous = anchor - 1
            embedded = previous >= 0 and _after_report(norms, previous, reporting)
            if link_at > 0 and link_at in begins:
                begins[link_at] = (begins[link_at][0], begins[link_at][1], begins[link_at][2], at)
                continue
            link = before if link_at >= 0 else ""
            if link_at == 0:
                begins[0] = (before, False, True, at)
                continue
            begins[anchor] = ("" if link == "that" else link, embedded and link in ("", "that", "if"), not embedded, at)
    ordered = sorted(begins)
    clauses = [
        Clause(
            first, (ordered[n + 1] if n + 1 < len(ordered) else count) - 1, *begins[first][:3], subject=begins[first][3]
        )
        for n, first in enumerate(ordered)
    ]
    for clause in clauses:
        clause.past = _is_past(norms, clause)
    return clauses


def _after_report(norms: Sequence[str], at: int, reporting: set[int]) -> bool:
    """Whether token ``at`` is a verb of saying or thinking, perhaps with a small word after it ("told me", "noticed that")."""
    for back in range(3):
        if at - back < 0:
            return False
        if at - back in reporting:
            return True
        if norms[at - back] not in (
            "me",
            "us",
            "that",
            "him",
            "her",
            "them",
            "like",
            "yesterday",
            "today",
            "just",
            "about",
        ):
            return False
    return False


def _conjunction_opens(norms: Sequence[str], at: int) -> bool:
    norm = norms[at]
    following = norms[at + 1] if at + 1 < len(norms) else ""
    if norm in ("so", "since", "after", "before", "then", "yet", "plus"):
        if norm == "so" and at and norms[at - 1] in _AUXILIARY:
            return False  # "he's so weak"
        if norm == "then":
            return True
        return following in _ALWAYS_SUBJECT or _is_subject(norms, at + 1) or following in ("now", "then")
    return not (norm in ("though", "but") and not following)


def _opens_clause(norms: Sequence[str], at: int) -> bool:
    return (
        _is_subject(norms, at)
        or norms[at] in _CONJUNCTION
        or (norms[at] in ("and", "or") and at + 1 < len(norms) and _is_subject(norms, at + 1))
    )


def _is_subject(norms: Sequence[str], at: int) -> bool:
    """Whether a subject with its verb begins at ``at``."""
    if at >= len(norms):
        return False
    norm = norms[at]
    if norm in _ALWAYS_SUBJECT:
        if norm == "i" and norms[at + 1 : at + 2] in (["mean"], ("mean",)):
            return False
        # "is he", "does she": a question's subject stands behind its verb and opens nothing
        return not (at and norms[at - 1] in _AUXILIARY and norms[at - 1] not in ("been", "'d"))
    following = norms[at + 1] if at + 1 < len(norms) else ""
    if norm in _SUBJECT_IF_VERB:
        if at and norms[at - 1] in _AUXILIARY and norms[at - 1] not in ("'s",):
            return False
        if norm in ("that", "who", "which") and at and norms[at - 1] not in _LINK and not is_punctuation(norms[at - 1]):
            return norm == "that" and following in ("'s", "is", "was", "has")
        return following in _AUXILIARY or following in _PLAIN_VERB or following.endswith("n't")
    if norm in _DETERMINER:
        if at and (norms[at - 1] in _PREPOSITION or norms[at - 1] in _AUXILIARY or norms[at - 1] in _DETERMINER):
            if norms[at - 1] not in (
                "and",
                "or",
                "all",
                "now",
                "like",
                "if",
                "around",
                "about",
                "up",
                "out",
                "down",
                "over",
                "off",
            ):
                return False
        for step in (2, 3, 4):
            if at + step >= len(norms):
                return False
            if norms[at + step] in _AUXILIARY and not norms[at + step] == "'s":
                return True
            if norms[at + step] in (
                "keeps",
                "kept",
                "started",
                "stopped",
                "looks",
                "seems",
                "hurts",
                "feels",
                "came",
                "went",
                "won",
            ):
                return True
            if norms[at + step] == "'s":
                after = norms[at + step + 1] if at + step + 1 < len(norms) else ""
                return after.endswith("ing") or after in (
                    "all",
                    "just",
                    "not",
                    "been",
                    "got",
                    "so",
                    "like",
                    "really",
                    "a",
                    "been",
                    "still",
                    "always",
                    "pretty",
                    "very",
                    "kind",
                    "probably",
                    "never",
                    "had",
                    "fine",
                    "okay",
                    "swollen",
                    "up",
                )
            if norms[at + step] in _PREPOSITION or is_punctuation(norms[at + step]):
                return False
    return False


def _subject_at(norms: Sequence[str], at: int) -> int:
    """The subject's token at a clause's beginning, past conjunctions, fillers and discourse words; -1 if there is none."""
    for index in range(at, min(at + 6, len(norms))):
        if _is_subject(norms, index) or norms[index] in _ALWAYS_SUBJECT:
            return index
        if (
            norms[index] not in _LINK
            and norms[index] not in _DISCOURSE
            and norms[index] not in ("like", "you", "know", "so", "now", "just", "yesterday")
        ):
            return -1
    return -1


def _is_past(norms: Sequence[str], clause: Clause) -> bool:
    words = norms[clause.first : clause.last + 1]
    past = any(word in _PAST or (word.endswith("ed") and len(word) > 4) for word in words)
    present = any(word in _PRESENT for word in words) or any(
        word == "'s"
        and index + 1 < len(words)
        and (words[index + 1].endswith("ing") or words[index + 1] in ("not", "still", "just", "been"))
        for index, word in enumerate(words)
    )
    return past and not present
