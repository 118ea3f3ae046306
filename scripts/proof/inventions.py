"""Proof that noise, tones, music and barking do not become words that count: an hour of them through both ears."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from proof.proof import Proof
from tests.wordless_sounds import RATE_HZ, SOUNDS, as_int16
from voice_triage import bootstrap
from voice_triage.report import Report, call_report
from voice_triage.settings import load_settings

HOUR_S = 3600.0
CALL_S = 80.0
"""Length of one call of one sound."""
INTRODUCTION = """# Inventions: the proof

Calls that hold a sound and not one word go through the live recognizer and the careful ear, as a recording does. No
flag may be raised, not even for a moment, and no field be filled in the end. Utterances are words that the live
recognizer thought it heard and that stay in the transcript; those that the careful ear adds or confirms are inventions.
"""


@dataclass(slots=True)
class Heard:
    """What one kind of sound came to."""

    seconds: float = 0.0
    live: int = 0
    """Utterances that the live recognizer took out of it."""
    settled: int = 0
    """Utterances whose words the careful ear confirmed or made up."""
    flags: int = 0
    """Ever shown."""
    fields: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether nothing that counts came of it."""
        return not (self.settled or self.flags or self.fields)


def prove(share: float, seed: int) -> Proof:
    """``share`` of an hour, in equal parts of each sound."""
    settings = load_settings(overrides={"careful_ear": "on"})
    engine = bootstrap.load_engine(settings, bootstrap.hearing_at_once(settings))
    heard = {name: Heard() for name in SOUNDS}
    rounds = max(1, round(HOUR_S * share / CALL_S / len(SOUNDS)))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for name, make in SOUNDS.items():
                path = Path(folder) / "call.wav"
                sound = as_int16(make(CALL_S, np.random.default_rng([seed, number, len(name)])))
                soundfile.write(path, sound, RATE_HZ)
                source = bootstrap.file_source(path, settings, realtime=False)
                call, log = engine.call(source, f"{name}-{number}", live=False)
                call.run()
                _count(heard[name], call_report(logged.event for logged in log.events()))
    return Proof(_text(heard), all(each.is_kept for each in heard.values()))


def _count(heard: Heard, report: Report) -> None:
    heard.seconds += CALL_S
    heard.live += sum(bool(said.get("first_hearing", said["text"])) for said in report["utterances"])
    heard.settled += sum(said.get("second_hearing", {}).get("outcome") == "settled" for said in report["utterances"])
    heard.flags += len(report["flags"])
    heard.fields += len(report["fields"])


def _text(heard: dict[str, Heard]) -> str:
    rows = [
        "| sound | minutes | live utterances | settled by the careful ear | flags shown | fields filled |",
        "|---|---|---|---|---|---|",
        *(
            f"| {name} | {each.seconds / 60:.1f} | {each.live} | {each.settled} | {each.flags} | {each.fields} |"
            for name, each in heard.items()
        ),
    ]
    return f"{INTRODUCTION}\n" + "\n".join(rows) + "\n"
