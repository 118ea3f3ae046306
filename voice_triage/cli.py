"""The command line: what ``voice-triage`` understands. The commands themselves are in :mod:`voice_triage.commands`."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from voice_triage.commands import (
    accounts,
    analyze,
    audit,
    autostart,
    backup,
    calls,
    client,
    clinic,
    health,
    hearing,
    lexicon,
    models,
    numbers,
    retention,
    run,
    tls,
)
from voice_triage.commands.exits import Exit, exit_of, table
from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register
from voice_triage.errors import VoiceTriageError

_HELP = """Hear the client's side of a phone call, flag red-flag symptoms, fill in the patient's fields.

Everything happens on this machine; nothing is sent anywhere. It gathers and routes; it never diagnoses.

\b
Start here:
  voice-triage start                play the sample call once, then wait for a headset
  voice-triage run                  wait for a headset, and hear call after call
  voice-triage run --source a.wav   hear a recording as if it were live
  voice-triage analyze *.flac       a report per recording, as fast as possible
  voice-triage doctor               what is installed, what is missing, what to do

\b
Every command explains itself: voice-triage COMMAND --help
Settings come from a TOML file and VOICE_TRIAGE_* variables: voice-triage doctor
"""

_EPILOG = "\b\nExit codes:\n" + table()


class _Commands(TyperGroup):
    """Turns this product's errors into a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except VoiceTriageError as error:
            note(f"voice-triage: {error}")
            raise typer.Exit(exit_of(error)) from error
        except KeyboardInterrupt as error:
            note("voice-triage: interrupted")
            raise typer.Exit(Exit.INTERRUPTED) from error
        except BrokenPipeError as error:
            # Whoever read our output has gone; Python would try to flush to them once more, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(Exit.INCOMPLETE) from error


app = typer.Typer(
    cls=_Commands,
    help=_HELP,
    epilog=_EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from voice_triage import __version__

        result(f"voice-triage {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


register(app, "run", run.run)
register(app, "start", run.start)
register(app, "analyze", analyze.analyze)
register(app, "scan", analyze.scan)
app.add_typer(calls.app, name="calls")
register(app, "backup", backup.backup)
register(app, "restore", backup.restore)
app.add_typer(client.app, name="client")
app.add_typer(audit.app, name="audit")
app.add_typer(retention.app, name="retention")
app.add_typer(models.app, name="models")
register(app, "devices", hearing.devices)
register(app, "doctor", health.doctor)
app.add_typer(lexicon.app, name="lexicon")
register(app, "numbers", numbers.numbers)
app.add_typer(clinic.clinic_app, name="clinic")
app.add_typer(clinic.lines_app, name="lines")
app.add_typer(accounts.app, name="accounts")
app.add_typer(tls.app, name="tls")
app.add_typer(autostart.app, name="autostart")


def main() -> None:
    """Entry point of the ``voice-triage`` program."""
    app()
