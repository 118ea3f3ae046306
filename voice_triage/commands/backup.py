"""``backup`` and ``restore``: all kept calls in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voice_triage.commands.output import note

_PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="Take the passphrase from this file's first line instead of asking."),
]


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write; it must not be there yet.")],
    passphrase_file: _PassphraseFile = None,
) -> None:
    """Write all kept calls to one encrypted file, for another disk.

    Calls stay encrypted with their own keys; the master key is in the file too, protected by a passphrase of 12
    characters or more: without it nobody can open the backup. A call that is deleted later stays in every backup made
    before, until you delete that backup.

    Examples:
      voice-triage backup /media/usb/calls-2025-03.tar
    """
    from voice_triage import bootstrap, protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.errors import StoreError
    from voice_triage.settings import load_settings
    from voice_triage.store.backup import back_up

    settings = load_settings()
    store = bootstrap.open_kept(settings)
    if store is None:
        raise StoreError(f"No calls are kept in {settings.data_dir} yet, so there is nothing to back up.")
    try:
        passphrase = _passphrase(passphrase_file, confirm=True)
        trail = protection.kept_trail(store)
        trail.record(AuditKind.BACKUP, who=COMMAND_LINE, file=target.name[-100:])
        count = back_up(store.folders, target, passphrase, trail)
    finally:
        store.close()
    note(f"{count} call(s) are in {target}. Keep the passphrase elsewhere.")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    passphrase_file: _PassphraseFile = None,
) -> None:
    """Bring the calls of a backup into an empty data folder.

    Examples:
      voice-triage restore /media/usb/calls-2025-03.tar
    """
    from voice_triage import bootstrap, protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.settings import load_settings
    from voice_triage.store.backup import restore as restored

    settings = load_settings()
    count = restored(source, settings.data_dir, _passphrase(passphrase_file, confirm=False))
    store = bootstrap.open_store(settings)
    try:
        notice = store.notice
        protection.kept_trail(store).record(AuditKind.RESTORE, who=COMMAND_LINE, file=source.name[-100:], calls=count)
    finally:
        store.close()
    note(notice or f"{count} call(s) are back in {settings.data_dir}.")


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    from voice_triage.errors import StoreError

    if file is None:
        return str(typer.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=confirm, err=True))
    try:
        return file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"The passphrase file {file} cannot be read. Check its name and that it is text.") from error
