"""The checkout's own Python environment, ``.venv``: made, checked, rebuilt when half made. Standard library only."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from _steps import ROOT, SetupError, as_command, clean_environment, run_step, say
from _system_packages import apt_install

VENV = ROOT / ".venv"
BUILD_LOCK = ROOT / "requirements-build.lock"
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
_STAMP = VENV / "voice-triage-setup.json"
"""Written last; an environment without a fitting one was not finished by this script and is made anew."""
_RETRY = "Check the network connection and the free disk space, then run this again; it goes on where it can."


def leave_own_venv() -> None:
    """Start again under the Python that ``.venv`` was made from, if this one is ``.venv``'s, which may be rebuilt."""
    if Path(sys.prefix).resolve() != VENV.resolve():
        return
    base = getattr(sys, "_base_executable", None)
    if not base or Path(base).resolve() == Path(sys.prefix).resolve():
        raise SetupError("Run this with the system's Python, not with the one in .venv: python3 scripts/...")
    command = [base, *sys.argv]
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=clean_environment()))
    os.execve(base, command, clean_environment())


def enter_venv(*, restart: bool) -> bool:
    """Have the product's packages at hand, and the checkout's own modules; False, and said, if they are not installed.

    With ``restart`` starts this program again under ``.venv``'s Python, where there is one.
    """
    python = program("python")
    if restart and Path(sys.prefix).resolve() != VENV.resolve() and python.exists():
        command = [str(python), *sys.argv]
        if os.name == "nt":
            sys.exit(subprocess.call(command, env=clean_environment()))
        sys.stdout.flush()
        os.execve(command[0], command, clean_environment())
    if importlib.util.find_spec("spacy") is None:
        print("The product's packages are not installed: run python3 scripts/test once.", file=sys.stderr)
        return False
    sys.path.insert(0, str(ROOT))
    return True


def program(name: str) -> Path:
    """Where ``.venv`` keeps a program."""
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def ensure_venv(*, dev: bool) -> bool:
    """Make ``.venv`` hold exactly what is locked, for running or also for testing; False if nothing had to be done.

    Raises SetupError.
    """
    if _is_ready(dev=dev):
        return False
    _require_writable()
    with _only_one():
        if _is_ready(dev=dev):  # another process was faster
            return True
        if not _was_finished():
            _make_venv()
        dev = dev or "dev" in _read_stamp().get("locks", {})
        _STAMP.unlink(missing_ok=True)
        pip = [str(program("python")), "-m", "pip", "install", "--no-build-isolation", "--progress-bar", "off"]
        locked = [*pip, "--require-hashes", "--requirement"]
        run_step("Installing build tools", [*locked, str(BUILD_LOCK)], advice=_RETRY)
        size = "about 165 MB" if dev else "about 95 MB"
        lock = DEV_LOCK if dev else RUN_LOCK
        run_step(f"Installing packages ({size} the first time)", [*locked, str(lock)], advice=_RETRY)
        run_step("Installing voice_triage", [*pip, "--no-deps", "--no-index", "--editable", str(ROOT)], advice=_RETRY)
        locks = {"run": _wanted(dev=False)} | ({"dev": _wanted(dev=True)} if dev else {})
        _STAMP.write_text(json.dumps({"locks": locks, "venv": _state()}, indent=1), encoding="utf-8")
    return True


def _wanted(*, dev: bool) -> str:
    """Identity of what is to be installed."""
    digest = hashlib.sha256()
    for path in (BUILD_LOCK, DEV_LOCK if dev else RUN_LOCK, ROOT / "pyproject.toml"):
        try:
            digest.update(path.read_bytes())
        except OSError as error:
            raise SetupError(f"{path} cannot be read ({error.strerror}). Is this a whole checkout?") from error
    return digest.hexdigest()


def _state() -> dict[str, Any]:
    """What an environment that still works looks like: its Python starts, and no package's metadata has gone."""
    code = (
        "import sys, sysconfig; print(sys.version.split()[0]); print(sys.prefix); print(sysconfig.get_path('purelib'))"
    )
    try:
        command = [str(program("python")), "-I", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), timeout=60, check=True)
        version, prefix, packages = done.stdout.splitlines()
        installed = sorted(path.name for path in Path(packages).glob("*.dist-info") if (path / "RECORD").is_file())
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    return {"python": version, "prefix": prefix, "installed": installed, "root": str(ROOT)}


def _read_stamp() -> dict[str, Any]:
    try:
        stamp = json.loads(_STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _was_finished() -> bool:
    then, now = _read_stamp().get("venv"), _state()
    if not isinstance(then, dict) or not now:
        return False
    unchanged = all(then.get(key) == now[key] for key in ("python", "prefix", "root"))
    return unchanged and set(then.get("installed", ())) <= set(now["installed"])  # more may have been added by hand


def _is_ready(*, dev: bool) -> bool:
    locks = _read_stamp().get("locks", {})
    return locks.get("dev" if dev else "run") == _wanted(dev=dev) and _was_finished()


def _make_venv() -> None:
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        say("The Python environment in .venv is half made, damaged or not from here; making it anew.")
        try:
            shutil.rmtree(VENV)
        except OSError as error:
            raise SetupError(
                f"{VENV} cannot be deleted ({error.filename}: {error.strerror}). End every program that uses it, or "
                "delete that folder as root, and run this again."
            ) from error
    _require_ensurepip()
    command = [sys.executable, "-m", "venv", str(VENV)]
    run_step("Making a Python environment in .venv", command, advice="Is Python installed completely?")


def _require_ensurepip() -> None:
    """Debian splits Python: without its package python3-venv no environment gets a pip."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if shutil.which("apt-get") and is_root:
        apt_install([package])
        importlib.invalidate_caches()
        if importlib.util.find_spec("ensurepip"):
            return
    raise SetupError(
        f"This Python ({sys.executable}) has no venv and ensurepip.\n"
        f"On Debian and Ubuntu: sudo apt-get install {package}\n"
        "Elsewhere, install Python from https://www.python.org/downloads/ and run this again."
    )


def _require_writable() -> None:
    for folder in (ROOT, VENV):
        if folder.exists() and not os.access(folder, os.W_OK):
            raise SetupError(
                f"{folder} cannot be written to (owner: {_owner(folder)}). Run this as that user, or clone the project "
                "to a folder of your own."
            )
    owner = _owner(ROOT)
    if hasattr(os, "geteuid") and os.geteuid() == 0 and owner not in ("root", "unknown"):
        say(
            f"Note: this checkout belongs to {owner}, but root is setting it up; {owner} will not be able to update it."
        )
        say(f"    Better: {as_command(['sudo', '-u', owner, 'python3', *sys.argv])}")


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except (OSError, KeyError, NotImplementedError):
        return "unknown"


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Let one process at a time change ``.venv``; the system frees the lock even of a killed one."""
    with (ROOT / ".venv.lock").open("a+b") as lock:
        waiting = False
        while not _try_lock(lock):
            if not waiting:
                say("Waiting for another set-up of this checkout to end ...")
            waiting = True
            time.sleep(0.5)
        yield  # closing the file frees the lock


if sys.platform == "win32":
    import msvcrt

    def _try_lock(lock: IO[bytes]) -> bool:
        lock.seek(0)
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(lock: IO[bytes]) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
