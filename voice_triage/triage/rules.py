"""Rules: from what stands in the call to the flags that are shown. Rules may raise, never lower the seed's eight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from voice_triage.events import Mention, Status, Urgency
from voice_triage.triage.episodes import Episode, total
from voice_triage.triage.lexicon import Condition, Lexicon, Rule


@dataclass(frozen=True, slots=True)
class Fact:
    """A mention with what the rules need to know of it."""

    mention: Mention
    word: int
    """Number of client words said in the call before the mention."""
    episode: Episode
    hours: float | None
    """Said to have lasted, or been missing, so long."""
    kind: str = "finding"
    event: bool = False
    now: bool = False
    """Said in a clause of the present tense."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known of the patient when rules are judged."""

    species: str = ""
    sex: str = ""
    breed: str = ""
    age: str = ""
    onset_h: float | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag that the facts justify."""

    category: str
    urgency: Urgency
    rule: str
    reason: str
    facts: tuple[Fact, ...]
    """In order of speech; the last one completed the rule."""
    number: int
    """The rule's place in the rulebook: of two equal flags the earlier rule's is shown, the same on every reading."""
    concepts: frozenset[str] = frozenset()
    """Every concept of this category that a rule accepted."""

    @property
    def evidence(self) -> Fact:
        """The fact whose words completed the rule."""
        return max(self.facts, key=lambda fact: fact.word)


@dataclass(frozen=True, slots=True)
class _CompiledRule:
    """A rule with the ids of the concepts it looks at."""

    number: int
    """Its place in the rulebook."""
    rule: Rule
    wanted: tuple[frozenset[str], ...]
    """For each condition."""
    undoing: frozenset[str]
    concepts: frozenset[str]
    """All of these."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules made of some facts."""

    patient: Patient = Patient()
    raised: Mapping[str, Raised] = field(default_factory=lambda: MappingProxyType({}))
    """Rule id -> what it raises, for the rules that raise something."""
    facts: tuple[Fact, ...] = ()
    """The facts."""


NOTHING_JUDGED = Judged()


class Rulebook:
    """All rules of one lexicon, plus one for each concept that is a flag by itself. Immutable."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._members = lexicon.members
        self._concepts = lexicon.concepts
        self._species = {concept.id: concept.species for concept in lexicon.concepts.values() if concept.species}
        """Concepts that count only for these species, or while the species is unknown."""
        own = [
            Rule(
                id=concept.id,
                category=concept.category,
                urgency=concept.flag,
                when=(Condition(any=(concept.id,)),),
                reason="",
            )
            for concept in lexicon.concepts.values()
            if concept.flag and concept.category
        ]
        self._rules: dict[str, _CompiledRule] = {}
        self._by_concept: dict[str, set[str]] = defaultdict(set)
        """Concept id -> ids of the rules whose result it can change."""
        self._by_attribute: dict[str, set[str]] = defaultdict(set)
        """The same by what is known of the patient."""
        for number, rule in enumerate((*own, *lexicon.rules)):
            wanted = tuple(self._ids(condition.any) for condition in rule.when)
            undoing = self._ids((*rule.unless, *lexicon.undone_by.get(rule.category, ())))
            concepts = undoing.union(*wanted)
            self._rules[rule.id] = _CompiledRule(number, rule, wanted, undoing, concepts)
            for concept in concepts:
                self._by_concept[concept].add(rule.id)
            for attribute in self._looked_at(rule, concepts):
                self._by_attribute[attribute].add(rule.id)

    def _ids(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*(self._members.get(name, frozenset()) for name in names))

    def _looked_at(self, rule: Rule, concepts: Iterable[str]) -> Iterator[str]:
        """What a rule's result can hang on of what is known of the patient."""
        if rule.species or rule.not_species or any(concept in self._species for concept in concepts):
            yield "species"
        if rule.sex or rule.unless_sex:
            yield "sex"
        if rule.breeds:
            yield "breed"
        if any(condition.or_onset for condition in rule.when):
            yield "onset_h"

    def judge(self, facts: tuple[Fact, ...], patient: Patient, before: Judged = NOTHING_JUDGED) -> Judged:
        """What every rule makes of the facts, given what they made of facts ``before`` it.

        Only rules that look at a fact that is new, gone or otherwise since then, or at what is known otherwise of the
        patient, are judged again.
        """
        changed = _concepts_changed(before.facts, facts)
        touched = set().union(*[self._by_concept.get(concept, ()) for concept in changed])
        if patient != before.patient:
            for attribute, looking in self._by_attribute.items():
                if getattr(patient, attribute) != getattr(before.patient, attribute):
                    touched |= looking
        if not touched:
            return Judged(patient, before.raised, facts)
        rules = [self._rules[name] for name in touched]
        looked_at = frozenset().union(*[compiled.concepts for compiled in rules])
        by_concept: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            if fact.mention.concept not in looked_at:
                continue
            species = self._species.get(fact.mention.concept)
            if species is None or not patient.species or patient.species in species:
                by_concept[fact.mention.concept].append(fact)
        raised = {name: one for name, one in before.raised.items() if name not in touched}
        for compiled in rules:
            again = self._judge_rule(compiled, by_concept, patient)
            if again is not None:
                raised[compiled.rule.id] = again
        return Judged(patient, raised, facts)

    def _judge_rule(
        self, compiled: _CompiledRule, by_concept: Mapping[str, list[Fact]], patient: Patient
    ) -> Raised | None:
        rule = compiled.rule
        if not _fits(rule, patient):
            return None
        groups: list[list[Fact]] = []
        for condition, wanted in zip(rule.when, compiled.wanted, strict=True):
            found = [fact for concept in wanted & by_concept.keys() for fact in by_concept[concept]]
            held = _held(condition, found, patient) if found else []
            if not held:
                return None
            groups.append(held)
        undone = max(
            (
                fact.word
                for concept in compiled.undoing & by_concept.keys()
                for fact in by_concept[concept]
                if fact.mention.status is Status.PRESENT
            ),
            default=-1,
        )
        groups = [[fact for fact in group if fact.word > undone] for group in groups]
        chosen = _near(groups, rule.within_words) if all(groups) else None
        if chosen is None:
            return None
        chosen.sort(key=lambda fact: fact.word)
        concepts = frozenset(fact.mention.concept for fact in chosen)
        reason = self._reason(rule, chosen)
        return Raised(rule.category, rule.urgency, rule.id, reason, tuple(chosen), compiled.number, concepts)

    def _reason(self, rule: Rule, facts: Sequence[Fact]) -> str:
        said = "; ".join(dict.fromkeys(f"“{fact.mention.meant or fact.mention.text}”" for fact in facts))
        if rule.reason:
            return rule.reason.replace("{said}", said)
        label = self._concepts[facts[-1].mention.concept].label
        return f"The client said {said}: {label}." if label else f"The client said {said}."


