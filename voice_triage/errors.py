"""Errors: one root with a stable code, one subclass per stage; every message says what to do next."""

from __future__ import annotations


class VoiceTriageError(Exception):
    """Root of every error this product raises on purpose.

    ``code`` is stable and safe to log; the message is for a person and says what to do.
    """

    code = "voice-triage"


class SettingsError(VoiceTriageError):
    """A setting is unknown or its value cannot be used."""

    code = "settings"


class ClinicError(SettingsError):
    """The clinic's profile or its signature holds a mistake; the message names file, line, key and the right name."""

    code = "clinic"


class AudioError(VoiceTriageError):
    """A sound file or device cannot be read."""

    code = "audio"


class ModelError(VoiceTriageError):
    """A recognizer's model files are missing, damaged or cannot be fetched."""

    code = "model"


class RecognizerError(VoiceTriageError):
    """The recognizer cannot be started or failed while decoding."""

    code = "recognizer"


class LexiconError(VoiceTriageError):
    """A lexicon file holds a mistake; the message names file, line, key and the nearest right name."""

    code = "lexicon"


class StoreError(VoiceTriageError):
    """Calls cannot be kept or read back."""

    code = "store"


class DamagedError(StoreError):
    """A kept file was changed or damaged; what is not damaged can still be read."""

    code = "damaged"


class ClientError(VoiceTriageError):
    """It was not said whom to look for."""

    code = "client"


class AuditError(StoreError):
    """A line of the audit trail cannot be written; what needs its line is not done."""

    code = "audit"


class AccountError(VoiceTriageError):
    """An account cannot be made, changed or read as asked; the message may be shown to whoever asked."""

    code = "account"


class NotErasedError(StoreError):
    """What may not be kept of a call could not be deleted yet; it is tried again."""

    code = "not-erased"


class ConsoleError(VoiceTriageError):
    """The console cannot be served (a port in use, say)."""

    code = "console"


class TlsError(ConsoleError):
    """Other machines cannot be served over TLS: no certificate, or one that cannot be used."""

    code = "tls"


class DeskError(ConsoleError):
    """The desk cannot do just now what it was asked to at the console."""

    code = "desk"


class NoSuchCallError(DeskError):
    """There is no such call, here or any more."""

    code = "no-such-call"


class TrialError(VoiceTriageError):
    """A lexicon cannot be tried: calls to try it on that cannot be read, or processes that ended."""

    code = "trial"
