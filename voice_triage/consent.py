"""Consent to keep a call, and pauses of its recording: events of its log. Part of :mod:`voice_triage.events`.

Consent is about what is *kept*. What the desk sees live goes on in memory whatever the client says; see
``docs/keeping.md`` for the rules, which :mod:`voice_triage.kept_part` and :mod:`voice_triage.keeping` hold to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BY_THE_DESK = "desk"
"""Who changed it: the CSR."""
BY_SETTING = "clinic"
"""Who changed it: the clinic's setting."""


class Consent(StrEnum):
    """What the client has said, or was told, about this call being kept."""

    UNKNOWN = "unknown"
    """Nobody has asked or told yet."""
    ANNOUNCED = "announced"
    """The client was told that the call is recorded, and stayed on the line."""
    GIVEN = "given"
    """The client agreed."""
    REFUSED = "refused"
    """The client does not want it: nothing of the call is kept but what the CSR typed."""


class Undecided(StrEnum):
    """What the clinic does with a call while its consent is unknown."""

    FORGET = "forget"
    """Held in memory; gone if nobody has decided by ten minutes after its end."""
    KEEP = "keep"
    """Held in memory; kept at its end if nobody has decided."""
    KEEP_AT_ONCE = "keep_at_once"
    """Kept from its first second, where the law asks for no consent of the client."""


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """What may be kept of the call is otherwise from now on. A call without this event is kept as it comes."""

    at_s: float
    consent: Consent
    held: bool = False
    """Unknown, and nothing is on the disk until it is decided."""
    by: str = BY_THE_DESK
    """``desk`` (:data:`BY_THE_DESK`) or ``clinic``, by its settings (:data:`BY_SETTING`)."""


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """What is said from now on is kept nowhere: neither sound nor words."""

    at_s: float


@dataclass(frozen=True, slots=True)
class RecordingResumed:
    """What is said from now on is kept again."""

    at_s: float


@dataclass(frozen=True, slots=True)
class NotKept:
    """Stands in the kept log in place of an event that may not be kept; says nothing of it, not even when it was."""

    at_s: float
    """That of the kept event before it."""
