"""What the supervisor's and the learner's pages say. As in :mod:`.wording`, nothing is diagnosed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from voice_triage.console.keys import KEYS, Key
from voice_triage.console.wording import PAGE_WORDS

REVIEW_KEYS: Sequence[Key] = (
    Key("review-play", "p", "Play, or stop", "Sound"),
    Key("review-back", ",", "Back five seconds", "Sound"),
    Key("review-forward", ".", "Forward five seconds", "Sound"),
    Key("review-slower", "-", "Slower", "Sound"),
    Key("review-faster", "+", "Faster", "Sound"),
    Key("review-skip-silence", "s", "Skip silence, or not", "Sound"),
    Key("review-previous-mark", "[", "To the mark before", "Marks"),
    Key("review-next-mark", "]", "To the next mark", "Marks"),
    Key("review-loop", "l", "Play this mark over and over, or go on", "Marks"),
    Key("review-next-flag", "f", "To the next flag", "Verdict"),
    Key("review-right", "r", "The flag is right", "Verdict"),
    Key("review-false-alarm", "a", "The flag is a false alarm", "Verdict"),
    Key("review-words", "w", "To the words; arrows move, Shift with an arrow selects", "Verdict"),
    Key("review-missed", "m", "The selected words were missed; then the number of a flag", "Verdict"),
    Key("review-note", "n", "Type a note", "Review"),
    Key("review-teach", "t", "Into the teaching library, or out of it", "Review"),
    Key("review-undo", "u", "Undo the last entry of the review", "Review"),
    Key("review-done", "d", "Done: on to the next call", "Review"),
    Key("review-queue", "q", "Back to the queue", "Review"),
    Key("help", "?", "This list", "Review"),
)
"""Names begin with ``review-``, so that no choice of the console's own keys changes one of these."""
QUEUE_KEYS: Sequence[Key] = (
    Key("review-next", "j", "To the next call", "Queue"),
    Key("review-previous", "k", "To the call before", "Queue"),
    Key("review-search", "/", "Search for words", "Queue"),
    Key("review-page-on", "]", "Next page", "Queue"),
    Key("review-page-back", "[", "Page before", "Queue"),
    Key("help", "?", "This list", "Queue"),
)

REVIEW_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "title": "Review",
        "which": [
            ["to_review", "To be reviewed: flagged or interrupted"],
            ["flagged", "Flagged"],
            ["dismissed", "With a dismissed flag"],
            ["interrupted", "Interrupted"],
            ["not_reviewed", "Not yet reviewed, flagged or not"],
            ["reviewed", "Reviewed"],
            ["teaching", "In the teaching library"],
            ["all", "All kept calls"],
        ],
        "qualities": {
            "good": "Good line",
            "gaps": "Sound is missing",
            "silent": "Client not heard",
            "clipping": "Too loud, distorted",
            "unclear": "Words were unclear",
        },
        "dispositions": {
            "open": "A flag without an end",
            "sent_to_emergency_room": "Sent to ER",
            "handed_over": "Handed over",
            "dismissed": "Dismissed",
        },
        "any": "any",
        "no_csr": "not known",
        "week": "{n} of {of} flagged or interrupted calls of this week reviewed",
        "filter": "{n} of {of} calls in this filter reviewed",
        "count": {"one": "1 call", "other": "{n} calls"},
        "page": "Page {n} of {of}",
        "none": "No call is like that.",
        "unread": "{n} earlier calls are still being taken in. Look again in a while.",
        "failed": "It could not be read. Reload the page; if it stays so, tell whoever looks after this computer.",
        "interrupted": "interrupted",
        "reviewed_by": "reviewed by {name}",
        "not_reviewed": "not reviewed",
        "teaching": "teaching",
        "withdrawn": "withdrawn",
        "no_flags": "no flags",
        "misses": {"one": "1 missed", "other": "{n} missed"},
        "verdicts": {"right": "right", "false_alarm": "false alarm"},
        "no_end": "no end",
        "by_hand": "raised by the CSR",
        "no_name": "Caller without a name",
        "marks": {
            "flag": "Flag: {name}",
            "withdrawn": "Withdrawn: {name}",
            "acknowledged": "Acknowledged: {name}",
            "ended": "End of {name}: {text}",
            "field": "{name}: {plain}",
            "settled": "{name} {text}: {plain}",
            "gap": "Not heard: {text}",
            "note": "Note: {text}",
            "advice": "Told the client: {text}",
            "handed_off": "Handed off: {text}",
            "failure": "Notice: {text}",
            "missed": "Missed: {name}",
        },
        "play": "Play",
        "stop": "Stop",
        "speed": "Speed {n}",
        "skip_silence": "Skip silence",
        "loop": "Loop",
        "looping": "Playing {name} over and over.",
        "no_mark": "There is no mark here.",
        "no_sound": "No sound is kept of this call: the words can be read.",
        "sound_failed": "The sound did not arrive. Reload the page to hear the call.",
        "on_call": "A call is being heard at this desk: what is played now would be heard as its client.",
        "side": {"client": "Client", "own": "CSR"},
        "heard_by": {"vosk": "heard live", "whisper": "heard again"},
        "other_hearing": "{ear}:",
        "to_time": "Play from {time}",
        "selected": "Selected: {text}",
        "cursor": "{text}, {time}",
        "select_first": "Select the words first: with the mouse, or with w, the arrows and Shift.",
        "choose_flag": "Which flag was missed? Press its number (Esc: none).",
        "miss_kept": "Kept: missed.",
        "verdict_kept": "Kept: {verdict}.",
        "note_kept": "The note is kept.",
        "teaching_on": "The call is in the teaching library.",
        "teaching_off": "The call is not in the teaching library any more.",
        "undone": "Undone.",
        "done_kept": "Reviewed.",
        "queue_end": "Reviewed. There is no other call in the queue.",
        "no_flag": "This call has no flag to judge.",
        "judge": {"right": "Right", "false_alarm": "False alarm"},
        "judged": "Verdict: {verdict}, by {name}",
        "no_verdict": "No verdict yet",
        "remove": "Undo",
        "missed_list": "Missed: {name}, {text}",
        "done_by": "Reviewed by {name}.",
        "score": {
            "opened": "Opened with a question",
            "asked": "Red-flag questions asked",
            "exam": "Exam offered",
            "answers": {"yes": "yes", "no": "no", "unknown": "not known: the CSR’s side was not heard"},
            "asked_of": "{n} of {of}",
            "none_suggested": "none was suggested",
            "question_asked": "asked at {time}",
            "question_skipped": "skipped",
            "question_open": "not ticked off",
            "flag": "Flag",
            "to_flag": "Words to flag",
            "to_acknowledge": "to acknowledged",
            "to_disposition": "to its end",
            "seconds": "{n} s",
            "never": "not done",
        },
        "moment": "The console at {time}",
        "moment_failed": "How the console was at this second could not be read.",
        "teaching_title": "What is there to learn from it? (says nothing of who called)",
        "keys_heading": "Keys",
    }
)


def review_page_words(keys: Sequence[Key]) -> dict[str, Any]:
    """What the scripts of a page with these keys need to say; the live page's words among it, whose parts it shows.

    The live page's keys come last: they stand beside its buttons, which cannot be pressed here, and do nothing.
    """
    names = {key.name for key in keys}
    every = [*keys, *(key for key in KEYS if key.name not in names)]
    rows = [{"name": key.name, "key": key.key, "does": key.does, "group": key.group} for key in every]
    return {**PAGE_WORDS, "review": dict(REVIEW_WORDS), "keys": rows, "own_keys": sorted(names)}
