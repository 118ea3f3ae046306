"""Who gets into the console, put together for the desk and for commands: accounts, sessions, other machines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from voice_triage.audit_trail import AuditTrail
from voice_triage.errors import ConsoleError, TlsError
from voice_triage.settings import Settings

if TYPE_CHECKING:
    from voice_triage.accounts.reach import Whose
    from voice_triage.accounts.sign_in import SignIn
    from voice_triage.console.app import ConsoleServer
    from voice_triage.console.entrance import Entrance
    from voice_triage.tls.certificate_files import Certificate

NOT_SERVED: Final = "Other machines are not served:"


class Admission:
    """Who gets into the console of one desk, and how."""

    def __init__(self, settings: Settings, whose: Callable[[str], Whose], audit: AuditTrail) -> None:
        """``whose`` tells whose a kept call is; raises NoSuchCallError."""
        from voice_triage.accounts.reach import reach
        from voice_triage.console.entrance import Entrance

        self._settings = settings
        self._untold: list[str] = []
        self._certificate = self._certificate_in_force() if settings.serve_address else None
        names = () if self._certificate is None else self._certificate.names
        signing_in = sign_in(settings, audit)
        self.entrance: Entrance = Entrance(signing_in.sessions, signing_in, reach(whose), settings.desk_signs_in, names)

    def csr_at_desk(self) -> str:
        """Account of the CSR whose a call is that begins now."""
        return self.entrance.sessions.csr_at_desk()

    def serve_beyond(
        self, console: ConsoleServer, tell: Callable[[str], None], announce: Callable[[str], None]
    ) -> None:
        """Serve other machines too, if that is wanted and possible; ``announce`` gets the address to be opened there.

        ``tell`` gets one sentence if it is not possible, or not for long any more. The desk goes on in any case.
        """
        from voice_triage.console.beyond import BeyondServer

        for why in self._untold:
            tell(why)
        found, settings = self._certificate, self._settings
        if found is None:
            return
        beyond = BeyondServer(settings.serve_address, settings.serve_port, found.path, found.key_path)
        try:
            console.serve_beyond(beyond)
        except ConsoleError as error:
            tell(f"{NOT_SERVED} {error}")
            return
        host = found.names[0]
        announce(f"From other machines: https://{f'[{host}]' if ':' in host else host}:{beyond.port}/sign-in")

    def _certificate_in_force(self) -> Certificate | None:
        from voice_triage.tls.certificate_files import CertificateFiles

        files = CertificateFiles(self._settings.data_dir)
        try:
            found = files.in_force()
        except TlsError as error:
            self._untold.append(f"{NOT_SERVED} {error}")
            return None
        if warning := files.warning(found):
            self._untold.append(warning)
        return found


def sign_in(settings: Settings, audit: AuditTrail) -> SignIn:
    """The accounts of the data folder, and who signs in with them."""
    from voice_triage.accounts.account_file import Accounts
    from voice_triage.accounts.lockout import Lockout
    from voice_triage.accounts.passwords import Passwords
    from voice_triage.accounts.sessions import Sessions
    from voice_triage.accounts.sign_in import SignIn

    kept = Accounts(settings.data_dir, Passwords())
    return SignIn(kept, Sessions(standing=kept.standing), Lockout(), audit)
