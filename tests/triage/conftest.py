"""The shipped lexicon, read once, and ways to let it hear a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from voice_triage import resources
from voice_triage.events import Event, FinalTranscript, Mention, Side
from voice_triage.triage.lexicon import Lexicon, load
from voice_triage.triage.state import CallUnderstanding
from voice_triage.triage.tokens import words_of_text

Hear = Callable[[str], tuple[CallUnderstanding, list[Event]]]


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The lexicon as shipped."""
    return load(resources.lexicons_dir())


def final(text: str, utterance: int = 0) -> FinalTranscript:
    """A closed utterance of the client, one word every 0.4 s."""
    words = tuple(
        type(word)(word.text, round(0.4 * n, 2), round(0.4 * n + 0.3, 2)) for n, word in enumerate(words_of_text(text))
    )
    return FinalTranscript(0.0, Side.CLIENT, utterance, words, text, 0.0, 0.4 * len(words))


@pytest.fixture
def hear(lexicon: Lexicon) -> Hear:
    """Lets a new call hear a text, one utterance per line; gives the understanding and all events."""

    def hear(text: str) -> tuple[CallUnderstanding, list[Event]]:
        understanding = CallUnderstanding(lexicon)
        events: list[Event] = []
        for number, line in enumerate(line for line in text.splitlines() if line.strip()):
            events += understanding.hear(final(line, number))
        return understanding, events

    return hear


@pytest.fixture
def mentions(hear: Hear) -> Callable[[str], Sequence[Mention]]:
    """All mentions of a text, with their final status."""
    return lambda text: hear(text)[0].mentions()
