"""A listening socket and a web server on a thread of its own; without TLS on the loopback address alone."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import threading
import time
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from voice_triage.errors import ConsoleError, TlsError

START_LIMIT_S: Final = 10.0
STOP_LIMIT_S: Final = 1.0
"""Streams end by themselves at once; what is still open after this is cut."""


class Served:
    """An application that is being served, from its making until :meth:`stop`."""

    def __init__(self, app: ASGIApp, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Returns when it answers. Raises ConsoleError if it does not come up."""
        self.port: int = listener.getsockname()[1]
        more: dict[str, Any] = {} if tls is None else {"ssl_context_factory": lambda _config, _default: tls}
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                # The logs stay empty of requests: an address can hold a call's id.
                access_log=False,
                log_config=None,
                lifespan="off",
                http="h11",
                ws="none",
                loop="asyncio",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=round(STOP_LIMIT_S),
                **more,
            )
        )
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="console", daemon=True)
        self._thread.start()
        give_up_at = time.monotonic() + START_LIMIT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > give_up_at:
                self._server.should_exit = True
                listener.close()
                raise ConsoleError(
                    "The console did not start. Try again; if it stays so, run `voice-triage doctor` and report it."
                )
            time.sleep(0.01)

    def end(self) -> None:
        """Begin to stop: no new requests."""
        self._server.should_exit = True

    def stop(self) -> None:
        """Stop, within two seconds after every stream was ended."""
        self.end()
        self._thread.join()


def listen(address: str, port: int, tls: ssl.SSLContext | None = None) -> socket.socket:
    """A listening socket; ``port`` 0 takes any free one.

    Raises TlsError for an address that others can reach without ``tls``, ConsoleError if the port cannot be had.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError as error:
        raise ConsoleError(
            f"{address!r} is no address of a machine; write one like 192.168.1.20, or 0.0.0.0."
        ) from error
    if tls is None and not found.is_loopback:
        raise TlsError(
            f"Calls are private: the address {address} is served over TLS only. Make a certificate: voice-triage tls "
            "init. Without one the console is served to this machine alone."
        )
    family = socket.AF_INET if found.version == 4 else socket.AF_INET6
    # The protocol is named because asyncio sends at once only on sockets that name it; else an answer's second part
    # waits for the acknowledgment of the first, 40 ms on Linux, with every request.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # A port whose last connections are still closing can be taken at once; on Windows the same option would
            # let a second program share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ConsoleError(
            f"The console cannot use port {port} on {address}: {error.strerror}. Another program, or another "
            "voice-triage, uses it: close that, or choose another port with `--port N` (0 takes any free one)."
        ) from error
    return listener
