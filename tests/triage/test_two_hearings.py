"""Judgement from two hearings: what both heard is raised, what only the first heard is possible or withdrawn."""

from __future__ import annotations

import pytest

from voice_triage.events import (
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    Side,
    Word,
)
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding
from voice_triage.triage.two_hearings import HEARD_ONCE, TwoHearings

STRAINS = "my cat is a male and he keeps straining and nothing comes out"


def said(text: str, utterance: int = 0, confidence: float = 0.9) -> FinalTranscript:
    """A closed utterance, each word a third of a second long."""
    words = tuple(
        Word(word, utterance * 10 + i / 3, utterance * 10 + (i + 1) / 3, confidence)
        for i, word in enumerate(text.split())
    )
    return FinalTranscript(
        utterance * 10 + 9.0, Side.CLIENT, utterance, words, text, utterance * 10.0, utterance * 10 + 5
    )


class Heard:
    """A call that is heard twice, and the flags as the page shows them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.understanding = TwoHearings(lexicon)
        self.flags: dict[str, FlagRaised | FlagWithdrawn] = {}
        self.fields: dict[str, str] = {}
        self.confidence: dict[str, float] = {}

    def live(self, text: str, utterance: int = 0) -> None:
        """An utterance is heard live."""
        self._show(self.understanding.hear(said(text, utterance)))

    def again(self, text: str, utterance: int = 0, confidence: float = 0.9) -> None:
        """It is heard a second time."""
        self._show(self.understanding.revise(said(text, utterance, confidence)))

    def _show(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, FlagRaised | FlagWithdrawn):
                self.flags[event.category] = event
            elif isinstance(event, FieldSuggested):
                self.fields[event.field] = event.value
                self.confidence[event.field] = event.confidence
            elif isinstance(event, FieldRetracted):
                del self.fields[event.field]

    def states(self) -> dict[str, str]:
        """Category to state."""
        return {
            name: str(flag.state) if isinstance(flag, FlagRaised) else "withdrawn" for name, flag in self.flags.items()
        }


@pytest.fixture
def heard(lexicon: Lexicon) -> Heard:
    """A call before its first words."""
    return Heard(lexicon)


def test_what_both_ears_heard_stays_raised(heard: Heard) -> None:
    """A second hearing that says the same takes nothing back and raises nothing twice."""
    heard.live(STRAINS)
    before = dict(heard.flags)
    heard.again(STRAINS)
    assert heard.states() == {"urinary": "raised"}
    assert heard.flags == before


def test_what_only_the_careful_ear_heard_is_raised(heard: Heard) -> None:
    """Seven of ten such flags were right."""
    heard.live("my cat is a mail and he keeps training")
    assert heard.states() == {}
    heard.again(STRAINS)
    assert heard.states() == {"urinary": "raised"}


def test_what_only_the_first_hearing_heard_becomes_possible_with_both_on_the_card(heard: Heard) -> None:
    """It is neither lost nor counted as raised where the second hearing is unsure."""
    heard.live(STRAINS)
    heard.again("my cat is a male and he keeps staying and something comes up", confidence=0.4)
    flag = heard.flags["urinary"]
    assert isinstance(flag, FlagRaised)
    assert (flag.state, flag.rule) == (FlagState.PROVISIONAL, HEARD_ONCE)
    assert STRAINS in flag.reason
    assert "he keeps staying and something comes up" in flag.reason


def test_an_utterance_that_could_not_be_made_out_again_leaves_a_possible_flag(heard: Heard) -> None:
    """Without a second hearing to contradict it, the first one's flag stays to be asked about."""
    heard.live(STRAINS)
    heard.again("")
    assert heard.states() == {"urinary": "provisional"}


@pytest.mark.parametrize(
    "again",
    [
        "my cat is a male and he is not straining and he pees fine",
        "we would like to book a nail trim for tuesday morning please",
    ],
)
def test_a_clear_contradiction_withdraws_the_flag_and_shows_both(heard: Heard, again: str) -> None:
    """The same words denied, or plainly another sentence, surely heard."""
    heard.live(STRAINS)
    heard.again(again)
    flag = heard.flags["urinary"]
    assert isinstance(flag, FlagWithdrawn)
    assert STRAINS in flag.reason
    assert again in flag.reason


def test_a_possible_flag_is_raised_by_later_words(heard: Heard) -> None:
    """What the client says next, heard well, decides."""
    heard.live(STRAINS)
    heard.again("", 0)
    heard.live("my male cat is straining in the litter box and no pee comes out", 1)
    assert heard.states() == {"urinary": "raised"}


def test_what_the_first_hearing_heard_denied_is_only_possible(heard: Heard) -> None:
    """Between "he's not straining" and "now straining" the CSR decides, with both before her."""
    heard.live("my male cat is not straining and he pees fine")
    heard.again("my male cat is now straining and nothing comes out")
    flag = heard.flags["urinary"]
    assert isinstance(flag, FlagRaised)
    assert (flag.state, flag.rule) == (FlagState.PROVISIONAL, HEARD_ONCE)
    assert "my male cat is not straining" in flag.reason
    assert "now straining" in flag.reason


def test_a_field_that_only_the_first_hearing_understood_is_kept_with_less_confidence(heard: Heard) -> None:
    """A breed that the second hearing garbled is better asked about than lost; a name is not."""
    heard.live("he's a basset hound and his name is walter")
    heard.again("he's a bastard found and his name is")
    assert heard.fields["breed"] == "basset hound"
    assert heard.confidence["breed"] < 0.6
    assert "pet_name" not in heard.fields


def test_a_kept_field_gives_way_to_later_words(heard: Heard) -> None:
    """What the client says next fills the field anew."""
    heard.live("he's a basset hound", 0)
    heard.again("he's a bastard found", 0)
    heard.live("no wait he's a beagle", 1)
    heard.again("no wait he's a beagle", 1)
    assert heard.fields["breed"] == "beagle"
    assert heard.confidence["breed"] > 0.6


def test_fields_take_the_careful_hearing(heard: Heard) -> None:
    """The first hearing's value is replaced, and not put beside it as a second one."""
    heard.live("she is a great day and she weighs forty pounds")
    heard.again("he is a great dane and he weighs one hundred forty pounds")
    assert heard.fields["breed"] == "great dane"
    assert heard.fields["weight"] == "140 lb"


def test_without_a_second_hearing_nothing_differs(lexicon: Lexicon) -> None:
    """A call on a slow computer is understood as before."""
    one, two = CallUnderstanding(lexicon), TwoHearings(lexicon)
    for number, text in enumerate([STRAINS, "he hasn't peed since yesterday", "no he isn't straining any more"]):
        assert two.hear(said(text, number)) == one.hear(said(text, number))
