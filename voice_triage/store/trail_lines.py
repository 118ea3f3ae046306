r"""The audit trail's lines and heads as bytes: written, chained, and checked.

::

    <HMAC-SHA-256 as 64 hex digits> <one JSON object, in ASCII>\n

Each line's HMAC is over that of the line before it and its own JSON, so that a line can be changed, removed, added or
moved only by someone who has the key; that is derived from the master key (HKDF-SHA-256, RFC 5869), which no line
holds. A *head* says how many lines there are and the HMAC of the last one: it is what tells that lines were cut off.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from voice_triage.audit_trail import AuditLine, Detail

LONGEST_TEXT = 200
"""Characters of a detail's text, or of who it was."""
LONGEST_LINE = 20_000
_KEY_INFO = b"voice-triage audit trail/1"
_LINE = re.compile(rb"([0-9a-f]{64}) (\{[\x20-\x7e]*\})")
_HEAD = re.compile(rb"([0-9a-f]{64}) ([1-9][0-9]{0,17}) ([0-9a-f]{64})\n")
_KEYS = frozenset({"n", "at", "kind", "who", "call", "detail", "alone"})


def trail_key(master: bytes) -> bytes:
    """The key of the trail of the data folder that has this master key (32 bytes each)."""
    return HKDF(SHA256(), 32, salt=None, info=_KEY_INFO).derive(master)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a trail ends."""

    count: int
    """Number of the last line."""
    mac: bytes = field(repr=False)
    """Its HMAC, 32 bytes."""

    def sealed(self, key: bytes) -> bytes:
        """As it is kept: readable by all, made only by who has the key."""
        told = f"{self.count} {self.mac.hex()}".encode()
        return _mac(key, b"head", told).hex().encode() + b" " + told + b"\n"


def nothing_yet(key: bytes) -> Head:
    """The head of a trail without lines."""
    return Head(0, _mac(key, b"begin", b""))


def head_in(key: bytes, sealed: bytes) -> Head | None:
    """The head that was sealed; None if this is none, or another key's."""
    match = _HEAD.fullmatch(sealed)
    if match is None:
        return None
    head = Head(int(match[2]), bytes.fromhex(match[3].decode()))
    return head if hmac.compare_digest(head.sealed(key), sealed) else None


@dataclass(frozen=True, slots=True)
class ChainedLine:
    """A line as it stands in its file."""

    line: AuditLine
    alone: bool
    """It was written while the store could not be reached, so that the store's head does not know of it."""
    mac: bytes = field(repr=False)
    """What it says of itself, 32 bytes; whether that is so, only :meth:`follows` tells."""
    text: bytes = field(repr=False)
    """Its JSON."""

    def follows(self, key: bytes, before: bytes) -> bool:
        """Whether it is what was written behind the line of that HMAC."""
        return hmac.compare_digest(_mac(key, before, self.text), self.mac)

    @property
    def head(self) -> Head:
        """The head of a trail that ends here."""
        return Head(self.line.number, self.mac)


def chained(key: bytes, before: Head, line: AuditLine, *, alone: bool) -> tuple[bytes, Head]:
    """A line as it is written behind ``before``, its end of line included, and the head that follows from it.

    Raises ValueError for a detail that no line may hold.
    """
    for name, value in ("who", line.who), ("call", line.call), *line.detail.items():
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise ValueError(f"{name} cannot stand in the audit trail: a number, or at most {LONGEST_TEXT} characters")
    told = {"n": before.count + 1, "at": line.at, "kind": line.kind, "who": line.who, "call": line.call}
    content = told | {"detail": dict(line.detail)} | ({"alone": True} if alone else {})
    text = json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")
    if len(text) > LONGEST_LINE:
        raise ValueError("a line of the audit trail is too long")
    mac = _mac(key, before.mac, text)
    return mac.hex().encode() + b" " + text + b"\n", Head(before.count + 1, mac)


def parsed(raw: bytes) -> ChainedLine | None:
    """A line without its end of line; None if this is none."""
    match = _LINE.fullmatch(raw)
    if match is None:
        return None
    try:
        content = json.loads(match[2])
        detail = MappingProxyType({str(name): _detail(value) for name, value in content["detail"].items()})
        line = AuditLine(
            int(content["n"]), str(content["at"]), str(content["kind"]), str(content["who"]), content["call"], detail
        )
        alone = bool(content.get("alone", False))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return None if content.keys() - _KEYS else ChainedLine(line, alone, bytes.fromhex(match[1].decode()), match[2])


def as_json(line: AuditLine) -> Mapping[str, Any]:
    """A line for programs."""
    return {
        "number": line.number,
        "at": line.at,
        "kind": line.kind,
        "who": line.who,
        "call": line.call,
        "detail": dict(line.detail),
    }


def _detail(value: Any) -> Detail:
    if not isinstance(value, Detail):
        raise ValueError("a detail is a text or a number")
    return value


def _mac(key: bytes, before: bytes, text: bytes) -> bytes:
    return hmac.new(key, len(before).to_bytes(4, "little") + before + text, sha256).digest()
