"""Every event survives its way through JSON, and what is no event is refused."""

from __future__ import annotations

import dataclasses
import json
import types
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_triage import events
from voice_triage.events import (
    DESK_ACTIONS,
    EVENT_TYPES,
    TENTATIVE,
    ActionUndone,
    AdviceGiven,
    Asked,
    CallDiscarded,
    CallEnded,
    CallStarted,
    Consent,
    ConsentChanged,
    DismissalReason,
    Event,
    FieldRetracted,
    FieldSettled,
    FieldSuggested,
    FinalTranscript,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagJudged,
    FlagRaised,
    FlagRaisedByHand,
    FlagState,
    FlagWithdrawn,
    GapHeard,
    HandedOff,
    HandOffTo,
    KeptKind,
    LaneShown,
    LaneWithdrawn,
    LineChanged,
    Mention,
    MentionsRead,
    MissMarked,
    NoteTyped,
    NotKept,
    Outcome,
    PartDeleted,
    PartialTranscript,
    PetsTold,
    PetTold,
    Question,
    QuestionSettled,
    QuestionsSuggested,
    QuestionWhy,
    RecordingPaused,
    RecordingResumed,
    ReviewDone,
    ReviewNoted,
    ReviewUndone,
    Settlement,
    Side,
    SourceChanged,
    StageFailed,
    Status,
    TeachingMarked,
    Urgency,
    UtteranceReheard,
    Verdict,
    Word,
    from_json,
    to_json,
)

WORDS = (Word("she", 3.0, 3.2, 0.98), Word("can't", 3.2, 3.6, 0.71), Word("pee", 3.6, 4.0))
EXAMPLES: dict[str, Event] = {
    type(event).__name__: event
    for event in (
        CallStarted(
            call="2026-03-04-0001",
            at_s=0.0,
            started_at="2026-03-04T08:30:00-05:00",
            source="Jabra Engage 50",
            sample_rate_hz=16000,
            lexicon="3 sha256:1f",
            model="vosk-model-small-en-us-0.15 sha256:ab",
            csr="amy",
        ),
        SourceChanged(at_s=0.1, state="listening", detail="Listening to Jabra Engage 50."),
        GapHeard(at_s=2.5, side=Side.CLIENT, start_s=2.0, duration_s=0.4, reason="the device was away"),
        PartialTranscript(at_s=3.9, side=Side.CLIENT, utterance=0, words=WORDS[:2], text="she can't"),
        FinalTranscript(
            at_s=4.6, side=Side.CLIENT, utterance=0, words=WORDS, text="she can't pee", start_s=3.0, end_s=4.0
        ),
        UtteranceReheard(
            at_s=6.2,
            side=Side.CLIENT,
            utterance=0,
            outcome=Outcome.SETTLED,
            words=WORDS,
            text="she can't pee",
            start_s=3.0,
            end_s=4.0,
            heard_by="whisper",
        ),
        MentionsRead(
            at_s=4.7,
            utterance=0,
            mentions=(
                Mention("unable_to_urinate", "can't pee", 0, 1, 2, 3.2, 4.0, Status.PRESENT),
                Mention("vomiting", "not vomiting", 0, 1, 2, 3.2, 4.0, Status.NEGATED, "not", "neg-1", 0.8),
            ),
        ),
        FlagRaised(
            at_s=4.7,
            category="urinary",
            urgency=Urgency.RED,
            state=FlagState.RAISED,
            evidence="can't pee",
            concepts=("unable_to_urinate",),
            utterance=0,
            start_s=3.2,
            end_s=4.0,
            reason="The client says she cannot urinate.",
            rule="urinary-1",
            confidence=0.55,
            possible=True,
        ),
        FlagWithdrawn(at_s=9.0, category="urinary", reason="The client corrected herself."),
        FieldSuggested(
            at_s=4.7,
            field="sex",
            value="female",
            evidence="she",
            utterance=0,
            start_s=3.0,
            end_s=3.2,
            confidence=0.6,
            provisional=True,
            contradicts="male",
        ),
        FieldRetracted(at_s=5.0, field="sex", pet=1),
        PetsTold(at_s=5.0, pets=(PetTold(0), PetTold(1, "the other one", died=True)), front=0),
        QuestionsSuggested(
            at_s=5.0,
            questions=(
                Question("urinary-1", "When did you last see urine?", QuestionWhy.RED_FLAG, category="urinary"),
            ),
            not_asked=("Weight",),
        ),
        LaneShown(at_s=5.0, lane="infectious", evidence="he keeps coughing", pet=1, utterance=3),
        LaneWithdrawn(at_s=5.5, lane="infectious", pet=1),
        FlagAcknowledged(at_s=7.0, category="urinary"),
        FlagEnded(
            at_s=8.0,
            category="urinary",
            end=FlagEnd.DISMISSED,
            pet=1,
            reason=DismissalReason.NOT_THIS_PET,
            note="the neighbor's cat",
        ),
        FlagRaisedByHand(at_s=8.0, category="pain", urgency=Urgency.ORANGE, note="cries when lifted"),
        FieldSettled(at_s=8.0, field="sex", state=Settlement.EDITED, value="male"),
        QuestionSettled(at_s=8.0, question="urinary-1", state=Asked.ASKED),
        NoteTyped(at_s=8.0, text="calls from the car"),
        AdviceGiven(at_s=8.0, text="Please leave now.", line="urinary"),
        HandedOff(at_s=8.0, to=HandOffTo.DOCTOR, note="Cat, male."),
        ActionUndone(at_s=8.0, sequence=17),
        ConsentChanged(at_s=8.0, consent=Consent.UNKNOWN, held=True, by="clinic"),
        RecordingPaused(at_s=8.0),
        RecordingResumed(at_s=8.0),
        NotKept(at_s=8.0),
        FlagJudged(at_s=90000.0, by="kim", category="urinary", verdict=Verdict.FALSE_ALARM, pet=1),
        MissMarked(
            at_s=90001.0,
            by="kim",
            category="urinary",
            text="can't pee",
            utterance=0,
            first_word=1,
            last_word=2,
            start_s=3.2,
            end_s=4.0,
        ),
        ReviewNoted(at_s=90002.0, by="kim", text="asked too late"),
        TeachingMarked(at_s=90003.0, by="kim", marked=True, title="A quiet word for it"),
        PartDeleted(61.5, (KeptKind.SOUND, KeptKind.NOTE), "2026-06-04T02:00:00+00:00", "retention"),
        ReviewDone(at_s=90004.0, by="kim"),
        ReviewUndone(at_s=90005.0, by="kim", sequence=20),
        StageFailed(at_s=6.0, stage="store", code="store", advice="Free some space on the disk."),
        LineChanged(at_s=6.0, level_db=-31.5, state="good"),
        CallDiscarded(at_s=12.5),
        CallEnded(at_s=61.0, duration_s=61.2, reason="hang-up", compute_s=9.8),
    )
}


