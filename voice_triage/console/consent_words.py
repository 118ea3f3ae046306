"""What the page says about consent and recording. Part of :mod:`.wording`'s PAGE_WORDS."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

CONSENT_WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "consent": {
            "choose": "Consent",
            "pause": "Pause recording",
            "resume": "Record again",
            "why": "What did the client say to being recorded? Press its number (Esc: leave it).",
            "choices": [
                ["announced", "Told that the call is recorded, and stayed on the line"],
                ["given", "Agrees"],
                ["refused", "Refuses: delete what was heard, keep only what I type"],
                ["unknown", "Not decided"],
            ],
            "states": {
                "unknown": "Consent not decided",
                "announced": "Client told of recording",
                "given": "Client agrees to recording",
                "refused": "Client refuses recording",
            },
            "keeping": {
                "kept": {"live": "being kept", "ended": "kept"},
                "held": {"live": "nothing is kept yet", "ended": "gone 10 minutes after the call, unless you decide"},
                "refused": {
                    "live": "nothing is kept but what you type",
                    "ended": "gone 10 minutes after the call, but for what you typed",
                },
                "paused": {"live": "recording paused: this is kept nowhere", "ended": "kept"},
            },
            "captured": "Captured:",
            "captures": {
                "client": "the client’s side",
                "own": "your microphone",
                "sound": "sound",
                "words": "words",
            },
            "nothing": "Nothing of this card is recorded: there is nothing to agree to.",
            "no_undo": "Consent is not undone. Press {key} and choose again; what was deleted stays deleted.",
            "earlier": "Consent not decided",
            "earlier_do": {"given": "Client agreed: keep it", "refused": "Client refused: delete it"},
        },
    }
)
"""Handed to the scripts with the page's other words."""
