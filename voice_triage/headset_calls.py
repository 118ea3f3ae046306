"""The calls on the headset, as the desk looks for them."""

from __future__ import annotations

from collections.abc import Callable

from voice_triage.audio.headset_source import Ways, Wishes
from voice_triage.audio.headset_watch import HeadsetWatch
from voice_triage.audio.source import AudioSource
from voice_triage.desk import Waiting
from voice_triage.desk_state import SourceState


class HeadsetCalls:
    """The one place where the live headset comes in. Watches from when it is made."""

    def __init__(
        self,
        ways: Ways,
        wishes: Wishes,
        tell: Callable[[str], None] = lambda _trouble: None,
    ) -> None:
        """``ways`` are this system's, ``wishes`` what of the headset is to be heard.

        ``tell`` is called, from any thread, whenever something may have changed, with the reason why the running call's
        sound does not come, mostly empty.
        """
        self._watch = HeadsetWatch(ways, wishes, lambda status: tell(status.trouble))

    def look(self, wait_s: float = 0.0) -> AudioSource | Waiting:
        """The far end of a call that has begun, or what is waited for, after at most ``wait_s``."""
        call = self._watch.next_call(wait_s)
        if call is not None:
            return call
        status = self._watch.status
        taken = str(status.state) == SourceState.LISTENING.value  # by a desk that is about to hear it
        state = SourceState.WAITING if taken else SourceState(str(status.state))
        return Waiting(state, status.detail, status.headset)

    def listen(self) -> None:
        """Listen by hand, though no call was noticed; :meth:`look` then gives it. Raises AudioError."""
        self._watch.listen_now()

    def close(self) -> None:
        """End watching, and a call that nobody has taken. Idempotent."""
        self._watch.close()
