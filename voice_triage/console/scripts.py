"""Which scripts a page needs, so that it can ask for all of them at once instead of one import after the other."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

_IMPORTS = re.compile(r'^\s*(?:import|export)\b[^"\n]*\bfrom "(\.[^"]+)";', re.MULTILINE)


def scripts_of(folder: Path, first: str) -> list[str]:
    """``first`` and everything it imports, by path below ``folder``, each once. Raises OSError for one that lacks."""
    found = [first]
    for name in found:  # grows while it is gone through
        for imported in _IMPORTS.findall((folder / name).read_text(encoding="utf-8")):
            path = str(PurePosixPath(*_plain((PurePosixPath(name).parent / imported).parts)))
            if path not in found:
                found.append(path)
    return found


def _plain(parts: tuple[str, ...]) -> list[str]:
    plain: list[str] = []
    for part in parts:
        if part == "..":
            plain.pop()
        else:
            plain.append(part)
    return plain
