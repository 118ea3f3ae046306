"""Dependencies point one way, every library has its place, and nothing happens at import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

import pytest

from voice_triage import resources

TOP = resources.PACKAGE_DIR.parent
SOURCES = sorted(path for path in resources.PACKAGE_DIR.rglob("*.py"))

EVENTS = {"events", "heard", "findings", "desk_actions", "consent", "kept_kinds", "review_events"}
CORE = {"private_file", "audit_trail", "closing", "code_hash", "errors", "json_records"} | EVENTS
"""What every part may import."""
MAY_IMPORT: Mapping[str, set[str]] = {
    "audit_trail": {"errors"},
    "closing": set(),
    "code_hash": set(),
    "errors": set(),
    "private_file": set(),
    "json_records": set(),
    "events": {"json_records"} | EVENTS,
    "desk_actions": {"findings"},
    "consent": set(),
    "findings": set(),
    "kept_kinds": set(),
    "heard": set(),
    "review_events": set(),
    "card_data": CORE,
    "triage": CORE | {"card_data.marks"},
    "audio": CORE | {"speech.recognizer"},
    "speech": CORE,
    "store": CORE | {"utterances", "review.line", "review.queue"},
    "tls": {"errors", "private_file"},
    "accounts": {"audit_trail", "errors", "private_file"},
    "console": CORE
    | {
        "accounts",
        "call_log",
        "card",
        "desk_card",
        "flag_card",
        "hand_off",
        "hand_off_data",
        "hand_off_fhir",
        "numbers",
        "review",
        "desk_state",
        "pet_cards",
        "report",
        "resources",
        "utterances",
    },
    "report": CORE | {"card", "desk_card", "flag_card", "utterances"},
    "report_text": CORE | {"report"},
    "review": CORE | {"card", "desk_card", "flag_card", "report", "utterances"},
    "utterances": CORE,
    "hand_off": CORE | {"card", "desk_card", "flag_card", "utterances", "console.wording"},
    "hand_off_data": CORE | {"card", "flag_card", "hand_off"},
    "hand_off_fhir": CORE | {"card", "flag_card", "hand_off", "console.wording"},
    "refusals": CORE | {"card", "desk_card"},
    "kept_part": CORE | {"console.wording", "hand_off"},
    "keeping": CORE | {"audio", "kept_part", "store.calls"},
    "clinic_consent": CORE | {"audio"},
    "unkept_calls": CORE | {"keeping"},
    "pet_cards": CORE,
    "flag_card": CORE,
    "card": CORE | {"flag_card"},
    "desk_card": CORE | {"card", "flag_card", "pet_cards"},
    "domain_text": CORE | {"resources", "triage"},
    "durable": set(),
    "lexicon_pointer": {"durable", "errors"},
    "intervals": set(),
    "low_priority": set(),
    "numbers": CORE | {"accounts.roles", "card", "intervals", "review", "triage.lexicon"},
    "trial": CORE
    | {"desk_card", "intervals", "low_priority", "rehearings", "review", "store.calls", "triage", "utterances"},
    "guidance": CORE | {"card", "desk_card", "durable", "flag_card", "resources", "triage"},
}
"""Part of the package to the other parts it may import; a part may always import itself."""

ONLY_IN: Mapping[str, str | tuple[str, ...]] = {
    "vosk": "speech/vosk_recognizer.py",
    "faster_whisper": "speech/whisper_ear.py",
    "sounddevice": "audio/portaudio.py",
    "pulsectl": "audio/pulse.py",
    "sqlite3": "store/sqlite_file.py",
    "soundfile": "audio/",
    "soxr": "audio/",
    "sqlalchemy": "store/",
    "cryptography": ("store/", "tls/"),
    "argon2": "accounts/passwords.py",
    "filelock": ("store/", "accounts/account_file.py"),
    "keyring": "store/system_keyring.py",
    "alembic": "store/",
    "fastapi": "console/",
    "starlette": "console/",
    "uvicorn": "console/",
    "spacy": "triage/",
    "hassil": "triage/",
    "pygal": "numbers/plots.py",
    "text_to_num": "triage/",
    "voice_triage.speech.vosk_recognizer": "bootstrap.py",
    "voice_triage.speech.whisper_ear": "bootstrap.py",
}
"""Library or adapter to the one file or folder that knows it."""

NEEDED_BY_OTHERS = {"jinja2": "fastapi.templating imports it without depending on it"}
"""Declared, though no file here imports it."""
ON_WINDOWS = {"comtypes", "psutil", "pycaw", "soundcard"}
"""Declared for Windows alone, where ``audio/windows.py`` loads them by name: their types are nowhere else."""


def imports(path: Path) -> Iterator[str]:
    """Dotted names of all modules that a file imports, wherever in it; relative ones made absolute."""
    package = path.relative_to(TOP).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def relative(path: Path) -> str:
    """A file's path inside the package, with slashes."""
    return path.relative_to(resources.PACKAGE_DIR).as_posix()


