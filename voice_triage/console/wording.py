"""Every word the page says about a call, in one place.

The page gathers and routes; it never diagnoses and never reassures. So: what the *client* describes, what to *do*, and
no word of how bad or harmless it is (``domain.md`` 2.4 lists banned words; ``tests/console`` checks this file for
them). The template hands :data:`PAGE_WORDS` to the scripts as JSON; the scripts hold no wording of their own about
categories, fields, values or states.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from voice_triage.console.action_words import ACTION_WORDS
from voice_triage.console.consent_words import CONSENT_WORDS
from voice_triage.console.guidance_words import GUIDANCE_WORDS
from voice_triage.events import CALLER_FIELDS

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "bleeding": "Bleeding that does not stop",
        "breathing": "Difficulty breathing",
        "gi_severe": "Severe vomiting or diarrhea",
        "toxin": "Possible poison exposure",
        "neuro": "Seizure, collapse or altered mental state",
        "urinary": "Unable or straining to urinate",
        "pain": "Severe pain",
        "foreign_body": "Swallowed an object",
        "other_emergency": "Other emergency",
    }
)
"""Headings of flag cards: the categories of ``eval/FORMAT.md``, named after what the client describes."""

URGENCIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "red": {"word": "Red", "action": "Closest emergency room now"},
        "orange": {"word": "Orange", "action": "Technician or doctor on this line now"},
    }
)
"""What the CSR does about a flag (``domain.md`` 2.1)."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "pet_name": "Pet’s name",
        "species": "Species",
        "breed": "Breed",
        "age": "Age",
        "sex": "Sex",
        "reproductive_status": "Neutered or spayed",
        "weight": "Weight",
        "onset": "Since when",
        "eating": "Eating",
        "drinking": "Drinking",
        "urinating": "Urinating",
        "defecating": "Stool",
        "behavior": "Behavior",
        "client_name": "Client’s name",
        "callback_number": "Call-back number",
    }
)
"""All fields of ``eval/FORMAT.md``, in the order the patient card shows them."""

_HABIT = {
    "normal": "as usual",
    "decreased": "less than usual",
    "increased": "more than usual",
    "none": "not at all",
    "abnormal": "not as usual",
}

VALUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "species": {"guinea_pig": "guinea pig"},
        "reproductive_status": {
            "intact": "intact (not neutered or spayed)",
            "in_heat": "in heat",
            "altered": "fixed (neutered or spayed)",
        },
        "onset": {
            "just_now": "just now",
            "today": "today",
            "this_morning": "this morning",
            "this_afternoon": "this afternoon",
            "tonight": "tonight",
            "last_night": "last night",
            "overnight": "overnight",
            "yesterday": "yesterday",
            "yesterday_morning": "yesterday morning",
        },
        "eating": _HABIT,
        "drinking": _HABIT,
        "urinating": _HABIT,
        "defecating": _HABIT,
        "behavior": {"normal": "as usual", "abnormal": "not as usual", "lethargic": "low energy (lethargic)"},
    }
)
"""Plain words for values that are codes; a value that is not here is shown as it is."""

LOW_CONFIDENCE = 0.6
"""Below this a suggested value is marked as unsure [our choice; the recognizer's own confidence is a weak guide]."""

_DURATION = re.compile(
    r"P(?:(?P<year>[\d.]+)Y)?(?:(?P<month>[\d.]+)M)?(?:(?P<week>[\d.]+)W)?(?:(?P<day>[\d.]+)D)?"
    r"(?:T(?:(?P<hour>[\d.]+)H)?(?:(?P<minute>[\d.]+)M)?(?:(?P<second>[\d.]+)S)?)?"
)
_NORTH_AMERICAN_NUMBER = re.compile(r"1?(\d{3})(\d{3})(\d{4})")
_NAMES = ("pet_name", "client_name", "breed")


def plain_duration(value: str) -> str | None:
    """``P1Y6M`` as ``1 year 6 months``; None if ``value`` is not an ISO 8601 duration."""
    match = _DURATION.fullmatch(value)
    parts = [] if match is None else [(unit, n) for unit, n in match.groupdict().items() if n is not None]
    if not parts:
        return None
    return " ".join(f"{n} {unit}{'' if n == '1' else 's'}" for unit, n in parts)


def plain_value(field: str, value: str) -> str:
    """A suggested value in the words the page shows; one that is not understood is shown as it is."""
    duration = plain_duration(value) if field in ("age", "onset") else None
    if duration is not None:
        return f"{duration} ago" if field == "onset" else duration
    if field == "callback_number" and (number := _NORTH_AMERICAN_NUMBER.fullmatch(value)):
        return "-".join(number.groups())
    if field in _NAMES:
        return " ".join(word if word == "mixed" else word[:1].upper() + word[1:] for word in value.split())
    return VALUES.get(field, {}).get(value, value)


