"""Settings: one table, read from a TOML file and from ``VOICE_TRIAGE_*`` environment variables.

What is asked for on the command line wins over the environment, the environment over the file, the file over the
default. A name that is not in the table is refused, so that a typing error cannot silently do nothing.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import Field, TypeAdapter, ValidationError

from voice_triage import resources
from voice_triage.errors import SettingsError
from voice_triage.lexicon_pointer import used_folder

APP_NAME = "voice-triage"
ENV_PREFIX = "VOICE_TRIAGE_"
CONFIG_ENV = "VOICE_TRIAGE_CONFIG"
"""Names the settings file; not itself a setting."""
CONFIG_FILE_NAME = "voice-triage.toml"
DEFAULT_ADAPTATION_WEIGHT = 0.3
"""By measurement (``docs/benchmarks.md``)."""
HOST = "127.0.0.1"
"""The live desk is served to this machine only. Deliberately not a setting: calls are private."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    """Key in the settings file; units are part of the name."""
    kind: Any
    """What pydantic checks a value against."""
    allowed: str
    """What a value may be, in words; ends error messages."""
    default: Callable[[], Any]
    """Computes the default; called when settings are loaded, never at import."""
    default_text: str
    """The default in words, the same on every machine."""
    help: str
    """One sentence for the person who sets it."""
    is_path: Callable[[str], bool] = lambda _value: False
    """Whether a value is a path; then ``~`` is expanded, and a relative one in a file counts from the file's folder."""

    @property
    def env(self) -> str:
        """The environment variable of this setting."""
        return ENV_PREFIX + self.name.upper()


def _models_dir() -> Path:
    checkout = resources.checkout_dir()
    return (_data_dir() if checkout is None else checkout) / "models"


def _data_dir() -> Path:
    return platformdirs.user_data_path(APP_NAME, appauthor=False)


