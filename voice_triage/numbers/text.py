"""Numbers as lines for a terminal, as CSV, and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from voice_triage.intervals import Interval
from voice_triage.numbers.measures import FEWEST, Cell, Measure, Numbers

FORMAT = "voice-triage-numbers/1"
COLUMNS = ("period", "measure", "part", "value", "low", "high", "hits", "of", "unit", "calls")
METHOD = (
    "95 % intervals: Wilson's for shares, order statistics for medians. A dash stands where fewer than "
    f"{FEWEST} are behind a figure: too few to tell."
)


def number_lines(numbers: Numbers) -> Iterator[str]:
    """Every measure as a table, a line a period."""
    yield f"{sum(numbers.calls)} calls, {sum(numbers.reviewed)} of them reviewed. {METHOD}"
    for measure in numbers.measures:
        yield ""
        yield f"{measure.title} ({measure.unit})"
        if measure.note:
            yield f"  {measure.note}"
        for number, period in enumerate(numbers.periods):
            parts = [
                f"{name + ' ' if name else ''}{cell_text(cells[number])}"
                for name, cells in measure.rows.items()
                if not name or cells[number].hits
            ]
            of = next(iter(measure.rows.values()))[number].of
            yield f"  {period}  {of:>6} {measure.of}: {'; '.join(parts) or '-'}"


def cell_text(cell: Cell) -> str:
    """A figure with its interval, or a dash if it is too few to tell."""
    if cell.figure is None:
        return f"- ({cell.hits})" if cell.hits else "-"
    figure = cell.figure
    return f"{_short(figure.value)} ({_short(figure.low)} to {_short(figure.high)})"


def numbers_csv(numbers: Numbers) -> str:
    """A row a figure, for a spreadsheet; empty value: too few to tell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    for measure in numbers.measures:
        for name, cells in measure.rows.items():
            for period, calls, cell in zip(numbers.periods, numbers.calls, cells, strict=True):
                hits = "" if cell.hits is None else cell.hits
                writer.writerow([period, measure.id, name, *_ends(cell.figure), hits, cell.of, measure.unit, calls])
    return out.getvalue()


def numbers_json(numbers: Numbers) -> dict[str, Any]:
    """Everything, as JSON holds it."""
    return {
        "format": FORMAT,
        "every": str(numbers.every),
        "periods": list(numbers.periods),
        "calls": list(numbers.calls),
        "reviewed": list(numbers.reviewed),
        "method": METHOD,
        "measures": [_measure_json(measure) for measure in numbers.measures],
    }


def _measure_json(measure: Measure) -> dict[str, Any]:
    return {
        "id": measure.id,
        "title": measure.title,
        "unit": measure.unit,
        "of": measure.of,
        "note": measure.note,
        "rows": {name: [_cell_json(cell) for cell in cells] for name, cells in measure.rows.items()},
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    value, low, high = _ends(cell.figure)
    return {"of": cell.of, "hits": cell.hits, "value": value, "low": low, "high": high}


def _ends(figure: Interval | None) -> tuple[float | None, ...]:
    if figure is None:
        return (None, None, None)
    return tuple(round(value, 3) for value in (figure.value, figure.low, figure.high))


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"
