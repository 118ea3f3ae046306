"""A call that is listened to by the guide, utterance by utterance."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from voice_triage import resources
from voice_triage.events import (
    CallStarted,
    Event,
    FinalTranscript,
    LaneShown,
    LaneWithdrawn,
    Logged,
    Question,
    QuestionsSuggested,
    Side,
)
from voice_triage.guidance.guide import Guidance, Guide, guidance_for
from voice_triage.triage.lexicon import Lexicon, load
from voice_triage.triage.state import CallUnderstanding
from voice_triage.triage.tokens import words_of_text


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The lexicon as shipped."""
    return load(resources.lexicons_dir())


@pytest.fixture(scope="session")
def guidance(lexicon: Lexicon) -> Guidance:
    """Its questions and lanes."""
    return guidance_for(lexicon)


def final(text: str, utterance: int) -> FinalTranscript:
    """A closed utterance of the client."""
    words = words_of_text(text)
    return FinalTranscript(0.0, Side.CLIENT, utterance, words, text, 0.0, 0.4 * len(words))


class Listened:
    """A call, its log and what the guide makes of it."""

    def __init__(self, lexicon: Lexicon, guidance: Guidance) -> None:
        self.understanding = CallUnderstanding(lexicon)
        self.guide = Guide(guidance)
        self.log: list[Logged] = []
        self.suggested: list[QuestionsSuggested] = []
        self.lanes: dict[tuple[str, int], LaneShown] = {}
        self._utterances = 0
        self.put([CallStarted("c", 0.0, "2026-11-23T10:00:00+00:00", "headset", 16000)])

    def put(self, events: Iterable[Event]) -> list[Event]:
        """Log events together, as a call's log does; gives what followed from them."""
        placed = [Logged("c", len(self.log) + n, event) for n, event in enumerate(events, start=1)]
        self.log += placed
        news = self.guide.follow(placed)
        for event in news:
            if isinstance(event, QuestionsSuggested):
                self.suggested.append(event)
            elif isinstance(event, LaneShown):
                self.lanes[event.lane, event.pet] = event
            elif isinstance(event, LaneWithdrawn):
                del self.lanes[event.lane, event.pet]
        self.log += [Logged("c", len(self.log) + n, event) for n, event in enumerate(news, start=1)]
        return news

    def say(self, *texts: str) -> None:
        """The client says this, one utterance after the other."""
        for text in texts:
            said = final(text, self._utterances)
            self._utterances += 1
            self.put([said])
            self.put(self.understanding.hear(said))

    def say_again(self, text: str, utterance: int) -> None:
        """An utterance is heard again as this."""
        self.put(self.understanding.revise(final(text, utterance)))

    @property
    def questions(self) -> list[Question]:
        """What is suggested now."""
        return list(self.suggested[-1].questions)

    @property
    def ids(self) -> list[str]:
        """Its ids."""
        return [question.id for question in self.questions]

    @property
    def not_asked(self) -> tuple[str, ...]:
        """Labels of what was not asked."""
        return self.suggested[-1].not_asked


Listen = Callable[..., Listened]


@pytest.fixture
def listen(lexicon: Lexicon, guidance: Guidance) -> Listen:
    """A new call in which the client has said these utterances."""

    def listen(*texts: str) -> Listened:
        call = Listened(lexicon, guidance)
        call.say(*texts)
        return call

    return listen
