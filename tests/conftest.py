"""What many tests share: settings that touch nothing of the user's, the real small model, programs of the system."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from xdist.scheduler import LoadScopeScheduling

from voice_triage import resources
from voice_triage.settings import CONFIG_ENV, ENV_PREFIX, Settings, load_settings
from voice_triage.speech import model_files


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist comes without types
    """Tests of one file stay together, and all of live sound on one worker.

    The former share what is dear to make (a loaded model, a browser). The latter mostly wait for sound in real time,
    so the other workers have the processor meanwhile; two sound servers at once would make them late.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "live sound" if nodeid.startswith("tests/audio/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """How the whole suite is shared out to its workers (``scripts/test``)."""
    return _ByFile(config, log)


FindProgram = Callable[..., Path]
"""``find("chromium", "google-chrome")``: the first of these programs that is installed."""


def absent(what: str) -> NoReturn:
    """Skip the test for lack of ``what``; under CI=true, where everything must be there, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="session", autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads the user's settings or touches the user's calls, in this process or one it starts."""
    folder = tmp_path_factory.mktemp("user")
    empty = folder / "voice-triage.toml"
    empty.touch()
    models_dir = load_settings().models_dir
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(ENV_PREFIX)]:
            patch.delenv(name)
        patch.setenv(CONFIG_ENV, str(empty))
        patch.setenv(f"{ENV_PREFIX}DATA_DIR", str(folder / "data"))
        patch.setenv(f"{ENV_PREFIX}MODELS_DIR", str(models_dir))
        # What is heard must not depend on whether somebody has adapted the model before; tests of that ask for it.
        patch.setenv(f"{ENV_PREFIX}ADAPT_LANGUAGE_MODEL", "false")
        patch.setenv(f"{ENV_PREFIX}CONSENT", "announced")  # most tests are of calls that are kept
        patch.setenv(f"{ENV_PREFIX}KEY_PLACE", "file")  # the keyring is the user's
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh desk: its own empty data folder, any free port, no browser, the real models folder."""
    return load_settings(overrides={"data_dir": tmp_path / "data", "port": 0, "open_browser": False})


@pytest.fixture(scope="session")
def model_dir(own_environment: None) -> Path:
    """The folder of the real small US English model, verified."""
    entry = model_files.load_manifest(resources.manifest_path()).entry("vosk-model-small-en-us-0.15")
    folder = load_settings().models_dir / entry.name
    problems = model_files.quick_check(entry, folder)
    if problems:
        absent(f"the recognizer's model ({problems[0]}; python3 scripts/run fetches it)")
    return folder


@pytest.fixture(scope="session")
def careful_model_dir(own_environment: None) -> Path:
    """The folder of the real Whisper model, verified."""
    entry = model_files.load_manifest(resources.manifest_path()).entry("faster-whisper-base")
    folder = load_settings().models_dir / entry.name
    problems = model_files.quick_check(entry, folder)
    if problems:
        absent(f"the careful ear's model ({problems[0]}; python3 scripts/run fetches it)")
    return folder


@pytest.fixture(scope="session")
def program() -> FindProgram:
    """Find a program of the system; the test skips without it, and fails in CI."""

    def find(*names: str) -> Path:
        found = next((path for name in names if (path := shutil.which(name))), None)
        return Path(found) if found else absent(f"one of the programs {', '.join(names)}")

    return find