def through_json(event: Event) -> Event:
    """The event as a reader of the stored text has it."""
    return from_json(json.loads(json.dumps(to_json(event), allow_nan=False)))


def any_value(hint: Any) -> st.SearchStrategy[Any]:
    """Values of one field, as its type hint allows them."""
    if dataclasses.is_dataclass(hint):
        fields = {name: any_value(of) for name, of in get_type_hints(hint).items()}
        return st.builds(hint, **fields)  # type: ignore[arg-type]  # a dataclass type, which mypy cannot see
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    if get_origin(hint) is tuple:
        return st.lists(any_value(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) in (Union, types.UnionType):
        return st.one_of([st.none() if part is type(None) else any_value(part) for part in get_args(hint)])
    if hint is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    return {str: st.text(max_size=20), int: st.integers(), bool: st.booleans()}[hint]


any_event: st.SearchStrategy[Event] = st.one_of([any_value(kind) for kind in EVENT_TYPES.values()])
any_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_every_event_has_an_example() -> None:
    """A new event without an example here is not finished."""
    assert EXAMPLES.keys() == EVENT_TYPES.keys()


def test_every_timed_record_is_an_event() -> None:
    """A record with a time at which it is shown crosses stage boundaries, so a log can hold it."""
    timed = {
        name
        for name, value in vars(events).items()
        if isinstance(value, type) and dataclasses.is_dataclass(value) and "at_s" in get_type_hints(value)
    }
    assert timed == EVENT_TYPES.keys()


def test_tentative_events_are_events() -> None:
    """What is shown and not kept is shown like any other event."""
    assert set(TENTATIVE) < set(EVENT_TYPES.values())


def test_what_the_csr_does_is_kept() -> None:
    """An action is an event of the log like any other, and none is merely shown."""
    assert set(DESK_ACTIONS) < set(EVENT_TYPES.values()) - set(TENTATIVE)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_an_event_survives_json(name: str) -> None:
    """What is read back is what happened, with the same types of value, through JSON text or without it."""
    event = EXAMPLES[name]
    assert through_json(event) == event
    assert from_json(to_json(event)) == event
    assert repr(through_json(event)) == repr(event)  # tells 1 from 1.0 and a tuple from a list


@settings(deadline=None)  # a busy machine is no failure
@given(any_event)
def test_any_event_survives_json(event: Event) -> None:
    """No content of an event, however odd, is changed by its way through JSON."""
    assert through_json(event) == event


def test_a_key_with_a_default_may_be_missing() -> None:
    """A log written before an event gained a key can still be read."""
    data = to_json(EXAMPLES["CallEnded"])
    del data["compute_s"]
    assert from_json(data) == CallEnded(at_s=61.0, duration_s=61.2, reason="hang-up")


def test_a_whole_number_is_a_time() -> None:
    """JSON writers may drop the fraction of a round number of seconds; it is a float all the same."""
    read = from_json({"type": "FieldRetracted", "at_s": 5, "field": "sex"})
    assert isinstance(read.at_s, float)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"type": None},
        {"type": "Word", "text": "cat", "start_s": 0.0, "end_s": 0.1},
        {"type": ["CallEnded"]},
        [],
        "CallEnded",
        None,
    ],
)
def test_what_is_no_event_is_refused(data: Any) -> None:
    """Only an object whose type is an event's name is an event."""
    with pytest.raises(ValueError, match="event"):
        from_json(data)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("CallEnded", {"mood": "good"}, "unknown keys .*mood"),
        ("CallEnded", {"at_s": "1"}, "at_s: must be a number"),
        ("CallEnded", {"at_s": True}, "at_s: must be a number"),
        ("CallEnded", {"at_s": None}, "at_s: must be a number"),
        ("CallEnded", {"at_s": float("nan")}, "at_s: must be finite"),
        ("CallEnded", {"duration_s": float("inf")}, "duration_s: must be finite"),
        ("CallEnded", {"duration_s": 10**400}, "duration_s: must be finite"),
        ("CallEnded", {"reason": 1}, "reason: must be str"),
        ("CallStarted", {"sample_rate_hz": 16000.0}, "sample_rate_hz: must be int"),
        ("CallStarted", {"sample_rate_hz": True}, "sample_rate_hz: must be int"),
        ("CallStarted", {"sample": 1}, "sample: must be bool"),
        ("GapHeard", {"side": "both"}, "side: must be one of client, own"),
        ("GapHeard", {"side": ["client"]}, "side: must be one of client, own"),
        ("FieldSuggested", {"contradicts": 7}, "contradicts: must be str"),
        ("FlagRaised", {"concepts": "bloat"}, "concepts: must be a list"),
        ("FlagRaised", {"concepts": [1]}, "concepts: must be str"),
        ("FinalTranscript", {"words": ["cat"]}, "words: must be an object"),
        ("FinalTranscript", {"words": [{"text": "cat"}]}, "words: missing keys .*end_s.*start_s"),
        ("MentionsRead", {"mentions": {}}, "mentions: must be a list"),
        ("MentionsRead", {"mentions": [{"status": "maybe"}]}, "mentions: missing keys"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(name: str, change: dict[str, Any], told: str) -> None:
    """A damaged event is refused as a whole, and the message names the event and the key."""
    with pytest.raises(ValueError, match=f"^{name}: {told}"):
        from_json(to_json(EXAMPLES[name]) | change)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_missing_key_is_refused(name: str) -> None:
    """An event without its time is no event."""
    data = to_json(EXAMPLES[name])
    del data["at_s"]
    with pytest.raises(ValueError, match=rf"^{name}: missing keys \['at_s'\]"):
        from_json(data)


def test_a_refusal_repeats_no_words_of_the_call() -> None:
    """Error messages end up in logs, and logs hold no transcript."""
    data = to_json(EXAMPLES["FinalTranscript"]) | {"words": "my cat collapsed", "text": ["my cat collapsed"]}
    with pytest.raises(ValueError, match="FinalTranscript") as refusal:
        from_json(data)
    assert "cat" not in str(refusal.value)


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(sorted(EVENT_TYPES)), st.data())
def test_any_change_of_a_value_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """Whatever stands in a key, reading gives an event that survives JSON, or ValueError: nothing in between."""
    written = to_json(EXAMPLES[name])
    key = data.draw(st.sampled_from(sorted(written)))
    try:
        event = from_json(written | {key: data.draw(any_json)})
    except ValueError:
        return
    assert through_json(event) == event
