"""The authority's and the server's certificate and key, as files in ``tls/`` of the data folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from voice_triage.errors import TlsError
from voice_triage.private_file import write_private
from voice_triage.tls import authority
from voice_triage.tls.authority import Issued

FOLDER_NAME: Final = "tls"
AUTHORITY_NAME: Final = "voice-triage-authority.crt"
"""What other machines are given to trust; holds no secret."""
AUTHORITY_KEY_NAME: Final = "authority.key"
SERVER_NAME: Final = "server.crt"
SERVER_KEY_NAME: Final = "server.key"
WARN_BEFORE: Final = timedelta(days=30)
INIT: Final = "voice-triage tls init"
RENEW: Final = "voice-triage tls renew"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's certificate in force."""

    path: Path
    key_path: Path
    authority_path: Path
    names: tuple[str, ...]
    """Host names and addresses it was made for; the server answers to these alone."""
    fingerprint: str
    authority_fingerprint: str
    ends_at: datetime
    authority_ends_at: datetime


class CertificateFiles:
    """``tls/`` of a data folder. Every method raises TlsError, saying what to do."""

    def __init__(self, data_dir: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.folder = data_dir / FOLDER_NAME
        self._now = now

    @property
    def are_there(self) -> bool:
        """Whether there ever was an authority here."""
        return (self.folder / AUTHORITY_NAME).exists()

    def init(self, names: Sequence[str]) -> Certificate:
        """A new authority and certificate for these names; machines that trusted another one have to trust anew."""
        now = self._now()
        try:
            made = authority.make_authority(names, names[0], now)
            server = authority.issue(made, names, now)
        except ValueError as error:
            raise TlsError(f"No certificate can be made: {error}.") from error
        self._write(made, server)
        return self.read()

    def renew(self, names: Sequence[str] = ()) -> Certificate:
        """A new certificate and key by the same authority, for ``names`` or the same ones; nobody has to trust anew."""
        before = self.read()
        try:
            known = Issued(before.authority_path.read_bytes(), (self.folder / AUTHORITY_KEY_NAME).read_bytes())
            server = authority.issue(known, names or before.names, self._now())
        except (OSError, ValueError, TypeError) as error:
            raise TlsError(
                f"The certificate cannot be renewed: {error}. A new authority is made by `{INIT} --force`; then every "
                "machine has to trust that one."
            ) from error
        self._write(known, server)
        return self.read()

    def read(self) -> Certificate:
        """What is there."""
        path, key_path, ca_path = (self.folder / name for name in (SERVER_NAME, SERVER_KEY_NAME, AUTHORITY_NAME))
        try:
            server, ca = path.read_bytes(), ca_path.read_bytes()
            key_path.stat()
            if not authority.is_signed_by(server, ca):
                raise ValueError("the certificate is of another authority")
            return Certificate(
                path,
                key_path,
                ca_path,
                authority.names_of(server),
                authority.fingerprint(server),
                authority.fingerprint(ca),
                authority.ends_at(server),
                authority.ends_at(ca),
            )
        except FileNotFoundError as error:
            raise TlsError(f"There is no certificate yet. Make one: {INIT}") from error
        except (OSError, ValueError) as error:
            raise TlsError(
                f"The certificate in {self.folder} cannot be used ({error}). Make it anew: {RENEW}"
            ) from error

    def in_force(self) -> Certificate:
        """What can be served with now."""
        found = self.read()
        if found.ends_at <= self._now():
            raise TlsError(f"The certificate ended on {found.ends_at:%B %d, %Y}. Make a new one: {RENEW}")
        return found

    def warning(self, found: Certificate) -> str:
        """One sentence if the certificate, or the authority, ends soon; else nothing."""
        soon = self._now() + WARN_BEFORE
        if found.authority_ends_at <= soon:
            return (
                f"The authority that other machines trust ends on {found.authority_ends_at:%B %d, %Y}. Make a new one, "
                f"and have them trust it: {INIT} --force"
            )
        if found.ends_at <= soon:
            return f"The certificate for other machines ends on {found.ends_at:%B %d, %Y}. Make a new one: {RENEW}"
        return ""

    def _write(self, ca: Issued, server: Issued) -> None:
        """Keys first: a certificate without its key would be served with another one's."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(self.folder / AUTHORITY_KEY_NAME, ca.key)
            write_private(self.folder / AUTHORITY_NAME, ca.certificate)
            write_private(self.folder / SERVER_KEY_NAME, server.key)
            write_private(self.folder / SERVER_NAME, server.certificate)
        except OSError as error:
            raise TlsError(f"{self.folder} cannot be written ({error}). Make it writable, then try again.") from error
