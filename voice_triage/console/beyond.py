"""The same console for other machines of the clinic: over TLS, after sign-in, without the live desk."""

from __future__ import annotations

import ssl
from pathlib import Path

from starlette.types import ASGIApp

from voice_triage.console.serving import Served, listen
from voice_triage.errors import TlsError


class BeyondServer:
    """Serves the console on an address that others can reach, beside the desk's own server. Can be started again."""

    def __init__(self, address: str, port: int, certificate: Path, key: Path) -> None:
        """``certificate`` and ``key`` are PEM files; ``port`` 0 takes any free one."""
        self._address = address
        self._wanted_port = port
        self._files = (certificate, key)
        self._served: Served | None = None
        self.port = port
        """The port served on; known after :meth:`start`."""

    def start(self, app: ASGIApp) -> None:
        """Serve ``app``. Raises TlsError if the certificate cannot be used, ConsoleError if the port cannot be had."""
        tls = server_context(*self._files)
        listener = listen(self._address, self._wanted_port, tls)
        self.port = listener.getsockname()[1]
        self._served = Served(app, listener, tls)

    def end(self) -> None:
        """Begin to stop: no new requests."""
        if self._served is not None:
            self._served.end()

    def stop(self) -> None:
        """Idempotent."""
        if self._served is not None:
            self._served.stop()
            self._served = None


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate. Raises TlsError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise TlsError(
            f"The certificate in {certificate.parent} cannot be used ({error}). Make it anew: voice-triage tls renew"
        ) from error
    return context
