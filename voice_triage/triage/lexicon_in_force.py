"""The lexicon that the next call is read by: an edit takes effect between calls, a broken one changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from voice_triage.errors import LexiconError
from voice_triage.triage.lexicon import Lexicon, lexicon_hash, load
from voice_triage.triage.reading import reader_for


class LexiconInForce:
    """Watches the lexicon folder in force. Safe from any thread."""

    def __init__(
        self, folder: Callable[[], Path], cache: Path | None = None, prepare: Callable[[Lexicon], object] = reader_for
    ) -> None:
        """Raises LexiconError if the folder holds no lexicon that can be used.

        ``folder`` is asked before each call: another version may have been taken into use. ``prepare`` makes a lexicon
        that was loaded ready, so that no call waits for that.
        """
        self._folder = folder
        self._cache = cache
        self._prepare = prepare
        self._lexicon = load(folder(), cache)
        prepare(self._lexicon)
        self._tried = self._lexicon.hash
        self._complaint = ""
        self._lock = threading.Lock()

    @property
    def known(self) -> Lexicon:
        """The lexicon as it was last read, without a look at the folder."""
        return self._lexicon

    def current(self) -> tuple[Lexicon, str]:
        """The lexicon for the next call, and what is wrong with an edit that could not be used (mostly nothing)."""
        with self._lock:
            try:
                folder = self._folder()
                digest = lexicon_hash(folder)
                if digest == self._lexicon.hash:
                    self._tried, self._complaint = digest, ""
                elif digest != self._tried:
                    self._tried = digest
                    self._complaint = ""
                    lexicon = load(folder, self._cache)
                    self._prepare(lexicon)
                    self._lexicon = lexicon
            except LexiconError as error:
                self._complaint = f"The edited lexicon cannot be used, the one before it stays in force: {error}"
            except OSError as error:
                self._complaint = f"The lexicon folder cannot be read, the one before stays in force: {error.strerror}"
            return self._lexicon, self._complaint
