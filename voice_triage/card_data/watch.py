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
from collections.abc import Sequence

from voice_triage.card_data.cues import Topic, cues_of
from voice_triage.card_data.hearings import Heard, Hearing, Number, State, expiry_months, is_held, masked
from voice_triage.card_data.judge import (
    Verdict,
    is_phone,
    is_whole_card,
    judge,
    surely_phone,
)
from voice_triage.card_data.numerals import Token, is_written_number, tokens_of
from voice_triage.card_data.runs import FUNCTION, runs_in
from voice_triage.card_data.talk import Talk, Told
from voice_triage.events import FinalTranscript, PartialTranscript, Side, UtteranceReheard, Word

QUIET_S = 12.0
"""Digits that follow within it belong to those before: looking for the next group takes a while [our choice]."""
QUIET_AFTER_PHONE_S = 8.0
"""Likewise after what fits a telephone number, which the CSR waits for."""
RUNNING = 3
"""So many digits just before, on either side, are a number that is being read out."""
ANSWER_S = 30.0
"""A second hearing that takes longer is not waited for."""
MARGIN_S = 0.4
"""Cut of the sound before and behind a card's words: word times are 0.1 to 0.2 s off, and words run into each other."""
MARGIN_AGAIN_S = 0.9
"""Likewise where only the second hearing has the words, whose times are estimates."""
BESIDE_S = 0.3
"""A word this close to a card's digits is cut from the sound with them."""
BRIDGED_S = 1.5
"""Sound between two cuts is cut with them if it is shorter."""
STILL_BEFORE_S = 1.0
"""The writer of sound stands still so long before the first digit: when it is heard whole, it may begin earlier."""
KEPT_S = 120.0
"""How long what was heard is remembered."""


