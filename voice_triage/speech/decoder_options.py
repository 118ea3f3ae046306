"""Options of Kaldi's decoder in a model's ``conf/model.conf``: how widely it searches, when an utterance ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from voice_triage.errors import ModelError


@dataclass(frozen=True, slots=True)
class DecoderOptions:
    """What is to differ from the model as it comes; None leaves an option as it is."""

    beam: float | None = None
    """How much worse than the best a path may be and still be followed; more hears better and costs computing."""
    max_active: int | None = None
    """Most paths followed at a time."""
    lattice_beam: float | None = None
    """How much worse than the best a path may be and still count in a word's confidence."""
    likely_end_s: float | None = None
    """Pause after which an utterance ends where the language model expects an end (Kaldi's rule 2)."""
    possible_end_s: float | None = None
    """Likewise where an end is possible (rule 3)."""
    any_end_s: float | None = None
    """Likewise anywhere (rule 4)."""

    @property
    def lines(self) -> Mapping[str, str]:
        """Name in the file to value, of those that are given."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {_NAMES[name]: str(value) for name, value in given.items() if value is not None}


_NAMES = {
    "beam": "beam",
    "max_active": "max-active",
    "lattice_beam": "lattice-beam",
    "likely_end_s": "endpoint.rule2.min-trailing-silence",
    "possible_end_s": "endpoint.rule3.min-trailing-silence",
    "any_end_s": "endpoint.rule4.min-trailing-silence",
}


def with_options(text: str, options: DecoderOptions) -> str:
    """The text of a ``model.conf`` with these options set and the rest unchanged. Raises ModelError if it is none."""
    wanted = dict(options.lines)
    lines = []
    for line in text.splitlines():
        if line.strip() and not line.startswith(("--", "#")):
            raise ModelError("The model's conf/model.conf is damaged. Run: voice-triage models verify")
        name = line.removeprefix("--").split("=")[0].strip()
        lines.append(f"--{name}={wanted.pop(name)}" if name in wanted else line)
    lines += [f"--{name}={value}" for name, value in wanted.items()]
    return "\n".join(lines) + "\n"
