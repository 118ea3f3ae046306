"""A writer in a process of its own, to be killed: keeps one call's log and prints each number whose append returned.

Waits for a line on its standard input before it opens the store.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tests.store.logs import running
from voice_triage.store.sql_calls import SqlCallStore


def main(path: str, call: str, length: str) -> None:
    """Append the log in pieces of one to four events."""
    log = running(call, int(length))
    sizes = random.Random(call)
    print("waiting", flush=True)
    sys.stdin.readline()
    with SqlCallStore(Path(path)) as store:
        print("set aside" if store.notice else "open", flush=True)
        done = 0
        while done < len(log):
            size = sizes.randint(1, 4)
            store.append(log[done : done + size])
            done = min(done + size, len(log))
            print(done, flush=True)
        print("closing", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
