"""What the clinic's settings make of consent: how each call begins, and what becomes of one that nobody decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voice_triage.audio.consented_sound import HELD_S
from voice_triage.consent import BY_SETTING, BY_THE_DESK, Undecided
from voice_triage.events import CallEnded, CallStarted, Consent, ConsentChanged, Event, Logged


@dataclass(frozen=True, slots=True)
class ClinicConsent:
    """The clinic's two settings of consent."""

    begins: Consent = Consent.UNKNOWN
    """With which consent each call begins; never ``refused``."""
    undecided: Undecided = Undecided.FORGET

    def changed(self, consent: Consent, *, by: str = BY_THE_DESK) -> ConsentChanged:
        """The event of a change, as this clinic means it; its time is given by the log."""
        held = consent is Consent.UNKNOWN and self.undecided is not Undecided.KEEP_AT_ONCE
        return ConsentChanged(0.0, consent, held, by)


class ConsentOfCall:
    """Follows one call's log; gives the changes of consent that the clinic's settings bring. Under the log's lock."""

    def __init__(self, clinic: ClinicConsent, *, held_s: float = HELD_S) -> None:
        """``held_s``: so much of a call that is held and kept in the end waits for a decision."""
        self._clinic = clinic
        self._held_s = held_s
        self._held = False

    def follow(self, placed: Sequence[Logged]) -> list[Event]:
        """What follows from events: the call's first consent, and the end of waiting where the clinic keeps it then."""
        for logged in placed:
            event = logged.event
            if isinstance(event, CallStarted):
                first = self._clinic.changed(self._clinic.begins, by=BY_SETTING)
                self._held = first.held
                return [first]
            if isinstance(event, ConsentChanged):
                self._held = event.held
            over = isinstance(event, CallEnded) or event.at_s >= self._held_s
            if self._held and over and self._clinic.undecided is Undecided.KEEP:
                self._held = False
                return [ConsentChanged(event.at_s, Consent.UNKNOWN, held=False, by=BY_SETTING)]
        return []