_FOLDER = Annotated[str, Field(min_length=1)]
_DAYS = Annotated[int, Field(ge=0, le=36_500)]
_DAYS_TEXT = "a whole number of days up to 36500; 0: until somebody deletes it"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "data_dir",
        _FOLDER,
        "a folder",
        _data_dir,
        "the user's data folder of the system",
        "Where everything kept goes: calls, recordings, the clinic's own lexicons.",
        is_path=bool,
    ),
    Setting(
        "models_dir",
        _FOLDER,
        "a folder",
        _models_dir,
        "`models/` of the checkout; of an installed package, `models/` in the user's data folder",
        "Where fetched recognizer models are. Not moved by `data_dir`: models are not calls.",
        is_path=bool,
    ),
    Setting(
        "model",
        Annotated[str, Field(min_length=1)],
        "a name that `voice-triage models list` shows, or the path of a Vosk model's folder",
        lambda: "vosk-model-small-en-us-0.15",
        "`vosk-model-small-en-us-0.15`",
        "The recognizer's model: a pinned one by name, or your own bigger one by path (with a slash in it).",
        is_path=lambda value: "/" in value or "\\" in value,
    ),
    Setting(
        "careful_ear",
        Literal["auto", "on", "off"],
        "`auto`, `on` or `off`",
        lambda: "auto",
        "`auto`",
        "Whether every finished utterance is heard a second time, slower and better, and flags and fields are settled "
        "by that. `auto`: where the computer keeps up.",
    ),
    Setting(
        "careful_model",
        Annotated[str, Field(min_length=1)],
        "a name that `voice-triage models list` shows, or the path of a Whisper model's folder",
        lambda: "faster-whisper-base",
        "`faster-whisper-base`",
        "The careful ear's model: a pinned one by name, or your own bigger one, converted for CTranslate2, by path.",
        is_path=lambda value: "/" in value or "\\" in value,
    ),
    Setting(
        "lexicon_dir",
        Annotated[str, Field()],
        "a folder, or nothing",
        lambda: None,
        "nothing",
        "Lexicon files to use instead of all others. When empty: the version taken into use (`lexicon use`), else "
        "`lexicons/` in `data_dir` if it holds any, else the bundled ones.",
        is_path=bool,
    ),
    Setting(
        "clinic_file",
        _FOLDER,
        "a file",
        lambda: platformdirs.user_config_path(APP_NAME, appauthor=False) / "clinic.toml",
        "`clinic.toml` in the user's configuration folder",
        "The clinic's profile: closest emergency rooms, hours, own wording of lines (`voice-triage clinic init`).",
        is_path=bool,
    ),
    Setting(
        "port",
        Annotated[int, Field(ge=0, le=65535)],
        "a whole number from 0 to 65535; 0 takes any free port",
        lambda: 8765,
        "`8765`",
        f"TCP port of the console on {HOST}: the desk's own, which no other machine reaches.",
    ),
    Setting(
        "serve_address",
        Annotated[str, Field()],
        "an address of this machine, `0.0.0.0` for all of them, or nothing",
        lambda: "",
        "nothing",
        "Where technicians and supervisors reach this desk from other machines, over TLS only "
        "(`voice-triage tls init`). When empty: nowhere.",
    ),
    Setting(
        "serve_port",
        Annotated[int, Field(ge=0, le=65535)],
        "a whole number from 0 to 65535; 0 takes any free port",
        lambda: 8443,
        "`8443`",
        "TCP port for other machines, on `serve_address`.",
    ),
    Setting(
        "desk_signs_in",
        bool,
        "true or false",
        lambda: True,
        "`true`",
        "Whether the desk's own link opens the live console without a password. If not, a CSR signs in there first.",
    ),
    Setting(
        "open_browser",
        bool,
        "true or false",
        lambda: True,
        "`true`",
        "Open the console in the browser at the start.",
    ),
    Setting(
        "source",
        Annotated[str, Field(min_length=1)],
        "`headset`, `sample` or the path of a sound file",
        lambda: "headset",
        "`headset`",
        "What is heard.",
        is_path=lambda value: value not in ("headset", "sample"),
    ),
    Setting(
        "headset",
        Annotated[str, Field()],
        "a name that `voice-triage devices` shows, or nothing",
        lambda: "",
        "nothing",
        "The only headset to listen to. When empty: a Bluetooth headset in call mode, then another Bluetooth one, "
        "then a USB headset.",
    ),
    Setting(
        "own_side",
        bool,
        "true or false",
        lambda: False,
        "`false`",
        "Whether the CSR's own microphone is written down too, during calls only; it raises no flags.",
    ),
    Setting(
        "one_program",
        bool,
        "true or false",
        lambda: False,
        "`false`",
        "Whether only the phone program is heard of all that the headset plays (needs `parec`).",
    ),
    Setting(
        "record",
        bool,
        "true or false",
        lambda: True,
        "`true`",
        "Whether calls' sound is kept, encrypted, beside their words.",
    ),
    Setting(
        "consent",
        Literal["unknown", "announced", "given"],
        "`unknown`, `announced` or `given`",
        lambda: "unknown",
        "`unknown`",
        "With which consent each call begins: `announced` where callers are told before they are put through, `given` "
        "where clients have agreed before, `unknown` where the CSR asks ([consent.md](consent.md)).",
    ),
    Setting(
        "consent_undecided",
        Literal["forget", "keep", "keep_at_once"],
        "`forget`, `keep` or `keep_at_once`",
        lambda: "forget",
        "`forget`",
        "What becomes of a call while its consent is unknown: held in memory, and forgotten ten minutes after its end "
        "(`forget`) or kept at its end (`keep`); or kept from its first second (`keep_at_once`).",
    ),
    Setting(
        "keep_sound_days",
        _DAYS,
        _DAYS_TEXT,
        lambda: 90,
        "`90`",
        "For how long a call's sound is kept, then deleted by itself ([keeping.md](keeping.md)).",
    ),
    Setting(
        "keep_transcript_days",
        _DAYS,
        _DAYS_TEXT,
        lambda: 365,
        "`365`",
        "For how long its words are kept, and what was read out of them.",
    ),
    Setting(
        "keep_note_days",
        _DAYS,
        _DAYS_TEXT,
        lambda: 2557,
        "`2557`",
        "For how long what people wrote about it is kept: notes, settled fields, hand-off notes.",
    ),
    Setting(
        "key_place",
        Literal["auto", "keyring", "file"],
        "`auto`, `keyring` or `file`",
        lambda: "auto",
        "`auto`",
        "Where the key of kept calls is put when the data folder is first used: the system's keyring, or `master.key` "
        "in the data folder (`auto`: the keyring where there is one).",
    ),
    Setting(
        "adapt_language_model",
        bool,
        "true or false",
        lambda: True,
        "`true`",
        "Whether the recognizer expects what callers say by the lexicon, and knows its words (`models adapt`).",
    ),
    Setting(
        "adaptation_weight",
        Annotated[float, Field(ge=0.01, le=0.9)],
        "a number from 0.01 to 0.9",
        lambda: DEFAULT_ADAPTATION_WEIGHT,
        f"`{DEFAULT_ADAPTATION_WEIGHT}`",
        "How much of the recognizer's language model comes from the lexicon; more hears its phrases more often, also "
        "where they were not said.",
    ),
    Setting(
        "chunk_ms",
        Annotated[int, Field(ge=20, le=500)],
        "a whole number from 20 to 500",
        lambda: 100,
        "`100`",
        "Length in milliseconds of the pieces given to the recognizer; shorter shows words sooner and costs computing.",
    ),
)
"""Every setting there is; ``docs/settings.md`` is its rendering, and a test compares the two."""

