"""Rules of the command line: help that teaches, exit codes, and where output goes."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.call_fakes import Hearing, ScriptedUnderstanding, flag
from tests.fakes import ScriptedRecognizer, ScriptedSource, final, silent_blocks
from voice_triage import __version__, errors, resources
from voice_triage.cli import app
from voice_triage.commands.exits import MEANING, Exit, exit_of
from voice_triage.events import Logged
from voice_triage.report import call_report
from voice_triage.settings import Settings
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore

HEAVY = (
    "numpy",
    "soundfile",
    "soxr",
    "vosk",
    "spacy",
    "sqlalchemy",
    "alembic",
    "fastapi",
    "uvicorn",
    "pydantic",
    "rich",
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a fresh desk, which every command run in this test uses."""
    folder = tmp_path / "data"
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(folder))
    return folder


def keep_a_call(folder: Path, *, ended: bool = True) -> Hearing:
    """A call of fakes in the store of ``folder``; without ``ended`` as if the power had failed."""
    with SqlCallStore(folder / FILE_NAME) as store:
        hearing = Hearing(
            ScriptedSource(silent_blocks(1.0)),
            [ScriptedRecognizer([(0.5, final("he is bleeding"))])],
            understanding=ScriptedUnderstanding({"he is bleeding": [flag()]}),
        )
        hearing.run()
        log: list[Logged] = hearing.log.events()
        store.append(log if ended else log[:-1])
    return hearing


def run(*arguments: str, stdin: str | bytes = "") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    done = CliRunner().invoke(app, list(arguments), input=stdin)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


# --- help -------------------------------------------------------------------------------------------------------


