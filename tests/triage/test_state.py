"""A call's understanding: what is true at the end, however the words arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.triage.conftest import Hear, final
from voice_triage.events import (
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    Mention,
    MentionsRead,
    PartialTranscript,
    Side,
    Status,
)
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding

CALL = (
    "hi um my cat he keeps going in and out of the litter box and nothing is coming out",
    "he's five no sorry six years old he's a neutered male",
    "no he hasn't thrown up my last cat had seizures but not him",
    "he threw up twice last night well maybe it was just hairballs",
    "and three more times this morning he won't eat",
    "my number is five five five oh one two three",
)
UNRELATED = (
    "okay thank you",
    "yeah we moved here in june and we love it",
    "hang on let me find a pen",
    "do you have anything on thursday afternoon",
    "the weather has been so nice lately",
)


def flags_of(events: Sequence[Event]) -> dict[str, tuple[str, str]]:
    """(urgency, state) by category after all events."""
    flags: dict[str, tuple[str, str]] = {}
    for event in events:
        if isinstance(event, FlagRaised):
            flags[event.category] = (str(event.urgency), str(event.state))
        elif isinstance(event, FlagWithdrawn):
            flags.pop(event.category)
    return flags


def fields_of(events: Sequence[Event]) -> dict[str, tuple[str, bool]]:
    """(value, provisional) by field after all events."""
    fields: dict[str, tuple[str, bool]] = {}
    for event in events:
        if isinstance(event, FieldSuggested):
            fields[event.field] = (event.value, event.provisional)
        elif isinstance(event, FieldRetracted):
            fields.pop(event.field)
    return fields


def partial(closed: FinalTranscript, words: int) -> PartialTranscript:
    """The first words of an utterance that is still open."""
    said = closed.words[:words]
    return PartialTranscript(0.0, Side.CLIENT, closed.utterance, said, " ".join(word.text for word in said))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_splitting_into_partials_ends_in_the_same_state(lexicon: Lexicon, data: st.DataObject) -> None:
    """Words that arrive in partials, cut anywhere, end in the flags, fields and mentions of the whole utterances."""
    whole, split = CallUnderstanding(lexicon), CallUnderstanding(lexicon)
    plain: list[Event] = []
    shown: list[Event] = []
    for number, line in enumerate(CALL):
        closed = final(line, number)
        plain += whole.hear(closed)
        cuts = data.draw(st.lists(st.integers(0, len(closed.words)), max_size=4))
        for cut in cuts:
            shown += split.hear(partial(closed, cut))
        shown += split.hear(closed)
    assert flags_of(shown) == flags_of(plain)
    assert fields_of(shown) == fields_of(plain)
    assert split.mentions() == whole.mentions()


def test_the_call_is_understood(hear: Hear) -> None:
    """A blocked male cat that also vomits: both flags, the corrected age, the denial kept, the other cat left out."""
    understanding, events = hear("\n".join(CALL))
    assert flags_of(events) == {"urinary": ("red", "raised"), "gi_severe": ("red", "raised")}
    fields = {name: value for name, (value, _) in fields_of(events).items()}
    assert fields["age"] == "P6Y"
    assert fields["species"] == "cat"
    assert fields["sex"] == "male"
    assert fields["callback_number"] == "5550123"
    seizure = next(m for m in understanding.mentions() if m.concept == "seizure")
    assert seizure.status is Status.OTHER_SUBJECT


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(UNRELATED), max_size=6), st.integers(0, len(CALL)))
def test_unrelated_talk_never_removes_a_raised_flag(lexicon: Lexicon, talk: list[str], at: int) -> None:
    """A raised flag stays when ordinary front-desk talk follows it."""
    understanding = CallUnderstanding(lexicon)
    events: list[Event] = []
    for number, line in enumerate((*CALL[:at], *talk)):
        events += understanding.hear(final(line, number))
    before = CallUnderstanding(lexicon)
    said: list[Event] = []
    for number, line in enumerate(CALL[:at]):
        said += before.hear(final(line, number))
    assert flags_of(said).items() <= flags_of(events).items()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(" ".join((*CALL, *UNRELATED)).split()), max_size=40), st.integers(1, 3))
def test_every_mention_and_evidence_is_in_the_transcript(lexicon: Lexicon, words: list[str], parts: int) -> None:
    """Whatever words come in whatever order: nothing is shown that was not said, and nothing fails."""
    understanding = CallUnderstanding(lexicon)
    size = max(1, len(words) // parts)
    lines = [" ".join(words[n : n + size]) for n in range(0, len(words), size)]
    for number, line in enumerate(lines):
        for event in understanding.hear(final(line, number)):
            if isinstance(event, FlagRaised | FieldSuggested):
                assert event.evidence in lines[event.utterance]
            if isinstance(event, MentionsRead):
                said = lines[event.utterance].split()
                for mention in event.mentions:
                    assert mention.text == " ".join(said[mention.first_word : mention.last_word + 1])


def test_a_partial_raises_provisionally_and_the_final_confirms(lexicon: Lexicon) -> None:
    """Words of an open utterance raise a provisional flag; its final raises it."""
    understanding = CallUnderstanding(lexicon)
    closed = final("my dog is having a seizure")
    (shown,) = [e for e in understanding.hear(partial(closed, 6)) if isinstance(e, FlagRaised)]
    assert (shown.category, shown.state) == ("neuro", FlagState.PROVISIONAL)
    (raised,) = [e for e in understanding.hear(closed) if isinstance(e, FlagRaised)]
    assert (raised.category, raised.state) == ("neuro", FlagState.RAISED)


def test_a_provisional_flag_is_withdrawn_when_the_final_heard_otherwise(lexicon: Lexicon) -> None:
    """Words that the final does not hold leave no flag, and the withdrawal is told."""
    understanding = CallUnderstanding(lexicon)
    understanding.hear(partial(final("my dog is having a seizure"), 6))
    events = understanding.hear(final("my dog is having a see you"))
    assert [e.category for e in events if isinstance(e, FlagWithdrawn)] == ["neuro"]


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("neuro", "i think my dog's having a seizure\noh he woke up it wasn't a seizure he was just dreaming"),
        ("toxin", "i think my dog ate rat poison\nokay they're all there none of them are missing"),
    ],
)
def test_what_the_client_takes_back_withdraws_the_flag(category: str, text: str, hear: Hear) -> None:
    """A later statement that it was not so withdraws the flag, visibly."""
    _, events = hear(text)
    assert category not in flags_of(events)
    assert any(isinstance(e, FlagWithdrawn) and e.category == category for e in events)


def test_sex_learned_late_makes_straining_red(hear: Hear) -> None:
    """A straining cat becomes red when it turns out to be male, and only then."""
    first = "my roommate's cat keeps straining in the litter box and a little bit comes out"
    _, before = hear(first)
    assert flags_of(before).get("urinary", ("", ""))[0] != "red"
    _, after = hear(first + "\nlet me think no he's a boy he's a male")
    assert flags_of(after)["urinary"] == ("red", "raised")


def test_episodes_add_up_over_the_call(hear: Hear) -> None:
    """Three vomits in a day, told one by one, are a flag; two are not; saying it again adds nothing."""
    two = "she threw up last night after dinner\nand she did it again around two in the morning"
    assert "gi_severe" not in flags_of(hear(two)[1])
    assert flags_of(hear(two + "\nthen she got sick again before school")[1])["gi_severe"] == ("red", "raised")
    assert "gi_severe" not in flags_of(hear(two + "\nyeah like i said she threw up last night")[1])


def test_mentions_follow_the_order_of_speech(mentions: Callable[[str], Sequence[Mention]]) -> None:
    """Mentions are given utterance by utterance."""
    found = mentions("he's limping\nhe's coughing\nhe's bleeding")
    assert [m.utterance for m in found] == sorted(m.utterance for m in found)
    assert {"limping", "coughing", "bleeding"} <= {m.concept for m in found}
