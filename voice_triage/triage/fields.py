"""The call's current field values: readings of the closed utterances, then of the open one, folded by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from voice_triage.events import CALLER_FIELDS, Mention
from voice_triage.triage.field_readers import FIELDS, ConceptFields, read_fields
from voice_triage.triage.phones import open_digits, speaks_of_card
from voice_triage.triage.readings import FieldContext, FieldReading
from voice_triage.triage.signalment import Signalment
from voice_triage.triage.tokens import Utterance

__all__ = [
    "ALL",
    "FIELDS",
    "Cards",
    "ConceptFields",
    "FieldBoard",
    "FieldContext",
    "FieldReading",
    "FieldValue",
    "names_in",
    "read_fields",
]

SHOWN_FROM = 0.3
"""Readings below this confidence are not worth showing."""
_FIRST_HOLDS = frozenset({"species", "onset", "pet_name", "client_name"})
"""Said once in most calls; other animals, episodes and people follow: only a correction or plainer words replace it."""
_PLAINER = 0.12
"""By how much a later reading must be plainer to replace an earlier one of those fields without a correction."""
_CORRECTS_FROM = 0.55
"""A correcting word helps no reading weaker than this: "no, are dogs worse" does not make the cat a dog."""
_CARD_MEMORY = 3
"""For so many utterances after talk of a payment card no digits are read as a phone number."""
_SPECIFIC_BEHAVIOR = frozenset({"lethargic", "restless", "hiding", "aggressive", "disoriented", "unresponsive"})
_AMOUNT_ORDER = {"none": 3, "decreased": 2, "increased": 2, "abnormal": 1, "normal": 0}
_SIGNS = frozenset({"eating", "drinking", "urinating", "defecating"})
_STAGES = frozenset({"puppy", "kitten", "senior"})
ALL = -1
"""Words that speak of every pet: "both", "my cats"."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field's current value with the words it rests on."""

    field: str
    value: str
    evidence: str
    """Exact transcript text."""
    utterance: int
    start_s: float
    end_s: float
    confidence: float
    provisional: bool
    """From an utterance that is still open."""
    rule: str
    contradicts: str | None = None
    """Another value that was said and not plainly corrected."""


Cards = dict[int, dict[str, FieldValue]]
"""Pet -> field -> value."""


class FieldBoard:
    """A card of field values for each of the client's pets: from the closed utterances, and an open one on top of them.

    Used by one thread. Close utterances in order; the state depends only on them. An open one leaves nothing behind.
    """

    def __init__(self, signalment: Signalment, concept_fields: ConceptFields) -> None:
        self._signalment = signalment
        self._concept_fields = concept_fields
        self._closed = 0
        """Number of closed utterances."""
        self._digits = ""
        self._card_until = -1
        self._folds = _Folds()
        self._cards: Cards = {0: {}}
        self._context = FieldContext()

    def copy(self) -> FieldBoard:
        """An independent copy."""
        twin = object.__new__(FieldBoard)
        for name, value in vars(self).items():
            setattr(twin, name, value)
        twin._folds = self._folds.copy()
        return twin

    def read(
        self, utterance: Utterance, mentions: Sequence[Mention], about_pet: Callable[[int], bool]
    ) -> list[FieldReading]:
        """The field readings of the next utterance, open or closed, in the order of their words."""
        return read_fields(utterance, mentions, about_pet, self._signalment, self._concept_fields, self._context)

    def with_open(self, utterance: Utterance, readings: Sequence[FieldReading], of: Sequence[int] = ()) -> Cards:
        """All cards, with what an utterance says that is still open, marked as provisional.

        ``of`` gives each token's pet, or ALL; nothing: all of it is said of pet 0.
        """
        folds = self._folds.copy()
        folds.add(utterance, readings, of, final=False)
        return folds.cards()

    def close(self, utterance: Utterance, readings: Sequence[FieldReading], of: Sequence[int] = ()) -> None:
        """Takes the next utterance's readings in for good; ``of`` as in :meth:`with_open`."""
        self._closed += 1
        if speaks_of_card(utterance):
            self._card_until = self._closed + _CARD_MEMORY
        card = self._closed < self._card_until
        self._digits = "" if card else open_digits(utterance, self._digits)
        self._folds.add(utterance, readings, of, final=True)
        self._cards = self._folds.cards()
        values = {name: value.value for name, value in self._cards[0].items()}
        names = self._context.names | names_in(readings)
        self._context = FieldContext(MappingProxyType(values), names, self._digits, card)

    def cards(self) -> Cards:
        """Every pet's values; a field that was never said is absent."""
        return {pet: dict(values) for pet, values in self._cards.items()}

    def values(self, pet: int = 0) -> dict[str, FieldValue]:
        """Current value by field of one pet, and what was said of the caller."""
        return dict(self._cards.get(pet, {}))

    @property
    def names(self) -> frozenset[tuple[str, ...]]:
        """The pets' names as tokens, from closed utterances: a cat called Raisin is no toxin."""
        return self._context.names


