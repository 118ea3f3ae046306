"""Every command with its arguments and options, as its own ``--help`` tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from voice_triage.cli import app
from voice_triage.commands.exits import MEANING

_ABOUT_THE_SHELL = {"help", "install_completion", "show_completion"}
BAR = r"\|"
"""Within a table."""
_VALUES = {"int": "N", "float": "N", "path": "PATH", "str": "TEXT"}
"""What stands for a value, by how typer names its type."""
_EXAMPLES = re.compile(r"^Examples?:$", re.MULTILINE)


def command_reference() -> str:
    """Every command as a section of Markdown, and the exit codes."""
    root = typer.main.get_command(app)
    sections: list[str] = []
    for path, command in commands(root):
        if len(path) > 1 and f"## {path[0]}" not in sections:
            group: Any = root.commands[path[0]]  # type: ignore[attr-defined]
            sections += [f"## {path[0]}", _plain(group.help)]
        sections += _section(path, command)
    codes = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in MEANING.items())
    return "\n\n".join([*sections, f"## Exit codes\n\n| exit code | means |\n|---|---|\n{codes}"]) + "\n"


def commands(command: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command that does something, with the words that call it; those without a group come first."""
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
    else:
        for name, each in sorted(below.items(), key=lambda item: hasattr(item[1], "commands")):
            yield from commands(each, *path, name)


def examples(command: Any) -> list[str]:
    """The example lines of a command's help."""
    _, *shown = _EXAMPLES.split(command.help or "")
    return [line.strip() for text in shown for line in text.splitlines() if line.strip()]


def _section(path: tuple[str, ...], command: Any) -> list[str]:
    told = _EXAMPLES.split((command.help or "").replace("\b\n", ""))[0]
    paragraphs = [_plain(part) for part in told.split("\n\n") if part.strip()]
    context = typer.Context(command, info_name=path[-1])
    rows = [_row(parameter, context) for parameter in command.params if parameter.name not in _ABOUT_THE_SHELL]
    table = ["\n".join(["| | |", "|---|---|", *rows])] if rows else []
    shown = "```text\n" + "\n".join(examples(command)) + "\n```"
    return [f"{'#' * (1 + len(path))} {' '.join(path)}", *paragraphs, *table, shown]


def _row(parameter: Any, context: Any) -> str:
    """An argument or option with what it takes."""
    name = re.sub(r"\s*<([^>]*)>", lambda kind: _value(kind[1]), parameter.get_help_record(context)[0])
    if parameter.param_type_name == "argument":
        name = (parameter.metavar or name.strip("[]")).strip("[]") + ("..." if parameter.nargs == -1 else "")
        left_out = "" if parameter.required else "May be left out."
    else:
        left_out = "Must be given." if parameter.required else _default(parameter)
    told = parameter.help or ""
    return f"| `{name.replace('|', BAR)}` | {_plain(told if left_out in told else f'{told} {left_out}')} |"


def _value(kind: str) -> str:
    """What stands for a value, where typer shows its type."""
    if "|" in kind:
        return f" {kind}"
    return next((f" {word}" for typed, word in _VALUES.items() if kind.startswith(typed)), "")


def _default(parameter: Any) -> str:
    default = parameter.default
    if parameter.is_flag or default is None or callable(default) or default in ("", (), []):
        return ""
    return f"Default: {getattr(default, 'value', default)}."


def _plain(text: str) -> str:
    return " ".join(text.replace("\b", "").split())
