"""The lock files hold what ``pyproject.toml`` declares: names, versions and hashes, and nothing else."""

from __future__ import annotations

import re
import tomllib

import pytest

from voice_triage import resources

TOP = resources.PACKAGE_DIR.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]


def locked(name: str) -> dict[str, set[str]]:
    """Package to its locked versions (there may be one for each system)."""
    found: dict[str, set[str]] = {}
    pins = re.findall(r"^([a-z0-9._-]+)==(\S+)", (TOP / name).read_text(encoding="utf-8"), re.MULTILINE)
    for package, version in pins:
        found.setdefault(package, set()).add(version)
    return found


def names(requirements: list[str]) -> set[str]:
    """Names of the packages required."""
    return {re.split(r"[^A-Za-z0-9._-]", line)[0].lower() for line in requirements}


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-build.lock", GROUPS["build"]),
        ("requirements-dev.lock", PROJECT["project"]["dependencies"] + GROUPS["build"] + GROUPS["dev"]),
    ],
)
def test_everything_declared_is_locked_with_a_hash_and_without_an_address(name: str, declared: list[str]) -> None:
    """``python3 scripts/lock`` was run after the last change; pip takes the packages from wherever it is set up to."""
    text = (TOP / name).read_text(encoding="utf-8")
    assert names(declared) <= set(locked(name))
    assert "://" not in text
    assert "--index" not in text
    pins = re.findall(r"^[a-z0-9._-]+==.*(?:\n    .*)*", text, re.MULTILINE)
    assert pins
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_the_tests_run_on_exactly_the_versions_that_users_get() -> None:
    """What is in several lock files has the same version in each."""
    dev = locked("requirements-dev.lock")
    for name in ("requirements.lock", "requirements-build.lock"):
        assert locked(name).items() <= dev.items()