PAGE_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        **ACTION_WORDS,
        **CONSENT_WORDS,
        **GUIDANCE_WORDS,
        "categories": dict(CATEGORIES),
        "category_order": list(CATEGORIES),
        "urgencies": {name: dict(words) for name, words in URGENCIES.items()},
        "fields": [[name, label] for name, label in FIELDS.items()],
        "caller_fields": sorted(CALLER_FIELDS),
        "low_confidence": LOW_CONFIDENCE,
        "pet_number": "Pet {n}",
        "pet_in_front": "In front: the pet with the signs told so far. Ask which pet is meant.",
        "pet_behind": "Also spoken of.",
        "pet_died": "The client says that this pet has died: no flags for it. A quiet, private line.",
        "not_asked": "not asked",
        "flag_states": {
            "provisional": "Possible, still listening",
            "raised": "",
            "withdrawn": "Withdrawn",
        },
        "unclear_words": "Possible: the words were unclear",
        "mention_statuses": {
            "negated": "denied",
            "historical": "in the past",
            "hypothetical": "what-if",
            "other_subject": "not this pet",
            "resolved": "said to have stopped",
            "uncertain": "unclear",
        },
        "line_states": {
            "good": "Line is clear",
            "quiet": "Client is too quiet",
            "silent": "No sound from the client",
            "clipping": "Too loud, distorted",
            "noisy": "Noisy line",
        },
        "source_states": {
            "waiting": "Waiting for a call",
            "listening": "Hearing the client’s side",
            "searching": "Looking for the headset",
            "silent": "No sound from the client",
            "paused": "Listening is paused",
            "clipping": "Too loud, distorted",
            "late": "Sound comes late",
            "gap": "Sound is interrupted",
            "interrupted": "Sound is interrupted",
            "ended": "The sound has ended",
            "failed": "Not listening",
            "sample": "Playing the sample call",
        },
        "recognizer_states": {
            "starting": "Recognition is starting",
            "ready": "Recognition ready",
            "failed": "Speech recognition is not running",
        },
        "end_reasons": {
            "hang-up": "the client or the desk hung up",
            "stopped": "stopped at this desk",
            "source failed": "the sound was lost",
            "interrupted": "interrupted",
            "next call": "the telephone rang",
        },
        "stages": {
            "source": "Sound capture",
            "recognizer": "Speech recognition",
            "understanding": "Reading for red flags",
            "store": "Keeping this call",
            "guidance": "Next questions",
            "console": "This page",
        },
        "source_names": {"sample": "the sample recording"},
        "commands": {
            "listen": {"label": "Listen now", "key": "listen", "done": "Listening begins."},
            "pause": {"label": "Pause", "key": "pause", "done": "Listening is paused."},
            "resume": {"label": "Go on listening", "key": "pause", "done": "Listening goes on."},
            "stop": {"label": "Stop listening", "key": "listen", "done": "This call is not listened to any more."},
            "end-walk-in": {"label": "End walk-in", "key": "listen", "done": "The walk-in has ended."},
            "not-client": {
                "label": "Not a client call",
                "key": "not-client",
                "done": "Nothing of that call is kept.",
            },
        },
        "back": {
            "connecting": "Connecting…",
            "open": "Live",
            "lost": "Connection lost: what is shown may be old. Reconnecting…",
            "none": "Nothing was handed off in the last day.",
            "no_script": "This page needs scripts: allow them for this address.",
            "no_name": "Pet not named",
            "to": {"technician": "a technician", "doctor": "a doctor"},
            "handed": "To {to} at {time}",
            "note": "Note",
            "changed": "The desk has added to this card since.",
            "flag": "{urgency}, no end yet: {category}",
        },
        "command_lost": "voice_triage did not answer. Try again, or start it again.",
        "call_phases": {"none": "No call", "live": "On a call", "ended": "Call ended"},
        "sample_phases": {"none": "No call", "live": "Sample call", "ended": "Sample call ended"},
        "walk_in_phases": {"none": "No call", "live": "Walk-in", "ended": "Walk-in, finished"},
        "not_connected": "Not connected",
        "waiting": {
            "connecting": {"heading": "Connecting", "detail": "This page is connecting to voice_triage."},
            "starting": {"heading": "Getting ready", "detail": "Speech recognition is starting."},
            "waiting": {"heading": "Waiting for a call", "detail": "The page fills in by itself when a call begins."},
            "searching": {"heading": "Looking for the headset", "detail": "Connect the headset to this computer."},
            "failed": {"heading": "Not listening", "detail": "Sound cannot be captured."},
            "recognizer_failed": {
                "heading": "Speech recognition is not running",
                "detail": "No red flags will show until it runs again.",
            },
        },
        "sample": "SAMPLE CALL — not a real client",
        "sample_short": "SAMPLE",
        "own_side": "Desk:",
        "hearing": "still hearing",
        "to_words": "Show these words in the transcript",
        "to_card": "Go to: {name}",
        "no_flags": "No flag so far. That is not an all-clear: keep asking.",
        "no_words": "Nothing heard yet.",
        "unsure": "unsure",
        "contradiction": "Client also said: {value}. Ask which is right.",
        "more_flags": {"one": "and 1 more flag", "other": "and {n} more flags"},
        "hearings": {
            "settled": "Heard a second time, more carefully.",
            "kept": "Heard a second time without a clear result: these are the first words.",
            "doubted": "Heard a second time without a clear result: these are the first words, and unsure.",
            "skipped": "Heard only once.",
        },
        "first_heard": "First heard as: {text}",
        "term_heard": "heard “{text}”",
        "first_nothing": "At first no words were heard here.",
        "gap": "{seconds} s of sound missing",
        "gap_advice": "Sound is missing at {time}. Ask the client to say again what they said then.",
        "stage_failed": "{stage} has a problem.",
        "unheard_end": "The end of this call did not reach this page.",
        "forgotten": "This call is very long: its first {n} entries are not shown here.",
        "recognizer_failed": "No words are being recognized, so no red flags will show. Listen for them yourself.",
        "connections": {
            "connecting": "Connecting to voice_triage…",
            "lost": "Connection lost. Nothing below is live: listen for red flags yourself. Reconnecting…",
            "broken": "This page has a problem and may miss things. Reload it, and go by what you hear.",
            "refused": "voice_triage was restarted. Use the page it has opened, or the link in its window.",
        },
    }
)
"""What the scripts need to say, handed to them by the template."""
