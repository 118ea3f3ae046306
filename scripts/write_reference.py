"""Writes what the documents say of commands, settings and events from the product itself.

    python3 scripts/write_reference.py

Each part stands between two comments in docs/commands.md, docs/settings.md and docs/events.md; the rest of these files
is written by hand. tests/docs/test_reference.py says when they are out of date.
"""

from __future__ import annotations

import sys

from _steps import ROOT
from _venv import enter_venv


def main() -> int:
    """Write the parts; 1 without a virtual environment."""
    if not enter_venv(restart=True):
        return 1
    from reference.parts import PARTS, with_part

    for name, part in PARTS.items():
        path = ROOT / "docs" / name
        path.write_text(with_part(path.read_text(encoding="utf-8"), part()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
