"""What a call has told so far of whose number it is that follows: cues in call time, and digits that were judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from voice_triage.card_data.cues import Topic
from voice_triage.card_data.hearings import Hearing, Number, State
from voice_triage.card_data.judge import CHIP_DIGITS, SHORTEST_CARD, is_phone, is_whole_card
from voice_triage.events import Side

CARD_SPOKEN_OF_S = 45.0
"""So long after words about a card, digits are its digits."""
CARDS_IN_GENERAL_S = 10.0
"""Likewise after "do you take cards"."""
CARD_READ_S = 75.0
"""So long after a card's digits, digits belong to it: the card is turned over, the code is looked for."""
ASKED_S = 4.0
"""After a card's digits the CSR asks for a telephone number in no less."""
NEAR_S = 8.0
"""A telephone number may follow words about a card after it without being announced."""
TOLD_S = 15.0
"""So long after words that announce another number, digits are that number."""
_MOST = {Topic.PHONE: 11, Topic.CHIP: CHIP_DIGITS, Topic.OTHER: 12}
"""Digits that such a number has at most."""
_SAME_S = 0.01

Key = tuple[Side, bool]
"""Whose words, and whether of the second hearing."""


@dataclass(frozen=True, slots=True)
class Told:
    """A cue: its last word's end in call time."""

    topic: Topic
    at_s: float
    weak: bool = False


