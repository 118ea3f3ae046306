"""What of one call goes to the store, and when: between the call's log and recorder, and the store.

- **Held** (consent unknown): events and sound wait in memory; nothing of the call is on the disk, not even its name.
- **Consented**: what was held is written, and what comes after it at once.
- **Refused**: what was written is deleted, what was held is forgotten; what the CSR typed is kept, and if they typed
  nothing, nothing is.

What may be kept follows from the log (:mod:`voice_triage.kept_part`); a crash at any time leaves what was written
until then, so nothing of a call that is held, and of a refused one only what was typed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from voice_triage.audio.consented_sound import HELD_S, ConsentedSound
from voice_triage.audio.recording import RecordingFile, RecordingFiles
from voice_triage.errors import NotErasedError, VoiceTriageError
from voice_triage.events import Consent, ConsentChanged, Logged, Side
from voice_triage.kept_part import KeptPart
from voice_triage.store.calls import LogKeeper


class Keeping:
    """Keeps one call as far as its consent allows. Safe from any thread."""

    def __init__(
        self,
        store: LogKeeper,
        call: str,
        *,
        files: RecordingFiles | None = None,
        kept: Sequence[Logged] = (),
        held_s: float = HELD_S,
        count_refused: Callable[[int], None] = lambda _change: None,
    ) -> None:
        """``files`` are those of the call's sound, without which none is kept.

        ``kept`` is the call's log so far, if it goes on with one that is kept. A new one is held until its first event
        of consent says otherwise; of its sound the newest ``held_s`` are. ``count_refused`` is told 1 for a refused
        call that was deleted, and -1 if the client then agreed after all.
        """
        self.call = call
        self._store = store
        self._part = KeptPart()
        self._sound = None if files is None else ConsentedSound(files, self._leaves_out, held_s=held_s)
        self._count_refused = count_refused
        self._lock = threading.RLock()
        for logged in kept:
            self._part.take(logged)
        self._seen = self._written = len(kept)
        self._new = not kept
        self._on_disk = bool(kept)
        """Whether anything of the call may be there."""
        self._erase = self._gone = False
        self._counted = self._part.consent is Consent.REFUSED
        if self._sound is not None:
            self._sound.hold()

    # --- the log's side -------------------------------------------------------------------------------------------

    def append(self, events: Iterable[Logged]) -> None:
        """Take the next events of the log; those taken before are passed over.

        Raises NotErasedError if what a client refused is still on the disk, StoreError if what may be kept cannot be;
        either is tried again with every further event, and with none.
        """
        with self._lock:
            if self._gone:
                return
            for logged in events:
                if logged.sequence > self._seen:
                    self._seen = logged.sequence
                    self._take(logged)
            self._bring_up_to_date()

    def delete(self, call: str) -> None:
        """It was no client's call: forget and delete all of it, what was typed too. Raises StoreError."""
        with self._lock:
            self._gone = True
            if self._sound is not None:
                self._sound.forget()
            self._part = KeptPart()
            self._store.delete(call)

    # --- the recorder's side --------------------------------------------------------------------------------------

    def begin(self, side: Side, first: int) -> RecordingFile:
        """A file for the recorder. Only for a call whose sound is kept."""
        assert self._sound is not None
        return self._sound.begin(side, first)

    @property
    def sound(self) -> ConsentedSound | None:
        """The call's sound on its way to the disk, if it is kept."""
        return self._sound

    # --- how it stands --------------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Whether it is in memory only, until somebody decides."""
        with self._lock:
            return self._is_held

    @property
    def is_unkept(self) -> bool:
        """Whether, as it stands, nothing of what was heard is on the disk: undecided, refused, or not a client's."""
        with self._lock:
            return self._is_held or self._gone or self._part.consent is Consent.REFUSED

    def kept_log(self) -> Sequence[Logged]:
        """What of the call is kept, or will be once it is decided."""
        with self._lock:
            return tuple(self._part.log)

    # --- under the lock -------------------------------------------------------------------------------------------

    @property
    def _is_held(self) -> bool:
        return self._part.held or (self._new and self._part.consent is None)

    def _take(self, logged: Logged) -> None:
        self._part.take(logged)
        if not isinstance(logged.event, ConsentChanged):
            return
        refused = self._part.consent is Consent.REFUSED
        if refused or self._part.held:
            self._erase = self._erase or self._on_disk
            self._written = 0
        if self._sound is not None and refused:
            self._sound.forget()
        elif self._sound is not None and self._part.held:
            self._sound.hold()

    def _bring_up_to_date(self) -> None:
        if self._erase:
            self._delete_what_was_kept()
        if self._is_held:
            return
        refused = self._part.consent is Consent.REFUSED
        if refused != self._counted:
            self._count_refused(1 if refused else -1)
            self._counted = refused
        if refused and not self._part.typed:
            return
        self._on_disk = True
        if len(self._part.log) > self._written:
            self._store.append(self._part.log[self._written :])
            self._written = len(self._part.log)
        if not refused and self._sound is not None:
            self._sound.let_through()

    def _delete_what_was_kept(self) -> None:
        try:
            self._store.delete(self.call)
        except Exception as error:
            reason = str(error) if isinstance(error, VoiceTriageError) else "The store of calls failed."
            raise NotErasedError(
                f"What was kept of this call could not be deleted yet: {reason} It is tried again by itself."
            ) from error
        self._erase = self._on_disk = False

    def _leaves_out(self, start_s: float, end_s: float) -> bool:
        return self._part.unkept(start_s, end_s)
