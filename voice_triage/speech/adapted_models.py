"""The adapted models beside a model: which one is ready, making one, clearing away those nobody needs any more."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from voice_triage.errors import ModelError
from voice_triage.speech.adaptation import SOUND_GRAPH, TEMPORARY_PREFIX, WORD_GRAPH, DomainText, Step, adapt
from voice_triage.speech.adaptation_record import FILE_NAME, Adaptation, AdaptationSettings, key_of
from voice_triage.speech.model_files import ModelInForce, only_one

INFIX = "-adapted-"
KEPT = 3
"""Adapted models of one original that stay, the most recently used ones: two desks may use two lexicons at a time."""
_KEY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class AdaptedModel:
    """A folder with an adapted model, its files as they were made."""

    folder: Path
    record: Adaptation

    @property
    def in_force(self) -> ModelInForce:
        """As the recognizer is to load it."""
        return ModelInForce(self.folder.name, self.folder, self.record.key, None)


class AdaptedModels:
    """Those of one original model, in a models folder."""

    def __init__(self, original: ModelInForce, models_dir: Path) -> None:
        self.original = original
        self._models_dir = models_dir
        self._prefix = f"{original.name}{INFIX}"

    @property
    def possible(self) -> bool:
        """Whether the original has its word graph apart; a model in one piece cannot be adapted."""
        return all((self.original.folder / name).is_file() for name in (WORD_GRAPH, SOUND_GRAPH))

    def key(self, text: str, settings: AdaptationSettings) -> str:
        """Identity of the one made from the domain text of hash ``text``."""
        return key_of(self._origin(text), settings)

    def find(self, key: str) -> tuple[AdaptedModel | None, str]:
        """The one with this identity if it is there and whole, and what is wrong with it (mostly nothing)."""
        folder = self._folder(key)
        if not folder.exists():
            return None, ""
        try:
            record = Adaptation.read(folder)
        except ModelError as error:
            return None, str(error)
        problems = record.problems(folder)
        if problems or record.key != key:
            what = str(problems[0]) if problems else "it is another one"
            return None, f"The adapted model {folder.name} is damaged ({what}) and is made again."
        return AdaptedModel(folder, record), ""

    def newest(self) -> AdaptedModel | None:
        """The one last used, whatever it was made from, to be used until the right one is ready."""
        for folder in self._by_use():
            with suppress(ModelError):
                record = Adaptation.read(folder)
                fits = record.origin.get("model") == self.original.digest
                if fits and folder == self._folder(record.key) and not record.problems(folder):
                    return AdaptedModel(folder, record)
        return None

    def all(self) -> list[Path]:
        """Their folders, whole or not, the last used first."""
        return self._by_use()

    def make(
        self,
        text_hash: str,
        text: Callable[[], DomainText],
        settings: AdaptationSettings,
        progress: Callable[[Step], None],
        *,
        force: bool = False,
    ) -> tuple[AdaptedModel, bool]:
        """The one for a domain text, and whether it was made now: it may be there, or another process just made it.

        Raises ModelError, and what ``text`` raises.
        """
        if not self.possible:
            raise ModelError(
                f"The model {self.original.name} has its graph in one piece and cannot be adapted: it is used as it "
                "comes. To have it adapted, choose another one with the setting model."
            )
        origin = self._origin(text_hash)
        key = key_of(origin, settings)
        folder = self._folder(key)
        try:
            self._models_dir.mkdir(parents=True, exist_ok=True)
            lock = only_one(self._models_dir, lambda: progress(Step("Waiting for another process", 0.0)))
            with lock:
                found, _ = (None, "") if force else self.find(key)
                if found is not None:
                    return found, False
                for left in self._models_dir.glob(f"{TEMPORARY_PREFIX}*"):  # of a process that was killed
                    shutil.rmtree(left, ignore_errors=True)
                record = adapt(self.original.folder, folder, text(), settings, origin=origin, progress=progress)
                made = AdaptedModel(folder, record)
                self.used(made)
                self._clear_away()
        except OSError as error:
            raise ModelError(
                f"The adapted model cannot be written to {self._models_dir}: {error}. Make room on the disk, or choose "
                "another folder with the setting models_dir."
            ) from error
        return made, True

    def used(self, model: AdaptedModel) -> None:
        """Note that it is loaded now."""
        with suppress(OSError):  # on a read-only disk, where nothing is cleared away either
            os.utime(model.folder / FILE_NAME)

    def _origin(self, text: str) -> Mapping[str, str]:
        return {"model": self.original.digest, "text": text}

    def _folder(self, key: str) -> Path:
        return self._models_dir / f"{self._prefix}{key[:_KEY_DIGITS]}"

    def _by_use(self) -> list[Path]:
        """Newest first; those without a record last."""
        folders = [folder for folder in self._models_dir.glob(f"{self._prefix}*") if folder.is_dir()]
        return sorted(folders, key=_last_use, reverse=True)

    def _clear_away(self) -> None:
        for folder in self._by_use()[KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)


def _last_use(folder: Path) -> tuple[float, str]:
    try:
        return (folder / FILE_NAME).stat().st_mtime, folder.name
    except OSError:
        return 0.0, folder.name
