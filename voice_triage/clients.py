"""Finds every kept call of one client, by telephone number, name or both: to hand it out, or to delete it.

Looked through is everything that a call's log holds: fields as they were suggested (also those that something else
replaced later) and settled, what was said, digits read out one by one too, and what people wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Protocol

from voice_triage.errors import ClientError
from voice_triage.events import (
    AdviceGiven,
    Event,
    FieldSettled,
    FieldSuggested,
    FinalTranscript,
    FlagEnded,
    FlagRaisedByHand,
    HandedOff,
    MissMarked,
    NoteTyped,
    ReviewNoted,
    Settlement,
    TeachingMarked,
    UtteranceReheard,
)
from voice_triage.store.calls import CallSummary
from voice_triage.triage.phones import digit_runs

_FIELDS: Final = (FieldSuggested, FieldSettled)
_SAID: Final = (FinalTranscript, UtteranceReheard)
_WRITTEN: Final = (
    *(NoteTyped, AdviceGiven, HandedOff, FlagEnded, FlagRaisedByHand, ReviewNoted, MissMarked, TeachingMarked),
)
_LOOKED_AT: Final[tuple[type[Event], ...]] = (*_FIELDS, *_SAID, *_WRITTEN)
_LOCAL_DIGITS: Final = 7
"""A number without its area code: so many digits at the end tell that two are the same."""
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "mister", "missus"})
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TOKEN: Final = re.compile(r"[^\W_]+")
_LIKE: Final = 0.8
"""How like a heard name must be to one that is looked for, to be shown as perhaps the same [our choice]."""


class KeptLogs(Protocol):
    """The kept calls: :class:`voice_triage.store.sql_calls.SqlCallStore`."""

    def calls(self, limit: int | None = 100) -> Sequence[CallSummary]:
        """The newest first."""

    def payloads(self, call: str, kinds: tuple[type[Event], ...]) -> list[bytes]:
        """A call's events of these kinds, as JSON."""


@dataclass(frozen=True, slots=True)
class Client:
    """Whom to look for; one of both at least."""

    name: str = ""
    number: str = ""
    """Digits alone."""

    @classmethod
    def of(cls, name: str, number: str) -> Client:
        """As a person types it. Raises ClientError that says what can be looked for."""
        digits = _local(re.sub(r"\D", "", number))
        if number.strip() and len(digits) < _LOCAL_DIGITS:
            raise ClientError(f"A telephone number to look for has {_LOCAL_DIGITS} digits or more.")
        words = _name_words(name)
        if name.strip() and not words:
            raise ClientError("A name to look for has letters in it.")
        if not words and not digits:
            raise ClientError("Say whom to look for: --name, --number, or both.")
        return cls(" ".join(words), digits)


@dataclass(frozen=True, slots=True)
class ClientCall:
    """A call that may be of the client."""

    call: str
    started_at: str
    why: tuple[str, ...]
    """Where the name or number was found."""
    sure: bool
    """Else: the name is only like it, or the call tells another name or number besides."""
    doubt: str = ""


def calls_of(store: KeptLogs, client: Client) -> list[ClientCall]:
    """Every kept call in which the client is told, the newest first. Raises StoreError."""
    found = []
    for summary in store.calls(None):
        traces = _Traces(client)
        for payload in store.payloads(summary.call, _LOOKED_AT):
            traces.take(json.loads(payload))
        if traces.why or traces.like:
            found.append(traces.judged(summary))
    return found


class _Traces:
    """What one call tells of the client."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._words = client.name.split()
        self.why: dict[str, None] = {}
        self.like: dict[str, None] = {}
        self._told: dict[str, list[tuple[str, bool]]] = {"name": [], "number": []}
        """Of both: every value told, and whether it is the client's."""
        self._settled: dict[str, tuple[str, bool]] = {}

    def take(self, event: dict[str, Any]) -> None:
        """The next event."""
        kind = event["type"]
        if kind in (FieldSuggested.__name__, FieldSettled.__name__):
            if event.get("state") == Settlement.REJECTED.value:
                return
            told = "settled" if kind == FieldSettled.__name__ else "heard"
            if event["field"] == "client_name" and event["value"]:
                self._name(event["value"], told)
            elif event["field"] == "callback_number" and event["value"]:
                self._number(_local(re.sub(r"\D", "", event["value"])), told)
        else:
            said = kind in (FinalTranscript.__name__, UtteranceReheard.__name__)
            for text in (event.get("text"), event.get("note"), event.get("title")):
                if text:
                    self._text(text, "said" if said else "written")

    def judged(self, summary: CallSummary) -> ClientCall:
        """Whether it is the client's: by what is asked for, and by nothing that tells otherwise."""
        doubt = "" if self.why else f"a name like it: {', '.join(self.like)}"
        for what, wanted in (("name", self._client.name), ("number", self._client.number)):
            told = self._told[what] if what not in self._settled else [self._settled[what]]
            if wanted and self.why and not doubt and told and not any(fits for _, fits in told):
                doubt = f"another {what} is told: {told[-1][0]}"
        return ClientCall(summary.call, summary.started_at, tuple(self.why or self.like), not doubt, doubt)

    def _name(self, value: str, told: str) -> None:
        words = _name_words(value)
        if not words:
            return
        whole = len(words) > 1 and set(words) <= set(self._words)
        fits = bool(self._words) and (set(self._words) <= set(words) or whole)
        self._tell("name", " ".join(words), told, fits=fits)
        if self._words and not fits and all(any(_alike(word, each) for each in words) for word in self._words):
            self.like[" ".join(words)] = None

    def _number(self, digits: str, told: str) -> None:
        fits = bool(self._client.number) and _same_number(self._client.number, digits)
        self._tell("number", digits, told, fits=fits)

    def _tell(self, what: str, value: str, told: str, *, fits: bool) -> None:
        self._told[what].append((value, fits))
        if told == "settled":
            self._settled[what] = (value, fits)
        if fits:
            self.why[f"{what} {told}"] = None

    def _text(self, text: str, told: str) -> None:
        tokens = [token.casefold() for token in _TOKEN.findall(text)]
        words = _name_words(text)
        if len(self._words) > 1 and _holds(words, self._words):
            self.why[f"name {told}"] = None
        if self._client.number:
            written = _local(re.sub(r"\D", "", text)) if re.search(r"\d", text) else ""
            runs = [_local(digits) for digits, _, _ in digit_runs(tuple(tokens))] if tokens else []
            if any(_same_number(self._client.number, digits) for digits in runs) or self._client.number in written:
                self.why[f"number {told}"] = None


def _name_words(text: str) -> list[str]:
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]
    return [word.removesuffix("'s") for word in words if word not in _TITLES]


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted words stand in a text next to each other, in their order."""
    size = len(wanted)
    return any(list(words[at : at + size]) == list(wanted) for at in range(len(words) - size + 1))


def _alike(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other).ratio() >= _LIKE


def _local(digits: str) -> str:
    """Without the country's 1."""
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def _same_number(one: str, other: str) -> bool:
    """Equal, or one without its area code."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _LOCAL_DIGITS and long.endswith(short)


def listed(found: Sequence[ClientCall]) -> Iterator[tuple[ClientCall, str]]:
    """Each call with its line for people."""
    for each in found:
        doubt = "" if each.sure else f"  NOT INCLUDED: {each.doubt}"
        yield each, f"{each.call}  {each.started_at[:16]}  {', '.join(each.why)}{doubt}"
