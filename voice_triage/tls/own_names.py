"""Names and addresses under which other machines of the clinic can reach this one."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress

ELSEWHERE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses of nobody [RFC 5737, RFC 3849]: asked only over which of ours the way there would go. Nothing is sent."""


def own_names() -> tuple[str, ...]:
    """Host name, host name in ``.local`` and the addresses that are not loopback; at least one."""
    host = socket.gethostname().split(".")[0].lower()
    names = [host, f"{host}.local"] if host and host != "localhost" else []
    return tuple(dict.fromkeys([*names, *own_addresses()])) or ("localhost",)


def own_addresses() -> tuple[str, ...]:
    """Addresses of this machine that another one can reach, as text."""
    found: list[str] = []
    for there, family in ELSEWHERE:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((there, 9))
            found.append(str(probe.getsockname()[0]))
    with suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)]
    return tuple(dict.fromkeys(each for each in found if _is_reachable(each)))


def _is_reachable(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast)