def names_in(readings: Sequence[FieldReading], least: float = SHOWN_FROM) -> frozenset[tuple[str, ...]]:
    """The pets' names that an utterance gives with at least this confidence, as tokens."""
    return frozenset(
        tuple(reading.value.split())
        for reading in readings
        if reading.field == "pet_name" and reading.confidence >= least
    )


class _Folds:
    """A fold for each pet. What is said of all pets, or of the caller, goes to every one, also to those told later."""

    def __init__(self) -> None:
        self._of_all = _Fold({}, [], [])
        self._by_pet: dict[int, _Fold] = {0: self._of_all.copy()}

    def copy(self) -> _Folds:
        twin = _Folds()
        twin._of_all = self._of_all.copy()
        twin._by_pet = {pet: fold.copy() for pet, fold in self._by_pet.items()}
        return twin

    def add(self, utterance: Utterance, readings: Sequence[FieldReading], of: Sequence[int], *, final: bool) -> None:
        """Takes an utterance's readings in, in the order of their words."""
        for pet in of:
            if pet not in self._by_pet and pet != ALL:
                self._by_pet[pet] = self._of_all.copy()
        for reading in readings:
            if reading.confidence < SHOWN_FROM:
                continue
            pet = of[reading.first] if of else 0
            if pet == ALL or reading.field in CALLER_FIELDS:
                folds = [self._of_all, *self._by_pet.values()]
            else:
                folds = [self._by_pet[pet]]
            for fold in folds:
                fold.add(utterance, reading, final=final)

    def cards(self) -> Cards:
        return {pet: fold.result() for pet, fold in sorted(self._by_pet.items())}


@dataclass(slots=True)
class _Fold:
    """Values and pronouns after some readings, so that an open utterance costs no second look at the closed ones."""

    values: dict[str, FieldValue]
    males: list[FieldValue]
    females: list[FieldValue]

    def copy(self) -> _Fold:
        return _Fold(dict(self.values), list(self.males), list(self.females))

    def add(self, utterance: Utterance, reading: FieldReading, *, final: bool) -> None:
        value = _value(utterance, reading, final=final)
        if reading.rule == "sex-pronoun":
            (self.males if value.value == "male" else self.females).append(value)
            return
        before = self.values.get(reading.field)
        self.values[reading.field] = value if before is None else _choose(before, value, correction=reading.correction)

    def result(self) -> dict[str, FieldValue]:
        """The values, with a sex suggested from pronouns and "fixed" made plain by the sex."""
        values = dict(self.values)
        _sex_from_pronouns(values, self.males, self.females)
        _status_by_sex(values)
        return values


def _value(utterance: Utterance, reading: FieldReading, *, final: bool) -> FieldValue:
    first, last = utterance.words[utterance.word_of[reading.first]], utterance.words[utterance.word_of[reading.last]]
    return FieldValue(
        reading.field,
        reading.value,
        utterance.span_text(reading.first, reading.last),
        utterance.index,
        first.start_s,
        last.end_s,
        reading.confidence,
        not final,
        reading.rule,
    )


