"""Kept calls to be reviewed: flagged, dismissed, interrupted, quiet, on a bad line, of two CSRs, on given days."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tests.console.scripted_call import blocked_cat
from voice_triage.events import (
    CallEnded,
    CallStarted,
    DismissalReason,
    Event,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaised,
    FlagWithdrawn,
    GapHeard,
    Logged,
    Side,
    SourceChanged,
)

ENDED_S = 38.0


def kept_call(
    call: str,
    started_at: str = "2026-03-04T08:30:00-05:00",
    *,
    csr: str = "ana",
    flags: bool = True,
    interrupted: bool = False,
    after: Sequence[Event] = (),
    during: Sequence[Event] = (),
) -> list[Logged]:
    """The log of a call about a cat that cannot urinate; ``flags`` false: the machine raised none.

    ``during`` comes before its end, ``after`` behind it.
    """
    script = [logged.event for logged in blocked_cat(call, ended=False)]
    first = script[0]
    assert isinstance(first, CallStarted)
    script[0] = dataclasses.replace(first, started_at=started_at, csr=csr)
    kept = [event for event in script if not type(event).__name__.startswith(("Partial", "Line"))]
    if not flags:
        kept = [event for event in kept if not isinstance(event, FlagRaised)]
    reason = "interrupted" if interrupted else "hang-up"
    heard = sorted([*kept, *during], key=lambda event: event.at_s)
    events = [*heard, CallEnded(ENDED_S, ENDED_S, reason), *after]
    return [Logged(call, place, event) for place, event in enumerate(events, start=1)]


def dismissed(at_s: float = 40.0) -> tuple[Event, ...]:
    """The CSR has seen the flag and dismissed it."""
    return (
        FlagAcknowledged(at_s, "urinary"),
        FlagEnded(at_s + 1, "urinary", FlagEnd.DISMISSED, 0, DismissalReason.NOT_SO),
    )


def sent(at_s: float = 40.0) -> tuple[Event, ...]:
    """The CSR has sent the client to the emergency room."""
    return (FlagAcknowledged(at_s, "urinary"), FlagEnded(at_s + 1, "urinary", FlagEnd.SENT_TO_EMERGENCY_ROOM))


GAP = GapHeard(20.0, Side.CLIENT, 15.0, 4.0, "the device was away")
SILENT = SourceChanged(20.0, "silent", "No sound has come from the client for 14 seconds.")
CLIPPING = SourceChanged(20.0, "clipping", "The client's voice is too loud.")
WITHDRAWN = FlagWithdrawn(30.0, "urinary", "The client corrected himself.")
