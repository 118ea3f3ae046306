"""``calls``: kept calls, listed and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result, result_json
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.store.calls import CallSummary
    from voice_triage.store.sql_calls import SqlCallStore

app = typer.Typer(
    help="List, show, export, check, delete kept calls. They are in the data folder (voice-triage doctor tells where).",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def list_calls(
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")] = 100,
    search: Annotated[
        str,
        typer.Option("--search", metavar="WORDS", help="Only ended calls with all these words, said or noted."),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per call and line.")] = False,
) -> None:
    """List kept calls, the newest first: id, when, how long, how it ended, flags raised, what was heard.

    Examples:
      voice-triage calls list
      voice-triage calls list --limit 10 --json
      voice-triage calls list --search "litter box"
    """
    from voice_triage import bootstrap
    from voice_triage.settings import load_settings

    store = bootstrap.open_kept(load_settings())
    kept: Sequence[CallSummary] = ()
    if store is not None:
        try:
            kept = _found(store, search, limit) if search else store.calls(limit)
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
        note("No kept call holds these words." if search else "No calls are kept yet.")


def show(
    call: Annotated[str, typer.Argument(metavar="ID", help="A call's id, as `calls list` shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON (voice-triage-report/1).")] = False,
) -> None:
    """Show one kept call: flags, fields, transcript, and what was not heard.

    Examples:
      voice-triage calls show 20250301-101500-1f3a
      voice-triage calls show 20250301-101500-1f3a --json
    """
    from voice_triage.report import call_report
    from voice_triage.report_text import render

    store = kept(call)
    try:
        events = store.events(call)
    finally:
        store.close()
    report = call_report(logged.event for logged in events)
    if as_json:
        result_json(report)
    else:
        result(render(report).rstrip("\n"))


def delete(
    call: Annotated[str, typer.Argument(metavar="ID", help="A call's id, as `calls list` shows it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a call for good: its key first, so that no remains can be read, then sound, log and list entry.

    Backups made before still hold it.

    Examples:
      voice-triage calls delete 20250301-101500-1f3a
    """
    from voice_triage import protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind

    store = kept(call)
    try:
        store.events(call)
        if not yes and not typer.confirm(f"Delete call {call}, its sound and its words, for good?", err=True):
            raise typer.Exit(Exit.INCOMPLETE)
        protection.kept_trail(store).record(AuditKind.DELETE, who=COMMAND_LINE, call=call)
        store.delete(call)
    finally:
        store.close()
    note(f"Call {call} is deleted. Backups made before still hold it.")


def export(
    call: Annotated[str, typer.Argument(metavar="ID", help="A call's id, as `calls list` shows it.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the files.")],
) -> None:
    """Write a call to plain files: report, events, hand-off (text, JSON, FHIR), a WAV file for each recorded side.

    The files are not encrypted: whoever can read the folder can hear the client.

    Examples:
      voice-triage calls export 20250301-101500-1f3a for-dr-lee
    """
    from voice_triage import protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.call_export import export_call

    store = kept(call)
    try:
        store.events(call)
        protection.kept_trail(store).record(AuditKind.EXPORT, who=COMMAND_LINE, call=call, what="call")
        for line in export_call(store, call, folder):
            result(line)
    finally:
        store.close()


def verify(
    call: Annotated[str, typer.Argument(metavar="[ID]", help="A call's id; all calls if left out.")] = "",
) -> None:
    """Read every kept file from beginning to end and say which one was changed or damaged.

    Examples:
      voice-triage calls verify
      voice-triage calls verify 20250301-101500-1f3a
    """
    from voice_triage import bootstrap
    from voice_triage.settings import load_settings
    from voice_triage.store.recording_files import verify as verified

    store = kept(call) if call else bootstrap.open_kept(load_settings())
    if store is None:
        note("No calls are kept yet.")
        return
    try:
        if call:
            store.events(call)
        names = [store.folders.name_of(call)] if call else store.folders.names()
        problems = [problem for name in names for problem in verified(store.folders, name)]
    finally:
        store.close()
    for problem in problems:
        result(problem)
    if problems:
        raise typer.Exit(Exit.INCOMPLETE)
    note(f"{len(names)} call(s) are in order.")


def kept(call: str) -> SqlCallStore:
    """The store, which must be closed. Raises StoreError if nothing is kept."""
    from voice_triage import bootstrap
    from voice_triage.errors import StoreError
    from voice_triage.settings import load_settings

    store = bootstrap.open_kept(load_settings())
    if store is None:
        raise StoreError(
            f"No call {call} is kept here: no calls are kept yet. `voice-triage doctor` says where is here."
        )
    return store


def _found(store: SqlCallStore, words: str, limit: int) -> Sequence[CallSummary]:
    from voice_triage.store.search import CallSearch

    with CallSearch(store.transcripts()) as search:
        found = set(search.find(words, limit))
    return [each for each in store.calls(limit=None) if each.call in found]


def _line(call: CallSummary) -> str:
    from voice_triage.report_text import UNENDED

    when = datetime.fromisoformat(call.started_at).astimezone()
    length = "     ?" if call.duration_s is None else f"{int(call.duration_s) // 60:3}:{int(call.duration_s) % 60:02}"
    flags = ", ".join(f"{category} ({urgency})" for category, urgency in call.flags) or "no flags"
    return f"{call.call}  {when:%Y-%m-%d %H:%M}  {length}  {call.ended or UNENDED}  {flags}  {call.source}"


def refused(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per day and line.")] = False,
) -> None:
    """Say how many calls a day were not kept because the client refused: all that is left of them.

    Examples:
      voice-triage calls refused
    """
    from voice_triage.settings import load_settings
    from voice_triage.store.refused_count import RefusedCount

    for day, calls in RefusedCount(load_settings().data_dir).by_day().items():
        if as_json:
            result_json({"day": day, "refused": calls})
        else:
            result(f"{day}  {calls}")


register(app, "list", list_calls)
register(app, "show", show)
register(app, "delete", delete)
register(app, "export", export)
register(app, "verify", verify)
register(app, "refused", refused)
