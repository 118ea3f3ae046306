"""Speaks lines of the text files through a watch, with times, and says what of them was written at any moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from voice_triage.card_data.hearings import Heard
from voice_triage.card_data.numerals import REPEATS
from voice_triage.card_data.watch import CardWatch
from voice_triage.events import FinalTranscript, PartialTranscript, Side, Word

WORD_S = 0.35
PAUSE_S = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance: its words, and which of them are card data."""

    side: Side
    words: tuple[str, ...]
    secret: frozenset[int]
    pause_s: float = PAUSE_S
    """Before it."""


def lines_of(form: str) -> list[Line]:
    """The utterances of a form as the text files write it."""
    lines = []
    for part in form.split("|"):
        own = part.strip().startswith("OWN:")
        text = part.strip().removeprefix("OWN:")
        words: list[str] = []
        secret: set[int] = set()
        inside = False
        for piece in re.findall(r"[{}]|[^\s{}]+", text):
            if piece in "{}":
                inside = piece == "{"
                continue
            secret |= {len(words)} if inside else set()
            words.append(piece)
        lines.append(Line(Side.OWN if own else Side.CLIENT, tuple(words), frozenset(secret)))
    return lines


@dataclass(slots=True)
class Written:
    """What came out of a watch."""

    lines: list[Line]
    last: dict[int, tuple[Word, ...]] = field(default_factory=dict)
    """By utterance: the words as they stand in the end."""
    ever: list[Heard] = field(default_factory=list)
    """Everything that was to be written, in order."""
    shown: list[PartialTranscript] = field(default_factory=list)
    spoken: dict[int, tuple[Word, ...]] = field(default_factory=dict)

    def leaks(self) -> list[str]:
        """Words of card data that were given out at any moment, also on the page. "Double" alone is none yet."""
        found = []
        for heard in (*self.ever, *self.shown):
            words = heard.words[:-1] if isinstance(heard, PartialTranscript) and _breaks_off(heard) else heard.words
            there = {_as_key(word) for word in words}
            line, spoken = self.lines[heard.utterance], self.spoken[heard.utterance]
            found += [spoken[place].text for place in line.secret if _as_key(spoken[place]) in there]
        return found

    def text(self) -> str:
        """What stands in the end."""
        return " | ".join(" ".join(word.text for word in self.last[index]) for index in range(len(self.lines)))

    def lost(self) -> list[str]:
        """Words that are not card data and do not stand in the end."""
        found = []
        for index, line in enumerate(self.lines):
            there = {_as_key(word) for word in self.last[index]}
            spoken = self.spoken[index]
            found += [
                spoken[place].text
                for place in range(len(spoken))
                if place not in line.secret and _as_key(spoken[place]) not in there
            ]
        return found


def speak(lines: Sequence[Line], *, partials: bool = False, watch: CardWatch | None = None) -> Written:
    """The lines said one after another, then the end of the call. ``partials``: each word is shown as it is heard."""
    watch = watch or CardWatch()
    written = Written(list(lines))
    now_s = 0.0

    def take(heard: Iterable[Heard]) -> None:
        for each in heard:
            written.ever.append(each)
            written.last[each.utterance] = each.words

    for index, line in enumerate(lines):
        steps = max(1, round(line.pause_s / 0.5))
        for step in range(steps):
            take(watch.passed(now_s + (step + 1) * line.pause_s / steps))
        now_s += line.pause_s
        words = tuple(
            Word(text, round(now_s + place * WORD_S, 3), round(now_s + (place + 1) * WORD_S - 0.01, 3))
            for place, text in enumerate(line.words)
        )
        written.spoken[index] = words
        if partials:
            for count in range(1, len(words) + 1):
                heard = words[:count]
                text = " ".join(word.text for word in heard)
                written.shown.append(watch.partial(PartialTranscript(heard[-1].end_s, line.side, index, heard, text)))
        now_s += len(words) * WORD_S
        text = " ".join(line.words)
        take(watch.final(FinalTranscript(now_s, line.side, index, words, text, words[0].start_s, words[-1].end_s)))
    take(watch.end())
    return written


def _breaks_off(partial: PartialTranscript) -> bool:
    return partial.words[-1].text in REPEATS


def _as_key(word: Word) -> tuple[str, float]:
    return word.text, word.start_s
