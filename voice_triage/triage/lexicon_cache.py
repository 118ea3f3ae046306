"""Compiled templates kept between starts as JSON: they take a second or two to expand and a moment to read."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from voice_triage.code_hash import code_hash
from voice_triage.triage.lexicon import Compiled, Element, Pattern

_MAKERS = ("lexicon.py", "lexicon_compiler.py", "disfluency.py", "tokens.py", "cues.py")
"""Modules whose change makes a compiled form outdated."""


def read(folder: Path, digest: str) -> Compiled | None:
    """The compiled templates of the lexicon with this hash; None if they are not there or damaged."""
    try:
        data = json.loads(_file(folder, digest).read_text(encoding="utf-8"))
        patterns = tuple(
            Pattern(concept, tuple(Element(*element) for element in elements), str(meant))
            for concept, elements, meant in data["patterns"]
        )
        phrases = {
            number: tuple(tuple(phrase.split(" ")) for phrase in part) for number, part in enumerate(data["phrases"])
        }
        cues = {tuple(phrase.split(" ")): tuple(names) for names, alike in data["cues"] for phrase in alike}
        return Compiled(patterns, phrases, cues)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # a cache that cannot be read is compiled again


def write(folder: Path, digest: str, compiled: Compiled) -> None:
    """Keep compiled templates. A cache that cannot be written costs a second at the next start, nothing else."""
    cues: dict[tuple[str, ...], list[str]] = {}
    for phrase, names in compiled.cues.items():
        cues.setdefault(names, []).append(" ".join(phrase))
    data = {
        "patterns": [
            [pattern.concept, [[e.part, e.group, e.gap] for e in pattern.elements], pattern.meant]
            for pattern in compiled.patterns
        ],
        "phrases": [[" ".join(phrase) for phrase in compiled.phrases[n]] for n in range(len(compiled.phrases))],
        "cues": list(cues.items()),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            file.write(json.dumps(data))  # a tenth of the time of json.dump
        Path(file.name).replace(_file(folder, digest))
    except OSError:
        return


def _file(folder: Path, digest: str) -> Path:
    makers = code_hash(*(Path(__file__).with_name(name) for name in _MAKERS))
    return folder / f"lexicon-{digest[:16]}-{makers[:8]}.json"
