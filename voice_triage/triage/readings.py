"""What a field reader gives and what it may look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voice_triage.triage.chunks import Chunks
from voice_triage.triage.signalment import Signalment

DEGREE = (
    r"(?:(?:about|around|like|maybe|roughly|approximately|almost|nearly|only|just|probably|close to"
    r"|right (?:at|around)|a little over"
    r"|a little under|a bit over|over|under|at least|already|now|currently|i (?:think|guess|believe)"
    r"|i want to say|i would say"
    r"|(?:we|they|vet|vets?) (?:think|thinks|said|says|guess|guessed|told us)(?: (?:he|she|it) (?:'s|is))?"
    r"|something like"
    r"|somewhere around|getting to be|exactly|still|so|actually|really|kind of|sort of|well|you know|he 's|she 's|"
    r"technically|barely|not quite|yes|turned|probably about|maybe like) )*"
)
"""Regular expression of what may stand between "he's" and a number: degree words, hedges, who says so."""
_ANIMAL_SUBJECTS = frozenset({"he", "she", "it", "PET"})
_OTHER_ANIMALS = re.compile(
    r" (?:another|neighbor|neighbors|friend|friends|stray|mom|dad|mother|father|sister|brother|parents"
    r"|aunt|uncle|coworker"
    r"|grandma|grandpa|growing up|used to have|had a|had an|had one"
    r"|(?:other|last|previous|former|old|first|late) (?:\S+ )?(?:SPC|SPS|STG|BRD|BRO|SEX|one|two|NUM)) "
)
_PEOPLE = re.compile(
    r" (?:husband|wife|son|daughter|kid|kids|child|children|boyfriend|girlfriend|fiance|guy|lady|man|woman"
    r"|nephew|niece|grandson"
    r"|granddaughter|roommate|doctor|baby) "
)


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One value that an utterance gives for a field (``eval/FORMAT.md``)."""

    field: str
    value: str
    first: int
    """First token of the words it rests on."""
    last: int
    """Last token, inclusive."""
    confidence: float
    """0 to 1; from 0.3 it is worth showing. How plain the words are, not how well they were heard."""
    rule: str
    correction: bool = False
    """The client takes an earlier value back."""


@dataclass(frozen=True, slots=True)
class FieldContext:
    """What the closed utterances before this one tell."""

    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Current value by field."""
    names: frozenset[tuple[str, ...]] = frozenset()
    """Known names of pets, as tokens."""
    digits: str = ""
    """Digits at the end of the utterance before, of a phone number not yet complete."""
    card: bool = False
    """A payment card was spoken of in the last utterances: digits are no phone number."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One utterance for the readers: its symbol line, whose clause each token is in, and what was known before."""

    line: Chunks
    about_pet: Callable[[int], bool]
    """Whether a token's clause speaks of the patient."""
    signalment: Signalment
    context: FieldContext
    findings: frozenset[int] = frozenset()
    """Tokens inside a finding that is present, uncertain or resolved: what a day word can be the beginning of."""

    def of_pet(self, chunk: int) -> bool:
        """Whether a chunk is in a clause about the patient, as far as data of the animal go.

        Also where a clause is only taken for another's because an earlier utterance spoke of another: "he's four" after
        "the other dog's fine" is the patient again, unless this utterance names another animal or a person itself.
        """
        if self.about_pet(self.line.items[chunk].first):
            return True
        return self.line.subject(chunk) in _ANIMAL_SUBJECTS and not (
            _OTHER_ANIMALS.search(self.line.text) or _PEOPLE.search(self.line.text)
        )

    def of_animal(self, chunk: int) -> bool:
        """Whether a chunk that only an animal can have (a breed, a neutering) is the patient's; people do not count."""
        return self.about_pet(self.line.items[chunk].first) or not _OTHER_ANIMALS.search(self.line.text)

    def reading(self, name: str, value: str, first: int, last: int, confidence: float, rule: str) -> FieldReading:
        """A reading that rests on a run of chunks."""
        begin, end = self.line.tokens(first, last)
        return FieldReading(name, value, begin, end, round(confidence, 3), rule)
