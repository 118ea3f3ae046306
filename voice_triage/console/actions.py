"""What the CSR does, as requests: checked here for their form, by the desk for whether they can be done now.

``POST /api/calls/{call}/actions`` takes one JSON object, whose ``action`` says which of the models below it is:
204 done, 404 no such call, 409 ``{"detail"}`` not now (one sentence that says why), 422 malformed.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from voice_triage.audit_trail import AuditKind, AuditTrail, Detail
from voice_triage.card import Card
from voice_triage.console.asker import asker
from voice_triage.console.event_json import card_json
from voice_triage.console.typed_values import typed_value
from voice_triage.errors import AuditError, DeskError, NoSuchCallError
from voice_triage.events import (
    CONSENT_ACTIONS,
    ActionUndone,
    AdviceGiven,
    Asked,
    Consent,
    ConsentAction,
    ConsentChanged,
    DeskAction,
    DismissalReason,
    FieldSettled,
    FlagAcknowledged,
    FlagEnd,
    FlagEnded,
    FlagRaisedByHand,
    HandedOff,
    HandOffTo,
    Logged,
    NoteTyped,
    QuestionSettled,
    RecordingPaused,
    RecordingResumed,
    Settlement,
    Urgency,
)
from voice_triage.hand_off import HandOff, hand_off_text
from voice_triage.hand_off_data import hand_off_json
from voice_triage.hand_off_fhir import FHIR_MEDIA_TYPE, hand_off_bundle

NOTE_CHARACTERS = 2000
HAND_OFF_CHARACTERS = 20_000


def _as_quotes(text: str) -> str:
    """Straight quotes in pairs as curly ones: what stands in them counts as the client's words."""
    return re.sub(r'"([^"\n]*)"', r"“\1”", text)


Category = Literal[
    "bleeding", "breathing", "gi_severe", "toxin", "neuro", "urinary", "pain", "foreign_body", "other_emergency"
]
"""As in ``eval/FORMAT.md``; a test compares them with the page's headings."""
PatientField = Literal[
    "pet_name",
    "species",
    "breed",
    "age",
    "sex",
    "reproductive_status",
    "weight",
    "onset",
    "eating",
    "drinking",
    "urinating",
    "defecating",
    "behavior",
    "client_name",
    "callback_number",
]
Pet = Annotated[int, Field(ge=0, le=99, description="Number of the pet in the call.")]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=NOTE_CHARACTERS, pattern=r"^[^\x00]*$"),
    AfterValidator(_as_quotes),
]
OptionalLine = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=NOTE_CHARACTERS, pattern=r"^[^\x00]*$"),
    AfterValidator(_as_quotes),
]


class _Action(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Acknowledge(_Action):
    """The CSR has seen a flag."""

    action: Literal["acknowledge"]
    category: Category
    pet: Pet = 0

    def event(self) -> DeskAction:
        """What is logged."""
        return FlagAcknowledged(0.0, self.category, self.pet)


class EndFlag(_Action):
    """A flag is dealt with. A dismissal, and only that, needs a reason."""

    action: Literal["end_flag"]
    category: Category
    pet: Pet = 0
    end: FlagEnd
    reason: DismissalReason | None = None
    note: OptionalLine = ""

    @model_validator(mode="after")
    def _has_its_reason(self) -> EndFlag:
        if (self.end is FlagEnd.DISMISSED) != (self.reason is not None):
            raise ValueError("a dismissal has a reason, any other end has none")
        return self

    def event(self) -> DeskAction:
        """What is logged."""
        return FlagEnded(0.0, self.category, self.end, self.pet, self.reason, self.note)


class RaiseFlag(_Action):
    """The CSR raises a flag by hand."""

    action: Literal["raise_flag"]
    category: Category
    urgency: Urgency
    pet: Pet = 0
    note: OptionalLine = ""

    def event(self) -> DeskAction:
        """What is logged."""
        return FlagRaisedByHand(0.0, self.category, self.urgency, self.pet, self.note)


class SettleField(_Action):
    """A patient field is settled.

    ``value`` is the suggested one, as it was seen, for ``confirmed`` and ``rejected``; for ``edited`` the new one, as
    in ``eval/FORMAT.md`` or as people write it ("7 years"); nothing for ``unknown``.
    """

    action: Literal["settle_field"]
    field: PatientField
    state: Settlement
    value: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f]*$")] = ""
    pet: Pet = 0

    @model_validator(mode="after")
    def _has_its_value(self) -> SettleField:
        if self.state is not Settlement.UNKNOWN and not self.value:
            raise ValueError("a field is confirmed, edited or rejected with its value")
        return self

    def event(self) -> DeskAction:
        """What is logged. Raises DeskError if an edited value cannot be understood."""
        value = "" if self.state is Settlement.UNKNOWN else self.value
        if self.state is Settlement.EDITED:
            value = typed_value(self.field, self.value)
        return FieldSettled(0.0, self.field, self.state, value, self.pet)


class SettleQuestion(_Action):
    """A suggested question was asked, or is passed over."""

    action: Literal["settle_question"]
    question: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    state: Asked

    def event(self) -> DeskAction:
        """What is logged."""
        return QuestionSettled(0.0, self.question, self.state)


class TypeNote(_Action):
    """A line for the record."""

    action: Literal["note"]
    text: Line

    def event(self) -> DeskAction:
        """What is logged."""
        return NoteTyped(0.0, self.text)


