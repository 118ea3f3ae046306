"""``client``: everything kept of one client, listed, written out, or deleted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voice_triage.clients import Client, ClientCall
    from voice_triage.store.sql_calls import SqlCallStore

app = typer.Typer(
    help="Everything kept of one client, found by telephone number, name or both: listed, exported, deleted.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Name = Annotated[str, typer.Option("--name", metavar="NAME", help="The client's name, or a part of it.")]
_Number = Annotated[str, typer.Option("--number", metavar="NUMBER", help="Their number; 7 digits at the end will do.")]
_Doubtful = Annotated[
    bool, typer.Option("--doubtful", help="Calls too that tell another name or number, or only a like name.")
]


def list_calls(name: _Name = "", number: _Number = "") -> None:
    """List the kept calls and walk-ins of a client, the newest first, and where the name or number was found.

    Examples:
      voice-triage client list --number 555-014-7788
      voice-triage client list --name "Jane Rivera" --number 555-014-7788
    """
    client, store = _opened(name, number)
    if store is None:
        return
    with store:
        _found(store, client)


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder; each call gets one in it.")],
    name: _Name = "",
    number: _Number = "",
    doubtful: _Doubtful = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Write everything kept of a client to plain files, a folder for each call, after listing what that is.

    The files are not encrypted: whoever can read the folder can hear the client.

    Examples:
      voice-triage client export for-ms-rivera --number 555-014-7788
    """
    from voice_triage import protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.call_export import export_call
    from voice_triage.errors import StoreError

    client, store = _opened(name, number)
    if store is None:
        return
    with store:
        chosen = _chosen(_found(store, client), doubtful=doubtful)
        if not chosen:
            return
        if folder.exists():
            raise StoreError(f"{folder} is there already. Give the name of a new folder.")
        if not yes and not typer.confirm(f"Write {len(chosen)} call(s) to {folder}, not encrypted?", err=True):
            raise typer.Exit(Exit.INCOMPLETE)
        trail = protection.kept_trail(store)
        for each in chosen:
            trail.record(AuditKind.EXPORT, who=COMMAND_LINE, call=each.call, what="client")
            for line in export_call(store, each.call, folder / store.folders.name_of(each.call)):
                result(line)
    note(f"{len(chosen)} call(s) are in {folder}.")


def delete(
    name: _Name = "",
    number: _Number = "",
    doubtful: _Doubtful = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete everything kept of a client for good, after listing what that is: sound, words, notes, reviews, list.

    Calls under a legal hold stay. Backups and folders exported before still hold what is deleted here; a running desk
    may show a card of the last day until it is started again. The audit trail keeps ids and times, no name or number.

    Examples:
      voice-triage client delete --name "Jane Rivera" --number 555-014-7788
    """
    from voice_triage import protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.errors import AuditError, StoreError

    client, store = _opened(name, number)
    if store is None:
        return
    stayed: list[str] = []
    with store:
        chosen = _chosen(_found(store, client), doubtful=doubtful)
        if not chosen:
            return
        if not yes and not typer.confirm(f"Delete these {len(chosen)} call(s) for good?", err=True):
            raise typer.Exit(Exit.INCOMPLETE)
        trail = protection.kept_trail(store)
        for each in chosen:
            try:
                store.parts.ensure_not_held(each.call)
                trail.record(AuditKind.DELETE, who=COMMAND_LINE, call=each.call, what="client")
                store.delete(each.call)
            except AuditError:
                raise
            except StoreError as error:
                stayed.append(each.call)
                result(f"{each.call}: {error}")
    note(
        f"{len(chosen) - len(stayed)} call(s) are deleted. Backups and folders exported before still hold them: delete "
        "those too, if nothing of this client may be kept."
    )
    if stayed:
        raise typer.Exit(Exit.INCOMPLETE)


def _opened(name: str, number: str) -> tuple[Client, SqlCallStore | None]:
    """Whom to look for, and where."""
    from voice_triage import bootstrap
    from voice_triage.clients import Client
    from voice_triage.settings import load_settings

    client = Client.of(name, number)
    store = bootstrap.open_kept(load_settings())
    if store is None:
        note("No calls are kept yet.")
    return client, store


def _found(store: SqlCallStore, client: Client) -> Sequence[ClientCall]:
    """What is kept of the client, listed."""
    from voice_triage.clients import calls_of, listed

    found = calls_of(store, client)
    for _, line in listed(found):
        result(line)
    if not found:
        note("No kept call tells of this client.")
    return found


def _chosen(found: Sequence[ClientCall], *, doubtful: bool) -> list[ClientCall]:
    chosen = [each for each in found if each.sure or doubtful]
    if found and not chosen:
        note("Only doubtful calls were found. Look at them (voice-triage calls show ID), then use --doubtful.")
    return chosen


register(app, "list", list_calls)
register(app, "export", export)
register(app, "delete", delete)
