"""Templates that say something else than they seem to.

Templates and speech lose their articles, *his/her* and adverbs of degree before they are matched (``disfluency.py``). A
template whose meaning rests on such a word says more than its author thinks: "stroke her" is every *stroke*,
"(went|totally) limp" is every *limp*. That is the commonest and the most costly mistake in a lexicon.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

from hassil.expression import Alternative, Expression, Group, ListReference, RuleReference, TextChunk

from voice_triage.triage.lexicon import Concept
from voice_triage.triage.lexicon_source import GAP, PLACE, LexiconSource, Problem

_ARTICLES = frozenset({"a", "an", "the", "his", "her", "its", "their"})
"""Dropped words that an author puts in or leaves out without meaning anything by it."""
_FILLERS = ("somewhat", "yonder", "hither", "thence", "whence", "verily")
"""Words that stand in no template, to fill gaps with: a different one in each, or a template that says a word twice
would be heard as a stammer."""


def vanishing_alternatives(source: LexiconSource) -> Iterator[Problem]:
    """Alternatives of which nothing is left to match, which makes the whole choice an option: "(went|totally) limp"."""
    for name, sentence in source.expansions.items():
        for lost in _lost_alternatives(source, sentence.expression):
            file, line = source.expansion_places[name]
            yield Problem(file, line, "", f"expansion {name!r}: {_optional(lost)}")
    for concept, text in source.templates():
        for lost in _lost_alternatives(source, source.parsed(text)):
            yield source.problem(concept.id, f"template {text!r}: {_optional(lost)}", text=text)


def _optional(lost: str) -> str:
    return f"{lost!r} is left out of speech before matching, so the choice it stands in may be left out altogether"


def _lost_alternatives(source: LexiconSource, expression: Expression, alone: bool = True) -> Iterator[str]:
    """Alternatives of whole words, articles aside, of which nothing is left beside others of which something is."""
    if isinstance(expression, Alternative) and not expression.is_optional and alone:
        options = [source.samples(item, 8) for item in expression.items if not _has_places(source, item)]
        ways = [(way, source.core(way)) for way in itertools.chain.from_iterable(options) if way.strip()]
        if any(core for _, core in ways):
            yield from (way.strip() for way, core in ways if not core and not set(way.split()) <= _ARTICLES)
    if isinstance(expression, Group):
        for at, item in enumerate(expression.items):
            before = expression.items[at - 1] if at else None
            after = expression.items[at + 1] if at + 1 < len(expression.items) else None
            yield from _lost_alternatives(source, item, _spaced(before, -1) and _spaced(after, 0))


def _spaced(neighbor: Expression | None, edge: int) -> bool:
    """Whether a blank or nothing stands on this side of an item: "stop(ped|ping)" has neither before its choice."""
    if neighbor is None:
        return True
    return isinstance(neighbor, TextChunk) and (not neighbor.text or neighbor.text[edge].isspace())


def _has_places(source: LexiconSource, expression: Expression) -> bool:
    if isinstance(expression, ListReference):
        return True
    if isinstance(expression, RuleReference):
        return _has_places(source, source.expansions[expression.rule_name].expression)
    return isinstance(expression, Group) and any(_has_places(source, item) for item in expression.items)


def shortened_phrases(source: LexiconSource) -> Iterator[Problem]:
    """Phrases that lose what their meaning rests on: an idiom an end, a flag or sound-alike all words but one."""
    for concept, text in source.templates():
        alike = any(text in alikes for alikes in concept.sound_alikes.values())
        if concept.kind != "idiom" and concept.flag is None and not alike:
            continue
        ways = [way for way in source.samples(source.parsed(text), 120) if not PLACE.search(way)]
        whole = {source.core(way) for way in ways if all(source.core(word) for word in way.split())}
        for way in ways:
            words, core = way.split(), source.core(way)
            if not core or core in whole:
                continue
            first_lost = not source.core(words[0]) and words[0] not in _ARTICLES
            ends_lost = concept.kind == "idiom" and (first_lost or not source.core(words[-1]))
            one_left = len(core) == 1 and len(words) > 1 and (alike or not _only_articles_lost(source, words))
            if ends_lost or one_left:
                said = f"{' '.join(words)!r} is matched as {' '.join(core)!r}"
                yield source.problem(concept.id, f"template {text!r}: {said}", text=text)
                break


def _only_articles_lost(source: LexiconSource, words: Sequence[str]) -> bool:
    """Whether articles before the one word that stays are all that is lost: "a seizure"."""
    return set(words[:-1]) <= _ARTICLES and bool(source.core(words[-1]))


def templates_without_match(source: LexiconSource) -> Iterator[Problem]:
    """Templates that do not find even their own words, said with nothing or with one word in each gap."""
    for concept, text in source.templates():
        said = [
            spoken
            for way in source.samples(source.parsed(text), 3)
            for filled in (False, True)
            if (spoken := _spoken(source, way, frozenset({concept.id}), filled=filled)) is not None
        ]
        if said and not any(source.finds(concept.id, sentence) for sentence in said):
            message = f"template {text!r} can never match: it does not find its own words {said[0]!r}"
            yield source.problem(concept.id, message, text=text)


def sound_alikes_of_nothing(source: LexiconSource) -> Iterator[Problem]:
    """Sound-alikes of a term that is not the concept's own: it would be shown, and said aloud it would not be found."""
    for concept in source.lexicon.concepts.values():
        for term, alikes in concept.sound_alikes.items():
            if not source.finds(concept.id, term):
                message = f"sound-alikes of {term!r}, which no template finds: mend it, or add it to the templates"
                yield source.problem(concept.id, message, text=term)
            if term in alikes:
                message = f"{term!r} is given as a sound-alike of itself: take it out, or put it into the templates"
                yield source.problem(concept.id, message, text=term)


