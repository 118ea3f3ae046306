"""Card data in what people type: notes, reasons, values of fields. Judged as one text, at once."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from voice_triage.card_data.marks import CARD_REMOVED, MARKS
from voice_triage.card_data.watch import CardWatch
from voice_triage.events import Event, FinalTranscript, Side, Word

E = TypeVar("E", bound=Event)

_WORD_S = 0.3
_LINE_S = 6.0
"""A line break parts as a pause does."""
_PIECE = re.compile(r"\S+")


def without_card_data(text: str) -> str:
    """The text with ``CARD_REMOVED`` in place of card data; the same object if there is none."""
    if sum(letter.isdigit() for letter in text) < 3 and len(text.split()) < 3:
        return text
    shown = text
    for mark in MARKS:
        shown = shown.replace(mark, "•" * len(mark))  # what was cut before speaks of no card now
    words: list[Word] = []
    starts: list[int] = []
    at_s, end = 0.0, 0
    pieces = list(_PIECE.finditer(shown))
    for match in pieces:
        at_s += _LINE_S * text.count("\n", end, match.start())
        words.append(Word(str(len(words)), at_s, at_s + _WORD_S))
        starts.append(match.start())
        at_s, end = at_s + _WORD_S, match.end()
    given = _masked(words, [match[0] for match in pieces])
    if all(word.text != CARD_REMOVED for word in given):
        return text
    by_start = {word.start_s: place for place, word in enumerate(words)}
    by_end = {word.end_s: place for place, word in enumerate(words)}
    ends = [match.end() for match in pieces]
    written, after = "", 0
    for word in given:
        if word.text == CARD_REMOVED:
            written += text[after : starts[by_start[word.start_s]]] + CARD_REMOVED
            after = ends[by_end[word.end_s]]
    return written + text[after:]


def utterances_without_card_data(utterances: Sequence[tuple[Word, ...]]) -> list[tuple[Word, ...]]:
    """The words of a client's utterances that have no times, as in a written conversation; judged as if spoken."""
    watch = CardWatch()
    at_s = 0.0
    given: dict[int, tuple[Word, ...]] = {}
    for number, words in enumerate(utterances):
        timed = tuple(
            dataclasses.replace(word, start_s=at_s + place * _WORD_S, end_s=at_s + (place + 1) * _WORD_S)
            for place, word in enumerate(words)
        )
        at_s += _WORD_S * len(words) + _LINE_S
        heard = watch.final(FinalTranscript(at_s, Side.CLIENT, number, timed, "", timed[0].start_s, timed[-1].end_s))
        given.update((each.utterance, each.words) for each in heard)
    given.update((each.utterance, each.words) for each in watch.end())
    return [
        words
        if len(given[number]) == len(words) and all(word.text != CARD_REMOVED for word in given[number])
        else tuple(dataclasses.replace(word, start_s=0.0, end_s=0.0) for word in given[number])
        for number, words in enumerate(utterances)
    ]


def holds_card_data(text: str) -> bool:
    """Whether there is card data in a text."""
    return without_card_data(text) != text


def typed_without_card_data(event: E) -> E:
    """An event of what somebody typed, with the card data cut out of all its texts."""
    changed: dict[str, Any] = {}
    for each in dataclasses.fields(event):
        value = getattr(event, each.name)
        if type(value) is str and (cut := without_card_data(value)) != value:
            changed[each.name] = cut
    return dataclasses.replace(event, **changed) if changed else event


def _masked(times: list[Word], pieces: list[str]) -> tuple[Word, ...]:
    words = tuple(dataclasses.replace(time, text=piece) for time, piece in zip(times, pieces, strict=True))
    if not words:
        return ()
    watch = CardWatch(typed=True)
    said = FinalTranscript(0.0, Side.OWN, 0, words, "", words[0].start_s, words[-1].end_s, "typed")
    given = watch.final(said)
    return (watch.end() or given)[0].words
