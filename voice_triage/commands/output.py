"""Where commands write: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from typing import Any


def result(text: str) -> None:
    """A line of the result, on standard output."""
    sys.stdout.write(_fit(text, sys.stdout.encoding) + "\n")
    sys.stdout.flush()


def result_json(data: Any) -> None:
    """One JSON object on one line of standard output, in ASCII, so that any terminal and pipe carries it."""
    result(json.dumps(data, allow_nan=False))


def note(text: str) -> None:
    """A line for the person who runs the command, on standard error."""
    sys.stderr.write(_fit(text, sys.stderr.encoding) + "\n")
    sys.stderr.flush()


def _fit(text: str, encoding: str | None) -> str:
    """Characters that the terminal cannot show become escapes: a name must not end the command."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
