"""The recognizer of the next call: adapted to the lexicon as soon as that is ready, until then one that is there.

A call never waits for it. What is missing is made in the background, and loaded there, too.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from voice_triage import own_process
from voice_triage.call_log import where
from voice_triage.ear import RecognizerFactory
from voice_triage.errors import ModelError, VoiceTriageError
from voice_triage.settings import Settings
from voice_triage.speech.model_files import ModelInForce

log = logging.getLogger(__name__)

_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model is to be loaded now."""

    model: ModelInForce
    wanted: str
    """Identity of the one that is wanted; not this one if it is not ready."""
    notice: str = ""
    """What is wrong, for a person; mostly nothing."""

    @property
    def ready(self) -> bool:
        """Whether this is the one that is wanted."""
        return self.model.digest == self.wanted


@dataclass(frozen=True, slots=True)
class Hearing:
    """A model in memory."""

    new_recognizer: RecognizerFactory
    label: str
    """Name and hash, for a call's log."""


class HearingInForce:
    """Watches what is wanted. :meth:`current` is called by one thread, before each call."""

    def __init__(
        self,
        choose: Callable[[], Choice],
        load: Callable[[ModelInForce], Hearing],
        prepare: Callable[[threading.Event], None] | None,
        fallback: Callable[[], ModelInForce],
    ) -> None:
        """Load what is there, which takes a second; what is wanted and not there is prepared in the background.

        ``choose`` looks (quickly) which model is there; ``prepare`` makes the one wanted, gives up when its event is
        set, and raises ModelError; without it nothing is ever made or loaded later. ``fallback`` is the model to load
        if an adapted one does not load. Raises what ``choose`` and ``load`` raise.
        """
        self._choose = choose
        self._load = load
        self._prepare = prepare
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._worker: threading.Thread | None = None
        self._complaint = ""
        self._tried = ""
        """What was wanted when a worker last began: a failure is not repeated before every call."""
        choice = choose()
        self._notice = choice.notice
        try:
            self._hearing, self._loaded = load(choice.model), choice.model.digest
        except ModelError as error:
            original = fallback()
            if original.digest == choice.model.digest:
                raise
            self._notice = f"The adapted model cannot be loaded, the original one is used: {error}"
            self._hearing, self._loaded = load(original), original.digest
            self._tried = choice.wanted
        self._follow(choice)

    def current(self) -> tuple[Hearing, str]:
        """The recognizer for the next call, and what is wrong (mostly nothing). Never waits."""
        if self._worker is None or not self._worker.is_alive():
            try:
                choice = self._choose()
                self._notice = choice.notice
                self._follow(choice)
            except VoiceTriageError as error:
                self._notice = f"What is heard with stays as it is: {error}"
        with self._lock:
            return self._hearing, self._complaint or self._notice

    def close(self) -> None:
        """Give up what is being prepared. Idempotent."""
        self._stopped.set()
        if self._worker is not None:
            self._worker.join()

    def _follow(self, choice: Choice) -> None:
        """Begin to prepare or load what is wanted, unless it is loaded or was tried in vain."""
        prepare = self._prepare
        if prepare is None:
            return
        if choice.wanted in (self._loaded, self._tried) or self._stopped.is_set():
            return
        self._tried = choice.wanted
        self._complaint = ""
        self._worker = threading.Thread(target=self._work, args=(choice, prepare), name="adapt", daemon=True)
        self._worker.start()

    def _work(self, choice: Choice, prepare: Callable[[threading.Event], None]) -> None:
        try:
            if not choice.ready:
                prepare(self._stopped)
                choice = self._choose()
            if self._stopped.is_set():
                return
            if not choice.ready:
                raise ModelError("it was made and then not found. Run: voice-triage models adapt")
            hearing = self._load(choice.model)
        except VoiceTriageError as error:
            log.error("adapting the recognizer failed: %s", where(error))
            with self._lock:
                self._complaint = f"The recognizer is not adapted to the lexicon, and hears less well: {error}"
            return
        with self._lock:
            self._hearing, self._loaded = hearing, choice.model.digest
            self._tried = ""


def prepare_apart(settings: Settings, stopped: threading.Event) -> None:
    """Run ``voice-triage models adapt`` for these settings as a process of its own, at low priority.

    Apart, because it computes for some ten seconds and takes 350 MB, which a call must not feel. Ends it when
    ``stopped`` is set. Raises ModelError with what it said last.
    """
    said = b""
    try:
        process = own_process.begin(settings, "models", "adapt", "--gently")
    except OSError as error:
        raise ModelError(f"it could not be begun ({error}). Run: voice-triage models adapt") from error
    with process:
        while not stopped.is_set():
            with suppress(subprocess.TimeoutExpired):
                _, said = process.communicate(timeout=_POLL_S)
                break
        else:
            process.terminate()
            process.communicate()
            return
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        raise ModelError(lines[-1] if lines else f"it ended with exit code {process.returncode}")
