"""A live call that comes faster than it is heard: what the CSR is told, and what is lost."""

from __future__ import annotations

from voice_triage.events import Block, Event, Gap, Side, SourceChanged, StageFailed

LATE_S = 3.0
"""From here on the CSR is told that alerts come late: more than the delay that acceptance allows for a flag."""
CAUGHT_UP_S = 1.0
LATE_SOUND_S, IN_TIME_S = 1.5, 0.5
"""Sound reaches us within 0.15 s; a stall of two seconds, after which nothing is missing, is told."""


class Lost:
    """Live sound that found no room in the queue, as one gap per side."""

    def __init__(self) -> None:
        self._gaps: dict[Side, Gap] = {}

    def __bool__(self) -> bool:
        return bool(self._gaps)

    def add(self, sound: Block | Gap) -> None:
        """Lengthen its side's gap to the end of ``sound``."""
        first = self._gaps.get(sound.side, sound)
        reason = "The computer could not keep up with the call."
        self._gaps[sound.side] = Gap(sound.side, first.start_s, end_of(sound) - first.start_s, reason)

    def take(self) -> list[Gap]:
        """What was lost since the last time, earliest first."""
        gaps = sorted(self._gaps.values(), key=lambda gap: gap.start_s)
        self._gaps.clear()
        return gaps


class Lateness:
    """Tells once when a live call falls behind, and once when it has caught up."""

    def __init__(self) -> None:
        self._late = False

    def at(self, at_s: float, late_s: float) -> Event | None:
        """What to tell at call time ``at_s``, when what is shown is ``late_s`` behind the sound; mostly nothing."""
        if not self._late and late_s > LATE_S:
            self._late = True
            return StageFailed(
                at_s,
                "recognizer",
                "backlog",
                f"This computer is more than {LATE_S:.0f} seconds behind the call, so alerts come late. "
                "Listen for red flags yourself, and close other programs.",
            )
        if self._late and late_s < CAUGHT_UP_S:
            self._late = False
            return SourceChanged(at_s, "listening", "The computer has caught up with the call.")
        return None


class LateSound:
    """Tells once when live sound reaches us late, and once when it comes in time again. Nothing of it is lost."""

    def __init__(self) -> None:
        self._late = False

    def at(self, at_s: float, sound: Block | Gap) -> Event | None:
        """What to tell at call time ``at_s``, when ``sound`` has come; mostly nothing."""
        if isinstance(sound, Gap):  # told when it is known, which says nothing about what comes after it
            return None
        late_s = at_s - sound.end_s
        if not self._late and late_s > LATE_SOUND_S:
            self._late = True
            return SourceChanged(
                at_s,
                "late",
                f"The client's sound comes {late_s:.0f} seconds late, and so do alerts. Listen for red flags yourself, "
                "and close other programs.",
            )
        if self._late and late_s < IN_TIME_S:
            self._late = False
            return SourceChanged(at_s, "listening", "The client's sound comes in time again.")
        return None


def end_of(sound: Block | Gap) -> float:
    """Call time just after a piece of sound, in seconds."""
    return sound.end_s if isinstance(sound, Block) else sound.start_s + sound.duration_s
