"""What the CSR did is in the call's report: ends, times, settled fields, and what is still open."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from tests.call_fakes import field, flag
from tests.report_schema import CallReport
from tests.test_desk_card import EVENTS, STARTED
from voice_triage.events import (
    ActionUndone,
    AdviceGiven,
    CallEnded,
    DismissalReason,
    Event,
    FieldSettled,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaisedByHand,
    FlagWithdrawn,
    HandedOff,
    HandOffTo,
    NoteTyped,
    PartialTranscript,
    Settlement,
    Side,
    Urgency,
)
from voice_triage.report import call_report, text_report
from voice_triage.report_text import render

ENDED = CallEnded(60.0, 60.0, "hang-up")
SENT = FlagEnded(70.0, "bleeding", FlagEnd.SENT_TO_EMERGENCY_ROOM)
HANDED = FlagEnded(71.0, "pain", FlagEnd.HANDED_OVER)
DISMISSED = FlagEnded(72.0, "toxin", FlagEnd.DISMISSED, reason=DismissalReason.NOT_SO, note="asked twice")


def test_a_flags_entry_tells_when_it_was_seen_and_what_became_of_it() -> None:
    """Times to flag, to acknowledge and to its end can be counted from reports."""
    (entry,) = call_report([STARTED, flag(at_s=6.0), FlagAcknowledged(8.5, "bleeding"), ENDED, SENT])["flags"]
    assert (entry["raised_at_s"], entry["acknowledged_at_s"], entry["open"]) == (6.0, 8.5, False)
    assert entry["disposition"] == {"end": "sent_to_emergency_room", "at_s": 70.0, "reason": None, "note": ""}


@pytest.mark.parametrize(
    ("events", "disposition"),
    [
        ([], None),
        ([flag(), FlagWithdrawn(9.0, "bleeding", "no")], None),
        ([flag(), ENDED], "open"),
        ([flag(), flag("pain"), SENT], "open"),
        ([flag(), flag("pain"), flag("toxin"), DISMISSED, HANDED, SENT], "sent_to_emergency_room"),
        ([flag("pain"), flag("toxin"), DISMISSED, HANDED], "handed_over"),
        ([flag("toxin"), DISMISSED], "dismissed"),
        ([flag(), SENT, ActionUndone(80.0, 3)], "open"),
    ],
)
def test_a_calls_disposition_is_open_until_every_flag_has_an_end(events: list[Event], disposition: str | None) -> None:
    """Then it is the end that counts most; an undone end is none."""
    assert call_report([STARTED, *events])["disposition"] == disposition


def test_undoing_counts_kept_events_alone() -> None:
    """A list of events with what was only shown among them gives the same report."""
    shown = PartialTranscript(5.0, Side.CLIENT, 0, (), "")
    events: list[Event] = [flag(), SENT, ActionUndone(80.0, 3)]
    assert call_report([STARTED, shown, *events]) == call_report([STARTED, *events])


def test_a_settled_field_has_its_value_and_state() -> None:
    """Typed values are fields like heard ones; what has no value is not told as if it had."""
    report = call_report(
        [
            STARTED,
            field("species", "dog"),
            FieldSettled(9.0, "species", Settlement.CONFIRMED, "dog"),
            field("age", "P7Y"),
            FieldSettled(10.0, "age", Settlement.EDITED, "P8Y"),
            FieldSettled(11.0, "weight", Settlement.EDITED, "4 kg"),
            field("breed", "poodle"),
            FieldSettled(12.0, "breed", Settlement.REJECTED, "poodle"),
            FieldSettled(13.0, "sex", Settlement.UNKNOWN),
        ]
    )
    fields = {name: (each["value"], each["state"], each["settled_at_s"]) for name, each in report["fields"].items()}
    assert fields == {
        "species": ("dog", "confirmed", 9.0),
        "age": ("P8Y", "edited", 10.0),
        "weight": ("4 kg", "edited", 11.0),
    }
    assert report["unsettled"] == {"breed": "rejected", "sex": "unknown"}


def test_the_report_for_people_tells_what_was_done() -> None:
    """Ends, notes, advice and hand-offs stand in it, each with its time."""
    text = render(
        call_report(
            [
                STARTED,
                flag("toxin"),
                flag("pain"),
                FlagAcknowledged(9.0, "pain"),
                FlagRaisedByHand(10.0, "breathing", Urgency.RED, note="noisy"),
                NoteTyped(11.0, "calls from the car"),
                AdviceGiven(12.0, "Please leave now."),
                HandedOff(13.0, HandOffTo.DOCTOR, "Dog."),
                ENDED,
                DISMISSED,
            ]
        )
    )
    for told in (
        "[dismissed (not so), 1:12]",
        "[acknowledged, 0:09]",
        "raised by the desk",
        "calls from the car",
        "told the client: Please leave now.",
        "handed off to a doctor",
    ):
        assert told in text, told


@settings(deadline=None)  # a busy machine is no failure
@given(EVENTS)
def test_any_call_has_a_report_of_the_agreed_format(events: list[Event]) -> None:
    """Whatever was done in it; also for people, and as written text."""
    report = json.loads(json.dumps(call_report([STARTED, *events]), allow_nan=False))
    CallReport.model_validate(report)
    assert render(report).endswith("\n")
    text_report("t", "", events)
