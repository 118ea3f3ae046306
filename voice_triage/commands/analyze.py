"""``analyze`` and ``scan``: recordings and written text in, reports out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result, result_json

if TYPE_CHECKING:
    from voice_triage.analysis import Analyzed, Progress
    from voice_triage.report import Report
    from voice_triage.settings import Settings


class Ears(StrEnum):
    """Which ears hear a recording."""

    QUICK = "quick"
    BOTH = "both"


def analyze(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="WAV, FLAC or Ogg, 8 to 48 kHz.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per file and line (voice-triage-report/1).")
    ] = False,
    ears: Annotated[
        Ears | None,
        typer.Option("--ears", help="quick: heard once, as live; both: again by the careful ear. [default: both]"),
    ] = None,
    realtime: Annotated[bool, typer.Option("--realtime", help="Play in real time, with the wall clock.")] = False,
) -> None:
    """Hear recordings as a call is heard, and print a report for each, in the order given.

    This is the live path with the audio's clock: the times in a report are those at which a CSR would have seen it.
    Several files use all cores, each in a process of its own. Of a stereo file the first channel is the client's.
    Nothing is kept. Progress goes to standard error. A file that cannot be analyzed is named there, the others go on,
    and the exit code is 1.

    Examples:
      voice-triage analyze call.wav
      voice-triage analyze --json calls/*.flac > reports.jsonl
      voice-triage analyze --ears quick call.wav
    """
    from voice_triage import bootstrap, models_in_force
    from voice_triage.analysis import Progress
    from voice_triage.analysis import analyze as hear
    from voice_triage.report_text import render
    from voice_triage.settings import load_settings

    careful = None if ears is None else "on" if ears is Ears.BOTH else "off"
    settings = load_settings(overrides={"careful_ear": careful})
    models_in_force.checked_model(settings)
    if settings.careful_ear == "on":
        models_in_force.checked_careful(settings)
    elif settings.careful_ear == "auto" and (why := bootstrap.why_not_careful(settings)):
        note(f"voice-triage: {why}")
    _adapt_first(settings)
    complete = True
    first = True
    with _progress(files) as show:
        for news in hear(files, settings, realtime=realtime):
            show(news)
            if isinstance(news, Progress):
                continue
            if news.error is not None:
                note(f"voice-triage: {news.error}")
                complete = False
            if news.report is None:
                continue
            complete = _tell_troubles(news.path, news.report) and complete
            if as_json:
                result_json(news.report)
            else:
                result(("" if first else "\n") + render(news.report).rstrip("\n"))
            first = False
    if not complete:
        raise typer.Exit(Exit.INCOMPLETE)


def _adapt_first(settings: Settings) -> None:
    """Recordings wait until the recognizer is adapted; where that fails they are heard all the same, and it is said."""
    from voice_triage import bootstrap, models_in_force
    from voice_triage.commands.models import adapting_progress
    from voice_triage.errors import ModelError

    if models_in_force.chosen_model(settings).ready:
        return
    note("The recognizer is adapted to the lexicon first; this happens once.")
    try:
        with adapting_progress() as show:
            bootstrap.adapt_model(settings, show)
    except ModelError as error:
        note(f"voice-triage: The recognizer is not adapted, and hears less well: {error}")


def _tell_troubles(path: Path, report: Report) -> bool:
    """Say on standard error what was not heard; whether a report says all that can be known of its file."""
    for gap in report["gaps"]:
        note(
            f"voice-triage: {path}: from {gap['start_s']:.1f} s, {gap['duration_s']:.1f} s are missing: {gap['reason']}"
        )
    for failure in report["failures"]:
        note(f"voice-triage: {path}: {failure['stage']} failed ({failure['code']}): {failure['advice']}")
    return not report["failures"]


@contextmanager
def _progress(files: list[Path]) -> Iterator[Callable[[Progress | Analyzed], None]]:
    """How far each file is: bars on a terminal, a line per finished file elsewhere; always on standard error."""
    from voice_triage.analysis import Progress

    if not sys.stderr.isatty():
        ended = 0

        def tell(news: Progress | Analyzed) -> None:
            nonlocal ended
            if not isinstance(news, Progress) and len(files) > 1:
                ended += 1
                note(f"{ended}/{len(files)} {news.path.name}")

        yield tell
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Reports that go to a file or pipe must not be caught by the bars; on the same terminal they must be.
    console, on_terminal = Console(stderr=True), sys.stdout.isatty()
    with Bars(*columns, console=console, transient=True, redirect_stdout=on_terminal) as bars:
        whole = bars.add_task("files", total=len(files))
        tasks: dict[Path, TaskID] = {}

        def draw(news: Progress | Analyzed) -> None:
            if not isinstance(news, Progress):
                if news.path in tasks:
                    bars.remove_task(tasks.pop(news.path))
                bars.advance(whole)
                return
            if news.path not in tasks:
                tasks[news.path] = bars.add_task(f"{escape(news.path.name)} (seconds)", total=int(news.duration_s))
            bars.update(tasks[news.path], completed=int(news.heard_s))

        yield draw


def scan() -> None:
    """Read written text instead of sound: JSON lines {"id", "text"} on standard input, reports on standard output.

    A line break inside "text" separates utterances. Reports have no times. A line that cannot be read is named on
    standard error, the others go on, and the exit code is 1.

    Example:
      echo '{"id": "1", "text": "my cat keeps straining and nothing comes out"}' | voice-triage scan
    """
    from voice_triage import bootstrap
    from voice_triage.scan import BadLine
    from voice_triage.scan import scan as read
    from voice_triage.settings import load_settings

    new_understanding, _ = bootstrap.load_understanding(load_settings())
    if sys.stdin.isatty():
        note('Type lines such as {"id": "1", "text": "..."} and end with Ctrl-D (Ctrl-Z and Enter on Windows).')
    complete = True
    for report in read(sys.stdin.buffer, new_understanding):
        if isinstance(report, BadLine):
            note(f"voice-triage: {report.why}")
            complete = False
            continue
        if report["failures"]:
            complete = False
            for failure in report["failures"]:
                note(f"voice-triage: {report['id']}: {failure['code']}: {failure['advice']}")
        result_json(report)
    if not complete:
        raise typer.Exit(Exit.INCOMPLETE)
