"""A call's understanding: what is true at the end, however the words arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

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


def partial(closed: FinalTranscript, words: int, at_s: float = 0.0) -> PartialTranscript:
    """The first words of an utterance that is still open, as heard at a time."""
    said = closed.words[:words]
    return PartialTranscript(at_s, Side.CLIENT, closed.utterance, said, " ".join(word.text for word in said))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_splitting_into_partials_ends_in_the_same_state(lexicon: Lexicon, data: st.DataObject) -> None:
    """Words that arrive in partials, cut anywhere, end in the flags, fields and mentions of the whole utterances."""
    whole, split = CallUnderstanding(lexicon), CallUnderstanding(lexicon)
    plain: list[Event] = []
    shown: list[Event] = []
    heard_s = 0.0
    for number, line in enumerate(CALL):
        closed = final(line, number)
        plain += whole.hear(closed)
        cuts = data.draw(st.lists(st.integers(0, len(closed.words)), max_size=4))
        for cut in cuts:
            heard_s += data.draw(st.sampled_from([0.1, 0.3, 1.0]))
            shown += split.hear(partial(closed, cut, heard_s))
            shown += split.settle(heard_s + 0.3)
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


MISHEARD = (
    "hi um my cat he keeps going in and out of the letter box and nothing is coming out",
    "he's five years old he's a new third mail",
    "no he has thrown up my last cat had seizures but not him",
    "he threw up rice last night well maybe it was just hairballs",
    "",
    "my name is raisin five oh one two three",
)
"""CALL as a first, worse hearing may give it."""


def shown(events: Sequence[Event]) -> tuple[object, ...]:
    """What a page holds after all events: flags, fields and mentions, without the times of showing."""
    flags: dict[str, FlagRaised] = {}
    fields: dict[str, FieldSuggested] = {}
    mentions: dict[int, tuple[Mention, ...]] = {}
    for event in events:
        match event:
            case FlagRaised():
                assert flags.get(event.category) != event, "a flag that stays is not told again"
                flags[event.category] = replace(event, at_s=0.0)
            case FlagWithdrawn():
                flags.pop(event.category)
            case FieldSuggested():
                assert fields.get(event.field) != event, "a field that stays is not told again"
                fields[event.field] = replace(event, at_s=0.0)
            case FieldRetracted():
                fields.pop(event.field)
            case MentionsRead():
                mentions[event.utterance] = event.mentions
    return flags, fields, {index: said for index, said in mentions.items() if said}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_words_heard_again_end_as_if_heard_so_from_the_start(lexicon: Lexicon, data: st.DataObject) -> None:
    """Utterances revised in any order, at any time, also while one is open, end as the last words of each would."""
    order = list(enumerate(data.draw(st.lists(st.sampled_from(range(len(CALL))), max_size=8))))
    last: dict[int, str] = dict(enumerate(data.draw(st.sampled_from((CALL, MISHEARD)))))
    revised = CallUnderstanding(lexicon)
    events: list[Event] = []
    for number, line in last.copy().items():
        if data.draw(st.booleans()):
            events += revised.hear(partial(final(line, number), data.draw(st.integers(1, 9))))
            events += _revise(revised, order, last, number, data)
        events += revised.hear(final(line, number))
        events += _revise(revised, order, last, number + 1, data)
    opened = partial(
        final("she's limping her name's molly she's having a seizure", len(CALL)), data.draw(st.integers(0, 9))
    )
    events += revised.hear(opened)
    events += _revise(revised, order, last, len(CALL), data)
    direct = CallUnderstanding(lexicon)
    plain: list[Event] = []
    for number, line in last.items():
        plain += direct.hear(final(line, number))
    plain += direct.hear(opened)
    assert shown(events) == shown(plain)
    assert revised.mentions() == direct.mentions()


def _revise(
    understanding: CallUnderstanding,
    order: list[tuple[int, int]],
    last: dict[int, str],
    closed: int,
    data: st.DataObject,
) -> list[Event]:
    """Revises some of the ``closed`` first utterances; notes their words in ``last``."""
    events: list[Event] = []
    for entry in [entry for entry in order if entry[1] < closed]:
        if data.draw(st.booleans()):
            order.remove(entry)
            last[entry[1]] = data.draw(st.sampled_from((CALL, MISHEARD)))[entry[1]]
            events += understanding.revise(final(last[entry[1]], entry[1]))
    return events


def test_a_flag_whose_words_were_heard_again_is_withdrawn_and_the_reason_says_so(lexicon: Lexicon) -> None:
    """Words that a second hearing does not hold withdraw their flag; hearing the same again changes nothing."""
    understanding = CallUnderstanding(lexicon)
    understanding.hear(final("my dog is having a seizure", 0))
    understanding.hear(final("he's six years old", 1))
    assert understanding.revise(final("he's six years old", 1)) == []
    events = understanding.revise(replace(final("my dog is having a see you", 0), at_s=9.0))
    assert [(e.category, e.reason, e.at_s) for e in events if isinstance(e, FlagWithdrawn)] == [
        ("neuro", "The words were heard again, and then they did not say it.", 9.0)
    ]
    assert not any(isinstance(e, FieldRetracted) for e in events)


def test_later_words_are_read_again_after_a_revision(lexicon: Lexicon) -> None:
    """What a later utterance ends or adds up to is seen anew once the words before it are heard rightly."""
    understanding = CallUnderstanding(lexicon)
    understanding.hear(final("she threw up last night after dinner", 0))
    understanding.hear(final("and she did it again around two in the morning", 1))
    understanding.hear(final("then she got set again", 2))
    events = understanding.revise(final("then she got sick again before school", 2))
    assert flags_of(events) == {"gi_severe": ("red", "raised")}
    gone = understanding.revise(final("she went out last night after dinner", 0))
    assert [e.category for e in gone if isinstance(e, FlagWithdrawn)] == ["gi_severe"]


def test_an_utterance_only_the_second_hearing_knows_takes_its_place(lexicon: Lexicon) -> None:
    """Words between two utterances that the first hearing missed are understood in their place."""
    missed, whole = CallUnderstanding(lexicon), CallUnderstanding(lexicon)
    for number in (0, 1, 3, 4):
        missed.hear(final(CALL[number], number))
    for number in range(5):
        whole.hear(final(CALL[number], number))
    missed.revise(final(CALL[2], 2))
    assert missed.mentions() == whole.mentions()


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