def is_or_in(name: str, module: str) -> bool:
    """Whether a dotted name is this module or something in it."""
    return name == module or name.startswith(f"{module}.")


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_lies_below_it(part: str) -> None:
    """Understanding knows nothing of sound, recognizer, store or console, and these know nothing of each other."""
    allowed = MAY_IMPORT[part] | {part}
    modules = {f"voice_triage.{relative(path)[:-3].replace('/', '.').removesuffix('.__init__')}" for path in SOURCES}
    files = [path for path in SOURCES if relative(path) == f"{part}.py" or relative(path).startswith(f"{part}/")]
    assert files
    for path in files:
        for name in imports(path):
            if name in modules and name != "voice_triage":
                assert any(is_or_in(name, f"voice_triage.{below}") for below in allowed), f"{relative(path)}: {name}"


@pytest.mark.parametrize("module", ONLY_IN)
def test_a_library_or_adapter_is_known_in_one_place(module: str) -> None:
    """Replacing Vosk, PortAudio, the database or the web server touches one file or folder."""
    places = {relative(path) for path in SOURCES for name in imports(path) if is_or_in(name, module)}
    assert all(place == ONLY_IN[module] or place.startswith(ONLY_IN[module]) for place in places), places


def test_every_library_that_is_imported_is_declared_and_the_other_way_round() -> None:
    """An installed package misses nothing and brings nothing that is not used."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[^A-Za-z0-9._-]", line)[0].lower() for line in project["dependencies"]} - ON_WINDOWS
    homes = metadata.packages_distributions()
    imported = {name.split(".")[0] for path in SOURCES for name in imports(path)}
    third_party = imported - set(sys.stdlib_module_names) - {"voice_triage"}
    if sys.platform != "linux":
        declared -= {"pulsectl"}
        third_party -= {"pulsectl"}
    assert not third_party - set(homes), "imported, but not installed"
    used = {homes[name][0].lower() for name in third_party} | set(NEEDED_BY_OTHERS)
    assert used == declared


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    """Importing every module prints nothing, starts no thread, loads no recognizer or sound card, writes no file."""
    code = (
        "import importlib, os, pathlib, sys, threading\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert not {'vosk', 'faster_whisper', 'sounddevice', 'pulsectl'} & set(sys.modules)\n"
        "assert not list(pathlib.Path(os.environ['HOME']).rglob('*'))\n"
    )
    names = [
        relative(path)[:-3].replace("/", ".").removesuffix(".__init__")
        for path in SOURCES
        if "migrations" not in path.parts  # run by Alembic, inside a migration
    ]
    command = [sys.executable, "-B", "-c", code, *(f"voice_triage.{name}" for name in names if name != "__init__")]
    environ = {"HOME": str(tmp_path), "PATH": "", "PYTHONPATH": str(TOP)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environ, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
