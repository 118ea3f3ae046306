"""Sends spoken turns through the field board, for the tests beside it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from voice_triage.events import Mention, Word
from voice_triage.resources import lexicons_dir
from voice_triage.triage.fields import ConceptFields, FieldBoard, FieldValue
from voice_triage.triage.signalment import Signalment, load_signalment
from voice_triage.triage.tokens import Utterance, tokenize


@functools.cache
def signalment() -> Signalment:
    """The product's own species, breed and name words."""
    return load_signalment(lexicons_dir())


def spoken(text: str, index: int = 0, start_s: float = 0.0) -> Utterance:
    """An utterance of the words, a third of a second each."""
    words = tuple(
        Word(word, round(start_s + number / 3, 3), round(start_s + number / 3 + 0.3, 3))
        for number, word in enumerate(text.split())
    )
    return tokenize(words, index)


def board_of(
    *turns: str,
    mentions: Sequence[Sequence[Mention]] = (),
    concept_fields: ConceptFields | None = None,
    about_pet: Callable[[int], bool] = lambda _token: True,
) -> FieldBoard:
    """A board after the turns, each a final utterance."""
    board = FieldBoard(signalment(), concept_fields or {})
    for index, text in enumerate(turns):
        given = mentions[index] if index < len(mentions) else ()
        said = spoken(text, index)
        board.close(said, board.read(said, given, about_pet))
    return board


def closed(board: FieldBoard, text: str, index: int) -> None:
    """Lets a board take in a closed utterance in which all is about the pet."""
    said = spoken(text, index)
    board.close(said, board.read(said, (), lambda _token: True))


def opened(board: FieldBoard, text: str, index: int) -> dict[str, FieldValue]:
    """A board's values with an open utterance in which all is about the pet."""
    said = spoken(text, index)
    return board.with_open(said, board.read(said, (), lambda _token: True))[0]


def values_of(*turns: str) -> dict[str, FieldValue]:
    """All values after the turns."""
    return board_of(*turns).values()


def value_of(field: str, *turns: str) -> str | None:
    """One field's value after the turns; ``None`` if it was not said."""
    value = values_of(*turns).get(field)
    return None if value is None else value.value
