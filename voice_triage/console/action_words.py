"""What the page says about what the CSR does: actions, keys, sound, windows. Part of :mod:`.wording`'s PAGE_WORDS.

The same rule holds here: gather and route, never diagnose, never reassure.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from voice_triage.console.keys import KEYS

ACTION_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "keys": [{"name": key.name, "key": key.key, "does": key.does, "group": key.group} for key in KEYS],
        "key_names": {"Escape": "Esc", " ": "Space"},
        "keys_view": {
            "heading": "Keys",
            "change": "Change",
            "change_of": "Change the key of: {does}",
            "press": "Press the new key (Esc: leave it)",
            "taken": "{key} already does this: {does}. Choose another.",
            "not_possible": "{key} cannot be used: the browser or a text field needs it. "
            "Choose a letter, a sign, F1, F2, F4, F8 or F9.",
            "changed": "{key}: {does}",
            "reset": "All keys as they were",
            "reset_done": "All keys are as they were at first.",
            "not_kept": "This browser keeps no settings: the choice holds until the page is closed.",
        },
        "tools": {
            "raise": "Flag",
            "note": "Note",
            "hand-off": "Hand-off",
            "undo": "Undo",
            "walk-in": "Walk-in",
            "view": {"compact": "Full", "full": "Compact"},
            "pop-out": "Pop out",
            "help": "Keys",
        },
        "pop_out": {
            "elsewhere": "The call is shown in its own window, in front of other programs.",
            "back": "Show it here again",
            "refused": "The browser did not open the window. Press the key again, or use the button.",
        },
        "notifying": {
            "heading": "Desktop notifications",
            "about": "When this page is behind other windows, a new red flag shows a desktop notification: "
            "its heading only, never what the client said.",
            "allow": "Allow notifications",
            "off": "Switch notifications off",
            "on": "Notifications are on.",
            "refused": "The browser refuses notifications for this page. "
            "Its settings, left of the address, can allow them.",
            "title": "{urgency} flag: {category}",
            "body": "Look at Voice Triage.",
        },
        "sound": {
            "playing": "Playing what was said at {time}.",
            "play": "Play these words: {name}",
            "play_short": "Play",
            "stop": "Stop",
            "sample": "The sample call is not recorded, so its words cannot be played.",
            "nothing": "Nothing is selected to play. Go to a flag or a field first.",
            "failed": "These words cannot be played: the sound did not arrive.",
        },
        "done": {
            "acknowledge": "Acknowledged.",
            "end_flag": "Kept: the flag has an end.",
            "raise_flag": "The flag is raised.",
            "settle_field": "Kept.",
            "note": "The note is kept.",
            "advice": "Kept: the line was said.",
            "hand_off": "Handed off.",
            "undo": "Undone.",
            "consent": "Noted.",
            "pause_recording": "Recording is paused.",
            "resume_recording": "Recording goes on.",
        },
        "action_names": {
            "FlagAcknowledged": "Undo: acknowledged",
            "FlagEnded": "Undo: end of a flag",
            "FlagRaisedByHand": "Undo: flag raised by hand",
            "FieldSettled": "Undo: field of the patient",
            "QuestionSettled": "Undo: question",
            "NoteTyped": "Undo: note",
            "AdviceGiven": "Undo: line said",
            "HandedOff": "Undo: hand-off",
        },
        "nothing_to_undo": "There is nothing to undo in this call.",
        "walk_in_begun": "A walk-in has begun.",
        "new_in_front": "Nothing was done: another flag has only now come first ({name}). Press the key again.",
        "no_open_flag": "No flag is open.",
        "flags_left": "These flags have no end yet. What became of them?",
        "earlier_flags": {"one": "1 flag without an end", "other": "{n} flags without an end"},
        "flag_group": "What became of this flag",
        "flag_ends": {
            "sent_to_emergency_room": "Sent to ER",
            "handed_over": "Handed over",
            "dismissed": "Dismissed",
        },
        "dismissal_reasons": [
            ["misheard", "Misheard: these words were not said"],
            ["not_so", "Asked: it is not happening"],
            ["not_this_pet", "Not this pet"],
            ["in_the_past", "In the past, and over"],
            ["already_in_care", "A veterinarian is already seeing to it"],
            ["no_client", "Not a client’s words about a patient"],
        ],
        "do_acknowledge": "Acknowledge",
        "do_hand_over": "To technician or doctor",
        "do_dismiss": "Dismiss",
        "why_dismiss": "Why? Press its number (Esc: leave it open).",
        "acknowledged": "Acknowledged at",
        "ended_at": "Ended at",
        "seen": "Acknowledged, no end yet",
        "no_end": "No end yet: what became of it?",
        "by_hand": "Raised by you",
        "reopened": "Dismissed before; the client has said more since.",
        "raise_orange": "Orange: {name}",
        "advice": "Told the client:",
        "settled": {
            "confirmed": "confirmed",
            "edited": "typed",
            "rejected": "rejected: ask again",
            "unknown": "asked, not known",
        },
        "settled_aside": {
            "suggested": "to be confirmed",
            "provisional": "still hearing",
            "confirmed": "confirmed",
            "edited": "typed",
        },
        "to_edit": "press to type",
        "type_value": "{name}: type the value",
        "type_hint": "Enter keeps it, Esc leaves it",
        "do_confirm": "Confirm",
        "do_reject": "Reject",
        "do_edit": "Type",
        "do_unknown": "Not known",
        "handed_to": {"technician": "Handed off to the technician", "doctor": "Handed off to the doctor"},
        "hand_off": {
            "technician": "Hand to technician",
            "doctor": "Hand to doctor",
            "copy": "Copy",
            "print": "Print",
            "save": {"text": "Save as text", "json": "Save as JSON", "fhir": "Save as FHIR"},
            "copied": "Copied. Paste it into the practice software.",
            "not_copied": "The browser did not copy. The note is selected: press Ctrl+C.",
        },
        "not_understood": {
            "heading": "The client is hardly understood",
            "line": "The line is bad: {state}. Ask the client to say it again, or call back on another line.",
            "language": "Another language, an accent or noise: few of the last words were sure. Flags may be missed: "
            "ask short questions, write down the answers, bring in an interpreter or a technician.",
        },
    }
)
"""Handed to the scripts with the page's other words."""
