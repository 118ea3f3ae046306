"""What ``scripts/prove`` does: runs the long proofs, each of which shows a promise of the product kept for hours.

    python3 scripts/prove [PART ...] [--tenth] [--seed N] [--write-docs]

Without a part, all of them. ``--tenth`` is what CI runs: a tenth of each, chosen by the seed. ``--write-docs`` writes
the tables to docs/proofs/, to be committed. Exit code 1 if a promise is broken or a part could not be run.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import platform
import sys
import textwrap
from datetime import datetime

from _steps import ROOT
from _venv import enter_venv

DOCUMENTS = ROOT / "docs" / "proofs"
PARTS = {
    "capture": "an hour of calls that go wrong on real sound servers: only the client is heard, in time, cheaply",
    "inventions": "an hour of noise, tones, music and barking through both ears becomes no flag and no field",
    "archive": "10,000 kept calls are listed and searched quickly, and an hour's call is heard from anywhere",
    "keeping": "200 kills at random moments: no kept event lost, no file unreadable, at most 3 s of sound missing",
}
"""Name to what it proves. Each is ``scripts/proof/NAME.py`` with ``prove(share, seed)``, which returns a Proof."""
TENTH = 0.1


def main(arguments: list[str] | None = None) -> int:
    """Run the parts and print their tables; returns the exit code."""
    options = _options(arguments)
    if not enter_venv(restart=arguments is None):
        return 1
    broken = []
    for name in options.parts or PARTS:
        print(f"{name}: {PARTS[name]}", file=sys.stderr, flush=True)
        proof = importlib.import_module(f"proof.{name}").prove(TENTH if options.tenth else 1.0, options.seed)
        text = f"{proof.text}\n{_about(name, options)}\n"
        print(text, flush=True)
        if not proof.is_kept:
            broken.append(name)
        if options.write_docs:
            DOCUMENTS.mkdir(parents=True, exist_ok=True)
            (DOCUMENTS / f"{name}.md").write_text(text, encoding="utf-8")
    if broken:
        print(f"NOT PROVEN: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parts = "\n".join(f"  {name:12} {what}" for name, what in PARTS.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"parts:\n{parts}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []], help="only these")
    parser.add_argument("--tenth", action="store_true", help="a tenth of each")
    parser.add_argument("--seed", type=int, default=1, help="seed of all chance (default 1)")
    parser.add_argument("--write-docs", action="store_true", help="write docs/proofs/PART.md")
    return parser.parse_args(arguments)


def _about(name: str, options: argparse.Namespace) -> str:
    """Where the figures are from; without the machine's name."""
    command = f"python3 scripts/prove {name}{' --tenth' if options.tenth else ''} --seed {options.seed}"
    date = datetime.now().astimezone().date().isoformat()
    text = (
        f"Measured on {date} by `{command}`: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}."
    )
    return textwrap.fill(text, 120, break_on_hyphens=False)
