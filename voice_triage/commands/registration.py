"""Puts a command on the command line, with its docstring as help."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import typer


def register(app: typer.Typer, name: str, command: Callable[..., Any]) -> None:
    """Add ``command`` under ``name``. Its docstring's first sentence stands in the list of commands, whole."""
    text = inspect.getdoc(command) or ""
    short = " ".join(text.split("\n\n")[0].split())
    app.command(name, help=_kept(text), short_help=short.split(". ")[0].rstrip(".") + ".")(command)


def _kept(text: str) -> str:
    """Keep the lines of paragraphs that hold indented ones, examples above all: marked with a form that click knows."""
    return "\n\n".join(f"\b\n{part}" if "\n  " in part else part for part in text.split("\n\n"))
