"""Identity of code: what a piece of it made and kept is made anew when it changes, without a number to be raised."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def code_hash(*modules: Path) -> str:
    """SHA-256 of the text of these modules' files, in hexadecimal; read once per process. Raises OSError."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(hashlib.sha256(module.read_bytes()).digest())
    return digest.hexdigest()
