"""Card data in one call as it is spoken: both sides, both ears, over the ends of utterances.

Words come in as they were heard and go out as they may be written: what is judged a card's is replaced by
``CARD_REMOVED``, a number that is not judged yet by ``NUMBER_HELD``. When a held number is judged, the utterance comes
once more, with the number in its place or with the mark; so nothing waits but the digits, and what is written at any
moment holds no digit of a card.

- **Told** numbers ("four pills", "two thirty p m", ``runs.py``) pass at once, and so do telephone and microchip numbers
  behind words that announce them.
- **Behind a card's words** ("card number", "expires", "security code"), and for a while after digits that were judged
  a card's, every number that is not told is cut at once, on both sides: expiry date, security code, repetitions.
- **All other digits** are held until none has followed for ``QUIET_S``. Thirteen or more, or groups that fit no
  telephone number, are a card's (``judge.py``).
- What one ear judged a card's is cut in the other's words too; where there are two ears, a number is let go only when
  both have heard it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voice_triage.card_data.cues import Topic, cues_of
from voice_triage.card_data.hearings import Heard, Hearing, Number, State, expiry_months, is_held, masked
from voice_triage.card_data.judge import (
    CHIP_DIGITS,
    SHORTEST_CARD,
    Verdict,
    is_phone,
    is_whole_card,
    judge,
    surely_phone,
)
from voice_triage.card_data.numerals import Token, tokens_of
from voice_triage.card_data.runs import FUNCTION, runs_in
from voice_triage.events import FinalTranscript, PartialTranscript, Side, UtteranceReheard, Word

QUIET_S = 12.0
"""Digits that follow within it belong to those before: looking for the next group takes a while [our choice]."""
QUIET_AFTER_PHONE_S = 6.0
"""Likewise after what fits a telephone number, which the CSR waits for."""
CARD_SPOKEN_OF_S = 45.0
"""So long after words about a card, digits are its digits."""
CARDS_IN_GENERAL_S = 10.0
"""Likewise after "do you take cards"."""
CARD_READ_S = 75.0
"""So long after a card's digits, digits belong to it: the card is turned over, the code is looked for."""
NEAR_S = 8.0
"""A telephone number may follow words about a card after it without being announced."""
TOLD_S = 15.0
"""So long after words that announce another number, digits are that number."""
ANSWER_S = 25.0
"""A second hearing that takes longer is not waited for."""
MARGIN_S = 0.4
"""Cut of the sound before and behind a card's words: word times are 0.1 to 0.2 s off, and words run into each other."""
MARGIN_AGAIN_S = 0.9
"""Likewise where only the second hearing has the words, whose times are estimates."""
BRIDGED_S = 1.5
"""Sound between two cuts is cut with them if it is shorter."""
STILL_BEFORE_S = 1.0
"""The writer of sound stands still so long before the first digit: when it is heard whole, it may begin earlier."""
KEPT_S = 120.0
"""How long what was heard is remembered."""
_MOST = {Topic.PHONE: 11, Topic.CHIP: CHIP_DIGITS, Topic.OTHER: 12}


@dataclass(frozen=True, slots=True)
class _Told:
    """A cue in call time."""

    topic: Topic
    at_s: float
    weak: bool = False


