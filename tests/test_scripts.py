"""``scripts/run`` and ``scripts/test``, tried on a small checkout of their own that needs no network."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from voice_triage import resources

TOP = resources.PACKAGE_DIR.parent

BACKEND = """
import os, zipfile
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    info = "voice_triage-1.dist-info/"
    files = {
        info + "METADATA": "Metadata-Version: 2.1\\nName: voice-triage\\nVersion: 1\\n",
        info + "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        info + "entry_points.txt": "[console_scripts]\\nvoice-triage = voice_triage.cli:main\\n",
        info + "RECORD": "",
        "_voice_triage.pth": os.getcwd() + "\\n",
    }
    name = "voice_triage-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""
PRODUCT = """
import json, os, sys
import dependency
def main():
    print("ran", json.dumps(sys.argv[1:]), "PYTHONPATH" in os.environ, flush=True)
    sys.exit(4 if os.environ.get("NO_MODEL") and "fetch" in sys.argv else 7 if "--fail" in sys.argv else 0)
"""


@pytest.fixture(scope="module", autouse=True)
def only_local_wheels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that is all pip knows; without a blank in its path, at which pip would split it."""
    folder = tmp_path_factory.mktemp("wheels")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            patch.delenv(name)
        patch.setenv("PIP_CONFIG_FILE", os.devnull)
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder))
        yield folder


def write_wheel(folder: Path) -> str:
    """A wheel of one empty module, and the line that locks it."""
    path = folder / "dependency-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("dependency.py", "")
        wheel.writestr("dependency-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: dependency\nVersion: 1\n")
        wheel.writestr("dependency-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("dependency-1.dist-info/RECORD", "dependency.py,,\n")
    return f"dependency==1 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, only_local_wheels: Path) -> Path:
    """A small project with the real scripts, set up once."""
    folder = tmp_path_factory.mktemp("check out")
    shutil.copytree(TOP / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    line = write_wheel(only_local_wheels)
    for name in ("requirements.lock", "requirements-build.lock", "requirements-dev.lock"):
        (folder / name).write_text(line, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n', encoding="utf-8"
    )
    (folder / "voice_triage").mkdir()
    (folder / "voice_triage" / "__init__.py").touch()
    (folder / "voice_triage" / "cli.py").write_text(PRODUCT, encoding="utf-8")
    done = run(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def run(checkout: Path, *arguments: str, script: str = "run", **environ: str) -> subprocess.CompletedProcess[str]:
    """``scripts/run`` with the caller's environment and ``environ``."""
    command = [getattr(sys, "_base_executable", sys.executable), str(checkout / "scripts" / script), *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=os.environ | environ,
        cwd=checkout.parent,
        timeout=120,
        check=False,
    )