class CardWatch:
    """Watches one call. Used by one thread; times are call times."""

    def __init__(self, *, two_ears: bool = False, typed: bool = False) -> None:
        """``two_ears``: the client's utterances are heard a second time (:meth:`reheard`).

        ``typed``: what comes was typed, so that no digit is misheard.
        """
        self._two_ears = two_ears
        self._typed = typed
        self._hearings: list[Hearing] = []
        self._talk = Talk()
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
        starts += [partial.words[token.word].start_s for token in tokens if is_written_number(token.text)][:1]
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
        self._awaited = {each: end_s for each, end_s in self._awaited.items() if now_s - end_s < ANSWER_S}
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

    def _read(self, words: Sequence[Word]) -> tuple[tuple[Token, ...], list[Told]]:
        tokens = tokens_of([word.text for word in words])
        return tokens, [Told(cue.topic, words[tokens[cue.token].word].end_s, cue.weak) for cue in cues_of(tokens)]

    def _take(self, heard: Heard) -> list[Heard]:
        tokens, cues = self._read(heard.words)
        self._talk.hear(cues, heard.end_s - KEPT_S)
        hearing = self._hearing(heard, tokens, ())
        self._hearings = [
            each
            for each in self._hearings
            if each.heard.end_s > heard.end_s - KEPT_S
            and (each.key, each.heard.utterance) != (hearing.key, heard.utterance)
        ]
        self._hearings.append(hearing)
        for number in hearing.numbers:
            if number.state == State.CUT:
                self._note_cut(hearing, number)
            elif number.state == State.LET_GO:
                self._talk.let_go(hearing, number)
        hearing.months = expiry_months(hearing, self._talk.card_on(heard.start_s, heard.end_s))
        news = self._judged(heard.end_s, always=hearing)
        # The new one first: what is written anew follows it.
        return sorted(news, key=lambda each: (each.utterance, type(each)) != (heard.utterance, type(heard)))

    def _hearing(self, heard: Heard | PartialTranscript, tokens: tuple[Token, ...], cues: Sequence[Told]) -> Hearing:
        """The numbers of an utterance, judged one by one; ``cues`` are those not known yet."""
        words = heard.words
        final = heard if not isinstance(heard, PartialTranscript) else _as_final(heard)
        hearing = Hearing(final, tokens, [])
        if not words:
            return hearing
        start_s = words[0].start_s
        running = sum(
            len(number.run.digits)
            for each in self._hearings
            for number in each.numbers
            if number.state != State.LET_GO and abs(start_s - number.end_s) <= QUIET_S
        )
        tight = running >= RUNNING or self._talk.card_on(start_s, words[-1].end_s, cues)
        behind = -1
        for run in runs_in(tokens, tight=tight, open_end=isinstance(heard, PartialTranscript)):
            first, last = tokens[run.first].word, tokens[run.last].word
            number = Number(run, first, last, words[first].start_s, words[last].end_s)
            between = tokens[behind + 1 : run.first] if behind >= 0 else tokens[: run.first]
            number.spaced = sum(token.text not in FUNCTION for token in between) >= 1
            number.state = self._talk.state_of(hearing, number, cues)
            hearing.numbers.append(number)
            behind = run.last
        return hearing

    def _note_cut(self, hearing: Hearing, number: Number) -> None:
        number.state = State.CUT
        margin_s = MARGIN_AGAIN_S if hearing.again else MARGIN_S
        begin_s, over_s = _with_neighbors(hearing.heard.words, number)
        begin_s = min(begin_s, number.start_s - margin_s, self._talk.close_before(number, BRIDGED_S))
        self._cuts.append((max(0.0, begin_s), max(over_s, number.end_s + margin_s)))
        self._talk.card_read(hearing, number)

    # --- the verdict --------------------------------------------------------------------------------------------------

    def _has_held(self) -> bool:
        return any(is_held(number) for hearing in self._hearings for number in hearing.numbers)

    def _judged(self, now_s: float, always: Hearing | None = None) -> list[Heard]:
        """Judge what is held as of ``now_s``; gives what is to be written, anew or (``always``) for the first time."""
        # One chain's card can decide another's digits, so all cards first.
        while sum(self._judge_chain(chain, now_s, Verdict.CARD) for chain in self._chains()):
            pass
        for chain in self._chains():
            self._judge_chain(chain, now_s, Verdict.ORDINARY)
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
                    held.setdefault(hearing.key, []).append((hearing, number))
        for numbers in held.values():
            numbers.sort(key=lambda each: each[1].start_s)
            for hearing, number in numbers:
                chain = chains[-1] if chains and chains[-1][0][0].key == hearing.key else None
                if chain is None or number.start_s - chain[-1][1].end_s > QUIET_S or _another(chain, number):
                    chains.append([])
                chains[-1].append((hearing, number))
        return chains

    def _judge_chain(self, chain: list[tuple[Hearing, Number]], now_s: float, wanted: Verdict) -> bool:
        """Judge a chain, if the verdict is the wanted one; whether it is."""
        numbers = [number for _, number in chain]
        groups = [part for number in numbers for part in number.run.parts]
        digits = "".join(groups)
        end_s = numbers[-1].end_s
        others_s = self._last_digit_s(chain)
        quiet_s = QUIET_AFTER_PHONE_S if surely_phone(digits) and others_s < 0 else QUIET_S
        awaited = any(hearing.heard.utterance in self._awaited for hearing, _ in chain)
        closed = now_s - max(end_s, others_s) > quiet_s and not awaited
        verdict = judge(
            groups,
            closed=closed,
            typed=self._typed and all(number.run.written for number in numbers),
            spare=sum(number.run.spare for number in numbers),
            corrected=len(groups) > len(numbers),
        )
        if verdict is not Verdict.CARD and self._card_near(numbers, digits):
            verdict = Verdict.CARD
        if verdict is not wanted:
            return False
        for hearing, number in chain:
            if verdict is Verdict.CARD:
                self._note_cut(hearing, number)
            else:
                number.state = State.LET_GO
        return True

    def _last_digit_s(self, chain: list[tuple[Hearing, Number]]) -> float:
        """When digits were last said by the other side or heard by the other ear, near this chain's end."""
        end_s = chain[-1][1].end_s
        said = [
            number.end_s
            for hearing in self._hearings
            if hearing.key != chain[0][0].key
            for number in hearing.numbers
            if is_held(number) and -QUIET_S <= number.start_s - end_s <= QUIET_S
        ]
        return max(said, default=-math.inf)

    def _card_near(self, numbers: Sequence[Number], digits: str) -> bool:
        start_s, end_s = numbers[0].start_s, numbers[-1].end_s
        if not is_phone(digits):
            return self._talk.card_near(start_s, end_s, digits, QUIET_S)
        following = [
            number.run.digits
            for hearing in self._hearings
            for number in hearing.numbers
            if number.state == State.CUT and 0 <= number.start_s - end_s <= QUIET_S
        ]
        begins = any(is_whole_card(digits + "".join(following[: count + 1])) for count in range(len(following)))
        return begins or self._talk.part_of_card(start_s, end_s, digits, QUIET_S)

    def _suspicious(self, hearing: Hearing) -> bool:
        """Whether the second hearing of an utterance may find a card in it."""
        many = sum(is_written_number(token.text) for token in hearing.tokens) >= RUNNING
        return many or bool(hearing.numbers) or self._talk.card_on(hearing.heard.start_s, hearing.heard.end_s)


def _with_neighbors(words: Sequence[Word], number: Number) -> tuple[float, float]:
    """From when to when a number and the words right beside it are spoken: they may be its digits, misheard."""
    first, last = words[max(number.first - 1, 0)], words[min(number.last + 1, len(words) - 1)]
    near_first, near_last = number.start_s - first.end_s < BESIDE_S, last.start_s - number.end_s < BESIDE_S
    return first.start_s if near_first else number.start_s, last.end_s if near_last else number.end_s


def _another(chain: list[tuple[Hearing, Number]], number: Number) -> bool:
    """Whether a number is another one than the chain's: a count in other words, or a telephone number stands whole."""
    if not number.spaced:
        return False
    count = number.run.words == 1 and len(number.run.digits) <= 2
    return count or surely_phone("".join(each.run.digits for _, each in chain))


def _as_final(partial: PartialTranscript) -> FinalTranscript:
    start_s, end_s = (partial.words[0].start_s, partial.words[-1].end_s) if partial.words else (0.0, 0.0)
    return FinalTranscript(partial.at_s, partial.side, partial.utterance, partial.words, partial.text, start_s, end_s)


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