def _concepts_changed(before: tuple[Fact, ...], after: tuple[Fact, ...]) -> set[str]:
    """Concepts of the facts that are in one of two sequences only; a fact that stays is the same object in both."""
    known = len(before)
    if after[:known] == before:  # nearly always: facts are added
        return {fact.mention.concept for fact in after[known:]}
    old, new = {id(fact): fact for fact in before}, {id(fact): fact for fact in after}
    return {(old.get(key) or new[key]).mention.concept for key in old.keys() ^ new.keys()}


def by_category(judged: Judged) -> dict[str, Raised]:
    """The flag of each category, the most urgent and then the earliest, with the concepts of all its rules.

    In the order of the rulebook, so that a call read again gives the same flags in the same order.
    """
    found: dict[str, list[Raised]] = defaultdict(list)
    for raised in sorted(judged.raised.values(), key=lambda raised: raised.number):
        found[raised.category].append(raised)
    flags: dict[str, Raised] = {}
    for category, alike in found.items():
        best = min(alike, key=_rank)
        concepts = best.concepts.union(*[raised.concepts for raised in alike])
        flags[category] = best if len(alike) == 1 else replace(best, concepts=concepts)
    return flags


def _fits(rule: Rule, patient: Patient) -> bool:
    """Whether a rule's conditions on the patient hold; what is not known yet holds unless the rule needs it known."""
    if rule.species and patient.species not in rule.species and (rule.known_species or patient.species):
        return False
    if patient.species and patient.species in rule.not_species:
        return False
    if rule.sex and patient.sex != rule.sex and (rule.known_sex or patient.sex):
        return False
    if rule.unless_sex and patient.sex == rule.unless_sex:
        return False
    return not rule.breeds or any(breed in patient.breed for breed in rule.breeds)


def _held(condition: Condition, found: Sequence[Fact], patient: Patient) -> list[Fact]:
    """The facts that satisfy a condition, in order of speech; none if it is not satisfied."""
    facts = [fact for fact in found if fact.mention.status in condition.status or _happened(fact)]
    facts.sort(key=_order)
    if condition.lasting_h is not None:
        since = (patient.onset_h or 0.0) if condition.or_onset else 0.0
        facts = [fact for fact in facts if (fact.hours if fact.hours is not None else since) >= condition.lasting_h]
    if condition.at_least <= 1:
        return facts
    for upto, fact in enumerate(facts, start=1):
        if fact.episode.per_day and fact.episode.count >= condition.at_least:
            return [fact]
        if total([earlier.episode for earlier in facts[:upto]], condition.within_h) >= condition.at_least:
            return [fact]
    return []


def _happened(fact: Fact) -> bool:
    """An event that is over still counts (a fit ten minutes ago); one that there was none of "since" does not."""
    return (
        fact.event and fact.mention.status is Status.RESOLVED and fact.mention.rule not in ("none_since", "no_longer")
    )


def _order(fact: Fact) -> tuple[int, int, str]:
    """In order of speech; of facts that begin at the same word the one that says most comes first."""
    return (fact.word, -fact.mention.last_word, fact.mention.concept)


def _rank(raised: Raised) -> tuple[int, int, int]:
    return (0 if raised.urgency is Urgency.RED else 1, raised.evidence.word, raised.number)


def _near(groups: Sequence[Sequence[Fact]], within: int | None) -> list[Fact] | None:
    """One fact of each group, the earliest completing combination whose words lie within ``within`` words."""
    if within is None or len(groups) == 1:
        return [group[0] for group in groups]
    best: list[Fact] | None = None
    for anchor in groups[0]:
        chosen = [anchor]
        for group in groups[1:]:
            near = [f for f in group if abs(f.word - anchor.word) <= within]
            if not near:
                break
            chosen.append(min(near, key=lambda f: (f.word < anchor.word - within, f.word)))
        else:
            if best is None or max(f.word for f in chosen) < max(f.word for f in best):
                best = chosen
    return best
