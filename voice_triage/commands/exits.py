"""Exit codes of ``voice-triage``: the one place that says what they mean."""

from __future__ import annotations

from enum import IntEnum

from voice_triage.errors import (
    AccountError,
    AudioError,
    ClientError,
    ConsoleError,
    LexiconError,
    ModelError,
    RecognizerError,
    SettingsError,
    StoreError,
    TrialError,
    VoiceTriageError,
)


class Exit(IntEnum):
    """Exit codes; the README and ``voice-triage --help`` show :data:`MEANING`."""

    OK = 0
    INCOMPLETE = 1
    USAGE = 2
    SETTINGS = 3
    MODEL = 4
    AUDIO = 5
    STORE = 6
    CONSOLE = 7
    LEXICON = 8
    ACCOUNT = 9
    INTERRUPTED = 130


MEANING: dict[Exit, str] = {
    Exit.OK: "done; also run and start, ended by Ctrl-C",
    Exit.INCOMPLETE: "something could not be analyzed or checked, or a check found something",
    Exit.USAGE: "the command line is wrong",
    Exit.SETTINGS: "a setting is wrong",
    Exit.MODEL: "the recognizer or its model files cannot be used",
    Exit.AUDIO: "sound cannot be read",
    Exit.STORE: "kept calls cannot be read or written",
    Exit.CONSOLE: "the console cannot be served (port in use)",
    Exit.LEXICON: "the lexicon holds a mistake or cannot be tried",
    Exit.ACCOUNT: "an account cannot be made or changed as asked",
    Exit.INTERRUPTED: "ended by Ctrl-C before it was done",
}

_OF_ERROR: dict[type[VoiceTriageError], Exit] = {
    SettingsError: Exit.SETTINGS,
    ModelError: Exit.MODEL,
    RecognizerError: Exit.MODEL,
    AudioError: Exit.AUDIO,
    StoreError: Exit.STORE,
    ClientError: Exit.USAGE,
    ConsoleError: Exit.CONSOLE,
    LexiconError: Exit.LEXICON,
    AccountError: Exit.ACCOUNT,
    TrialError: Exit.LEXICON,
}


def exit_of(error: VoiceTriageError) -> Exit:
    """The exit code for an error."""
    return next((code for kind, code in _OF_ERROR.items() if isinstance(error, kind)), Exit.INCOMPLETE)


def table() -> str:
    """The codes and their meaning, one per line."""
    return "\n".join(f"{int(code):>3}  {meaning}" for code, meaning in MEANING.items())
