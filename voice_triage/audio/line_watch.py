"""The client's line over time: says, with what to do, when nothing comes on it or what comes is distorted."""

from __future__ import annotations

from voice_triage.audio.level import SILENT_AFTER_S
from voice_triage.events import LineChanged, SourceChanged

SILENT_TOLD_AFTER_S = 12.0
"""How long the line must have been silent, beyond what the meter takes (``level.SILENT_AFTER_S``): longer than most
turns of the CSR, for whom a digital line is silent and all is well."""
CLEAR_AFTER_S = 10.0
"""A distorted line is clear again after so long: louder words come in bursts."""
SILENT = (
    "No sound has come from the client for {seconds:.0f} seconds. If they are speaking, choose this headset in the "
    "phone program and turn its volume up."
)
CLIPPING = (
    "The client's voice is too loud for the line and distorted, so words are misheard. Turn the volume down in the "
    "phone program."
)


class LineWatch:
    """Follows one side's line. Used by one thread."""

    def __init__(self) -> None:
        self._state = "good"
        self._since_s = 0.0
        self._told = ""

    def restart(self) -> None:
        """After a gap: what was before says nothing about the line."""
        self._state = "good"

    def process(self, now_s: float, change: LineChanged | None) -> SourceChanged | None:
        """What to tell at call time ``now_s``; ``change`` is what the level has just told, if anything."""
        if change is not None and change.state != self._state:
            self._state, self._since_s = change.state, now_s
        lasted_s = now_s - self._since_s
        if self._state == "clipping":
            return self._tell("clipping", now_s, CLIPPING)
        if self._state == "silent":
            if lasted_s < SILENT_TOLD_AFTER_S:
                return None
            return self._tell("silent", now_s, SILENT.format(seconds=SILENT_AFTER_S + lasted_s))
        if self._told == "silent" or (self._told == "clipping" and lasted_s >= CLEAR_AFTER_S):
            self._told = ""
            return SourceChanged(now_s, "listening", "The client is heard again.")
        return None

    def _tell(self, state: str, now_s: float, detail: str) -> SourceChanged | None:
        if self._told == state:
            return None
        self._told = state
        return SourceChanged(now_s, state, detail)
