"""The system's keyring (GNOME Keyring, KWallet, macOS Keychain, Windows Credential Manager). Alone imports keyring."""

from __future__ import annotations

import logging

from voice_triage.store.master_key import Keyring, KeyringUnavailableError

log = logging.getLogger(__name__)


class SystemKeyring:
    """A :class:`voice_triage.store.master_key.Keyring` of this user's session."""

    def get_password(self, service: str, user: str) -> str | None:
        """The secret, or None. Raises KeyringUnavailableError."""
        import keyring

        try:
            return keyring.get_password(service, user)
        except Exception as error:
            # Backends raise whatever their platform's library raises, KeyringError only at best.
            raise KeyringUnavailableError(type(error).__name__) from error

    def set_password(self, service: str, user: str, secret: str) -> None:
        """Keep a secret. Raises KeyringUnavailableError."""
        import keyring

        try:
            keyring.set_password(service, user, secret)
        except Exception as error:
            raise KeyringUnavailableError(type(error).__name__) from error


def system_keyring() -> Keyring | None:
    """The keyring, or None where there is none that keeps secrets encrypted."""
    import keyring
    from keyring.backends import fail, null

    try:
        backend = keyring.get_keyring()
    except Exception as error:  # noqa: BLE001 - a broken backend is no keyring
        log.warning("no keyring: %s", type(error).__name__)
        return None
    # Below 1 are those that the package itself does not recommend: none at all, or plain text.
    return None if isinstance(backend, fail.Keyring | null.Keyring) or backend.priority < 1 else SystemKeyring()