def _spoken(source: LexiconSource, way: str, inside: frozenset[str], *, filled: bool = False) -> str | None:
    """A way through a template as somebody might say it; None if a place in it has no words of its own."""
    pieces: list[str] = []
    fillers = itertools.cycle(_FILLERS)
    for number, chunk in enumerate(PLACE.split(way)):
        if number % 2 == 0:
            pieces.append(chunk)
        elif GAP.fullmatch(chunk):
            pieces.append(f" {next(fillers)} " if filled and chunk != "gap0" else "")
        else:
            phrase = _phrase_of(source, chunk, inside)
            if phrase is None:
                return None
            pieces.append(f" {phrase} ")
    return " ".join(" ".join(pieces).split()) or None


def _phrase_of(source: LexiconSource, name: str, inside: frozenset[str]) -> str | None:
    """Some phrase that is a mention of a concept or group."""
    for concept_id in sorted(source.lexicon.members.get(name, frozenset()) - inside):
        for text in source.lexicon.concepts[concept_id].templates:
            for way in source.samples(source.parsed(text), 2):
                phrase = _spoken(source, way, inside | {concept_id})
                if phrase is not None:
                    return phrase
    return None


def phrases_at_odds(source: LexiconSource) -> Iterator[Problem]:
    """One phrase in two concepts of a category, of which one makes the other pointless or says the opposite."""
    owners: dict[tuple[str, tuple[str, ...]], dict[str, None]] = defaultdict(dict)
    concepts = source.lexicon.concepts
    for pattern in source.lexicon.patterns:
        concept = concepts[pattern.concept]
        if len(pattern.elements) == 1 and not pattern.elements[0].group and concept.category:
            for phrase in source.lexicon.phrases[pattern.elements[0].part]:
                owners[concept.category, phrase].setdefault(concept.id)
    told: set[tuple[str, str]] = set()
    for (category, phrase), ids in owners.items():
        for first, second in itertools.combinations(ids, 2):
            if (first, second) not in told and _at_odds(concepts[first], concepts[second]):
                told.add((first, second))
                message = f"{' '.join(phrase)!r} is also in {first!r} of {category}, with another flag or kind"
                yield source.problem(second, message)


def _at_odds(one: Concept, other: Concept) -> bool:
    if "idiom" in (one.kind, other.kind):
        return False
    if one.species and other.species and set(one.species).isdisjoint(other.species):
        return False
    undoes = {concept.kind in ("normal", "recovery") for concept in (one, other)}
    return one.flag != other.flag or len(undoes) == 2
