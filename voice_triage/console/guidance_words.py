"""What the page says round next questions, lanes and fixed lines. Part of :mod:`.wording`'s PAGE_WORDS.

The questions and lines themselves are the veterinarian's (``lexicons/questions.toml``, ``lexicons/lines.toml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

GUIDANCE_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "guidance": {
            "heading": "Next questions",
            "ended": "Questions",
            "asked": "Asked",
            "asked_of": "Asked: {text}",
            "skip": "Skip",
            "skip_of": "Skip: {text}",
            "states": {"asked": "asked", "skipped": "skipped"},
            "no_question": "No question is suggested now.",
            "not_asked": {"one": "Not asked: 1", "other": "Not asked: {n}"},
            "closing": "A physical exam can always be offered.",
            "say_line": "Say:",
            "said_line": "Said",
            "no_line": "The card has no line to say.",
            "ask_line": "Ask:",
            "rooms": "Closest emergency rooms",
            "not_signed": "These lines are not signed by a veterinarian yet.",
            "no_rooms": "No emergency room is given. Fill in the clinic’s profile: voice-triage clinic init",
            "show_words": "Show these words in the transcript: {text}",
            "your_pet": "your {species}",
            "pet": "pet",
            "no_species": ["other", "reptile"],
            "lanes": {
                "infectious": "Straight to a room",
                "died": "A pet has died, or the end of life",
                "temperament": "Anxious or aggressive",
                "first_visit": "First visit",
                "telemedicine": "Telemedicine or in person",
                "recheck": "Recheck",
                "wellness": "Wellness visit",
                "refill": "Refill",
                "payment": "Payment",
            },
        },
    }
)
"""Handed to the scripts with the page's other words."""
