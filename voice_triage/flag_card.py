"""One flag as its card shows it: what the machine holds, what the CSR did about it, and whether it is still open."""

from __future__ import annotations

from dataclasses import dataclass

from voice_triage.events import (
    DismissalReason,
    FlagEnd,
    FlagEnded,
    FlagRaised,
    FlagRaisedByHand,
    FlagState,
    FlagWithdrawn,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class FlagDisposition:
    """What became of a flag."""

    end: FlagEnd
    at_s: float
    sequence: int
    """Of the action in the log, for undoing it."""
    reason: DismissalReason | None
    note: str


@dataclass(frozen=True, slots=True)
class FlagCard:
    """One card: a category of a pet in a call."""

    category: str
    pet: int
    urgency: Urgency
    """The higher one, if the machine and the CSR differ."""
    state: FlagState
    """``withdrawn`` only if nobody holds it any more."""
    open: bool
    """It holds, and has no end yet."""
    evidence: str
    """The client's exact words; empty for a flag that only the CSR raised."""
    concepts: tuple[str, ...]
    utterance: int
    """-1 for a flag that only the CSR raised."""
    start_s: float
    end_s: float
    reason: str
    rule: str
    confidence: float
    possible: bool
    by_hand: bool
    """The CSR holds it, whatever the machine makes of the words."""
    note: str
    """What the CSR wrote when raising it."""
    shown_at_s: float
    provisional_at_s: float | None
    raised_at_s: float | None
    acknowledged_at_s: float | None
    acknowledged_by: int | None
    """Sequence of the action, for undoing it."""
    disposition: FlagDisposition | None
    reopened: bool
    """It had an end, and then the client said more: look again."""
    withdrawn_at_s: float | None
    withdrawn_because: str


class Flag:
    """Folds the events of one card, in the order of the log. Actions that do not fit change nothing.

    An end is the CSR's word and stands, with two exceptions, both towards the human: a flag that becomes red after it
    was handed over or dismissed opens again; and the first time it was dismissed, so do words said later. Dismissed
    a second time, a person has listened twice, and the card does not cry wolf.
    """

    def __init__(self, category: str, pet: int) -> None:
        self.category = category
        self.pet = pet
        self.reopened = False
        self.disposition: FlagDisposition | None = None
        self._machine: FlagRaised | None = None
        self._withdrawn: FlagWithdrawn | None = None
        self._hand: FlagRaisedByHand | None = None
        self._shown_at_s = 0.0
        self._provisional_at_s: float | None = None
        self._raised_at_s: float | None = None
        self._acknowledged: tuple[float, int] | None = None
        self._dismissed_utterance = -1
        self._dismissals = 0

    @property
    def urgency(self) -> Urgency:
        """The higher one of those who raised it."""
        raised = [each.urgency for each in (self._machine, self._hand) if each is not None]
        return Urgency.RED if Urgency.RED in raised else Urgency.ORANGE

    @property
    def stands(self) -> bool:
        """Whether somebody holds it: the machine, which has not withdrawn it, or the CSR."""
        return self._hand is not None or (self._machine is not None and self._withdrawn is None)

    @property
    def open(self) -> bool:
        """Whether it still asks for something to be done."""
        return self.stands and self.disposition is None

    @property
    def by_hand(self) -> bool:
        """Whether the CSR holds it."""
        return self._hand is not None

    @property
    def acknowledged(self) -> bool:
        """Whether the CSR has seen it as it stands."""
        return self._acknowledged is not None

    @property
    def touched(self) -> bool:
        """Whether the CSR has done anything about it."""
        return (
            self._hand is not None
            or self._acknowledged is not None
            or self._dismissals > 0
            or self.disposition is not None
        )

    @property
    def held_by_machine(self) -> bool:
        """Whether the machine raised it and has not withdrawn it."""
        return self._machine is not None and self._withdrawn is None

    def shown(self, event: FlagRaised) -> None:
        """The machine shows it, or more of it."""
        was = self.urgency if self._machine is not None or self._hand is not None else event.urgency
        if event.state is FlagState.WITHDRAWN:
            self.withdraw(FlagWithdrawn(event.at_s, event.category, event.reason))
            return
        if self._withdrawn is not None:  # shown again for new words: their delay counts, not the old ones'
            self._withdrawn = self._provisional_at_s = self._raised_at_s = None
            if self._hand is None:
                self._acknowledged = None
        if self._provisional_at_s is None and self._raised_at_s is None and self._hand is None:
            self._shown_at_s = event.at_s
        self._machine = event
        if event.state is FlagState.PROVISIONAL:
            if self._provisional_at_s is None and self._raised_at_s is None:
                self._provisional_at_s = event.at_s
        elif self._raised_at_s is None:
            self._raised_at_s = event.at_s
        self._look_again(rose=was is Urgency.ORANGE and event.urgency is Urgency.RED)

    def withdraw(self, event: FlagWithdrawn) -> None:
        """The machine no longer holds it."""
        if self._machine is not None and self._withdrawn is None:
            self._withdrawn = event

    def raise_by_hand(self, event: FlagRaisedByHand, sequence: int) -> None:
        """The CSR holds it from now on; whoever raises it has seen it."""
        if self._machine is None and self._hand is None:
            self._shown_at_s = event.at_s
        self._hand = event
        self._acknowledged = (event.at_s, sequence)
        self.disposition = None

    def acknowledge(self, at_s: float, sequence: int) -> None:
        """The CSR has seen it."""
        if self.open and self._acknowledged is None:
            self._acknowledged = (at_s, sequence)

    def end(self, event: FlagEnded, sequence: int) -> None:
        """The CSR has dealt with it."""
        if self.disposition is not None:
            return
        self.disposition = FlagDisposition(event.end, event.at_s, sequence, event.reason, event.note)
        self.reopened = False
        if event.end is FlagEnd.DISMISSED:
            self._dismissals += 1
            self._dismissed_utterance = -1 if self._machine is None else self._machine.utterance

    def card(self) -> FlagCard:
        """How it stands."""
        machine, hand = self._machine, self._hand
        state = FlagState.WITHDRAWN if not self.stands else FlagState.RAISED
        if state is FlagState.RAISED and hand is None and machine is not None:
            state = machine.state
        at_s = 0.0 if hand is None else hand.at_s
        return FlagCard(
            category=self.category,
            pet=self.pet,
            urgency=self.urgency,
            state=state,
            open=self.open,
            evidence="" if machine is None else machine.evidence,
            concepts=() if machine is None else machine.concepts,
            utterance=-1 if machine is None else machine.utterance,
            start_s=at_s if machine is None else machine.start_s,
            end_s=at_s if machine is None else machine.end_s,
            reason="" if machine is None else machine.reason,
            rule="" if machine is None else machine.rule,
            confidence=1.0 if machine is None else machine.confidence,
            possible=hand is None and machine is not None and machine.possible,
            by_hand=hand is not None,
            note="" if hand is None else hand.note,
            shown_at_s=self._shown_at_s,
            provisional_at_s=self._provisional_at_s,
            raised_at_s=at_s if self._raised_at_s is None and hand is not None else self._raised_at_s,
            acknowledged_at_s=None if self._acknowledged is None else self._acknowledged[0],
            acknowledged_by=None if self._acknowledged is None else self._acknowledged[1],
            disposition=self.disposition,
            reopened=self.reopened,
            withdrawn_at_s=None if self._withdrawn is None else self._withdrawn.at_s,
            withdrawn_because="" if self._withdrawn is None else self._withdrawn.reason,
        )

    def _look_again(self, *, rose: bool) -> None:
        """Whether what was just shown needs the CSR's eye though they had dealt with it."""
        assert self._machine is not None
        if rose:
            self._acknowledged = None
        ended = self.disposition
        if ended is None or ended.end is FlagEnd.SENT_TO_EMERGENCY_ROOM:
            return
        said_more = (
            ended.end is FlagEnd.DISMISSED
            and self._dismissals == 1
            and self._machine.utterance > self._dismissed_utterance
        )
        if rose or said_more:
            self.disposition = self._acknowledged = None
            self.reopened = True
