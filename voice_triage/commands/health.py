"""``doctor``: how this installation stands, and what to do."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from voice_triage.commands.exits import Exit
from voice_triage.commands.hearing import CALLS_ON_A_PHONE, hearing_line
from voice_triage.commands.output import note, result

if TYPE_CHECKING:
    from voice_triage.settings import Settings

_PACKAGES = ("vosk", "faster-whisper", "sounddevice", "soundfile", "soxr", "spacy", "sqlalchemy", "fastapi", "uvicorn")
State = Literal["ok", "warn", "FAIL"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``doctor``."""

    state: State
    subject: str
    text: str


def doctor(
    listen: Annotated[
        float | None,
        typer.Option("--listen", metavar="SECONDS", min=1, max=60, help="Also listen to the headset for so long."),
    ] = None,
) -> None:
    """Say what is installed, where things are, what is missing and what to do. Exit code 1 if something must be done.

    With --listen, the headset is recorded for a few seconds, as in a call, and nothing of it is kept: what it plays,
    how loud, and what to do if that is not what should be heard. Have someone speak to it meanwhile.

    Examples:
      voice-triage doctor
      voice-triage doctor --listen 5
    """
    from voice_triage.settings import load_settings

    worst = False
    for finding in _findings(load_settings(), listen):
        result(f"{finding.state:4}  {finding.subject:10}  {finding.text}")
        worst = worst or finding.state == "FAIL"
    if worst:
        raise typer.Exit(Exit.INCOMPLETE)


def _findings(settings: Settings, listen_s: float | None) -> Iterator[Finding]:
    yield from _versions()
    yield from _settings(settings)
    yield _data_folder(settings)
    yield _model(settings)
    yield _adapted(settings)
    yield _careful_ear(settings)
    yield _lexicon(settings)
    yield _clinic(settings)
    yield _store(settings)
    yield _console(settings)
    yield _beyond(settings)
    yield _devices(settings)
    if listen_s is not None:
        note(f"Listening for {listen_s:g} seconds ...")
        yield _hearing(settings, listen_s)


def _versions() -> Iterator[Finding]:
    from voice_triage import __version__, resources

    place = "a checkout" if resources.checkout_dir() else "an installed package"
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield Finding("ok", "version", f"voice-triage {__version__} from {place}, {system}")
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    yield Finding("ok", "packages", ", ".join(found))
    if missing:
        yield Finding("FAIL", "packages", f"not installed: {', '.join(missing)}. Run scripts/run, which installs them.")


def _settings(settings: Settings) -> Iterator[Finding]:
    from voice_triage.settings import SETTINGS, config_path

    path = config_path()
    yield Finding("ok", "settings", f"{path} ({'read' if path.is_file() else 'not there: defaults are used'})")
    for setting in SETTINGS:
        value = getattr(settings, setting.name)
        shown = "nothing" if value is None else value
        yield Finding("ok", "setting", f"{setting.name} = {shown}  ({settings.origins.get(setting.name, 'default')})")


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Finding(
            "FAIL", "data", f"{folder} cannot be written. Change its owner, or set data_dir to another folder."
        )
    return Finding("ok", "data", str(folder) if folder.exists() else f"{folder} (made when the first call is kept)")


def _model(settings: Settings) -> Finding:
    from voice_triage import models_in_force
    from voice_triage.errors import ModelError

    try:
        model = models_in_force.checked_model(settings)
    except ModelError as error:
        return Finding("FAIL", "model", str(error))
    return Finding("ok", "model", f"{model.name} {model.digest[:12]} in {model.folder}")


def _adapted(settings: Settings) -> Finding:
    from voice_triage import models_in_force
    from voice_triage.errors import LexiconError, ModelError

    try:
        original = models_in_force.checked_model(settings)
        choice = models_in_force.chosen_model(settings)
    except (LexiconError, ModelError) as error:
        return Finding("warn", "adapted", f"cannot be known: {error}")
    if not settings.adapt_language_model:
        return Finding("warn", "adapted", "adapt_language_model is false: words of the lexicon are heard less well")
    if choice.ready and choice.model.folder == original.folder:
        return Finding("ok", "adapted", "this model's graph is in one piece: it is used as it comes")
    if choice.ready:
        return Finding("ok", "adapted", f"to the lexicon as it is, in {choice.model.folder}")
    advice = "It is made at the next start, or now by: voice-triage models adapt"
    if choice.notice:
        return Finding("warn", "adapted", f"{choice.notice} {advice}")
    older = choice.model.folder != original.folder
    state = "to an older lexicon or setting only" if older else "not yet: the model is used as it comes"
    return Finding("warn", "adapted", f"{state}. {advice}")


def _careful_ear(settings: Settings) -> Finding:
    from voice_triage import bootstrap
    from voice_triage.errors import VoiceTriageError
    from voice_triage.second_hearing import TOO_SLOW_S

    if settings.careful_ear == "off":
        return Finding("ok", "careful", "off: calls are heard once")
    if why := bootstrap.why_not_careful(settings):
        return Finding("FAIL" if settings.careful_ear == "on" else "warn", "careful", why)
    try:
        ear = bootstrap.load_careful_ear(settings)
        took_s = bootstrap.careful_trial_s(ear)
    except VoiceTriageError as error:
        return Finding("FAIL" if settings.careful_ear == "on" else "warn", "careful", str(error))
    name = ear.name
    ear.close()
    text = f"{name} hears a sentence again in {took_s:.1f} s"
    if took_s <= TOO_SLOW_S:
        return Finding("ok", "careful", text)
    return Finding("warn", "careful", f"{text}, which is too slow: calls are heard once unless careful_ear is on")


