"""Rules: from what stands in the call to the flags that are shown. Rules may raise, never lower the seed's eight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
    concepts: frozenset[str] = frozenset()
    """Every concept of this category that a rule accepted."""

    @property
    def evidence(self) -> Fact:
        """The fact whose words completed the rule."""
        return max(self.facts, key=lambda fact: fact.word)


class Rulebook:
    """All rules of one lexicon, plus one for each concept that is a flag by itself. Immutable."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._members = lexicon.members
        self._concepts = lexicon.concepts
        self._undone_by = {name: self._ids(names) for name, names in lexicon.undone_by.items()}
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
        self._rules: tuple[Rule, ...] = (*own, *lexicon.rules)
        self._needed = {rule.id: self._ids(rule.when[0].any) for rule in self._rules}
        self._by_concept: dict[str, list[Rule]] = defaultdict(list)
        for rule in self._rules:
            for condition in rule.when:
                for concept in self._ids(condition.any):
                    if rule not in self._by_concept[concept]:
                        self._by_concept[concept].append(rule)

    def _ids(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset().union(*(self._members.get(name, frozenset()) for name in names))

    def judge(self, facts: Sequence[Fact], patient: Patient) -> dict[str, Raised]:
        """The flag of each category that the facts justify, the most urgent and then the earliest."""
        by_concept: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            if self._applies(fact, patient):
                by_concept[fact.mention.concept].append(fact)
        raised: dict[str, Raised] = {}
        seen: set[str] = set()
        for concept in by_concept:
            for rule in self._by_concept.get(concept, ()):
                if rule.id in seen:
                    continue
                seen.add(rule.id)
                found = self._judge_rule(rule, by_concept, patient)
                if found is None:
                    continue
                best = raised.get(rule.category)
                concepts = frozenset(fact.mention.concept for fact in found.facts)
                if best is not None:
                    concepts |= best.concepts
                    found = min(found, best, key=_rank)
                raised[rule.category] = replace(found, concepts=concepts)
        return raised

    def _applies(self, fact: Fact, patient: Patient) -> bool:
        species = self._concepts[fact.mention.concept].species
        return not species or not patient.species or patient.species in species

    def _judge_rule(self, rule: Rule, by_concept: Mapping[str, list[Fact]], patient: Patient) -> Raised | None:
        if rule.species and patient.species not in rule.species and (rule.known_species or patient.species):
            return None
        if patient.species and patient.species in rule.not_species:
            return None
        if rule.sex and patient.sex != rule.sex and (rule.known_sex or patient.sex):
            return None
        if rule.unless_sex and patient.sex == rule.unless_sex:
            return None
        if rule.breeds and not any(breed in patient.breed for breed in rule.breeds):
            return None
        groups: list[list[Fact]] = []
        for condition in rule.when:
            held = self._hold(condition, by_concept, patient)
            if not held:
                return None
            groups.append(held)
        undone = max(
            (
                f.word
                for name in self._ids(rule.unless) | self._undone_by.get(rule.category, frozenset())
                for f in by_concept.get(name, ())
                if f.mention.status is Status.PRESENT
            ),
            default=-1,
        )
        groups = [[f for f in group if f.word > undone] for group in groups]
        if not all(groups):
            return None
        chosen = _near(groups, rule.within_words)
        if chosen is None:
            return None
        return Raised(
            rule.category,
            rule.urgency,
            rule.id,
            self._reason(rule, chosen),
            tuple(sorted(chosen, key=lambda f: f.word)),
        )

    def _hold(self, condition: Condition, by_concept: Mapping[str, list[Fact]], patient: Patient) -> list[Fact]:
        facts = sorted(
            (
                f
                for concept in self._ids(condition.any)
                for f in by_concept.get(concept, ())
                if f.mention.status in condition.status or (f.event and f.mention.status is Status.RESOLVED)
            ),
            key=lambda f: f.word,
        )
        if condition.lasting_h is not None:
            wanted = condition.lasting_h
            since = (patient.onset_h or 0.0) if condition.or_onset else 0.0
            facts = [f for f in facts if (f.hours if f.hours is not None else since) >= wanted]
        if condition.at_least > 1:
            rates = [f for f in facts if f.episode.per_day and f.episode.count >= condition.at_least]
            if rates:
                return rates[:1]
            for upto in range(1, len(facts) + 1):
                if total([f.episode for f in facts[:upto]]) >= condition.at_least:
                    return [facts[upto - 1]]
            return []
        return facts

    def _reason(self, rule: Rule, facts: Sequence[Fact]) -> str:
        said = "; ".join(dict.fromkeys(f"“{fact.mention.text}”" for fact in sorted(facts, key=lambda f: f.word)))
        if rule.reason:
            return rule.reason.replace("{said}", said)
        label = self._concepts[facts[-1].mention.concept].label
        return f"The client said {said}: {label}." if label else f"The client said {said}."


def _rank(raised: Raised) -> tuple[int, int]:
    return (0 if raised.urgency is Urgency.RED else 1, raised.evidence.word)


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
