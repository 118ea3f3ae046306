"""``models``: the recognizer's model files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register

if TYPE_CHECKING:
    from voice_triage.settings import Settings
    from voice_triage.speech.model_files import Manifest, ModelEntry, Progress

app = typer.Typer(
    help="Fetch, verify and list the recognizer's model files.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="A model's name; the one in force if left out.")]


def list_models() -> None:
    """List the models that are known: name, state, size, licence, language. The one in force is marked with *.

    Example:
      voice-triage models list
    """
    from voice_triage.speech.model_files import quick_check

    settings, manifest = _known()
    for entry in manifest.models:
        folder = settings.models_dir / entry.name
        state = "not fetched" if not folder.exists() else "damaged" if quick_check(entry, folder) else "ready"
        mark = "*" if entry.name == settings.model else " "
        result(
            f"{mark} {entry.name}  {state}  {entry.size_bytes / 1e6:.0f} MB  {entry.license}  {entry.language}  "
            f"{entry.description}"
        )
    if _is_own(settings.model):
        from voice_triage import bootstrap

        result(f"* {bootstrap.checked_model(settings).folder}  your own")


def fetch(
    name: Name = None,
    given: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER_OR_ARCHIVE", help="Take it from here instead of the network."),
    ] = None,
) -> None:
    """Get a model: from a folder or archive given with --from, else from the sources in models/manifest.toml, in order.

    Every file is checked against its pinned SHA-256; a damaged or half-written folder is replaced. Does nothing if the
    model is there and whole. This is the only command that uses the network.

    Examples:
      voice-triage models fetch
      voice-triage models fetch --from ~/Downloads/vosk-model-small-en-us-0.15.zip
    """
    from voice_triage.speech import model_files

    settings, manifest = _known()
    entry = _entry(manifest, name, settings)
    if entry is None:
        result(f"{settings.model} is a model of your own: there is nothing to fetch.")
        return
    folder = model_files.fetch(entry, settings.models_dir, given, _telling())
    result(f"{entry.name} is ready in {folder}")


def verify(name: Name = None) -> None:
    """Hash every file of a model and name each that is not as pinned; exit code 1 if there is one.

    Example:
      voice-triage models verify
    """
    from voice_triage import bootstrap
    from voice_triage.speech import model_files

    settings, manifest = _known()
    entry = _entry(manifest, name, settings)
    if entry is None:
        bootstrap.checked_model(settings)
        result(f"{settings.model} looks like a Vosk model. It is your own: no hashes are known.")
        return
    problems = model_files.verify(entry, settings.models_dir / entry.name)
    for problem in problems:
        note(f"voice-triage: {problem}")
    if problems:
        note("Repair it with: voice-triage models fetch")
        raise typer.Exit(Exit.INCOMPLETE)
    result(f"{entry.name}: all {len(entry.files)} files are as pinned.")


def _known() -> tuple[Settings, Manifest]:
    from voice_triage import resources
    from voice_triage.settings import load_settings
    from voice_triage.speech.model_files import load_manifest

    return load_settings(), load_manifest(resources.manifest_path())


def _entry(manifest: Manifest, name: str | None, settings: Settings) -> ModelEntry | None:
    """The model meant; None for a model of one's own."""
    wanted = name or settings.model
    return None if name is None and _is_own(wanted) else manifest.entry(wanted)


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
register(app, "fetch", fetch)
register(app, "verify", verify)
