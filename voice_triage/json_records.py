"""Frozen records from parsed JSON, by their type hints: strict, and quick enough for a whole call's log.

Handles ``str``, ``int``, ``bool``, ``float`` (finite: JSON knows no other; an integer counts), string enums, optional
values, tuples of one kind (``tuple[X, ...]``) and records within records.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def read_record(kind: type[T], value: object) -> T:
    """The dataclass ``kind`` with the values of a parsed JSON object; tuples are taken for lists.

    Raises ValueError for a key that is unknown, missing or holds the wrong kind of value; its message names the key,
    never the value.
    """
    return cast(T, _reader(cast(Any, kind))(value))


_Reader = Callable[[Any], Any]
"""Turns a value from JSON into one of a record's field; raises ValueError."""


@functools.cache  # resolving type hints takes ten times as long as reading the record
def _reader(hint: Any) -> _Reader:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record_reader(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _choice_reader(hint)
    if get_origin(hint) is tuple:
        return _tuple_reader(_reader(get_args(hint)[0]))
    if get_origin(hint) in (Union, types.UnionType):
        present, none = get_args(hint)
        if none is type(None):
            return _optional_reader(_reader(present))
    elif hint is float:
        return _read_number
    elif hint in (str, int, bool):
        return _exact_reader(hint)
    raise TypeError(f"a record cannot hold {hint!r} yet: say here how it is read")


def _record_reader(kind: type) -> _Reader:
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    required = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError("must be an object")
        if unknown := value.keys() - readers.keys():
            raise ValueError(f"unknown keys {sorted(map(str, unknown))}")
        if missing := required - value.keys():
            raise ValueError(f"missing keys {sorted(missing)}")
        fields = {}
        for key, item in value.items():
            try:
                fields[key] = readers[key](item)
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from error
        return kind(**fields)

    return read


def _choice_reader(kind: type[StrEnum]) -> _Reader:
    choices = {str(member): member for member in kind}

    def read(value: Any) -> StrEnum:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return choices[value]

    return read


def _tuple_reader(read_item: _Reader) -> _Reader:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError("must be a list")
        return tuple([read_item(item) for item in value])

    return read


def _optional_reader(read_present: _Reader) -> _Reader:
    return lambda value: None if value is None else read_present(value)


def _exact_reader(kind: type) -> _Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"must be {kind.__name__}, not {type(value).__name__}")
        return value

    return read


def _read_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number, not {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError("must be finite")
    return number
