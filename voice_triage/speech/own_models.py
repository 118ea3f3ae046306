"""Models of one's own, given by their path: checked for plausibility, identified by their files' names and sizes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from voice_triage.errors import ModelError
from voice_triage.speech.model_manifest import Engine


def digest_of_own(folder: Path, engine: Engine) -> str:
    """Check that ``folder`` looks like a model for ``engine`` and identify it, in hexadecimal.

    Raises ModelError that says what is missing: both engines end the whole process over a folder that is no model.
    """
    what = {"vosk": "an unpacked Vosk model", "whisper": "a Whisper model converted for CTranslate2"}[engine]
    if not folder.is_dir():
        raise ModelError(f"The model folder {folder} does not exist. Give the path of {what}.")
    missing = _missing_vosk(folder) if engine == "vosk" else _missing_whisper(folder)
    if missing:
        landmark, parts = {
            "vosk": ("am/final.mdl", "am/, conf/ and graph/"),
            "whisper": ("model.bin", "model.bin, config.json and tokenizer.json"),
        }[engine]
        inner = next((child for child in sorted(folder.iterdir()) if (child / landmark).is_file()), None)
        hint = f" Did you mean {inner}?" if inner else f" Give the folder that holds {parts}."
        name = {"vosk": "a Vosk model", "whisper": what}[engine]
        raise ModelError(f"{folder} is not {name}: missing {'; '.join(missing)}.{hint}")
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}\n".encode())
    return digest.hexdigest()


def _missing_vosk(folder: Path) -> list[str]:
    """Either layout that Vosk 0.3.45 loads will do."""
    nested = folder / "am" / "final.mdl"
    needed = ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf"] if nested.exists() else ["final.mdl", "mfcc.conf"]
    graph = folder / "graph" if nested.exists() else folder
    missing = [name for name in needed if not (folder / name).is_file()]
    if not (graph / "HCLG.fst").is_file() and not ((graph / "HCLr.fst").is_file() and (graph / "Gr.fst").is_file()):
        missing.append("HCLG.fst, or HCLr.fst with Gr.fst")
    return missing


def _missing_whisper(folder: Path) -> list[str]:
    # Without tokenizer.json faster-whisper would ask the Hugging Face hub for one.
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (folder / name).is_file()]
    if not any(folder.glob("vocabulary.*")):
        missing.append("vocabulary.txt or vocabulary.json")
    return missing
