"""Development calls as the understanding hears them: the client's turns, as partials and finals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from voice_triage.events import FinalTranscript, PartialTranscript, Side, Word

Turns = Sequence[str]
"""The client's turns of one call, in spoken form."""

_WORD_S, _GAP_S = 0.33, 0.07
"""A word and the pause behind it: 150 words a minute, an ordinary speaking rate."""


def load_calls(folder: Path) -> list[list[str]]:
    """The client's turns of every call script (``*.json``) in a folder, in order of name.

    Raises ValueError if there is none or one is no call script, OSError if one cannot be read.
    """
    calls = []
    for path in sorted(folder.glob("*.json")):
        try:
            turns = json.loads(path.read_text(encoding="utf-8"))["turns"]
            calls.append([turn["text"] for turn in turns if turn["who"] == "client" and turn["text"].strip()])
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path.name} is no call script ({error}).") from error
    if not calls:
        raise ValueError(f"{folder} holds no call scripts (*.json).")
    return calls


def long_call(calls: Sequence[Turns], words: int, first: int = 0) -> list[str]:
    """One call of exactly so many words: the turns of several, from number ``first`` on, round and round."""
    turns: list[str] = []
    number = first
    while words > 0:
        for turn in calls[number % len(calls)]:
            kept = turn.split()[:words]
            if kept:
                turns.append(" ".join(kept))
            words -= len(kept)
        number += 1
    return turns


def transcripts(turns: Turns, *, partials: bool) -> Iterator[PartialTranscript | FinalTranscript]:
    """What the recognizer gives for a call: each turn's final, with ``partials`` one more for each word before it."""
    for number, words in enumerate(timed_words(turns)):
        for count in range(1, len(words) + 1) if partials else ():
            said = words[:count]
            text = " ".join(word.text for word in said)
            yield PartialTranscript(said[-1].end_s, Side.CLIENT, number, said, text)
        text = " ".join(word.text for word in words)
        yield FinalTranscript(words[-1].end_s, Side.CLIENT, number, words, text, words[0].start_s, words[-1].end_s)


def timed_words(turns: Turns) -> Iterator[tuple[Word, ...]]:
    """Each turn's words with times as at an ordinary speaking rate, five seconds between turns."""
    at_s = 0.0
    for turn in turns:
        words = []
        for text in turn.split():
            words.append(Word(text, round(at_s, 2), round(at_s + _WORD_S, 2)))
            at_s += _WORD_S + _GAP_S
        yield tuple(words)
        at_s += 5.0
