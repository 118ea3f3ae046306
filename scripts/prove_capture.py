"""Proves on real sound servers that only the client is heard: an hour of calls that go wrong, and what hearing costs.

    python3 scripts/prove_capture.py [--minutes N] [--server pulse|pipewire] [--seed N] [--write-docs]

Servers are started in private folders, without hardware; missing ones are named and left out. Exit code 1 if any sound
came through that is not the client's, if any moment of a call is neither heard nor told as missing, or if a figure
misses its bar.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from _steps import ROOT, clean_environment
from _venv import VENV, program

DOCUMENT = ROOT / "docs" / "capture.md"
SERVERS = ("pulse", "pipewire")


def main(arguments: list[str] | None = None) -> int:
    """Run everything and print the table; returns the exit code."""
    options = _options(arguments)
    if arguments is None:
        _go_on_in_venv()
    if importlib.util.find_spec("pulsectl") is None:
        print(
            "The product's packages are not installed, or this is not Linux: run python3 scripts/test.", file=sys.stderr
        )
        return 1
    sys.path.insert(0, str(ROOT))
    from proof.capture import is_good, prove, report

    from tests.audio.sound_server import missing_programs

    found = []
    for kind in options.server or SERVERS:
        if missing := missing_programs(kind):
            print(f"{kind} is left out: {', '.join(missing)} not installed.", file=sys.stderr)
        else:
            found.append(prove(kind, options.minutes, options.seed))
    if not found:
        return 1
    command = f"python3 scripts/prove_capture.py --minutes {options.minutes:g} --seed {options.seed}"
    text = report(found, options.date, command)
    print(text)
    if options.write_docs:
        DOCUMENT.write_text(text, encoding="utf-8")
    return 0 if all(map(is_good, found)) else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--minutes", type=float, default=60.0, help="how long calls are simulated on each server (default 60)")
    add("--server", action="append", choices=SERVERS, help="only this one; may be given again")
    add("--seed", type=int, default=1, help="seed of what happens when (default 1)")
    add("--write-docs", action="store_true", help="write docs/capture.md")
    today = datetime.now().astimezone().date().isoformat()
    add("--date", default=today, help="the date that the figures bear (default: today)")
    return parser.parse_args(arguments)


def _go_on_in_venv() -> None:
    """Start again under the checkout's own Python, which has the product's packages, where there is one."""
    python = program("python")
    if Path(sys.prefix).resolve() == VENV.resolve() or not python.exists():
        return
    command = [str(python), *sys.argv]
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=clean_environment()))
    sys.stdout.flush()
    os.execve(command[0], command, clean_environment())


if __name__ == "__main__":
    sys.exit(main())
