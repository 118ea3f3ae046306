"""Checks a lexicon folder: whether examples get the status they name and templates say what they seem to say.

``voice-triage lexicon check`` prints what this finds; the author of the files corrects it.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from voice_triage.errors import LexiconError
from voice_triage.triage.lexicon import Concept
from voice_triage.triage.lexicon_source import LexiconSource, Problem
from voice_triage.triage.neutrality import objections
from voice_triage.triage.reading import Reader, folder_reader
from voice_triage.triage.template_check import (
    phrases_at_odds,
    shortened_phrases,
    sound_alikes_of_nothing,
    templates_without_match,
    vanishing_alternatives,
)
from voice_triage.triage.tokens import words_of_text

__all__ = ["Problem", "check"]

FEWEST_EXAMPLES = 3
"""Example sentences that a concept which raises a flag by itself must have."""
_SIGN_VALUES = frozenset({"normal", "decreased", "increased", "none", "abnormal"})
FIELD_VALUES: Mapping[str, frozenset[str]] = {
    "eating": _SIGN_VALUES,
    "drinking": _SIGN_VALUES,
    "urinating": _SIGN_VALUES,
    "defecating": _SIGN_VALUES,
    "behavior": frozenset(
        {"normal", "lethargic", "restless", "hiding", "aggressive", "disoriented", "unresponsive", "abnormal"}
    ),
    "sex": frozenset({"male", "female"}),
    "reproductive_status": frozenset({"neutered", "spayed", "intact", "pregnant", "in_heat", "altered"}),
}
"""Patient fields that a mention may fill, with their values (``eval/FORMAT.md``)."""
SPECIES = frozenset({"dog", "cat", "rabbit", "guinea_pig", "hamster", "ferret", "bird", "reptile", "horse", "other"})
"""``eval/FORMAT.md``."""
_SLIP_OF_THE_PEN = 0.87
"""How alike two names are of which one is taken for the other misspelt (difflib's ratio)."""
_MESSAGE = re.compile(
    r"(?P<file>[^\s:]+\.toml)(?::(?P<line>\d+))?: (?:(?P<concept>[a-z][a-z0-9_]*): )?(?P<rest>.*)", re.DOTALL
)


def check(folder: Path) -> list[Problem]:
    """Everything to correct in the lexicon of ``folder``, in order of file and line. Takes some seconds.

    A lexicon that cannot be read at all gives one problem, the LexiconError's.
    """
    try:
        reader = folder_reader(folder)
    except LexiconError as error:
        return [_unreadable(str(error))]
    source = LexiconSource(folder, reader.lexicon)
    found = itertools.chain(_examples(source, reader), *(part(source) for part in _PARTS))
    return sorted(dict.fromkeys(found))


def _unreadable(message: str) -> Problem:
    match = _MESSAGE.fullmatch(message)
    if match is None:
        return Problem("", 1, "", message)
    return Problem(match["file"], int(match["line"] or 1), match["concept"] or "", match["rest"])


def _examples(source: LexiconSource, reader: Reader) -> Iterator[Problem]:
    """Example sentences that get another status than they name."""
    for concept in source.lexicon.concepts.values():
        for example in concept.examples:
            given = _statuses(source, reader, concept, example.say)
            wanted = str(example.status)
            if wanted in given or (wanted == "none" and not given):
                continue
            got = " and ".join(sorted(given)) or "not found"
            yield source.problem(concept.id, f"example {example.say!r} is {got}, not {wanted}", text=example.say)


def _statuses(source: LexiconSource, reader: Reader, concept: Concept, sentence: str) -> set[str]:
    if concept.kind == "idiom":  # an idiom is no mention; that it is found is what counts
        return {"present"} if source.finds(concept.id, sentence) else set()
    mentions = reader.read(reader.hear(words_of_text(sentence))).mentions
    return {str(mention.status) for mention in mentions if mention.concept == concept.id}


def _flags(source: LexiconSource) -> Iterator[Problem]:
    """Concepts that raise a flag by themselves without a category to raise, a label or enough examples."""
    for concept in source.lexicon.concepts.values():
        if concept.flag is None:
            continue
        if not concept.category:
            yield source.problem(concept.id, "has a flag but no category, so it raises nothing")
        if not concept.label.strip():
            yield source.problem(concept.id, "raises a flag but has no label for the card")
        if len(concept.examples) < FEWEST_EXAMPLES:
            few = f"{len(concept.examples)} of at least {FEWEST_EXAMPLES} examples"
            yield source.problem(concept.id, f"raises a flag and has {few}; one should be a denial, one a near miss")


def _wording(source: LexiconSource) -> Iterator[Problem]:
    """Labels and reasons that reassure, guess or diagnose, and rules without a reason."""
    texts = [(concept.id, "concept", "label", concept.label) for concept in source.lexicon.concepts.values()]
    texts += [(rule.id, "rule", "reason", rule.reason) for rule in source.lexicon.rules]
    for name, kind, key, text in texts:
        for why in objections(text):
            yield source.problem(name, f"{key} {text!r}: {why}; state what was said, nothing more", kind=kind)
        if kind == "rule" and not text.strip():
            yield source.problem(name, "has no reason for the card", kind=kind)


def _names(source: LexiconSource) -> Iterator[Problem]:
    """Species, fields and values that the call report does not know."""
    for concept in source.lexicon.concepts.values():
        yield from _species(source, concept.id, concept.species, "concept")
        for field, value in ((f, v) for fields in concept.fields.values() for f, v in fields.items()):
            values = FIELD_VALUES.get(field)
            if values is None:
                yield source.problem(concept.id, f"unknown field {field!r}{_nearest(field, FIELD_VALUES)}")
            elif value not in values:
                yield source.problem(concept.id, f"field {field} cannot be {value!r}{_nearest(value, values)}")
    for rule in source.lexicon.rules:
        yield from _species(source, rule.id, (*rule.species, *rule.not_species), "rule")


def _species(source: LexiconSource, name: str, given: Sequence[str], kind: str) -> Iterator[Problem]:
    for species in given:
        if species not in SPECIES:
            yield source.problem(name, f"unknown species {species!r}{_nearest(species, SPECIES)}", kind=kind)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(known))}"


def _lonely_groups(source: LexiconSource) -> Iterator[Problem]:
    """Groups that one concept has, that nothing uses, and whose name is nearly another's: a slip of the pen.

    (A rule or a place in a template that names an unknown group is an error already when the lexicon is loaded.)
    """
    lexicon = source.lexicon
    used = {name for rule in lexicon.rules for name in (*rule.unless, *(n for c in rule.when for n in c.any))}
    used |= {name for names in lexicon.undone_by.values() for name in names}
    used |= {element.group for pattern in lexicon.patterns for element in pattern.elements if element.group}
    owners: dict[str, list[str]] = defaultdict(list)
    for concept in lexicon.concepts.values():
        for group in concept.groups:
            owners[group].append(concept.id)
    for group, ids in owners.items():
        if len(ids) > 1 or group in used:
            continue
        near = difflib.get_close_matches(group, sorted((used | set(owners)) - {group}), 1, cutoff=_SLIP_OF_THE_PEN)
        if near:
            yield source.problem(ids[0], f"group {group!r} is used nowhere; did you mean {near[0]!r}?")


_PARTS: Sequence[Callable[[LexiconSource], Iterator[Problem]]] = (
    _flags,
    _wording,
    _names,
    _lonely_groups,
    vanishing_alternatives,
    shortened_phrases,
    templates_without_match,
    sound_alikes_of_nothing,
    phrases_at_odds,
)