_BY_NAME: Mapping[str, Setting] = MappingProxyType({setting.name: setting for setting in SETTINGS})


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force; one field per row of :data:`SETTINGS`, whose help says what it means."""

    data_dir: Path
    models_dir: Path
    model: str
    careful_ear: str
    careful_model: str
    lexicon_dir: Path | None
    clinic_file: Path
    port: int
    serve_address: str
    serve_port: int
    desk_signs_in: bool
    open_browser: bool
    source: str
    headset: str
    own_side: bool
    one_program: bool
    record: bool
    consent: str
    consent_undecided: str
    keep_sound_days: int
    keep_transcript_days: int
    keep_note_days: int
    key_place: str
    adapt_language_model: bool
    adaptation_weight: float
    chunk_ms: int
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where each value came from, for ``doctor``: ``default``, an environment variable, a file or the command line."""

    @property
    def both_ears(self) -> bool:
        """Whether finished utterances may be heard a second time."""
        return self.careful_ear != "off"

    @property
    def own_lexicons_dir(self) -> Path:
        """Where the clinic's own edited lexicon files live."""
        return self.data_dir / "lexicons"

    @property
    def own_words_path(self) -> Path:
        """The clinic's own words (staff, streets, products) that the recognizer should know; it need not exist."""
        return self.data_dir / "own-words.toml"

    @property
    def lexicons_in_force(self) -> Path:
        """The folder whose ``*.toml`` files are read: the one set, else the version taken into use, else those without.

        Raises LexiconError if it is not known which version was taken into use.
        """
        if self.lexicon_dir is not None:
            return self.lexicon_dir
        return used_folder(self.data_dir) or self.lexicons_without_versions

    @property
    def lexicons_without_versions(self) -> Path:
        """What is read as long as no version is in use: the clinic's own files if there are any, else the bundled."""
        own = self.own_lexicons_dir
        return own if any(own.glob("*.toml")) else resources.lexicons_dir()


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """The settings file that counts; it need not exist."""
    named = (os.environ if environ is None else environ).get(CONFIG_ENV, "")
    if named:
        return Path(named).expanduser().absolute()
    return platformdirs.user_config_path(APP_NAME, appauthor=False) / CONFIG_FILE_NAME


def load_settings(environ: Mapping[str, str] | None = None, overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings in force.

    ``environ`` is ``os.environ`` unless given; ``overrides`` come from the command line (None: not asked for).
    Raises SettingsError, naming the setting, where the value came from and what is allowed.
    """
    environ = os.environ if environ is None else environ
    values = {setting.name: setting.default() for setting in SETTINGS}
    origins = dict.fromkeys(values, "default")
    path = config_path(environ)
    for name, raw in _read_file(path, named=bool(environ.get(CONFIG_ENV))).items():
        values[name] = _check(_BY_NAME[name], raw, f"{name} in {path}", base=path.parent, strict=True)
        origins[name] = str(path)
    for name, variable in _environment(environ).items():
        values[name] = _check(_BY_NAME[name], environ[variable], variable, base=Path.cwd(), strict=False)
        origins[name] = variable
    for name, given in (overrides or {}).items():
        if given is None:
            continue
        _refuse_unknown([name], list(_BY_NAME), "the command line")
        raw = str(given) if isinstance(given, Path) else given
        values[name] = _check(_BY_NAME[name], raw, f"{name} on the command line", base=Path.cwd(), strict=False)
        origins[name] = "command line"
    return Settings(**values, origins=MappingProxyType(origins))


def render_table() -> str:
    """The table as Markdown, ending in a line break; ``docs/settings.md`` holds exactly this."""
    lines = ["| setting | environment variable | allowed | default | what it does |", "|---|---|---|---|---|"]
    lines += [f"| `{s.name}` | `{s.env}` | {s.allowed} | {s.default_text} | {s.help} |" for s in SETTINGS]
    return "\n".join(lines) + "\n"


def _read_file(path: Path, *, named: bool) -> Mapping[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if named:
            raise SettingsError(
                f"The settings file {path}, named by {CONFIG_ENV}, does not exist. Create it or unset {CONFIG_ENV}."
            ) from error
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The settings file {path} cannot be read ({error}). Make it readable UTF-8 text."
        ) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f'{path} is not valid TOML: {error}. A line looks like: port = 8765, or model = "name".'
        ) from error
    _refuse_unknown(list(data), list(_BY_NAME), str(path))
    return data


def _environment(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Name of the setting to name of the variable, of those that are set; an empty one counts as not set."""
    found = [name for name in environ if name.startswith(ENV_PREFIX) and name != CONFIG_ENV]
    known = {setting.env: setting.name for setting in SETTINGS}
    _refuse_unknown(found, [*known, CONFIG_ENV], "the environment")
    return {known[variable]: variable for variable in found if environ[variable]}


def _refuse_unknown(names: list[str], known: list[str], where: str) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
            raise SettingsError(f"There is no setting {name} ({where}). {hint}")


def _check(setting: Setting, raw: object, where: str, *, base: Path, strict: bool) -> Any:
    try:
        value = TypeAdapter(setting.kind).validate_python(raw, strict=strict)
    except ValidationError as error:
        raise SettingsError(f"{where} is {raw!r}, but must be {setting.allowed}.") from error
    if isinstance(value, str) and setting.is_path(value):
        value = os.path.normpath(base / _expand(Path(value), where))
    if setting.name.endswith(("_dir", "_file")):
        return Path(value) if value else None
    return value


def _expand(path: Path, where: str) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{where} is {str(path)!r}, but there is no such home folder. Give a full path.") from error
