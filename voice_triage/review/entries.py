"""Whether a supervisor's entry fits its call; what the page leaves to the log (the words, the place) is filled in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from voice_triage.desk_card import DeskCard
from voice_triage.errors import DeskError
from voice_triage.events import (
    FlagJudged,
    Logged,
    MissMarked,
    ReviewDone,
    ReviewEntry,
    ReviewUndone,
    Side,
    TeachingMarked,
)
from voice_triage.review.sheet import review_sheet, standing_entries
from voice_triage.utterances import said_in


def completed(entry: ReviewEntry, log: Sequence[Logged]) -> ReviewEntry:
    """The entry as it is logged. A :class:`ReviewUndone` with sequence 0 undoes the last entry.

    Raises DeskError that says why it cannot be done.
    """
    match entry:
        case FlagJudged():
            if DeskCard.of(log).flag(entry.category, entry.pet) is None:
                raise DeskError("There is no such flag in this call.")
        case MissMarked():
            return _with_its_words(entry, log)
        case TeachingMarked(marked=False):
            if review_sheet(log).teaching is None:
                raise DeskError("This call is not in the teaching library.")
        case ReviewDone():
            if review_sheet(log).done is not None:
                raise DeskError("This call is reviewed already.")
        case ReviewUndone():
            return _of_what_stands(entry, log)
        case _:
            pass
    return entry


def _with_its_words(entry: MissMarked, log: Sequence[Logged]) -> MissMarked:
    said = next(
        (said.counts for said in said_in(logged.event for logged in log) if said.counts.utterance == entry.utterance),
        None,
    )
    if said is None or not 0 <= entry.first_word <= entry.last_word < len(said.words):
        raise DeskError("These words are not in the call any more. Reload the page and select them again.")
    if said.side is not Side.CLIENT:
        raise DeskError("Only the client’s words raise flags: select words of the client.")
    words = said.words[entry.first_word : entry.last_word + 1]
    return dataclasses.replace(
        entry, text=" ".join(word.text for word in words), start_s=words[0].start_s, end_s=words[-1].end_s
    )


def _of_what_stands(entry: ReviewUndone, log: Sequence[Logged]) -> ReviewUndone:
    standing = [logged.sequence for logged in standing_entries(log)]
    if not standing:
        raise DeskError("There is nothing to undo in the review of this call.")
    if entry.sequence and entry.sequence not in standing:
        raise DeskError("That was undone already, or was never done.")
    return dataclasses.replace(entry, sequence=entry.sequence or standing[-1])
