"""One call's understanding: transcripts in, flags, fields and mentions out, in the order they become known.

Only the open utterance is read again on a partial; closed ones keep their reading until their words are heard again.
Statuses, flags and fields are always those of *all* that was said so far, so that words split into partials at any
points, and words revised in any order, end in the same state.

**What an open utterance may change.** Its words are tentative: one in six that a partial shows vanishes again
(``speech.md``). A flag that they bring is shown, as provisional, once they have brought it for :data:`PERSISTS_S`
without a break; what vanishes sooner never shows. In the same way a provisional flag goes when they have not held it
for so long. Callers talk on for seconds before their utterance ends, so a flag that has stood for :data:`STANDS_S` is
raised without waiting for that. The final settles all at once: it raises, and it withdraws, also what was raised
early. A flag that is raised is withdrawn or lowered by closed words alone.

**What words heard by chance may change.** One or two words of an utterance that was hardly understood, or that came
over a noisy line, show a flag as provisional and never raise it (``certainty.py``): other words may.
"""

from __future__ import annotations

from dataclasses import replace

from voice_triage.events import (
    CALLER_FIELDS,
    Event,
    FieldRetracted,
    FieldSuggested,
    FinalTranscript,
    FlagRaised,
    FlagState,
    FlagWithdrawn,
    Mention,
    MentionsRead,
    PartialTranscript,
    PetsTold,
    PetTold,
    Status,
    Urgency,
    Word,
)
from voice_triage.triage.certainty import FEW_WORDS, STANDING, by_chance, confidence_of, is_possible
from voice_triage.triage.fields import Cards, FieldValue
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import Reading
from voice_triage.triage.roster import Roster
from voice_triage.triage.rules import Fact, Raised, by_category
from voice_triage.triage.told import Told

PERSISTS_S = 0.3
"""Of the phrases that held so long in partials one in 52 vanished; waiting costs this much of the delay
(``speech.md``, ``docs/hearing.md``)."""
STANDS_S = 0.8
"""Turns of the development calls end 1.6 s (median; up to 4 s) after the words that justify a flag, and their finals
come a second later. None of 56 flags that stood so long in them, and 6 of 65 in calls written to mislead, was gone at
the end of the utterance (``docs/hearing.md``)."""
_SAME_TIME_S = 1e-6
"""Sums of block lengths fall short of round times by less."""
_TAKEN_BACK = "A later statement took it back."
_HEARD_OTHERWISE = "The words were heard differently."
_REST_OTHERWISE = "The rest of what was said says otherwise."
_BY_CHANCE = "The words around were hardly understood, so these may be misheard: ask."
_HEARD_AGAIN = "The words were heard again, and then they did not say it."


