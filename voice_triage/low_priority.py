"""Gives way to live calls: work that may take longer leaves the processor to whatever else needs it."""

from __future__ import annotations

import os
import sys


def lower_priority(niceness: int = 15) -> None:
    """Of this whole process, from now on. ``niceness`` as POSIX has it; on Windows the class *below normal*."""
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS of the Windows API
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)
    else:
        os.nice(niceness)
