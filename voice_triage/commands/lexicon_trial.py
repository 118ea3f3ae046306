"""``lexicon try``: what a changed lexicon would flag, on kept and given calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result, result_json
from voice_triage.low_priority import lower_priority

if TYPE_CHECKING:
    from voice_triage.trial.run import TrialProgress

TOLD_EVERY = 10
"""Calls between two lines of progress where there is no terminal."""


def try_lexicon(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the changed lexicon files.")],
    calls: Annotated[
        list[Path] | None,
        typer.Option("--calls", metavar="PATH", help="Also a folder of acted calls or a .jsonl file. Repeatable."),
    ] = None,
    kept: Annotated[bool, typer.Option("--kept/--no-kept", help="Whether kept calls are read.")] = True,
    newest: Annotated[int | None, typer.Option("--newest", min=1, help="Only so many kept calls, the newest.")] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="So many at a time. [default: one for each core]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with every call that differs.")] = False,
    gently: Annotated[bool, typer.Option("--gently", help="Leave the processor to whatever else needs it.")] = False,
) -> None:
    """Try a changed lexicon: which flags it would have raised, and which not, beside the lexicon in force.

    Both read the words and times of every kept call again (no sound), as in the call, on all cores, below the priority
    of live calls. Shown are flags gained and lost per 100 calls with 95 % intervals, the calls themselves, and fields
    in brief. Nothing is changed or kept. The calls' own logs are not what it is compared with: a call may have been
    read by an older lexicon or version.

    Examples:
      voice-triage lexicon try my-lexicons
      voice-triage lexicon try my-lexicons --calls tests/calls/calls-2 --no-kept
      voice-triage lexicon try my-lexicons --newest 500 --json > trial.json
    """
    from voice_triage import bootstrap
    from voice_triage.settings import load_settings
    from voice_triage.triage import lexicon
    from voice_triage.trial.differences import entry_change
    from voice_triage.trial.run import LexiconTrial
    from voice_triage.trial.text import trial_json, trial_lines

    if gently:
        lower_priority()
    settings = load_settings()
    tried = lexicon.load(folder)
    in_force = bootstrap.load_lexicon(settings)
    store = bootstrap.open_kept(settings) if kept else None
    try:
        trial = LexiconTrial(in_force, tried, store=store, newest=newest, given=calls or ())
        if not trial.calls:
            note("There are no calls to try it on: none are kept here yet. Give some with --calls.")
            raise typer.Exit(Exit.INCOMPLETE)
        with _progress() as show, closing(trial.run(processes)) as steps:
            for step in steps:
                show(step)
    finally:
        if store is not None:
            store.close()
    entries = entry_change(in_force, tried)
    if as_json:
        result_json(trial_json(trial.trial, entries))
        return
    for line in trial_lines(trial.trial, entries):
        result(line)


def examples() -> None:
    """Print supervisors' verdicts as examples for the lexicon's tests, in TOML: false alarms and missed signs.

    Put those that you want into the examples of a concept, and give each its right status; nothing is added by itself.
    They hold clients' words: names that were said belong out. Each call is a line of the audit trail.

    Example:
      voice-triage lexicon examples
    """
    from voice_triage import bootstrap, protection
    from voice_triage.audit_trail import COMMAND_LINE, AuditKind
    from voice_triage.events import Verdict
    from voice_triage.numbers.kept import KeptLines
    from voice_triage.settings import load_settings
    from voice_triage.trial.examples import Offered, example_lines, offered

    settings = load_settings()
    store = bootstrap.open_kept(settings)
    found: list[Offered] = []
    if store is not None:
        try:
            audit = protection.audit_trail(settings, store)
            for each in KeptLines(store).all():
                wrong = any(flag.verdict is Verdict.FALSE_ALARM for flag in each.line.flags)
                if not wrong and not each.line.misses:
                    continue
                audit.record(AuditKind.EXPORT, who=COMMAND_LINE, call=each.call, form="examples")
                found += offered(store.events(each.call))
        finally:
            store.close()
    if not found:
        note("No supervisor has found a false alarm or a missed sign yet.")
    for line in example_lines(found):
        result(line)


@contextmanager
def _progress() -> Iterator[Callable[[TrialProgress], None]]:
    """How far it is: a bar on a terminal, a line now and then elsewhere; always on standard error."""
    if not sys.stderr.isatty():
        yield (
            lambda step: (
                note(f"{step.read}/{step.calls} calls read") if step.read and step.read % TOLD_EVERY == 0 else None
            )
        )
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("calls read"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)
        yield lambda step: bars.update(task, completed=step.read, total=step.calls)
