"""The supervisor's numbers over time: plots with a table each, and the same as CSV.

Asked for by links alone: ``/review/numbers?every=month&csr=ana``, ``/review/numbers.csv`` with the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from voice_triage.accounts.roles import DESK_ACCOUNT
from voice_triage.console.pages import Render
from voice_triage.console.wording import CATEGORIES
from voice_triage.errors import StoreError
from voice_triage.numbers.measures import FEWEST, Measure, Numbers, csrs, numbers
from voice_triage.numbers.period import Every
from voice_triage.numbers.plots import NEWEST, plot_svg
from voice_triage.numbers.text import METHOD, cell_text, numbers_csv
from voice_triage.review.queue import QueuedCall

PATH = "/review/numbers"
CSV_PATH = "/review/numbers.csv"
_PARTS = {
    "misheard": "Misheard",
    "not_so": "Asked: it is not happening",
    "not_this_pet": "Another animal or a person",
    "in_the_past": "Over",
    "already_in_care": "Already in care",
    "no_client": "No client’s words",
    "confirmed": "Confirmed",
    "edited": "Edited",
    "rejected": "Rejected",
    "unknown": "Client does not know",
    "suggested": "Left as suggested",
    "silent": "Silent",
    "gaps": "Sound missing",
    "clipping": "Too loud",
    "unclear": "Words unclear",
    "good": "Well heard",
}
"""Short words for what a plot's legend names."""
Lines = Callable[[], Sequence[QueuedCall]]


def numbers_routes(lines: Lines, render: Render) -> APIRouter:
    """``lines`` gives the line of every ended call (:class:`voice_triage.numbers.kept.KeptLines`)."""
    router = APIRouter()

    @router.get(PATH)
    def page(  # not async: 10,000 calls are read and drawn on a thread of its own
        request: Request, every: Every = Every.WEEK, csr: Annotated[str, Query(max_length=200)] = ""
    ) -> Response:
        try:
            calls = lines()
        except StoreError as error:
            return JSONResponse({"detail": str(error)}, status_code=503)
        found = numbers(calls, every, csr=csr or None)
        return render(request, "numbers.html", page_data(found, csrs(calls), csr))

    @router.get(CSV_PATH)
    def as_csv(every: Every = Every.WEEK, csr: Annotated[str, Query(max_length=200)] = "") -> Response:
        try:
            text = numbers_csv(numbers(lines(), every, csr=csr or None))
        except StoreError as error:
            return JSONResponse({"detail": str(error)}, status_code=503)
        name = f"numbers-by-{every}.csv"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def page_data(found: Numbers, accounts: Sequence[str], csr: str) -> dict[str, Any]:
    """What the template shows; the newest period first in tables, last in plots."""
    return {
        "every": str(found.every),
        "periods": [(each.value, _link(PATH, each, csr)) for each in Every],
        "csr": csr,
        "csrs": [
            ("", "All", _link(PATH, found.every, "")),
            *((each, _csr(each), _link(PATH, found.every, each)) for each in accounts),
        ],
        "csv": _link(CSV_PATH, found.every, csr),
        "calls": sum(found.calls),
        "reviewed": sum(found.reviewed),
        "too_few": sum(found.calls) < FEWEST,
        "fewest": FEWEST,
        "newest": NEWEST,
        "method": METHOD,
        "measures": [_measure(measure, found) for measure in found.measures] if found.periods else [],
    }


def part_words(part: str) -> str:
    """A category, reason, state or quality in the words that people read."""
    return CATEGORIES.get(part) or _PARTS.get(part) or part.replace("_", " ")


def _measure(measure: Measure, found: Numbers) -> dict[str, Any]:
    shown = {
        name: cells for name, cells in measure.rows.items() if not measure.parts or any(cell.hits for cell in cells)
    }
    first = next(iter(measure.rows.values()))
    return {
        "id": measure.id,
        "title": measure.title,
        "unit": measure.unit,
        "of": measure.of,
        "note": measure.note,
        "stacked": measure.parts,
        # Made by our own drawing, in which every text is escaped; nothing of it comes from a call.
        "svg": plot_svg(measure, found, part_words),
        "columns": [part_words(name) if name else measure.title for name in shown],
        "rows": [
            (
                period,
                first[number].of,
                [cell_text(cells[number]) for cells in shown.values()],
            )
            for number, period in reversed(list(enumerate(found.periods)))
        ],
    }


def _csr(account: str) -> str:
    return "The desk" if account == DESK_ACCOUNT else account


def _link(path: str, every: Every, csr: str) -> str:
    asked = {"every": str(every)} | ({"csr": csr} if csr else {})
    return f"{path}?{urlencode(asked)}"
