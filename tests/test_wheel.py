"""The installed wheel does what the checkout does: nothing it needs is left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from voice_triage import resources

TOP = resources.PACKAGE_DIR.parent


def run(command: Sequence[str | Path], folder: Path, **environ: str) -> str:
    """Standard output of a program that must succeed, run in ``folder`` without what points to the checkout."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VOICE_TRIAGE", "PIP_"))
    }
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=kept | environ,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir"]
    run([*build, folder, TOP], folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an environment with the wheel and its dependencies, which knows nothing of the checkout.

    The dependencies are those of the tests, reached through a ``.pth`` file, whose own ``.pth`` files (among them the
    one that leads to the checkout) are not read.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    own = "Scripts" if os.name == "nt" else "bin"
    python = folder / own / ("python.exe" if os.name == "nt" else "python")
    packages = Path(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip())
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "libraries.pth").write_text("\n".join(libraries) + "\n", encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index"]
    run([*install, "--ignore-installed", wheel], folder)
    return python


def test_the_wheel_holds_the_package_and_its_files_and_nothing_else(wheel: Path) -> None:
    """Lexicons, manifest, templates, migrations and sample are inside; tests, scripts and models are not."""
    names = zipfile.ZipFile(wheel).namelist()
    bundled = {f"voice_triage/bundled/lexicons/{path.name}" for path in resources.lexicons_dir().iterdir()}
    assert bundled <= set(names)
    assert "voice_triage/bundled/models/manifest.toml" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"voice_triage"}
    assert not [name for name in names if name.endswith((".mdl", ".fst", ".pyc"))]
    assert any(name.endswith("/LICENSE") for name in names)


def test_the_installed_package_finds_its_own_files_and_not_those_of_the_checkout(python: Path, tmp_path: Path) -> None:
    """Every path that ``resources`` names exists inside the environment."""
    code = (
        "import voice_triage.resources as r\n"
        "assert r.checkout_dir() is None\n"
        "for find in (r.lexicons_dir, r.manifest_path, r.templates_dir, r.static_dir, r.migrations_dir,\n"
        "             r.sample_audio, r.sample_text): print(find())\n"
    )
    paths = [Path(line) for line in run([python, "-c", code], tmp_path).splitlines()]
    environment = python.parent.parent.resolve()
    assert len(paths) == 7
    assert all(path.exists() and path.is_relative_to(environment) for path in paths)


def test_the_installed_package_plays_the_sample_call(python: Path, model_dir: Path, tmp_path: Path) -> None:
    """``voice-triage start --once`` turns the sample's sound into flags and fields, exit code 0, and keeps nothing."""
    program = python.with_name("voice-triage" + python.suffix)
    settings = {"VOICE_TRIAGE_MODELS_DIR": str(model_dir.parent), "VOICE_TRIAGE_DATA_DIR": str(tmp_path / "data")}
    output = run([program, "start", "--once", "--no-browser", "--port", "0"], tmp_path, **settings)
    assert re.search(r"RED +urinary ", output)
    assert re.search(r"species +cat ", output)
    assert re.search(r"age +P6Y ", output), "the client corrected herself"
    assert run([program, "calls", "list", "--json"], tmp_path, **settings) == ""
