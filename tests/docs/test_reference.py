"""What the documents say of commands, settings and events is what the product says of itself."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import typer

from voice_triage import resources
from voice_triage.cli import app
from voice_triage.events import EVENT_TYPES

DOCS = resources.PACKAGE_DIR.parent / "docs"
PROGRAM = "voice-triage"


@pytest.fixture(scope="module")
def parts() -> Iterator[ModuleType]:
    """The script's own module; scripts are no package of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(DOCS.parent / "scripts"), *sys.path])
        yield importlib.import_module("reference.parts")


@pytest.mark.parametrize("name", ["commands.md", "settings.md", "events.md"])
def test_a_reference_is_what_the_product_says_of_itself(parts: ModuleType, name: str) -> None:
    """Every command with every option, every setting, every event with every key; scripts/write_reference.py writes."""
    assert set(parts.PARTS) == {"commands.md", "settings.md", "events.md"}
    assert parts.part_of((DOCS / name).read_text(encoding="utf-8")) == parts.PARTS[name]()


def test_no_option_and_no_key_is_left_out(parts: ModuleType) -> None:
    """What writes the reference skips nothing: it is compared with the command line and the events themselves."""
    del parts
    reference = importlib.import_module("reference.commands")
    sections = _sections((DOCS / "commands.md").read_text(encoding="utf-8"))
    for path, command in reference.commands(typer.main.get_command(app)):
        options = {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}
        rows = re.findall(r"^\| `(.*?)` \|", sections[" ".join(path)], re.MULTILINE)
        named = {word.rstrip(",") for row in rows for word in row.split()}
        assert {option for option in options if option.startswith("-")} <= named, path
    events = _sections((DOCS / "events.md").read_text(encoding="utf-8"))
    for name, kind in EVENT_TYPES.items():
        assert set(re.findall(r"^\| `(\w+)` \|", events[name], re.MULTILINE)) == set(kind.__dataclass_fields__)  # type: ignore[attr-defined]


def test_the_examples_of_every_command_can_be_typed_as_they_stand(parts: ModuleType) -> None:
    """Each is understood: the command is there, takes these options, and nothing is missing."""
    del parts
    reference = importlib.import_module("reference.commands")
    for path, command in reference.commands(typer.main.get_command(app)):
        shown = reference.examples(command)
        assert shown, path
        for line in shown:
            words = shlex.split(line.partition(f"{PROGRAM} ")[2].partition(" > ")[0])
            assert tuple(words[: len(path)]) == path
            assert _understood(command, words[len(path) :]), line


def _sections(text: str) -> dict[str, str]:
    """Heading to what stands below it."""
    _, *sections = re.split(r"^#{2,4} ", text, flags=re.MULTILINE)
    return {heading: body for heading, _, body in (section.partition("\n") for section in sections)}


def _understood(command: Any, words: list[str]) -> bool:
    """Whether a command's own reader takes the words; nothing is done."""
    with command.make_context(command.name, list(words)) as context:
        return context is not None
