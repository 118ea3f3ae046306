"""The page's keys: what each does and which it is until the CSR chooses another.

A key works wherever the focus is in the page, except in a text field (function keys work there too) and in an open
dialog. Letters are without Shift, Ctrl or Alt, so that they never take the place of the browser's or the system's own.
The page keeps other choices in the browser and refuses one that is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a key does."""

    name: str
    """What scripts call it; stays the same when another key is chosen."""
    key: str
    """``KeyboardEvent.key`` until another is chosen."""
    does: str
    """What it does, as the list of keys says it."""
    group: str
    """Heading in the list of keys."""


KEYS: Sequence[Key] = (
    Key("acknowledge", "a", "Acknowledge: I have seen this flag", "Flags"),
    Key("emergency-room", "e", "Sent to the emergency room", "Flags"),
    Key("hand-over", "t", "Handed to technician or doctor", "Flags"),
    Key("dismiss", "d", "Dismiss; then the number of a reason", "Flags"),
    Key("said-line", "l", "The line on the card was said to the client", "Flags"),
    Key("next-flag", "n", "Go to the next open flag", "Flags"),
    Key("raise", "r", "Raise a flag by hand; then its number", "Flags"),
    Key("patient", "p", "Go to the next field that is open", "Patient"),
    Key("confirm", "c", "Confirm the field, and go to the next", "Patient"),
    Key("edit", "i", "Type another value", "Patient"),
    Key("reject", "x", "Reject the value", "Patient"),
    Key("unknown", "u", "Asked, and the client does not know", "Patient"),
    Key("questions", "q", "Go to the next questions", "Questions"),
    Key("asked-1", "1", "The first question was asked", "Questions"),
    Key("asked-2", "2", "The second question was asked", "Questions"),
    Key("asked-3", "3", "The third question was asked", "Questions"),
    Key("skip", "k", "Skip the question (the first, or the one with the focus)", "Questions"),
    Key("consent", "y", "Consent to recording; then its number", "Recording"),
    Key("pause-recording", "b", "Pause recording, or record again", "Recording"),
    Key("sound", "s", "Play the words of this flag or field; again: stop", "Call"),
    Key("undo", "z", "Undo what was done last", "Call"),
    Key("note", "m", "Type a note", "Call"),
    Key("hand-off", "h", "Hand-off note", "Call"),
    Key("walk-in", "w", "Begin a walk-in, without a call", "Call"),
    Key("pause", "F8", "Pause, or go on listening", "Listening"),
    Key("listen", "F9", "Listen now, or stop listening", "Listening"),
    Key("not-client", "F2", "Not a client call", "Listening"),
    Key("view", "v", "Compact or full view", "Window"),
    Key("pop-out", "o", "Own window that stays in front", "Window"),
    Key("help", "?", "This list", "Window"),
)
"""In the order in which the page lists them."""