def _choose(old: FieldValue, new: FieldValue, *, correction: bool) -> FieldValue:
    """The value that holds after a further reading, keeping what it contradicts."""
    if old.value == new.value:
        return old if old.confidence >= new.confidence else replace(new, contradicts=old.contradicts)
    refined = _refined(old, new)
    if refined is not None:
        return refined
    if correction and new.confidence >= min(old.confidence, _CORRECTS_FROM):
        return new
    if old.field in _SIGNS:
        return _later_sign(old, new)
    if old.field == "behavior":
        if old.value in _SPECIFIC_BEHAVIOR and new.value not in _SPECIFIC_BEHAVIOR:
            return old
        return replace(new, contradicts=old.value if "normal" in (old.value, new.value) else None)
    if old.field in _FIRST_HOLDS:
        keeps = new.confidence < old.confidence + _PLAINER
    else:
        keeps = new.confidence < old.confidence - 0.15
    if keeps:
        serious = new.confidence >= old.confidence - 0.1 and old.field != "onset"
        return replace(old, contradicts=new.value) if serious else old
    return replace(new, contradicts=old.value if old.confidence >= 0.5 else None)


def _later_sign(old: FieldValue, new: FieldValue) -> FieldValue:
    """Eating, drinking, urinating, defecating: later beats earlier, but within one utterance the graver holds."""
    if old.utterance == new.utterance and _AMOUNT_ORDER.get(old.value, 0) > _AMOUNT_ORDER.get(new.value, 0):
        return old
    if (old.value != "normal" and new.value == "normal") or (old.value == "normal" and old.utterance != new.utterance):
        return replace(new, contradicts=old.value)
    return new


def _refined(old: FieldValue, new: FieldValue) -> FieldValue | None:
    """The fuller of two values that agree ("retriever", "golden retriever"; "rachel", "rachel kim"); else ``None``."""
    if old.field == "breed":
        old_words, new_words = set(old.value.split()), set(new.value.split())
        if old_words < new_words or (new_words == {"mixed"} and "mixed" not in old_words):
            value = new.value if old_words < new_words else f"{old.value} mixed"
            return replace(new, value=value, contradicts=old.contradicts)
        return old if new_words < old_words else None
    if old.field == "client_name":
        if new.value.startswith(old.value + " ") or new.value.endswith(" " + old.value):
            return new
        return old if old.value.startswith(new.value + " ") or old.value.endswith(" " + new.value) else None
    if old.field == "age":
        if new.value in _STAGES and old.value not in _STAGES:
            return old
        return new if old.value in _STAGES and new.value not in _STAGES else None
    if old.field == "reproductive_status":
        states = {old.value, new.value}
        if "altered" in states and states & {"neutered", "spayed"}:
            return new if old.value == "altered" else old
        if states & {"pregnant", "in_heat"} and "intact" in states:
            return new if old.value == "intact" else old
    return None


def _sex_from_pronouns(
    current: dict[str, FieldValue], males: Sequence[FieldValue], females: Sequence[FieldValue]
) -> None:
    """Suggests a sex at 0.3 to 0.5 from pronouns that agree, where nothing plainer was said."""
    said = current.get("sex")
    if said is not None and said.confidence > 0.5:
        return
    more = males if len(males) >= len(females) else females
    if len(more) < 2 or len(more) < 0.8 * (len(males) + len(females)):
        return
    confidence = round(min(0.5, 0.3 + 0.02 * len(more)), 3)
    if said is None or (said.value != more[0].value and said.confidence < confidence):
        current["sex"] = replace(more[0], confidence=confidence, provisional=more[0].provisional)


def _status_by_sex(current: dict[str, FieldValue]) -> None:
    """``altered`` becomes ``neutered`` or ``spayed`` once a sex is known; a spoken sex overrules a slip."""
    status, sex = current.get("reproductive_status"), current.get("sex")
    if status is None or sex is None:
        return
    if status.value == "altered" or (status.value in ("neutered", "spayed") and sex.confidence >= 0.6):
        current["reproductive_status"] = replace(status, value="neutered" if sex.value == "male" else "spayed")