def rebuilt(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether this run made the Python environment anew, and started the product in it."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'ran ["start"]' in done.stdout
    return "Making a Python environment" in done.stdout


def test_the_second_start_does_no_set_up_and_passes_its_arguments_on(checkout: Path) -> None:
    """Only the model is checked, then the product starts with the caller's arguments and working folder."""
    done = run(checkout, "--once", "two words")
    assert [line for line in done.stdout.splitlines() if line.startswith("ran")] == [
        'ran ["models", "fetch"] False',
        'ran ["models", "adapt"] False',
        'ran ["start", "--once", "two words"] False',
    ]
    assert "Set-up is complete" in done.stdout
    assert "Installing" not in done.stdout


def test_a_start_does_not_wait_for_an_adaptation_to_be_renewed(checkout: Path) -> None:
    """Once the recognizer has been adapted, the product listens at once and renews it meanwhile."""
    adapted = checkout / "models" / "some-model-adapted-0123456789ab"
    adapted.mkdir(parents=True)
    try:
        assert '"adapt"' not in run(checkout).stdout
    finally:
        shutil.rmtree(adapted.parent)


def test_the_products_exit_code_is_passed_on(checkout: Path) -> None:
    """Whoever starts it by a script can tell what happened."""
    assert run(checkout, "--fail").returncode == 7


def test_without_a_model_the_product_is_not_started(checkout: Path) -> None:
    """The exit code is that of the failed fetch, and the last line says what is missing."""
    done = run(checkout, NO_MODEL="1")
    assert done.returncode == 4
    assert '"start"' not in done.stdout
    assert "model" in done.stderr.splitlines()[-1]


def test_the_callers_python_settings_do_not_confuse_it(checkout: Path, tmp_path: Path) -> None:
    """A PYTHONPATH with a module of the same name, another environment, or a pip target elsewhere change nothing.

    Set-up starts over here, as after a disk that filled up in its last step.
    """
    (tmp_path / "dependency.py").write_text("raise SystemExit('the wrong one')", encoding="utf-8")
    (checkout / ".venv" / "voice-triage-setup.json").write_text('{"locks": ', encoding="utf-8")
    elsewhere = str(tmp_path / "elsewhere")
    confusing = {"PYTHONPATH": str(tmp_path), "VIRTUAL_ENV": elsewhere, "PIP_TARGET": elsewhere, "PIP_USER": "1"}
    assert rebuilt(run(checkout, **confusing))
    assert not Path(elsewhere).exists()


def damage_python(venv: Path) -> None:
    """As if the Python it was made from had been removed."""
    for python in (venv / "bin").glob("python*"):
        python.unlink()


def damage_package(venv: Path) -> None:
    """As if an installed package had been removed by hand."""
    (info,) = venv.rglob("dependency-1.dist-info")
    shutil.rmtree(info)


@pytest.mark.skipif(os.name == "nt", reason="the layout of .venv in this test is that of Linux and macOS")
@pytest.mark.parametrize("damage", [damage_python, damage_package])
def test_a_half_made_environment_is_noticed_and_made_anew(checkout: Path, damage: object) -> None:
    """Whatever is missing, the next start repairs it by itself."""
    assert callable(damage)
    damage(checkout / ".venv")
    assert rebuilt(run(checkout))
    assert not rebuilt(run(checkout))


def test_a_changed_lock_is_installed_into_the_environment_that_is_there(checkout: Path) -> None:
    """An update downloads only what changed."""
    lock = checkout / "requirements.lock"
    lock.write_text(lock.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    done = run(checkout)
    assert not rebuilt(done)
    assert "Installing packages" in done.stdout


def test_a_package_that_is_not_the_locked_one_is_refused(checkout: Path, tmp_path: Path) -> None:
    """A wheel with another hash is not installed; the reason and the failed command are shown, and it ends with 1."""
    fresh = tmp_path / "fresh"
    shutil.copytree(checkout, fresh, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    (fresh / "requirements-build.lock").write_text(f"dependency==1 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    done = run(fresh)
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stdout
    assert "This command failed" in done.stderr
    assert '"start"' not in done.stdout


def test_a_checkout_that_was_moved_is_set_up_again(checkout: Path, tmp_path: Path) -> None:
    """Programs in an environment hold its path; a moved one is made anew instead of starting the wrong product."""
    moved = tmp_path / "moved"
    shutil.copytree(checkout, moved, symlinks=True)
    assert rebuilt(run(moved))


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_folder_that_cannot_be_written_to_is_named_with_what_to_do(checkout: Path, tmp_path: Path) -> None:
    """A checkout of somebody else's: the message names the folder and its owner."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    locked = tmp_path / "locked"
    shutil.copytree(checkout, locked, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    done = run(locked)
    locked.chmod(stat.S_IRWXU)
    assert done.returncode == 1
    assert f"{locked} cannot be written to (owner: " in done.stderr


def test_started_with_its_own_environments_python_it_changes_to_the_systems(checkout: Path) -> None:
    """``.venv/bin/python scripts/run`` can rebuild ``.venv`` without deleting the Python it runs on."""
    folder = "Scripts" if os.name == "nt" else "bin"
    (checkout / ".venv" / "voice-triage-setup.json").unlink()
    command: Sequence[Path] = [checkout / ".venv" / folder / "python", checkout / "scripts" / "run"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert rebuilt(done)


def test_the_stamp_names_what_is_installed(checkout: Path) -> None:
    """A start compares it with what it finds, without asking pip."""
    stamp = json.loads((checkout / ".venv" / "voice-triage-setup.json").read_text(encoding="utf-8"))
    assert "dependency-1.dist-info" in stamp["venv"]["installed"]


# --- which Python -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "test", "_python.py"])
def test_an_old_python_can_read_what_tells_it_that_it_is_too_old(name: str) -> None:
    """No f-string, annotation or other syntax of Python 3.5 or later is in what runs before the version is known."""
    tree = ast.parse((TOP / "scripts" / name).read_text(encoding="utf-8"), feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        assert not isinstance(node, newer), node.lineno
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None
            assert not any(argument.annotation for argument in node.args.args)


def ask_for_python(oldest: str, newest: str, path: str) -> subprocess.CompletedProcess[str]:
    """Run the version check as if versions ``oldest`` to ``newest`` were needed, with ``path`` to find others on."""
    code = (
        f"import sys; sys.path.insert(0, {str(TOP / 'scripts')!r}); sys.argv = ['scripts/run', '--once']\n"
        f"import _python; _python.OLDEST, _python.NEWEST = {oldest}, {newest}\n"
        "_python.require_supported_python(); print('went on')"
    )
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": path}, timeout=60, check=False)


def test_too_old_a_python_says_what_is_needed_and_where_to_get_it(tmp_path: Path) -> None:
    """Nothing else is tried with it."""
    done = ask_for_python("(4, 1)", "(4, 2)", str(tmp_path))
    assert done.returncode == 1
    assert "needs Python 4.1 or newer" in done.stderr
    assert "went on" not in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for another Python")
def test_a_fitting_python_on_the_path_takes_over(tmp_path: Path) -> None:
    """The script starts again under it, with the same arguments."""
    other = tmp_path / "python4.1"
    other.write_text('#!/bin/sh\n[ "$1" = -c ] || echo "python4.1 runs $*"\n', encoding="utf-8")
    other.chmod(stat.S_IRWXU)
    done = ask_for_python("(4, 1)", "(4, 2)", str(tmp_path))
    assert done.stdout.startswith("python4.1 runs ")
    assert done.stdout.endswith("scripts/run --once\n")


def test_a_python_newer_than_any_tried_goes_on_with_a_warning(tmp_path: Path) -> None:
    """Next year's Python is not locked out."""
    done = ask_for_python("(3, 1)", "(3, 2)", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "went on\n")
    assert "newer than any this was tried with" in done.stderr
