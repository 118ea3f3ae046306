"""What every benchmark's command line ends with: where its figures go."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from _steps import ROOT


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Adds ``--json``, ``--write-docs``, ``--docs`` and ``--date``."""
    add = parser.add_argument
    add("--json", type=Path, metavar="FILE", help="also write every figure there")
    add("--write-docs", action="store_true", help="put the figures into docs/benchmarks.md")
    add("--docs", type=Path, metavar="FILE", default=ROOT / "docs" / "benchmarks.md", help=argparse.SUPPRESS)
    today = datetime.now().astimezone().date().isoformat()
    add("--date", default=today, help="the date that the figures bear (default: today)")
