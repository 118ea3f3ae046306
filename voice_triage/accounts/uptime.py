"""A clock that nobody can set, and that goes on while the computer sleeps."""

from __future__ import annotations

import sys
import time


def uptime_s() -> float:
    """Seconds since some moment before the start of this program, counting sleep.

    ``time.monotonic`` stands still on Linux while a laptop sleeps, and a session would outlive the night.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)  # counts sleep there, unlike on Linux
    return time.monotonic()
