"""Whether the headset can be heard, and how well: what ``devices`` and ``doctor --listen`` show."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

import numpy as np

from voice_triage.audio.headset import Choice, choose, on_call
from voice_triage.audio.headset_source import HeadsetSource, Ways, Wishes
from voice_triage.audio.level import FLOOR_DB, LOUD_ENOUGH_DB, SILENT_DB
from voice_triage.events import Block, Gap, Side

SPEECH_SWING_DB = 6.0
"""Speech pauses between syllables and words; tones and noise do not. Measured over five seconds: noise 0.5 dB, thirteen
telephone calls 10 to 70 dB, down to 4.5 dB in the noisiest."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a few seconds of listening showed."""

    choice: Choice
    headset: str
    """What would be recorded; empty if there is no headset."""
    program: str
    """The program that is on a call there; empty if none is."""
    heard_s: float
    """Seconds of proven sound."""
    level_db: float
    """RMS of the loudest block of 40 ms, dB relative to full scale."""
    swing_db: float
    """How far the level falls between: its nine tenths above its two tenths, in dB."""
    missing: tuple[str, ...]
    """Why sound was missing, each reason once."""

    @property
    def what(self) -> str:
        """``nothing``, ``silence``, ``something quiet``, ``speech or music`` or ``steady sound``."""
        if self.heard_s == 0:
            return "nothing"
        if self.level_db < SILENT_DB:
            return "silence"
        if self.level_db < LOUD_ENOUGH_DB:
            return "something quiet"
        return "speech or music" if self.swing_db >= SPEECH_SWING_DB else "steady sound"

    @property
    def advice(self) -> str:
        """One or two plain sentences: what it means, and what to do."""
        if not self.headset:
            return self.choice.detail
        if self.heard_s == 0:
            reason = self.missing[0] if self.missing else "Its monitor gave no sound."
            return f"Nothing of {self.headset} could be recorded. {reason}"
        if self.what == "silence":
            return (
                f"{self.headset} plays silence. Play something to it, or have someone call this computer, and try "
                "again. A headset that is paired to a desk phone or a mobile phone takes its calls past this computer."
            )
        if self.what == "something quiet":
            return f"{self.headset} is heard, but faintly. Turn up the phone program, not the headset."
        if self.what == "steady sound":
            return f"{self.headset} plays a steady sound, a tone or noise. Have someone speak, and try again."
        if not self.program:
            return f"{self.headset} is heard. No program is on a call on it: listening begins when one is."
        return f"{self.headset} is heard, and {self.program} is on a call on it: this is what would be listened to."


def survey(ways: Ways, wishes: Wishes) -> Choice:
    """What the rule says of every device now. Raises AudioError if there is no sound server."""
    server = ways.connect()
    try:
        return choose(server.snapshot(), wishes.headset)
    finally:
        server.close()


def listen(ways: Ways, wishes: Wishes, seconds: float) -> Hearing:
    """Record the headset for a few seconds, keeping nothing. Raises AudioError if that is not possible at all."""
    server = ways.connect()
    try:
        ways.check()
        snapshot = server.snapshot()
    finally:
        server.close()
    choice = choose(snapshot, wishes.headset)
    if choice.headset is None:
        return Hearing(choice, "", "", 0.0, FLOOR_DB, 0.0, ())
    call = on_call(snapshot, [choice.headset])
    heard_s, levels_db, missing = 0.0, list[float](), dict[str, None]()
    source = HeadsetSource(
        choice.headset, ways, wishes, picked_up=ways.monotonic(), tell=lambda why: missing.update({why: None})
    )
    timer = threading.Timer(seconds, source.stop)
    timer.start()
    try:
        for item in source:
            if item.side is not Side.CLIENT:
                continue
            if isinstance(item, Gap):
                missing[item.reason] = None
                continue
            heard_s += item.end_s - item.start_s
            levels_db.append(_level_db(item))
    finally:
        timer.cancel()
        source.close()
    missing.pop("", None)
    low_db, high_db = np.percentile(levels_db, (20, 90)) if levels_db else (FLOOR_DB, FLOOR_DB)
    return Hearing(
        choice,
        choice.headset.description,
        "" if call is None else call.program_name,
        round(heard_s, 2),
        round(max(levels_db, default=FLOOR_DB), 1),
        round(float(high_db - low_db), 1),
        tuple(missing),
    )


def _level_db(block: Block) -> float:
    wide = block.samples.astype(np.float64) / 32768
    mean_square = float(wide @ wide) / max(1, len(wide))
    return max(FLOOR_DB, 10 * math.log10(mean_square)) if mean_square > 0 else FLOOR_DB
