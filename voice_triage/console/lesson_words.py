"""What a lesson of the teaching library says, and its keys. As in :mod:`.wording`, nothing is diagnosed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from voice_triage.console.keys import Key
from voice_triage.console.review_words import review_page_words
from voice_triage.console.wording import CATEGORIES, PAGE_WORDS

LESSON_KEYS: Sequence[Key] = (
    Key("review-play", "p", "Play, or stop", "Sound"),
    Key("review-back", ",", "Back five seconds", "Sound"),
    Key("review-slower", "-", "Slower", "Sound"),
    Key("review-faster", "+", "Faster", "Sound"),
    *(
        Key(f"review-flag-{category}", str(number), f"Flag now: {CATEGORIES[category]}", "Flags")
        for number, category in enumerate(PAGE_WORDS["category_order"], start=1)
    ),
    Key("review-undo", "u", "Take back the last flag", "Flags"),
    Key("review-end", "e", "End, and compare", "Lesson"),
    Key("review-queue", "q", "Back to the library", "Lesson"),
    Key("help", "?", "This list", "Lesson"),
)
"""Names as in :data:`voice_triage.console.review_words.REVIEW_KEYS`; the digits are those of the desk's own dialogs."""

LESSON_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "untitled": "Lesson without a title",
        "no_sound": "No sound is kept of this call: its words appear in the time in which they were said.",
        "play_first": "Play the call first: a flag is set at the moment that you have heard up to.",
        "flagged": "Flagged at {time}: {name}.",
        "taken_back": "Taken back: {name}.",
        "nothing_back": "There is no flag of yours to take back.",
        "yours": "{time} {name}",
        "take_back": "Take back",
        "none_yet": "None so far.",
        "over": "The call is over. E ends the lesson and compares.",
        "not_over": "The call has not been heard to its end. E once more ends the lesson here.",
        "ended": "The lesson has ended. Reload the page to begin anew.",
        "nothing_to_flag": "There was nothing to flag in this call.",
        "summary": "{found} of {of} found, {missed} missed, {extra} beyond what there was to flag.",
        "result": {"found": "Found", "missed": "Missed", "extra": "Beyond"},
        "columns": [
            "Result",
            "Flag",
            "Client’s words",
            "You",
            "From the words to you",
            "Beside the call",
            "Who says so",
        ],
        "pet": "{name} (pet {n})",
        "hear": "Hear it: {time}",
        "not_flagged": "not flagged",
        "after_words": "{n} s after their end",
        "before_words": "{n} s before their end",
        "sooner": "{n} s sooner",
        "later": "{n} s later",
        "same": "at the same second",
        "nobody": "nobody had flagged it",
        "source": {
            "product": "flagged by the product",
            "csr": "flagged by the CSR",
            "supervisor": "marked as missed by the supervisor",
        },
        "judged_right": "{source}, judged right",
        "not_judged": "{source}, without a verdict",
        "why": {
            "false_alarm": "The product flagged it too; the supervisor judged that a false alarm.",
            "withdrawn": "The product flagged it for a while and withdrew it.",
            "again": "You had flagged that already.",
            "not_in_key": "Neither the product nor the supervisor flagged that.",
        },
        "failed": "The comparison did not arrive. Your flags are still here: try again.",
    }
)


def lesson_page_words() -> dict[str, Any]:
    """What the script of a lesson needs to say."""
    return {**review_page_words(LESSON_KEYS), "lesson": dict(LESSON_WORDS)}
