"""``models``: the model files of recognizer and careful ear."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register
from voice_triage.low_priority import lower_priority

if TYPE_CHECKING:
    from voice_triage.settings import Settings
    from voice_triage.speech.adaptation import Step
    from voice_triage.speech.model_files import Manifest, Progress

app = typer.Typer(help="Fetch, verify, list and adapt model files.", no_args_is_help=True, rich_markup_mode=None)

_SHOWN_WORDS = 12
Name = Annotated[str | None, typer.Argument(metavar="NAME", help="A model's name; those in force if left out.")]


def list_models() -> None:
    """List the models that are known: name, state, size, license, language. Those in force are marked with *.

    Example:
      voice-triage models list
    """
    from voice_triage.speech.model_files import quick_check

    settings, manifest = _known()
    wanted = _wanted(settings)
    for entry in manifest.models:
        folder = settings.models_dir / entry.name
        state = "not fetched" if not folder.exists() else "damaged" if quick_check(entry, folder) else "ready"
        mark = "*" if entry.name in wanted else " "
        result(
            f"{mark} {entry.name}  {state}  {entry.size_bytes / 1e6:.0f} MB  {entry.license}  {entry.language}  "
            f"{entry.description}"
        )
    for name in filter(_is_own, wanted):
        result(f"* {_checked_own(settings, name)}  your own")
    for line in _adapted_lines(settings):
        result(line)


def fetch(
    name: Name = None,
    given: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER_OR_ARCHIVE", help="Take it from here instead of the network."),
    ] = None,
) -> None:
    """Get the models in force, or the one named: from the sources in models/manifest.toml, in order.

    With --from, a folder or archive of one model is used instead: the live recognizer's, unless another is named.
    Every file is checked against its pinned SHA-256; a damaged or half-written folder is replaced. Does nothing if the
    model is there and whole. This is the only command that uses the network. Exit code 1 if only the careful ear's
    model could not be got: everything works without it, at the price of more errors.

    Examples:
      voice-triage models fetch
      voice-triage models fetch --from ~/Downloads/vosk-model-small-en-us-0.15.zip
      voice-triage models fetch faster-whisper-base --from ~/Downloads/faster-whisper-base
    """
    from voice_triage.errors import ModelError
    from voice_triage.speech import model_files

    settings, manifest = _known()
    missing = False
    for wanted in [name] if name else _wanted(settings)[: 1 if given else None]:
        if name is None and _is_own(wanted):
            result(f"{wanted} is a model of your own: there is nothing to fetch.")
            continue
        entry = manifest.entry(wanted)
        try:
            folder = model_files.fetch(entry, settings.models_dir, given, _telling())
        except ModelError as error:
            if name or entry.engine == "vosk":
                raise
            note(f"voice-triage: {error}")
            note(WITHOUT_CAREFUL_EAR)
            missing = True
            continue
        result(f"{entry.name} is ready in {folder}")
    if missing:
        raise typer.Exit(Exit.INCOMPLETE)


def verify(name: Name = None) -> None:
    """Hash every file of the models in force, or of the one named; exit code 1 if one is not as pinned.

    Example:
      voice-triage models verify
    """
    from voice_triage.speech import model_files

    settings, manifest = _known()
    problems = []
    for wanted in [name] if name else _wanted(settings):
        if name is None and _is_own(wanted):
            _checked_own(settings, wanted)
            kind = "Vosk" if wanted == settings.model else "Whisper"
            result(f"{wanted} looks like a {kind} model. It is your own: no hashes are known.")
            continue
        entry = manifest.entry(wanted)
        found = model_files.verify(entry, settings.models_dir / entry.name)
        for problem in found:
            note(f"voice-triage: {entry.name}: {problem}")
        if not found:
            result(f"{entry.name}: all {len(entry.files)} files are as pinned.")
        problems += found
    if problems:
        note("Repair it with: voice-triage models fetch")
    damaged = name is None and not _verify_adapted(settings)
    if problems or damaged:
        raise typer.Exit(Exit.INCOMPLETE)


def _verify_adapted(settings: Settings) -> bool:
    """Hash the adapted models' files; whether all are as they were made."""
    from voice_triage import models_in_force
    from voice_triage.errors import ModelError
    from voice_triage.speech.adaptation_record import Adaptation

    try:
        folders = models_in_force.adapted_models(settings).all()
    except ModelError:  # its original is damaged, which has been said
        return True
    whole = True
    for folder in folders:
        try:
            problems = [str(problem) for problem in Adaptation.read(folder).problems(folder, thorough=True)]
        except ModelError as error:
            problems = [str(error)]
        for problem in problems:
            note(f"voice-triage: {folder.name}: {problem}")
        if problems:
            note("Repair it with: voice-triage models adapt --force")
            whole = False
        else:
            result(f"{folder.name}: all files are as they were made.")
    return whole


