"""A call in a process of its own, to be killed: ``python -m tests.consent_process DATA_DIR CONSENT [STEP...]``.

It begins with that consent, and does one step after the other: ``say``, ``pause``, ``resume``, ``note``, or a consent.
After each it prints the step, and before a consent ``about to`` and the step; then it waits to be killed.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tests.consent_call import ConsentCall
from voice_triage.clinic_consent import ClinicConsent
from voice_triage.events import Consent, ConsentChanged, NoteTyped, RecordingPaused, RecordingResumed


def main(data_dir: str, begins: str, *steps: str) -> None:
    """One call; the last line is ``all``."""
    call = ConsentCall(Path(data_dir), ClinicConsent(Consent(begins)))
    for step in steps:
        match step:
            case "say":
                call.say()
            case "pause":
                call.act(RecordingPaused(0.0))
            case "resume":
                call.act(RecordingResumed(0.0))
            case "note":
                call.act(NoteTyped(0.0, "typed by the desk alone"))
            case _:
                _tell(f"about to {step}")
                call.act(ConsentChanged(0.0, Consent(step)))
        _tell(step)
    _tell("all")
    time.sleep(600)


def _tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
