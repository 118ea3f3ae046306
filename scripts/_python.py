"""Finds a Python that can run this product. Written so that any Python of the last fifteen years can read it."""

from __future__ import print_function

import os
import subprocess
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)  # the newest for which every locked package has wheels


def require_supported_python():
    """Return under a supported Python; else start the script again with one that is on PATH, or say what to install."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for command in _candidates():
        if _is_supported(command):
            _restart(command)
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] > NEWEST:
        print("Python %s is newer than any this was tried with; going on all the same." % version, file=sys.stderr)
        return
    print("Voice Triage needs Python %d.%d or newer, and this is Python %s." % (OLDEST + (version,)), file=sys.stderr)
    print(
        "No newer one was found on PATH. Install one (https://www.python.org/downloads/, or on Debian", file=sys.stderr
    )
    print("and Ubuntu: apt-get install python3 python3-venv) and run this again.", file=sys.stderr)
    sys.exit(1)


def _candidates():
    versions = ["%d.%d" % (OLDEST[0], minor) for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    if os.name == "nt":
        return [["py", "-" + version] for version in versions]
    return [["python" + version] for version in versions] + [["python3"]]


def _is_supported(command):
    code = "import sys; sys.exit(not (%r <= sys.version_info[:2] <= %r))" % (OLDEST, NEWEST)
    try:
        process = subprocess.Popen(command + ["-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.communicate()
    except OSError:  # no such command
        return False
    return process.returncode == 0


def _restart(command):
    arguments = command + [os.path.abspath(sys.argv[0])] + sys.argv[1:]
    sys.stdout.flush()
    if os.name != "nt":
        os.execvp(arguments[0], arguments)
    sys.exit(subprocess.call(arguments))  # Windows has no exec that keeps the console
