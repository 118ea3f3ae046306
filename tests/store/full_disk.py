"""Run as root of a name space of its own: fills a small disk, frees it again, and makes it read-only.

Prints one line per finding, which the test compares.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.store.logs import running
from voice_triage.errors import StoreError
from voice_triage.store.sql_calls import SqlCallStore


def main(disk: Path) -> None:
    """Go through a full disk's life."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=True)
    log = running("c", 4000)
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    store = SqlCallStore(disk / "calls.sqlite3")
    kept = 0
    try:
        while kept < len(log):
            store.append(log[kept : kept + 10])
            kept += 10
    except StoreError as error:
        print("full:", "The disk is full" in str(error))
    print("nothing lost:", store.events("c") == log[:kept])
    ballast.unlink()
    store.append(log[kept : kept + 10])
    print("goes on:", store.events("c") == log[: kept + 10])
    store.close()

    ballast.write_bytes(b"")
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    other = disk / "other" / "calls.sqlite3"
    try:
        SqlCallStore(other)
    except StoreError as error:
        print("no room to begin:", "Free some space" in str(error) or "No space left" in str(error))
    ballast.unlink()
    with SqlCallStore(other) as store:
        print("room again:", store.notice is None and list(store.calls()) == [])

    with SqlCallStore(disk / "calls.sqlite3") as store:
        print("intact:", store.events("c") == log[: kept + 10])
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for path in (disk / "calls.sqlite3", disk / "third" / "calls.sqlite3"):
        try:
            SqlCallStore(path)
        except StoreError as error:
            print("read-only:", "write" in str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