class GiveAdvice(_Action):
    """What the client was told to do; ``line`` is the fixed line's id, if it was one."""

    action: Literal["advice"]
    text: Line
    line: Annotated[str, StringConstraints(max_length=200)] = ""

    def event(self) -> DeskAction:
        """What is logged."""
        return AdviceGiven(0.0, self.text, self.line)


class HandOffCard(_Action):
    """The card goes to the back of the house; without a note, with the hand-off note as it stands."""

    action: Literal["hand_off"]
    to: HandOffTo
    note: Annotated[
        str, StringConstraints(max_length=HAND_OFF_CHARACTERS, pattern=r"^[^\x00]*$"), AfterValidator(_as_quotes)
    ] = ""

    def event(self) -> DeskAction:
        """What is logged."""
        return HandedOff(0.0, self.to, self.note)


class Undo(_Action):
    """An action is taken back: the last one, unless ``sequence`` says which."""

    action: Literal["undo"]
    sequence: Annotated[int, Field(ge=0)] = 0

    def event(self) -> DeskAction:
        """What is logged."""
        return ActionUndone(0.0, self.sequence)


class NoteConsent(_Action):
    """What the client said, or was told, about the call being kept."""

    action: Literal["consent"]
    consent: Consent

    def event(self) -> ConsentAction:
        """What is logged."""
        return ConsentChanged(0.0, self.consent)


class PauseRecording(_Action):
    """What is said from now on is kept nowhere."""

    action: Literal["pause_recording"]

    def event(self) -> ConsentAction:
        """What is logged."""
        return RecordingPaused(0.0)


class ResumeRecording(_Action):
    """What is said from now on is kept again."""

    action: Literal["resume_recording"]

    def event(self) -> ConsentAction:
        """What is logged."""
        return RecordingResumed(0.0)


Action = Annotated[
    Acknowledge
    | EndFlag
    | RaiseFlag
    | SettleField
    | SettleQuestion
    | TypeNote
    | GiveAdvice
    | HandOffCard
    | Undo
    | NoteConsent
    | PauseRecording
    | ResumeRecording,
    Field(discriminator="action"),
]


class Cards(Protocol):
    """The desk's cards: :class:`voice_triage.desk_cards.DeskCards`."""

    def act(self, call: str, action: DeskAction | ConsentAction) -> Logged:
        """Log an action now. Raises NoSuchCallError, and DeskError that says why it cannot be done."""

    def card(self, call: str) -> Card:
        """A call's card. Raises NoSuchCallError."""

    def hand_off(self, call: str) -> HandOff:
        """A call's hand-off. Raises NoSuchCallError."""


class Refusal(BaseModel):
    """Why it cannot be done."""

    detail: str


_REFUSALS: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}, 409: {"model": Refusal}}


def action_routes(cards: Cards, audit: AuditTrail | None = None) -> APIRouter:
    """``POST /api/calls/{call}/actions``, ``GET .../card`` and ``GET .../hand-off?as=text|json|fhir``.

    What is done is recorded in ``audit``; ``json`` and ``fhir``, which are for other programs, as an export, and not
    given (503) if that cannot be recorded. The text is what the page itself shows.
    """
    router = APIRouter()

    # None of them async: logs are read from and written to the disk, which must not hold up the live stream.
    @router.post("/api/calls/{call}/actions", status_code=204, responses=_REFUSALS)
    def act(call: str, action: Action, request: Request) -> Response:
        try:
            done = cards.act(call, action.event())
        except DeskError as error:
            return refused(error)
        if audit is not None:
            kind, detail = told_of(done)
            audit.record(kind, who=asker(request), call=call, **detail)
        return Response(status_code=204)

    @router.get("/api/calls/{call}/card", response_model=Card, responses=_REFUSALS)
    def card(call: str) -> Response:
        try:
            return JSONResponse(card_json(cards.card(call)))
        except DeskError as error:
            return refused(error)

    @router.get("/api/calls/{call}/hand-off", responses=_REFUSALS)
    def hand_off(
        call: str, request: Request, as_: Annotated[Literal["text", "json", "fhir"], Query(alias="as")] = "text"
    ) -> Response:
        try:
            told = cards.hand_off(call)
        except DeskError as error:
            return refused(error)
        if as_ == "text":
            return PlainTextResponse(hand_off_text(told))
        if audit is not None:
            try:
                audit.record(AuditKind.EXPORT, who=asker(request), call=call, what=f"hand-off {as_}")
            except AuditError as error:
                return JSONResponse({"detail": str(error)}, status_code=503)
        if as_ == "json":
            return JSONResponse(hand_off_json(told))
        return JSONResponse(hand_off_bundle(told), media_type=FHIR_MEDIA_TYPE)

    return router


def told_of(done: Logged) -> tuple[AuditKind, dict[str, Detail]]:
    """What the audit trail says of an action: what it was and where it stands, never what was typed."""
    event = done.event
    detail: dict[str, Detail] = {"what": type(event).__name__, "sequence": done.sequence}
    for name in ("category", "pet", "field", "state", "end", "reason", "to", "consent"):
        value = getattr(event, name, None)
        if value is not None and value != "":
            detail[name] = value if isinstance(value, int) else str(value)
    if isinstance(event, CONSENT_ACTIONS):
        return AuditKind.CONSENT, detail
    dismissed = isinstance(event, FlagEnded) and event.end is FlagEnd.DISMISSED
    return (AuditKind.DISMISS if dismissed else AuditKind.EDIT), detail


def refused(error: DeskError) -> JSONResponse:
    """The answer to what cannot be done: 404 for a call that is not there, 409 for all else."""
    return JSONResponse({"detail": str(error)}, status_code=404 if isinstance(error, NoSuchCallError) else 409)
