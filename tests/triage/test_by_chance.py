"""Rules of words that may be heard by chance: they show a flag, and other words have to raise it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from voice_triage.events import FinalTranscript, FlagRaised, FlagWithdrawn, PartialTranscript, Side, Status, Word
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding

CLEAR, UNCLEAR = 1.0, 0.6


def closed(text: str, confidence: float, utterance: int = 0) -> FinalTranscript:
    """An utterance of five seconds whose words were all understood equally well."""
    from_s = 5.0 * utterance
    words = tuple(
        Word(word, from_s + 0.3 * at, from_s + 0.3 * (at + 1), confidence) for at, word in enumerate(text.split())
    )
    return FinalTranscript(from_s + 5.0, Side.CLIENT, utterance, words, text, from_s, words[-1].end_s)


def standing(call: CallUnderstanding, transcripts: Sequence[FinalTranscript]) -> dict[str, tuple[str, bool]]:
    """State of each flag that is shown in the end, and whether it is only possible."""
    shown: dict[str, tuple[str, bool]] = {}
    for transcript in transcripts:
        for event in call.hear(transcript):
            if isinstance(event, FlagRaised):
                shown[event.category] = (str(event.state), event.possible)
            elif isinstance(event, FlagWithdrawn):
                del shown[event.category]
    return shown


@pytest.mark.parametrize(
    ("text", "confidence", "noisy", "state"),
    [
        ("a seizure", CLEAR, False, ("raised", False)),
        ("a seizure", UNCLEAR, False, ("provisional", True)),
        ("a seizure", CLEAR, True, ("provisional", True)),
        ("his legs went out from under him", 0.65, False, ("raised", False)),
        ("his legs went out from under him", CLEAR, True, ("raised", False)),
    ],
)
def test_one_or_two_words_raise_nothing_where_the_rest_was_hardly_understood(
    lexicon: Lexicon, text: str, confidence: float, noisy: bool, state: tuple[str, bool]
) -> None:
    """Not in an unclear utterance, not on a noisy line; a longer phrase is not heard by chance."""
    call = CallUnderstanding(lexicon)
    call.line("noisy" if noisy else "good")
    assert standing(call, [closed(text, confidence)])["neuro"] == state


def test_what_is_said_again_and_clearly_is_raised(lexicon: Lexicon) -> None:
    """An earlier mention that may be chance does not stand in the way of a later one that is none."""
    call = CallUnderstanding(lexicon)
    said = [closed("a seizure", UNCLEAR), closed("yes he had a seizure", CLEAR, 1)]
    assert standing(call, said)["neuro"] == ("raised", False)


def test_words_heard_again_clearly_raise_what_chance_showed(lexicon: Lexicon) -> None:
    """The second hearing's confidence counts then; and the first one's again if it should come back."""
    call = CallUnderstanding(lexicon)
    standing(call, [closed("a seizure", UNCLEAR)])
    (raised,) = [event for event in call.revise(closed("a seizure", CLEAR)) if isinstance(event, FlagRaised)]
    assert str(raised.state) == "raised"
    (shown,) = [event for event in call.revise(closed("a seizure", UNCLEAR)) if isinstance(event, FlagRaised)]
    assert str(shown.state) == "provisional"
    assert "misheard" in shown.reason


def test_a_denial_counts_however_unclear_it_is(lexicon: Lexicon) -> None:
    """Doubt about words takes nothing away that speaks against a flag."""
    call = CallUnderstanding(lexicon)
    assert standing(call, [closed("no seizures", UNCLEAR)]) == {}
    assert [mention.status for mention in call.mentions() if mention.concept == "seizure"] == [Status.NEGATED]


def test_on_a_noisy_line_open_words_that_are_few_are_not_raised_early(lexicon: Lexicon) -> None:
    """However long they stand, they are provisional; a good line raises them."""
    for line, state in (("noisy", "provisional"), ("good", "raised")):
        call = CallUnderstanding(lexicon)
        call.line(line)
        words = closed("a seizure", 0.5).words
        events = call.hear(PartialTranscript(2.0, Side.CLIENT, 0, words, "a seizure"))
        for tenth in range(1, 20):
            events += call.settle(2.0 + tenth / 10)
        last = [event for event in events if isinstance(event, FlagRaised)][-1]
        assert (last.category, str(last.state)) == ("neuro", state)
