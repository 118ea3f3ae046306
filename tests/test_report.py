"""Rules of the call report."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.call_fakes import Hearing, ScriptedUnderstanding, field, flag
from tests.fakes import ScriptedRecognizer, ScriptedSource, final, partial, silent_blocks, words
from tests.report_schema import CallReport
from voice_triage.errors import AudioError
from voice_triage.events import (
    CallEnded,
    CallStarted,
    Consent,
    ConsentChanged,
    Event,
    FieldRetracted,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    GapHeard,
    Mention,
    MentionsRead,
    PetsTold,
    PetTold,
    RecordingPaused,
    RecordingResumed,
    Side,
    StageFailed,
    Status,
    Urgency,
    from_json,
    to_json,
)
from voice_triage.report import call_report, text_report
from voice_triage.report_text import render
from voice_triage.store.sql_calls import SqlCallStore

STARTED = CallStarted("c-1", 0.0, "2025-06-01T10:15:00+02:00", "a.wav", 8000, False, "lexicon 1", "vosk model")
ENDED = CallEnded(62.0, 60.0, "hang-up", 6.0)


def said(utterance: int, text: str, start_s: float = 0.0, *, side: Side = Side.CLIENT) -> FinalTranscript:
    """An utterance."""
    spoken = words(text, start_s)
    end_s = spoken[-1].end_s if spoken else start_s
    return FinalTranscript(end_s + 0.5, side, utterance, spoken, text, start_s, end_s)


def read(utterance: int, *concepts: str, at_s: float = 1.0) -> MentionsRead:
    """The reading of an utterance: these concepts, plainly stated."""
    mentions = tuple(Mention(c, c, utterance, 0, 0, 0.0, 0.3, Status.PRESENT, None, "plain") for c in concepts)
    return MentionsRead(at_s, utterance, mentions)


def test_a_whole_call_gives_a_report_of_the_agreed_format() -> None:
    """Every key of eval/FORMAT.md is there with its kind, and the report is plain JSON."""
    events: list[Event] = [
        STARTED,
        flag(at_s=1.0, state=FlagState.PROVISIONAL),
        said(0, "he is bleeding"),
        read(0, "bleeding"),
        flag(at_s=1.5),
        field(at_s=1.5),
        ENDED,
    ]
    report = json.loads(json.dumps(call_report(events), allow_nan=False))
    CallReport.model_validate(report)
    assert report["id"] == "c-1"
    assert report["audio"] == {"path": "a.wav", "duration_s": 60.0, "sample_rate_hz": 8000}
    assert report["timing"] == {"compute_s": 6.0, "real_time_factor": 0.1}
    assert report["utterances"][0]["words"][2] == {
        "text": "bleeding",
        "start_s": 0.6,
        "end_s": pytest.approx(0.9),
        "confidence": 1.0,
    }
    assert (report["mentions"][0]["concept"], report["mentions"][0]["status"]) == ("bleeding", "present")
    assert report["fields"]["species"]["state"] == "suggested"
    assert report["heard_by"] == "vosk model"


@pytest.mark.parametrize("events", [[STARTED], [STARTED, ENDED], [STARTED, CallEnded(0.0, 0.0, "stopped")]])
def test_a_call_without_words_has_a_report_too(events: list[Event]) -> None:
    """Silence, an interrupted call and one of no length give whole reports."""
    CallReport.model_validate(json.loads(json.dumps(call_report(events), allow_nan=False)))
    assert "That is no all-clear" in render(call_report(events))


def test_a_log_without_its_beginning_is_refused() -> None:
    """What call it was cannot be made up."""
    with pytest.raises(ValueError, match="CallStarted"):
        call_report([ENDED])


# --- flags ------------------------------------------------------------------------------------------------------


def test_a_flag_tells_when_it_was_first_shown_and_first_raised() -> None:
    """Later evidence updates a flag's words, never the time at which the CSR first saw it."""
    entry = call_report(
        [
            STARTED,
            flag(at_s=5.0, state=FlagState.PROVISIONAL),
            flag(at_s=5.5, state=FlagState.PROVISIONAL),
            flag(at_s=6.0, urgency=Urgency.ORANGE),
            flag(at_s=9.0, evidence="blood everywhere"),
        ]
    )["flags"]
    assert len(entry) == 1
    assert (entry[0]["provisional_at_s"], entry[0]["raised_at_s"]) == (5.0, 6.0)
    assert (entry[0]["state"], entry[0]["urgency"], entry[0]["evidence"]) == ("raised", "red", "blood everywhere")


