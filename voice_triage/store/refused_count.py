"""How many calls a day were refused: all that remains of them. Days and numbers, nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from voice_triage.errors import StoreError

FILE_NAME = "refused-calls.json"
_LOCK_S = 5.0


class RefusedCount:
    """The count in a data folder; several processes may use it."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE_NAME

    def by_day(self) -> Mapping[str, int]:
        """ISO date to number, the oldest first. Raises StoreError."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return {date.fromisoformat(day).isoformat(): int(number) for day, number in sorted(found.items())}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise StoreError(f"{self.path} cannot be read. Move it elsewhere; counting then begins anew.") from error

    def add(self, day: date, change: int) -> None:
        """Count a refused call, or take one back (``change`` -1); durable when it returns. Raises StoreError."""
        new = self.path.with_name(f".{self.path.name}.new")
        try:
            with FileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=_LOCK_S, mode=0o600):
                counts = {**self.by_day()}
                counts[day.isoformat()] = max(0, counts.get(day.isoformat(), 0) + change)
                descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(json.dumps(counts).encode())
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(self.path)
        except (OSError, Timeout) as error:
            raise StoreError(
                f"A refused call could not be counted in {self.path}. Check that its folder may be written to and "
                "has room."
            ) from error