def _lexicon(settings: Settings) -> Finding:
    from voice_triage import bootstrap
    from voice_triage.errors import LexiconError
    from voice_triage.guidance.signature import SignatureState
    from voice_triage.lexicon_versions import LexiconVersions

    try:
        lexicon = bootstrap.load_lexicon(settings, remember=False)
        signature = LexiconVersions(settings).signature(lexicon.hash)
    except LexiconError as error:
        return Finding("FAIL", "lexicon", str(error))
    signed = ""
    if signature.state is SignatureState.SIGNED:
        signed = f", signed by {signature.by} on {signature.on[:10]}"
    return Finding("ok", "lexicon", f"{lexicon.label} in {lexicon.folder}{signed}")


def _clinic(settings: Settings) -> Finding:
    from voice_triage.errors import ClinicError, LexiconError
    from voice_triage.guidance.clinic import gaps, load_profile
    from voice_triage.guidance.line_file import load_lines
    from voice_triage.guidance.signature import FILE_NAME, SignatureState, read_signature

    path = settings.clinic_file
    try:
        lines = load_lines(settings.lexicons_in_force)
        profile = load_profile(path, lines)
        signature = read_signature(path.with_name(FILE_NAME), lines.with_own(profile.lines).hash)
    except (ClinicError, LexiconError) as error:
        return Finding("FAIL", "clinic", str(error))
    if not path.exists():
        return Finding("warn", "clinic", f"{path} is not there: no emergency rooms on cards (voice-triage clinic init)")
    missing = [*profile.refused, *gaps(profile)]
    if signature.state is not SignatureState.SIGNED:
        missing.append("the fixed lines are not signed (voice-triage lines show, lines sign)")
    return Finding("warn" if missing else "ok", "clinic", f"{path}{': ' if missing else ''}{'; '.join(missing)}")


def _store(settings: Settings) -> Finding:
    from voice_triage import bootstrap
    from voice_triage.errors import StoreError

    try:
        store = bootstrap.open_kept(settings)
        if store is None:
            return Finding("ok", "store", "no calls are kept yet")
        try:
            kept = store.calls(limit=1)
        finally:
            store.close()
    except StoreError as error:
        return Finding("FAIL", "store", str(error))
    return Finding("ok", "store", f"newest call: {kept[0].started_at}" if kept else "no calls are kept yet")


def _console(settings: Settings) -> Finding:
    from voice_triage.settings import HOST

    if settings.port == 0:
        return Finding("ok", "console", f"any free port on {HOST}")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        if probe.connect_ex((HOST, settings.port)) == 0:
            text = f"port {settings.port} on {HOST} is in use: by a running voice-triage, or set port to another number"
            return Finding("warn", "console", text)
    return Finding("ok", "console", f"port {settings.port} on {HOST} is free")


def _beyond(settings: Settings) -> Finding:
    """Whether other machines are served, and until when that goes on."""
    from voice_triage.errors import TlsError
    from voice_triage.tls.certificate_files import CertificateFiles

    if not settings.serve_address:
        return Finding("ok", "others", "no other machine is served (setting serve_address)")
    files = CertificateFiles(settings.data_dir)
    try:
        found = files.in_force()
    except TlsError as error:
        return Finding("FAIL", "others", str(error))
    if warning := files.warning(found):
        return Finding("warn", "others", warning)
    return Finding("ok", "others", f"served over TLS until {found.ends_at:%B %d, %Y}, as {', '.join(found.names)}")


def _devices(settings: Settings) -> Finding:
    from voice_triage import bootstrap
    from voice_triage.audio.hearing_check import survey
    from voice_triage.errors import AudioError

    ways = bootstrap.headset_ways()
    try:
        choice = survey(ways, bootstrap.headset_wishes(settings))
    except AudioError as error:
        return Finding("warn", "devices", f"{error} Recordings can be analyzed without it.")
    try:
        ways.check()
    except AudioError as error:
        return Finding("FAIL", "devices", str(error))
    state: State = "ok" if choice.headset is not None else "warn"
    return Finding(state, "devices", f"{choice.detail} All: voice-triage devices. {CALLS_ON_A_PHONE}")


def _hearing(settings: Settings, seconds: float) -> Finding:
    from voice_triage import bootstrap
    from voice_triage.audio.hearing_check import listen
    from voice_triage.errors import AudioError

    try:
        hearing = listen(bootstrap.headset_ways(), bootstrap.headset_wishes(settings), seconds)
    except AudioError as error:
        return Finding("FAIL", "hearing", str(error))
    state: State = (
        "ok" if hearing.what in ("speech or music", "steady sound") else "warn" if hearing.heard_s else "FAIL"
    )
    return Finding(state, "hearing", hearing_line(hearing, seconds))
