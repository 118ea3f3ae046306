"""Run in a process of its own: removes kinds of a call, killed at one step after the other, and looks at what is left.

Prints one line for each step: how the call stood, and whether it did after the next start and after a second attempt.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.store.whole_calls import keep, state
from voice_triage.events import KeptKind
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

NOW = datetime(2026, 6, 4, 2, 0, tzinfo=UTC)
STEPS = ("write", "replace", "unlink", "open")
"""Of the operating system: whatever changes the call's folder goes through one of them."""


def _counting(step: int) -> None:
    done = 0

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def stop_at(*given: Any, **named: Any) -> Any:
            nonlocal done
            done += 1
            if done == step:
                os._exit(9)
            return call(*given, **named)

        return stop_at

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


def main(folder: Path, kinds: frozenset[KeptKind]) -> None:
    """One step after the other, until nothing is left to be killed at."""
    template = folder / "template"
    with SqlCallStore(template / FILE_NAME) as store:
        keep(store)
        old = state(store)
    new = old - kinds
    step, status = 0, 9
    while status == 9:
        step += 1
        data = folder / f"step-{step}"
        shutil.copytree(template, data)
        child = os.fork()
        if child == 0:
            store = SqlCallStore(data / FILE_NAME)
            _counting(step)
            store.parts.remove("c", kinds, NOW, "retention")
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with SqlCallStore(data / FILE_NAME) as store:
            found = state(store)
            clean = not list((data / "calls").glob("*.rewriting")) and not list((data / "calls").glob("*/.[wk]*"))
            store.parts.remove("c", kinds, NOW, "retention")
            after = state(store)
        words = {old: "old", new: "new"}
        print(words.get(found, "torn"), clean, after == new)
        shutil.rmtree(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), frozenset(KeptKind(kind) for kind in sys.argv[2:]))
