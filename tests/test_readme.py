"""The README says what the product does."""

from __future__ import annotations

import re

from typer.main import get_command

from voice_triage import resources
from voice_triage.cli import app
from voice_triage.commands.exits import MEANING

README = (resources.PACKAGE_DIR.parent / "README.md").read_text(encoding="utf-8")


def test_the_exit_codes_are_those_of_the_program() -> None:
    """The table holds every code with the meaning that ``voice-triage --help`` gives it, and no other."""
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", README, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == {int(code): text for code, text in MEANING.items()}


def test_every_command_is_named_and_every_named_command_exists() -> None:
    """No command is missing in the table, and none is promised that is not there."""
    table = README.split("| command | does |")[1].split("\n\n")[0]
    named = {word for line in table.splitlines() for word in re.findall(r"`(\w+)", line.partition(" | ")[0])}
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert commands <= named
    assert named - commands == {"verify", "list"}, "subcommands of models"


def test_every_file_it_names_is_there() -> None:
    """Links lead somewhere."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert all((resources.PACKAGE_DIR.parent / link).exists() for link in links)
