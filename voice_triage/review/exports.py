"""What may be taken out of a kept call: captions (WebVTT), a table (CSV), everything as JSON."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Sequence
from typing import Any

from voice_triage.events import CallStarted, GapHeard, Logged, Side, to_json
from voice_triage.report import call_report
from voice_triage.review.markers import markers_of
from voice_triage.review.scorecard import scorecard
from voice_triage.review.sheet import review_sheet, standing_entries
from voice_triage.utterances import said_in

COLUMNS = ("start_s", "end_s", "what", "side", "category", "text")
SPEAKERS = {Side.CLIENT: "Client", Side.OWN: "CSR"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a cell [OWASP, CSV injection]."""


def as_webvtt(log: Sequence[Logged]) -> str:
    """Captions: one cue for each utterance, in the words that count; gaps and flags are notes between them."""
    cues: list[tuple[float, str]] = []
    for said in said_in(logged.event for logged in log):
        heard = said.counts
        voice = SPEAKERS[heard.side]
        end_s = max(heard.end_s, heard.start_s + 0.001)
        times = f"{_vtt_time(heard.start_s)} --> {_vtt_time(end_s)}"
        cues.append((heard.start_s, f"{heard.utterance}\n{times}\n<v {voice}>{_vtt_text(heard.text)}</v>"))
    for logged in log:
        if isinstance(logged.event, GapHeard):
            gap = logged.event
            cues.append((gap.start_s, f"NOTE {_vtt_time(gap.start_s)} not heard for {gap.duration_s:.1f} s"))
    cues += [
        (marker.at_s, f"NOTE {_vtt_time(marker.at_s)} flag: {marker.category}")
        for marker in markers_of(log)
        if marker.kind == "flag"
    ]
    return "\n\n".join(["WEBVTT", *(cue for _, cue in sorted(cues, key=lambda each: each[0]))]) + "\n"


def as_csv(log: Sequence[Logged]) -> str:
    """A table of what was said and what happened, in order of time; RFC 4180, one line of heads.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    rows = [
        (heard.start_s, heard.end_s, "said", str(heard.side), "", heard.text)
        for heard in (said.counts for said in said_in(logged.event for logged in log))
    ]
    rows += [(mark.at_s, mark.end_s, mark.kind, "", mark.category, mark.text) for mark in markers_of(log)]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for start_s, end_s, *rest in sorted(rows, key=lambda row: row[0]):
        writer.writerow([f"{start_s:.3f}", f"{end_s:.3f}", *map(_harmless, rest)])
    return written.getvalue()


def as_json(log: Sequence[Logged]) -> dict[str, Any]:
    """The call's report (:func:`voice_triage.report.call_report`) with ``csr``, ``review`` and ``scorecard``."""
    started = log[0].event
    sheet = review_sheet(log)
    return {
        **call_report(logged.event for logged in log),
        "csr": started.csr if isinstance(started, CallStarted) else "",
        "review": {
            "done_at_s": None if sheet.done is None else sheet.done.event.at_s,
            "done_by": "" if sheet.done is None else sheet.done.event.by,
            "entries": [to_json(logged.event) for logged in standing_entries(log)],
        },
        "scorecard": dataclasses.asdict(scorecard(log)),
    }


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _vtt_time(seconds: float) -> str:
    whole = round(max(0.0, seconds) * 1000)
    minutes, ms = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{ms // 1000:02}.{ms % 1000:03}"


def _vtt_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
