"""The settings table: what it reads, what it refuses, and that it is documented."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from voice_triage import resources
from voice_triage.errors import SettingsError
from voice_triage.settings import CONFIG_ENV, SETTINGS, Settings, config_path, load_settings, render_table


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An empty settings file in a folder of its own."""
    path = tmp_path / "config" / "voice-triage.toml"
    path.parent.mkdir()
    path.touch()
    return path


def loaded(config: Path, text: str = "", **environ: str) -> Settings:
    """The settings in force with this file and environment."""
    config.write_text(text, encoding="utf-8")
    return load_settings({CONFIG_ENV: str(config), **environ})


def refused(config: Path, text: str = "", **environ: str) -> str:
    """The message with which this file or environment is refused."""
    with pytest.raises(SettingsError) as caught:
        loaded(config, text, **environ)
    return str(caught.value)


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    """``docs/settings.md`` holds the table exactly as the product knows it."""
    checkout = resources.checkout_dir()
    assert checkout is not None
    assert render_table() in (checkout / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_table_and_the_settings_object_have_the_same_names_in_the_same_order() -> None:
    """A row without effect, or a value without a row, cannot be."""
    assert [field.name for field in fields(Settings)] == [*(setting.name for setting in SETTINGS), "origins"]


def test_without_file_and_environment_the_defaults_hold(config: Path) -> None:
    """A fresh desk listens to the headset, on the documented port, with the pinned model and the bundled lexicons."""
    settings = loaded(config)
    assert (settings.source, settings.port, settings.open_browser) == ("headset", 8765, True)
    assert settings.model == "vosk-model-small-en-us-0.15"
    assert settings.lexicons_in_force == resources.lexicons_dir()
    assert set(settings.origins.values()) == {"default"}


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(config: Path) -> None:
    """The closer to the person who starts the product, the stronger."""
    config.write_text("port = 1001\nchunk_ms = 50\nsource = 'sample'\n", encoding="utf-8")
    environ = {CONFIG_ENV: str(config), "VOICE_TRIAGE_PORT": "1002", "VOICE_TRIAGE_CHUNK_MS": "60"}
    settings = load_settings(environ, {"port": 1003, "open_browser": None})
    assert (settings.port, settings.chunk_ms, settings.source, settings.open_browser) == (1003, 60, "sample", True)
    assert settings.origins["port"] == "command line"
    assert settings.origins["chunk_ms"] == "VOICE_TRIAGE_CHUNK_MS"
    assert settings.origins["source"] == str(config)


def test_an_empty_environment_variable_counts_as_not_set(config: Path) -> None:
    """Emptying a variable is how many shells and services unset it."""
    assert loaded(config, VOICE_TRIAGE_PORT="", VOICE_TRIAGE_DATA_DIR="").origins["port"] == "default"


def test_a_relative_folder_in_the_file_counts_from_the_file(config: Path) -> None:
    """A settings file means the same wherever the product is started."""
    settings = loaded(config, 'data_dir = "../kept"\nmodel = "models/big"\nsource = "calls/one.wav"\n')
    top = config.parent.parent
    assert settings.data_dir == top / "kept"
    assert Path(settings.model) == config.parent / "models" / "big"
    assert Path(settings.source) == config.parent / "calls" / "one.wav"


def test_moving_what_is_kept_does_not_move_the_models(config: Path, tmp_path: Path) -> None:
    """``VOICE_TRIAGE_DATA_DIR`` moves calls and the clinic's lexicons; the model need not be fetched again."""
    moved = loaded(config, VOICE_TRIAGE_DATA_DIR=str(tmp_path / "kept"))
    assert moved.own_lexicons_dir == tmp_path / "kept" / "lexicons"
    assert moved.models_dir == loaded(config).models_dir


def test_the_clinics_own_lexicons_are_used_once_there_are_any(config: Path, tmp_path: Path) -> None:
    """An empty folder changes nothing; the setting wins over both."""
    kept, chosen = tmp_path / "kept", tmp_path / "chosen"
    (kept / "lexicons").mkdir(parents=True)
    assert loaded(config, VOICE_TRIAGE_DATA_DIR=str(kept)).lexicons_in_force == resources.lexicons_dir()
    (kept / "lexicons" / "own.toml").touch()
    assert loaded(config, VOICE_TRIAGE_DATA_DIR=str(kept)).lexicons_in_force == kept / "lexicons"
    both = loaded(config, VOICE_TRIAGE_DATA_DIR=str(kept), VOICE_TRIAGE_LEXICON_DIR=str(chosen))
    assert both.lexicons_in_force == chosen


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 8000", ["prot", "Did you mean port?"]),
        ("[web]\nport = 8000", ["web", "There are: data_dir"]),
        ('port = "8000"', ["port in", "'8000'", "whole number"]),
        ("port = true", ["port in", "whole number"]),
        ("port = 70000", ["70000", "from 0 to 65535"]),
        ('open_browser = "maybe"', ["open_browser", "true or false"]),
        ("chunk_ms = 5", ["from 20 to 500"]),
        ('data_dir = ""', ["data_dir", "a folder"]),
        ("port 8000", ["not valid TOML", "line 1", "port = 8765"]),
    ],
)
def test_a_mistake_in_the_file_is_named_with_what_is_allowed(config: Path, text: str, said: list[str]) -> None:
    """Nothing mistyped is silently ignored; the message names the file."""
    message = refused(config, text)
    assert all(part in message for part in [str(config), *said])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("VOICE_TRIAGE_DATADIR", "x", "Did you mean VOICE_TRIAGE_DATA_DIR?"),
        ("VOICE_TRIAGE_PORT", "high", "VOICE_TRIAGE_PORT is 'high'"),
        ("VOICE_TRIAGE_OPEN_BROWSER", "perhaps", "true or false"),
    ],
)
def test_a_mistake_in_the_environment_is_named_with_what_is_allowed(
    config: Path, name: str, value: str, said: str
) -> None:
    """Environment variables are held to the same table."""
    assert said in refused(config, **{name: value})


def test_a_named_settings_file_must_exist(tmp_path: Path) -> None:
    """A mistyped path must not silently mean the defaults; only the usual place may be empty."""
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings({CONFIG_ENV: str(tmp_path / "none.toml")})
    assert config_path({}).name == "voice-triage.toml"


def test_a_settings_file_that_is_not_text_is_named(config: Path) -> None:
    """A file in another encoding is an error that says so, not a crash."""
    config.write_bytes(b"port = 8765 # \xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings({CONFIG_ENV: str(config)})