def test_a_flag_raised_by_a_final_at_once_was_never_provisional() -> None:
    """Without a provisional showing there is no time of one."""
    entry = call_report([STARTED, flag(at_s=6.0)])["flags"][0]
    assert (entry["provisional_at_s"], entry["raised_at_s"]) == (None, 6.0)


def test_a_withdrawn_flag_stays_in_the_report_with_its_times() -> None:
    """What was shown to a person is never dropped."""
    entry = call_report(
        [
            STARTED,
            flag(at_s=5.0, state=FlagState.PROVISIONAL),
            FlagWithdrawn(6.0, "bleeding", "It was not said after all."),
        ]
    )["flags"][0]
    assert (entry["state"], entry["provisional_at_s"], entry["raised_at_s"]) == ("withdrawn", 5.0, None)
    assert (entry["withdrawn_at_s"], entry["withdrawn_because"]) == (6.0, "It was not said after all.")


def test_a_flag_shown_again_after_withdrawal_counts_its_delay_anew() -> None:
    """The times are those of the last showing: a false early start must not make a late alert look early."""
    entry = call_report(
        [
            STARTED,
            flag(at_s=5.0, state=FlagState.PROVISIONAL),
            FlagWithdrawn(6.0, "bleeding", "It was not said after all."),
            flag(at_s=40.0),
        ]
    )["flags"]
    assert len(entry) == 1
    assert (entry[0]["state"], entry[0]["provisional_at_s"], entry[0]["raised_at_s"]) == ("raised", None, 40.0)


@given(
    st.lists(
        st.sampled_from(
            [
                flag(state=FlagState.PROVISIONAL),
                flag(),
                flag("toxin"),
                FlagWithdrawn(0.0, "bleeding", "no"),
                FlagWithdrawn(0.0, "toxin", "no"),
            ]
        )
    )
)
def test_every_flag_ever_shown_is_reported_once_with_its_last_state(shown: list[FlagRaised | FlagWithdrawn]) -> None:
    """One entry per category, in any history; a raised one has a time of raising no earlier than it was first shown."""
    told = [dataclasses.replace(event, at_s=float(at_s)) for at_s, event in enumerate(shown)]
    entries = {entry["category"]: entry for entry in call_report([STARTED, *told])["flags"]}
    assert set(entries) == {event.category for event in told if isinstance(event, FlagRaised)}
    assert len(entries) == len(call_report([STARTED, *told])["flags"])
    for category, entry in entries.items():
        last = [event for event in told if event.category == category][-1]
        assert (entry["state"] == "withdrawn") == isinstance(last, FlagWithdrawn)
        if entry["state"] == "raised":
            assert (entry["provisional_at_s"] or 0.0) <= entry["raised_at_s"]


# --- fields, mentions, utterances -------------------------------------------------------------------------------


