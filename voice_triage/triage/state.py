"""One call's understanding: transcripts in, flags, fields and mentions out, in the order they become known.

Only the open utterance is read again on a partial; closed ones keep their reading until their words are heard again.
Statuses, flags and fields are always those of *all* that was said so far, so that words split into partials at any
points, and words revised in any order, end in the same state.
"""

from __future__ import annotations

from dataclasses import replace

from voice_triage.events import (
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
    Word,
)
from voice_triage.triage.fields import FieldValue
from voice_triage.triage.lexicon import Lexicon
from voice_triage.triage.reading import Reading
from voice_triage.triage.rules import Patient, Raised, by_category
from voice_triage.triage.told import Told, patient_of

_TAKEN_BACK = "A later statement took it back."
_HEARD_OTHERWISE = "The words were heard differently."
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
        self._fields: dict[str, FieldValue] = {}

    def hear(self, transcript: PartialTranscript | FinalTranscript) -> list[Event]:
        """Reads one transcript of the client and gives what changed. Events carry the transcript's ``at_s``.

        Utterances come in order; partials and the final of the open one carry its index.
        """
        if isinstance(transcript, PartialTranscript):
            self._open = transcript
            return self._changes(transcript.at_s)
        self._open = None
        changed = self._close(transcript.words, transcript.utterance)
        events: list[Event] = [
            MentionsRead(transcript.at_s, index, self._told.mentions_of(index)) for index in sorted(changed)
        ]
        return events + self._changes(transcript.at_s)

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
        return changed

    # --- what changed ------------------------------------------------------------------------------------------------

    def _changes(self, at_s: float, *, again: bool = False) -> list[Event]:
        """What changed in fields and flags; ``again``: because words were heard again."""
        if self._open is None:
            reading, values = None, self._told.values()
        else:
            reading, values = self._told.read(self._open.words, self._open.utterance)
        return self._field_changes(values, at_s) + self._flag_changes(reading, patient_of(values), at_s, again=again)

    def _flag_changes(self, opened: Reading | None, patient: Patient, at_s: float, *, again: bool) -> list[Event]:
        """What changed with the closed utterances, and the open one if there is one."""
        closed = by_category(self._told.judge(patient))
        judged = by_category(self._told.judge_with(opened, patient)) if opened else closed
        events: list[Event] = []
        for category, raised in judged.items():
            sure = closed.get(category)
            firm = sure is not None and sure.urgency is raised.urgency
            flag = _flag(
                sure if firm and sure is not None else raised, FlagState.RAISED if firm else FlagState.PROVISIONAL, at_s
            )
            shown = self._flags.get(category)
            stays = shown is not None and shown.state is FlagState.RAISED and shown.urgency is flag.urgency
            if stays and not firm and not again:
                continue
            if shown is None or replace(shown, at_s=at_s) != flag:
                self._flags[category] = flag
                events.append(flag)
        for category in [c for c in self._flags if c not in judged]:
            was = self._flags.pop(category)
            why = _TAKEN_BACK if was.state is FlagState.RAISED else _HEARD_OTHERWISE
            events.append(FlagWithdrawn(at_s, category, _HEARD_AGAIN if again else why))
        return events

    def _field_changes(self, values: dict[str, FieldValue], at_s: float) -> list[Event]:
        events: list[Event] = []
        for name, value in values.items():
            if self._fields.get(name) != value:
                events.append(
                    FieldSuggested(
                        at_s,
                        name,
                        value.value,
                        value.evidence,
                        value.utterance,
                        value.start_s,
                        value.end_s,
                        value.confidence,
                        value.provisional,
                        value.contradicts,
                    )
                )
        events += [FieldRetracted(at_s, name) for name in self._fields if name not in values]
        self._fields = dict(values)
        return events


def _flag(raised: Raised, state: FlagState, at_s: float) -> FlagRaised:
    mention = raised.evidence.mention
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
    )
