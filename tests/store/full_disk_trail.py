"""Run as root of a name space of its own: fills a small disk under the audit trail, and frees it again.

Prints one line per finding, which the test compares.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from voice_triage.audit_trail import AuditKind
from voice_triage.errors import AuditError
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore
from voice_triage.store.trail import KeptTrail
from voice_triage.store.trail_check import check_trail


def main(disk: Path) -> None:
    """Go through a full disk's life."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
    with SqlCallStore(disk / FILE_NAME) as store:
        trail = KeptTrail(disk, store.folders.master, store)
        trail.record(AuditKind.PLAY, who="desk", call="before")
        ballast = disk / "ballast"
        ballast.write_bytes(b"")
        with suppress(OSError), ballast.open("ab", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        refused = written = 0
        while refused < 3 and written < 1000:
            try:
                trail.record(AuditKind.EXPORT, who="desk", call="full")
                written += 1
            except AuditError as error:
                refused += 1
                print("refused:", "Free some space" in str(error))
        ballast.unlink()
        trail.record(AuditKind.PLAY, who="desk", call="after")
        verdict = check_trail(trail)
        print("whole:", not verdict.problems)
        print("told:", any("lines could not be written (3)" in each for each in verdict.remarks))
        lines = [line.call for line in trail.lines() if line.call]
        print("goes on:", lines[0] == "before" and lines[-1] == "after")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
