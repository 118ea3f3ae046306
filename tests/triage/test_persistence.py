"""What tentative words may show: what lasts, not what a recognizer takes back at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.triage.conftest import final
from voice_triage.events import (
    Event,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    PartialTranscript,
    Side,
)
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding
from voice_triage.triage.tokens import words_of_text

SEIZURE, OTHER = "my dog is having a seizure", "my dog is having a see you"
STRAINS = "my cat keeps straining in the litter box and a little bit comes out"


def partial(text: str, at_s: float, utterance: int = 0) -> PartialTranscript:
    """An open utterance as heard at a time."""
    return PartialTranscript(at_s, Side.CLIENT, utterance, words_of_text(text), text)


def closed(text: str, at_s: float, utterance: int = 0) -> FinalTranscript:
    """An utterance that ends at a time."""
    said = final(text, utterance)
    return FinalTranscript(at_s, Side.CLIENT, utterance, said.words, text, 0.0, at_s)


def told(events: Sequence[Event]) -> list[tuple[str, str]]:
    """(category, state) of every flag event, in order."""
    return [
        (event.category, str(event.state) if isinstance(event, FlagRaised) else "withdrawn")
        for event in events
        if isinstance(event, FlagRaised | FlagWithdrawn)
    ]


@pytest.fixture
def call(lexicon: Lexicon) -> CallUnderstanding:
    """A call in which nothing was said yet."""
    return CallUnderstanding(lexicon)


def test_a_phrase_that_persists_is_shown_and_the_final_confirms_it(call: CallUnderstanding) -> None:
    """A phrase in partials is shown after 300 ms, as provisional and once; its final raises it."""
    assert told(call.hear(partial(SEIZURE, 5.0))) == []
    assert told(call.settle(5.1)) == []
    assert told(call.settle(5.2)) == []
    assert told(call.settle(5.3)) == [("neuro", "provisional")]
    assert told(call.settle(5.4)) == []
    assert told(call.hear(closed(SEIZURE, 5.7))) == [("neuro", "raised")]


def test_a_phrase_persists_while_words_are_added(call: CallUnderstanding) -> None:
    """Further words do not start the waiting anew: the phrase is there all the time."""
    events = call.hear(partial(SEIZURE, 5.0))
    for count, more in enumerate(("and", "and he", "and he will not"), start=1):
        events += call.hear(partial(f"{SEIZURE} {more}", 5.0 + count / 10))
    assert told(events) == [("neuro", "provisional")]


def test_a_phrase_that_vanishes_sooner_never_shows(call: CallUnderstanding) -> None:
    """Heard for 200 ms, gone, and heard again: neither shown nor withdrawn, and the waiting starts anew."""
    events = [
        *call.hear(partial(SEIZURE, 5.0)),
        *call.settle(5.2),
        *call.hear(partial(OTHER, 5.25)),
        *call.settle(5.5),
        *call.hear(partial(SEIZURE, 6.0)),
        *call.settle(6.2),
        *call.hear(closed(OTHER, 6.25)),
        *call.settle(7.0),
    ]
    assert told(events) == []


def test_a_provisional_flag_is_withdrawn_when_the_final_heard_otherwise(call: CallUnderstanding) -> None:
    """Words that the final does not hold leave no flag, and the withdrawal is told at once."""
    call.hear(partial(SEIZURE, 5.0))
    call.settle(5.3)
    assert told(call.hear(closed(OTHER, 5.4))) == [("neuro", "withdrawn")]


def test_a_provisional_flag_does_not_flicker(call: CallUnderstanding) -> None:
    """Words that are missing from one partial and back in the next withdraw nothing; missing for 300 ms they do."""
    call.hear(partial(SEIZURE, 5.0))
    assert told(call.settle(5.3)) == [("neuro", "provisional")]
    assert told([*call.hear(partial(OTHER, 5.4)), *call.settle(5.6), *call.hear(partial(SEIZURE, 5.65))]) == []
    assert told([*call.hear(partial(OTHER, 6.0)), *call.settle(6.2)]) == []
    assert told(call.settle(6.3)) == [("neuro", "withdrawn")]


def test_a_raised_flag_is_not_taken_back_by_open_words(call: CallUnderstanding) -> None:
    """What a final raised stays until a final takes it back, however long open words seem to."""
    call.hear(closed("i think my dog's having a seizure", 5.0))
    back = "oh he woke up it wasn't a seizure he was just dreaming"
    assert told([*call.hear(partial(back, 9.0, 1)), *call.settle(10.0)]) == []
    assert told(call.hear(closed(back, 10.5, 1))) == [("neuro", "withdrawn")]


def test_an_urgency_that_rises_waits_like_a_new_flag(call: CallUnderstanding) -> None:
    """Open words that make an orange flag red do so provisionally, once they persist; vanished words change nothing."""
    (first,) = [e for e in call.hear(closed(STRAINS, 5.0)) if isinstance(e, FlagRaised)]
    assert (first.category, str(first.urgency)) == ("urinary", "orange")
    assert told([*call.hear(partial("he's a male", 8.0, 1)), *call.settle(8.2)]) == []
    (now,) = [e for e in call.settle(8.3) if isinstance(e, FlagRaised)]
    assert (str(now.urgency), str(now.state)) == ("red", "provisional")
    (again,) = [e for e in call.hear(closed("he's a mail", 8.6, 1)) if isinstance(e, FlagRaised)]
    assert (str(again.urgency), str(again.state)) == ("orange", "raised")


def test_waiting_goes_by_the_sound_and_not_by_transcripts(call: CallUnderstanding) -> None:
    """A slow computer that hears 100 ms of sound in many transcripts has not heard a phrase persist."""
    events = [event for _ in range(20) for event in call.hear(partial(SEIZURE, 5.1))]
    assert told(events) == []


def test_a_phrase_that_stands_is_raised_before_the_utterance_ends(call: CallUnderstanding) -> None:
    """Callers talk on: a flag whose words stood for 800 ms is raised, once, and the final adds nothing new."""
    events = call.hear(partial(SEIZURE, 5.0))
    events += [event for tick in range(1, 30) for event in call.settle(5.0 + tick / 10)]
    assert told(events) == [("neuro", "provisional"), ("neuro", "raised")]
    early = [event for event in events if isinstance(event, FlagRaised)][-1]
    assert early.at_s == pytest.approx(5.8)
    assert "neuro" not in [category for category, _ in told(call.settle(9.0))]


def test_a_flag_raised_early_falls_with_the_final_alone(call: CallUnderstanding) -> None:
    """Raised on open words, it stays while they waver, and is withdrawn if the utterance in the end does not say it."""
    call.hear(partial(SEIZURE, 5.0))
    assert told(call.settle(5.8)) == [("neuro", "raised")]
    assert told([*call.hear(partial(OTHER, 6.0)), *call.settle(7.0)]) == []
    events = call.hear(closed(OTHER, 7.5))
    assert told(events) == [("neuro", "withdrawn")]
    assert "otherwise" in next(event.reason for event in events if isinstance(event, FlagWithdrawn))


def test_what_the_rest_of_a_sentence_denies_is_withdrawn_with_it(call: CallUnderstanding) -> None:
    """What comes after the words that were raised, "but that was last year", withdraws it with the final."""
    said = "he tore his dewclaw on the fence and it bled all over the place"
    call.hear(partial(said, 5.0))
    assert told(call.settle(6.0)) == [("bleeding", "raised")]
    assert told(call.hear(closed(f"{said} but that was last year", 8.0))) == [("bleeding", "withdrawn")]
    assert told(call.hear(partial("okay", 9.0, 1))) == []


def test_an_early_orange_flag_can_still_rise(call: CallUnderstanding) -> None:
    """Further words of the same utterance that make it red are shown in the same way, and the final keeps them."""
    call.hear(partial(STRAINS, 5.0))
    assert told(call.settle(5.8)) == [("urinary", "raised")]
    events = [*call.hear(partial(f"{STRAINS} he's a male", 7.0)), *call.settle(7.3), *call.settle(7.8)]
    urgencies = [(str(event.urgency), str(event.state)) for event in events if isinstance(event, FlagRaised)]
    assert urgencies == [("red", "provisional"), ("red", "raised")]
    assert told(call.hear(closed(f"{STRAINS} he's a mail", 9.0))) == [("urinary", "raised")]


def unsure(text: str, confidence: float, at_s: float = 6.0) -> FinalTranscript:
    """A closed utterance all of whose words have this confidence."""
    said = closed(text, at_s)
    return replace(said, words=tuple(replace(word, confidence=confidence) for word in said.words))


@pytest.mark.parametrize(("confidence", "possible"), [(1.0, False), (0.62, False), (0.58, True), (0.2, True)])
def test_a_flag_on_words_hardly_understood_is_raised_and_shown_as_possible(
    call: CallUnderstanding, confidence: float, possible: bool
) -> None:
    """Doubt about a phrase does not keep its flag from being raised; below 0.6 it is shown."""
    (flag,) = [
        event
        for event in call.hear(unsure("his legs went out from under him", confidence))
        if isinstance(event, FlagRaised)
    ]
    assert (flag.state, flag.confidence, flag.possible) == (FlagState.RAISED, confidence, possible)


def test_only_the_words_that_are_evidence_count(call: CallUnderstanding) -> None:
    """A sentence that is unclear but for the words of the flag makes no possible flag, and the other way round."""
    clear = closed(f"{SEIZURE} and the neighbor's mower was going", 6.0)
    at = [word.text for word in clear.words].index("seizure")
    mumbled = replace(
        clear, words=tuple(replace(w, confidence=1.0 if i == at else 0.7) for i, w in enumerate(clear.words))
    )
    (flag,) = [event for event in call.hear(mumbled) if isinstance(event, FlagRaised)]
    assert flag.evidence == "seizure"
    assert (flag.confidence, flag.possible) == (1.0, False)


def test_a_provisional_flag_is_possible_and_one_that_stood_is_not(call: CallUnderstanding) -> None:
    """Open words have no confidence of their own: first they make a possible flag, once they stood a plain one."""
    call.hear(replace_confidence(partial(SEIZURE, 5.0), 0.5))
    (first,) = [event for event in call.settle(5.3) if isinstance(event, FlagRaised)]
    (then,) = [event for event in call.settle(5.8) if isinstance(event, FlagRaised)]
    assert (first.possible, then.possible) == (True, False)
    assert first.confidence < then.confidence < 1.0


def replace_confidence(transcript: PartialTranscript, confidence: float) -> PartialTranscript:
    """The same words with the confidence that the recognizer gives to open ones."""
    return replace(transcript, words=tuple(replace(word, confidence=confidence) for word in transcript.words))