def test_with_several_pets_fields_are_the_sick_ones_and_each_has_its_card() -> None:
    """``fields`` holds the sick pet's and the caller's; ``pets`` a card for each, the sick one first."""
    report = call_report(
        [
            STARTED,
            field("species", "dog"),
            field("client_name", "jen"),
            field("age", "P9Y"),
            PetsTold(2.0, (PetTold(0), PetTold(1, "my cat", died=True)), 0),
            dataclasses.replace(field("age", "P2Y"), pet=1),
            PetsTold(3.0, (PetTold(0), PetTold(1, "my cat")), 1),
            FieldRetracted(3.0, "age", 0),
        ]
    )
    assert {name: said["value"] for name, said in report["fields"].items()} == {"client_name": "jen", "age": "P2Y"}
    assert [(pet["pet"], pet["front"], pet["died"], list(pet["fields"])) for pet in report["pets"]] == [
        (1, True, False, ["age"]),
        (0, False, False, ["species"]),
    ]
    text = render(report)
    assert "Another pet" in text
    assert "dog" in text


def test_a_call_about_one_pet_lists_no_pets() -> None:
    """Logs of one pet, and those from before there were several, need no list of pets."""
    assert call_report([STARTED, field("age", "P9Y")])["pets"] == []


def test_the_last_suggestion_of_a_field_counts_and_a_retracted_one_is_gone() -> None:
    """A correction replaces, a retraction removes; what was contradicted is shown."""
    fields = call_report(
        [
            STARTED,
            field("age", "P6Y"),
            field("age", "P7Y", contradicts="P6Y"),
            field("sex", "male"),
            FieldRetracted(3.0, "sex"),
            FieldRetracted(3.0, "weight"),
        ]
    )["fields"]
    assert list(fields) == ["age"]
    assert (fields["age"]["value"], fields["age"]["contradicts"]) == ("P7Y", "P6Y")


def test_a_later_reading_of_an_utterance_replaces_the_earlier_one() -> None:
    """Mentions and words of an utterance are those last given, in the order of the call."""
    report = call_report(
        [STARTED, said(1, "second", 5.0), read(1, "b"), said(0, "wrong"), said(0, "first"), read(0, "x"), read(0, "a")]
    )
    assert [utterance["text"] for utterance in report["utterances"]] == ["first", "second"]
    assert [mention["concept"] for mention in report["mentions"]] == ["a", "b"]


def test_an_idiom_is_reported_in_the_formats_words_and_told_from_a_denial_by_its_rule() -> None:
    """The format has no status for words that mean something else."""
    mentions = (
        Mention("bleeding", "bleeding", 0, 3, 3, 0.0, 0.3, Status.NOT_MEANT, "bleeding me dry", "idiom"),
        Mention("vomiting", "not vomiting", 0, 6, 7, 0.0, 0.3, Status.NEGATED, "not", "denial"),
    )
    report = call_report([STARTED, said(0, "he is bleeding me dry but not vomiting"), MentionsRead(1.0, 0, mentions)])
    CallReport.model_validate(report)
    assert [(each["status"], each["rule"]) for each in report["mentions"]] == [
        ("negated", "idiom"),
        ("negated", "denial"),
    ]


def test_an_utterance_that_held_no_words_is_left_out() -> None:
    """What was taken back is not part of the transcript."""
    assert call_report([STARTED, said(0, "")])["utterances"] == []


def test_what_was_not_heard_or_failed_is_in_the_report() -> None:
    """Gaps and failures are never hidden, neither from programs nor from people."""
    gap = GapHeard(9.0, Side.CLIENT, 5.0, 4.0, "unplugged")
    failure = StageFailed(9.5, "recognizer", "backlog", "Listen yourself.")
    report = call_report([STARTED, gap, failure, ENDED])
    assert report["gaps"] == [{"side": "client", "start_s": 5.0, "duration_s": 4.0, "reason": "unplugged"}]
    assert report["failures"][0]["code"] == "backlog"
    assert "unplugged" in render(report)
    assert "Listen yourself." in render(report)


def test_an_interrupted_call_says_so_and_lasts_as_long_as_is_known() -> None:
    """A log without an end reaches to its last utterance."""
    report = call_report([STARTED, said(0, "my dog", 10.0)])
    assert report["ended"] is None
    assert report["audio"]["duration_s"] == pytest.approx(10.6)
    assert "interrupted" in render(report)


