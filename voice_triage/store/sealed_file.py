"""A file of records, each encrypted and authenticated by itself, that a crash can only cut short.

::

    magic (8 bytes) | nonce prefix (8, random) | record*
    record = length of the sealed bytes, highest bit set on the last record (u32) | CRC-32 of place and length (u32)
             | sealed bytes (AES-256-GCM, tag included)

Numbers are little-endian. A record's nonce is the prefix and its index; its associated data name the file's context,
the index and whether it is the last, so that a record cannot be changed, moved, taken from another file, or left out
without being found. The check sum over the length tells a file cut short by a crash (the length is whole, its bytes are
not all there) from a damaged one. What no file can tell by itself is that *whole* records are missing at its end: then
the last one is not marked, and the reader says ``interrupted``.

A file is written once, from beginning to end, by one writer: no nonce is ever used twice. After a failed write nothing
more may be written to it.
"""

from __future__ import annotations

import os
import secrets
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voice_triage.closing import Closing
from voice_triage.errors import DamagedError, StoreError

KEY_BYTES = 32
MAGIC = b"VTsealed"
_PREFIX_BYTES = 8
_HEADER_BYTES = len(MAGIC) + _PREFIX_BYTES
_FRAME = struct.Struct("<II")
_LAST = 0x8000_0000
LARGEST_RECORD = 16_000_000
"""Bytes. A sound chunk has under 50 kB, a batch of events rarely more; a larger one is damage or misuse."""


class SealedWriter(Closing):
    """Writes one new file. Not thread-safe."""

    def __init__(self, path: Path, key: bytes, context: str) -> None:
        """``key``: 32 bytes. ``context`` says what the file is; a reader must know it.

        Raises OSError, FileExistsError among them.
        """
        self.path = path
        self._cipher = AESGCM(key)
        self._context = context
        self._prefix = secrets.token_bytes(_PREFIX_BYTES)
        self._index = 0
        self._closed = False
        # Unbuffered: what append() returned from is with the system, and survives this process being killed.
        self._descriptor = os.open(
            path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), 0o600
        )
        try:
            self._write(MAGIC + self._prefix)
        except BaseException:
            self.close()
            raise

    @property
    def records(self) -> int:
        """How many records were written."""
        return self._index

    def append(self, record: bytes, *, last: bool = False, durable: bool = False) -> None:
        """Write one record; ``durable`` returns only when it is on the disk, ``last`` ends and closes the file.

        Raises OSError, after which the file is closed and must not be written again; ValueError if it is closed.
        """
        if self._closed:
            raise ValueError(f"{self.path.name} is closed")
        if len(record) > LARGEST_RECORD:
            raise ValueError(f"a record of {len(record)} bytes is too large")
        sealed = self._cipher.encrypt(
            _nonce(self._prefix, self._index), record, _associated(self._context, self._index, last=last)
        )
        length = len(sealed) | (_LAST if last else 0)
        try:
            self._write(_FRAME.pack(length, _check_sum(self._index, length)) + sealed)
            self._index += 1
            if durable:
                self.flush()
        except BaseException:
            self.close()
            raise
        if last:
            self.close()

    def flush(self) -> None:
        """Bring what was written to the disk. Raises OSError."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file, without marking its end. Idempotent."""
        if not self._closed:
            self._closed = True
            os.close(self._descriptor)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


class SealedReader(Closing):
    """Reads one file, also while it is being written, in order or from any place. Not thread-safe."""

    def __init__(self, path: Path, key: bytes, context: str) -> None:
        """Raises StoreError if the file cannot be opened, DamagedError if it is none."""
        self._path = path
        self._cipher = AESGCM(key)
        self._context = context
        self._places: list[tuple[int, int]] = []
        """Offset and length of the sealed bytes of every whole record."""
        self.complete = False
        """Whether the last record is there; False: interrupted, or still being written."""
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise StoreError(f"{path} cannot be read ({error.strerror}). Check that this user may read it.") from error
        try:
            head = self._file.read(_HEADER_BYTES)
            if len(head) == _HEADER_BYTES and not head.startswith(MAGIC):
                raise self._damaged("its beginning is not that of such a file")
            self._prefix = head[len(MAGIC) :] if len(head) == _HEADER_BYTES else b""
            self.look()
        except BaseException:
            self._file.close()
            raise

    def __len__(self) -> int:
        """Whole records found so far."""
        return len(self._places)

    def look(self) -> None:
        """Find the records that were written since. Raises DamagedError."""
        if self.complete or not self._prefix:
            return
        size = os.fstat(self._file.fileno()).st_size
        offset = sum(self._places[-1]) if self._places else _HEADER_BYTES
        while offset + _FRAME.size <= size:
            self._file.seek(offset)
            length, check = _FRAME.unpack(self._file.read(_FRAME.size))
            index = len(self._places)
            if self.complete:
                raise self._damaged("something follows its end")
            if check != _check_sum(index, length):
                raise self._damaged(f"the length of record {index} was changed")
            offset += _FRAME.size
            if offset + (length & ~_LAST) > size:
                return
            self.complete = bool(length & _LAST)
            self._places.append((offset, length & ~_LAST))
            offset += length & ~_LAST
        if self.complete and offset != size:
            raise self._damaged("something follows its end")

    def record(self, index: int) -> bytes:
        """One record. Raises IndexError, and DamagedError if a byte of it was changed."""
        offset, length = self._places[index]
        self._file.seek(offset)
        sealed = self._file.read(length)
        last = self.complete and index == len(self._places) - 1
        try:
            return self._cipher.decrypt(
                _nonce(self._prefix, index), sealed, _associated(self._context, index, last=last)
            )
        except InvalidTag as error:
            raise self._damaged(f"record {index} was changed, or the key is another one") from error

    def __iter__(self) -> Iterator[bytes]:
        """All records found so far, in order. Raises DamagedError."""
        return (self.record(index) for index in range(len(self)))

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._file.close()

    def _damaged(self, what: str) -> DamagedError:
        return DamagedError(
            f"{self._path} is damaged: {what}. Keep the file as it is, bring it back from a backup "
            "(voice-triage restore), and tell whoever looks after this computer."
        )


def _nonce(prefix: bytes, index: int) -> bytes:
    return prefix + struct.pack("<I", index)


def _associated(context: str, index: int, *, last: bool) -> bytes:
    return struct.pack("<I?", index, last) + context.encode()


def _check_sum(index: int, length: int) -> int:
    return zlib.crc32(struct.pack("<II", index, length))
