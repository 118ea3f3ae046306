"""The supervisor's pages and what they ask for: the queue, the replay of a call, verdicts, and what is taken out.

``POST /api/review/calls/{call}`` takes one JSON object, whose ``entry`` says which of the models below it is: 200 with
``{"sheet"}`` done, 404 no such call, 409 ``{"detail"}`` not so, 422 malformed.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.templating import Jinja2Templates
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from voice_triage import resources
from voice_triage.console.actions import Category, Pet, refused
from voice_triage.console.asker import asker
from voice_triage.console.gate import is_beyond
from voice_triage.console.replay_json import moment_json, replay_json, sheet_json
from voice_triage.console.review_words import QUEUE_KEYS, REVIEW_KEYS, review_page_words
from voice_triage.console.scripts import scripts_of
from voice_triage.console.wording import plain_value
from voice_triage.errors import AuditError, DeskError, StoreError, VoiceTriageError
from voice_triage.events import (
    FlagJudged,
    Logged,
    MissMarked,
    ReviewDone,
    ReviewEntry,
    ReviewNoted,
    ReviewUndone,
    Side,
    TeachingMarked,
    Verdict,
)
from voice_triage.review.exports import as_csv, as_json, as_webvtt
from voice_triage.review.line import LineQuality
from voice_triage.review.queue import PAGE_LINES, QueuedCall, QueueFilter, QueuePage, Which
from voice_triage.review.sheet import review_sheet

LONGEST_CLIP_S = 600.0
_FORMS = {
    "vtt": ("text/vtt; charset=utf-8", as_webvtt),
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", lambda log: json.dumps(as_json(log), indent=1)),
}
Form = Literal["vtt", "csv", "json"]
_Plain = StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$")


class Peaks(Protocol):
    """A side's sound as the waveform needs it: :class:`voice_triage.playback.KeptSound`."""

    def peaks(self) -> Any:
        """Array of shape (n, 2), int8: lowest and highest sample of every 50 ms."""

    def close(self) -> None:
        """It is not needed any more."""