def _commands(group: typer.core.TyperGroup, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        below = _commands(command, *path, name) if isinstance(command, typer.core.TyperGroup) else [(*path, name)]
        found += below
    return found


_ROOT = typer.main.get_command(app)
assert isinstance(_ROOT, typer.core.TyperGroup)
COMMANDS = _commands(_ROOT)


def test_the_commands_are_those_of_the_issue() -> None:
    """Nothing is missing from the command line."""
    assert {" ".join(command) for command in COMMANDS} >= {
        "run",
        "start",
        "analyze",
        "scan",
        "calls list",
        "calls show",
        "models fetch",
        "models verify",
        "models list",
        "devices",
        "doctor",
        "lexicon check",
        "lexicon add-word",
        "lexicon words",
        "autostart on",
        "autostart off",
        "autostart status",
    }


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_teaches_by_example(command: tuple[str, ...]) -> None:
    """Help of each command holds at least one whole command line to copy."""
    code, out, _ = run(*command, "--help")
    assert code == Exit.OK
    assert f"    voice-triage {' '.join(command)}" in out or f"| voice-triage {' '.join(command)}" in out


def test_help_lists_every_exit_code_with_its_meaning() -> None:
    """The one table of exit codes is what --help shows."""
    _, out, _ = run("--help")
    for code, meaning in MEANING.items():
        assert f"{int(code):>3}  {meaning}" in out


def test_the_readme_shows_the_same_exit_codes() -> None:
    """The README's table is the one table."""
    readme = (resources.PACKAGE_DIR.parent / "README.md").read_text(encoding="utf-8")
    shown = [line for line in readme.splitlines() if re.match(r"\| \d+ \|", line)]
    assert shown == [f"| {int(code)} | {meaning} |" for code, meaning in MEANING.items()]


def test_help_loads_nothing_heavy() -> None:
    """Help and usage errors come at once: no command's libraries are imported before it runs."""
    script = f"import sys, voice_triage.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_the_packages() -> None:
    """--version names program and version."""
    assert run("--version") == (Exit.OK, f"voice-triage {__version__}\n", "")


# --- exit codes -------------------------------------------------------------------------------------------------


def _kinds(kind: type[errors.VoiceTriageError]) -> list[type[errors.VoiceTriageError]]:
    return [each for direct in kind.__subclasses__() for each in [direct, *_kinds(direct)]]


@pytest.mark.parametrize("kind", _kinds(errors.VoiceTriageError), ids=lambda kind: kind.__name__)
def test_every_kind_of_error_has_an_exit_code_that_says_more_than_one(kind: type[errors.VoiceTriageError]) -> None:
    """A new error class without a place in the table fails here."""
    assert exit_of(kind("what to do")) not in (Exit.OK, Exit.INCOMPLETE)


def test_a_wrong_command_line_ends_with_2(desk: Path) -> None:
    """Unknown commands and missing arguments are usage errors, with the nearest right name."""
    code, _, err = run("analyse")
    assert (code, "analyze" in err) == (Exit.USAGE, True)
    assert run("analyze")[0] == Exit.USAGE
    assert run("run", "--port", "70000")[0] == Exit.USAGE


def test_a_wrong_setting_ends_with_3(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelled setting is named, with the one that was meant."""
    monkeypatch.setenv("VOICE_TRIAGE_PROT", "1")
    code, out, err = run("calls", "list")
    assert (code, out) == (Exit.SETTINGS, "")
    assert "VOICE_TRIAGE_PORT" in err


@pytest.mark.parametrize("command", [("analyze", "a.wav"), ("run", "--no-browser"), ("start", "--once")])
def test_a_missing_model_ends_with_4_and_says_how_to_get_it(
    command: tuple[str, ...], desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever needs the recognizer checks its model first."""
    monkeypatch.setenv("VOICE_TRIAGE_MODELS_DIR", str(tmp_path / "nowhere"))
    code, _, err = run(*command)
    assert code == Exit.MODEL
    assert "voice-triage models fetch" in err


def test_sound_that_cannot_be_read_ends_a_live_run_with_5(desk: Path, tmp_path: Path, model_dir: Path) -> None:
    """A file to be played that is not there ends the command before anything is opened."""
    code, _, err = run("run", "--source", str(tmp_path / "missing.wav"), "--port", "0", "--no-browser")
    assert code == Exit.AUDIO
    assert "missing.wav" in err


def test_an_unknown_call_ends_with_6(desk: Path) -> None:
    """A call that is not kept is named, with how to find those that are."""
    keep_a_call(desk)
    code, out, err = run("calls", "show", "nope")
    assert (code, out) == (Exit.STORE, "")
    assert "calls list" in err


def test_a_port_in_use_ends_with_7(desk: Path, model_dir: Path) -> None:
    """The console does not silently move to another port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, _, err = run("run", "--port", str(other.getsockname()[1]), "--no-browser")
    assert code == Exit.CONSOLE
    assert "--port" in err


def test_a_wrong_lexicon_ends_with_8(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without lexicon files is refused before anything is read with it."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("VOICE_TRIAGE_LEXICON_DIR", str(tmp_path / "empty"))
    code, out, _ = run("scan", stdin='{"id": "a", "text": "my dog"}\n')
    assert (code, out) == (Exit.LEXICON, "")


# --- kept calls -------------------------------------------------------------------------------------------------


def test_kept_calls_are_listed_with_flags_and_how_they_ended(desk: Path) -> None:
    """One line per call for people, one object per line for programs."""
    keep_a_call(desk)
    code, out, _ = run("calls", "list")
    assert code == Exit.OK
    assert len(out.splitlines()) == 1
    for expected in ("c-1", "0:01", "hang-up", "bleeding (red)", "scripted"):
        assert expected in out
    listed = json.loads(run("calls", "list", "--json")[1])
    assert (listed["id"], listed["flags"]) == ("c-1", [{"category": "bleeding", "urgency": "red"}])


def test_an_interrupted_call_is_listed_as_such(desk: Path) -> None:
    """A log without an end is not passed off as a finished call."""
    keep_a_call(desk, ended=False)
    assert "interrupted" in run("calls", "list")[1]
    assert json.loads(run("calls", "list", "--json")[1])["ended"] is None
    assert "interrupted" in run("calls", "show", "c-1")[1]


def test_a_kept_call_is_shown_as_the_report_it_had(desk: Path) -> None:
    """`calls show --json` prints the report of the events as they were logged."""
    hearing = keep_a_call(desk)
    assert json.loads(run("calls", "show", "c-1", "--json")[1]) == call_report(hearing.kept)
    assert "he is bleeding" in run("calls", "show", "c-1")[1]


def test_a_fresh_desk_has_no_calls(desk: Path) -> None:
    """No calls is an answer, not an error, and standard output stays empty for programs."""
    code, out, err = run("calls", "list")
    assert (code, out) == (Exit.OK, "")
    assert "No calls" in err
    assert run("calls", "show", "nope")[0] == Exit.STORE
    assert not desk.exists()  # looking changes nothing


# --- models, devices, doctor ------------------------------------------------------------------------------------


def test_models_are_listed_with_their_state(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_dir: Path
) -> None:
    """The model in force is marked; a model that is not there says so."""
    assert f"* {model_dir.name}  ready" in run("models", "list")[1]
    monkeypatch.setenv("VOICE_TRIAGE_MODELS_DIR", str(tmp_path / "nowhere"))
    assert f"* {model_dir.name}  not fetched" in run("models", "list")[1]


def test_verify_names_every_file_that_is_not_as_pinned(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_dir: Path
) -> None:
    """A whole model passes; a missing one fails with exit code 1 and how to repair it."""
    code, out, _ = run("models", "verify")
    assert (code, "as pinned" in out) == (Exit.OK, True)
    monkeypatch.setenv("VOICE_TRIAGE_MODELS_DIR", str(tmp_path / "nowhere"))
    code, _, err = run("models", "verify")
    assert code == Exit.INCOMPLETE
    assert "graph/Gr.fst is missing" in err
    assert "voice-triage models fetch" in err


def test_a_model_is_fetched_from_a_given_folder(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_dir: Path
) -> None:
    """--from takes it from there, without the network."""
    monkeypatch.setenv("VOICE_TRIAGE_MODELS_DIR", str(tmp_path / "models"))
    code, out, _ = run("models", "fetch", "--from", str(model_dir))
    assert code == Exit.OK
    assert str(tmp_path / "models" / model_dir.name) in out


def test_an_unknown_model_is_answered_with_the_nearest_name(desk: Path) -> None:
    """A typing error in a model's name ends with 4 and a suggestion."""
    code, _, err = run("models", "verify", "vosk-model-smal-en-us-0.15")
    assert code == Exit.MODEL
    assert "vosk-model-small-en-us-0.15" in err


def test_devices_are_listed_or_it_is_said_what_to_do(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a sound service it ends with 5; the list itself is tested on real ones in tests/audio."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    code, _, err = run("devices")
    assert code in (Exit.OK, Exit.AUDIO)
    assert ("sound service" in err) == (code == Exit.AUDIO)


def test_listening_without_a_headset_fails_with_what_to_do(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``doctor --listen`` where nothing can be heard ends with 1; the rest is examined all the same."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    code, out, _ = run("doctor", "--listen", "1")
    assert code == Exit.INCOMPLETE
    assert re.search(r"^FAIL  hearing ", out, re.MULTILINE)
    assert run("doctor", "--listen", "0")[0] == Exit.USAGE


def test_doctor_names_every_part_and_where_each_setting_comes_from(desk: Path, model_dir: Path) -> None:
    """Versions, paths, settings, model, lexicon, store, console and devices all have a line."""
    code, out, _ = run("doctor")
    subjects = {line.split()[1] for line in out.splitlines()}
    assert subjects >= {"version", "packages", "settings", "data", "model", "lexicon", "store", "console", "devices"}
    assert f"data_dir = {desk}  (VOICE_TRIAGE_DATA_DIR)" in out
    assert code == (Exit.INCOMPLETE if "FAIL" in out else Exit.OK)
    assert not desk.exists()  # looking changes nothing


def test_doctor_ends_with_1_and_advice_if_something_must_be_done(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing model is a finding like any other: the rest is still examined."""
    monkeypatch.setenv("VOICE_TRIAGE_MODELS_DIR", str(tmp_path / "nowhere"))
    code, out, _ = run("doctor")
    assert code == Exit.INCOMPLETE
    assert "voice-triage models fetch" in out
    assert "devices" in out


# --- text -------------------------------------------------------------------------------------------------------


def test_scan_reads_lines_and_names_those_it_cannot_read(desk: Path) -> None:
    """Reports on standard output in order, complaints with line numbers on standard error, exit code 1."""
    lines = '{"id": "a", "text": "my cat cannot pee"}\nnonsense\n{"id": "b", "text": "he is fine\\nthank you"}\n'
    code, out, err = run("scan", stdin=lines)
    reports = [json.loads(line) for line in out.splitlines()]
    assert code == Exit.INCOMPLETE
    assert [report["id"] for report in reports] == ["a", "b"]
    assert [utterance["text"] for utterance in reports[1]["utterances"]] == ["he is fine", "thank you"]
    assert "line 2" in err


def test_scan_of_nothing_is_nothing(desk: Path) -> None:
    """Empty input is no error."""
    assert run("scan") == (Exit.OK, "", "")


def test_the_bundled_lexicon_passes_its_own_check(desk: Path) -> None:
    """Every example sentence of the shipped lexicon gets the status it states."""
    code, out, _ = run("lexicon", "check")
    assert (code, "no mistakes" in out) == (Exit.OK, True), out


def test_a_mistake_in_a_lexicon_is_named(desk: Path, tmp_path: Path) -> None:
    """`lexicon check DIR` finds a key that is not known."""
    folder = tmp_path / "lexicons"
    folder.mkdir()
    for path in resources.lexicons_dir().glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    with (folder / "bleeding.toml").open("a") as file:
        file.write('\n[[concept]]\nid = "x"\nlabbel = "x"\n')
    code, out, err = run("lexicon", "check", str(folder))
    assert code in (Exit.INCOMPLETE, Exit.LEXICON)
    assert "labbel" in out + err


def test_settings_fixture_is_private(settings: Settings) -> None:
    """Commands under test never see the user's data folder."""
    assert "data" in settings.data_dir.name
