"""Acted calls with gold labels, and what was heard of them: call scripts, sound and the times at which turns began."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CATEGORIES = (
    "bleeding", "breathing", "gi_severe", "toxin", "neuro", "urinary", "pain", "foreign_body", "other_emergency",
)  # fmt: skip
SOUND_ENDINGS = (".flac", ".wav", ".ogg")


@dataclass(frozen=True, slots=True)
class GoldFlag:
    """A flag that must be raised by the end of its call."""

    category: str
    urgency: str
    phrase: str
    """The words that, with all before them, justify it."""
    first_word: int
    """Where they begin among all words of the client in the call."""
    began_s: float
    """When the turn that holds them began."""
    end_s: float
    """When they ended: interpolated in their turn by characters, some 0.3 s off."""


@dataclass(frozen=True, slots=True)
class GoldCall:
    """One acted call."""

    id: str
    sound: Path
    words: Sequence[str]
    """All words of the client, in order."""
    flags: Sequence[GoldFlag]
    not_flags: frozenset[str]
    """Categories that are mentioned and must not be raised."""
    fields: Mapping[str, str]
    duration_s: float

    @property
    def clean(self) -> bool:
        """Whether no flag is right in it."""
        return not self.flags


def load_gold(calls: Path, audio: Path) -> list[GoldCall]:
    """Every call script (``*.json``) of ``calls`` with its sound and ``.timing.json`` in ``audio``, in order of id.

    Raises ValueError if there is none, or a script has no sound or no times or is none; OSError if one cannot be read.
    """
    found = []
    for path in sorted(calls.glob("*.json")):
        try:
            script = json.loads(path.read_text(encoding="utf-8"))
            call = script["id"]
            sound = next((file for ending in SOUND_ENDINGS if (file := audio / f"{call}{ending}").exists()), None)
            times = audio / f"{call}.timing.json"
            if sound is None or not times.exists():
                raise ValueError(f"{audio} holds no sound, or no .timing.json, of the call {call}.")
            found.append(_call(script, json.loads(times.read_text(encoding="utf-8")), sound))
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path.name}, or its .timing.json, is no call script ({error!r}).") from error
    if not found:
        raise ValueError(f"{calls} holds no call scripts (*.json).")
    return found


def _call(script: Mapping[str, Any], times: Mapping[str, Any], sound: Path) -> GoldCall:
    spoken = {turn["i"]: turn for turn in times["turns"]}
    before: dict[int, int] = {}
    words: list[str] = []
    for number, turn in enumerate(script["turns"]):
        if turn["who"] == "client":
            before[number] = len(words)
            words += turn["text"].split()
    flags = []
    for flag in script["gold"]["flags"]:
        number, phrase = flag["turn"], flag["phrase"]
        text, turn = script["turns"][number]["text"], spoken[number]
        at = text.find(phrase)
        if at < 0 or number not in before:
            raise ValueError(f"call {script['id']}: {phrase!r} does not stand in the client's turn {number}.")
        share = (at + len(phrase)) / len(text)
        flags.append(
            GoldFlag(
                flag["category"],
                flag.get("urgency", "red"),
                phrase,
                before[number] + len(text[:at].split()),
                turn["start"],
                turn["start"] + share * (turn["end"] - turn["start"]),
            )
        )
    gold = script["gold"]
    mentioned = {entry["category"] for entry in gold.get("not_flags", ())} & set(CATEGORIES)
    return GoldCall(
        script["id"],
        sound,
        words,
        flags,
        frozenset(mentioned - {flag.category for flag in flags}),
        {name: str(value) for name, value in gold.get("fields", {}).items()},
        float(times["duration_s"]),
    )
