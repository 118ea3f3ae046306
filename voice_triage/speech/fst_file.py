"""OpenFst's binary files: header, symbol table, and a cursor that refuses damaged data before it costs memory.

Little-endian, unaligned; a string is an int32 length and its bytes (layouts: ``language-model.md``, checked there
against OpenFst's own printing).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice_triage.errors import ModelError

FST_MAGIC = 0x7EB2FDD6
SYMBOLS_MAGIC = 0x7EB2FB74
LONGEST_STRING = 4096
"""Bytes; the longest word of any vocabulary is far shorter."""
HAS_INPUT_SYMBOLS = 1
HAS_OUTPUT_SYMBOLS = 2
IS_ALIGNED = 4


class FileBytes:
    """Reads one file's bytes from front to back. Every method raises ModelError where the file is damaged."""

    def __init__(self, data: bytes, name: str) -> None:
        """``name`` is what a person is told the file is called."""
        self._data = memoryview(data)
        self._name = name
        self.position = 0

    @classmethod
    def of(cls, path: Path) -> FileBytes:
        """The whole file, in memory."""
        try:
            return cls(path.read_bytes(), path.name)
        except OSError as error:
            raise ModelError(f"{path} cannot be read ({error.strerror}). Run: voice-triage models verify") from error

    def damaged(self, reason: str) -> ModelError:
        """The error to raise when what was read cannot be right."""
        return ModelError(f"{self._name} is damaged or of another kind: {reason}. Run: voice-triage models verify")

    def need(self, condition: object, reason: str) -> None:
        """Raise ModelError unless the condition holds."""
        if not condition:
            raise self.damaged(reason)

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._data) - self.position

    def take(self, count: int) -> memoryview:
        """The next ``count`` bytes."""
        self.need(0 <= count <= self.left, f"{count} bytes are needed at byte {self.position}, {self.left} are there")
        start = self.position
        self.position += count
        return self._data[start : self.position]

    def numbers(self, layout: str) -> tuple[Any, ...]:
        """Numbers as ``struct`` lays them out, little-endian."""
        layout = f"<{layout}"
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def text(self) -> bytes:
        """A string."""
        (length,) = self.numbers("i")
        self.need(0 <= length <= LONGEST_STRING, f"a string of {length} bytes at byte {self.position - 4}")
        return bytes(self.take(length))

    def array(self, kind: np.dtype[Any] | str, count: int) -> NDArray[Any]:
        """``count`` items as a read-only array of shape (count,)."""
        kind = np.dtype(kind)
        self.need(count >= 0, f"a count of {count}")
        return np.frombuffer(self.take(count * kind.itemsize), kind)

    def bits(self, count: int) -> NDArray[np.uint8]:
        """``count`` bits, lowest first, padded to 64, as zeros and ones of shape (count,)."""
        self.need(0 <= count <= 8 * self.left, f"{count} bits at byte {self.position}")
        packed = np.frombuffer(self.take(8 * ((count + 63) // 64)), np.uint8)
        return np.unpackbits(packed, count=count, bitorder="little")

    def end(self) -> None:
        """Check that nothing is left over."""
        self.need(self.left == 0, f"{self.left} bytes are left over")


def packed_text(text: bytes) -> bytes:
    """A string as :meth:`FileBytes.text` reads it."""
    return struct.pack("<i", len(text)) + text


def packed_bits(bits: NDArray[np.uint8]) -> bytes:
    """Zeros and ones as :meth:`FileBytes.bits` reads them."""
    padded = np.concatenate([bits, np.zeros(-len(bits) % 64, np.uint8)])
    return np.packbits(padded, bitorder="little").tobytes()


@dataclass(frozen=True, slots=True)
class FstHeader:
    """What every OpenFst file begins with."""

    kind: str
    """``ngram``, ``const``, ``olabel_lookahead``, ..."""
    version: int
    flags: int
    properties: int
    """OpenFst's property bits; two zero bits of a pair mean that it is not known."""
    start: int
    states: int
    arcs: int

    @classmethod
    def read(cls, data: FileBytes) -> FstHeader:
        """Raises ModelError unless it is a graph with OpenFst's standard arcs."""
        (magic,) = data.numbers("i")
        data.need(magic == FST_MAGIC, "it does not begin as an OpenFst file does")
        kind, arcs_kind = data.text(), data.text()
        data.need(arcs_kind == b"standard", "its arcs are not of the standard kind")
        version, flags, properties, start, states, arcs = data.numbers("iiQqqq")
        data.need(states >= 0 and arcs >= 0, "it has a negative size")
        return cls(kind.decode("ascii", "replace"), version, flags, properties, start, states, arcs)

    def packed(self) -> bytes:
        """As :meth:`read` reads it."""
        numbers = (self.version, self.flags, self.properties, self.start, self.states, self.arcs)
        kinds = packed_text(self.kind.encode("ascii")) + packed_text(b"standard")
        return struct.pack("<i", FST_MAGIC) + kinds + struct.pack("<iiQqqq", *numbers)


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """Words and their ids, in the order of the file. Two words may share an id (``<s>`` and ``</s>`` do)."""

    name: bytes
    next_id: int
    ids: Mapping[str, int]

    @classmethod
    def read(cls, data: FileBytes) -> SymbolTable:
        """Raises ModelError."""
        (magic,) = data.numbers("i")
        data.need(magic == SYMBOLS_MAGIC, "there is no symbol table where one should be")
        name = data.text()
        next_id, count = data.numbers("qq")
        data.need(0 <= count <= data.left // 12, f"a symbol table of {count} words")
        ids: dict[str, int] = {}
        for _ in range(count):
            word = data.text()
            (number,) = data.numbers("q")
            data.need(0 <= number < 2**31, f"the word id {number}")
            try:
                ids[word.decode()] = number
            except UnicodeDecodeError as error:
                raise data.damaged("a word is not UTF-8") from error
        data.need(len(ids) == count, "a word is twice in its symbol table")
        return cls(name, next_id, ids)

    def packed(self) -> bytes:
        """As :meth:`read` reads it."""
        head = (
            struct.pack("<i", SYMBOLS_MAGIC) + packed_text(self.name) + struct.pack("<qq", self.next_id, len(self.ids))
        )
        return head + b"".join(packed_text(word.encode()) + struct.pack("<q", n) for word, n in self.ids.items())

    def by_id(self) -> SymbolTable:
        """The same table in order of id, a second word of an id at the end.

        OpenFst keeps such a table as a list, and one in any other order with a search tree that takes 15 MB.
        """
        ordered = sorted(self.ids.items(), key=lambda entry: entry[1])
        first = {number: word for word, number in reversed(ordered)}
        second = {word: number for word, number in ordered if first[number] != word}
        return SymbolTable(self.name, self.next_id, {word: n for n, word in sorted(first.items())} | second)

    def with_words(self, words: Iterable[str]) -> SymbolTable:
        """With each of these words that is not there yet, under new ids after the highest one."""
        ids = dict(self.ids)
        number = max(self.next_id, max(ids.values(), default=0) + 1)
        for word in words:
            if word not in ids:
                ids[word] = number
                number += 1
        return SymbolTable(self.name, max(self.next_id, number), ids)