class CallUnderstanding:
    """What the client's words say, for one call. Used by one thread."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._told = Told(lexicon)
        self._heard: dict[int, tuple[Word, ...]] = {}
        """Words of the closed utterances, by index, in order of speech."""
        self._before: dict[int, Told] = {}
        """What was told before each closed utterance: from there on, words that are heard again are read again."""
        self._open: PartialTranscript | None = None
        self._flags: dict[str, FlagRaised] = {}
        self._cards: Cards = {}
        self._pets: PetsTold | None = None
        self._heard_to_s = 0.0
        self._tentative: dict[str, tuple[Urgency | None, float]] = {}
        """By category: what the open words make of its flag (None: it goes), and since when."""
        self._noisy = False
        self._noisy_utterances: set[int] = set()
        """Closed while the line was noisy."""
        self._early: set[str] = set()
        """Categories whose flag was raised on words that are open still."""

    def hear(self, transcript: PartialTranscript | FinalTranscript) -> list[Event]:
        """Reads one transcript of the client and gives what changed. Events carry the transcript's ``at_s``.

        Utterances come in order; partials and the final of the open one carry its index. ``at_s`` is the call time of
        the sound heard, not of its display, so that a slow computer does not make words look as if they persisted.
        """
        self._heard_to_s = max(self._heard_to_s, transcript.at_s)
        if isinstance(transcript, PartialTranscript):
            self._open = transcript
            return self._changes(transcript.at_s)
        self._open = None
        changed = self._close(transcript.words, transcript.utterance)
        events: list[Event] = [
            MentionsRead(transcript.at_s, index, self._told.mentions_of(index)) for index in sorted(changed)
        ]
        return events + self._changes(transcript.at_s)

    def correct(self, transcript: FinalTranscript) -> list[Event]:
        """Like :meth:`revise`: here the words that were heard last count, whoever heard them."""
        return self.revise(transcript)

    def line(self, state: str) -> None:
        """How the line is from now on (``LineChanged.state``)."""
        self._noisy = state == "noisy"

    def settle(self, at_s: float) -> list[Event]:
        """What the open words have meant for long enough, now that the sound up to ``at_s`` brought no others.

        To be called for every piece of sound without a transcript; costs nothing while nothing waits.
        """
        self._heard_to_s = max(self._heard_to_s, at_s)
        if not any(self._lasted(since_s, PERSISTS_S) for _, since_s in self._tentative.values()):
            return []
        return self._changes(at_s)

    def revise(self, transcript: FinalTranscript) -> list[Event]:
        """Replaces the words of an utterance that is closed, and gives what changed, stamped with its ``at_s``.

        What a caller may rely on:

        - Afterwards mentions, fields and shown flags are those of a call in which every utterance was heard in its
          latest words from the start; the order of revisions does not matter, and going back to the first words goes
          back to the first state.
        - Only differences are given: no event for a flag, a field or an utterance's mentions that stay as they were.
          Texts, word indices and times of mentions, flags and fields are those of the new words.
        - A flag that no longer stands is withdrawn with the reason that the words were heard again. A flag that the
          new words bring is raised at once, never provisional.
        - Later utterances are read again, since their meaning may hang on these words ("no", "it stopped"): the cost
          is that of hearing the revised utterance and all after it.
        - An open utterance goes on: what it showed so far is kept, read on top of the new words.
        - An utterance that was never heard is taken in at its place in the order of indices (the open one is closed by
          it). Empty words take back all that the utterance said.
        - If reading fails, the exception leaves everything as it was.
        """
        heard = {**self._heard, transcript.utterance: transcript.words}
        heard = {index: heard[index] for index in sorted(heard)}
        later = [index for index in heard if index >= transcript.utterance]
        start = next((self._before[index] for index in later if index in self._before), self._told)
        mentions = self._told.mentions()
        told = start.copy()
        before: dict[int, Told] = {}
        for index in later:
            before[index] = told.copy()
            told.close(heard[index], index)
        self._told, self._heard = told, heard
        if self._open is not None and self._open.utterance == transcript.utterance:
            self._open = None
        self._before.update(before)
        events: list[Event] = [
            MentionsRead(transcript.at_s, index, now)
            for index, now in told.mentions().items()
            if mentions.get(index) != now
        ]
        return events + self._changes(transcript.at_s, again=True)

    def mentions(self) -> list[Mention]:
        """Every mention of the closed utterances with its status as it stands now, in order of speech."""
        return [mention for mentions in self._told.mentions().values() for mention in mentions]

    def _close(self, words: tuple[Word, ...], index: int) -> set[int]:
        before = self._told.copy()
        changed = self._told.close(words, index)
        self._before[index], self._heard[index] = before, words
        if self._noisy:
            self._noisy_utterances.add(index)
        return changed

    # --- what changed ------------------------------------------------------------------------------------------------

    def _changes(self, at_s: float, *, again: bool = False) -> list[Event]:
        """What changed in fields and flags; ``again``: because words were heard again."""
        if self._open is None:
            reading, cards, roster = None, self._told.cards(), self._told.roster
        else:
            opened = self._told.read(self._open.words, self._open.utterance)
            reading, cards, roster = opened.reading, opened.cards, opened.roster
        flags = self._flag_changes(reading, cards, roster.front, at_s, again=again)
        return [*self._pet_changes(roster, self._told.died(reading), at_s), *self._field_changes(cards, at_s), *flags]

    def _pet_changes(self, roster: Roster, died: frozenset[int], at_s: float) -> list[Event]:
        pets = tuple(PetTold(pet.number, pet.evidence, pet.number in died) for pet in roster.pets)
        told = PetsTold(at_s, pets, roster.front)
        known = self._pets or PetsTold(at_s, (PetTold(0),), 0)
        if replace(told, at_s=known.at_s) == known:
            return []
        self._pets = told
        return [told]

    def _flag_changes(
        self, opened: Reading | None, cards: Cards, front: int, at_s: float, *, again: bool
    ) -> list[Event]:
        """What changed with the closed utterances, and the open one if there is one."""
        closed, judged, unsure = self._judged(opened, cards, front)
        events: list[Event] = []
        for category in dict.fromkeys((*judged, *unsure, *self._flags, *self._tentative)):
            shown, sure, likely = self._flags.get(category), closed.get(category), judged.get(category)
            red = likely is not None and likely.urgency is Urgency.RED
            highest = shown is not None and (shown.urgency, shown.state) == (Urgency.RED, FlagState.RAISED)
            if category in self._early and self._open is not None and (highest or not red):
                continue
            if likely is not None and (sure is None or (red and sure.urgency is not Urgency.RED)):
                flag = self._by_open_words(category, shown, self._flag(likely, FlagState.PROVISIONAL, front, at_s))
            elif sure is None and self._open is not None and shown is not None:
                flag = self._without_open_words(category, shown)
            else:
                self._tentative.pop(category, None)
                flag = None if sure is None else self._flag(sure, FlagState.RAISED, self._told.roster.front, at_s)
            if flag is None and category in unsure:
                flag = self._flag(unsure[category], FlagState.PROVISIONAL, self._told.roster.front, at_s)
                flag = replace(flag, reason=f"{flag.reason} {_BY_CHANCE}")
            if flag is not None:
                if shown is None or replace(shown, at_s=at_s) != replace(flag, at_s=at_s):
                    self._flags[category] = flag
                    events.append(flag)
            elif shown is not None:
                del self._flags[category]
                events.append(FlagWithdrawn(at_s, category, _HEARD_AGAIN if again else self._why_withdrawn(shown)))
        if self._open is None:
            self._early.clear()
        return events

    def _judged(
        self, opened: Reading | None, cards: Cards, front: int
    ) -> tuple[dict[str, Raised], dict[str, Raised], dict[str, Raised]]:
        """Flags by category: of the closed utterances, with the open one, and those that only chance may have brought.

        The last are in neither of the others.
        """
        # By the patient as closed words tell it: a sex or an age that was only half heard makes nothing certain.
        told, patient = self._told, (self._told.cards(), self._told.roster.front)
        closed = by_category(told.judge(*patient))
        judged = by_category(told.judge_with(opened, cards, front)) if opened else closed
        if all(self._is_sure(flag.evidence) for flag in (*closed.values(), *judged.values())):
            return closed, judged, {}
        sure = by_category(told.judge_only(self._is_sure, *patient))
        sure = {category: flag for category, flag in sure.items() if category in closed}
        unsure = {category: flag for category, flag in closed.items() if category not in sure}
        if opened is None:
            return sure, sure, unsure
        likely = by_category(told.judge_only(self._is_sure, cards, front, opened))
        return sure, {category: flag for category, flag in likely.items() if category in judged}, unsure

    def _is_sure(self, fact: Fact) -> bool:
        """Whether a fact is not one that only words heard by chance tell of; denials always count."""
        mention = fact.mention
        words = self._heard.get(mention.utterance)
        if words is None or mention.status not in (Status.PRESENT, Status.UNCERTAIN):
            return True
        noisy = mention.utterance in self._noisy_utterances
        return not by_chance(words, mention.first_word, mention.last_word, noisy=noisy)

    def _flag(self, raised: Raised, state: FlagState, front: int, at_s: float) -> FlagRaised:
        mention = raised.evidence.mention
        said = self._open if self._open is not None and self._open.utterance == mention.utterance else None
        words = self._heard.get(mention.utterance, ()) if said is None else said.words
        confidence = confidence_of(words, mention.first_word, mention.last_word)
        return FlagRaised(
            at_s,
            raised.category,
            raised.urgency,
            state,
            mention.text,
            tuple(sorted(raised.concepts)),
            mention.utterance,
            mention.start_s,
            mention.end_s,
            raised.reason,
            raised.rule,
            front if mention.pet < 0 else mention.pet,
            confidence,
            is_possible(state, confidence),
        )

    def _by_open_words(self, category: str, shown: FlagRaised | None, flag: FlagRaised) -> FlagRaised | None:
        """What to show of a flag that only open words bring: it, raised if it stands, or what was shown before."""
        if shown is not None and shown.state is FlagState.RAISED and shown.urgency is flag.urgency:
            return flag  # closed words brought it, and no longer do since they were heard again
        since_s = self._since(category, flag.urgency)
        few = self._noisy and len(flag.evidence.split()) <= FEW_WORDS
        if self._lasted(since_s, STANDS_S) and not few:
            self._early.add(category)
            del self._tentative[category]
            confidence = max(flag.confidence, STANDING)
            return replace(flag, state=FlagState.RAISED, confidence=confidence, possible=False)
        known = shown is not None and shown.urgency is flag.urgency
        return flag if known or self._lasted(since_s, PERSISTS_S) else shown

    def _without_open_words(self, category: str, shown: FlagRaised) -> FlagRaised | None:
        """What to show of a flag that no words bring just now: it, or nothing once that has lasted."""
        if shown.state is FlagState.RAISED:
            return None
        if not self._lasted(self._since(category, None), PERSISTS_S):
            return shown
        del self._tentative[category]
        return None

    def _why_withdrawn(self, shown: FlagRaised) -> str:
        if shown.state is FlagState.PROVISIONAL:
            return _HEARD_OTHERWISE
        return _REST_OTHERWISE if shown.category in self._early else _TAKEN_BACK

    def _since(self, category: str, change: Urgency | None) -> float:
        """Since when, in call time, the open words make this of a category's flag."""
        before = self._tentative.get(category)
        if before is None or before[0] is not change:
            before = self._tentative[category] = (change, self._heard_to_s)
        return before[1]

    def _lasted(self, since_s: float, needed_s: float) -> bool:
        return self._heard_to_s - since_s >= needed_s - _SAME_TIME_S

    def _field_changes(self, cards: Cards, at_s: float) -> list[Event]:
        events: list[Event] = []
        for pet, values in cards.items():
            shown = self._cards.get(pet, {})
            events += [
                _suggested(value, pet, at_s)
                for name, value in values.items()
                if shown.get(name) != value and (pet == 0 or name not in CALLER_FIELDS)
            ]
        events += [
            FieldRetracted(at_s, name, pet)
            for pet, shown in self._cards.items()
            for name in shown
            if name not in cards.get(pet, {}) and (pet == 0 or name not in CALLER_FIELDS)
        ]
        self._cards = cards
        return events


def _suggested(value: FieldValue, pet: int, at_s: float) -> FieldSuggested:
    return FieldSuggested(
        at_s,
        value.field,
        value.value,
        value.evidence,
        value.utterance,
        value.start_s,
        value.end_s,
        value.confidence,
        value.provisional,
        value.contradicts,
        pet,
    )
