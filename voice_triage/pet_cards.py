"""The pets' cards as a log tells them: fields by pet, which pet is the sick one, which has died."""

from __future__ import annotations

from voice_triage.events import CALLER_FIELDS, Event, FieldRetracted, FieldSuggested, PetsTold, PetTold


class PetCards:
    """Folds a call's events. The order of a card's fields is that of their latest suggestion."""

    def __init__(self) -> None:
        self.told: PetsTold | None = None
        """Nothing while the call is about one living pet."""
        self._fields: dict[tuple[int, str], FieldSuggested] = {}

    def take(self, event: Event) -> None:
        """Takes the next event of the log."""
        match event:
            case PetsTold():
                self.told = event
            case FieldSuggested():
                self._fields.pop((event.pet, event.field), None)
                self._fields[event.pet, event.field] = event
            case FieldRetracted():
                self._fields.pop((event.pet, event.field), None)
            case _:
                pass

    @property
    def suggested(self) -> dict[tuple[int, str], FieldSuggested]:
        """Everything suggested, by pet and field."""
        return dict(self._fields)

    @property
    def front(self) -> int:
        """The sick pet."""
        return self.told.front if self.told is not None else 0

    @property
    def pets(self) -> list[PetTold]:
        """The pets, the sick one first, the others as they were told; one if nothing else was said."""
        pets = self.told.pets if self.told is not None else (PetTold(0),)
        return sorted(pets, key=lambda pet: (pet.pet != self.front, pet.pet))

    def fields(self, pet: int) -> dict[str, FieldSuggested]:
        """What was said of a pet, without what was said of the caller."""
        return {
            name: suggested for (of, name), suggested in self._fields.items() if of == pet and name not in CALLER_FIELDS
        }

    def front_fields(self) -> dict[str, FieldSuggested]:
        """What was said of the sick pet and of the caller."""
        return {
            name: suggested
            for (of, name), suggested in self._fields.items()
            if name in CALLER_FIELDS or of == self.front
        }
