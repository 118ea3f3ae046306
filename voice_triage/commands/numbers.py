"""``numbers``: how often, how soon and how right, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result, result_json
from voice_triage.numbers.period import Every

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_triage.review.queue import QueuedCall


def numbers(
    every: Annotated[Every, typer.Option("--every", help="How long a period is.")] = Every.WEEK,
    csr: Annotated[
        str | None, typer.Option("--csr", metavar="ACCOUNT", help="Only calls of this CSR; desk: without an account.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="A row a figure, for a spreadsheet.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Numbers over time, from the kept calls' logs: flags by category, false alarms, missed signs, times, fields, line.

    Each figure has the number of calls behind it and a 95 % interval; of fewer than ten nothing is told. False alarms
    and missed signs are those of supervisors' verdicts, in reviewed calls.

    Examples:
      voice-triage numbers
      voice-triage numbers --every month --csv > numbers.csv
    """
    from voice_triage.numbers.measures import csrs
    from voice_triage.numbers.measures import numbers as of_calls
    from voice_triage.numbers.text import number_lines, numbers_csv, numbers_json

    calls = _lines()
    if csr is not None and csr not in csrs(calls):
        note(f"No kept call is of {csr}. There are: {', '.join(csrs(calls)) or 'none'}.")
        raise typer.Exit(Exit.INCOMPLETE)
    found = of_calls(calls, every, csr=csr)
    if as_json:
        result_json(numbers_json(found))
    elif as_csv:
        result(numbers_csv(found).replace("\r\n", "\n").rstrip("\n"))
    elif not found.periods:
        note("No ended call is kept here yet.")
    else:
        for line in number_lines(found):
            result(line)


def _lines() -> Sequence[QueuedCall]:
    from voice_triage import bootstrap
    from voice_triage.numbers.kept import KeptLines
    from voice_triage.settings import load_settings

    store = bootstrap.open_kept(load_settings())
    if store is None:
        return ()
    try:
        return KeptLines(store).all()
    finally:
        store.close()
