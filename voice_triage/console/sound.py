"""A kept call's sound for the browser: one side as a WAV file that can be sought in (HTTP Range, RFC 9110)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from voice_triage.audit_trail import AuditKind, AuditTrail
from voice_triage.console.asker import asker
from voice_triage.errors import AuditError, StoreError
from voice_triage.events import Side

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Sound(Protocol):
    """One side of a kept call: :class:`voice_triage.playback.KeptSound`."""

    @property
    def wav_bytes(self) -> int:
        """Size of the whole WAV file."""

    def wav(self, start: int, end: int) -> Iterator[bytes]:
        """Its bytes from ``start`` up to ``end``, exclusive."""

    def close(self) -> None:
        """It is not needed any more."""


LISTENING_S = 600.0
"""Requests of one person for one side of a call within this time are one listening: a player asks for many parts."""
LISTENINGS = 1000
"""Remembered at most; of those forgotten the next request is another line."""

OpenSound = Callable[[str, Side], Sound]
"""Opens a call's side; raises StoreError if it is not kept."""


class Listenings:
    """Records who listened to what, once for each listening. Safe from any thread."""

    def __init__(self, audit: AuditTrail | None, now: Callable[[], float] = time.monotonic) -> None:
        self._audit = audit
        self._now = now
        self._lock = threading.Lock()
        self._heard: dict[tuple[str, str, Side], float] = {}

    def begins(self, who: str, call: str, side: Side) -> None:
        """``who`` is about to hear a part of it. Raises AuditError if that cannot be recorded."""
        if self._audit is None:
            return
        with self._lock:
            last = self._heard.get((who, call, side))
            if last is None or self._now() - last > LISTENING_S:
                self._audit.record(AuditKind.PLAY, who=who, call=call, side=side.value)
                while len(self._heard) >= LISTENINGS:
                    del self._heard[next(iter(self._heard))]
                self._heard[who, call, side] = self._now()


def sound_routes(open_sound: OpenSound, audit: AuditTrail | None = None) -> APIRouter:
    """``GET /api/calls/{call}/{side}.wav``: 200, 206 for one range, 416 beyond the end, 404 if it is not kept.

    503 if the listening cannot be recorded in ``audit``: no sound is played without its line.
    """
    router = APIRouter()
    listenings = Listenings(audit)

    # Not async: opening and decoding read the disk, which must not hold up the live stream.
    @router.api_route("/api/calls/{call}/{side}.wav", methods=["GET", "HEAD"])
    def sound(request: Request, call: str, side: Side) -> Response:
        return played(request, call, side, open_sound, listenings)

    return router


def played(request: Request, call: str, side: Side, open_sound: OpenSound, listenings: Listenings) -> Response:
    """The part of a call's side that is asked for; answers as :func:`sound_routes` says."""
    try:
        kept = open_sound(call, side)
    except StoreError as error:
        return JSONResponse({"error": str(error)}, status_code=404)
    size = kept.wav_bytes
    wanted = part_of(request.headers.get("range"), size)
    headers = {"accept-ranges": "bytes", "content-type": "audio/wav"}
    if wanted is None:
        kept.close()
        return Response(status_code=416, headers=headers | {"content-range": f"bytes */{size}"})
    start, end, whole = wanted
    headers |= {"content-length": str(end - start)}
    if not whole:
        headers |= {"content-range": f"bytes {start}-{end - 1}/{size}"}
    if request.method == "HEAD":
        kept.close()
        return Response(status_code=200 if whole else 206, headers=headers)
    try:
        listenings.begins(asker(request), call, side)
    except AuditError as error:
        kept.close()
        return JSONResponse({"error": str(error)}, status_code=503)
    return _Played(kept, start, end, status_code=200 if whole else 206, headers=headers)


def part_of(header: str | None, size: int) -> tuple[int, int, bool] | None:
    """First byte, byte after the last, and whether that is the whole file; None if no byte of it is asked for.

    Anything but one plain range counts as none being asked for, as RFC 9110 allows.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.group(0) == "bytes=-":
        return 0, size, True
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size
        return (start, end, False) if int(last) and size else None
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return 0, size, True
    return (start, end, False) if start < size else None


class _Played(StreamingResponse):
    """Bytes of a sound, which is closed when they are sent and also when the browser goes away before that."""

    def __init__(self, kept: Sound, start: int, end: int, *, status_code: int, headers: Mapping[str, str]) -> None:
        super().__init__(kept.wav(start, end), status_code=status_code, headers=headers)
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._kept.close()