class ReviewDesk(Protocol):
    """What the supervisor's pages rest on: :class:`voice_triage.reviews.Reviews`."""

    def make_ready(self) -> None:
        """Bring queue and search up to date, in the background."""

    def queue(self, wanted: QueueFilter, page: int) -> QueuePage:
        """A page of the queue. Raises StoreError."""

    def log(self, call: str) -> Sequence[Logged]:
        """A call's log. Raises NoSuchCallError."""

    def sides(self, call: str) -> Sequence[Side]:
        """The sides of which sound is kept."""

    def sound(self, call: str, side: Side) -> Peaks:
        """A side's sound. Raises StoreError."""

    def clip(self, call: str, side: Side, start_s: float, end_s: float) -> Iterator[bytes]:
        """A stretch of it as a WAV file. Raises StoreError."""

    def enter(self, call: str, entry: ReviewEntry) -> Logged:
        """Log an entry. Raises DeskError."""

    def tell_export(self, call: str, who: str, form: str) -> None:
        """Record an export before it is made. Raises AuditError."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Judge(_Entry):
    """A flag has a verdict."""

    entry: Literal["verdict"]
    category: Category
    pet: Pet = 0
    verdict: Verdict

    def event(self, by: str) -> ReviewEntry:
        """What is logged."""
        return FlagJudged(0.0, by, self.category, self.verdict, self.pet)


class MarkMiss(_Entry):
    """Words that called for a flag; the log knows what they are."""

    entry: Literal["missed"]
    category: Category
    pet: Pet = 0
    utterance: Annotated[int, Field(ge=0)]
    first_word: Annotated[int, Field(ge=0)]
    last_word: Annotated[int, Field(ge=0)]

    def event(self, by: str) -> ReviewEntry:
        """What is logged, its words still to be filled in."""
        place = (self.utterance, self.first_word, self.last_word)
        return MissMarked(0.0, by, self.category, "", *place, 0.0, 0.0, self.pet)


class Note(_Entry):
    """A line about the call."""

    entry: Literal["note"]
    text: Annotated[str, _Plain]

    def event(self, by: str) -> ReviewEntry:
        """What is logged."""
        return ReviewNoted(0.0, by, self.text)


class Teach(_Entry):
    """Into the teaching library, or out of it."""

    entry: Literal["teaching"]
    marked: bool
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00]*$")] = ""

    def event(self, by: str) -> ReviewEntry:
        """What is logged."""
        return TeachingMarked(0.0, by, self.marked, self.title if self.marked else "")


class Done(_Entry):
    """The supervisor has been through the call."""

    entry: Literal["done"]

    def event(self, by: str) -> ReviewEntry:
        """What is logged."""
        return ReviewDone(0.0, by)


class UndoEntry(_Entry):
    """An entry is taken back: the last one, unless ``sequence`` says which."""

    entry: Literal["undo"]
    sequence: Annotated[int, Field(ge=0)] = 0

    def event(self, by: str) -> ReviewEntry:
        """What is logged."""
        return ReviewUndone(0.0, by, self.sequence)


Entry = Annotated[Judge | MarkMiss | Note | Teach | Done | UndoEntry, Field(discriminator="entry")]


def review_routes(
    desk: ReviewDesk, templates: Jinja2Templates, common: Mapping[str, Any], on_call: Callable[[], bool]
) -> APIRouter:
    """``/review``, ``/review/calls/{call}`` and what they ask for; ``on_call``: a call is being heard at this desk."""
    router = APIRouter()
    queue_scripts, replay_scripts = (
        scripts_of(resources.static_dir(), f"review/{page}.js") for page in ("queue", "replay")
    )

    @router.get("/review")
    async def queue_page(request: Request) -> Response:
        desk.make_ready()
        own = {"words": review_page_words(QUEUE_KEYS), "scripts": queue_scripts}
        return templates.TemplateResponse(request, "review.html", {**common, **own})

    @router.get("/review/calls/{call}")
    async def replay_page(request: Request, call: str) -> Response:
        own = {"call": call, "words": review_page_words(REVIEW_KEYS), "scripts": replay_scripts}
        return templates.TemplateResponse(request, "replay.html", {**common, **own})

    @router.get("/api/review/desk")
    async def listening(request: Request) -> Response:
        # What is played on this computer during a call would be heard as the client; from elsewhere it is not.
        return JSONResponse({"on_call": on_call() and not is_beyond(request.scope)})

    # None of these async: they read the disk, which must not hold up the live stream.
    @router.get("/api/review/calls")
    def queue(  # noqa: PLR0913 - one for each filter
        *,
        which: Which = Which.TO_REVIEW,
        category: Annotated[str, Query(max_length=40)] = "",
        csr: Annotated[str | None, Query(max_length=200)] = None,
        disposition: Annotated[str, Query(max_length=40)] = "",
        quality: LineQuality | None = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        words: Annotated[str, Query(max_length=200)] = "",
        page: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Response:
        wanted = QueueFilter(which, category, csr, disposition, quality, since, until, words)
        try:
            return JSONResponse(queue_json(desk.queue(wanted, page)))
        except StoreError as error:
            return JSONResponse({"detail": str(error)}, status_code=503)

    @router.get("/api/review/calls/{call}")
    def replay(call: str) -> Response:
        try:
            return JSONResponse(replay_json(desk.log(call), desk.sides(call)))
        except DeskError as error:
            return refused(error)

    @router.get("/api/review/calls/{call}/moment")
    def moment(call: str, sequence: Annotated[int, Query(ge=1)]) -> Response:
        try:
            return JSONResponse(moment_json(desk.log(call), sequence))
        except DeskError as error:
            return refused(error)

    @router.get("/api/review/calls/{call}/{side}.peaks")
    def peaks(call: str, side: Side) -> Response:
        return peaks_of(desk, call, side)

    @router.post("/api/review/calls/{call}")
    def enter(request: Request, call: str, entry: Entry) -> Response:
        try:
            desk.enter(call, entry.event(asker(request)))
            return JSONResponse({"sheet": sheet_json(review_sheet(desk.log(call)))})
        except DeskError as error:
            return refused(error)

    @router.get("/api/review/calls/{call}/export")
    def export(
        request: Request, call: str, as_: Annotated[Literal["vtt", "csv", "json"], Query(alias="as")]
    ) -> Response:
        kind, made = _FORMS[as_]
        try:
            log = desk.log(call)
            desk.tell_export(call, asker(request), as_)
        except VoiceTriageError as error:
            return _not_taken_out(error)
        return Response(made(log), media_type=kind, headers=_as_file(f"{call}.{as_}"))

    @router.get("/api/review/calls/{call}/clip")
    def clip(
        request: Request,
        call: str,
        start_s: Annotated[float, Query(ge=0)],
        end_s: Annotated[float, Query(ge=0)],
        side: Side = Side.CLIENT,
    ) -> Response:
        if not start_s < end_s <= start_s + LONGEST_CLIP_S:
            return JSONResponse(
                {"detail": "A clip has an end behind its start, at most ten minutes on."}, status_code=409
            )
        try:
            pieces = desk.clip(call, side, start_s, end_s)
            desk.tell_export(call, asker(request), f"clip {side} {start_s:.1f}-{end_s:.1f} s")
        except VoiceTriageError as error:
            return _not_taken_out(error)
        name = f"{call}-{side}-{start_s:.0f}-{end_s:.0f}.wav"
        return StreamingResponse(pieces, media_type="audio/wav", headers=_as_file(name))

    return router


def peaks_of(desk: ReviewDesk, call: str, side: Side) -> Response:
    """A side's peaks as bytes, two signed ones for each 50 ms; 204 if no sound of it is kept."""
    try:
        sound = desk.sound(call, side)
    except StoreError:
        return Response(status_code=204)
    try:
        return Response(sound.peaks().tobytes(), media_type="application/octet-stream")
    except StoreError:  # the peaks are damaged: what can be heard still can
        return Response(status_code=204)
    finally:
        sound.close()


def queue_json(page: QueuePage) -> dict[str, Any]:
    """A page of the queue, fit for ``json.dumps``; a call's ``patient`` in the words that the page shows."""
    return {
        "calls": [_queued(each) for each in page.calls],
        "count": page.count,
        "page": page.page,
        "pages": -(-page.count // PAGE_LINES),
        "in_filter": dataclasses.asdict(page.in_filter),
        "this_week": dataclasses.asdict(page.this_week),
        "csrs": list(page.csrs),
        "unread": page.unread,
    }


def _queued(each: QueuedCall) -> dict[str, Any]:
    line = dataclasses.asdict(each.line)
    line["patient"] = [plain_value(name, value) for name, value in each.line.patient]
    return {
        "call": each.call,
        "started_at": each.started_at,
        "duration_s": each.duration_s,
        "source": each.source,
        **line,
    }


def _not_taken_out(error: VoiceTriageError) -> Response:
    if isinstance(error, DeskError):
        return refused(error)
    return JSONResponse({"detail": str(error)}, status_code=503 if isinstance(error, AuditError) else 404)


def _as_file(name: str) -> dict[str, str]:
    plain = "".join(letter if (letter.isalnum() and letter.isascii()) or letter in "-._" else "-" for letter in name)
    return {"content-disposition": f'attachment; filename="{plain}"'}
