"""What is taken out of a call is what its log says, in forms that other programs read as they are meant."""

from __future__ import annotations

import csv
import io
import json
import re

from tests.review.reviewed_calls import GAP, dismissed, kept_call
from voice_triage.events import FlagJudged, MissMarked, NoteTyped, ReviewDone, ReviewUndone, Verdict
from voice_triage.review.exports import COLUMNS, as_csv, as_json, as_webvtt
from voice_triage.review.markers import markers_of


def test_captions_hold_every_utterance_in_order_with_its_speaker() -> None:
    """WebVTT: a header, cues with times that do not go backwards, notes for gaps and flags."""
    text = as_webvtt(kept_call("c", during=(GAP,)))
    assert text.startswith("WEBVTT\n\n")
    times = re.findall(r"^(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})$", text, re.MULTILINE)
    assert len(times) == 5
    assert times == sorted(times)
    assert all(start < end for start, end in times)
    assert "<v Client>my name's melissa grant and his name's oliver</v>" in text
    assert "NOTE 00:00:15.000 not heard for 4.0 s" in text
    assert text.count("flag: urinary") == 1


def test_captions_hold_no_markup_that_was_said() -> None:
    """A word that looks like a tag or an arrow stays text."""
    said = kept_call("c", during=(NoteTyped(20.0, "<b>&"),))
    assert "<b>" not in as_webvtt(said)


def test_a_table_has_a_row_for_what_was_said_and_for_what_happened() -> None:
    """RFC 4180; sorted by time; a cell that a spreadsheet would run as a formula is only text."""
    log = kept_call("c", during=(NoteTyped(20.0, '=HYPERLINK("x")'), GAP), after=dismissed())
    rows = list(csv.reader(io.StringIO(as_csv(log))))
    assert tuple(rows[0]) == COLUMNS
    assert [float(row[0]) for row in rows[1:]] == sorted(float(row[0]) for row in rows[1:])
    kinds = [row[2] for row in rows[1:]]
    assert kinds.count("said") == 5
    assert {"flag", "field", "gap", "note", "acknowledged", "ended"} <= set(kinds)
    assert ["20.000", "20.000", "note", "", "", '\'=HYPERLINK("x")'] in rows


def test_the_json_has_report_review_and_scorecard_without_what_was_undone() -> None:
    """A verdict that was taken back is not taken out."""
    log = kept_call("c")
    first = len(log) + 1
    after = (
        FlagJudged(900.0, "kim", "urinary", Verdict.RIGHT),
        FlagJudged(901.0, "kim", "urinary", Verdict.FALSE_ALARM),
        ReviewUndone(902.0, "kim", first + 1),
        ReviewDone(903.0, "kim"),
    )
    told = json.loads(json.dumps(as_json(kept_call("c", after=after))))
    assert (told["id"], told["csr"]) == ("c", "ana")
    assert [entry["verdict"] for entry in told["review"]["entries"] if "verdict" in entry] == ["right"]
    assert (told["review"]["done_by"], told["scorecard"]["opened_with_question"]["answer"]) == ("kim", "unknown")


def test_markers_tell_flags_fields_gaps_ends_and_what_was_missed() -> None:
    """Each at the time of the words it rests on, or at which it was done."""
    missed = MissMarked(900.0, "kim", "pain", "hiding", 3, 10, 10, 27.0, 27.3)
    marks = markers_of(kept_call("c", during=(GAP,), after=(*dismissed(), missed)))
    kinds = {mark.kind for mark in marks}
    assert {"flag", "field", "gap", "acknowledged", "ended", "missed"} <= kinds
    assert [mark.at_s for mark in marks] == sorted(mark.at_s for mark in marks)
    [miss] = [mark for mark in marks if mark.kind == "missed"]
    assert (miss.at_s, miss.end_s, miss.category) == (27.0, 27.3, "pain")
    [gap] = [mark for mark in marks if mark.kind == "gap"]
    assert (gap.at_s, gap.end_s) == (15.0, 19.0)
