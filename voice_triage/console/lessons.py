"""The teaching library, and a lesson in it: a kept call replayed without its flags, then compared with the learner's.

A lesson is a call that a supervisor has in the teaching library at that moment; any other is answered 404, whoever asks
and whosever call it is. Until the learner has finished, nothing is sent of what was flagged or judged in it. What the
learner flagged is answered and forgotten: it is nobody's record.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ConfigDict, Field

from voice_triage import resources
from voice_triage.audit_trail import AuditTrail
from voice_triage.console.actions import Category, refused
from voice_triage.console.lesson_words import lesson_page_words
from voice_triage.console.replay_json import words_json
from voice_triage.console.scripts import scripts_of
from voice_triage.console.sound import Listenings, Sound, played
from voice_triage.errors import DeskError, StoreError
from voice_triage.events import Logged, Side
from voice_triage.review.lesson import Comparison, Decision, compared
from voice_triage.review.queue import QueuedCall
from voice_triage.review.sheet import review_sheet

MOST_FLAGS = 200
"""Of one attempt: more than anybody presses in a call."""


class LessonDesk(Protocol):
    """What the lessons rest on: :class:`voice_triage.reviews.Reviews`."""

    def make_ready(self) -> None:
        """Bring the library up to date, in the background."""

    def lessons(self) -> Sequence[QueuedCall]:
        """The library, the newest call first. Raises StoreError."""

    def lesson(self, call: str) -> Sequence[Logged]:
        """The log of a call that is in the library now. Raises NoSuchCallError for any other."""

    def sides(self, call: str) -> Sequence[Side]:
        """The sides of which sound is kept."""

    def sound(self, call: str, side: Side) -> Sound:
        """A side's sound. Raises StoreError."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Flagged(_Body):
    """One flag of the learner's."""

    category: Category
    at_s: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class Attempt(_Body):
    """What the learner would have flagged, and that they have finished."""

    finished: Literal[True]
    flags: Annotated[list[Flagged], Field(max_length=MOST_FLAGS)]


def lesson_routes(
    desk: LessonDesk, templates: Jinja2Templates, common: Mapping[str, Any], audit: AuditTrail | None
) -> APIRouter:
    """The pages ``/teaching`` and ``/teaching/{lesson}``, and what the second asks for.

    ====================================  ===========================================================================
    ``GET /api/teaching/{lesson}``        title and words with their times
    ``GET .../{lesson}/{side}.wav``       the sound, recorded in ``audit`` like any other listening
    ``POST /api/teaching/{lesson}``       takes :class:`Attempt`, answers with the comparison; keeps nothing
    ====================================  ===========================================================================
    """
    router = APIRouter()
    listenings = Listenings(audit)
    scripts = scripts_of(resources.static_dir(), "review/lesson.js")

    # None of these async: they read the disk, which must not hold up the live stream.
    @router.get("/teaching")
    def library(request: Request) -> Response:
        desk.make_ready()
        try:
            lessons, failed = [_listed(each) for each in desk.lessons()], False
        except StoreError:
            lessons, failed = [], True
        own = {"lessons": lessons, "failed": failed}
        return templates.TemplateResponse(
            request, "teaching.html", {**common, **own}, status_code=503 if failed else 200
        )

    @router.get("/teaching/{lesson}")
    def page(request: Request, lesson: str) -> Response:
        try:
            desk.lesson(lesson)
        except DeskError:
            own: dict[str, Any] = {"lessons": [], "gone": True}
            return templates.TemplateResponse(request, "teaching.html", {**common, **own}, status_code=404)
        own = {"lesson": lesson, "words": lesson_page_words(), "scripts": scripts}
        return templates.TemplateResponse(request, "lesson.html", {**common, **own})

    @router.get("/api/teaching/{lesson}")
    def words(lesson: str) -> Response:
        try:
            log = desk.lesson(lesson)
        except DeskError as error:
            return refused(error)
        sheet = review_sheet(log)
        title = "" if sheet.teaching is None else sheet.teaching.event.title
        return JSONResponse({**words_json(log, desk.sides(lesson)), "title": title})

    @router.api_route("/api/teaching/{lesson}/{side}.wav", methods=["GET", "HEAD"])
    def sound(request: Request, lesson: str, side: Side) -> Response:
        try:
            desk.lesson(lesson)
        except DeskError as error:
            return refused(error)
        return played(request, lesson, side, desk.sound, listenings)

    @router.post("/api/teaching/{lesson}")
    def finish(lesson: str, attempt: Attempt) -> Response:
        try:
            log = desk.lesson(lesson)
        except DeskError as error:
            return refused(error)
        return JSONResponse(
            comparison_json(compared(log, (Decision(each.category, each.at_s) for each in attempt.flags)))
        )

    return router


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison, fit for ``json.dumps``: ``found``, ``missed`` and ``extra`` as in its classes."""
    return dataclasses.asdict(comparison)


def _listed(each: QueuedCall) -> dict[str, str]:
    """A line of the library: nothing in it says who called."""
    began = datetime.fromisoformat(each.started_at)
    minutes, seconds = divmod(round(each.duration_s or 0.0), 60)
    return {
        "lesson": each.call,
        "title": each.line.teaching or "",
        "day": f"{began:%B} {began.day}, {began.year}",
        "length": f"{minutes}:{seconds:02}",
    }