class Talk:
    """Used by the watch alone."""

    def __init__(self) -> None:
        self._cues: list[Told] = []
        self._card_read: list[tuple[float, float]] = []
        self._card_digits: dict[Key, str] = {}
        self._let_go: dict[Key, tuple[float, float, str]] = {}
        """Since which cue, until when, and which digits of an announced number were let go."""

    def hear(self, cues: Sequence[Told], forget_before_s: float) -> None:
        """Cues of a closed utterance; what is older is forgotten."""
        self._cues = [cue for cue in self._cues if cue.at_s >= forget_before_s] + list(cues)
        self._card_read = [span for span in self._card_read if span[1] >= forget_before_s]

    def card_read(self, hearing: Hearing, number: Number) -> None:
        """A number was judged a card's."""
        self._card_read.append((number.start_s, number.end_s))
        self._card_digits[hearing.key] = (self._card_digits.get(hearing.key, "") + number.run.digits)[-60:]

    def let_go(self, hearing: Hearing, number: Number) -> None:
        """An announced number was let go."""
        told = self._told_before(number, self._cues)
        since_s = -math.inf if told is None else told.at_s
        known_s, _, digits = self._let_go.get(hearing.key, (-math.inf, 0.0, ""))
        self._let_go[hearing.key] = (
            since_s,
            number.end_s,
            (digits if known_s == since_s else "") + number.run.digits,
        )

    def state_of(self, hearing: Hearing, number: Number, new: Sequence[Told]) -> str:
        """What can be said of a number at once; ``new`` are its utterance's cues, where they are not heard yet."""
        cues = (*self._cues, *new)
        told = self._told_before(number, cues)
        card = max(
            (cue for cue in cues if cue.topic is Topic.CARD and cue.at_s <= number.start_s + _SAME_S),
            key=lambda cue: (cue.at_s, not cue.weak),
            default=None,
        )
        if told is not None and (card is None or card.at_s <= told.at_s) and self._is_told(hearing, number, told):
            return State.LET_GO
        if not self.card_on(number.start_s, number.start_s, new):
            return State.HELD
        return State.HELD if self._may_be_phone(hearing, number, card) else State.CUT

    def card_on(self, start_s: float, end_s: float, new: Sequence[Told] = ()) -> bool:
        """Whether digits between these times are a card's by what was said before."""
        for cue in (*self._cues, *new):
            reach_s = CARDS_IN_GENERAL_S if cue.weak else CARD_SPOKEN_OF_S
            if cue.topic is Topic.CARD and cue.at_s <= end_s + _SAME_S and start_s - cue.at_s <= reach_s:
                return True
        return any(begin_s <= end_s + 1 and start_s - over_s <= CARD_READ_S for begin_s, over_s in self._card_read)

    def card_near(self, start_s: float, end_s: float, digits: str, within_s: float) -> bool:
        """Whether card data, or words about a card, at or right behind digits tell that they are a card's.

        Not of what may be a telephone number (:meth:`part_of_card`).
        """
        if any(begin_s - within_s <= end_s and start_s <= over_s + CARD_READ_S for begin_s, over_s in self._card_read):
            return True
        return len(digits) > 2 and any(
            cue.topic is Topic.CARD and not cue.weak and start_s - CARD_SPOKEN_OF_S <= cue.at_s <= end_s + within_s
            for cue in self._cues
        )

    def part_of_card(self, start_s: float, end_s: float, digits: str, within_s: float) -> bool:
        """Whether what may be a telephone number is a card's: said again, heard by the other ear, or in its midst."""
        if any(digits in known for known in self._card_digits.values()):
            return True
        if any(begin_s < end_s and start_s < over_s for begin_s, over_s in self._card_read):
            return True
        before = any(over_s <= start_s <= over_s + within_s for _, over_s in self._card_read)
        return before and any(end_s <= begin_s <= end_s + within_s for begin_s, _ in self._card_read)

    def close_before(self, number: Number, near_s: float) -> float:
        """End of the card's digits that end less than ``near_s`` before a number; else its start."""
        ends = [over_s for _, over_s in self._card_read if 0 < number.start_s - over_s < near_s]
        return min(ends, default=number.start_s)

    def _told_before(self, number: Number, cues: Sequence[Told]) -> Told | None:
        """The last cue before a number that announces another one than a card's."""
        before = [cue for cue in cues if cue.topic is not Topic.CARD and cue.at_s <= number.start_s + _SAME_S]
        return max(before, key=lambda cue: cue.at_s, default=None)

    def _may_be_phone(self, hearing: Hearing, number: Number, card: Told | None) -> bool:
        """Whether a number in the midst of card data is to be held, since it may be a telephone number."""
        digits, known = number.run.digits, self._card_digits.get(hearing.key, "")
        if len(digits) != 10 or not is_phone(digits) or number.run.longest_said < 10 or digits in known:
            return False
        if is_whole_card(known[-9:] + digits):
            return False
        read_s = [over_s for begin_s, over_s in self._card_read if begin_s <= number.start_s <= over_s + CARD_READ_S]
        if read_s:
            return len(known) >= SHORTEST_CARD and number.start_s - max(read_s) > ASKED_S
        return card is not None and (card.weak or number.start_s - card.at_s > NEAR_S)

    def _is_told(self, hearing: Hearing, number: Number, told: Told) -> bool:
        """Whether a cue before a number tells whose it is, and the number can be that."""
        since_s, over_s, said = self._let_go.get(hearing.key, (-math.inf, -math.inf, ""))
        if since_s != told.at_s:
            over_s, said = told.at_s, ""
        for earlier in hearing.numbers:
            if earlier.state == State.LET_GO and earlier.start_s >= told.at_s - _SAME_S:
                over_s, said = earlier.end_s, said + earlier.run.digits
        if number.start_s - over_s > TOLD_S:
            return False
        now, most = number.run.digits, _MOST[told.topic]
        if is_whole_card(now) or is_whole_card(said + now):
            return False
        if len(said + now) <= most:
            return True
        if told.topic is not Topic.PHONE:
            return number.run.longest_said <= most and not said
        # Said again, whole or in part; corrected; or a second one.
        again = bool(said) and (now in said + said or is_phone(now))
        return (
            again
            or (not said and (number.run.longest_said <= most and number.run.longest_said < len(now)))
            or (not said and len(now) in (14, 20) and now[: len(now) // 2] == now[len(now) // 2 :])
        )
