"""``autostart``: whether Voice Triage starts when this user logs in."""

from __future__ import annotations

import os

import typer

from voice_triage.commands.output import note, result
from voice_triage.commands.registration import register

app = typer.Typer(help="Start with the computer, when this user logs in.", no_args_is_help=True, rich_markup_mode=None)


def on() -> None:
    """Start with the computer from now on: `voice-triage run`, when this user logs in.

    Example:
      voice-triage autostart on
    """
    from voice_triage.autostart import autostart
    from voice_triage.settings import CONFIG_ENV, ENV_PREFIX, config_path

    entry = autostart()
    entry.on()
    result(f"Voice Triage starts when you log in ({entry.path}).")
    here_only = sorted(name for name in os.environ if name.startswith(ENV_PREFIX) and name != CONFIG_ENV)
    if here_only:
        note(f"{', '.join(here_only)} will not be set then: write these settings into {config_path({})}.")


def off() -> None:
    """Do not start with the computer any more.

    Example:
      voice-triage autostart off
    """
    from voice_triage.autostart import autostart

    autostart().off()
    result("Voice Triage does not start by itself.")


def status() -> None:
    """Say whether it starts with the computer.

    Example:
      voice-triage autostart status
    """
    from voice_triage.autostart import autostart

    entry = autostart()
    if not entry.is_on:
        result("off: Voice Triage does not start by itself. Switch it on with: voice-triage autostart on")
    elif entry.is_ours:
        result(f"on: Voice Triage starts when you log in ({entry.path}).")
    else:
        result(f"on, but not this installation: see {entry.path}. Make it this one with: voice-triage autostart on")


register(app, "on", on)
register(app, "off", off)
register(app, "status", status)