class CardWatch:
    """Watches one call. Used by one thread; times are call times."""

    def __init__(self, *, two_ears: bool = False, typed: bool = False) -> None:
        """``two_ears``: the client's utterances are heard a second time (:meth:`reheard`).

        ``typed``: what comes was typed, so that no digit is misheard.
        """
        self._two_ears = two_ears
        self._typed = typed
        self._hearings: list[Hearing] = []
        self._cues: list[_Told] = []
        self._card_read: list[tuple[float, float]] = []
        """Spans of digits that were cut."""
        self._card_digits: dict[tuple[Side, bool], str] = {}
        self._told_digits: dict[tuple[Side, bool], tuple[float, str]] = {}
        """By hearing: since which cue, and which digits of an announced number were let go."""
        self._awaited: dict[int, float] = {}
        """Utterances whose second hearing is to come, with the end of their words."""
        self._open: dict[Side, float] = {}
        """From when on the open utterance holds digits or a card's words."""
        self._cuts: list[tuple[float, float]] = []

    # --- what was heard ---------------------------------------------------------------------------------------------

    def partial(self, partial: PartialTranscript) -> PartialTranscript:
        """The open utterance as it may be shown and read."""
        tokens, cues = self._read(partial.words)
        hearing = self._hearing(partial, tokens, cues)
        starts = [number.start_s for number in hearing.numbers]
        starts += [cue.at_s for cue in cues if cue.topic is Topic.CARD]
        self._open.pop(partial.side, None)
        if starts:
            self._open[partial.side] = min(starts)
        words = masked(partial.words, hearing)
        return partial if words == partial.words else dataclasses.replace(partial, words=words, text=_text(words))

    def final(self, final: FinalTranscript) -> list[Heard]:
        """The closed utterance as it may be written, then those before it that are to be written anew."""
        self._open.pop(final.side, None)
        if self._two_ears and final.side is Side.CLIENT and final.words:
            self._awaited[final.utterance] = final.end_s
        return self._take(final)

    def reheard(self, reheard: UtteranceReheard) -> list[Heard]:
        """Likewise for what was heard again."""
        self._awaited.pop(reheard.utterance, None)
        return self._take(reheard)

    def passed(self, now_s: float) -> list[Heard]:
        """What is to be written anew now that sound up to ``now_s`` brought no other words."""
        if not self._has_held():
            return []
        return self._judged(now_s)

    def end(self) -> list[Heard]:
        """The call is over: whatever is held is judged as it stands."""
        self._awaited.clear()
        self._open.clear()
        return self._judged(math.inf)

    # --- what the writer of sound must know ---------------------------------------------------------------------------

    @property
    def still_from_s(self) -> float:
        """From when on nothing may be written yet; infinity if nothing waits."""
        waiting = [number.start_s for hearing in self._hearings for number in hearing.numbers if is_held(number)]
        waiting += self._open.values()
        for hearing in self._hearings:
            if hearing.heard.utterance in self._awaited and not hearing.again and self._suspicious(hearing):
                waiting.append(hearing.heard.start_s)
        return min(waiting, default=math.inf) - STILL_BEFORE_S

    def take_cuts(self) -> list[tuple[float, float]]:
        """Spans of call time to be made silent, since this was last asked; margins are in them."""
        cuts, self._cuts = self._cuts, []
        return cuts

    # --- inside -------------------------------------------------------------------------------------------------------

    def _read(self, words: Sequence[Word]) -> tuple[tuple[Token, ...], list[_Told]]:
        tokens = tokens_of([word.text for word in words])
        return tokens, [_Told(cue.topic, words[tokens[cue.token].word].end_s, cue.weak) for cue in cues_of(tokens)]

    def _take(self, heard: Heard) -> list[Heard]:
        tokens, cues = self._read(heard.words)
        self._cues += cues
        hearing = self._hearing(heard, tokens, ())
        self._hearings = [
            each
            for each in self._hearings
            if each.heard.end_s > heard.end_s - KEPT_S
            and (_key(each), each.heard.utterance) != (_key(hearing), heard.utterance)
        ]
        self._hearings.append(hearing)
        for number in hearing.numbers:
            if number.state == State.CUT:
                self._note_cut(hearing, number)
            elif number.state == State.LET_GO:
                self._note_told(hearing, number)
        hearing.months = expiry_months(hearing, self._card_on(heard.start_s, heard.end_s))
        news = self._judged(heard.end_s, always=hearing)
        # The new one first: what is written anew follows it.
        return sorted(news, key=lambda each: (each.utterance, type(each)) != (heard.utterance, type(heard)))

    def _hearing(self, heard: Heard | PartialTranscript, tokens: tuple[Token, ...], cues: Iterable[_Told]) -> Hearing:
        """The numbers of an utterance, judged one by one; ``cues`` are those not known yet."""
        words, cues = heard.words, (*self._cues, *cues)
        final = heard if not isinstance(heard, PartialTranscript) else _as_final(heard)
        hearing = Hearing(final, tokens, [])
        if not words:
            return hearing
        start_s = words[0].start_s
        running = any(
            len(number.run.digits) >= 3 and abs(start_s - number.end_s) <= QUIET_S
            for each in self._hearings
            if each.heard.side is heard.side
            for number in each.numbers
            if number.state != State.LET_GO
        )
        tight = running or self._card_on(start_s, words[-1].end_s, cues)
        behind = -1
        for run in runs_in(tokens, tight=tight):
            first, last = tokens[run.first].word, tokens[run.last].word
            number = Number(run, first, last, words[first].start_s, words[last].end_s)
            between = tokens[behind + 1 : run.first] if behind >= 0 else tokens[: run.first]
            number.spaced = sum(token.text not in FUNCTION for token in between) >= 1
            number.state = self._state(hearing, number, cues)
            hearing.numbers.append(number)
            behind = run.last
        return hearing

    def _state(self, hearing: Hearing, number: Number, cues: Sequence[_Told]) -> str:
        """What can be said of a number at once."""
        before = [cue for cue in cues if cue.at_s <= number.start_s + 0.01]
        told = max((cue for cue in before if cue.topic is not Topic.CARD), key=lambda cue: cue.at_s, default=None)
        card = max(
            (cue for cue in before if cue.topic is Topic.CARD), key=lambda cue: (cue.at_s, not cue.weak), default=None
        )
        if told is not None and (card is None or card.at_s <= told.at_s) and self._is_told(hearing, number, told):
            return State.LET_GO
        if not self._card_on(number.start_s, number.start_s, cues):
            return State.HELD
        known = self._card_digits.get(_key(hearing), "")
        read = any(start_s - 1 <= number.start_s <= end_s + CARD_READ_S for start_s, end_s in self._card_read)
        fresh = len(number.run.digits) == 10 and is_phone(number.run.digits) and number.run.digits not in known
        complete = read and len(known) >= SHORTEST_CARD
        remote = not read and card is not None and (card.weak or number.start_s - card.at_s > NEAR_S)
        if fresh and (complete or remote) and not is_whole_card(known[-9:] + number.run.digits):
            number.in_card = True
            return State.HELD
        return State.CUT

    def _is_told(self, hearing: Hearing, number: Number, told: _Told) -> bool:
        """Whether a cue before a number tells whose it is, and the number can be that."""
        since_s, digits = self._told_digits.get(_key(hearing), (-math.inf, ""))
        said = "".join(digits) if since_s == told.at_s else ""
        for earlier in hearing.numbers:
            if earlier.state == State.LET_GO and earlier.start_s >= told.at_s - 0.01:
                said += earlier.run.digits
        last_s = max(
            [told.at_s]
            + [earlier.end_s for earlier in hearing.numbers if earlier.state == State.LET_GO]
            + [
                each.end_s
                for other in self._hearings
                if other.heard.side is hearing.heard.side
                for each in other.numbers
                if each.state == State.LET_GO and each.start_s >= told.at_s and each.end_s <= number.start_s
            ]
        )
        if number.start_s - last_s > TOLD_S:
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

    def _card_on(self, start_s: float, end_s: float, cues: Sequence[_Told] | None = None) -> bool:
        """Whether digits between these times are a card's by what was said before."""
        for cue in self._cues if cues is None else cues:
            reach_s = CARDS_IN_GENERAL_S if cue.weak else CARD_SPOKEN_OF_S
            if cue.topic is Topic.CARD and cue.at_s <= end_s + 0.01 and start_s - cue.at_s <= reach_s:
                return True
        return any(begin_s <= end_s + 1 and start_s - over_s <= CARD_READ_S for begin_s, over_s in self._card_read)

    def _note_cut(self, hearing: Hearing, number: Number) -> None:
        number.state = State.CUT
        self._card_read.append((number.start_s, number.end_s))
        key = _key(hearing)
        self._card_digits[key] = (self._card_digits.get(key, "") + number.run.digits)[-60:]
        margin_s = MARGIN_AGAIN_S if hearing.again else MARGIN_S
        cut = (max(0.0, number.start_s - margin_s), number.end_s + margin_s)
        near = [each for each in self._card_read if 0 < number.start_s - each[1] < BRIDGED_S]
        self._cuts.append((min([cut[0], *(each[1] for each in near)]), cut[1]))

    def _note_told(self, hearing: Hearing, number: Number) -> None:
        before = [cue for cue in self._cues if cue.at_s <= number.start_s + 0.01 and cue.topic is not Topic.CARD]
        since_s = max((cue.at_s for cue in before), default=-math.inf)
        known_s, digits = self._told_digits.get(_key(hearing), (-math.inf, ""))
        self._told_digits[_key(hearing)] = (since_s, (digits if known_s == since_s else "") + number.run.digits)

    # --- the verdict --------------------------------------------------------------------------------------------------

    def _has_held(self) -> bool:
        return any(is_held(number) for hearing in self._hearings for number in hearing.numbers)

    def _judged(self, now_s: float, always: Hearing | None = None) -> list[Heard]:
        """Judge what is held as of ``now_s``; gives what is to be written, anew or (``always``) for the first time."""
        for _ in range(3):  # one chain's verdict can decide another's
            verdicts = [self._judge_chain(chain, now_s) for chain in self._chains()]
            if not any(verdicts):
                break
        news: list[Heard] = []
        for hearing in self._hearings:
            words = masked(hearing.heard.words, hearing)
            anew = hearing.given is not None and words != hearing.given
            after_live = hearing.again and any(
                each.utterance == hearing.heard.utterance and isinstance(each, FinalTranscript) for each in news
            )
            if hearing is always or anew or (after_live and hearing.given is not None):
                hearing.given = words
                news.append(dataclasses.replace(hearing.heard, words=words, text=_text(words)))
        return news

    def _chains(self) -> list[list[tuple[Hearing, Number]]]:
        """Held numbers that may belong together: of one ear and side, close to each other."""
        chains: list[list[tuple[Hearing, Number]]] = []
        held: dict[tuple[Side, bool], list[tuple[Hearing, Number]]] = {}
        for hearing in self._hearings:
            for number in hearing.numbers:
                if is_held(number):
                    held.setdefault(_key(hearing), []).append((hearing, number))
        for numbers in held.values():
            numbers.sort(key=lambda each: each[1].start_s)
            for hearing, number in numbers:
                chain = chains[-1] if chains and _key(chains[-1][0][0]) == _key(hearing) else None
                if chain is None or number.start_s - chain[-1][1].end_s > QUIET_S or _another(chain, number):
                    chains.append([])
                chains[-1].append((hearing, number))
        return chains

    def _judge_chain(self, chain: list[tuple[Hearing, Number]], now_s: float) -> bool:
        """Whether the chain was judged."""
        numbers = [number for _, number in chain]
        groups = [number.run.digits for number in numbers]
        digits = "".join(groups)
        end_s = numbers[-1].end_s
        quiet_s = QUIET_AFTER_PHONE_S if surely_phone(digits) else QUIET_S
        awaited = any(
            hearing.heard.utterance in self._awaited and now_s - self._awaited[hearing.heard.utterance] < ANSWER_S
            for hearing, _ in chain
        )
        closed = now_s - max(end_s, self._last_digit_s(chain)) > quiet_s and not awaited
        verdict = judge(groups, closed=closed, typed=self._typed)
        if verdict is not Verdict.CARD and self._card_near(numbers, digits):
            verdict = Verdict.CARD
        if verdict is Verdict.CARD:
            for hearing, number in chain:
                self._note_cut(hearing, number)
        elif verdict is Verdict.ORDINARY:
            for _, number in chain:
                number.state = State.LET_GO
        return verdict is not Verdict.OPEN

    def _last_digit_s(self, chain: list[tuple[Hearing, Number]]) -> float:
        """When digits were last said by the other side or heard by the other ear, near this chain's end."""
        end_s = chain[-1][1].end_s
        said = [
            number.end_s
            for hearing in self._hearings
            if _key(hearing) != _key(chain[0][0])
            for number in hearing.numbers
            if is_held(number) and -QUIET_S <= number.start_s - end_s <= QUIET_S
        ]
        return max(said, default=-math.inf)

    def _card_near(self, numbers: Sequence[Number], digits: str) -> bool:
        """Whether card data, or words about a card, at these numbers or right behind tell that they are a card's."""
        start_s, end_s = numbers[0].start_s, numbers[-1].end_s
        if is_phone(digits):
            following = [
                number.run.digits
                for hearing in self._hearings
                for number in hearing.numbers
                if number.state == State.CUT and 0 <= number.start_s - end_s <= QUIET_S
            ]
            return any(is_whole_card(digits + "".join(following[: count + 1])) for count in range(len(following)))
        if any(begin_s - QUIET_S <= end_s and start_s <= over_s + CARD_READ_S for begin_s, over_s in self._card_read):
            return True
        return len(digits) > 2 and any(
            cue.topic is Topic.CARD and not cue.weak and start_s - CARD_SPOKEN_OF_S <= cue.at_s <= end_s + QUIET_S
            for cue in self._cues
        )

    def _suspicious(self, hearing: Hearing) -> bool:
        """Whether the second hearing of an utterance may find a card in it."""
        many = sum(len(number.run.digits) for number in hearing.numbers) >= 2
        return many or self._card_on(hearing.heard.start_s, hearing.heard.end_s)


def _another(chain: list[tuple[Hearing, Number]], number: Number) -> bool:
    """Whether a number is another one than the chain's: a count in other words, or a telephone number stands whole."""
    if not number.spaced:
        return False
    count = number.run.words == 1 and len(number.run.digits) <= 2
    return count or surely_phone("".join(each.run.digits for _, each in chain))


def _key(hearing: Hearing) -> tuple[Side, bool]:
    return hearing.heard.side, hearing.again


def _as_final(partial: PartialTranscript) -> FinalTranscript:
    start_s, end_s = (partial.words[0].start_s, partial.words[-1].end_s) if partial.words else (0.0, 0.0)
    return FinalTranscript(partial.at_s, partial.side, partial.utterance, partial.words, partial.text, start_s, end_s)


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