def adapt(
    force: Annotated[bool, typer.Option("--force", help="Make it again even if it is there.")] = False,
    gently: Annotated[bool, typer.Option("--gently", help="Leave the processor to whatever else needs it.")] = False,
) -> None:
    """Adapt the recognizer's model to the lexicon: it then expects what callers say, and knows words it did not know.

    Takes ten to thirty seconds and about 350 MB of memory; the adapted model lies beside the original one and takes
    about 47 MB of disk. Done by itself at set-up and, in the background, whenever model or lexicon have changed. Does
    nothing if it is there and whole.

    Examples:
      voice-triage models adapt
      voice-triage models adapt --force
    """
    from voice_triage import bootstrap, models_in_force
    from voice_triage.settings import load_settings

    settings = load_settings()
    if gently:
        lower_priority()
    if not settings.adapt_language_model:
        result("The recognizer is used as it comes: the setting adapt_language_model is false.")
        return
    if not models_in_force.adapted_models(settings).possible:
        result(f"{settings.model} has its graph in one piece and cannot be adapted: it is used as it comes.")
        return
    with adapting_progress() as show:
        model, made = bootstrap.adapt_model(settings, show, force=force)
    record = model.record
    if made:
        note(
            f"Made in {record.seconds:.0f} s from {record.tokens} words of expected speech: "
            f"{' + '.join(str(count) for count in record.ngrams)} n-grams, {record.size_bytes / 1e6:.0f} MB."
        )
    note(f"Words it could not hear before: {len(record.grafted)}.")
    if record.refused:
        note(f"Words that this model cannot learn: {len(record.refused)} ({', '.join(record.refused[:_SHOWN_WORDS])}).")
    unheard = sorted(record.unheard, key=lambda word: (-record.unheard[word], word))
    if unheard:
        shown = ", ".join(unheard[:_SHOWN_WORDS]) + (", ..." if len(unheard) > _SHOWN_WORDS else "")
        note(f"Words of expected speech that cannot be heard: {len(unheard)} ({shown}).")
    result(f"{model.folder.name} is ready in {model.folder.parent}")


@contextmanager
def adapting_progress() -> Iterator[Callable[[Step], None]]:
    """How far an adaptation is: a bar on a terminal, a line per step elsewhere; always on standard error."""
    if not sys.stderr.isatty():
        yield lambda step: note(f"{step.doing} ...") if step.done < 1 else None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Adapting the recognizer", total=1.0)
        yield lambda step: bars.update(task, description=step.doing, completed=step.done)


def _adapted_lines(settings: Settings) -> Iterator[str]:
    """The adapted models of the live recognizer's model: state, size, what they were made of."""
    from voice_triage import models_in_force
    from voice_triage.errors import ModelError
    from voice_triage.speech.adaptation_record import Adaptation

    try:
        models = models_in_force.adapted_models(settings)
    except ModelError:  # its line has said so
        return
    chosen = models_in_force.chosen_model(settings).model.folder
    for folder in models.all():
        mark = "*" if folder == chosen else " "
        try:
            record = Adaptation.read(folder)
        except ModelError:
            yield f"{mark} {folder.name}  damaged or of another version: not used, and removed in time"
            continue
        state = "damaged" if record.problems(folder) else "ready"
        made_of = f"weight {record.settings.weight:g}  {len(record.grafted)} new words"
        yield f"{mark} {folder.name}  {state}  {record.size_bytes / 1e6:.0f} MB  {made_of}"


WITHOUT_CAREFUL_EAR = (
    "Going on without the careful ear: calls are heard once, with about twice as many wrong words. "
    "voice-triage models fetch tries again."
)


def _known() -> tuple[Settings, Manifest]:
    from voice_triage import resources
    from voice_triage.settings import load_settings
    from voice_triage.speech.model_files import load_manifest

    return load_settings(), load_manifest(resources.manifest_path())


def _wanted(settings: Settings) -> list[str]:
    """The models in force, the live recognizer's first; the careful ear's only if it is not off."""
    return [settings.model, *([] if settings.careful_ear == "off" else [settings.careful_model])]


def _checked_own(settings: Settings, name: str) -> Path:
    from voice_triage import models_in_force

    checked = models_in_force.checked_model if name == settings.model else models_in_force.checked_careful
    return checked(settings).folder


def _is_own(model: str) -> bool:
    return "/" in model or "\\" in model


def _telling() -> Callable[[Progress], None]:
    """Tells each step of a fetch once, and on a terminal how far it is."""
    told = ""

    def tell(progress: Progress) -> None:
        nonlocal told
        if progress.step != told:
            told = progress.step
            note(told)
        elif progress.total_bytes and sys.stderr.isatty():
            sys.stderr.write(f"\r  {progress.done_bytes / 1e6:.0f} of {progress.total_bytes / 1e6:.0f} MB ")
            if progress.done_bytes >= progress.total_bytes:
                sys.stderr.write("\n")
            sys.stderr.flush()

    return tell


register(app, "list", list_models)
register(app, "adapt", adapt)
register(app, "fetch", fetch)
register(app, "verify", verify)
