"""``calls``: kept calls, listed and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.output import note, result, result_json
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.store.calls import CallSummary

app = typer.Typer(
    help="List kept calls, and show one. Calls are kept in the data folder (voice-triage doctor tells where).",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def list_calls(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per call and line.")] = False,
) -> None:
    """List kept calls, the newest first: id, when, how long, how it ended, flags raised, what was heard.

    Examples:
      voice-triage calls list
      voice-triage calls list --limit 10 --json
    """
    from voice_triage import bootstrap
    from voice_triage.settings import load_settings

    store = bootstrap.open_kept(load_settings())
    kept: Sequence[CallSummary] = ()
    if store is not None:
        try:
            kept = store.calls(limit)
        finally:
            store.close()
    for call in kept:
        if as_json:
            result_json(
                {
                    "id": call.call,
                    "started_at": call.started_at,
                    "source": call.source,
                    "duration_s": call.duration_s,
                    "flags": [{"category": category, "urgency": urgency} for category, urgency in call.flags],
                    "ended": call.ended,
                }
            )
        else:
            result(_line(call))
    if not kept:
        note("No calls are kept yet.")


def show(
    call: Annotated[str, typer.Argument(metavar="ID", help="A call's id, as `calls list` shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON (voice-triage-report/1).")] = False,
) -> None:
    """Show one kept call: flags, fields, transcript, and what was not heard.

    Examples:
      voice-triage calls show 20250301-101500-1f3a
      voice-triage calls show 20250301-101500-1f3a --json
    """
    from voice_triage import bootstrap
    from voice_triage.errors import StoreError
    from voice_triage.report import call_report, render
    from voice_triage.settings import load_settings

    store = bootstrap.open_kept(load_settings())
    if store is None:
        raise StoreError(
            f"No call {call} is kept here: no calls are kept yet. `voice-triage doctor` says where is here."
        )
    try:
        events = store.events(call)
    finally:
        store.close()
    report = call_report(logged.event for logged in events)
    if as_json:
        result_json(report)
    else:
        result(render(report).rstrip("\n"))


def _line(call: CallSummary) -> str:
    from voice_triage.report import UNENDED

    when = datetime.fromisoformat(call.started_at).astimezone()
    length = "     ?" if call.duration_s is None else f"{int(call.duration_s) // 60:3}:{int(call.duration_s) % 60:02}"
    flags = ", ".join(f"{category} ({urgency})" for category, urgency in call.flags) or "no flags"
    return f"{call.call}  {when:%Y-%m-%d %H:%M}  {length}  {call.ended or UNENDED}  {flags}  {call.source}"


register(app, "list", list_calls)
register(app, "show", show)
