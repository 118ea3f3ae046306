"""The call report of ``eval/FORMAT.md`` as a schema: what must be there, and of which kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Category = Literal[
    "bleeding", "breathing", "gi_severe", "toxin", "neuro", "urinary", "pain", "foreign_body", "other_emergency"
]
Status = Literal["present", "negated", "historical", "hypothetical", "other_subject", "resolved", "uncertain"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class Audio(_Part):
    """What was heard."""

    path: str
    duration_s: Seconds
    sample_rate_hz: int


class SpokenWord(_Part):
    """One word."""

    text: str
    start_s: Seconds
    end_s: Seconds
    confidence: Share


class Utterance(_Part):
    """One utterance."""

    start_s: Seconds
    end_s: Seconds
    text: str
    words: list[SpokenWord]


class Mention(_Part):
    """One mention of a concept."""

    concept: str
    text: str
    start_s: Seconds
    end_s: Seconds
    status: Status
    cue: str | None


class Disposition(_Part):
    """What became of a flag."""

    end: Literal["sent_to_emergency_room", "handed_over", "dismissed"]
    at_s: Seconds
    reason: str | None
    note: str


class Flag(_Part):
    """One flag that was ever shown."""

    category: Category
    urgency: Literal["red", "orange"]
    state: Literal["provisional", "raised", "withdrawn"]
    evidence: str
    concepts: list[str]
    start_s: Seconds
    end_s: Seconds
    provisional_at_s: Seconds | None
    raised_at_s: Seconds | None
    reason: str
    confidence: Share
    possible: bool
    open: bool
    by_hand: bool
    acknowledged_at_s: Seconds | None
    disposition: Disposition | None


class PatientField(_Part):
    """One suggested field."""

    value: str
    evidence: str
    start_s: Seconds
    end_s: Seconds
    confidence: Share
    state: Literal["suggested", "confirmed", "edited"]


class Timing(_Part):
    """What it cost."""

    compute_s: Seconds | None
    real_time_factor: Seconds | None


class ConsentChange(_Part):
    """One change of consent."""

    at_s: Seconds
    consent: Literal["unknown", "announced", "given", "refused"]
    by: Literal["desk", "clinic"]


class ConsentState(_Part):
    """Whether the call may be kept."""

    state: Literal["unknown", "announced", "given", "refused"]
    held: bool
    changes: list[ConsentChange]
    pauses: list[dict[str, Seconds | None]]


class CallReport(_Part):
    """``voice-triage-report/1`` of a call."""

    format: Literal["voice-triage-report/1"]
    id: str
    audio: Audio
    utterances: list[Utterance]
    mentions: list[Mention]
    flags: list[Flag]
    fields: dict[str, PatientField]
    unsettled: dict[str, Literal["rejected", "unknown"]]
    disposition: Literal["open", "sent_to_emergency_room", "handed_over", "dismissed"] | None
    timing: Timing
    consent: ConsentState | None
