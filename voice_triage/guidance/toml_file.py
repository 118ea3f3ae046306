"""Reads a TOML file that people write, and says of a mistake where it stands and what was meant."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from voice_triage.errors import VoiceTriageError

T = TypeVar("T", bound=BaseModel)
Place = Sequence[str | int]
"""Keys and, in lists of tables, indices: ``("question", 3, "ask")``."""


class Strict(BaseModel):
    """A table of such a file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TomlFile:
    """One such file. Every error is of the kind given, and names file, line and key."""

    def __init__(self, path: Path, kind: type[VoiceTriageError]) -> None:
        """Raises an error of that kind if the file cannot be read as TOML."""
        self.path = path
        self._kind = kind
        try:
            self._text = path.read_text(encoding="utf-8")
            self._data = tomllib.loads(self._text)
        except OSError as error:
            raise kind(f"{path} cannot be read ({error.strerror}). Make it readable, or restore it.") from error
        except UnicodeDecodeError as error:
            raise kind(f"{path.name}: is not UTF-8 text; save it as UTF-8") from error
        except tomllib.TOMLDecodeError as error:
            raise kind(f"{path.name}: is not valid TOML: {error}") from error

    def read(self, model: type[T]) -> T:
        """The file's content, checked."""
        try:
            return model.model_validate(self._data)
        except ValidationError as error:
            found = error.errors()
            # A key misspelt is unknown, and its right name missing: the former says more.
            first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
            place = first["loc"]
            hint = ""
            if first["type"] == "extra_forbidden":
                table = _table_at(model, place[:-1])
                hint = nearest(str(place[-1]), table.model_fields) if table is not None else ""
            what = "unknown key" if hint else first["msg"].removeprefix("Value error, ")
            raise self.mistake(place, f"{what}{hint}") from error

    def mistake(self, place: Place, what: str) -> VoiceTriageError:
        """An error at ``place`` of this file, to be raised."""
        dotted = ".".join(str(key) for key in place if not isinstance(key, int))
        name = self._name(place)
        return self._kind(f"{self.path.name}:{self.line(place)}: {f'{name}: ' if name else ''}{dotted}: {what}")

    def line(self, place: Place) -> int:
        """The line (from 1) at which something stands, or else the table that holds it."""
        at = 0
        for step, key in enumerate(place):
            if isinstance(key, int):
                continue
            number = place[step + 1] if step + 1 < len(place) else None
            word = re.escape(key)
            if isinstance(number, int) and (tables := list(re.finditer(rf"(?m)^\s*\[\[{word}\]\]", self._text))):
                at = tables[min(number, len(tables) - 1)].start()
                at += len(self._text[at:]) - len(self._text[at:].lstrip())
                continue
            begin = re.compile(rf"(?m)^\s*(?:\[\[?(?:[\w.]+\.)?{word}[.\]]|\"?{word}\"?\s*=)").search(self._text, at)
            if begin is not None:
                at = begin.start() + len(begin[0]) - len(begin[0].lstrip())
        return self._text.count("\n", 0, at) + 1

    def _name(self, place: Place) -> str:
        """The ``id`` or ``name`` of the entry that a place is in."""
        at: object = self._data
        name = ""
        for key in place:
            try:
                at = at[key]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                break
            if isinstance(at, dict):
                name = str(at.get("id", at.get("name", name)))
        return name


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message: which of the known names was meant, or which there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(names)}" if len(names) <= 40 else ""


def _table_at(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """The model of the table at ``place`` within the file of ``model``."""
    table: type[BaseModel] | None = model
    for key in place:
        if isinstance(key, int) or table is None:
            continue
        field = table.model_fields.get(key)
        if field is None:
            continue  # a name of the author's own, within a table of tables
        table = _model_in(field.annotation)
    return table


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
