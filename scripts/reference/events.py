"""Every type of event with its keys, as its own source tells them."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import re
import sys
import textwrap
import types
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from voice_triage.events import EVENT_TYPES, TENTATIVE

_HEADINGS = {
    "events": "The call",
    "heard": "What was heard",
    "findings": "What was understood, and what is shown for it",
    "desk_actions": "What the CSR did",
    "consent": "Whether it may be kept",
    "kept_kinds": "What was deleted of it",
    "review_events": "What a supervisor made of it later",
}
"""Module to what its events are about."""


def event_reference() -> str:
    """Every event by what it is about, then the records within them, as Markdown."""
    text = []
    for module, heading in _HEADINGS.items():
        ours = [kind for kind in EVENT_TYPES.values() if kind.__module__ == f"voice_triage.{module}"]
        text += [f"## {heading}", *(_section(kind) for kind in ours)]
    text += ["## Records within events", *(_section(kind) for kind in _records())]
    return "\n\n".join(text) + "\n"


def _records() -> list[type]:
    """Records that are values of events, each once, in the order in which events name them."""
    found: dict[type, None] = {}
    waiting = list(EVENT_TYPES.values())
    while waiting:
        for kind in _kinds_in(waiting.pop(0)):
            if dataclasses.is_dataclass(kind) and kind not in found:
                found[kind] = None
                waiting.append(kind)
    return list(found)


def _kinds_in(kind: type) -> Iterator[type]:
    for hint in get_type_hints(kind).values():
        yield from (part for part in (hint, *get_args(hint)) if isinstance(part, type))


def _section(kind: type) -> str:
    told = _told(kind)
    tentative = ["Shown live, never kept."] if kind in TENTATIVE else []
    rows = [
        f"| `{field.name}` | {_value(get_type_hints(kind)[field.name])} | {told.get(field.name, '')} |".replace(
            "|  |", "| |"
        )
        for field in dataclasses.fields(kind)
    ]
    table = "\n".join(["| key | value | meaning |", "|---|---|---|", *rows])
    return "\n\n".join([f"### {kind.__name__}", _plain(inspect.getdoc(kind) or ""), *tentative, table])


def _value(hint: Any) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join("null" if part is type(None) else _value(part) for part in get_args(hint))
    if get_origin(hint) is tuple:
        return f"list of {_value(get_args(hint)[0])}"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return ", ".join(f"`{member}`" for member in hint)
    if dataclasses.is_dataclass(hint):
        name: str = hint.__name__  # type: ignore[union-attr]
        return f"[{name}](#{name.lower()})"
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}[hint]


def _told(kind: type) -> dict[str, str]:
    """Field to the line of text below it in the source, which Python itself does not keep."""
    module = sys.modules[kind.__module__]
    tree = ast.parse(textwrap.dedent(inspect.getsource(module)))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == kind.__name__)
    told = {}
    for node, after in itertools.pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(after, ast.Expr):
            told[node.target.id] = _plain(str(ast.literal_eval(after.value)))
    return told


def _plain(docstring: str) -> str:
    """A docstring's text as Markdown on one line."""
    text = re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", " ".join(docstring.split()))
    return text.replace("``", "`").replace("|", "\\|")
