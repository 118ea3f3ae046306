"""``models``: the model files of recognizer and careful ear."""

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
    from voice_triage.speech.model_files import Manifest, Progress

app = typer.Typer(help="Fetch, verify and list model files.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="A model's name; those in force if left out.")]


def list_models() -> None:
    """List the models that are known: name, state, size, licence, language. Those in force are marked with *.

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
        raise typer.Exit(Exit.INCOMPLETE)


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
    from voice_triage import bootstrap

    in_force = bootstrap.checked_model(settings) if name == settings.model else bootstrap.checked_careful(settings)
    return in_force.folder


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
