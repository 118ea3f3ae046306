"""Lock-out: whoever guesses passwords waits, longer and longer, for the account and for the address they come from.

An attempt counts as failed from the moment it begins until it has succeeded: guesses made at the same time gain
nothing. Names that are no account's are counted like others, so that the answer tells nothing of them.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voice_triage.accounts.uptime import uptime_s

FREE_BY_ACCOUNT: Final = 5
"""Guesses at one account before the first wait: enough for a forgotten capital letter."""
FREE_BY_ADDRESS: Final = 20
"""Guesses from one address: several people may sit behind it."""
FIRST_WAIT_S: Final = 30.0
LONGEST_WAIT_S: Final = 900.0
"""Doubled with every further failure from the first to the longest [OWASP Authentication Cheat Sheet: exponential
lockout]. A hundred guesses at an account take a day; a wait can be shortened by nobody but an administrator's reset."""
FORGOTTEN_S: Final = 24 * 3600.0
"""After a day without a failure, counting begins anew."""
MOST_COUNTED: Final = 4096
"""Names and addresses that are counted at the same time; the ones longest without a failure go first."""


@dataclass(slots=True)
class _Count:
    failures: int = 0
    until_s: float = 0.0
    last_s: float = 0.0


class Lockout:
    """Thread-safe; holds hashes of what was typed, never the text."""

    def __init__(self, now: Callable[[], float] = uptime_s) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._salt = secrets.token_bytes(16)
        self._counts: OrderedDict[bytes, _Count] = OrderedDict()

    def begin(self, account: str, address: str) -> float:
        """Begin an attempt: seconds to wait, 0 if it may go on. It then counts as failed until :meth:`succeeded`."""
        now, address = self._now(), _network(address)
        with self._lock:
            counts = [self._count("account", account, now), self._count("address", address, now)]
            wait_s = max(each.until_s - now for each in counts)
            if wait_s > 0:
                return wait_s
            for each, free in zip(counts, (FREE_BY_ACCOUNT, FREE_BY_ADDRESS), strict=True):
                each.failures += 1
                each.last_s = now
                if each.failures >= free:
                    each.until_s = now + min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(each.failures - free, 10))
        return 0.0

    def succeeded(self, account: str, address: str) -> None:
        """The attempt was no guess: the account is counted anew; of the address only this attempt is taken back.

        Who knows one password must not be able to guess at others for ever.
        """
        now, address = self._now(), _network(address)
        with self._lock:
            self._counts.pop(self._key("account", account), None)
            count = self._count("address", address, now)
            count.failures = max(0, count.failures - 1)
            if count.failures < FREE_BY_ADDRESS:
                count.until_s = 0.0

    def forgive(self, account: str) -> None:
        """An administrator set a new password: the account is counted anew."""
        with self._lock:
            self._counts.pop(self._key("account", account), None)

    def _key(self, kind: str, text: str) -> bytes:
        return hashlib.blake2b(f"{kind}\0{text}".encode(), key=self._salt, digest_size=16).digest()

    def _count(self, kind: str, text: str, now: float) -> _Count:
        """Under the lock."""
        key = self._key(kind, text)
        count = self._counts.get(key)
        if count is None or now - count.last_s > FORGOTTEN_S:
            count = self._counts[key] = _Count(last_s=now)
        self._counts.move_to_end(key)
        while len(self._counts) > MOST_COUNTED:
            self._counts.popitem(last=False)
        return count


def _network(address: str) -> str:
    """What counts as one address: of IPv6 the whole /64, of which one machine can take any address it likes."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