def test_people_read_flags_fields_and_transcript() -> None:
    """The rendering names flag, evidence, reason, field, words, and that a sample is no real call."""
    own = said(1, "how old is he", 2.0, side=Side.OWN)
    sample = dataclasses.replace(STARTED, sample=True)
    text = render(call_report([sample, said(0, "he is bleeding"), flag(), field(), own, ENDED]))
    for expected in ("SAMPLE", "RED", "bleeding", "He is bleeding.", "species", "dog", "he is bleeding", "(own side)"):
        assert expected in text


# --- text -------------------------------------------------------------------------------------------------------


def test_a_report_of_text_repeats_it_and_holds_no_times() -> None:
    """Written words have no times, so none are made up at any depth."""
    events: list[Event] = [
        said(0, "he is bleeding"),
        read(0, "bleeding"),
        flag(),
        field(),
        FlagWithdrawn(1.0, "bleeding", "no"),
    ]
    report = text_report("t-1", "he is\nbleeding", events)

    def keys(value: object) -> list[str]:
        if isinstance(value, dict):
            return [*value, *(key for item in value.values() for key in keys(item))]
        return [key for item in value for key in keys(item)] if isinstance(value, list) else []

    assert not [key for key in keys(report) if key.endswith("_s")]
    assert (report["id"], report["text"]) == ("t-1", "he is\nbleeding")
    assert (report["format"], report["flags"][0]["state"]) == ("voice-triage-report/1", "withdrawn")


# --- one log, one report ----------------------------------------------------------------------------------------


def test_live_kept_and_replayed_calls_give_the_same_report(tmp_path: Path) -> None:
    """The report from the store equals the one from memory, and the one from the events written as JSON."""
    recognizer = ScriptedRecognizer(
        [(0.2, partial("he is")), (0.4, final("he is bleeding")), (0.8, final("blood", 0.5))],
        at_finish=[final("help", 1)],
    )
    understanding = ScriptedUnderstanding(
        {
            "he is": [flag(state=FlagState.PROVISIONAL)],
            "he is bleeding": [flag(), read(0, "bleeding"), field()],
            "blood": [FlagWithdrawn(0.0, "bleeding", "no"), FieldRetracted(0.0, "species")],
            "help": [flag("toxin", urgency=Urgency.ORANGE)],
        }
    )
    source = ScriptedSource([*silent_blocks(1.0), AudioError("Unplugged.")])
    with SqlCallStore(tmp_path / "calls.sqlite3") as store:
        hearing = Hearing(source, [recognizer], understanding=understanding, store=store)
        hearing.run()
        kept = [logged.event for logged in store.events("c-1")]
    report = call_report(hearing.kept)
    assert call_report(kept) == report
    assert call_report(from_json(json.loads(json.dumps(to_json(event)))) for event in hearing.kept) == report
    assert call_report(hearing.shown) == report  # a page that followed live, tentative events and all
    assert {entry["category"] for entry in report["flags"]} == {"bleeding", "toxin"}


def test_a_report_tells_whether_the_call_may_be_kept() -> None:
    """Who changed it and when, and the pauses; nothing for a call that nobody had to be asked about."""
    changes = (
        ConsentChanged(0.0, Consent.UNKNOWN, held=True, by="clinic"),
        ConsentChanged(8.0, Consent.GIVEN),
        RecordingPaused(20.0),
        RecordingResumed(30.0),
        RecordingPaused(50.0),
    )
    report = call_report((STARTED, *changes, ENDED))
    CallReport.model_validate(report)
    assert report["consent"] == {
        "state": "given",
        "held": False,
        "changes": [
            {"at_s": 0.0, "consent": "unknown", "by": "clinic"},
            {"at_s": 8.0, "consent": "given", "by": "desk"},
        ],
        "pauses": [{"start_s": 20.0, "end_s": 30.0}, {"start_s": 50.0, "end_s": None}],
    }
    assert call_report((STARTED, ENDED))["consent"] is None
