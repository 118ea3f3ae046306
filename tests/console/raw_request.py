"""A request exactly as it is written, over a plain socket: clients tidy up paths and methods."""

from __future__ import annotations

import socket


def ask_raw(port: int, method: str, path: str, **headers: str) -> tuple[int, str]:
    """Status and the rest of the answer, to its end."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    return int(head.split()[1]), body
