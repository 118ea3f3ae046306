"""What an adapted model was made of and what it holds: the file ``adaptation.json`` in its folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from voice_triage.code_hash import code_hash
from voice_triage.errors import ModelError
from voice_triage.speech.decoder_options import DecoderOptions
from voice_triage.speech.model_files import Problem, problems_of
from voice_triage.speech.model_manifest import PinnedFile
from voice_triage.speech.model_sources import sha256_of

FILE_NAME = "adaptation.json"
MAKERS = (
    "acoustic_phones.py", "adaptation.py", "decoder_options.py", "domain_model.py", "fst_file.py", "graft.py",
    "interpolation.py", "lookahead_fst.py", "ngram_fst.py", "ngram_model.py",
)  # fmt: skip
"""Modules by which a model is adapted: it is made anew when one of them changes, as when what it is made from does."""


@dataclass(frozen=True)
class AdaptationSettings:
    """How strongly a domain text counts, and how to decode. Defaults as measured (``docs/benchmarks.md``)."""

    weight: float
    """Share of the domain text in the language model, above 0 and below 1."""
    history_exponent: float = 0.25
    """How much less the text counts after words that it does not hold; 0 lets it count the same everywhere."""
    decoder: DecoderOptions = field(default_factory=DecoderOptions)
    single_weight: float = 0.03
    """The text's share in single words, where their context is new to both models; never more than ``weight``."""


def key_of(origin: Mapping[str, str], settings: AdaptationSettings) -> str:
    """Identity of an adapted model: SHA-256 of all that it depends on, in hexadecimal."""
    makers = code_hash(*(Path(__file__).with_name(name) for name in MAKERS))
    parts = {"makers": makers, "origin": dict(origin), "settings": asdict(settings)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileState(_Row):
    """One file as it was written."""

    size_bytes: int
    time_ns: int
    """Of its last change; while it and the size are the same, the content is taken to be."""
    sha256: str


class Adaptation(_Row):
    """An adapted model."""

    key: str
    origin: Mapping[str, str]
    """What it was made from: names to hashes."""
    settings: AdaptationSettings
    tokens: int
    """Words of the domain text, ends of sentences included."""
    grafted: tuple[str, ...]
    """Words that can be heard now and could not before."""
    refused: tuple[str, ...]
    """Words with pronunciations that this model's sounds cannot say."""
    unheard: Mapping[str, int]
    """Words of the domain text that still cannot be heard, and how often it has them."""
    ngrams: tuple[int, ...]
    """Words, pairs and triples in the language model."""
    seconds: float
    """How long it took to make."""
    files: Mapping[str, FileState]

    @property
    def size_bytes(self) -> int:
        """Of the folder; files that did not change share their room on the disk with the original's, where it can."""
        return sum(file.size_bytes for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Raises OSError."""
        (folder / FILE_NAME).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Adaptation:
        """Raises ModelError if there is none that can be used."""
        try:
            return cls.model_validate_json((folder / FILE_NAME).read_bytes())
        except (OSError, ValidationError) as error:
            raise ModelError(
                f"The adapted model {folder.name} is damaged: its {FILE_NAME} cannot be read. "
                "Make it again with: voice-triage models adapt --force"
            ) from error

    def problems(self, folder: Path, *, thorough: bool = False) -> list[Problem]:
        """What is wrong with the files in ``folder``; files that look untouched are hashed only if ``thorough``."""
        pinned = [PinnedFile(path=path, size_bytes=f.size_bytes, sha256=f.sha256) for path, f in self.files.items()]
        untouched: dict[str, Any] = {}
        if not thorough:
            untouched = {path: [f.size_bytes, f.time_ns, f.sha256] for path, f in self.files.items()}
        return problems_of(pinned, folder, untouched)


def files_of(folder: Path) -> dict[str, FileState]:
    """Every file in a folder as it is now. Raises OSError."""
    found: dict[str, FileState] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        state = path.stat()
        name = path.relative_to(folder).as_posix()
        found[name] = FileState(size_bytes=state.st_size, time_ns=state.st_mtime_ns, sha256=sha256_of(path))
    return found
