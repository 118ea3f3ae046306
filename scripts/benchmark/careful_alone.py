"""What the careful ear alone would make of a call: of a report of both ears, the words that it heard itself."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.flags_heard import Report
from voice_triage.events import CallEnded, CallStarted, Event, FinalTranscript, Side, Word
from voice_triage.report import call_report
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.state import CallUnderstanding


def careful_alone(report: Report, lexicon: Lexicon) -> Report:
    """The report of a call in which only the second hearings were heard, each when it was settled.

    Its computing is not known apart from the live recognizer's, and is None.
    """
    audio = report["audio"]
    started = CallStarted(
        report["id"], 0.0, report["started_at"], audio["path"], audio["sample_rate_hz"], model=report["heard_by"]
    )
    ended = CallEnded(audio["duration_s"], audio["duration_s"], "hang-up", 0.0)
    alone = dict(call_report([started, *_events(report, lexicon), ended]))
    alone["timing"] = {"compute_s": None, "real_time_factor": None}
    return alone


def _events(report: Report, lexicon: Lexicon) -> Iterator[Event]:
    understanding = CallUnderstanding(lexicon)
    settled = [said for said in report["utterances"] if said.get("second_hearing", {}).get("outcome") == "settled"]
    for number, said in enumerate(settled):
        words = tuple(Word(**word) for word in said["words"])
        heard = FinalTranscript(
            said["second_hearing"]["at_s"],
            Side.CLIENT,
            number,
            words,
            said["text"],
            said["start_s"],
            said["end_s"],
            said["heard_by"],
        )
        yield heard
        yield from understanding.hear(heard)
