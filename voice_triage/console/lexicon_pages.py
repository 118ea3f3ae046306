"""The supervisor's page of lexicons: a draft tried on kept calls, versions put in force and taken back.

``GET /api/review/lexicon`` tells how the trial stands; ``POST /api/review/lexicon/{what}`` does ``try``, ``stop``,
``use`` or ``rollback``: 204 done, 409 ``{"detail"}`` not so, 422 malformed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from voice_triage.console.asker import asker
from voice_triage.console.pages import Render
from voice_triage.console.wording import CATEGORIES
from voice_triage.errors import VoiceTriageError

PATH = "/review/lexicon"
API = "/api/review/lexicon"
SHOWN_HASH = 12
CALL_PAGE = "/review/calls/"
CHANGES = {
    "gained": "gained",
    "lost": "lost",
    "now_red": "red instead of orange",
    "now_orange": "orange instead of red",
    "now_possible": "shown as possible, and not before",
    "no_longer_possible": "no longer shown as possible",
}
"""By the names of ``lexicon try --json``."""
KEPT = "kept calls"


class Lexicons(Protocol):
    """What the page rests on: :class:`voice_triage.lexicon_desk.LexiconDesk`."""

    @property
    def trial(self) -> Any:
        """How the trial stands."""

    def state(self) -> Any:
        """What is in force, kept, drafted and tried."""

    def try_draft(self, draft: str, newest: int | None) -> None:
        """Begin a trial. Raises DeskError."""

    def stop_trial(self) -> None:
        """End it."""

    def use(self, digest: str, who: str) -> None:
        """Put a version in force. Raises LexiconError, AuditError."""

    def roll_back(self, who: str) -> None:
        """Take it back. Raises LexiconError, AuditError."""


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Try(_Asked):
    """Which draft, on how many calls."""

    draft: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^/\\\x00]+$")]
    newest: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class Use(_Asked):
    """Which version."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Nothing(_Asked):
    """No content."""


def lexicon_routes(lexicons: Lexicons, render: Render) -> APIRouter:
    """The routes; none is async: each looks at files."""
    router = APIRouter()

    @router.get(PATH)
    def page(request: Request) -> Response:
        return render(request, "lexicon.html", page_data(lexicons.state()))

    @router.get(API)
    def trial() -> Response:
        stands = lexicons.trial
        return JSONResponse({"running": stands.running, "read": stands.read, "calls": stands.calls})

    @router.post(f"{API}/try")
    def try_draft(asked: Try) -> Response:
        return _done(lambda: lexicons.try_draft(asked.draft, asked.newest))

    @router.post(f"{API}/stop")
    def stop(asked: Nothing) -> Response:
        del asked
        return _done(lexicons.stop_trial)

    @router.post(f"{API}/use")
    def use(asked: Use, request: Request) -> Response:
        return _done(lambda: lexicons.use(asked.hash, asker(request)))

    @router.post(f"{API}/rollback")
    def roll_back(asked: Nothing, request: Request) -> Response:
        del asked
        return _done(lambda: lexicons.roll_back(asker(request)))

    return router


def _done(do: Any) -> Response:
    try:
        do()
    except VoiceTriageError as error:
        return JSONResponse({"detail": str(error)}, status_code=409)
    return Response(status_code=204)


def page_data(state: Any) -> dict[str, Any]:
    """What the template shows of a :class:`voice_triage.lexicon_desk.LexiconState`."""
    trial = state.trial
    return {
        "problem": state.problem,
        "in_force": {"name": state.hash[:SHOWN_HASH] or "not known", "signed": _signed(state.signature)},
        "versions": [
            {
                "hash": version.hash,
                "short": version.hash[:SHOWN_HASH],
                "signed": _signed(version.signature),
                "intact": version.intact,
                "in_force": version.in_force,
                "usable": version.intact and not version.in_force and version.signature.state == "signed",
            }
            for version in state.versions
        ],
        "can_roll_back": state.can_roll_back,
        "drafts": state.drafts,
        "drafts_folder": str(state.drafts_folder),
        "running": trial.draft if trial.running else "",
        "read": trial.read,
        "calls": trial.calls,
        "failed": trial.failed,
        "trial": None if trial.outcome is None else _trial(trial.draft, trial.outcome),
    }


def _signed(signature: Any) -> str:
    if signature.state != "signed":
        return "not signed by a veterinarian"
    return f"signed by {signature.by} on {signature.on[:10]}"


def _trial(draft: str, outcome: Mapping[str, Any]) -> dict[str, Any]:
    entries = outcome["entries"]
    named = ((title, ", ".join(entries[title])) for title in ("added", "removed", "changed", "files"))
    return {
        "draft": draft,
        "tried": outcome["tried"],
        "in_force": outcome["in_force"],
        "entries": [(title.capitalize(), names) for title, names in named if names],
        "method": outcome["method"],
        "groups": [_group(group) for group in outcome["groups"]],
        "changes": [
            (title, found) for change, title in CHANGES.items() if (found := _changes(change, outcome["calls"]))
        ],
    }


def _group(group: Mapping[str, Any]) -> dict[str, Any]:
    rows = []
    for change, title in CHANGES.items():
        counted = group["changes"][change]
        if counted["flags"] or change in ("gained", "lost"):
            rows.append((title.capitalize(), counted["flags"], _figure(counted["calls_per_100"]), False))
        for category, figure in counted["categories"].items():
            rows.append((CATEGORIES.get(category, category), figure["calls"], _figure(figure), True))
    difference = group["difference_per_100"]
    altogether = ""
    if difference["low"] is not None:
        ends = f"{difference['low']:+.1f} to {difference['high']:+.1f}"
        altogether = f"altogether {difference['value']:+.1f} flags per 100 calls (95 %: {ends})"
    return {
        "name": group["name"].capitalize() if group["name"] == KEPT else group["name"],
        "calls": group["calls"],
        "before": group["flags_before"],
        "now": group["flags_now"],
        "rows": rows,
        "difference": altogether,
        "fields": "; ".join(f"{each['field']} {each['calls']} {each['how']}" for each in group["fields"]),
        "logged_otherwise": group["logged_otherwise"],
    }


def _figure(figure: Mapping[str, float | None]) -> str:
    if figure["value"] is None or figure["low"] is None or figure["high"] is None:
        return "too few calls to tell"
    return f"{figure['value']:.1f} ({figure['low']:.1f} to {figure['high']:.1f})"


def _changes(change: str, calls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for call in calls:
        for each in call["flags"]:
            if each["change"] != change:
                continue
            now, before = each["now"], each["before"]
            flag = now if now is not None and (now["raised"] or before is None) else before
            at_s = flag["start_s"]
            link = f"{CALL_PAGE}{quote(call['id'], safe='')}#t={at_s:.1f}" if call["group"] == KEPT else ""
            found.append(
                {
                    "call": call["id"],
                    "link": link,
                    "category": CATEGORIES.get(flag["category"], flag["category"]),
                    "urgency": flag["urgency"],
                    "at": f"{int(at_s) // 60}:{int(at_s) % 60:02}" if at_s else "",
                    "evidence": flag["evidence"],
                    "reason": flag["reason"],
                }
            )
    return found
