"""Legal holds, for the supervisor: ``GET`` and ``PUT /api/calls/{call}/hold``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from voice_triage.audit_trail import AuditKind, AuditTrail
from voice_triage.console.asker import asker
from voice_triage.errors import AuditError, StoreError
from voice_triage.kept_kinds import Hold

REASON_CHARACTERS = 500


class Holds(Protocol):
    """Of the kept calls: :class:`voice_triage.store.kept_parts.KeptParts`."""

    def held(self, call: str) -> Hold | None:
        """The hold in force, or None. Raises StoreError."""

    def hold(self, call: str, hold: Hold) -> None:
        """Place or lift one. Raises StoreError."""


class HoldAsked(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    held: bool
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=REASON_CHARACTERS, pattern=r"^[^\x00]*$")
    ] = ""


def hold_routes(holds: Holds, audit: AuditTrail) -> APIRouter:
    """``GET`` answers ``{"held", "by", "at", "reason"}``; ``PUT`` takes ``{"held", "reason"}``.

    204 done, 409 if the call is going on or not there, 503 if it cannot be recorded: then it is not done.
    """
    router = APIRouter()

    # Not async: the call's files are read and written.
    @router.get("/api/calls/{call}/hold")
    def held(call: str) -> Response:
        try:
            hold = holds.held(call)
        except StoreError as error:
            return JSONResponse({"detail": str(error)}, status_code=409)
        if hold is None:
            return JSONResponse({"held": False})
        return JSONResponse({"held": True, "by": hold.by, "at": hold.at, "reason": hold.reason})

    @router.put("/api/calls/{call}/hold", status_code=204)
    def change(call: str, asked: HoldAsked, request: Request) -> Response:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            audit.record(AuditKind.HOLD, who=asker(request), call=call, held=asked.held)
            holds.hold(call, Hold(asked.held, asker(request), at, asked.reason))
        except AuditError as error:
            return JSONResponse({"detail": str(error)}, status_code=503)
        except StoreError as error:
            return JSONResponse({"detail": str(error)}, status_code=409)
        return Response(status_code=204)

    return router
